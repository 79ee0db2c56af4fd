/**
 * The examples that stand in the policy for those who sign it, decided by json-rules-engine over
 * its own rules.
 */
import t from 'tap';
import { parse } from 'yaml';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { daysAfter, deadlineById, valueById } from '../../engine/policy/calendar.ts';
import {
  decideExample,
  type Example,
  rulesOfExample,
  runExamples,
} from '../../engine/policy/examples.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import type { ActionRule, PolicyBundle, Requirement } from '../../engine/policy/types.ts';

const BUNDLE = loadPolicy(readPolicyFolder('rules/guangdong-2016')).bundle as PolicyBundle;
const verdicts = await runExamples(BUNDLE);
t.ok(new Set(verdicts.map(({ file }) => file)).size >= 3);
for (const [file, own] of Map.groupBy(verdicts, verdict => verdict.file)) {
  t.test(`the examples of ${file} come out as they say`, async t => {
    for (const { example, found } of own) {
      const policy = effectivePolicy(BUNDLE, example.city ?? null);
      t.ok(rulesOfExample(policy, example).length > 0, 'some rule is tried');
      t.same(found, example.expect, example.title);
    }
  });
}

t.test('an example that fails is shown with file, line and what the policy gives', async t => {
  const files = readPolicyFolder('rules/guangdong-2016');
  const path = 'tests/score-lines.yaml';
  const text = new TextDecoder().decode(files.get(path));
  const turned = text.replace('expect: { outcome: pass }', 'expect: { outcome: refuse }');
  files.set(path, new TextEncoder().encode(turned));
  const changed = await runExamples(loadPolicy(files).bundle as PolicyBundle);
  const problems = changed.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  t.equal(problems.length, 1);
  const line = text.split('\n').findIndex(each => each.includes('expect: { outcome: pass }')) + 1;
  t.match(problems[0], { code: 'example-fails', file: path, line, severity: 'error' });
  t.match(problems[0]?.message, /与政策不符：样例写明拒绝，政策给出通过$/);
});

t.test('an example fails when the rule that it speaks of changes', async t => {
  const files = readPolicyFolder('rules/guangdong-2016');
  const rules = new TextDecoder().decode(files.get('eligibility.yaml'));
  const lower = rules.replace('operator: greaterThanInclusive', 'operator: greaterThan');
  files.set('eligibility.yaml', new TextEncoder().encode(lower));
  const policy = effectivePolicy(loadPolicy(files).bundle as PolicyBundle, null);
  const [example] = parse(BUNDLE.base.documents['tests/score-lines.yaml'] as string).tests;
  t.equal((await decideExample(effectivePolicy(BUNDLE, null), example)).outcome, 'pass');
  t.match(await decideExample(policy, example), { outcome: 'refuse', code: 'below-region-line' });
});

t.test('what rules say in figures is what the calendar of the policy says', async t => {
  const policy = effectivePolicy(BUNDLE, null);
  const number = (id: string) => valueById(policy, id, 'number').value;
  const literal = (rule: ActionRule | Requirement | undefined, fact: string) => {
    const condition = rule && ('when' in rule ? rule.when : rule.requires);
    const { all } = condition as unknown as { all: { fact: string; value: unknown }[] };
    return all.find(each => each.fact === fact)?.value;
  };
  const deadline = (id: string) => policy.deadlineRules.find(rule => rule.id === id);
  const start = valueById(policy, 'revert-moment', 'text').value === 'start';
  for (const phase of ['phase-1', 'phase-2']) {
    const day = deadlineById(policy, `${phase}-revert`).date as string;
    const moment = `${daysAfter(day, start ? 0 : 1)}T00:00`;
    t.equal(deadline(`${phase}-unregistered`)?.at, moment);
    const end = policy.phases.find(({ id }) => id === phase)?.window?.[1] as string;
    const grace = `${daysAfter(end, number('review-grace-days') + 1)}T00:00`;
    t.equal(deadline(`${phase}-grace-over`)?.at, grace);
  }
  const expired = literal(deadline('application-expired'), 'application.age-days');
  t.equal(expired, number('application-expiry-days'));
  const transfers = policy.quotas.find(({ id }) => id === 'transfers-at-most-once');
  t.equal(literal(transfers, 'file.transfers'), number('transfers-max'));
});

t.test('a rule that is changed in YAML alone changes what happens, in each stage', async t => {
  const cases = [
    ['quotas', 'tests/quotas.yaml', '已转录一次', 'lessThan, value: 1', 'lessThan, value: 2'],
    ['reviews', 'tests/reviews.yaml', '学校提交即为录取', 'approve-admission', 'wait'],
    ['deadlines', 'tests/deadlines.yaml', '8月31日', '2016-09-01T00:00', '2016-08-31T00:00'],
  ] as const;
  for (const [document, path, title, from, to] of cases) {
    const files = readPolicyFolder('rules/guangdong-2016');
    const text = new TextDecoder().decode(files.get(`${document}.yaml`));
    t.ok(text.includes(from), document);
    files.set(`${document}.yaml`, new TextEncoder().encode(text.replaceAll(from, to)));
    const policy = effectivePolicy(loadPolicy(files).bundle as PolicyBundle, null);
    const examples = parse(BUNDLE.base.documents[path] as string).tests as Example[];
    const example = examples.find(each => each.title.includes(title)) as Example;
    t.same(await decideExample(effectivePolicy(BUNDLE, null), example), example.expect, title);
    t.notSame(await decideExample(policy, example), example.expect, `${title}, changed`);
  }
});
