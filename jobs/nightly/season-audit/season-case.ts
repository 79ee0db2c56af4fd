/**
 * What the season's audit looks at: a city as all acts up to now have left it, or the province. The
 * SQL of its properties shares nothing with the acts: what an act has checked before it wrote is
 * counted again from what it wrote.
 */
import type { Session } from '../../../db/connect.ts';
import type { ChainPlace } from '../../../db/trail/verify.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { policyOfCity, policyOfVersion } from '../dispatch/policy.ts';

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
  /** The one city; several where they are asked about together (ManyCase). */
  readonly cities: readonly AuditedCity[];
  readonly sql: SeasonLiterals;
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
}

/** Reads the policies that the city's events were made under. */
export async function openSeasonCase(session: Session, what: Recounted): Promise<SeasonCase> {
  const { season, city, since = null } = what;
  const versions = new Map<number, FullPolicy>();
  const place = await auditedCity(session, { ...what, since }, versions);
  const files = since === null ? [] : await touchedSince(session, season, city, since.event);
  const literal = (text: string) => session.client.escapeLiteral(text);
  return {
    ...what,
    ...{ session, since, versions, policy: place.policy, cities: [place] },
    sql: {
      ...literals(season, literal(city), literal),
      touched: alias => (since === null ? '' : `and ${alias}.file = any (${arrayText(files)})`),
      recent: alias => (since === null ? '' : `and ${alias}.event > ${since.event}`),
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
  const versions = new Map<number, FullPolicy>();
  const cities: AuditedCity[] = [];
  const rows: string[] = [];
  const literal = (text: string) => session.client.escapeLiteral(text);
  for (const place of places) {
    const { city, since } = place;
    cities.push(await auditedCity(session, place, versions));
    const files = await touchedSince(session, season, city, since.event);
    rows.push(`(${literal(city)}, ${since.event}, ${arrayText(files)})`);
  }
  return {
    ...{ session, season, businessDate, versions, cities, city: first.city, since: first.since },
    policy: (cities[0] as AuditedCity).policy,
    here: `(values ${rows.join(', ')}) here_ (city, since, files)`,
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

function arrayText(files: readonly number[]): string {
  return `'{${files.join(',')}}'::integer[]`;
}

/** Versions that are read for the first time are put into `versions`. */
async function auditedCity(
  session: Session,
  { season, city, since }: Recounted & { readonly since: ChainPlace | null },
  versions: Map<number, FullPolicy>,
): Promise<AuditedCity> {
  const named = await session.query<{ policy: number }>(
    `select distinct policy from events
      where season = $1::smallint and city = $2 and policy is not null order by policy`,
    [season, city],
  );
  const used = named.map(({ policy }) => policy);
  for (const version of used) {
    if (versions.has(version)) continue;
    versions.set(version, (await policyOfVersion(session, version)).policy as FullPolicy);
  }
  const { policy } = await policyOfCity(session, season, city);
  return { city, policy: policy as FullPolicy, used, since };
}

async function touchedSince(
  session: Session,
  season: number,
  city: string,
  event: number,
): Promise<number[]> {
  const rows = await session.query<{ file: number }>(
    `select distinct file from events where season = $1::smallint and city = $2 and event > $3
       and file is not null order by file`,
    [season, city, event],
  );
  return rows.map(({ file }) => file);
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
