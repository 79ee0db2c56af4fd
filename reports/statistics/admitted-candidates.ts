/**
 * admitted-candidates (录取考生信息): what a school takes along of the students whom it has admitted –
 * by major, and one row each. Names are shown, since they are the school's own students; identity
 * and telephone numbers stand on its roster and letters alone.
 */
import { confirmationDay } from '../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { valueTitle } from '../../engine/rules/value-titles.ts';
import { readHead, shanghaiTime } from '../head.ts';
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
import { readProgress, sumOf } from './progress.ts';

const EMPTY = '没有已录取的考生。';
const STATES: Readonly<Record<string, string>> = {
  admitted: '录取',
  registered: '已注册',
  filed: '名册已备案',
};

/** $2 school; $3 city; $4 phase; $5 state; $6, $7 in parallel: phases and their last days. */
const STUDENTS = `
from files f
join candidates c on c.season = f.season and c.city = f.city and c.file = f.file
left join majors m on m.season = f.season and m.school = f.school and m.code = f.major
left join unnest($6::text[], $7::date[]) t (phase, day) on t.phase = f.phase
where f.season = $1::smallint and f.school = $2 and f.state in ('admitted', 'registered', 'filed')
  and ($3::text is null or f.city = $3) and ($4::text is null or f.phase = $4)
  and ($5::text is null or f.state = $5)`;

const LAST_DAY = 'greatest(coalesce(f.register_by, t.day), f.reopened_until)';

const BY_MAJOR = `
select coalesce(f.major, '') as major, min(m.name) as "majorName",
  coalesce(bool_or(m.articulated), false) as articulated,
  count(*) filter (where f.state = 'admitted')::integer as admitted,
  count(*) filter (where f.state = 'registered')::integer as registered,
  count(*) filter (where f.state = 'filed')::integer as filed,
  count(*)::integer as students,
  count(*) filter (where f.state = 'admitted' and ${LAST_DAY} < $8::date)::integer as late
${STUDENTS} group by coalesce(f.major, '')
order by coalesce(f.major, '') collate "C"`;

const ROWS = `
select f.letter, c.candidate_no as "candidateNo", c.name, c.sex, c.birth_date::text as "birthDate",
  c.identity_no as "identityNo", c.origin, f.city, r.name as "cityName", k.name as "countyName",
  c.total, f.major, m.name as "majorName", coalesce(m.articulated, false) as articulated,
  m.college, f.phase, f.state, f.since::text as since, ${LAST_DAY}::text as "lastDay",
  c.phone, c.guardian, c.address, c.postcode
${STUDENTS.replace(
  'where f.season',
  `left join regions r on r.season = f.season and r.code = f.city
left join regions k on k.season = f.season and k.code = c.county
where f.season`,
)} and $8::date is not null
order by f.major collate "C" nulls first, f.city collate "C", c.candidate_no collate "C"`;

export const admittedCandidates = defineReport({
  id: 'admitted-candidates',
  title: '录取考生信息',
  menu: '数据统计',
  side: 'school',
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: {
      school: PARAMETERS.school,
      city: PARAMETERS.city,
      phase: { type: 'string', minLength: 1, maxLength: 60, description: '录取阶段' },
      state: { type: 'string', enum: Object.keys(STATES), description: '状态' },
    },
  },
  sections: [
    {
      id: 'majors',
      title: '分专业人数',
      order: '专业代码',
      empty: EMPTY,
      columns: [
        { key: 'major', title: '专业代码', type: 'code', width: 9 },
        { key: 'majorName', title: '专业', type: 'text', width: 24 },
        { key: 'articulated', title: '三二分段', type: 'boolean', width: 8 },
        { key: 'admitted', title: '未注册', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'registered', title: '已注册', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'filed', title: '名册已备案', type: 'integer', unit: '人', width: 9, total: 'sum' },
        { key: 'students', title: '合计', type: 'integer', unit: '人', width: 8, total: 'sum' },
      ],
    },
    {
      id: 'students',
      title: '录取考生',
      order: '专业代码、生源地代码、考生号',
      empty: EMPTY,
      columns: [
        { key: 'number', title: '通知书编号', type: 'code', width: 14 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 15 },
        { key: 'name', title: '姓名', type: 'text', width: 10 },
        { key: 'sex', title: '性别', type: 'text', width: 5 },
        { key: 'birthDate', title: '出生日期', type: 'date', width: 11 },
        { key: 'identityNo', title: '身份证号', type: 'code', width: 19, masked: 'identity' },
        { key: 'origin', title: '考生类别', type: 'text', width: 12 },
        { key: 'place', title: '生源地', type: 'text', width: 16 },
        { key: 'total', title: '总分', type: 'hundredths', unit: '分', width: 8 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'majorName', title: '录取专业', type: 'text', width: 18 },
        { key: 'articulated', title: '三二分段', type: 'boolean', width: 6 },
        { key: 'college', title: '对接高职院校', type: 'text', width: 18 },
        { key: 'phaseTitle', title: '阶段', type: 'text', width: 10 },
        { key: 'stateTitle', title: '状态', type: 'text', width: 10 },
        { key: 'since', title: '自', type: 'date', width: 11 },
        { key: 'lastDay', title: '注册截止', type: 'date', width: 11 },
        { key: 'phone', title: '电话', type: 'text', width: 13, masked: 'phone' },
        { key: 'guardian', title: '监护人', type: 'text', width: 10, masked: 'name' },
        { key: 'address', title: '地址', type: 'text', width: 26 },
        { key: 'postcode', title: '邮编', type: 'code', width: 8 },
      ],
    },
  ],
  mainSection: 'students',
  definitions: [
    { term: '录取考生', meaning: '现为录取、已注册或名册已备案的考生；录后退、转出的不在内。' },
    { term: '注册截止', meaning: '确定该生已报到的最后一日；转录的按其本人的期限。' },
    { term: '身份证号、电话', meaning: '本表不全显；全号见录取名册与录取通知书。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const today = shanghaiTime(context.now()).slice(0, 10);
  const about = { scope: '本校录取的考生', businessDate: today, runs: [] };
  const head = await readHead(session, season, about);
  const { user, policy } = await enterReader(context, admittedCandidates, parameters);
  const school = String(parameters['school'] ?? user?.school ?? '');
  const { city = null, phase = null, state = null } = parameters;
  const where = await scopeWords(session, season, { ...parameters, school });
  const phases = policy?.base.phases ?? [];
  const days = phases.map(({ id }) => lastDay(policy?.base ?? null, id));
  const given = [season, school, city, phase, state, phases.map(({ id }) => id), days, today];
  const majors = await session.query<Row>(BY_MAJOR, given);
  const titles = new Map(phases.map(({ id, title }) => [id, title]));
  const words = (row: Row) => inWords(row, titles, `${season}-${school}`);
  const asked = [titles.get(String(phase)) ?? phase, STATES[String(state)] ?? state].filter(
    text => text !== null,
  );
  const whole = phase === null && state === null;
  const progress = { season, city: city === null ? null : String(city), school, batch: null };
  return {
    head: { ...head, scope: [where, ...asked, '录取的考生'].join(' · ') },
    findings: findings(majors),
    figures: figuresOf(majors),
    rows: { majors, students: mapRows(streamRows(session, ROWS, given), words) },
    reconciliations: whole ? agreeing(majors, await readProgress(session, progress, 'school')) : [],
  };
}

function lastDay(policy: FullPolicy | null, phase: string): string | null {
  return policy === null ? null : confirmationDay(policy, phase);
}

function inWords(row: Row, phases: ReadonlyMap<string, string>, prefix: string): Row {
  const letter = row['letter'] ?? null;
  const phase = String(row['phase'] ?? '');
  return {
    ...row,
    number: letter === null ? null : `${prefix}-${String(letter).padStart(5, '0')}`,
    sex: valueTitle('candidate.sex', row['sex'] ?? null),
    origin: valueTitle('candidate.origin', row['origin'] ?? null),
    place: `${row['cityName'] ?? row['city']}${row['countyName'] ?? ''}`,
    phaseTitle: phases.get(phase) ?? phase,
    stateTitle: STATES[String(row['state'])] ?? null,
  };
}

function figuresOf(majors: readonly Row[]): Figure[] {
  const figure = (key: string, title: string): Figure => {
    return { key, title, type: 'integer', value: sumOf(majors, key), unit: '人' };
  };
  return [
    figure('students', '录取'),
    figure('admitted', '未注册'),
    figure('registered', '已注册'),
    figure('filed', '名册已备案'),
  ];
}

function findings(majors: readonly Row[]): ReportFinding[] {
  const without = majors.filter(row => row['major'] === '');
  const found: ReportFinding[] = [];
  const add = (property: string, count: number, sentence: string, consequence: string) => {
    if (count === 0) return;
    const what = { severity: 'warning', property, place: '', rows: [], rowCount: count } as const;
    found.push({ ...what, sentence: `${count} 名考生${sentence}`, consequence });
  };
  add(
    'registration-late',
    sumOf(majors, 'late'),
    '已过确定注册的截止日，仍未注册。',
    '请核实是否报到；到期处理将收回其录取。',
  );
  add('without-major', sumOf(without, 'students'), '没有录取专业。', '请在注册时确定专业。');
  return found;
}

function agreeing(majors: readonly Row[], progress: readonly Row[]): Reconciliation[] {
  const done = sumOf(majors, 'registered') + sumOf(majors, 'filed');
  return [
    {
      sentence: '各专业录取之和与“录取进度统计”的录取',
      left: sumOf(majors, 'students'),
      right: sumOf(progress, 'admitted'),
    },
    {
      sentence: '已注册（含已备案）与“录取进度统计”的已注册',
      left: done,
      right: sumOf(progress, 'registered'),
    },
  ];
}
