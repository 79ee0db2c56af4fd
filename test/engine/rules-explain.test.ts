import t from 'tap';
import type { Condition, Requirement } from '../../engine/policy/types.ts';
import { FACTS } from '../../engine/rules/catalogue.ts';
import { compileStage } from '../../engine/rules/compile.ts';
import { evaluateRequirements } from '../../engine/rules/requirements.ts';
import { VALUE_TITLES } from '../../engine/rules/value-titles.ts';
import { atom, column, DATE, pairsOf, requirement, sourceOf, stageRules } from './rules-world.ts';

const columns = {
  'candidate.score': column('candidate', [562.5]),
  'candidate.sex': column('candidate', ['F']),
  'candidate.local': column('candidate', [true]),
  'candidate.height': column('candidate', [null]),
  'candidate.subject.数学': column('candidate', [88]),
  'school.kind': column('school', ['technical']),
  'line.region': column('school', [560]),
};
const attributes = [
  { name: 'height', type: 'number', title: '身高' },
  { name: 'local', type: 'boolean', title: '本市户籍' },
] as const;
const pairs = pairsOf([{ candidate: 0, school: 0, major: 0 }]);

function explain(common: readonly Requirement[], conditions: Record<string, Condition> = {}) {
  const rules = stageRules({ common, conditions, attributes });
  return compileStage(rules, sourceOf(columns)).explain(pairs, 0);
}

async function sentences(requires: Condition, conditions: Record<string, Condition> = {}) {
  const [told] = await explain([requirement('r', { requires })], conditions);
  return told?.atoms.map(each => each.sentence);
}

t.test('every line of an explanation carries the values of the pair', async t => {
  const requires: Condition = {
    all: [
      atom('candidate.score', 'greaterThanInclusive', { fact: 'line.region' }),
      atom('candidate.subject.数学', 'lessThan', 60),
      atom('candidate.sex', 'in', ['M', 'F']),
      atom('candidate.local', 'equal', true),
    ],
  };
  t.same(await sentences(requires), [
    '投档分 562.5 不低于 区域分数线 560：成立',
    '数学成绩 88 低于 60：不成立',
    '性别 女 属于 男、女：成立',
    '本市户籍 是 等于 是：成立',
  ]);
});

t.test('any, not and named conditions become one line with the outcome of each part', async t => {
  const kinds = atom('school.kind', 'equal', 'vocational');
  const man = atom('candidate.sex', 'equal', 'M');
  t.same(await sentences({ any: [kinds, { all: [man, atom('candidate.score', 'equal', 1)] }] }), [
    '院校类别 技工学校 等于 中等职业学校（不成立） 或 ' +
      '［性别 女 等于 男（不成立） 且 投档分 562.5 等于 1（不成立）］：不成立',
  ]);
  t.same(await sentences({ all: [{ not: { condition: 'man' } }] }, { man: { all: [man] } }), [
    '并非［性别 女 等于 男（不成立）］：成立',
  ]);
  t.same(await sentences({ condition: 'both' }, { both: { all: [man, kinds] } }), [
    '性别 女 等于 男：不成立',
    '院校类别 技工学校 等于 中等职业学校：不成立',
  ]);
});

t.test('an absent fact is named, and nothing is said to hold or not', async t => {
  const tall = atom('candidate.height', 'greaterThan', 160);
  const woman = atom('candidate.sex', 'equal', 'F');
  const [told] = await explain([
    requirement('tall', { requires: { all: [woman, tall, { any: [tall, woman] }] } }),
  ]);
  t.match(told, { outcome: 'missing-data', code: 'missing-data', basis: 'n66 一' });
  t.same(told?.atoms, [
    { sentence: '性别 女 等于 女：成立', holds: true },
    { sentence: '身高 （无） 高于 160：无法判断，缺少身高', holds: null },
    { sentence: '身高 （无） 高于 160 或 性别 女 等于 女：无法判断，缺少身高', holds: null },
  ]);
  const [passed] = await explain([
    requirement('tall', { requires: { all: [tall] }, missing: 'pass' }),
  ]);
  t.match(passed, { outcome: 'skip', code: null });
  t.equal(passed?.atoms[0]?.holds, null);
});

t.test(
  'a rule that does not apply shows why, and those after a refusal are not reached',
  async t => {
    const man = { all: [atom('candidate.sex', 'equal', 'M')] };
    const high = { all: [atom('candidate.score', 'greaterThan', 600)] };
    const told = await explain([
      requirement('men', { applies: man, requires: high }),
      requirement('high', { requires: high }),
      requirement('later', { requires: man }),
    ]);
    t.same(
      told.map(each => [each.rule, each.outcome, each.code]),
      [
        ['men', 'skip', null],
        ['high', 'refuse', 'no-high'],
        ['later', 'not-reached', null],
      ],
    );
    t.same(told[0]?.atoms, [{ sentence: '适用条件：性别 女 等于 男：不成立', holds: false }]);
  },
);

t.test('run-level requirements give the first refusal with its basis and the reason', async t => {
  const closed = requirement('earlier-batches-closed', {
    title: '前一批次已结束',
    requires: { all: [atom('batch.earlier-open', 'equal', false)] },
    refuse: 'earlier-batch-open',
  });
  const window = requirement('window', {
    requires: { all: [atom('batch.window-open', 'equal', true)] },
  });
  const evaluate = (open: boolean | null, date = DATE) =>
    evaluateRequirements([closed, window], {}, date, {
      'batch.earlier-open': open,
      'batch.window-open': true,
    });
  t.same((await evaluate(true)).refusal, {
    rule: 'earlier-batches-closed',
    code: 'earlier-batch-open',
    title: '前一批次已结束',
    basis: 'n66 一',
    explanation: '前面批次未结束 是 等于 否：不成立',
  });
  t.same(
    (await evaluate(true)).outcomes.map(each => each.outcome),
    ['refuse', 'not-reached'],
  );
  t.equal((await evaluate(false)).refusal, null);
  t.match((await evaluate(null)).refusal, {
    code: 'missing-data',
    explanation: '前面批次未结束 （无） 等于 否：无法判断，缺少前面批次未结束',
  });
  const past = { ...closed, valid: [null, DATE] as const };
  const facts = { 'batch.earlier-open': true };
  t.equal((await evaluateRequirements([past], {}, DATE, facts)).refusal, null);
  await t.rejects(evaluateRequirements([window], {}, DATE, facts), { code: 'unknown-fact' });
  const text = { 'batch.window-open': 'true' };
  await t.rejects(evaluateRequirements([window], {}, DATE, text), { code: 'fact-type' });
});

t.test('every value that the catalogue lists has a Chinese word', t => {
  for (const { name, values } of FACTS) {
    if (values === null) continue;
    t.same(Object.keys(VALUE_TITLES[name] ?? {}).sort(), [...values].sort(), name);
  }
  t.end();
});
