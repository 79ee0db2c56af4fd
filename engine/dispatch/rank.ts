/**
 * The rank of a run (dispatch.md §2): score, then the batch's tie keys, all high first. Candidates
 * with the same score and the same values for all keys are equal and share a position.
 */
import { ABSENT } from '../decimal.ts';
import type { DispatchRules, TieKey } from '../policy/types.ts';
import { sortByLottery } from './lottery.ts';
import { identity, sortByCode, sortFalling } from './sort.ts';
import type { World } from './world.ts';

export interface Ranking {
  /**
   * Participant indexes from the top; equals by candidate number. Without those who have no rank.
   */
  readonly order: Uint32Array;
  /** By participant: 1-based, equals share the lowest (1, 2, 2, 4); 0: no rank. */
  readonly position: Uint32Array;
  /** `order` with equals in the order in which they are handled: by the tie ending. */
  readonly handled: Uint32Array;
}

/**
 * @param participants candidate indexes, ascending
 * @param score by participant
 * @param priority by candidate, negated ranks
 */
export function rank(
  world: World,
  rules: DispatchRules,
  participants: Uint32Array,
  score: Int32Array,
  priority: Int32Array,
): Ranking {
  const everybody = identity(participants.length);
  const position = new Uint32Array(participants.length);
  if (rules.mode === 'lottery') {
    const number = world.candidates.number;
    const order = sortByLottery(everybody, participants, number, rules.seed ?? '');
    for (let at = 0; at < order.length; at += 1) position[order[at]] = at + 1;
    return { order, position, handled: order };
  }
  const keys = [score, ...rules.ties.keys.map(key => keyOf(world, key, participants, priority))];
  // Stable passes from the last key to the first; what they leave in place is in the order of the
  // candidate numbers, which is the order of the participants.
  let order: Uint32Array = everybody.filter(participant => score[participant] !== ABSENT);
  for (const key of keys.toReversed()) order = sortFalling(order, key);
  for (let at = 0; at < order.length; at += 1) {
    const tied = at > 0 && isEqual(keys, order[at], order[at - 1]);
    position[order[at]] = tied ? position[order[at - 1]] : at + 1;
  }
  const handled =
    rules.ties.ending === 'lottery'
      ? drawn(world, rules.seed ?? '', participants, order, position)
      : order;
  return { order, position, handled };
}

function isEqual(keys: readonly Int32Array[], one: number, other: number): boolean {
  for (const key of keys) if (key[one] !== key[other]) return false;
  return true;
}

/** Equals in the order of the lottery. Only those who have an equal need a digest. */
function drawn(
  world: World,
  seed: string,
  participants: Uint32Array,
  order: Uint32Array,
  position: Uint32Array,
): Uint32Array {
  const shared = order.filter(
    (participant, at) =>
      position[participant] === position[order[at - 1]] ||
      position[participant] === position[order[at + 1]],
  );
  const sorted = sortByLottery(shared, participants, world.candidates.number, seed);
  const byPosition = sortByCode(sorted, position, order.length);
  const handled = order.slice();
  let next = 0;
  for (let at = 0; at < handled.length && next < byPosition.length; at += 1) {
    if (position[handled[at]] === position[byPosition[next]]) {
      handled[at] = byPosition[next];
      next += 1;
    }
  }
  return handled;
}

/** The values of one tie key by participant; ABSENT is lowest. */
function keyOf(
  world: World,
  key: TieKey,
  participants: Uint32Array,
  priority: Int32Array,
): Int32Array {
  const values = new Int32Array(participants.length);
  if (key.kind === 'priority') {
    for (let at = 0; at < values.length; at += 1) values[at] = priority[participants[at]];
    return values;
  }
  for (const name of key.subjects) {
    const subject = world.subjects.findIndex(each => each.name === name);
    // A subject that the city does not have is missing for everybody.
    if (subject === -1) return values.fill(ABSENT);
    const marks = world.candidates.marks[subject];
    for (let at = 0; at < values.length; at += 1) {
      const mark = marks[participants[at]];
      values[at] = mark === ABSENT || values[at] === ABSENT ? ABSENT : values[at] + mark;
    }
  }
  return values;
}
