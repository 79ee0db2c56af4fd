import type { Check } from './check-context.ts';
import { isRealDate } from './dates.ts';
import { entriesOf, isList, type Json, own, type Path, textOf } from './json.ts';

/** Phases, windows and deadlines: dates that exist, first day not after the last. */
export function checkCalendar(check: Check): void {
  const document = check.documents['calendar'];
  for (const list of ['phases', 'windows']) {
    for (const { value, path } of entriesOf(document, list)) {
      checkWindow(check, 'calendar', own(value, 'window'), [...path, 'window']);
    }
  }
  for (const { value, path } of entriesOf(document, 'deadlines')) {
    checkDate(check, 'calendar', textOf(value, 'date'), [...path, 'date']);
  }
}

/** `[first, last]`, both included; empty or absent is closed. */
export function checkWindow(
  check: Check,
  document: string,
  window: Json | undefined,
  path: Path,
): void {
  if (!isList(window) || window.length === 0) return;
  if (window.length === 1) check.report(document, 'window-incomplete', path);
  const real = window.map((date, index) => checkDate(check, document, date, [...path, index]));
  const [from, to] = window;
  if (!real.every(Boolean) || typeof from !== 'string' || typeof to !== 'string') return;
  if (to < from) check.report(document, 'window-order', path, { from, to });
}

/** `[from, to)`, either may be null. */
export function checkValidity(
  check: Check,
  document: string,
  valid: Json | undefined,
  path: Path,
): void {
  if (!isList(valid)) return;
  const real = valid.map((date, index) => checkDate(check, document, date, [...path, index]));
  const [from, to] = valid;
  if (!real.every(Boolean) || typeof from !== 'string' || typeof to !== 'string') return;
  if (to <= from) check.report(document, 'empty-validity', path, { from, to });
}

/** @returns false where it is text, and of the right form, but no day of the calendar */
export function checkDate(
  check: Check,
  document: string,
  date: Json | undefined,
  path: Path,
): boolean {
  // Another form is reported by the schema.
  if (typeof date !== 'string' || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(date)) return true;
  if (isRealDate(date)) return true;
  check.report(document, 'bad-date', path, { name: date });
  return false;
}
