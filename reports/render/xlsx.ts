/**
 * A report as a workbook: first a sheet of what the page's head says, then one sheet per section
 * with typed cells, a frozen header, filters, and totals below the filtered range. Nothing is ever
 * a formula: text is written as text, whatever it begins with.
 */
import { formatHundredths } from '../../engine/decimal.ts';
import { reportError } from '../errors.ts';
import { type Cell, type Column, chunksOf, type Rendering, type Section } from '../report.ts';
import { cellOf, columnTitle, figureOf, headLines, readableText, Totals } from './cells.ts';
import { evidenceText } from './evidence.ts';
import { FINDINGS_NONE, findingTitle, reconciliationText } from './sentences.ts';
import {
  type BookCell,
  type BookSheet,
  type CellStyle,
  type SheetRow,
  writeBook,
} from './xlsx-book.ts';

/** What an office's machine opens and filters without waiting; beyond it CSV is to be taken. */
export const XLSX_ROWS_MAX = 100_000;
/** So many rows are cells at one time. */
const STEP_ROWS = 500;
/** Excel's own limit on the text of one cell. */
const CELL_TEXT_MAX_CHARACTERS = 32_767;
/** The first day of a workbook's calendar is 1; it takes 1900 for a leap year. */
const DAY_ZERO_MS = Date.UTC(1899, 11, 30);
const DAY_MS = 86_400_000;

/**
 * Writes the whole report. Rows are read as they are written; what is held is the packed book.
 *
 * @throws CodedError too-many-rows
 */
export async function renderXlsx(rendering: Rendering): Promise<Uint8Array> {
  const { report, content } = rendering;
  const room = { rows: XLSX_ROWS_MAX };
  const shown = report.sections.filter(section => content.rows[section.id] !== undefined);
  return writeBook([
    coverSheet(rendering),
    ...shown.map(section => sectionSheet(rendering, section, room)),
  ]);
}

function coverSheet(rendering: Rendering): BookSheet {
  const { report, content } = rendering;
  const data: SheetRow[] = [[{ value: report.title, style: 'title' }]];
  const heading = (text: string) => data.push([], [textCell(text, 'bold')]);
  for (const [title, value] of headLines(rendering)) data.push([textCell(title), textCell(value)]);
  heading('需要处理');
  if (content.findings.length === 0) data.push([textCell(FINDINGS_NONE)]);
  for (const finding of content.findings) {
    data.push([textCell(findingTitle(finding)), textCell(finding.sentence, 'wrapped')]);
    if (finding.consequence !== '') data.push([null, textCell(finding.consequence)]);
    for (const row of finding.rows) data.push([null, textCell(evidenceText(row))]);
  }
  if (content.figures !== undefined && content.figures.length > 0) heading('总数');
  for (const figure of content.figures ?? []) {
    const value = typed(figure, figureOf(figure, rendering.unmasked));
    data.push([
      textCell(figure.title),
      value,
      figure.unit === undefined ? null : textCell(figure.unit),
    ]);
  }
  if (content.since !== undefined) {
    heading(content.since === null ? '与上次比较：此前没有可比较的运行' : `与${content.since}比较`);
    if (content.since !== null) data.push(['项目', '上次', '本次'].map(title => textCell(title)));
  }
  for (const change of content.changes ?? []) {
    data.push([textCell(change.title), typed(change, change.before), typed(change, change.now)]);
  }
  if (content.reconciliations !== undefined) heading('核对');
  for (const item of content.reconciliations ?? []) {
    data.push([
      textCell(item.left === item.right ? '相符' : '不符'),
      textCell(reconciliationText(item)),
    ]);
  }
  heading('名词');
  for (const { term, meaning } of report.definitions)
    data.push([textCell(term), textCell(meaning)]);
  return {
    name: '说明',
    title: report.title,
    sample: content.head.sample,
    widths: [24, 60, 20],
    table: false,
    rows: () => once(data),
  };
}

async function* once(rows: readonly SheetRow[]): AsyncGenerator<readonly SheetRow[]> {
  yield rows;
}

/** @param room rows that the book may still take; shared by its sheets */
function sectionSheet(rendering: Rendering, section: Section, room: { rows: number }): BookSheet {
  const { report, content } = rendering;
  return {
    name: section.title,
    title: `${report.title} · ${section.title}`,
    sample: content.head.sample,
    widths: section.columns.map(widthOf),
    table: true,
    rows: told => sectionRows(rendering, section, room, told),
  };
}

async function* sectionRows(
  rendering: Rendering,
  section: Section,
  room: { rows: number },
  told: (filtered: number) => void,
): AsyncGenerator<readonly SheetRow[]> {
  const { columns } = section;
  yield [columns.map(column => textCell(columnTitle(column), 'header'))];
  const totals = new Totals(section);
  for await (const rows of chunksOf(rendering.content.rows[section.id] ?? [])) {
    totals.add(rows);
    room.rows -= rows.length;
    if (room.rows < 0) {
      throw reportError('too-many-rows', { section: section.title, limit: XLSX_ROWS_MAX });
    }
    for (let from = 0; from < rows.length; from += STEP_ROWS) {
      yield rows
        .slice(from, from + STEP_ROWS)
        .map(row => columns.map(column => typed(column, cellOf(column, row, rendering.unmasked))));
    }
  }
  told(totals.rowCount);
  if (totals.any) yield [totalCells(columns, totals)];
  else if (totals.rowCount === 0) yield [[textCell(section.empty)]];
}

function totalCells(columns: readonly Column[], totals: Totals): SheetRow {
  return columns.map((column, index) => {
    if (index === 0) return textCell(`合计 ${totals.rowCount} 行`, 'total');
    const cell = typed(column, totals.cell(column));
    return cell === null
      ? null
      : { ...cell, style: TOTAL_STYLES[cell.style ?? 'plain'] ?? 'total' };
  });
}

const TOTAL_STYLES: Partial<Readonly<Record<CellStyle, CellStyle>>> = {
  text: 'total-text',
  integer: 'total-integer',
  percent: 'total-percent',
  date: 'total-date',
};

function typed(column: Pick<Column, 'type'>, value: Cell): BookCell | null {
  if (value === null || value === '') return null;
  switch (column.type) {
    case 'integer':
      return { value: Number(value), style: 'integer' };
    case 'hundredths':
      return { value: Number(formatHundredths(Number(value))) };
    case 'percent':
      return { value: Number(value) / 1000, style: 'percent' };
    case 'date':
      return { value: (Date.parse(`${value}T00:00:00Z`) - DAY_ZERO_MS) / DAY_MS, style: 'date' };
    case 'boolean':
      return textCell(readableText(column, value));
    case 'text':
      return textCell(String(value));
    default:
      return textCell(String(value), 'text');
  }
}

function textCell(value: string, style?: CellStyle): BookCell | null {
  const cut =
    value.length > CELL_TEXT_MAX_CHARACTERS
      ? `${value.slice(0, CELL_TEXT_MAX_CHARACTERS - 1)}…`
      : value;
  if (cut === '') return null;
  return style === undefined ? { value: cut } : { value: cut, style };
}

function widthOf(column: Column): number {
  return Math.max(column.width ?? 12, 2 * columnTitle(column).length > 24 ? 14 : 8) + 2;
}
