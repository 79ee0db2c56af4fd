/**
 * Second pass, over every choice: is the reason that it was given possible? Codes of rules are
 * trusted here – the run compares them with the rules engine – and everything else is judged from
 * the recount alone.
 */
import { ABSENT } from '../../decimal.ts';
import { UNKNOWN_SCHOOL } from '../world.ts';
import { type Checking, REASON, RULE_REASONS_FROM } from './checking.ts';
import { keyOf, type Taken } from './placed.ts';

const FULL = REASON.full;
const CLOSED = REASON['closed-by-tie'];
const PLACED = REASON.placed;
const NOT_REACHED = REASON['not-reached'];
const PASSED_OVER = REASON['earlier-choice-open'];
const MISSING = REASON['missing-data'];
const BELOW_BANDS = REASON['below-bands'];

/** What the pass leaves for the checks of ties. */
export interface Contest {
  /** Key of the first who found the school closed by a tie; -1: nobody did. By school. */
  readonly closedKey: Float64Array;
  /** How many have that key. */
  readonly atClosing: Int32Array;
  /** Equals of the last placed who found the school full: candidate, school, candidate, … */
  readonly contested: number[];
}

export function checkChoices(checking: Checking, taken: Taken): Contest {
  const { world, result } = checking;
  const contest: Contest = {
    closedKey: new Float64Array(world.schools.length).fill(-1),
    atClosing: new Int32Array(world.schools.length),
    contested: [],
  };
  const judge = judgeOf(checking, taken, contest);
  const bar = barOf(checking, taken);
  const { first } = world.choices;
  const { participants, placedChoice } = result;
  const pass = checking.only >= 0 ? passOneSchool : passAll;
  for (let p = 0; p < participants.length; p += 1) {
    const candidate = participants[p];
    pass(checking, judge, bar, p, first[candidate], first[candidate + 1], placedChoice[p]);
  }
  return contest;
}

type Judge = (p: number, choice: number, school: number, reason: number) => void;
type Bar = (p: number, choice: number) => number;

/** What bars a choice before any rule is asked (dispatch.md §4, 1–3; §5 bands); 0: nothing. */
function barOf({ world, batch, result, schools, returned, score }: Checking, taken: Taken): Bar {
  const { mode, bands } = batch.dispatch;
  const anyReturned = returned.size > 0;
  const schoolAt = world.choices.school;
  const { participants } = result;
  return (p, choice) => {
    const candidate = participants[p];
    const points = score[candidate];
    if (mode === 'banded' && points !== ABSENT && taken.band[p] === bands.length) {
      return BELOW_BANDS;
    }
    const school = schoolAt[choice];
    if (school === UNKNOWN_SCHOOL) return REASON['not-in-batch'];
    if (schools.barred[school] !== 0) return schools.barred[school];
    if (anyReturned && returned.get(candidate)?.has(school)) return REASON['returned-before'];
    if (schools.hasLine[school] === 0) return REASON['no-plan'];
    return points === ABSENT && mode !== 'lottery' ? MISSING : 0;
  };
}

/** The choices of one participant, where every school is open. */
function passAll(
  { world, result, found }: Checking,
  judge: Judge,
  bar: Bar,
  p: number,
  from: number,
  to: number,
  placed: number,
): void {
  const { reasonOf, participants } = result;
  const schoolAt = world.choices.school;
  for (let choice = from; choice < to; choice += 1) {
    const reason = reasonOf[choice];
    if (placed >= 0 && choice > placed) {
      if (reason !== NOT_REACHED) found.add('P3', 'reason', schoolAt[choice], participants[p]);
      continue;
    }
    const barred = bar(p, choice);
    if (barred !== 0) {
      if (reason === barred) continue;
      const property = reason === PLACED ? 'P5' : 'P3';
      found.add(property, 'reason', schoolAt[choice], participants[p]);
    } else if (reason === PLACED) {
      if (choice !== placed) found.add('P1', 'placed-twice', schoolAt[choice], participants[p]);
    } else if (reason < RULE_REASONS_FROM && reason !== MISSING) {
      judge(p, choice, schoolAt[choice], reason);
    }
  }
}

/** The same in a one-school run 指定院校投档: the others are closed to new files. */
function passOneSchool(
  { world, result, found, only, schools }: Checking,
  judge: Judge,
  bar: Bar,
  p: number,
  from: number,
  to: number,
  placed: number,
): void {
  const { reasonOf, participants } = result;
  let openBefore = false;
  for (let choice = from; choice < to; choice += 1) {
    const reason = reasonOf[choice];
    const school = world.choices.school[choice];
    if (placed >= 0 && choice > placed && reason === NOT_REACHED) continue;
    const barred = bar(p, choice);
    const byRule = reason >= RULE_REASONS_FROM || reason === MISSING;
    // Who has an earlier open choice is passed over whatever else would bar this one; only
    // below-bands goes before it.
    const passed = openBefore && school === only && barred !== BELOW_BANDS;
    if (passed || reason === PASSED_OVER) {
      if (!passed || reason !== PASSED_OVER) {
        found.add('P3', 'passed-over', school, participants[p]);
      }
    } else if (barred !== 0) {
      const property = reason === PLACED ? 'P5' : 'P3';
      if (reason !== barred) found.add(property, 'reason', school, participants[p]);
    } else if (school === only) {
      if (!byRule && reason !== PLACED) judge(p, choice, school, reason);
    } else if (!byRule) {
      const hasRoom = schools.room[school] > 0;
      if (reason !== (hasRoom ? NOT_REACHED : FULL)) {
        found.add('P3', 'reason', school, participants[p]);
      }
      openBefore ||= hasRoom;
    }
  }
}

/**
 * Judges a choice that was refused for want of room: the thresholds of placed.ts hold no envy (P3)
 * and no waste (P4) in one comparison each.
 */
function judgeOf(checking: Checking, taken: Taken, contest: Contest): Judge {
  const { world, result, found, schools, batch } = checking;
  const { mode, ties } = batch.dispatch;
  const byLot = mode === 'lottery';
  const ordered = !byLot && (ties.ending === 'lottery' || ties.ending === 'candidate-no');
  const closes = !byLot && ties.ending === 'reject-all';
  const key = keyOf(checking);
  const { participants, position } = result;
  const { ordinal } = world.choices;
  return (p, choice, school, reason) => {
    const here = key(position[p], ordinal[choice], taken.band[p]);
    if (reason === FULL) {
      if (taken.sent[school] < schools.room[school]) {
        found.add('P4', 'room-left', school, participants[p]);
      } else if (here < taken.lastKey[school]) found.add('P3', 'envy', school, participants[p]);
      else if (here === taken.lastKey[school]) {
        if (ordered) contest.contested.push(participants[p], school);
        else found.add('P6', 'equals-parted', school, participants[p]);
      }
    } else if (reason === CLOSED && closes) {
      const former = contest.closedKey[school];
      if (former < 0 || here < former) {
        contest.closedKey[school] = here;
        contest.atClosing[school] = 1;
      } else if (here === former) contest.atClosing[school] += 1;
    } else if (reason === CLOSED) found.add('P6', 'closed', school, participants[p]);
    else found.add('P3', 'reason', school, participants[p]);
  };
}
