/**
 * A report as a workbook: first a sheet of what the page's head says, then one sheet per section
 * with typed cells, a frozen header, filters, and totals below the filtered range. Nothing is ever
 * a formula: text is written as text, whatever it begins with.
 */
import writeExcelFile, { type Sheet, type Cell as SheetCell } from 'write-excel-file/node';
import { formatHundredths } from '../../engine/decimal.ts';
import { reportError } from '../errors.ts';
import { type Cell, type Column, chunksOf, type Rendering, type Section } from '../report.ts';
import { cellOf, columnTitle, figureOf, headLines, readableText, Totals } from './cells.ts';
import { evidenceText } from './evidence.ts';
import { FINDINGS_NONE, findingTitle, reconciliationText } from './sentences.ts';
import { type SheetImage, type SheetLayout, sheetFeature, withoutTimes } from './xlsx-parts.ts';

/** The library holds a workbook in memory; beyond this many rows CSV is the format to take. */
export const XLSX_ROWS_MAX = 100_000;
/** Excel's own limit on the text of one cell. */
const CELL_TEXT_MAX_CHARACTERS = 32_767;

const HEADER = {
  fontWeight: 'bold',
  backgroundColor: '#e4eaf1',
  wrap: true,
  alignVertical: 'center',
  bottomBorderStyle: 'thin',
} as const;
const TOTAL = { fontWeight: 'bold', topBorderStyle: 'thin' } as const;

/** The library's sheet; the parameter is what images may come as, and there are none. */
type WorkbookSheet = Sheet<SheetImage>;

/**
 * Writes the whole report.
 *
 * @throws CodedError too-many-rows
 */
export async function renderXlsx(rendering: Rendering): Promise<Uint8Array> {
  const layouts: SheetLayout[] = [];
  const sheets: WorkbookSheet[] = [coverSheet(rendering)];
  layouts.push({ title: rendering.report.title, sample: rendering.content.head.sample });
  let room = XLSX_ROWS_MAX;
  for (const section of rendering.report.sections) {
    if (rendering.content.rows[section.id] === undefined) continue;
    const { sheet, rows } = await sectionSheet(rendering, section, room);
    room -= rows;
    sheets.push(sheet);
    layouts.push({
      title: `${rendering.report.title} · ${section.title}`,
      sample: rendering.content.head.sample,
      table: { columns: section.columns.length, rows },
    });
  }
  const workbook = writeExcelFile(sheets, {
    features: [sheetFeature(layouts)],
    fontFamily: '等线',
    fontSize: 11,
  });
  return withoutTimes(await workbook.toBuffer());
}

function coverSheet(rendering: Rendering): WorkbookSheet {
  const { report, content } = rendering;
  const data: SheetCell[][] = [[{ value: report.title, fontWeight: 'bold', fontSize: 16 }]];
  const heading = (text: string) => data.push([], [textCell(text, { fontWeight: 'bold' })]);
  for (const [title, value] of headLines(rendering)) data.push([textCell(title), textCell(value)]);
  heading('需要处理');
  if (content.findings.length === 0) data.push([textCell(FINDINGS_NONE)]);
  for (const finding of content.findings) {
    data.push([textCell(findingTitle(finding)), textCell(finding.sentence, { wrap: true })]);
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
  return { sheet: '说明', data, columns: [{ width: 24 }, { width: 60 }, { width: 20 }] };
}

async function sectionSheet(
  rendering: Rendering,
  section: Section,
  room: number,
): Promise<{ sheet: WorkbookSheet; rows: number }> {
  const { columns } = section;
  const data: SheetCell[][] = [columns.map(column => textCell(columnTitle(column), HEADER))];
  const totals = new Totals(section);
  for await (const rows of chunksOf(rendering.content.rows[section.id] ?? [])) {
    totals.add(rows);
    if (totals.rowCount > room) {
      throw reportError('too-many-rows', { section: section.title, limit: XLSX_ROWS_MAX });
    }
    for (const row of rows) {
      data.push(columns.map(column => typed(column, cellOf(column, row, rendering.unmasked))));
    }
  }
  if (totals.any) data.push(totalCells(columns, totals));
  else if (totals.rowCount === 0) data.push([textCell(section.empty)]);
  const sheet: WorkbookSheet = {
    sheet: section.title,
    data,
    columns: columns.map(column => ({ width: widthOf(column) })),
    stickyRowsCount: 1,
  };
  return { sheet, rows: totals.rowCount };
}

function totalCells(columns: readonly Column[], totals: Totals): SheetCell[] {
  return columns.map((column, index) => {
    if (index === 0) return textCell(`合计 ${totals.rowCount} 行`, TOTAL);
    const cell = typed(column, totals.cell(column));
    return cell === null ? null : { ...(cell as object), ...TOTAL };
  });
}

function typed(column: Pick<Column, 'type'>, value: Cell): SheetCell {
  if (value === null || value === '') return null;
  switch (column.type) {
    case 'integer':
      return { value: Number(value), type: Number, format: '#,##0' };
    case 'hundredths':
      return { value: Number(formatHundredths(Number(value))), type: Number };
    case 'percent':
      return { value: Number(value) / 1000, type: Number, format: '0.0%' };
    case 'date':
      return { value: new Date(`${value}T00:00:00Z`), type: Date, format: 'yyyy-mm-dd' };
    case 'boolean':
      return textCell(readableText(column, value));
    default:
      return textCell(String(value), column.type === 'text' ? {} : { format: '@' });
  }
}

function textCell(value: string, style: object = {}): SheetCell {
  const cut =
    value.length > CELL_TEXT_MAX_CHARACTERS
      ? `${value.slice(0, CELL_TEXT_MAX_CHARACTERS - 1)}…`
      : value;
  return cut === '' ? null : { value: cut.toWellFormed(), type: String, ...style };
}

function widthOf(column: Column): number {
  return Math.max(column.width ?? 12, 2 * columnTitle(column).length > 24 ? 14 : 8) + 2;
}
