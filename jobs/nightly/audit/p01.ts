/**
 * P1: one active file, at most one admission and one registration per candidate.
 */
import { ask, type Property } from './property.ts';

export const p01: Property = {
  id: 'P1',
  title: '一人一档，至多一次录取、一次注册',
  find: audit => {
    const { sql } = audit;
    const twice = (column: string) => `
      select k.file, d.candidate_no, d.school from candidates k
      left join decisions d on ${sql.of('d')} and d.run = ${sql.run} and d.file = k.file
      where ${sql.of('k')} and k.${column} in (select ${column} from candidates
        where ${sql.here} and ${column} <> '' group by ${column} having count(*) > 1)`;
    return ask(audit, [
      {
        fault: 'number-twice',
        sentence: '同一考生号有两份以上档案。',
        sql: twice('candidate_no'),
      },
      {
        fault: 'identity-twice',
        sentence: '同一身份证号有两份以上档案。',
        sql: twice('identity_no'),
      },
      {
        fault: 'listed-twice',
        sentence: '同一档案在本次投档的投档单上出现两次以上。',
        sql: `
          select i.file, l.list, l.school, i.seq
          from dispatch_lists l join list_items i on ${sql.of('i')} and i.list = l.list
          where ${sql.of('l')} and l.run = ${sql.run} and i.file in (
            select i.file from dispatch_lists l
            join list_items i on ${sql.of('i')} and i.list = l.list
            where ${sql.of('l')} and l.run = ${sql.run} group by i.file having count(*) > 1)`,
      },
      {
        fault: 'dispatched-twice',
        sentence: '同一档案在本次投档中投出两次以上。',
        sql: `
          select file, event, school from events
          where ${sql.here} and run = ${sql.run} and name = 'dispatch' and file in (
            select file from events where ${sql.here} and run = ${sql.run} and name = 'dispatch'
            group by file having count(*) > 1)`,
      },
      {
        fault: 'admitted-twice',
        sentence: '同一档案同时有两次以上录取。',
        sql: `
          select e.file, max(e.school) as school, sum(e.step)::integer as admissions from (
            select file, school, (case when to_state in ('admitted', 'registered', 'filed')
                then 1 else 0 end) - (case when from_state in ('admitted', 'registered', 'filed')
                then 1 else 0 end) as step
            from events where ${sql.here} and file is not null
              and (to_state in ('admitted', 'registered', 'filed')
                or from_state in ('admitted', 'registered', 'filed'))) e
          group by e.file having sum(e.step) > 1`,
      },
    ]);
  },
};
