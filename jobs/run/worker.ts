/** A worker: takes cities from the queue and runs them, until it is told to end. */
import { fixedClock } from './clock.ts';
import { type CityMessage, openQueue, signOn } from './queue.ts';
import { type RunEnvironment, type RunReport, runJob } from './run.ts';
import type { Registry } from './schedule.ts';

/** How often an idle worker asks for work. */
const IDLE_INTERVAL_MS = 300;

/**
 * Works until the environment's signal is given; a run that is going on then stops at its next
 * step, and its city is taken up by whoever comes next.
 *
 * @param onReport told of every run, for the terminal
 */
export async function work(
  registry: Registry,
  environment: RunEnvironment,
  onReport: (report: RunReport) => void = () => {},
): Promise<void> {
  const { database, log, signal } = environment;
  // The queue first: whoever sees this worker may put messages for it at once.
  const queue = await openQueue(database.url, error => log.warn({ err: error }, 'queue trouble'));
  const sign = await signOn(database);
  try {
    while (!signal?.aborted && sign.alive()) {
      const taken = await queue.take();
      if (taken === undefined) {
        await pause(IDLE_INTERVAL_MS, signal);
        continue;
      }
      const report = await runMessage(registry, environment, taken.message);
      if (report !== undefined) onReport(report);
      await taken.finish();
    }
  } finally {
    await sign.signOff();
    await queue.close();
  }
}

/**
 * Runs what a message asks for. Whatever comes of it stands in the ledger, where the night that
 * put the message looks; so every message counts as handled, unless the process dies.
 */
export async function runMessage(
  registry: Registry,
  environment: RunEnvironment,
  message: CityMessage,
): Promise<RunReport | undefined> {
  const job = registry.get(message.job);
  if (job === undefined) {
    environment.log.warn({ job: message.job }, 'message for a job this program does not have');
    return undefined;
  }
  return runJob(job, message.scope, message.businessDate, {
    ...environment,
    season: message.season,
    actor: message.actor,
    lockWaitMs: 0,
    now: message.at === null ? environment.now : fixedClock(new Date(message.at)),
  });
}

/** Waits, or returns early at the signal. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
  });
}
