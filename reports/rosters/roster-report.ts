/**
 * The roster as a report, for the office that files it (roster-vocational) and for the school
 * itself (school-roster): the same students, the same page.
 */
import type { Session } from '../../db/connect.ts';
import { ROSTER_STATES, type RosterRow, rosterLabel } from '../../db/season/rosters.ts';
import { reportError } from '../errors.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import { missingCharacters } from '../render/pdf-font.ts';
import type {
  Figure,
  Parameters,
  Report,
  ReportContent,
  ReportFinding,
  Row,
  Section,
  SelectContext,
} from '../report.ts';
import { NO_NUMBER } from './roster-facts.ts';
import { rosterPaper } from './roster-paper.ts';
import { type PrintedRoster, readPrintedRoster } from './roster-read.ts';

export const PHASE = { type: 'string', minLength: 1, maxLength: 60, description: '阶段' } as const;

export const STUDENTS: Section = {
  id: 'students',
  title: '录取名册',
  order: '专业代码、考生号',
  empty: '没有已注册的考生。',
  columns: [
    { key: 'seq', title: '序号', type: 'integer', width: 6 },
    { key: 'candidateNo', title: '考生号', type: 'code', width: 16 },
    { key: 'name', title: '姓名', type: 'text', width: 12, masked: 'name' },
    { key: 'sex', title: '性别', type: 'text', width: 5 },
    { key: 'identityNo', title: '身份证号', type: 'code', width: 20, masked: 'identity' },
    { key: 'place', title: '生源地', type: 'text', width: 18 },
    { key: 'total', title: '总分', type: 'hundredths', unit: '分', width: 8 },
    { key: 'major', title: '专业代码', type: 'code', width: 9 },
    { key: 'majorName', title: '录取专业', type: 'text', width: 20 },
    { key: 'articulated', title: '三二分段', type: 'boolean', width: 8 },
    { key: 'remark', title: '备注', type: 'text', width: 16 },
  ],
};

export const BY_MAJOR: Section = {
  id: 'majors',
  title: '分专业人数',
  order: '专业代码',
  empty: '没有已注册的考生。',
  columns: [
    { key: 'major', title: '专业代码', type: 'code', width: 9 },
    { key: 'majorName', title: '专业', type: 'text', width: 24 },
    { key: 'men', title: '男', type: 'integer', unit: '人', width: 7, total: 'sum' },
    { key: 'women', title: '女', type: 'integer', unit: '人', width: 7, total: 'sum' },
    { key: 'students', title: '合计', type: 'integer', unit: '人', width: 7, total: 'sum' },
  ],
};

const DEFINITIONS = [
  { term: '名册', meaning: '只列该阶段已确定注册的考生；发布后内容固定，有编号和校验值。' },
  { term: '校验值', meaning: '名册全部内容的 SHA-256；内容有任何改动，校验值即不同。' },
];

/** @param id its side and menu go with it */
export function rosterReport(about: Pick<Report, 'id' | 'title' | 'menu' | 'side'>): Report {
  const ofSchool = about.side === 'school';
  return {
    ...about,
    parameters: {
      type: 'object',
      additionalProperties: false,
      required: ofSchool ? ['phase'] : ['school', 'phase'],
      properties: { school: PARAMETERS.school, phase: PHASE },
    },
    sections: [STUDENTS, BY_MAJOR],
    definitions: DEFINITIONS,
    paper: rendering => rosterPaper(rendering),
    select: (context, parameters) => select(context, parameters, about),
  };
}

async function select(
  context: SelectContext,
  parameters: Parameters,
  about: Pick<Report, 'id' | 'title'>,
): Promise<ReportContent> {
  const { session, season } = context;
  const { user, policy } = await enterReader(context, about, parameters);
  const today = shanghaiTime(context.now()).slice(0, 10);
  const school = String(parameters['school'] ?? user?.school ?? '');
  if (policy === null) throw reportError('outside-scope', { what: '名册', user: context.actor });
  const phase = String(parameters['phase']);
  const asked = { season, school, phase, today };
  const printed = await readPrintedRoster(session, asked, policy.base, user);
  const places = await regionNames(session, season);
  const rows = printed.rows.map((row, at) => studentRow(row, at + 1, places));
  const head = await readHead(session, season, {
    scope: `${printed.seat.name}（${school}）· ${printed.phaseTitle}`,
    businessDate: today,
    runs: [],
  });
  return {
    head,
    findings: [...replaced(season, printed), ...rareNames(printed.rows)],
    figures: rosterFigures(season, printed, places),
    rows: { students: rows, majors: majorRows(printed.rows) },
    unmasked: true, // whoever has the function prints it: the duty needs the people in full
  };
}

/** The school is told that its roster holds no longer, and what it reads instead. */
function replaced(season: number, { outdated, differing }: PrintedRoster): ReportFinding[] {
  if (outdated === null) return [];
  const label = rosterLabel(season, outdated);
  return [
    {
      severity: 'warning',
      property: 'P15',
      place: `名册 ${label}`,
      sentence: `发布之后有 ${differing} 名考生的注册有变动，这份名册已不能使用；下列为现在的草稿。`,
      consequence: '请联系办理名册的招办重新发布。',
      rows: [],
      rowCount: 0,
    },
  ];
}

export async function regionNames(
  session: Session,
  season: number,
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ code: string; name: string }>(
    'select code, name from regions where season = $1::smallint',
    [season],
  );
  return new Map(rows.map(({ code, name }) => [code, name]));
}

/** What a person's line says on any roster. */
export function personCells(
  row: Pick<RosterRow, 'candidateNo' | 'name' | 'sex' | 'identityNo' | 'city' | 'county' | 'total'>,
  seq: number,
  places: ReadonlyMap<string, string>,
) {
  return {
    seq,
    candidateNo: row.candidateNo,
    name: row.name,
    sex: row.sex === 'M' ? '男' : '女',
    identityNo: row.identityNo,
    place: `${places.get(row.city) ?? row.city}${places.get(row.county) ?? ''}`,
    total: row.total,
    remark: missingCharacters(row.name).length === 0 ? '' : '姓名请手写',
  };
}

function studentRow(row: RosterRow, seq: number, places: ReadonlyMap<string, string>): Row {
  const { major, majorName, articulated } = row;
  return { ...personCells(row, seq, places), major, majorName, articulated };
}

function majorRows(rows: readonly RosterRow[]): Row[] {
  return [...Map.groupBy(rows, row => row.major)].map(([major, ofMajor]) => {
    const men = ofMajor.filter(({ sex }) => sex === 'M').length;
    const majorName = ofMajor[0]?.majorName ?? '';
    return { major, majorName, men, women: ofMajor.length - men, students: ofMajor.length };
  });
}

/** What the head of the page and its hash are made of. */
export function rosterFigures(
  season: number,
  { roster, rows, seat, phaseTitle, office }: PrintedRoster,
  places: ReadonlyMap<string, string>,
): Figure[] {
  const text = (key: string, title: string, value: string): Figure => ({
    key,
    title,
    type: 'code',
    value,
  });
  const state = roster === null ? '草稿（未发布）' : ROSTER_STATES[roster.state];
  return [
    text('number', '名册编号', roster === null ? NO_NUMBER : rosterLabel(season, roster)),
    text('state', '状态', state),
    { key: 'students', title: '人数', type: 'integer', value: rows.length, unit: '人' },
    text('schoolName', '院校', `${seat.name}（${seat.school}）`),
    text('season', '年份', `${season}年`),
    text('phase', '阶段', phaseTitle),
    text('office', '办理', office === '' ? '省招办' : `${places.get(office) ?? office}招办`),
    text('hash', '校验值', roster?.hash ?? '无'),
  ];
}

/** Names that the font can't write whole; the code is printed in their place. */
export function rareNames(
  people: readonly { readonly candidateNo: string; readonly name: string }[],
): ReportFinding[] {
  const rare = people.flatMap(({ candidateNo, name }) => {
    const missing = missingCharacters(name);
    return missing.length === 0 ? [] : [{ candidate_no: candidateNo, missing: missing.join('、') }];
  });
  const [first] = rare;
  if (first === undefined) return [];
  return [
    {
      severity: 'warning',
      property: 'missing-character',
      place: `考生 ${first.candidate_no}`,
      sentence: `${rare.length} 名考生的姓名有字库未收的字：${first.missing}等。`,
      consequence: '打印件上以字符编码代替，请手写补上。',
      rows: rare.slice(0, 20),
      rowCount: rare.length,
    },
  ];
}
