/** Those whose place another policy would change, one row each: the list beside a report. */
import { ABSENT } from '../../engine/decimal.ts';
import { textAt } from '../../engine/dispatch/bytes.ts';
import type { DispatchResult } from '../../engine/dispatch/result.ts';
import {
  type Comparison,
  changeKind,
  contestedChoice,
  reasonAt,
} from '../../engine/trial/compare.ts';
import { renderCsv } from '../render/csv.ts';
import type { Column, Rendering, ReportFrame, Row, Section } from '../report.ts';
import { reasonTitle } from '../words.ts';
import { CHANGE_TITLES } from './trial-columns.ts';

/** Rows are handed on in pieces of this many. */
const CHUNK_ROWS = 4096;

/** What a comparison is of. */
export interface ComparedRun {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly comparison: Comparison;
}

const side = (key: string, title: string): Column[] => [
  { key: `${key}School`, title: `${title}院校代码`, type: 'code' },
  { key: `${key}SchoolName`, title: `${title}院校`, type: 'text' },
  { key: `${key}Ordinal`, title: `${title}志愿序号`, type: 'integer' },
  { key: `${key}Major`, title: `${title}建议专业`, type: 'code' },
  { key: `${key}Score`, title: `${title}投档分`, type: 'hundredths' },
  { key: `${key}Position`, title: `${title}位次`, type: 'integer' },
  { key: `${key}Reason`, title: `${title}结果`, type: 'text' },
];

const SECTION: Section = {
  id: 'candidates',
  title: '有变动的考生',
  order: '地市，批次，轮次，考生号',
  empty: '没有考生的结果变动。',
  columns: [
    { key: 'candidate', title: '考生号', type: 'code' },
    { key: 'city', title: '地市', type: 'code' },
    { key: 'batch', title: '批次', type: 'code' },
    { key: 'round', title: '轮次', type: 'integer' },
    { key: 'change', title: '变动', type: 'text' },
    { key: 'choice', title: '所关志愿', type: 'integer' },
    ...side('before', '原'),
    ...side('after', '试'),
  ],
};

const FRAME: ReportFrame = {
  id: 'policy-try-candidates',
  title: '政策试算：有变动的考生',
  menu: '政策工作台',
  side: 'office',
  parameters: { type: 'object', additionalProperties: false, properties: {} },
  sections: [SECTION],
  definitions: [],
};

/** As CSV for people, with the runs taken as they come. Whose reasons alone differ is left out. */
export async function* changedCandidatesCsv(
  runs: AsyncIterable<ComparedRun>,
  refusals: ReadonlyMap<string, string>,
): AsyncGenerator<Uint8Array> {
  const rendering: Rendering = {
    report: FRAME,
    content: {
      head: {
        ...{ scope: '', businessDate: null, dataUntil: null, runs: [], policies: [] },
        sample: false,
      },
      findings: [],
      rows: { candidates: rowsOf(runs, refusals) },
    },
    ...{ actor: '', unmasked: false, madeAt: '', trail: null, signed: null, links: [] },
  };
  for await (const piece of renderCsv(rendering, SECTION)) yield Buffer.from(piece);
}

async function* rowsOf(
  runs: AsyncIterable<ComparedRun>,
  refusals: ReadonlyMap<string, string>,
): AsyncGenerator<Row[]> {
  for await (const run of runs) yield* changedRows(run, refusals);
}

/** The rows of one run, in the order of the candidate numbers. */
export function* changedRows(
  run: ComparedRun,
  refusals: ReadonlyMap<string, string>,
): Generator<Row[]> {
  let rows: Row[] = [];
  const { kind } = run.comparison;
  for (let at = 0; at < kind.length; at += 1) {
    const changed = changeKind(run.comparison, at);
    if (changed === 'same' || changed === 'reasons') continue;
    rows.push(changedRow(run, at, refusals));
    if (rows.length < CHUNK_ROWS) continue;
    yield rows;
    rows = [];
  }
  yield rows;
}

/** One participant's row, whatever has become of it. */
export function changedRow(
  { city, batch, round, comparison }: ComparedRun,
  at: number,
  refusals: ReadonlyMap<string, string>,
): Row {
  const { world, before, after } = comparison;
  const choice = contestedChoice(comparison, at);
  return {
    ...{ city, batch, round },
    candidate: textAt(world.candidates.number, before.participants[at] as number),
    change: CHANGE_TITLES[changeKind(comparison, at)],
    choice: choice === -1 ? null : (world.choices.ordinal[choice] as number),
    ...sideOf(comparison, before, 'before', at, refusals),
    ...sideOf(comparison, after, 'after', at, refusals),
  };
}

function sideOf(
  comparison: Comparison,
  result: DispatchResult,
  key: 'before' | 'after',
  at: number,
  refusals: ReadonlyMap<string, string>,
): Row {
  const { world } = comparison;
  const placed = result.placedChoice[at] as number;
  const contested = contestedChoice(comparison, at);
  const school = placed === -1 ? null : world.schools[world.choices.school[placed] as number];
  const score = result.score[at] as number;
  const position = result.position[at] as number;
  return {
    [`${key}School`]: school?.code ?? null,
    [`${key}SchoolName`]: school?.name ?? null,
    [`${key}Ordinal`]: placed === -1 ? null : (world.choices.ordinal[placed] as number),
    [`${key}Major`]: world.majors[result.suggestedMajor[at] as number]?.code ?? null,
    [`${key}Score`]: score === ABSENT ? null : score,
    [`${key}Position`]: position === 0 ? null : position,
    [`${key}Reason`]: contested === -1 ? null : reasonTitle(reasonAt(result, contested), refusals),
  };
}
