/**
 * P11 over a season: every event lies in its window, by the policy version that it names. What an
 * office has reopened, and what has a term of its own (a transfer's), is held to that instead.
 */
import { confirmationDay, daysAfter, valueById } from '../../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { type SeasonCase, valuesOf } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

const IN_BATCH = [
  'dispatch',
  'release-list',
  'propose-admission',
  'propose-return',
  'undo-proposal',
  'cancel-dispatch',
];
/** Within the batch's window, and the grace that the policy gives the reviewers. */
const IN_BATCH_OR_GRACE = [
  'approve-admission',
  'refuse-admission',
  'approve-return',
  'refuse-return',
];
const ENTRY_REVIEWS = ['approve-entry', 'refuse-entry'];
const MOVES = ['withdraw', 'transfer'];
const TIMED = [
  ...[...IN_BATCH, ...IN_BATCH_OR_GRACE, ...ENTRY_REVIEWS, ...MOVES],
  ...['enter', 'file-roster', 'register', 'revert'],
];

export const seasonP11: SeasonProperty = {
  id: 'P11',
  title: '事件都在规定时间内',
  shared: audit => ({ name: 'timed', sql: timedSql(audit) }),
  questions: audit => [
    {
      fault: 'batch-window',
      sentence: '投档、发档或院校处理不在本批次的时间内。',
      sql: outside(audit, IN_BATCH, batchTerms(audit, false), 'e.batch'),
    },
    {
      fault: 'review-window',
      sentence: '审核不在本批次的时间与宽限之内。',
      sql: outside(audit, IN_BATCH_OR_GRACE, batchTerms(audit, true), 'e.batch'),
    },
    {
      fault: 'entry-window',
      sentence: '录取在库考生不在学校自行组织生源录取的时间内。',
      sql: outside(audit, ['enter'], phaseTerms(audit, false), 'e.phase'),
    },
    {
      fault: 'entry-review-window',
      sentence: '录取在库考生的审核不在本阶段的时间与宽限之内。',
      sql: outside(audit, ENTRY_REVIEWS, phaseTerms(audit, true), "'any'"),
    },
    {
      fault: 'withdrawal-window',
      sentence: '录后退或转学不在规定时间内。',
      sql: outside(audit, MOVES, windowTerms(audit, /^withdrawal$/u), "'any'"),
    },
    {
      fault: 'roster-window',
      sentence: '名册备案不在规定时间内。',
      sql: outside(audit, ['file-roster'], windowTerms(audit, /^roster-/u), "'any'"),
    },
    {
      fault: 'registration-window',
      sentence: '注册晚于确定注册的期限，又没有招办重新开放。',
      sql: lateRegistration(audit),
    },
    {
      fault: 'reverted-early',
      sentence: '恢复未录取早于规定的日期。',
      sql: revertedEarly(audit),
    },
  ],
};

type Term = readonly [number, string, string, string];

/** Every event that one of the questions holds to a term of its name. */
function timedSql({ sql }: SeasonCase): string {
  return `
    select e.event, e.file, e.school, e.name, e.business_date, e.batch, e.phase, e.policy
    from events e where ${sql.of('e')} ${sql.recent('e')}
      and e.name in (${TIMED.map(sql.literal).join(', ')})`;
}

/** Events of these names without a term of their key that holds the business date. */
function outside(
  audit: SeasonCase,
  names: readonly string[],
  terms: readonly Term[],
  key: string,
): string {
  const { sql } = audit;
  return `
    select e.event, e.file, e.school, e.name as act, e.business_date, e.batch, e.phase
    from timed e where e.name in (${names.map(sql.literal).join(', ')})
      and not exists (
        select from ${valuesOf(audit, ['integer', 'text', 'text', 'text'], terms)}
          t (policy, key, opens, closes)
        where t.policy = e.policy and t.key = ${key}
          and e.business_date between t.opens::date and t.closes::date)`;
}

function batchTerms(audit: SeasonCase, grace: boolean): Term[] {
  return spans(audit, policy =>
    policy.batches.map(({ id, window }) => [
      id,
      window === null ? null : late(policy, window, grace),
    ]),
  );
}

function phaseTerms(audit: SeasonCase, grace: boolean): Term[] {
  return spans(audit, policy =>
    policy.phases
      .filter(({ id }) => id !== 'phase-1')
      .map(({ id, window }) => [
        grace ? 'any' : id,
        window === null ? null : late(policy, window, grace),
      ]),
  );
}

function windowTerms(audit: SeasonCase, ids: RegExp): Term[] {
  return spans(audit, policy =>
    policy.windows.filter(({ id }) => ids.test(id)).map(({ window }) => ['any', window]),
  );
}

function spans(
  { versions }: SeasonCase,
  of: (policy: FullPolicy) => (readonly [string, readonly [string, string] | null])[],
): Term[] {
  return [...versions].flatMap(([version, policy]) =>
    of(policy).flatMap(([key, window]) =>
      window === null ? [] : [[version, key, window[0], window[1]] as const],
    ),
  );
}

/** Reviewers have the grace; the sweep that ends it comes on the day after its last. */
function late(
  policy: FullPolicy,
  window: readonly [string, string],
  grace: boolean,
): readonly [string, string] {
  if (!grace) return window;
  const days = valueById(policy, 'review-grace-days', 'number').value;
  return [window[0], daysAfter(window[1], days + 1)];
}

/** Registered after the last day of the phase in which the file was admitted. */
function lateRegistration(audit: SeasonCase): string {
  const { sql } = audit;
  const terms = spans(audit, policy =>
    policy.phases.map(({ id, window }) => {
      const last = confirmationDay(policy, id);
      return [id, window === null || last === null ? null : [window[0], last]];
    }),
  );
  return `
    with admissions as materialized (
      select a.file, a.event, a.phase, a.name from events a
      where ${sql.of('a')} and a.file is not null ${sql.touched('a')} and a.to_state = 'admitted'
        and a.name not in ('undo-registration', 'city-snapshot')
        and (a.from_state <> 'admitted' or a.name = 'transfer')),
    registered as (
      select distinct on (e.event) e.event, e.file, e.school, e.business_date, e.policy,
        a.phase, a.name as admitted_by
      from timed e join admissions a on a.file = e.file and a.event < e.event
      where e.name = 'register'
      order by e.event, a.event desc)
    select e.event, e.file, e.school, e.business_date, e.phase from registered e
    where e.admitted_by <> 'transfer' and not exists (
        select from ${valuesOf(audit, ['integer', 'text', 'text', 'text'], terms)}
          t (policy, key, opens, closes)
        where t.policy = e.policy and t.key = e.phase and e.business_date <= t.closes::date)
      and not exists (select from events o where ${sql.of('o')} and o.event < e.event
        and o.name = 'reopen-registration' and (o.file = e.file or o.file is null))`;
}

function revertedEarly(audit: SeasonCase): string {
  const terms = spans(audit, policy => {
    const dates = policy.deadlines.filter(({ id }) => id.endsWith('-revert'));
    return dates.flatMap(({ date }) => (date === null ? [] : [['any', [date, date]] as const]));
  });
  return `
    select e.event, e.file, e.school, e.business_date from timed e
    where e.name = 'revert' and not exists (
      select from ${valuesOf(audit, ['integer', 'text', 'text', 'text'], terms)}
        t (policy, key, opens, closes)
      where t.policy = e.policy and e.business_date >= t.opens::date)`;
}
