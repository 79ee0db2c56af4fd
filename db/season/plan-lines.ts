/**
 * Changes of plan lines 计划 and flexible quotas 机动计划. A line is locked before it is read for a
 * change; several are locked in the order (city, school, major, batch), so that two moves of the
 * same lines wait for each other instead of for ever.
 */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export interface LineKey {
  readonly city: string;
  readonly school: string;
  readonly major: string;
  readonly batch: string;
}

/** A line with its planned places; null: there is no such line, which differs from one of 0. */
export interface LockedLine extends LineKey {
  readonly planned: number | null;
}

/** Locks lines to the end of the transaction. @returns in the order of the argument */
export async function lockPlanLines(
  session: Reader,
  season: number,
  lines: readonly LineKey[],
): Promise<LockedLine[]> {
  const rows = await session.query<LineKey & { planned: number }>(
    `select p.city, p.school, p.major, p.batch, p.planned from plan_lines p
      where p.season = $1::smallint and (p.city, p.school, p.major, p.batch) in (
        select * from unnest($2::text[], $3::text[], $4::text[], $5::text[]))
      order by p.city collate "C", p.school collate "C", p.major collate "C", p.batch collate "C"
      for update of p`,
    [
      season,
      lines.map(line => line.city),
      lines.map(line => line.school),
      lines.map(line => line.major),
      lines.map(line => line.batch),
    ],
  );
  const found = new Map(rows.map(row => [keyOf(row), row.planned]));
  return lines.map(line => ({ ...line, planned: found.get(keyOf(line)) ?? null }));
}

function keyOf({ city, school, major, batch }: LineKey): string {
  return [city, school, major, batch].join('|');
}

/** Sets what a locked line has planned; one that there was not before comes into being. */
export async function writePlanned(
  session: Reader,
  season: number,
  { city, school, major, batch }: LineKey,
  planned: number,
): Promise<void> {
  await session.query(
    `insert into plan_lines (season, city, school, major, batch, planned)
     values ($1::smallint, $2, $3, $4, $5, $6)
     on conflict (season, city, school, major, batch) do update set planned = excluded.planned`,
    [season, city, school, major, batch, planned],
  );
}

/** Sets a flexible quota. */
export async function writeFlexible(
  session: Reader,
  season: number,
  { city, school, batch }: Omit<LineKey, 'major'>,
  places: number,
): Promise<void> {
  await session.query(
    `insert into flexible_quotas (season, city, school, batch, places)
     values ($1::smallint, $2, $3, $4, $5)
     on conflict (season, city, school, batch) do update set places = excluded.places`,
    [season, city, school, batch, places],
  );
}
