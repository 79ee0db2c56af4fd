/**
 * pending (待办事项): everything that waits for somebody – applications, admissions and returns to be
 * reviewed, proposals to be confirmed, questions, rosters, reports – by whose turn it is and for
 * how long, overdue first (calendar rule 14: 及时审核).
 */
import type { Session } from '../../db/connect.ts';
import { pendingApplications } from '../../db/season/application-lists.ts';
import { valueById } from '../../engine/policy/calendar.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { wordsOf } from '../policy-words.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Figure,
  type Parameters,
  type ReportContent,
  type SelectContext,
} from '../report.ts';
import { readScopeNames } from '../scope-words.ts';
import { proposedTitle } from '../words.ts';

/** One branch per kind of work beside the applications. */
const WAITING = `
select 'file' as kind, f.state as what, f.list as number, f.city, f.school, f.batch, f.since,
  count(*)::integer as items
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
where s.season = $1::smallint and s.state in ('prepared', 'reviewed', 'approved')
union all
select 'correction', 'score-correction', c.correction, c.city, null, null,
  (c.proposed_at at time zone 'Asia/Shanghai')::date, 1
from score_corrections c where c.season = $1::smallint and c.state = 'open'
union all
select 'principles', 'principles', p.filing, '', null, null, p.filed_on, 1
from city_principles p where p.season = $1::smallint and p.state = 'filed'
  and not exists (select from city_principles l
    where l.season = p.season and l.city = p.city and l.filing > p.filing)
union all
select 'snapshot', 'held-snapshot', s.snapshot, s.city, null, null, s.business_date, 1
from snapshots s where s.season = $1::smallint and s.state = 'held'`;

/** $2 day. */
const ROWS = `
select kind, what, number, city, school, batch, since::text as since, $2::date - since as "ageDays",
  items
from (${WAITING}) w`;

const NAMES = `
select code, name from regions where season = $1::smallint and level = 'city'
union all
select code, name from schools where season = $1::smallint`;

interface Item {
  readonly kind: string;
  /** Of an application its kind, of a file or roster its state, of a proposal the function. */
  readonly what: string;
  readonly number: number | null;
  /** Whose turn it is; '': the province's. */
  readonly city: string;
  readonly school: string | null;
  readonly batch: string | null;
  readonly since: string | null;
  readonly ageDays: number | null;
  readonly items: number;
}

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
  'score-correction': '成绩更正待决定',
  principles: '录取原则待省招办备案',
  'held-snapshot': '自有系统数据待确认',
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
        { key: 'batchTitle', title: '批次', type: 'text', width: 14 },
        { key: 'since', title: '提出日期', type: 'date', width: 11 },
        { key: 'ageDays', title: '已等待', type: 'integer', unit: '天', width: 7 },
        { key: 'overdue', title: '逾期', type: 'boolean', width: 5 },
        { key: 'items', title: '份数', type: 'integer', width: 6, total: 'sum' },
      ],
    },
  ],
  definitions: [
    { term: '逾期', meaning: '等待的天数超过政策规定的及时审核期限。' },
    {
      term: '编号',
      meaning: '申请、提议、问题、名册、投档单、更正、备案或快照的编号；报表为版本号。',
    },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const day = String(parameters['date'] ?? shanghaiTime(context.now()).slice(0, 10));
  const city = parameters['city'] === undefined ? null : String(parameters['city']);
  const names = await readScopeNames(session, season, parameters);
  const head = await readHead(session, season, {
    scope: names.city === null ? '本级所辖' : `待${names.city}办理`,
    businessDate: day,
    runs: [],
  });
  const { user, policy } = await enterReader(context, pending, parameters);
  // A school sees what of its own waits anywhere; an office what waits for itself.
  const desk = user === null || user.cities === 'all' ? null : user.cities;
  const prompt = policy === null ? 0 : valueById(policy.base, 'review-prompt-days', 'number').value;
  const asked = await applications(session, season, day);
  const others = await session.query<Item>(ROWS, [season, day]);
  const regions = await session.query<{ code: string; name: string }>(NAMES, [season]);
  const { batches } = wordsOf(policy?.base ?? null);
  const nameOf = new Map(regions.map(row => [row.code, row.name]));
  const items = [...asked, ...others]
    .filter(item => (city === null || item.city === city) && (desk?.includes(item.city) ?? true))
    .map(item => ({ ...item, overdue: (item.ageDays ?? 0) > prompt }))
    .toSorted(byUrgency)
    .map(item => ({
      ...item,
      cityName: item.city === '' ? '省招办' : (nameOf.get(item.city) ?? item.city),
      schoolName: item.school === null ? null : (nameOf.get(item.school) ?? null),
      work: workTitle(item),
      batchTitle: item.batch === null ? null : (batches.get(item.batch) ?? item.batch),
    }));
  const sum = (rows: readonly Item[]) => rows.reduce((n, row) => n + row.items, 0);
  const overdue = sum(items.filter(item => item.overdue));
  const figures: Figure[] = [
    { key: 'items', title: '待办', type: 'integer', value: sum(items), unit: '份' },
    { key: 'overdue', title: '其中逾期', type: 'integer', value: overdue, unit: '份' },
  ];
  return { head, findings: [], figures, rows: { items } };
}

/** Once per city that it waits for. */
async function applications(session: Session, season: number, day: string): Promise<Item[]> {
  const open = await pendingApplications(session, season, day);
  return open.flatMap(({ application, kind, waitsFor, school, batch, openedOn, ageDays }) =>
    waitsFor.map(city => ({
      kind: 'application',
      what: kind,
      number: application,
      city,
      school,
      batch,
      since: openedOn,
      ageDays,
      items: 1,
    })),
  );
}

type Aged = Item & { readonly overdue: boolean };

/** Overdue first, then by whose turn it is, the oldest first; the rest makes the order whole. */
function byUrgency(a: Aged, b: Aged): number {
  if (a.overdue !== b.overdue) return a.overdue ? -1 : 1;
  const key = (item: Aged) =>
    [item.city, item.since ?? '', item.kind, item.what, item.school, item.batch].join(' ');
  if (key(a) !== key(b)) return key(a) < key(b) ? -1 : 1;
  return (a.number ?? 0) - (b.number ?? 0);
}

function workTitle({ kind, what }: Item): string {
  if (kind === 'proposal') return `提议待另一人确认：${proposedTitle(what)}`;
  if (kind === 'report' && what === 'reviewed') return '报表待省招办审定';
  return WORK[what] ?? what;
}
