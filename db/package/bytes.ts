/**
 * Texts as bytes, for tables too long for JavaScript strings: 1.3 million candidate numbers are
 * 20 MB here and are found in some fifty nanoseconds, whereas a Map of strings takes ten times
 * that and keeps the collector busy. Also columns of numbers that grow.
 */

const ARENA_BYTES_FIRST = 4096;
const SLOTS_FIRST = 256;
const EMPTY = -1;

/** Gives each distinct byte string a number: 0, 1, 2 … in the order of their first coming. */
export class ByteTable {
  size = 0;
  #arena = Buffer.alloc(ARENA_BYTES_FIRST);
  #used = 0;
  #start = new Float64Array(SLOTS_FIRST);
  #hash = new Uint32Array(SLOTS_FIRST);
  #slots = new Int32Array(SLOTS_FIRST * 2).fill(EMPTY);

  /** @returns the number of bytes[from, to), or -1 where it is not known */
  find(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number;
      if (index === EMPTY) return -1;
      if (this.#hash[index] === hash && this.#equals(index, bytes, from, to)) return index;
    }
  }

  /** @returns the number of bytes[from, to), a new one where it was not known: then size grew */
  add(bytes: Uint8Array, from: number, to: number): number {
    const found = this.find(bytes, from, to);
    if (found >= 0) return found;
    const index = this.size;
    this.#reserve(to - from);
    this.#arena.set(bytes.subarray(from, to), this.#used);
    this.#start[index] = this.#used;
    this.#used += to - from;
    this.#start[index + 1] = this.#used;
    const hash = hashOf(bytes, from, to);
    this.#hash[index] = hash;
    this.size += 1;
    this.#place(index, hash);
    return index;
  }

  /** Whether entry `index` is bytes[from, to). */
  is(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    return this.#equals(index, bytes, from, to);
  }

  findText(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.find(bytes, 0, bytes.length);
  }

  addText(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.add(bytes, 0, bytes.length);
  }

  text(index: number): string {
    return this.#arena.toString('utf8', this.#start[index], this.#start[index + 1]);
  }

  /** Order of two entries by their bytes: negative, 0 or positive. */
  compare(a: number, b: number): number {
    return this.#arena.compare(
      this.#arena,
      this.#start[b],
      this.#start[b + 1],
      this.#start[a],
      this.#start[a + 1],
    );
  }

  #equals(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#start[index] as number;
    const length = to - from;
    if ((this.#start[index + 1] as number) - start !== length) return false;
    for (let i = 0; i < length; i += 1) {
      if (this.#arena[start + i] !== bytes[from + i]) return false;
    }
    return true;
  }

  #place(index: number, hash: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#slots[slot] = index;
  }

  #reserve(length: number): void {
    if (this.#used + length > this.#arena.length) {
      const larger = Buffer.alloc(Math.max(this.#arena.length * 2, this.#used + length));
      larger.set(this.#arena.subarray(0, this.#used));
      this.#arena = larger;
    }
    if (this.size + 2 > this.#start.length) {
      this.#start = enlarged(this.#start, new Float64Array(this.#start.length * 2));
      this.#hash = enlarged(this.#hash, new Uint32Array(this.#hash.length * 2));
    }
    if (this.size * 2 >= this.#slots.length) {
      this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
      for (let index = 0; index < this.size; index += 1) {
        this.#place(index, this.#hash[index] as number);
      }
    }
  }
}

/** FNV-1a, then a finisher: runs of neighbouring numbers must not fill runs of slots. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i += 1) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

type Numbers = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

function enlarged<T extends Numbers>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** A column of numbers that grows: `at` beyond the end is 0. */
export class NumberColumn<T extends Numbers> {
  length = 0;
  values: T;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T, capacity = 1024) {
    this.#make = make;
    this.values = make(capacity);
  }

  push(value: number): void {
    this.set(this.length, value);
  }

  set(index: number, value: number): void {
    if (index >= this.values.length) {
      const capacity = Math.max(index + 1, this.values.length * 2);
      this.values = enlarged(this.values, this.#make(capacity));
    }
    this.values[index] = value;
    if (index >= this.length) this.length = index + 1;
  }

  at(index: number): number {
    return index < this.length ? (this.values[index] as number) : 0;
  }

  /** The values, without the room to grow. */
  done(): T {
    return this.values.slice(0, this.length) as T;
  }
}

/** A set of line numbers, one bit each. */
export class LineSet {
  size = 0;
  #bits = new Uint8Array(128);

  add(line: number): void {
    const byte = line >>> 3;
    if (byte >= this.#bits.length) {
      this.#bits = enlarged(this.#bits, new Uint8Array(Math.max(byte + 1, this.#bits.length * 2)));
    }
    const bit = 1 << (line & 7);
    if (((this.#bits[byte] as number) & bit) === 0) this.size += 1;
    this.#bits[byte] = (this.#bits[byte] as number) | bit;
  }

  has(line: number): boolean {
    return (((this.#bits[line >>> 3] ?? 0) as number) & (1 << (line & 7))) !== 0;
  }
}
