/**
 * Places the participants by the batch's mode (dispatch.md §5).
 */
import type { DispatchRules } from '../policy/types.ts';
import { placeBanded, placeChoiceFirst } from './modes/choice-first.ts';
import type { Field } from './modes/field.ts';
import { placeScoreFirst } from './modes/score-first.ts';
import type { Marks } from './outcome.ts';

/**
 * @param field as the run finds it; `room`, `closed` and `placed` change
 * @param handled participants in rank order, equals in the order of the ending
 * @param score by participant, hundredths
 */
export function place(
  field: Field,
  rules: DispatchRules,
  handled: Uint32Array,
  score: Int32Array,
): Marks {
  const passedOver = passedOverIn(field);
  const list = handled.filter(participant => passedOver[participant] === 0);
  const belowBands = new Uint8Array(field.participants.length);
  const { ending } = rules.ties;
  if (rules.mode === 'choice-first') {
    placeChoiceFirst(field, list, ending);
  } else if (rules.mode === 'banded') {
    const last = rules.bands[rules.bands.length - 1];
    for (const participant of handled) {
      if (score[participant] < last) belowBands[participant] = 1;
    }
    placeBanded(field, list, ending, score, rules.bands);
  } else if (rules.mode === 'lottery') {
    placeScoreFirst(field, list, 'candidate-no');
  } else {
    placeScoreFirst(field, list, ending);
  }
  return { belowBands, passedOver };
}

/**
 * One school only: a file with an earlier choice that §4 allows and whose school has room is passed
 * over, so that the run for one school takes nobody from a school he would rather go to.
 */
function passedOverIn(field: Field): Uint8Array {
  const { choices, participants, only } = field;
  const passedOver = new Uint8Array(participants.length);
  if (only === -1) return passedOver;
  for (let participant = 0; participant < participants.length; participant += 1) {
    const candidate = participants[participant];
    const end = choices.first[candidate + 1];
    for (let choice = choices.first[candidate]; choice < end; choice += 1) {
      const school = choices.school[choice];
      if (school === only) break;
      if (field.refusal[choice] === 0 && field.room[school] > 0) {
        passedOver[participant] = 1;
        break;
      }
    }
  }
  return passedOver;
}
