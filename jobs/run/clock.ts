/**
 * The clock of a run. `--at` sets it in a sample database only: a province that can be told another
 * date could be told that a deadline has not passed.
 */
import type { Database } from '../../db/connect.ts';
import { isSampleDatabase } from '../../db/policies.ts';
import { runError } from './errors.ts';

/**
 * Reads `--at`: an instant with its zone, or a Shanghai time without one; a date alone is midnight.
 *
 * @throws CodedError clock-malformed
 */
export function parseInstant(value: string): Date {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?)?(Z|[+-]\d{2}:\d{2})?$/.exec(
      value,
    );
  const text = match
    ? `${match[1]}T${match[2] ?? '00:00'}${match[3] ?? ':00'}${match[4] ?? '+08:00'}`
    : '';
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) throw runError('clock-malformed', { value });
  return instant;
}

/** Stands still: what one command does bears one time, and a repeated run the same one. */
export function fixedClock(at: Date): () => Date {
  return () => new Date(at);
}

/** Begins at an instant and goes on: for `serve`, which waits for the next tick. */
export function runningClock(at: Date): () => Date {
  const begun = performance.now();
  return () => new Date(at.getTime() + Math.round(performance.now() - begun));
}

/**
 * Records that the clock was set, so that no real package is ever taken into this database.
 *
 * @throws CodedError clock-not-sample
 */
export async function recordClock(database: Database, at: Date): Promise<void> {
  await database.transaction(async session => {
    if (!(await isSampleDatabase(session))) throw runError('clock-not-sample');
    await session.query(
      `insert into settings (key, value) values ('clock', $1::jsonb)
       on conflict (key) do update set value = excluded.value`,
      [JSON.stringify(at.toISOString())],
    );
  });
}
