/**
 * Text as bytes: growing columns, comparison, and decoding. Candidate numbers, school codes and
 * major codes are compared by their UTF-8 bytes (dispatch.md), and a city has ten million of them:
 * they stay bytes from the COPY stream to the written row, and no string is made on the way.
 */
import type { ByteColumn } from './world.ts';

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array;

/**
 * The same column with room for at least `needed` elements. Growing fourfold keeps the copies few;
 * what is not used costs addresses only, because the kernel backs untouched pages with no memory.
 */
export function grown<T extends Numbers>(column: T, needed: number): T {
  const length = Math.max(needed, column.length * 4, 1024);
  const larger = new (column.constructor as new (length: number) => T)(length);
  larger.set(column);
  return larger;
}

/** Copies bytes[from … to) to `at`, and returns where they end. For short ranges; see `push`. */
export function copyInto(
  target: Uint8Array,
  at: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  let next = at;
  for (let byte = from; byte < to; byte += 1, next += 1) target[next] = bytes[byte];
  return next;
}

/** Compares two byte ranges; negative, 0 or positive as the first is lower, same or higher. */
export function compareRanges(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart);
  for (let at = 0; at < shared; at += 1) {
    const difference = a[aStart + at] - b[bStart + at];
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** Compares two strings by their UTF-8 bytes (JavaScript's `<` compares UTF-16 units). */
export function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

/** The text of entry `index`. */
export function textAt(column: ByteColumn, index: number): string {
  return Buffer.from(
    column.bytes.buffer,
    column.bytes.byteOffset + column.start[index],
    column.start[index + 1] - column.start[index],
  ).toString('utf8');
}

/** A byte column of strings. */
export function byteColumn(texts: readonly string[]): ByteColumn {
  const start = new Uint32Array(texts.length + 1);
  texts.forEach((text, at) => {
    start[at + 1] = start[at] + Buffer.byteLength(text, 'utf8');
  });
  const bytes = Buffer.alloc(start[texts.length]);
  texts.forEach((text, at) => {
    bytes.write(text, start[at], 'utf8');
  });
  return { bytes, start };
}

/** Byte strings appended one after the other; lengths are kept, starts are summed at the end. */
export class GrowingBytes {
  count = 0;
  #used = 0;
  #bytes = new Uint8Array(1 << 10);
  #lengths = new Uint16Array(1 << 8);

  /** Appends bytes[start … end) and returns its index. At most 65,535 bytes. */
  push(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, this.#used + length);
    }
    if (this.count === this.#lengths.length) this.#lengths = grown(this.#lengths, 0);
    const target = this.#bytes;
    // A loop, because for a dozen bytes a call of TypedArray.set costs more than the copy.
    let to = this.#used;
    for (let from = start; from < end; from += 1, to += 1) target[to] = bytes[from];
    this.#used = to;
    this.#lengths[this.count] = length;
    this.count += 1;
    return this.count - 1;
  }

  /** Forgets everything, keeps the memory. */
  clear(): void {
    this.count = 0;
    this.#used = 0;
  }

  /** The column as it stands. It shares memory with this object, which is not used afterwards. */
  column(): ByteColumn {
    const start = emptyStarts(this.count, this.#used);
    for (let at = 0; at < this.count; at += 1) start[at + 1] = start[at] + this.#lengths[at];
    return { bytes: this.#bytes.subarray(0, this.#used), start };
  }
}

function emptyStarts(count: number, bytes: number): Uint32Array | Float64Array {
  return bytes < 0xffff_ffff ? new Uint32Array(count + 1) : new Float64Array(count + 1);
}

/** A new column whose entry i is entry `source[i]` of the old one. */
export function gatherBytes(column: ByteColumn, source: Uint32Array): ByteColumn {
  let total = 0;
  for (let at = 0; at < source.length; at += 1) {
    total += column.start[source[at] + 1] - column.start[source[at]];
  }
  const start = emptyStarts(source.length, total);
  const bytes = new Uint8Array(total);
  const from = column.bytes;
  let to = 0;
  for (let at = 0; at < source.length; at += 1) {
    const end = column.start[source[at] + 1];
    for (let byte = column.start[source[at]]; byte < end; byte += 1, to += 1) {
      bytes[to] = from[byte];
    }
    start[at + 1] = to;
  }
  return { bytes, start };
}
