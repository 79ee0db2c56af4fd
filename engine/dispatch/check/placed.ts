/**
 * First pass over the placed: how many each school was sent, and the last of them by the order in
 * which the mode fills a school. That order is one number, the *key*: the position alone where
 * choices are read from the candidate (score-first, lottery), and (band, ordinal, position) where
 * they are read from the school (choice-first, banded). With it, no envy and no waste are the same
 * comparison in every mode: who found a school full must stand behind the last that it took.
 */
import { ABSENT } from '../../decimal.ts';
import { type Checking, REASON } from './checking.ts';

/** Positions below this fit a key exactly beside band and ordinal: 2⁵³ = 2¹³ · 2¹⁶ · 2²⁴. */
const POSITIONS_MAX = 2 ** 24;
const ORDINALS_MAX = 2 ** 16;

/** By school index. */
export interface Taken {
  readonly sent: Int32Array;
  /** Key of the last placed; -1: none. */
  readonly lastKey: Float64Array;
  /** How many of the placed have the last key. */
  readonly atLast: Int32Array;
  readonly lowestScore: Int32Array;
  readonly lastOrdinal: Int32Array;
  /** The school where a participant is placed, by participant; -1: nowhere. */
  readonly schoolOf: Int32Array;
  /** Band by participant; the number of bands where below the last, 0 where there are none. */
  readonly band: Uint16Array;
}

export function keyOf(
  checking: Checking,
): (position: number, ordinal: number, band: number) => number {
  const { mode } = checking.batch.dispatch;
  if (mode === 'score-first' || mode === 'lottery') return position => position;
  return (position, ordinal, band) => (band * ORDINALS_MAX + ordinal) * POSITIONS_MAX + position;
}

export function checkPlaced(checking: Checking): Taken {
  const { world, result, found, only, score } = checking;
  const { participants, placedChoice, position, reasonOf } = result;
  const { first, school: schoolAt, ordinal } = world.choices;
  const key = keyOf(checking);
  const taken = nothingTaken(checking);
  for (let p = 0; p < participants.length; p += 1) {
    const choice = placedChoice[p];
    if (choice < 0) continue;
    const candidate = participants[p];
    if (choice < first[candidate] || choice >= first[candidate + 1]) {
      found.add('P5', 'not-own-choice', -1, candidate);
      continue;
    }
    const school = schoolAt[choice];
    if (school >= world.schools.length || (only >= 0 && school !== only)) {
      found.add('P5', 'school-not-open', school, candidate);
      continue;
    }
    if (reasonOf[choice] !== REASON.placed) found.add('P1', 'placed-unmarked', school, candidate);
    taken.schoolOf[p] = school;
    taken.sent[school] += 1;
    const here = key(position[p], ordinal[choice], taken.band[p]);
    if (here > taken.lastKey[school]) {
      taken.lastKey[school] = here;
      taken.atLast[school] = 1;
    } else if (here === taken.lastKey[school]) taken.atLast[school] += 1;
    const points = score[candidate];
    const lowest = taken.lowestScore[school];
    if (points !== ABSENT && (lowest === ABSENT || points < lowest)) {
      taken.lowestScore[school] = points;
    }
    if (ordinal[choice] > taken.lastOrdinal[school]) taken.lastOrdinal[school] = ordinal[choice];
  }
  return taken;
}

function nothingTaken(checking: Checking): Taken {
  const { world, result } = checking;
  const schools = world.schools.length;
  return {
    sent: new Int32Array(schools),
    lastKey: new Float64Array(schools).fill(-1),
    atLast: new Int32Array(schools),
    lowestScore: new Int32Array(schools).fill(ABSENT),
    lastOrdinal: new Int32Array(schools),
    schoolOf: new Int32Array(result.participants.length).fill(-1),
    band: bandsOf(checking),
  };
}

function bandsOf({ batch, result, score }: Checking): Uint16Array {
  const { mode, bands } = batch.dispatch;
  const band = new Uint16Array(result.participants.length);
  if (mode !== 'banded') return band;
  for (let p = 0; p < band.length; p += 1) {
    const points = score[result.participants[p]];
    while (band[p] < bands.length && points < bands[band[p]]) band[p] += 1;
  }
  return band;
}

/**
 * Capacity (P2): nobody beyond the room, but for equals of the last place where the policy follows
 * ties 同分跟进; they are counted apart, as the overrun.
 */
export function checkCapacity({ batch, schools, found, result }: Checking, taken: Taken): void {
  const { mode, ties } = batch.dispatch;
  const follows = mode !== 'lottery' && ties.ending === 'follow';
  for (let school = 0; school < taken.sent.length; school += 1) {
    const sent = taken.sent[school];
    if (sent === 0) continue;
    const room = schools.room[school];
    const fits = follows ? sent - taken.atLast[school] < room : sent <= room;
    if (fits) continue;
    taken.schoolOf.forEach((at, p) => {
      if (at === school) found.add('P2', 'over-room', school, result.participants[p]);
    });
  }
}
