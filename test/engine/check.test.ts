import t from 'tap';
import { FILES_READ, type FileRead, RowBuilder } from '../../engine/dispatch/build-rows.ts';
import { checkResult, requireClean } from '../../engine/dispatch/check.ts';
import { type DispatchResult, FIXED_REASONS } from '../../engine/dispatch/result.ts';
import { dispatch } from '../../engine/dispatch/run.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { CodedError } from '../../engine/errors.ts';
import type { DispatchRules, Policy } from '../../engine/policy/types.ts';
import type { CompiledStage, StageRules } from '../../engine/rules/stage.ts';
import {
  BATCH,
  below,
  CITY,
  DATE,
  type Random,
  type RandomCase,
  randomCase,
  SEASON,
  type Shape,
  seeded,
} from '../jobs/audit-world.ts';

const FIRST_SEED = Number(process.env['SEED'] ?? 1);

function worldOf({ rows }: RandomCase): World {
  const scope = { season: SEASON, city: CITY, batch: BATCH, round: 1, date: DATE, attributes: [] };
  const builder = new RowBuilder(scope);
  for (const file of FILES_READ) for (const row of rows[file as FileRead]) builder.add(file, row);
  return builder.finish();
}

/** Rules stand outside this test: one pair in nine is refused, by its numbers alone. */
function arbitraryStage({ stage }: StageRules): CompiledStage {
  return {
    stage,
    codes: ['below-line', 'missing-data'],
    async decide(pairs, out, codeIndex) {
      for (let pair = 0; pair < pairs.count; pair += 1) {
        if (out[pair] !== 0) continue;
        const chance = (pairs.candidate[pair] * 31 + pairs.school[pair] * 17) % 18;
        if (chance === 0) out[pair] = codeIndex('below-line');
        if (chance === 1) out[pair] = codeIndex('missing-data');
      }
    },
    recheck: async () => ({ compared: 0, mismatches: [] }),
    explain: async () => [],
    situations: () => [],
    engineRuns: () => 0,
  };
}

async function run(world: World, policy: Policy, school?: string): Promise<DispatchResult> {
  const { result } = await dispatch(world, policy, {
    random: () => 0,
    recheckSample: 0,
    compileStage: arbitraryStage,
    ...(school === undefined ? {} : { school }),
  });
  return result;
}

/** Every line that the tests below can change. */
type Open = { -readonly [K in keyof DispatchResult]: DispatchResult[K] };

const reason = (code: (typeof FIXED_REASONS)[number]) => FIXED_REASONS.indexOf(code);
const faults = (world: World, policy: Policy, result: DispatchResult, only?: string) =>
  checkResult(world, policy, result, only).violations.map(one => `${one.property} ${one.fault}`);

t.test('what the dispatch gives breaks no property, in any mode and with any ending', async t => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 1200; seed += 1) {
    const random = seeded(seed);
    const one = randomCase(random);
    const world = worldOf(one);
    const only = random() < 0.2 ? one.planned[below(random, one.planned.length)] : undefined;
    const result = await run(world, one.policy, only);
    const report = checkResult(world, one.policy, result, only);
    if (report.violations.length > 0) t.strictSame(report.violations, [], `seed ${seed}`);
    if (report.placed !== result.counts.placed) t.fail(`seed ${seed}: placed`);
    requireClean(report);
  }
});

t.test('a result of another rule is found wherever it places anybody differently', async t => {
  const others: Partial<DispatchRules>[] = [
    { mode: 'score-first', bands: [] },
    { mode: 'choice-first', bands: [] },
    { mode: 'banded', bands: [54000, 52000] },
    { mode: 'lottery', bands: [], majors: { mode: 'score-first', gap: 0 } },
    ...(['follow', 'reject-all', 'lottery', 'candidate-no'] as const).map(ending => ({
      ties: { keys: [], ending },
    })),
    { ratio: 130, rounding: 'ceil' },
    { ratio: 50, rounding: 'floor' },
    { seed: 'another' },
  ];
  const differing = new Array(others.length).fill(0);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + 250; seed += 1) {
    const one = randomCase(seeded(seed));
    const world = worldOf(one);
    const right = await run(world, one.policy);
    for (const [at, other] of others.entries()) {
      const wrong = await run(world, withDispatch(one.policy, other));
      const found = faults(world, one.policy, wrong);
      const same = `${wrong.placedChoice}` === `${right.placedChoice}`;
      if (!same) differing[at] += 1;
      if (!same && found.length === 0) t.fail(`seed ${seed}, ${JSON.stringify(other)}`);
    }
  }
  t.ok(
    differing.every(count => count > 5),
    `each was put to the test: ${differing}`,
  );
});

function withDispatch(policy: Policy, other: Partial<DispatchRules>): Policy {
  const [batch] = policy.batches;
  return { ...policy, batches: [{ ...batch!, dispatch: { ...batch!.dispatch, ...other } }] };
}

interface Plant {
  readonly title: string;
  readonly expect: string;
  readonly shape?: Shape;
  /** Breaks the result; false: this one has nothing to break. */
  plant(result: Open, world: World, random: Random): boolean;
}

const placedAt = (result: DispatchResult) => result.placedChoice.findIndex(choice => choice >= 0);
const FOLLOW: Shape = {
  dispatch: { mode: 'score-first', bands: [], ties: { keys: [], ending: 'follow' } },
  candidates: 30,
};
const BY_NUMBER: Shape = {
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

const PLANTS: readonly Plant[] = [
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

for (const { title, expect, shape, plant } of PLANTS) {
  t.test(`finds ${title} (${expect})`, async t => {
    let planted = 0;
    for (let seed = FIRST_SEED; planted < 10 && seed < FIRST_SEED + 600; seed += 1) {
      const random = seeded(seed);
      const one = randomCase(random, shape);
      const world = worldOf(one);
      const result = structuredClone(await run(world, one.policy)) as Open;
      if (!plant(result, world, random)) continue;
      planted += 1;
      const found = faults(world, one.policy, result);
      if (!found.includes(expect)) t.strictSame(found, [expect], `seed ${seed}`);
    }
    t.ok(planted >= 3, `planted ${planted} times`);
  });
}

t.test('in a run for one school, nobody is passed over without an earlier open choice', async t => {
  let planted = 0;
  for (let seed = FIRST_SEED; planted < 10 && seed < FIRST_SEED + 400; seed += 1) {
    const one = randomCase(seeded(seed), BY_NUMBER);
    const world = worldOf(one);
    for (const school of one.planned) {
      const result = structuredClone(await run(world, one.policy, school)) as Open;
      const index = world.schools.findIndex(each => each.code === school);
      const choice = result.reasonOf.findIndex(
        (code, at) => world.choices.school[at] === index && code === reason('earlier-choice-open'),
      );
      if (choice < 0) continue;
      planted += 1;
      result.reasonOf[choice] = reason('full');
      t.ok(faults(world, one.policy, result, school).includes('P3 passed-over'), `seed ${seed}`);
    }
  }
  t.ok(planted >= 3, `planted ${planted} times`);
});

t.test('a broken result stops the run with a code, and names property and school', async t => {
  const one = randomCase(seeded(FIRST_SEED), FOLLOW);
  const world = worldOf(one);
  const result = structuredClone(await run(world, one.policy)) as Open;
  result.score[0] += 1;
  const report = checkResult(world, one.policy, result);
  t.throws(() => requireClean(report), { code: 'check-failed', exitCode: 5 });
  const error = t.throws(() => checkResult(world, one.policy, result, 'none'));
  t.equal((error as unknown as CodedError)?.code, 'unknown-school');
  const unknown = { ...one.policy, batches: [] };
  t.throws(() => checkResult(world, unknown, result), { code: 'unknown-batch' });
});
