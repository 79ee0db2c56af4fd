/**
 * articulated-register (三二分段录取登记): who was admitted to 3+2, for which college, and whether what the
 * transfer examination will need is complete – technical schools included, whose rosters another
 * system prints and whose 3+2 students are entered here all the same (n66 一（四）3).
 */
import type { Session } from '../../db/connect.ts';
import { valueTitle } from '../../engine/rules/value-titles.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Figure,
  type Parameters,
  type Reconciliation,
  type ReportContent,
  type ReportFinding,
  type Row,
  type SelectContext,
} from '../report.ts';
import { mapRows, streamRows } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';
import { countAdmitted } from '../statistics/admission-cells.ts';
import { sumOf } from '../statistics/progress.ts';

const EMPTY = '没有录取到三二分段专业的考生。';

/** What must be there, by the Chinese name of what lacks. */
const MISSING = `concat_ws('、',
  case when m.college = '' then '对接高职院校' end,
  case when c.candidate_no is null then '考生号' end,
  case when c.identity_no = '' then '身份证号' end,
  case when c.birth_date is null then '出生日期' end,
  case when c.phone = '' then '联系电话' end)`;

/**
 * $1 season, $2 city, $3 school. Candidates are looked up one by one (`offset 0`): one in twenty is
 * admitted to 3+2, for whom the planner would read them all.
 */
const STUDENTS = `
from majors m
join files f on f.season = m.season and f.school = m.school and f.major = m.code
  and f.state in ('admitted', 'registered', 'filed')
cross join lateral (select * from candidates c
  where c.season = f.season and c.city = f.city and c.file = f.file offset 0) c
left join schools s on s.season = m.season and s.code = m.school
cross join lateral (select ${MISSING} as missing) x
where m.season = $1::smallint and m.articulated and ($2::text is null or f.city = $2)
  and ($3::text is null or m.school = $3)`;

const COUNTS = `count(*)::integer as admitted,
  count(*) filter (where f.state in ('registered', 'filed'))::integer as registered,
  count(*) filter (where x.missing <> '')::integer as incomplete`;

/** Of the progress, what its plan lines say of the same majors. */
const PLANNED = `
select coalesce(sum(p.planned), 0)::integer as planned from plan_lines p
where p.season = $1::smallint and ($2::text is null or p.city = $2)
  and ($3::text is null or p.school = $3)
  and (p.school, p.major) in (select m.school, m.code from majors m
    where m.season = $1::smallint and m.articulated)`;

/**
 * The trail's own count, which reads no file: whoever ever came to a 3+2 major, by the last event
 * that moved the file.
 */
const BY_TRAIL = `
with seats as materialized (
  select m.school, m.code from majors m
  where m.season = $1::smallint and m.articulated and ($3::text is null or m.school = $3)),
came as (
  select distinct e.city, e.file from seats m
  join events e on e.season = $1::smallint and e.school = m.school and e.major = m.code
    and e.to_state in ('admitted', 'registered', 'filed') and ($2::text is null or e.city = $2))
select count(*)::integer as admitted from came x
cross join lateral (
  select e.to_state, e.school, e.major from events e
  where e.season = $1::smallint and e.city = x.city and e.file = x.file and e.to_state is not null
  order by e.event desc limit 1) l
where l.to_state in ('admitted', 'registered', 'filed')
  and exists (select from seats m where m.school = l.school and m.code = l.major)`;

/**
 * Of more students the trail is not read again: it takes a look into it for each, and the register
 * of the whole province would be slow by it. By city or by school it always is.
 */
const BY_TRAIL_MAX = 5000;

const BY_MAJOR = `
select l.school, s.name as "schoolName", s.kind, l.major, l."majorName", l.college, l.planned,
  coalesce(a.admitted, 0) as admitted, coalesce(a.registered, 0) as registered,
  coalesce(a.incomplete, 0) as incomplete
from (
  select m.school, m.code as major, m.name as "majorName", m.college,
    coalesce(sum(p.planned), 0)::integer as planned
  from majors m
  left join plan_lines p on p.season = m.season and p.school = m.school and p.major = m.code
    and ($2::text is null or p.city = $2)
  where m.season = $1::smallint and m.articulated and ($3::text is null or m.school = $3)
  group by m.school, m.code, m.name, m.college) l
left join (
  select m.school, m.code as major, ${COUNTS} ${STUDENTS} group by m.school, m.code) a
  on a.school = l.school and a.major = l.major
left join schools s on s.season = $1::smallint and s.code = l.school
where l.planned > 0 or a.admitted > 0
order by l.school collate "C", l.major collate "C"`;

const ROWS = `
select x.missing, m.college, m.school, s.name as "schoolName", s.kind, m.code as major,
  m.name as "majorName", f.city, c.candidate_no as "candidateNo", c.name, c.sex,
  c.identity_no as "identityNo", c.total, f.state, f.since::text as since
${STUDENTS}
order by x.missing = '', m.college collate "C", m.school collate "C", m.code collate "C",
  c.candidate_no collate "C"`;

export const articulatedRegister = defineReport({
  id: 'articulated-register',
  title: '三二分段录取登记',
  menu: '数据统计',
  side: 'office',
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city, school: PARAMETERS.school },
  },
  sections: [
    {
      id: 'colleges',
      title: '各高职院校',
      order: '高职院校',
      empty: EMPTY,
      columns: [
        { key: 'college', title: '对接高职院校', type: 'text', width: 28 },
        { key: 'schools', title: '中职学校', type: 'integer', unit: '所', width: 8 },
        { key: 'majors', title: '专业', type: 'integer', unit: '个', width: 8, total: 'sum' },
        { key: 'admitted', title: '录取', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'registered', title: '已注册', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'incomplete', title: '不完整', type: 'integer', unit: '人', width: 8, total: 'sum' },
      ],
    },
    {
      id: 'majors',
      title: '各校三二分段专业',
      order: '院校代码、专业代码',
      empty: '没有三二分段专业的计划。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 22 },
        { key: 'kindTitle', title: '类别', type: 'text', width: 12 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'majorName', title: '专业', type: 'text', width: 18 },
        { key: 'college', title: '对接高职院校', type: 'text', width: 22 },
        { key: 'planned', title: '计划', type: 'integer', unit: '人', width: 7, total: 'sum' },
        { key: 'admitted', title: '录取', type: 'integer', unit: '人', width: 7, total: 'sum' },
        { key: 'registered', title: '已注册', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'incomplete', title: '不完整', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'rate', title: '完成率', type: 'percent', width: 7, of: ['admitted', 'planned'] },
      ],
    },
    {
      id: 'students',
      title: '三二分段考生',
      order: '不完整的在前，其余按高职院校、院校、专业',
      empty: EMPTY,
      columns: [
        { key: 'complete', title: '完整', type: 'boolean', width: 6 },
        { key: 'missing', title: '缺少', type: 'text', width: 18 },
        { key: 'college', title: '对接高职院校', type: 'text', width: 20 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 18 },
        { key: 'kindTitle', title: '类别', type: 'text', width: 10 },
        { key: 'majorName', title: '专业', type: 'text', width: 16 },
        { key: 'city', title: '生源地代码', type: 'code', width: 8 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 15 },
        { key: 'name', title: '姓名', type: 'text', width: 8, masked: 'name' },
        { key: 'sex', title: '性别', type: 'text', width: 5 },
        { key: 'identityNo', title: '身份证号', type: 'code', width: 19, masked: 'identity' },
        { key: 'total', title: '总分', type: 'hundredths', width: 8 },
        { key: 'stateTitle', title: '状态', type: 'text', width: 10 },
        { key: 'since', title: '自', type: 'date', width: 11 },
      ],
    },
  ],
  mainSection: 'students',
  definitions: [
    { term: '三二分段', meaning: '中职三年、经考核转入对接高职院校两年；以专业资料的标记为准。' },
    {
      term: '完整',
      meaning: '有对接高职院校、考生号、身份证号、出生日期和联系电话，可供转段考核使用。',
    },
    { term: '录取', meaning: '现为录取、已注册或名册已备案的考生；技工学校的也在内。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { city = null, school = null } = parameters as Readonly<Record<string, string>>;
  const about = {
    scope: await scopeWords(session, season, parameters),
    businessDate: null,
    runs: [],
  };
  const head = await readHead(session, season, about);
  await enterReader(context, articulatedRegister, parameters);
  const values = [season, city, school];
  const majors = (await session.query<Row>(BY_MAJOR, values)).map(inWords);
  const colleges = byCollege(majors);
  const counted = { season, city, school, batch: null };
  const admitted = await countAdmitted(session, counted, true);
  const [plan] = await session.query<{ planned: number }>(PLANNED, values);
  const both = { left: sumOf(majors, 'admitted'), right: admitted };
  return {
    head,
    findings: findings(majors),
    figures: figuresOf(majors),
    rows: { colleges, majors, students: mapRows(streamRows(session, ROWS, values), inWords) },
    reconciliations: [
      {
        sentence: '各高职院校录取之和与各校三二分段专业之和',
        left: sumOf(colleges, 'admitted'),
        right: both.left,
      },
      { sentence: '本表录取与“录取进度统计”三二分段专业的录取', ...both },
      ...(await byTrail(session, values, both.left)),
      {
        sentence: '本表计划与“录取进度统计”三二分段专业的计划',
        left: sumOf(majors, 'planned'),
        right: plan?.planned ?? 0,
      },
    ],
  };
}

async function byTrail(
  session: Session,
  values: readonly unknown[],
  left: number,
): Promise<Reconciliation[]> {
  if (left > BY_TRAIL_MAX) return [];
  const [row] = await session.query<{ admitted: number }>(BY_TRAIL, values);
  const sentence = '本表录取与按考生轨迹（各档案最后一次变动）重新计数的人数';
  return [{ sentence, left, right: row?.admitted ?? 0 }];
}

/** Colleges to whose majors somebody was admitted: the majors added up. */
function byCollege(majors: readonly Row[]): Row[] {
  const admitting = majors.filter(row => Number(row['admitted']) > 0);
  const groups = [...Map.groupBy(admitting, row => String(row['college']))];
  const sorted = groups.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([college, own]) => ({
    college,
    schools: new Set(own.map(row => row['school'])).size,
    majors: own.length,
    admitted: sumOf(own, 'admitted'),
    registered: sumOf(own, 'registered'),
    incomplete: sumOf(own, 'incomplete'),
  }));
}

function inWords(row: Row): Row {
  const states: Record<string, string> = {
    admitted: '录取',
    registered: '已注册',
    filed: '名册已备案',
  };
  return {
    ...row,
    kindTitle: valueTitle('school.kind', row['kind'] ?? null),
    sex: valueTitle('candidate.sex', row['sex'] ?? null),
    complete: row['missing'] === '',
    stateTitle: states[String(row['state'])] ?? null,
  };
}

function figuresOf(majors: readonly Row[]): Figure[] {
  const figure = (key: string, title: string): Figure => {
    return { key, title, type: 'integer', value: sumOf(majors, key), unit: '人' };
  };
  return [
    figure('planned', '计划'),
    figure('admitted', '录取'),
    figure('registered', '已注册'),
    figure('incomplete', '不完整'),
  ];
}

const EVIDENCE_ROWS = 20;

function findings(majors: readonly Row[]): ReportFinding[] {
  const found: ReportFinding[] = [];
  const incomplete = majors.filter(row => Number(row['incomplete']) > 0);
  const shown = (rows: readonly Row[], keys: readonly string[]) =>
    rows.slice(0, EVIDENCE_ROWS).map(row => Object.fromEntries(keys.map(key => [key, row[key]])));
  if (incomplete.length > 0) {
    found.push({
      severity: 'warning',
      property: 'articulated-incomplete',
      place: '',
      sentence: `${sumOf(incomplete, 'incomplete')} 名三二分段考生的资料不完整。`,
      consequence: '请学校补齐，以便转段考核。',
      rows: shown(incomplete, ['school', 'major', 'incomplete']),
      rowCount: incomplete.length,
    });
  }
  const technical = majors.filter(row => row['kind'] === 'technical');
  const nobody = [...Map.groupBy(technical, row => row['school'])]
    .filter(([, rows]) => sumOf(rows, 'admitted') === 0)
    .map(([school, rows]) => ({ school: school ?? '', planned: sumOf(rows, 'planned') }));
  if (nobody.length > 0) {
    found.push({
      severity: 'warning',
      property: 'articulated-not-entered',
      place: '技工学校',
      sentence: `${nobody.length} 所技工学校有三二分段计划，还没有录入一名考生。`,
      consequence: '技工学校的三二分段录取数据须录入本系统（n66 一（四）3）。',
      rows: nobody.slice(0, EVIDENCE_ROWS),
      rowCount: nobody.length,
    });
  }
  return found;
}
