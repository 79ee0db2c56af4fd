/**
 * supervised-admissions (主管院校录取考生情况统计): who was admitted to the schools that this office
 * supervises, wherever they come from – by school, by source region, and one row each, with names
 * and numbers in part.
 */
import { valueTitle } from '../../engine/rules/value-titles.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { mapRows, readInBulk } from '../row-stream.ts';
import { countAdmitted, groupCells, readStudents, sumCells } from './admission-cells.ts';
import { cityNames } from './flows.ts';
import { type ProgressScope, sumOf } from './progress.ts';
import {
  ADMISSION_COLUMNS,
  ADMISSION_DEFINITIONS,
  admissionTables,
  type Names,
  readNames,
} from './school-admissions.ts';
import { SUPERVISION_DEFINITIONS, superviseAs, supervisionWords } from './supervised.ts';

const EMPTY = '主管院校没有已录取的考生。';

export const supervisedAdmissions = defineReport({
  id: 'supervised-admissions',
  title: '主管院校录取考生情况统计',
  menu: '数据统计',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { school: PARAMETERS.school, batch: PARAMETERS.batch },
  },
  sections: [
    {
      id: 'schools',
      title: '各主管院校录取情况',
      order: '院校代码',
      empty: EMPTY,
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 26 },
        ...ADMISSION_COLUMNS,
      ],
    },
    {
      id: 'cities',
      title: '考生来自',
      order: '生源地代码',
      empty: EMPTY,
      columns: [
        { key: 'city', title: '生源地代码', type: 'code', width: 9 },
        { key: 'cityName', title: '生源地', type: 'text', width: 14 },
        { key: 'admitted', title: '录取', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'men', title: '男', type: 'integer', width: 7, total: 'sum' },
        { key: 'women', title: '女', type: 'integer', width: 7, total: 'sum' },
        { key: 'registered', title: '已注册', type: 'integer', unit: '人', width: 8, total: 'sum' },
        {
          key: 'share',
          title: '占比',
          type: 'percent',
          width: 7,
          of: ['admitted', 'all'],
          sharesWhole: true,
        },
      ],
      chart: {
        kind: 'bar',
        title: '录取考生的生源地（人）',
        category: 'cityName',
        values: ['admitted'],
      },
    },
    {
      id: 'students',
      title: '录取考生',
      order: '院校、专业、生源地代码',
      empty: EMPTY,
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 20 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'majorName', title: '专业', type: 'text', width: 18 },
        { key: 'articulated', title: '三二分段', type: 'boolean', width: 6 },
        { key: 'cityName', title: '生源地', type: 'text', width: 10 },
        { key: 'candidateNo', title: '考生号', type: 'code', width: 15 },
        { key: 'name', title: '姓名', type: 'text', width: 8, masked: 'name' },
        { key: 'sex', title: '性别', type: 'text', width: 5 },
        { key: 'origin', title: '考生类别', type: 'text', width: 14 },
        { key: 'total', title: '总分', type: 'hundredths', width: 8 },
        { key: 'stateTitle', title: '状态', type: 'text', width: 10 },
        { key: 'since', title: '自', type: 'date', width: 11 },
      ],
    },
  ],
  definitions: [...SUPERVISION_DEFINITIONS, ...ADMISSION_DEFINITIONS],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const supervision = await superviseAs(context, supervisedAdmissions, parameters);
  const batch = parameters['batch'] === undefined ? null : String(parameters['batch']);
  const { schools: codes } = supervision;
  const wide = parameters['school'] === undefined;
  await readInBulk(session, wide);
  const scope: ProgressScope = { season, city: null, school: null, batch, schools: codes };
  const head = await readHead(session, season, {
    scope: await supervisionWords(context, supervision.name, parameters),
    businessDate: null,
    runs: [],
  });
  const { cells, students } = await readStudents(session, scope, wide);
  const names = await readNames(session, season);
  const { schools } = admissionTables(names, cells);
  const admitted = sumOf(schools, 'admitted');
  const nameOf = await cityNames(session, season);
  const cities = groupCells(cells, ({ city }) => city).map(own => {
    const city = own[0]?.city ?? '';
    return { city, cityName: nameOf.get(city) ?? null, ...sumCells(own), all: admitted };
  });
  const inWords = (row: Row) => wordsOf(row, names, nameOf);
  const counted = await countAdmitted(session, scope);
  return {
    head,
    findings: [],
    figures: [
      { key: 'schools', title: '主管院校', type: 'integer', value: codes.length, unit: '所' },
      { key: 'admitted', title: '录取', type: 'integer', value: admitted, unit: '人' },
    ],
    rows: { schools, cities, students: mapRows(students, inWords) },
    reconciliations: [
      { sentence: '各生源地之和与各院校之和', left: sumOf(cities, 'admitted'), right: admitted },
      {
        sentence: '本表录取与“主管院校录取进度统计”的录取',
        left: admitted,
        right: counted,
      },
    ],
  };
}

const STATES: Readonly<Record<string, string>> = {
  admitted: '录取',
  registered: '已注册',
  filed: '名册已备案',
};

function wordsOf(row: Row, names: Names, nameOf: ReadonlyMap<string, string>): Row {
  const { school = '', major = '' } = row as Readonly<Record<string, string | null>>;
  const found = names.major(school ?? '', major ?? '');
  return {
    ...row,
    schoolName: names.school(school ?? ''),
    majorName: found?.name ?? null,
    articulated: found?.articulated === true,
    cityName: nameOf.get(String(row['city'])) ?? null,
    sex: valueTitle('candidate.sex', row['sex'] ?? null),
    origin: valueTitle('candidate.origin', row['origin'] ?? null),
    stateTitle: STATES[String(row['state'])] ?? null,
  };
}
