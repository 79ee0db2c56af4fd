/**
 * CSV as this system writes it (dispatch.md §7): UTF-8 without BOM, LF after every row, quotes
 * only where needed. Also where an officer will open it: a cell is never altered for the sake of a
 * spreadsheet, since these bytes are hashed.
 */

/** Rows are joined up to about this size before they become bytes: few large writes. */
const CHUNK_CHARACTERS_MIN = 1 << 18;

/** One cell: quoted only where it holds a comma, a quote or a line break. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One row with its LF. A row of one empty cell is written `""`, or it would read as no row. */
export function csvLine(cells: readonly string[]): string {
  if (cells.length === 1 && cells[0] === '') return '""\n';
  return `${cells.map(csvCell).join(',')}\n`;
}

/** Rows to chunks of bytes, without a header. */
export function* csvChunks(rows: Iterable<readonly string[]>): Generator<Buffer> {
  let text = '';
  for (const row of rows) {
    text += csvLine(row);
    if (text.length >= CHUNK_CHARACTERS_MIN) {
      yield Buffer.from(text, 'utf8');
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text, 'utf8');
}

/** The same for rows that come one after the other out of a database or a generator of one. */
export async function* csvChunksAsync(
  rows: AsyncIterable<readonly string[]>,
): AsyncGenerator<Buffer> {
  let text = '';
  for await (const row of rows) {
    text += csvLine(row);
    if (text.length >= CHUNK_CHARACTERS_MIN) {
      yield Buffer.from(text, 'utf8');
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text, 'utf8');
}
