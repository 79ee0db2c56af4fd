/** The smallest amount that has an effect, each answer by a test of its own. */

export interface Search {
  /** Amounts are 1 … max. */
  readonly max: number;
  /** Where the effect may begin; a good guess saves tests. */
  readonly guess?: number;
  /** More never undoes the effect. */
  readonly rising: boolean;
  /** Tests that a search by trying one amount after the other may take. */
  readonly scanMax: number;
}

export interface Smallest {
  readonly amount: number;
  /** Every smaller amount is known to have no effect: tried, or below one tried where it rises. */
  readonly proven: boolean;
}

/**
 * Finds the smallest amount.
 *
 * @returns null where none up to `max` has the effect, or – not rising, and more than `scanMax` to
 *   try – none that was tried
 */
export async function smallest(
  test: (amount: number) => Promise<boolean>,
  search: Search,
): Promise<Smallest | null> {
  const { max, rising, scanMax } = search;
  if (max < 1) return null;
  if (rising) return byHalving(test, 0, search);
  const scanned = Math.min(max, scanMax);
  for (let amount = 1; amount <= scanned; amount += 1) {
    if (await test(amount)) return { amount, proven: true };
  }
  if (scanned === max) return null;
  const found = await byHalving(test, scanned, search);
  return found === null ? null : { ...found, proven: false };
}

/** @param none an amount that has no effect */
async function byHalving(
  test: (amount: number) => Promise<boolean>,
  none: number,
  { max, guess }: Search,
): Promise<Smallest | null> {
  let low = none;
  let high = max + 1;
  const narrow = async (amount: number) => {
    if (amount <= low || amount >= high) return;
    if (await test(amount)) high = amount;
    else low = amount;
  };
  if (guess !== undefined) {
    await narrow(guess);
    // Right or left of the guess, in steps that double.
    for (let by = 1; low < guess && high <= guess && by <= max; by *= 2) {
      const before = low;
      await narrow(high - by);
      if (low !== before) break;
    }
    for (let by = 1; low >= guess && high > max && low + by <= max; by *= 2) {
      await narrow(low + by);
    }
  }
  if (high > max) await narrow(max);
  if (high > max) return null;
  while (high - low > 1) await narrow(low + Math.floor((high - low) / 2));
  return { amount: high, proven: true };
}
