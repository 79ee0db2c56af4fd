/** Action rules, and requirements of many files: decided by the engine, once per situation. */
import fc from 'fast-check';
import { Engine } from 'json-rules-engine';
import t from 'tap';
import type { ActionRule, Condition, FactValue, Requirement } from '../../engine/policy/types.ts';
import { ActionDecider, type FactGroup, type Instant } from '../../engine/rules/actions.ts';
import { factNames } from '../../engine/rules/catalogue.ts';
import { evaluateRequirements, RequirementDecider } from '../../engine/rules/requirements.ts';
import { stageFacts } from '../../engine/rules/stage-facts.ts';
import { anyCondition, atom, DATE, FACT_KINDS, requirement } from './rules-world.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000);
t.comment(`seed ${seed}`);

const NOON: Instant = { date: DATE, now: `${DATE}T12:00` };

function action(id: string, when: Condition, more: Partial<ActionRule> = {}): ActionRule {
  const then = { event: 'revert', reason: id };
  return { id, title: `规则${id}`, basis: 'n66 一', at: null, when, then, valid: null, ...more };
}

const ADMITTED = atom('file.state', 'equal', 'admitted');
const NO_APPLICATION = atom('file.open-applications', 'equal', 0);
const REVERT = action('revert-1', {
  all: [ADMITTED, atom('file.phase', 'equal', 'phase-1'), NO_APPLICATION],
});
const HELD = action('held', { all: [atom('file.state', 'equal', 'held')] });
const FILE = { 'file.state': 'admitted', 'file.phase': 'phase-1', 'file.open-applications': 0 };

async function ruleOf(rules: readonly ActionRule[], facts = FILE, instant = NOON) {
  return (await new ActionDecider(rules, {}).decide(facts, instant))?.rule.id ?? null;
}

t.test('the first rule in the order of the policy that holds acts, with its own then', async t => {
  const second = action('second', { all: [ADMITTED] });
  const decision = await new ActionDecider([HELD, REVERT, second], {}).decide(FILE, NOON);
  t.same(decision, { rule: REVERT, then: { event: 'revert', reason: 'revert-1' } });
  t.equal(await ruleOf([second, REVERT]), 'second');
  t.equal(await ruleOf([HELD]), null);
  t.equal(await ruleOf([]), null);
});

t.test('a rule acts from its moment on, and on its valid days only', async t => {
  const at = { at: '2016-09-01T00:00' };
  const late = action('late', { all: [ADMITTED] }, at);
  t.equal(await ruleOf([late], FILE, { date: '2016-08-31', now: '2016-08-31T23:59' }), null);
  t.equal(await ruleOf([late], FILE, { date: '2016-09-01', now: '2016-09-01T00:00' }), 'late');
  const valid = action('valid', { all: [ADMITTED] }, { valid: [DATE, '2016-07-21'] });
  t.equal(await ruleOf([valid]), 'valid');
  t.equal(await ruleOf([valid], FILE, { date: '2016-07-21', now: '2016-07-21T00:00' }), null);
});

t.test('facts of a rule that is not in force need not be given', async t => {
  const later = action('later', { all: [atom('file.age-days', 'greaterThan', 3)] });
  const decider = new ActionDecider([{ ...later, at: '2016-09-01T00:00' }, REVERT], {});
  t.same(decider.factNames(NOON), ['file.state', 'file.phase', 'file.open-applications']);
  t.equal((await decider.decide(FILE, NOON))?.rule.id, 'revert-1');
  const then = { date: '2016-09-01', now: '2016-09-01T00:05' };
  await t.rejects(decider.decide(FILE, then), { code: 'unknown-fact' });
});

t.test('an absent fact keeps a rule from acting, also under not, and is recorded', async t => {
  const not = action('not', { all: [ADMITTED, { not: atom('file.age-days', 'lessThan', 3) }] });
  const decider = new ActionDecider([not], {});
  t.equal(await decider.decide({ ...FILE, 'file.age-days': null }, NOON), null);
  t.equal((await decider.decide({ ...FILE, 'file.age-days': 9 }, NOON))?.rule.id, 'not');
  const [vector, absent] = decider.situations();
  t.match(vector, { rule: 'not', situation: '10', outcome: 'acts', missing: null, files: 1 });
  t.match(absent, {
    situation: 'missing:file.age-days',
    outcome: 'missing-data',
    missing: 'file.age-days',
    files: 1,
  });
});

t.test('numbers that come as text never reach an operator', async t => {
  const facts = { ...FILE, 'file.open-applications': '0' as unknown as number };
  await t.rejects(ruleOf([REVERT], facts), { code: 'fact-type' });
});

t.test('a sweep over 50,000 files asks the engine once for each situation', async t => {
  const states = ['admitted', 'registered', 'in-pool', 'held'];
  const phases = ['phase-1', 'phase-2', null];
  const groups = Array.from({ length: 50_000 }, (_, i) => ({
    facts: {
      'file.state': states[i % 4] as string,
      'file.phase': phases[i % 3] as string | null,
      'file.open-applications': i % 5,
    },
    count: 1,
  }));
  const decider = new ActionDecider([REVERT, HELD], {});
  const decisions = await decider.decideGroups(groups, NOON);
  const rows = decider.situations();
  t.equal(decider.engineRuns(), rows.length);
  t.ok(rows.length <= 9 + 2, `${rows.length} situations`);
  const acted = groups.filter(
    ({ facts }) =>
      facts['file.state'] === 'held' ||
      (facts['file.state'] === 'admitted' &&
        facts['file.phase'] === 'phase-1' &&
        facts['file.open-applications'] === 0),
  ).length;
  t.equal(decisions.filter(Boolean).length, acted);
  const files = (rule: string) =>
    rows.filter(row => row.rule === rule).reduce((sum, row) => sum + row.files, 0);
  t.equal(files('revert-1'), 50_000);
  t.equal(files('held'), 50_000 - decisions.filter(each => each?.rule === REVERT).length);
});

t.test('a group counts as many files as it has, and two callers at once ask once', async t => {
  const decider = new ActionDecider([REVERT], {});
  await Promise.all([
    decider.decideGroups([{ facts: FILE, count: 40 }], NOON),
    decider.decideGroups([{ facts: FILE, count: 2 }], NOON),
  ]);
  t.equal(decider.engineRuns(), 1);
  t.match(decider.situations(), [{ files: 42, outcome: 'acts' }]);
});

t.test('the re-check finds a decision that was tampered with, and nothing else', async t => {
  const groups: FactGroup[] = ['admitted', 'held', 'in-pool'].map(state => {
    return { facts: { ...FILE, 'file.state': state }, count: 1 };
  });
  const decider = new ActionDecider([REVERT, HELD], {});
  const decisions = await decider.decideGroups(groups, NOON);
  let turn = 0;
  const inTurn = () => (turn++ % 3) / 3;
  const clean = await decider.recheck(groups, decisions, NOON, 3, inTurn);
  t.same(clean, { compared: 3, mismatches: [] });
  const broken = [decisions[1] ?? null, null, null];
  t.same((await decider.recheck(groups, broken, NOON, 3, inTurn)).mismatches, [
    { group: 0, engine: 'revert-1', table: 'held' },
    { group: 1, engine: 'held', table: null },
  ]);
  t.same(await decider.recheck([], [], NOON, 3, inTurn), { compared: 0, mismatches: [] });
});

t.test('an explanation shows the values of the file and what was not reached', async t => {
  const decider = new ActionDecider([HELD, REVERT, action('last', { all: [ADMITTED] })], {});
  const told = await decider.explain(FILE, NOON);
  t.same(
    told.map(({ rule, outcome }) => [rule, outcome]),
    [
      ['held', 'does-not-hold'],
      ['revert-1', 'acts'],
      ['last', 'not-reached'],
    ],
  );
  t.match(told[0], { basis: 'n66 一', title: '规则held' });
  t.same(told[0]?.atoms, [{ sentence: '档案状态 录取 等于 挂起：不成立', holds: false }]);
  t.equal(told[1]?.atoms[2]?.sentence, '未结申请数 0 等于 0：成立');
  const absent = await decider.explain({ ...FILE, 'file.phase': null } as never, NOON);
  t.match(absent[1], { outcome: 'missing-data', atoms: [{}, { holds: null }, {}] });
  t.match(absent[1]?.atoms[1]?.sentence, /缺少录取所属阶段$/);
});

t.test('with the run of the engine stubbed every decision on an action fails', async t => {
  const original = Engine.prototype.run;
  const nothing = { results: [], failureResults: [], events: [], failureEvents: [] };
  const stubs: Record<string, () => Promise<unknown>> = {
    empty: async () => nothing,
    undefined: async () => undefined,
    throwing: () => Promise.reject(new Error('no engine')),
    boolean: async () => ({ ...nothing, results: [{ name: 'requires' }] }),
  };
  const code = /^rule-(failed|undecided)$/;
  const absent = { ...FILE, 'file.phase': null } as never;
  t.teardown(() => {
    Engine.prototype.run = original;
  });
  for (const [name, stub] of Object.entries(stubs)) {
    Engine.prototype.run = stub as never;
    for (const facts of [FILE, { ...FILE, 'file.state': 'held' }, absent]) {
      await t.rejects(ruleOf([REVERT], facts), { code }, `${name}: decide`);
      const decider = new ActionDecider([REVERT], {});
      await t.rejects(decider.explain(facts, NOON), { code }, `${name}: explain`);
      const groups = [{ facts, count: 1 }];
      const again = decider.recheck(groups, [null], NOON, 1, () => 0);
      await t.rejects(again, { code }, `${name}: recheck`);
    }
    const rule = requirement('open', { requires: { all: [NO_APPLICATION] } });
    const requirements = new RequirementDecider([rule], {}, DATE);
    await t.rejects(requirements.decide(FILE), { code }, `${name}: requirements`);
  }
  Engine.prototype.run = original;
  t.equal(await ruleOf([REVERT]), 'revert-1', 'and without the stub they do not');
});

const anyFacts = fc.record(
  Object.fromEntries(
    Object.entries(FACT_KINDS).map(([name, { values }]) => [name, fc.constantFrom(...values)]),
  ),
) as fc.Arbitrary<Record<string, FactValue>>;

/** By the engine itself, with no table: what an action rule says of facts. */
async function byEngine(rule: ActionRule, conditions: Record<string, Condition>, facts: object) {
  const as = requirement(rule.id, { requires: rule.when, missing: 'pass' });
  const { outcomes } = await evaluateRequirements([as], conditions, DATE, facts as never);
  return outcomes[0]?.outcome === 'pass';
}

t.test('actions decide as the engine does for any conditions and facts', async t => {
  const property = fc.asyncProperty(
    anyCondition([]),
    fc.array(anyCondition(['small']), { minLength: 1, maxLength: 4 }),
    fc.array(anyFacts, { minLength: 1, maxLength: 25 }),
    async (small, whens, files) => {
      const conditions = { small };
      const rules = whens.map((when, i) => action(`a${i}`, when));
      const decider = new ActionDecider(rules, conditions);
      const groups = files.map(facts => ({ facts, count: 1 }));
      const decisions = await decider.decideGroups(groups, NOON);
      for (const [i, facts] of files.entries()) {
        let expected: string | null = null;
        for (const rule of rules) {
          if (!(await byEngine(rule, conditions, facts))) continue;
          expected = rule.id;
          break;
        }
        t.equal(decisions[i]?.rule.id ?? null, expected);
      }
      const { mismatches } = await decider.recheck(groups, decisions, NOON, 10, () => 0.5);
      t.same(mismatches, []);
    },
  );
  await fc.assert(property, { seed, numRuns: 60 });
});

const anyRequirement: fc.Arbitrary<Partial<Requirement>> = fc.record({
  requires: anyCondition(['small']),
  applies: fc.option(anyCondition(['small']), { freq: 2 }),
  missing: fc.constantFrom('refuse' as const, 'pass' as const),
  valid: fc.constantFrom(null, [DATE, null] as const, ['2016-07-21', null] as const),
});

t.test('remembered requirements give what asking anew gives, to the last word', async t => {
  const property = fc.asyncProperty(
    anyCondition([]),
    fc.array(anyRequirement, { minLength: 1, maxLength: 4 }),
    fc.array(anyFacts, { minLength: 1, maxLength: 25 }),
    async (small, parts, files) => {
      const rules = parts.map((part, i) => requirement(`r${i}`, part));
      const decider = new RequirementDecider(rules, { small }, DATE);
      const checker = new RequirementDecider(rules, { small }, DATE);
      for (const facts of files) {
        const anew = await evaluateRequirements(rules, { small }, DATE, facts);
        t.strictSame(await decider.decide(facts), anew);
        const passed = anew.outcomes.filter(({ outcome }) => outcome === 'pass');
        const ids = passed.map(({ rule }) => rule);
        t.strictSame(await checker.check(facts), { passed: ids, refusal: anew.refusal });
      }
      const counted = (one: RequirementDecider) =>
        one
          .situations()
          .filter(({ pairs }) => pairs > 0)
          .map(({ rule, situation, pairs }) => ({ rule, situation, pairs }));
      t.strictSame(counted(checker), counted(decider));
      t.ok(decider.engineRuns() <= rules.length * files.length);
      t.equal(decider.engineRuns(), decider.situations().length);
    },
  );
  await fc.assert(property, { seed, numRuns: 60 });
});

t.test('500 files of one act ask the engine once for each situation', async t => {
  const rule = requirement('room', {
    requires: { all: [atom('plan.free', 'greaterThan', 0)] },
  });
  const decider = new RequirementDecider([rule], {}, DATE);
  const codes = [];
  for (let free = 498; free > -2; free -= 1) {
    codes.push((await decider.decide({ 'plan.free': free })).refusal?.code ?? null);
  }
  t.equal(codes.filter(code => code === 'no-room').length, 2);
  t.equal(decider.engineRuns(), 2);
  t.same(
    decider.situations().map(({ outcome, pairs }) => [outcome, pairs]),
    [
      ['refuse', 2],
      ['pass', 498],
    ],
  );
  const { refusal } = await decider.decide({ 'plan.free': -7 });
  t.equal(refusal?.explanation, '剩余计划数 -7 高于 0：不成立');
});

t.test('facts of an act are complete, and never filled in with what would let it pass', async t => {
  const facts = stageFacts('quota', { 'application.kind': 'plan-change', 'plan.free': 3 });
  t.equal(facts['plan.free'], 3);
  t.equal(facts['file.transfers'], 0);
  t.equal(facts['application.signed'], false);
  t.equal(facts['file.state'], null);
  t.equal(stageFacts('review', {})['file.below-line'], null);
  t.equal(stageFacts('quota', {})['plan.free'], 0);
  t.throws(() => stageFacts('quota', { 'plan.fre': 3 }), { code: 'fact-not-of-stage' });
  t.throws(() => stageFacts('deadline', { 'return.listed': true }), { code: 'fact-not-of-stage' });
  const height = { name: 'height', type: 'number', title: '身高' } as const;
  t.equal(stageFacts('review', {}, [height], ['数学'])['candidate.height'], null);
});

t.test('the stages know the facts that the specification names for them', async t => {
  const page = {
    application: ['kind', 'by', 'places', 'age-days', 'signed'],
    file: 'state phase school open-applications transfers age-days hold-expired'.split(' '),
  };
  for (const stage of ['quota', 'review', 'deadline'] as const) {
    const names = factNames(stage, [], null);
    for (const [group, each] of Object.entries(page)) {
      for (const name of each)
        t.ok(names.includes(`${group}.${name}`), `${stage} ${group}.${name}`);
    }
    for (const name of ['phase.id', 'today', 'city.code', 'batch.id']) t.ok(names.includes(name));
  }
  for (const stage of ['quota', 'review'] as const) {
    for (const name of ['planned', 'used', 'free', 'flexible-free']) {
      t.ok(factNames(stage, [], null).includes(`plan.${name}`));
    }
  }
  const review = factNames('review', [], null);
  for (const name of ['return.reason', 'return.listed', 'list.sent', 'list.planned']) {
    t.ok(review.includes(name), name);
  }
});
