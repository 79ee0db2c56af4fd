/** Boundaries of dates: the day before, the first, the last and the day after of every span. */
import { CaseMaker } from '../analysis/cases.ts';
import { chainsOf } from '../analysis/chains.ts';
import { TODAY } from '../analysis/domains.ts';
import { cellsOfRule, type RuleCells } from '../analysis/rule-cells.ts';
import { daysAfter, graceOver, phaseOn, registerByPassed, transferTerm } from '../calendar.ts';
import type { RuleWords } from '../handbook/rule-blocks.ts';
import { dateText, windowText } from '../handbook/words.ts';
import { isInWindow } from '../lookup.ts';
import type { Batch, FactValue, FullPolicy } from '../types.ts';
import { type Boundary, type BoundaryCase, without } from './sheet.ts';
import { decisionText, swapNote } from './wording.ts';

type Window = readonly [string, string];

/** Phases, windows and days of the calendar: nothing but dates is read, no rule is asked. */
export function calendarBoundaries(policy: FullPolicy): Boundary[] {
  const found: Boundary[] = [];
  const add = (
    subject: string,
    threshold: string,
    basis: string,
    cases: BoundaryCase[],
    dates: readonly string[],
  ) => {
    const note = swapNote(dates);
    found.push({ section: 'dates', city: null, subject, threshold, basis, note, cases });
  };
  for (const { title, id, basis, window } of policy.phases) {
    if (window === null) continue;
    const cases = spanCases(window, date => {
      const phase = phaseOn(policy, date);
      return phase === null ? '没有开放的阶段' : `属于${phase.title}`;
    });
    add(`${title}（${id}）`, windowText(window), basis, cases, window);
  }
  for (const { title, id, basis, window } of policy.windows) {
    if (window === null) continue;
    const cases = spanCases(window, date =>
      isInWindow(window, date) ? '在时间段内' : '不在时间段内',
    );
    add(`${title}（${id}）`, windowText(window), basis, cases, window);
  }
  for (const { title, id, basis, date } of policy.deadlines) {
    if (date === null) continue;
    const decide = deadlineDecision(policy, id, date);
    add(`${title}（${id}）`, dateText(date), basis, dayCases(date, decide), [date]);
  }
  return [...found, ...termBoundaries(policy)];
}

function spanCases([from, to]: Window, decide: (date: string) => string): BoundaryCase[] {
  const days: [string, string][] = [
    ['首日前一日', daysAfter(from, -1)],
    ['首日', from],
    ['末日', to],
    ['末日次日', daysAfter(to, 1)],
  ];
  return days.map(([side, date]) => dayCase(side, date, decide(date)));
}

function dayCases(date: string, decide: (date: string) => string): BoundaryCase[] {
  const days: [string, string][] = [
    ['前一日', daysAfter(date, -1)],
    ['当日', date],
    ['次日', daysAfter(date, 1)],
  ];
  return days.map(([side, day]) => dayCase(side, day, decide(day)));
}

function dayCase(side: string, date: string, decision: string): BoundaryCase {
  return { side, value: dateText(date), decision, example: null };
}

/** The last day to confirm counts as the file's own; other days stand for themselves. */
function deadlineDecision(policy: FullPolicy, id: string, date: string): (date: string) => string {
  const phase = policy.phases.find(each => id === `${each.id}-confirmation`)?.id;
  if (phase === undefined) return day => (day <= date ? '期限内' : '已过期限');
  const term = { phase, ownDay: null, reopenedUntil: null };
  return day => (registerByPassed(policy, term, day) ? '已过注册期限' : '注册期限内');
}

/** Days that follow from a number of days: the grace of reviewers, the term after a transfer. */
function termBoundaries(policy: FullPolicy): Boundary[] {
  const grace = policy.values.find(({ id }) => id === 'review-grace-days');
  const transfer = policy.values.find(({ id }) => id === 'transfer-registration-days');
  const found: Boundary[] = [];
  for (const { id, title, window } of policy.phases) {
    if (window === null) continue;
    if (typeof grace?.value === 'number') {
      const last = daysAfter(window[1], grace.value);
      found.push({
        ...ofValue(grace, `${title}：${grace.title}`),
        note: swapNote([last]),
        cases: dayCases(last, day => (graceOver(policy, id, day) ? '已过宽限期' : '宽限期内')),
      });
    }
    const last = policy.deadlines.find(each => each.id === `${id}-confirmation`)?.date ?? null;
    if (typeof transfer?.value !== 'number' || last === null) continue;
    const day = daysAfter(last, 1);
    found.push({
      ...ofValue(transfer, `${title}：${transfer.title}`),
      note: '',
      cases: [last, day].map(date => {
        const term = transferTerm(policy, id, date) ?? '';
        return dayCase('转录之日', date, `须在 ${dateText(term)} 前（含当日）注册`);
      }),
    });
  }
  return found;
}

function ofValue(value: FullPolicy['values'][number], subject: string) {
  const threshold = `${value.value} ${value.unit}`.trim();
  return { section: 'dates', city: null, subject, threshold, basis: value.basis } as const;
}

/**
 * Windows of batches, by the rules that say whether a batch may start.
 *
 * @param city of whose own windows; null: the province's
 */
export async function batchBoundaries(
  policy: FullPolicy,
  city: string | null,
  base: FullPolicy,
  words: RuleWords,
): Promise<Boundary[]> {
  const own = policy.batches.filter(batch => {
    const former = base.batches.find(each => each.id === batch.id);
    return (
      batch.window !== null && (city === null || String(former?.window) !== String(batch.window))
    );
  });
  const chain = chainsOf(policy, city).find(({ stage }) => stage === 'start');
  if (chain === undefined || own.length === 0) return [];
  const tables: RuleCells[] = [];
  for (const rule of chain.rules) {
    const table = await cellsOfRule(rule, chain.domains);
    if (table !== null) tables.push(table);
  }
  const maker = new CaseMaker(policy, chain, tables);
  const found: Boundary[] = [];
  for (const batch of own) found.push(await batchBoundary(maker, batch, city, words));
  return found;
}

async function batchBoundary(
  maker: CaseMaker,
  batch: Batch,
  city: string | null,
  { titles, policy }: RuleWords,
): Promise<Boundary> {
  const window = batch.window as Window;
  const whose = city === null ? '' : (titles.regions.get(city) ?? city);
  const cases: BoundaryCase[] = [];
  for (const { side, value } of spanCases(window, () => '')) {
    const date = value.slice(0, 10);
    const facts: Record<string, FactValue> = {
      'batch.id': batch.id,
      'batch.window-open': isInWindow(window, date),
      'phase.id': batch.phase,
      [TODAY]: date,
    };
    const title = `边界：${whose}${batch.title}（${batch.id}）${side} ${value}`;
    const made = await maker.example(title, batch.basis, facts);
    // Whether the window is open is left to the policy: moved dates are seen.
    const example = without({ ...made, basis: batch.basis }, ['batch.window-open']);
    cases.push({ side, value, decision: decisionText(example, policy), example });
  }
  return {
    section: 'dates',
    city,
    subject: `${whose}${batch.title}（${batch.id}）可以投档的时间`,
    threshold: windowText(window),
    basis: batch.basis,
    note: swapNote(window),
    cases,
  };
}
