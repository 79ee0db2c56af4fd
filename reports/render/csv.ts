/**
 * A section as CSV, in one of two styles.
 *
 * `exchange` is for machines and auditors: the bytes are a contract (formats.md), values stand as
 * they are. `sheet` is for people who open it in a spreadsheet: byte order mark, Chinese header,
 * CRLF, and no cell can start a formula – text that begins like one gets an apostrophe before it.
 *
 * Codes are quoted and otherwise exact. Tricks that make a spreadsheet keep a long number as text
 * (a leading tab, or `="…"`) were turned down: the one is data that nobody typed, the other is a
 * formula. Who wants typed cells takes xlsx.
 */
import { type Column, chunksOf, type Rendering, type Row, type Section } from '../report.ts';
import { cellOf, columnTitle, plainText } from './cells.ts';

const BYTE_ORDER_MARK = '\ufeff';

/** What a spreadsheet takes for a formula, full-width forms and blanks before it too. */
const FORMULA_START = /^[\s\p{Cc}\u200b\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** Text that no spreadsheet takes for a formula. */
export function guardFormula(text: string): string {
  return FORMULA_START.test(text) ? `'${text}` : text;
}

/** RFC 4180: quoted only where needed. */
export function quoteWhereNeeded(text: string): string {
  return /[",\r\n]/.test(text) ? quote(text) : text;
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/**
 * Writes one section.
 *
 * @param section one of the report's sections
 * @returns pieces of text, one per chunk of rows
 */
export async function* renderCsv(rendering: Rendering, section: Section): AsyncGenerator<string> {
  const exchange = rendering.report.csv === 'exchange';
  const line = exchange ? exchangeLine : sheetLine;
  const end = exchange ? '\n' : '\r\n';
  const titles = section.columns.map(column => (exchange ? column.key : columnTitle(column)));
  yield (exchange ? '' : BYTE_ORDER_MARK) + titles.map(quoteWhereNeeded).join(',') + end;
  for await (const rows of chunksOf(rendering.content.rows[section.id] ?? [])) {
    let text = '';
    for (const row of rows) text += line(section.columns, row, rendering.unmasked) + end;
    yield text;
  }
}

function exchangeLine(columns: readonly Column[], row: Row, unmasked: boolean): string {
  let text = '';
  for (let index = 0; index < columns.length; index += 1) {
    const column = columns[index] as Column;
    if (index > 0) text += ',';
    text += quoteWhereNeeded(plainText(column, cellOf(column, row, unmasked)));
  }
  return text;
}

function sheetLine(columns: readonly Column[], row: Row, unmasked: boolean): string {
  return columns
    .map(column => {
      const text = plainText(column, cellOf(column, row, unmasked));
      if (column.type === 'code') return text === '' ? '' : quote(guardFormula(text));
      if (column.type === 'text' || column.type === 'hash') {
        return quoteWhereNeeded(guardFormula(text));
      }
      return quoteWhereNeeded(text);
    })
    .join(',');
}
