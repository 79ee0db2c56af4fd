/**
 * school-admissions (院校录取统计): who was admitted by school and major – by sex and origin, with the
 * lowest, median and highest score.
 */
import type { Session } from '../../db/connect.ts';
import { readHead } from '../head.ts';
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
import { scopeWords } from '../scope-words.ts';
import {
  type AdmissionCell,
  countAdmitted,
  groupCells,
  readAdmissionCells,
  sumCells,
} from './admission-cells.ts';
import { FLOWS, readFlows } from './flows.ts';
import { sumOf } from './progress.ts';

const NAMES = `
select code as school, '' as major, name, false as articulated
from schools where season = $1::smallint
union all
select school, code, name, articulated from majors where season = $1::smallint`;

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

interface Named {
  readonly name: string;
  readonly articulated: boolean;
}

/** Names to the codes of schools and majors; nothing where a code is unknown. */
export interface Names {
  readonly school: (school: string) => string | null;
  readonly major: (school: string, major: string) => Named | undefined;
}

export async function readNames(session: Session, season: number): Promise<Names> {
  const rows = await session.query<Named & { school: string; major: string }>(NAMES, [season]);
  const named = new Map(rows.map(row => [keyOf(row.school, row.major), row]));
  return {
    school: school => named.get(keyOf(school, ''))?.name ?? null,
    major: (school, major) => (major === '' ? undefined : named.get(keyOf(school, major))),
  };
}

const keyOf = (school: string, major: string) => `${school}\u0000${major}`;

/** Admissions by school and by major out of their cells, in the order of the codes. */
export function admissionTables(
  names: Names,
  cells: readonly AdmissionCell[],
): { schools: Row[]; majors: Row[] } {
  const schools = groupCells(cells, ({ school }) => school).map(own => {
    const { school } = own[0] as AdmissionCell;
    return { school, schoolName: names.school(school), ...sumCells(own) };
  });
  const majors = groupCells(cells, ({ school, major }) => keyOf(school, major)).map(own => {
    const { school, major } = own[0] as AdmissionCell;
    const found = names.major(school, major);
    return {
      ...{ school, schoolName: names.school(school), major },
      ...{ majorName: found?.name ?? null, articulated: found?.articulated === true },
      ...sumCells(own),
    };
  });
  return { schools, majors };
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
  const scope = await scopeWords(session, season, parameters);
  const head = await readHead(session, season, { scope, businessDate: null, runs: [] });
  await enterReader(context, schoolAdmissions, parameters);
  await readInBulk(session, school === null);
  const asked = { season, city, school, batch };
  const cells = await readAdmissionCells(session, asked);
  const { schools, majors } = admissionTables(await readNames(session, season), cells);
  const counted = await countAdmitted(session, asked);
  const admitted = sumOf(schools, 'admitted');
  const flows = await readFlows(session, season, cells);
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
        right: counted,
      },
    ],
  };
}
