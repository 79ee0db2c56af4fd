/**
 * Tiny worlds, all of them: every profile of preferences of three candidates over two and three
 * schools, every pattern of ties, every mode and ending – each held against the oracle.
 */
import t from 'tap';
import type { DispatchRules } from '../../engine/policy/types.ts';
import { naiveStage } from './dispatch-naive-stage.ts';
import { oracle } from './dispatch-oracle.ts';
import { placingOf, policyOf, SCOPE, simpleRows } from './dispatch-worlds.ts';

const MODES = ['score-first', 'choice-first', 'banded'] as const;
const ENDINGS = ['follow', 'reject-all', 'lottery', 'candidate-no'] as const;
/** Up to renaming the candidates, all patterns of three scores. */
const SCORES = [
  [500, 500, 500],
  [500, 500, 490],
  [500, 490, 490],
  [500, 490, 480],
];
const NUMBERS = ['c1', 'c2', 'c3'];

/** All ordered choices of one or more of these schools. */
function listsOver(schools: readonly string[]): string[][] {
  return schools.flatMap(first => [
    [first],
    ...listsOver(schools.filter(other => other !== first)).map(rest => [first, ...rest]),
  ]);
}

/** All ways to give each of the three candidates one of the lists. */
function* profiles(lists: readonly string[][]): Generator<string[][]> {
  for (const a of lists) for (const b of lists) for (const c of lists) yield [a, b, c];
}

function policies(modes: readonly DispatchRules['mode'][], endings = ENDINGS.slice()) {
  return modes.flatMap(mode =>
    (mode === 'lottery' ? endings.slice(0, 1) : endings).map(ending =>
      policyOf({
        mode,
        bands: mode === 'banded' ? [49_500, 48_500] : [],
        seed: 'seed-7',
        ties: { keys: [], ending },
      }),
    ),
  );
}

async function compareAll(
  planned: Readonly<Record<string, number>>,
  scores: readonly number[],
  some: ReturnType<typeof policies>,
): Promise<{ worlds: number; differing: string[] }> {
  let worlds = 0;
  const differing: string[] = [];
  for (const profile of profiles(listsOver(Object.keys(planned)))) {
    const data = simpleRows(
      planned,
      {},
      NUMBERS.map((no, at) => ({ no, total: scores[at], choices: profile[at] })),
    );
    for (const policy of some) {
      const { detail } = await placingOf(data, policy, SCOPE, naiveStage);
      const expected = oracle(data, policy, SCOPE).detail;
      worlds += 1;
      if (detail !== expected) {
        const { mode, ties } = policy.batches[0].dispatch;
        differing.push(`${mode} ${ties.ending} ${JSON.stringify(profile)}\n${detail}${expected}`);
      }
    }
  }
  return { worlds, differing };
}

for (const planned of [
  { S1: 1, S2: 1 },
  { S1: 2, S2: 1 },
  { S1: 1, S2: 0 },
]) {
  t.test(`three candidates, two schools with ${planned.S1} and ${planned.S2} places`, async t => {
    let worlds = 0;
    for (const scores of SCORES) {
      const done = await compareAll(planned, scores, policies([...MODES, 'lottery']));
      t.same(done.differing.slice(0, 3), [], `scores ${scores}`);
      worlds += done.worlds;
    }
    t.equal(worlds, 64 * 4 * 13);
  });
}

t.test('three candidates, three schools with one place each, all of them equal', async t => {
  const some = policies(['score-first', 'choice-first'], ['follow', 'reject-all']);
  const done = await compareAll({ S1: 1, S2: 1, S3: 1 }, [500, 500, 500], some);
  t.same(done.differing.slice(0, 3), []);
  t.equal(done.worlds, 15 ** 3 * 4);
});
