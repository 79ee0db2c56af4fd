/**
 * What a job declares, and what the runner gives it (design.md "A run"). Everything that changes
 * the database is a job; the runner owns ledger, identity, lock, fence, steps and progress, so that
 * no job can forget them.
 */
import type { Logger } from 'pino';
import type { Database, Session } from '../../db/connect.ts';
import type { RunResult } from './result.ts';

/** What a run is about. Keys a job does not use are absent. */
export interface Scope {
  readonly city?: string;
  readonly batch?: string;
  readonly round?: number;
  readonly school?: string;
  /** Of a publication: how much of the night it covers; see jobs/nightly/publish.ts. */
  readonly edition?: number;
}

/** Something a person must look at; shown first in every report. */
export interface Finding {
  readonly property: string;
  readonly severity: 'error' | 'warning';
  readonly city?: string;
  readonly batch?: string;
  readonly aboutRun?: number;
  readonly schools?: readonly string[];
  readonly stops: 'schools' | 'city' | 'nothing';
  /** Chinese. */
  readonly sentence: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rowCount: number;
}

/** What a job returns; the runner makes the versioned run result of it (run-result.schema.json). */
export interface JobOutcome {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly inputHash?: string;
  readonly resultHash?: string;
  /** id in policy_versions */
  readonly policy?: number;
  /** Files written, relative to the home folder. */
  readonly files?: readonly string[];
  /** What an act answers its caller (jobs/act). */
  readonly answer?: RunResult['answer'];
}

export interface StepContext {
  readonly session: Session;
  /** The run's number in the ledger. */
  readonly run: number;
}

/** Everything a job may touch. Clock and randomness come from here, never from globals. */
export interface RunContext {
  readonly database: Database;
  readonly season: number;
  readonly businessDate: string;
  readonly scope: Scope;
  readonly run: number;
  readonly actor: string;
  readonly dryRun: boolean;
  /** Folder for packages, reports, inbox: ZHONGZHAO_HOME. */
  readonly home: string;
  readonly log: Logger;
  /** The current instant. */
  now(): Date;
  /** Bytes for the random re-check and nothing else. */
  random(): number;
  /** Dies here when the environment names this point (crash tests); costs nothing otherwise. */
  failPoint(name: string): void;
  /** Reports progress; shown on a terminal only. */
  progress(stage: string, done: number, total: number): void;
  /** Throws `stopped` when somebody asked the run to stop; called between steps. */
  checkStop(): Promise<void>;
  /**
   * One step: a transaction that checks the fence, does the work, and writes the step's effects.
   * Done before by an earlier attempt: the work is not done again, and its effects are returned.
   * In a dry run nothing is called, and `undefined` is returned.
   */
  step<T>(name: string, work: (step: StepContext) => Promise<T>): Promise<T | undefined>;
  /**
   * The last step: as `step`, and in the same transaction the run becomes completed with this
   * outcome. A job that changes the database calls it exactly once.
   */
  complete(
    name: string,
    work: (step: StepContext) => Promise<JobOutcome>,
  ): Promise<JobOutcome | undefined>;
}

/** What the planner of a nightly job may look at. */
export interface PlanContext {
  readonly database: Database;
  readonly season: number;
  readonly businessDate: string;
}

/** What a job may look at when it says which scopes have nothing to do. */
export interface QuietContext {
  /** In the transaction that completes their runs; to be read with. */
  readonly session: Session;
  /** For sessions that read beside it (db/snapshot-readers.ts); null: it reads alone. */
  readonly database: Database | null;
  readonly season: number;
  readonly businessDate: string;
  readonly home: string;
  random(): number;
}

/** A scope in which a run would write nothing but its line in the ledger. */
export interface QuietScope {
  readonly scope: Scope;
  /** What the run would answer. */
  readonly outcome: JobOutcome;
}

export interface QuietScopes {
  /** The job's last step. */
  readonly step: string;
  readonly scopes: readonly QuietScope[];
  /** Evidence that the runs leave beside the ledger, once they have their numbers. */
  evidence?(session: Session, runOf: (scope: Scope) => number): Promise<void>;
}

export interface NightlyJob {
  readonly id: string;
  /** Chinese. */
  readonly title: string;
  readonly side: 'nightly';
  /** Chinese menu name. */
  readonly menu: string;
  /** Which scopes are due on that business date; the runner drops those already completed. */
  plan(context: PlanContext): Promise<readonly Scope[]>;
  /** The identity under which at most one run completes, e.g. `dispatch|440100|vocational|1`. */
  identity(scope: Scope, businessDate: string): string;
  /**
   * The name of the lock: runs with one name never overlap, e.g. `city-batch|440100|vocational`.
   */
  lock(scope: Scope): string;
  /** Scopes can be done by several workers at once. */
  readonly shardable: boolean;
  /** Started by a person: reports of nights and the planner pass it over. */
  readonly onDemand?: true;
  /** How many cities one process does side by side in a night (lanes.ts); one unless told. */
  readonly atOnce?: number;
  /** It changes nothing but the ledger, so that any of its scopes may be beside any other. */
  readonly readsOnly?: true;
  /**
   * Of these scopes those that are quiet: nothing has arrived, nothing is due. A night completes
   * them together (quiet.ts) and runs the others, and those that it was not sure of, one by one.
   * Most nights of a season have nothing else.
   */
  quiet?(context: QuietContext, scopes: readonly Scope[]): Promise<QuietScopes>;
  /** A scope that is in no case quiet: where the job only reads, it is run beside the question. */
  neverQuiet?(scope: Scope): boolean;
  execute(context: RunContext): Promise<JobOutcome>;
}
