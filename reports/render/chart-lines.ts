/** Curves over ordered steps, told apart by signs and dashes where colours are not seen. */
import type { Column, LineChart } from '../report.ts';
import { readableText } from './cells.ts';
import {
  axisText,
  type ChartInput,
  columnOf,
  drawFlags,
  drawHeights,
  drawNames,
  inWords,
  LANE,
  lanesOf,
  legend,
  nameOf,
  numberOf,
  stepsOf,
  widest,
} from './chart-parts.ts';
import { type Drawing, fitted, type Point, Sketch } from './drawing.ts';

const PLOT_HEIGHT = 15;
/** With more points each is no sign any more, but a thick line. */
const SIGNS_MAX = 40;

const SIGNS = ['circle', 'square', 'triangle'] as const;
const COLORS = ['#1f4e79', '#a61b1b', '#555555'] as const;

function looks(at: number, size: number) {
  const dashes: ([number, number] | undefined)[] = [
    undefined,
    [size * 0.7, size * 0.35],
    [size * 0.15, size * 0.3],
  ];
  const dash = dashes[at % dashes.length];
  return {
    sign: SIGNS[at % SIGNS.length] as (typeof SIGNS)[number],
    style: {
      color: COLORS[at % COLORS.length] as string,
      thickness: size * 0.15,
      ...(dash === undefined ? {} : { dash }),
    },
  };
}

/** Draws it; null: no value is known. */
export function drawLines(input: ChartInput<LineChart>): Drawing | null {
  const { section, chart, rows, marks, frame } = input;
  const { width, size } = frame;
  const columns = chart.values.map(key => columnOf(section, key));
  const curves = columns.map(column => rows.map(row => numberOf(column, row)));
  const known = curves.flat().filter(value => value !== null);
  if (known.length === 0) return null;
  const sketch = new Sketch(size);
  const head = drawLegend(sketch, columns, input);
  const low = chart.fromZero ? Math.min(0, ...known) : Math.min(...known);
  const steps = stepsOf(low, Math.max(low + 1, ...known), 4);
  const numbers = steps.map(step => axisText(columns[0], step));
  const left = widest(numbers, size) + size * 0.6;
  const lasts = curves.map((curve, at) => lastText(columns[at] as Column, curve));
  const right = width - widest(lasts, size) - size;
  const slot = (right - left) / rows.length;
  const middle = (at: number) => left + (at + 0.5) * slot;
  const names = rows.map(row => nameOf(row, chart.category));
  const flags = marks.flatMap(({ category, title }) => {
    const at = names.indexOf(category ?? '');
    return at < 0 ? [] : [{ x: middle(at), title }];
  });
  const lanes = Math.max(0, ...lanesOf(flags, width, size).map(lane => lane + 1));
  const top = head + (lanes * LANE + 1.4) * size;
  const bottom = top + PLOT_HEIGHT * size;
  const [from, to] = [steps[0] as number, steps.at(-1) as number];
  const yOf = (value: number) => bottom - ((value - from) / (to - from)) * (bottom - top);
  drawHeights(sketch, steps, columns[0], { left, right, yOf });
  drawFlags(sketch, flags, { right: width, top: head, bottom });
  for (const [at, curve] of curves.entries()) drawCurve(sketch, curve, at, { middle, yOf });
  drawLasts(sketch, curves, lasts, { x: right + size * 0.4, yOf });
  const short = names.map(name => fitted(name, size * 8, size));
  drawNames(sketch, short, middle, { y: bottom + size * 1.45, right: width });
  const ends = columns.map(({ title }, at) => `${title} ${lasts[at]}`).join('，');
  return {
    ...{ width, height: bottom + size * 2.1, title: chart.title, shapes: sketch.shapes },
    description: `${inWords('曲线图', rows.length, null)}最后一项：${ends}。`,
  };
}

function drawLegend(sketch: Sketch, columns: readonly Column[], { frame }: ChartInput): number {
  const entries = columns.map(({ title }, at) => ({
    title,
    draw: (fromX: number, toX: number, y: number) => {
      const { sign, style } = looks(at, sketch.size);
      sketch.stroke(
        [
          [fromX, y],
          [toX, y],
        ],
        style,
      );
      sketch.sign(sign, (fromX + toX) / 2, y, style.color);
    },
  }));
  return legend(sketch, entries, frame);
}

function lastText(column: Column, curve: readonly (number | null)[]): string {
  return readableText(column, curve.findLast(value => value !== null) ?? null);
}

/** Where a value is not known, the curve is broken. */
function drawCurve(
  sketch: Sketch,
  curve: readonly (number | null)[],
  at: number,
  place: { readonly middle: (at: number) => number; readonly yOf: (value: number) => number },
): void {
  const { sign, style } = looks(at, sketch.size);
  let points: Point[] = [];
  for (const [step, value] of [...curve, null].entries()) {
    if (value !== null) {
      points.push([place.middle(step), place.yOf(value)]);
      continue;
    }
    if (points.length > 1) sketch.stroke(points, style);
    if (points.length === 1 || curve.length <= SIGNS_MAX) {
      for (const [x, y] of points) sketch.sign(sign, x, y, style.color);
    }
    points = [];
  }
}

/** The last number of each curve beside its end, moved apart where curves end together. */
function drawLasts(
  sketch: Sketch,
  curves: readonly (readonly (number | null)[])[],
  texts: readonly string[],
  place: { readonly x: number; readonly yOf: (value: number) => number },
): void {
  const ends = curves.flatMap((curve, at) => {
    const last = curve.findLast(value => value !== null) ?? null;
    return last === null ? [] : [{ at, y: place.yOf(last) }];
  });
  let free = Number.POSITIVE_INFINITY;
  for (const { at, y } of ends.toSorted((a, b) => b.y - a.y)) {
    const line = Math.min(y, free - sketch.size * 1.1);
    free = line;
    const { color } = looks(at, sketch.size).style;
    sketch.text(texts[at] as string, place.x, line + sketch.size * 0.35, { color });
  }
}
