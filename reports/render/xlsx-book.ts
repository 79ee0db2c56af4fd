/**
 * A workbook (ECMA-376, SpreadsheetML) written sheet by sheet and row by row. Text is always text,
 * kept in its cell, never a formula; header rows are frozen, filtered and repeated on every printed
 * page, whose head names the report and marks sample data.
 *
 * Decision: no library. The ones there are hold every cell of a workbook as an object – a gigabyte
 * for 100,000 rows – and still leave print titles, filters and page heads to their users.
 */
import { SAMPLE_SENTENCE } from './cells.ts';
import { ZipArchive } from './zip.ts';

/** Looks of a cell; the place in this list is its number in the book. */
const STYLES = [
  'plain',
  'header',
  'title',
  'bold',
  'wrapped',
  'text',
  'integer',
  'percent',
  'date',
  'total',
  'total-text',
  'total-integer',
  'total-percent',
  'total-date',
] as const;
export type CellStyle = (typeof STYLES)[number];

export interface BookCell {
  readonly value: string | number;
  readonly style?: CellStyle;
}

export interface BookSheet {
  /** Also the sheet's tab. */
  readonly name: string;
  /** Printed on top of every page. */
  readonly title: string;
  readonly sample: boolean;
  /** In characters. */
  readonly widths: readonly number[];
  /** Its first row is the head of a table. */
  readonly table: boolean;
  /** All rows; the number of those that the filter holds, head left out, is told at the end. */
  readonly rows: (told: (filtered: number) => void) => AsyncIterable<readonly SheetRow[]>;
}

/** null: an empty cell. */
export type SheetRow = readonly (BookCell | null)[];

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
/** More columns than this are printed in landscape. */
const PORTRAIT_COLUMNS_MAX = 7;

/** Handed on together: deflating many small pieces takes longer, large ones take memory. */
const PIECE_CHARACTERS = 256 * 1024;

/** Writes the book. */
export async function writeBook(sheets: readonly BookSheet[]): Promise<Uint8Array> {
  const archive = new ZipArchive();
  const filtered: number[] = [];
  await archive.add('[Content_Types].xml', [contentTypes(sheets.length)]);
  await archive.add('_rels/.rels', [relations([['officeDocument', 'xl/workbook.xml']])]);
  for (const [at, sheet] of sheets.entries()) {
    const told = (rows: number) => {
      filtered[at] = rows;
    };
    await archive.add(`xl/worksheets/sheet${at + 1}.xml`, sheetXml(sheet, told));
  }
  await archive.add('xl/styles.xml', [STYLES_XML]);
  await archive.add('xl/workbook.xml', [bookXml(sheets, filtered)]);
  const own = sheets.map((_, at) => ['worksheet', `worksheets/sheet${at + 1}.xml`] as const);
  await archive.add('xl/_rels/workbook.xml.rels', [relations([...own, ['styles', 'styles.xml']])]);
  return archive.bytes();
}

async function* sheetXml(
  sheet: BookSheet,
  told: (filtered: number) => void,
): AsyncGenerator<string> {
  const view = sheet.table
    ? '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft"' +
      ' state="frozen"/></sheetView>'
    : '<sheetView workbookViewId="0"/>';
  const widths = sheet.widths
    .map((width, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`)
    .join('');
  yield `${XML}<worksheet xmlns="${MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
    `<sheetViews>${view}</sheetViews><cols>${widths}</cols><sheetData>`;
  const letters = sheet.widths.map((_, at) => columnLetters(at));
  let number = 0;
  let filtered = 0;
  const rows = sheet.rows(count => {
    filtered = count;
    told(count);
  });
  let xml = '';
  for await (const chunk of rows) {
    for (const row of chunk) {
      number += 1;
      xml += rowXml(row, number, letters);
      if (xml.length < PIECE_CHARACTERS) continue;
      yield xml;
      xml = '';
    }
  }
  yield xml;
  const range = filterRange(sheet, filtered);
  const filter = range === null ? '' : `<autoFilter ref="${range}"/>`;
  const wide = sheet.table && sheet.widths.length > PORTRAIT_COLUMNS_MAX;
  const sample = sheet.sample ? `&C${footerText(SAMPLE_SENTENCE)}` : '';
  const head = escapeXml(`&L${footerText(sheet.title)}${sample}`);
  yield `</sheetData>${filter}<pageSetup paperSize="9" fitToHeight="0"` +
    ` orientation="${wide ? 'landscape' : 'portrait'}"/>` +
    `<headerFooter><oddHeader>${head}</oddHeader>` +
    `<oddFooter>${escapeXml('&R第&P页，共&N页')}</oddFooter></headerFooter></worksheet>`;
}

function rowXml(row: SheetRow, number: number, letters: readonly string[]): string {
  let xml = `<row r="${number}">`;
  for (let at = 0; at < row.length; at += 1) {
    const cell = row[at] ?? null;
    if (cell === null) continue;
    const { value, style } = cell;
    const look = style === undefined ? '' : ` s="${STYLE_NUMBERS[style]}"`;
    const place = `<c r="${letters[at] ?? columnLetters(at)}${number}"${look}`;
    xml +=
      typeof value === 'number'
        ? `${place}><v>${value}</v></c>`
        : `${place} t="inlineStr"><is><t xml:space="preserve">${escapeXml(value)}</t></is></c>`;
  }
  return `${xml}</row>`;
}

function bookXml(sheets: readonly BookSheet[], filtered: readonly number[]): string {
  const tabs = sheets.map(
    ({ name }, at) => `<sheet name="${escapeXml(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`,
  );
  const names = sheets.flatMap((sheet, at) => {
    if (!sheet.table) return [];
    const tab = `'${sheet.name.replaceAll("'", "''")}'`;
    const titles = definedName('_xlnm.Print_Titles', at, '', `${tab}!$1:$1`);
    const range = filterRange(sheet, filtered[at] ?? 0);
    if (range === null) return [titles];
    const fixed = range.replace(/([A-Z]+)(\d+)/g, '$$$1$$$2');
    return [definedName('_xlnm._FilterDatabase', at, ' hidden="1"', `${tab}!${fixed}`), titles];
  });
  const defined = names.length === 0 ? '' : `<definedNames>${names.join('')}</definedNames>`;
  return (
    `${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}">` +
    '<bookViews><workbookView/></bookViews>' +
    `<sheets>${tabs.join('')}</sheets>${defined}</workbook>`
  );
}

function definedName(name: string, sheet: number, attributes: string, range: string): string {
  const place = `name="${name}" localSheetId="${sheet}"${attributes}`;
  return `<definedName ${place}>${escapeXml(range)}</definedName>`;
}

/** The header and the rows, without the totals below them; null: nothing to filter. */
function filterRange({ table, widths }: BookSheet, filtered: number): string | null {
  if (!table || filtered === 0) return null;
  return `A1:${columnLetters(widths.length - 1)}${filtered + 1}`;
}

/** 0 → A, 25 → Z, 26 → AA. */
function columnLetters(at: number): string {
  const last = String.fromCharCode(65 + (at % 26));
  return at < 26 ? last : columnLetters(Math.floor(at / 26) - 1) + last;
}

/** `&` begins a command in a page header. */
function footerText(text: string): string {
  return text.replaceAll('&', '&&');
}

const SPECIAL = /[&<>"]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for these
const NO_PLACE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escapeXml(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.replace(NO_PLACE, '').replace(SPECIAL, one => ENTITIES[one] as string);
}

function contentTypes(sheets: number): string {
  const own = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const parts = [
    ['/xl/workbook.xml', 'sheet.main'],
    ['/xl/styles.xml', 'styles'],
    ...Array.from({ length: sheets }, (_, at) => [
      `/xl/worksheets/sheet${at + 1}.xml`,
      'worksheet',
    ]),
  ];
  const overrides = parts.map(
    ([part, kind]) => `<Override PartName="${part}" ContentType="${own}.${kind}+xml"/>`,
  );
  return (
    `${XML}<Types xmlns="${PACKAGE}/content-types">` +
    '<Default Extension="rels"' +
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    `<Default Extension="xml" ContentType="application/xml"/>${overrides.join('')}</Types>`
  );
}

function relations(targets: readonly (readonly [string, string])[]): string {
  const own = targets.map(
    ([type, target], at) =>
      `<Relationship Id="rId${at + 1}" Type="${RELATIONS}/${type}" Target="${target}"/>`,
  );
  return `${XML}<Relationships xmlns="${PACKAGE}/relationships">${own.join('')}</Relationships>`;
}

const STYLE_NUMBERS = Object.fromEntries(STYLES.map((style, at) => [style, at])) as Readonly<
  Record<CellStyle, number>
>;

/** Formats 3, 9 and 49 are built in; 164 and 165 are ours. */
const FORMATS: Readonly<Record<string, number>> = { text: 49, integer: 3, percent: 164, date: 165 };

function styleXml(style: CellStyle): string {
  const total = style.startsWith('total');
  const format = FORMATS[style.replace('total-', '')] ?? 0;
  const font = style === 'title' ? 2 : style === 'bold' || style === 'header' || total ? 1 : 0;
  const fill = style === 'header' ? 2 : 0;
  const border = style === 'header' ? 1 : total ? 2 : 0;
  const alignment =
    style === 'header'
      ? '<alignment vertical="center" wrapText="1"/>'
      : style === 'wrapped'
        ? '<alignment wrapText="1"/>'
        : '';
  return (
    `<xf numFmtId="${format}" fontId="${font}" fillId="${fill}" borderId="${border}" xfId="0"` +
    ` applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">` +
    `${alignment}</xf>`
  );
}

const font = (size: number, bold: boolean) =>
  `<font>${bold ? '<b/>' : ''}<sz val="${size}"/><name val="等线"/><family val="2"/></font>`;
const border = (top: string, bottom: string) =>
  `<border><left/><right/><top${top}/><bottom${bottom}/><diagonal/></border>`;

const STYLES_XML =
  `${XML}<styleSheet xmlns="${MAIN}"><numFmts count="2">` +
  '<numFmt numFmtId="164" formatCode="0.0%"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>' +
  `</numFmts><fonts count="3">${font(11, false)}${font(11, true)}${font(16, true)}</fonts>` +
  '<fills count="3"><fill><patternFill patternType="none"/></fill>' +
  '<fill><patternFill patternType="gray125"/></fill>' +
  '<fill><patternFill patternType="solid"><fgColor rgb="FFE4EAF1"/><bgColor indexed="64"/>' +
  '</patternFill></fill></fills>' +
  `<borders count="3">${border('', '')}${border('', ' style="thin"')}` +
  border(' style="thin"', '') +
  '</borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>' +
  `</cellStyleXfs><cellXfs count="${STYLES.length}">${STYLES.map(styleXml).join('')}</cellXfs>` +
  '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>' +
  '</styleSheet>';
