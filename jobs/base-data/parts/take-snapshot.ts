/**
 * Takes the daily snapshot of a city with its own system (n66 三（一）5): staged, compared with
 * yesterday's, applied as a whole. From the inbox and by hand it goes the same way.
 *
 * A snapshot from which unusually many of the city's admissions have vanished is held: it changes
 * nothing before an officer has looked at it and confirmed it, since half a file looks just like a
 * city that has taken half of its admissions back.
 */
import type { Session } from '../../../db/connect.ts';
import { readSnapshotPackage } from '../../../db/package/snapshot-package.ts';
import {
  applySnapshot,
  keepSnapshot,
  recordApplied,
  SNAPSHOT_MOVES,
  type SnapshotCounts,
} from '../../../db/season/apply-snapshot.ts';
import {
  CONFLICT_KINDS,
  compareSnapshot,
  type Verdict,
} from '../../../db/season/compare-snapshot.ts';
import type { EventFrame } from '../../../db/season/set-events.ts';
import {
  insertSnapshot,
  latestSnapshots,
  readSnapshot,
  type SnapshotKey,
  type StoredSnapshot,
  stageRows,
} from '../../../db/season/snapshots.ts';
import { closeBlock, insertEvents, lockChain } from '../../../db/trail.ts';
import { CodedError } from '../../../engine/errors.ts';
import { transition } from '../../../engine/file/transition.ts';
import { phaseBegunBy, valueById } from '../../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { letterCounter } from '../../review/parts/admitted.ts';
import { snapshotError } from './snapshot-errors.ts';
import { resolvedPlaces } from './snapshot-places.ts';

export const SNAPSHOT_JOB = 'import-city-snapshot';

/** Who takes it, in whose transaction. */
export interface Taking {
  readonly session: Session;
  readonly season: number;
  readonly city: string;
  /** In effect for the city. */
  readonly policy: FullPolicy;
  /** id in policy_versions */
  readonly policyVersion: number;
  readonly actor: string;
  readonly at: Date;
  readonly businessDate: string;
  readonly run: number;
  failPoint(name: string): void;
}

/** What has come. */
export interface Delivery {
  /** The day that it is of. */
  readonly date: string;
  /** A folder or workbook; null: the city declares that it has admitted nobody. */
  readonly path: string | null;
  readonly late: boolean;
  readonly rejectsPath?: string;
  /** The second officer, where it has been confirmed already: an empty day. */
  readonly confirmedBy?: string | null;
}

export interface SnapshotTaken {
  readonly state: 'applied' | 'held' | 'unchanged';
  readonly snapshot: number;
  readonly date: string;
  readonly late: boolean;
  readonly hash: string | null;
  readonly counts: SnapshotCounts;
  /** Of a held one: the share of the city's admissions that would vanish, in percent. */
  readonly vanishedPercent: number;
}

/**
 * Takes a delivery.
 *
 * @throws not-own-system, snapshot-faults, snapshot-empty, snapshot-outdated, snapshot-in-future,
 *   and what a package is refused for as a whole
 */
export async function takeSnapshot(taking: Taking, delivery: Delivery): Promise<SnapshotTaken> {
  const { session, season, city, policy, businessDate } = taking;
  const { date } = delivery;
  if (!policy.ownSystem) throw snapshotError('not-own-system', { city });
  if (date > businessDate) throw snapshotError('snapshot-in-future', { date });
  await lockChain(session, season, city);
  const read = delivery.path === null ? null : await readDelivery(taking, delivery);
  const { applied, held } = await latestSnapshots(session, season, city);
  for (const known of [applied, held]) {
    if (known === null || date >= known.businessDate) continue;
    throw snapshotError('snapshot-outdated', { date, known: known.businessDate });
  }
  const hash = read?.hash ?? null;
  for (const known of [held, applied]) {
    if (known !== null && isSame(known, date, hash)) return unchanged(known);
    // What is held would take the place of what is applied: an answer to it is news.
    if (known !== null) break;
  }
  const snapshot = await insertSnapshot(session, season, city, {
    businessDate: date,
    previous: applied?.snapshot ?? null,
    late: delivery.late,
    declaredEmpty: read === null,
    packageHash: hash,
    rowCount: read?.rowCount ?? 0,
    arrivedBy: taking.actor,
    arrivedAt: taking.at,
    run: taking.run,
  });
  const key = { season, city, snapshot };
  if (read !== null) await stageRows(session, key, read.rows);
  const stored = { date, late: delivery.late, hash };
  const sure = read === null || delivery.confirmedBy != null;
  const confirmedBy = delivery.confirmedBy ?? null;
  return settle(taking, key, stored, applied?.snapshot ?? null, { sure, confirmedBy });
}

/**
 * Applies a snapshot that is held, confirmed by somebody else than who brought it.
 *
 * @throws nothing-held
 */
export async function releaseHeld(taking: Taking, snapshot: number): Promise<SnapshotTaken> {
  const { session, season, city, actor } = taking;
  await lockChain(session, season, city);
  const key = { season, city, snapshot };
  const held = await readSnapshot(session, key);
  if (held?.state !== 'held') throw snapshotError('nothing-held', { city, snapshot });
  const { applied } = await latestSnapshots(session, season, city);
  const stored = { date: held.businessDate, late: held.late, hash: held.packageHash };
  const by = { sure: true, confirmedBy: actor };
  return settle(taking, key, stored, applied?.snapshot ?? null, by);
}

async function readDelivery(taking: Taking, delivery: Delivery) {
  const { session, season, city, policy } = taking;
  const { date, path, rejectsPath } = delivery;
  const starts = policy.phases.flatMap(({ window }) => (window === null ? [] : [window[0]]));
  const read = await readSnapshotPackage(session, path as string, {
    season,
    city,
    policy,
    admittedBetween: [starts.toSorted()[0] ?? date, date],
    ...(rejectsPath === undefined ? {} : { rejectsPath }),
  });
  const { problems } = read;
  if (problems.errors > 0) {
    const first = problems.problems.find(each => each.severity === 'error')?.message ?? '';
    const rejects = read.rejects ?? 'rejects.csv';
    throw snapshotError('snapshot-faults', { date, errors: problems.errors, first, rejects });
  }
  if (read.rowCount === 0) throw snapshotError('snapshot-empty', { date });
  return read;
}

function isSame(known: StoredSnapshot, date: string, hash: string | null): boolean {
  if (known.businessDate !== date) return false;
  return hash === null ? known.declaredEmpty : known.packageHash === hash;
}

function unchanged(known: StoredSnapshot): SnapshotTaken {
  const { snapshot, businessDate: date, late, packageHash: hash } = known;
  const counts = { added: 0, changed: 0, vanished: 0, unchanged: known.rowCount, conflicts: 0 };
  return { state: 'unchanged', snapshot, date, late, hash, counts, vanishedPercent: 0 };
}

/** Compares and, unless it has to be held, applies: what somebody has confirmed never is. */
async function settle(
  taking: Taking,
  key: SnapshotKey,
  stored: Pick<SnapshotTaken, 'date' | 'late' | 'hash'>,
  previous: number | null,
  { sure, confirmedBy }: { readonly sure: boolean; readonly confirmedBy: string | null },
): Promise<SnapshotTaken> {
  const { session, policy } = taking;
  const places = await resolvedPlaces(session, key, policy);
  const verdicts = await compareSnapshot(session, key, previous, places);
  const counts = countsOf(verdicts);
  const own = verdicts.own ?? 0;
  const vanishedPercent = own === 0 ? 0 : Math.floor((counts.vanished * 100) / own);
  const taken = { snapshot: key.snapshot, ...stored, counts, vanishedPercent };
  const limit = valueById(policy, 'snapshot-drop-percent', 'number').value;
  if (!sure && counts.vanished * 100 > limit * own) {
    await record(taking, key, { ...taken, state: 'held' });
    return { ...taken, state: 'held' };
  }
  await apply(taking, key, taken, confirmedBy);
  return { ...taken, state: 'applied' };
}

function countsOf(verdicts: Readonly<Partial<Record<Verdict | 'own', number>>>): SnapshotCounts {
  return {
    added: verdicts.new ?? 0,
    changed: verdicts.changed ?? 0,
    vanished: verdicts.vanished ?? 0,
    unchanged: verdicts.unchanged ?? 0,
    conflicts: CONFLICT_KINDS.reduce((sum, kind) => sum + (verdicts[kind] ?? 0), 0),
  };
}

async function apply(
  taking: Taking,
  key: SnapshotKey,
  taken: Omit<SnapshotTaken, 'state'>,
  confirmedBy: string | null,
): Promise<void> {
  const { session, season, city } = taking;
  requireMoves();
  const head = await lockChain(session, season, city);
  await insertEvents(session, season, head.lastEvent, [recordOf(taking, taken, 'applied')]);
  taking.failPoint('snapshot.half-written');
  await applySnapshot(session, key, frameOf(taking), {
    decision: SNAPSHOT_JOB,
    after: head.lastEvent + 1,
    letters: letterCounter,
  });
  await keepSnapshot(session, key);
  await recordApplied(session, key, taken.counts, { at: taking.at, confirmedBy });
  await closeBlock(session, season, city, head, taking.run);
}

/** The table of file-life.md is asked once for each way that a snapshot moves files. */
function requireMoves(): void {
  for (const { from, to } of SNAPSHOT_MOVES) {
    const moved = transition(from, 'city-snapshot', to);
    if (!moved.ok)
      throw new CodedError(moved.code, { sentence: moved.sentence, advice: '', exitCode: 5 });
  }
}

async function record(taking: Taking, key: SnapshotKey, taken: SnapshotTaken): Promise<void> {
  const { session } = taking;
  const head = await lockChain(session, key.season, key.city);
  const event = recordOf(taking, taken, taken.state);
  await insertEvents(session, key.season, head.lastEvent, [event]);
  await closeBlock(session, key.season, key.city, head, taking.run);
}

function recordOf(taking: Taking, taken: Omit<SnapshotTaken, 'state'>, state: string) {
  const { snapshot, date, late, hash, counts } = taken;
  const note = { snapshot, state, date, late, package: hash, counts };
  return { ...frameOf(taking), file: null, name: SNAPSHOT_JOB, decision: SNAPSHOT_JOB, note };
}

function frameOf(taking: Taking): EventFrame {
  const { season, city, actor, at, businessDate, run, policyVersion } = taking;
  const phase = phaseBegunBy(taking.policy, businessDate)?.id ?? null;
  return { season, city, actor, at, businessDate, phase, policy: policyVersion, run };
}
