/**
 * What a rule would have said had one of its conditions come out otherwise. The conditions are
 * replaced by plain yes-or-no facts, and json-rules-engine decides that rule: no reading of `all`,
 * `any` and `not` of our own.
 */
import { type Atom, atomKey, childrenOf, type RuleReading, readRule } from '../../rules/atoms.ts';
import { RuleMemo } from '../../rules/memo.ts';
import { Situations } from '../../rules/outcomes.ts';
import type { AnalysedRule, Domains } from '../analysis/rule-cells.ts';
import { cellCount, factsOfCell, RULE_CELLS_MAX, stridesOf } from '../analysis/rule-cells.ts';
import type { Condition, FactValue } from '../types.ts';

type Verdict = 'pass' | 'skip' | 'refuse' | 'missing-data';

/** Decides a rule by the outcomes of its conditions alone. */
export class Flips {
  readonly #reading: RuleReading;
  readonly #memo: RuleMemo;
  readonly #feasible: ReadonlySet<string> | null;
  readonly #fires: Verdict;

  /** @param domains representative values of the rule's facts: which outcomes can come together */
  constructor({ reading, action }: AnalysedRule, domains: Domains) {
    this.#reading = reading;
    this.#fires = action === null ? 'refuse' : 'pass';
    this.#memo = new RuleMemo(readRule(plainRule(reading), {}));
    this.#feasible = vectorsOf(reading, domains);
  }

  /**
   * Whether the rule has its effect: a requirement refuses, an action acts. That a requirement
   * passes or does not apply comes to the same.
   *
   * @param vector '0' and '1' in the order of the rule's atoms
   */
  async fires(vector: string): Promise<boolean> {
    const facts = Object.fromEntries([...vector].map((each, at) => [nameOf(at), each === '1']));
    return (await this.#memo.decide(facts)).decision.outcome === this.#fires;
  }

  /** Whether the condition alone, other than it was, would have changed what the rule does. */
  async isDecisive(vector: string, at: number): Promise<boolean> {
    const other = flipped(vector, at);
    if (this.#feasible?.has(other) === false) return false;
    return (await this.fires(other)) !== (await this.fires(vector));
  }

  /** Whether there is any case at all in which the condition alone decides. */
  async canDecide(at: number): Promise<boolean> {
    if (this.#feasible === null) return true;
    for (const vector of this.#feasible) {
      if (vector[at] === '1' && (await this.isDecisive(vector, at))) return true;
    }
    return false;
  }

  get atoms(): readonly Atom[] {
    return this.#reading.atoms;
  }
}

function flipped(vector: string, at: number): string {
  return `${vector.slice(0, at)}${vector[at] === '1' ? '0' : '1'}${vector.slice(at + 1)}`;
}

function nameOf(at: number): string {
  return `condition.${at}`;
}

/** The rule with its comparisons replaced; named conditions are put where they are used. */
function plainRule({ rule, atoms, named }: RuleReading): RuleReading['rule'] {
  const places = new Map(atoms.map((atom, at) => [atomKey(atom), at]));
  const plain = (condition: Condition): Condition => {
    if ('fact' in condition) {
      const { fact, operator, value } = condition;
      const at = places.get(atomKey({ fact, operator, value })) as number;
      return { fact: nameOf(at), operator: 'equal', value: true };
    }
    if ('condition' in condition) return plain(named.get(condition.condition) as Condition);
    const children = childrenOf(condition).map(plain);
    if ('any' in condition) return { any: children };
    return 'all' in condition ? { all: children } : { not: children[0] as Condition };
  };
  const applies = rule.applies === null ? null : plain(rule.applies);
  return { ...rule, applies, requires: plain(rule.requires) };
}

/** The outcomes that come together in some case; null: too many cases to look at. */
function vectorsOf(reading: RuleReading, domains: Domains): ReadonlySet<string> | null {
  const present = new Map<string, readonly FactValue[]>(
    reading.facts.map(fact => [fact, (domains.get(fact) ?? []).filter(each => each !== null)]),
  );
  const count = cellCount(reading.facts, present);
  if (count > RULE_CELLS_MAX) return null;
  const strides = stridesOf(reading.facts, present);
  const situations = new Situations(reading);
  const vectors = new Set<string>();
  for (let cell = 0; cell < count; cell += 1) {
    vectors.add(situations.of(factsOfCell(cell, reading.facts, strides, present)));
  }
  return vectors;
}
