/** What charts of all kinds are made of: axes, legends, flags of lines, and room for labels. */
import type { Chart, ChartMark, Column, Row, Section } from '../report.ts';
import { cellOf, readableText } from './cells.ts';
import {
  type Frame,
  fitted,
  INK,
  QUIET,
  SIGNAL,
  type Sketch,
  type Tone,
  textWidth,
  WHITE,
} from './drawing.ts';
import { visible } from './html-text.ts';

/** What a chart is drawn from. */
export interface ChartInput<C extends Chart = Chart> {
  readonly section: Section;
  readonly chart: C;
  readonly rows: readonly Row[];
  readonly marks: readonly ChartMark[];
  readonly frame: Frame;
}

export function columnOf(section: Section, key: string): Column {
  const found = section.columns.find(column => column.key === key);
  if (found === undefined) throw new Error(`chart of ${section.id}: no column ${key}`);
  return found;
}

/** As the column counts: hundredths, tenths of a percent; null: nothing is known. */
export function numberOf(column: Column, row: Row): number | null {
  const value = cellOf(column, row, true);
  return value === null ? null : Number(value);
}

export function nameOf(row: Row, key: string): string {
  const value = row[key] ?? '';
  return value === '' ? '—' : visible(String(value));
}

/** A number at an axis: without decimals where it has none. */
export function axisText(column: Column | undefined, value: number): string {
  if (column?.type === 'percent') return `${value / 10}%`;
  if (column?.type === 'hundredths') return String(value / 100);
  return readableText({ type: 'integer' }, value);
}

const NICE = [1, 2, 5, 10];

/** Round steps from `low` to at least `high`, some `count` of them; whole numbers. */
export function stepsOf(low: number, high: number, count: number): number[] {
  const wanted = Math.max(1, (high - low) / count);
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = Math.max(1, (NICE.find(nice => nice * power >= wanted) ?? 10) * power);
  const steps: number[] = [];
  for (let at = Math.floor(low / step) * step; ; at += step) {
    steps.push(at);
    if (at >= high && steps.length > 1) return steps;
  }
}

/** Which of the labels can be written beside each other; as many as evenly can. */
export function thinned(
  places: readonly number[],
  texts: readonly string[],
  size: number,
): ReadonlySet<number> {
  for (let every = 1; ; every += 1) {
    const shown = places.map((_, at) => at).filter(at => at % every === 0);
    const fits = shown.every((at, n) => {
      const next = shown[n + 1];
      if (next === undefined) return true;
      const room = Math.abs((places[next] as number) - (places[at] as number));
      const need = textWidth(texts[at] as string, size) + textWidth(texts[next] as string, size);
      return room >= need / 2 + size * 0.6;
    });
    if (fits) return new Set(shown);
  }
}

/** Names under their places, moved so far that they stay in the frame; as many as have room. */
export function drawNames(
  sketch: Sketch,
  names: readonly string[],
  placeOf: (at: number) => number,
  { y, right }: { readonly y: number; readonly right: number },
): void {
  const { size } = sketch;
  const places = names.map((name, at) => {
    const half = textWidth(name, size) / 2;
    return Math.max(half, Math.min(right - half, placeOf(at)));
  });
  const shown = thinned(places, names, size);
  for (const [at, name] of names.entries()) {
    if (shown.has(at)) sketch.text(name, places[at] as number, y, { anchor: 'middle' });
  }
}

export interface LegendEntry {
  readonly title: string;
  readonly tone?: Tone;
  /** Draws what stands for it, in place of a box, between two places of a line. */
  readonly draw?: (fromX: number, toX: number, y: number) => void;
}

/** Writes a legend in as many lines as it needs; returns the height it took. */
export function legend(sketch: Sketch, entries: readonly LegendEntry[], frame: Frame): number {
  const { size } = sketch;
  const swatch = size * 2;
  let [x, y] = [0, 0];
  for (const { title, tone, draw } of entries) {
    const text = fitted(title, frame.width - swatch - size * 0.5, size);
    const width = swatch + size * 0.5 + textWidth(text, size);
    if (x > 0 && x + width > frame.width) [x, y] = [0, y + size * 1.6];
    if (tone !== undefined) {
      const box = { x, y: y + size * 0.2, width: swatch, height: size * 0.9 };
      sketch.box({ ...box, tone, part: 'legend', border: QUIET });
    }
    draw?.(x, x + swatch, y + size * 0.65);
    sketch.text(text, x + swatch + size * 0.5, y + size);
    x += width + size * 1.6;
  }
  return y + size * 1.9;
}

/** A line to be drawn over a chart. */
export interface Flag {
  readonly x: number;
  readonly title: string;
}

/** How many lanes the titles of lines take above a chart. */
export function lanesOf(flags: readonly Flag[], right: number, size: number): number[] {
  const ends: number[] = [];
  return flags
    .toSorted((a, b) => a.x - b.x)
    .map(flag => {
      const [from, to] = flagSpan(flag, right, size);
      const free = ends.findIndex(end => end + size * 0.5 <= from);
      const lane = free < 0 ? ends.length : free;
      ends[lane] = to;
      return lane;
    });
}

function flagSpan({ x, title }: Flag, right: number, size: number): [number, number] {
  const width = textWidth(title, size) + size * 0.4;
  const from = Math.max(0, Math.min(x, right - width));
  return [from, from + width];
}

/** Height of a lane, in sizes. */
export const LANE = 1.5;

/** Draws the lines first, then their titles on white ground, so that no line crosses a title. */
export function drawFlags(
  sketch: Sketch,
  given: readonly Flag[],
  { right, top, bottom }: { readonly right: number; readonly top: number; readonly bottom: number },
): void {
  const { size } = sketch;
  const flags = given.toSorted((a, b) => a.x - b.x);
  const lanes = lanesOf(flags, right, size);
  const heightOf = (at: number) => top + (lanes[at] as number) * LANE * size;
  for (const [at, { x }] of flags.entries()) {
    const points = [
      [x, heightOf(at)],
      [x, bottom],
    ] as const;
    sketch.stroke(points, {
      color: SIGNAL,
      thickness: size * 0.14,
      dash: [size * 0.5, size * 0.3],
    });
  }
  for (const [at, flag] of flags.entries()) {
    const [from, to] = flagSpan(flag, right, size);
    const y = heightOf(at);
    const box = { x: from, y, width: to - from, height: size * 1.25 };
    sketch.box({ ...box, tone: { color: WHITE }, part: 'ground' });
    sketch.text(flag.title, from + size * 0.2, y + size * 0.97, { color: SIGNAL });
  }
}

/** The largest of the rows in words, for those who don't see the chart. */
export function inWords(kind: string, count: number, most: string | null): string {
  const largest = most === null ? '' : `，最多的是${most}`;
  return `${kind}，共 ${count} 项${largest}。同样的数字见下表。`;
}

/** Named things that a chart shows at most, however much room there is: more is a table. */
export const THINGS_SHOWN_MAX = 60;

/** The places of the largest, the largest first; all, in their own order, where all have room. */
export function largest(sums: readonly number[], room: number): readonly number[] {
  const places = sums.map((_, at) => at);
  if (sums.length <= room) return places;
  const bySize = (a: number, b: number) => (sums[b] as number) - (sums[a] as number) || a - b;
  return places.toSorted(bySize).slice(0, room);
}

/** Beside a chart that does not show all: how many of how many, by what order, and the rest. */
export function cutText(
  sums: readonly number[],
  shown: readonly number[],
  column: Pick<Column, 'type' | 'unit'>,
): string {
  const left = sums.length - shown.length;
  if (left === 0) return '';
  const said = `共 ${sums.length} 项，只画最大的 ${shown.length} 项，由大到小`;
  // A sum of percentages or of scores is nothing that anybody could use.
  if (column.type !== 'integer') return `（${said}；其余 ${left} 项见下表）`;
  const drawn = new Set(shown);
  const rest = sums.reduce((sum, value, at) => (drawn.has(at) ? sum : sum + value), 0);
  const unit = column.unit === undefined ? '' : ` ${column.unit}`;
  const amount = readableText(column, rest) + unit;
  return `（${said}；其余 ${left} 项合计 ${amount}，见下表）`;
}

/** Axis, ground lines and their numbers of a standing chart. */
export function drawHeights(
  sketch: Sketch,
  steps: readonly number[],
  column: Column | undefined,
  place: {
    readonly left: number;
    readonly right: number;
    readonly yOf: (value: number) => number;
  },
): void {
  for (const step of steps) {
    const y = place.yOf(step);
    const strong = step === steps[0];
    sketch.stroke(
      [
        [place.left, y],
        [place.right, y],
      ],
      strong ? { color: INK } : {},
    );
    sketch.text(axisText(column, step), place.left - sketch.size * 0.4, y + sketch.size * 0.35, {
      anchor: 'end',
      color: QUIET,
    });
  }
}

export function widest(texts: readonly string[], size: number): number {
  return texts.reduce((most, text) => Math.max(most, textWidth(text, size)), 0);
}
