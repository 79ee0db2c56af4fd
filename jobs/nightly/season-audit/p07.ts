/**
 * P7 over a season: plan lines stand where their last change left them, each change begins where
 * the one before has ended, what one city gives another receives, and every candidate is in exactly
 * one state.
 */
import { ask, type Question } from '../audit/property.ts';
import { eventsOf, type SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP07: SeasonProperty = {
  id: 'P7',
  title: '各项数字相符',
  questions: audit => {
    const { sql } = audit;
    const changes = `
      select event, school, major, batch, (said.change ->> 'before')::integer as before,
        (said.change ->> 'after')::integer as after
      from events cross join lateral (select case when name <> 'review-region-move' then note
        when note ->> 'from' = city then note -> 'giving'
        else note -> 'receiving' end) said (change)
      where ${sql.here} and major is not null and name in ('manage-plans', 'apply-plan-change',
          'review-plan-change', 'review-region-move')
        and jsonb_typeof(said.change -> 'before') = 'number'
        and jsonb_typeof(said.change -> 'after') = 'number'`;
    return [
      {
        fault: 'plan-line',
        sentence: '招生计划数不是其最后一次调整的结果。',
        sql: `select c.school, c.major, c.batch, c.after, l.planned from (
            select distinct on (school, major, batch) * from (${changes}) e
            order by school, major, batch, event desc) c
          left join plan_lines l on ${sql.of('l')} and l.school = c.school and l.major = c.major
            and l.batch = c.batch
          where coalesce(l.planned, 0) <> c.after`,
      },
      {
        fault: 'plan-chain',
        sentence: '招生计划数的调整前后不衔接。',
        sql: `select * from (
            select school, major, batch, event, before,
              lag(after) over (partition by school, major, batch order by event) as stood
            from (${changes}) e) c where stood <> before`,
      },
      {
        fault: 'file-without-candidate',
        sentence: '有档案而没有考生资料。',
        sql: `select f.file, f.state, f.school from files f
          left join candidates c on ${sql.of('c')} and c.file = f.file
          where ${sql.of('f')} and c.file is null ${sql.touched('f')}`,
      },
      {
        fault: 'number-elsewhere',
        sentence: '考生号登记与考生资料不符。',
        sql: audit.since === null ? numbersElsewhere(audit) : touchedElsewhere(audit),
      },
      {
        fault: 'unnumbered',
        sentence: '未派号的考生已在库，或已派号的考生仍为未派号。',
        sql: `select c.file, c.candidate_no, f.state, f.school from candidates c
          left join files f on ${sql.of('f')} and f.file = c.file
          where ${sql.of('c')} ${sql.touched('c')}
            and (c.candidate_no is null) <> (coalesce(f.state, 'in-pool') = 'unnumbered')`,
      },
    ];
  },
  province: audit => {
    return ask(audit, [
      {
        fault: 'region-moves',
        sentence: '区域间计划调整的调出与调入之和不为零。',
        sql: `
          select school, major, batch, run, sum(moved)::integer as sum from (
            select e.school, e.major, e.batch, e.run, case e.city when e.note ->> 'from'
                then (e.note #>> '{giving,after}')::integer
                  - (e.note #>> '{giving,before}')::integer
                else (e.note #>> '{receiving,after}')::integer
                  - (e.note #>> '{receiving,before}')::integer end as moved
            from ${eventsOf(audit)} e where e.name = 'review-region-move'
              and e.note ? 'giving') m
          group by school, major, batch, run having sum(moved) <> 0`,
      },
      dailyCounts(audit),
    ]);
  },
};

function numbersElsewhere({ sql }: SeasonCase): string {
  return `
    select coalesce(c.file, n.file) as file, c.candidate_no, n.candidate_no as registered
    from (select * from candidates where ${sql.here} and candidate_no is not null) c
    full join (select * from candidate_numbers where ${sql.here}) n on n.file = c.file
    where c.candidate_no is distinct from n.candidate_no`;
}

/**
 * By the number: the register is not ordered by files. That it holds a second number for a file, or
 * one for a file without, the weekly recount of everything tells.
 */
function touchedElsewhere({ sql }: SeasonCase): string {
  return `
    select c.file, c.candidate_no, n.candidate_no as registered from candidates c
    left join candidate_numbers n on n.season = c.season and n.candidate_no = c.candidate_no
      and n.city = c.city and n.file = c.file
    where ${sql.of('c')} and c.candidate_no is not null ${sql.touched('c')}
      and n.candidate_no is null`;
}

/**
 * What the system counted for a school's last daily report is what the events of that moment say:
 * the same fold that rosters (P15) and statistics stand on. A report counts to its day's end, as
 * far as it was known when the report was filed.
 */
function dailyCounts({ sql: { season }, moved }: SeasonCase): Question {
  const filed = moved === null ? '' : `where filed_at >= ${moved.from}`;
  const among = `('admitted', 'registered', 'filed')`;
  return {
    fault: 'daily-report',
    sentence: '日报中系统统计的人数不是当时轨迹所示的人数。',
    sql: `
      with told as (
        select * from (
          select distinct on (school) school, day, filed_at, system_admitted, system_registered
          from daily_reports where season = ${season} order by school, day desc) latest ${filed}),
      members as (
        select distinct t.school, e.city, e.file from told t
        join events e on e.season = ${season} and e.school = t.school and e.to_state in ${among}),
      stood as (
        select distinct on (m.school, m.city, m.file) m.school, e.to_state, e.school as by_school
        from members m join told t on t.school = m.school
        join events e on e.season = ${season} and e.city = m.city and e.file = m.file
          and e.to_state is not null and e.business_date <= t.day and e.at <= t.filed_at
        order by m.school, m.city, m.file, e.event desc),
      counted as (
        select school, count(*) filter (where to_state in ${among})::integer as admitted,
          count(*) filter (where to_state in ('registered', 'filed'))::integer as registered
        from stood where by_school = school group by school)
      select t.school, t.day, t.system_admitted as told, coalesce(c.admitted, 0) as counted,
        t.system_registered as told_registered, coalesce(c.registered, 0) as counted_registered
      from told t left join counted c on c.school = t.school
      where t.system_admitted <> coalesce(c.admitted, 0)
        or t.system_registered <> coalesce(c.registered, 0)`,
  };
}
