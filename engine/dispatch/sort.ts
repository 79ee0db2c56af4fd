/**
 * Stable sorts of index arrays by typed keys. A comparator costs a call per comparison, and one
 * over a million candidates with four tie keys takes seconds; counting sorts take milliseconds,
 * and being stable they give "equals by candidate number" for nothing.
 */
import { ABSENT } from '../decimal.ts';
import type { ByteColumn } from './world.ts';

/** Large digits need few passes, but a table of 65,536 counts: not for a handful of entries. */
const WIDE_DIGIT_BITS = 16;
const NARROW_DIGIT_BITS = 8;
const WIDE_FROM_ENTRIES = 4096;

/** The indexes 0 … count − 1. */
export function identity(count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) order[at] = at;
  return order;
}

/** One stable pass: `order` by `keyOf` of each entry's code, `buckets` codes in all. */
function countingPass(
  order: Uint32Array,
  codes: Uint32Array | Uint16Array,
  shift: number,
  buckets: number,
): Uint32Array {
  const mask = buckets - 1;
  const place = new Uint32Array(buckets);
  for (let at = 0; at < order.length; at += 1) place[(codes[order[at]] >>> shift) & mask] += 1;
  let sum = 0;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const count = place[bucket];
    place[bucket] = sum;
    sum += count;
  }
  const sorted = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at += 1) {
    const entry = order[at];
    const bucket = (codes[entry] >>> shift) & mask;
    sorted[place[bucket]] = entry;
    place[bucket] += 1;
  }
  return sorted;
}

/**
 * Sorts `order` by unsigned codes, low first, stably.
 *
 * @param codes by entry
 * @param largest the largest code; digits above it are not looked at
 */
export function sortByCode(order: Uint32Array, codes: Uint32Array, largest: number): Uint32Array {
  let sorted = order;
  const bits = order.length < WIDE_FROM_ENTRIES ? NARROW_DIGIT_BITS : WIDE_DIGIT_BITS;
  for (let shift = 0; shift < 32 && largest >= 2 ** shift; shift += bits) {
    sorted = countingPass(sorted, codes, shift, 2 ** bits);
  }
  return sorted;
}

/** Sorts `order` by values in hundredths, high first, ABSENT last, stably. */
export function sortFalling(order: Uint32Array, values: Int32Array): Uint32Array {
  let lowest = 2 ** 31;
  let highest = -(2 ** 31);
  for (let at = 0; at < order.length; at += 1) {
    const value = values[order[at]];
    if (value === ABSENT) continue;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  if (highest < lowest) return order;
  const codes = new Uint32Array(values.length);
  const absent = highest - lowest + 1;
  for (let at = 0; at < order.length; at += 1) {
    const value = values[order[at]];
    codes[order[at]] = value === ABSENT ? absent : highest - value;
  }
  return sortByCode(order, codes, absent);
}

/**
 * Sorts `order` by the bytes of each entry, low first, a prefix before what it begins: one counting
 * pass per byte position at which the entries differ, from the last to the first.
 */
export function sortByBytes(order: Uint32Array, column: ByteColumn): Uint32Array {
  const { bytes, start } = column;
  let longest = 0;
  for (let at = 0; at < order.length; at += 1) {
    longest = Math.max(longest, start[order[at] + 1] - start[order[at]]);
  }
  let sorted = order;
  const codes = new Uint16Array(start.length);
  for (let position = longest - 1; position >= 0; position -= 1) {
    let differing = 0;
    let former = -1;
    for (let at = 0; at < order.length; at += 1) {
      const entry = order[at];
      const byte = start[entry] + position;
      // 0: the entry has ended; so a prefix stands first.
      const code = byte < start[entry + 1] ? bytes[byte] + 1 : 0;
      codes[entry] = code;
      if (former !== -1 && code !== former) differing = 1;
      former = code;
    }
    if (differing === 1) sorted = countingPass(sorted, codes, 0, 512);
  }
  return sorted;
}
