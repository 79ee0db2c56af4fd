/** What a draw of lots rests on: the applicants as the run will read them, and a seed. */
import { createHash } from 'node:crypto';
import { inputHash } from '../../../engine/dispatch/package-of-world.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { readWorld } from '../../nightly/dispatch/world.ts';

/** Bits of randomness in a seed: as many as the key of HMAC-SHA256 can hold. */
const SEED_BITS = 256;
/** Bits that one random number gives: those of its mantissa that any generator fills. */
const BITS_PER_NUMBER = 32;

/** The hash of the round's input, by the very code that hashes the run's (dispatch.md §7). */
export async function applicantsHash<I>(
  act: Act<I>,
  { city, batch, round }: { readonly city: string; readonly batch: Batch; readonly round: number },
): Promise<string> {
  const { season, businessDate: date, policy } = act;
  const key = { season, city, batch: batch.id, round, date };
  const { world } = await act.asRunner(session => readWorld(session, key, policy));
  return inputHash(world);
}

/**
 * A seed: 256 random bits, mixed with what it is drawn for. The mixing adds no chance; it makes
 * two draws differ even where a generator repeats itself.
 */
export function drawSeed(random: () => number, drawnFor: readonly (string | number)[]): string {
  const bits = new Uint32Array(SEED_BITS / BITS_PER_NUMBER).map(() =>
    Math.floor(random() * 2 ** BITS_PER_NUMBER),
  );
  const hash = createHash('sha256').update(new Uint8Array(bits.buffer));
  return hash.update(JSON.stringify(drawnFor)).digest('hex');
}
