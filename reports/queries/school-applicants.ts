/**
 * school-applicants (院校生源查询): who has chosen a school – by ordinal and by score, and what the last
 * dispatch of the round decided about each of these choices.
 */
import type { Session } from '../../db/connect.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { valueTitle } from '../../engine/rules/value-titles.ts';
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { policyWords } from '../policy-words.ts';
import { enterReader } from '../reader.ts';
import {
  type ChartMark,
  defineReport,
  type Figure,
  type Parameters,
  type Reconciliation,
  type ReportContent,
  type Row,
  type SelectContext,
} from '../report.ts';
import { mapRows, streamAfterCells } from '../row-stream.ts';
import { scopeWords } from '../scope-words.ts';
import { cutLine, scoreLines } from '../score-lines.ts';
import { sumOf } from '../statistics/progress.ts';
import { isFixedReason, isMajorReason, reasonTitle } from '../words.ts';
import { type DispatchRunKey, lastDispatchRuns } from './dispatch-run.ts';

/** Points of a band unless told. */
const BAND_POINTS = 50;
const EMPTY = '没有考生填报该校。';

/** Codes of the dispatch itself that say nothing against the candidate. */
const NOT_ELIGIBLE: ReadonlySet<string> = new Set([
  'not-in-batch',
  'school-suspended',
  'returned-before',
  'no-plan',
  'missing-data',
]);

/**
 * $1 season, $2 school, $3 city, $4 batch, $5 round; $6, $7, $8 in parallel: runs, their cities and
 * batches. The verdict is what the run wrote of the choice's ordinal: `1:full;2:placed`. Candidates
 * and decisions are looked up one by one (`offset 0`): the planner would read all of the province.
 */
const CHOICES = (columns: string) => `
from choices c
cross join lateral (select ${columns} from candidates p
  where p.season = c.season and p.city = c.city and p.file = c.file offset 0) p
left join unnest($6::integer[], $7::text[], $8::text[]) w (run, city, batch)
  on w.city = c.city and w.batch = c.batch
left join lateral (select d.reasons from decisions d where d.season = c.season
  and d.city = c.city and d.run = w.run and d.file = c.file offset 0) d on true
cross join lateral (select coalesce(split_part(
  split_part(';' || d.reasons, ';' || c.ordinal || ':', 2), ';', 1), '') as code) v
where c.season = $1::smallint and c.school = $2 and c.round = $5::smallint
  and ($3::text is null or c.city = $3) and ($4::text is null or c.batch = $4)`;

/**
 * The choices once for all tables: to look each of them up is what takes time. First come the cells
 * that the tables add up, each as JSON under the ordinal 0, then the applicants in the order of
 * their list.
 */
const ROWS = `
with chosen as materialized (
  select c.city, c.file, c.batch, c.ordinal, c.majors, c.adjustment, p.candidate_no, p.name, p.sex,
    p.origin, p.total, v.code
  ${CHOICES('p.candidate_no, p.name, p.sex, p.origin, p.total')})
select candidate_no as "candidateNo", name, sex, origin, city, batch, ordinal, total, majors,
  adjustment, code, cell
from (
  select null as cell, candidate_no, name, sex, origin, city, file, batch, ordinal, total, majors,
    adjustment, code from chosen
  union all
  select to_json(k)::text, null, null, null, null, null, null, null, 0, null, null, null, null
  from (
    select ordinal, total / ($9::integer * 100) as band, code, count(*)::integer as choices,
      count(*) filter (where adjustment)::integer as adjusting,
      min(total) as lowest, max(total) as highest
    from chosen group by 1, 2, 3) k) x
order by ordinal, total desc nulls last, city collate "C", file`;

const SENT = `
select coalesce(sum(o.sent), 0)::integer as sent
from unnest($3::integer[], $4::text[]) w (run, city)
join school_outcomes o on o.season = $1::smallint and o.city = w.city and o.run = w.run
where o.school = $2`;

interface CellRow {
  readonly ordinal: number;
  readonly band: number | null;
  readonly code: string;
  readonly choices: number;
  readonly adjusting: number;
  readonly lowest: number | null;
  readonly highest: number | null;
}

export const schoolApplicants = defineReport({
  id: 'school-applicants',
  title: '院校生源查询',
  menu: '数据查询',
  side: 'office',
  withoutFindings: true,
  parameters: {
    type: 'object',
    additionalProperties: false,
    required: ['school'],
    properties: {
      school: PARAMETERS.school,
      city: PARAMETERS.city,
      batch: PARAMETERS.batch,
      round: PARAMETERS.round,
      band: { type: 'integer', minimum: 5, maximum: 500, description: '分数段的宽度（分）' },
    },
  },
  sections: [
    {
      id: 'ordinals',
      title: '各志愿序号的生源',
      order: '志愿序号',
      empty: EMPTY,
      columns: [
        { key: 'ordinal', title: '志愿序号', type: 'integer', width: 8 },
        { key: 'choices', title: '填报', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'eligible', title: '符合条件', type: 'integer', unit: '人', width: 9, total: 'sum' },
        { key: 'placed', title: '投出', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'adjusting', title: '服从调剂', type: 'integer', width: 8, total: 'sum' },
        { key: 'highest', title: '最高分', type: 'hundredths', width: 8, total: 'max' },
        { key: 'lowest', title: '最低分', type: 'hundredths', width: 8, total: 'min' },
      ],
    },
    {
      id: 'bands',
      title: '分数段',
      order: '分数从高到低',
      empty: EMPTY,
      columns: [
        { key: 'band', title: '总分', type: 'text', width: 16 },
        { key: 'first', title: '第一志愿', type: 'integer', unit: '人', width: 9, total: 'sum' },
        { key: 'later', title: '以后志愿', type: 'integer', unit: '人', width: 9, total: 'sum' },
        { key: 'choices', title: '合计', type: 'integer', unit: '人', width: 8, total: 'sum' },
        { key: 'eligible', title: '符合条件', type: 'integer', unit: '人', width: 9, total: 'sum' },
        { key: 'placed', title: '投出', type: 'integer', unit: '人', width: 8, total: 'sum' },
      ],
      chart: {
        kind: 'histogram',
        title: '填报该校的考生的总分分布（人），及分数线',
        lower: 'lower',
        upper: 'upper',
        values: ['first', 'later'],
      },
    },
    {
      id: 'verdicts',
      title: '投档的结果',
      order: '人数，多的在前',
      empty: EMPTY,
      columns: [
        { key: 'verdict', title: '结果', type: 'text', width: 28 },
        { key: 'code', title: '代码', type: 'code', width: 20 },
        { key: 'choices', title: '人数', type: 'integer', unit: '人', width: 8, total: 'sum' },
        {
          key: 'share',
          title: '占比',
          type: 'percent',
          width: 8,
          of: ['choices', 'all'],
          sharesWhole: true,
        },
      ],
    },
    {
      id: 'applicants',
      title: '填报该校的考生',
      order: '志愿序号、总分从高到低',
      empty: EMPTY,
      columns: [
        { key: 'candidateNo', title: '考生号', type: 'code', width: 15 },
        { key: 'name', title: '姓名', type: 'text', width: 8, masked: 'name' },
        { key: 'sex', title: '性别', type: 'text', width: 5 },
        { key: 'origin', title: '考生类别', type: 'text', width: 14 },
        { key: 'city', title: '生源地代码', type: 'code', width: 8 },
        { key: 'batchTitle', title: '批次', type: 'text', width: 12 },
        { key: 'ordinal', title: '志愿序号', type: 'integer', width: 6 },
        { key: 'total', title: '总分', type: 'hundredths', width: 8 },
        { key: 'majors', title: '专业志愿', type: 'code', width: 16 },
        { key: 'adjustment', title: '服从调剂', type: 'boolean', width: 6 },
        { key: 'verdict', title: '投档的结果', type: 'text', width: 22 },
      ],
    },
  ],
  definitions: [
    { term: '填报', meaning: '该轮次的志愿中填有该校的考生；一名考生在一个批次只填一次同一院校。' },
    {
      term: '符合条件',
      meaning: '最近一次投档没有因规则、院校状态或无计划而不投的；额满不算不符合。',
    },
    { term: '投出', meaning: '最近一次投档投往该校的考生。' },
    { term: '尚未投档', meaning: '该轮次还没有完成的投档，或考生没有参加。' },
  ],
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const { school, city = null, batch = null, round = 1, band = BAND_POINTS } = parameters;
  const runs = await lastDispatchRuns(session, season, { ...parameters, round });
  const words = await policyWords(session, runs[0]?.policy ?? null);
  const head = await readHead(session, season, {
    scope: await scopeWords(session, season, { ...parameters, round }),
    businessDate: null,
    runs: runs.map(({ run }) => run),
  });
  const { user, policy } = await enterReader(context, schoolApplicants, parameters);
  const values = [
    ...[season, school, city, batch, round],
    runs.map(({ run }) => run),
    runs.map(each => each.city),
    runs.map(each => each.batch),
    band,
  ];
  const { cells, rows } = await streamAfterCells<CellRow>(session, ROWS, values);
  const verdictOf = (code: string) =>
    code === '' ? '尚未投档' : reasonTitle(code, words.refusals);
  const inWords = (row: Row) => ({
    ...row,
    sex: valueTitle('candidate.sex', row['sex'] ?? null),
    origin: valueTitle('candidate.origin', row['origin'] ?? null),
    batchTitle: words.batches.get(String(row['batch'])) ?? row['batch'] ?? null,
    verdict: verdictOf(String(row['code'])),
  });
  const ordinals = byOrdinal(cells);
  return {
    head,
    findings: [],
    figures: figuresOf(ordinals),
    marks: city === null ? [] : marksOf(policy?.ofCity(String(city)) ?? null, parameters, cells),
    rows: {
      ordinals,
      bands: byBand(cells, Number(band)),
      verdicts: byVerdict(cells, verdictOf),
      applicants: mapRows(rows, inWords),
    },
    reconciliations: await reconcile(session, values, {
      ordinals,
      runs,
      // A county sees its own candidates, and the outcomes of its whole city.
      outcomes: (user?.county ?? null) === null,
    }),
  };
}

const eligible = ({ code, choices }: CellRow) =>
  code === '' || NOT_ELIGIBLE.has(code) || !(isFixedReason(code) || isMajorReason(code))
    ? 0
    : choices;
const placed = ({ code, choices }: CellRow) => (code === 'placed' ? choices : 0);

function counted(cells: readonly CellRow[]) {
  const total = (one: (cell: CellRow) => number) => cells.reduce((sum, cell) => sum + one(cell), 0);
  return {
    choices: total(cell => cell.choices),
    eligible: total(eligible),
    placed: total(placed),
    adjusting: total(cell => cell.adjusting),
  };
}

function byOrdinal(cells: readonly CellRow[]): Row[] {
  const groups = [...Map.groupBy(cells, cell => cell.ordinal)].toSorted(([a], [b]) => a - b);
  return groups.map(([ordinal, own]) => {
    const lowest = own.flatMap(cell => cell.lowest ?? []);
    const highest = own.flatMap(cell => cell.highest ?? []);
    return {
      ordinal,
      ...counted(own),
      lowest: lowest.length === 0 ? null : Math.min(...lowest),
      highest: highest.length === 0 ? null : Math.max(...highest),
    };
  });
}

function byBand(cells: readonly CellRow[], points: number): Row[] {
  const groups = [...Map.groupBy(cells, cell => cell.band)].toSorted(
    ([a], [b]) => (b ?? -1) - (a ?? -1),
  );
  return groups.map(([band, own]) => {
    const first = own.filter(({ ordinal }) => ordinal === 1);
    const { choices, ...rest } = counted(own);
    const firsts = counted(first).choices;
    return {
      band: bandTitle(band, points),
      lower: band === null ? null : band * points * 100,
      upper: band === null ? null : (band + 1) * points * 100,
      first: firsts,
      later: choices - firsts,
      choices,
      ...rest,
    };
  });
}

/** 400–449.99 */
export function bandTitle(band: number | null, points: number): string {
  if (band === null) return '无总分';
  return `${band * points}–${band * points + points - 1}.99`;
}

/** Lines of one city; the full marks of cities differ. */
function marksOf(
  policy: FullPolicy | null,
  { school, city, batch }: Parameters,
  cells: readonly CellRow[],
): ChartMark[] {
  const placedLowest = cells
    .filter(({ code }) => code === 'placed')
    .flatMap(({ lowest }) => lowest ?? []);
  return [
    ...scoreLines(policy, {
      ...{ section: 'bands', city: String(city), school: String(school) },
      batch: batch === undefined ? null : String(batch),
    }),
    ...cutLine('bands', placedLowest.length === 0 ? null : Math.min(...placedLowest)),
  ];
}

function byVerdict(cells: readonly CellRow[], verdictOf: (code: string) => string): Row[] {
  const all = counted(cells).choices;
  const groups = [...Map.groupBy(cells, cell => cell.code)];
  return groups
    .map(([code, own]) => ({ verdict: verdictOf(code), code, ...counted(own), all }))
    .toSorted((a, b) => b.choices - a.choices || (a.code < b.code ? -1 : 1));
}

function figuresOf(ordinals: readonly Row[]): Figure[] {
  const figure = (key: string, title: string): Figure => {
    return { key, title, type: 'integer', value: sumOf(ordinals, key), unit: '人' };
  };
  const first = ordinals.find(row => row['ordinal'] === 1)?.['choices'] ?? 0;
  return [
    figure('choices', '填报'),
    { key: 'first', title: '第一志愿', type: 'integer', value: first, unit: '人' },
    figure('eligible', '符合条件'),
    figure('placed', '投出'),
  ];
}

async function reconcile(
  session: Session,
  [season, school, city, batch, round]: readonly unknown[],
  about: {
    readonly ordinals: readonly Row[];
    readonly runs: readonly DispatchRunKey[];
    readonly outcomes: boolean;
  },
): Promise<Reconciliation[]> {
  const [whole] = await session.query<{ choices: number }>(
    `select count(*)::integer as choices from choices
     where season = $1::smallint and school = $2 and ($3::text is null or city = $3)
       and ($4::text is null or batch = $4) and round = $5::smallint`,
    [season, school, city, batch, round],
  );
  const { ordinals, runs } = about;
  const sums = [
    {
      sentence: '各志愿序号填报之和与该校的志愿总数',
      left: sumOf(ordinals, 'choices'),
      right: whole?.choices ?? 0,
    },
  ];
  if (!about.outcomes) return sums;
  const [outcome] = await session.query<{ sent: number }>(SENT, [
    season,
    school,
    runs.map(({ run }) => run),
    runs.map(each => each.city),
  ]);
  const sentence = '投出人数与“投档情况查询”的投出';
  return [...sums, { sentence, left: sumOf(ordinals, 'placed'), right: outcome?.sent ?? 0 }];
}
