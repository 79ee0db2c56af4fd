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
import type { Drawing } from './drawing.ts';
import { evidenceText } from './evidence.ts';
import { Flow } from './pdf-flow.ts';
import { Paper } from './pdf-paper.ts';
import {
  changeTitle,
  differenceText,
  FINDINGS_NONE,
  findingTitle,
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
  for (const [title, value] of headLines(rendering)) {
    flow.text(`${title}：${value}`, { size: 8.5 });
  }
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
    for (const row of finding.rows.slice(0, EVIDENCE_ROWS_MAX)) {
      flow.text(evidenceText(row), { size: 7.5, indent: 20, color: '#555555' });
    }
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
  flow.heading(section.title, 12, drawing === null ? undefined : drawing.height + 40);
  if (section.note !== undefined) flow.text(section.note, { size: 8, color: '#555555' });
  if (rows.length === 0) {
    flow.text(section.empty);
    return;
  }
  if (drawing !== null) flow.figure(drawing);
  if (totals.any) rows.push(totalCells(columns, totals));
  flow.table(
    columns.map(column => ({
      title: columnTitle(column),
      weight: weightOf(column),
      ...(NUMERIC.has(column.type) ? { align: 'right' as const } : {}),
    })),
    rows,
    { size: 7.5, total: totals.any },
  );
  flow.text(`共 ${totals.rowCount} 行。次序：${section.order}。`, { size: 7.5, color: '#555555' });
  const drill = drillText(rendering, section);
  if (drill !== '') flow.text(drill, { size: 7.5, color: '#555555' });
}

/** Letters of a chart, in points. */
const CHART_SIZE = 8;

function chartOf(
  flow: Flow,
  { content }: Rendering,
  section: Section,
  rows: readonly Row[],
): Drawing | null {
  const frame = { width: flow.width, heightMax: flow.room - 70, size: CHART_SIZE };
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
    flow.heading('名词', 12, 30);
    for (const { term, meaning } of report.definitions)
      flow.text(`${term}：${meaning}`, { size: 8 });
  }
}

function frame(paper: Paper, { report, content }: Rendering, page: number, pages: number): void {
  const place = { width: paper.width - 84, size: 8, color: '#555555' };
  const sample = content.head.sample ? '　示例数据' : '';
  paper.text(`${report.title}${sample}`, 42, 26, place);
  paper.text(content.head.scope, 42, 26, { ...place, align: 'right' });
  paper.text(`第 ${page} 页，共 ${pages} 页`, 42, paper.height - 32, { ...place, align: 'center' });
}
