/**
 * A run that a person starts: ledger, lock, fence and steps as the night's runs have them, under an
 * identity of its own, since whoever asks again wants it done again. It is no part of any night.
 */
import { randomUUID } from 'node:crypto';
import type { JobOutcome, NightlyJob, RunContext, Scope } from '../../run/job.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../run/run.ts';

export interface HandRun {
  /** The function's. */
  readonly id: string;
  readonly title: string;
  readonly menu: string;
  readonly scope: Scope;
  /** Runs with one name never overlap. */
  readonly lock: string;
  readonly execute: (context: RunContext) => Promise<JobOutcome>;
}

/**
 * Runs it.
 *
 * @throws whatever ended it without completing, or went wrong after it had
 */
export async function runByHand(
  run: HandRun,
  businessDate: string,
  environment: RunEnvironment,
): Promise<RunReport> {
  const { id, title, menu, scope, lock, execute } = run;
  const identity = `${id}|by-hand|${randomUUID()}`;
  const job: NightlyJob = {
    id,
    title,
    side: 'nightly',
    menu,
    onDemand: true,
    shardable: false,
    plan: async () => [],
    identity: () => identity,
    lock: () => lock,
    execute,
  };
  const report = await runJob(job, scope, businessDate, environment);
  if (report.error !== null) throw report.error;
  return report;
}
