/**
 * supplement-results (查看补录考生审核结果): the people whom the school has entered, what the review
 * said, and the candidate numbers that were generated.
 */
import { APPLICATION_STATE_TITLES } from '../../db/season/applications.ts';
import { readHead } from '../head.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { scopeWords } from '../scope-words.ts';

const RESULTS = `
select a.application, a.opened_on::text as "openedOn", a.city, r.name as "cityName", c.name,
  a.state, (a.decided_at at time zone 'Asia/Shanghai')::date::text as "decidedOn",
  c.candidate_no as "candidateNo", a.reason
from applications a
left join candidates c on c.season = a.season and c.city = a.city and c.file = a.file
left join regions r on r.season = a.season and r.code = a.city
where a.season = $1::smallint and a.kind = 'supplement'
  and ($2::text is null or a.school = $2)
order by a.application`;

export const supplementResults = defineReport({
  id: 'supplement-results',
  title: '查看补录考生审核结果',
  menu: '档案管理',
  side: 'school',
  withoutFindings: true,
  parameters: { type: 'object', additionalProperties: false, properties: {} },
  sections: [
    {
      id: 'results',
      title: '补录考生',
      order: '申请编号',
      empty: '没有补录的考生。',
      columns: [
        { key: 'application', title: '申请编号', type: 'integer', width: 8 },
        { key: 'openedOn', title: '补录日期', type: 'date', width: 11 },
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '生源地', type: 'text', width: 12 },
        { key: 'name', title: '姓名', type: 'text', width: 8, masked: 'name' },
        { key: 'stateTitle', title: '结果', type: 'text', width: 10 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 15 },
        { key: 'decidedOn', title: '审核日期', type: 'date', width: 11 },
        { key: 'reason', title: '退回理由', type: 'text', width: 28 },
      ],
    },
  ],
  definitions: [
    { term: '考生号', meaning: '审核通过时由系统生成；学校凭此号办理“录取在库考生”。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const about = { scope: '本校补录的考生', businessDate: null, runs: [] };
  const head = await readHead(session, season, about);
  const { user } = await enterReader(context, supplementResults, parameters);
  const school = user?.school ?? '';
  const where = await scopeWords(session, season, { school });
  const found = await session.query<Row>(RESULTS, [season, user?.school ?? null]);
  const results = found.map(row => ({
    ...row,
    stateTitle: APPLICATION_STATE_TITLES[row['state'] as keyof typeof APPLICATION_STATE_TITLES],
  }));
  const open = results.filter(row => (row as Row)['state'] === 'open').length;
  return {
    head: user === null ? head : { ...head, scope: `${where} · 补录的考生` },
    findings: [],
    figures: [
      { key: 'all', title: '补录', type: 'integer', value: results.length, unit: '人' },
      { key: 'open', title: '待审', type: 'integer', value: open, unit: '人' },
    ],
    rows: { results },
  };
}
