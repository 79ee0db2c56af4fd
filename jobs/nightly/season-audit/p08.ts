/**
 * P8 over a season: every file's state, and what its row keeps beside it, is the fold of its
 * events; every event says who, when, under which policy and by which rule or act.
 */
import { FOLDED, foldQuestions } from '../audit/p08.ts';
import { ask } from '../audit/property.ts';
import type { SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP08: SeasonProperty = {
  id: 'P8',
  title: '档案状态等于其事件之和',
  shared: ({ sql }) => ({
    name: 'folding',
    sql: `select ${FOLDED} from events e
      where ${sql.of('e')} and e.file is not null ${sql.touched('e')}`,
  }),
  questions: audit => [
    ...foldQuestions(audit.sql, audit.sql.touched, 'folding'),
    ...cacheQuestions(audit),
  ],
  province: audit => ask(audit, [unsigned(audit)]),
};

/** Events that give a file its school; events in between keep it. */
const PLACING = ['dispatch', 'admit-directly', 'enter', 'transfer', 'supplement'];

function cacheQuestions(audit: SeasonCase) {
  const { sql } = audit;
  const among = (names: readonly string[]) => `(${names.map(sql.literal).join(', ')})`;
  return [
    unsigned(audit),
    {
      fault: 'school',
      sentence: '档案所在院校不是最后一次投出或录取的院校。',
      sql: `
        select f.file, f.state, f.school, e.school as placed from files f
        join (select distinct on (e.file) e.file, e.school from folding e
          where e.name in ${among(PLACING)}
            or e.name = 'city-snapshot' and e.to_state = 'admitted'
          order by e.file, e.event desc) e using (file)
        where ${sql.of('f')} and f.school is distinct from e.school
          and f.state not in ('in-pool', 'senior-high', 'held', 'cancelled', 'unnumbered')`,
    },
    {
      fault: 'pool-school',
      sentence: '在库的档案仍记着院校、批次或投档单。',
      sql: `select file, state, school, batch, list from files
        where ${sql.here} ${sql.touched('files')}
        and state = 'in-pool' and (school is not null or batch is not null or list is not null)`,
    },
    {
      fault: 'transfers',
      sentence: '转学次数与事件不符。',
      sql: `
        select f.file, f.school, f.transfers, coalesce(e.count, 0) as counted from files f
        left join (select file, count(*)::integer as count from folding
          where name = 'transfer' group by file) e using (file)
        where ${sql.of('f')} ${sql.touched('f')} and f.transfers <> coalesce(e.count, 0)`,
    },
    {
      fault: 'open-applications',
      sentence: '未办结的申请数与申请不符。',
      sql: `
        select f.file, f.school, f.open_applications, coalesce(a.count, 0) as counted
        from files f
        left join (select file, count(*)::integer as count from applications a
          where ${sql.of('a')} and file is not null ${sql.touched('a')}
            and state in ('open', 'half-approved')
            -- A withdrawal counts as one with the transfer that it consents to.
            and not exists (select from applications t where t.season = a.season
              and t.application = a.consents_to and t.state = 'open')
          group by file) a using (file)
        where ${sql.of('f')} ${sql.touched('f')} and f.open_applications <> coalesce(a.count, 0)`,
    },
    {
      fault: 'returned-by',
      sentence: '退回过的院校与事件不符。',
      sql: `
        select f.file, f.returned_by, e.schools from files f
        join (select file, array_agg(distinct school) as schools from folding
          where name in ('approve-return', 'recall', 'withdraw') and school is not null
          group by file) e using (file)
        where ${sql.of('f')} and not coalesce(f.returned_by, '{}') @> e.schools`,
    },
  ];
}

function unsigned({ sql }: SeasonCase) {
  return {
    fault: 'event',
    sentence: '事件缺少经办人、时间、政策版本或所依据的规则。',
    sql: `
      with signed as materialized (
        select e.event, e.file, e.school, e.name, e.run, e.actor, e.business_date,
          e.actor = '' or e.policy is null or e.decision = '' as lacking
        from events e where ${sql.of('e')} ${sql.recent('e')} and e.run is not null),
      -- Of the ledger the city's own runs, each once and by its key (offset 0).
      otherwise as (
        select o.run, o.actor, o.business_date
        from (select distinct run, actor, business_date from signed) o
        cross join lateral (select * from runs l where l.run = o.run and l.on_demand offset 0) r
        where o.actor <> r.actor or o.business_date <> r.business_date)
      select event, file, school, name as act, run from signed
      where lacking or (run, actor, business_date) in (select * from otherwise)`,
  };
}
