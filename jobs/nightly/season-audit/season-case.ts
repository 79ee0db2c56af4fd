/**
 * What the season's audit looks at: a city as all acts up to now have left it, or the province. The
 * SQL of its properties shares nothing with the acts: what an act has checked before it wrote is
 * counted again from what it wrote.
 */
import type { Session } from '../../../db/connect.ts';
import type { ChainPlace } from '../../../db/trail/verify.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import type { GivenValues } from '../audit/property.ts';
import { policiesOfCities, policiesOfVersions } from '../dispatch/policy.ts';
import { type LastRecount, type MovedSince, movedSince } from './moved.ts';

/** A city as the audit looks at it. */
export interface AuditedCity {
  readonly city: string;
  /** In effect now. */
  readonly policy: FullPolicy;
  /** Every policy version that an event of the city names. */
  readonly used: readonly number[];
  /** Where the last recount, which found nothing, has ended; null: everything is recounted. */
  readonly since: ChainPlace | null;
}

export interface SeasonCase {
  readonly session: Session;
  readonly season: number;
  /** '': the province, with the acts that concern no city, and what touches several. */
  readonly city: string;
  readonly businessDate: string;
  /** In effect now. */
  readonly policy: FullPolicy;
  /** By number, those that events name. */
  readonly versions: ReadonlyMap<number, FullPolicy>;
  readonly since: ChainPlace | null;
  /** Of the province, where it goes on from its last recount; null: everything is recounted. */
  readonly moved: MovedSince | null;
  /** The one city; several where they are asked about together (ManyCase). */
  readonly cities: readonly AuditedCity[];
  readonly sql: SeasonLiterals;
  /**
   * What the SQL of the case names by number: which city, since when, which files. Questions are
   * long, and planning them takes longer than answering; so their text is the same for cities of
   * one policy, and from one night to the next.
   */
  readonly given: GivenValues;
}

export interface SeasonLiterals {
  /** `season = … and city = …`, for tables under no alias. */
  readonly here: string;
  /** The same for an alias. */
  of(alias: string): string;
  readonly season: string;
  readonly city: string;
  literal(text: string): string;
  /**
   * `and …` for an alias with a file: those that an event since the last recount names; nothing
   * where everything is recounted. A file without one has the events, and by P8 the row, that it
   * had when it was found to be right.
   */
  readonly touched: (alias: string) => string;
  /** `and …` for an alias of events: those since the last recount. */
  readonly recent: (alias: string) => string;
}

/** What is to be recounted of one city. */
export interface Recounted {
  readonly season: number;
  readonly city: string;
  readonly businessDate: string;
  readonly since?: ChainPlace | null;
  /** Of the province, beside `since`. */
  readonly lately?: LastRecount | null;
}

/** Reads the policies that the city's events were made under. */
export async function openSeasonCase(session: Session, what: Recounted): Promise<SeasonCase> {
  const { season, city, since = null, lately = null } = what;
  const seen = await seenOf(session, season, [{ city, since }]);
  const versions = await versionsOf(session, seen);
  const [{ files, ...place }] = seen as [SeenCity];
  const literal = (text: string) => session.client.escapeLiteral(text);
  const own: GivenValues = {
    values: [city, since?.event ?? 0, files],
    typed: '$1::text, $2::integer, $3::integer[]',
  };
  const goesOn = city === '' && since !== null && lately !== null;
  const all = { moved: null, given: own };
  const { moved, given } = goesOn ? await movedSince(session, season, lately, own) : all;
  return {
    ...{ season, city, businessDate: what.businessDate },
    ...{ session, since, versions, policy: place.policy, cities: [place], moved, given },
    sql: {
      ...literals(season, '$1::text', literal),
      touched: alias => (since === null ? '' : `and ${alias}.file = any ($3::integer[])`),
      recent: alias => (since === null ? '' : `and ${alias}.event > $2::integer`),
    },
  };
}

/** Many cities, of which each goes on from its last recount. */
export interface ManyCase extends SeasonCase {
  /** The cities as a relation `here_`, for `from`: each question is one about its row. */
  readonly here: string;
}

/** @param places of one season and date, with `since` */
export async function openManyCase(
  session: Session,
  places: readonly (Recounted & { readonly since: ChainPlace })[],
): Promise<ManyCase> {
  const [first] = places;
  if (first === undefined) throw new Error('no city to recount');
  const { season, businessDate } = first;
  const literal = (text: string) => session.client.escapeLiteral(text);
  const seen = await seenOf(session, season, places);
  const versions = await versionsOf(session, seen);
  const cities = seen.map(({ files: _, ...city }): AuditedCity => city);
  return {
    ...{ session, season, businessDate, versions, cities, city: first.city, since: first.since },
    moved: null,
    policy: (cities[0] as AuditedCity).policy,
    given: {
      values: [
        seen.map(({ city }) => city),
        seen.map(({ since }) => since?.event ?? 0),
        seen.map(({ files }) => `{${files.join(',')}}`),
      ],
      typed: '$1::text[], $2::integer[], $3::text[]',
    },
    here: `(select city, since, files::integer[]
      from unnest($1::text[], $2::integer[], $3::text[]) u (city, since, files)) here_`,
    sql: {
      ...literals(season, 'here_.city', literal),
      touched: alias => `and ${alias}.file = any (here_.files)`,
      recent: alias => `and ${alias}.event > here_.since`,
    },
  };
}

function literals(season: number, city: string, literal: SeasonLiterals['literal']) {
  const inSeason = `${Number(season)}::smallint`;
  return {
    here: `season = ${inSeason} and city = ${city}`,
    of: (alias: string) => `${alias}.season = ${inSeason} and ${alias}.city = ${city}`,
    season: inSeason,
    city,
    literal,
  };
}

/** A city with the files that events since the last recount name; none where there was none. */
interface SeenCity extends AuditedCity {
  readonly files: readonly number[];
}

async function seenOf(
  session: Session,
  season: number,
  places: readonly Pick<AuditedCity, 'city' | 'since'>[],
): Promise<SeenCity[]> {
  const cities = places.map(({ city }) => city);
  const rows = await session.query<{ used: number[]; files: number[] }>(
    `select array(select distinct policy from events e where e.season = $1::smallint
         and e.city = c.city and e.policy is not null order by policy) as used,
       array(select distinct file from events e where e.season = $1::smallint
         and e.city = c.city and e.event > c.since and e.file is not null order by file) as files
     from unnest($2::text[], $3::integer[]) with ordinality c (city, since, place) order by place`,
    [season, cities, places.map(({ since }) => since?.event ?? null)],
  );
  const policies = await policiesOfCities(session, season, cities);
  return places.map(({ city, since }, at) => {
    const { used, files } = rows[at] as (typeof rows)[number];
    return { city, since, used, files, policy: policies.get(city) as FullPolicy };
  });
}

/** Every policy version that an event of the cities names. */
async function versionsOf(
  session: Session,
  seen: readonly SeenCity[],
): Promise<ReadonlyMap<number, FullPolicy>> {
  const versions = [...new Set(seen.flatMap(({ used }) => used))];
  if (versions.length === 0) return new Map();
  const stored = await policiesOfVersions(session, versions);
  return new Map([...stored].map(([version, { policy }]) => [version, policy as FullPolicy]));
}

/** Rows of literals for `values`; a row that matches nothing keeps an empty list a list. */
export function valuesOf(
  { sql }: Pick<SeasonCase, 'sql'>,
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const cell = (value: string | number | null) =>
    value === null ? 'null' : typeof value === 'number' ? String(value) : sql.literal(value);
  const said = rows.map(row => `(${row.map(cell).join(', ')})`);
  const typed = columns.map(column => `null::${column}`).join(', ');
  return `(values (${typed}) ${said.map(row => `, ${row}`).join('')})`;
}

/** The province's events as a relation: where it goes on from a recount, those since then. */
export function eventsOf({ sql, moved }: Pick<SeasonCase, 'sql' | 'moved'>): string {
  return moved?.events ?? `(select * from events where season = ${sql.season})`;
}
