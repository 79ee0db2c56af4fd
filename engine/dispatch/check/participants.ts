/**
 * Every participant and only participants (dispatch.md §1), with the score that the check has
 * counted itself, in an order that agrees with the positions.
 */
import { ABSENT } from '../../decimal.ts';
import type { Checking } from './checking.ts';
import { drawDigests, LotteryDraw } from './draw.ts';

/** Files in the pool with a choice in the batch and no open application, and nobody else. */
export function checkParticipants({ world, result, only, found }: Checking): void {
  const { candidates, choices } = world;
  const { participants } = result;
  let at = 0;
  for (let candidate = 0; candidate < candidates.count; candidate += 1) {
    const from = choices.first[candidate];
    const to = choices.first[candidate + 1];
    let takesPart =
      candidates.state[candidate] === 0 &&
      candidates.openApplications[candidate] === 0 &&
      to > from;
    if (takesPart && only >= 0) {
      takesPart = false;
      for (let choice = from; choice < to; choice += 1) {
        if (choices.school[choice] === only) takesPart = true;
      }
    }
    const isIn = at < participants.length && participants[at] === candidate;
    if (isIn) at += 1;
    if (isIn && !takesPart) found.add('P5', 'not-in-pool', -1, candidate);
    if (!isIn && takesPart) found.add('P7', 'participant-missing', -1, candidate);
  }
  for (; at < participants.length; at += 1) {
    found.add('P1', 'participant-twice', -1, participants[at]);
  }
}

/** Score of each participant as recounted; -1 position only without a total, and never by lot. */
export function checkScores({ batch, result, score, found }: Checking): void {
  const byLot = batch.dispatch.mode === 'lottery';
  const { participants, position } = result;
  for (let p = 0; p < participants.length; p += 1) {
    const candidate = participants[p];
    if (result.score[p] !== score[candidate]) found.add('P3', 'score', -1, candidate);
    const ranked = byLot || score[candidate] !== ABSENT;
    if (ranked !== position[p] > 0) found.add('P3', 'position', -1, candidate);
  }
}

/**
 * Checks that the positions are those of the rank order, by putting the participants at their
 * positions and looking at neighbours: no sort is needed to see that something is sorted.
 *
 * @returns participants (not candidates) in rank order, equals by candidate number
 */
export function checkPositions(checking: Checking): Uint32Array {
  const { batch, result, found } = checking;
  const { participants, position } = result;
  const order = byPosition(position);
  if (order === undefined) {
    found.add('P3', 'position', -1, -1);
    return new Uint32Array(0);
  }
  const compare = batch.dispatch.mode === 'lottery' ? lotteryOrder(checking) : rankOrder(checking);
  let groupStart = 0;
  for (let at = 0; at < order.length; at += 1) {
    const p = order[at];
    const equal = at > 0 && position[p] === position[order[at - 1]];
    if (!equal) groupStart = at;
    if (position[p] !== groupStart + 1) found.add('P3', 'position', -1, participants[p]);
    if (at === 0) continue;
    const difference = compare(order[at - 1], p);
    if (difference > 0) found.add('P3', 'rank', -1, participants[p]);
    else if ((difference === 0) !== equal) found.add('P6', 'equals', -1, participants[p]);
  }
  return order;
}

/** Counting sort; undefined where a position lies beyond the number of those who have one. */
function byPosition(position: Uint32Array): Uint32Array | undefined {
  let ranked = 0;
  for (let p = 0; p < position.length; p += 1) if (position[p] > 0) ranked += 1;
  const place = new Uint32Array(ranked + 2);
  for (let p = 0; p < position.length; p += 1) {
    if (position[p] > ranked) return undefined;
    if (position[p] > 0) place[position[p] + 1] += 1;
  }
  for (let at = 1; at < place.length; at += 1) place[at] += place[at - 1];
  const order = new Uint32Array(ranked);
  for (let p = 0; p < position.length; p += 1) {
    if (position[p] > 0) order[place[position[p]]++] = p;
  }
  return order;
}

type Compare = (a: number, b: number) => number;

/** Negative: participant a stands before b. */
function rankOrder({ result, score, keys }: Checking): Compare {
  const { participants } = result;
  return (a, b) => {
    const first = participants[a];
    const second = participants[b];
    if (score[first] !== score[second]) return score[second] - score[first];
    for (const key of keys) {
      if (key[first] !== key[second]) return key[second] - key[first];
    }
    return 0;
  };
}

function lotteryOrder({ world, batch, result }: Checking): Compare {
  const draw = new LotteryDraw(batch.dispatch.seed ?? '', world.candidates.number);
  const digests = drawDigests(draw, result.participants);
  return (a, b) => {
    for (let byte = 0; byte < 32; byte += 1) {
      const difference = digests[a * 32 + byte] - digests[b * 32 + byte];
      if (difference !== 0) return difference;
    }
    return 0;
  };
}
