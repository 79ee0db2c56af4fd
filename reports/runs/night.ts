/**
 * Which runs a report speaks of: all of a business date, or one. Sums are made over dispatch runs
 * that completed; everything else that happened is listed and, where it went wrong, is a finding.
 */
import type { Session } from '../../db/connect.ts';
import { reportError } from '../errors.ts';
import type { PolicyWords } from '../policy-words.ts';
import type { Reader } from '../reader.ts';
import type { Parameters } from '../report.ts';

/** Jobs that dispatch a round of a batch in a city: by night, by an officer, for one school. */
export const DISPATCH_JOBS: readonly string[] = ['dispatch', 'dispatch-batch', 'dispatch-school'];

export interface LedgerRun {
  readonly run: number;
  readonly job: string;
  readonly identity: string;
  readonly state: string;
  readonly attempt: number;
  readonly businessDate: string;
  readonly city: string | null;
  readonly cityName: string | null;
  readonly batch: string | null;
  readonly round: number | null;
  readonly school: string | null;
  /** `HH:MM:SS`, Asia/Shanghai. */
  readonly started: string;
  /** Hundredths of a second; null: not ended. */
  readonly lasted: number | null;
  readonly policy: number | null;
  /** As the run itself counted. */
  readonly counts: Readonly<Record<string, number>> | null;
  readonly error: { code: string; sentence: string; advice: string } | null;
}

export interface Night {
  /** null: no run at all. */
  readonly businessDate: string | null;
  /** The report is about this run alone. */
  readonly only: LedgerRun | null;
  readonly runs: readonly LedgerRun[];
  /** Completed dispatch runs, by city, batch, round. */
  readonly dispatched: readonly LedgerRun[];
  readonly sight: Sight;
}

/** How much of a night its reader sees. */
export interface Sight {
  /** Home cities whose runs and findings are shown. */
  readonly cities: readonly string[] | 'all';
  /** The reader sees rows that name candidates: not one of a county, to whom most are foreign. */
  readonly evidence: boolean;
  /** Runs among whose findings are those of the reader's cities. */
  readonly searched: readonly number[];
}

const RUNS = `
select r.run, r.job, r.identity, r.state, r.attempt, r.business_date as "businessDate",
  r.scope ->> 'city' as city, c.name as "cityName", r.scope ->> 'batch' as batch,
  (r.scope ->> 'round')::integer as round, r.scope ->> 'school' as school,
  to_char(r.started_at at time zone 'Asia/Shanghai', 'HH24:MI:SS') as started,
  round(extract(epoch from r.ended_at - r.started_at) * 100)::integer as lasted,
  r.policy, r.result -> 'counts' as counts, r.error
from runs r
left join regions c on c.season = r.season and c.code = r.scope ->> 'city'
where r.season = $1::smallint and not r.on_demand`;

/** The run that makes a report is not part of it. */
const NOT_PUBLISHING = `and not (r.job = 'publish' and r.state = 'running')`;

/**
 * Reads the runs of `run`, or of `date`, or of the last business date that has any.
 *
 * @throws CodedError unknown-run
 */
export async function readNight(
  session: Session,
  season: number,
  parameters: Parameters,
): Promise<Night> {
  const { run, date } = parameters;
  if (run !== undefined) {
    const runs = await session.query<LedgerRun>(`${RUNS} and r.run = $2`, [season, run]);
    const only = runs[0];
    if (only === undefined) throw reportError('unknown-run', { run });
    return nightOf(runs, only.businessDate, only);
  }
  const businessDate = date === undefined ? await lastDate(session, season) : String(date);
  if (businessDate === null) return nightOf([], null, null);
  const runs = await session.query<LedgerRun>(
    `${RUNS} and r.business_date = $2 ${NOT_PUBLISHING} order by r.run`,
    [season, businessDate],
  );
  return nightOf(runs, businessDate, null);
}

function nightOf(
  runs: readonly LedgerRun[],
  businessDate: string | null,
  only: LedgerRun | null,
): Night {
  const key = (run: LedgerRun) => `${run.city}|${run.batch}|${String(run.round).padStart(3, '0')}`;
  const dispatched = runs
    .filter(run => DISPATCH_JOBS.includes(run.job) && run.state === 'completed')
    .toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.run - b.run));
  const sight = { cities: 'all', evidence: true, searched: runs.map(run => run.run) } as const;
  return { businessDate, only, runs, dispatched, sight };
}

/**
 * What of a night its reader sees: a city's officer the runs of the city, and what runs of the
 * whole province have found in it.
 *
 * @throws CodedError outside-scope: the run that was asked for is another city's, or the province's
 */
export function nightOfReader({ user }: Reader, night: Night): Night {
  if (user === null || user.cities === 'all') return night;
  const { cities } = user;
  const { only, businessDate } = night;
  if (only !== null && !seenIn(cities, only.city)) {
    const of = only.city === null ? '全省' : `地市 ${only.city}`;
    throw reportError('outside-scope', { what: `运行 ${only.run}（${of}）`, user: user.user });
  }
  const own = nightOf(
    night.runs.filter(({ city }) => seenIn(cities, city)),
    businessDate,
    only,
  );
  const { searched } = night.sight;
  return { ...own, sight: { cities, evidence: user.county === null, searched } };
}

/** The policy whose words a night is told in; of a night without dispatch, that of any run. */
export function policyOf({ dispatched, runs }: Night): number | null {
  const named = [...dispatched, ...runs].find(({ policy }) => policy !== null);
  return named?.policy ?? null;
}

function seenIn(cities: Sight['cities'], city: string | null): boolean {
  return cities === 'all' || (city !== null && cities.includes(city));
}

/** Whose runs the reader sees: 全省, or the names of the cities. */
export async function sightTitle(
  session: Session,
  season: number,
  { cities }: Sight,
): Promise<string> {
  if (cities === 'all') return '全省';
  const rows = await session.query<{ name: string }>(
    `select name from regions where season = $1::smallint and code = any($2::text[])
     order by code collate "C"`,
    [season, cities],
  );
  return rows.map(({ name }) => name).join('、');
}

/** The last business date with a run. */
export async function lastDate(
  session: Session,
  season: number,
  before: string | null = null,
  jobs: readonly string[] | null = null,
  cities: Sight['cities'] = 'all',
): Promise<string | null> {
  const [row] = await session.query<{ date: string | null }>(
    `select max(business_date) as date from runs
     where season = $1::smallint and not on_demand
       and ($2::date is null or business_date < $2::date)
       and ($3::text[] is null or (job = any($3::text[]) and state = 'completed'))
       and ($4::text[] is null or scope ->> 'city' = any($4::text[]))`,
    [season, before, jobs, cities === 'all' ? null : cities],
  );
  return row?.date ?? null;
}

/** The completed dispatch runs that this night, or this run, is compared with. */
export async function readFormer(
  session: Session,
  season: number,
  night: Night,
): Promise<{ since: string; dispatched: readonly LedgerRun[] } | null> {
  if (night.only !== null) return formerOfRun(session, season, night.only);
  if (night.businessDate === null) return null;
  const { cities } = night.sight;
  const date = await lastDate(session, season, night.businessDate, DISPATCH_JOBS, cities);
  if (date === null) return null;
  const runs = await session.query<LedgerRun>(`${RUNS} and r.business_date = $2 order by r.run`, [
    season,
    date,
  ]);
  const own = runs.filter(({ city }) => seenIn(cities, city));
  return { since: `上一次投档（${date}）`, dispatched: nightOf(own, date, null).dispatched };
}

async function formerOfRun(
  session: Session,
  season: number,
  run: LedgerRun,
): Promise<{ since: string; dispatched: readonly LedgerRun[] } | null> {
  const [former] = await session.query<LedgerRun>(
    `${RUNS} and r.run < $2 and r.job = any($3::text[]) and r.state = 'completed'
       and r.scope ->> 'city' = $4 and r.scope ->> 'batch' = $5
     order by r.run desc limit 1`,
    [season, run.run, DISPATCH_JOBS, run.city, run.batch],
  );
  if (former === undefined) return null;
  const since = `本市本批次上一次投档（${former.businessDate}，第${former.round}轮）`;
  return { since, dispatched: [former] };
}

/** 广州市（440100）· 中等职业学校批 · 第1轮 */
export function runPlace(run: LedgerRun, words: PolicyWords): string {
  const parts = [
    run.city === null ? '' : `${run.cityName ?? ''}（${run.city}）`,
    run.batch === null ? '' : (words.batches.get(run.batch) ?? run.batch),
    run.round === null ? '' : `第${run.round}轮`,
    run.school === null ? '' : `院校 ${run.school}`,
  ];
  return parts.filter(part => part !== '').join(' · ');
}
