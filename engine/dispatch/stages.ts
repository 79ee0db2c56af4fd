/**
 * The two stages of rules in a run: of schools (dispatch.md §4.4) and of majors (§6). Every code of
 * a rule comes from here, decided by json-rules-engine through the table of situations, and a
 * random sample is decided again by the engine itself.
 */
import type { CompiledStage, Pairs } from '../rules/stage.ts';
import { textAt } from './bytes.ts';
import { fail } from './errors.ts';
import type { World } from './world.ts';

export interface Recheck {
  readonly random: () => number;
  /** How many pairs are decided again. */
  readonly sample: number;
}

/**
 * Decides the pairs whose entry in `out` is 0, and rechecks a sample of them.
 *
 * @returns how many were rechecked
 * @throws recheck-mismatch
 */
export async function decidePairs(
  stage: CompiledStage,
  world: World,
  pairs: Pairs,
  out: Uint8Array,
  codeIndex: (code: string) => number,
  recheck: Recheck,
): Promise<number> {
  if (pairs.count === 0) return 0;
  await stage.decide(pairs, out, codeIndex);
  if (recheck.sample === 0) return 0;
  const { sample, random } = recheck;
  const { compared, mismatches } = await stage.recheck(pairs, out, codeIndex, sample, random);
  if (mismatches.length > 0) {
    const { pair, engine, table } = mismatches[0];
    throw fail('recheck-mismatch', {
      mismatches: mismatches.length,
      compared,
      candidate: textAt(world.candidates.number, pairs.candidate[pair]),
      engine,
      table,
    });
  }
  return compared;
}
