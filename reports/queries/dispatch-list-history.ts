/** dispatch-list-history (历史投档单查询): past dispatch lists, and what became of each file on them. */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  type Column,
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { readInBulk, readOwnCounty, streamRows } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';
import { sumOf } from '../statistics/progress.ts';

/** $1 season, $2 city, $3 school, $4 batch, $5 round. */
const ITEMS = `
select l.city, l.list, l.run, l.batch, l.round::integer as round, l.school, s.name as "schoolName",
  r.business_date::text as date,
  case l.state when 'draft' then '待发档' when 'released' then '已发档'
    when 'submitted' then '院校已提交' when 'closed' then '已结束' else '已取消' end as state,
  i.seq, i.file, i.ordinal::integer as ordinal, i.score,
  case when f.list is distinct from i.list or f.school is distinct from l.school then 'gone'
    when f.state in ('admitted', 'registered', 'filed') then 'admitted'
    when f.state in ('proposed', 'pending-review') then 'proposed'
    else 'held' end as fate
from dispatch_lists l
join list_items i on i.season = l.season and i.city = l.city and i.list = l.list
join runs r on r.run = l.run
left join files f on f.season = i.season and f.city = i.city and f.file = i.file
left join schools s on s.season = l.season and s.code = l.school
where l.season = $1::smallint and ($2::text is null or l.city = $2)
  and ($3::text is null or l.school = $3) and ($4::text is null or l.batch = $4)
  and ($5::integer is null or l.round = $5::integer)`;

const LISTS = `
select city, list, min(run) as run, min(date) as date, min(batch) as batch, min(round) as round,
  min(school) as school, min("schoolName") as "schoolName", min(state) as state,
  count(*)::integer as sent, count(*) filter (where fate = 'admitted')::integer as admitted,
  count(*) filter (where fate = 'proposed')::integer as proposed,
  count(*) filter (where fate = 'held')::integer as held,
  count(*) filter (where fate = 'gone')::integer as gone
from (${ITEMS}) i group by city, list order by city collate "C", list`;

const FILES = `
select i.city, i.list, i.school, i.seq, c.candidate_no as "candidateNo", c.name, i.ordinal, i.score,
  case i.fate when 'admitted' then '录取' when 'proposed' then '待审' when 'held' then '在校'
    else '已不在该单' end as fate
from (${ITEMS}) i
join candidates c on c.season = $1::smallint and c.city = i.city and c.file = i.file
order by i.city collate "C", i.list, i.seq`;

const PLACE: readonly Column[] = [
  { key: 'city', title: '地市代码', type: 'code', width: 8 },
  { key: 'list', title: '投档单', type: 'integer', width: 7 },
];

export const dispatchListHistory = defineReport({
  id: 'dispatch-list-history',
  title: '历史投档单查询',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: {
      city: PARAMETERS.city,
      school: PARAMETERS.school,
      batch: PARAMETERS.batch,
      round: PARAMETERS.round,
    },
  },
  sections: [
    {
      id: 'lists',
      title: '投档单',
      order: '地市代码、投档单号',
      empty: '没有投档单。',
      columns: [
        ...PLACE,
        { key: 'date', title: '业务日期', type: 'date', width: 11 },
        { key: 'run', title: '运行', type: 'integer', width: 6 },
        { key: 'round', title: '轮次', type: 'integer', width: 5 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 22 },
        { key: 'state', title: '状态', type: 'text', width: 10 },
        { key: 'sent', title: '投出', type: 'integer', unit: '人', width: 7, total: 'sum' },
        { key: 'admitted', title: '录取', type: 'integer', width: 7, total: 'sum' },
        { key: 'proposed', title: '待审', type: 'integer', width: 7, total: 'sum' },
        { key: 'held', title: '在校', type: 'integer', width: 7, total: 'sum' },
        { key: 'gone', title: '已不在该单', type: 'integer', width: 10, total: 'sum' },
      ],
    },
    {
      id: 'files',
      title: '投档单上的档案',
      order: '地市代码、投档单号、单内序号',
      empty: '没有档案。',
      columns: [
        ...PLACE,
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'seq', title: '序号', type: 'integer', width: 5 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 14 },
        { key: 'name', title: '姓名', type: 'text', width: 8, masked: 'name' },
        { key: 'ordinal', title: '志愿序号', type: 'integer', width: 8 },
        { key: 'score', title: '投档分', type: 'hundredths', width: 8 },
        { key: 'fate', title: '去向', type: 'text', width: 10 },
      ],
    },
  ],
  definitions: [
    { term: '已不在该单', meaning: '退档、取消投档、收回、录后退或转学，档案已离开该投档单。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { city = null, school = null, batch = null, round = null } = parameters;
  const scope = await scopeWords(session, season, parameters);
  const head = await readHead(session, season, { scope, businessDate: null, runs: [] });
  const { user } = await enterReader(context, dispatchListHistory, parameters);
  await readInBulk(session, school === null);
  await readOwnCounty(session, user?.county ?? null);
  const values = [season, city, school, batch, round];
  const lists = await session.query<Row>(LISTS, values);
  const parts = ['admitted', 'proposed', 'held', 'gone'];
  return {
    head,
    findings: [],
    figures: [
      { key: 'lists', title: '投档单', type: 'integer', value: lists.length, unit: '份' },
      { key: 'sent', title: '投出', type: 'integer', value: sumOf(lists, 'sent'), unit: '人' },
    ],
    rows: { lists, files: streamRows(session, FILES, values) },
    reconciliations: [
      {
        sentence: '各去向之和与投出',
        left: parts.reduce((sum, key) => sum + sumOf(lists, key), 0),
        right: sumOf(lists, 'sent'),
      },
    ],
  };
}
