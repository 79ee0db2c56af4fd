/**
 * Choice-first (顺序志愿): all first choices, then all second ones, … – and banded (梯度): the same
 * inside each band of scores (dispatch.md §5).
 */
import type { TieEnding } from '../../policy/types.ts';
import { ORDINAL_MAX } from '../choice-rows.ts';
import { type Field, isOpen, settleGroups } from './field.ts';

/** @param list participants in rank order, equals in the order of the ending */
export function placeChoiceFirst(field: Field, list: Uint32Array, ending: TieEnding): void {
  const { byOrdinal, first } = listsByOrdinal(field, list);
  // Choice number k of a participant is found by walking on from choice number k − 1.
  const cursor = new Uint32Array(field.participants.length);
  for (const participant of list) {
    cursor[participant] = field.choices.first[field.participants[participant]];
  }
  for (let ordinal = 1; ordinal <= ORDINAL_MAX; ordinal += 1) {
    if (first[ordinal] === first[ordinal + 1]) continue;
    const asking = byOrdinal
      .subarray(first[ordinal], first[ordinal + 1])
      .filter(participant => field.placed[participant] === -1);
    settleGroups(field, asking, ending, (_, participant) => {
      let choice = cursor[participant];
      while (field.choices.ordinal[choice] < ordinal) choice += 1;
      cursor[participant] = choice;
      return isOpen(field, choice) ? choice : -1;
    });
  }
}

/**
 * For each ordinal, the participants who have a choice of that number, in the order of `list`. One
 * counting sort, so that ordinals with gaps cost nothing.
 */
function listsByOrdinal(field: Field, list: Uint32Array) {
  const { choices, participants } = field;
  const first = new Uint32Array(ORDINAL_MAX + 2);
  const each = (visit: (participant: number, ordinal: number) => void) => {
    for (let at = 0; at < list.length; at += 1) {
      const candidate = participants[list[at]];
      const end = choices.first[candidate + 1];
      for (let choice = choices.first[candidate]; choice < end; choice += 1) {
        if (field.refusal[choice] === 0) visit(list[at], choices.ordinal[choice]);
      }
    }
  };
  each((_, ordinal) => {
    first[ordinal + 1] += 1;
  });
  for (let ordinal = 0; ordinal <= ORDINAL_MAX; ordinal += 1) first[ordinal + 1] += first[ordinal];
  const byOrdinal = new Uint32Array(first[ORDINAL_MAX + 1]);
  const next = first.slice();
  each((participant, ordinal) => {
    byOrdinal[next[ordinal]] = participant;
    next[ordinal] += 1;
  });
  return { byOrdinal, first };
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
