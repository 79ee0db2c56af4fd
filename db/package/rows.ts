/**
 * The rows of one table under their columns: the header is matched once, English or Chinese, and
 * then every cell is found by the column's place in the schema, whatever its place in the file.
 */
import { ABSENT, formatHundredths } from '../../engine/decimal.ts';
import { LineSet } from './bytes.ts';
import {
  CELL_KINDS,
  CellFault,
  type CellKind,
  type CellValue,
  ColumnReader,
  kindFault,
} from './cells.ts';
import type { CsvRecord } from './csv-read.ts';
import { nearestHint } from './nearest.ts';
import type { AfterPiece, TableSource } from './open.ts';
import type { ProblemList } from './problems.ts';
import type { Column, Table } from './schema.ts';

/** import: everything must fit together; recompute: only what the dispatch reads must be there. */
export type CheckMode = 'import' | 'recompute';

/** Rows a table may have; ten million choices are the stress size. */
export const ROWS_MAX = 50_000_000;

const RECORD_FAULTS: Readonly<Record<string, string>> = {
  'stray-quote': '引号用法有误：含引号的内容须整格加引号，格内引号写成两个。',
  'unclosed-quote': '引号没有闭合，此行以后无法判读。',
  'too-many-columns': '列数过多。',
  'line-too-long': '此行过长，可能缺少换行或引号未闭合。',
};
/** After these the file can't be read on. */
const FATAL_FAULTS = new Set(['unclosed-quote', 'line-too-long']);

/** One row, valid during the callback only. Columns by their index in the schema's table. */
export class TableRow {
  readonly table: Table;
  record!: CsvRecord;
  /** Column of the schema → cell of the record; -1: the file has no such column. */
  cells: Int32Array = new Int32Array(0);
  readonly #readers: readonly ColumnReader[];
  /** Values of this row that were read already: a cell is asked for several times. */
  readonly #values: (CellValue | CellFault)[];
  /** Column → number of the row that its value is of. */
  readonly #valueOf: Float64Array;
  #number = 0;

  constructor(table: Table) {
    this.table = table;
    this.#readers = table.columns.map(column => new ColumnReader(column));
    this.#values = table.columns.map(() => null);
    this.#valueOf = new Float64Array(table.columns.length);
  }

  /** Goes on to the next row. */
  take(record: CsvRecord): void {
    this.record = record;
    this.#number += 1;
  }

  get line(): number {
    return this.record.line;
  }

  get bytes(): Uint8Array {
    return this.record.bytes;
  }

  start(column: number): number {
    const cell = this.cells[column] as number;
    return cell < 0 ? 0 : (this.record.start[cell] as number);
  }

  end(column: number): number {
    const cell = this.cells[column] as number;
    return cell < 0 ? 0 : (this.record.end[cell] as number);
  }

  blank(column: number): boolean {
    return this.start(column) === this.end(column);
  }

  has(column: number): boolean {
    return (this.cells[column] as number) >= 0;
  }

  /** The cell as it stands. */
  text(column: number): string {
    const cell = this.cells[column] as number;
    return cell < 0 ? '' : this.record.text(cell);
  }

  /** The value, or what is wrong; null where the cell is empty or the column is missing. */
  read(column: number): CellValue | CellFault {
    const from = this.start(column);
    const to = this.end(column);
    if (from === to) return null;
    if (this.#valueOf[column] !== this.#number) {
      const reader = this.#readers[column] as ColumnReader;
      this.#values[column] = reader.read(this.record.bytes, from, to);
      this.#valueOf[column] = this.#number;
    }
    return this.#values[column] as CellValue | CellFault;
  }

  /** Empty, or not readable: if that is a fault it is reported already, and no more is said. */
  unsound(column: number): boolean {
    if (this.blank(column) || this.read(column) instanceof CellFault) return true;
    return this.wrongKind(column) !== undefined;
  }

  /** The value of a cell that the check has found right. */
  value(column: number): CellValue {
    const value = this.read(column);
    return value instanceof CellFault ? null : value;
  }

  string(column: number): string {
    const value = this.value(column);
    return typeof value === 'string' ? value : '';
  }

  number(column: number, absent = ABSENT): number {
    const value = this.value(column);
    return typeof value === 'number' ? value : absent;
  }

  /** null: the cell is empty, or the column is missing. */
  boolean(column: number): boolean | null {
    const value = this.value(column);
    return typeof value === 'boolean' ? value : null;
  }

  /** The value as this system writes it: decimals shortest, yes and no. */
  canonical(column: number): string {
    const value = this.value(column);
    if (value === null) return '';
    if (typeof value === 'boolean') return value ? 'yes' : 'no';
    if (typeof value === 'number') {
      const type = (this.table.columns[column] as Column).type.kind;
      return type === 'decimal' ? formatHundredths(value) : String(value);
    }
    return value;
  }

  /** A workbook's cell of a kind that does not fit its column. */
  wrongKind(column: number): CellFault | undefined {
    const kind = this.kind(column);
    if (kind === 'text') return undefined;
    return kindFault((this.table.columns[column] as Column).type, kind);
  }

  kind(column: number): CellKind {
    const { kinds } = this.record;
    const cell = this.cells[column] as number;
    return kinds === null || cell < 0 ? 'text' : (CELL_KINDS[kinds[cell] as number] as CellKind);
  }
}

/** Reports faults of one table's rows; a row with an error is rejected. */
export class TableFaults {
  readonly table: Table;
  readonly file: string;
  readonly problems: ProblemList;
  readonly rejected = new LineSet();

  constructor(table: Table, file: string, problems: ProblemList) {
    this.table = table;
    this.file = file;
    this.problems = problems;
  }

  /** A fault of a cell of the row that is being read. */
  cell(row: TableRow, column: number, code: string, sentence: string): void {
    this.#add(
      row.line,
      this.#place(row, column),
      column,
      row.text(column),
      code,
      sentence,
      'error',
    );
  }

  warnCell(row: TableRow, column: number, code: string, sentence: string): void {
    const place = this.#place(row, column);
    this.#add(row.line, place, column, row.text(column), code, sentence, 'warning');
  }

  /** A fault found later, when only the line and the value are known. */
  later(line: number, column: number, value: string, code: string, sentence: string): void {
    this.#add(line, 0, column, value, code, sentence, 'error');
  }

  /** A fault of the row, or with line 0 of the table, as a whole. */
  whole(line: number, code: string, sentence: string, fatal = false): void {
    this.#add(line, 0, -1, '', code, sentence, 'error', fatal);
  }

  #place(row: TableRow, column: number): number {
    const cell = row.cells[column] as number;
    return cell < 0 ? 0 : row.record.placeOf(cell);
  }

  #add(
    line: number,
    place: number,
    column: number,
    value: string,
    code: string,
    sentence: string,
    severity: 'error' | 'warning',
    fatal = false,
  ): void {
    if (severity === 'error' && line > 0) this.rejected.add(line);
    const at = this.table.columns[column];
    this.problems.add({
      code,
      severity,
      file: this.file,
      line,
      place,
      column: at?.name ?? '',
      title: at?.chinese ?? '',
      value,
      personal: at?.personal === true ? 'column' : this.table.personal ? 'table' : 'none',
      sentence,
      fatal,
    });
  }
}

/** Whether a cell of this column may be empty. */
function mayBeBlank(column: Column, mode: CheckMode): boolean {
  return column.blank === 'always' || (column.blank === 'recompute' && mode === 'recompute');
}

/**
 * Matches a header. @returns column → cell, or undefined where the table can't be read by it
 */
function matchHeader(
  record: CsvRecord,
  table: Table,
  mode: CheckMode,
  faults: TableFaults,
): Int32Array | undefined {
  const cells = new Int32Array(table.columns.length).fill(-1);
  const before = faults.problems.errors;
  const names = table.columns.flatMap(column => [column.name, column.chinese]);
  for (let cell = 0; cell < record.count; cell += 1) {
    const name = record.text(cell).trim();
    const column = table.columns.findIndex(each => each.name === name || each.chinese === name);
    if (column < 0) {
      const shown =
        name === '' ? `第 ${cell + 1} 列没有表头` : `有不认识的列“${name.slice(0, 40)}”`;
      const nearest = nearestHint(name, names);
      const advice = '请改正或删去；考生的其他属性须先在政策的 attributes 中声明。';
      faults.whole(record.line, 'unknown-column', `${shown}${nearest}，${advice}`, true);
    } else if ((cells[column] as number) >= 0) {
      faults.whole(record.line, 'column-twice', `列“${name}”出现了两次，请删去一列。`, true);
    } else cells[column] = cell;
  }
  table.columns.forEach((column, index) => {
    if (isNeeded(column, mode) && cells[index] === -1) {
      const sentence = `缺少列“${column.name}”（${column.chinese}）。`;
      faults.whole(record.line, 'missing-column', sentence, true);
    }
  });
  return faults.problems.errors === before ? cells : undefined;
}

function isNeeded(column: Column, mode: CheckMode): boolean {
  if (column.presence === 'optional') return false;
  return mode === 'import' || (column.presence === 'always' && column.blank !== 'always');
}

/** Whether a record can be read under the header; reports what is wrong with it. */
function fits(record: CsvRecord, width: number, faults: TableFaults): boolean {
  if (record.fault !== undefined) {
    const sentence = RECORD_FAULTS[record.fault] as string;
    faults.whole(record.line, record.fault, sentence, FATAL_FAULTS.has(record.fault));
    return false;
  }
  if (record.count === width) return true;
  const sentence = `此行有 ${record.count} 列，表头有 ${width} 列，请检查逗号与引号。`;
  faults.whole(record.line, 'ragged-row', sentence);
  return false;
}

export interface CheckedTable {
  readonly table: Table;
  readonly source: TableSource;
  /** Column → cell. */
  readonly cells: Int32Array;
  readonly faults: TableFaults;
  /** Rows in the file, those at fault included. */
  rows: number;
}

/**
 * Reads a table for the first time: header, shape, every cell by its type, then `check` for what
 * the table alone knows. `check` is told whether all cells are right by themselves, and looks at
 * the others all the same: an officer wants to know every fault of a row at once.
 *
 * @param keyed columns that `check` reads by itself: their cells are only looked at for emptiness
 * @returns undefined where the header is wrong
 */
export async function checkTable(
  source: TableSource,
  table: Table,
  mode: CheckMode,
  problems: ProblemList,
  check: (row: TableRow, faults: TableFaults, right: boolean) => void,
  keyed: readonly number[] = [],
): Promise<CheckedTable | undefined> {
  const faults = new TableFaults(table, source.file, problems);
  const row = new TableRow(table);
  const skipped = new Set(keyed);
  let cells: Int32Array | undefined;
  let width = -1;
  let rows = 0;
  await source.records(record => {
    if (width < 0) {
      width = record.count;
      if (fits(record, width, faults)) cells = matchHeader(record, table, mode, faults);
      else faults.whole(record.line, 'bad-header', '表头无法读出。', true);
      if (cells !== undefined) row.cells = cells;
      return;
    }
    if (cells === undefined) return;
    rows += 1;
    if (!fits(record, width, faults)) return;
    row.take(record);
    check(row, faults, checkCells(row, mode, faults, skipped));
  });
  if (width < 0) faults.whole(0, 'empty-file', '没有表头。', true);
  if (rows > ROWS_MAX) faults.whole(0, 'too-many-rows', `超过 ${ROWS_MAX} 行。`, true);
  return cells === undefined ? undefined : { table, source, cells, faults, rows };
}

/** Every cell of a row by its column's type. @returns whether all are right */
function checkCells(
  row: TableRow,
  mode: CheckMode,
  faults: TableFaults,
  skipped: ReadonlySet<number>,
): boolean {
  let right = true;
  const { columns } = row.table;
  for (let column = 0; column < columns.length; column += 1) {
    if (!row.has(column)) continue;
    if (row.blank(column)) {
      if (mayBeBlank(columns[column] as Column, mode)) continue;
      faults.cell(row, column, 'missing-value', '为空，此列必须填写。');
      right = false;
      continue;
    }
    const wrong = row.wrongKind(column) ?? (skipped.has(column) ? undefined : row.read(column));
    if (wrong instanceof CellFault) {
      faults.cell(row, column, wrong.code, wrong.sentence);
      right = false;
    }
  }
  return right;
}

/** Reads the accepted rows of a table that was checked before; afterPiece as in TableSource. */
export async function readRows(
  checked: CheckedTable,
  onRow: (row: TableRow) => void,
  afterPiece?: AfterPiece,
): Promise<void> {
  const row = new TableRow(checked.table);
  row.cells = checked.cells;
  let header = true;
  await checked.source.records(record => {
    if (header) {
      header = false;
      return;
    }
    if (record.fault !== undefined || checked.faults.rejected.has(record.line)) return;
    row.take(record);
    onRow(row);
  }, afterPiece);
}
