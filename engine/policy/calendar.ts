/**
 * What jobs ask the calendar of a policy: phases, windows, deadlines, values, and the terms that
 * follow from them. Dates are text YYYY-MM-DD, days of Asia/Shanghai.
 */
import { isRealDate } from './dates.ts';
import { fail } from './errors.ts';
import { isInWindow } from './lookup.ts';
import type { CalendarWindow, FullPolicy, Phase, PolicyValue } from './types.ts';

const DAY_MS = 24 * 3_600_000;
/** Shanghai has kept UTC+8 without summer time since 1992. */
const OFFSET_MS = 8 * 3_600_000;

/** What Shanghai's clocks show at an instant: `YYYY-MM-DDTHH:MM`, comparable with a rule's `at`. */
export function shanghaiMoment(instant: Date): string {
  return new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 16);
}

/**
 * Another date, so many days later, or earlier where `days` is negative.
 *
 * @throws bad-date, bad-days
 */
export function daysAfter(date: string, days: number): string {
  if (!isRealDate(date)) throw fail('bad-date', { date });
  if (!Number.isSafeInteger(days)) throw fail('bad-days', { days });
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The phase whose window holds the date; null: no phase is open on that day. */
export function phaseOn(policy: FullPolicy, date: string): Phase | null {
  return policy.phases.find(phase => isInWindow(phase.window, date)) ?? null;
}

/**
 * The latest phase begun by the date, whether or not it is over: the phase of an act between two
 * phases, of a transfer above all. null: none has begun.
 */
export function phaseBegunBy(policy: FullPolicy, date: string): Phase | null {
  let latest: Phase | null = null;
  for (const phase of policy.phases) {
    if (phase.window === null || phase.window[0] > date) continue;
    if (latest?.window == null || phase.window[0] > latest.window[0]) latest = phase;
  }
  return latest;
}

/**
 * The phases in which schools recruit by themselves: those that no batch is dispatched in (phase 2,
 * and spring, which follows its procedure).
 */
export function recruitmentPhases(policy: Pick<FullPolicy, 'phases' | 'batches'>): Phase[] {
  return policy.phases.filter(phase => policy.batches.every(batch => batch.phase !== phase.id));
}

/** @throws unknown-window */
export function windowById(policy: FullPolicy, id: string): CalendarWindow {
  const window = policy.windows.find(each => each.id === id);
  if (window === undefined) throw fail('unknown-window', { window: id });
  return window;
}

export type Deadline = FullPolicy['deadlines'][number];

/** @throws unknown-deadline */
export function deadlineById(policy: FullPolicy, id: string): Deadline {
  const deadline = policy.deadlines.find(each => each.id === id);
  if (deadline === undefined) throw fail('unknown-deadline', { deadline: id });
  return deadline;
}

interface ValueTypes {
  readonly number: number;
  readonly boolean: boolean;
  readonly text: string;
}

/** A value with its basis, of the type that was asked for. */
export type ValueOf<T extends keyof ValueTypes> = PolicyValue & { readonly value: ValueTypes[T] };

const TYPE_TITLES = { number: '数字', boolean: 'true 或 false', text: '文字' } as const;

/**
 * A value that the notice leaves to the policy, with the basis that is shown beside it.
 *
 * @throws unknown-value where the policy has none of that id, value-type
 */
export function valueById<T extends keyof ValueTypes>(
  policy: FullPolicy,
  id: string,
  type: T,
): ValueOf<T> {
  const found = policy.values.find(each => each.id === id);
  if (found === undefined) throw fail('unknown-value', { value: id });
  const typeOf = typeof found.value === 'string' ? 'text' : typeof found.value;
  if (typeOf === type) return found as ValueOf<T>;
  throw fail('value-type', { value: id, expected: TYPE_TITLES[type], found: String(found.value) });
}

/** The last day on which a phase's students can be confirmed; null: not announced. */
export function confirmationDay(policy: FullPolicy, phase: string): string | null {
  return policy.deadlines.find(each => each.id === `${phase}-confirmation`)?.date ?? null;
}

/**
 * The last day to register after a transfer on this date: that of the phase, or where it is over,
 * as many days as the policy gives. null: the phase's own day is not announced.
 *
 * @throws unknown-value, value-type, bad-date
 */
export function transferTerm(policy: FullPolicy, phase: string, date: string): string | null {
  const last = confirmationDay(policy, phase);
  if (last === null || date <= last) return last;
  return daysAfter(date, valueById(policy, 'transfer-registration-days', 'number').value);
}

/** What bears on the last day to register of one admitted file. */
export interface RegistrationTerm {
  /** Phase of the standing admission; null: none. */
  readonly phase: string | null;
  /** After a transfer: its own last day. */
  readonly ownDay: string | null;
  /** Registration reopened by an office, up to this day. */
  readonly reopenedUntil: string | null;
}

/** The fact `file.register-by-passed`: the file's own last day to register lies before the date. */
export function registerByPassed(
  policy: FullPolicy,
  { phase, ownDay, reopenedUntil }: RegistrationTerm,
  date: string,
): boolean {
  if (phase === null) return false;
  const day = ownDay ?? confirmationDay(policy, phase);
  if (day === null) return false;
  return day < date && (reopenedUntil === null || reopenedUntil < date);
}

/**
 * The fact `file.grace-over`: the phase of the file has closed, and so have the days that the
 * policy gives reviewers after it. false where the phase has no dates.
 *
 * @throws unknown-value, value-type
 */
export function graceOver(policy: FullPolicy, phase: string | null, date: string): boolean {
  const window = policy.phases.find(({ id }) => id === phase)?.window ?? null;
  if (window === null) return false;
  const days = valueById(policy, 'review-grace-days', 'number').value;
  return date > daysAfter(window[1], days);
}
