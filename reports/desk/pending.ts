/**
 * pending (待办事项): everything that waits for somebody – applications, admissions and returns to be
 * reviewed, proposals to be confirmed, questions, rosters, reports – by whose turn it is and for how
 * long, overdue first (calendar rule 14: 及时审核).
 */
import { valueById } from '../../engine/policy/calendar.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Figure,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';

/**
 * One branch per kind of work. A withdrawal that a transfer has taken in waits with the transfer;
 * a half-approved move waits for the other city only.
 */
const WAITING = `
select 'application' as kind, a.kind as what, a.application as number, w.city, a.school, a.batch,
  a.opened_on as since, 1 as items
from applications a
cross join lateral unnest(array_remove(array[a.city, a.other_city], a.first_city)) w (city)
where a.season = $1::smallint and a.state in ('open', 'half-approved')
  and a.consents_to is null and w.city is not null
union all
select 'file', f.state, f.list, f.city, f.school, f.batch, f.since, count(*)::integer
from files f
left join dispatch_lists l on l.season = f.season and l.city = f.city and l.list = f.list
where f.season = $1::smallint and (f.state = 'pending-review'
  or f.state in ('proposed', 'return-proposed') and l.state = 'submitted')
group by f.state, f.list, f.city, f.school, f.batch, f.since
union all
select 'proposal', p.function, p.proposal, p.city, p.school, null, p.business_date, 1
from proposals p where p.season = $1::smallint and p.state = 'open'
union all
select 'question', 'question', q.question, q.city, q.school, null, q.asked_on, 1
from questions q where q.season = $1::smallint and q.state = 'open'
union all
select 'roster', r.state, r.roster, r.city, r.school, null,
  coalesce((r.reviewed_at at time zone 'Asia/Shanghai')::date, r.issued_on), 1
from rosters r where r.season = $1::smallint and r.state in ('issued', 'reviewed')
union all
select 'report', s.state, s.version::integer,
  case when s.state = 'prepared' then s.city else '' end, null, null,
  (coalesce(s.approved_at, s.reviewed_at, s.prepared_at) at time zone 'Asia/Shanghai')::date, 1
from signed_reports s
where s.season = $1::smallint and s.state in ('prepared', 'reviewed', 'approved')`;

/** $2 day; $3 city; $4 days after which it is overdue. */
const ROWS = `
select w.kind, w.what, w.number, w.city, case w.city when '' then '省招办' else c.name end
  as "cityName", w.school, s.name as "schoolName", w.batch, w.since::text as since,
  $2::date - w.since as "ageDays", $2::date - w.since > $4 as overdue, w.items
from (${WAITING}) w
left join regions c on c.season = $1::smallint and c.code = w.city
left join schools s on s.season = $1::smallint and s.code = w.school
where $3::text is null or w.city = $3
order by overdue desc nulls last, w.city collate "C", w.since, w.kind, w.number, w.what`;

const WORK: Readonly<Record<string, string>> = {
  withdrawal: '录后退申请',
  'approval-paper': '批件投档申请',
  'plan-change': '增减计划数申请',
  flexible: '机动计划申请',
  'region-move': '调整区域间计划申请',
  transfer: '转学申请',
  supplement: '补录考生申请',
  proposed: '预录待审核',
  'return-proposed': '预退待审核',
  'pending-review': '拟录取待审核',
  question: '院校提问待答复',
  issued: '名册待审核',
  reviewed: '名册待备案',
  prepared: '报表待市招办复核',
  approved: '报表待公布',
};

export const pending = defineReport({
  id: 'pending',
  title: '待办事项',
  menu: '审核管理',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city, date: PARAMETERS.date },
  },
  sections: [
    {
      id: 'items',
      title: '待办事项',
      order: '逾期的在前，其余按办理单位、时间由早到晚',
      empty: '没有待办事项。',
      columns: [
        { key: 'cityName', title: '待谁办理', type: 'text', width: 10 },
        { key: 'work', title: '事项', type: 'text', width: 20 },
        { key: 'number', title: '编号', type: 'integer', width: 7 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 22 },
        { key: 'batch', title: '批次', type: 'code', width: 12 },
        { key: 'since', title: '提出日期', type: 'date', width: 11 },
        { key: 'ageDays', title: '已等待', type: 'integer', unit: '天', width: 7, total: 'max' },
        { key: 'overdue', title: '逾期', type: 'boolean', width: 5 },
        { key: 'items', title: '份数', type: 'integer', width: 6, total: 'sum' },
      ],
    },
  ],
  definitions: [
    { term: '逾期', meaning: '等待的天数超过政策的及时审核期限（review-prompt-days）。' },
    { term: '编号', meaning: '申请、提议、问题、名册或投档单的编号；报表为版本号。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const day = String(parameters['date'] ?? shanghaiTime(context.now()).slice(0, 10));
  const city = parameters['city'] === undefined ? null : String(parameters['city']);
  const head = await readHead(session, season, {
    scope: city === null ? '本级所辖' : `待地市 ${city} 办理`,
    businessDate: day,
    runs: [],
  });
  const { policy } = await enterReader(context, pending, parameters);
  const prompt = policy === null ? 0 : valueById(policy.base, 'review-prompt-days', 'number').value;
  const found = await session.query<Row>(ROWS, [season, day, city, prompt]);
  const items = found.map(row => ({ ...row, work: workTitle(row) }));
  const sum = (rows: readonly Row[]) => rows.reduce((n, row) => n + Number(row['items']), 0);
  const overdue = sum(items.filter((row: Row) => row['overdue'] === true));
  const figures: Figure[] = [
    { key: 'items', title: '待办', type: 'integer', value: sum(items), unit: '份' },
    { key: 'overdue', title: '其中逾期', type: 'integer', value: overdue, unit: '份' },
  ];
  return { head, findings: [], figures, rows: { items } };
}

function workTitle(row: Row): string {
  const what = String(row['what']);
  if (row['kind'] === 'proposal') return `提议待另一人确认：${what}`;
  if (row['kind'] === 'report' && what === 'reviewed') return '报表待省招办审定';
  return WORK[what] ?? what;
}
