/**
 * The lottery drawn again: HMAC-SHA256(seed, candidate number), low first (dispatch.md §2).
 */
import { createHmac } from 'node:crypto';
import type { ByteColumn } from '../world.ts';

export class LotteryDraw {
  readonly #seed: string;
  readonly #numbers: ByteColumn;

  constructor(seed: string, numbers: ByteColumn) {
    this.#seed = seed;
    this.#numbers = numbers;
  }

  /** The 32 bytes that order one candidate. */
  digest(candidate: number): Buffer {
    const { bytes, start } = this.#numbers;
    const number = bytes.subarray(start[candidate], start[candidate + 1]);
    return createHmac('sha256', this.#seed).update(number).digest();
  }
}

/** The digests of many candidates, 32 bytes each, one after the other. */
export function drawDigests(draw: LotteryDraw, candidates: Uint32Array): Uint8Array {
  const digests = new Uint8Array(candidates.length * 32);
  for (let at = 0; at < candidates.length; at += 1) {
    digests.set(draw.digest(candidates[at]), at * 32);
  }
  return digests;
}
