/** 录取工作安排: when schools work, per city and batch. Instants. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

interface Key {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
}

export interface Schedule {
  readonly opens: Date;
  readonly closes: Date;
}

/** By school. */
export async function readSchedules(session: Reader, key: Key): Promise<Map<string, Schedule>> {
  const rows = await session.query<Schedule & { school: string }>(
    `select school, opens_at as opens, closes_at as closes from school_schedules
     where season = $1::smallint and city = $2 and batch = $3`,
    [key.season, key.city, key.batch],
  );
  return new Map(rows.map(({ school, opens, closes }) => [school, { opens, closes }]));
}

/** One schedule for several schools. */
export async function writeSchedules(
  session: Reader,
  key: Key,
  schools: readonly string[],
  { opens, closes }: Schedule,
  by: { readonly user: string; readonly at: Date },
): Promise<void> {
  await session.query(
    `insert into school_schedules
       (season, city, school, batch, opens_at, closes_at, set_by, set_at)
     select $1::smallint, $2, school, $4, $5, $6, $7, $8 from unnest($3::text[]) as w (school)
     on conflict (season, city, school, batch) do update set opens_at = excluded.opens_at,
       closes_at = excluded.closes_at, set_by = excluded.set_by, set_at = excluded.set_at`,
    [key.season, key.city, schools, key.batch, opens, closes, by.user, by.at],
  );
}

/** The schools of some kinds that have a plan in a city and batch, by code. */
export async function planSchools(
  session: Reader,
  key: Key,
  kinds: readonly string[],
): Promise<string[]> {
  const rows = await session.query<{ code: string }>(
    `select s.code from schools s
     where s.season = $1::smallint and s.kind = any($4::text[]) and exists (
       select from plan_lines p where p.season = s.season and p.school = s.code
         and p.city = $2 and p.batch = $3)
     order by s.code collate "C"`,
    [key.season, key.city, key.batch, kinds],
  );
  return rows.map(row => row.code);
}
