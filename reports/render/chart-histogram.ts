/**
 * A distribution of scores: a bar for each band, as wide as the band, with the lines that divide
 * the candidates drawn in where they lie – not at the band they fall in.
 */
import type { HistogramChart } from '../report.ts';
import { readableText } from './cells.ts';
import {
  axisText,
  type ChartInput,
  columnOf,
  drawFlags,
  drawHeights,
  drawNames,
  LANE,
  lanesOf,
  legend,
  numberOf,
  stepsOf,
  widest,
} from './chart-parts.ts';
import { type Drawing, INK, Sketch, toneAt } from './drawing.ts';

const PLOT_HEIGHT = 16;

interface Band {
  readonly lower: number;
  readonly upper: number;
  readonly parts: readonly number[];
  readonly sum: number;
}

/** Draws it; null: no row has a score. */
export function drawHistogram(input: ChartInput<HistogramChart>): Drawing | null {
  const { section, chart, marks, frame } = input;
  const { width, size } = frame;
  const columns = chart.values.map(key => columnOf(section, key));
  const { bands, without } = bandsOf(input);
  if (bands.length === 0) return null;
  const sketch = new Sketch(size);
  const tones = columns.map(({ title }, at) => ({ title, tone: toneAt(at) }));
  const head = columns.length > 1 ? legend(sketch, tones, frame) : 0;
  const steps = stepsOf(0, Math.max(1, ...bands.map(band => band.sum)), 4);
  const numbers = steps.map(step => axisText(columns[0], step));
  const left = widest(numbers, size) + size * 0.6;
  const lines = marks.flatMap(({ at, title }) => (at === undefined ? [] : [{ at, title }]));
  const low = Math.min(...bands.map(band => band.lower), ...lines.map(line => line.at));
  const high = Math.max(...bands.map(band => band.upper), ...lines.map(line => line.at));
  const right = width - size * 0.5;
  const xOf = (score: number) => left + ((score - low) / Math.max(1, high - low)) * (right - left);
  const flags = lines.map(({ at, title }) => ({ x: xOf(at), title }));
  const lanes = Math.max(0, ...lanesOf(flags, width, size).map(lane => lane + 1));
  const top = head + (lanes * LANE + 1.4) * size;
  const bottom = top + PLOT_HEIGHT * size;
  const yOf = (value: number) => bottom - (value / (steps.at(-1) as number)) * (bottom - top);
  drawHeights(sketch, steps, columns[0], { left, right, yOf });
  drawBands(sketch, bands, input, { xOf, yOf });
  drawFlags(sketch, flags, { right: width, top: head, bottom });
  drawScores(sketch, bands, { xOf, y: bottom + size * 1.45, right: width });
  const most = bands.reduce((a, b) => (b.sum > a.sum ? b : a));
  const said = `${axisText(SCORE, most.lower)} 分起的一段，${most.sum}`;
  const rest = without === 0 ? '' : `另有 ${without} 无分数，不在图中。`;
  const drawn = lines.map(({ title }) => title).join('、');
  return {
    ...{ width, height: bottom + size * 2.1, title: chart.title, shapes: sketch.shapes },
    description:
      `分布图，共 ${bands.length} 个分数段，最多的是 ${said}。` +
      `${drawn === '' ? '' : `图中画出：${drawn}。`}${rest}同样的数字见下表。`,
  };
}

const SCORE = { key: '', title: '', type: 'hundredths' } as const;

function bandsOf({ section, chart, rows }: ChartInput<HistogramChart>): {
  readonly bands: Band[];
  readonly without: number;
} {
  const columns = chart.values.map(key => columnOf(section, key));
  const bands: Band[] = [];
  let without = 0;
  for (const row of rows) {
    const parts = columns.map(column => Math.max(0, numberOf(column, row) ?? 0));
    const sum = parts.reduce((total, part) => total + part, 0);
    const [lower, upper] = [row[chart.lower] ?? null, row[chart.upper] ?? null];
    if (lower === null || upper === null) without += sum;
    else bands.push({ lower: Number(lower), upper: Number(upper), parts, sum });
  }
  return { bands: bands.toSorted((a, b) => a.lower - b.lower), without };
}

interface Axes {
  readonly xOf: (score: number) => number;
  readonly yOf: (value: number) => number;
}

function drawBands(
  sketch: Sketch,
  bands: readonly Band[],
  { section, chart }: ChartInput<HistogramChart>,
  { xOf, yOf }: Axes,
): void {
  const { size } = sketch;
  const titles = chart.values.map(key => columnOf(section, key).title);
  const texts = bands.map(({ sum }) => readableText({ type: 'integer' }, sum));
  const narrowest = Math.min(...bands.map(band => xOf(band.upper) - xOf(band.lower)));
  const numbered = widest(texts, size) + size * 0.2 <= narrowest;
  for (const [at, { lower, upper, parts, sum }] of bands.entries()) {
    let below = 0;
    for (const [part, value] of parts.entries()) {
      const y = yOf(below + value);
      const box = { x: xOf(lower), y, width: xOf(upper) - xOf(lower), height: yOf(below) - y };
      const says = `${axisText(SCORE, lower)}–${axisText(SCORE, upper)} ${titles[part]} ${value}`;
      sketch.box({ ...box, tone: toneAt(part), part: 'data', value, border: INK, says });
      below += value;
    }
    if (!numbered || sum === 0) continue;
    const middle = (xOf(lower) + xOf(upper)) / 2;
    sketch.text(texts[at] as string, middle, yOf(sum) - size * 0.35, { anchor: 'middle' });
  }
}

/** The edges of the bands, as many as there is room for. */
function drawScores(
  sketch: Sketch,
  bands: readonly Band[],
  place: { readonly xOf: (score: number) => number; readonly y: number; readonly right: number },
): void {
  const edges = [...new Set(bands.flatMap(({ lower, upper }) => [lower, upper]))];
  edges.sort((a, b) => a - b);
  const texts = edges.map(edge => axisText(SCORE, edge));
  drawNames(sketch, texts, at => place.xOf(edges[at] as number), place);
}
