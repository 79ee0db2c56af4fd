/**
 * dispatch-results (投档情况查询): per school what was sent – room, sent, highest and lowest score,
 * last ordinal, unfilled – in the last run of each city and batch, or in the one asked for.
 */
import type { Session } from '../../db/connect.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { effectivePolicy, policyWords } from '../policy-words.ts';
import { asReader, requireCity } from '../reader.ts';
import {
  type ChartMark,
  defineReport,
  type Parameters,
  type Reconciliation,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { streamRows } from '../row-stream.ts';
import { scoreRows } from '../runs/dispatch-rows.ts';
import { SCORES } from '../runs/run-report-sections.ts';
import { scopeWords } from '../scope-words.ts';
import { cutLine, scoreLines } from '../score-lines.ts';
import { type DispatchRunKey, dispatchRun, lastDispatchRuns } from './dispatch-run.ts';

/** $1 season; $2, $3, $4 in parallel: runs, their cities, their batches' titles; $5 school. */
const ROWS = `
with wanted as (
  select * from unnest($2::integer[], $3::text[], $4::text[]) as w (run, city, batch)),
scored as (
  select d.run, d.school, max(d.score) as highest
  from wanted w join decisions d
    on d.season = $1::smallint and d.city = w.city and d.run = w.run
  where d.school is not null and ($5::text is null or d.school = $5)
  group by d.run, d.school)
select w.city, c.name as "cityName", w.batch, (r.scope ->> 'round')::integer as round,
  o.school, s.name as "schoolName", o.planned, o.flexible, o.room_before as "roomBefore",
  greatest(o.room_before, 0) as room, o.sent, o.sent - o.overrun as filled,
  greatest(o.room_after, 0) as unfilled, o.overrun, x.highest, o.lowest_score as lowest,
  nullif(o.last_ordinal, 0) as ordinal, o.closed_by_tie as closed, l.list, l.state
from wanted w
  join runs r on r.run = w.run
  join school_outcomes o on o.season = $1::smallint and o.city = w.city and o.run = w.run
  left join scored x on x.run = o.run and x.school = o.school
  left join dispatch_lists l
    on l.season = o.season and l.city = o.city and l.run = o.run and l.school = o.school
  left join schools s on s.season = o.season and s.code = o.school
  left join regions c on c.season = o.season and c.code = w.city
where $5::text is null or o.school = $5
order by w.city collate "C", w.batch collate "C", round, o.school collate "C"`;

const LIST_STATES: Readonly<Record<string, string>> = {
  draft: '待发档',
  released: '已发档',
  submitted: '院校已提交',
  closed: '已结束',
  cancelled: '已取消',
};

export const dispatchResults = defineReport({
  id: 'dispatch-results',
  title: '投档情况查询',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: {
      city: PARAMETERS.city,
      batch: PARAMETERS.batch,
      round: PARAMETERS.round,
      school: PARAMETERS.school,
      run: PARAMETERS.run,
    },
  },
  sections: [
    {
      id: 'results',
      title: '各院校投档情况',
      order: '地市代码、批次、轮次、院校代码',
      empty: '没有完成的投档。',
      columns: [
        { key: 'city', title: '地市代码', type: 'code', width: 8 },
        { key: 'cityName', title: '地市', type: 'text', width: 10 },
        { key: 'batch', title: '批次', type: 'text', width: 12 },
        { key: 'round', title: '轮次', type: 'integer', width: 5 },
        { key: 'school', title: '院校代码', type: 'code', width: 9 },
        { key: 'schoolName', title: '院校', type: 'text', width: 22 },
        { key: 'planned', title: '计划', type: 'integer', width: 7, total: 'sum' },
        { key: 'flexible', title: '机动', type: 'integer', width: 6, total: 'sum' },
        { key: 'roomBefore', title: '投档前空位', type: 'integer', width: 7 },
        { key: 'sent', title: '投出', type: 'integer', width: 7, total: 'sum' },
        { key: 'fill', title: '投满率', type: 'percent', width: 7, of: ['filled', 'room'] },
        { key: 'unfilled', title: '缺额', type: 'integer', width: 6, total: 'sum' },
        { key: 'overrun', title: '同分超出', type: 'integer', width: 6, total: 'sum' },
        { key: 'highest', title: '最高分', type: 'hundredths', width: 7 },
        { key: 'lowest', title: '最低分', type: 'hundredths', width: 7 },
        { key: 'ordinal', title: '最后志愿序号', type: 'integer', width: 6 },
        { key: 'closed', title: '因同分停投', type: 'boolean', width: 6 },
        { key: 'list', title: '投档单号', type: 'integer', width: 6 },
        { key: 'stateTitle', title: '投档单状态', type: 'text', width: 10 },
      ],
    },
    SCORES,
  ],
  definitions: [
    { term: '投档前空位', meaning: '计划 × 投档比例取整，加机动计划，减已占用名额；可为负。' },
    { term: '投满率', meaning: '可投人数中已投出的百分比；同分跟进而超出的不计入。' },
    { term: '缺额', meaning: '投档后仍空着的名额。' },
    { term: '最低分', meaning: '最后一名投出考生的投档分（总分加照顾加分）。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const reader = await asReader(context, dispatchResults, parameters, async each => each);
  const asked =
    parameters['run'] === undefined
      ? await lastDispatchRuns(session, season, parameters)
      : [await dispatchRun(session, season, Number(parameters['run']))];
  if (parameters['run'] !== undefined) {
    for (const { city, run } of asked) requireCity(reader, city, `运行 ${run}`);
  }
  const cities = reader.user?.cities ?? 'all';
  const runs = asked.filter(({ city }) => cities === 'all' || cities.includes(city));
  const words = await policyWords(session, runs[0]?.policy ?? null);
  const school = parameters['school'] === undefined ? null : String(parameters['school']);
  const head = await readHead(session, season, {
    scope: await scopeOf(session, season, parameters, runs),
    businessDate:
      runs
        .map(run => run.businessDate)
        .sort()
        .at(-1) ?? null,
    runs: runs.map(run => run.run),
  });
  const rows = streamRows(session, ROWS, [
    season,
    runs.map(run => run.run),
    runs.map(run => run.city),
    runs.map(run => words.batches.get(run.batch) ?? run.batch),
    school,
  ]);
  const [only] = runs;
  const alone = runs.length === 1 && school === null && (reader.user?.county ?? null) === null;
  const distribution =
    alone && only !== undefined ? await scoresOf(session, season, only) : { drawn: {}, rows: {} };
  return {
    head,
    findings: [],
    ...distribution.drawn,
    rows: { results: withStates(rows), ...distribution.rows },
    reconciliations: await reconcile(session, season, runs, school),
  };
}

/** Of one run: the full marks of cities differ, and a sum over them would mean nothing. */
async function scoresOf(session: Session, season: number, run: DispatchRunKey) {
  const { rows, lowest } = await scoreRows(session, [season, [run.run], [run.city]]);
  const { city, batch } = run;
  const policy = await effectivePolicy(session, run.policy);
  const lines = scoreLines(policy, { section: SCORES.id, city, batch, school: null });
  const marks: ChartMark[] = [...lines, ...cutLine(SCORES.id, lowest)];
  return { drawn: { marks }, rows: { [SCORES.id]: rows } };
}

async function reconcile(
  session: Session,
  season: number,
  runs: readonly DispatchRunKey[],
  school: string | null,
): Promise<Reconciliation[]> {
  const [sums] = await session.query<{ schools: number; candidates: number }>(
    `with wanted as (select * from unnest($2::integer[], $3::text[]) as w (run, city))
     select
       (select coalesce(sum(o.sent), 0)::integer from wanted w join school_outcomes o
          on o.season = $1::smallint and o.city = w.city and o.run = w.run
        where $4::text is null or o.school = $4) as schools,
       (select count(*)::integer from wanted w join decisions d
          on d.season = $1::smallint and d.city = w.city and d.run = w.run
        where d.school is not null and ($4::text is null or d.school = $4)) as candidates`,
    [season, runs.map(run => run.run), runs.map(run => run.city), school],
  );
  const sentence = '各院校投出人数之和与投出的考生人数';
  return [{ sentence, left: sums?.schools ?? 0, right: sums?.candidates ?? 0 }];
}

/** What was asked for; of a run, what it dispatched. */
async function scopeOf(
  session: Session,
  season: number,
  parameters: Parameters,
  runs: readonly DispatchRunKey[],
): Promise<string> {
  const { run } = parameters;
  const [only] = runs;
  const given =
    run === undefined || only === undefined ? parameters : { ...parameters, ...keyOf(only) };
  const asked = await scopeWords(session, season, given, '全省各市各批次最近一次投档');
  if (runs.length === 0) return `${asked}（尚未投档）`;
  return run === undefined ? asked : `运行 ${run}：${asked}`;
}

function keyOf({ city, batch, round }: DispatchRunKey): Parameters {
  return { city, batch, round };
}

async function* withStates(rows: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  for await (const chunk of rows) {
    yield chunk.map(row => ({
      ...row,
      stateTitle: LIST_STATES[String(row['state'])] ?? null,
    }));
  }
}
