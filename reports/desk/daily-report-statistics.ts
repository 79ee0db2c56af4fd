/**
 * daily-report-statistics (招生日报数据统计): what schools have reported over some days – totals, trend and
 * each school's last word – typed figures beside the system's own, the differences first.
 */
import type { Session } from '../../db/connect.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  type Column,
  defineReport,
  type Figure,
  type Parameters,
  type ReportContent,
  type ReportFinding,
  type Row,
  type SelectContext,
} from '../report.ts';
import { mapRows, streamRows } from '../row-stream.ts';
import { readScopeNames, type ScopeNames } from '../scope-words.ts';
import { sumOf } from '../statistics/progress.ts';

const EMPTY = '这些天没有招生日报。';
const EVIDENCE_ROWS = 20;

const DIFFERS = `(d.admitted, d.registered, d.admitted_that_day)
  is distinct from (d.system_admitted, d.system_registered, d.system_admitted_that_day)`;

/** $1 season, $2 first day, $3 last day, $4 city, $5 school, $6 kinds; null: all. */
const REPORTS = `
from daily_reports d
join schools s on s.season = d.season and s.code = d.school
where d.season = $1::smallint and d.day between $2::date and $3::date
  and ($4::text is null or d.city = $4) and ($5::text is null or d.school = $5)
  and ($6::text[] is null or s.kind = any ($6))`;

/** Days on which anybody reported: before and after there is nothing to miss. */
const BY_DAY = `
select d.day::text as day, count(*)::integer as filed,
  count(*) filter (where ${DIFFERS})::integer as differing,
  sum(d.admitted)::integer as admitted, sum(d.system_admitted)::integer as "systemAdmitted",
  sum(d.registered)::integer as registered,
  sum(d.system_registered)::integer as "systemRegistered",
  sum(d.admitted_that_day)::integer as "admittedThatDay",
  sum(d.system_admitted_that_day)::integer as "systemAdmittedThatDay"
${REPORTS} group by d.day order by d.day`;

const BY_SCHOOL = `
select x.*, l.day::text as day, l.admitted, l.system_admitted as "systemAdmitted", l.registered,
  l.system_registered as "systemRegistered", c.name as "cityName"
from (
  select d.school, min(s.name) as "schoolName", min(d.city) as city, count(*)::integer as filed,
    count(*) filter (where ${DIFFERS})::integer as differing, max(d.day) as last,
    sum(d.admitted_that_day)::integer as "admittedThatDay",
    sum(d.system_admitted_that_day)::integer as "systemAdmittedThatDay"
  ${REPORTS} group by d.school) x
join daily_reports l on l.season = $1::smallint and l.school = x.school and l.day = x.last
left join regions c on c.season = $1::smallint and c.code = x.city
order by x.differing = 0, x.city collate "C", x.school collate "C"`;

const DIFFERENCES = `
select d.day::text as day, d.school, s.name as "schoolName", d.city, d.admitted,
  d.system_admitted as "systemAdmitted", d.admitted - d.system_admitted as "admittedMore",
  d.registered, d.system_registered as "systemRegistered",
  d.registered - d.system_registered as "registeredMore",
  d.admitted_that_day as "admittedThatDay",
  d.system_admitted_that_day as "systemAdmittedThatDay",
  d.admitted_that_day - d.system_admitted_that_day as "thatDayMore", d.remark,
  d.filed_by as "filedBy"
${REPORTS} and ${DIFFERS}
order by d.day desc, d.school collate "C"`;

const count = (key: string, title: string): Column => {
  return { key, title, type: 'integer', width: 8, total: 'sum' };
};

export const dailyReportStatistics = defineReport({
  id: 'daily-report-statistics',
  title: '招生日报数据统计',
  menu: '招生日报',
  side: 'office',
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: {
      from: { ...PARAMETERS.date, description: '自（含），YYYY-MM-DD；默认本年第一份日报' },
      to: { ...PARAMETERS.date, description: '至（含），YYYY-MM-DD；默认今天' },
      city: PARAMETERS.city,
      school: PARAMETERS.school,
    },
  },
  sections: [
    {
      id: 'differences',
      title: '与系统不一致的日报',
      order: '日期，近的在前；院校代码',
      empty: '填报的数字与系统一致。',
      columns: [
        { key: 'day', title: '日期', type: 'date', width: 11 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 22 },
        { key: 'admitted', title: '录取（填报）', type: 'integer', width: 8 },
        { key: 'systemAdmitted', title: '录取（系统）', type: 'integer', width: 8 },
        { key: 'admittedMark', title: '差', type: 'text', width: 6 },
        { key: 'registered', title: '注册（填报）', type: 'integer', width: 8 },
        { key: 'systemRegistered', title: '注册（系统）', type: 'integer', width: 8 },
        { key: 'registeredMark', title: '差', type: 'text', width: 6 },
        { key: 'admittedThatDay', title: '当日录取（填报）', type: 'integer', width: 9 },
        { key: 'systemAdmittedThatDay', title: '当日录取（系统）', type: 'integer', width: 9 },
        { key: 'thatDayMark', title: '差', type: 'text', width: 6 },
        { key: 'remark', title: '说明', type: 'text', width: 18 },
        { key: 'filedBy', title: '填报人', type: 'text', width: 16 },
      ],
    },
    {
      id: 'days',
      title: '逐日',
      order: '日期',
      empty: EMPTY,
      columns: [
        { key: 'day', title: '日期', type: 'date', width: 11 },
        count('filed', '已填报（校）'),
        { key: 'missing', title: '未填报（校）', type: 'integer', width: 9 },
        count('differing', '不一致（份）'),
        { key: 'admitted', title: '录取（填报）', type: 'integer', width: 8 },
        { key: 'systemAdmitted', title: '录取（系统）', type: 'integer', width: 8 },
        { key: 'registered', title: '注册（填报）', type: 'integer', width: 8 },
        { key: 'systemRegistered', title: '注册（系统）', type: 'integer', width: 8 },
        count('admittedThatDay', '当日录取（填报）'),
        count('systemAdmittedThatDay', '当日录取（系统）'),
      ],
      chart: {
        kind: 'column',
        title: '各日当日录取（填报，人）',
        category: 'day',
        values: ['admittedThatDay'],
      },
    },
    {
      id: 'schools',
      title: '各院校',
      order: '有不一致的在前，其余按地市、院校代码',
      empty: EMPTY,
      columns: [
        { key: 'cityName', title: '地市', type: 'text', width: 10 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 22 },
        count('filed', '已填报（份）'),
        count('differing', '不一致（份）'),
        { key: 'day', title: '最近一份', type: 'date', width: 11 },
        count('admitted', '录取（填报）'),
        count('systemAdmitted', '录取（系统）'),
        count('registered', '注册（填报）'),
        count('systemRegistered', '注册（系统）'),
        count('admittedThatDay', '当日录取合计（填报）'),
        count('systemAdmittedThatDay', '当日录取合计（系统）'),
      ],
    },
  ],
  mainSection: 'days',
  definitions: [
    { term: '系统', meaning: '填报或更正时，系统按截至当日的档案变动统计的人数。' },
    { term: '不一致', meaning: '填报的任何一项与系统的统计不同；“差”为填报减系统。' },
    { term: '未填报', meaning: '有招生计划、未停用而当日没有日报的院校；只列有人填报的日期。' },
    { term: '逐日的录取、注册', meaning: '当日填报的各校至当日的累计数之和；未填报的校不在内。' },
    { term: '各院校的录取、注册', meaning: '该校最近一份日报的累计数。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const today = shanghaiTime(context.now()).slice(0, 10);
  const from = String(parameters['from'] ?? `${season}-01-01`);
  const to = String(parameters['to'] ?? today);
  const { city = null, school = null } = parameters;
  const planned = await plannedSchools(session, season);
  const names = await readScopeNames(session, season, parameters);
  const head = await readHead(session, season, {
    scope: scopeOf(names, parameters['from'], to),
    businessDate: to,
    runs: [],
  });
  const { user } = await enterReader(context, dailyReportStatistics, parameters);
  const kinds = user?.kinds ?? null;
  const values = [season, from, to, city, school, kinds];
  const cities = user === null || user.cities === 'all' ? null : user.cities;
  const due = await dueSchools(session, [season, city, school, kinds, cities, planned]);
  const days = await session.query<Row>(BY_DAY, values);
  const schools = await session.query<Row>(BY_SCHOOL, values);
  const differences = await session.query<Row>(`${DIFFERENCES} limit ${EVIDENCE_ROWS}`, values);
  return {
    head,
    findings: findings(differences, sumOf(days, 'differing')),
    figures: figuresOf(days, schools, due.size),
    rows: {
      differences: mapRows(streamRows(session, DIFFERENCES, values), marked),
      days: await withMissing(session, values, days, due),
      schools,
    },
    reconciliations: [
      {
        sentence: '逐日的份数与各院校的份数',
        left: sumOf(days, 'filed'),
        right: sumOf(schools, 'filed'),
      },
      {
        sentence: '逐日的当日录取与各院校的当日录取（填报）',
        left: sumOf(days, 'admittedThatDay'),
        right: sumOf(schools, 'admittedThatDay'),
      },
      {
        sentence: '逐日的当日录取与各院校的当日录取（系统）',
        left: sumOf(days, 'systemAdmittedThatDay'),
        right: sumOf(schools, 'systemAdmittedThatDay'),
      },
    ],
  };
}

/** That a school has a plan is public; its lines in other cities are not in the reader's rows. */
async function plannedSchools(session: Session, season: number): Promise<string[]> {
  const rows = await session.query<{ school: string }>(
    'select distinct school from plan_lines where season = $1::smallint',
    [season],
  );
  return rows.map(({ school }) => school);
}

async function dueSchools(
  session: Session,
  values: readonly unknown[],
): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ school: string }>(
    `select s.code as school from schools s
     left join regions r on r.season = s.season and r.code = s.region
     cross join lateral (select case r.level when 'city' then r.code when 'county' then r.parent
       else '' end as city) z
     where s.season = $1::smallint and s.disabled_at is null and s.code = any ($6::text[])
       and ($2::text is null or z.city = $2) and ($3::text is null or s.code = $3)
       and ($4::text[] is null or s.kind = any ($4)) and ($5::text[] is null or z.city = any ($5))`,
    values,
  );
  return new Set(rows.map(({ school }) => school));
}

async function withMissing(
  session: Session,
  values: readonly unknown[],
  days: readonly Row[],
  due: ReadonlySet<string>,
): Promise<Row[]> {
  const rows = await session.query<{ day: string; filed: number }>(
    `select d.day::text as day, count(*)::integer as filed
     ${REPORTS} and d.school = any ($7::text[]) group by d.day`,
    [...values, [...due]],
  );
  const filed = new Map(rows.map(row => [row.day, row.filed]));
  return days.map(row => ({ ...row, missing: due.size - (filed.get(String(row['day'])) ?? 0) }));
}

function scopeOf({ city, school }: ScopeNames, from: unknown, to: string): string {
  const where = city === null ? '本级所辖院校' : `${city}的院校`;
  const which = school === null ? '' : ` · ${school}`;
  const since = from === undefined ? '本年' : String(from);
  return `${where}${which} · ${since} 至 ${to}`;
}

/** +3, −1, and nothing where both agree. */
function mark(more: unknown): string {
  const difference = Number(more);
  if (difference === 0) return '';
  return difference > 0 ? `▲+${difference}` : `▼−${-difference}`;
}

function marked(row: Row): Row {
  return {
    ...row,
    admittedMark: mark(row['admittedMore']),
    registeredMark: mark(row['registeredMore']),
    thatDayMark: mark(row['thatDayMore']),
  };
}

function findings(differences: readonly Row[], all: number): ReportFinding[] {
  if (all === 0) return [];
  return [
    {
      severity: 'warning',
      property: 'daily-differs',
      place: '',
      sentence: `${all} 份日报填报的数字与系统不一致。`,
      consequence: '请院校核对，更正日报，或在系统中补办。',
      rows: differences.map(row => ({
        day: row['day'],
        school: row['school'],
        typed: `录取 ${row['admitted']}、注册 ${row['registered']}`,
        system: `录取 ${row['systemAdmitted']}、注册 ${row['systemRegistered']}`,
      })),
      rowCount: all,
    },
  ];
}

function figuresOf(days: readonly Row[], schools: readonly Row[], due: number): Figure[] {
  const figure = (key: string, title: string, value: number, unit: string): Figure => {
    return { key, title, type: 'integer', value, unit };
  };
  return [
    figure('due', '应填报', due, '校'),
    figure('reported', '填报过', schools.length, '校'),
    figure('filed', '日报', sumOf(days, 'filed'), '份'),
    figure('differing', '不一致', sumOf(days, 'differing'), '份'),
    figure('admitted', '录取（最近一份，填报）', sumOf(schools, 'admitted'), '人'),
    figure('systemAdmitted', '录取（最近一份，系统）', sumOf(schools, 'systemAdmitted'), '人'),
  ];
}
