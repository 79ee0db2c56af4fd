/**
 * Runs one job for one scope (design.md "A run"): identity, ledger, lock, fence, steps. Whatever
 * the job, and wherever the process dies, effects happen once, and the next start goes on from the
 * last step that was committed.
 */
import { hostname } from 'node:os';
import process from 'node:process';
import type { Logger } from 'pino';
import type { Database } from '../../db/connect.ts';
import { CodedError } from '../../engine/errors.ts';
import { RunSteps } from './context.ts';
import { runError } from './errors.ts';
import { raiseFence } from './fence.ts';
import type { NightlyJob, Scope } from './job.ts';
import {
  completedRun,
  type LaunchMark,
  type RunFault,
  recordAttempt,
  recordEnd,
} from './ledger.ts';
import { type LockWait, type RunLock, takeLock } from './lock.ts';
import type { LockKeeper } from './lock-keeper.ts';
import type { Progress } from './progress.ts';
import { makeRunResult, type RunResult } from './result.ts';

/** How long a start waits for another one that is at the same work, before it says so. */
export const LOCK_WAIT_MS = 10_000;

/** What runs need besides the job. Clock, randomness, log and progress come in here. */
export interface RunEnvironment {
  readonly database: Database;
  readonly season: number;
  /** Who starts the run: a user, or `schedule`. */
  readonly actor: string;
  /** ZHONGZHAO_HOME. */
  readonly home: string;
  readonly log: Logger;
  readonly progress: Progress;
  readonly dryRun: boolean;
  /** How long to wait for the lock; LOCK_WAIT_MS unless told. */
  readonly lockWaitMs?: number;
  /** Where locks are taken; unless told, a night's on one connection, others' each on its own. */
  readonly locks?: LockKeeper;
  /** The act that starts it; null or absent: none. */
  readonly launch?: LaunchMark | null;
  /** Aborted when the process is to end: runs stop at their next step. */
  readonly signal?: AbortSignal;
  now(): Date;
  random(): number;
  failPoint(name: string): void;
}

export type RunState =
  | 'completed'
  | 'already-done'
  | 'dry-run'
  | 'in-progress'
  | 'refused'
  | 'stopped'
  | 'failed';

/** How one start ended. */
export interface RunReport {
  readonly job: string;
  readonly scope: Scope;
  readonly businessDate: string;
  readonly identity: string;
  readonly state: RunState;
  /** null: nothing was recorded in the ledger. */
  readonly run: number | null;
  readonly result: RunResult | null;
  /** Why it did not complete, or what went wrong after it had. */
  readonly error: CodedError | null;
}

/** What of a start is settled before anything is done. */
export interface RunPlace {
  readonly job: NightlyJob;
  readonly scope: Scope;
  readonly businessDate: string;
  readonly identity: string;
}

/**
 * Starts a job. Does not throw for what happens inside the run: the report tells.
 *
 * @throws CodedError needs-session-connection, and what the database throws when it can't be asked
 */
export async function runJob(
  job: NightlyJob,
  scope: Scope,
  businessDate: string,
  environment: RunEnvironment,
): Promise<RunReport> {
  const place: RunPlace = { job, scope, businessDate, identity: job.identity(scope, businessDate) };
  if (environment.dryRun) return dryRun(place, environment);
  const done = await alreadyDone(place, environment);
  if (done !== undefined) return done;
  const wait: LockWait = {
    milliseconds: environment.lockWaitMs ?? LOCK_WAIT_MS,
    enough: async () => (await alreadyDone(place, environment)) !== undefined,
  };
  const { database, locks } = environment;
  const name = job.lock(scope);
  const lock = await (locks?.take(name, wait) ?? takeLock(database.url, name, wait));
  if (lock === undefined) {
    return (await alreadyDone(place, environment)) ?? inProgress(place);
  }
  try {
    environment.failPoint('lock-held');
    return await runLocked(place, environment, lock);
  } finally {
    environment.progress.end();
    await lock.release();
  }
}

async function alreadyDone(
  place: RunPlace,
  environment: RunEnvironment,
): Promise<RunReport | undefined> {
  const row = await completedRun(environment.database, environment.season, place.identity);
  if (row === undefined) return undefined;
  return report(place, 'already-done', { run: row.run, result: row.result });
}

function inProgress(place: RunPlace): RunReport {
  const { job, identity } = place;
  const error = runError('run-in-progress', { job: job.title, identity });
  return report(place, 'in-progress', { error });
}

/**
 * The fence goes up first: after that, a former holder's transaction is over, one way or the other,
 * and what the ledger says is final.
 */
async function runLocked(
  place: RunPlace,
  environment: RunEnvironment,
  lock: RunLock,
): Promise<RunReport> {
  const { database, season } = environment;
  const fence = await raiseFence(database, lock.name);
  const done = await alreadyDone(place, environment);
  if (done !== undefined) return done;
  const { run, attempt } = await database.transaction(session =>
    recordAttempt(session, {
      season,
      job: place.job.id,
      identity: place.identity,
      scope: place.scope,
      businessDate: place.businessDate,
      fence,
      actor: environment.actor,
      host: hostname(),
      pid: process.pid,
      at: environment.now(),
      onDemand: place.job.onDemand === true,
      launch: environment.launch ?? null,
    }),
  );
  environment.failPoint('run-recorded');
  const log = environment.log.child({ run, job: place.job.id, identity: place.identity });
  log.info(
    {
      businessDate: place.businessDate,
      scope: place.scope,
      attempt,
      fence,
      actor: environment.actor,
    },
    'run started',
  );
  const steps = new RunSteps({ place, environment, lock, fence, run, attempt, log });
  try {
    const outcome = await place.job.execute(steps.context());
    const result = steps.result() ?? (await steps.completeWith(outcome));
    return report(place, 'completed', { run, result });
  } catch (error) {
    return await endWithError(place, environment, { run, log, steps }, error);
  }
}

async function endWithError(
  place: RunPlace,
  environment: RunEnvironment,
  attempt: { run: number; log: Logger; steps: RunSteps },
  error: unknown,
): Promise<RunReport> {
  const { run, log, steps } = attempt;
  const coded = asCoded(place, error);
  const result = steps.result();
  if (result !== undefined) {
    log.error({ code: coded.code, err: error }, 'failed after the run was completed');
    return report(place, 'completed', { run, result, error: coded });
  }
  const state = endState(coded);
  log.error({ state, code: coded.code, err: error }, 'run ended without completing');
  await recordEnd(environment.database, run, state, faultOf(coded), environment.now()).catch(
    (failure: unknown) => log.error({ err: failure }, 'end not recorded'),
  );
  return report(place, state, { run, error: coded });
}

function endState(error: CodedError): 'failed' | 'stopped' | 'refused' {
  if (error.code === 'stopped') return 'stopped';
  return error.exitCode === 4 ? 'refused' : 'failed';
}

/** The sentence of an unknown error stays in memory: it may quote a row. */
function faultOf(error: CodedError): RunFault {
  return { code: error.code, sentence: error.message, advice: error.advice };
}

function asCoded(place: RunPlace, error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  const { job, identity } = place;
  const code = (error as { code?: unknown } | null)?.code;
  const reason = typeof code === 'string' ? code : ((error as Error | null)?.name ?? '');
  return runError('run-failed', { job: job.title, identity, reason }, { cause: error });
}

async function dryRun(place: RunPlace, environment: RunEnvironment): Promise<RunReport> {
  const log = environment.log.child({ job: place.job.id, identity: place.identity });
  const steps = new RunSteps({
    place,
    environment,
    lock: undefined,
    fence: 0,
    run: 0,
    attempt: 0,
    log,
  });
  try {
    const outcome = await place.job.execute(steps.context());
    const result = await makeRunResult(environment.database, steps.facts(), outcome);
    return report(place, 'dry-run', { result });
  } catch (error) {
    const coded = asCoded(place, error);
    log.error({ code: coded.code, err: error }, 'dry run ended without a result');
    return report(place, endState(coded), { error: coded });
  } finally {
    environment.progress.end();
  }
}

function report(
  place: RunPlace,
  state: RunState,
  more: { run?: number | null; result?: RunResult | null; error?: CodedError | null },
): RunReport {
  return {
    job: place.job.id,
    scope: place.scope,
    businessDate: place.businessDate,
    identity: place.identity,
    state,
    run: more.run ?? null,
    result: more.result ?? null,
    error: more.error ?? null,
  };
}

/** The exit code of one run (formats.md). */
export function exitCodeOf(run: RunReport): number {
  if (run.state === 'already-done') return 0;
  if (run.state === 'completed' || run.state === 'dry-run') {
    return run.error !== null || (run.result?.findings.length ?? 0) > 0 ? 1 : 0;
  }
  return run.error?.exitCode ?? 5;
}
