/**
 * What the modes work on, and the one thing they share: how a group of equals is settled.
 */
import type { TieEnding } from '../../policy/types.ts';
import type { Choices } from '../world.ts';

/** The state of the placing. Schools, choices and participants are indexes. */
export interface Field {
  readonly choices: Choices;
  /** Participant → candidate. */
  readonly participants: Uint32Array;
  /** Participant → position; equals have the same. */
  readonly position: Uint32Array;
  /** By choice: 0 where dispatch.md §4 allows it. */
  readonly refusal: Uint8Array;
  /** The only school open to new files, or -1: all are. */
  readonly only: number;
  /** By school: what is left; below 0 where equals followed. */
  readonly room: Int32Array;
  /** By school: 1 where `reject-all` has closed it for the run. */
  readonly closed: Uint8Array;
  /** By participant: the choice that was granted, or -1. */
  readonly placed: Int32Array;
}

/**
 * The choice that the participant at this place of the list now asks for, or -1. It is allowed, and
 * its school is open.
 */
export type Ask = (at: number) => number;

/** May this choice be granted: allowed, and its school open. */
export function isOpen(field: Field, choice: number): boolean {
  return field.refusal[choice] === 0 && isSchoolOpen(field, field.choices.school[choice]);
}

/** May a choice of this school be granted, if it is allowed. */
export function isSchoolOpen(field: Field, school: number): boolean {
  if (field.only !== -1 && school !== field.only) return false;
  return field.room[school] > 0 && field.closed[school] === 0;
}

/**
 * Handles groups of equals from the top.
 *
 * - `lottery`, `candidate-no`: one by one, in the order of `list`
 * - `follow`: each asks before any is placed, so that all see the same open schools
 * - `reject-all`: schools asked by more than they have room for are closed, and all ask again
 *
 * @param list participants in rank order, equals in the order of the ending
 */
export function settleGroups(field: Field, list: Uint32Array, ending: TieEnding, ask: Ask): void {
  if (ending === 'lottery' || ending === 'candidate-no') {
    for (let at = 0; at < list.length; at += 1) {
      const choice = ask(at);
      if (choice !== -1) grant(field, list[at], choice);
    }
    return;
  }
  const picks = new Int32Array(list.length);
  const wanted = new Int32Array(field.room.length);
  for (let from = 0; from < list.length; ) {
    const position = field.position[list[from]];
    let to = from;
    while (to < list.length && field.position[list[to]] === position) to += 1;
    askAll(picks, from, to, ask);
    if (ending === 'reject-all') {
      while (closeOverfull(field, picks, wanted, from, to)) {
        askAll(picks, from, to, ask);
      }
    }
    for (let at = from; at < to; at += 1) {
      if (picks[at] !== -1) grant(field, list[at], picks[at]);
    }
    from = to;
  }
}

function askAll(picks: Int32Array, from: number, to: number, ask: Ask): void {
  for (let at = from; at < to; at += 1) picks[at] = ask(at);
}

/** Closes every school that more members ask for than it has room; false: there is none. */
function closeOverfull(
  field: Field,
  picks: Int32Array,
  wanted: Int32Array,
  from: number,
  to: number,
): boolean {
  let found = false;
  for (let at = from; at < to; at += 1) {
    if (picks[at] !== -1) wanted[field.choices.school[picks[at]]] += 1;
  }
  for (let at = from; at < to; at += 1) {
    if (picks[at] === -1) continue;
    const school = field.choices.school[picks[at]];
    if (wanted[school] > field.room[school]) {
      field.closed[school] = 1;
      found = true;
    }
    wanted[school] = 0;
  }
  return found;
}

function grant(field: Field, participant: number, choice: number): void {
  field.placed[participant] = choice;
  field.room[field.choices.school[choice]] -= 1;
}
