/**
 * The ledger: every attempt of every run, and the steps that are done. All its SQL stands here.
 * One completed run per identity is kept by a unique index, not by this code. A job that frees an
 * identity (cancel-run) marks its run `cancelled` and deletes its rows of run_steps in the same
 * transaction; with the steps left, the next run would take them for done.
 */
import type { Database, Session } from '../../db/connect.ts';
import type { JobOutcome, Scope } from './job.ts';
import type { RunResult } from './result.ts';

export type LedgerState =
  | 'running'
  | 'completed'
  | 'failed'
  | 'stopped'
  | 'refused'
  | 'superseded'
  | 'cancelled';

export interface LedgerRow {
  readonly run: number;
  readonly season: number;
  readonly job: string;
  readonly identity: string;
  readonly scope: Scope;
  readonly businessDate: string;
  readonly attempt: number;
  readonly state: LedgerState;
  readonly stopRequested: boolean;
  readonly actor: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly result: RunResult | null;
  readonly error: RunFault | null;
}

/** Why an attempt ended without completing; holds no values of candidates. */
export interface RunFault {
  readonly code: string;
  readonly sentence: string;
  readonly advice: string;
}

type Reader = Pick<Database, 'query'>;

const COLUMNS = `
  run, season, job, identity, scope, business_date::text as "businessDate", attempt, state,
  stop_requested as "stopRequested", actor, host, pid, started_at::text as "startedAt",
  ended_at::text as "endedAt", result, error`;

/** The completed run of an identity, if there is one. */
export async function completedRun(
  database: Reader,
  season: number,
  identity: string,
): Promise<LedgerRow | undefined> {
  const rows = await database.query<LedgerRow>(
    `select ${COLUMNS} from runs
     where season = $1 and identity = $2 and state = 'completed'`,
    [season, identity],
  );
  return rows[0];
}

/** The attempts of the given identities since a run number, the latest of each. */
export async function latestAttempts(
  database: Reader,
  season: number,
  identities: readonly string[],
): Promise<Map<string, LedgerRow>> {
  const rows = await database.query<LedgerRow>(
    `select distinct on (identity) ${COLUMNS} from runs
     where season = $1 and identity = any($2::text[])
     order by identity, (state = 'completed') desc, run desc`,
    [season, identities],
  );
  return new Map(rows.map(row => [row.identity, row]));
}

export async function runByNumber(database: Reader, run: number): Promise<LedgerRow | undefined> {
  const rows = await database.query<LedgerRow>(`select ${COLUMNS} from runs where run = $1`, [run]);
  return rows[0];
}

/** The latest attempts, newest first. */
export async function recentRuns(
  database: Reader,
  filter: { limit: number; date?: string; job?: string; scheduled?: boolean },
): Promise<LedgerRow[]> {
  return database.query<LedgerRow>(
    `select ${COLUMNS} from runs
     where ($1::date is null or business_date = $1::date) and ($2::text is null or job = $2::text)
       and (not $4::boolean or not on_demand)
     order by run desc limit $3`,
    [filter.date ?? null, filter.job ?? null, filter.limit, filter.scheduled === true],
  );
}

export interface Attempt {
  readonly season: number;
  readonly job: string;
  readonly identity: string;
  readonly scope: Scope;
  readonly businessDate: string;
  readonly fence: number;
  readonly actor: string;
  readonly host: string;
  readonly pid: number;
  readonly at: Date;
  readonly onDemand?: boolean;
  /** null: of the schedule. */
  readonly launch?: LaunchMark | null;
}

/** The act that has launched a run. */
export interface LaunchMark {
  /** Of the act in the ledger. */
  readonly identity: string;
  /** Who sat at the machine; empty: not known. */
  readonly osUser: string;
  /** The input, as the ledger keeps it. */
  readonly request: unknown;
}

/**
 * Records a new attempt. Earlier attempts that still say `running` are superseded: the caller
 * holds their lock, so none of them lives, or will write again if it does.
 *
 * @returns the number of the run and of the attempt
 */
export async function recordAttempt(
  session: Session,
  attempt: Attempt,
): Promise<{ run: number; attempt: number }> {
  await session.query(
    `update runs set state = 'superseded', ended_at = $3
     where season = $1 and identity = $2 and state = 'running'`,
    [attempt.season, attempt.identity, attempt.at],
  );
  const [row] = await session.query<{ run: number; attempt: number }>(
    `insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
       host, pid, started_at, on_demand, launched_by, os_user, request)
     select $1, $2, $3, $4::jsonb, $5::date, count(*) + 1, 'running', $6, $7, $8, $9, $10, $11,
       $12, $13, $14::jsonb
     from runs where season = $1 and identity = $3
     returning run, attempt`,
    [
      attempt.season,
      attempt.job,
      attempt.identity,
      JSON.stringify(attempt.scope),
      attempt.businessDate,
      attempt.fence,
      attempt.actor,
      attempt.host,
      attempt.pid,
      attempt.at,
      attempt.onDemand === true,
      attempt.launch?.identity ?? null,
      attempt.launch?.osUser ?? '',
      attempt.launch == null ? null : JSON.stringify(attempt.launch.request),
    ],
  );
  return row as { run: number; attempt: number };
}

/** An act as it stands in the ledger: begun and completed in one transaction, never resumed. */
export interface ActAttempt extends Omit<Attempt, 'fence' | 'onDemand' | 'launch'> {
  /** Who sat at the machine; empty: not known. */
  readonly osUser: string;
  /** The input: codes and numbers. */
  readonly request: unknown;
}

/** Records an act; recordCompletion ends it. @returns its number */
export async function recordAct(session: Session, act: ActAttempt): Promise<number> {
  const [row] = await session.query<{ run: number }>(
    `insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
       host, pid, started_at, on_demand, os_user, request)
     values ($1, $2, $3, $4::jsonb, $5::date, 1, 'running', 0, $6, $7, $8, $9, true, $10,
       $11::jsonb)
     returning run`,
    [
      act.season,
      act.job,
      act.identity,
      JSON.stringify(act.scope),
      act.businessDate,
      act.actor,
      act.host,
      act.pid,
      act.at,
      act.osUser,
      JSON.stringify(act.request),
    ],
  );
  return (row as { run: number }).run;
}

/** The completed act of an identity, with what was asked for. */
export async function completedAct(
  session: Reader,
  season: number,
  identity: string,
): Promise<{ readonly run: number; readonly request: unknown; readonly result: RunResult } | null> {
  const [row] = await session.query<{ run: number; request: unknown; result: RunResult }>(
    `select run, request, result from runs
     where season = $1 and identity = $2 and state = 'completed'`,
    [season, identity],
  );
  return row ?? null;
}

/** A run that an act has launched and that has completed. */
export interface LaunchedRun {
  readonly run: number;
  readonly scope: Scope;
  readonly businessDate: string;
  /** As it was asked for. */
  readonly request: unknown;
  readonly result: RunResult;
}

/** What an act has launched, by the act's identity; null: nothing that has completed. */
export async function launchedRun(
  session: Reader,
  season: number,
  identity: string,
): Promise<LaunchedRun | null> {
  const [row] = await session.query<LaunchedRun>(
    `select run, scope, business_date::text as "businessDate", request, result from runs
     where season = $1 and launched_by = $2 and state = 'completed' order by run limit 1`,
    [season, identity],
  );
  return row ?? null;
}

/** Ends an attempt that did not complete; does nothing where another has superseded it. */
export async function recordEnd(
  database: Reader,
  run: number,
  state: 'failed' | 'stopped' | 'refused',
  fault: RunFault,
  at: Date,
): Promise<void> {
  await database.query(
    `update runs set state = $2, error = $3::jsonb, ended_at = $4
     where run = $1 and state = 'running'`,
    [run, state, JSON.stringify(fault), at],
  );
}

/** Completes a run, inside the transaction of its last step. */
export async function recordCompletion(
  session: Session,
  run: number,
  result: RunResult,
  at: Date,
): Promise<void> {
  const rows = await session.query(
    `update runs set state = 'completed', ended_at = $2, result = $3::jsonb, policy = $4,
       input_hash = $5, result_hash = $6
     where run = $1 and state = 'running' returning run`,
    [
      run,
      at,
      JSON.stringify(result),
      result.policy?.id ?? null,
      result.inputHash,
      result.resultHash,
    ],
  );
  if (rows.length !== 1) throw new Error(`run ${run} is not running any more`);
}

/**
 * Frees identities: their completed runs are marked as cancelled, and with their steps gone the
 * next run of each begins anew. In the transaction that takes back what the runs have done.
 */
export async function cancelCompleted(
  session: Reader,
  season: number,
  identities: readonly string[],
): Promise<void> {
  await session.query(
    `update runs set state = 'cancelled', released = false
     where season = $1 and identity = any($2::text[]) and state = 'completed'`,
    [season, identities],
  );
  await session.query('delete from run_steps where season = $1 and identity = any($2::text[])', [
    season,
    identities,
  ]);
}

/** At most this many rows that show a finding are kept. */
export const FINDING_ROWS_MAX = 100;

/** Keeps what an outcome found, unless the job's own last step has done so. */
export async function recordFindings(
  session: Session,
  season: number,
  run: number,
  findings: JobOutcome['findings'],
): Promise<void> {
  if (findings.length === 0) return;
  const [kept] = await session.query<{ kept: boolean }>(
    'select exists (select from findings where season = $1 and run = $2) as kept',
    [season, run],
  );
  if (kept?.kept) return;
  for (const [index, finding] of findings.entries()) {
    await session.query(
      `insert into findings (season, run, finding, property, severity, city, batch, about_run,
         schools, stops, sentence, rows, row_count)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13)`,
      [
        season,
        run,
        index + 1,
        finding.property,
        finding.severity,
        finding.city ?? null,
        finding.batch ?? null,
        finding.aboutRun ?? null,
        finding.schools ?? [],
        finding.stops,
        finding.sentence,
        JSON.stringify(finding.rows.slice(0, FINDING_ROWS_MAX)),
        finding.rowCount,
      ],
    );
  }
}

export interface StepRecord {
  readonly effects: unknown;
}

/** What a step had for effects when it was done; undefined: it is not done. */
export async function doneStep(
  session: Reader,
  season: number,
  identity: string,
  step: string,
): Promise<StepRecord | undefined> {
  const rows = await session.query<StepRecord>(
    'select effects from run_steps where season = $1 and identity = $2 and step = $3',
    [season, identity, step],
  );
  return rows[0];
}

export async function recordStep(
  session: Session,
  place: { season: number; identity: string; step: string; run: number },
  effects: string,
  at: Date,
): Promise<void> {
  await session.query(
    `insert into run_steps (season, identity, step, run, effects, done_at)
     values ($1, $2, $3, $4, $5::jsonb, $6)`,
    [place.season, place.identity, place.step, place.run, effects, at],
  );
}

/** Has somebody asked this run to stop. */
export async function stopRequested(database: Reader, run: number): Promise<boolean> {
  const rows = await database.query<{ asked: boolean }>(
    'select stop_requested as asked from runs where run = $1',
    [run],
  );
  return rows[0]?.asked === true;
}

/** Asks a run to end at its next step. @returns false where it is not running */
export async function requestStop(database: Reader, run: number): Promise<boolean> {
  const rows = await database.query(
    `update runs set stop_requested = true where run = $1 and state = 'running' returning run`,
    [run],
  );
  return rows.length === 1;
}
