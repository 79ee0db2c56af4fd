/**
 * Daily reports of schools 招生日报: what was typed, beside what the system's own events say of the
 * same day.
 */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

/** The figures of a day. */
export interface DailyFigures {
  /** Students of the school at the day's end: admitted, registered or filed. */
  readonly admitted: number;
  /** Of these, registered or filed. */
  readonly registered: number;
  /** Who became a student of the school on that day. */
  readonly admittedThatDay: number;
}

/**
 * Counted from the events up to the day's end, so that a day can be reported later than it was.
 * Run by the runner: the last event of a student may be another school's.
 */
export async function systemFigures(
  session: Reader,
  season: number,
  school: string,
  day: string,
): Promise<DailyFigures> {
  const [row] = await session.query<DailyFigures>(
    `with mine as (
       select distinct city, file from events
        where season = $1::smallint and school = $2 and business_date <= $3::date
          and to_state in ('admitted', 'registered', 'filed')),
     last as (
       select distinct on (e.city, e.file) e.to_state, e.school
         from mine m join events e using (city, file)
        where e.season = $1::smallint and e.business_date <= $3::date and e.to_state is not null
        order by e.city, e.file, e.event desc)
     select
       (select count(*) from last
         where school = $2 and to_state in ('admitted', 'registered', 'filed'))::integer
         as admitted,
       (select count(*) from last
         where school = $2 and to_state in ('registered', 'filed'))::integer as registered,
       (select count(*) from events
         where season = $1::smallint and school = $2 and business_date = $3::date
           and to_state = 'admitted'
           and (name in ('transfer', 'city-snapshot')
             or coalesce(from_state, '') not in ('admitted', 'registered')))::integer
         as "admittedThatDay"`,
    [season, school, day],
  );
  return row as DailyFigures;
}

export interface DailyReport extends DailyFigures {
  readonly remark: string;
  readonly system: DailyFigures;
}

export async function readDailyReport(
  session: Reader,
  season: number,
  school: string,
  day: string,
): Promise<DailyReport | null> {
  const [row] = await session.query<Record<string, number> & { remark: string }>(
    `select admitted, registered, admitted_that_day as that_day, remark, system_admitted,
            system_registered, system_admitted_that_day as system_that_day
       from daily_reports where season = $1::smallint and school = $2 and day = $3::date`,
    [season, school, day],
  );
  if (row === undefined) return null;
  const number = (name: string) => row[name] as number;
  return {
    admitted: number('admitted'),
    registered: number('registered'),
    admittedThatDay: number('that_day'),
    remark: row.remark,
    system: {
      admitted: number('system_admitted'),
      registered: number('system_registered'),
      admittedThatDay: number('system_that_day'),
    },
  };
}

/** Files the report of a school and day, or replaces what was filed. */
export async function writeDailyReport(
  session: Reader,
  season: number,
  place: { readonly school: string; readonly day: string; readonly city: string },
  report: DailyReport,
  filed: { readonly by: string; readonly at: Date },
): Promise<void> {
  const { system } = report;
  await session.query(
    `insert into daily_reports (season, school, day, city, admitted, registered,
       admitted_that_day, system_admitted, system_registered, system_admitted_that_day, remark,
       filed_by, filed_at)
     values ($1::smallint, $2, $3::date, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (season, school, day) do update set
       admitted = excluded.admitted, registered = excluded.registered,
       admitted_that_day = excluded.admitted_that_day,
       system_admitted = excluded.system_admitted,
       system_registered = excluded.system_registered,
       system_admitted_that_day = excluded.system_admitted_that_day,
       remark = excluded.remark, filed_by = excluded.filed_by, filed_at = excluded.filed_at`,
    [
      season,
      place.school,
      place.day,
      place.city,
      report.admitted,
      report.registered,
      report.admittedThatDay,
      system.admitted,
      system.registered,
      system.admittedThatDay,
      report.remark,
      filed.by,
      filed.at,
    ],
  );
}

/** Has the city signed the day? */
export async function dayClosed(
  session: Reader,
  season: number,
  city: string,
  day: string,
): Promise<boolean> {
  const rows = await session.query(
    `select 1 from daily_report_closings
      where season = $1::smallint and city = $2 and day = $3::date`,
    [season, city, day],
  );
  return rows.length > 0;
}

export async function closeDay(
  session: Reader,
  season: number,
  city: string,
  day: string,
  closed: { readonly by: string; readonly at: Date },
): Promise<void> {
  await session.query(
    `insert into daily_report_closings (season, city, day, closed_by, closed_at)
     values ($1::smallint, $2, $3::date, $4, $5) on conflict do nothing`,
    [season, city, day, closed.by, closed.at],
  );
}

export async function reopenDay(
  session: Reader,
  season: number,
  city: string,
  day: string,
): Promise<void> {
  await session.query(
    `delete from daily_report_closings
      where season = $1::smallint and city = $2 and day = $3::date`,
    [season, city, day],
  );
}
