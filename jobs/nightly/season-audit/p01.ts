/** P1 over a season: one file, at most one admission and one registration at a time. */
import { ask } from '../audit/property.ts';
import type { SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP01: SeasonProperty = {
  id: 'P1',
  title: '一人一档，至多一次录取、一次注册',
  questions: audit => [
    {
      fault: 'admitted-twice',
      sentence: '同一档案同时有两次以上录取。',
      sql: standingTwice(audit, ['admitted', 'registered', 'filed']),
    },
    {
      fault: 'registered-twice',
      sentence: '同一档案同时有两次以上注册。',
      sql: standingTwice(audit, ['registered', 'filed']),
    },
  ],
  province: audit => {
    const { season } = audit.sql;
    const twice = (column: string) => `
      select ${column === 'identity_no' ? "'（已隐去）'" : column} as shown, count(*)::integer as files,
        array_agg(distinct city) as cities from candidates
      where season = ${season} and ${column} <> '' group by ${column} having count(*) > 1`;
    return ask(audit, [
      {
        fault: 'number-twice',
        sentence: '全省有两份以上档案用同一考生号。',
        sql: twice('candidate_no'),
      },
      {
        fault: 'identity-twice',
        sentence: '全省有两份以上档案用同一身份证号。',
        sql: twice('identity_no'),
      },
    ]);
  },
};

/** Entries into a set of states less exits from it, per file. */
function standingTwice({ sql }: SeasonCase, states: readonly string[]): string {
  const among = `(${states.map(sql.literal).join(', ')})`;
  return `
    select file, max(school) as school, count(*)::integer as steps from (
      select file, school, sum((case when to_state in ${among} then 1 else 0 end)
          - (case when from_state in ${among} then 1 else 0 end))
        over (partition by file order by event) as standing
      from events where ${sql.here} and file is not null ${sql.touched('events')}) stood
    where standing > 1 group by file`;
}
