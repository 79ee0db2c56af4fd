/** P1 over a season: one file, at most one admission and one registration at a time. */
import { ask, type SharedRelation } from '../audit/property.ts';
import type { MovedSince } from './moved.ts';
import type { SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP01: SeasonProperty = {
  id: 'P1',
  title: '一人一档，至多一次录取、一次注册',
  shared: audit => ({ name: 'stood', sql: standingSql(audit) }),
  questions: () => [
    {
      fault: 'admitted-twice',
      sentence: '同一档案同时有两次以上录取。',
      sql: standingTwice('admitted'),
    },
    {
      fault: 'registered-twice',
      sentence: '同一档案同时有两次以上注册。',
      sql: standingTwice('registered'),
    },
  ],
  province: audit => {
    const twice = (column: 'candidate_no' | 'identity_no') => onTwoFiles(audit, column);
    const questions = [
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
    ];
    return ask(audit, questions, audit.moved === null ? null : movedPeople(audit, audit.moved));
  },
};

/**
 * Those with an event since the last recount, each looked up by the key (offset 0); and whether an
 * import is among the events, which is one event for all whom it has brought.
 */
function movedPeople({ sql }: SeasonCase, { events }: MovedSince): SharedRelation {
  return {
    name: 'moved',
    sql: `
      select c.candidate_no, c.identity_no, m.imported
      from (select distinct e.city, e.file, e.name = 'import' as imported
        from ${events} e where e.file is not null or e.name = 'import') m
      left join lateral (select o.candidate_no, o.identity_no from candidates o
        where o.season = ${sql.season} and o.city = m.city and o.file = m.file offset 0) c on true`,
  };
}

/** Among those of `movedPeople`, where it goes on from the last recount. */
function onTwoFiles({ sql, moved }: SeasonCase, column: 'candidate_no' | 'identity_no'): string {
  const shown = column === 'identity_no' ? "'（已隐去）'" : column;
  const among =
    moved === null
      ? ''
      : `and ((select bool_or(imported) from moved) or ${column} in (select ${column} from moved))`;
  return `
    select ${shown} as shown, count(*)::integer as files, array_agg(distinct city) as cities
    from candidates where season = ${sql.season} and ${column} <> '' ${among}
    group by ${column} having count(*) > 1`;
}

/** Entries into each set of states less exits from it, per file, up to each of its events. */
function standingSql({ sql }: SeasonCase): string {
  const sum = (states: readonly string[]) => {
    const among = `(${states.map(sql.literal).join(', ')})`;
    return `sum((case when to_state in ${among} then 1 else 0 end)
      - (case when from_state in ${among} then 1 else 0 end)) over mine`;
  };
  return `
    select file, school, ${sum(['admitted', 'registered', 'filed'])} as admitted,
      ${sum(['registered', 'filed'])} as registered
    from events where ${sql.here} and file is not null ${sql.touched('events')}
    window mine as (partition by file order by event)`;
}

function standingTwice(standing: 'admitted' | 'registered'): string {
  return `
    select file, max(school) as school, count(*)::integer as steps from stood
    where ${standing} > 1 group by file`;
}
