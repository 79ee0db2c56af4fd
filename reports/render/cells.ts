/**
 * One value of a report as text or number, the same in every format. Everything is computed in
 * integers: hundredths stay hundredths, a percentage is a count of tenths of a percent.
 */
import { formatHundredths } from '../../engine/decimal.ts';
import type {
  Cell,
  Column,
  Figure,
  Mask,
  Rendering,
  Row,
  Section,
  SignMark,
  SignStep,
} from '../report.ts';

/** A hash is shortened to this many characters where people read it. */
export const HASH_SHOWN_CHARACTERS = 12;

/** Part of whole in tenths of a percent, half up; null where there is no whole. */
export function permille(part: number, whole: number): number | null {
  if (whole <= 0) return null;
  return Math.floor((2000 * part + whole) / (2 * whole));
}

/** The column's value in a row; percentages are computed, masks applied. */
export function cellOf(column: Column, row: Row, unmasked: boolean): Cell {
  if (column.type === 'percent') {
    const [part, whole] = column.of ?? ['', ''];
    return permille(Number(row[part] ?? 0), Number(row[whole] ?? 0));
  }
  const value = row[column.key] ?? null;
  if (column.masked === undefined || unmasked || typeof value !== 'string') return value;
  return masked(value, column.masked);
}

/** For machines: exact, without separators of thousands; null is empty. */
export function plainText(column: Pick<Column, 'type'>, value: Cell): string {
  if (value === null) return '';
  if (column.type === 'hundredths') return formatHundredths(Number(value));
  if (column.type === 'percent') return formatHundredths(Number(value) * 10);
  if (column.type === 'boolean') return value === true ? '是' : '否';
  return String(value);
}

/** For people: thousands apart, percent sign, hashes shortened; null is a dash. */
export function readableText(column: Pick<Column, 'type'>, value: Cell): string {
  if (value === null || value === '') return '—';
  if (column.type === 'integer') return groupThousands(Number(value));
  if (column.type === 'percent') return `${(Number(value) / 10).toFixed(1)}%`;
  if (column.type === 'hash') return String(value).slice(0, HASH_SHOWN_CHARACTERS);
  return plainText(column, value);
}

function groupThousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A figure's value, computed and masked as a cell's is. */
export function figureOf(figure: Figure, unmasked: boolean): Cell {
  if (figure.type === 'percent') return permille(figure.of?.[0] ?? 0, figure.of?.[1] ?? 0);
  if (figure.masked === undefined || unmasked || typeof figure.value !== 'string') {
    return figure.value;
  }
  return masked(figure.value, figure.masked);
}

/** 张三丰 → 张**; an identity or telephone number keeps its last two digits. */
export function masked(value: string, mask: Mask): string {
  const characters = [...value];
  if (mask === 'name')
    return (characters[0] ?? '') + '*'.repeat(Math.max(characters.length - 1, 0));
  const shown = characters.length > 4 ? 2 : 0;
  const hidden = characters.length - shown;
  return '*'.repeat(hidden) + characters.slice(hidden).join('');
}

/** 人数（人） */
export function columnTitle(column: Column): string {
  return column.unit === undefined ? column.title : `${column.title}（${column.unit}）`;
}

type TotalKind = NonNullable<Column['total']>;

/** Adds up a section as its rows pass by; every renderer shows the same totals. */
export class Totals {
  readonly #kinds: ReadonlyMap<string, TotalKind>;
  readonly #totals = new Map<string, number>();
  #rows = 0;

  constructor(section: Section) {
    // The parts of a percentage are summed even where they have no column of their own.
    const parts = section.columns.flatMap(({ of, sharesWhole }) =>
      of === undefined
        ? []
        : [[of[0], 'sum'] as const, [of[1], sharesWhole ? 'max' : 'sum'] as const],
    );
    const columns = section.columns.filter(column => column.total !== undefined);
    this.#kinds = new Map<string, TotalKind>([
      ...parts,
      ...columns.map(column => [column.key, column.total as TotalKind] as const),
    ]);
  }

  get rowCount(): number {
    return this.#rows;
  }

  add(rows: readonly Row[]): void {
    this.#rows += rows.length;
    for (const [key, kind] of this.#kinds) {
      for (const row of rows) this.#addValue(key, kind, row[key] ?? null);
    }
  }

  #addValue(key: string, kind: TotalKind, value: Cell): void {
    if (typeof value !== 'number') return;
    const before = this.#totals.get(key);
    if (before === undefined) this.#totals.set(key, value);
    else if (kind === 'sum') this.#totals.set(key, before + value);
    else this.#totals.set(key, kind === 'min' ? Math.min(before, value) : Math.max(before, value));
  }

  /** Is there a row of totals to show? */
  get any(): boolean {
    return this.#rows > 0 && this.#kinds.size > 0;
  }

  /** The total under a column; null: none is meant there. */
  cell(column: Column): Cell {
    if (this.#rows === 0) return null;
    if (column.type === 'percent') return cellOf(column, Object.fromEntries(this.#totals), true);
    return column.total === undefined ? null : (this.#totals.get(column.key) ?? null);
  }
}

/** The lines at the head of every report, as title and text. */
export function headLines(rendering: Rendering): [string, string][] {
  const { head } = rendering.content;
  const lines: [string, string][] = [['范围', head.scope]];
  if (head.businessDate !== null) lines.push(['业务日期', head.businessDate]);
  lines.push(['数据截至', head.dataUntil ?? '没有数据']);
  if (head.runs.length > 0) lines.push(['运行编号', runNumbers(head.runs)]);
  for (const policy of head.policies) {
    lines.push([
      '政策版本',
      `第${policy.baseVersion}版，基础 ${policy.baseHash.slice(0, HASH_SHOWN_CHARACTERS)}，` +
        `地市 ${policy.overlayHash.slice(0, HASH_SHOWN_CHARACTERS)}`,
    ]);
  }
  const { trail, signed } = rendering;
  if (trail !== null) {
    const hash = trail.hash.slice(0, HASH_SHOWN_CHARACTERS);
    lines.push(['轨迹封存', `第${trail.seal}次（${trail.businessDate}），校验值 ${hash}`]);
  }
  if (signed !== null) lines.push(['签署', signText(signed)]);
  lines.push(['制表', `${rendering.actor}　${rendering.madeAt}`]);
  if (head.sample) lines.push(['说明', SAMPLE_SENTENCE]);
  return lines;
}

const SIGN_TITLES: Readonly<Record<SignStep, string>> = {
  prepared: '制表',
  reviewed: '市招办复核',
  approved: '省招办审定',
  published: '公布',
  withdrawn: '撤回',
};

/** 第2版，已省招办审定：制表 a 2016-…；… */
function signText({ version, state, steps, hash, reason }: SignMark): string {
  const stands = state === 'open' ? '待制表' : `已${SIGN_TITLES[state]}`;
  const said = steps.map(({ step, by }) => `${SIGN_TITLES[step]} ${by}`);
  const why = reason === null ? [] : [`撤回理由：${reason}`];
  const mark = hash === null ? [] : [`内容校验值 ${hash.slice(0, HASH_SHOWN_CHARACTERS)}`];
  return [`第${version}版，${stands}`, ...said, ...why, ...mark].join('；');
}

export const SAMPLE_SENTENCE = '示例数据：由程序生成，与真实考生和院校无关';

/** 3–24、31 */
function runNumbers(runs: readonly number[]): string {
  const sorted = [...runs].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const run of sorted) {
    const last = ranges.at(-1);
    if (last !== undefined && run === last[1] + 1) last[1] = run;
    else ranges.push([run, run]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join('、');
}
