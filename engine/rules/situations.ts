/**
 * The table of situations 情形表 of one rule: key → what the unmodified engine decided for the first
 * pair that had it. A table per rule, so that vectors add up instead of multiplying; a few hundred
 * engine runs then stand for ten million decisions.
 */
import type { RuleReading } from './atoms.ts';
import type { FactColumns } from './columns.ts';
import type { EngineDecision, Facts } from './engine-room.ts';
import { RuleEngine } from './engine-room.ts';
import { ruleError } from './errors.ts';
import { KeyMaker, type Walk } from './keys.ts';
import { Situations } from './outcomes.ts';
import type { Pairs, Situation } from './stage.ts';

/** What the engine has decided of one rule, by the outcomes of its atoms. */
export type KnownDecisions = Map<string, EngineDecision>;

/** Keys up to here index an array (4 bytes each); beyond, a hash map: slower, as exact. */
export const TABLE_LIMIT_KEYS = 1024 * 1024;

const UNSEEN = -1;

export class RuleTable {
  readonly reading: RuleReading;
  readonly #columns: FactColumns;
  readonly #engine: RuleEngine;
  /** Kept beyond this table by who tries many policies on one world; null: nobody does. */
  readonly #known: KnownDecisions | null;
  #telling: Situations | null = null;
  readonly #situations: Situation[] = [];
  readonly #numberOf = new Map<string, number>();
  #keyMaker: KeyMaker | null = null;
  #table: Int32Array | null = null;
  #wideTable = new Map<number, number>();
  /** By situation: pairs counted, and what is written into `out` for it. */
  #counts = new Float64Array(16);
  #written = new Uint8Array(16);
  #codeIndex: (code: string) => number = () => 0;

  constructor(reading: RuleReading, columns: FactColumns, known: KnownDecisions | null = null) {
    this.reading = reading;
    this.#columns = columns;
    this.#known = known;
    this.#engine = new RuleEngine(reading);
  }

  get engineRuns(): number {
    return this.#engine.runs;
  }

  /** The codes of this call of decide: situations met in earlier calls are given theirs anew. */
  begin(codeIndex: (code: string) => number): void {
    this.#codeIndex = codeIndex;
    this.#situations.forEach((situation, index) => {
      this.#written[index] = checkedIndex(situation.code, codeIndex);
    });
  }

  /** Works out the keys of the walk's active pairs, and goes back to its start. */
  enter(walk: Walk, pairs: Pairs): Uint32Array | Float64Array {
    this.#keyMaker ??= this.#makeKeys();
    walk.next = 0;
    walk.kept = 0;
    return this.#keyMaker.keysOf(walk, pairs);
  }

  /**
   * Looks the keys up from walk.next on: pairs that pass stay active, refused ones get their code.
   *
   * @returns false where it stopped, at walk.next, before a key that was never seen
   */
  lookUp(walk: Walk, keys: Uint32Array | Float64Array, out: Uint8Array): boolean {
    const { active, count } = walk;
    const table = this.#table;
    const counts = this.#counts;
    const written = this.#written;
    let kept = walk.kept;
    for (let i = walk.next; i < count; i += 1) {
      const situation = table === null ? this.#lookUpWide(keys[i]!) : table[keys[i]!]!;
      if (situation === UNSEEN) {
        walk.next = i;
        walk.kept = kept;
        return false;
      }
      counts[situation] = counts[situation]! + 1;
      const code = written[situation]!;
      if (code === 0) {
        active[kept] = active[i]!;
        kept += 1;
      } else {
        out[active[i]!] = code;
      }
    }
    walk.next = count;
    walk.kept = kept;
    return true;
  }

  /** Has the engine decide the pair at which lookUp stopped, and enters its key. */
  async learn(pairs: Pairs, pair: number, key: number): Promise<void> {
    const facts = this.#columns.factsOf(this.reading.facts, pairs, pair);
    this.#telling ??= new Situations(this.reading);
    const outcomes = this.#telling.of(facts);
    let number = this.#numberOf.get(outcomes);
    if (number === undefined) {
      const decision = this.#known?.get(outcomes) ?? (await this.#engine.decide(facts));
      this.#known?.set(outcomes, decision);
      this.#telling.holdAgainst(decision, outcomes);
      number = this.#add(outcomes, decision, facts);
    }
    if (this.#table === null) this.#wideTable.set(key, number);
    else this.#table[key] = number;
  }

  /** In the order of their outcomes, so that the order of the pairs does not show. */
  situations(): Situation[] {
    this.#situations.forEach((situation, index) => {
      situation.pairs = this.#counts[index]!;
    });
    return this.#situations.toSorted((a, b) => (a.situation < b.situation ? -1 : 1));
  }

  #makeKeys(): KeyMaker {
    const keyMaker = new KeyMaker(this.reading, this.#columns);
    if (keyMaker.size <= TABLE_LIMIT_KEYS) {
      this.#table = new Int32Array(keyMaker.size).fill(UNSEEN);
    }
    return keyMaker;
  }

  #lookUpWide(key: number): number {
    return this.#wideTable.get(key) ?? UNSEEN;
  }

  #add(situation: string, decision: EngineDecision, facts: Facts): number {
    const number = this.#situations.length;
    if (number === this.#counts.length) {
      const counts = new Float64Array(number * 2);
      counts.set(this.#counts);
      this.#counts = counts;
      const written = new Uint8Array(number * 2);
      written.set(this.#written);
      this.#written = written;
    }
    const { outcome, code, tree } = decision;
    const rule = this.reading.rule.id;
    this.#written[number] = checkedIndex(code, this.#codeIndex);
    this.#situations.push({ rule, situation, outcome, code, pairs: 0, tree, example: facts });
    this.#numberOf.set(situation, number);
    return number;
  }
}

/** What is written for a code: 0 where there is none, else its index, which must fit a byte. */
export function checkedIndex(code: string | null, codeIndex: (code: string) => number): number {
  if (code === null) return 0;
  const index = codeIndex(code);
  if (!Number.isInteger(index) || index < 1 || index > 255) {
    throw ruleError('code-index', { code, index });
  }
  return index;
}
