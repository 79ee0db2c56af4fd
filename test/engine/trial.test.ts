/** Trials of a policy on random small provinces, and the paths by which single values are set. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { dispatchDetail } from '../../engine/dispatch/detail.ts';
import { fullYears } from '../../engine/dispatch/facts-of-world.ts';
import { WorldMemory } from '../../engine/dispatch/world-memory.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import { CHANGE_KINDS, compareResults } from '../../engine/trial/compare.ts';
import { moveToSeason } from '../../engine/trial/move-season.ts';
import { applySettings, parseSetting, parseSweep } from '../../engine/trial/settings.ts';
import { addFigures, emptyFigures, TrialTally } from '../../engine/trial/tally.ts';
import { trialSums } from '../../reports/policy/trial-report.ts';
import { type Case, cases } from './dispatch-random.ts';
import { placingOf, policyOf, requirement, simpleRows, worldOf } from './dispatch-worlds.ts';

const RUNS = 60;
const OPTIONS = { random: () => 0.5, recheckSample: 3 };

/**
 * Two cases that have nothing to do with each other: `gen` goes on with a copy of the randomness,
 * so that two of them in a row draw the same; the number between them moves it on.
 */
const pairs = fc
  .tuple(cases, fc.integer(), cases)
  .map(([drawn, _, other]) => [drawn, other] as const);

const optionsOf = ({ scope }: Case) =>
  scope.school === undefined ? OPTIONS : { ...OPTIONS, school: scope.school };

function equal(actual: unknown, expected: unknown, message: string): void {
  if (actual !== expected) throw new Error(`${message}\n${actual}\n—— expected\n${expected}`);
}

t.test('the same policy changes nothing for anybody', async t => {
  await fc.assert(
    fc.asyncProperty(cases, async drawn => {
      const memory = new WorldMemory(worldOf(drawn.data, drawn.policy, drawn.scope));
      const before = await memory.dispatch(drawn.policy, optionsOf(drawn));
      const after = await memory.dispatch(drawn.policy, optionsOf(drawn));
      const { kind } = compareResults(memory.world, before.result, after.result);
      equal(
        kind.every(each => each === 0),
        true,
        'kinds',
      );
      equal(after.engineRuns, 0, 'nothing new is asked of the engine');
    }),
    { numRuns: RUNS },
  );
  t.pass(`${RUNS} worlds`);
});

t.test('a trial is a full recompute under the other policy, byte for byte', async t => {
  await fc.assert(
    fc.asyncProperty(pairs, async ([drawn, other]) => {
      const { world, detail } = await placingOf(drawn.data, drawn.policy, drawn.scope);
      const memory = new WorldMemory(world);
      const tried = async (policy: Case['policy']) => {
        const { result } = await memory.dispatch(policy, optionsOf(drawn));
        return { result, text: Buffer.concat([...dispatchDetail(world, result)]).toString('utf8') };
      };
      const before = await tried(drawn.policy);
      const after = await tried(other.policy);
      const again = await tried(drawn.policy);
      const recomputed = await placingOf(drawn.data, other.policy, drawn.scope);
      equal(before.text, detail, 'its own policy');
      equal(after.text, recomputed.detail, 'the other policy');
      equal(again.text, detail, 'its own policy again');
    }),
    { numRuns: RUNS },
  );
  t.pass(`${RUNS} pairs of policies`);
});

t.test('the counts of a trial reconcile, and are those of the two results', async t => {
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(pairs, async ([drawn, other]) => {
      const memory = new WorldMemory(worldOf(drawn.data, drawn.policy, drawn.scope));
      const { result: before } = await memory.dispatch(drawn.policy, optionsOf(drawn));
      const { result: after } = await memory.dispatch(other.policy, optionsOf(drawn));
      const tally = new TrialTally();
      const comparison = compareResults(memory.world, before, after);
      tally.add(comparison, { city: drawn.scope.city, batch: drawn.scope.batch });
      for (const { sentence, left, right } of trialSums(tally)) equal(left, right, sentence);
      const { total } = tally;
      equal(total.placedBefore, before.counts.placed, 'placed before');
      equal(total.placedAfter, after.counts.placed, 'placed after');
      const kinds = CHANGE_KINDS.reduce((sum, kind) => sum + total[kind], 0);
      equal(kinds, before.participants.length, 'everybody has one kind');
      const flows = [...tally.flows.values()].reduce((sum, { count }) => sum + count, 0);
      equal(flows, total.gained + total.lost + total.better + total.worse, 'flows');
      const figures = emptyFigures();
      addFigures(figures, after);
      equal(figures.free, tally.freeAfter, 'free places');
      moved += flows;
    }),
    { numRuns: RUNS },
  );
  t.ok(moved > RUNS, `${moved} people moved`);
});

t.test('who gains, loses or changes place is told by the choice that it is about', async t => {
  const data = simpleRows({ S1: 1, S2: 1 }, {}, [
    { no: 'q1', total: 500, choices: ['S1', 'S2'] },
    { no: 'q2', total: 490, choices: ['S1', 'S2'] },
    { no: 'q3', total: 480, choices: ['S1', 'S2'] },
  ]);
  const line = requirement({
    id: 'at-most',
    requires: { all: [{ fact: 'candidate.score', operator: 'lessThan', value: 500 }] },
    refuse: 'too-good',
  });
  const before = policyOf();
  const after = policyOf({}, { eligibility: [line] });
  const memory = new WorldMemory(worldOf(data, before));
  const { result: was } = await memory.dispatch(before, OPTIONS);
  const { result: is } = await memory.dispatch(after, OPTIONS);
  const comparison = compareResults(memory.world, was, is);
  t.same(
    [...comparison.kind].map(kind => CHANGE_KINDS[kind]),
    ['lost', 'better', 'gained'],
  );
  const tally = new TrialTally();
  tally.add(comparison, { city: '440100', batch: 'vocational' });
  t.same(
    [...tally.flows.values()].map(({ kind, before, after, count }) => [kind, before, after, count]),
    [
      ['lost', 'placed', 'too-good', 1],
      ['better', 'full', 'placed', 1],
      ['gained', 'full', 'placed', 1],
    ],
  );
  const [first] = tally.schools.values();
  t.match(first, { school: 'S1', came: 1, left: 1, lowestBefore: 50_000, lowestAfter: 49_000 });
});

const RULES = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
const FILES = new Map(
  [...readPolicyFolder(RULES)].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
);

t.test('a past year is tried as the policy’s own year: ages and days keep', t => {
  const data = simpleRows({ S1: 1 }, {}, [{ no: 'q1', total: 500, choices: ['S1'] }]);
  const before = policyOf();
  const after = policyOf({}, { season: 2017 }, { window: ['2017-07-22', '2017-07-31'] });
  const world = worldOf(data, before, {
    city: '440100',
    batch: 'vocational',
    round: 1,
    date: '2016-07-21',
  });
  const moved = moveToSeason(world, before, after);
  t.equal(moved.date, '2017-07-23', 'the second day of the window is the second day');
  t.equal(moved.season, 2017);
  const births = (of: typeof world) => of.candidates.birthDate.values.filter(each => each !== null);
  t.same(births(world), ['2001-03-01']);
  t.same(births(moved), ['2002-03-01']);
  t.equal(fullYears('2002-03-01', '2017-07-22'), fullYears('2001-03-01', '2016-07-22'));
  t.equal(moveToSeason(world, before, before), world, 'of one season, nothing moves');
  t.end();
});

t.test('a value is set where it stands, and everything else stays as written', t => {
  const text = 'score-lines.regions[440100,vocational].line=310';
  const { files, changes } = applySettings(FILES, [parseSetting(text)]);
  t.match(changes, [{ file: 'cities/440100.yaml', before: 320, after: 310, keptBy: [] }]);
  const was = readFileSync(join(RULES, 'cities', '440100.yaml'), 'utf8');
  t.equal(files.get('cities/440100.yaml'), was.replace('line: 320', 'line: 310'));
  for (const [path, content] of FILES) {
    if (path !== 'cities/440100.yaml') t.equal(files.get(path), content, path);
  }
  const { bundle, problems } = loadPolicy(new Map(files));
  t.same(problems, []);
  t.equal(bundle && effectivePolicy(bundle, '440100').regionLines[0]?.line, 31_000);
  t.end();
});

t.test('text stays text, a city gets a value of its own, and who keeps one is named', t => {
  const ratio = 'batches.batches[vocational].dispatch.ratio';
  const province = applySettings(FILES, [parseSetting(`${ratio}=1.20`)]);
  t.match(province.changes, [{ file: 'batches.yaml', before: '1.00', after: '1.20' }]);
  t.same(province.changes[0]?.keptBy, ['440400', '441300', '441900']);
  const own = applySettings(FILES, [parseSetting(`cities/440100:${ratio}=1.20`)]);
  t.match(own.changes, [{ file: 'cities/440100.yaml', before: undefined, after: '1.20' }]);
  const { bundle } = loadPolicy(new Map(own.files));
  const of = (city: string) => bundle && effectivePolicy(bundle, city).batches[0]?.dispatch.ratio;
  t.same([of('440100'), of('440200')], [120, 100]);
  t.end();
});

t.test('a path that leads nowhere is refused with what could stand there', t => {
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['score-line.regions=1', 'path-unknown', /「score-lines」/],
    ['score-lines.regions[440100,vocationl].line=1', 'path-unknown', /「440100,vocational」/],
    ['eligibility.rules[region-lin].missing=pass', 'path-unknown', /「region-line」/],
    ['batches.batches[vocational].dispach.ratio=1', 'path-unknown', /「dispatch」/],
    ['cities/440100:calendar.phases[phase-1].title=x', 'path-unknown', /calendar/],
    ['batches', 'path-syntax', /没有“=值”/],
    ['batches=1', 'path-syntax', /没有写明键/],
    ['batches.batches[vocational.title=1', 'path-syntax', /看不懂/],
    ['preferences.cap=[1', 'path-syntax', /不是 YAML/],
  ];
  for (const [text, code, message] of refused) {
    t.throws(() => applySettings(FILES, [parseSetting(text)]), { code, message }, text);
  }
  const slip = applySettings(FILES, [parseSetting('batches.batches[vocational].order=many')]);
  t.ok(
    loadPolicy(new Map(slip.files)).problems.length > 0,
    'what is set is checked like any policy',
  );
  t.end();
});

t.test('a sweep is exact, and bounded', t => {
  const values = (text: string) => parseSweep(`preferences.cap=${text}`).values;
  t.same(values('280..290:5'), ['280', '285', '290']);
  t.same(values('1.00..1.10:0.05'), ['1.00', '1.05', '1.10']);
  t.same(values('0.1..0.3:0.1'), ['0.1', '0.2', '0.3']);
  t.same(values('follow,reject-all'), ['follow', 'reject-all']);
  t.throws(() => values('280..340:0'), { code: 'sweep-syntax' });
  t.throws(() => values('340..280:5'), { code: 'sweep-syntax' });
  t.throws(() => values('a..b:5'), { code: 'sweep-syntax' });
  t.throws(() => values('280'), { code: 'sweep-syntax' });
  t.throws(() => values('0..1000:1'), { code: 'sweep-too-long' });
  t.end();
});
