/** The quota rules of the policy, asked about a new flexible quota of a school. */
import { earlierBatchOpen } from '../../../db/dispatch/standing.ts';
import { type PlanStanding, planFacts } from '../../../db/season/plan.ts';
import { CodedError } from '../../../engine/errors.ts';
import { isInWindow, linesOf } from '../../../engine/policy/lookup.ts';
import type { Batch, FactValue } from '../../../engine/policy/types.ts';
import { RequirementDecider } from '../../../engine/rules/requirements.ts';
import { stageFacts } from '../../../engine/rules/stage-facts.ts';
import type { Act } from '../../act/act.ts';
import { requireSpare } from '../../review/applications/quota-rules.ts';
import { currentRound, standingOf } from './settable.ts';

export interface FlexibleChange {
  readonly city: string;
  readonly school: string;
  readonly batch: Batch;
  /** The quota as it is to be. */
  readonly places: number;
  readonly standing: PlanStanding;
}

/**
 * @returns ids of the rules that let it pass
 * @throws CodedError with the code, title and basis of the rule that refuses; below-used
 */
export async function requireFlexibleRules<I>(
  act: Act<I>,
  change: FlexibleChange,
): Promise<string[]> {
  const { quotas, conditions, attributes } = act.policy;
  const decider = new RequirementDecider(quotas, conditions, act.businessDate, attributes);
  const given = { ...(await placeFacts(act, change)), ...changeFacts(change) };
  const { outcomes, refusal } = await decider.decide(stageFacts('quota', given, attributes));
  if (refusal === null) {
    const { city, school, standing, places } = change;
    requireSpare(standing, { city, school, reduction: Math.max(0, standing.flexible - places) });
    return outcomes.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule);
  }
  const { code, title, explanation, basis } = refusal;
  throw new CodedError(
    code,
    {
      sentence:
        '院校 {school} 的机动计划不能改为 {places} 个，不符合“{rule}”：{why}（依据：{basis}）。',
      advice: '请核对已用的机动计划数后重新提交；未作任何改动。',
      exitCode: 4,
    },
    { school: change.school, places: change.places, rule: title, why: explanation, basis },
    { basis },
  );
}

function changeFacts({ places, standing }: FlexibleChange): Record<string, FactValue> {
  const { flexible } = standing;
  return {
    ...planFacts(standing, null),
    'application.kind': 'flexible',
    'application.by': 'office',
    'application.places': places,
    'application.reduction': Math.max(0, flexible - places),
  };
}

async function placeFacts<I>(
  act: Act<I>,
  { city, school, batch }: FlexibleChange,
): Promise<Record<string, FactValue>> {
  const { policy, businessDate: today } = act;
  const standing = await standingOf(act, city);
  const [row] = await act.session.query<Record<'kind' | 'owner' | 'region' | 'status', string>>(
    `select s.kind, s.owner, s.region, coalesce((select t.status from school_statuses t
       where t.season = s.season and t.school = s.code and t.batch = $3 and t.region in ('', $4)
       order by t.region desc limit 1), 'open') as status
     from schools s where s.season = $1::smallint and s.code = $2`,
    [act.season, school, batch.id, city],
  );
  const lines = linesOf(policy, city, batch.id);
  const points = (line: number | null | undefined) => (line == null ? null : line / 100);
  return {
    'school.code': school,
    'school.kind': row?.kind ?? null,
    'school.owner': row?.owner ?? null,
    'school.region': row?.region ?? null,
    'school.status': row?.status ?? null,
    'line.region': points(lines.region),
    'line.school': points(lines.schools.get(school)),
    'batch.id': batch.id,
    'batch.order': batch.order,
    'batch.earlier-open': earlierBatchOpen(policy.batches, batch, standing, today),
    'batch.window-open': isInWindow(batch.window, today),
    'batch.round': currentRound(standing, batch),
    'phase.id': act.phase ?? batch.phase,
    'city.code': city,
    'city.senior-high-complete': standing.seniorHighComplete,
    'city.policy-adopted': standing.policyAdopted,
    'city.own-system': policy.ownSystem,
    today,
  };
}
