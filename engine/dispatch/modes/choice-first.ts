/**
 * Choice-first (顺序志愿): all first choices, then all second ones, … – and banded (梯度): the same
 * inside each band of scores (dispatch.md §5).
 */
import type { TieEnding } from '../../policy/types.ts';
import { type Field, isSchoolOpen, settleGroups } from './field.ts';

/** @param list participants in rank order, equals in the order of the ending */
export function placeChoiceFirst(field: Field, list: Uint32Array, ending: TieEnding): void {
  const { participants, choices, schools, first } = requestsByOrdinal(field, list);
  for (let ordinal = 1; ordinal + 1 < first.length; ordinal += 1) {
    const from = first[ordinal];
    let to = from;
    // Requests of those who are placed by now are dropped, in place.
    for (let at = from; at < first[ordinal + 1]; at += 1) {
      if (field.placed[participants[at]] !== -1) continue;
      participants[to] = participants[at];
      choices[to] = choices[at];
      schools[to] = schools[at];
      to += 1;
    }
    if (to === from) continue;
    settleGroups(field, participants.subarray(from, to), ending, at => {
      return isSchoolOpen(field, schools[from + at]) ? choices[from + at] : -1;
    });
  }
}

/**
 * The allowed choices number k, for each k, in the order of `list`: requests of ordinal k are
 * [first[k], first[k + 1]). One counting sort, so that gaps cost nothing, and so that the placing
 * itself walks through memory in order; by cursors per participant it took three times as long.
 */
function requestsByOrdinal(field: Field, list: Uint32Array) {
  const { participants, refusal } = field;
  const { first: firstOf, ordinal, school } = field.choices;
  let highest = 0;
  for (let at = 0; at < list.length; at += 1) {
    const end = firstOf[participants[list[at]] + 1];
    highest = Math.max(highest, ordinal[end - 1]);
  }
  const first = new Uint32Array(highest + 2);
  for (let at = 0; at < list.length; at += 1) {
    const candidate = participants[list[at]];
    for (let choice = firstOf[candidate]; choice < firstOf[candidate + 1]; choice += 1) {
      if (refusal[choice] === 0) first[ordinal[choice] + 1] += 1;
    }
  }
  for (let k = 0; k <= highest; k += 1) first[k + 1] += first[k];
  const count = first[highest + 1];
  const requests = {
    participants: new Uint32Array(count),
    choices: new Uint32Array(count),
    schools: new Uint16Array(count),
    first,
  };
  const next = first.slice();
  for (let at = 0; at < list.length; at += 1) {
    const candidate = participants[list[at]];
    for (let choice = firstOf[candidate]; choice < firstOf[candidate + 1]; choice += 1) {
      if (refusal[choice] !== 0) continue;
      const to = next[ordinal[choice]];
      requests.participants[to] = list[at];
      requests.choices[to] = choice;
      requests.schools[to] = school[choice];
      next[ordinal[choice]] = to + 1;
    }
  }
  return requests;
}

/**
 * Band by band from the top; who is below the last bound is not placed.
 *
 * @param score by participant, hundredths
 * @param bands lower bounds, strictly falling
 */
export function placeBanded(
  field: Field,
  list: Uint32Array,
  ending: TieEnding,
  score: Int32Array,
  bands: readonly number[],
): void {
  let from = 0;
  for (const bound of bands) {
    let to = from;
    while (to < list.length && score[list[to]] >= bound) to += 1;
    placeChoiceFirst(field, list.subarray(from, to), ending);
    from = to;
  }
}
