/**
 * Splits UTF-8 bytes into CSV records (RFC 4180) without making a string: a package has ten million
 * choices, and csv-parse takes minutes for them, where this takes a few seconds. A row without
 * quotes, which is nearly every row, costs one pass over its bytes; a row with quotes is copied
 * without them first. csv-parse is held against it in the tests, over random tables.
 *
 * What is not RFC 4180 is an error and never guessed at: a quote inside a bare cell, text after a
 * closing quote, a quote that is never closed.
 */
import { LINE_BYTES_MAX } from './encoding.ts';

export const COLUMNS_MAX = 256;
const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const CR = 13;

export type RecordFault = 'stray-quote' | 'unclosed-quote' | 'too-many-columns' | 'line-too-long';

/** One record, valid during the callback only: the next one overwrites it. */
export class CsvRecord {
  /** Cell c is bytes[start[c] … end[c]). */
  bytes: Uint8Array = new Uint8Array(0);
  readonly start = new Int32Array(COLUMNS_MAX);
  readonly end = new Int32Array(COLUMNS_MAX);
  count = 0;
  /** 1-based line on which it begins; in a workbook, the row. */
  line = 0;
  fault: RecordFault | undefined;
  /** The record as it stands in the file, for places; in a workbook null. */
  raw: Buffer | null = null;
  readonly rawStart = new Int32Array(COLUMNS_MAX);
  /** In a workbook: cell → index into CELL_KINDS. */
  kinds: Uint8Array | null = null;

  text(cell: number): string {
    const { buffer, byteOffset } = this.bytes;
    const from = this.start[cell] as number;
    return Buffer.from(buffer, byteOffset + from, (this.end[cell] as number) - from).toString();
  }

  /** 1-based: the character at which the cell begins, or in a workbook its column. */
  placeOf(cell: number): number {
    if (this.raw === null) return cell + 1;
    return this.raw.toString('utf8', 0, this.rawStart[cell]).length + 1;
  }
}

type OnRecord = (record: CsvRecord) => void;

/** Takes a file's bytes in pieces and gives its records. */
export class CsvReader {
  readonly #record = new CsvRecord();
  readonly #onRecord: OnRecord;
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;
  #stopped = false;
  #scratch = Buffer.alloc(4096);
  /** What the record that was just read ended with. */
  #lines = 1;

  constructor(onRecord: OnRecord) {
    this.#onRecord = onRecord;
  }

  push(chunk: Buffer): void {
    if (this.#stopped) return;
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.from(data.subarray(this.#records(data, false)));
  }

  end(): void {
    if (this.#stopped || this.#rest.length === 0) return;
    this.#records(this.#rest, true);
    this.#rest = Buffer.alloc(0);
  }

  /** Reads whole records; returns where the incomplete last one begins. */
  #records(data: Buffer, final: boolean): number {
    let at = 0;
    while (at < data.length && !this.#stopped) {
      const next = this.#next(data, at, final);
      if (next < 0) break;
      const record = this.#record;
      const blank =
        record.count === 1 && record.start[0] === record.end[0] && record.bytes === data;
      if (!blank || record.fault !== undefined) {
        record.line = this.#line;
        record.raw = data.subarray(at, next);
        this.#onRecord(record);
      }
      this.#line += this.#lines;
      at = next;
    }
    return at;
  }

  /** Reads the record at `from`; returns where the next begins, or -1 where bytes are missing. */
  #next(data: Buffer, from: number, final: boolean): number {
    const record = this.#record;
    record.bytes = data;
    record.fault = undefined;
    this.#lines = 1;
    let cell = 0;
    record.start[0] = from;
    record.rawStart[0] = 0;
    const length = data.length;
    for (let at = from; at < length; at += 1) {
      const byte = data[at];
      if (byte === COMMA) {
        record.end[cell] = at;
        cell += 1;
        if (cell === COLUMNS_MAX) return this.#skip(data, at, final, 'too-many-columns');
        record.start[cell] = at + 1;
        record.rawStart[cell] = at + 1 - from;
      } else if (byte === LF) {
        record.end[cell] = at > (record.start[cell] as number) && data[at - 1] === CR ? at - 1 : at;
        record.count = cell + 1;
        if (at - from > LINE_BYTES_MAX) record.fault = 'line-too-long';
        return at + 1;
      } else if (byte === QUOTE) {
        return this.#quoted(data, from, final);
      }
    }
    if (!final) return length - from > LINE_BYTES_MAX ? this.#give('line-too-long', length) : -1;
    record.end[cell] = length;
    record.count = cell + 1;
    return length;
  }

  /** A record with a quote somewhere: its cells are copied without quotes. */
  #quoted(data: Buffer, from: number, final: boolean): number {
    const record = this.#record;
    if (this.#scratch.length < data.length - from) {
      this.#scratch = Buffer.alloc((data.length - from) * 2);
    }
    record.bytes = this.#scratch;
    let at = from;
    let used = 0;
    for (let cell = 0; ; cell += 1) {
      if (cell === COLUMNS_MAX) return this.#skip(data, at, final, 'too-many-columns');
      record.start[cell] = used;
      record.rawStart[cell] = at - from;
      if (data[at] === QUOTE) {
        const read = this.#quotedCell(data, at, used);
        if (read.at < 0) return this.#open(data, from, final);
        used = read.used;
        at = read.at;
      } else {
        while (at < data.length && !(data[at] === COMMA || data[at] === LF)) {
          if (data[at] === QUOTE) return this.#skip(data, at, final, 'stray-quote');
          this.#scratch[used] = data[at] as number;
          used += 1;
          at += 1;
        }
        const before = this.#scratch[used - 1];
        const ended = data[at] === LF;
        if (ended && used > (record.start[cell] as number) && before === CR) used -= 1;
      }
      record.end[cell] = used;
      record.count = cell + 1;
      if (data[at] === CR && data[at + 1] === LF) at += 1;
      if (at >= data.length) return final ? at : this.#open(data, from, final);
      if (data[at] === LF) return at + 1;
      if (data[at] !== COMMA) {
        if (data[at] === CR && at + 1 === data.length) {
          return final ? at + 1 : this.#open(data, from, final);
        }
        return this.#skip(data, at, final, 'stray-quote');
      }
      at += 1;
    }
  }

  /** Copies the quoted cell at `at`; gives where it ends, or -1 where the quote stays open. */
  #quotedCell(data: Buffer, at: number, used: number): { at: number; used: number } {
    let to = used;
    for (let from = at + 1; from < data.length; from += 1) {
      const byte = data[from] as number;
      if (byte === QUOTE) {
        if (data[from + 1] !== QUOTE) return { at: from + 1, used: to };
        from += 1;
      } else if (byte === LF) this.#lines += 1;
      this.#scratch[to] = byte;
      to += 1;
    }
    return { at: -1, used: to };
  }

  /** The bytes end inside a record with quotes. */
  #open(data: Buffer, from: number, final: boolean): number {
    if (!final && data.length - from <= LINE_BYTES_MAX) return -1;
    return this.#give('unclosed-quote', data.length);
  }

  /** Everything after is unreadable: one fault, and the file is done. */
  #give(fault: RecordFault, next: number): number {
    this.#stopped = true;
    this.#record.count = 0;
    this.#record.fault = fault;
    return next;
  }

  /** One record is unreadable: the reading goes on with the next line. */
  #skip(data: Buffer, at: number, final: boolean, fault: RecordFault): number {
    const found = data.indexOf(LF, at);
    if (found < 0 && !final) {
      return data.length - at > LINE_BYTES_MAX ? this.#give('line-too-long', data.length) : -1;
    }
    this.#record.fault = fault;
    this.#record.count = 0;
    return found < 0 ? data.length : found + 1;
  }
}
