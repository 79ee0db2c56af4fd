/** Snapshots of cities with their own system from the inbox, each with its fate. */
import { policyVersionId } from '../../../db/policies.ts';
import { CodedError } from '../../../engine/errors.ts';
import { isInWindow } from '../../../engine/policy/lookup.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { CityPolicies } from '../../act/city-policies.ts';
import { snapshotSpans } from '../../base-data/import-city-snapshot.ts';
import { snapshotFindings } from '../../base-data/parts/snapshot-findings.ts';
import { type SnapshotTaken, takeSnapshot } from '../../base-data/parts/take-snapshot.ts';
import type { Finding, RunContext, StepContext } from '../../run/job.ts';
import {
  type ArrivalFate,
  type ArrivedPackage,
  arrivedPackages,
  moveAway,
  recordArrival,
  rejectsPath,
} from './inbox.ts';

interface SnapshotFate extends ArrivalFate {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export interface SnapshotsTaken {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** The snapshots of a city that lie there, whether or not it still admits in its own system. */
export async function takeSnapshots(
  context: RunContext,
  city: string,
  isLate: (date: string) => boolean,
): Promise<SnapshotsTaken> {
  const { home, businessDate } = context;
  const list = () => arrivedPackages(home, city, businessDate, 'import-city-snapshot');
  const arrivals = (await context.step('snapshots', list)) ?? (await list());
  const counts: Record<string, number> = { snapshots: 0, snapshotsRejected: 0 };
  const findings: Finding[] = [];
  for (const arrived of arrivals) {
    await context.checkStop();
    const fate = await context.step<SnapshotFate>(`snapshot ${arrived.date}`, async step => {
      const taken = await takeOne(context, step, arrived, isLate(arrived.date));
      await recordArrival(context, step, arrived, taken);
      return taken;
    });
    if (fate === undefined) continue;
    await moveAway(home, arrived, fate);
    add(counts, fate.fate === 'rejected' ? 'snapshotsRejected' : 'snapshots', 1);
    for (const [name, count] of Object.entries(fate.counts)) add(counts, name, count);
    findings.push(...fate.findings);
  }
  return { counts, findings };
}

function add(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}

async function takeOne(
  context: RunContext,
  step: StepContext,
  arrived: ArrivedPackage,
  late: boolean,
): Promise<SnapshotFate> {
  const { season } = context;
  const { session } = step;
  const { city, date } = arrived;
  // What is refused leaves nothing behind, however far it had come.
  await session.query('savepoint snapshot');
  try {
    const taken = await take(context, step, arrived, late);
    const findings = await snapshotFindings(session, season, city, taken);
    return accepted(taken, findings);
  } catch (error) {
    if (!(error instanceof CodedError) || error.exitCode === 5) throw error;
    await session.query('rollback to savepoint snapshot');
    const sentence = `${city} ${date} 的录取快照未导入，仍用前一份：${error.message}`;
    const finding: Finding = {
      ...{ property: 'snapshot-rejected', severity: 'error', city, stops: 'nothing' },
      ...{ sentence, rows: [{ code: error.code }], rowCount: 1 },
    };
    const errors = Number(error.detail['errors'] ?? 1);
    const reason = error.code === 'snapshot-faults' ? null : error.message;
    const fate = { fate: 'rejected', late, hash: null, errors, conflictCount: 0, reason } as const;
    return { ...fate, counts: {}, findings: [finding] };
  }
}

async function take(
  context: RunContext,
  { session, run }: StepContext,
  { city, date, folder, job }: ArrivedPackage,
  late: boolean,
): Promise<SnapshotTaken> {
  const { season, actor, businessDate, failPoint } = context;
  const policies = new CityPolicies(session, season);
  const policy = await policies.of(city);
  requireWindow(policy, date);
  const { baseHash, overlayHash } = await policies.versionOf(city);
  const policyVersion = await policyVersionId(session, baseHash, overlayHash);
  const at = context.now();
  return takeSnapshot(
    { session, season, city, policy, policyVersion, actor, at, businessDate, run, failPoint },
    { date, path: folder, late, rejectsPath: rejectsPath({ city, date, folder, job }) },
  );
}

function requireWindow(policy: FullPolicy, date: string): void {
  const spans = snapshotSpans(policy);
  if (spans.some(({ window }) => isInWindow(window, date))) return;
  const said = spans
    .filter(({ window }) => window !== null)
    .map(({ title, window }) => `${title}为 ${window?.[0]} 至 ${window?.[1]}`);
  throw new CodedError(
    'window-closed',
    {
      sentence: '{date} 不在导入录取快照的时间内：{spans}。',
      advice: '请核对日期；如时间有变，以省招办公布的为准。',
      exitCode: 4,
    },
    { date, spans: said.join('；') },
  );
}

function accepted(taken: SnapshotTaken, findings: readonly Finding[]): SnapshotFate {
  const { added, changed, vanished, conflicts } = taken.counts;
  return {
    fate: taken.state === 'applied' ? 'accepted' : taken.state,
    late: taken.late,
    hash: taken.hash,
    errors: 0,
    conflictCount: conflicts,
    reason: null,
    counts: { added, changed, vanished, snapshotConflicts: conflicts },
    findings,
  };
}
