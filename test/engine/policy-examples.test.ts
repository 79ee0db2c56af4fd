/**
 * The examples that stand in the policy for those who sign it, decided by json-rules-engine over
 * its own rules.
 */
import t from 'tap';
import { parse } from 'yaml';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import type {
  FactValue,
  FullPolicy,
  PolicyBundle,
  Requirement,
} from '../../engine/policy/types.ts';
import { FACTS } from '../../engine/rules/catalogue.ts';
import { evaluateRequirements } from '../../engine/rules/requirements.ts';

interface Example {
  readonly title: string;
  readonly stage: 'start' | 'eligibility' | 'special';
  readonly city?: string;
  readonly date?: string;
  readonly facts: Readonly<Record<string, FactValue>>;
  readonly expect: { readonly outcome: string; readonly rule?: string; readonly code?: string };
}

const BUNDLE = loadPolicy(readPolicyFolder('rules/guangdong-2016')).bundle as PolicyBundle;
const FIRST_DAY = '2016-07-20';

function rulesOf(policy: FullPolicy, { stage, facts }: Example): readonly Requirement[] {
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

async function decide(policy: FullPolicy, example: Example) {
  const { refusal } = await evaluateRequirements(
    rulesOf(policy, example),
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
