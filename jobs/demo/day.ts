/**
 * A day of the sample's scripted people, between two nights of `npm start`. Only in a sample
 * database, each day once: it can be killed at any act and started again.
 *
 * A habit begins when the one before is through, so the ledger's last request number says where the
 * day stood. Earlier habits are not looked at again – they would see what came of the later ones;
 * the one that was cut off finds in the database what is left of it to do.
 */
import { isSampleDatabase } from '../../db/policies.ts';
import { confirmationDay, phaseOn, windowById } from '../../engine/policy/calendar.ts';
import { isInWindow } from '../../engine/policy/lookup.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { CityPolicies } from '../act/city-policies.ts';
import { takeLock } from '../run/lock.ts';
import type { RunEnvironment } from '../run/run.ts';
import { Crew, DayStopped, requestPrefix } from './crew.ts';
import { declare, drawSeeds, openRounds, release } from './desks.ts';
import { type Workload, workloadOf } from './people.ts';
import { correctScore, decideCorrection, review, reviewWithdrawals } from './reviews.ts';
import { lookAgain, propose, submit, submitAgain } from './schools.ts';
import { applyForWithdrawal, registerArrivals, report } from './students.ts';
import { trespass } from './trespassers.ts';

/** Another start of the same day is waited for so long. */
const LOCK_WAIT_MS = 600_000;

type Season = 'dispatch' | 'registration' | 'withdrawal' | 'always';

interface Habit {
  readonly clock: string;
  /** When it is done; the dates are the policy's. */
  readonly during: Season;
  readonly does: (crew: Crew, workload: Workload) => Promise<void>;
}

/** In the order of the day; a habit's number is its place here. */
const HABITS: readonly Habit[] = [
  { clock: '08:00:00', during: 'dispatch', does: declare },
  { clock: '08:20:00', during: 'always', does: decideCorrection },
  { clock: '08:40:00', during: 'dispatch', does: release },
  { clock: '09:00:00', during: 'dispatch', does: lookAgain },
  { clock: '09:20:00', during: 'dispatch', does: submitAgain },
  { clock: '09:40:00', during: 'always', does: review },
  { clock: '10:00:00', during: 'withdrawal', does: reviewWithdrawals },
  { clock: '11:00:00', during: 'dispatch', does: propose },
  { clock: '14:00:00', during: 'dispatch', does: submit },
  { clock: '15:00:00', during: 'registration', does: registerArrivals },
  { clock: '15:30:00', during: 'withdrawal', does: applyForWithdrawal },
  { clock: '16:00:00', during: 'dispatch', does: openRounds },
  { clock: '16:10:00', during: 'dispatch', does: drawSeeds },
  { clock: '16:30:00', during: 'dispatch', does: correctScore },
  { clock: '17:00:00', during: 'registration', does: report },
  { clock: '17:30:00', during: 'always', does: trespass },
];

/** What a day has come to, from the ledger; refusals are those of this start. */
export interface DayCounts {
  readonly lists: number;
  readonly admitted: number;
  readonly returned: number;
  readonly registered: number;
  readonly rounds: number;
  readonly acts: number;
  readonly refused: number;
}

/**
 * Lets the scripted people live a day; does nothing in a database that is no sample.
 *
 * @param environment its clock and actor are not looked at: each habit has its time, each act its
 *   user
 */
export async function liveDay(
  environment: RunEnvironment,
  date: string,
): Promise<DayCounts | null> {
  const { database, season, progress } = environment;
  const policy = await database.transaction(async session =>
    (await isSampleDatabase(session)) ? new CityPolicies(session, season).of(null) : null,
  );
  if (policy === null) return null;
  const lock = await takeLock(database.url, `people|${date}`, { milliseconds: LOCK_WAIT_MS });
  if (lock === undefined) return null;
  try {
    const crew = new Crew(environment, date, await sampleSeed(environment));
    progress.title('当日业务');
    await liveFrom(crew, policy, await habitReached(environment, date));
    return await countsOf(crew);
  } finally {
    progress.end();
    await lock.release();
  }
}

async function liveFrom(crew: Crew, policy: FullPolicy, first: number): Promise<void> {
  const workload = await workloadOf(crew);
  try {
    for (const [number, { clock, during, does }] of HABITS.entries()) {
      if (number < first || !isSeason(policy, during, crew.date)) continue;
      crew.begin({ number, clock });
      await does(crew, workload);
    }
  } catch (error) {
    if (!(error instanceof DayStopped)) throw error;
  }
}

function isSeason(policy: FullPolicy, season: Season, date: string): boolean {
  switch (season) {
    case 'dispatch': {
      const phase = phaseOn(policy, date);
      return policy.batches.some(batch => batch.phase === phase?.id);
    }
    case 'registration':
      return policy.batches.some(({ phase }) => date <= (confirmationDay(policy, phase) ?? ''));
    case 'withdrawal':
      return isInWindow(windowById(policy, 'withdrawal').window, date);
    case 'always':
      return true;
  }
}

/** The same for a sample of the same seed and size; its package is named by a hash of both. */
async function sampleSeed({ database, season }: RunEnvironment): Promise<number> {
  const [row] = await database.query<{ hash: string }>(
    'select package_hash as hash from imports where season = $1 order by import limit 1',
    [season],
  );
  return Number.parseInt((row?.hash ?? '0').slice(0, 8), 16);
}

/** Acts of the day's scripted people, by their request numbers. */
const OF_THE_DAY = `season = $1 and business_date = $2::date and on_demand and state = 'completed'
  and starts_with(split_part(identity, '|', 4), $3)`;

async function habitReached({ database, season }: RunEnvironment, date: string): Promise<number> {
  const [row] = await database.query<{ habit: number | null }>(
    `select max(split_part(split_part(identity, '|', 4), '/', 3)::integer) as habit
     from runs where ${OF_THE_DAY}`,
    [season, date, `${requestPrefix(date)}/`],
  );
  return row?.habit ?? 0;
}

/** Counts of the ledger lines of the day's acts, each of which names its own. */
const COUNTS = `
  select count(*)::integer as acts,
    coalesce(sum((counts ->> 'lists')::integer) filter (where job = 'release-list'), 0)::integer
      as lists,
    coalesce(sum((counts ->> 'admitted')::integer)
      filter (where job in ('submit-dispatch-list', 'review-admission')), 0)::integer as admitted,
    coalesce(sum((counts ->> 'returned')::integer)
      filter (where job in ('submit-dispatch-list', 'review-return')), 0)::integer as returned,
    coalesce(sum((counts ->> 'done')::integer)
      filter (where job = 'register-students'), 0)::integer as registered,
    (count(*) filter (where job = 'open-round'))::integer as rounds
  from (select job, result -> 'counts' as counts from runs where ${OF_THE_DAY}) acts`;

async function countsOf(crew: Crew): Promise<DayCounts> {
  const [row] = await crew.query<Omit<DayCounts, 'refused'>>(COUNTS, [
    crew.date,
    `${requestPrefix(crew.date)}/`,
  ]);
  const refused = [...crew.refused.values()].reduce((total, count) => total + count, 0);
  return { ...(row as Omit<DayCounts, 'refused'>), refused };
}
