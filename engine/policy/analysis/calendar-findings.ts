/**
 * Dates that don't go together: phases and windows that overlap or leave gaps, deadlines out of
 * order, rules whose moment is not the calendar's. Where a date would fit with month and day
 * exchanged, that is said: 09-07 and 07-09 are both days, and no eye catches it.
 */

import { daysAfter } from '../calendar.ts';
import { canonicalJson } from '../canonical.ts';
import { isRealDate } from '../dates.ts';
import type { FaultCode } from '../faults.ts';
import type { Json } from '../json.ts';
import type { ActionRule, Batch, FullPolicy, Phase, Requirement } from '../types.ts';
import type { PlacedFinding } from './analyse.ts';
import { atomsOfRule, ownRules, type PlacedRule } from './own-rules.ts';

type Window = readonly [string, string];
type Report = (
  code: FaultCode,
  document: string,
  path: readonly (string | number)[],
  detail: Readonly<Record<string, string | number>>,
  nearest?: string | undefined,
) => void;

/** 2016-09-07 → 2016-07-09; undefined where that is no day, or the same. */
export function swapped(date: string): string | undefined {
  const [year, month, day] = date.split('-');
  const other = `${year}-${day}-${month}`;
  return other !== date && isRealDate(other) ? other : undefined;
}

/** The swapped date, where it would do what this one does not. */
function better(date: string, fits: (date: string) => boolean): string | undefined {
  const other = swapped(date);
  return other !== undefined && fits(other) ? other : undefined;
}

export function calendarFindings(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
): PlacedFinding[] {
  const found: PlacedFinding[] = [];
  const report: Report = (code, document, path, detail, nearest) => {
    found.push({ code, document, path, city, detail, ...(nearest ? { nearest } : {}) });
  };
  const own = policy.batches.filter(batch => city === null || changed(batch, base));
  for (const batch of own) batchInPhase(policy, batch, report);
  if (own.length > 0) batchesInOrder(policy, own, city === null, report);
  if (city === null) {
    phasesApart(policy.phases, report);
    deadlinesInOrder(policy, report);
    registrationsDated(policy, report);
    rosterWindows(policy, report);
    datesInSeason(policy, report);
  }
  const rules = ownRules(policy, city, base);
  for (const placed of rules) ruleDates(policy, placed, report);
  validities(policy, rules, report);
  return found;
}

function changed(batch: Batch, base: FullPolicy): boolean {
  const former = base.batches.find(each => each.id === batch.id);
  return former === undefined || String(former.window) !== String(batch.window);
}

/** Not before its phase begins, nor after it ends. */
function batchInPhase(policy: FullPolicy, batch: Batch, report: Report): void {
  const phase = policy.phases.find(each => each.id === batch.phase);
  if (batch.window === null || phase?.window == null) return;
  const [from, to] = phase.window;
  batch.window.forEach((date, at) => {
    if (from <= date && date <= to) return;
    const detail = { date, phase: phase.title, from, to };
    const other = better(date, each => from <= each && each <= to);
    report('window-outside-phase', 'batches', ['batches', batch.id, 'window', at], detail, other);
  });
}

function phasesApart(phases: readonly Phase[], report: Report): void {
  const open = phases.filter((phase): phase is Phase & { window: Window } => phase.window !== null);
  for (const [at, late] of open.entries()) {
    for (const early of open.slice(0, at)) {
      const [from, to] = early.window;
      if (late.window[1] < from || to < late.window[0]) continue;
      const detail = { name: late.title, other: early.title, from, to };
      const inside = late.window[0] <= to ? 0 : 1;
      const date = late.window[inside];
      const other = better(date, each => each > to && each <= late.window[1]);
      report('phase-overlap', 'calendar', ['phases', late.id, 'window', inside], detail, other);
    }
  }
}

/**
 * Batches of one phase, by their order: one after the other, together the whole phase. A city may
 * end early; that its batches run into each other it may not mean.
 */
function batchesInOrder(
  policy: FullPolicy,
  own: readonly Batch[],
  whole: boolean,
  report: Report,
): void {
  for (const phase of policy.phases) {
    const batches = policy.batches
      .filter((batch): batch is Batch & { window: Window } => batch.window !== null)
      .filter(batch => batch.phase === phase.id)
      .sort((a, b) => a.order - b.order);
    batches.forEach((batch, at) => {
      const before = batches[at - 1];
      const path = ['batches', batch.id, 'window', 0];
      const [from] = batch.window;
      const ends =
        before?.window[1] ?? (phase.window === null ? null : daysAfter(phase.window[0], -1));
      if (ends === null) return;
      const expected = daysAfter(ends, 1);
      if (before !== undefined && from <= ends) {
        if (!own.includes(batch) && !own.includes(before)) return;
        const detail = { name: batch.title, other: before.title, to: ends };
        report(
          'window-overlap',
          'batches',
          path,
          detail,
          better(from, each => each === expected),
        );
      } else if (whole && from > expected) {
        const detail = { from: expected, to: daysAfter(from, -1), name: phase.title };
        report(
          'window-gap',
          'batches',
          path,
          detail,
          better(from, each => each === expected),
        );
      }
    });
    const last = whole ? batches.at(-1) : undefined;
    if (last === undefined || phase.window === null || last.window[1] >= phase.window[1]) continue;
    const detail = { from: daysAfter(last.window[1], 1), to: phase.window[1], name: phase.title };
    report('window-gap', 'batches', ['batches', last.id, 'window', 1], detail);
  }
}

/** Of each phase: its end, registration, confirmation, revert; each but the last may coincide. */
function deadlinesInOrder(policy: FullPolicy, report: Report): void {
  const dateOf = (id: string) => policy.deadlines.find(each => each.id === id);
  for (const phase of policy.phases) {
    let before =
      phase.window === null ? null : { title: `${phase.title}末日`, date: phase.window[1] };
    for (const kind of ['registration', 'confirmation', 'revert'] as const) {
      const deadline = dateOf(`${phase.id}-${kind}`);
      if (deadline?.date == null) continue;
      const { date, title, id } = deadline;
      const strict = kind === 'revert';
      const early = before?.date ?? '';
      const fits = (each: string) => (strict ? early < each : early <= each);
      if (before !== null && !fits(date)) {
        const detail = { name: title, date, other: before.title, before: before.date };
        report('deadline-order', 'calendar', ['deadlines', id, 'date'], detail, better(date, fits));
      }
      before = { title, date };
    }
  }
  const first = policy.batches
    .flatMap(({ window }) => (window === null ? [] : [window[0]]))
    .sort()[0];
  for (const id of PREPARATIONS) {
    const deadline = dateOf(id);
    if (first === undefined || deadline?.date == null || deadline.date < first) continue;
    const detail = { name: deadline.title, date: deadline.date, first };
    const other = better(deadline.date, each => each < first);
    report('deadline-late', 'calendar', ['deadlines', id, 'date'], detail, other);
  }
}

/** What must be done before the first dispatch. */
const PREPARATIONS = [
  'plans-published',
  'staff-reported',
  'users-defined',
  'senior-high-imported',
  'principles-filed',
];

/** A phase that is open admits students, whom nobody may register before the last day is known. */
function registrationsDated(policy: FullPolicy, report: Report): void {
  for (const { id, title, window } of policy.phases) {
    const deadline = `${id}-confirmation`;
    const found = policy.deadlines.find(each => each.id === deadline);
    if (window === null || found?.date != null) continue;
    const path = found === undefined ? ['phases', id] : ['deadlines', deadline, 'date'];
    report('registration-undated', 'calendar', path, { name: title, deadline });
  }
}

/** Rosters hold confirmed students only: not before the last day of confirmation. */
function rosterWindows(policy: FullPolicy, report: Report): void {
  for (const { id, title, window } of policy.windows) {
    const phase = policy.phases.find(
      each => id.startsWith('roster-') && id.endsWith(`-${each.id}`),
    );
    const confirmed = policy.deadlines.find(each => each.id === `${phase?.id}-confirmation`)?.date;
    if (window === null || confirmed == null || window[0] >= confirmed) continue;
    const detail = { name: title, date: window[0], confirmed };
    const other = better(window[0], each => each >= confirmed && each <= window[1]);
    report('roster-early', 'calendar', ['windows', id, 'window', 0], detail, other);
  }
}

/** A year that was not changed when the folder was copied. */
function datesInSeason(policy: FullPolicy, report: Report): void {
  const check = (document: string, path: readonly (string | number)[], date: string | null) => {
    if (date === null) return;
    const year = Number(date.slice(0, 4));
    if (year === policy.season || year === policy.season + 1) return;
    const detail = { date, season: policy.season };
    report('date-outside-season', document, path, detail);
  };
  for (const list of ['phases', 'windows'] as const) {
    for (const { id, window } of policy[list]) {
      window?.forEach((date, at) => {
        check('calendar', [list, id, 'window', at], date);
      });
    }
  }
  for (const { id, date } of policy.deadlines) check('calendar', ['deadlines', id, 'date'], date);
  for (const { id, window } of policy.batches) {
    window?.forEach((date, at) => {
      check('batches', ['batches', id, 'window', at], date);
    });
  }
  for (const { rule, document, list } of ownRules(policy, null, policy)) {
    rule.valid?.forEach((date, at) => {
      check(document, [list, rule.id, 'valid', at], date);
    });
    const moment = 'when' in rule ? rule.at : null;
    check(document, [list, rule.id, 'at'], moment?.slice(0, 10) ?? null);
  }
}

/** A deadline rule of a phase (by its name) acts when the calendar says. */
function ruleDates(policy: FullPolicy, { rule, document, list }: PlacedRule, report: Report): void {
  if (!('when' in rule)) return;
  const phase = policy.phases.find(each => rule.id.startsWith(`${each.id}-`));
  if (phase === undefined) return;
  const expected = expectedDay(policy, phase, rule);
  const path = [list, rule.id, 'at'];
  if (rule.at !== null && expected !== null && rule.at.slice(0, 10) !== expected.date) {
    const date = rule.at.slice(0, 10);
    const detail = { name: rule.id, date, expected: expected.date, of: expected.of };
    report(
      'rule-date-differs',
      document,
      path,
      detail,
      better(date, d => d === expected.date),
    );
  }
  const confirmed = policy.deadlines.find(each => each.id === `${phase.id}-confirmation`);
  const until = rule.valid?.[1] ?? null;
  if (rule.then['event'] !== 'remind' || until === null || confirmed?.date == null) return;
  const last = daysAfter(confirmed.date, 1);
  if (until <= last) return;
  const detail = { name: rule.id, date: until, expected: last, of: confirmed.title };
  const other = better(until, each => each <= last);
  report('rule-date-differs', document, [list, rule.id, 'valid', 1], detail, other);
}

/** Beyond it is no term of days, and no date either. */
const GRACE_MAX_DAYS = 366;

function expectedDay(policy: FullPolicy, phase: Phase, { then }: ActionRule) {
  if (then['event'] === 'revert') {
    const revert = policy.deadlines.find(each => each.id === `${phase.id}-revert`);
    if (revert?.date == null) return null;
    const ends = policy.values.find(({ id }) => id === 'revert-moment')?.value === 'end';
    return { date: ends ? daysAfter(revert.date, 1) : revert.date, of: revert.title };
  }
  if (phase.window === null) return null;
  const closed = daysAfter(phase.window[1], 1);
  if (then['reason'] === 'phase-closed') return { date: closed, of: `${phase.title}结束次日` };
  if (then['reason'] !== 'grace-over') return null;
  const grace = policy.values.find(({ id }) => id === 'review-grace-days')?.value;
  if (typeof grace !== 'number' || !Number.isInteger(grace) || Math.abs(grace) > GRACE_MAX_DAYS) {
    return null;
  }
  const of = `${phase.title}结束后宽限 ${grace} 天期满次日`;
  return { date: daysAfter(closed, grace), of };
}

/** Rules that are the same but for their numbers and dates follow each other without a gap. */
function validities(policy: FullPolicy, rules: readonly PlacedRule[], report: Report): void {
  const series = new Map<string, PlacedRule[]>();
  for (const placed of rules) {
    if (placed.rule.valid === null) continue;
    const key = seriesOf(policy, placed.rule);
    series.set(key, [...(series.get(key) ?? []), placed]);
  }
  for (const members of series.values()) {
    const sorted = members.toSorted((a, b) => (fromOf(a) < fromOf(b) ? -1 : 1));
    sorted.forEach((late, at) => {
      const early = sorted[at - 1];
      if (early === undefined) return;
      const until = early.rule.valid?.[1] ?? null;
      const from = fromOf(late);
      if (until === from) return;
      const gap = until !== null && until < from;
      const detail = { name: late.rule.id, other: early.rule.id, from, to: until ?? '不限' };
      const path = [late.list, late.rule.id, 'valid', 0];
      const other = better(from, each => each === until);
      report(gap ? 'validity-gap' : 'validity-overlap', late.document, path, detail, other);
    });
  }
}

function fromOf({ rule }: PlacedRule): string {
  return rule.valid?.[0] ?? '';
}

function seriesOf(policy: FullPolicy, rule: Requirement | ActionRule): string {
  const atoms = atomsOfRule(rule, policy).map(({ fact, operator, value }) => [
    fact,
    operator,
    typeof value === 'number' ? 'number' : value,
  ]);
  const result =
    'when' in rule ? [rule.then, rule.at] : [rule.refuse, rule.school, rule.major, rule.missing];
  return canonicalJson([atoms, result] as unknown as Json);
}
