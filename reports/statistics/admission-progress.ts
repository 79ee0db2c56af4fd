/**
 * admission-progress (录取进度统计): plan, sent, proposed, admitted, registered, unfilled – by city,
 * school and batch, and by major for one school.
 */
import { readHead, shanghaiTime } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { calendarRows, SEASON_CALENDAR, todayMark } from '../runs/season-calendar.ts';
import { scopeWords } from '../scope-words.ts';
import {
  PROGRESS_COLUMNS,
  PROGRESS_DEFINITIONS,
  type ProgressScope,
  readProgresses,
  sumOf,
} from './progress.ts';
import { PROGRESS_DAYS, progressDays } from './progress-days.ts';

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
    properties: {
      city: PARAMETERS.city,
      school: PARAMETERS.school,
      batch: PARAMETERS.batch,
      days: {
        type: 'boolean',
        description: '列出逐日进度：yes 或 no（默认）；要读录取以来的变动，较慢；不分院校、批次',
      },
    },
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
    PROGRESS_DAYS,
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
    SEASON_CALENDAR,
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
    scope: await scopeWords(session, season, parameters),
    businessDate: null,
    runs: [],
  });
  const { user, policy } = await enterReader(context, admissionProgress, parameters);
  const scope: ProgressScope = { season, city, school, batch };
  const read = await readProgresses(
    session,
    scope,
    school === null ? ['city', 'school'] : ['city', 'school', 'major'],
  );
  const { city: cities, school: schools } = read;
  const majors = school === null ? null : (read.major ?? []);
  // What happened to a file belongs to a school or a batch for a while only, to its city always.
  const asked = parameters['days'] === true && school === null && batch === null;
  const whole = asked && (user?.county ?? null) === null;
  const planned = sumOf(cities, 'planned');
  const days = whole ? await progressDays(session, season, city, planned) : null;
  const today = shanghaiTime(context.now()).slice(0, 10);
  const effective = city === null ? policy?.base : policy?.ofCity(city);
  return {
    head,
    findings: [],
    figures: figuresOf(cities),
    marks: [todayMark(today)],
    rows: {
      ...{ cities, schools },
      ...(school === null ? { calendar: calendarRows(effective ?? null, today) } : {}),
      ...(days === null ? {} : { days }),
      ...(majors === null ? {} : { majors }),
    },
    reconciliations: [
      ...agreeing('各地市之和与各院校之和', cities, schools),
      ...(days === null ? [] : ofDays(days, cities)),
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

function ofDays(days: readonly Row[], cities: readonly Row[]) {
  return ['admitted', 'registered'].map(key => ({
    sentence: `逐日进度的最后一日与各地市之和（${TITLES[key]}）`,
    left: Number(days.at(-1)?.[key] ?? 0),
    right: sumOf(cities, key),
  }));
}

const TITLES: Readonly<Record<string, string>> = {
  planned: '计划',
  admitted: '录取',
  registered: '已注册',
};
