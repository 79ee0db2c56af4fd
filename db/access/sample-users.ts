/**
 * The users of a sample database (spec/formats.md): `province`, `province-2`, `city-CODE`,
 * `city-CODE-2` (second officer), `county-CODE`, `school-CODE` (team leader), `school-CODE-clerk`.
 *
 * All have the password `zhongzhao2016`, hashed once with the parameters of production: hashing it
 * for two thousand users would take minutes. That is no secret, so they exist only while the
 * database is a sample: with the first real package they are disabled, in the same transaction.
 *
 * They have no office, and so answer for all kinds of schools: the sample's cities dispatch one
 * batch of vocational and technical schools together.
 */
import type { Session } from '../connect.ts';
import { isSampleDatabase } from '../policies.ts';

/** The password of every sample user. */
export const SAMPLE_PASSWORD = 'zhongzhao2016';

/** hashPassword(SAMPLE_PASSWORD) with the salt `zhongzhao-sample`. */
const SAMPLE_HASH =
  'scrypt$15$8$1$emhvbmd6aGFvLXNhbXBsZQ$jbreZZVN87r6BcHeUiRW9jxyXz_LegDXnIWExDHpgNM';

const OFFICE_DUTIES = ['head', 'data', 'dispatch', 'review', 'printing'];
/** Whether a county may do more than keep data is the city's to say. */
const COUNTY_DUTIES = ['data'];

const INSERT = `
with made (user_name, side, level, region, school, title, duties) as (
  select 'province' || suffix, 'office', level, code, null, title, $3::text[]
    from regions, (values ('', '省招办'), ('-2', '省招办第二经办')) s (suffix, title)
   where season = $1 and level = 'province'
  union all
  select 'city-' || code || suffix, 'office', level, code, null, title, $3::text[]
    from regions, (values ('', '市招办'), ('-2', '市招办第二经办')) s (suffix, title)
   where season = $1 and level = 'city'
  union all
  select 'county-' || code, 'office', level, code, null, '县区招办', $4::text[]
    from regions where season = $1 and level = 'county'
  union all
  -- Of a school whose region is not said, no city is in charge: it is the province's.
  select 'school-' || code || suffix, 'school', 'school',
    coalesce(region, (select min(code) from regions where season = $1 and level = 'province'), ''),
    code, title, array[duty]
    from schools, (values ('', '组长', 'team-leader'), ('-clerk', '经办人', 'clerk'))
      s (suffix, title, duty)
   where season = $1)
insert into users (user_name, side, level, region, school, title, duties, password,
  password_history, must_change_password, sample, created_by, created_at)
select user_name, side, level, region, school, title, duties, $5, array[$5], false, true,
       'sample', $2
  from made
 -- A code that is no part of a sign-in name has no sample user.
 where user_name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$'
on conflict (user_name) do nothing`;

/**
 * Makes the sample users of the season's regions and schools that are missing, while the database
 * is a sample; once it is none, disables them all.
 *
 * @param session in the transaction that made it the one or the other
 */
export async function ensureSampleUsers(session: Session, season: number, at: Date): Promise<void> {
  if (await isSampleDatabase(session)) {
    const values = [season, at, OFFICE_DUTIES, COUNTY_DUTIES, SAMPLE_HASH];
    await session.query(INSERT, values);
    return;
  }
  await session.query('update users set disabled_at = $1 where sample and disabled_at is null', [
    at,
  ]);
  await session.query(
    `update sessions s set ended_at = $1 from users u
      where u.user_name = s.user_name and u.sample and s.ended_at is null`,
    [at],
  );
}
