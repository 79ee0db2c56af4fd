/**
 * Packages that arrive by themselves: `inbox/CITY/import/DATE/`, taken once `.done` lies in the
 * folder, moved to `archive/…` or, with rejects.csv, to `rejected/…` (formats.md).
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Conflict, importPackage } from '../../../db/package/import.ts';
import { policyVersionId, readPolicy } from '../../../db/policies.ts';
import { CodedError } from '../../../engine/errors.ts';
import { emptyOverlayHash, policyFromStored } from '../../../engine/policy/load.ts';
import { isDate } from '../../run/calendar.ts';
import { runError } from '../../run/errors.ts';
import type { RunContext, StepContext } from '../../run/job.ts';
import { FINDING_ROWS_MAX } from '../../run/ledger.ts';

/** A folder that is complete and waits. */
export interface ArrivedPackage {
  readonly city: string;
  readonly date: string;
  readonly folder: string;
}

/** What became of it; kept as the effects of its step. */
export interface PackageFate {
  readonly accepted: boolean;
  readonly errors: number;
  /** Chinese: why it was refused as a whole; null: its rows tell. */
  readonly reason: string | null;
  readonly conflictCount: number;
  /** At most FINDING_ROWS_MAX. */
  readonly conflicts: readonly Conflict[];
}

/** The packages of a city up to a date, oldest first. */
export async function arrivedPackages(
  home: string,
  city: string,
  businessDate: string,
): Promise<ArrivedPackage[]> {
  const place = join(home, 'inbox', city, 'import');
  if (!existsSync(place)) return [];
  const dates = (await readdir(place)).filter(name => isDate(name) && name <= businessDate);
  return dates
    .toSorted()
    .map(date => ({ city, date, folder: join(place, date) }))
    .filter(arrived => existsSync(join(arrived.folder, '.done')));
}

/**
 * Takes one package into the database, inside its step. What is wrong with the package is its
 * fate, and no failure of the run; with faults nothing of it is written.
 */
export async function takePackage(
  context: RunContext,
  { session, run }: StepContext,
  arrived: ArrivedPackage,
): Promise<PackageFate> {
  const { season, businessDate, actor } = context;
  const stored = await readPolicy(session, season);
  if (stored === null) throw runError('no-schedule', { season });
  const fate = { accepted: false, errors: 1, reason: null, conflictCount: 0, conflicts: [] };
  try {
    const outcome = await importPackage(session, arrived.folder, {
      policy: policyFromStored(stored.base.documents, null),
      policyVersion: await policyVersionId(session, stored.base.hash, emptyOverlayHash()),
      actor,
      at: context.now(),
      businessDate,
      run,
      rejectsPath: join(arrived.folder, 'rejects.csv'),
      onTable: (stage, table, rows) =>
        context.progress(stage === 'checked' ? `检查 ${table}` : `导入 ${table}`, rows, rows),
    });
    return {
      ...fate,
      accepted: outcome.accepted,
      errors: outcome.problems.errors,
      conflictCount: outcome.conflictCount,
      conflicts: outcome.conflicts.slice(0, FINDING_ROWS_MAX),
    };
  } catch (error) {
    // Refused before anything was written: not synthetic, of another season, changed meanwhile.
    if (!(error instanceof CodedError) || error.exitCode === 5) throw error;
    return { ...fate, reason: error.message };
  }
}

/**
 * Moves a package that has been answered out of the inbox. Named after its date, and after the run
 * where that place is taken: a city may send a second package for one date.
 */
export async function moveAway(
  home: string,
  arrived: ArrivedPackage,
  fate: PackageFate,
): Promise<void> {
  if (!existsSync(arrived.folder)) return;
  const place = join(home, fate.accepted ? 'archive' : 'rejected', arrived.city, 'import');
  let target = join(place, arrived.date);
  for (let again = 2; existsSync(target); again += 1) {
    target = join(place, `${arrived.date}-${again}`);
  }
  await mkdir(dirname(target), { recursive: true });
  await rename(arrived.folder, target);
}
