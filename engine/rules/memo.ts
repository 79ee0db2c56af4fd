/**
 * What the engine has said of one rule about single sets of facts, kept by situation: a decision of
 * 500 files, or a sweep of 50,000, asks the engine once for each situation and not once for each
 * file. The tables of compile.ts do the same for ten million pairs in columns.
 */
import type { RuleReading } from './atoms.ts';
import type { EngineDecision, Facts } from './engine-room.ts';
import { RuleEngine } from './engine-room.ts';
import { findRule, type RuleFinding } from './explain.ts';
import { Situations } from './outcomes.ts';

/** One situation of a rule, with the engine's own decision. */
export interface Remembered {
  readonly situation: string;
  readonly decision: EngineDecision;
  /** The first facts that were in it, those of the rule. */
  readonly example: Facts;
  /** How many files it decided. */
  count: number;
}

export class RuleMemo {
  readonly reading: RuleReading;
  readonly #situations: Situations;
  readonly #engine: RuleEngine;
  /** What the engine has said by situation: one table for this memo and those made of it. */
  readonly #said: Map<string, Promise<EngineDecision>>;
  readonly #known = new Map<string, Remembered>();
  readonly #findings: Map<string, RuleFinding>;

  /** @param like of the same reading: what the engine has told it is not asked again */
  constructor(reading: RuleReading, like?: RuleMemo) {
    this.reading = reading;
    this.#situations = like === undefined ? new Situations(reading) : like.#situations;
    this.#engine = like === undefined ? new RuleEngine(reading) : like.#engine;
    this.#said = like === undefined ? new Map() : like.#said;
    this.#findings = like === undefined ? new Map() : like.#findings;
  }

  /** The same rule, with no file counted yet. */
  again(): RuleMemo {
    return new RuleMemo(this.reading, this);
  }

  /**
   * How often json-rules-engine decided the rule for what is counted here: once for each situation.
   * Questions for explanations are not counted.
   */
  get engineRuns(): number {
    return this.#known.size;
  }

  /**
   * The decision for these facts: at once where the situation is known, else by the engine.
   *
   * @throws CodedError unknown-fact, rule-failed, rule-undecided, atom-differs
   */
  decide(facts: Facts): Remembered | Promise<Remembered> {
    const situation = this.#situations.of(facts);
    return this.#known.get(situation) ?? this.#ask(situation, facts);
  }

  /** Two callers at once ask once; what has failed is asked again. */
  async #ask(situation: string, facts: Facts): Promise<Remembered> {
    const asking = this.#said.get(situation) ?? this.#learn(situation, facts);
    const decision = await asking;
    const known = this.#known.get(situation);
    if (known !== undefined) return known;
    const example = Object.fromEntries(
      this.reading.facts.map(name => [name, facts[name] ?? null] as const),
    );
    const remembered: Remembered = { situation, decision, example, count: 0 };
    this.#known.set(situation, remembered);
    return remembered;
  }

  #learn(situation: string, facts: Facts): Promise<EngineDecision> {
    const learning = this.#engine.decide(facts).then(decision => {
      this.#situations.holdAgainst(decision, situation);
      return decision;
    });
    this.#said.set(situation, learning);
    learning.catch(() => this.#said.delete(situation));
    return learning;
  }

  /** The decision with what the engine says of each of the rule's lines, kept likewise. */
  async find(facts: Facts): Promise<RuleFinding> {
    const { decision } = await this.decide(facts);
    const detail = this.#situations.detailOf(facts);
    const known = this.#findings.get(detail);
    if (known !== undefined) return known;
    const finding = await findRule({ reading: this.reading, facts }, decision);
    this.#findings.set(detail, finding);
    return finding;
  }

  /** In the order of their outcomes, so that the order of the files does not show. */
  situations(): Remembered[] {
    return [...this.#known.values()].sort((a, b) => (a.situation < b.situation ? -1 : 1));
  }
}
