/**
 * The choices of a city while they come in: columns, in any order, of the one round that counts.
 */
import { GrowingBytes, gatherBytes, grown, textAt } from './bytes.ts';
import { fail } from './errors.ts';
import type { ByteColumn, Choices } from './world.ts';
import { ADJUSTMENTS, UNKNOWN_SCHOOL } from './world.ts';

/** Ordinals are 16 bits. */
export const ORDINAL_MAX = 0xffff;
const ACCEPTED = ADJUSTMENTS.indexOf(true);
const NOT_SAID = ADJUSTMENTS.indexOf(null);
/** The majors of one choice, as text; lengths are 16 bits. */
export const MAJORS_TEXT_MAX_BYTES = 0xffff;

export class ChoiceRows {
  readonly #round: number;
  #best = 0;
  #count = 0;
  #candidate = new Uint32Array(1024);
  #ordinal = new Uint16Array(1024);
  #school = new Uint16Array(1024);
  #adjustment = new Uint8Array(1024);
  #majors = new GrowingBytes();
  #unknown = new Map<number, string>();

  /** @param round the run's round; later ones are passed over */
  constructor(round: number) {
    this.#round = round;
  }

  /**
   * May rows of this round still count? The effective round is the highest one, up to the run's,
   * of which the city has any choice: a higher one than all before makes those before void, so that
   * only one round's rows are ever held.
   */
  takes(round: number): boolean {
    if (round > this.#round || round < this.#best) return false;
    if (round > this.#best) {
      this.#best = round;
      this.#count = 0;
      this.#majors.clear();
      this.#unknown.clear();
    }
    return true;
  }

  /** Appends one row of a round that `takes` has accepted. */
  push(candidate: number, ordinal: number, school: number, adjustment: boolean | null): void {
    if (!Number.isInteger(ordinal) || ordinal < 1 || ordinal > ORDINAL_MAX) {
      throw fail('bad-ordinal', { ordinal, limit: ORDINAL_MAX });
    }
    const at = this.#count;
    if (at === this.#candidate.length) this.#grow();
    this.#candidate[at] = candidate;
    this.#ordinal[at] = ordinal;
    this.#school[at] = school;
    this.#adjustment[at] = adjustment === null ? NOT_SAID : adjustment ? ACCEPTED : 0;
    this.#count = at + 1;
  }

  /** The majors of the row that was pushed last. */
  pushMajors(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > MAJORS_TEXT_MAX_BYTES) {
      throw fail('majors-too-long', { count: end - start, limit: MAJORS_TEXT_MAX_BYTES });
    }
    this.#majors.push(bytes, start, end);
  }

  /** The code of the row that was pushed last, where no table knows it. */
  pushUnknown(code: string): void {
    this.#unknown.set(this.#count - 1, code);
  }

  #grow(): void {
    this.#candidate = grown(this.#candidate, 0);
    this.#ordinal = grown(this.#ordinal, 0);
    this.#school = grown(this.#school, 0);
    this.#adjustment = grown(this.#adjustment, 0);
  }

  /** Marks the candidates (by raw index) that have a choice. */
  markCandidates(marked: Uint8Array): void {
    for (let at = 0; at < this.#count; at += 1) marked[this.#candidate[at]] = 1;
  }

  /**
   * The choices by candidate, then ordinal. Each column is let go of as soon as its sorted copy
   * stands, so that at most one column is held twice; rows that came in sorted are not copied.
   *
   * @param place raw candidate index → index in the world
   * @param numbers of the candidates in the world, for messages
   * @param codes of the schools, for messages
   * @throws duplicate-ordinal, duplicate-choice
   */
  finish(place: Uint32Array, numbers: ByteColumn, codes: readonly string[]): Choices {
    const count = this.#count;
    const candidates = numbers.start.length - 1;
    const first = new Uint32Array(candidates + 1);
    for (let at = 0; at < count; at += 1) first[place[this.#candidate[at]] + 1] += 1;
    for (let at = 0; at < candidates; at += 1) first[at + 1] += first[at];
    const source = this.#isSorted(place) ? null : this.#sources(place, first);
    this.#candidate = new Uint32Array(0);
    const ordinal = gathered(this.#ordinal, count, source);
    this.#ordinal = new Uint16Array(0);
    const school = gathered(this.#school, count, source);
    this.#school = new Uint16Array(0);
    const adjustment = gathered(this.#adjustment, count, source);
    this.#adjustment = new Uint8Array(0);
    const column = this.#majors.column();
    this.#majors = new GrowingBytes();
    const majors = source === null ? column : gatherBytes(column, source);
    const unknownSchools = this.#unknownBy(source);
    const choices: Choices = {
      count,
      first,
      round: this.#best,
      ordinal,
      school,
      adjustment,
      majors,
      unknownSchools,
    };
    requireDistinct(choices, numbers, codes);
    return Object.freeze(choices);
  }

  #isSorted(place: Uint32Array): boolean {
    for (let at = 1; at < this.#count; at += 1) {
      const candidate = place[this.#candidate[at]];
      const former = place[this.#candidate[at - 1]];
      if (candidate < former) return false;
      if (candidate === former && this.#ordinal[at] < this.#ordinal[at - 1]) return false;
    }
    return true;
  }

  /** Sorted position → row, by a counting sort over candidates and insertion within each. */
  #sources(place: Uint32Array, first: Uint32Array): Uint32Array {
    const next = first.slice();
    const source = new Uint32Array(this.#count);
    for (let at = 0; at < this.#count; at += 1) {
      const candidate = place[this.#candidate[at]];
      let to = next[candidate];
      while (to > first[candidate] && this.#ordinal[source[to - 1]] > this.#ordinal[at]) {
        source[to] = source[to - 1];
        to -= 1;
      }
      source[to] = at;
      next[candidate] += 1;
    }
    return source;
  }

  #unknownBy(source: Uint32Array | null): ReadonlyMap<number, string> {
    if (source === null || this.#unknown.size === 0) return this.#unknown;
    const byChoice = new Map<number, string>();
    for (let at = 0; at < source.length; at += 1) {
      const code = this.#unknown.get(source[at]);
      if (code !== undefined) byChoice.set(at, code);
    }
    return byChoice;
  }
}

function gathered<T extends Uint8Array | Uint16Array>(
  column: T,
  count: number,
  source: Uint32Array | null,
): T {
  if (source === null) return column.subarray(0, count) as T;
  const result = new (column.constructor as new (length: number) => T)(count);
  for (let at = 0; at < count; at += 1) result[at] = column[source[at]];
  return result;
}

/** Two choices with one ordinal, or one school chosen twice, are import errors (dispatch.md §3). */
function requireDistinct(choices: Choices, numbers: ByteColumn, codes: readonly string[]): void {
  const { first, ordinal, school, unknownSchools } = choices;
  // The candidate who chose a school last, so that one pass over the choices suffices.
  const chosenBy = new Uint32Array(UNKNOWN_SCHOOL + 1);
  for (let candidate = 0; candidate + 1 < first.length; candidate += 1) {
    const from = first[candidate];
    for (let at = from; at < first[candidate + 1]; at += 1) {
      if (at > from && ordinal[at] === ordinal[at - 1]) {
        const detail = { candidate: textAt(numbers, candidate), ordinal: ordinal[at] };
        throw fail('duplicate-ordinal', detail);
      }
      const twice = chosenBy[school[at]] === candidate + 1;
      if (twice && (school[at] !== UNKNOWN_SCHOOL || isRepeated(unknownSchools, from, at))) {
        const code = unknownSchools.get(at) ?? codes[school[at]];
        const detail = { candidate: textAt(numbers, candidate), school: code };
        throw fail('duplicate-choice', detail);
      }
      chosenBy[school[at]] = candidate + 1;
    }
  }
}

function isRepeated(unknown: ReadonlyMap<number, string>, from: number, at: number): boolean {
  const code = unknown.get(at);
  for (let other = from; other < at; other += 1) if (unknown.get(other) === code) return true;
  return false;
}
