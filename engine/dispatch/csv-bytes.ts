/**
 * CSV as bytes: UTF-8 without BOM, LF, RFC 4180 quoting only where needed. Ten million rows are
 * written without a string each.
 */
import { ABSENT, formatHundredths } from '../decimal.ts';
import { copyInto } from './bytes.ts';

const COMMA = 0x2c;
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
const POINT = 0x2e;

/** Chunks are handed on from this size. */
export const CHUNK_BYTES = 1 << 20;
/** What a writer begins with; most runs of tests and small cities need no more. */
const FIRST_BYTES = 1 << 13;

/** A value as it stands in a CSV file. */
export function csvText(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** One line of a CSV file, LF included. */
export function csvLine(values: readonly string[]): string {
  return `${values.map(csvText).join(',')}\n`;
}

/** Appends fields to a buffer that grows. */
export class CsvWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  length = 0;

  /** Makes room for `needed` more bytes, and returns the buffer: it may be a new one. */
  reserve(needed: number): Buffer {
    if (this.length + needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe((this.length + needed) * 2);
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  comma(): void {
    this.reserve(1)[this.length] = COMMA;
    this.length += 1;
  }

  endRow(): void {
    this.reserve(1)[this.length] = LF;
    this.length += 1;
  }

  /** Bytes as they are. */
  raw(source: Uint8Array, from = 0, to = source.length): void {
    this.length = copyInto(this.reserve(to - from), this.length, source, from, to);
  }

  /** A field: the bytes, quoted where they must be. */
  field(source: Uint8Array, from: number, to: number): void {
    const bytes = this.reserve(quotedBytesMax(to - from));
    this.length = writeField(bytes, this.length, source, from, to);
  }

  /** A whole number, not negative. */
  whole(value: number): void {
    this.length = writeWhole(this.reserve(16), this.length, value);
  }

  /** The shortest decimal of hundredths; ABSENT: nothing. */
  hundredths(value: number): void {
    this.length = writeHundredths(this.reserve(DECIMAL_BYTES_MAX), this.length, value);
  }

  /** What was written so far, until the next call; the writer begins anew. */
  view(): Buffer {
    const view = this.#bytes.subarray(0, this.length);
    this.length = 0;
    return view;
  }

  /**
   * What was written so far, to keep; the writer begins anew. A copy, because the writer's own
   * buffer is twice as large, and a new one each time has the collector run all the time.
   */
  take(): Buffer {
    return Buffer.from(this.view());
  }
}

/** Writes a whole number, not negative, at `at`; returns where it ends. */
export function writeWhole(bytes: Uint8Array, at: number, value: number): number {
  let digits = 1;
  for (let bound = 10; value >= bound; bound *= 10) digits += 1;
  let rest = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const shorter = Math.floor(rest / 10);
    bytes[place] = ZERO + (rest - shorter * 10);
    rest = shorter;
  }
  return at + digits;
}

/** How many bytes a field of so many bytes can take at most: each one doubled, and two quotes. */
export function quotedBytesMax(length: number): number {
  return length * 2 + 2;
}

/** Writes a field at `at`, quoted where it must be; returns where it ends. */
export function writeField(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  to: number,
): number {
  let next = at;
  for (let byte = from; byte < to; byte += 1, next += 1) {
    const value = source[byte];
    if (value <= COMMA && (value === COMMA || value === QUOTE || value === LF || value === CR)) {
      return writeQuoted(bytes, at, source, from, to);
    }
    bytes[next] = value;
  }
  return next;
}

function writeQuoted(
  bytes: Uint8Array,
  at: number,
  source: Uint8Array,
  from: number,
  to: number,
): number {
  let next = at;
  bytes[next++] = QUOTE;
  for (let byte = from; byte < to; byte += 1) {
    if (source[byte] === QUOTE) bytes[next++] = QUOTE;
    bytes[next++] = source[byte];
  }
  bytes[next++] = QUOTE;
  return next;
}

/** Sign, six digits, point, two places – and to spare. */
export const DECIMAL_BYTES_MAX = 20;

/** Writes the shortest decimal of hundredths at `at`, nothing for ABSENT; returns where it ends. */
export function writeHundredths(bytes: Buffer, at: number, value: number): number {
  if (value === ABSENT) return at;
  if (value < 0) return at + bytes.write(formatHundredths(value), at, 'latin1');
  const whole = Math.floor(value / 100);
  const rest = value - whole * 100;
  let next = writeWhole(bytes, at, whole);
  if (rest === 0) return next;
  const tenths = Math.floor(rest / 10);
  bytes[next++] = POINT;
  bytes[next++] = ZERO + tenths;
  if (rest !== tenths * 10) bytes[next++] = ZERO + (rest - tenths * 10);
  return next;
}
