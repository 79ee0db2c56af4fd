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

/**
 * With more rows it is no picture any more; the table alone is shown. Of bars and heat maps the
 * largest rows are drawn and the rest is counted beside them (THINGS_SHOWN_MAX): of all of them the
 * largest can only be told when all are read, as many as the page's table shows.
 */
const ROWS_MAX: Readonly<Record<Chart['kind'], number>> = {
  ...{ column: 60, line: 400, histogram: 120, calendar: 60 },
  // Pairs of cities, with those whose schools lie outside.
  flow: 700,
  ...{ bar: 20_000, heat: 20_000 },
};

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
  if (rows.length > ROWS_MAX[chart.kind]) return null;
  if (chart.kind !== 'calendar' && !rows.some(row => counts(chart, row))) return null;
  const own = marks.filter(mark => mark.section === section.id);
  return drawOf(chart, { section, rows, marks: own, frame });
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
