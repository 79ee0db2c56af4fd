/**
 * The order of the lottery (派位): HMAC-SHA256 with the drawn seed as key and the candidate number
 * as message, digests compared as bytes, low first (dispatch.md §2). Anybody with the seed and the
 * numbers can draw it again.
 */
import { createHmac, createSecretKey } from 'node:crypto';
import { compareRanges } from './bytes.ts';
import { sortByCode } from './sort.ts';
import type { ByteColumn } from './world.ts';

const DIGEST_BYTES = 32;

/**
 * Sorts entries by their digests.
 *
 * @param order participant indexes; of equal digests (there are none in practice) the former stays
 *   first
 * @param candidateOf participant → candidate index
 */
export function sortByLottery(
  order: Uint32Array,
  candidateOf: Uint32Array,
  numbers: ByteColumn,
  seed: string,
): Uint32Array {
  const key = createSecretKey(Buffer.from(seed, 'utf8'));
  const digests = new Uint8Array(order.length * DIGEST_BYTES);
  const high = new Uint32Array(order.length);
  const low = new Uint32Array(order.length);
  for (let at = 0; at < order.length; at += 1) {
    const candidate = candidateOf[order[at]];
    const message = numbers.bytes.subarray(numbers.start[candidate], numbers.start[candidate + 1]);
    const digest = createHmac('sha256', key).update(message).digest();
    digests.set(digest, at * DIGEST_BYTES);
    high[at] = digest.readUInt32BE(0);
    low[at] = digest.readUInt32BE(4);
  }
  let places: Uint32Array = new Uint32Array(order.length);
  for (let at = 0; at < places.length; at += 1) places[at] = at;
  places = sortByCode(sortByCode(places, low, 0xffff_ffff), high, 0xffff_ffff);
  settleLongRuns(places, digests, high, low);
  return places.map(at => order[at]);
}

/** The first 8 bytes decide for all but one pair in billions; the rest is compared in full. */
function settleLongRuns(
  places: Uint32Array,
  digests: Uint8Array,
  high: Uint32Array,
  low: Uint32Array,
): void {
  const same = (a: number, b: number) => high[a] === high[b] && low[a] === low[b];
  const compare = (a: number, b: number) => {
    const one = a * DIGEST_BYTES;
    const two = b * DIGEST_BYTES;
    return compareRanges(digests, one, one + DIGEST_BYTES, digests, two, two + DIGEST_BYTES);
  };
  for (let from = 0; from < places.length; from += 1) {
    let to = from + 1;
    while (to < places.length && same(places[to], places[from])) to += 1;
    if (to - from > 1) {
      places.set(Array.from(places.subarray(from, to)).sort(compare), from);
      from = to - 1;
    }
  }
}
