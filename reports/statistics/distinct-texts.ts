/**
 * Distinct texts of a long column, numbered as they come, without a string for each row: a million
 * rows have a few thousand of them.
 */

const FIRST_SLOTS = 1 << 12;
const FIRST_BYTES = 1 << 16;

export class DistinctTexts {
  /** Number of the text + 1; 0: free. Open addressing, at most half full. */
  #slots = new Int32Array(FIRST_SLOTS);
  #hashes: number[] = [];
  /** Where each text begins in the bytes; the next one's beginning is its end. */
  #starts: number[] = [0];
  #bytes = new Uint8Array(FIRST_BYTES);

  get size(): number {
    return this.#hashes.length;
  }

  /** The number of buffer[from … to), a new one where it is new. */
  numberOf(buffer: Uint8Array, from: number, to: number): number {
    let hash = 0;
    for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + buffer[at]) | 0;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    const mask = this.#slots.length - 1;
    let slot = (hash >>> 8) & mask;
    for (;;) {
      const number = this.#slots[slot] - 1;
      if (number < 0) break;
      if (this.#hashes[number] === hash && this.#isAt(number, buffer, from, to)) return number;
      slot = (slot + 1) & mask;
    }
    return this.#add(slot, hash, buffer.subarray(from, to));
  }

  /** All texts in the order of their numbers. */
  texts(): string[] {
    const decoder = new TextDecoder();
    return this.#hashes.map((_, number) =>
      decoder.decode(this.#bytes.subarray(this.#starts[number], this.#starts[number + 1])),
    );
  }

  #isAt(number: number, buffer: Uint8Array, from: number, to: number): boolean {
    const start = this.#starts[number] as number;
    const length = (this.#starts[number + 1] as number) - start;
    if (length !== to - from) return false;
    const bytes = this.#bytes;
    for (let at = 0; at < length; at += 1) {
      if (bytes[start + at] !== buffer[from + at]) return false;
    }
    return true;
  }

  #add(slot: number, hash: number, text: Uint8Array): number {
    const start = this.#starts.at(-1) as number;
    const end = start + text.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(text, start);
    this.#starts.push(end);
    this.#hashes.push(hash);
    this.#slots[slot] = this.size;
    if (this.size * 2 > this.#slots.length) this.#grow();
    return this.size - 1;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (const [number, hash] of this.#hashes.entries()) {
      let slot = (hash >>> 8) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}
