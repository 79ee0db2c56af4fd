/**
 * Cities that other processes are at – workers, or a second night of the same date. Their answer is
 * read from the ledger when they are through; where they died, the city is done here.
 */
import { CodedError } from '../../engine/errors.ts';
import type { NightlyJob } from './job.ts';
import { type LedgerRow, type LedgerState, latestAttempts } from './ledger.ts';
import { lockHolders } from './lock.ts';
import type { NightEnvironment } from './night.ts';
import { type RunReport, type RunState, runJob } from './run.ts';
import type { DueScope } from './schedule.ts';
import { pause } from './worker.ts';

/** How long a night waits for the others before it reports their cities as still going on. */
export const OTHERS_WAIT_MS = 3_600_000;
const OTHERS_INTERVAL_MS = 500;

/** What the ledger said of each identity before the work was shared out. */
export type SeenAttempts = ReadonlyMap<string, LedgerRow>;

function seenAttempts(
  environment: NightEnvironment,
  scopes: readonly DueScope[],
): Promise<Map<string, LedgerRow>> {
  return latestAttempts(
    environment.database,
    environment.season,
    scopes.map(scope => scope.identity),
  );
}

export interface SharedWork {
  readonly environment: NightEnvironment;
  readonly job: NightlyJob;
  readonly date: string;
  readonly seen: SeenAttempts;
}

/** Waits until every scope has its answer, and gives each to `keep`. */
export async function awaitOthers(
  work: SharedWork,
  scopes: readonly DueScope[],
  keep: (report: RunReport) => void,
): Promise<void> {
  const { environment } = work;
  const end = performance.now() + (environment.othersWaitMs ?? OTHERS_WAIT_MS);
  let waiting = scopes;
  while (waiting.length > 0 && !environment.signal?.aborted) {
    const late = performance.now() >= end;
    const now = await seenAttempts(environment, waiting);
    const still: DueScope[] = [];
    for (const scope of waiting) {
      const report = await answer(work, scope, now.get(scope.identity), late);
      if (report === undefined) still.push(scope);
      else keep(report);
    }
    waiting = still;
    if (waiting.length > 0) await pause(OTHERS_INTERVAL_MS, environment.signal);
  }
}

async function answer(
  work: SharedWork,
  scope: DueScope,
  row: LedgerRow | undefined,
  late: boolean,
): Promise<RunReport | undefined> {
  const { environment, job, date, seen } = work;
  const before = seen.get(scope.identity);
  const news = row !== undefined && (row.run !== before?.run || row.state !== before.state);
  if (news && row.state !== 'running') return ledgerReport(row);
  const { database } = environment;
  const held = await lockHolders(
    (sql, values) => database.query(sql, values),
    job.lock(scope.scope),
  );
  if (held > 0 && !late) return undefined;
  const report = await runJob(job, scope.scope, date, { ...environment, lockWaitMs: 0 });
  if (report.state === 'in-progress') return late ? report : undefined;
  return report.state === 'already-done' ? { ...report, state: 'completed' } : report;
}

const REPORTED: Readonly<Partial<Record<LedgerState, RunState>>> = {
  completed: 'completed',
  failed: 'failed',
  refused: 'refused',
  stopped: 'stopped',
};

/** What the ledger says of an ended attempt, as the process that ran it would have said it. */
function ledgerReport(row: LedgerRow): RunReport | undefined {
  const state = REPORTED[row.state];
  if (state === undefined) return undefined;
  const exitCode = state === 'refused' ? 4 : 5;
  const { code, sentence, advice } = row.error ?? { code: state, sentence: state, advice: '' };
  return {
    job: row.job,
    scope: row.scope,
    businessDate: row.businessDate,
    identity: row.identity,
    state,
    run: row.run,
    result: row.result,
    error: state === 'completed' ? null : new CodedError(code, { sentence, advice, exitCode }),
  };
}
