/**
 * The examples 样例 that stand beside a policy (`tests/*.yaml`), decided by json-rules-engine over
 * the policy's own rules: one sentence, the facts that are given, and what must follow. Whoever
 * signs a policy reads them; whoever changes one sees which no longer hold.
 */

import type { Problem } from '../problem.ts';
import { ActionDecider } from '../rules/actions.ts';
import { readRule } from '../rules/atoms.ts';
import { FACTS } from '../rules/catalogue.ts';
import { RequirementDecider } from '../rules/requirements.ts';
import { type ReadDocument, readDocument } from './document.ts';
import { isObject, type Json, type JsonObject, listOf } from './json.ts';
import { effectivePolicy } from './load.ts';
import { isInWindow, linesOf } from './lookup.ts';
import type { ActionRule, FactValue, FullPolicy, PolicyBundle, Requirement } from './types.ts';

type Stage = 'start' | 'eligibility' | 'special' | 'quota' | 'review' | 'deadline';

export interface Example {
  readonly title: string;
  readonly stage: Stage;
  /** Whose settings count; the province's where none is named. */
  readonly city?: string;
  /** `YYYY-MM-DD`; the first day of the first batch unless told. */
  readonly date?: string;
  /** What is not written is absent, `derivedFacts` apart. */
  readonly facts: Readonly<Record<string, FactValue>>;
  readonly expect: Outcome;
}

/** What a decision comes to: `pass`, `refuse` (rule, code), `act` (rule, event), `none`. */
export interface Outcome {
  readonly outcome: string;
  readonly rule?: string;
  readonly code?: string;
  readonly event?: string;
}

export interface ExampleVerdict {
  readonly file: string;
  readonly example: Example;
  readonly found: Outcome;
  /** Where and how it differs; null: it holds. */
  readonly problem: Problem | null;
}

const ACTIONS = { review: 'reviews', deadline: 'deadlineRules' } as const;
/** When the sweep asks: after the day has begun. */
export const SWEEP_CLOCK = '00:05';

/** Decides every example of a checked policy, in the order of files and entries. */
export async function runExamples(bundle: PolicyBundle): Promise<ExampleVerdict[]> {
  const verdicts: ExampleVerdict[] = [];
  for (const [file, text] of Object.entries(bundle.base.documents).sort(byPath)) {
    if (!file.startsWith('tests/')) continue;
    const document = readDocument(file, text);
    for (const [at, entry] of listOf(document.value ?? null, 'tests').entries()) {
      if (!isObject(entry)) continue;
      const example = entry as unknown as Example;
      const policy = effectivePolicy(bundle, example.city ?? null);
      const found = await decideExample(policy, example);
      const problem = holds(example.expect, found) ? null : problemOf(document, at, entry, found);
      verdicts.push({ file, example, found, problem });
    }
  }
  return verdicts;
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The rules that an example is about: of special conditions those of its school and major. */
export function rulesOfExample(
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

/** What the policy decides of an example's facts. */
export async function decideExample(policy: FullPolicy, example: Example): Promise<Outcome> {
  const date = dateOfExample(policy, example);
  const facts = factsOfExample(policy, example);
  if (example.stage === 'review' || example.stage === 'deadline') {
    const decider = actionDecider(policy, example);
    const decision = await decider.decide(facts, { date, now: `${date}T${SWEEP_CLOCK}` });
    if (decision === null) return { outcome: 'none' };
    return { outcome: 'act', rule: decision.rule.id, event: String(decision.then['event']) };
  }
  const { refusal } = await requirementDecider(policy, example, date).check(facts);
  if (refusal === null) return { outcome: 'pass' };
  return { outcome: 'refuse', rule: refusal.rule, code: refusal.code };
}

type Decider = ActionDecider | RequirementDecider;
/** Of hundreds of examples of one policy most ask the same rules: what was decided is kept. */
const DECIDERS = new WeakMap<FullPolicy, Map<string, Decider>>();

function kept<T extends Decider>(policy: FullPolicy, key: string, make: () => T): T {
  const deciders = DECIDERS.get(policy) ?? new Map<string, Decider>();
  DECIDERS.set(policy, deciders);
  const decider = (deciders.get(key) as T | undefined) ?? make();
  deciders.set(key, decider);
  return decider;
}

function actionDecider(policy: FullPolicy, example: Example): ActionDecider {
  const { conditions, attributes } = policy;
  return kept(policy, example.stage, () => {
    const rules = rulesOfExample(policy, example) as readonly ActionRule[];
    return new ActionDecider(rules, conditions, attributes);
  });
}

/** Of special conditions, those of the example's own school and major. */
function requirementDecider(
  policy: FullPolicy,
  example: Example,
  date: string,
): RequirementDecider {
  const { conditions, attributes } = policy;
  const { stage, facts } = example;
  const target = stage === 'special' ? [facts['school.code'], facts['major.code']] : [];
  return kept(policy, JSON.stringify([stage, date, ...target]), () => {
    const rules = rulesOfExample(policy, example) as readonly Requirement[];
    return new RequirementDecider(rules, conditions, date, attributes);
  });
}

/** The day that an example is about: its own, or the first on which anything is dispatched. */
export function dateOfExample(policy: FullPolicy, { date }: Pick<Example, 'date'>): string {
  if (date !== undefined) return date;
  const days = policy.batches.flatMap(({ window }) => (window === null ? [] : [window[0]]));
  return days.sort()[0] ?? `${policy.season}-01-01`;
}

/** Every fact that a rule could read, null where it is absent. */
export function factsOfExample(policy: FullPolicy, example: Example): Record<string, FactValue> {
  const facts = { ...derivedFacts(policy, example), ...example.facts };
  const attributes = policy.attributes.map(attribute => `candidate.${attribute.name}`);
  const read = rulesOfExample(policy, example).flatMap(rule => factsOfRule(rule, policy));
  const names = [...FACTS.map(fact => fact.name), ...attributes, ...read, ...Object.keys(facts)];
  return Object.fromEntries(names.map(name => [name, facts[name] ?? null]));
}

/**
 * What the policy itself says of an example that names its batch, where the example does not: the
 * lines of its city, and whether the date lies in the batch's window. So an example holds only as
 * long as the line or the date does.
 */
export function derivedFacts(
  policy: FullPolicy,
  { city, date, facts }: Pick<Example, 'city' | 'date' | 'facts'>,
): Record<string, FactValue> {
  const batch = policy.batches.find(({ id }) => id === facts['batch.id']);
  if (batch === undefined) return {};
  const derived: Record<string, FactValue> = {};
  if (date !== undefined) derived['batch.window-open'] = isInWindow(batch.window, date);
  if (city === undefined) return derived;
  const { region, schools } = linesOf(policy, city, batch.id);
  const school = schools.get(String(facts['school.code'])) ?? null;
  derived['line.region'] = region === null ? null : region / 100;
  derived['line.school'] = school === null ? null : school / 100;
  return derived;
}

/** By rule: named conditions are those of its own policy. */
const READ = new WeakMap<Requirement | ActionRule, readonly string[]>();

/** Marks of subjects stand in no catalogue: those that the rules read. */
function factsOfRule(
  rule: Requirement | ActionRule,
  { conditions }: FullPolicy,
): readonly string[] {
  const known = READ.get(rule);
  if (known !== undefined) return known;
  const parts = 'when' in rule ? [rule.when] : [rule.applies, rule.requires];
  const requires = { all: parts.filter(part => part !== null) };
  const asked = { applies: null, requires, refuse: '', missing: 'pass', school: null, major: null };
  const { id, title, basis, valid } = rule;
  const { facts } = readRule({ id, title, basis, valid, ...asked } as Requirement, conditions);
  READ.set(rule, facts);
  return facts;
}

/** What an example does not say it leaves open. */
function holds(expected: Outcome, found: Outcome): boolean {
  return Object.entries(expected).every(([key, value]) => found[key as keyof Outcome] === value);
}

function problemOf(document: ReadDocument, at: number, entry: JsonObject, found: Outcome): Problem {
  const place = document.problemAt('schema', ['tests', at, 'expect'], 'key', { what: '' });
  const expected = outcomeText(entry['expect'] as unknown as Outcome);
  const title = String(entry['title'] as Json);
  const message = `样例「${title}」与政策不符：样例写明${expected}，政策给出${outcomeText(found)}`;
  return { ...place, code: 'example-fails', message };
}

const OUTCOMES: Readonly<Record<string, string>> = {
  pass: '通过',
  refuse: '拒绝',
  act: '处理',
  none: '不处理',
};

function outcomeText({ outcome, rule, code, event }: Outcome): string {
  const parts = [rule, code, event].filter(part => part !== undefined);
  const title = OUTCOMES[outcome] ?? outcome;
  return parts.length === 0 ? title : `${title}（${parts.join('，')}）`;
}
