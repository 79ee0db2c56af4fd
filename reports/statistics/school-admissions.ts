/**
 * school-admissions (院校录取统计): who was admitted by school and major – by sex and origin, with the
 * lowest, median and highest score.
 */
import type { Session } from '../../db/connect.ts';
import { readHead, scopeWords } from '../head.ts';
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
import { readInBulk } from '../row-stream.ts';
import { FLOWS, readFlows } from './flows.ts';
import { type ProgressScope, progressValues, readProgressTotals, sumOf } from './progress.ts';

/** $1 season, $2 city, $3 school, $4 batch, $5 schools. Quantiles are values that somebody has. */
const MEASURES = `count(*)::integer as admitted,
  count(*) filter (where c.sex = 'M')::integer as men,
  count(*) filter (where c.sex = 'F')::integer as women,
  count(*) filter (where c.origin = 'fresh')::integer as fresh,
  count(*) filter (where c.origin <> 'fresh')::integer as other,
  min(c.total) as lowest, percentile_disc(0.5) within group (order by c.total) as median,
  max(c.total) as highest`;

const FROM = `from files f
join candidates c on c.season = f.season and c.city = f.city and c.file = f.file
where f.season = $1::smallint and f.state in ('admitted', 'registered', 'filed')
  and f.school is not null and ($2::text is null or f.city = $2)
  and ($3::text is null or f.school = $3) and ($4::text is null or f.batch = $4)
  and ($5::text[] is null or f.school = any ($5))`;

/**
 * Schools, their majors and the cities that people come from in one pass: reading files and
 * candidates is what takes time.
 */
const ADMISSIONS = (cities: boolean) => `
select x.*, s.name as "schoolName", m.name as "majorName", r.name as "cityName",
  coalesce(m.articulated, false) as articulated
from (
  select f.school, coalesce(f.major, '') as major, ${cities ? 'f.city' : 'null::text'} as city,
    case when grouping(f.school) = 1 then 'city'
      when grouping(coalesce(f.major, '')) = 1 then 'school' else 'major' end as "of",
    count(*) filter (where f.state <> 'admitted')::integer as registered, ${MEASURES} ${FROM}
  group by grouping sets ((f.school), (f.school, coalesce(f.major, ''))${cities ? ', (f.city)' : ''})
) x
left join schools s on s.season = $1::smallint and s.code = x.school
left join majors m on m.season = $1::smallint and m.school = x.school and m.code = x.major
left join regions r on r.season = $1::smallint and r.code = x.city
order by x.school collate "C", x.major collate "C" nulls first, x.city collate "C"`;

/** The columns of both. */
export const ADMISSION_COLUMNS: readonly Column[] = [
  { key: 'admitted', title: '录取', type: 'integer', unit: '人', width: 8, total: 'sum' },
  { key: 'men', title: '男', type: 'integer', width: 6, total: 'sum' },
  { key: 'women', title: '女', type: 'integer', width: 6, total: 'sum' },
  { key: 'fresh', title: '应届', type: 'integer', width: 7, total: 'sum' },
  { key: 'other', title: '非应届', type: 'integer', width: 7, total: 'sum' },
  { key: 'lowest', title: '最低分', type: 'hundredths', width: 8, total: 'min' },
  { key: 'median', title: '中位分', type: 'hundredths', width: 8 },
  { key: 'highest', title: '最高分', type: 'hundredths', width: 8, total: 'max' },
];

export const ADMISSION_DEFINITIONS = [
  { term: '录取', meaning: '现为录取、已注册或名册已备案的考生。' },
  { term: '中位分', meaning: '按总分排序居中的考生的总分；没有总分的考生不计分数，计人数。' },
];

/**
 * Admissions by school and by major; the reader's scope must have been entered, or left.
 *
 * @param cities also by the home city
 */
export async function readAdmissions(
  session: Session,
  scope: ProgressScope,
  cities = false,
): Promise<{ schools: Row[]; majors: Row[]; cities: Row[] }> {
  const rows = await session.query<Row>(ADMISSIONS(cities), progressValues(scope));
  const of = (group: string) => rows.filter(row => row['of'] === group);
  return { schools: of('school'), majors: of('major'), cities: of('city') };
}

export const schoolAdmissions = defineReport({
  id: 'school-admissions',
  title: '院校录取统计',
  menu: '数据统计',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city, school: PARAMETERS.school, batch: PARAMETERS.batch },
  },
  sections: [
    {
      id: 'schools',
      title: '各院校录取情况',
      order: '院校代码',
      empty: '没有已录取的考生。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 26 },
        ...ADMISSION_COLUMNS,
      ],
    },
    {
      id: 'majors',
      title: '各专业录取情况',
      order: '院校代码、专业代码',
      empty: '没有已录取的考生。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'majorName', title: '专业', type: 'text', width: 22 },
        { key: 'articulated', title: '三二分段', type: 'boolean', width: 8 },
        ...ADMISSION_COLUMNS,
      ],
    },
    FLOWS,
  ],
  definitions: ADMISSION_DEFINITIONS,
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const {
    city = null,
    school = null,
    batch = null,
  } = parameters as Readonly<Record<string, string>>;
  const scope = scopeWords(parameters);
  const head = await readHead(session, season, { scope, businessDate: null, runs: [] });
  await enterReader(context, schoolAdmissions, parameters);
  await readInBulk(session, school === null);
  const asked = { season, city, school, batch };
  const { schools, majors } = await readAdmissions(session, asked);
  const progress = await readProgressTotals(session, asked);
  const admitted = sumOf(schools, 'admitted');
  const flows = await readFlows(session, asked);
  return {
    head,
    findings: [],
    figures: [{ key: 'admitted', title: '录取', type: 'integer', value: admitted, unit: '人' }],
    rows: { schools, majors, flows },
    reconciliations: [
      { sentence: '各专业之和与各院校之和', left: sumOf(majors, 'admitted'), right: admitted },
      { sentence: '生源流向之和与各院校之和', left: sumOf(flows, 'admitted'), right: admitted },
      {
        sentence: '本表录取与“录取进度统计”的录取',
        left: admitted,
        right: progress['admitted'] ?? 0,
      },
    ],
  };
}
