/**
 * Any report as PDF: its head, what needs a person first, figures, tables with their totals, what
 * reconciles, definitions; page x of y on every page. Charts stand above their tables as on the
 * page (HTML), drawn as lines and letters.
 */
import { drillText } from '../drill-down.ts';
import { reportError } from '../errors.ts';
import { type Column, chunksOf, type Rendering, type Row, type Section } from '../report.ts';
import { cellOf, columnTitle, figureOf, headLines, readableText, Totals } from './cells.ts';
import { chartRowsMax, drawChart } from './chart.ts';
import { THINGS_SHOWN_MAX } from './chart-parts.ts';
import type { Drawing } from './drawing.ts';
import { evidenceText } from './evidence.ts';
import { Flow, type FlowColumn } from './pdf-flow.ts';
import { Paper } from './pdf-paper.ts';
import {
  changeTitle,
  differenceText,
  FINDINGS_NONE,
  findingTitle,
  leftOutText,
  reconciliationText,
} from './sentences.ts';

/** Some 150 pages; who needs more rows works with them, and takes CSV or xlsx. */
export const PDF_ROWS_MAX = 5000;

const WIDE_CHARACTERS = 84;
const EVIDENCE_ROWS_MAX = 5;
const NUMERIC: ReadonlySet<string> = new Set(['integer', 'hundredths', 'percent']);

/** @throws too-many-rows */
export async function renderPdf(rendering: Rendering): Promise<Uint8Array> {
  const { report, content } = rendering;
  const shown = report.sections.filter(section => content.rows[section.id] !== undefined);
  const paper = new Paper({
    title: report.title,
    landscape: shown.some(section => widthOf(section) > WIDE_CHARACTERS),
    madeAt: new Date(`${rendering.madeAt.replace(' ', 'T')}+08:00`),
  });
  const flow = new Flow(paper);
  head(flow, rendering);
  findings(flow, rendering);
  figures(flow, rendering);
  changes(flow, rendering);
  for (const section of shown) await table(flow, rendering, section);
  foot(flow, rendering);
  paper.onEveryPage((page, pages) => frame(paper, rendering, page, pages));
  return paper.bytes();
}

function widthOf(section: Section): number {
  return section.columns.reduce((sum, column) => sum + weightOf(column), 0);
}

function weightOf(column: Column): number {
  const title = 2 * [...columnTitle(column)].length;
  return Math.max(column.width ?? 8, Math.min(title, 12));
}

function head(flow: Flow, rendering: Rendering): void {
  flow.heading(rendering.report.title, 18);
  const lines = headLines(rendering).map(([title, value]) => `${title}：${value}`);
  flow.pairs(lines, 8.5);
}

function findings(flow: Flow, { content, report }: Rendering): void {
  if (content.findings.length === 0) {
    if (report.withoutFindings === undefined) flow.text(FINDINGS_NONE, { weight: 'bold' });
    return;
  }
  flow.heading(`需要处理（${content.findings.length} 项）`, 12);
  for (const finding of content.findings) {
    flow.text(findingTitle(finding), { weight: 'bold', color: '#a61b1b' });
    flow.text(`${finding.sentence} ${finding.consequence}`, { indent: 10 });
    const shown = finding.rows.slice(0, EVIDENCE_ROWS_MAX);
    const quiet = { size: 7.5, indent: 20, color: '#555555' };
    for (const row of shown) flow.text(evidenceText(row), quiet);
    const left = leftOutText(finding.rowCount, shown.length);
    if (left !== '') flow.text(left, quiet);
  }
}

function figures(flow: Flow, { content, unmasked }: Rendering): void {
  const all = content.figures ?? [];
  if (all.length === 0) return;
  flow.heading('概要', 12, 40);
  flow.cards(
    all.map(figure => ({
      title: figure.title,
      value: readableText(figure, figureOf(figure, unmasked)),
      unit: figure.unit ?? '',
    })),
  );
}

function changes(flow: Flow, { content }: Rendering): void {
  const { since, changes: all = [] } = content;
  if (since === undefined || since === null || all.length === 0) return;
  flow.heading(`与${since}比较`, 12);
  flow.table(
    [
      { title: '项目', weight: 3 },
      { title: '上次', weight: 1, align: 'right' },
      { title: '本次', weight: 1, align: 'right' },
      { title: '增减', weight: 1, align: 'right' },
    ],
    all.map(change => [
      changeTitle(change),
      readableText(change, change.before),
      readableText(change, change.now),
      differenceText(change),
    ]),
  );
}

async function table(flow: Flow, rendering: Rendering, section: Section): Promise<void> {
  const { columns } = section;
  const totals = new Totals(section);
  const rows: string[][] = [];
  const drawn: Row[] = [];
  const drawable = section.chart === undefined ? 0 : chartRowsMax(section.chart) + 1;
  for await (const chunk of chunksOf(rendering.content.rows[section.id] ?? [])) {
    totals.add(chunk);
    if (totals.rowCount > PDF_ROWS_MAX) {
      throw reportError('too-many-rows', { section: section.title, limit: PDF_ROWS_MAX });
    }
    for (const row of chunk) rows.push(cells(columns, row, rendering.unmasked));
    drawn.push(...chunk.slice(0, drawable - drawn.length));
  }
  const drawing = chartOf(flow, rendering, section, drawn);
  const noted = section.note === undefined ? 0 : NOTE_HEIGHT;
  const ahead = drawing === null ? undefined : drawing.height + CAPTION_HEIGHT + noted;
  flow.heading(section.title, 12, ahead);
  if (section.note !== undefined) flow.text(section.note, { size: 8, color: '#555555' });
  if (rows.length === 0) {
    flow.text(section.empty);
    return;
  }
  if (drawing !== null) flow.figure(drawing);
  if (totals.any) rows.push(totalCells(columns, totals));
  const parts = partsOf(columns, flow.width);
  for (const [at, part] of parts.entries()) {
    if (parts.length > 1) flow.text(`表之${at + 1}，共 ${parts.length} 表，各行次序相同`, PART);
    flow.table(
      part.map(place => columnOf(columns[place] as Column)),
      parts.length === 1 ? rows : rows.map(row => part.map(place => row[place] as string)),
      { size: sizeOf(columns, part, flow.width), total: totals.any },
    );
  }
  flow.text(`共 ${totals.rowCount} 行。次序：${section.order}。`, { size: 7.5, color: '#555555' });
  const drill = drillText(rendering, section);
  if (drill !== '') flow.text(drill, { size: 7.5, color: '#555555' });
}

/** What stands between a heading and its chart. */
const CAPTION_HEIGHT = 48;
const NOTE_HEIGHT = 28;

const TABLE_SIZE = 7.5;
const TABLE_SIZE_MIN = 6.5;
/** Of the size: a digit, or half a Chinese character. */
const CHARACTER = 0.55;
/** The air beside a cell, in characters. */
const AIR_CHARACTERS = 1.6;
/** By so much wider than declared a table may be: most cells leave room. */
const SQUEEZE = 1.1;
const PART = { size: TABLE_SIZE, weight: 'bold' } as const;

function columnOf(column: Column): FlowColumn {
  return {
    title: columnTitle(column),
    weight: weightOf(column) + AIR_CHARACTERS,
    ...(NUMERIC.has(column.type) ? { align: 'right' as const } : {}),
  };
}

function charactersOf(columns: readonly Column[], places: readonly number[]): number {
  return places.reduce((sum, at) => sum + weightOf(columns[at] as Column) + AIR_CHARACTERS, 0);
}

function roomOf(width: number, size: number): number {
  return (width / (size * CHARACTER)) * SQUEEZE;
}

function sizeOf(columns: readonly Column[], part: readonly number[], width: number): number {
  return charactersOf(columns, part) <= roomOf(width, TABLE_SIZE) ? TABLE_SIZE : TABLE_SIZE_MIN;
}

/**
 * The places of the columns, in as many tables as can be read: one that is too wide for the sheet
 * goes on in a second one, in which the columns that say whom a row is about come first again.
 */
export function partsOf(columns: readonly Column[], width: number): readonly (readonly number[])[] {
  const all = columns.map((_, at) => at);
  if (charactersOf(columns, all) <= roomOf(width, TABLE_SIZE_MIN)) return [all];
  const name = columns.findIndex(({ key }) => key === 'name');
  const lead = all.slice(0, name >= 0 && name < LEAD_MAX ? name + 1 : 1);
  const rest = all.slice(lead.length);
  const room = roomOf(width, TABLE_SIZE) - charactersOf(columns, lead);
  const count = Math.ceil(charactersOf(columns, rest) / room);
  const each = charactersOf(columns, rest) / count;
  const parts: number[][] = [[]];
  for (const at of rest) {
    const part = parts.at(-1) as number[];
    const full = part.length > 0 && charactersOf(columns, [...part, at]) > each;
    if (full && parts.length < count) parts.push([at]);
    else part.push(at);
  }
  return parts.map(part => [...lead, ...part]);
}

const LEAD_MAX = 4;

/** Letters of a chart, in points. */
const CHART_SIZE = 8;
/** Heading, note and title of a chart. */
const CHART_AROUND = 90;
const CHART_SHARE_MIN = 0.45;

function chartOf(
  flow: Flow,
  { content }: Rendering,
  section: Section,
  rows: readonly Row[],
): Drawing | null {
  const whole = flow.room - CHART_AROUND;
  // What is cut anyway is cut to the rest of this page, where that is enough to be seen.
  const rest = flow.free - CHART_AROUND;
  const cut = rows.length > THINGS_SHOWN_MAX && rest > whole * CHART_SHARE_MIN;
  const frame = { width: flow.width, heightMax: cut ? rest : whole, size: CHART_SIZE };
  return drawChart(section, rows, content.marks ?? [], frame);
}

function cells(columns: readonly Column[], row: Row, unmasked: boolean): string[] {
  return columns.map(column => readableText(column, cellOf(column, row, unmasked)));
}

function totalCells(columns: readonly Column[], totals: Totals): string[] {
  return columns.map((column, at) => {
    if (at === 0) return '合计';
    const value = totals.cell(column);
    return value === null ? '' : readableText(column, value);
  });
}

function foot(flow: Flow, { content, report }: Rendering): void {
  const sums = content.reconciliations ?? [];
  if (sums.length > 0) {
    flow.heading('核对', 12, 30);
    for (const sum of sums) {
      const text = `${sum.left === sum.right ? '相符' : '不符'}　${reconciliationText(sum)}`;
      flow.text(text, { size: 8 });
    }
  }
  if (report.definitions.length > 0) {
    const lines = report.definitions.map(({ term, meaning }) => `${term}：${meaning}`);
    // A last line alone on a sheet is sent back: the list goes over as a whole.
    flow.heading('名词', 12, Math.min(flow.room / 2, flow.heightOf(lines, 8)));
    for (const line of lines) flow.text(line, { size: 8 });
  }
}

function frame(paper: Paper, { report, content }: Rendering, page: number, pages: number): void {
  const place = { width: paper.width - 84, size: 8, color: '#555555' };
  const sample = content.head.sample ? '　示例数据' : '';
  paper.text(`${report.title}${sample}`, 42, 26, place);
  paper.text(content.head.scope, 42, 26, { ...place, align: 'right' });
  paper.text(`第 ${page} 页，共 ${pages} 页`, 42, paper.height - 32, { ...place, align: 'center' });
}
