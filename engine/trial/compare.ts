/**
 * Two results of one world side by side: who gains a place, who loses one, who changes place, and
 * what the reasons at the contested choice were before and after.
 */
import type { DispatchResult } from '../dispatch/result.ts';
import type { World } from '../dispatch/world.ts';

/**
 * - `gained` 新投出 · `lost` 不再投出 · `better`, `worse`: placed by an earlier, a later choice
 * - `major`: the same school, another suggested major · `reasons`: the same place, other reasons
 */
export const CHANGE_KINDS = [
  'same',
  'gained',
  'lost',
  'better',
  'worse',
  'major',
  'reasons',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

const [SAME, GAINED, LOST, BETTER, WORSE, MAJOR, REASONS] = CHANGE_KINDS.map((_, at) => at) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

export interface Comparison {
  readonly world: World;
  readonly before: DispatchResult;
  readonly after: DispatchResult;
  /** By participant: index into CHANGE_KINDS. */
  readonly kind: Uint8Array;
}

/**
 * @param world of both; of another season it may be `after`'s (move-season.ts): nobody takes part
 *   in one of them only
 */
export function compareResults(
  world: World,
  before: DispatchResult,
  after: DispatchResult,
): Comparison {
  const { participants } = before;
  if (participants.length !== after.participants.length) {
    throw new Error(`${participants.length} take part before, ${after.participants.length} after`);
  }
  const sameReason = sameReasons(before, after);
  const kind = new Uint8Array(participants.length);
  for (let at = 0; at < participants.length; at += 1) {
    kind[at] = kindOf(world, before, after, at, sameReason);
  }
  return { world, before, after, kind };
}

function kindOf(
  { choices }: World,
  before: DispatchResult,
  after: DispatchResult,
  at: number,
  sameReason: Int32Array,
): number {
  const was = before.placedChoice[at]!;
  const is = after.placedChoice[at]!;
  if (was === -1 && is !== -1) return GAINED;
  if (was !== -1 && is === -1) return LOST;
  if (is < was) return BETTER;
  if (is > was) return WORSE;
  if (was !== -1 && before.suggestedMajor[at] !== after.suggestedMajor[at]) return MAJOR;
  const candidate = before.participants[at]!;
  const end = choices.first[candidate + 1]!;
  for (let choice = choices.first[candidate]!; choice < end; choice += 1) {
    if (sameReason[before.reasonOf[choice]!] !== after.reasonOf[choice]) return REASONS;
  }
  return SAME;
}

/** Index of a reason before → index of the same code after; -1: there is none. */
function sameReasons(before: DispatchResult, after: DispatchResult): Int32Array {
  return Int32Array.from(before.reasons, code => after.reasons.indexOf(code));
}

/**
 * The choice that a change is about: where the candidate would be placed, or was, whichever is the
 * earlier one; of other kinds, where both are.
 *
 * @returns -1 where the candidate is placed nowhere in either
 */
export function contestedChoice({ before, after }: Comparison, at: number): number {
  const was = before.placedChoice[at]!;
  const is = after.placedChoice[at]!;
  if (was === -1 || is === -1) return Math.max(was, is);
  return Math.min(was, is);
}

/** Code of the reason at a choice. */
export function reasonAt(result: DispatchResult, choice: number): string {
  return result.reasons[result.reasonOf[choice]!]!;
}

export function changeKind(comparison: Comparison, at: number): ChangeKind {
  return CHANGE_KINDS[comparison.kind[at]!]!;
}
