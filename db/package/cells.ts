/**
 * One cell: text → value, or what is wrong with it. Nothing is repaired in silence: a code with a
 * blank in it, a date with slashes, a full-width digit is an error that says what is expected.
 */
import { parseHundredths } from '../../engine/decimal.ts';
import { ByteTable } from './bytes.ts';
import type { CellType, Column } from './schema.ts';

/** Text and codes as text, decimals as hundredths, integers as numbers; null: empty. */
export type CellValue = string | number | boolean | null;

/** What is wrong with a cell: a stable code, and the end of a Chinese sentence. */
export class CellFault {
  readonly code: string;
  readonly sentence: string;

  constructor(code: string, sentence: string) {
    this.code = code;
    this.sentence = sentence;
  }
}

/** What a workbook's cell is; in a CSV everything is text. */
export const CELL_KINDS = ['text', 'number', 'date', 'boolean', 'error'] as const;
export type CellKind = (typeof CELL_KINDS)[number];

export const CELL_CHARACTERS_MAX = 1000;
export const CODE_CHARACTERS_MAX = 64;
const YEAR_MIN = 1900;
const YEAR_MAX = 2100;
/** Distinct texts of a column that are remembered with their value; then each is read anew. */
const MEMO_TEXTS_MAX = 1 << 16;
const CONTROL = /(?![\t\n\r])[\p{Cc}\ufffd\ufeff]/u;
/** What the engine reads as a number (engine/dispatch/facts-of-world.ts). */
const NUMBER = /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/;
const BLANK = /[\s\u00a0\u3000]/;

const YES_NO: Readonly<Record<string, boolean>> = { yes: true, no: false, 是: true, 否: false };

/** Reads a cell that is not empty. */
export function parseCell(type: CellType, text: string): CellValue | CellFault {
  if (CONTROL.test(text))
    return new CellFault('control-character', '含有控制字符或乱码，请重新填写。');
  if (text.length > CELL_CHARACTERS_MAX) {
    return new CellFault('too-long', `超过 ${CELL_CHARACTERS_MAX} 个字符。`);
  }
  switch (type.kind) {
    case 'text':
      return text;
    case 'code':
      return parseCode(text);
    case 'codes':
      return parseCodes(text);
    case 'decimal':
      return (
        parseHundredths(text) ??
        new CellFault('not-a-decimal', '不是最多两位小数的数，例如 612.5；请勿带空格、逗号或单位。')
      );
    case 'number':
      return NUMBER.test(text)
        ? text
        : new CellFault('not-a-number', '不是数，例如 172.5；请勿带空格、逗号或单位。');
    case 'integer':
      return parseInteger(text, type.min, type.max);
    case 'date':
      return isDate(text)
        ? text
        : new CellFault('not-a-date', '不是有效日期，应写作 YYYY-MM-DD，例如 2016-07-20。');
    case 'yes-no':
      return YES_NO[text] ?? new CellFault('not-yes-or-no', '应为 yes 或 no（是或否）。');
    case 'enum':
      return parseEnum(type.values, text);
  }
}

function parseCode(text: string): string | CellFault {
  if (BLANK.test(text)) return new CellFault('blank-in-code', '含有空格，代码中不能有空格。');
  if (text.length > CODE_CHARACTERS_MAX) {
    return new CellFault('too-long', `超过 ${CODE_CHARACTERS_MAX} 个字符，不像是代码。`);
  }
  return text;
}

function parseCodes(text: string): string | CellFault {
  const codes = text.split(' ').filter(code => code !== '');
  for (const code of codes) {
    const parsed = parseCode(code);
    if (parsed instanceof CellFault) {
      return new CellFault(parsed.code, '应为代码，各代码之间用一个半角空格隔开。');
    }
  }
  return codes.join(' ');
}

function parseInteger(text: string, min: number, max: number): number | CellFault {
  if (!/^-?[0-9]{1,9}$/.test(text)) {
    return new CellFault('not-an-integer', '不是整数，例如 120；请勿带空格、逗号或单位。');
  }
  const value = Number(text);
  if (value < min) {
    return min === 0
      ? new CellFault('negative', '是负数，应为 0 或以上的整数。')
      : new CellFault('out-of-range', `小于 ${min}。`);
  }
  return value > max ? new CellFault('out-of-range', `大于 ${max}。`) : value;
}

function parseEnum(
  values: Readonly<Record<string, readonly string[]>>,
  text: string,
): string | CellFault {
  for (const [value, titles] of Object.entries(values)) {
    if (value === text || titles.includes(text)) return value;
  }
  const known = Object.entries(values).map(([value, titles]) => `${value}（${titles[0]}）`);
  return new CellFault('unknown-value', `不在可用的值之中：${known.join('、')}。`);
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  if (year < YEAR_MIN || year > YEAR_MAX) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/**
 * What a workbook's cell must not be in a column of this type: `0012` typed as a number has lost
 * its zeros before it came here.
 */
export function kindFault(type: CellType, kind: CellKind): CellFault | undefined {
  if (kind === 'text') return undefined;
  if (kind === 'error') return new CellFault('formula-error', '是公式错误，请改填数值或文本。');
  const fits = {
    number: type.kind === 'decimal' || type.kind === 'integer' || type.kind === 'number',
    date: type.kind === 'date',
    boolean: type.kind === 'yes-no',
  }[kind];
  if (fits) return undefined;
  if (kind === 'number' && type.kind !== 'date') {
    return new CellFault(
      'number-where-text',
      '是数字格式的单元格，开头的零可能已丢失；请把整列设为文本后重新填写。',
    );
  }
  return new CellFault('wrong-cell-format', '的单元格格式与此列不符，请把整列设为文本后重新填写。');
}

/** The text of a workbook's number: 612.29999999999995, as Excel stores it, is 612.3. */
export function numberText(stored: string): string {
  const value = Number(stored);
  return Number.isFinite(value) ? String(value) : stored;
}

/** Reads the cells of one column; of a column with few distinct texts each is read once. */
export class ColumnReader {
  readonly column: Column;
  #table: ByteTable | null = new ByteTable();
  readonly #values: (CellValue | CellFault)[] = [];
  #last = '';
  #lastValue: CellValue | CellFault = null;

  constructor(column: Column) {
    this.column = column;
  }

  /** bytes[from, to) is not empty. */
  read(bytes: Uint8Array, from: number, to: number): CellValue | CellFault {
    if (this.#table === null) return this.#parse(textOf(bytes, from, to));
    const before = this.#table.size;
    const index = this.#table.add(bytes, from, to);
    if (index < before) return this.#values[index] as CellValue | CellFault;
    const value = this.#parse(textOf(bytes, from, to));
    this.#values.push(value);
    if (index === MEMO_TEXTS_MAX) this.#table = null;
    return value;
  }

  #parse(text: string): CellValue | CellFault {
    if (text === this.#last) return this.#lastValue;
    this.#last = text;
    this.#lastValue = parseCell(this.column.type, text);
    return this.#lastValue;
  }
}

export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}
