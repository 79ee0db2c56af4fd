/**
 * Which situation a set of facts is in: the outcomes of the rule's atoms, by the engine's own
 * operators, or the fact that is absent. Shared by everything that keeps a table of situations, so
 * that a batch of pairs and a single file are told apart by the same means.
 */
import { atomKey, type RuleReading, valueFact } from './atoms.ts';
import type { EngineDecision, Facts } from './engine-room.ts';
import { firstMissing } from './engine-room.ts';
import { ruleError } from './errors.ts';
import { atomOutcome } from './keys.ts';

/** How a situation of an absent fact begins: `missing:line.region`. */
export const MISSING_PREFIX = 'missing:';

type Outcome = (facts: Facts) => number;

/** Puts facts of one rule into situations; its operators are looked up once. */
export class Situations {
  readonly reading: RuleReading;
  readonly #outcomes: readonly Outcome[];

  /** @throws CodedError unknown-operator */
  constructor(reading: RuleReading) {
    this.reading = reading;
    this.#outcomes = reading.atoms.map(atom => {
      const evaluate = atomOutcome(atom, reading.rule.id);
      const other = valueFact(atom.value);
      if (other === null) return facts => evaluate(facts[atom.fact], atom.value);
      return facts => evaluate(facts[atom.fact], facts[other]);
    });
  }

  /**
   * '0' and '1' in the order of the atoms; or `missing:FACT`.
   *
   * @throws CodedError unknown-fact, rule-failed
   */
  of(facts: Facts): string {
    const missing = firstMissing(this.reading, facts);
    return missing === null ? this.#vector(facts) : `${MISSING_PREFIX}${missing}`;
  }

  /**
   * As `of`, but with every absent fact and what the other atoms say: what an explanation depends
   * on beside the values that it shows.
   */
  detailOf(facts: Facts): string {
    const absent = this.reading.facts.filter(fact => facts[fact] === null);
    return `${absent.join(' ')}|${this.#vector(facts)}`;
  }

  #vector(facts: Facts): string {
    let vector = '';
    for (const outcome of this.#outcomes) vector += outcome(facts) === 1 ? '1' : '0';
    return vector;
  }

  /**
   * What the operators said of each atom must be what the engine found.
   *
   * @throws CodedError atom-differs
   */
  holdAgainst(decision: EngineDecision, situation: string): void {
    if (decision.missing !== null) return;
    const { atoms, rule } = this.reading;
    atoms.forEach((atom, index) => {
      const found = decision.atoms.get(atomKey(atom));
      if (found === undefined || found === (situation[index] === '1')) return;
      throw ruleError('atom-differs', { rule: rule.id, atom: atomKey(atom) });
    });
  }
}
