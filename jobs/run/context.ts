/**
 * What a job may touch while it runs, and its steps. A step is one transaction: fence, work,
 * effects and bookmark together; therefore killed anywhere, a step is either wholly done or not
 * begun, and its effects are known to the next attempt.
 */
import type { Logger } from 'pino';
import type { Session } from '../../db/connect.ts';
import { runError } from './errors.ts';
import { checkFence } from './fence.ts';
import type { JobOutcome, RunContext, StepContext } from './job.ts';
import { doneStep, recordCompletion, recordFindings, recordStep, stopRequested } from './ledger.ts';
import type { RunLock } from './lock.ts';
import { makeRunResult, type RunFacts, type RunResult } from './result.ts';
import type { RunEnvironment, RunPlace } from './run.ts';

/** The step under which a job that calls no `complete` of its own is completed. */
const OWN_COMPLETION = 'complete';

export interface AttemptParts {
  readonly place: RunPlace;
  readonly environment: RunEnvironment;
  /** undefined: a dry run. */
  readonly lock: RunLock | undefined;
  readonly fence: number;
  /** 0: a dry run. */
  readonly run: number;
  readonly attempt: number;
  readonly log: Logger;
}

/** The steps of one attempt. */
export class RunSteps {
  readonly #parts: AttemptParts;
  readonly #startedAt: Date;
  readonly #begun = performance.now();
  readonly #stepsMs: Record<string, number> = {};
  #result: RunResult | undefined;

  constructor(parts: AttemptParts) {
    this.#parts = parts;
    this.#startedAt = parts.environment.now();
  }

  /** The result, once the run is completed. */
  result(): RunResult | undefined {
    return this.#result;
  }

  facts(): RunFacts {
    const { place, environment, run, attempt } = this.#parts;
    return {
      run: environment.dryRun ? null : run,
      job: place.job.id,
      identity: place.identity,
      scope: place.scope,
      season: environment.season,
      businessDate: place.businessDate,
      attempt,
      dryRun: environment.dryRun,
      actor: environment.actor,
      timings: {
        startedAt: this.#startedAt.toISOString(),
        elapsedMs: Math.round(performance.now() - this.#begun),
        stepsMs: { ...this.#stepsMs },
      },
    };
  }

  context(): RunContext {
    const { place, environment, run, log } = this.#parts;
    return {
      database: environment.database,
      season: environment.season,
      businessDate: place.businessDate,
      scope: place.scope,
      run,
      actor: environment.actor,
      dryRun: environment.dryRun,
      home: environment.home,
      log,
      now: environment.now,
      random: environment.random,
      failPoint: environment.failPoint,
      progress: environment.progress.report,
      checkStop: () => this.#checkStop(),
      step: (name, work) => this.#step(name, work),
      complete: (name, work) => this.#complete(name, work),
    };
  }

  /** Completes a run whose job has nothing to write in its last step. */
  async completeWith(outcome: JobOutcome): Promise<RunResult> {
    await this.#complete(OWN_COMPLETION, async () => outcome);
    return this.#result as RunResult;
  }

  async #checkStop(): Promise<void> {
    const { environment, lock, run } = this.#parts;
    if (lock === undefined) return;
    if (!lock.held()) throw runError('fenced', { lock: lock.name });
    if (environment.signal?.aborted || (await stopRequested(environment.database, run))) {
      throw runError('stopped', { run });
    }
  }

  async #step<T>(name: string, work: (step: StepContext) => Promise<T>): Promise<T | undefined> {
    const { environment, place, run, log } = this.#parts;
    if (environment.dryRun) return undefined;
    this.#assertOpen(name);
    const begun = performance.now();
    const { effects, repeated } = await this.#transaction(async session => {
      const done = await doneStep(session, environment.season, place.identity, name);
      if (done !== undefined) return { effects: done.effects as T, repeated: true };
      const text = JSON.stringify((await work({ session, run })) ?? null);
      environment.failPoint('step-worked');
      const where = { season: environment.season, identity: place.identity, step: name, run };
      await recordStep(session, where, text, environment.now());
      environment.failPoint('step-recorded');
      // The next attempt would get them out of the ledger: so does this one.
      return { effects: JSON.parse(text) as T, repeated: false };
    });
    this.#note(name, begun);
    log.info({ step: name, elapsedMs: this.#stepsMs[name] }, repeated ? 'step kept' : 'step done');
    environment.failPoint('step-committed');
    return effects;
  }

  async #complete(
    name: string,
    work: (step: StepContext) => Promise<JobOutcome>,
  ): Promise<JobOutcome | undefined> {
    const { environment, place, run, log } = this.#parts;
    if (environment.dryRun) return undefined;
    this.#assertOpen(name);
    const begun = performance.now();
    const { outcome, result } = await this.#transaction(async session => {
      const outcome = await work({ session, run });
      environment.failPoint('complete-worked');
      this.#note(name, begun);
      const result = await makeRunResult(session, this.facts(), outcome);
      await recordFindings(session, environment.season, run, result.findings);
      const where = { season: environment.season, identity: place.identity, step: name, run };
      await recordStep(session, where, JSON.stringify(result.counts), environment.now());
      await recordCompletion(session, run, result, environment.now());
      environment.failPoint('complete-recorded');
      return { outcome, result };
    });
    this.#result = result;
    log.info(
      {
        counts: result.counts,
        findings: result.findings.length,
        inputHash: result.inputHash,
        resultHash: result.resultHash,
        elapsedMs: result.timings.elapsedMs,
      },
      'run completed',
    );
    environment.failPoint('complete-committed');
    return outcome;
  }

  /** A transaction that holds the fence from its first statement to its commit. */
  async #transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { environment, lock, fence } = this.#parts;
    if (lock === undefined) throw new Error('a dry run has no transactions');
    if (!lock.held()) throw runError('fenced', { lock: lock.name });
    return environment.database.transaction(async session => {
      await checkFence(session, lock.name, fence);
      environment.failPoint('step-begun');
      return work(session);
    });
  }

  #assertOpen(step: string): void {
    if (this.#result !== undefined) throw new Error(`step ${step} after the run was completed`);
  }

  #note(step: string, begun: number): void {
    this.#stepsMs[step] = Math.round(performance.now() - begun);
  }
}
