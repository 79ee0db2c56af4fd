/**
 * Charts: drawn from what a report declares and the rows of its table, by one kind each, into a
 * drawing that page and print share. They print in grey and are read with any colour sight: every
 * bar or cell carries its number or stands stacked in tones apart in lightness, curves have signs
 * and dashes of their own, and the table with the same numbers stands below.
 */
import type { CalendarChart, Chart, ChartMark, Row, Section } from '../report.ts';
import { drawBars, drawColumns } from './chart-bars.ts';
import { drawCalendarOf } from './chart-calendar.ts';
import { drawHistogram } from './chart-histogram.ts';
import { drawLines } from './chart-lines.ts';
import { drawFlow, drawHeat } from './chart-matrix.ts';
import type { ChartInput } from './chart-parts.ts';
import type { Drawing, Frame } from './drawing.ts';

/** With more rows it is no picture any more; the table alone is shown. */
const ROWS_MAX: Readonly<Record<Chart['kind'], number>> = {
  ...{ bar: 60, column: 60, line: 400, histogram: 120, calendar: 60 },
  // Pairs of cities, with those whose schools lie outside.
  flow: 700,
  heat: 60,
};
/** A heat map of more rows shows the first ones: its tables stand in the order of weight. */
const FIRST_SHOWN: ReadonlySet<Chart['kind']> = new Set(['heat']);

/** In pixels of the page. */
export const PAGE_FRAME: Frame = { width: 960, heightMax: 1100, size: 12 };

/** How many rows are read ahead to draw the chart above its table. */
export function chartRowsMax(chart: Chart): number {
  return ROWS_MAX[chart.kind];
}

/**
 * Draws a section's chart.
 *
 * @param rows all of the section's rows, or one more than can be drawn
 * @returns null: there is none, nothing to draw – no row, or zeros alone – or too much
 */
export function drawChart(
  section: Section,
  rows: readonly Row[],
  marks: readonly ChartMark[],
  frame: Frame,
): Drawing | null {
  const { chart } = section;
  if (chart === undefined || rows.length === 0) return null;
  const most = ROWS_MAX[chart.kind];
  if (rows.length > most && !FIRST_SHOWN.has(chart.kind)) return null;
  if (chart.kind !== 'calendar' && !rows.some(row => counts(chart, row))) return null;
  const own = marks.filter(mark => mark.section === section.id);
  const input = { section, rows: rows.slice(0, most), marks: own, frame };
  const drawing = drawOf(chart, input);
  if (drawing === null || rows.length <= most || drawing.title !== chart.title) return drawing;
  return { ...drawing, title: `${chart.title}（前 ${most} 项，其余见表）` };
}

/** A picture of zeros says less than the table. */
function counts(chart: Exclude<Chart, CalendarChart>, row: Row): boolean {
  const values = chart.kind === 'flow' ? [chart.value] : chart.values;
  return values.some(key => isPercent(row, key) || Number(row[key] ?? 0) !== 0);
}

/** Computed from other columns: not in the row. */
function isPercent(row: Row, key: string): boolean {
  return !(key in row);
}

function drawOf(chart: Chart, input: Omit<ChartInput, 'chart'>): Drawing | null {
  switch (chart.kind) {
    case 'bar':
      return drawBars({ ...input, chart });
    case 'column':
      return drawColumns({ ...input, chart });
    case 'line':
      return drawLines({ ...input, chart });
    case 'histogram':
      return drawHistogram({ ...input, chart });
    case 'heat':
      return drawHeat({ ...input, chart });
    case 'flow':
      return drawFlow({ ...input, chart });
    case 'calendar':
      return drawCalendarOf({ ...input, chart });
  }
}
