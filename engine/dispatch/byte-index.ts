/**
 * Byte strings and whole numbers → small indexes, by open addressing over typed arrays. A Map would
 * need a string per look-up, which for ten million choices is most of a run's time and memory.
 */
import { compareRanges, grown } from './bytes.ts';
import type { ByteColumn } from './world.ts';

const EMPTY = 0xffff_ffff;

/** FNV-1a with a final mix, so that numbers which differ in one digit spread over the table. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

function emptyTable(size: number): Uint32Array {
  return new Uint32Array(size).fill(EMPTY);
}

/** The smallest power of two that keeps a table of `count` entries at most half full. */
function tableSize(count: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, count * 2)));
}

/** Finds entries of a fixed byte column by their bytes. */
export class ByteIndex {
  readonly #column: ByteColumn;
  readonly #table: Uint32Array;
  #last = 0;

  /** Of equal entries the first is kept; callers check for duplicates where they matter. */
  constructor(column: ByteColumn) {
    this.#column = column;
    const count = column.start.length - 1;
    this.#table = emptyTable(tableSize(count));
    const mask = this.#table.length - 1;
    for (let entry = 0; entry < count; entry += 1) {
      const start = column.start[entry];
      const end = column.start[entry + 1];
      let slot = hashOf(column.bytes, start, end) & mask;
      while (
        this.#table[slot] !== EMPTY &&
        !this.#is(this.#table[slot], column.bytes, start, end)
      ) {
        slot = (slot + 1) & mask;
      }
      if (this.#table[slot] === EMPTY) this.#table[slot] = entry;
    }
  }

  #is(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#column;
    return (
      compareRanges(own.bytes, own.start[entry], own.start[entry + 1], bytes, start, end) === 0
    );
  }

  /** The entry with these bytes, or -1. Rows of one candidate come together: the last is tried. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (this.#column.start.length === 1) return -1;
    if (this.#is(this.#last, bytes, start, end)) return this.#last;
    const mask = this.#table.length - 1;
    let slot = hashOf(bytes, start, end) & mask;
    while (this.#table[slot] !== EMPTY) {
      if (this.#is(this.#table[slot], bytes, start, end)) {
        this.#last = this.#table[slot];
        return this.#last;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }
}

/** Gives every distinct byte string a number, in the order of first appearance. */
export class ByteInterner {
  readonly values: string[] = [];
  readonly #stored: Uint8Array[] = [];
  #table = emptyTable(64);
  #last = 0;

  /** The number of bytes[start … end), new or old. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    if (this.values.length > 0 && this.#is(this.#last, bytes, start, end)) return this.#last;
    const mask = this.#table.length - 1;
    let slot = hashOf(bytes, start, end) & mask;
    while (this.#table[slot] !== EMPTY) {
      if (this.#is(this.#table[slot], bytes, start, end)) {
        this.#last = this.#table[slot];
        return this.#last;
      }
      slot = (slot + 1) & mask;
    }
    const value = Buffer.from(bytes.subarray(start, end));
    this.#stored.push(value);
    this.values.push(value.toString('utf8'));
    this.#last = this.values.length - 1;
    this.#table[slot] = this.#last;
    if (this.values.length * 2 > this.#table.length) this.#rehash();
    return this.#last;
  }

  #is(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.#stored[entry];
    return compareRanges(own, 0, own.length, bytes, start, end) === 0;
  }

  #rehash(): void {
    this.#table = emptyTable(this.#table.length * 4);
    const mask = this.#table.length - 1;
    this.#stored.forEach((own, entry) => {
      let slot = hashOf(own, 0, own.length) & mask;
      while (this.#table[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#table[slot] = entry;
    });
  }
}

/** Finds entries of a column of whole numbers (file ids) by value. */
export class NumberIndex {
  readonly #column: Int32Array;
  readonly #table: Uint32Array;
  #last = 0;

  constructor(column: Int32Array, count: number) {
    this.#column = column.subarray(0, count);
    this.#table = emptyTable(tableSize(count));
    const mask = this.#table.length - 1;
    for (let entry = 0; entry < count; entry += 1) {
      let slot = mixed(this.#column[entry]) & mask;
      while (this.#table[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#table[slot] = entry;
    }
  }

  /** The entry with this number, or -1. */
  find(value: number): number {
    if (this.#column.length === 0) return -1;
    if (this.#column[this.#last] === value) return this.#last;
    // Rows in the order of the candidates are the common case: try the next one first.
    const next = this.#last + 1;
    if (next < this.#column.length && this.#column[next] === value) {
      this.#last = next;
      return next;
    }
    const mask = this.#table.length - 1;
    let slot = mixed(value) & mask;
    while (this.#table[slot] !== EMPTY) {
      if (this.#column[this.#table[slot]] === value) {
        this.#last = this.#table[slot];
        return this.#last;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }
}

function mixed(value: number): number {
  const spread = Math.imul(value, 0x9e3779b1);
  return (spread ^ (spread >>> 16)) >>> 0;
}

/** A coded column while it grows: few distinct texts, many entries. Code 0 is absent. */
export class GrowingCodes {
  readonly #interner = new ByteInterner();
  #codes = new Uint32Array(1024);

  /** Sets the text of one entry; an empty text is absent. */
  set(entry: number, bytes: Uint8Array, start: number, end: number): void {
    if (entry >= this.#codes.length) this.#codes = grown(this.#codes, entry + 1);
    this.#codes[entry] = start === end ? 0 : this.#interner.intern(bytes, start, end) + 1;
  }

  /** The column over the entries `source`, in that order. */
  column(source: Uint32Array): { codes: Uint16Array | Uint32Array; values: (string | null)[] } {
    const values = [null, ...this.#interner.values];
    const narrow = values.length <= 0x1_0000;
    const codes = narrow ? new Uint16Array(source.length) : new Uint32Array(source.length);
    const own = this.#codes;
    for (let at = 0; at < source.length; at += 1) {
      codes[at] = source[at] < own.length ? own[source[at]] : 0;
    }
    return { codes, values };
  }
}
