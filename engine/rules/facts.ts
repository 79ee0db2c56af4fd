/**
 * How rules see facts: as columns over the entities of one scope. A run constant has one entity.
 * engine/dispatch makes the columns (facts-of-world.ts there); engine/rules reads them.
 */
import type { FactValue } from '../policy/types.ts';

/**
 * What a fact belongs to in one run.
 * - `run`: one value (today, batch.id, city.code, …)
 * - `candidate`: by participant or candidate index
 * - `school`: by school index: everything that is constant for city × batch × school (school.*,
 *   line.*, plan.* of §4)
 * - `major`: by plan-line index (major.*, plan.* of §6)
 * - `choice`: by choice index (choice.ordinal, choice.adjustment)
 */
export type FactScope = 'run' | 'candidate' | 'school' | 'major' | 'choice';

/** One fact over all entities of its scope, dictionary-coded: few values, many entities. */
export interface FactColumn {
  readonly scope: FactScope;
  /** Distinct values, as the engine sees them: points (not hundredths), booleans, text, null. */
  readonly values: readonly FactValue[];
  /** Entity → index into `values`. */
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
}

/** Gives the column of a fact; called once per fact that a rule reads, and cached by the caller. */
export type FactSource = (fact: string) => FactColumn;
