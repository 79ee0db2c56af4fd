/** What the two drawings of the handbook's calendar – page and print – have in common. */
import { daysAfter } from '../../engine/policy/calendar.ts';
import type { Block, CalendarBar } from '../../engine/policy/handbook/book.ts';

export type Calendar = Extract<Block, { readonly kind: 'calendar' }>;

const DAY_MS = 24 * 3_600_000;

/** Apart in grey as well; the dates stand beside each bar. */
export const BAR_FILLS: Readonly<Record<CalendarBar['kind'], string>> = {
  phase: '#1f4e79',
  batch: '#4f81b0',
  window: '#9db8d2',
  day: '#c05a00',
};

/**
 * Where a day begins on the axis, as a share of its length.
 *
 * @param after days later: 1 is where the day ends
 */
export function placeOnAxis({ from, to }: Calendar, date: string, after = 0): number {
  const days = dayNumber(to) - dayNumber(from) + 1;
  return (dayNumber(date) - dayNumber(from) + after) / days;
}

/** First days of the months; the calendar begins with the first of one. */
export function monthsOf({ from, to }: Calendar): string[] {
  const months: string[] = [];
  for (let month = from; month <= to; ) {
    months.push(month);
    month = `${daysAfter(month, 31).slice(0, 8)}01`;
  }
  return months;
}

export function monthTitle(month: string): string {
  return `${Number(month.slice(5, 7))}月`;
}

/** `07-20 – 07-29`, or one day. */
export function barDates({ from, to }: CalendarBar): string {
  return from === to ? from.slice(5) : `${from.slice(5)} – ${to.slice(5)}`;
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}
