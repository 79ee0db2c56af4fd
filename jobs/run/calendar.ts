/**
 * Dates and ticks in Asia/Shanghai. A date is text `YYYY-MM-DD`; the business date (业务日期) of a
 * run is the Shanghai date of its scheduled tick, however late the tick is noticed.
 *
 * Shanghai has kept UTC+8 without summer time since 1992, so its midnights are computed; years
 * before are refused.
 */
import cron from 'node-cron';
import { runError } from './errors.ts';

export const TIME_ZONE = 'Asia/Shanghai';
const OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 24 * 3_600_000;
const FIRST_YEAR = 1992;

/** Is it a date that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number(text.slice(0, 4)) < FIRST_YEAR) return false;
  const instant = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}

/** @throws CodedError date-malformed */
export function assertDate(text: string): string {
  if (!isDate(text)) throw runError('date-malformed', { value: text });
  return text;
}

/** The Shanghai date of an instant. */
export function shanghaiDate(instant: Date): string {
  return new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 10);
}

/** The instant at which a Shanghai date begins, or a time `HH:MM:SS` of it is. */
export function shanghaiInstant(date: string, time = '00:00:00'): Date {
  return new Date(`${date}T${time}+08:00`);
}

/** Another date, so many days later (or earlier). */
export function addDays(date: string, days: number): string {
  const instant = new Date(`${date}T00:00:00Z`).getTime() + days * DAY_MS;
  return new Date(instant).toISOString().slice(0, 10);
}

/** All dates from the first to the last, both included; none where the last is earlier. */
export function dateRange(first: string, last: string): string[] {
  const dates: string[] = [];
  for (let date = first; date <= last; date = addDays(date, 1)) dates.push(date);
  return dates;
}

/**
 * The instant of a cron line's first tick on a Shanghai date.
 *
 * @returns undefined where the line does not fire on that day
 * @throws CodedError schedule-bad-cron
 */
export function tickOn(job: string, line: string, date: string): Date | undefined {
  const key = `${date} ${line}`;
  const known = TICKS.get(key);
  if (known !== undefined) return known === null ? undefined : new Date(known);
  const tick = firstTick(job, line, date);
  if (TICKS.size >= TICKS_MAX) TICKS.clear();
  TICKS.set(key, tick?.getTime() ?? null);
  return tick;
}

/** By date and line: a night asks for each of its cities, and node-cron takes its time. */
const TICKS = new Map<string, number | null>();
const TICKS_MAX = 1000;

function firstTick(job: string, line: string, date: string): Date | undefined {
  if (!cron.validate(line)) throw runError('schedule-bad-cron', { job, cron: line });
  const fields = cron.parse(line);
  const two = (numbers: readonly number[]) => String(Math.min(...numbers)).padStart(2, '0');
  const time = `${two(fields.hour)}:${two(fields.minute)}:${two(fields.second)}`;
  const instant = shanghaiInstant(date, time);
  // Which days a line fires on is node-cron's to say: steps, names, last days and so on.
  const task = cron.createTask(line, () => {}, { timezone: TIME_ZONE });
  try {
    return task.match(instant) ? instant : undefined;
  } finally {
    task.destroy();
  }
}
