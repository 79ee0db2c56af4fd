/**
 * What confirmed preference features (照顾特征) give a candidate in this batch: bonus points, and a
 * priority among equals (dispatch.md §2).
 */
import { ABSENT } from '../decimal.ts';
import type { Policy } from '../policy/types.ts';
import type { World } from './world.ts';

/** By candidate index. */
export interface PreferencePoints {
  /** Hundredths; 0 without a feature. */
  readonly bonus: Int32Array;
  /** The best rank, negated, so that high comes first as with scores; ABSENT: none. */
  readonly priority: Int32Array;
}

export function preferencePoints(world: World, policy: Policy): PreferencePoints {
  const { combine, cap, features } = policy.preferences;
  const counting = new Map(
    features
      .filter(feature => feature.batches.includes(world.batch))
      .map(feature => [feature.id, feature]),
  );
  const bonus = new Int32Array(world.candidates.count);
  const priority = new Int32Array(world.candidates.count).fill(ABSENT);
  const hasBonus = new Uint8Array(world.candidates.count);
  for (const { candidate, feature: id, confirmedBy } of world.preferences) {
    const feature = counting.get(id);
    if (feature === undefined || confirmedBy === '') continue;
    if (feature.kind === 'priority') {
      priority[candidate] = Math.max(priority[candidate], -feature.rank);
    } else if (combine === 'sum' || hasBonus[candidate] === 0) {
      bonus[candidate] += feature.points;
      hasBonus[candidate] = 1;
    } else {
      bonus[candidate] = Math.max(bonus[candidate], feature.points);
    }
  }
  if (cap !== null) {
    for (let candidate = 0; candidate < bonus.length; candidate += 1) {
      bonus[candidate] = Math.min(bonus[candidate], cap);
    }
  }
  return { bonus, priority };
}

/**
 * The bonus of one candidate by confirmed features, for acts on a few files: what preferencePoints
 * gives each candidate of a run.
 *
 * @returns hundredths
 */
export function bonusOf(
  { combine, cap, features }: Policy['preferences'],
  batch: string,
  confirmed: readonly string[],
): number {
  const points = features
    .filter(each => each.kind === 'bonus' && each.batches.includes(batch))
    .filter(each => confirmed.includes(each.id))
    .map(each => each.points);
  if (points.length === 0) return 0;
  const sum = combine === 'sum' ? points.reduce((a, b) => a + b, 0) : Math.max(...points);
  return cap === null ? sum : Math.min(sum, cap);
}

/** `score = total + bonus` by candidate, hundredths; ABSENT without a total. */
export function scoresOf(world: World, bonus: Int32Array): Int32Array {
  const { total } = world.candidates;
  const score = new Int32Array(total.length);
  for (let candidate = 0; candidate < score.length; candidate += 1) {
    score[candidate] = total[candidate] === ABSENT ? ABSENT : total[candidate] + bonus[candidate];
  }
  return score;
}
