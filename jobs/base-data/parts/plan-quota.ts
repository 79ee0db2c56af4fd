/**
 * May a plan line become this large: the quota rules of the policy (quotas.yaml) decide, as they do
 * for an application to change it; here are only the facts.
 */
import { type PlanStanding, planFacts } from '../../../db/season/plan.ts';
import { CodedError } from '../../../engine/errors.ts';
import { isInWindow } from '../../../engine/policy/lookup.ts';
import type { FactValue } from '../../../engine/policy/types.ts';
import { RequirementDecider } from '../../../engine/rules/requirements.ts';
import { stageFacts } from '../../../engine/rules/stage-facts.ts';
import type { Act } from '../../act/act.ts';

export interface LineChange {
  readonly city: string;
  readonly school: string;
  readonly major: string;
  readonly batch: string;
  /** Places more, or, negative, fewer. */
  readonly places: number;
}

/**
 * @returns ids of the rules that let it pass, for the event's decision
 * @throws the code of the rule that refuses
 */
export async function requireLineChange<I>(
  act: Act<I>,
  change: LineChange,
  standing: PlanStanding,
): Promise<string> {
  const { quotas, conditions, attributes } = act.policy;
  const decider = new RequirementDecider(quotas, conditions, act.businessDate, attributes);
  const facts = stageFacts('quota', await factsOf(act, change, standing), attributes);
  const { outcomes, refusal } = await decider.decide(facts);
  if (refusal !== null) {
    throw new CodedError(
      refusal.code,
      {
        sentence:
          '院校 {school} 专业 {major} 的计划不能这样改，不符合“{rule}”：{why}（依据：{basis}）。',
        advice: '请按已用的计划数调整后重新提交，未作任何改动。',
        exitCode: 4,
      },
      {
        school: change.school,
        major: change.major,
        rule: refusal.title,
        why: refusal.explanation,
        basis: refusal.basis,
      },
      { basis: refusal.basis },
    );
  }
  const passed = outcomes.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule);
  return passed.join(' ');
}

async function factsOf<I>(
  act: Act<I>,
  { city, school, major, batch: id, places }: LineChange,
  standing: PlanStanding,
): Promise<Record<string, FactValue>> {
  const batch = act.batch(id);
  const [row] = await act.session.query<{
    kind: string;
    owner: string;
    region: string;
    status: string;
    articulated: boolean;
  }>(
    `select s.kind, s.owner, s.region, m.articulated, coalesce((
       select t.status from school_statuses t
       where t.season = s.season and t.school = s.code and t.batch = $4 and t.region in ('', $5)
       order by t.region desc limit 1), 'open') as status
     from schools s join majors m on m.season = s.season and m.school = s.code and m.code = $3
     where s.season = $1::smallint and s.code = $2`,
    [act.season, school, major, id, city],
  );
  const facts = planFacts(standing, major);
  return {
    ...facts,
    'plan.free': Math.min(facts['plan.free'], unclaimed(standing)),
    'application.kind': 'plan-change',
    'application.by': 'office',
    'application.places': Math.abs(places),
    'application.reduction': Math.max(0, -places),
    'school.code': school,
    'school.kind': row?.kind ?? null,
    'school.owner': row?.owner ?? null,
    'school.region': row?.region ?? null,
    'school.status': row?.status ?? null,
    'major.code': major,
    'major.articulated': row?.articulated ?? null,
    'batch.id': id,
    'batch.order': batch.order,
    'batch.window-open': isInWindow(batch.window, act.businessDate),
    'phase.id': batch.phase,
    'city.code': city,
    'city.own-system': act.policy.ownSystem,
    today: act.businessDate,
  };
}

/**
 * Places of the school that nobody takes: files whose major is not decided yet take one of some
 * line, so that a line with free places of its own may still be needed for them.
 */
function unclaimed(standing: PlanStanding): number {
  const { lines, used, flexible, flexibleUsed } = standing;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const beyond = sum(lines.map(line => Math.max(0, line.used - line.planned)));
  const withoutLine = flexibleUsed - beyond;
  const undecided = used - sum(lines.map(line => line.used)) - withoutLine;
  const free = sum(lines.map(line => Math.max(0, line.planned - line.used)));
  return free + Math.max(0, flexible - flexibleUsed) - undecided;
}
