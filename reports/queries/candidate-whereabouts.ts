/**
 * candidate-whereabouts (查看考生去向): where the candidates are who applied to this school or were at
 * it – and of nobody else. What has become of them elsewhere is told by its kind, not by its name.
 */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { asReader, enterReader } from '../reader.ts';
import {
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { streamRows } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';

/**
 * $1 season, $2 school; $3, $4 city and file of the one that is asked for, null: all. As the
 * runner: the school's own rows end where a file leaves it, and the question is just where it went.
 */
const OWN = (of: string, file = `${of}.file`) =>
  `($3::text is null or ${of}.city = $3) and ($4::integer is null or ${file} = $4)`;

const WHO = `
select h.city, h.file, min(h.ordinal) as ordinal, bool_or(h.was) as was from (
  select x.city, x.file, x.ordinal::integer as ordinal, false as was from choices x
  where x.season = $1::smallint and x.school = $2 and ${OWN('x')}
  union all
  select l.city, i.file, i.ordinal::integer, true from dispatch_lists l
  join list_items i on i.season = l.season and i.city = l.city and i.list = l.list
  where l.season = $1::smallint and l.school = $2
    and l.state in ('released', 'submitted', 'closed') and ${OWN('l', 'i.file')}
  union all
  select f.city, f.file, null, true from files f
  where f.season = $1::smallint and f.school = $2
    and f.state not in ('dispatched', 'in-pool', 'held') and ${OWN('f')}) h
group by h.city, h.file`;

const FATE = `case
  when f.state is null and g.file is not null or f.state = 'senior-high' then '普高录取'
  when f.state is null or f.state in ('in-pool', 'dispatched') then '在库'
  when f.school = $2 and f.state in ('admitted', 'registered', 'filed') then '本校录取'
  when f.school = $2 then '在本校'
  when f.state in ('admitted', 'registered', 'filed') then '其他学校录取'
  when f.state in ('held', 'cancelled') then '不能投档'
  else '在其他学校' end`;

const FROM = `from (${WHO}) w
join candidates c on c.season = $1::smallint and c.city = w.city and c.file = w.file
left join files f on f.season = $1::smallint and f.city = w.city and f.file = w.file
left join senior_high_admissions g
  on g.season = $1::smallint and g.city = w.city and g.file = w.file`;

/** One candidate is looked up first: a school of thousands need not be read for it. */
const WHOM = `select city, file from candidate_numbers
  where season = $1::smallint and candidate_no = $2`;

const COUNTS = `select fate, count(*)::integer as candidates
  from (select ${FATE} as fate ${FROM}) x group by fate order by fate collate "C"`;

const ROWS = `select c.candidate_no as "candidateNo", c.name, w.city, w.ordinal, w.was,
  ${FATE} as fate, case when f.school = $2 then f.major end as major ${FROM}
  order by w.city collate "C", c.candidate_no collate "C"`;

export const candidateWhereabouts = defineReport({
  id: 'candidate-whereabouts',
  title: '查看考生去向',
  menu: '档案管理',
  side: 'school',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { school: PARAMETERS.school, candidate_no: PARAMETERS.candidate_no },
  },
  sections: [
    {
      id: 'counts',
      title: '去向人数',
      order: '去向',
      empty: '没有报考过或到过本校的考生。',
      columns: [
        { key: 'fate', title: '去向', type: 'text', width: 14 },
        { key: 'candidates', title: '人数', type: 'integer', unit: '人', width: 8, total: 'sum' },
      ],
    },
    {
      id: 'candidates',
      title: '考生去向',
      order: '地市代码、考生号',
      empty: '没有报考过或到过本校的考生。',
      columns: [
        { key: 'candidateNo', title: '考生号', type: 'code', width: 15 },
        { key: 'name', title: '姓名', type: 'text', width: 8, masked: 'name' },
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'ordinal', title: '填报本校的志愿', type: 'integer', width: 10 },
        { key: 'was', title: '到过本校', type: 'boolean', width: 8 },
        { key: 'fate', title: '去向', type: 'text', width: 14 },
        { key: 'major', title: '本校专业代码', type: 'code', width: 10 },
      ],
    },
  ],
  definitions: [
    { term: '在库', meaning: '没有被任何学校录取，可以投档；已投出而没有发档的也在内。' },
    { term: '其他学校录取', meaning: '已由别的学校录取；是哪一所，请向生源地招办查询。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { candidate_no: candidate = null } = parameters;
  const about = { scope: '报考过或到过本校的考生', businessDate: null, runs: [] };
  const head = await readHead(session, season, about);
  // The reader's right is checked in the reader's scope, which then ends: the rows are bounded by
  // the school that the reader speaks for, and by nothing that the reader may choose. An office
  // that was given the function speaks for no school, and stays within its own scope.
  const { user } = await asReader(context, candidateWhereabouts, parameters, async each => each);
  const school = user?.school ?? parameters['school'] ?? '';
  if (user !== null && user.school === null) {
    await enterReader(context, candidateWhereabouts, parameters);
  }
  const [whom] =
    candidate === null
      ? [null]
      : await session.query<{ city: string; file: number }>(WHOM, [season, candidate]);
  // A number that nobody has is a file that nobody has.
  const values = [
    season,
    school,
    whom?.city ?? null,
    whom === undefined ? -1 : (whom?.file ?? null),
  ];
  const where = await scopeWords(session, season, { school });
  const which = candidate === null ? '报考过或到过本校的考生' : `考生 ${candidate}`;
  const counts = await session.query<Row>(COUNTS, values);
  return {
    head: { ...head, scope: [where, which].join(' · ') },
    findings: [],
    rows: { counts, candidates: streamRows(session, ROWS, values) },
  };
}
