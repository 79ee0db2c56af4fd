/**
 * The season as a chart: a line for each span, months across, the dates beside. It prints in grey;
 * spans without a legal basis are hatched, and today is a line.
 */
import type { CalendarBar } from '../../engine/policy/handbook/book.ts';
import type { CalendarChart, Row } from '../report.ts';
import {
  BAR_FILLS,
  barDates,
  type Calendar,
  monthsOf,
  monthTitle,
  placeOnAxis,
} from './calendar-axis.ts';
import {
  type ChartInput,
  drawFlags,
  LANE,
  lanesOf,
  legend,
  nameOf,
  widest,
} from './chart-parts.ts';
import { type Drawing, type Frame, fitted, Sketch, textWidth } from './drawing.ts';

const PITCH = 1.75;
const BAR = 1.05;
const NAMES_SHARE = 0.36;
const NARROWEST = 0.3;

const FORM_TITLES: Readonly<Record<CalendarBar['kind'], string>> = {
  phase: '录取阶段',
  batch: '批次',
  window: '其他时间段',
  day: '期限',
};

/** A day that is pointed at. */
export interface CalendarMark {
  readonly date: string;
  readonly title: string;
}

/** Draws the rows of a report as spans; null: none has a date. */
export function drawCalendarOf(input: ChartInput<CalendarChart>): Drawing | null {
  const { chart, rows, marks, frame } = input;
  const bars = rows.flatMap(row => barOf(row, chart));
  const dates = bars.flatMap(({ from, to }) => [from, to]).toSorted();
  const [first, last] = [dates[0], dates.at(-1)];
  if (first === undefined || last === undefined) return null;
  const calendar = { kind: 'calendar', from: `${first.slice(0, 8)}01`, to: last, bars } as const;
  const days = marks.flatMap(({ category, title }) =>
    category === undefined ? [] : [{ date: category, title }],
  );
  return drawCalendar(calendar, frame, chart.title, days);
}

function barOf(row: Row, chart: CalendarChart): CalendarBar[] {
  const [from, to] = [row[chart.from] ?? null, row[chart.to] ?? null];
  if (from === null || to === null) return [];
  const kind = String(row[chart.form]) as CalendarBar['kind'];
  return [
    ...[{ title: nameOf(row, chart.category), from: String(from), to: String(to) }].map(span => ({
      ...span,
      ...{ kind: kind in FORM_TITLES ? kind : 'window', sample: false },
    })),
  ];
}

/** Draws a calendar that begins with the first day of a month. */
export function drawCalendar(
  calendar: Calendar,
  frame: Frame,
  title = '日程图',
  days: readonly CalendarMark[] = [],
): Drawing {
  const { width, size } = frame;
  const sketch = new Sketch(size);
  const head = drawForms(sketch, calendar.bars, frame);
  const names = calendar.bars.map(bar => fitted(bar.title, width * NAMES_SHARE, size));
  const dates = calendar.bars.map(barDates);
  const left = widest(names, size) + size * 0.7;
  const right = width - widest(dates, size * 0.92) - size * 0.7;
  const xOf = (date: string, after = 0) =>
    left + placeOnAxis(calendar, date, after) * (right - left);
  const flags = days
    .filter(({ date }) => date >= calendar.from && date <= calendar.to)
    .map(mark => ({ x: xOf(mark.date, 0.5), title: mark.title }));
  const lanes = Math.max(0, ...lanesOf(flags, width, size).map(lane => lane + 1));
  const top = head + lanes * LANE * size;
  const room = Math.floor((frame.heightMax - top) / (size * PITCH)) - 1;
  const shown = calendar.bars.slice(0, Math.max(1, room));
  const bottom = top + (shown.length + 1) * PITCH * size;
  drawMonths(sketch, calendar, { top, bottom, right, xOf });
  for (const [at, bar] of shown.entries()) {
    const y = top + (at + 1) * PITCH * size;
    const line = y + size * (PITCH / 2 + 0.35);
    sketch.text(names[at] as string, left - size * 0.6, line, { anchor: 'end' });
    const from = xOf(bar.from);
    sketch.box({
      ...{ x: from, y: y + ((PITCH - BAR) / 2) * size, height: BAR * size, part: 'data' },
      width: Math.max(xOf(bar.to, 1) - from, size * NARROWEST),
      tone: { color: BAR_FILLS[bar.kind], ...(bar.sample ? { hatch: 'rising' } : {}) },
      says: `${bar.title} ${barDates(bar)}`,
    });
    sketch.text(dates[at] as string, right + size * 0.6, line, { size: size * 0.92 });
  }
  drawFlags(sketch, flags, { right: width, top: head, bottom });
  const cut = shown.length < calendar.bars.length ? `（前 ${shown.length} 项，其余见表）` : '';
  const words = [...shown.map(bar => `${bar.title} ${barDates(bar)}`), ...days.map(d => d.title)];
  return {
    ...{ width, height: bottom + size * 0.4, title: title + cut },
    ...{ description: `日程图。${words.join('；')}。`, shapes: sketch.shapes },
  };
}

/** What the fillings stand for: those that there are. */
function drawForms(sketch: Sketch, bars: readonly CalendarBar[], frame: Frame): number {
  const kinds = (Object.keys(FORM_TITLES) as CalendarBar['kind'][]).filter(kind =>
    bars.some(bar => bar.kind === kind),
  );
  const entries = kinds.map(kind => ({
    title: FORM_TITLES[kind],
    tone: { color: BAR_FILLS[kind] },
  }));
  return legend(sketch, entries, frame);
}

function drawMonths(
  sketch: Sketch,
  calendar: Calendar,
  place: {
    readonly top: number;
    readonly bottom: number;
    readonly right: number;
    readonly xOf: (date: string) => number;
  },
): void {
  const { size } = sketch;
  const months = monthsOf(calendar);
  for (const [at, month] of months.entries()) {
    const x = place.xOf(month);
    const next = months[at + 1];
    const end = next === undefined ? place.right : place.xOf(next);
    sketch.box({
      ...{ x, y: place.top, width: end - x, height: place.bottom - place.top, part: 'ground' },
      tone: { color: at % 2 === 0 ? '#f0f3f6' : '#ffffff' },
    });
    const title = monthTitle(month);
    if (textWidth(title, size) + size * 0.2 > end - x) continue;
    sketch.text(title, (x + end) / 2, place.top + size * 1.2, { anchor: 'middle' });
  }
}
