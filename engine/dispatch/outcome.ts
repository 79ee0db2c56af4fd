/**
 * From the placing to what a run gives out (dispatch.md §7): a reason per choice, lists, schools,
 * counts.
 */
import { ABSENT } from '../decimal.ts';
import { fixedReason } from './eligibility.ts';
import type { Field } from './modes/field.ts';
import type { Places } from './places.ts';
import type { DispatchResult, SchoolOutcome } from './result.ts';

const NOT_REACHED = fixedReason('not-reached');
const PLACED = fixedReason('placed');
const FULL = fixedReason('full');
const CLOSED_BY_TIE = fixedReason('closed-by-tie');
const BELOW_BANDS = fixedReason('below-bands');
const EARLIER_OPEN = fixedReason('earlier-choice-open');

/** How a participant left the run, beside being placed or not. */
export interface Marks {
  /** By participant: 1 where the score is below the last band. */
  readonly belowBands: Uint8Array;
  /** By participant: 1 where an earlier choice is open (one school only). */
  readonly passedOver: Uint8Array;
}

/**
 * One reason per choice. Once a school is full it stays full, and once closed closed; so what kept
 * a participant out can be read from the schools as the run leaves them, in every mode.
 *
 * In a run for one school, choices of other schools can't be granted: they have their code of §4,
 * `full` where there was no room before the run, or were not reached.
 */
export function reasonsOf(field: Field, roomBefore: Int32Array, marks: Marks): Uint8Array {
  const { choices, participants, refusal, only } = field;
  const reasons = new Uint8Array(choices.count);
  const barAt = (choice: number): number => {
    if (refusal[choice] !== 0) return refusal[choice];
    const school = choices.school[choice];
    if (only !== -1 && school !== only) return roomBefore[school] > 0 ? NOT_REACHED : FULL;
    return field.closed[school] === 1 ? CLOSED_BY_TIE : FULL;
  };
  for (let participant = 0; participant < participants.length; participant += 1) {
    const from = choices.first[participants[participant]];
    const to = choices.first[participants[participant] + 1];
    if (marks.belowBands[participant] === 1) {
      reasons.fill(BELOW_BANDS, from, to);
      continue;
    }
    const placed = field.placed[participant];
    const end = placed === -1 ? to : placed;
    for (let choice = from; choice < end; choice += 1) {
      const passed = marks.passedOver[participant] === 1 && choices.school[choice] === only;
      reasons[choice] = passed ? EARLIER_OPEN : barAt(choice);
    }
    if (placed !== -1) {
      reasons[placed] = PLACED;
      reasons.fill(NOT_REACHED, placed + 1, to);
    }
  }
  return reasons;
}

/** By school: the participants sent there, in rank order, equals by candidate number. */
export function sentLists(field: Field, order: Uint32Array): Uint32Array[] {
  const { choices, placed } = field;
  const sent = new Uint32Array(field.room.length);
  for (const choice of placed) if (choice !== -1) sent[choices.school[choice]] += 1;
  const lists = Array.from(sent, count => new Uint32Array(count));
  const next = new Uint32Array(field.room.length);
  for (const participant of order) {
    if (placed[participant] === -1) continue;
    const school = choices.school[placed[participant]];
    lists[school][next[school]] = participant;
    next[school] += 1;
  }
  return lists;
}

/** Schools with a plan line here, by code, with their dispatch lists numbered in that order. */
export function schoolOutcomes(
  field: Field,
  places: Places,
  roomBefore: Int32Array,
  lists: readonly Uint32Array[],
  score: Int32Array,
): { schools: SchoolOutcome[]; numbered: Uint32Array[] } {
  const schools: SchoolOutcome[] = [];
  const numbered: Uint32Array[] = [new Uint32Array(0)];
  for (let school = 0; school < lists.length; school += 1) {
    if (places.lineFirst[school] === places.lineFirst[school + 1]) continue;
    const list = lists[school];
    let lowestScore = ABSENT;
    let lastOrdinal = 0;
    for (const participant of list) {
      const own = score[participant];
      if (own !== ABSENT && (lowestScore === ABSENT || own < lowestScore)) lowestScore = own;
      lastOrdinal = Math.max(lastOrdinal, field.choices.ordinal[field.placed[participant]]);
    }
    if (list.length > 0) numbered.push(list);
    schools.push({
      school,
      list: list.length === 0 ? 0 : numbered.length - 1,
      planned: places.planned[school],
      flexible: places.flexible[school],
      roomBefore: roomBefore[school],
      roomAfter: field.room[school],
      sent: list.length,
      lowestScore,
      lastOrdinal,
      overrun: Math.max(0, list.length - Math.max(0, roomBefore[school])),
      closedByTie: field.closed[school] === 1,
    });
  }
  return { schools, numbered };
}

export function countsOf(
  field: Field,
  reasonOf: Uint8Array,
  reasons: readonly string[],
): DispatchResult['counts'] {
  const { choices, participants } = field;
  const perReason = new Float64Array(reasons.length);
  let count = 0;
  let placed = 0;
  for (let participant = 0; participant < participants.length; participant += 1) {
    if (field.placed[participant] !== -1) placed += 1;
    const from = choices.first[participants[participant]];
    const to = choices.first[participants[participant] + 1];
    for (let choice = from; choice < to; choice += 1) perReason[reasonOf[choice]] += 1;
    count += to - from;
  }
  const named: Record<string, number> = {};
  reasons.forEach((reason, at) => {
    if (perReason[at] > 0) named[reason] = perReason[at];
  });
  return {
    participants: participants.length,
    placed,
    unplaced: participants.length - placed,
    choices: count,
    reasons: named,
  };
}
