/** Bars: lying for named things, each with its numbers; standing for ordered ones. */
import type { BarChart, Column, Row } from '../report.ts';
import { cellOf, readableText } from './cells.ts';
import {
  axisText,
  type ChartInput,
  columnOf,
  cutText,
  drawFlags,
  drawHeights,
  drawNames,
  inWords,
  LANE,
  lanesOf,
  largest,
  legend,
  nameOf,
  numberOf,
  stepsOf,
  THINGS_SHOWN_MAX,
  thinned,
  widest,
} from './chart-parts.ts';
import { type Drawing, fitted, INK, QUIET, Sketch, textWidth, toneAt } from './drawing.ts';

/** In sizes of the letters. */
const PITCH = 1.75;
const BAR = 1.15;
const PLOT_HEIGHT = 15;
const COLUMN_WIDTH_MAX = 4;
const PARTS_WRITTEN_MAX = 2;
/** Of the width, at most for names. */
const NAMES_SHARE = 0.34;
const WHOLE_PERMILLE = 1000;

interface Bar {
  readonly name: string;
  readonly parts: readonly number[];
  readonly sum: number;
  /** 1,200 + 300 */
  readonly text: string;
}

function barsOf(columns: readonly Column[], rows: readonly Row[], category: string): Bar[] {
  return rows.map(row => {
    const parts = columns.map(column => Math.max(0, numberOf(column, row) ?? 0));
    const texts = columns.map(column => readableText(column, cellOf(column, row, true)));
    return {
      name: nameOf(row, category),
      parts,
      sum: parts.reduce((sum, part) => sum + part, 0),
      text: texts.join(' + '),
    };
  });
}

function mostOf(bars: readonly Bar[]): string | null {
  const most = bars.reduce<Bar | null>((a, b) => (a === null || b.sum > a.sum ? b : a), null);
  return most === null ? null : `${most.name}：${most.text}`;
}

function topOf(bars: readonly Bar[], column: Column | undefined): number {
  const most = Math.max(1, ...bars.map(bar => bar.sum));
  return column?.type === 'percent' ? Math.max(WHOLE_PERMILLE, most) : most;
}

function drawLegend(sketch: Sketch, columns: readonly Column[], input: ChartInput): number {
  if (columns.length < 2) return 0;
  const entries = columns.map(({ title }, at) => ({ title, tone: toneAt(at) }));
  return legend(sketch, entries, input.frame);
}

/** Draws lying bars. */
export function drawBars(input: ChartInput<BarChart>): Drawing {
  const { section, chart, rows, frame } = input;
  const { width, size } = frame;
  const columns = chart.values.map(key => columnOf(section, key));
  const sketch = new Sketch(size);
  const top = drawLegend(sketch, columns, input);
  const room = Math.floor((frame.heightMax - top - size * 2) / (size * PITCH));
  const all = barsOf(columns, rows, chart.category);
  const sums = all.map(bar => bar.sum);
  const shown = largest(sums, Math.max(1, Math.min(room, THINGS_SHOWN_MAX)));
  const bars = shown.map(at => all[at] as Bar);
  const names = bars.map(bar => fitted(bar.name, width * NAMES_SHARE, size));
  const left = widest(names, size) + size * 0.6;
  const right = width - widest([...bars.map(bar => bar.text), '100%'], size) - size * 0.8;
  const steps = stepsOf(0, topOf(bars, columns[0]), 5);
  const xOf = (value: number) => left + (value / (steps.at(-1) as number)) * (right - left);
  const bottom = top + bars.length * PITCH * size;
  drawLengths(sketch, steps, columns[0], { top, bottom, xOf });
  for (const [at, bar] of bars.entries()) {
    const y = top + at * PITCH * size + ((PITCH - BAR) / 2) * size;
    const line = y + size * (BAR / 2 + 0.36);
    sketch.text(names[at] as string, left - size * 0.5, line, { anchor: 'end' });
    let sum = 0;
    for (const [part, value] of bar.parts.entries()) {
      sketch.box({
        ...{ x: xOf(sum), y, width: xOf(sum + value) - xOf(sum), height: size * BAR },
        ...{ tone: toneAt(part), part: 'data', value, border: INK },
        says: `${bar.name} ${columns[part]?.title ?? ''} ${bar.text.split(' + ')[part] ?? ''}`,
      });
      sum += value;
    }
    sketch.text(bar.text, xOf(sum) + size * 0.4, line);
  }
  const cut = cutText(sums, shown, columns[0] as Column);
  return {
    ...{ width, height: bottom + size * 1.8, title: chart.title + cut },
    ...{ description: inWords('条形图', bars.length, mostOf(bars)), shapes: sketch.shapes },
  };
}

function drawLengths(
  sketch: Sketch,
  steps: readonly number[],
  column: Column | undefined,
  place: {
    readonly top: number;
    readonly bottom: number;
    readonly xOf: (value: number) => number;
  },
): void {
  const { size } = sketch;
  const places = steps.map(place.xOf);
  const texts = steps.map(step => axisText(column, step));
  const shown = thinned(places, texts, size);
  for (const [at, x] of places.entries()) {
    const points = [
      [x, place.top],
      [x, place.bottom],
    ] as const;
    sketch.stroke(points, at === 0 ? { color: INK } : {});
    if (!shown.has(at)) continue;
    const style = { anchor: 'middle', color: QUIET } as const;
    sketch.text(texts[at] as string, x, place.bottom + size * 1.2, style);
  }
}

/** Draws standing bars. */
export function drawColumns(input: ChartInput<BarChart>): Drawing {
  const { section, chart, rows, marks, frame } = input;
  const { width, size } = frame;
  const columns = chart.values.map(key => columnOf(section, key));
  const sketch = new Sketch(size);
  const head = drawLegend(sketch, columns, input);
  const bars = barsOf(columns, rows, chart.category);
  const steps = stepsOf(0, topOf(bars, columns[0]), 4);
  const left =
    widest(
      steps.map(step => axisText(columns[0], step)),
      size,
    ) +
    size * 0.6;
  const slot = (width - left) / bars.length;
  const middle = (at: number) => left + (at + 0.5) * slot;
  const flags = marks.flatMap(({ category, title }) => {
    const at = bars.findIndex(bar => bar.name === category);
    return at < 0 ? [] : [{ x: middle(at), title }];
  });
  const lanes = Math.max(0, ...lanesOf(flags, width, size).map(lane => lane + 1));
  const top = head + (lanes * LANE + 1.4) * size;
  const bottom = top + PLOT_HEIGHT * size;
  const yOf = (value: number) => bottom - (value / (steps.at(-1) as number)) * (bottom - top);
  drawHeights(sketch, steps, columns[0], { left, right: width, yOf });
  drawFlags(sketch, flags, { right: width, top: head, bottom });
  standing(sketch, bars, columns, { middle, slot, yOf });
  const names = bars.map(bar => fitted(bar.name, Math.max(slot, size * 8), size));
  drawNames(sketch, names, middle, { y: bottom + size * 1.45, right: width });
  return {
    ...{ width, height: bottom + size * 2.1, title: chart.title },
    ...{ description: inWords('柱形图', bars.length, mostOf(bars)), shapes: sketch.shapes },
  };
}

function standing(
  sketch: Sketch,
  bars: readonly Bar[],
  columns: readonly Column[],
  place: {
    readonly middle: (at: number) => number;
    readonly slot: number;
    readonly yOf: (value: number) => number;
  },
): void {
  const { size } = sketch;
  const { middle, slot, yOf } = place;
  const wide = Math.min(slot * 0.7, COLUMN_WIDTH_MAX * size);
  const fit = (texts: readonly string[]) => widest(texts, size) + size * 0.3 <= slot;
  const whole = bars.map(bar => bar.text);
  const sums = bars.map(bar => readableText(columns[0] ?? { type: 'integer' }, bar.sum));
  // Of many parts most are small or none: their sum is read, the parts stand in the table.
  const parted = columns.length <= PARTS_WRITTEN_MAX && fit(whole);
  const numbers = parted ? whole : fit(sums) ? sums : [];
  for (const [at, bar] of bars.entries()) {
    let sum = 0;
    for (const [part, value] of bar.parts.entries()) {
      const y = yOf(sum + value);
      sketch.box({
        ...{ x: middle(at) - wide / 2, y, width: wide, height: yOf(sum) - y },
        ...{ tone: toneAt(part), part: 'data', value, border: INK },
        says: `${bar.name} ${columns[part]?.title ?? ''} ${bar.text.split(' + ')[part] ?? ''}`,
      });
      sum += value;
    }
    const number = numbers[at];
    if (number === undefined || bar.sum === 0) continue;
    // A line of the axis or of a mark does not go through the number.
    const [x, y] = [middle(at), yOf(sum) - size * 0.35];
    const half = textWidth(number, size) / 2;
    sketch.box({
      ...{ x: x - half, y: y - size * 0.85, width: half * 2, height: size },
      ...{ tone: { color: '#ffffff' }, part: 'ground' },
    });
    sketch.text(number, x, y, { anchor: 'middle' });
  }
}
