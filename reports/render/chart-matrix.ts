/**
 * Numbers of a matrix, shaded by size: things × columns (heat), or from where to where (flow).
 *
 * Decision: flows between cities are a matrix and no bands between two rows of names. Of 22 cities
 * most of 484 bands are thin and cross each other, and in grey nothing is left of them; in the
 * matrix each number is read, a city's own candidates stand on the framed diagonal, and what leaves
 * or enters a city is one row or one column.
 */
import type { FlowChart, HeatChart } from '../report.ts';
import { cellOf, readableText } from './cells.ts';
import {
  type ChartInput,
  columnOf,
  cutText,
  inWords,
  largest,
  legend,
  nameOf,
  THINGS_SHOWN_MAX,
  widest,
} from './chart-parts.ts';
import {
  type Drawing,
  type Frame,
  fitted,
  INK,
  lightness,
  QUIET,
  Sketch,
  type Tone,
  textWidth,
  WHITE,
} from './drawing.ts';

/** Five steps of lightness, even in grey; 0 stays white. */
const SHADES: readonly Tone[] = ['#e9eff5', '#c3d4e4', '#92b1cd', '#4f81b0', '#1f4e79'].map(
  color => ({ color }),
);
const PITCH = 1.75;
const NAMES_SHARE = 0.26;
const HEAD_LETTERS_MAX = 7;
const LETTER = 1.12;
/** A column is not made wider than its numbers need, in sizes. */
const COLUMN_MAX = 7;
const NUMBER_SIZE_MIN = 0.62;

interface Matrix {
  readonly title: string;
  readonly kind: string;
  /** Chinese: what the rows and the columns are; '': the heads say it. */
  readonly axes: string;
  readonly names: readonly string[];
  readonly heads: readonly string[];
  /** By row, by column; null: nothing is known. */
  readonly cells: readonly (readonly (number | null)[])[];
  /** Where the row is the column. */
  readonly own: (row: number, column: number) => boolean;
}

/** Things × columns of the table. */
export function drawHeat(input: ChartInput<HeatChart>): Drawing | null {
  const { section, chart, rows, frame } = input;
  const columns = chart.values.map(key => columnOf(section, key));
  const cells = rows.map(row =>
    columns.map(column => {
      const value = cellOf(column, row, true);
      return value === null ? null : Number(value);
    }),
  );
  return drawMatrix(
    {
      ...{ title: chart.title, kind: '热力图', axes: '', cells, own: () => false },
      names: rows.map(row => nameOf(row, chart.category)),
      heads: columns.map(column => column.title),
    },
    frame,
  );
}

/** From where to where; rows of the same pair are added up. */
export function drawFlow(input: ChartInput<FlowChart>): Drawing | null {
  const { section, chart, rows, frame } = input;
  const names = [...new Set(rows.map(row => nameOf(row, chart.from)))];
  const found = new Set(rows.map(row => nameOf(row, chart.to)));
  // In the order of the rows, so that who stays at home stands on the diagonal.
  const heads = [...names.filter(name => found.has(name)), ...found.difference(new Set(names))];
  const cells = names.map(() => heads.map((): number => 0));
  for (const row of rows) {
    const [from, to] = [nameOf(row, chart.from), nameOf(row, chart.to)];
    const line = cells[names.indexOf(from)] as number[];
    const at = heads.indexOf(to);
    line[at] = (line[at] as number) + Number(row[chart.value] ?? 0);
  }
  const axes = `行：${columnOf(section, chart.from).title}　列：${columnOf(section, chart.to).title}`;
  const own = (row: number, column: number) => names[row] === heads[column];
  return drawMatrix({ title: chart.title, kind: '流向图', axes, names, heads, cells, own }, frame);
}

/** Where the shades begin: whole numbers, each some times the one before. */
export function shadesFrom(most: number): number[] {
  const limits = [1];
  for (let step = 1; step < SHADES.length; step += 1) {
    const wanted = most ** (step / SHADES.length);
    const power = 10 ** Math.floor(Math.log10(Math.max(1, wanted)));
    const round = Math.round(Math.max(1, wanted) / power) * power;
    if (round > (limits.at(-1) as number) && round <= most) limits.push(round);
  }
  return limits;
}

function drawMatrix(matrix: Matrix, frame: Frame): Drawing | null {
  const all = matrix.cells.flat().map(value => value ?? 0);
  const most = Math.max(0, ...all);
  if (matrix.names.length === 0 || matrix.heads.length === 0) return null;
  const { size, width } = frame;
  const sketch = new Sketch(size);
  const limits = shadesFrom(most);
  const tones = tonesOf(limits.length);
  const said = most === 0 ? 0 : legend(sketch, shadeEntries(limits, tones, most), frame);
  const axes = matrix.axes === '' ? 0 : size * 1.6;
  sketch.text(matrix.axes, 0, said + size, { color: QUIET });
  const layout = layoutOf(matrix, { ...frame, heightMax: frame.heightMax - said - axes });
  const sums = matrix.cells.map(row => row.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  const shown = largest(sums, layout.rows);
  const top = said + axes + layout.head;
  drawHeads(sketch, layout, top);
  for (const [at, row] of shown.entries()) {
    drawRow(sketch, matrix, layout, { at, row, top, limits, tones });
  }
  const bottom = top + layout.rows * PITCH * size;
  drawSums(sketch, matrix, layout, bottom);
  const cut = cutText(sums, shown, { type: 'integer' });
  return {
    ...{ width, height: bottom + PITCH * size, title: matrix.title + cut },
    description: inWords(matrix.kind, layout.rows, mostWords(matrix, most)),
    shapes: sketch.shapes,
  };
}

/** The darkest is used even where there are fewer steps. */
function tonesOf(count: number): Tone[] {
  if (count === 1) return [SHADES[1] as Tone];
  return Array.from({ length: count }, (_, at) => {
    return SHADES[Math.round((at * (SHADES.length - 1)) / (count - 1))] as Tone;
  });
}

function shadeEntries(limits: readonly number[], tones: readonly Tone[], most: number) {
  const text = (value: number) => readableText({ type: 'integer' }, value);
  return limits.map((from, at) => {
    const to = at + 1 < limits.length ? (limits[at + 1] as number) - 1 : most;
    const title = from === to ? text(from) : `${text(from)}–${text(to)}`;
    return { title, tone: tones[at] as Tone };
  });
}

interface Layout {
  readonly names: readonly string[];
  readonly heads: readonly string[];
  /** Letter under letter. */
  readonly upright: boolean;
  readonly head: number;
  readonly left: number;
  readonly column: number;
  readonly sums: number;
  readonly number: number;
  readonly rows: number;
}

function layoutOf(matrix: Matrix, { width, heightMax, size }: Frame): Layout {
  const { names, heads, cells } = matrix;
  const written = names.map(name => fitted(name, width * NAMES_SHARE, size));
  const left = widest([...written, '合计'], size) + size * 0.6;
  const texts = cells.flat().map(value => readableText({ type: 'integer' }, value));
  const columnSums = heads.map((_, at) => sumText(cells.map(row => row[at] ?? 0)));
  const sums = widest([sumText(cells.flat()), '合计'], size) + size;
  const column = Math.min(COLUMN_MAX * size, (width - left - sums) / heads.length);
  const needed = widest([...texts, ...columnSums], size) + size * 0.3;
  const number = size * Math.max(NUMBER_SIZE_MIN, Math.min(1, column / needed));
  const upright = widest(heads, size) + size * 0.4 > column;
  const letters = Math.min(HEAD_LETTERS_MAX, Math.max(...heads.map(head => [...head].length)));
  const head = upright ? (letters * LETTER + 0.5) * size : size * 1.7;
  const room = Math.floor((heightMax - head) / (PITCH * size)) - 1;
  const rows = Math.max(1, Math.min(names.length, room, THINGS_SHOWN_MAX));
  return { names: written, heads, upright, head, left, column, sums, number, rows };
}

function sumText(values: readonly (number | null)[]): string {
  const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
  return readableText({ type: 'integer' }, sum);
}

function drawHeads(sketch: Sketch, layout: Layout, top: number): void {
  const { size } = sketch;
  const { heads, left, column, upright } = layout;
  for (const [at, head] of heads.entries()) {
    const x = left + (at + 0.5) * column;
    if (!upright) {
      sketch.text(head, x, top - size * 0.5, { anchor: 'middle' });
      continue;
    }
    const letters = [...head];
    const shown = letters.length > HEAD_LETTERS_MAX ? letters.slice(0, HEAD_LETTERS_MAX) : letters;
    for (const [n, letter] of shown.entries()) {
      const y = top - (shown.length - n - 1) * LETTER * size - size * 0.4;
      sketch.text(letter, x, y, { anchor: 'middle' });
    }
  }
  const end = left + heads.length * column + layout.sums - size * 0.3;
  sketch.text('合计', end, top - size * 0.5, { anchor: 'end', bold: true });
}

function drawRow(
  sketch: Sketch,
  { cells, own, names, heads }: Matrix,
  layout: Layout,
  place: {
    /** Line of the picture. */
    readonly at: number;
    /** Of the matrix. */
    readonly row: number;
    readonly top: number;
    readonly limits: readonly number[];
    readonly tones: readonly Tone[];
  },
): void {
  const { size } = sketch;
  const { row, limits, tones } = place;
  const y = place.top + place.at * PITCH * size;
  const line = y + size * (PITCH / 2 + 0.35);
  sketch.text(layout.names[row] as string, layout.left - size * 0.5, line, { anchor: 'end' });
  const values = cells[row] as readonly (number | null)[];
  for (const [at, value] of values.entries()) {
    const x = layout.left + at * layout.column;
    const shade = limits.findLastIndex(limit => (value ?? 0) >= limit);
    const tone = shade < 0 ? { color: WHITE } : (tones[shade] as Tone);
    const text = value === null || value === 0 ? '' : readableText({ type: 'integer' }, value);
    sketch.box({
      ...{ x, y, width: layout.column, height: PITCH * size, tone, part: 'data' },
      ...{
        value: value ?? 0,
        border: '#c9ced4',
        says: `${names[row]} ${heads[at]} ${text || '0'}`,
      },
    });
    const color = lightness(tone.color) < 140 ? WHITE : INK;
    const middle = x + layout.column / 2;
    const number = { anchor: 'middle', size: layout.number, color } as const;
    sketch.text(text, middle, line - (size - layout.number) * 0.35, number);
  }
  // Frames over the cells, so that no neighbour covers them.
  for (const [at] of values.entries()) {
    if (!own(row, at)) continue;
    const [x, right] = [layout.left + at * layout.column, layout.left + (at + 1) * layout.column];
    const bottom = y + PITCH * size;
    const corners = [
      [x, y],
      [right, y],
      [right, bottom],
      [x, bottom],
      [x, y],
    ] as const;
    sketch.stroke(corners, { color: INK, thickness: size * 0.13 });
  }
  const end = layout.left + heads.length * layout.column + layout.sums - size * 0.3;
  sketch.text(sumText(values), end, line, { anchor: 'end', bold: true });
}

/** Of all rows, also of those that had no room. */
function drawSums(sketch: Sketch, { cells, heads }: Matrix, layout: Layout, top: number): void {
  const { size } = sketch;
  const line = top + size * (PITCH / 2 + 0.35);
  sketch.text('合计', layout.left - size * 0.5, line, { anchor: 'end', bold: true });
  for (const at of heads.keys()) {
    const text = sumText(cells.map(row => row[at] ?? 0));
    const natural = textWidth(text, layout.number);
    const small = Math.min(1, (layout.column - size * 0.2) / natural) * layout.number;
    const style = { anchor: 'middle', size: small, bold: true } as const;
    sketch.text(text, layout.left + (at + 0.5) * layout.column, line, style);
  }
  const end = layout.left + heads.length * layout.column + layout.sums - size * 0.3;
  sketch.text(sumText(cells.flat()), end, line, { anchor: 'end', bold: true });
}

function mostWords({ cells, names, heads }: Matrix, most: number): string | null {
  if (most === 0) return null;
  const row = cells.findIndex(values => values.includes(most));
  const at = (cells[row] as readonly (number | null)[]).indexOf(most);
  return `${names[row]}、${heads[at]}：${readableText({ type: 'integer' }, most)}`;
}
