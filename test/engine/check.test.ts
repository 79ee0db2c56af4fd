import t from 'tap';
import { FILES_READ, type FileRead, RowBuilder } from '../../engine/dispatch/build-rows.ts';
import { checkResult, requireClean } from '../../engine/dispatch/check.ts';
import type { DispatchResult } from '../../engine/dispatch/result.ts';
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
  type RandomCase,
  randomCase,
  SEASON,
  seeded,
} from '../jobs/audit-world.ts';
import { BY_NUMBER, FOLLOW, type Open, PLANTS, reason } from './check-plants.ts';

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
