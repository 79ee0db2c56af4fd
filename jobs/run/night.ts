/**
 * A night: everything the schedule has on a business date, in order, missed dates first. One city's
 * failure keeps that city's later jobs back and nobody else's.
 */
import { dateRange } from './calendar.ts';
import { diedBefore, runInLanes } from './lanes.ts';
import { LockKeeper } from './lock-keeper.ts';
import { awaitOthers, type SeenAttempts } from './others.ts';
import { type CityQueue, livingWorkers, openQueue } from './queue.ts';
import { completeQuiet } from './quiet.ts';
import { exitCodeOf, type RunEnvironment, type RunReport, runJob } from './run.ts';
import {
  BY_CLOCK,
  BY_HAND,
  type DueScope,
  dueScopes,
  earlierDates,
  jobsOn,
  MISSED,
  predecessors,
  type Registry,
  type RetryRule,
  type Schedule,
  type ScheduledNight,
  sameCity,
} from './schedule.ts';
import { runMessage } from './worker.ts';

export interface NightEnvironment extends RunEnvironment {
  readonly registry: Registry;
  readonly schedule: Schedule;
  /** The clock that `--at` has set, for workers; null: theirs. */
  readonly at: Date | null;
  /** OTHERS_WAIT_MS unless told. */
  readonly othersWaitMs?: number;
  /** In place of what the jobs say. */
  readonly citiesAtOnce?: number;
  /** Told of each run as it ends. */
  onReport?(report: RunReport): void;
}

export interface NightReport {
  /** Dates that were gone through, oldest first. */
  readonly dates: readonly string[];
  readonly runs: readonly RunReport[];
  /** Not started, because an earlier job of the same city had not completed. */
  readonly heldBack: readonly {
    readonly job: string;
    readonly businessDate: string;
    readonly identity: string;
    readonly because: string;
  }[];
  readonly exitCode: number;
}

/**
 * Runs a business date, or several, with everything missed before the first of them.
 *
 * @param until the last date; the first alone unless told
 * @param due jobs whose tick is later are left for later; all of the date's unless told
 */
export async function night(
  environment: NightEnvironment,
  date: string,
  until: string = date,
  due?: Date,
): Promise<NightReport> {
  if (environment.locks !== undefined) return datesOf(environment, date, until, due);
  const locks = new LockKeeper(environment.database.url);
  try {
    return await datesOf({ ...environment, locks }, date, until, due);
  } finally {
    await locks.close();
  }
}

async function datesOf(
  environment: NightEnvironment,
  date: string,
  until: string,
  due?: Date,
): Promise<NightReport> {
  const missed = await earlierDates(environment, environment.schedule, date);
  const dates = [...missed, ...dateRange(date, until)];
  const runs: RunReport[] = [];
  const heldBack: NightReport['heldBack'][number][] = [];
  for (const day of dates) {
    if (environment.signal?.aborted) break;
    const missable = day < date;
    const byHand = missable ? MISSED : BY_HAND;
    const rule = due === undefined ? byHand : BY_CLOCK;
    if (missable && (await isDone(environment, day, rule, due))) continue;
    await nightOf(environment, day, rule, due, runs, heldBack);
  }
  const cut = environment.signal?.aborted === true;
  const exitCode = cut ? 5 : nightExitCode(runs, heldBack.length);
  return { dates, runs, heldBack, exitCode };
}

/**
 * Whether nothing of a date that may have been missed is left to do, nor kept back: as ever, unless
 * the machine was off. Of all jobs it is asked at once, since none of them changes anything then.
 */
async function isDone(
  environment: NightEnvironment,
  date: string,
  rule: RetryRule,
  due: Date | undefined,
): Promise<boolean> {
  const { schedule, registry } = environment;
  const asked = await Promise.all(
    jobsOn(schedule, registry, date)
      .filter(({ tick }) => due === undefined || tick.getTime() <= due.getTime())
      .map(({ job }) => dueScopes(environment, job, date, rule)),
  );
  return asked.every(({ due: open, barred }) => open.length === 0 && barred.length === 0);
}

async function nightOf(
  environment: NightEnvironment,
  date: string,
  rule: RetryRule,
  due: Date | undefined,
  runs: RunReport[],
  heldBack: NightReport['heldBack'][number][],
): Promise<void> {
  const order = jobsOn(environment.schedule, environment.registry, date);
  const bad: { job: string; scope: DueScope['scope'] }[] = [];
  for (const entry of order) {
    if (due !== undefined && entry.tick.getTime() > due.getTime()) continue;
    if (environment.signal?.aborted) return;
    const before = predecessors(order, entry.job.id);
    const { due: planned, barred, latest } = await dueScopes(environment, entry.job, date, rule);
    for (const { scope } of barred) bad.push({ job: entry.job.id, scope });
    const free: DueScope[] = [];
    for (const { scope, identity } of planned) {
      const cause = bad.find(b => before.has(b.job) && sameCity(b.scope, scope));
      if (cause === undefined) {
        free.push({ scope, identity });
        continue;
      }
      bad.push({ job: entry.job.id, scope });
      heldBack.push({ job: entry.job.id, businessDate: date, identity, because: cause.job });
    }
    for (const report of await runScopes(environment, entry, date, free, latest)) {
      runs.push(report);
      if (report.result === null) bad.push({ job: entry.job.id, scope: report.scope });
    }
  }
}

/** 0 all done · 1 done, something needs a person · 5 something failed and can be resumed. */
function nightExitCode(runs: readonly RunReport[], heldBack: number): number {
  const codes = runs.map(run =>
    run.state === 'refused' || run.state === 'in-progress' ? 1 : exitCodeOf(run),
  );
  if (codes.some(code => code > 1)) return 5;
  return heldBack > 0 || codes.includes(1) ? 1 : 0;
}

async function runScopes(
  environment: NightEnvironment,
  entry: ScheduledNight,
  date: string,
  scopes: readonly DueScope[],
  seen: SeenAttempts,
): Promise<RunReport[]> {
  if (scopes.length === 0) return [];
  const reports = new Map<string, RunReport>();
  const keep = (report: RunReport) => {
    reports.set(report.identity, report);
    environment.onReport?.(report);
  };
  const inLanes = (some: readonly DueScope[]) =>
    runLanes(environment, entry, date, some, seen, keep);
  const early = await besideQuiet(environment, entry, scopes, seen);
  const others = scopes.filter(scope => !early.includes(scope));
  const untried = others.filter(({ identity }) => !seen.has(identity));
  const quiet = completeQuiet(environment, entry.job, date, untried);
  const [asked, ran] = await Promise.allSettled([quiet, inLanes(early)]);
  if (asked.status === 'rejected') throw asked.reason;
  for (const report of asked.value) keep(report);
  if (ran.status === 'rejected') throw ran.reason;
  const busy = others.filter(({ identity }) => !reports.has(identity));
  const shared =
    entry.job.shardable &&
    busy.length > 1 &&
    !environment.dryRun &&
    (await livingWorkers(environment.database)) > 0;
  if (shared) await shareOut(environment, entry, date, busy, keep);
  else await inLanes(busy);
  const rest = scopes.filter(scope => !reports.has(scope.identity));
  await awaitOthers({ environment, job: entry.job, date, seen }, rest, keep);
  return scopes.flatMap(scope => reports.get(scope.identity) ?? []);
}

function atOnceOf({ citiesAtOnce }: NightEnvironment, { job }: ScheduledNight): number {
  return citiesAtOnce ?? job.atOnce ?? 1;
}

/** What is run while the others are looked at together: it reads only, and is never quiet. */
async function besideQuiet(
  environment: NightEnvironment,
  entry: ScheduledNight,
  scopes: readonly DueScope[],
  seen: SeenAttempts,
): Promise<readonly DueScope[]> {
  const { job } = entry;
  if (job.readsOnly !== true || environment.dryRun || atOnceOf(environment, entry) < 2) return [];
  const never = scopes.filter(
    ({ scope, identity }) =>
      // What has ended a process before would end the others' question with it.
      job.neverQuiet?.(scope) === true && !diedBefore(seen.get(identity)?.state),
  );
  if (never.length === 0 || never.length === scopes.length) return [];
  return (await livingWorkers(environment.database)) > 0 ? [] : never;
}

async function runLanes(
  environment: NightEnvironment,
  entry: ScheduledNight,
  date: string,
  scopes: readonly DueScope[],
  seen: SeenAttempts,
  keep: (report: RunReport) => void,
): Promise<void> {
  await runInLanes({
    scopes,
    atOnce: atOnceOf(environment, entry),
    readsOnly: entry.job.readsOnly === true,
    alone: ({ identity }) => diedBefore(seen.get(identity)?.state),
    signal: environment.signal,
    run: async ({ scope }) => {
      const report = await runJob(entry.job, scope, date, { ...environment, lockWaitMs: 0 });
      if (report.state !== 'in-progress') keep(report);
    },
  });
}

/**
 * Puts the cities into the queue and takes part in the work, so that the night also ends if every
 * worker dies.
 */
async function shareOut(
  environment: NightEnvironment,
  entry: ScheduledNight,
  date: string,
  scopes: readonly DueScope[],
  keep: (report: RunReport) => void,
): Promise<void> {
  const { database, log, registry, signal } = environment;
  const queue: CityQueue = await openQueue(database.url, error =>
    log.warn({ err: error }, 'queue trouble'),
  );
  try {
    await queue.put(
      scopes.map(({ scope }) => ({
        job: entry.job.id,
        scope,
        businessDate: date,
        season: environment.season,
        actor: environment.actor,
        at: environment.at?.toISOString() ?? null,
      })),
    );
    log.info({ job: entry.job.id, count: scopes.length }, 'cities queued');
    const mine = new Set(scopes.map(scope => scope.identity));
    while (!signal?.aborted) {
      const taken = await queue.take();
      if (taken === undefined) return;
      const report = await runMessage(registry, environment, taken.message);
      await taken.finish();
      // A message left over from another night is done as well, and is not this night's to report.
      if (report === undefined || report.state === 'in-progress') continue;
      if (mine.has(report.identity)) keep(report);
    }
  } finally {
    await queue.close();
  }
}
