/**
 * The scheduler: node-cron wakes the planner at the times of the schedule, in Asia/Shanghai. A tick
 * is a hint and nothing else: node-cron forgets over a restart and drops ticks that come late, so
 * the planner also looks at the start and at a slow heartbeat, and asks the ledger each time.
 */
import cron, { type ScheduledTask } from 'node-cron';
import { shanghaiDate, TIME_ZONE } from './calendar.ts';
import { type NightEnvironment, type NightReport, night } from './night.ts';
import type { Schedule } from './schedule.ts';
import { pause } from './worker.ts';

/** How often the planner looks without having been woken. */
export const HEARTBEAT_MS = 300_000;

export interface ServeEnvironment extends Omit<NightEnvironment, 'schedule'> {
  readonly signal: AbortSignal;
  /** Read anew each time: a policy may have been adopted meanwhile; undefined: none yet. */
  schedule(): Promise<Schedule | undefined>;
  /** HEARTBEAT_MS unless told. */
  readonly heartbeatMs?: number;
  /** Told of every look at the schedule that found work. */
  onNight?(report: NightReport): void;
}

/** Serves until the signal is given; a run that is going on stops at its next step. */
export async function serve(environment: ServeEnvironment): Promise<void> {
  const { signal, log } = environment;
  const wake = new Wake(signal);
  let tasks: ScheduledTask[] = [];
  let lines = '';
  try {
    while (!signal.aborted) {
      wake.reset();
      try {
        const schedule = await environment.schedule();
        const now = JSON.stringify(schedule?.jobs ?? []);
        if (now !== lines) {
          await stopTasks(tasks);
          tasks = startTasks(schedule, () => wake.ring());
          lines = now;
          log.info({ count: tasks.length }, 'schedule taken up');
        }
        if (schedule !== undefined) await runDue(environment, schedule);
      } catch (error) {
        // A database that is away comes back; the next look finds what was missed.
        log.error({ err: error }, 'planning failed');
      }
      await wake.wait(environment.heartbeatMs ?? HEARTBEAT_MS);
    }
  } finally {
    await stopTasks(tasks);
  }
}

async function runDue(environment: ServeEnvironment, schedule: Schedule): Promise<void> {
  const now = environment.now();
  const report = await night({ ...environment, schedule }, shanghaiDate(now), undefined, now);
  if (report.runs.length > 0) environment.onNight?.(report);
}

function startTasks(schedule: Schedule | undefined, ring: () => void): ScheduledTask[] {
  return (schedule?.jobs ?? []).map(entry =>
    cron.schedule(entry.cron, ring, {
      timezone: TIME_ZONE,
      name: entry.job,
      suppressMissedWarning: true,
    }),
  );
}

async function stopTasks(tasks: readonly ScheduledTask[]): Promise<void> {
  for (const task of tasks) await task.destroy();
}

/** A bell that is not lost when it rings while nobody waits. */
class Wake {
  #rung = new AbortController();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  reset(): void {
    this.#rung = new AbortController();
  }

  ring(): void {
    this.#rung.abort();
  }

  wait(milliseconds: number): Promise<void> {
    return pause(milliseconds, AbortSignal.any([this.#signal, this.#rung.signal]));
  }
}
