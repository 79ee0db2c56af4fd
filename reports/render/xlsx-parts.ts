/**
 * What the xlsx library leaves to its users: filters, header rows repeated on every printed page,
 * a page header that names the report and marks sample data – and an archive without clock times,
 * so that the same report is the same bytes.
 */
import type { Blob } from 'node:buffer';
import type Stream from 'node:stream';
import type { Feature } from 'write-excel-file/node';
import {
  getCellAddress,
  getOrderOfSiblings,
  insertElementMarkupAccordingToOrderOfSiblings,
  sanitizeTextContent,
} from 'write-excel-file/utility';
import { SAMPLE_SENTENCE } from './cells.ts';

/** What the library's types take for the content of an image. */
export type SheetImage = Stream | Buffer | Blob;

export interface SheetLayout {
  /** Printed on top of every page. */
  readonly title: string;
  readonly sample: boolean;
  /** The sheet is a table with its header in the first row. */
  readonly table?: { readonly columns: number; readonly rows: number };
}

const SHEET = 'xl/worksheets/sheet{id}.xml';
const BOOK = 'xl/workbook.xml';

/** Page set-up, filters and print titles for sheets in the order of their layouts. */
export function sheetFeature(layouts: readonly SheetLayout[]): Feature<SheetImage> {
  return {
    files: {
      transform: {
        [SHEET]: {
          transform: (xml: string, _: unknown, place: { sheetIndex: number }) =>
            sheetXml(xml, layouts[place.sheetIndex] as SheetLayout),
        },
        [BOOK]: {
          transform: (xml: string, sheets: readonly { sheet?: string }[]) =>
            bookXml(
              xml,
              sheets.map(sheet => sheet.sheet ?? ''),
              layouts,
            ),
        },
      },
    },
  };
}

function sheetXml(xml: string, layout: SheetLayout): string {
  const wide = (layout.table?.columns ?? 0) > 7;
  let result = insert(SHEET, xml, '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>', 'worksheet');
  if (layout.table !== undefined && layout.table.rows > 0) {
    result = insert(SHEET, result, `<autoFilter ref="${filterRange(layout)}"/>`, 'worksheet');
  }
  const setup =
    `<pageSetup paperSize="9" orientation="${wide ? 'landscape' : 'portrait'}"` +
    ' fitToWidth="1" fitToHeight="0"/>';
  result = insert(SHEET, result, setup, 'worksheet');
  const sample = layout.sample ? `&C${footerText(SAMPLE_SENTENCE)}` : '';
  const furniture =
    `<headerFooter><oddHeader>${sanitizeTextContent(`&L${footerText(layout.title)}${sample}`)}` +
    `</oddHeader><oddFooter>${sanitizeTextContent('&R第&P页，共&N页')}</oddFooter></headerFooter>`;
  return insert(SHEET, result, furniture, 'worksheet');
}

function bookXml(xml: string, names: readonly string[], layouts: readonly SheetLayout[]): string {
  const defined = layouts.flatMap((layout, index) => {
    if (layout.table === undefined) return [];
    const sheet = `'${(names[index] ?? '').replaceAll("'", "''")}'`;
    const titles = definedName('_xlnm.Print_Titles', index, '', `${sheet}!$1:$1`);
    if (layout.table.rows === 0) return [titles];
    const range = filterRange(layout).replace(/([A-Z]+)(\d+)/g, '$$$1$$$2');
    return [
      definedName('_xlnm._FilterDatabase', index, ' hidden="1"', `${sheet}!${range}`),
      titles,
    ];
  });
  if (defined.length === 0) return xml;
  return insert(BOOK, xml, `<definedNames>${defined.join('')}</definedNames>`, 'workbook');
}

function definedName(name: string, sheet: number, attributes: string, range: string): string {
  const text = sanitizeTextContent(range);
  return `<definedName name="${name}" localSheetId="${sheet}"${attributes}>${text}</definedName>`;
}

/** The header and the rows, without the totals below them. */
function filterRange(layout: SheetLayout): string {
  const { columns, rows } = layout.table ?? { columns: 1, rows: 0 };
  return `A1:${getCellAddress(rows, columns - 1)}`;
}

/** `&` begins a command in a page header. */
function footerText(text: string): string {
  return text.replaceAll('&', '&&');
}

function insert(
  file: typeof SHEET | typeof BOOK,
  xml: string,
  markup: string,
  parent: string,
): string {
  const order = getOrderOfSiblings(file, parent) ?? [];
  return insertElementMarkupAccordingToOrderOfSiblings(xml, markup, order, parent);
}

const CENTRAL_HEADER = 0x02014b50;
const END_OF_ARCHIVE = 0x06054b50;
/** 1980-01-01 00:00, the first time that the format can hold. */
const FIRST_DATE = 0x0021;

/** Sets the times of all entries of a zip archive to its first possible one. */
export function withoutTimes(archive: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(archive);
  const view = new DataView(bytes.buffer);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END_OF_ARCHIVE) end -= 1;
  let place = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    if (view.getUint32(place, true) !== CENTRAL_HEADER) throw new Error('not a zip archive');
    const local = view.getUint32(place + 42, true);
    for (const time of [place + 12, local + 10]) {
      view.setUint16(time, 0, true);
      view.setUint16(time + 2, FIRST_DATE, true);
    }
    const lengths = [28, 30, 32].map(offset => view.getUint16(place + offset, true));
    place += 46 + lengths.reduce((sum, length) => sum + length, 0);
  }
  return bytes;
}
