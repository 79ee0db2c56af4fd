/**
 * candidate-record (考生电子档案): what the file of one candidate holds – person, marks, preference
 * features, choices, where it is now – and its card on one page. In full for whoever's duty works
 * with the people's data; to others identity number, telephone and names are shown in part.
 */
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { valueTitle } from '../../engine/rules/value-titles.ts';
import { reportError } from '../errors.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { type CandidateStanding, readStanding } from '../queries/candidate-rows.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Figure,
  type Parameters,
  type ReportContent,
  type ReportFinding,
  type Row,
  type SelectContext,
} from '../report.ts';
import { rareNames } from '../rosters/roster-report.ts';
import { recordPaper } from './record-paper.ts';

/** Whoever has one of these works with the person's own data, and reads the card in full. */
const DUTY_NEEDS: readonly string[] = [
  'edit-candidate',
  'enter-preference',
  'review-admission',
  'review-supplement',
  'issue-roster',
];

const PERSON = `
select c.sex, c.birth_date::text as "birthDate", c.identity_no as "identityNo",
  c.identity_type as "identityType", c.origin, r.name as "countyName", c.county,
  coalesce(p.name, c.registration_point) as point, c.household, c.address, c.postcode, c.phone,
  c.guardian, c.attributes, f.since::text as since, f.phase, f.letter, f.batch
from candidates c
left join regions r on r.season = c.season and r.code = c.county
left join registration_points p on p.season = c.season and p.code = c.registration_point
left join files f on f.season = c.season and f.city = c.city and f.file = c.file
where c.season = $1::smallint and c.city = $2 and c.file = $3`;

const MARKS = `
select s.code as subject, s.name as "subjectName", s.full_mark as "fullMark",
  m.marks[s.slot] as mark
from subjects s
left join scores m on m.season = s.season and m.city = s.city and m.file = $3
where s.season = $1::smallint and s.city = $2
order by s.position, s.code collate "C"`;

const FEATURES = `
select feature, evidence, confirmed_by as "confirmedBy" from preferences
where season = $1::smallint and city = $2 and file = $3 order by feature collate "C"`;

const CHOICES = `
select x.batch, x.round, x.ordinal, x.school, s.name as "schoolName", x.majors, x.adjustment
from choices x
left join schools s on s.season = x.season and s.code = x.school
where x.season = $1::smallint and x.city = $2 and x.file = $3 and x.batch = any ($4::text[])
order by array_position($4::text[], x.batch), x.round, x.ordinal`;

interface Person extends Record<string, unknown> {
  readonly sex: string;
  readonly birthDate: string | null;
  readonly identityNo: string;
  readonly identityType: string;
  readonly origin: string;
  readonly countyName: string | null;
  readonly county: string;
  readonly point: string;
  readonly household: string;
  readonly address: string;
  readonly postcode: string;
  readonly phone: string;
  readonly guardian: string;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly since: string | null;
  readonly phase: string | null;
  readonly letter: number | null;
}

export const candidateRecord = defineReport({
  id: 'candidate-record',
  title: '考生电子档案',
  menu: '数据查询',
  side: 'office',
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['candidate_no'],
    properties: { candidate_no: PARAMETERS.candidate_no },
  },
  sections: [
    {
      id: 'marks',
      title: '考试成绩',
      order: '本市科目次序',
      empty: '没有各科成绩。',
      columns: [
        { key: 'subject', title: '科目代码', type: 'code', width: 8 },
        { key: 'subjectName', title: '科目', type: 'text', width: 14 },
        { key: 'mark', title: '成绩', type: 'hundredths', unit: '分', width: 8 },
        { key: 'fullMark', title: '满分', type: 'hundredths', unit: '分', width: 8 },
        { key: 'remark', title: '备注', type: 'text', width: 10 },
      ],
    },
    {
      id: 'features',
      title: '照顾特征',
      order: '特征代码',
      empty: '没有照顾特征。',
      columns: [
        { key: 'title', title: '照顾特征', type: 'text', width: 22 },
        { key: 'effect', title: '照顾办法', type: 'text', width: 14 },
        { key: 'evidence', title: '证明', type: 'text', width: 24 },
        { key: 'confirmed', title: '审核', type: 'text', width: 14 },
      ],
    },
    {
      id: 'choices',
      title: '志愿',
      order: '批次、轮次、志愿序号',
      empty: '没有填报志愿。',
      columns: [
        { key: 'batchTitle', title: '批次', type: 'text', width: 14 },
        { key: 'round', title: '轮次', type: 'integer', width: 6 },
        { key: 'ordinal', title: '志愿序号', type: 'integer', width: 6 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 24 },
        { key: 'majorNames', title: '专业志愿', type: 'text', width: 34 },
        { key: 'adjustment', title: '服从调剂', type: 'boolean', width: 8 },
      ],
    },
  ],
  definitions: [
    { term: '照顾特征', meaning: '经第二人审核后计入；未审核的列出而不计。' },
    { term: '总分', meaning: '本市公布的总分，不含照顾加分。' },
    { term: '全显', meaning: '证件号码、电话和姓名只对办理考生资料、审核和名册的人员全显。' },
  ],
  paper: recordPaper,
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const candidate = String(parameters['candidate_no']);
  const about = { scope: `考生 ${candidate}`, businessDate: null, runs: [] };
  const head = await readHead(session, season, about);
  const { user, policy } = await enterReader(context, candidateRecord, parameters);
  const standing = await readStanding(session, season, candidate);
  if (user !== null && user.cities !== 'all' && !user.cities.includes(standing.city)) {
    throw reportError('outside-scope', { what: `考生 ${candidate}`, user: user.user });
  }
  const effective = policy?.ofCity(standing.city) ?? null;
  const key = [season, standing.city, standing.file];
  const [person] = await session.query<Person>(PERSON, key);
  if (person === undefined) throw reportError('unknown-candidate', { season, candidate });
  return {
    head: { ...head, scope: `${standing.cityName} · 考生 ${candidate}` },
    findings: [...incomplete(standing, person), ...rareNames([standing])],
    figures: [
      ...personFigures(standing, person, effective),
      ...standingFigures(standing, person, effective, season),
    ],
    rows: {
      marks: await marksOf(session, key),
      features: await featuresOf(session, key, effective),
      choices: await choicesOf(session, key, effective),
    },
    unmasked: needsInFull(user),
  };
}

function needsInFull(user: User | null): boolean {
  return user !== null && DUTY_NEEDS.some(each => user.functions.has(each));
}

function personFigures(
  standing: CandidateStanding,
  person: Person,
  policy: FullPolicy | null,
): Figure[] {
  const text = (key: string, title: string, value: string | null): Figure => {
    return { key, title, type: 'text', value: value === '' ? null : value };
  };
  const own = (policy?.attributes ?? []).map(attribute => {
    const value = person.attributes?.[attribute.name] ?? null;
    const unit = attribute.unit === undefined || attribute.unit === null ? '' : attribute.unit;
    return text(
      `attribute-${attribute.name}`,
      attribute.title,
      value === null ? null : `${value}${unit}`,
    );
  });
  const county = person.countyName ?? person.county;
  return [
    { key: 'candidateNo', title: '考生号', type: 'code', value: standing.candidateNo },
    { ...text('name', '姓名', standing.name), masked: 'name' },
    text('sex', '性别', valueTitle('candidate.sex', person.sex)),
    { key: 'birthDate', title: '出生日期', type: 'date', value: person.birthDate },
    text('identityType', '证件类型', person.identityType === '' ? '身份证' : person.identityType),
    { ...text('identityNo', '证件号码', person.identityNo), type: 'code', masked: 'identity' },
    text('origin', '考生类别', valueTitle('candidate.origin', person.origin)),
    text('place', '生源地', `${standing.cityName}${county}`),
    text('point', '报名点', person.point),
    text('household', '户籍', person.household),
    { ...text('guardian', '监护人', person.guardian), masked: 'name' },
    { ...text('phone', '联系电话', person.phone), masked: 'phone' },
    text('address', '通信地址', person.address),
    { ...text('postcode', '邮政编码', person.postcode), type: 'code' },
    ...own,
    { key: 'total', title: '总分', type: 'hundredths', value: standing.total, unit: '分' },
  ];
}

function standingFigures(
  { state, school, schoolName, major, majorName }: CandidateStanding,
  { since, phase, letter }: Person,
  policy: FullPolicy | null,
  season: number,
): Figure[] {
  const title = (STATE_TITLES as Record<string, string>)[state] ?? state;
  const named = (name: string | null, code: string | null) =>
    code === null ? null : `${name ?? ''}（${code}）`;
  const text = (key: string, heading: string, value: string | null): Figure => {
    return { key, title: heading, type: 'text', value };
  };
  const phaseTitle = policy?.phases.find(({ id }) => id === phase)?.title ?? phase;
  const number = letter === null ? null : `${season}-${school}-${String(letter).padStart(5, '0')}`;
  return [
    text('state', '档案状态', title),
    { key: 'since', title: '起始日期', type: 'date', value: since },
    text('school', '院校', named(schoolName, school)),
    text('major', '专业', named(majorName, major)),
    text('phase', '阶段', phaseTitle),
    { ...text('letter', '通知书编号', number), type: 'code' },
  ];
}

/** What the card lacks and a school or the roster will ask for. */
function incomplete({ candidateNo }: CandidateStanding, person: Person): ReportFinding[] {
  const lacking = [
    person.identityNo === '' ? '证件号码' : '',
    person.birthDate === null ? '出生日期' : '',
  ].filter(each => each !== '');
  if (lacking.length === 0) return [];
  return [
    {
      severity: 'warning',
      property: 'record-incomplete',
      place: `考生 ${candidateNo}`,
      sentence: `档案缺少${lacking.join('、')}。`,
      consequence: '请在“考生资料管理”中补齐。',
      rows: [],
      rowCount: 1,
    },
  ];
}

async function marksOf(session: Session, key: readonly unknown[]): Promise<Row[]> {
  const rows = await session.query<Row>(MARKS, key);
  // A city whose candidates have no marks at all has not imported them: no table of blanks.
  if (rows.every(row => row['mark'] === null)) return [];
  return rows.map(row => ({ ...row, remark: row['mark'] === null ? '缺考' : '' }));
}

async function featuresOf(
  session: Session,
  key: readonly unknown[],
  policy: FullPolicy | null,
): Promise<Row[]> {
  const rows = await session.query<{ feature: string; confirmedBy: string }>(FEATURES, key);
  return rows.map(row => {
    const feature = policy?.preferences.features.find(({ id }) => id === row.feature);
    const effect =
      feature === undefined
        ? null
        : feature.kind === 'bonus'
          ? `加 ${(feature.points ?? 0) / 100} 分`
          : '同分优先';
    const confirmed = row.confirmedBy === '' ? '待审核' : `已审核（${row.confirmedBy}）`;
    return { ...row, title: feature?.title ?? row.feature, effect, confirmed };
  });
}

async function choicesOf(
  session: Session,
  key: readonly unknown[],
  policy: FullPolicy | null,
): Promise<Row[]> {
  const [season, city] = key;
  const known = policy?.batches.map(({ id }) => id) ?? [];
  // The key begins with the batch: named, its rows are found without reading the city's others.
  const named = await session.query<{ batch: string }>(
    `select distinct batch from plan_lines where season = $1::smallint and city = $2`,
    [season, city],
  );
  const batches = [...new Set([...known, ...named.map(({ batch }) => batch)])];
  const rows = await session.query<Row>(CHOICES, [...key, batches]);
  const codes = rows.flatMap(row =>
    String(row['majors'])
      .split(' ')
      .filter(Boolean)
      .map(code => [String(row['school']), code] as const),
  );
  const names = await majorNames(session, season, codes);
  const titles = new Map(policy?.batches.map(({ id, title }) => [id, title]) ?? []);
  return rows.map(row => ({
    ...row,
    batchTitle: titles.get(String(row['batch'])) ?? String(row['batch']),
    majorNames: String(row['majors'])
      .split(' ')
      .filter(Boolean)
      .map(code => `${names.get(`${row['school']} ${code}`) ?? ''}（${code}）`)
      .join('、'),
  }));
}

async function majorNames(
  session: Session,
  season: unknown,
  codes: readonly (readonly [string, string])[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ school: string; code: string; name: string }>(
    `select m.school, m.code, m.name from unnest($2::text[], $3::text[]) w (school, code)
     join majors m on m.season = $1::smallint and m.school = w.school and m.code = w.code`,
    [season, codes.map(([school]) => school), codes.map(([, code]) => code)],
  );
  return new Map(rows.map(({ school, code, name }) => [`${school} ${code}`, name]));
}
