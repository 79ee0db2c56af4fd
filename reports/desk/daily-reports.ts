/**
 * daily-reports (招生日报查询): the daily reports of a day by school, missing ones first, what was typed
 * beside what the system counted when it was filed.
 */
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
import { readScopeNames } from '../scope-words.ts';

/**
 * Schools of the reader's cities and kinds that have a plan or a report: $2 day, $3 city, $4 the
 * reader's cities (null: all), $5 kinds (null: all).
 */
const ROWS = `
with seated as (
  select s.code as school, s.name as "schoolName", s.disabled_at is null as open,
    case r.level when 'city' then r.code when 'county' then r.parent else '' end as city
  from schools s
  left join regions r on r.season = s.season and r.code = s.region
  where s.season = $1::smallint and ($5::text[] is null or s.kind = any($5)))
select s.city, c.name as "cityName", s.school, s."schoolName", d.school is not null as filed,
  d.admitted, d.system_admitted as "systemAdmitted", d.registered,
  d.system_registered as "systemRegistered", d.admitted_that_day as "admittedThatDay",
  d.system_admitted_that_day as "systemAdmittedThatDay",
  (d.admitted, d.registered, d.admitted_that_day)
    is distinct from (d.system_admitted, d.system_registered, d.system_admitted_that_day)
    as differs,
  d.remark
from seated s
left join daily_reports d on d.season = $1::smallint and d.school = s.school and d.day = $2::date
left join regions c on c.season = $1::smallint and c.code = s.city
where ($3::text is null or s.city = $3) and ($4::text[] is null or s.city = any($4))
  and (d.school is not null or s.open and s.school = any($6::text[]))
order by filed, s.city collate "C", s.school collate "C"`;

export const dailyReports = defineReport({
  id: 'daily-reports',
  title: '招生日报查询',
  menu: '招生日报',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { date: PARAMETERS.date, city: PARAMETERS.city },
  },
  sections: [
    {
      id: 'reports',
      title: '招生日报',
      order: '未填报的在前，其余按地市、院校代码',
      empty: '没有应填报的院校。',
      columns: [
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '地市', type: 'text', width: 10 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 24 },
        { key: 'filed', title: '已填报', type: 'boolean', width: 6 },
        { key: 'admitted', title: '录取（填报）', type: 'integer', width: 8, total: 'sum' },
        { key: 'systemAdmitted', title: '录取（系统）', type: 'integer', width: 8, total: 'sum' },
        { key: 'registered', title: '注册（填报）', type: 'integer', width: 8, total: 'sum' },
        { key: 'systemRegistered', title: '注册（系统）', type: 'integer', width: 8, total: 'sum' },
        {
          key: 'admittedThatDay',
          title: '当日录取（填报）',
          type: 'integer',
          width: 9,
          total: 'sum',
        },
        {
          key: 'systemAdmittedThatDay',
          title: '当日录取（系统）',
          type: 'integer',
          width: 9,
          total: 'sum',
        },
        { key: 'differs', title: '不一致', type: 'boolean', width: 6 },
        { key: 'remark', title: '说明', type: 'text', width: 24 },
      ],
    },
  ],
  definitions: [
    { term: '应填报的院校', meaning: '有招生计划的院校。' },
    { term: '系统', meaning: '填报或更正时，系统按截至当日的档案变动统计的人数。' },
    { term: '不一致', meaning: '填报的任何一项与系统的统计不同。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const day = String(parameters['date'] ?? shanghaiTime(context.now()).slice(0, 10));
  const city = parameters['city'] === undefined ? null : String(parameters['city']);
  const names = await readScopeNames(session, season, parameters);
  const head = await readHead(session, season, {
    scope: names.city === null ? '本级所辖院校' : `${names.city}的院校`,
    businessDate: day,
    runs: [],
  });
  // That a school has a plan is public; its lines in other cities are not in the reader's rows.
  const planned = await session.query<{ school: string }>(
    'select distinct school from plan_lines where season = $1::smallint',
    [season],
  );
  const { user } = await enterReader(context, dailyReports, parameters);
  const found = await session.query<Row>(ROWS, [
    season,
    day,
    city,
    user === null || user.cities === 'all' ? null : user.cities,
    user?.kinds ?? null,
    planned.map(row => row.school),
  ]);
  const reports = found.map(row => (row['filed'] === true ? row : { ...row, differs: null }));
  const filed = reports.filter(row => row['filed'] === true).length;
  const figures: Figure[] = [
    { key: 'schools', title: '应填报', type: 'integer', value: reports.length, unit: '校' },
    { key: 'filed', title: '已填报', type: 'integer', value: filed, unit: '校' },
    { key: 'missing', title: '未填报', type: 'integer', value: reports.length - filed, unit: '校' },
  ];
  return { head, findings: [], figures, rows: { reports } };
}
