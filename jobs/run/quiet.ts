/**
 * Scopes in which nothing is to be done, completed together. On most nights of a season that is
 * every city: its import has nothing to take, its sweep nothing to move. Run one by one they cost
 * two dozen questions each; together they cost the questions of one.
 *
 * Nothing of "A run" (design.md) is given up: each has its lock, its fence and its line in the
 * ledger, all in one transaction with what was looked at; a job may have part of that looked at by
 * sessions beside it, which see no earlier moment (db/snapshot-readers.ts). What was tried before,
 * what another process holds, and what the job is not sure of, is run as ever; so is everything
 * where one of the scopes fails, and then that one alone fails.
 */
import { hostname } from 'node:os';
import process from 'node:process';
import type { Session } from '../../db/connect.ts';
import { checkFences, raiseFences } from './fence.ts';
import type { NightlyJob, QuietScope, QuietScopes, Scope } from './job.ts';
import {
  attempted,
  completeTogether,
  recordTogether,
  type TogetherRun,
} from './ledger-together.ts';
import { makeRunResults } from './result.ts';
import type { RunEnvironment, RunReport } from './run.ts';
import type { DueScope } from './schedule.ts';

/** A job that can say what is quiet. */
type QuietJob = NightlyJob & Required<Pick<NightlyJob, 'quiet'>>;

interface Together {
  readonly job: QuietJob;
  readonly date: string;
  readonly environment: RunEnvironment;
}

/**
 * Completes the runs of those scopes that have nothing to do.
 *
 * @param scopes due, and never tried
 * @returns a report of each that was completed; the others are still due
 */
export async function completeQuiet(
  environment: RunEnvironment,
  job: NightlyJob,
  date: string,
  scopes: readonly DueScope[],
): Promise<RunReport[]> {
  const { locks, dryRun, signal, log } = environment;
  if (locks === undefined || dryRun || signal?.aborted) return [];
  if (scopes.length < 2 || !isQuietJob(job)) return [];
  const group = await locks.takeFree([...new Set(scopes.map(({ scope }) => job.lock(scope)))]);
  try {
    if (group.names.size === 0) return [];
    environment.failPoint('lock-held');
    const fences = await raiseFences(environment.database, [...group.names]);
    const free = scopes.filter(({ scope }) => group.names.has(job.lock(scope)));
    return await inOneTransaction({ job, date, environment }, free, fences, group.held);
  } catch (error) {
    log.warn({ job: job.id, err: error }, 'scopes are run one by one');
    return [];
  } finally {
    await group.release();
  }
}

function isQuietJob(job: NightlyJob): job is QuietJob {
  return job.quiet !== undefined;
}

async function inOneTransaction(
  together: Together,
  scopes: readonly DueScope[],
  fences: ReadonlyMap<string, number>,
  held: () => boolean,
): Promise<RunReport[]> {
  const { job, date, environment } = together;
  const { database, failPoint, season, home } = environment;
  const begun = performance.now();
  const reports = await database.transaction(async session => {
    await checkFences(session, fences);
    failPoint('step-begun');
    const tried = await attempted(
      session,
      season,
      scopes.map(({ identity }) => identity),
    );
    const fresh = scopes.filter(({ identity }) => !tried.has(identity)).map(({ scope }) => scope);
    if (fresh.length === 0) return [];
    const random = () => environment.random();
    const place = { database, session, season, businessDate: date, home, random };
    const quiet = await job.quiet(place, fresh);
    if (quiet.scopes.length === 0) return [];
    const made = await record(together, session, quiet, fences, begun);
    failPoint('complete-recorded');
    if (!held()) throw new Error('the locks were lost');
    return made;
  });
  if (reports.length > 0) failPoint('complete-committed');
  for (const { identity, run, result } of reports) {
    const { counts, findings } = result ?? {};
    const log = environment.log.child({ run, job: job.id, identity });
    log.info({ counts, findings: findings?.length ?? 0, quiet: true }, 'run completed');
  }
  return reports;
}

async function record(
  { job, date, environment }: Together,
  session: Session,
  { step, scopes, evidence }: QuietScopes,
  fences: ReadonlyMap<string, number>,
  begun: number,
): Promise<RunReport[]> {
  const { season, actor } = environment;
  const at = environment.now();
  const place = { season, job: job.id, businessDate: date, actor, at };
  const identityOf = (scope: Scope) => job.identity(scope, date);
  const runs = await recordTogether(
    session,
    { ...place, host: hostname(), pid: process.pid },
    scopes.map(({ scope }) => ({
      identity: identityOf(scope),
      scope,
      fence: fences.get(job.lock(scope)) ?? 0,
    })),
  );
  const runOf = (scope: Scope) => runs.get(identityOf(scope)) as number;
  environment.failPoint('run-recorded');
  await evidence?.(session, runOf);
  environment.failPoint('complete-worked');
  const elapsedMs = Math.round(performance.now() - begun);
  const timings = { startedAt: at.toISOString(), elapsedMs, stepsMs: { [step]: elapsedMs } };
  const facts = ({ scope }: QuietScope) => ({
    ...{ run: runOf(scope), job: job.id, identity: identityOf(scope), scope, season },
    ...{ businessDate: date, attempt: 1, dryRun: false, actor, timings },
  });
  const results = await makeRunResults(
    session,
    scopes.map(each => ({ facts: facts(each), outcome: each.outcome })),
  );
  const completed = results.map(
    (result): TogetherRun => ({ run: result.run as number, identity: result.identity, result }),
  );
  await completeTogether(session, { season, step, at }, completed);
  return results.map(result => ({
    ...{ job: job.id, scope: result.scope, businessDate: date, identity: result.identity },
    ...{ state: 'completed', run: result.run, result, error: null },
  }));
}
