/**
 * The one place where rules are decided: json-rules-engine, unmodified. Every outcome, code and
 * condition tree of this room comes out of `runEngine`; nothing else here evaluates a condition.
 *
 * What bites in 7.3.1, and what is done about it (spec/policy.md):
 * - its status lives on the Engine, so two runs at once on one instance skip rules in silence: an
 *   engine belongs to one rule, and its runs are queued one after the other;
 * - null fails numeric operators, so `not` over it passes, and `in` may throw on it: a rule with an
 *   absent fact is put to the engine as the question "is every fact present", and nothing else;
 * - its errors name no rule: they are caught and given the rule's id, the cause kept;
 * - rules of equal priority have no defined order: each has its own;
 * - it caches constants under a hash: see `constants`.
 */
import type { EngineResult, RuleResult, TopLevelCondition } from 'json-rules-engine';
import { Engine, Fact } from 'json-rules-engine';
import type { Condition, FactValue } from '../policy/types.ts';
import type { Atom, RuleReading } from './atoms.ts';
import { atomKey } from './atoms.ts';
import { ruleError } from './errors.ts';

export type Facts = Readonly<Record<string, FactValue>>;

export interface EngineDecision {
  readonly outcome: 'pass' | 'skip' | 'refuse' | 'missing-data';
  readonly code: string | null;
  /** The first fact that is absent, in the order of the rule's facts; null: none. */
  readonly missing: string | null;
  /** The engine's condition trees, as JSON. */
  readonly tree: Readonly<Record<string, unknown>>;
  /** What the engine found for each atom, by atomKey; empty where a fact is missing. */
  readonly atoms: ReadonlyMap<string, boolean>;
}

/** One question put to an engine: does this condition hold for the facts. */
export interface Question {
  readonly name: string;
  readonly condition: Condition;
}

export interface Answer {
  readonly holds: boolean;
  readonly tree: unknown;
  readonly atoms: ReadonlyMap<string, boolean>;
}

interface EngineOperator {
  evaluate(left: unknown, right: unknown): boolean;
}

/**
 * The engine's own operator objects. Its type declarations leave `operators` out, but the engine's
 * conditions look their operator up in this map with this very call.
 */
const operators = (new Engine() as unknown as { operators: OperatorMap }).operators;
interface OperatorMap {
  get(name: string): EngineOperator | null;
}

/**
 * The engine's own operator, for the outcomes of single atoms.
 *
 * @throws CodedError unknown-operator
 */
export function engineOperator(
  name: string,
  rule: string,
): (left: unknown, right: unknown) => boolean {
  const operator = operators.get(name);
  if (!operator) throw ruleError('unknown-operator', { rule, operator: name });
  return (left, right) => {
    try {
      return operator.evaluate(left, right) === true;
    } catch (cause) {
      throw ruleError('rule-failed', { rule, reason: reasonOf(cause) }, { cause });
    }
  };
}

/**
 * The facts as the engine's own constants, outside its cache: there a constant is looked up by a
 * hash of its name and parameters, and computing that took most of a run. Their values are what
 * they are without it.
 */
function constants(facts: Facts): Record<string, Fact> {
  const made: Record<string, Fact> = {};
  for (const [name, value] of Object.entries(facts)) {
    made[name] = new Fact(name, value, { cache: false });
  }
  return made;
}

/** An engine that answers questions about one rule, one run at a time. */
export class Asker {
  readonly #engine: Engine;
  readonly #rule: string;
  readonly #names: readonly string[];
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    rule: string,
    questions: readonly Question[],
    named: ReadonlyMap<string, Condition> = new Map(),
  ) {
    this.#rule = rule;
    this.#names = questions.map(question => question.name);
    try {
      this.#engine = new Engine();
      for (const [name, condition] of named) this.#engine.setCondition(name, rooted(condition));
      questions.forEach((question, index) => {
        this.#engine.addRule({
          name: question.name,
          conditions: rooted(question.condition),
          event: { type: question.name },
          priority: questions.length - index,
        });
      });
    } catch (cause) {
      throw ruleError('rule-failed', { rule, reason: reasonOf(cause) }, { cause });
    }
  }

  /** @throws CodedError rule-failed, rule-undecided */
  ask(facts: Facts): Promise<ReadonlyMap<string, Answer>> {
    const turn = this.#last.then(() => this.#run(facts));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #run(facts: Facts): Promise<ReadonlyMap<string, Answer>> {
    let result: EngineResult;
    try {
      result = await this.#engine.run(constants(facts));
    } catch (cause) {
      throw ruleError('rule-failed', { rule: this.#rule, reason: reasonOf(cause) }, { cause });
    }
    return new Map(this.#names.map(name => [name, answerOf(result, name, this.#rule)]));
  }
}

/**
 * Decides one requirement for one set of facts, by the engine. Absent facts settle the rule before
 * `applies` is looked at; a rule that does not apply is skipped.
 */
export class RuleEngine {
  readonly #reading: RuleReading;
  #presence: Asker | null = null;
  #verdict: Asker | null = null;
  #runs = 0;

  constructor(reading: RuleReading) {
    this.#reading = reading;
  }

  /** How often json-rules-engine was run. */
  get runs(): number {
    return this.#runs;
  }

  /**
   * @param facts every fact that the rule reads; null where it is absent
   * @throws CodedError unknown-fact, rule-failed, rule-undecided
   */
  async decide(facts: Facts): Promise<EngineDecision> {
    const missing = firstMissing(this.#reading, facts);
    this.#runs += 1;
    return missing === null ? this.#decidePresent(facts) : this.#decideMissing(facts, missing);
  }

  async #decidePresent(facts: Facts): Promise<EngineDecision> {
    const { rule, named } = this.#reading;
    this.#verdict ??= new Asker(rule.id, questionsOf(this.#reading), named);
    const answers = await this.#verdict.ask(facts);
    const requires = answers.get('requires') as Answer;
    const applies = answers.get('applies');
    const atoms = new Map([...(applies?.atoms ?? []), ...requires.atoms]);
    const tree = { applies: applies?.tree ?? null, requires: requires.tree };
    if (applies !== undefined && !applies.holds) {
      return { outcome: 'skip', code: null, missing: null, tree, atoms };
    }
    return requires.holds
      ? { outcome: 'pass', code: null, missing: null, tree, atoms }
      : { outcome: 'refuse', code: rule.refuse, missing: null, tree, atoms };
  }

  async #decideMissing(facts: Facts, missing: string): Promise<EngineDecision> {
    const { rule } = this.#reading;
    this.#presence ??= new Asker(rule.id, [presenceQuestion(this.#reading)]);
    const present = (await this.#presence.ask(facts)).get('present') as Answer;
    if (present.holds) throw ruleError('rule-undecided', { rule: rule.id });
    const tree = { present: present.tree };
    return rule.missing === 'refuse'
      ? { outcome: 'missing-data', code: MISSING_DATA, missing, tree, atoms: new Map() }
      : { outcome: 'skip', code: null, missing, tree, atoms: new Map() };
  }
}

export const MISSING_DATA = 'missing-data';

/**
 * The first absent fact, in the order of the rule's facts.
 *
 * @throws CodedError unknown-fact where a fact is not given at all
 */
export function firstMissing(reading: RuleReading, facts: Facts): string | null {
  for (const fact of reading.facts) {
    const value = facts[fact];
    if (value === undefined) throw ruleError('unknown-fact', { rule: reading.rule.id, fact });
    if (value === null) return fact;
  }
  return null;
}

function questionsOf({ rule }: RuleReading): Question[] {
  const requires = { name: 'requires', condition: rule.requires };
  return rule.applies === null
    ? [requires]
    : [{ name: 'applies', condition: rule.applies }, requires];
}

/** "Every fact that the rule reads is there", as a condition for the engine. */
export function presenceQuestion(reading: RuleReading): Question {
  const all = reading.facts.map(fact => ({ fact, operator: 'notEqual', value: null }));
  return { name: 'present', condition: { all } };
}

/** The engine wants all, any, not or condition at the root; an atom is put into an `all` of one. */
export function rooted(condition: Condition): TopLevelCondition {
  const root = 'fact' in condition ? { all: [condition] } : condition;
  return root as unknown as TopLevelCondition;
}

/**
 * Takes the answer from what the engine returned, and from nothing else. Exactly one result with
 * the name is demanded: an engine that skipped the rule, or is none at all, has decided nothing.
 */
function answerOf(result: EngineResult, name: string, rule: string): Answer {
  const held = resultsNamed(result?.results, name);
  const failed = resultsNamed(result?.failureResults, name);
  const [only, second] = [...held, ...failed];
  if (only === undefined || second !== undefined || only.result !== (held.length === 1)) {
    throw ruleError('rule-undecided', { rule });
  }
  const atoms = new Map<string, boolean>();
  collectAtoms(only.conditions as unknown as ResultNode, atoms);
  return { holds: held.length === 1, tree: only.toJSON(false).conditions, atoms };
}

function resultsNamed(results: readonly RuleResult[] | undefined, name: string): RuleResult[] {
  return Array.isArray(results) ? results.filter(each => each.name === name) : [];
}

/** A node of the engine's result: named conditions have been put in their place by it. */
interface ResultNode extends Partial<Atom> {
  readonly any?: readonly ResultNode[];
  readonly all?: readonly ResultNode[];
  readonly not?: ResultNode;
  readonly result?: boolean;
}

function collectAtoms(branch: ResultNode, into: Map<string, boolean>): void {
  const children = branch.any ?? branch.all ?? (branch.not === undefined ? [] : [branch.not]);
  for (const child of children) collectAtoms(child, into);
  if (branch.fact === undefined || branch.result === undefined) return;
  const { fact, operator, value } = branch as Atom;
  into.set(atomKey({ fact, operator, value }), branch.result);
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
