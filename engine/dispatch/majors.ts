/**
 * A suggested major for each file that this run sends to a school (dispatch.md §6).
 */
import type { DispatchRules } from '../policy/types.ts';
import { compareRanges } from './bytes.ts';
import type { MajorPairs } from './major-conditions.ts';
import type { Places } from './places.ts';
import { SUGGESTION_REASONS } from './result.ts';
import { ADJUSTMENTS, type ByteColumn, type World } from './world.ts';

const SPACE = 0x20;
const ACCEPTED = ADJUSTMENTS.indexOf(true);
const MAJORS_FULL = SUGGESTION_REASONS.indexOf('majors-full');
const MAJORS_REFUSED = SUGGESTION_REASONS.indexOf('majors-refused');
const NO_ADJUSTMENT = SUGGESTION_REASONS.indexOf('no-adjustment');

export interface MajorInput {
  readonly world: World;
  readonly rules: DispatchRules['majors'];
  readonly places: Places;
  /** UTF-8 codes of the plan lines. */
  readonly lineCodes: ByteColumn;
  readonly conditions: MajorPairs;
  /** By pair of `conditions`: not 0 where the major's own condition bars the file. */
  readonly barred: Uint8Array;
  /** Participant → choice, and → score in hundredths. */
  readonly placed: Int32Array;
  readonly score: Int32Array;
}

/** Files of one school, by their place on its list. */
interface School {
  readonly input: MajorInput;
  readonly school: number;
  /** Participants in rank order, equals by candidate number. */
  readonly list: Uint32Array;
  /** Listed majors of file f: wishes[first[f] … first[f + 1]), a plan line or -1: passed over. */
  readonly first: Uint32Array;
  readonly wishes: Int32Array;
  /** By line of the school, from its first one. */
  readonly room: Int32Array;
  /** Free flexible places. */
  free: number;
  /** By file: the line, or -1. */
  readonly line: Int32Array;
  /** By file: index into SUGGESTION_REASONS. */
  readonly reason: Uint8Array;
}

/**
 * Suggests a major to each file on one school's list.
 *
 * @returns by place on the list: the plan line or -1, and the reason where there is none
 */
export function suggestMajors(
  input: MajorInput,
  school: number,
  list: Uint32Array,
): { line: Int32Array; reason: Uint8Array } {
  const { places, world, rules } = input;
  const from = places.lineFirst[school];
  const room = Int32Array.from(world.lines.slice(from, places.lineFirst[school + 1]), (line, at) =>
    Math.max(0, line.planned - places.lineOccupied[from + at]),
  );
  const state: School = {
    input,
    school,
    list,
    ...wishesOf(input, school, list),
    room,
    free: places.flexibleFree[school],
    line: new Int32Array(list.length).fill(-1),
    reason: new Uint8Array(list.length),
  };
  if (rules.mode === 'score-first') {
    for (let file = 0; file < list.length; file += 1) {
      if (!takeFirstListed(state, file)) rest(state, file);
    }
    return state;
  }
  if (rules.mode === 'major-first') majorFirst(state);
  else byGap(state, rules.gap);
  for (let file = 0; file < list.length; file += 1) {
    if (state.line[file] === -1) rest(state, file);
  }
  return state;
}

/** Is the file barred from the line by the major's own condition? */
function isBarred(input: MajorInput, school: number, file: number, line: number): boolean {
  const { conditions, barred } = input;
  const slot = conditions.slot[line];
  if (slot === -1) return false;
  return barred[conditions.begin[school] + file * conditions.perFile[school] + slot] !== 0;
}

/** Reads the listed majors of every file; those passed over keep their place in the choice. */
function wishesOf(input: MajorInput, school: number, list: Uint32Array) {
  const { majors } = input.world.choices;
  const first = new Uint32Array(list.length + 1);
  const wishes: number[] = [];
  for (let file = 0; file < list.length; file += 1) {
    const choice = input.placed[list[file]];
    const end = majors.start[choice + 1];
    let from = majors.start[choice];
    while (from < end) {
      let to = from;
      while (to < end && majors.bytes[to] !== SPACE) to += 1;
      if (to > from) {
        const line = lineOf(input, school, majors.bytes, from, to);
        wishes.push(line === -1 || isBarred(input, school, file, line) ? -1 : line);
      }
      from = to + 1;
    }
    first[file + 1] = wishes.length;
  }
  return { first, wishes: Int32Array.from(wishes) };
}

/** The school's line of a major, by binary search: lines stand in the order of their codes. */
function lineOf(
  input: MajorInput,
  school: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const { lineFirst } = input.places;
  const codes = input.lineCodes;
  let low = lineFirst[school];
  let high = lineFirst[school + 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = codes.start[middle];
    const order = compareRanges(codes.bytes, start, codes.start[middle + 1], bytes, from, to);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

function take(state: School, file: number, line: number): boolean {
  const own = line - state.input.places.lineFirst[state.school];
  if (state.room[own] === 0) return false;
  state.room[own] -= 1;
  state.line[file] = line;
  return true;
}

function takeFirstListed(state: School, file: number): boolean {
  for (let wish = state.first[file]; wish < state.first[file + 1]; wish += 1) {
    if (state.wishes[wish] !== -1 && take(state, file, state.wishes[wish])) return true;
  }
  return false;
}

/** Takes the file's i-th listed major, where there is one and it has room. */
function takeListed(state: School, file: number, place: number): void {
  const wish = state.first[file] + place;
  if (state.line[file] !== -1 || wish >= state.first[file + 1]) return;
  if (state.wishes[wish] !== -1) take(state, file, state.wishes[wish]);
}

/** The longest list of majors on any choice. */
function longest(state: School): number {
  let most = 0;
  for (let file = 0; file < state.list.length; file += 1) {
    most = Math.max(most, state.first[file + 1] - state.first[file]);
  }
  return most;
}

function majorFirst(state: School): void {
  const places = longest(state);
  for (let place = 0; place < places; place += 1) {
    for (let file = 0; file < state.list.length; file += 1) takeListed(state, file, place);
  }
}

/**
 * Pairs (file, i-th major) by score − gap × (i − 1), high first, then by i, then by rank. The list
 * is in rank order already, so for each i the pairs are sorted, and a merge of the i's gives them
 * all in order without a sort.
 */
function byGap(state: School, gap: number): void {
  const heads = new Uint32Array(longest(state));
  const score = (file: number) => state.input.score[state.list[file]];
  for (;;) {
    let best = -1;
    let value = -Infinity;
    for (let place = 0; place < heads.length; place += 1) {
      if (heads[place] === state.list.length) continue;
      const reached = score(heads[place]) - gap * place;
      if (reached > value) {
        best = place;
        value = reached;
      }
    }
    if (best === -1) return;
    takeListed(state, heads[best], best);
    heads[best] += 1;
  }
}

/**
 * What is left: a flexible place in the first listed major; else, where the choice accepts
 * adjustment, the first line with room, or a flexible place in the first line; else none.
 */
function rest(state: School, file: number): void {
  const { input, school } = state;
  const listed = state.wishes.subarray(state.first[file], state.first[file + 1]);
  if (state.free > 0) {
    const wanted = listed.find(line => line !== -1);
    if (wanted !== undefined) {
      state.free -= 1;
      state.line[file] = wanted;
      return;
    }
  }
  // What is not said is no consent: an absent adjustment counts as not accepting.
  if (input.world.choices.adjustment[input.placed[state.list[file]]] !== ACCEPTED) {
    state.reason[file] = NO_ADJUSTMENT;
    return;
  }
  let firstAllowed = -1;
  const end = input.places.lineFirst[school + 1];
  for (let line = input.places.lineFirst[school]; line < end; line += 1) {
    if (isBarred(input, school, file, line)) continue;
    if (firstAllowed === -1) firstAllowed = line;
    if (take(state, file, line)) return;
  }
  if (firstAllowed === -1) {
    state.reason[file] = MAJORS_REFUSED;
  } else if (state.free > 0) {
    state.free -= 1;
    state.line[file] = firstAllowed;
  } else {
    state.reason[file] = MAJORS_FULL;
  }
}
