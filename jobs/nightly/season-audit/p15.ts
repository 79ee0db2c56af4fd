/**
 * P15: an issued roster is what was registered when it was issued. Who was, is the fold of the
 * events up to that moment, whatever has happened to the files since. The roster of a senior high
 * is what was imported and not released by then.
 */
import { SENIOR_HIGH } from '../../../db/season/rosters.ts';
import { ask, type Question } from '../audit/property.ts';
import type { SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP15: SeasonProperty = {
  id: 'P15',
  title: '名册等于发布时已注册的名单',
  province: async audit => {
    if (!(await anyIssued(audit))) return [];
    // Every registered file of the province is joined with all of its events. PostgreSQL knows of a
    // growing table what it was at its last analysis; taking it to be almost empty, it would go
    // through the events once for each file, and not come to an end.
    await audit.session.query('set local enable_nestloop = off');
    const faults = await ask(audit, questions(audit));
    await audit.session.query('set local enable_nestloop = on');
    return faults;
  },
};

/** Events that admit a file anew. */
const ADMISSION = `e.to_state = 'admitted' and e.name <> 'undo-registration'
  and (e.from_state is distinct from 'admitted' or e.name in ('transfer', 'city-snapshot'))`;

/** Issued since the last recount, where it goes on from there: the others were right then. */
function issuedOf({ moved }: SeasonCase): string {
  return moved === null ? '' : `and issued_at >= ${moved.from}`;
}

async function anyIssued(audit: SeasonCase): Promise<boolean> {
  if (audit.moved === null) return true;
  const given = `with given_ as (select ${audit.given.typed})`;
  const rows = await audit.session.query(
    `${given} select 1 from rosters where season = ${audit.sql.season} ${issuedOf(audit)} limit 1`,
    audit.given.values,
  );
  return rows.length > 0;
}

function questions(audit: SeasonCase): Question[] {
  const { season } = audit.sql;
  const issued = issuedOf(audit);
  return [
    {
      fault: 'roster',
      sentence: '名册与发布时已注册的考生不符。',
      sql: `
        with told as (
          select roster, school, phase, issued_at from rosters
          where season = ${season} and phase <> '${SENIOR_HIGH}' ${issued}),
        members as (
          select distinct school, city, file from events
          where season = ${season} and to_state = 'registered'
            and school in (select school from told)),
        stood as (
          select t.roster, t.school, t.phase, e.city, e.file,
            (array_agg(e.to_state order by e.event desc))[1] as to_state,
            (array_agg(e.school order by e.event desc)
              filter (where ${ADMISSION}))[1] as by_school,
            (array_agg(e.phase order by e.event desc)
              filter (where ${ADMISSION}))[1] as in_phase
          from told t
          join members m using (school)
          join events e on e.season = ${season} and e.city = m.city and e.file = m.file
            and e.at <= t.issued_at
          group by t.roster, t.school, t.phase, e.city, e.file),
        registered as (
          select roster, city, file from stood
          where to_state = 'registered' and by_school = school and in_phase = phase)
        select coalesce(l.roster, r.roster) as roster, coalesce(l.city, r.city) as city,
          coalesce(l.file, r.file) as file, l.file is not null as listed
        from (select * from roster_rows where season = ${season}
          and roster in (select roster from told)) l
        full join registered r on r.roster = l.roster and r.city = l.city and r.file = l.file
        where l.file is null or r.file is null`,
    },
    seniorHigh(season, issued),
    {
      fault: 'rows',
      sentence: '名册所记人数与所列考生不符，或发布与审核是同一人。',
      sql: `
        select t.roster, t.school, t.row_count, count(l.file)::integer as listed
        from rosters t left join roster_rows l on l.season = t.season and l.roster = t.roster
        where t.season = ${season} ${issued}
        group by t.roster, t.school, t.row_count, t.issued_by, t.reviewed_by
        having t.row_count <> count(l.file) or t.issued_by = t.reviewed_by`,
    },
  ];
}

/**
 * Who is taken in anew by a later list may stand at another school by then: of such a file the row
 * of its admission no longer says where it was.
 */
function seniorHigh(season: string, issued: string): Question {
  return {
    fault: 'senior-high',
    sentence: '普通高中名册与发布时导入的录取数据不符。',
    sql: `
      with told as (
        select roster, school, issued_at from rosters
        where season = ${season} and phase = '${SENIOR_HIGH}' ${issued}),
      listed as (
        select l.roster, l.city, l.file from roster_rows l
        where l.season = ${season} and l.roster in (select roster from told)),
      members as (
        select t.roster, h.city, h.file from told t
        join senior_high_admissions h on h.season = ${season} and h.school = t.school
        union select roster, city, file from listed),
      stood as (
        select m.roster, m.city, m.file,
          (array_agg(e.to_state order by e.event desc) filter (where e.at <= t.issued_at))[1]
            as to_state,
          bool_or(e.at > t.issued_at and e.to_state = 'senior-high') as taken_anew
        from members m
        join told t using (roster)
        join events e on e.season = ${season} and e.city = m.city and e.file = m.file
          and e.name in ('senior-high-import', 'senior-high-release')
        group by m.roster, m.city, m.file)
      select coalesce(l.roster, s.roster) as roster, coalesce(l.city, s.city) as city,
        coalesce(l.file, s.file) as file, l.file is not null as listed
      from listed l
      full join stood s on s.roster = l.roster and s.city = l.city and s.file = l.file
      where case when l.file is null then s.to_state = 'senior-high' and not s.taken_anew
        else s.to_state is distinct from 'senior-high' end`,
  };
}
