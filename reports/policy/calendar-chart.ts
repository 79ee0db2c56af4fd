/**
 * The season as a chart: a line for each span, months across. Drawn by hand rather than by a chart
 * library, since it is a table of bars with dates beside them; it prints in grey, and spans without
 * a legal basis are hatched.
 */
import type { CalendarBar } from '../../engine/policy/handbook/book.ts';
import { escapeHtml } from '../render/html-text.ts';
import {
  BAR_FILLS,
  barDates,
  type Calendar,
  monthsOf,
  monthTitle,
  placeOnAxis,
} from './calendar-axis.ts';

const LABEL_WIDTH = 300;
const CHART_WIDTH = 640;
const DATES_WIDTH = 100;
const ROW_HEIGHT = 22;
const HEAD_HEIGHT = 26;
const LABEL_CHARACTERS_MAX = 23;
const WIDTH = LABEL_WIDTH + CHART_WIDTH + DATES_WIDTH;

/**
 * Draws it.
 *
 * @param font a family that the reader has: a list for a page, one embedded name for print
 * @returns an SVG element with a title for those who don't see it
 */
export function calendarSvg(calendar: Calendar, font: string): string {
  const { bars } = calendar;
  const x = (date: string, after = 0) =>
    LABEL_WIDTH + placeOnAxis(calendar, date, after) * CHART_WIDTH;
  const height = HEAD_HEIGHT + bars.length * ROW_HEIGHT + 6;
  const months = monthsOf(calendar);
  const grid = months.map((month, at) => {
    const left = x(month);
    const next = months[at + 1];
    const right = next === undefined ? LABEL_WIDTH + CHART_WIDTH : x(next);
    const fill = at % 2 === 0 ? '#f4f6f8' : '#ffffff';
    return (
      `<rect x="${round(left)}" y="0" width="${round(right - left)}" height="${height}" ` +
      `fill="${fill}"/>${label(monthTitle(month), (left + right) / 2, 17, font, 'middle', 12)}`
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
  return (
    label(shortened(bar.title), LABEL_WIDTH - 8, y + 15, font, 'end', 12) +
    `<rect ${box} fill="${BAR_FILLS[bar.kind]}"/>` +
    (bar.sample ? `<rect ${box} fill="url(#handbook-hatch)"/>` : '') +
    label(barDates(bar), LABEL_WIDTH + CHART_WIDTH + 8, y + 15, font, 'start', 11)
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

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
