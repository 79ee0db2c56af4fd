/**
 * What the season's audit looks at: a city as all acts up to now have left it, or the province. The
 * SQL of its properties shares nothing with the acts: what an act has checked before it wrote is
 * counted again from what it wrote.
 */
import type { Session } from '../../../db/connect.ts';
import type { ChainPlace } from '../../../db/trail/verify.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { policyOfCity, policyOfVersion } from '../dispatch/policy.ts';

export interface SeasonCase {
  readonly session: Session;
  readonly season: number;
  /** '': the province, with the acts that concern no city, and what touches several. */
  readonly city: string;
  readonly businessDate: string;
  /** In effect now. */
  readonly policy: FullPolicy;
  /** Every policy version that an event of the city names. */
  readonly versions: ReadonlyMap<number, FullPolicy>;
  /** Where the last recount, which found nothing, has ended; null: everything is recounted. */
  readonly since: ChainPlace | null;
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

/** Reads the policies that the city's events were made under. */
export async function openSeasonCase(
  session: Session,
  what: {
    readonly season: number;
    readonly city: string;
    readonly businessDate: string;
    readonly since?: ChainPlace | null;
  },
): Promise<SeasonCase> {
  const { season, city, since = null } = what;
  const named = await session.query<{ policy: number }>(
    `select distinct policy from events
      where season = $1::smallint and city = $2 and policy is not null order by policy`,
    [season, city],
  );
  const versions = new Map<number, FullPolicy>();
  for (const { policy } of named) {
    versions.set(policy, (await policyOfVersion(session, policy)).policy as FullPolicy);
  }
  const { policy } = await policyOfCity(session, season, city);
  const literal = (text: string) => session.client.escapeLiteral(text);
  const of = (alias: string) =>
    `${alias}.season = ${Number(season)}::smallint and ${alias}.city = ${literal(city)}`;
  const files = since === null ? [] : await touchedSince(session, season, city, since.event);
  return {
    ...what,
    since,
    session,
    policy: policy as FullPolicy,
    versions,
    sql: {
      here: `season = ${Number(season)}::smallint and city = ${literal(city)}`,
      of,
      season: `${Number(season)}::smallint`,
      city: literal(city),
      literal,
      touched: alias =>
        since === null ? '' : `and ${alias}.file = any ('{${files.join(',')}}'::integer[])`,
      recent: alias => (since === null ? '' : `and ${alias}.event > ${since.event}`),
    },
  };
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
