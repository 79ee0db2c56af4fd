/** The day of another year that a day of the old one becomes. */
import { daysAfter } from '../calendar.ts';
import { isRealDate } from '../dates.ts';

const DAY_MS = 24 * 3_600_000;
const WEEK_DAYS = 7;

/** How dates are moved: to the same month and day, or to the nearest same day of the week. */
export type DateRule = 'same-day' | 'same-weekday';

/**
 * @param years how many years later
 * @returns of 29 February, where the year has none, the day before
 */
export function movedDate(date: string, years: number, rule: DateRule): string {
  const year = String(Number(date.slice(0, 4)) + years).padStart(4, '0');
  const sameDay = `${year}${date.slice(4)}`;
  const there = isRealDate(sameDay) ? sameDay : `${year}-02-28`;
  if (rule === 'same-day') return there;
  const days = (Date.parse(`${there}T00:00:00Z`) - Date.parse(`${date}T00:00:00Z`)) / DAY_MS;
  return daysAfter(date, Math.round(days / WEEK_DAYS) * WEEK_DAYS);
}
