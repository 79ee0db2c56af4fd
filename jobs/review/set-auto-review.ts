/**
 * 自动审核管理: the city's own rules under which reviews pass by themselves, in its overlay of the
 * policy. They stand behind the province's, whose `wait` rules leave below-line admissions and
 * non-fresh candidates to officers; neither these nor withdrawals and transfers are a city's to
 * automate.
 *
 * As every key of the overlay: open until the first dispatch, and from one round to the next, so
 * that the schools of a round are all reviewed by the same rules.
 */
import { latestOverlay } from '../../db/season/overlay-versions.ts';
import type { JsonObject } from '../../engine/policy/json.ts';
import { policyFromStored } from '../../engine/policy/load.ts';
import { phaseOf } from '../../engine/policy/lookup.ts';
import type { OverlayEdit } from '../../engine/policy/overlay-edits.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { answerOf, baseInForce, changeSettings } from '../dispatch-control/parts/settings.ts';
import { admissionError } from './parts/admission-errors.ts';
import { officersEvent, officersMatter, WAIT } from './parts/never-automatic.ts';

interface Input {
  readonly city: string;
  readonly rule?: JsonObject;
  readonly remove?: string;
  readonly disable?: string;
  readonly from?: string;
}

const ruleId = { type: 'string', minLength: 1, maxLength: 60 } as const;

export const job = functionJob<Input>({
  id: 'set-auto-review',
  title: '自动审核管理',
  sides: ['office'],
  menu: '审核管理',
  annex: true,
  input: {
    properties: {
      city: INPUT.city,
      rule: { type: 'object', description: '规则，同 reviews.yaml 的一条' },
      remove: { ...ruleId, description: '删除本市规则的标识' },
      disable: { ...ruleId, description: '停用规则的标识' },
      from: { ...INPUT.date, description: '停用之日' },
    },
    required: ['city'],
  },
  relatives: true,
  everyKind: true,
  // By the state of the city's rounds: requireBetweenRounds.
  window: 'none',
  async target({ input }) {
    return { cities: [input.city] };
  },
  async effect(act) {
    const edit = editOf(act.input);
    const { city } = act.input;
    refuseOfficers(edit, await act.cityPolicy(''));
    await requireBetweenRounds(act);
    const settings = await changeSettings(act, { city, edit });
    await refuseRule(act, edit);
    return answerOf('自动审核规则', settings);
  },
});

/** @throws one-edit */
function editOf({ rule, remove, disable, from }: Input): OverlayEdit & { kind: 'review-rule' } {
  const given = [rule, remove, disable].filter(each => each !== undefined);
  if (given.length !== 1) throw admissionError('one-edit');
  if (rule !== undefined) return { kind: 'review-rule', rule };
  if (remove !== undefined) return { kind: 'review-rule', remove };
  if (from === undefined) throw admissionError('one-edit');
  return { kind: 'review-rule', disable: disable as string, from };
}

/** What a city must not touch at all. @throws never-automatic */
function refuseOfficers(edit: OverlayEdit & { kind: 'review-rule' }, province: FullPolicy): void {
  const id = 'rule' in edit ? edit.rule['id'] : 'disable' in edit ? edit.disable : edit.remove;
  const kept = province.reviews.find(rule => rule.id === id && rule.then['event'] === WAIT);
  if (kept !== undefined) throw admissionError('never-automatic', { what: kept.title });
  if (!('rule' in edit)) return;
  const { then } = edit.rule as { then?: { event?: unknown } };
  const what = officersEvent(then?.event);
  if (what !== null) throw admissionError('never-automatic', { what });
}

/**
 * What the rule, as the loader has read it, is about. The new version is there already, and goes
 * with the act that is refused.
 *
 * @throws never-automatic
 */
async function refuseRule(
  act: Act<Input>,
  edit: OverlayEdit & { kind: 'review-rule' },
): Promise<void> {
  if (!('rule' in edit)) return;
  const { documents } = await baseInForce(act);
  const { season } = act;
  const latest = await act.asRunner(session => latestOverlay(session, season, act.input.city));
  const policy = policyFromStored(documents, latest?.document ?? null);
  const rule = policy.reviews.find(({ id }) => id === edit.rule['id']);
  const what = rule === undefined ? null : officersMatter(rule, policy.conditions);
  if (what !== null) throw admissionError('never-automatic', { what });
}

/** Lists of a phase that is over bind nothing any more. @throws round-under-way: a list is out */
async function requireBetweenRounds(act: Act<Input>): Promise<void> {
  const { city } = act.input;
  const { policy, businessDate } = act;
  const going = policy.batches.filter(batch => {
    const end = phaseOf(policy, batch)?.window?.[1];
    return end === undefined || businessDate <= end;
  });
  const [open] = await act.asRunner(session =>
    session.query<{ batch: string; round: number; lists: number }>(
      `select batch, round, count(*)::integer as lists from dispatch_lists
       where season = $1::smallint and city = $2 and state in ('draft', 'released', 'submitted')
         and batch = any($3::text[])
       group by batch, round order by batch collate "C", round limit 1`,
      [act.season, city, going.map(batch => batch.id)],
    ),
  );
  if (open !== undefined) throw admissionError('round-under-way', { city, ...open });
}
