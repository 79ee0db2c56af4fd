/**
 * The examples that stand in the policy for those who sign it, decided by json-rules-engine over
 * its own rules.
 */
import t from 'tap';
import { parse } from 'yaml';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { daysAfter, deadlineById, valueById } from '../../engine/policy/calendar.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import type {
  ActionRule,
  FactValue,
  FullPolicy,
  PolicyBundle,
  Requirement,
} from '../../engine/policy/types.ts';
import { ActionDecider } from '../../engine/rules/actions.ts';
import { FACTS } from '../../engine/rules/catalogue.ts';
import { evaluateRequirements } from '../../engine/rules/requirements.ts';

interface Example {
  readonly title: string;
  readonly stage: 'start' | 'eligibility' | 'special' | 'quota' | 'review' | 'deadline';
  readonly city?: string;
  readonly date?: string;
  readonly facts: Readonly<Record<string, FactValue>>;
  readonly expect: {
    readonly outcome: string;
    readonly rule?: string;
    readonly code?: string;
    readonly event?: string;
  };
}

const BUNDLE = loadPolicy(readPolicyFolder('rules/guangdong-2016')).bundle as PolicyBundle;
const FIRST_DAY = '2016-07-20';

const ACTIONS = { review: 'reviews', deadline: 'deadlineRules' } as const;

function rulesOf(
  policy: FullPolicy,
  { stage, facts }: Example,
): readonly (Requirement | ActionRule)[] {
  if (stage === 'review' || stage === 'deadline') return policy[ACTIONS[stage]];
  if (stage === 'quota') return policy.quotas;
  if (stage !== 'special') return policy[stage];
  return policy.special.filter(
    rule =>
      rule.school === facts['school.code'] &&
      (rule.major === null || rule.major === facts['major.code']),
  );
}

/** What is not written in an example is absent. */
function factsOf(policy: FullPolicy, { facts }: Example): Record<string, FactValue> {
  const attributes = policy.attributes.map(attribute => `candidate.${attribute.name}`);
  const names = [...FACTS.map(fact => fact.name), ...attributes];
  return Object.fromEntries(names.map(name => [name, facts[name] ?? null]));
}

/** Asked at 00:05, when the sweep runs. */
async function act(policy: FullPolicy, example: Example) {
  const date = example.date ?? FIRST_DAY;
  const rules = rulesOf(policy, example) as readonly ActionRule[];
  const decider = new ActionDecider(rules, policy.conditions, policy.attributes);
  const facts = factsOf(policy, example);
  const decision = await decider.decide(facts, { date, now: `${date}T00:05` });
  if (decision === null) return { outcome: 'none' };
  return { outcome: 'act', rule: decision.rule.id, event: decision.then['event'] };
}

async function decide(policy: FullPolicy, example: Example) {
  if (example.stage === 'review' || example.stage === 'deadline') return act(policy, example);
  const { refusal } = await evaluateRequirements(
    rulesOf(policy, example) as readonly Requirement[],
    policy.conditions,
    example.date ?? FIRST_DAY,
    factsOf(policy, example),
    policy.attributes,
  );
  if (refusal === null) return { outcome: 'pass' };
  return { outcome: 'refuse', rule: refusal.rule, code: refusal.code };
}

const documents = Object.entries(BUNDLE.base.documents).filter(([path]) => /^tests\//.test(path));
t.ok(documents.length >= 3);
for (const [path, text] of documents) {
  t.test(`the examples of ${path} come out as they say`, async t => {
    for (const example of parse(text).tests as Example[]) {
      const policy = effectivePolicy(BUNDLE, example.city ?? null);
      t.ok(rulesOf(policy, example).length > 0, 'some rule is tried');
      t.same(await decide(policy, example), example.expect, example.title);
    }
  });
}

t.test('an example fails when the rule that it speaks of changes', async t => {
  const files = readPolicyFolder('rules/guangdong-2016');
  const rules = new TextDecoder().decode(files.get('eligibility.yaml'));
  const lower = rules.replace('operator: greaterThanInclusive', 'operator: greaterThan');
  files.set('eligibility.yaml', new TextEncoder().encode(lower));
  const policy = effectivePolicy(loadPolicy(files).bundle as PolicyBundle, null);
  const [example] = parse(BUNDLE.base.documents['tests/score-lines.yaml'] as string).tests;
  t.equal((await decide(effectivePolicy(BUNDLE, null), example)).outcome, 'pass');
  t.match(await decide(policy, example), { outcome: 'refuse', code: 'below-region-line' });
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
    t.same(await decide(effectivePolicy(BUNDLE, null), example), example.expect, title);
    t.notSame(await decide(policy, example), example.expect, `${title}, changed`);
  }
});
