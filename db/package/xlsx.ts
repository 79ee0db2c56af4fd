/**
 * A package as one .xlsx workbook, sheets named as the files. A workbook is a hand-made thing of a
 * school or a small city: it is read whole, within bounds, and its cells become the same records
 * as a CSV's, with their kind beside them, because a code typed as a number has lost its zeros.
 */
import { readFile, stat } from 'node:fs/promises';
import readWorkbook from 'read-excel-file/universal';
import { CELL_KINDS, type CellKind, numberText } from './cells.ts';
import { COLUMNS_MAX, CsvRecord } from './csv-read.ts';

/** Excel itself ends at 1,048,576 rows a sheet, some 60 MB. */
export const XLSX_BYTES_MAX = 128 * 1024 ** 2;
/** Unpacked XML; a zip bomb says, or does not say, how large it is. */
export const XLSX_UNPACKED_BYTES_MAX = 1024 ** 3;

export interface Sheet {
  readonly name: string;
  readonly rows: readonly (readonly unknown[])[];
}

export type WorkbookFault = 'workbook-too-large' | 'broken-workbook';

interface StoredNumber {
  readonly stored: string;
}

/** Reads a workbook. @returns its sheets, or what is wrong with it as a whole */
export async function readSheets(path: string): Promise<readonly Sheet[] | WorkbookFault> {
  const { size } = await stat(path);
  if (size > XLSX_BYTES_MAX) return 'workbook-too-large';
  const bytes = await readFile(path);
  const unpacked = unpackedSize(bytes);
  if (unpacked === undefined) return 'broken-workbook';
  if (unpacked > XLSX_UNPACKED_BYTES_MAX) return 'workbook-too-large';
  const { buffer, byteOffset, length } = bytes;
  const whole = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
  try {
    const sheets = await readWorkbook<StoredNumber>(whole, {
      trim: false,
      parseNumber: stored => ({ stored }),
    });
    return sheets.map(sheet => ({ name: sheet.sheet, rows: sheet.data }));
  } catch {
    return 'broken-workbook';
  }
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const ENTRY_BYTES = 46;

/** Sum of the sizes in the zip's central directory; undefined where it has none: cut short. */
export function unpackedSize(bytes: Buffer): number | undefined {
  const lowest = Math.max(0, bytes.length - END_BYTES - COMMENT_BYTES_MAX);
  let end = bytes.length - END_BYTES;
  while (end >= lowest && bytes.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < lowest || end < 0) return undefined;
  let at = bytes.readUInt32LE(end + 16);
  let sum = 0;
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + ENTRY_BYTES > bytes.length || bytes.readUInt32LE(at) !== ENTRY_SIGNATURE) {
      return undefined;
    }
    sum += bytes.readUInt32LE(at + 24);
    const [name, extra, comment] = [28, 30, 32].map(offset => bytes.readUInt16LE(at + offset));
    at += ENTRY_BYTES + (name as number) + (extra as number) + (comment as number);
  }
  return sum;
}

/** Gives the rows of a sheet as records; a row without any cell is passed over. */
export function sheetRecords(sheet: Sheet, onRecord: (record: CsvRecord) => void): void {
  const record = new CsvRecord();
  const kinds = new Uint8Array(COLUMNS_MAX);
  record.kinds = kinds;
  let width = 0;
  sheet.rows.forEach((row, index) => {
    const cells = row.map(cellOf);
    if (cells.every(cell => cell.text === '')) return;
    record.fault = cells.length > COLUMNS_MAX ? 'too-many-columns' : undefined;
    record.line = index + 1;
    // A sheet has no ragged rows: what is missing at the end of one is empty.
    if (width === 0) width = Math.min(cells.length, COLUMNS_MAX);
    while (cells.length < width) cells.push({ kind: 'text', text: '' });
    record.count = record.fault === undefined ? cells.length : 0;
    const bytes = Buffer.from(cells.map(cell => cell.text).join(''), 'utf8');
    record.bytes = bytes;
    let at = 0;
    for (let cell = 0; cell < record.count; cell += 1) {
      const { kind, text } = cells[cell] as Cell;
      record.start[cell] = at;
      at += Buffer.byteLength(text, 'utf8');
      record.end[cell] = at;
      kinds[cell] = CELL_KINDS.indexOf(kind);
    }
    onRecord(record);
  });
}

interface Cell {
  readonly kind: CellKind;
  readonly text: string;
}

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return { kind: 'text', text: '' };
  if (typeof value === 'boolean') return { kind: 'boolean', text: value ? 'yes' : 'no' };
  if (value instanceof Date) return { kind: 'date', text: dateText(value) };
  if (typeof value === 'object') {
    return { kind: 'number', text: numberText((value as StoredNumber).stored) };
  }
  const text = String(value);
  return /^#(?:N\/A|REF!|VALUE!|DIV\/0!|NAME\?|NUM!|NULL!|SPILL!)$/.test(text)
    ? { kind: 'error', text }
    : { kind: 'text', text };
}

/** A workbook's date has no time zone; with a time of day it is no date of ours. */
function dateText(date: Date): string {
  const text = date.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
}
