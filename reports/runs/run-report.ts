/**
 * The run report (运行报告): what a night, or one run, did, as far as it lies in the reader's cities:
 * a city's officer sees the city's runs, what was found in it, and sums over these. Findings first,
 * then the large numbers, what changed since the last time, and the tables by run, city and school.
 * Every sum is recounted from the tables and reconciled.
 *
 * The distribution of scores is drawn for one city only: the full marks of cities differ, and a sum
 * over them would mean nothing.
 */
import { readHead } from '../head.ts';
import { PARAMETERS } from '../parameters.ts';
import { effectivePolicy, type PolicyWords, policyInForce, policyWords } from '../policy-words.ts';
import { asReader } from '../reader.ts';
import {
  type ChartMark,
  defineReport,
  type Parameters,
  type ReportContent,
  type Row,
  type Rows,
  type SelectContext,
} from '../report.ts';
import { cutLine, scoreLines } from '../score-lines.ts';
import { jobTitle, reasonTitle, runStateTitle } from '../words.ts';
import {
  cityRows,
  decidedCells,
  ordinalRows,
  type RunKeys,
  reasonRows,
  runKeys,
  schoolRows,
  scoreRows,
} from './dispatch-rows.ts';
import { readFindings, waitingLists } from './findings.ts';
import {
  type CitySums,
  changesOf,
  figuresOf,
  type Measures,
  readMeasures,
  reconciliationsOf,
} from './measures.ts';
import {
  type LedgerRun,
  type Night,
  nightOfReader,
  policyOf,
  readFormer,
  readNight,
  runPlace,
  sightTitle,
} from './night.ts';
import {
  CITIES,
  ORDINALS,
  REASONS,
  RUN_DEFINITIONS,
  RUNS,
  SCHOOLS,
  SCORES,
  VERSIONS,
} from './run-report-sections.ts';
import { SEAL, SEAL_CHAINS, sealRows } from './seal-rows.ts';
import { SWEEP_DAYS, sweepDays } from './sweep-days.ts';

export const runReport = defineReport({
  id: 'run-report',
  title: '运行报告',
  menu: '投档',
  side: 'office',
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { date: PARAMETERS.date, run: PARAMETERS.run },
  },
  sections: [
    ...[RUNS, SWEEP_DAYS, CITIES, ORDINALS, REASONS, SCORES, VERSIONS, SCHOOLS],
    ...[SEAL, SEAL_CHAINS],
  ],
  mainSection: 'schools',
  definitions: RUN_DEFINITIONS,
  select,
});

async function select(context: SelectContext, parameters: Parameters): Promise<ReportContent> {
  const { session, season } = context;
  const reader = await asReader(context, runReport, parameters, async each => each);
  const night = nightOfReader(reader, await readNight(session, season, parameters));
  const whose = await sightTitle(session, season, night.sight);
  const keys = runKeys(season, night.dispatched);
  const measures = await readMeasures(session, keys);
  const former = await readFormer(session, season, night);
  const before =
    former === null ? null : await readMeasures(session, runKeys(season, former.dispatched));
  const words = await policyWords(session, policyOf(night));
  const findings = await readFindings(session, season, night, words);
  const head = await readHead(session, season, {
    scope: scopeOf(night, words, whose),
    businessDate: night.businessDate,
    runs: night.runs.map(run => run.run),
  });
  const runs = night.runs.map(run => runRow(run, words));
  const inForce = (await policyInForce(session, season))?.base ?? null;
  const sweeps = await sweepDays(context, night, inForce);
  const swept = sweeps === null ? {} : { [SWEEP_DAYS.id]: sweeps.rows };
  const base = {
    ...{ head, findings: [...findings, ...waitingLists(measures.waiting)] },
    ...(sweeps === null ? {} : { sections: [sweeps.section] }),
  };
  if (night.only !== null && night.dispatched.length === 0) {
    return { ...base, rows: { runs, ...swept } };
  }
  const tables = await dispatchTables(context, night, keys, measures, words, runs);
  // A seal is of a date and not of one run.
  const date = night.businessDate;
  const seal = night.only === null ? await sealRows(session, season, date, night.sight.cities) : {};
  return {
    ...base,
    figures: figuresOf(measures),
    since: former?.since ?? null,
    changes: changesOf(measures, before),
    ...tables,
    rows: { ...tables.rows, ...swept, ...seal },
  };
}

async function dispatchTables(
  { session }: SelectContext,
  night: Night,
  keys: RunKeys,
  measures: Measures,
  words: PolicyWords,
  runs: readonly Row[],
): Promise<Pick<ReportContent, 'rows' | 'marks' | 'reconciliations'>> {
  const decided = await decidedCells(session, keys);
  const cities = await cityRows(session, keys, decided);
  const rows: Record<string, Rows> = {
    runs,
    cities: cities.map(row => withBatchTitle(row, words)),
    ordinals: ordinalRows(decided),
    reasons: reasonRows(decided).map(row => ({
      ...row,
      reason: reasonTitle(String(row['code']), words.refusals),
    })),
    versions: cities.map(row => withBatchTitle(row, words)),
    schools: mapRows(schoolRows(session, keys), row => withBatchTitle(row, words)),
  };
  const only = night.dispatched.length === 1 ? night.dispatched[0] : undefined;
  const marks: ChartMark[] = [];
  if (only !== undefined) {
    const scores = await scoreRows(session, keys);
    rows[SCORES.id] = scores.rows;
    const policy = await effectivePolicy(session, only.policy);
    const { city, batch } = only;
    const about = { section: SCORES.id, city: city ?? '', batch, school: null };
    marks.push(...scoreLines(policy, about), ...cutLine(SCORES.id, scores.lowest));
  }
  const reconciliations = reconciliationsOf(measures, sumsOf(cities), night.dispatched);
  return { rows, marks, reconciliations };
}

function sumsOf(cities: readonly Row[]): CitySums {
  const sum = (key: string) => cities.reduce((total, row) => total + Number(row[key]), 0);
  return {
    participants: sum('participants'),
    sent: sum('sent'),
    agreeing: cities.filter(row => row['sent'] === row['schoolSent']).length,
    cities: cities.length,
  };
}

function scopeOf(night: Night, words: PolicyWords, whose: string): string {
  const only = night.only;
  if (night.businessDate === null) return '没有任何运行';
  if (only === null) {
    const cities = new Set(night.dispatched.map(run => run.city)).size;
    return `${whose} ${night.businessDate} 的全部运行（${cities} 个市完成投档）`;
  }
  return `运行 ${only.run}：${jobTitle(only.job)} ${runPlace(only, words)}`.trim();
}

function runRow(run: LedgerRun, words: PolicyWords): Row {
  return {
    run: run.run,
    job: jobTitle(run.job),
    place: runPlace(run, words) || '全省',
    state: runStateTitle(run.state),
    attempt: run.attempt,
    started: run.started,
    lasted: run.lasted,
    counts: countsText(run.counts),
  };
}

/** Counts of runs that a reader wants, in this order; the ledger has all of them. */
const COUNT_TITLES: Readonly<Record<string, string>> = {
  candidates: '考生',
  participants: '参加',
  placed: '投出',
  unplaced: '未投出',
  lists: '投档单',
  overrun: '同分超出',
  rechecked: '复核',
  chains: '轨迹链',
  events: '事件',
  checked: '核查',
  seen: '查看档案',
  moved: '处理档案',
  reminded: '提醒',
  expired: '失效申请',
  snapshots: '快照',
  added: '新增录取',
  changed: '变更录取',
  vanished: '不再列出',
  findings: '发现',
  files: '文件',
};

function countsText(counts: Readonly<Record<string, number>> | null): string {
  return Object.entries(COUNT_TITLES)
    .filter(([key]) => counts?.[key] !== undefined)
    .map(([key, title]) => `${title} ${counts?.[key]}`)
    .join('，');
}

function withBatchTitle(row: Row, words: PolicyWords): Row {
  const batch = String(row['batch']);
  return { ...row, batch: words.batches.get(batch) ?? batch };
}

async function* mapRows(rows: Rows, map: (row: Row) => Row): AsyncGenerator<readonly Row[]> {
  for await (const chunk of rows as AsyncIterable<readonly Row[]>) yield chunk.map(map);
}
