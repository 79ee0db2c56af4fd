/**
 * What the sweep reads: the files of a city, or its open applications, grouped by whatever the
 * deadline rules read of them. The database does not decide anything: it counts rows that are alike
 * in raw columns, and the facts are made of these (jobs/nightly/sweep/facts.ts). Only the columns
 * that are asked for are fetched; the joins behind the others are left out.
 */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

/** What of a file, its person or its application is looked at. */
const COLUMNS = {
  // A file in the pool may have no row of its own; an application may concern no file.
  state: `case when c.file is not null then coalesce(f.state, 'in-pool') end`,
  phase: 'f.phase',
  school: 'f.school',
  batch: 'f.batch',
  transfers: 'coalesce(f.transfers, 0)',
  since: 'f.since::text',
  holdUntil: 'f.hold_until::text',
  registerBy: 'f.register_by::text',
  reopenedUntil: 'f.reopened_until::text',
  /** Days on which the file's open applications were opened. */
  opened: `coalesce(o.days, '[]')`,
  round: 'l.round',
  candidateNo: 'c.candidate_no',
  sex: 'c.sex',
  origin: 'c.origin',
  county: 'c.county',
  /** Hundredths. */
  total: 'c.total',
  birthDate: 'c.birth_date::text',
  attributes: 'c.attributes',
  /** Subject name → hundredths. */
  marks: 'm.marks',
  /** Confirmed preference features. */
  features: `coalesce(p.features, '[]')`,
} as const;

/** Of applications beside those of their file. */
const APPLICATION_COLUMNS = {
  ...COLUMNS,
  school: 'a.school',
  batch: 'coalesce(a.batch, f.batch)',
  kind: 'a.kind',
  openedOn: 'a.opened_on::text',
  signed: 'a.request_hash is not null',
  places: 'a.places',
} as const;

export type FileColumn = keyof typeof COLUMNS;
export type SweepColumn = keyof typeof APPLICATION_COLUMNS;

/** Values of the columns that were asked for, as PostgreSQL writes them into JSON. */
export type SweepValues = Readonly<Partial<Record<SweepColumn, unknown>>>;

/** Rows that are alike. */
export interface SweepGroup {
  /** What they are alike in: a JSON array in the order of the columns. */
  readonly key: string;
  readonly values: SweepValues;
  readonly count: number;
}

/** One city on one sweep. */
export interface SweepPlace {
  readonly season: number;
  readonly city: string;
  /** Applications that expire in this sweep: they hold nothing up any more. */
  readonly expiring: readonly number[];
}

/** Several cities, in none of which an application expires. */
export interface SweepPlaces {
  readonly season: number;
  readonly cities: readonly string[];
}

/** Open applications that are alike. */
export interface ApplicationGroup extends SweepGroup {
  readonly applications: readonly number[];
}

/**
 * What a city's rows are read from: its candidates with their files, where a rule reads something
 * of the person, else the files alone; a file in the pool that nothing has happened to has no row,
 * and is counted only.
 */
type Base = 'c' | 'f';

const OF_PERSON: ReadonlySet<SweepColumn> = new Set<SweepColumn>([
  'candidateNo',
  'sex',
  'origin',
  'county',
  'total',
  'birthDate',
  'attributes',
  'marks',
  'features',
]);

const WAITING = "a.state in ('open', 'half-approved') and a.consents_to is null";

/**
 * A withdrawal and the transfer that it consents to count as one, opened when the first of them
 * was: $3 are the applications that expire now.
 */
const OPENED = (base: Base, here: Here) => `
left join (
  select a.city, a.file, jsonb_agg(least(a.opened_on, w.opened_on) order by a.application) as days
  from applications a
  left join applications w on w.season = a.season and w.consents_to = a.application
  where a.season = $1::smallint and a.city ${here} and a.file is not null and ${WAITING}
    and a.application <> all($3::integer[])
  group by a.city, a.file) o on o.city = ${base}.city and o.file = ${base}.file`;

/** How a statement says whose rows it is about: one city's or those of several. */
type Here = '= $2' | '= any($2::text[])';

const JOINS: Readonly<Partial<Record<SweepColumn, (base: Base, here: Here) => string>>> = {
  opened: OPENED,
  round: base => `
left join dispatch_lists l
  on l.season = ${base}.season and l.city = ${base}.city and l.list = f.list`,
  marks: () => `
left join lateral (
  select jsonb_object_agg(u.name, s.marks[u.slot]) as marks
  from scores s join subjects u on u.season = s.season and u.city = s.city
  where s.season = c.season and s.city = c.city and s.file = c.file) m on true`,
  features: () => `
left join lateral (
  select jsonb_agg(e.feature order by e.feature collate "C") as features from preferences e
  where e.season = c.season and e.city = c.city and e.file = c.file
    and e.confirmed_by <> '') p on true`,
};

const FILES_FROM: Readonly<Record<Base, string>> = {
  c: `
from candidates c
left join files f on f.season = c.season and f.city = c.city and f.file = c.file`,
  f: `
from files f`,
};

const APPLICATIONS_FROM = `
from applications a
left join candidates c on c.season = a.season and c.city = a.city and c.file = a.file
left join files f on f.season = a.season and f.city = a.city and f.file = a.file`;
const applicationsWhere = (here: Here) =>
  `where a.season = $1::smallint and a.city ${here} and ${WAITING}`;

/** A select over the files of a city: its FROM, the number of a file, the key of a row. */
export interface SweepSource {
  readonly from: string;
  readonly file: string;
  /** What the key is made of. */
  readonly values: readonly string[];
  readonly key: string;
}

/** Parameters $1 to $3 of every statement made of a source. */
export function sourceParameters({ season, city, expiring }: SweepPlace): readonly unknown[] {
  return [season, city, expiring];
}

/** `$3` stands in the statement whether or not a column needs it: PostgreSQL wants its type. */
const ALL_PARAMETERS = 'and $3::integer[] is not null';

export function fileSource(columns: readonly FileColumn[], here: Here = '= $2'): SweepSource {
  const base = baseOf(columns);
  const where = `where ${base}.season = $1::smallint and ${base}.city ${here}`;
  const alone: Partial<Record<FileColumn, string>> = base === 'f' ? { state: 'f.state' } : {};
  const values = columns.map(column => alone[column] ?? COLUMNS[column]);
  return {
    from: `${FILES_FROM[base]}${joinsOf(columns, base, here)}\n${where} ${ALL_PARAMETERS}`,
    file: `${base}.file`,
    values,
    key: keyOf(values),
  };
}

interface CityGroup {
  readonly city: string;
  readonly key: string;
  readonly count: number;
}

/** Files are many and their situations few: the keys are written for these alone. */
function groupsSql({ from, values }: SweepSource, city: string): string {
  const names = values.map((_, place) => `v${place}`);
  const read = values.map((value, place) => `${value} as ${names[place]}`);
  const places = values.map((_, place) => place + 2);
  return `
    select city, ${keyOf(names)} as key, sum(count)::integer as count
    from (select ${[`${city} as city`, ...read].join(', ')}, count(*) as count ${from}
      group by ${[1, ...places].join(', ')}) alike
    group by 1, 2 order by 1, 2`;
}

function baseOf(columns: readonly FileColumn[]): Base {
  return columns.some(column => OF_PERSON.has(column)) ? 'c' : 'f';
}

/** Groups the files of a city, those in the pool included. */
export async function fileGroups(
  session: Reader,
  place: SweepPlace,
  columns: readonly FileColumn[],
): Promise<SweepGroup[]> {
  const sql = groupsSql(fileSource(columns), `${baseOf(columns)}.city`);
  const rows = await session.query<CityGroup>(sql, sourceParameters(place));
  const groups = rows.map(({ city: _, ...row }) => ({
    ...row,
    values: valuesOf(row.key, columns),
  }));
  return baseOf(columns) === 'c' ? groups : [...groups, await untouched(session, place, groups)];
}

/** The files without a row of their own: all alike, and with no key to be found by. */
async function untouched(
  session: Reader,
  { season, city }: SweepPlace,
  groups: readonly SweepGroup[],
): Promise<SweepGroup> {
  const [row] = await session.query<{ candidates: number }>(
    `select count(*)::integer as candidates from candidates
     where season = $1::smallint and city = $2`,
    [season, city],
  );
  return untouchedOf(row?.candidates ?? 0, groups);
}

function untouchedOf(candidates: number, groups: readonly SweepGroup[]): SweepGroup {
  const withRow = groups.reduce((sum, group) => sum + group.count, 0);
  const values: SweepValues = { state: 'in-pool', transfers: 0, opened: [] };
  return { key: '', values, count: Math.max(0, candidates - withRow) };
}

/** As fileGroups, of the open applications of a city, with their numbers. */
export async function applicationGroups(
  session: Reader,
  place: SweepPlace,
  columns: readonly SweepColumn[],
): Promise<ApplicationGroup[]> {
  const key = keyOf(columns.map(column => APPLICATION_COLUMNS[column]));
  const rows = await session.query<{ key: string; count: number; applications: number[] }>(
    `select ${key} as key, count(*)::integer as count,
       array_agg(a.application order by a.application) as applications
     ${APPLICATIONS_FROM}${joinsOf(columns, 'c', '= $2')}
     ${applicationsWhere('= $2')} ${ALL_PARAMETERS}
     group by 1 order by 1`,
    sourceParameters(place),
  );
  return rows.map(row => ({ ...row, values: valuesOf(row.key, columns) }));
}

/** The files of several cities at once, by city; none of their applications expires. */
export async function fileGroupsOf(
  session: Reader,
  { season, cities }: SweepPlaces,
  columns: readonly FileColumn[],
): Promise<ReadonlyMap<string, SweepGroup[]>> {
  const base = baseOf(columns);
  const sql = groupsSql(fileSource(columns, '= any($2::text[])'), `${base}.city`);
  const rows = await session.query<CityGroup>(sql, [season, cities, []]);
  const groups = grouped(cities, rows, columns);
  if (base === 'c') return groups;
  const counted = await session.query<{ city: string; candidates: number }>(
    `select city, count(*)::integer as candidates from candidates
     where season = $1::smallint and city = any($2::text[]) group by city`,
    [season, cities],
  );
  const candidates = new Map(counted.map(row => [row.city, row.candidates]));
  for (const [city, own] of groups) own.push(untouchedOf(candidates.get(city) ?? 0, own));
  return groups;
}

/** The open applications of several cities at once, by city. */
export async function applicationGroupsOf(
  session: Reader,
  { season, cities }: SweepPlaces,
  columns: readonly SweepColumn[],
): Promise<ReadonlyMap<string, ApplicationGroup[]>> {
  const key = keyOf(columns.map(column => APPLICATION_COLUMNS[column]));
  const rows = await session.query<Omit<ApplicationGroup, 'values'> & { city: string }>(
    `select a.city, ${key} as key, count(*)::integer as count,
       array_agg(a.application order by a.application) as applications
     ${APPLICATIONS_FROM}${joinsOf(columns, 'c', '= any($2::text[])')}
     ${applicationsWhere('= any($2::text[])')} ${ALL_PARAMETERS}
     group by 1, 2 order by 1, 2`,
    [season, cities, []],
  );
  return grouped(cities, rows, columns);
}

function grouped<R extends { readonly city: string; readonly key: string }>(
  cities: readonly string[],
  rows: readonly R[],
  columns: readonly SweepColumn[],
): Map<string, (Omit<R, 'city'> & { readonly values: SweepValues })[]> {
  const ofCity = Map.groupBy(rows, row => row.city);
  return new Map(
    cities.map(city => {
      const own = (ofCity.get(city) ?? []).map(({ city: _, ...row }) => {
        return { ...row, values: valuesOf(row.key, columns) };
      });
      return [city, own];
    }),
  );
}

function keyOf(expressions: readonly string[]): string {
  return `jsonb_build_array(${expressions.join(', ')})::text collate "C"`;
}

function joinsOf(columns: readonly SweepColumn[], base: Base, here: Here): string {
  return columns.map(column => JOINS[column]?.(base, here) ?? '').join('');
}

function valuesOf(key: string, columns: readonly SweepColumn[]): SweepValues {
  const values = JSON.parse(key) as unknown[];
  return Object.fromEntries(columns.map((column, index) => [column, values[index]]));
}
