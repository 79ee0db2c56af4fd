/**
 * PostgreSQL's COPY text format, read from bytes: fields ended by a tab, rows by a line feed, `\N`
 * for null, a backslash before what would be mistaken. No string is made per field.
 */

/**
 * Gets one row. Field f is buffer[starts[f] … ends[f]), or null where starts[f] is -1. Buffer and
 * arrays are used again for the next row: keep copies, not references.
 */
export type RowHandler = (
  buffer: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  fields: number,
) => void;

/** Gets buffer[from … to): one row in the COPY format, with its line feed. */
export type RawRowHandler = (buffer: Uint8Array, from: number, to: number) => void;

/** Where the bytes of a COPY go, in pieces cut anywhere. */
export interface RowSink {
  readonly rows: number;
  push(buffer: Uint8Array, from: number, to: number): void;
}

/** PostgreSQL allows 1,600 columns in a table and 1,664 in a query. */
const FIELDS_MAX = 1664;

const TAB = 9;
const LINE_FEED = 10;
const BACKSLASH = 92;
const CAPITAL_N = 78;

/** What stands after the backslash → the byte meant; everything else means itself. */
const UNESCAPED = new Uint8Array(256).map((_, byte) => byte);
for (const [letter, byte] of [
  ['b', 8],
  ['t', 9],
  ['n', 10],
  ['v', 11],
  ['f', 12],
  ['r', 13],
] as const) {
  UNESCAPED[letter.charCodeAt(0)] = byte;
}

/** Takes the bytes of a COPY in pieces cut anywhere, and hands out whole rows. */
export class RowParser implements RowSink {
  rows = 0;
  readonly #onRow: RowHandler;
  readonly #starts = new Int32Array(FIELDS_MAX);
  readonly #ends = new Int32Array(FIELDS_MAX);
  /** The beginning of a row whose end has not come yet. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(onRow: RowHandler) {
    this.#onRow = onRow;
  }

  /** Parses buffer[from … to); the buffer is written to where fields hold escapes. */
  push(buffer: Uint8Array, from: number, to: number): void {
    let start = from;
    if (this.#rest.length > 0) {
      const feed = buffer.subarray(from, to).indexOf(LINE_FEED);
      const until = feed === -1 ? to : from + feed + 1;
      this.#rest = joined(this.#rest, buffer.subarray(from, until));
      if (feed === -1) return;
      const row = this.#rest;
      this.#rest = new Uint8Array(0);
      this.#wholeRows(row, 0, row.length);
      start = until;
    }
    const end = this.#wholeRows(buffer, start, to);
    if (end < to) this.#rest = buffer.slice(end, to);
  }

  /** @returns where the first incomplete row begins */
  #wholeRows(buffer: Uint8Array, from: number, to: number): number {
    const starts = this.#starts;
    const ends = this.#ends;
    let row = from;
    let field = 0;
    let escaped = false;
    starts[0] = from;
    for (let i = from; i < to; i += 1) {
      const byte = buffer[i];
      if (byte > LINE_FEED) {
        if (byte === BACKSLASH) escaped = true;
        continue;
      }
      if (byte === TAB) {
        ends[field] = i;
        field += 1;
        starts[field] = i + 1;
      } else if (byte === LINE_FEED) {
        ends[field] = i;
        if (escaped) unescapeRow(buffer, starts, ends, field + 1);
        this.rows += 1;
        this.#onRow(buffer, starts, ends, field + 1);
        row = i + 1;
        field = 0;
        escaped = false;
        starts[0] = row;
      }
    }
    return row;
  }
}

/** Hands out whole rows as they are written. */
export class RawRowSplitter implements RowSink {
  rows = 0;
  readonly #onRow: RawRowHandler;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(onRow: RawRowHandler) {
    this.#onRow = onRow;
  }

  push(buffer: Uint8Array, from: number, to: number): void {
    let at = from;
    for (;;) {
      const feed = buffer.indexOf(LINE_FEED, at);
      if (feed === -1 || feed >= to) break;
      if (this.#rest.length > 0) {
        const row = joined(this.#rest, buffer.subarray(at, feed + 1));
        this.#rest = new Uint8Array(0);
        this.#onRow(row, 0, row.length);
      } else this.#onRow(buffer, at, feed + 1);
      this.rows += 1;
      at = feed + 1;
    }
    if (at < to) this.#rest = joined(this.#rest, buffer.subarray(at, to));
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** In place: what is meant is never longer than how it is written. */
function unescapeRow(
  buffer: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  fields: number,
): void {
  for (let field = 0; field < fields; field += 1) {
    const start = starts[field];
    const end = ends[field];
    let read = start;
    while (read < end && buffer[read] !== BACKSLASH) read += 1;
    if (read === end) continue;
    if (end - start === 2 && buffer[start + 1] === CAPITAL_N) {
      starts[field] = -1;
      ends[field] = -1;
      continue;
    }
    let write = read;
    while (read < end) {
      let byte = buffer[read];
      read += 1;
      if (byte === BACKSLASH && read < end) {
        byte = UNESCAPED[buffer[read]];
        read += 1;
      }
      buffer[write] = byte;
      write += 1;
    }
    ends[field] = write;
  }
}

/** A decimal integer, with or without sign, from trusted bytes (an integer column). */
export function readInteger(buffer: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = buffer[at] === 45;
  if (negative) at += 1;
  let value = 0;
  for (; at < end; at += 1) value = value * 10 + buffer[at] - 48;
  return negative ? -value : value;
}

const decoder = new TextDecoder();

/** The text of a field; null where it is null. */
export function readText(buffer: Uint8Array, start: number, end: number): string | null {
  return start < 0 ? null : decoder.decode(buffer.subarray(start, end));
}
