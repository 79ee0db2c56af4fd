/**
 * roster-senior-high (打印录取名册（高中）): whom a senior high school has admitted, as the cities have
 * imported it, on the page that offices stamp. It has no number: it is what was imported, and holds
 * once the city has marked its import as complete (n66 二（四）). The hash tells two printouts apart.
 */
import { leaveScope } from '../../db/access/scope.ts';
import type { Session } from '../../db/connect.ts';
import { type SchoolSeat, schoolSeat } from '../../db/season/school-seat.ts';
import { canonicalJson, sha256 } from '../../engine/policy/canonical.ts';
import type { Json } from '../../engine/policy/json.ts';
import { rosterOffice } from '../../engine/policy/roster-days.ts';
import { reportError } from '../errors.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
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
import { rosterError } from './errors.ts';
import { type RosterGroup, rosterPaper } from './roster-paper.ts';
import { requireOwn } from './roster-read.ts';
import { personCells, rareNames, regionNames } from './roster-report.ts';

const EMPTY = '没有录取的考生。';
const GROUP: RosterGroup = { title: '生源地', code: 'city', name: 'cityName', section: 'cities' };

/** Admissions in force: whom a city has released, or what came to nothing, is not on the roster. */
const STUDENTS = `
select h.city, c.candidate_no as "candidateNo", c.name, c.sex, c.identity_no as "identityNo",
  c.county, c.total, h.late
from senior_high_admissions h
join candidates c on c.season = h.season and c.city = h.city and c.file = h.file
left join files f on f.season = h.season and f.city = h.city and f.file = h.file
where h.season = $1::smallint and h.school = $2
  and coalesce(f.state, 'senior-high') = 'senior-high'
order by h.city collate "C", c.candidate_no collate "C"`;

const STANDINGS = `
select s.city, s.senior_high_completed_on::text as "completedOn" from city_standings s
where s.season = $1::smallint and s.senior_high_complete`;

interface Student {
  readonly city: string;
  readonly candidateNo: string;
  readonly name: string;
  readonly sex: string;
  readonly identityNo: string;
  readonly county: string;
  readonly total: number | null;
  readonly late: boolean;
}

export const rosterSeniorHigh = defineReport({
  id: 'roster-senior-high',
  title: '打印录取名册（高中）',
  menu: '数据查询',
  side: 'office',
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['school'],
    properties: { school: PARAMETERS.school },
  },
  sections: [
    {
      id: 'students',
      title: '录取名册',
      order: '生源地代码、考生号',
      empty: EMPTY,
      columns: [
        { key: 'seq', title: '序号', type: 'integer', width: 6 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 16 },
        { key: 'name', title: '姓名', type: 'text', width: 12, masked: 'name' },
        { key: 'sex', title: '性别', type: 'text', width: 5 },
        { key: 'identityNo', title: '身份证号', type: 'code', width: 20, masked: 'identity' },
        { key: 'city', title: '生源地代码', type: 'code', width: 9 },
        { key: 'place', title: '生源地', type: 'text', width: 18 },
        { key: 'total', title: '总分', type: 'hundredths', unit: '分', width: 8 },
        { key: 'remark', title: '备注', type: 'text', width: 16 },
      ],
    },
    {
      id: 'cities',
      title: '分生源地人数',
      order: '生源地代码',
      empty: EMPTY,
      columns: [
        { key: 'city', title: '生源地代码', type: 'code', width: 9 },
        { key: 'cityName', title: '生源地', type: 'text', width: 24 },
        { key: 'men', title: '男', type: 'integer', unit: '人', width: 7, total: 'sum' },
        { key: 'women', title: '女', type: 'integer', unit: '人', width: 7, total: 'sum' },
        { key: 'students', title: '合计', type: 'integer', unit: '人', width: 7, total: 'sum' },
      ],
    },
  ],
  definitions: [
    { term: '名册', meaning: '各市导入的普通高中录取数据；已放弃而由生源地招办释放的不在内。' },
    { term: '校验值', meaning: '名册全部内容的 SHA-256；内容有任何改动，校验值即不同。' },
    { term: '迟报', meaning: '该市标记导入完成之后才导入的考生。' },
  ],
  paper: rendering => rosterPaper(rendering, GROUP),
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season, actor } = context;
  const { user, policy } = await enterReader(context, rosterSeniorHigh, parameters);
  if (policy === null) throw reportError('outside-scope', { what: '名册', user: actor });
  const school = String(parameters['school']);
  // The school's students may come from other cities, and its own office files them all.
  await leaveScope(session);
  const seat = await schoolSeat(session, season, school);
  if (seat === null || seat.kind !== 'senior-high') {
    throw rosterError('not-a-school-of-kind', { school, kind: '普通高中' });
  }
  const office = rosterOffice(policy.base, seat);
  requireOwn(user, seat, office);
  const places = await regionNames(session, season);
  const completed = await completedCities(session, season);
  if (seat.city !== '' && !completed.has(seat.city)) {
    throw rosterError('senior-high-incomplete', {
      city: places.get(seat.city) ?? seat.city,
      school,
    });
  }
  const found = await session.query<Student & Record<string, unknown>>(STUDENTS, [season, school]);
  const head = await readHead(session, season, {
    scope: `${seat.name}（${school}）· 普通高中`,
    businessDate: shanghaiTime(context.now()).slice(0, 10),
    runs: [],
  });
  const students = found.map((row, at) => studentRow(row, at + 1, places));
  const cities = cityRows(found, places);
  return {
    head,
    findings: [...openCities(cities, completed), ...rareNames(found)],
    figures: figuresOf({ season, seat, office, places, found, completed }),
    rows: { students, cities },
    reconciliations: [
      {
        sentence: '各生源地之和与名册人数',
        left: cities.reduce((sum, row) => sum + Number(row['students']), 0),
        right: students.length,
      },
    ],
    unmasked: true, // whoever has the function prints it: the duty needs the people in full
  };
}

async function completedCities(
  session: Session,
  season: number,
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await session.query<{ city: string; completedOn: string | null }>(STANDINGS, [
    season,
  ]);
  return new Map(rows.map(({ city, completedOn }) => [city, completedOn]));
}

function studentRow(row: Student, seq: number, places: ReadonlyMap<string, string>): Row {
  const cells = personCells(row, seq, places);
  const remark = [cells.remark, row.late ? '迟报' : ''].filter(each => each !== '').join('；');
  return { ...cells, remark, city: row.city, cityName: places.get(row.city) ?? row.city };
}

function cityRows(rows: readonly Student[], places: ReadonlyMap<string, string>): Row[] {
  return [...Map.groupBy(rows, row => row.city)].map(([city, own]) => {
    const men = own.filter(({ sex }) => sex === 'M').length;
    const cityName = places.get(city) ?? city;
    return { city, cityName, men, women: own.length - men, students: own.length };
  });
}

/** The school's own city has finished, another that sends students has not. */
function openCities(
  cities: readonly Row[],
  completed: ReadonlyMap<string, string | null>,
): ReportFinding[] {
  const open = cities.filter(row => !completed.has(String(row['city'])));
  if (open.length === 0) return [];
  return [
    {
      severity: 'warning',
      property: 'senior-high-incomplete',
      place: '',
      sentence: `${open.length} 个生源地的普通高中录取数据还没有标记为导入完成。`,
      consequence: '这些地市的考生可能还有增减，完成后请重新打印。',
      rows: open.map(row => ({ city: row['city'] ?? '', students: row['students'] ?? 0 })),
      rowCount: open.length,
    },
  ];
}

function figuresOf(about: {
  readonly season: number;
  readonly seat: SchoolSeat;
  readonly office: string;
  readonly places: ReadonlyMap<string, string>;
  readonly found: readonly Student[];
  readonly completed: ReadonlyMap<string, string | null>;
}): Figure[] {
  const { season, seat, office, places, found, completed } = about;
  const text = (key: string, title: string, value: string): Figure => {
    return { key, title, type: 'code', value };
  };
  const on = completed.get(seat.city) ?? null;
  const whole = { season, school: seat.school, rows: found } as unknown as Json;
  return [
    text('number', '名册编号', '不编号（按导入数据）'),
    text('state', '状态', on === null ? '导入完成' : `导入完成（${on}）`),
    { key: 'students', title: '人数', type: 'integer', value: found.length, unit: '人' },
    text('schoolName', '院校', `${seat.name}（${seat.school}）`),
    text('season', '年份', `${season}年`),
    text('phase', '阶段', '普通高中'),
    text('office', '办理', office === '' ? '省招办' : `${places.get(office) ?? office}招办`),
    text('hash', '校验值', sha256(canonicalJson(whole))),
  ];
}
