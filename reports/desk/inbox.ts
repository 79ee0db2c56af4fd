/**
 * inbox (收件箱): what arrived by itself for import, and what became of it; beside it the daily
 * snapshots of cities with their own system, with what each has changed.
 */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { scopeWords } from '../scope-words.ts';
import { jobTitle } from '../words.ts';

const FATES: Readonly<Record<string, string>> = {
  accepted: '已导入',
  unchanged: '内容未变',
  held: '待确认',
  rejected: '拒收',
};

const STATES: Readonly<Record<string, string>> = {
  applied: '已采用',
  held: '待确认',
  superseded: '已被取代',
};

/** Rejected and held ones first: they need somebody. */
const ARRIVALS = `
select a.city, c.name as "cityName", a.job, a.package_date::text as "packageDate",
  a.taken_on::text as "takenOn", a.fate, a.late, a.errors, a.conflicts, a.reason, a.run
from inbox_arrivals a
left join regions c on c.season = a.season and c.code = a.city
where a.season = $1::smallint and ($2::text is null or a.city = $2)
  and ($3::date is null or a.taken_on = $3::date)
order by a.fate not in ('rejected', 'held'), a.taken_on desc, a.city collate "C",
  a.job collate "C", a.package_date desc, a.run desc`;

const SNAPSHOTS = `
select n.city, c.name as "cityName", n.snapshot, n.business_date::text as "businessDate", n.state,
  n.late, n.row_count as "rowCount", n.added, n.changed, n.vanished, n.unchanged, n.conflicts
from snapshots n
left join regions c on c.season = n.season and c.code = n.city
where n.season = $1::smallint and ($2::text is null or n.city = $2)
  and ($3::date is null or n.business_date = $3::date)
order by n.state <> 'held', n.business_date desc, n.city collate "C", n.snapshot desc`;

const rows = (key: string, title: string) =>
  ({ key, title, type: 'integer', width: 6, unit: '行' }) as const;

export const inbox = defineReport({
  id: 'inbox',
  title: '收件箱',
  menu: '基本资料',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city, date: PARAMETERS.date },
  },
  sections: [
    {
      id: 'arrivals',
      title: '送来的数据包',
      order: '拒收和待确认的在前，然后按处理日期，由近到远',
      empty: '没有送来的数据包。',
      columns: [
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '地市', type: 'text', width: 10 },
        { key: 'jobTitle', title: '种类', type: 'text', width: 14 },
        { key: 'packageDate', title: '数据日期', type: 'date', width: 11 },
        { key: 'takenOn', title: '处理日期', type: 'date', width: 11 },
        { key: 'fateTitle', title: '结果', type: 'text', width: 10 },
        { key: 'late', title: '迟到', type: 'boolean', width: 6 },
        { key: 'errors', title: '错误', type: 'integer', width: 6, unit: '处' },
        { key: 'conflicts', title: '冲突', type: 'integer', width: 6, unit: '行' },
        { key: 'reason', title: '整包拒收的原因', type: 'text', width: 40 },
      ],
    },
    {
      id: 'snapshots',
      title: '自有系统的录取快照',
      order: '待确认的在前，然后按日期，由近到远',
      empty: '没有录取快照。',
      columns: [
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '地市', type: 'text', width: 10 },
        { key: 'snapshot', title: '编号', type: 'integer', width: 6 },
        { key: 'businessDate', title: '日期', type: 'date', width: 11 },
        { key: 'stateTitle', title: '状态', type: 'text', width: 9 },
        { key: 'late', title: '迟到', type: 'boolean', width: 6 },
        rows('rowCount', '总行数'),
        rows('added', '新增'),
        rows('changed', '变更'),
        rows('vanished', '不再列出'),
        rows('unchanged', '不变'),
        rows('conflicts', '冲突'),
      ],
    },
  ],
  definitions: [
    { term: '冲突', meaning: '与平台上的档案不一致而没有采用的行，须由人员逐行核对。' },
    { term: '待确认', meaning: '减少异常，暂未采用的快照；核实后由另一人确认。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { city = null, date = null } = parameters;
  const head = await readHead(session, season, {
    scope: await scopeWords(session, season, parameters, '本级所辖地市'),
    businessDate: date === null ? null : String(date),
    runs: [],
  });
  await enterReader(context, inbox, parameters);
  const values = [season, city, date];
  const arrivals = await session.query<Row>(ARRIVALS, values);
  const snapshots = await session.query<Row>(SNAPSHOTS, values);
  return {
    head,
    findings: [],
    rows: {
      arrivals: arrivals.map(row => ({
        ...row,
        jobTitle: jobTitle(String(row['job'])),
        fateTitle: FATES[String(row['fate'])] ?? row['fate'],
      })),
      snapshots: snapshots.map(row => ({
        ...row,
        stateTitle: STATES[String(row['state'])] ?? row['state'],
      })),
    },
  };
}
