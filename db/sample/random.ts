/**
 * Random numbers of the sample: a stream of its own for each (seed, part, city, candidate), so that
 * any part of any candidate can be made alone, in any order, and comes out the same.
 */

/** What a stream is for; the numbers are part of what a seed means. */
export const PARTS = {
  reference: 1,
  core: 2,
  person: 3,
  marks: 4,
  choices: 5,
  preferences: 6,
} as const;

/** The finishing step of splitmix32: every input bit moves every output bit. */
function mix(value: number): number {
  let t = value ^ (value >>> 16);
  t = Math.imul(t, 0x21f0aaad);
  t ^= t >>> 15;
  t = Math.imul(t, 0x735a2d97);
  return t ^ (t >>> 15);
}

/** One stream, moved from place to place by `seek` instead of being made anew. */
export class Stream {
  #state = 0;
  #step = 1;
  readonly #origin: number;

  constructor(seed: number, part: number) {
    this.#origin = mix(Math.imul(seed, 0x9e3779b1) ^ Math.imul(part, 0x85ebca6b));
  }

  /** Goes to the beginning of the numbers of one item. */
  seek(city: number, item: number): this {
    const place = mix(this.#origin ^ Math.imul(city + 1, 0xc2b2ae35)) + item;
    this.#state = mix(place);
    // An odd step of its own, so that two items never run into each other's numbers.
    this.#step = mix(this.#state ^ 0x5bd1e995) | 1;
    return this;
  }

  /** 32 random bits, as a non-negative integer. */
  bits(): number {
    this.#state = (this.#state + this.#step) | 0;
    return mix(this.#state) >>> 0;
  }

  /** In [0, 1). */
  real(): number {
    return this.bits() / 4294967296;
  }

  /** In [0, below), an integer. */
  below(limit: number): number {
    return (this.real() * limit) | 0;
  }

  chance(probability: number): boolean {
    return this.real() < probability;
  }

  /** Nearly normal, mean 0, deviation 1, within ±3.5: the sum of the four bytes of one draw. */
  normal(): number {
    const bits = this.bits();
    const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
    return (sum - 510) / 147.8;
  }
}

/** Draws an index by weight in constant time (Walker's alias method). */
export class Weighted {
  readonly #share: Float64Array;
  readonly #alias: Int32Array;

  constructor(weights: readonly number[]) {
    const count = weights.length;
    const sum = weights.reduce((total, weight) => total + weight, 0);
    const share = Float64Array.from(weights, weight => (weight * count) / sum);
    const alias = Int32Array.from(weights, (_, index) => index);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < count; i += 1) (share[i] < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const less = small.pop() as number;
      const more = large[large.length - 1];
      alias[less] = more;
      share[more] -= 1 - share[less];
      if (share[more] < 1) small.push(large.pop() as number);
    }
    for (const rest of [...small, ...large]) share[rest] = 1;
    this.#share = share;
    this.#alias = alias;
  }

  draw(stream: Stream): number {
    const place = stream.real() * this.#share.length;
    const index = place | 0;
    return place - index < this.#share[index] ? index : this.#alias[index];
  }
}

/** Splits `total` into integers in proportion to the weights; they sum to it exactly. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((whole, weight) => whole + weight, 0);
  let before = 0;
  let given = 0;
  return weights.map(weight => {
    before += weight;
    const upTo = sum === 0 ? 0 : Math.round((total * before) / sum);
    const part = upTo - given;
    given = upTo;
    return part;
  });
}
