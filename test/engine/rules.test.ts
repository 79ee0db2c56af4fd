import fc from 'fast-check';
import { Engine } from 'json-rules-engine';
import t from 'tap';
import type { Condition } from '../../engine/policy/types.ts';
import { OPERATORS_BY_TYPE } from '../../engine/rules/catalogue.ts';
import { CHUNK_PAIRS, compileStage } from '../../engine/rules/compile.ts';
import { MATRIX_LIMIT_CELLS } from '../../engine/rules/keys.ts';
import { TABLE_LIMIT_KEYS } from '../../engine/rules/situations.ts';
import type { CompiledStage, Pairs } from '../../engine/rules/stage.ts';
import { Oracle } from './rules-oracle.ts';
import {
  anyStage,
  atom,
  type Columns,
  codesOf,
  column,
  DATE,
  indexOf,
  pairsOf,
  type RandomStage,
  requirement,
  sourceOf,
  stageRules,
} from './rules-world.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000);
t.comment(`seed ${seed}`);

const SETTLED = 255;

async function decided(stage: CompiledStage, { pairs, settled }: RandomStage): Promise<Uint8Array> {
  const out = Uint8Array.from(settled, each => (each ? SETTLED : 0));
  await stage.decide(pairs, out, indexOf(stage));
  return out;
}

t.test('situations decide as the engine does, pair for pair, and count exactly', async t => {
  let pairsCompared = 0;
  const seen = new Set<string>();
  const property = fc.asyncProperty(anyStage, async world => {
    const { rules, columns, pairs, settled } = world;
    const stage = compileStage(rules, sourceOf(columns));
    const oracle = new Oracle(rules, columns);
    const out = await decided(stage, world);
    const expected = new Map<string, number>();
    for (let pair = 0; pair < pairs.count; pair += 1) {
      if (settled[pair]) {
        if (out[pair] !== SETTLED) throw new Error(`pair ${pair} was settled, yet written`);
        continue;
      }
      const { code, steps } = await oracle.decide(pairs, pair);
      const found = out[pair] === 0 ? 'pass' : stage.codes[out[pair]! - 1];
      if (found !== code) throw new Error(`pair ${pair}: ${found}, by the engine ${code}`);
      pairsCompared += 1;
      for (const { rule, outcome } of steps) {
        expected.set(`${rule} ${outcome}`, (expected.get(`${rule} ${outcome}`) ?? 0) + 1);
        seen.add(outcome);
      }
    }
    const counted = new Map<string, number>();
    for (const { rule, outcome, pairs: count } of stage.situations()) {
      counted.set(`${rule} ${outcome}`, (counted.get(`${rule} ${outcome}`) ?? 0) + count);
    }
    const sorted = (counts: Map<string, number>) => JSON.stringify([...counts].sort());
    if (sorted(counted) !== sorted(expected)) throw new Error('situations were miscounted');
    let turn = 0;
    const spread = () => (turn++ * 0.37) % 1;
    const again = await stage.recheck(pairs, out, indexOf(stage), 20, spread);
    if (again.mismatches.length > 0) throw new Error('the re-check sees a mismatch');
  });
  await fc.assert(property, { numRuns: 250, seed });
  t.ok(pairsCompared >= 20_000, `${pairsCompared} pairs compared`);
  t.same([...seen].sort(), ['missing-data', 'pass', 'refuse', 'skip']);
});

t.test('explanations name the same first refusal, and never throw', async t => {
  const property = fc.asyncProperty(anyStage, fc.nat(99), async (world, pair) => {
    const stage = compileStage(world.rules, sourceOf(world.columns));
    const { code } = await new Oracle(world.rules, world.columns).decide(world.pairs, pair);
    const told = await stage.explain(world.pairs, pair);
    const refused = told.find(each => each.code !== null);
    if ((refused?.code ?? 'pass') !== code) throw new Error(`${refused?.code} instead of ${code}`);
    for (const { sentence } of told.flatMap(each => each.atoms)) {
      if (/undefined|null|object|\bfact\b/.test(sentence)) throw new Error(sentence);
    }
  });
  await fc.assert(property, { numRuns: 150, seed });
  t.pass('150 pairs explained');
});

t.test('pairs in chunks give the same codes and situations as all at once', async t => {
  const property = fc.asyncProperty(
    anyStage,
    fc.integer({ min: 1, max: 99 }),
    async (world, cut) => {
      const columns = withoutChoices(world.columns);
      const whole = compileStage(world.rules, sourceOf(columns));
      const parts = compileStage(world.rules, sourceOf(columns));
      const atOnce = await codesOf(whole, world.pairs);
      const first = await codesOf(parts, slice(world.pairs, 0, cut));
      const second = await codesOf(parts, slice(world.pairs, cut, world.pairs.count));
      const counts = (stage: CompiledStage) =>
        stage.situations().map(each => [each.rule, each.situation, each.code, each.pairs]);
      const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
      if (!same(atOnce, [...first, ...second])) throw new Error('codes differ');
      if (!same(counts(whole), counts(parts))) throw new Error('situations differ');
    },
  );
  await fc.assert(property, { numRuns: 50, seed });
  t.pass('50 worlds cut in two');
});

function withoutChoices(columns: Columns): Columns {
  const constant = (fact: string) => column('run', [columns[fact]!.values[0]!]);
  return {
    ...columns,
    'choice.ordinal': constant('choice.ordinal'),
    'choice.adjustment': constant('choice.adjustment'),
  };
}

function slice(pairs: Pairs, from: number, to: number): Pairs {
  return {
    count: to - from,
    candidate: pairs.candidate.subarray(from, to),
    school: pairs.school.subarray(from, to),
    major: pairs.major === null ? null : pairs.major.subarray(from, to),
    choice: null,
  };
}

const LINE = requirement('line', {
  requires: { all: [atom('candidate.score', 'greaterThanInclusive', { fact: 'line.region' })] },
  refuse: 'below-region-line',
});

t.test('more pairs than one chunk are all decided, with few runs of the engine', async t => {
  const count = CHUNK_PAIRS * 2 + 77;
  const scores = Array.from({ length: count }, (_, index) => (index * 7919) % 700);
  const columns = {
    'candidate.score': column('candidate', scores, 1),
    'line.region': column('school', [300, 400, null]),
  };
  const rows = scores.map((_, index) => ({ candidate: index, school: index % 3, major: 0 }));
  const stage = compileStage(stageRules({ common: [LINE] }), sourceOf(columns));
  const codes = await codesOf(stage, pairsOf(rows));
  const expected = rows.map(({ candidate, school }) => {
    if (school === 2) return 'missing-data';
    return scores[candidate]! >= [300, 400][school]! ? 'pass' : 'below-region-line';
  });
  t.equal(
    codes.findIndex((code, index) => code !== expected[index]),
    -1,
  );
  t.equal(stage.engineRuns(), 3);
  t.same(
    stage.situations().map(({ situation, outcome, pairs }) => [situation, outcome, pairs]),
    [
      ['0', 'refuse', expected.filter(code => code === 'below-region-line').length],
      ['1', 'pass', expected.filter(code => code === 'pass').length],
      ['missing:line.region', 'missing-data', expected.filter(c => c === 'missing-data').length],
    ],
  );
  const [refused] = stage.situations();
  t.match(refused?.tree, { requires: { all: [{ fact: 'candidate.score', result: false }] } });
  t.same(Object.keys(refused?.example ?? {}), ['candidate.score', 'line.region']);
});

t.test('a threshold changed alone changes the outcome', async t => {
  const columns = { 'candidate.age': column('candidate', [15, 16, 17]) };
  const rows = [0, 1, 2].map(candidate => ({ candidate, school: 0, major: 0 }));
  const limit = async (age: number) => {
    const rule = requirement('age', {
      requires: { all: [atom('candidate.age', 'lessThan', age)] },
    });
    return codesOf(compileStage(stageRules({ common: [rule] }), sourceOf(columns)), pairsOf(rows));
  };
  t.same(await limit(16), ['pass', 'no-age', 'no-age']);
  t.same(await limit(17), ['pass', 'pass', 'no-age']);
});

t.test('rules of a school or plan line bind only their own, after the common ones', async t => {
  const columns = {
    'candidate.sex': column('candidate', ['M', 'F']),
    'candidate.score': column('candidate', [400, 200]),
    'line.region': column('school', [300, 100, 300]),
  };
  const women = requirement('women', { requires: { all: [atom('candidate.sex', 'equal', 'F')] } });
  const rows = [0, 1].flatMap(candidate =>
    [0, 1, 2].map(school => ({ candidate, school, major: 2 - school })),
  );
  const codes = (target: 'school' | 'major') => {
    const rules = stageRules({ common: [LINE], byTarget: new Map([[0, [women]]]), target });
    return codesOf(compileStage(rules, sourceOf(columns)), pairsOf(rows));
  };
  const below = 'below-region-line';
  t.same(await codes('school'), ['no-women', 'pass', 'pass', below, 'pass', below]);
  t.same(await codes('major'), ['pass', 'pass', 'no-women', below, 'pass', below]);
});

t.test('rules are in force from the first day of valid, and not on its last', async t => {
  const columns = { 'candidate.sex': column('candidate', ['M']) };
  const never = { requires: { all: [atom('candidate.sex', 'equal', 'F')] } };
  const codeOn = async (valid: readonly [string | null, string | null]) => {
    const rules = stageRules({ common: [requirement('sex', { ...never, valid })] });
    const stage = compileStage(rules, sourceOf(columns));
    return (await codesOf(stage, pairsOf([{ candidate: 0, school: 0, major: 0 }])))[0];
  };
  t.equal(await codeOn([DATE, null]), 'no-sex');
  t.equal(await codeOn([null, DATE]), 'pass');
  t.equal(await codeOn([null, '2016-07-21']), 'no-sex');
  t.equal(await codeOn(['2016-07-21', null]), 'pass');
});

t.test('an absent fact settles the rule, though the engine would never reach it', async t => {
  const either: Condition = {
    any: [atom('candidate.sex', 'equal', 'M'), atom('candidate.age', 'lessThan', 30)],
  };
  const positive: Condition = { not: atom('candidate.age', 'greaterThan', 30) };
  const columns = {
    'candidate.sex': column('candidate', ['M']),
    'candidate.age': column('candidate', [null]),
  };
  const pairs = pairsOf([{ candidate: 0, school: 0, major: 0 }]);
  const outcome = async (more: Parameters<typeof requirement>[1]) => {
    const rules = stageRules({ common: [requirement('r', more)], conditions: { either } });
    const stage = compileStage(rules, sourceOf(columns));
    const [code] = await codesOf(stage, pairs);
    return [code, stage.situations()[0]?.situation, stage.situations()[0]?.outcome];
  };
  const absent = 'missing:candidate.age';
  t.same(await outcome({ requires: either }), ['missing-data', absent, 'missing-data']);
  t.same(await outcome({ requires: { condition: 'either' } }).then(all => all[0]), 'missing-data');
  t.same(await outcome({ requires: either, missing: 'pass' }), ['pass', absent, 'skip']);
  t.same(await outcome({ requires: positive }), ['missing-data', absent, 'missing-data']);
  const foreign = { all: [atom('candidate.sex', 'equal', 'F')] };
  t.same(
    await outcome({ applies: foreign, requires: positive }).then(all => all[0]),
    'missing-data',
    'before applies is looked at',
  );

  const among = { all: [atom('candidate.sex', 'in', { fact: 'candidate.county' })] };
  const counties = {
    'candidate.sex': column('candidate', ['M', 'F']),
    'candidate.county': column('candidate', [null, '440103']),
  };
  const rules = stageRules({ common: [requirement('r', { requires: among })] });
  const [first] = await codesOf(compileStage(rules, sourceOf(counties)), pairs);
  t.equal(first, 'missing-data', 'in would throw on null');
});

t.test(
  'numbers that arrive as text are refused; the engine would compare them as text',
  async t => {
    const engine = new Engine();
    const all = [{ fact: 'score', operator: 'greaterThanInclusive', value: '600' }];
    engine.addRule({ conditions: { all }, event: { type: 'holds' } });
    t.equal((await engine.run({ score: '98' })).events.length, 1, 'the trap is still there');

    const pairs = pairsOf([{ candidate: 0, school: 0, major: 0 }]);
    const line = { 'line.region': column('school', [600]) };
    for (const wrong of ['98', Number.NaN, true]) {
      const columns = { ...line, 'candidate.score': column('candidate', [wrong]) };
      const stage = compileStage(stageRules({ common: [LINE] }), sourceOf(columns));
      await t.rejects(codesOf(stage, pairs), { code: 'fact-type' }, String(wrong));
    }
    const attributes = [{ name: 'height', type: 'number', title: '身高' }] as const;
    const tall = { all: [atom('candidate.height', 'greaterThan', 160)] };
    const rules = stageRules({ common: [requirement('tall', { requires: tall })], attributes });
    const columns = { 'candidate.height': column('candidate', ['170']) };
    await t.rejects(codesOf(compileStage(rules, sourceOf(columns)), pairs), { code: 'fact-type' });
  },
);

t.test('rules too large for arrays are decided all the same', async t => {
  const side = Math.ceil(Math.sqrt(MATRIX_LIMIT_CELLS)) + 1;
  const many = Array.from({ length: side }, (_, index) => index);
  const columns: Record<string, ReturnType<typeof column>> = {
    'candidate.score': { scope: 'candidate', values: many, codes: Uint16Array.from(many) },
    'line.region': { scope: 'school', values: many, codes: Uint16Array.from(many) },
    'candidate.sex': column(
      'candidate',
      many.map(index => (index % 3 === 0 ? 'M' : 'F')),
    ),
  };
  const rows = many.map(index => ({ candidate: index, school: (index * 31) % side, major: 0 }));
  const expected = rows.map(row => row.candidate >= row.school);
  const large = compileStage(stageRules({ common: [LINE] }), sourceOf(columns));
  t.same(
    (await codesOf(large, pairsOf(rows))).map(code => code === 'pass'),
    expected,
    'matrix',
  );

  for (const width of [Math.log2(TABLE_LIMIT_KEYS) + 1, 40]) {
    const names = Array.from({ length: width }, (_, index) => `line.x${index}`);
    for (const name of names) columns[name] = columns['line.region']!;
    const all = names.map(fact => atom('candidate.score', 'greaterThanInclusive', { fact }));
    const rules = stageRules({ common: [requirement('wide', { requires: { all } })] });
    const wide = compileStage(rules, sourceOf(columns));
    const codes = await codesOf(wide, pairsOf(rows));
    t.same(
      codes.map(code => code === 'pass'),
      expected,
      `${width} mixed atoms`,
    );
    t.equal(wide.engineRuns(), 2);
  }
  const far = Array.from({ length: 60 }, (_, index) => `line.y${index}`);
  for (const name of far) columns[name] = columns['line.region']!;
  const all = far.map(fact => atom('candidate.score', 'greaterThanInclusive', { fact }));
  const rules = stageRules({ common: [requirement('far', { requires: { all } })] });
  const tooWide = compileStage(rules, sourceOf(columns));
  await t.rejects(codesOf(tooWide, pairsOf(rows)), { code: 'rule-too-wide' });
});

t.test('every operator of the catalogue is one of the engine', t => {
  const { operators } = new Engine() as unknown as { operators: { get(name: string): unknown } };
  for (const name of Object.values(OPERATORS_BY_TYPE).flat()) t.ok(operators.get(name), name);
  t.end();
});
