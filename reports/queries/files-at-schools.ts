/**
 * files-at-schools (在校考生查询): the files that schools hold now, by school and state, the longest
 * waiting first (calendar rule 14: 及时审核).
 */
import { STATE_TITLES } from '../../engine/file/states.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { streamRows } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';
import { sumOf } from '../statistics/progress.ts';

const STATES = ['dispatched', 'reading', 'proposed', 'return-proposed', 'pending-review'] as const;

/** $1 season, $2 day, $3 city, $4 school. */
const WHERE = `where f.season = $1::smallint and f.school is not null
  and f.state in (${STATES.map(state => `'${state}'`).join(', ')})
  and ($3::text is null or f.city = $3) and ($4::text is null or f.school = $4)`;

const BY_SCHOOL = `
select f.school, min(s.name) as "schoolName", ${STATES.map(
  state => `count(*) filter (where f.state = '${state}')::integer as "${state}"`,
).join(', ')}, count(*)::integer as files, min(f.since)::text as since,
  max($2::date - f.since)::integer as age
from files f
left join schools s on s.season = f.season and s.code = f.school
${WHERE} group by f.school order by age desc nulls last, f.school collate "C"`;

const STATE_WORDS = STATES.map(state => `when '${state}' then '${STATE_TITLES[state]}'`).join(' ');

const FILES = `
select f.school, s.name as "schoolName", f.city, c.candidate_no as "candidateNo", c.name,
  case f.state ${STATE_WORDS} end as state, f.list, f.major, f.since::text as since,
  ($2::date - f.since)::integer as age
from files f
join candidates c on c.season = f.season and c.city = f.city and c.file = f.file
left join schools s on s.season = f.season and s.code = f.school
${WHERE}
order by f.since nulls last, f.school collate "C", f.city collate "C", f.file`;

export const filesAtSchools = defineReport({
  id: 'files-at-schools',
  title: '在校考生查询',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city, school: PARAMETERS.school, date: PARAMETERS.date },
  },
  sections: [
    {
      id: 'schools',
      title: '各院校在校档案',
      order: '停留最久的在前',
      empty: '没有档案在院校手中。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 24 },
        ...STATES.map(state => ({
          key: state,
          title: STATE_TITLES[state],
          type: 'integer' as const,
          width: 9,
          total: 'sum' as const,
        })),
        { key: 'files', title: '合计', type: 'integer', unit: '份', width: 8, total: 'sum' },
        { key: 'since', title: '最早', type: 'date', width: 11 },
        { key: 'age', title: '已停留', type: 'integer', unit: '天', width: 8, total: 'max' },
      ],
    },
    {
      id: 'files',
      title: '在校档案',
      order: '停留最久的在前',
      empty: '没有档案在院校手中。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 22 },
        { key: 'city', title: '生源地代码', type: 'code', width: 8 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 14 },
        { key: 'name', title: '姓名', type: 'text', width: 8, masked: 'name' },
        { key: 'state', title: '状态', type: 'text', width: 10 },
        { key: 'list', title: '投档单', type: 'integer', width: 7 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'since', title: '自', type: 'date', width: 11 },
        { key: 'age', title: '已停留', type: 'integer', unit: '天', width: 8 },
      ],
    },
  ],
  definitions: [
    { term: '已停留', meaning: '档案进入现在的状态至查询日的天数。' },
    { term: STATE_TITLES['dispatched'], meaning: '已投出，还没有发档，院校看不到。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const day = String(parameters['date'] ?? shanghaiTime(context.now()).slice(0, 10));
  const { city = null, school = null } = parameters;
  const head = await readHead(session, season, {
    scope: await scopeWords(session, season, parameters),
    businessDate: day,
    runs: [],
  });
  await enterReader(context, filesAtSchools, parameters);
  const values = [season, day, city, school];
  const schools = await session.query<Row>(BY_SCHOOL, values);
  const total = sumOf(schools, 'files');
  return {
    head,
    findings: [],
    figures: [{ key: 'files', title: '在校档案', type: 'integer', value: total, unit: '份' }],
    rows: { schools, files: streamRows(session, FILES, values) },
  };
}
