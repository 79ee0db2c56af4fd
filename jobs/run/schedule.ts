/**
 * What is due: the schedule compared with the ledger. A tick only wakes the planner; whether
 * something is due depends on nothing that a restart forgets.
 */
import type { Policy } from '../../engine/policy/types.ts';
import { addDays, dateRange, tickOn } from './calendar.ts';
import { runError } from './errors.ts';
import type { NightlyJob, PlanContext, Scope } from './job.ts';
import { type LedgerRow, latestAttempts } from './ledger.ts';
import type { RunEnvironment } from './run.ts';

export type Schedule = Policy['schedule'];

/** The nightly jobs by id. */
export type Registry = ReadonlyMap<string, NightlyJob>;

/** A job of the schedule with its place in the day. */
export interface ScheduledNight {
  readonly job: NightlyJob;
  readonly after: readonly string[];
  /** Its tick on that date. */
  readonly tick: Date;
}

/**
 * The jobs that the schedule has on a date, in the order in which they run: by `after`, then by
 * the time of the tick, then as the schedule lists them.
 *
 * @throws CodedError schedule-unknown-job, schedule-bad-cron
 */
export function jobsOn(schedule: Schedule, registry: Registry, date: string): ScheduledNight[] {
  const waiting: ScheduledNight[] = [];
  for (const entry of schedule.jobs) {
    const job = registry.get(entry.job);
    if (job === undefined) throw runError('schedule-unknown-job', { job: entry.job });
    const tick = tickOn(entry.job, entry.cron, date);
    if (tick !== undefined) waiting.push({ job, after: entry.after, tick });
  }
  waiting.sort((one, other) => one.tick.getTime() - other.tick.getTime());
  const ordered: ScheduledNight[] = [];
  while (waiting.length > 0) {
    const absent = (id: string) => !waiting.some(entry => entry.job.id === id);
    const next = waiting.findIndex(entry => entry.after.every(absent));
    // A circle of `after` is an error at load; should one stand here, the first goes first.
    ordered.push(...waiting.splice(Math.max(0, next), 1));
  }
  return ordered;
}

/** The jobs that come before a job on that date, directly or through others. */
export function predecessors(order: readonly ScheduledNight[], id: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    for (const before of order.find(entry => entry.job.id === name)?.after ?? []) {
      if (found.has(before)) continue;
      found.add(before);
      visit(before);
    }
  };
  visit(id);
  return found;
}

/**
 * The dates that may have been missed before a date, oldest first: within the catch-up window, and
 * not before the season was there at all – its policy adopted, or its first run recorded.
 */
export async function earlierDates(
  environment: Pick<RunEnvironment, 'database' | 'season'>,
  schedule: Schedule,
  date: string,
): Promise<string[]> {
  const [row] = await environment.database.query<{ first: string | null }>(
    `select least(
       (select min((adopted_at at time zone 'Asia/Shanghai')::date)
        from policy_bases where season = $1),
       (select min(business_date) from runs where season = $1 and not on_demand))::text as first`,
    [environment.season],
  );
  const first = row?.first;
  if (first === null || first === undefined) return [];
  const edge = addDays(date, -schedule.catchupWindowDays);
  return dateRange([first, edge].toSorted()[1] as string, addDays(date, -1));
}

export interface DueScope {
  readonly scope: Scope;
  readonly identity: string;
}

/** How a planner treats what has been tried for the date and did not complete. */
export interface RetryRule {
  /** Also what a rule refused: a person has asked for this date, perhaps after mending it. */
  readonly refused: boolean;
  /** Attempts for one identity and date after which only a person starts it again. */
  readonly attemptsMax: number;
}

/** By hand, for the date asked for. */
export const BY_HAND: RetryRule = { refused: true, attemptsMax: Number.POSITIVE_INFINITY };
/** Missed dates: what was refused has had its answer then. */
export const MISSED: RetryRule = { refused: false, attemptsMax: Number.POSITIVE_INFINITY };
/** By the clock: a city that fails, or kills its process, is not tried all night long. */
export const BY_CLOCK: RetryRule = { refused: false, attemptsMax: 3 };

export interface DueScopes {
  /** To be run, in the job's own order. */
  readonly due: readonly DueScope[];
  /** Planned, not done, and by the rule not to be tried again: what follows on them waits too. */
  readonly barred: readonly DueScope[];
  /** What the ledger says of all that were planned, by identity. */
  readonly latest: ReadonlyMap<string, LedgerRow>;
}

/** The scopes of a job that are due for a date. */
export async function dueScopes(
  environment: Pick<RunEnvironment, 'database' | 'season'>,
  job: NightlyJob,
  businessDate: string,
  rule: RetryRule,
): Promise<DueScopes> {
  const { database, season } = environment;
  const context: PlanContext = { database, season, businessDate };
  const planned = (await job.plan(context)).map(scope => ({
    scope,
    identity: job.identity(scope, businessDate),
  }));
  const identities = planned.map(entry => entry.identity);
  const latest: ReadonlyMap<string, LedgerRow> =
    planned.length === 0 ? new Map() : await latestAttempts(database, season, identities);
  const open = planned.filter(entry => latest.get(entry.identity)?.state !== 'completed');
  // Most dates that may have been missed were not: nothing of them is open.
  const counted = open.length > 0 && Number.isFinite(rule.attemptsMax);
  const attempts = counted ? await attemptsOn(environment, job.id, businessDate) : null;
  const isBarred = ({ identity }: DueScope) =>
    (refusedOn(latest.get(identity), businessDate) && !rule.refused) ||
    (attempts?.get(identity) ?? 0) >= rule.attemptsMax;
  const due = open.filter(entry => !isBarred(entry));
  return { due, barred: open.filter(isBarred), latest };
}

function refusedOn(row: LedgerRow | undefined, businessDate: string): boolean {
  return row?.state === 'refused' && row.businessDate >= businessDate;
}

async function attemptsOn(
  environment: Pick<RunEnvironment, 'database' | 'season'>,
  job: string,
  businessDate: string,
): Promise<Map<string, number>> {
  const rows = await environment.database.query<{ identity: string; attempts: number }>(
    `select identity, count(*)::integer as attempts from runs
     where season = $1 and job = $2 and business_date = $3::date
       and state in ('failed', 'superseded')
     group by identity`,
    [environment.season, job, businessDate],
  );
  return new Map(rows.map(row => [row.identity, row.attempts]));
}

/** Do two scopes speak of the same city (and batch, where both name one). */
export function sameCity(one: Scope, other: Scope): boolean {
  if (one.city === undefined || one.city !== other.city) return false;
  return one.batch === undefined || other.batch === undefined || one.batch === other.batch;
}
