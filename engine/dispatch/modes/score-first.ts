/**
 * Score-first (平行志愿) and lottery (派位): from the top of the rank, each participant goes to the
 * first choice, by ordinal, that is allowed and whose school is open (dispatch.md §5).
 */
import type { TieEnding } from '../../policy/types.ts';
import { type Field, isOpen, settleGroups } from './field.ts';

/** @param list participants in rank order, equals in the order of the ending */
export function placeScoreFirst(field: Field, list: Uint32Array, ending: TieEnding): void {
  settleGroups(field, list, ending, at => firstOpen(field, list[at]));
}

function firstOpen(field: Field, participant: number): number {
  const { first } = field.choices;
  const candidate = field.participants[participant];
  for (let choice = first[candidate]; choice < first[candidate + 1]; choice += 1) {
    if (isOpen(field, choice)) return choice;
  }
  return -1;
}
