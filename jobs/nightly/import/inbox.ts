/**
 * What arrives by itself: `inbox/CITY/JOB/DATE/`, taken once `.done` lies in the folder, moved to
 * `archive/…` or, with rejects.csv, to `rejected/…` (formats.md). JOB is `import` or
 * `import-city-snapshot`. A folder without `.done` is still being written, and is not touched.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Session } from '../../../db/connect.ts';
import { isDate } from '../../run/calendar.ts';
import type { RunContext, StepContext } from '../../run/job.ts';

export const INBOX_JOBS = ['import', 'import-city-snapshot'] as const;

export type InboxJob = (typeof INBOX_JOBS)[number];

/** A folder that is complete and waits. */
export interface ArrivedPackage {
  readonly city: string;
  readonly job: InboxJob;
  readonly date: string;
  readonly folder: string;
}

/** What became of a package, whatever its job; kept as the effects of its step. */
export interface ArrivalFate {
  readonly fate: 'accepted' | 'unchanged' | 'held' | 'rejected';
  readonly late: boolean;
  /** SHA-256, hex; null: it was refused before it was read. */
  readonly hash: string | null;
  readonly errors: number;
  readonly conflictCount: number;
  /** Chinese: why it was refused as a whole; null: its rows tell. */
  readonly reason: string | null;
}

/** The packages of a city and job up to a date, oldest first. */
export async function arrivedPackages(
  home: string,
  city: string,
  businessDate: string,
  job: InboxJob = 'import',
): Promise<ArrivedPackage[]> {
  const place = join(home, 'inbox', city, job);
  if (!existsSync(place)) return [];
  const dates = (await readdir(place)).filter(name => isDate(name) && name <= businessDate);
  return dates
    .toSorted()
    .map(date => ({ city, job, date, folder: join(place, date) }))
    .filter(arrived => existsSync(join(arrived.folder, '.done')));
}

/** Where the rows at fault of a package are written. */
export function rejectsPath(arrived: ArrivedPackage): string {
  return join(arrived.folder, 'rejects.csv');
}

/** Remembers what became of a package, in the step that took it. */
export async function recordArrival(
  context: RunContext,
  { session, run }: StepContext,
  arrived: ArrivedPackage,
  fate: ArrivalFate,
): Promise<void> {
  await insertArrival(session, [
    ...[context.season, arrived.city, arrived.job, arrived.date, run, context.businessDate],
    ...[context.now(), fate.fate, fate.late, fate.hash, fate.errors, fate.conflictCount],
    fate.reason,
  ]);
}

async function insertArrival(session: Session, values: readonly unknown[]): Promise<void> {
  await session.query(
    `insert into inbox_arrivals (season, city, job, package_date, run, taken_on, taken_at, fate,
       late, package_hash, errors, conflicts, reason)
     values ($1::smallint, $2, $3, $4::date, $5, $6::date, $7, $8, $9, $10, $11, $12, $13)`,
    values,
  );
}

/**
 * Moves a package that has been answered out of the inbox. Named after its date, and numbered where
 * that place is taken: a city may send a second package for one date.
 */
export async function moveAway(
  home: string,
  arrived: ArrivedPackage,
  { fate }: Pick<ArrivalFate, 'fate'>,
): Promise<void> {
  if (!existsSync(arrived.folder)) return;
  const room = fate === 'rejected' ? 'rejected' : 'archive';
  const place = join(home, room, arrived.city, arrived.job);
  let target = join(place, arrived.date);
  for (let again = 2; existsSync(target); again += 1) {
    target = join(place, `${arrived.date}-${again}`);
  }
  await mkdir(dirname(target), { recursive: true });
  await rename(arrived.folder, target);
}
