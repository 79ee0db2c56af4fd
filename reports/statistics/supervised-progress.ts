/**
 * supervised-progress (主管院校录取进度统计) and supervised-progress-by-region (主管院校各区域录取进度统计): the
 * progress of the schools that this office supervises, wherever the students come from.
 */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import {
  defineReport,
  type Figure,
  type Parameters,
  type Reconciliation,
  type Report,
  type ReportContent,
  type Row,
  type Section,
  type SelectContext,
} from '../report.ts';
import {
  PROGRESS_COLUMNS,
  PROGRESS_DEFINITIONS,
  type ProgressScope,
  readProgresses,
  sumOf,
} from './progress.ts';
import { SUPERVISION_DEFINITIONS, superviseAs, supervisionWords } from './supervised.ts';

const EMPTY = '没有主管院校有计划或档案。';
const SCHOOL = [
  { key: 'school', title: '院校代码', type: 'code', width: 9 },
  { key: 'schoolName', title: '院校', type: 'text', width: 24 },
] as const;
const CITY = [
  { key: 'city', title: '生源地代码', type: 'code', width: 9 },
  { key: 'cityName', title: '生源地', type: 'text', width: 12 },
] as const;

const SCHOOLS: Section = {
  id: 'schools',
  title: '各主管院校',
  order: '未完成人数，多的在前',
  empty: EMPTY,
  columns: [...SCHOOL, ...PROGRESS_COLUMNS],
};
const MAJORS: Section = {
  id: 'majors',
  title: '各专业',
  order: '院校代码、专业代码',
  empty: EMPTY,
  columns: [
    ...SCHOOL,
    { key: 'major', title: '专业代码', type: 'code', width: 8 },
    { key: 'majorName', title: '专业', type: 'text', width: 18 },
    ...PROGRESS_COLUMNS,
  ],
};
const CITIES: Section = {
  id: 'cities',
  title: '各生源地',
  order: '生源地代码',
  empty: EMPTY,
  columns: [...CITY, ...PROGRESS_COLUMNS],
  chart: {
    kind: 'bar',
    title: '各生源地录取与未完成的计划（人）',
    category: 'cityName',
    values: ['admitted', 'unfilled'],
  },
};
const PAIRS: Section = {
  id: 'schools',
  title: '各主管院校在各生源地',
  order: '院校代码、生源地代码',
  empty: EMPTY,
  columns: [...SCHOOL, ...CITY, ...PROGRESS_COLUMNS],
};

const COMMON = {
  menu: '数据统计',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { school: PARAMETERS.school, batch: PARAMETERS.batch },
  },
  definitions: [...SUPERVISION_DEFINITIONS, ...PROGRESS_DEFINITIONS],
} as const satisfies Partial<Report>;

export const supervisedProgress = defineReport({
  ...COMMON,
  id: 'supervised-progress',
  title: '主管院校录取进度统计',
  sections: [SCHOOLS, MAJORS],
  select: selectSchools,
});

export const supervisedProgressByRegion = defineReport({
  ...COMMON,
  id: 'supervised-progress-by-region',
  title: '主管院校各区域录取进度统计',
  sections: [CITIES, PAIRS],
  mainSection: 'schools',
  select: selectRegions,
});

async function selectSchools(
  context: SelectContext,
  parameters: Parameters,
): Promise<ReportContent> {
  const { session } = context;
  const { scope, head } = await enter(context, supervisedProgress, parameters);
  const groups = ['school', 'major'] as const;
  const { school: schools, major: majors } = await readProgresses(session, scope, groups);
  const behind = schools.toSorted((a, b) => Number(b['unfilled']) - Number(a['unfilled']));
  return {
    head,
    findings: [],
    figures: figuresOf(schools),
    rows: { schools: behind, majors },
    reconciliations: agreeing('各专业之和与各院校之和', majors, schools),
  };
}

async function selectRegions(
  context: SelectContext,
  parameters: Parameters,
): Promise<ReportContent> {
  const { session } = context;
  const { scope, head } = await enter(context, supervisedProgressByRegion, parameters);
  const groups = ['city', 'school-city', 'school'] as const;
  const read = await readProgresses(session, scope, groups);
  const { city: cities, 'school-city': pairs } = read;
  return {
    head,
    findings: [],
    figures: figuresOf(cities),
    rows: { cities, schools: pairs },
    reconciliations: [
      ...agreeing('各院校各生源地之和与各生源地之和', pairs, cities),
      ...agreeing('各生源地之和与“主管院校录取进度统计”', cities, read.school),
    ],
  };
}

async function enter(context: SelectContext, report: Report, parameters: Parameters) {
  const { session, season } = context;
  const { name, schools } = await superviseAs(context, report, parameters);
  const batch = parameters['batch'] === undefined ? null : String(parameters['batch']);
  const scope: ProgressScope = { season, city: null, school: null, batch, schools };
  const words = await supervisionWords(context, name, parameters);
  const about = { scope: words, businessDate: null, runs: [] };
  return { scope, head: await readHead(session, season, about) };
}

function figuresOf(rows: readonly Row[]): Figure[] {
  const figure = (key: string, title: string): Figure => {
    return { key, title, type: 'integer', value: sumOf(rows, key), unit: '人' };
  };
  return [
    figure('planned', '计划'),
    figure('admitted', '录取'),
    figure('registered', '已注册'),
    figure('unfilled', '未完成'),
  ];
}

const TITLES = { planned: '计划', admitted: '录取', registered: '已注册' } as const;

function agreeing(sentence: string, left: readonly Row[], right: readonly Row[]): Reconciliation[] {
  return Object.entries(TITLES).map(([key, title]) => ({
    sentence: `${sentence}（${title}）`,
    left: sumOf(left, key),
    right: sumOf(right, key),
  }));
}
