/**
 * CSV as bytes: UTF-8 without BOM, LF, RFC 4180 quoting only where needed. Ten million rows are
 * written without a string each.
 */
import { ABSENT, formatHundredths } from '../decimal.ts';

const COMMA = 0x2c;
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const ZERO = 0x30;
const POINT = 0x2e;

/** Chunks are handed on from this size. */
export const CHUNK_BYTES = 1 << 20;

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
  #bytes = Buffer.allocUnsafe(CHUNK_BYTES + (CHUNK_BYTES >> 2));
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
    const bytes = this.reserve(to - from);
    let at = this.length;
    for (let byte = from; byte < to; byte += 1, at += 1) bytes[at] = source[byte];
    this.length = at;
  }

  /** A field: the bytes, quoted where they must be. */
  field(source: Uint8Array, from: number, to: number): void {
    // Twice the length and two quotes: the worst case.
    const bytes = this.reserve((to - from) * 2 + 2);
    let at = this.length;
    for (let byte = from; byte < to; byte += 1, at += 1) {
      const value = source[byte];
      if (value <= COMMA && (value === COMMA || value === QUOTE || value === LF || value === CR)) {
        this.#quoted(source, from, to);
        return;
      }
      bytes[at] = value;
    }
    this.length = at;
  }

  #quoted(source: Uint8Array, from: number, to: number): void {
    const bytes = this.reserve((to - from) * 2 + 2);
    let at = this.length;
    bytes[at++] = QUOTE;
    for (let byte = from; byte < to; byte += 1) {
      if (source[byte] === QUOTE) bytes[at++] = QUOTE;
      bytes[at++] = source[byte];
    }
    bytes[at++] = QUOTE;
    this.length = at;
  }

  /** A whole number, not negative. */
  whole(value: number): void {
    this.length = writeWhole(this.reserve(16), this.length, value);
  }

  /** The shortest decimal of hundredths; ABSENT: nothing. */
  hundredths(value: number): void {
    if (value === ABSENT) return;
    if (value < 0) {
      this.length += this.reserve(16).write(formatHundredths(value), this.length, 'latin1');
      return;
    }
    const bytes = this.reserve(20);
    this.length = writeWhole(bytes, this.length, Math.trunc(value / 100));
    const rest = value % 100;
    if (rest === 0) return;
    bytes[this.length++] = POINT;
    bytes[this.length++] = ZERO + Math.trunc(rest / 10);
    if (rest % 10 !== 0) bytes[this.length++] = ZERO + (rest % 10);
  }

  /** What was written so far, until the next call; the writer begins anew. */
  view(): Buffer {
    const view = this.#bytes.subarray(0, this.length);
    this.length = 0;
    return view;
  }

  /** What was written so far, to keep; the writer begins anew. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = Buffer.allocUnsafe(Math.max(this.#bytes.length, CHUNK_BYTES));
    this.length = 0;
    return taken;
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
