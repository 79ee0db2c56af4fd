/**
 * A staged snapshot against what stands: each candidate of today's rows and of yesterday's own gets
 * one verdict, in the temporary table `snapshot_diff`.
 *
 * - new, changed, vanished: applied, each by an event of its own
 * - unchanged: stands as listed
 * - gone: no longer listed, and the platform has moved the file on by itself: nothing to do
 * - everything else is a conflict, listed for an officer and not applied:
 *   registered (never overwritten), open-application (a transfer or withdrawal is under way),
 *   moved (the platform took back what the city still lists), not-own (the file is where no
 *   snapshot has put it), no-plan (rule 1: no plan line is no right to admit there)
 */
import type { Session } from '../connect.ts';
import type { SnapshotKey } from './snapshots.ts';

type Reader = Pick<Session, 'query'>;

export const CONFLICT_KINDS = [
  'registered',
  'open-application',
  'moved',
  'not-own',
  'no-plan',
] as const;

export type Verdict =
  | 'new'
  | 'changed'
  | 'vanished'
  | 'unchanged'
  | 'gone'
  | (typeof CONFLICT_KINDS)[number];

/** A distinct (school, major, day) of a staged snapshot: where it counts is asked once for each. */
export interface ListedPlace {
  readonly school: string;
  readonly major: string;
  readonly admittedOn: string;
}

/** Where an admission counts; places that are left out have no plan line. */
export interface ResolvedPlace extends ListedPlace {
  readonly batch: string;
  readonly phase: string;
}

export async function listedPlaces(session: Reader, key: SnapshotKey): Promise<ListedPlace[]> {
  return session.query<ListedPlace>(
    `select distinct school, major, admitted_on::text as "admittedOn" from snapshot_rows
     where season = $1::smallint and city = $2 and snapshot = $3
     order by 1, 2, 3`,
    [key.season, key.city, key.snapshot],
  );
}

/** What is known of schools and their plan in a city. */
export interface ListedSchool {
  readonly school: string;
  readonly kind: string;
  /** Major → batches in which it has a plan line. */
  readonly lines: Readonly<Record<string, readonly string[]>>;
}

export async function listedSchools(
  session: Reader,
  season: number,
  city: string,
  schools: readonly string[],
): Promise<ListedSchool[]> {
  return session.query<ListedSchool>(
    `select s.code as school, s.kind, coalesce((
       select jsonb_object_agg(l.major, l.batches) from (
         select major, array_agg(batch order by batch collate "C") as batches from plan_lines p
         where p.season = s.season and p.city = $2 and p.school = s.code group by major) l),
       '{}') as lines
     from schools s where s.season = $1::smallint and s.code = any($3::text[])
     order by s.code collate "C"`,
    [season, city, schools],
  );
}

const STANDS = "f.school = p.school and coalesce(f.major, '') = p.major";
const TAKEN = "f.state in ('registered', 'filed')";
const LISTED = "t.school = f.school and t.major = coalesce(f.major, '')";

const VERDICT = `
case
  when t.file is null then case
    when ${TAKEN} and f.school = p.school then 'registered'
    when f.state is distinct from 'admitted' or not (${STANDS}) then 'gone'
    when f.open_applications > 0 then 'open-application'
    else 'vanished' end
  when (f.state = 'admitted' or ${TAKEN}) and ${LISTED} then 'unchanged'
  when ${TAKEN} then 'registered'
  when coalesce(f.state, 'in-pool') not in ('in-pool', 'admitted') then 'not-own'
  when f.state = 'admitted' and (p.file is null or not (${STANDS})) then 'not-own'
  when coalesce(f.state, 'in-pool') = 'in-pool' and p.school = t.school and p.major = t.major
    then 'moved'
  when coalesce(f.open_applications, 0) > 0 then 'open-application'
  when w.school is null then 'no-plan'
  when f.state = 'admitted' then 'changed'
  else 'new' end`;

/**
 * Compares. Under the city's chain.
 *
 * @param previous the snapshot that is applied; null: none
 * @returns how many of each verdict, and how many of yesterday's own rows still stand (`own`)
 */
export async function compareSnapshot(
  session: Reader,
  key: SnapshotKey,
  previous: number | null,
  places: readonly ResolvedPlace[],
): Promise<Readonly<Partial<Record<Verdict | 'own', number>>>> {
  await session.query('drop table if exists pg_temp.snapshot_diff');
  await session.query(
    `create temporary table snapshot_diff (
       file integer not null, verdict text not null, state text not null, school text, major text,
       batch text, listed_school text, listed_major text, to_batch text, to_phase text,
       former_school text, former_major text, event integer, letter integer) on commit drop`,
  );
  await session.query(
    `with t as (select * from snapshot_rows
       where season = $1::smallint and city = $2 and snapshot = $3),
     p as (select * from snapshot_rows
       where season = $1::smallint and city = $2 and snapshot = $4 and owned),
     w as (select * from unnest($5::text[], $6::text[], $7::date[], $8::text[], $9::text[])
       w (school, major, day, batch, phase))
     insert into snapshot_diff (file, verdict, state, school, major, batch, listed_school,
       listed_major, to_batch, to_phase, former_school, former_major)
     select coalesce(t.file, p.file), ${VERDICT}, coalesce(f.state, 'in-pool'), f.school, f.major,
       f.batch, t.school, t.major, w.batch, w.phase, p.school, p.major
     from t full join p on p.file = t.file
     left join files f on f.season = $1::smallint and f.city = $2
       and f.file = coalesce(t.file, p.file)
     left join w on w.school = t.school and w.major = t.major and w.day = t.admitted_on`,
    [
      ...[key.season, key.city, key.snapshot, previous],
      places.map(place => place.school),
      places.map(place => place.major),
      places.map(place => place.admittedOn),
      places.map(place => place.batch),
      places.map(place => place.phase),
    ],
  );
  const rows = await session.query<{ verdict: Verdict | 'own'; count: number }>(
    `select verdict, count(*)::integer as count from snapshot_diff group by 1
     union all
     select 'own', count(*)::integer from snapshot_diff
     where state = 'admitted' and former_school = school and former_major = major`,
  );
  return Object.fromEntries(rows.map(row => [row.verdict, row.count]));
}
