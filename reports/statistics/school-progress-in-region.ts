/**
 * school-progress-in-region (各院校该区域录取进度查询): each school's progress among the candidates of
 * one city, the furthest behind first.
 */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type SelectContext,
} from '../report.ts';
import { scopeWords } from '../scope-words.ts';
import { PROGRESS_COLUMNS, PROGRESS_DEFINITIONS, readProgresses, sumOf } from './progress.ts';

export const schoolProgressInRegion = defineReport({
  id: 'school-progress-in-region',
  title: '各院校该区域录取进度查询',
  menu: '数据统计',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['city'],
    properties: { city: PARAMETERS.city, batch: PARAMETERS.batch },
  },
  sections: [
    {
      id: 'schools',
      title: '各院校在该地市',
      order: '未完成人数，多的在前',
      empty: '没有院校在该地市有计划或档案。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 26 },
        ...PROGRESS_COLUMNS,
      ],
    },
  ],
  definitions: PROGRESS_DEFINITIONS,
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { city, batch = null } = parameters as Readonly<Record<string, string>>;
  const head = await readHead(session, season, {
    scope: await scopeWords(session, season, parameters),
    businessDate: null,
    runs: [],
  });
  await enterReader(context, schoolProgressInRegion, parameters);
  const scope = { season, city: city ?? '', school: null, batch };
  const groups = ['school', 'city'] as const;
  const { school: schools, city: cities } = await readProgresses(session, scope, groups);
  const behind = schools.toSorted((a, b) => Number(b['unfilled']) - Number(a['unfilled']));
  return {
    head,
    findings: [],
    figures: [
      {
        key: 'unfilled',
        title: '未完成',
        type: 'integer',
        value: sumOf(schools, 'unfilled'),
        unit: '人',
      },
    ],
    rows: { schools: behind },
    reconciliations: [
      {
        sentence: '各院校录取之和与该地市录取',
        left: sumOf(schools, 'admitted'),
        right: sumOf(cities, 'admitted'),
      },
    ],
  };
}
