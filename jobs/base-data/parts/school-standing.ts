/** What hangs on a school, and its suspension while it is disabled. */
import type { Session } from '../../../db/connect.ts';
import { baseDataError } from '../errors.ts';

type Reader = Pick<Session, 'query'>;

interface Standing {
  readonly plans: number;
  readonly files: number;
  readonly choices: boolean;
  readonly users: boolean;
  readonly applications: boolean;
}

const STANDING = `
select
  (select count(*) from plan_lines where season = $1::smallint and school = $2)
    + (select count(*) from flexible_quotas where season = $1::smallint and school = $2) as plans,
  (select count(*) from files where season = $1::smallint and school = $2)
    + (select count(*) from dispatch_lists where season = $1::smallint and school = $2)
    + (select count(*) from senior_high_admissions where season = $1::smallint and school = $2)
    as files,
  exists (select from choices where season = $1::smallint and school = $2) as choices,
  exists (select from users where school = $2) as users,
  exists (select from applications where season = $1::smallint
    and (school = $2 or other_school = $2)) as applications`;

/**
 * Deletes a school on which nothing hangs, with its majors, statuses and data.
 *
 * @param session of the runner: what hangs on it may lie in any city
 * @throws school-has-plans, school-has-files, school-in-use
 */
export async function deleteSchool(session: Reader, season: number, school: string): Promise<void> {
  const [standing] = await session.query<Standing>(STANDING, [season, school]);
  const { plans = 0, files = 0 } = standing ?? {};
  if (plans > 0) throw baseDataError('school-has-plans', { school, count: plans });
  if (files > 0) throw baseDataError('school-has-files', { school, count: files });
  const users = ['choices', 'users', 'applications'] as const;
  const titles = { choices: '考生志愿', users: '用户', applications: '申请' };
  const used = users.filter(name => standing?.[name]).map(name => titles[name]);
  if (used.length > 0) throw baseDataError('school-in-use', { school, what: used.join('、') });
  for (const table of ['majors', 'school_statuses', 'school_schedules', 'school_details']) {
    await session.query(`delete from ${table} where season = $1::smallint and school = $2`, [
      season,
      school,
    ]);
  }
  await session.query('delete from schools where season = $1::smallint and code = $2', [
    season,
    school,
  ]);
}

/**
 * Suspends a school in every batch and city, and remembers how it stood.
 *
 * @param session of the runner: a city does not write the statuses of others
 */
export async function disableSchool(
  session: Reader,
  season: number,
  school: string,
  by: { readonly user: string; readonly at: Date; readonly batches: readonly string[] },
): Promise<void> {
  await session.query(
    `update schools set disabled_at = $3, disabled_by = $4, statuses_before = coalesce((
       select jsonb_agg(jsonb_build_object('batch', batch, 'region', region, 'status', status)
         order by batch, region) from school_statuses t
       where t.season = schools.season and t.school = schools.code), '[]')
     where season = $1::smallint and code = $2`,
    [season, school, by.at, by.user],
  );
  await session.query(
    `insert into school_statuses (season, school, batch, region, status)
     select $1::smallint, $2, batch, region, 'suspended' from (
       select batch, '' as region from unnest($3::text[]) batch
       union select batch, region from school_statuses
         where season = $1::smallint and school = $2) s
     on conflict (season, school, batch, region) do update set status = 'suspended'`,
    [season, school, by.batches],
  );
}

/** Puts a school back to how it stood before it was disabled. */
export async function enableSchool(session: Reader, season: number, school: string): Promise<void> {
  await session.query('delete from school_statuses where season = $1::smallint and school = $2', [
    season,
    school,
  ]);
  await session.query(
    `insert into school_statuses (season, school, batch, region, status)
     select s.season, s.code, b.batch, b.region, b.status
     from schools s cross join lateral jsonb_to_recordset(s.statuses_before)
       b (batch text, region text, status text)
     where s.season = $1::smallint and s.code = $2`,
    [season, school],
  );
  await session.query(
    `update schools set disabled_at = null, disabled_by = null, statuses_before = null
     where season = $1::smallint and code = $2`,
    [season, school],
  );
}
