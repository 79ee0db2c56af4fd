/**
 * Why a pair passed or was refused, in Chinese, rule by rule, with the pair's own values. What
 * holds and what does not is asked of the engine, line by line; here it is only put into words.
 */
import type { Attribute, Condition, FactValue } from '../policy/types.ts';
import {
  type Atom,
  type AtomValue,
  atomKey,
  type Composite,
  childrenOf,
  type RuleReading,
  readRule,
  valueFact,
} from './atoms.ts';
import { findFact, OPERATOR_TITLES } from './catalogue.ts';
import { type Answer, Asker, type Facts, firstMissing, RuleEngine } from './engine-room.ts';
import type { RuleExplanation } from './stage.ts';
import { valueTitle } from './value-titles.ts';

/** One rule and the facts it reads, of one pair. */
export interface RuleOfPair {
  readonly reading: RuleReading;
  readonly facts: Facts;
}

type Line = RuleExplanation['atoms'][number];

/** Explains a chain of rules in order; those after the first refusal are `not-reached`. */
export async function explainRules(
  chain: readonly RuleOfPair[],
  attributes: readonly Attribute[],
): Promise<RuleExplanation[]> {
  const explanations: RuleExplanation[] = [];
  let refused = false;
  for (const { reading, facts } of chain) {
    const { id: rule, title, basis } = reading.rule;
    const decision = await new RuleEngine(reading).decide(facts);
    const atoms = await linesOf(reading, facts, decision.outcome === 'skip', attributes);
    explanations.push(
      refused
        ? { rule, title, basis, outcome: 'not-reached', code: null, atoms }
        : { rule, title, basis, outcome: decision.outcome, code: decision.code, atoms },
    );
    refused ||= decision.code !== null;
  }
  return explanations;
}

/**
 * A line for each condition that must hold by itself: the branches of the outermost `all`. A rule
 * that does not apply shows only why it does not, unless what settled it was an absent fact.
 */
async function linesOf(
  reading: RuleReading,
  facts: Facts,
  skipped: boolean,
  attributes: readonly Attribute[],
): Promise<Line[]> {
  const { applies, requires } = reading.rule;
  const words = new Words(reading, facts, attributes);
  const lines: Line[] = [];
  for (const condition of applies === null ? [] : branches(applies, reading)) {
    lines.push(await lineOf(condition, '适用条件：', reading, facts, words));
  }
  if (skipped && firstMissing(reading, facts) === null) return lines;
  for (const condition of branches(requires, reading)) {
    lines.push(await lineOf(condition, '', reading, facts, words));
  }
  return lines;
}

/** Named conditions are opened, nested `all`s flattened. */
function branches(condition: Condition, reading: RuleReading): Condition[] {
  if ('condition' in condition) {
    return branches(reading.named.get(condition.condition) as Condition, reading);
  }
  if (!('all' in condition) || 'any' in condition) return [condition];
  return condition.all.flatMap(child => branches(child, reading));
}

async function lineOf(
  condition: Condition,
  prefix: string,
  reading: RuleReading,
  facts: Facts,
  words: Words,
): Promise<Line> {
  const { rule, named } = reading;
  const own = readRule({ ...rule, applies: null, requires: condition }, Object.fromEntries(named));
  const missing = own.facts.filter(fact => facts[fact] === null);
  if (missing.length > 0) {
    const absent = missing.map(fact => words.title(fact)).join('、');
    const text = words.of(condition, new Map());
    return { sentence: `${prefix}${text}：无法判断，缺少${absent}`, holds: null };
  }
  const asker = new Asker(rule.id, [{ name: 'line', condition }], named);
  const answer = (await asker.ask(facts)).get('line') as Answer;
  const text = words.of(condition, answer.atoms);
  return { sentence: `${prefix}${text}：${verdict(answer.holds)}`, holds: answer.holds };
}

function verdict(holds: boolean): string {
  return holds ? '成立' : '不成立';
}

/** Puts conditions into words, with the values of one pair. */
class Words {
  readonly #reading: RuleReading;
  readonly #facts: Facts;
  readonly #attributes: readonly Attribute[];

  constructor(reading: RuleReading, facts: Facts, attributes: readonly Attribute[]) {
    this.#reading = reading;
    this.#facts = facts;
    this.#attributes = attributes;
  }

  title(fact: string): string {
    const entry = findFact(fact, this.#attributes, null);
    return entry?.title ?? fact.replace(/^candidate\./, '');
  }

  /**
   * The condition of a whole line.
   *
   * @param found the engine's outcome per atom, shown inside `any` and `not`; empty: none to show
   */
  of(condition: Condition, found: Answer['atoms']): string {
    const opened = this.#opened(condition);
    return 'fact' in opened ? this.#atom(opened) : this.#composite(opened, found);
  }

  #opened(condition: Condition): Exclude<Condition, { condition: string }> {
    if (!('condition' in condition)) return condition;
    return this.#opened(this.#reading.named.get(condition.condition) as Condition);
  }

  #composite(condition: Composite, found: Answer['atoms']): string {
    const children = childrenOf(condition).map(child => this.#part(child, found));
    if (isNegation(condition)) return `并非［${children[0]}］`;
    if (children.length === 0) return '无条件';
    return children.join('any' in condition ? ' 或 ' : ' 且 ');
  }

  /** A condition inside another: in brackets where it is not an atom, its atoms with outcome. */
  #part(condition: Condition, found: Answer['atoms']): string {
    const opened = this.#opened(condition);
    if ('fact' in opened) {
      const holds = found.get(atomKey(opened));
      return holds === undefined
        ? this.#atom(opened)
        : `${this.#atom(opened)}（${verdict(holds)}）`;
    }
    const text = this.#composite(opened, found);
    return isNegation(opened) || childrenOf(opened).length < 2 ? text : `［${text}］`;
  }

  #atom({ fact, operator, value }: Atom): string {
    const word = OPERATOR_TITLES[operator] ?? operator;
    return `${this.#factText(fact)} ${word} ${this.#valueText(fact, value)}`;
  }

  #factText(fact: string): string {
    return `${this.title(fact)} ${valueTitle(fact, this.#facts[fact] ?? null)}`;
  }

  #valueText(fact: string, value: AtomValue): string {
    const other = valueFact(value);
    if (other !== null) return this.#factText(other);
    const values = (Array.isArray(value) ? value : [value]) as readonly FactValue[];
    return values.length === 0 ? '（空）' : values.map(each => valueTitle(fact, each)).join('、');
  }
}

function isNegation(condition: Composite): boolean {
  return !('any' in condition) && !('all' in condition);
}
