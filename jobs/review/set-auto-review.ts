/**
 * 自动审核管理: the city's own rules under which reviews pass by themselves, in its overlay of the
 * policy. They stand behind the province's, whose `wait` rules leave below-line admissions and
 * non-fresh candidates to officers; neither these nor withdrawals and transfers are a city's to
 * automate.
 *
 * As every key of the overlay: open until the first dispatch, and from one round to the next, so
 * that the schools of a round are all reviewed by the same rules.
 */
import { adoptOverlay, readPolicy } from '../../db/policies.ts';
import {
  type EditedOverlay,
  editOverlay,
  type OverlayEdit,
} from '../../engine/policy/edit-overlay.ts';
import type { JsonObject } from '../../engine/policy/json.ts';
import { policyFromStored } from '../../engine/policy/load.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Act } from '../act/act.ts';
import { actError } from '../act/errors.ts';
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
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
  // By the state of the city's rounds: requireBetweenRounds.
  window: 'none',
  async target({ input }) {
    return { cities: [input.city] };
  },
  async effect(act) {
    const edit = editOf(act.input);
    const { city } = act.input;
    const province = await act.cityPolicy('');
    refuseOfficers(edit, province);
    await requireBetweenRounds(act);
    const { edited, version } = await act.asRunner(async session => {
      const stored = await readPolicy(session, act.season);
      if (stored === null) throw actError('no-policy', { season: act.season });
      const { documents } = stored.base;
      const former = stored.overlays.get(city);
      const made = editOverlay(documents, city, former?.document ?? null, edit);
      const outcome = sound(made);
      refuseRule(edit, policyFromStored(documents, outcome.document));
      if (!outcome.changed) return { edited: outcome, version: former?.version ?? 0 };
      const overlay = { city, ...outcome };
      const by = { actor: act.user.user, at: act.at };
      const sample = outcome.content.includes('"basis":"sample"');
      const next = await adoptOverlay(session, act.season, overlay, by, sample);
      return { edited: outcome, version: next };
    });
    if (!edited.changed) return { lines: [`${city} 的自动审核规则原已如此，未变。`] };
    act.record({ city, school: null, batch: null, note: { edit, version, hash: edited.hash } });
    const warnings = edited.warnings.map(({ message }) => message);
    return {
      lines: [`${city} 的自动审核规则已改，设置为第 ${version} 版。`, ...warnings],
      values: { version, hash: edited.hash },
    };
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

/** What the rule, as it now reads in the policy, is about. @throws never-automatic */
function refuseRule(edit: OverlayEdit & { kind: 'review-rule' }, policy: FullPolicy): void {
  if (!('rule' in edit)) return;
  const rule = policy.reviews.find(({ id }) => id === edit.rule['id']);
  const what = rule === undefined ? null : officersMatter(rule, policy.conditions);
  if (what !== null) throw admissionError('never-automatic', { what });
}

/** @throws rule-faulty, with every problem */
function sound(edited: EditedOverlay): EditedOverlay & { ok: true } {
  if (edited.ok) return edited;
  const problems = edited.problems.map(({ message }) => message).slice(0, 20);
  throw admissionError('rule-faulty', { problems: problems.join('；') });
}

/** @throws round-under-way: a list of the city is out */
async function requireBetweenRounds(act: Act<Input>): Promise<void> {
  const { city } = act.input;
  const [open] = await act.asRunner(session =>
    session.query<{ batch: string; round: number; lists: number }>(
      `select batch, round, count(*)::integer as lists from dispatch_lists
       where season = $1::smallint and city = $2 and state in ('draft', 'released', 'submitted')
       group by batch, round order by batch collate "C", round limit 1`,
      [act.season, city],
    ),
  );
  if (open !== undefined) throw admissionError('round-under-way', { city, ...open });
}
