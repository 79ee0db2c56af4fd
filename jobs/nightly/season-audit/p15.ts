/**
 * P15: an issued roster is what was registered when it was issued. Who was, is the fold of the
 * events up to that moment, whatever has happened to the files since.
 */
import { ask } from '../audit/property.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP15: SeasonProperty = {
  id: 'P15',
  title: '名册等于发布时已注册的名单',
  province: audit =>
    ask(audit, [
      {
        fault: 'roster',
        sentence: '名册与发布时已注册的考生不符。',
        sql: `
          with told as (
            select roster, school, phase, issued_at from rosters
            where season = ${audit.sql.season}),
          stood as (
            select distinct on (t.roster, e.city, e.file) t.roster, t.school, t.phase,
              e.city, e.file, e.to_state
            from told t
            join (select distinct school, city, file from events
              where season = ${audit.sql.season} and to_state = 'registered') m using (school)
            join events e on e.season = ${audit.sql.season} and e.city = m.city and e.file = m.file
              and e.at <= t.issued_at
            order by t.roster, e.city, e.file, e.event desc),
          admitted as (
            select distinct on (s.roster, s.city, s.file) s.roster, s.city, s.file,
              a.school, a.phase
            from stood s join told t using (roster)
            join events a on a.season = ${audit.sql.season} and a.city = s.city
              and a.file = s.file and a.at <= t.issued_at and a.to_state = 'admitted'
              and a.name <> 'undo-registration'
              and (a.from_state is distinct from 'admitted'
                or a.name in ('transfer', 'city-snapshot'))
            order by s.roster, s.city, s.file, a.event desc),
          registered as (
            select s.roster, s.city, s.file from stood s join admitted a using (roster, city, file)
            where s.to_state = 'registered' and a.school = s.school and a.phase = s.phase)
          select coalesce(l.roster, r.roster) as roster, coalesce(l.city, r.city) as city,
            coalesce(l.file, r.file) as file, l.file is not null as listed
          from (select * from roster_rows where season = ${audit.sql.season}) l
          full join registered r on r.roster = l.roster and r.city = l.city and r.file = l.file
          where l.file is null or r.file is null`,
      },
      {
        fault: 'rows',
        sentence: '名册所记人数与所列考生不符，或发布与审核是同一人。',
        sql: `
          select t.roster, t.school, t.row_count, count(l.file)::integer as listed
          from rosters t left join roster_rows l on l.season = t.season and l.roster = t.roster
          where t.season = ${audit.sql.season}
          group by t.roster, t.school, t.row_count, t.issued_by, t.reviewed_by
          having t.row_count <> count(l.file) or t.issued_by = t.reviewed_by`,
      },
    ]),
};
