/** Faults to plant in a result, each with the violation that the check must report. */
import { type DispatchResult, FIXED_REASONS } from '../../engine/dispatch/result.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Random, Shape } from '../jobs/audit-world.ts';

/** Every line that the tests below can change. */
export type Open = { -readonly [K in keyof DispatchResult]: DispatchResult[K] };

export const reason = (code: (typeof FIXED_REASONS)[number]) => FIXED_REASONS.indexOf(code);
export interface Plant {
  readonly title: string;
  readonly expect: string;
  readonly shape?: Shape;
  /** Breaks the result; false: this one has nothing to break. */
  plant(result: Open, world: World, random: Random): boolean;
}

const placedAt = (result: DispatchResult) => result.placedChoice.findIndex(choice => choice >= 0);
export const FOLLOW: Shape = {
  dispatch: { mode: 'score-first', bands: [], ties: { keys: [], ending: 'follow' } },
  candidates: 30,
};
export const BY_NUMBER: Shape = {
  dispatch: { mode: 'score-first', bands: [], ties: { keys: [], ending: 'candidate-no' } },
  candidates: 30,
};
const REJECT: Shape = {
  dispatch: { mode: 'score-first', bands: [], ties: { keys: [], ending: 'reject-all' } },
  candidates: 30,
};

/** Marks a choice as granted instead of what stands there, and what comes after as not reached. */
function grant(result: Open, world: World, p: number, choice: number): void {
  const former = result.placedChoice[p];
  const end = world.choices.first[result.participants[p] + 1];
  if (former >= 0 && former < choice) result.reasonOf[former] = reason('full');
  result.placedChoice[p] = choice;
  result.reasonOf[choice] = reason('placed');
  result.reasonOf.fill(reason('not-reached'), choice + 1, end);
}

export const PLANTS: readonly Plant[] = [
  {
    title: 'somebody beyond the room',
    expect: 'P2 over-room',
    shape: BY_NUMBER,
    plant(result, world) {
      const p = result.placedChoice.findIndex((choice, at) => {
        const first = world.choices.first[result.participants[at]];
        return choice < 0 && result.reasonOf[first] === reason('full');
      });
      if (p < 0) return false;
      grant(result, world, p, world.choices.first[result.participants[p]]);
      return true;
    },
  },
  {
    title: 'a place that a higher-ranked candidate lacks',
    expect: 'P3 envy',
    shape: BY_NUMBER,
    plant(result, world) {
      const { participants, placedChoice, position } = result;
      for (const high of placedChoice.keys()) {
        if (placedChoice[high] < 0) continue;
        const school = world.choices.school[placedChoice[high]];
        const low = position.findIndex((own, at) => {
          const first = world.choices.first[participants[at]];
          const full = result.reasonOf[first] === reason('full');
          return own > position[high] && full && world.choices.school[first] === school;
        });
        if (low < 0) continue;
        grant(result, world, low, world.choices.first[participants[low]]);
        const from = placedChoice[high];
        placedChoice[high] = -1;
        const end = world.choices.first[participants[high] + 1];
        result.reasonOf.fill(reason('full'), from, end);
        return true;
      }
      return false;
    },
  },
  {
    title: 'somebody left out while there is room',
    expect: 'P4 room-left',
    shape: FOLLOW,
    plant(result, world) {
      const at = placedAt(result);
      if (at < 0) return false;
      const { placedChoice, participants } = result;
      const school = world.choices.school[placedChoice[at]];
      const outcome = result.schools.find(one => one.school === school);
      if (outcome === undefined || outcome.roomAfter < 0) return false;
      result.reasonOf[placedChoice[at]] = reason('full');
      const end = world.choices.first[participants[at] + 1];
      result.reasonOf.fill(reason('full'), placedChoice[at], end);
      placedChoice[at] = -1;
      return true;
    },
  },
  {
    title: 'a choice of somebody else',
    expect: 'P5 not-own-choice',
    plant(result) {
      const at = placedAt(result);
      if (at < 1) return false;
      result.placedChoice[at - 1] = result.placedChoice[at];
      return true;
    },
  },
  {
    title: 'somebody sent where a fixed reason bars it',
    expect: 'P5 reason',
    plant(result, world) {
      const bars = ['not-in-batch', 'school-suspended', 'returned-before', 'no-plan'] as const;
      const codes = bars.map(reason);
      for (const [p, candidate] of result.participants.entries()) {
        const end = world.choices.first[candidate + 1];
        for (let choice = world.choices.first[candidate]; choice < end; choice += 1) {
          const known = world.choices.school[choice] < world.schools.length;
          if (!known || !codes.includes(result.reasonOf[choice])) continue;
          grant(result, world, p, choice);
          return true;
        }
      }
      return false;
    },
  },
  {
    title: 'somebody barred without a cause',
    expect: 'P3 reason',
    plant(result) {
      const choice = result.reasonOf.indexOf(reason('full'));
      if (choice < 0) return false;
      result.reasonOf[choice] = reason('returned-before');
      return true;
    },
  },
  {
    title: 'equals parted where the policy lets all of them follow',
    expect: 'P6 equals-parted',
    shape: FOLLOW,
    plant(result, world) {
      const { participants, placedChoice, position } = result;
      for (const one of placedChoice.keys()) {
        const school = world.choices.school[placedChoice[one]];
        const outcome = result.schools.find(each => each.school === school);
        if (placedChoice[one] < 0 || outcome === undefined || outcome.roomAfter >= 0) continue;
        const last = placedChoice.every(
          (choice, at) => world.choices.school[choice] !== school || position[at] <= position[one],
        );
        if (!last) continue;
        const end = world.choices.first[participants[one] + 1];
        result.reasonOf.fill(reason('full'), placedChoice[one], end);
        placedChoice[one] = -1;
        return true;
      }
      return false;
    },
  },
  {
    title: 'the wrong one of two equals',
    expect: 'P6 tie-order',
    shape: BY_NUMBER,
    plant(result, world) {
      const { participants, placedChoice, position } = result;
      for (const low of placedChoice.keys()) {
        const first = world.choices.first[participants[low]];
        if (placedChoice[low] >= 0 || result.reasonOf[first] !== reason('full')) continue;
        const school = world.choices.school[first];
        const high = placedChoice.findIndex(
          (choice, at) =>
            choice >= 0 &&
            position[at] === position[low] &&
            world.choices.school[choice] === school,
        );
        if (high < 0) continue;
        const end = world.choices.first[participants[high] + 1];
        result.reasonOf.fill(reason('full'), placedChoice[high], end);
        placedChoice[high] = -1;
        grant(result, world, low, first);
        return true;
      }
      return false;
    },
  },
  {
    title: 'a school closed by a tie that was none',
    expect: 'P6 closed-needlessly',
    shape: REJECT,
    plant(result, world) {
      const { participants, placedChoice, position } = result;
      const last = position.indexOf(Math.max(...position));
      if (last < 0 || placedChoice[last] < 0) return false;
      const school = result.schools.find(
        one => one.school === world.choices.school[placedChoice[last]],
      );
      if (school === undefined) return false;
      const end = world.choices.first[participants[last] + 1];
      result.reasonOf.fill(reason('closed-by-tie'), placedChoice[last], placedChoice[last] + 1);
      result.reasonOf.fill(reason('full'), placedChoice[last] + 1, end);
      placedChoice[last] = -1;
      return true;
    },
  },
  {
    title: 'a wrong position',
    expect: 'P3 position',
    plant(result) {
      const at = result.position.indexOf(1);
      if (at < 0 || result.position.filter(own => own === 1).length > 1) return false;
      result.position[at] = 2;
      return true;
    },
  },
  {
    title: 'a wrong score',
    expect: 'P3 score',
    plant(result) {
      if (result.score.length === 0) return false;
      result.score[0] += 100;
      return true;
    },
  },
  {
    title: 'a participant left out',
    expect: 'P7 participant-missing',
    plant(result) {
      const at = result.placedChoice.indexOf(-1);
      if (at < 0) return false;
      const without = <T extends Uint8Array | Int32Array | Uint32Array>(all: T) =>
        all.filter((_, index) => index !== at) as T;
      result.participants = without(result.participants);
      result.placedChoice = without(result.placedChoice);
      result.position = without(result.position);
      result.score = without(result.score);
      result.suggestedMajor = without(result.suggestedMajor);
      result.suggestionReason = without(result.suggestionReason);
      return true;
    },
  },
  {
    title: 'a file that is not in the pool',
    expect: 'P5 not-in-pool',
    plant(_, world) {
      world.candidates.openApplications.fill(1);
      return true;
    },
  },
  {
    title: 'a major beyond its line',
    expect: 'P2 major-room',
    plant(result, world) {
      const full = world.lines.find(line => line.planned === 0);
      const school = world.schools.findIndex(one => one.code === full?.school);
      const major = world.majors.findIndex(
        one => one.school === full?.school && one.code === full?.major,
      );
      const p = result.placedChoice.findIndex(
        choice => choice >= 0 && world.choices.school[choice] === school,
      );
      if (full === undefined || p < 0 || world.flexible.has(full.school)) return false;
      result.suggestedMajor[p] = major;
      result.suggestionReason[p] = 0;
      return true;
    },
  },
  {
    title: 'a major of another school',
    expect: 'P2 major-line',
    plant(result, world) {
      const p = placedAt(result);
      if (p < 0) return false;
      const school = world.schools[world.choices.school[result.placedChoice[p]]]?.code;
      result.suggestedMajor[p] = world.majors.findIndex(one => one.school !== school);
      return true;
    },
  },
  {
    title: 'a file without a major while its own has room',
    expect: 'P4 major-left',
    plant(result) {
      const p = result.suggestedMajor.findIndex(major => major >= 0);
      if (p < 0) return false;
      result.suggestedMajor[p] = -1;
      result.suggestionReason[p] = 1;
      return true;
    },
  },
  {
    title: 'an outcome that says another number',
    expect: 'P7 outcome-sent',
    plant(result) {
      const [first, ...rest] = result.schools;
      if (first === undefined) return false;
      result.schools = [{ ...first, sent: first.sent + 1 }, ...rest];
      return true;
    },
  },
  {
    title: 'a list that lacks somebody',
    expect: 'P7 list-missing',
    plant(result) {
      if (result.lists.length < 2) return false;
      result.lists = result.lists.map((list, at) => (at === 1 ? list.subarray(1) : list));
      return true;
    },
  },
  {
    title: 'somebody on a list twice',
    expect: 'P1 listed-twice',
    plant(result) {
      if (result.lists.length < 2) return false;
      result.lists = result.lists.map((list, at) =>
        at === 1 ? Uint32Array.of(list[0] as number, ...list) : list,
      );
      return true;
    },
  },
  {
    title: 'a list out of rank order',
    expect: 'P7 list-order',
    plant(result) {
      const long = result.lists.findIndex(list => list.length > 1);
      if (long < 0) return false;
      result.lists = result.lists.map((list, at) => (at === long ? list.toReversed() : list));
      return true;
    },
  },
  {
    title: 'wrong counts',
    expect: 'P7 counts',
    plant(result) {
      result.counts = { ...result.counts, placed: result.counts.placed + 1 };
      return true;
    },
  },
];
