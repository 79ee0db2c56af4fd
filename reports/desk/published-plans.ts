/** published-plans (招生计划公布表): the public table of plans by city, school and major. */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { policyInForce, wordsOf } from '../policy-words.ts';
import { enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { scopeWords } from '../scope-words.ts';

const ROWS = `
select p.city, c.name as "cityName", p.batch, p.school, s.name as "schoolName", p.major,
  m.name as "majorName", coalesce(m.articulated, false) as articulated,
  nullif(m.college, '') as college, p.planned
from plan_lines p
left join regions c on c.season = p.season and c.code = p.city
left join schools s on s.season = p.season and s.code = p.school
left join majors m on m.season = p.season and m.school = p.school and m.code = p.major
where p.season = $1::smallint and ($2::text is null or p.city = $2)
  and ($3::text is null or p.school = $3) and ($4::text is null or p.batch = $4)
order by p.city collate "C", p.batch collate "C", p.school collate "C", p.major collate "C"`;

/** Plan lines of a whole province are some ten thousands. */
export const publishedPlans = defineReport({
  id: 'published-plans',
  title: '招生计划公布表',
  menu: '基本资料',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { city: PARAMETERS.city, school: PARAMETERS.school, batch: PARAMETERS.batch },
  },
  sections: [
    {
      id: 'plans',
      title: '招生计划',
      order: '地市、批次、院校、专业代码',
      empty: '没有公布的计划。',
      columns: [
        { key: 'city', title: '生源地代码', type: 'code', width: 8 },
        { key: 'cityName', title: '生源地', type: 'text', width: 10 },
        { key: 'batchTitle', title: '批次', type: 'text', width: 14 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 24 },
        { key: 'major', title: '专业代码', type: 'code', width: 8 },
        { key: 'majorName', title: '专业', type: 'text', width: 20 },
        { key: 'articulated', title: '三二分段', type: 'boolean', width: 6 },
        { key: 'college', title: '对接高职院校', type: 'text', width: 20 },
        { key: 'planned', title: '计划', type: 'integer', width: 7, unit: '人', total: 'sum' },
      ],
    },
  ],
  definitions: [{ term: '计划', meaning: '该校该专业在该生源地的招生人数，不含机动计划。' }],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { city, school, batch } = parameters;
  const scope = await scopeWords(session, season, parameters, '全省');
  const head = await readHead(session, season, { scope, businessDate: null, runs: [] });
  const { batches } = wordsOf((await policyInForce(session, season))?.base ?? null);
  const found = await session.query<{ readonly batch: string } & Row>(ROWS, [
    season,
    city ?? null,
    school ?? null,
    batch ?? null,
  ]);
  // Read before the reader's scope is entered: the table is public.
  await enterReader(context, publishedPlans);
  const plans = found.map(row => ({ ...row, batchTitle: batches.get(row.batch) ?? row.batch }));
  return { head, findings: [], rows: { plans } };
}
