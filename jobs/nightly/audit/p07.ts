/**
 * P7: sums agree. Lines add up to the plan that the run has shown; candidates in are candidates
 * out; decisions, lists, events and files tell one story. Region moves have no tables yet.
 */
import type { AuditCase } from './case.ts';
import { keptCountQuestions } from './kept-counts.ts';
import { ask, type Property, type Question } from './property.ts';

export const p07: Property = {
  id: 'P7',
  title: '各项数字相符',
  find: audit =>
    ask(audit, [
      ...participantQuestions(audit),
      ...schoolQuestions(audit),
      ...placedQuestions(audit),
      ...cityQuestions(audit),
      ...keptCountQuestions(audit),
    ]),
};

/** Files in the pool with a choice of the round and no open application, and only they. */
function participantQuestions({ sql, audited }: AuditCase): Question[] {
  const only = audited.school === null ? '' : `and c.school = ${sql.literal(audited.school)}`;
  const asked = `${sql.of('c')} and c.batch = ${sql.batch} and c.round = ${sql.round} ${only}`;
  return [
    {
      fault: 'participant-missing',
      sentence: '在库且填报了本批次志愿的考生没有参加投档。',
      sql: `select c.file from choices c
        join candidates k on ${sql.of('k')} and k.file = c.file and k.candidate_no is not null
        where ${asked}
          and not exists (select from audit_ranked r where r.file = c.file)
          and not exists (select from audit_before b where b.file = c.file
            and (b.state <> 'in-pool' or b.open_applications > 0))
        group by c.file`,
    },
    {
      fault: 'participant-unexpected',
      sentence: '不应参加投档的考生参加了投档。',
      sql: `select r.file, r.candidate_no, r.school from audit_ranked r
        where not exists (select from choices c where ${asked} and c.file = r.file)
          or r.school is null and exists (select from audit_before b where b.file = r.file
            and (b.state <> 'in-pool' or b.open_applications > 0))`,
    },
    {
      fault: 'number',
      sentence: '投档结果的考生号与考生资料不符。',
      sql: `select r.file, r.school from audit_ranked r
        left join candidates k on ${sql.of('k')} and k.file = r.file
        where r.candidate_no is distinct from k.candidate_no`,
    },
    {
      fault: 'reasons',
      sentence: '原因的个数与志愿的个数不符。',
      // The totals are cheap; the files are looked for only where these differ.
      sql: `
        with told as (select file, school,
            length(reasons) - length(replace(reasons, ';', '')) as reasons from audit_ranked),
          differ as (select (select count(*) from choices c join audit_ranked r on r.file = c.file
              where ${asked.replace(only, '')}) <> (select sum(reasons) from told) as found)
        select t.file, t.school, t.reasons, count(c.file)::integer as choices from told t
        left join choices c on ${asked.replace(only, '')} and c.file = t.file
        where (select found from differ)
        group by t.file, t.school, t.reasons having t.reasons <> count(c.file)`,
    },
  ];
}

function schoolQuestions({ sql, batch }: AuditCase): Question[] {
  // By lot the last one sent need not be the lowest, nor have a score at all.
  const lowest =
    batch.dispatch.mode === 'lottery' ? '' : 'or o.lowest_score is distinct from t.lowest_score';
  return [
    {
      fault: 'plan',
      sentence: '所示计划、机动计划或可投人数与计划表不符。',
      sql: `
        select coalesce(o.school, s.school) as school, o.planned, s.planned as planned_recounted,
          o.flexible, s.flexible as flexible_recounted, o.room_before, s.room as room_recounted
        from (select * from school_outcomes where ${sql.here} and run = ${sql.run}) o
        full join (select * from audit_schools where has_line) s on s.school = o.school
        where o.planned is distinct from s.planned or o.flexible is distinct from s.flexible
          or o.room_before is distinct from s.room`,
    },
    {
      fault: 'outcome',
      sentence: '院校的投出人数、最低分、最后志愿序号、余额或超出数与投档结果不符。',
      sql: `
        select o.school, o.sent, t.sent as sent_recounted, o.lowest_score, t.lowest_score
          as lowest_recounted, o.last_ordinal, t.last_ordinal as ordinal_recounted
        from school_outcomes o
        left join (select school, count(*)::integer as sent, min(score) as lowest_score,
            max(ordinal) as last_ordinal from audit_ranked where school is not null
          group by school) t using (school)
        where ${sql.of('o')} and o.run = ${sql.run} and (o.sent <> coalesce(t.sent, 0)
          or o.last_ordinal <> coalesce(t.last_ordinal, 0) or o.room_after <> o.room_before - o.sent
          or o.overrun <> greatest(0, o.sent - greatest(0, o.room_before)) ${lowest})`,
    },
    {
      fault: 'list',
      sentence: '投档单的数字与院校的投档结果不符，或投出而没有投档单。',
      sql: `
        select coalesce(o.school, l.school) as school, l.list, l.sent, o.sent as sent_recounted
        from (select * from school_outcomes where ${sql.here} and run = ${sql.run} and sent > 0) o
        full join (select * from dispatch_lists where ${sql.here} and run = ${sql.run}) l
          on l.school = o.school
        where (l.planned, l.flexible, l.room_before, l.room_after, l.sent, l.last_ordinal,
          l.overrun,
            l.lowest_score, l.batch)
          is distinct from (o.planned, o.flexible, o.room_before, o.room_after, o.sent,
            o.last_ordinal, o.overrun, o.lowest_score, ${sql.batch})`,
    },
  ];
}

/** Each placed candidate: one list item, one event, one file, all saying the same. */
function placedQuestions({ sql }: AuditCase): Question[] {
  const decided = `select file, school, ordinal, score, major, candidate_no from decisions
    where ${sql.here} and run = ${sql.run} and school is not null`;
  const items = `select l.school, l.list, i.seq, i.file, i.ordinal, i.score, i.major
    from dispatch_lists l join list_items i on ${sql.of('i')} and i.list = l.list
    where ${sql.of('l')} and l.run = ${sql.run}`;
  const moved = `select file, event, school, major, batch, list, from_state, to_state from events
    where ${sql.here} and run = ${sql.run} and name = 'dispatch' and file is not null`;
  return [
    {
      fault: 'item',
      sentence: '投档单与投档结果不一致。',
      sql: `
        select coalesce(d.file, i.file) as file, coalesce(i.school, d.school) as school, i.list
        from (${decided}) d full join (${items}) i on i.file = d.file and i.school = d.school
        where (d.ordinal, d.score, d.major) is distinct from (i.ordinal, i.score, i.major)
          or d.file is null or i.file is null`,
    },
    {
      fault: 'list-order',
      sentence: '投档单没有按位次排列（同分按考生号）。',
      sql: `
        select school, list, seq, file from (
          select i.school, i.list, i.seq, i.file, row_number() over (partition by i.list
            order by r.rank, r.candidate_no collate "C") as place
          from (${items}) i join audit_ranked r using (file)) o
        where seq <> place`,
    },
    {
      fault: 'event',
      sentence: '投档事件与投档结果不一致。',
      sql: `
        select coalesce(d.file, e.file) as file, coalesce(d.school, e.school) as school, e.event
        from (${decided}) d full join (${moved}) e using (file)
        where (d.school, d.major) is distinct from (e.school, e.major)
          or d.file is null or e.file is null
          or e.batch is distinct from ${sql.batch} or e.from_state is distinct from 'in-pool'
          or e.to_state is distinct from 'dispatched'
          or not exists (select from dispatch_lists l where ${sql.of('l')} and l.list = e.list
            and l.run = ${sql.run} and l.school = e.school)`,
    },
    {
      fault: 'file',
      sentence: '档案所在院校、专业、批次或投档单与投档事件不一致。',
      sql: `
        select e.file, e.school, f.school as file_school, f.list from (${moved}) e
        left join files f on ${sql.of('f')} and f.file = e.file
        where f.file is null or f.event = e.event and (f.school, f.major, f.batch, f.list)
          is distinct from (e.school, e.major, e.batch, e.list)`,
    },
  ];
}

/** Candidates in are candidates out over all states. */
function cityQuestions({ sql }: AuditCase): Question[] {
  return [
    {
      fault: 'file-without-candidate',
      sentence: '有档案而没有考生资料。',
      sql: `select f.file, f.school, f.state from files f where ${sql.of('f')} and not exists (
        select from candidates k where ${sql.of('k')} and k.file = f.file)`,
    },
    {
      fault: 'registered-number',
      sentence: '考生号登记与考生资料不一致。',
      sql: `
        select coalesce(n.file, k.file) as file
        from (select file, candidate_no from candidate_numbers where ${sql.here}) n
        full join (select file, candidate_no from candidates
          where ${sql.here} and candidate_no is not null) k using (file)
        where n.candidate_no is distinct from k.candidate_no`,
    },
    {
      fault: 'counts',
      sentence: '运行记录中的人数与投档结果不符。',
      sql: `
        select u.counts, c.participants, c.placed from (select count(*) as participants,
            count(school) as placed from audit_ranked) c
        cross join (select result -> 'counts' as counts from runs where run = ${sql.run}) u
        where u.counts is not null and ((u.counts ->> 'participants')::bigint <> c.participants
          or (u.counts ->> 'placed')::bigint <> c.placed)`,
    },
  ];
}
