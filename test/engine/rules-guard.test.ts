/** What keeps the rules honest: the engine's word is the only one, and a wrong table is found. */
import { Engine, type EngineResult } from 'json-rules-engine';
import t from 'tap';
import { engineAlone } from '../../engine/rules/alone.ts';
import { compileStage } from '../../engine/rules/compile.ts';
import { evaluateRequirements } from '../../engine/rules/requirements.ts';
import {
  atom,
  codesOf,
  column,
  DATE,
  indexOf,
  pairsOf,
  requirement,
  sourceOf,
  stageRules,
} from './rules-world.ts';

const AGE = requirement('age', { requires: { all: [atom('candidate.age', 'lessThan', 16)] } });
const SEX = requirement('sex', {
  applies: { all: [atom('candidate.age', 'greaterThan', 0)] },
  requires: { any: [atom('candidate.sex', 'equal', 'F')] },
});
const columns = {
  'candidate.age': column('candidate', [14, 18, null, 15]),
  'candidate.sex': column('candidate', ['F', 'M', 'F', 'M']),
};
const pairs = pairsOf([0, 1, 2, 3].map(candidate => ({ candidate, school: 0, major: 0 })));
const facts = { 'candidate.age': 14, 'candidate.sex': 'F' };
const makeStage = (common = [AGE, SEX]) => compileStage(stageRules({ common }), sourceOf(columns));
const EXPECTED = ['pass', 'no-age', 'missing-data', 'no-sex'];

/** A pair that passes, one that is refused, and one with an absent fact, each by itself. */
const single = (candidate: number) => pairsOf([{ candidate, school: 0, major: 0 }]);

type Run = typeof Engine.prototype.run;

async function withRun<T>(run: Run, body: () => Promise<T>): Promise<T> {
  const original = Engine.prototype.run;
  Engine.prototype.run = run;
  try {
    return await body();
  } finally {
    Engine.prototype.run = original;
  }
}

t.test('with the run of the engine stubbed every rule decision fails', async t => {
  const nothing = { results: [], failureResults: [], events: [], failureEvents: [] };
  const stubs: Record<string, () => Promise<unknown>> = {
    empty: async () => nothing,
    undefined: async () => undefined,
    throwing: () => Promise.reject(new Error('no engine')),
    boolean: async () => ({ ...nothing, results: [{ name: 'requires' }, { name: 'applies' }] }),
  };
  for (const [name, stub] of Object.entries(stubs)) {
    const code = /^rule-(failed|undecided)$/;
    await withRun(stub as unknown as Run, async () => {
      for (const candidate of [0, 1, 2, 3]) {
        await t.rejects(codesOf(makeStage(), single(candidate)), { code }, `${name}: decide`);
      }
      const stage = makeStage();
      const out = new Uint8Array(pairs.count);
      await t.rejects(
        stage.recheck(pairs, out, indexOf(stage), 1, () => 0),
        { code },
        'recheck',
      );
      await t.rejects(stage.explain(pairs, 0), { code }, `${name}: explain`);
      await t.rejects(evaluateRequirements([AGE], {}, DATE, facts), { code }, `${name}: start`);
    });
  }
});

t.test('without the stub they do not', async t => {
  const stage = makeStage();
  t.same(await codesOf(stage, pairs), EXPECTED);
  t.equal((await stage.explain(pairs, 0)).length, 2);
  t.equal((await evaluateRequirements([AGE], {}, DATE, facts)).refusal, null);
});

t.test('the outcome is what the engine returns, not what the atoms would say', async t => {
  const original = Engine.prototype.run;
  const contrary = async function (this: Engine, ...given: Parameters<Run>) {
    const result = await original.apply(this, given);
    for (const each of [...result.results, ...result.failureResults]) each.result = !each.result;
    const { results, failureResults } = result;
    return { ...result, results: failureResults, failureResults: results } as EngineResult;
  };
  const codes = await withRun(contrary, () => codesOf(makeStage([AGE]), pairs).catch(e => e.code));
  t.equal(codes, 'rule-undecided', 'an absent fact that the engine calls present');
  const present = pairsOf([0, 1, 3].map(candidate => ({ candidate, school: 0, major: 0 })));
  const turned = await withRun(contrary, () => codesOf(makeStage([AGE]), present));
  t.same(turned, ['no-age', 'pass', 'no-age']);
});

t.test('an atom that the engine sees otherwise than its operator stops the run', async t => {
  const original = Engine.prototype.run;
  const slipping = async function (this: Engine, ...given: Parameters<Run>) {
    const result = await original.apply(this, given);
    for (const { conditions } of result.results) {
      const { all } = conditions as { all: { result: boolean }[] };
      for (const leaf of all) leaf.result = !leaf.result;
    }
    return result;
  };
  await withRun(slipping, async () => {
    await t.rejects(codesOf(makeStage([AGE]), single(0)), { code: 'atom-differs' });
  });
});

t.test('the re-check finds a decision that was tampered with, and nothing else', async t => {
  const stage = makeStage();
  const out = new Uint8Array(pairs.count);
  await stage.decide(pairs, out, indexOf(stage));
  let turn = 0;
  const inTurn = () => (turn++ % pairs.count) / pairs.count;
  const clean = await stage.recheck(pairs, out, indexOf(stage), 4, inTurn);
  t.same(clean, { compared: 4, mismatches: [] });
  out[1] = 0;
  out[3] = indexOf(stage)('no-age');
  const found = await stage.recheck(pairs, out, indexOf(stage), 4, inTurn);
  t.same(found.mismatches, [
    { pair: 1, engine: 'no-age', table: 'pass' },
    { pair: 3, engine: 'no-sex', table: 'no-age' },
  ]);
});

t.test('the re-check finds a table whose facts changed under it', async t => {
  const age = column('candidate', [14, 18, 14, 15]);
  const changing = { ...columns, 'candidate.age': age };
  const stage = compileStage(stageRules({ common: [AGE] }), sourceOf(changing));
  const out = new Uint8Array(pairs.count);
  await stage.decide(pairs, out, indexOf(stage));
  age.codes[0] = age.values.indexOf(18);
  const { mismatches } = await stage.recheck(pairs, out, indexOf(stage), 1, () => 0);
  t.same(mismatches, [{ pair: 0, engine: 'no-age', table: 'pass' }]);
});

t.test('pairs settled before are not re-checked, even with a code that rules give too', async t => {
  const stage = makeStage();
  const out = new Uint8Array(pairs.count);
  out[0] = indexOf(stage)('missing-data');
  out[1] = 99;
  await stage.decide(pairs, out, indexOf(stage));
  t.same([out[0], out[1]], [indexOf(stage)('missing-data'), 99]);
  let turn = 0;
  const result = await stage.recheck(pairs, out, indexOf(stage), 4, () => (turn++ % 4) / 4);
  t.same(result, { compared: 2, mismatches: [] });
  t.same(await stage.recheck(pairsOf([]), out, indexOf(stage), 4, Math.random), {
    compared: 0,
    mismatches: [],
  });
});

t.test('one stage decides one array at a time', async t => {
  const stage = makeStage();
  const first = codesOf(stage, pairs);
  await t.rejects(codesOf(stage, pairs), { code: 'stage-busy' });
  t.same(await first, EXPECTED);
  t.same(await codesOf(stage, pairs), EXPECTED, 'and the next one after it');
});

t.test('explanations may be asked for while the stage decides', async t => {
  const stage = makeStage();
  const [codes, ...told] = await Promise.all([
    codesOf(stage, pairs),
    ...[0, 1, 2, 3].map(pair => stage.explain(pairs, pair)),
  ]);
  t.same(codes, EXPECTED);
  t.same(
    told.map(each => each.find(({ code }) => code !== null)?.code ?? 'pass'),
    EXPECTED,
  );
});

t.test('what no loader would let pass gives an error that names the rule', async t => {
  const pair = single(0);
  const codeOf = (requires: (typeof AGE)['requires'], conditions = {}) => {
    const rules = stageRules({ common: [requirement('odd', { requires })], conditions });
    return Promise.resolve().then(() => codesOf(compileStage(rules, sourceOf(columns)), pair));
  };
  const cases: [string, (typeof AGE)['requires'], object?][] = [
    ['rule-failed', { all: [atom('candidate.age', 'in', 14)] }],
    ['unknown-operator', { all: [atom('candidate.age', 'atLeast', 14)] }],
    ['unknown-condition', { all: [{ condition: 'none' }] }],
    [
      'condition-too-deep',
      { condition: 'a' },
      { a: { all: [{ condition: 'b' }] }, b: { any: [{ condition: 'a' }] } },
    ],
  ];
  for (const [code, requires, conditions] of cases) {
    await t.rejects(codeOf(requires, conditions), { code, detail: { rule: 'odd' } }, code);
  }
  const majors = compileStage(
    stageRules({ byTarget: new Map([[0, [AGE]]]), target: 'major' }),
    sourceOf(columns),
  );
  await t.rejects(codesOf(majors, { ...pair, major: null }), { code: 'no-target' });
  const out = new Uint8Array(pairs.count);
  await t.rejects(
    makeStage().decide(pairs, out, () => 256),
    { code: 'code-index' },
  );
});

t.test('a condition that is a single atom, or empty, is put to the engine as it means', async t => {
  const codes = (requires: (typeof AGE)['requires']) =>
    codesOf(makeStage([requirement('bare', { requires })]), single(1));
  t.same(await codes(atom('candidate.age', 'lessThan', 16)), ['no-bare']);
  t.same(await codes({ any: [] }), ['pass']);
  t.same(await codes({ not: { all: [] } }), ['no-bare']);
});

t.test('the engine alone refuses as many pairs as the situations do', async t => {
  const byTarget = new Map([[0, [SEX]]]);
  const rules = stageRules({ common: [AGE], byTarget });
  const sample = [0, 1, 3];
  const alone = await engineAlone(rules, sourceOf(columns), pairs, sample);
  const codes = await codesOf(compileStage(rules, sourceOf(columns)), pairs);
  const refused = sample.filter(pair => codes[pair] !== 'pass').length;
  t.same(alone, { decided: 3, refused });
});
