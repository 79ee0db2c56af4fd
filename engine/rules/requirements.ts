/**
 * Requirements on one set of facts, where there are no pairs: may this batch of this city be
 * dispatched now (stage `start`), does this plan change fit. Decided by the engine like any other.
 */
import type { Attribute, FactValue, Requirement } from '../policy/types.ts';
import { inForce, type NamedConditions, readRule } from './atoms.ts';
import { checkFactType } from './columns.ts';
import { explainRules, wordChain } from './explain.ts';
import { type Remembered, RuleMemo } from './memo.ts';
import type { RuleExplanation, Situation } from './stage.ts';

export interface Refusal {
  readonly rule: string;
  /** The rule's own code, or `missing-data`. */
  readonly code: string;
  readonly title: string;
  /** The article that the refusal rests on. */
  readonly basis: string;
  /** Why, in Chinese: what does not hold, or cannot be told. */
  readonly explanation: string;
}

export interface RequirementsResult {
  /** Every rule in force, in order; those after the first refusal are `not-reached`. */
  readonly outcomes: readonly RuleExplanation[];
  /** The first refusal; null: all rules let it pass. */
  readonly refusal: Refusal | null;
}

/** What a set of facts comes to, without the explanation of what passes. */
export interface RequirementsCheck {
  /**
   * Ids of the rules that let it pass, up to the first refusal; rules passed over are not among.
   */
  readonly passed: readonly string[];
  readonly refusal: Refusal | null;
}

/**
 * Tries the rules in order; the first refusal wins.
 *
 * @param date business date YYYY-MM-DD: rules whose `valid` excludes it are left out
 * @param facts every fact that the rules read; null: absent
 * @throws CodedError unknown-fact, fact-type, rule-failed, rule-undecided
 */
export async function evaluateRequirements(
  rules: readonly Requirement[],
  conditions: NamedConditions,
  date: string,
  facts: Readonly<Record<string, FactValue>>,
  attributes: readonly Attribute[] = [],
): Promise<RequirementsResult> {
  const chain = rules
    .filter(rule => inForce(rule, date))
    .map(rule => ({ reading: readRule(rule, conditions), facts }));
  for (const fact of new Set(chain.flatMap(({ reading }) => reading.facts))) {
    if (facts[fact] !== undefined) checkFactType(fact, [facts[fact]], attributes);
  }
  const outcomes = await explainRules(chain, attributes);
  return { outcomes, refusal: refusalIn(outcomes) };
}

/**
 * The same as evaluateRequirements for many sets of facts – the files of one act –, with the engine
 * asked once for each situation. Results are identical, explanations and their values included.
 */
export class RequirementDecider {
  readonly #memos: readonly RuleMemo[];
  readonly #attributes: readonly Attribute[];
  /** Every fact that must be given, in the order of the rules. */
  readonly factNames: readonly string[];

  /**
   * @param date business date YYYY-MM-DD: rules whose `valid` excludes it are left out
   * @throws CodedError unknown-condition, condition-too-deep, unknown-operator
   */
  constructor(
    rules: readonly Requirement[],
    conditions: NamedConditions,
    date: string,
    attributes: readonly Attribute[] = [],
  ) {
    this.#memos = rules
      .filter(rule => inForce(rule, date))
      .map(rule => new RuleMemo(readRule(rule, conditions)));
    this.#attributes = attributes;
    this.factNames = [...new Set(this.#memos.flatMap(({ reading }) => reading.facts))];
  }

  /**
   * Tries the rules in order; the first refusal wins.
   *
   * @param facts every fact that the rules read; null: absent
   * @throws CodedError unknown-fact, fact-type, rule-failed, rule-undecided, atom-differs
   */
  async decide(facts: Readonly<Record<string, FactValue>>): Promise<RequirementsResult> {
    for (const fact of this.factNames) {
      if (facts[fact] !== undefined) checkFactType(fact, [facts[fact]], this.#attributes);
    }
    const found = [];
    let refused = false;
    for (const memo of this.#memos) {
      const finding = await memo.find(facts);
      if (!refused) await count(memo, facts);
      refused ||= finding.decision.code !== null;
      found.push({ ofPair: { reading: memo.reading, facts }, finding });
    }
    const outcomes = wordChain(found, this.#attributes);
    return { outcomes, refusal: refusalIn(outcomes) };
  }

  /**
   * As decide, with words only for a refusal: most files of an act pass, and nobody reads why.
   *
   * @throws as decide
   */
  async check(facts: Readonly<Record<string, FactValue>>): Promise<RequirementsCheck> {
    for (const fact of this.factNames) {
      if (facts[fact] !== undefined) checkFactType(fact, [facts[fact]], this.#attributes);
    }
    const reached: Remembered[] = [];
    const passed: string[] = [];
    for (const memo of this.#memos) {
      const known = memo.decide(facts);
      const remembered = known instanceof Promise ? await known : known;
      const { code, outcome } = remembered.decision;
      if (code !== null) return { passed, refusal: (await this.decide(facts)).refusal };
      reached.push(remembered);
      if (outcome === 'pass') passed.push(memo.reading.rule.id);
    }
    for (const remembered of reached) remembered.count += 1;
    return { passed, refusal: null };
  }

  /** The situations met so far; `pairs` counts the sets of facts that reached the rule. */
  situations(): Situation[] {
    return this.#memos.flatMap(memo =>
      memo.situations().map(({ situation, decision, example, count }) => {
        const { outcome, code, tree } = decision;
        return {
          rule: memo.reading.rule.id,
          situation,
          outcome,
          code,
          pairs: count,
          tree,
          example,
        };
      }),
    );
  }

  /** How often json-rules-engine decided a rule; questions for explanations not counted. */
  engineRuns(): number {
    return this.#memos.reduce((sum, memo) => sum + memo.engineRuns, 0);
  }
}

async function count(memo: RuleMemo, facts: Readonly<Record<string, FactValue>>): Promise<void> {
  (await memo.decide(facts)).count += 1;
}

function refusalIn(outcomes: readonly RuleExplanation[]): Refusal | null {
  const refused = outcomes.find(({ code }) => code !== null);
  if (refused === undefined || refused.code === null) return null;
  const { rule, code, title, basis, atoms } = refused;
  const wanting = refused.outcome === 'missing-data' ? null : false;
  const lines = atoms.filter(atom => atom.holds === wanting).map(atom => atom.sentence);
  return { rule, code, title, basis, explanation: lines.join('；') };
}
