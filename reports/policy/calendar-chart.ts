/**
 * The season as a chart: a line for each span, months across. Drawn by hand rather than by a chart
 * library, since it is a table of bars with dates beside them; it prints in grey, and spans without
 * a legal basis are hatched.
 */
import { daysAfter } from '../../engine/policy/calendar.ts';
import type { Block, CalendarBar } from '../../engine/policy/handbook/book.ts';
import { escapeHtml } from '../render/html-text.ts';

type Calendar = Extract<Block, { readonly kind: 'calendar' }>;

const LABEL_WIDTH = 300;
const CHART_WIDTH = 640;
const DATES_WIDTH = 100;
const ROW_HEIGHT = 22;
const HEAD_HEIGHT = 26;
const LABEL_CHARACTERS_MAX = 23;
const WIDTH = LABEL_WIDTH + CHART_WIDTH + DATES_WIDTH;
const DAY_MS = 24 * 3_600_000;

const FILLS: Readonly<Record<CalendarBar['kind'], string>> = {
  phase: '#1f4e79',
  batch: '#4f81b0',
  window: '#9db8d2',
  day: '#c05a00',
};

/**
 * Draws it.
 *
 * @param font a family that the reader has: a list for a page, one embedded name for print
 * @returns an SVG element with a title for those who don't see it
 */
export function calendarSvg({ from, to, bars }: Calendar, font: string): string {
  const days = dayNumber(to) - dayNumber(from) + 1;
  const x = (date: string, after = 0) =>
    LABEL_WIDTH + ((dayNumber(date) - dayNumber(from) + after) / days) * CHART_WIDTH;
  const height = HEAD_HEIGHT + bars.length * ROW_HEIGHT + 6;
  const months = monthsOf(from, to);
  const grid = months.map((month, at) => {
    const left = x(month);
    const next = months[at + 1];
    const right = next === undefined ? LABEL_WIDTH + CHART_WIDTH : x(next);
    const fill = at % 2 === 0 ? '#f4f6f8' : '#ffffff';
    const name = `${Number(month.slice(5, 7))}月`;
    return (
      `<rect x="${round(left)}" y="0" width="${round(right - left)}" height="${height}" ` +
      `fill="${fill}"/>${label(name, (left + right) / 2, 17, font, 'middle', 12)}`
    );
  });
  const rows = bars.map((bar, at) => row(bar, HEAD_HEIGHT + at * ROW_HEIGHT, x, font));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `width="${WIDTH}" height="${height}"><title>日程图</title>${HATCH}${grid.join('')}` +
    `${rows.join('')}</svg>`
  );
}

/** Over a bar whose dates no document gives. */
const HATCH =
  '<defs><pattern id="handbook-hatch" width="6" height="6" patternUnits="userSpaceOnUse">' +
  '<path d="M0 6L6 0" stroke="#ffffff" stroke-width="1.6"/></pattern></defs>';

function row(
  bar: CalendarBar,
  y: number,
  x: (date: string, after?: number) => number,
  font: string,
): string {
  const left = x(bar.from);
  const width = Math.max(x(bar.to, 1) - left, 4);
  const box = `x="${round(left)}" y="${y + 4}" width="${round(width)}" height="${ROW_HEIGHT - 8}"`;
  const dates = bar.from === bar.to ? short(bar.from) : `${short(bar.from)} – ${short(bar.to)}`;
  return (
    label(shortened(bar.title), LABEL_WIDTH - 8, y + 15, font, 'end', 12) +
    `<rect ${box} fill="${FILLS[bar.kind]}"/>` +
    (bar.sample ? `<rect ${box} fill="url(#handbook-hatch)"/>` : '') +
    label(dates, LABEL_WIDTH + CHART_WIDTH + 8, y + 15, font, 'start', 11)
  );
}

function label(
  text: string,
  x: number,
  y: number,
  font: string,
  anchor: 'start' | 'middle' | 'end',
  size: number,
): string {
  return (
    `<text x="${round(x)}" y="${y}" font-family="${escapeHtml(font)}" font-size="${size}" ` +
    `text-anchor="${anchor}" fill="#1a1a1a">${escapeHtml(text)}</text>`
  );
}

function shortened(title: string): string {
  const letters = [...title];
  if (letters.length <= LABEL_CHARACTERS_MAX) return title;
  return `${letters.slice(0, LABEL_CHARACTERS_MAX - 1).join('')}…`;
}

function short(date: string): string {
  return date.slice(5);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** First days of the months from `from`, itself the first of one. */
function monthsOf(from: string, to: string): string[] {
  const months: string[] = [];
  for (let month = from; month <= to; ) {
    months.push(month);
    month = `${daysAfter(month, 31).slice(0, 8)}01`;
  }
  return months;
}
