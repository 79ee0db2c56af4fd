/**
 * The vacancies 计划空额 that open phase 2 and the spring to a school (calendar rule 17): fixed for
 * all schools at the phase's start, and again after the sweep that ends the registration of the
 * phase before. A school that had any at either time stays admitted to the phase: phase 2 itself is
 * not limited by the plan (rule 6), and what it takes must not close it.
 */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

/**
 * Fixes the vacancies of all schools with a plan as of now; the same phase and date again changes
 * nothing. Plan lines count, the flexible quota does not: it is no plan that could be unfilled.
 * Admissions of the phase itself are left out of what is used.
 *
 * @param session of the runner
 * @param date the business date on which they are fixed
 * @returns how many schools have been fixed by this call
 */
export async function fixVacancies(
  session: Reader,
  season: number,
  phase: string,
  date: string,
): Promise<number> {
  const [row] = await session.query<{ fixed: number }>(
    `with planned as (
       select school, city, batch, sum(planned)::integer as planned from plan_lines
       where season = $1::smallint group by school, city, batch),
     used as (
       select school, city, batch, count(*)::integer as used from files
       where season = $1::smallint and state in ('admitted', 'registered', 'filed')
         and phase is distinct from $2
       group by school, city, batch),
     fixed as (
       insert into phase_vacancies (season, phase, school, fixed_on, planned, used, vacancies)
       select $1::smallint, $2, p.school, $3::date, sum(p.planned), sum(coalesce(u.used, 0)),
         sum(greatest(0, p.planned - coalesce(u.used, 0)))
       from planned p left join used u using (school, city, batch)
       group by p.school
       on conflict do nothing returning 1)
     select count(*)::integer as fixed from fixed`,
    [season, phase, date],
  );
  return row?.fixed ?? 0;
}

/**
 * Whether the phase is open to the school; null: nothing has been fixed for the phase yet.
 *
 * @param session of the runner
 */
export async function hasVacancy(
  session: Reader,
  season: number,
  place: { readonly phase: string; readonly school: string },
): Promise<boolean | null> {
  const { phase, school } = place;
  const [row] = await session.query<{ any: boolean; open: boolean }>(
    `select count(*) > 0 as any, coalesce(bool_or(school = $3 and vacancies > 0), false) as open
     from phase_vacancies where season = $1::smallint and phase = $2`,
    [season, phase, school],
  );
  return row?.any === true ? row.open : null;
}
