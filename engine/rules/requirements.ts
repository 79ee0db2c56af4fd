/**
 * Requirements on one set of facts, where there are no pairs: may this batch of this city be
 * dispatched now (stage `start`), does this plan change fit. Decided by the engine like any other.
 */
import type { Attribute, FactValue, Requirement } from '../policy/types.ts';
import { inForce, type NamedConditions, readRule } from './atoms.ts';
import { checkFactType } from './columns.ts';
import { explainRules } from './explain.ts';
import type { RuleExplanation } from './stage.ts';

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

function refusalIn(outcomes: readonly RuleExplanation[]): Refusal | null {
  const refused = outcomes.find(({ code }) => code !== null);
  if (refused === undefined || refused.code === null) return null;
  const { rule, code, title, basis, atoms } = refused;
  const wanting = refused.outcome === 'missing-data' ? null : false;
  const lines = atoms.filter(atom => atom.holds === wanting).map(atom => atom.sentence);
  return { rule, code, title, basis, explanation: lines.join('；') };
}
