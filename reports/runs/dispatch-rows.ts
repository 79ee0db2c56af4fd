/**
 * What dispatch runs did, counted again by SQL from the tables that schools and candidates see –
 * never taken from what the runs say of themselves. Everything is aggregated in PostgreSQL; only
 * sums, or streams of schools, come here.
 *
 * `$1` is the season, `$2` and `$3` the runs and their cities in parallel: the key of `decisions`
 * begins with (season, city, run), so that each run is one range of it.
 */
import type { Session } from '../../db/connect.ts';
import type { Row, Rows } from '../report.ts';
import { countTogether, streamRows } from '../row-stream.ts';
import type { LedgerRun } from './night.ts';

export type RunKeys = readonly [number, readonly number[], readonly (string | null)[]];

export function runKeys(season: number, runs: readonly LedgerRun[]): RunKeys {
  return [season, runs.map(run => run.run), runs.map(run => run.city)];
}

/** On most nights of a season nothing is dispatched. */
export function noRuns([, runs]: RunKeys): boolean {
  return runs.length === 0;
}

const KEYS = 'wanted as (select * from unnest($2::integer[], $3::text[]) as w (run, city))';

/** Candidates of a run who were told the same: the reason of each choice, and what came of it. */
export interface DecidedCell {
  readonly run: number;
  /** `1:full;2:placed`; '': no choice. */
  readonly reasons: string;
  /** Of the choice that placed them. */
  readonly ordinal: number | null;
  readonly candidates: number;
  readonly sent: number;
  /** The lowest score of those that were sent. */
  readonly lowest: number | null;
}

/**
 * What candidates were told, counted once for every table that shows it. A million of them have a
 * few thousand cells: their texts of reasons are taken apart afterwards.
 */
export async function decidedCells(session: Session, keys: RunKeys): Promise<DecidedCell[]> {
  if (noRuns(keys)) return [];
  const sql = `with ${KEYS}
     select d.run, d.reasons, d.ordinal, count(*)::integer as candidates,
       count(d.school)::integer as sent,
       min(d.score) filter (where d.school is not null) as lowest
     from wanted w join decisions d
       on d.season = $1::smallint and d.city = w.city and d.run = w.run
     group by d.run, d.reasons, d.ordinal`;
  return countTogether(session, () => session.query<DecidedCell>(sql, keys));
}

const AT_SCHOOLS = `at_schools as (
  select o.run, count(*)::integer as schools, sum(o.planned)::integer as planned,
    sum(o.flexible)::integer as flexible,
    sum(greatest(o.room_before, 0))::integer as room,
    sum(greatest(o.room_after, 0))::integer as unfilled,
    sum(o.sent)::integer as school_sent, sum(o.overrun)::integer as overrun,
    count(*) filter (where o.closed_by_tie)::integer as closed
  from wanted w join school_outcomes o
    on o.season = $1::smallint and o.city = w.city and o.run = w.run
  group by o.run)`;

/** One row per run: what the section `cities` shows. */
export async function cityRows(
  session: Session,
  keys: RunKeys,
  cells: readonly DecidedCell[],
): Promise<Row[]> {
  if (noRuns(keys)) return [];
  const rows = await session.query<Row>(
    `with ${KEYS}, ${AT_SCHOOLS}
     select r.run, w.city, c.name as "cityName", r.scope ->> 'batch' as batch,
       (r.scope ->> 'round')::integer as round, coalesce(s.schools, 0) as schools,
       coalesce(s.planned, 0) as planned, coalesce(s.flexible, 0) as flexible,
       coalesce(s.room, 0) as room, coalesce(s.school_sent, 0) as "schoolSent",
       coalesce(s.unfilled, 0) as unfilled, coalesce(s.overrun, 0) as overrun,
       coalesce(s.closed, 0) as closed,
       b.version as "policyVersion", v.base_hash as "baseHash", v.overlay_hash as "overlayHash",
       r.input_hash as "inputHash", r.result_hash as "resultHash"
     from wanted w
       join runs r on r.run = w.run
       left join at_schools s on s.run = w.run
       left join regions c on c.season = r.season and c.code = w.city
       left join policy_versions v on v.id = r.policy
       left join policy_bases b on b.hash = v.base_hash
     order by w.city collate "C", r.scope ->> 'batch' collate "C", round, r.run`,
    keys,
  );
  const ofRun = Map.groupBy(cells, ({ run }) => run);
  return rows.map(row => {
    const decided = decidedOf(ofRun.get(Number(row['run'])) ?? []);
    return { ...row, ...decided, filled: decided.sent - Number(row['overrun']) };
  });
}

function decidedOf(cells: readonly DecidedCell[]) {
  const participants = cells.reduce((sum, { candidates }) => sum + candidates, 0);
  const sent = sentOf(cells);
  const lowest = cells.flatMap(cell => cell.lowest ?? []);
  const ordinals = cells.flatMap(cell => cell.ordinal ?? []);
  return {
    ...{ participants, sent, unplaced: participants - sent },
    lowest: lowest.length === 0 ? null : lowest.reduce((a, b) => Math.min(a, b)),
    ordinal: ordinals.length === 0 ? null : ordinals.reduce((a, b) => Math.max(a, b)),
  };
}

function sentOf(cells: readonly DecidedCell[]): number {
  return cells.reduce((total, { sent }) => total + sent, 0);
}

/** One row per school and run, streamed: what the section `schools` shows. */
export function schoolRows(session: Session, keys: RunKeys): Rows {
  if (noRuns(keys)) return [];
  return streamRows(
    session,
    `with ${KEYS}
     select w.city, c.name as "cityName", r.scope ->> 'batch' as batch,
       (r.scope ->> 'round')::integer as round, o.school, s.name as "schoolName", l.list,
       o.planned, o.flexible, o.room_before as "roomBefore", o.room_after as "roomAfter", o.sent,
       o.sent - o.overrun as filled, greatest(o.room_after, 0) as unfilled,
       greatest(o.room_before, 0) as room,
       o.lowest_score as lowest, nullif(o.last_ordinal, 0) as ordinal, o.overrun,
       o.closed_by_tie as closed
     from wanted w
       join runs r on r.run = w.run
       join school_outcomes o on o.season = $1::smallint and o.city = w.city and o.run = w.run
       left join dispatch_lists l
         on l.season = o.season and l.city = o.city and l.run = o.run and l.school = o.school
       left join schools s on s.season = o.season and s.code = o.school
       left join regions c on c.season = o.season and c.code = w.city
     order by w.city collate "C", r.scope ->> 'batch' collate "C", round, r.run,
       o.school collate "C"`,
    keys,
  );
}

/** How many were placed by which ordinal. */
export function ordinalRows(cells: readonly DecidedCell[]): Row[] {
  const placed = cells.filter(({ sent }) => sent > 0);
  const allSent = sentOf(placed);
  return [...Map.groupBy(placed, ({ ordinal }) => ordinal)]
    .toSorted(([a], [b]) => (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY))
    .map(([ordinal, own]) => ({
      ordinal,
      ordinalTitle: ordinal === null ? null : `第${ordinal}志愿`,
      sent: sentOf(own),
      allSent,
    }));
}

/** How many choices had which reason, most first. */
export function reasonRows(cells: readonly DecidedCell[]): Row[] {
  const choicesOf = new Map<string, number>();
  for (const { reasons, candidates } of cells) {
    if (reasons === '') continue;
    for (const reason of reasons.split(';')) {
      const code = reason.split(':')[1] ?? '';
      choicesOf.set(code, (choicesOf.get(code) ?? 0) + candidates);
    }
  }
  const allChoices = choicesOf.values().reduce((sum, choices) => sum + choices, 0);
  return [...choicesOf]
    .toSorted(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1))
    .map(([code, choices]) => ({ code, choices, allChoices }));
}

/** Steps of the score distribution, in hundredths: the first that needs few enough columns. */
const SCORE_STEPS = [500, 1_000, 2_000, 5_000, 10_000];
const SCORE_STEPS_SHOWN_MAX = 40;

/**
 * Participants and placed by steps of the dispatch score, in one city and batch, and the lowest
 * score that was placed.
 */
export async function scoreRows(
  session: Session,
  keys: RunKeys,
): Promise<{ rows: Row[]; lowest: number | null }> {
  const [range] = await session.query<Record<'low' | 'high' | 'lowest', number | null>>(
    `with ${KEYS} select min(d.score) as low, max(d.score) as high,
       min(d.score) filter (where d.school is not null) as lowest
     from wanted w join decisions d
       on d.season = $1::smallint and d.city = w.city and d.run = w.run`,
    keys,
  );
  const low = range?.low ?? null;
  const high = range?.high ?? null;
  if (low === null || high === null) return { rows: [], lowest: null };
  const span = (step: number) => Math.floor(high / step) - Math.floor(low / step) + 1;
  const step = SCORE_STEPS.find(one => span(one) <= SCORE_STEPS_SHOWN_MAX) ?? 20_000;
  const rows = await session.query<Row>(
    `with ${KEYS}, stepped as (
       select floor(d.score::numeric / $4::integer)::integer * $4::integer as lower,
         count(*)::integer as participants, count(d.school)::integer as sent
       from wanted w join decisions d
         on d.season = $1::smallint and d.city = w.city and d.run = w.run
       where d.score is not null group by 1),
     steps as (select generate_series(min(lower), max(lower), $4::integer) as lower from stepped)
     select lower, lower + $4::integer as upper, coalesce(participants, 0) as participants,
       coalesce(sent, 0) as sent,
       coalesce(participants - sent, 0) as unplaced
     from steps left join stepped using (lower) order by lower`,
    [...keys, step],
  );
  return { rows, lowest: range?.lowest ?? null };
}
