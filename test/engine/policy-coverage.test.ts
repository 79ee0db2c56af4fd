/** Coverage: what examples and runs have shown of rules and of their conditions. */
import fc from 'fast-check';
import t from 'tap';
import {
  CoverageCollector,
  type RuleCoverage,
  situationOf,
} from '../../engine/policy/coverage/coverage.ts';
import { summaryOf, wantingOf } from '../../engine/policy/coverage/summary.ts';
import type { Example } from '../../engine/policy/examples.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import type { Condition, FullPolicy, Requirement } from '../../engine/policy/types.ts';
import { coverageHtml } from '../../reports/policy/coverage-page.ts';
import { breakPolicy, SHIPPED } from './broken-policy.ts';

const BUNDLE = loadPolicy(SHIPPED).bundle;
if (BUNDLE === undefined) throw new Error('the shipped policy has errors');
const BASE = effectivePolicy(BUNDLE, null);
const CONTEXT = { attributes: BASE.attributes, named: BASE.conditions, titleOf: () => null };

/** A policy of one requirement, and nothing else. */
function policyOf(requires: Condition, applies: Condition | null = null): FullPolicy {
  const rule: Requirement = {
    ...{ id: 'rule', title: '规则', basis: 'sample', refuse: 'no', missing: 'refuse' },
    ...{ valid: null, school: null, major: null, requires, applies },
  };
  const none = { start: [], eligibility: [], special: [], reviews: [], deadlineRules: [] };
  return { ...BASE, ...none, quotas: [rule] };
}

const example = (facts: Example['facts']): Example => {
  return { title: '样例', stage: 'quota', facts, expect: { outcome: 'pass' } };
};

async function covered(policy: FullPolicy, examples: readonly Example[]): Promise<RuleCoverage> {
  const collector = new CoverageCollector(policy, new Map());
  for (const each of examples) await collector.addExample(policy, each);
  const [rule] = await collector.result(CONTEXT);
  return rule as RuleCoverage;
}

const FREE = { fact: 'plan.free', operator: 'greaterThan', value: 0 };
const FLEXIBLE = { fact: 'plan.flexible-free', operator: 'greaterThan', value: 0 };
const facts = (free: number | null, flexible: number | null) => {
  return { 'plan.free': free, 'plan.flexible-free': flexible };
};

t.test('a rule is never evaluated, then never fires, then fires', async t => {
  const policy = policyOf({ any: [FREE, FLEXIBLE] });
  t.match(await covered(policy, []), { state: 'never-evaluated', evaluated: { examples: 0 } });
  const passed = await covered(policy, [example(facts(1, 0))]);
  t.match(passed, { state: 'never-fired', evaluated: { examples: 1 }, fired: { examples: 0 } });
  const refused = await covered(policy, [example(facts(1, 0)), example(facts(0, 0))]);
  t.match(refused, { state: 'fired', evaluated: { examples: 2 }, fired: { examples: 1 } });
  const absent = await covered(policy, [example(facts(null, 0))]);
  t.match(absent, { state: 'never-fired', missing: { examples: 1 } }, 'for want of data');
});

t.test('of each condition: seen true, seen false, decisive by itself', async t => {
  const policy = policyOf({ any: [FREE, FLEXIBLE] });
  const { conditions } = await covered(policy, [example(facts(1, 1)), example(facts(1, 0))]);
  const [free, flexible] = conditions;
  t.match(free, { isTrue: { examples: 2 }, isFalse: { examples: 0 }, decisive: { examples: 1 } });
  t.match(flexible, {
    isTrue: { examples: 1 },
    isFalse: { examples: 1 },
    decisive: { examples: 0 },
  });
  t.same(wantingOf(free as (typeof conditions)[0]), ['没有见过不成立']);
  t.same(wantingOf(flexible as (typeof conditions)[0]), ['没有单独起过决定作用']);
  t.equal(free?.text, '剩余计划数高于 0 人');
});

t.test('a condition that no case lets decide alone is not wanting for it', async t => {
  const closer = { fact: 'plan.free', operator: 'greaterThan', value: 5 };
  const { conditions } = await covered(policyOf({ all: [FREE, closer] }), [
    example(facts(6, 0)),
    example(facts(0, 0)),
  ]);
  t.match(conditions, [{ canDecide: false }, { canDecide: true }]);
  t.same(wantingOf(conditions[0] as (typeof conditions)[0]), []);
});

t.test('of what follows the first rule that decides nothing is counted', async t => {
  const collector = new CoverageCollector(BASE, new Map());
  await collector.addExample(BASE, {
    ...example({ 'city.own-system': true, 'batch.window-open': false }),
    stage: 'start',
  });
  const found = await collector.result(CONTEXT);
  const of = (id: string) => found.find(({ rule }) => rule === id)?.evaluated.examples;
  t.equal(of('not-own-system'), 1);
  t.equal(of('window-open'), 0);
});

t.test('situations of runs count as often as they decided, and only of the same rule', async t => {
  const rule = BASE.eligibility.find(({ id }) => id === 'region-line') as Requirement;
  const situation = situationOf(rule, BASE, { 'candidate.score': 400, 'line.region': 300 });
  t.equal(situation, '1');
  const row = { city: '440100', stage: 'eligibility', rule: 'region-line', count: 5000 };
  const collector = new CoverageCollector(BASE, new Map());
  collector.addRuns({ ...row, situation, policy: BASE });
  collector.addRuns({ ...row, situation: '0', count: 70, policy: BASE });
  collector.addRuns({ ...row, situation: 'missing:line.region', count: 3, policy: BASE });
  const { files } = breakPolicy({
    file: 'eligibility.yaml',
    find: 'operator: greaterThanInclusive',
    put: 'operator: greaterThan',
  });
  const changed = loadPolicy(files).bundle;
  t.ok(changed);
  if (changed === undefined) return;
  collector.addRuns({ ...row, situation: '0', policy: effectivePolicy(changed, null) });
  collector.addRuns({ ...row, situation: '0', count: 1, policy: null });
  collector.addRuns({ ...row, situation: '0', count: 1, rule: 'gone', policy: BASE });
  const found = (await collector.result(CONTEXT)).find(each => each.rule === 'region-line');
  t.match(found, {
    evaluated: { examples: 0, runs: 5073 },
    fired: { runs: 70 },
    missing: { runs: 3 },
    conditions: [{ isTrue: { runs: 5000 }, isFalse: { runs: 70 }, decisive: { runs: 5070 } }],
  });
  t.equal(collector.unmatched, 5002);
});

t.test("a city's own rules are counted by its own examples", async t => {
  const city = '440700';
  const policy = effectivePolicy(BUNDLE, city);
  const collector = new CoverageCollector(BASE, new Map([[city, policy]]));
  const told = { 'school.code': '4407001', 'candidate.height': 150 };
  await collector.addExample(policy, { ...example(told), stage: 'special', city });
  const found = await collector.result(CONTEXT);
  t.match(
    found.find(({ rule }) => rule === 'height-4407001'),
    { city, school: '4407001', state: 'fired' },
  );
  t.equal(found.filter(({ rule }) => rule === 'region-line').length, 1, 'the province’s once');
  const html = coverageHtml(found, BUNDLE, {
    ...{ policy: BASE, madeOn: '2016-06-01', sources: '样例 1 条', notes: [] },
  });
  for (const { title } of found) t.ok(html.includes(title), title);
  t.equal(summaryOf(found).rules.fired, 1);
});

type Tree = readonly ['all' | 'any' | 'not', readonly (Tree | number)[]];
const NAMES = ['city.own-system', 'batch.window-open', 'batch.earlier-open', 'city.policy-adopted'];

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(
      fc.constantFrom('all' as const, 'any' as const),
      fc.array(fc.oneof(fc.nat(3), tie('tree')), { minLength: 1, maxLength: 3 }),
    ),
    fc.tuple(fc.constant('not' as const), fc.tuple(fc.nat(3))),
  ),
})).tree;

function conditionOf([form, parts]: Tree): Condition {
  const children = parts.map(part =>
    typeof part === 'number'
      ? { fact: NAMES[part] as string, operator: 'equal', value: true }
      : conditionOf(part),
  );
  if (form === 'not') return { not: children[0] as Condition };
  return form === 'all' ? { all: children } : { any: children };
}

function truth([form, parts]: Tree, values: readonly boolean[]): boolean {
  const of = (part: Tree | number) =>
    typeof part === 'number' ? (values[part] as boolean) : truth(part, values);
  if (form === 'not') return !of(parts[0] as Tree | number);
  return form === 'all' ? parts.every(of) : parts.some(of);
}

t.test('decisive is what a truth table says is decisive', async () => {
  const cases = fc.tuple(tree, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(cases, async ([drawn, values]) => {
      const policy = policyOf(conditionOf(drawn));
      const stage = { ...policy, start: policy.quotas, quotas: [] };
      const given = Object.fromEntries(NAMES.map((name, at) => [name, values[at] as boolean]));
      const rule = await covered(stage, [{ ...example(given), stage: 'start' }]);
      const atoms = stage.start[0] === undefined ? [] : rule.conditions;
      const places = [...new Set(drawn[1].flat(10).length > 0 ? order(drawn) : [])];
      for (const [at, place] of places.entries()) {
        const other = values.map((value, index) => (index === place ? !value : value));
        const decisive = truth(drawn, values) !== truth(drawn, other);
        if ((atoms[at]?.decisive.examples === 1) !== decisive) {
          throw new Error(`${JSON.stringify(drawn)} ${values} ${NAMES[place]}`);
        }
      }
    }),
    { numRuns: 100 },
  );
});

/** Leaves in the order in which they stand. */
function order([, parts]: Tree): number[] {
  return parts.flatMap(part => (typeof part === 'number' ? [part] : order(part)));
}
