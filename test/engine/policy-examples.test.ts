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
import { placementsOf, runProvinces } from '../../engine/policy/provinces.ts';
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

const PLACEMENTS = 'tests/placements.yaml';
const provinces = await runProvinces(BUNDLE);

t.test('the small provinces end up as they say, and all of them are tried', async t => {
  t.ok(provinces.length >= 5);
  for (const { province, problems, found } of provinces) {
    t.same(
      problems.map(({ message }) => message),
      [],
      province.title,
    );
    t.equal(found.length, province.province.candidates.length);
  }
});

/** The policy with one file edited, and what its small provinces say then. */
async function provincesAfter(path: string, from: string | RegExp, to: string) {
  const files = readPolicyFolder('rules/guangdong-2016');
  const text = new TextDecoder().decode(files.get(path));
  t.match(text, from);
  files.set(path, new TextEncoder().encode(text.replace(from, to)));
  const { bundle, problems } = loadPolicy(files);
  t.same(problems, [], path);
  const said = (await runProvinces(bundle as PolicyBundle)).flatMap(({ problems }) => problems);
  return said.map(({ file, line, message }) => `${file}:${line} ${message}`);
}

t.test('a small province fails when what it speaks of changes, with file and line', async t => {
  const lineOf = (text: string, from = 0) => {
    const lines = (BUNDLE.base.documents[PLACEMENTS] ?? '').split('\n');
    return lines.findIndex((line, at) => at >= from && line.includes(text)) + 1;
  };
  const mode = await provincesAfter('batches.yaml', 'mode: score-first', 'mode: choice-first');
  const title = '平行志愿先看分数，高分考生的第二志愿先于低分考生的第一志愿';
  t.equal(
    mode[0],
    `${PLACEMENTS}:${lineOf('candidate: 李, school: "4401102"')} 样例「${title}」与政策不符：` +
      '考生李，样例写明第 2 志愿 院校 4401102 专业 01，政策给出未投出：已满（full）、已满（full）',
  );
  const ratio = await provincesAfter('cities/440400.yaml', 'ratio: "1.05"', 'ratio: "1.00"');
  t.match(ratio, [new RegExp(`^${PLACEMENTS}:${lineOf('candidate: "11", school')} .*考生11`)]);
  const keys = '          - { subjects: [语文, 数学, 英语] }\n';
  t.match((await provincesAfter('batches.yaml', keys, '')).join(), /总分相同.*考生陈.*已满/);
  const follow = await provincesAfter(
    'batches.yaml',
    /- \{ priority: true \}/,
    '- { subject: 英语 }',
  );
  t.match(follow.join('\n'), /总分相同.*考生赵.*样例写明未投出：已满（full），政策给出第 1 志愿/);
  const line = await provincesAfter('cities/440100.yaml', 'line: 320', 'line: 319.5');
  t.match(line.join('\n'), /考生李，样例写明未投出：不符合“达到区域分数线”（below-region-line）/);
});

t.test('a small province that can not be dispatched fails alone', async t => {
  const twice = await provincesAfter(PLACEMENTS, 'candidate: 李\n', 'candidate: 陈\n');
  t.match(twice.join('\n'), /不能投档：/);
  const unknown = await provincesAfter(
    PLACEMENTS,
    '{ candidate: 王, refused: full }',
    '{ candidate: 孙, refused: full }',
  );
  t.match(unknown, [/没有考生「孙」$/]);
});

t.test('a placement says why each choice failed, or where one was placed', async t => {
  const [first] = provinces.map(({ province }) => province);
  const policy = effectivePolicy(BUNDLE, '440100');
  if (first === undefined) throw new Error('no small province');
  t.same(await placementsOf(policy, first), [
    { candidate: '陈', school: '4401101', major: '01', ordinal: 1 },
    { candidate: '李', school: '4401102', major: '01', ordinal: 2 },
    { candidate: '王', refused: ['full'] },
  ]);
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
