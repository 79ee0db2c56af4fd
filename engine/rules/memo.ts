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
  readonly #known = new Map<string, Remembered>();
  /** Under way, so that two callers at once ask once. */
  readonly #asked = new Map<string, Promise<Remembered>>();
  readonly #findings = new Map<string, RuleFinding>();

  constructor(reading: RuleReading) {
    this.reading = reading;
    this.#situations = new Situations(reading);
    this.#engine = new RuleEngine(reading);
  }

  /** How often json-rules-engine decided the rule; questions for explanations not counted. */
  get engineRuns(): number {
    return this.#engine.runs;
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

  #ask(situation: string, facts: Facts): Promise<Remembered> {
    const asked = this.#asked.get(situation);
    if (asked !== undefined) return asked;
    const asking = this.#learn(situation, facts).finally(() => this.#asked.delete(situation));
    this.#asked.set(situation, asking);
    return asking;
  }

  async #learn(situation: string, facts: Facts): Promise<Remembered> {
    const example = Object.fromEntries(
      this.reading.facts.map(name => [name, facts[name] ?? null] as const),
    );
    const decision = await this.#engine.decide(facts);
    this.#situations.holdAgainst(decision, situation);
    const remembered: Remembered = { situation, decision, example, count: 0 };
    this.#known.set(situation, remembered);
    return remembered;
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
