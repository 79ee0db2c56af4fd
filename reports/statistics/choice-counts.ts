/** choice-counts (志愿人数统计): choices by school and ordinal, and by major for one school. */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { scopeWords } from '../scope-words.ts';
import { sumOf } from './progress.ts';

/** Ordinals with a column of their own; later ones are counted together. */
const ORDINALS = [1, 2, 3, 4, 5, 6] as const;

/** $1 season, $2 city, $3 school, $4 batch, $5 round. */
const FILTER = `where c.season = $1::smallint
  and ($2::text is null or c.city = $2) and ($3::text is null or c.school = $3)
  and ($4::text is null or c.batch = $4) and c.round = $5::smallint`;

const counted = (key: string, ordinals: string) =>
  `coalesce(sum(c.choices) filter (where c.ordinal ${ordinals}), 0)::integer as "${key}"`;

/** From the counts that are kept beside the choices (db/season/choice-counts.ts). */
const BY_SCHOOL = `
select x.school, s.name as "schoolName", p.planned, ${ORDINALS.map(at => `x."o${at}"`).join(', ')},
  x.later, x.choices, x.adjusting
from (select c.school, ${ORDINALS.map(at => counted(`o${at}`, `= ${at}`)).join(', ')},
    ${counted('later', `> ${ORDINALS.length}`)},
    sum(c.choices)::integer as choices, sum(c.adjusting)::integer as adjusting
  from choice_counts c ${FILTER} group by c.school) x
left join schools s on s.season = $1::smallint and s.code = x.school
left join (
  select p.school, sum(p.planned)::integer as planned from plan_lines p
  where p.season = $1::smallint and ($2::text is null or p.city = $2)
    and ($3::text is null or p.school = $3) and ($4::text is null or p.batch = $4)
  group by p.school) p on p.school = x.school
order by x."o1" desc, x.school collate "C"`;

const BY_MAJOR = `
select w.major, m.name as "majorName", count(*) filter (where w.at = 1)::integer as first,
  count(*)::integer as choices
from (
  select c.school, u.major, u.at from choices c
  cross join lateral unnest(string_to_array(c.majors, ' ')) with ordinality as u (major, at)
  ${FILTER} and c.majors <> '') w
left join majors m on m.season = $1::smallint and m.school = w.school and m.code = w.major
group by w.major, m.name order by choices desc, w.major collate "C"`;

/** Of all schools: counted by people, not by schools, so that it is a second way to the sum. */
const WHOLE = `select coalesce(sum(choices), 0)::integer as choices,
    coalesce(sum(people), 0)::integer as people
  from chooser_counts where season = $1::smallint and ($2::text is null or city = $2)
    and batch = coalesce($3, '') and round = $4::smallint`;

/** Of one school: its choices themselves. */
const WHOLE_OF_SCHOOL = `
select coalesce(sum(w.choices), 0)::integer as choices, count(*)::integer as people
from (select c.city, c.file, count(*) as choices from choices c ${FILTER}
  group by c.city, c.file) w`;

export const choiceCounts = defineReport({
  id: 'choice-counts',
  title: '志愿人数统计',
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
      round: PARAMETERS.round,
    },
  },
  sections: [
    {
      id: 'schools',
      title: '各院校志愿人数',
      order: '第一志愿人数，多的在前',
      empty: '没有志愿。',
      columns: [
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 24 },
        { key: 'planned', title: '计划', type: 'integer', unit: '人', width: 7, total: 'sum' },
        ...ORDINALS.map(at => ({
          key: `o${at}`,
          title: `第${'一二三四五六'[at - 1]}志愿`,
          type: 'integer' as const,
          width: 8,
          total: 'sum' as const,
        })),
        { key: 'later', title: '以后志愿', type: 'integer', width: 8, total: 'sum' },
        { key: 'choices', title: '志愿合计', type: 'integer', width: 8, total: 'sum' },
        { key: 'adjusting', title: '服从调剂', type: 'integer', width: 8, total: 'sum' },
      ],
      chart: {
        kind: 'heat',
        title: '各院校志愿人数，按志愿序号（人次）',
        category: 'schoolName',
        values: [...ORDINALS.map(at => `o${at}`), 'later'],
      },
    },
    {
      id: 'majors',
      title: '各专业志愿人数',
      order: '志愿合计，多的在前',
      empty: '没有专业志愿。',
      columns: [
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'majorName', title: '专业', type: 'text', width: 24 },
        { key: 'first', title: '第一专业', type: 'integer', width: 8, total: 'sum' },
        { key: 'choices', title: '专业志愿合计', type: 'integer', width: 10, total: 'sum' },
      ],
    },
  ],
  definitions: [
    { term: '志愿合计', meaning: '把该校填入任何一个志愿的人次；一人填几所院校，各计一次。' },
    { term: '服从调剂', meaning: '填报该校时愿意调剂到其他专业的人次。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { city = null, school = null, batch = null, round = 1 } = parameters;
  const scope = await scopeWords(session, season, { ...parameters, round });
  const head = await readHead(session, season, { scope, businessDate: null, runs: [] });
  await enterReader(context, choiceCounts, parameters);
  const values = [season, city, school, batch, round];
  const schools = await session.query<Row>(BY_SCHOOL, values);
  const majors = school === null ? null : await session.query<Row>(BY_MAJOR, values);
  const [whole] = await session.query<{ choices: number; people: number }>(
    school === null ? WHOLE : WHOLE_OF_SCHOOL,
    school === null ? [season, city, batch, round] : values,
  );
  return {
    head,
    findings: [],
    figures: [
      { key: 'people', title: '填报考生', type: 'integer', value: whole?.people ?? 0, unit: '人' },
      {
        key: 'choices',
        title: '志愿合计',
        type: 'integer',
        value: whole?.choices ?? 0,
        unit: '人次',
      },
    ],
    rows: { schools, ...(majors === null ? {} : { majors }) },
    reconciliations: [
      {
        sentence: '各院校志愿之和与志愿总数',
        left: sumOf(schools, 'choices'),
        right: whole?.choices ?? 0,
      },
    ],
  };
}
