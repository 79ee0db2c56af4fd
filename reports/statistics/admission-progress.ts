/**
 * admission-progress (录取进度统计): plan, sent, proposed, admitted, registered, unfilled – by city,
 * school and batch, and by major for one school.
 */
import { readHead, scopeWords } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import {
  PROGRESS_COLUMNS,
  PROGRESS_DEFINITIONS,
  type ProgressScope,
  readProgresses,
  sumOf,
} from './progress.ts';

const EMPTY = '没有生源计划，也没有档案。';

export const admissionProgress = defineReport({
  id: 'admission-progress',
  title: '录取进度统计',
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
      id: 'cities',
      title: '各地市',
      order: '地市代码',
      empty: EMPTY,
      columns: [
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '生源地', type: 'text', width: 12 },
        ...PROGRESS_COLUMNS,
      ],
      chart: {
        kind: 'bar',
        title: '各地市录取与未完成的计划（人）',
        category: 'cityName',
        values: ['admitted', 'unfilled'],
      },
    },
    {
      id: 'schools',
      title: '各院校',
      order: '院校代码',
      empty: EMPTY,
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 26 },
        ...PROGRESS_COLUMNS,
      ],
    },
    {
      id: 'majors',
      title: '各专业',
      order: '院校代码、专业代码',
      empty: EMPTY,
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'majorName', title: '专业', type: 'text', width: 22 },
        { key: 'articulated', title: '三二分段', type: 'boolean', width: 8 },
        ...PROGRESS_COLUMNS,
      ],
    },
  ],
  definitions: PROGRESS_DEFINITIONS,
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const {
    city = null,
    school = null,
    batch = null,
  } = parameters as Readonly<Record<string, string>>;
  const head = await readHead(session, season, {
    scope: scopeWords(parameters),
    businessDate: null,
    runs: [],
  });
  await enterReader(context, admissionProgress, parameters);
  const scope: ProgressScope = { season, city, school, batch };
  const read = await readProgresses(
    session,
    scope,
    school === null ? ['city', 'school'] : ['city', 'school', 'major'],
  );
  const { city: cities, school: schools } = read;
  const majors = school === null ? null : (read.major ?? []);
  return {
    head,
    findings: [],
    figures: figuresOf(cities),
    rows: { cities, schools, ...(majors === null ? {} : { majors }) },
    reconciliations: [
      ...agreeing('各地市之和与各院校之和', cities, schools),
      ...(majors === null ? [] : agreeing('各专业之和与院校之和', majors, schools)),
    ],
  };
}

function figuresOf(rows: readonly Row[]) {
  const figure = (key: string, title: string) => {
    const value = sumOf(rows, key);
    return { key, title, type: 'integer' as const, value, unit: '人' };
  };
  return [
    figure('planned', '计划'),
    figure('admitted', '录取'),
    figure('registered', '已注册'),
    figure('unfilled', '未完成'),
  ];
}

function agreeing(sentence: string, left: readonly Row[], right: readonly Row[]) {
  return ['planned', 'admitted', 'registered'].map(key => ({
    sentence: `${sentence}（${TITLES[key]}）`,
    left: sumOf(left, key),
    right: sumOf(right, key),
  }));
}

const TITLES: Readonly<Record<string, string>> = {
  planned: '计划',
  admitted: '录取',
  registered: '已注册',
};
