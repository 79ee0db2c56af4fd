/**
 * roster-senior-high (打印录取名册（高中）): whom a senior high school has admitted, as the cities have
 * imported it, on the page that offices stamp: issued under a number and a hash like every other
 * roster (issue-roster with the phase senior-high), a draft until then. It is refused until the
 * school's city has marked its import as complete (n66 二（四）).
 */
import type { Session } from '../../db/connect.ts';
import { type RosterRow, SENIOR_HIGH } from '../../db/season/rosters.ts';
import { seniorHighCities } from '../../db/season/senior-high-cities.ts';
import { reportError } from '../errors.ts';
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type ReportFinding,
  type Row,
  type SelectContext,
} from '../report.ts';
import { rosterError } from './errors.ts';
import { type RosterGroup, rosterPaper } from './roster-paper.ts';
import { readPrintedRoster } from './roster-read.ts';
import { personCells, rareNames, regionNames, rosterFigures } from './roster-report.ts';

const EMPTY = '没有录取的考生。';
const GROUP: RosterGroup = { title: '生源地', code: 'city', name: 'cityName', section: 'cities' };

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
    {
      term: '名册',
      meaning:
        '各市导入的普通高中录取数据，已放弃而由生源地招办释放的不在内；发布后内容固定，有编号和校验值。',
    },
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
  const today = shanghaiTime(context.now()).slice(0, 10);
  const asked = { season, school, phase: SENIOR_HIGH, today };
  // Ends the scope: the students come from other cities too, and one office files them all.
  const printed = await readPrintedRoster(session, asked, policy.base, user);
  const { seat, rows: found } = printed;
  const places = await regionNames(session, season);
  const completed = await seniorHighCities(session, season);
  if (seat.city !== '' && !completed.has(seat.city)) {
    const city = places.get(seat.city) ?? seat.city;
    throw rosterError('senior-high-incomplete', { city, school });
  }
  const head = await readHead(session, season, {
    scope: `${seat.name}（${school}）· ${printed.phaseTitle}`,
    businessDate: today,
    runs: [],
  });
  const late = await lateFiles(session, season, school);
  const students = found.map((row, at) => studentRow(row, at + 1, places, late));
  const cities = cityRows(found, places);
  return {
    head,
    findings: [...openCities(cities, completed), ...rareNames(found)],
    figures: rosterFigures(season, printed, places),
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

/** `city|file` of whom a city has imported after it had marked its import as complete. */
async function lateFiles(
  session: Session,
  season: number,
  school: string,
): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ city: string; file: number }>(
    `select city, file from senior_high_admissions
      where season = $1::smallint and school = $2 and late`,
    [season, school],
  );
  return new Set(rows.map(({ city, file }) => `${city}|${file}`));
}

function studentRow(
  row: RosterRow,
  seq: number,
  places: ReadonlyMap<string, string>,
  late: ReadonlySet<string>,
): Row {
  const cells = personCells(row, seq, places);
  const said = late.has(`${row.city}|${row.file}`) ? '迟报' : '';
  const remark = [cells.remark, said].filter(each => each !== '').join('；');
  return { ...cells, remark, city: row.city, cityName: places.get(row.city) ?? row.city };
}

function cityRows(rows: readonly RosterRow[], places: ReadonlyMap<string, string>): Row[] {
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
      consequence: '这些地市的考生可能还有增减；有增减的，请重新发布后再打印。',
      rows: open.map(row => ({ city: row['city'] ?? '', students: row['students'] ?? 0 })),
      rowCount: open.length,
    },
  ];
}
