/**
 * Why a pair passed or was refused, in Chinese, rule by rule, with the pair's own values. What holds
 * and what does not is asked of the engine, line by line; here it is only put into words.
 */
import type { Attribute, Condition, FactValue } from '../policy/types.ts';
import {
  type Atom,
  type AtomValue,
  atomKey,
  childrenOf,
  type RuleReading,
  readRule,
  valueFact,
} from './atoms.ts';
import { findFact, OPERATOR_TITLES } from './catalogue.ts';
import { type Answer, Asker, type Facts, firstMissing, RuleEngine } from './engine-room.ts';
import type { RuleExplanation } from './stage.ts';

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
    const text = words.of(condition, null);
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

  /** @param found the engine's outcome per atom, shown inside `any` and `not`; null: none to show */
  of(condition: Condition, found: Answer['atoms'] | null): string {
    if ('fact' in condition) return this.#atom(condition);
    return this.#composite(condition, found);
  }

  #composite(condition: Condition, found: Answer['atoms'] | null): string {
    if ('fact' in condition) {
      const holds = found?.get(atomKey(condition));
      const text = this.#atom(condition);
      return holds === undefined ? text : `${text}（${verdict(holds)}）`;
    }
    if ('condition' in condition) {
      return this.#composite(this.#reading.named.get(condition.condition) as Condition, found);
    }
    const children = childrenOf(condition).map(child => this.#composite(child, found));
    if ('not' in condition && !('any' in condition) && !('all' in condition)) {
      return `并非［${children[0]}］`;
    }
    if (children.length === 0) return '无条件';
    if (children.length === 1) return children[0] as string;
    return `［${children.join('any' in condition ? ' 或 ' : ' 且 ')}］`;
  }

  #atom({ fact, operator, value }: Atom): string {
    const word = OPERATOR_TITLES[operator] ?? operator;
    return `${this.#factText(fact)} ${word} ${this.#valueText(value)}`;
  }

  #factText(fact: string): string {
    return `${this.title(fact)} ${plain(this.#facts[fact] ?? null)}`;
  }

  #valueText(value: AtomValue): string {
    const other = valueFact(value);
    if (other !== null) return this.#factText(other);
    if (!Array.isArray(value)) return plain(value as FactValue);
    return value.length === 0 ? '（空）' : value.map(plain).join('、');
  }
}

function plain(value: FactValue): string {
  if (value === null) return '（无）';
  if (typeof value === 'boolean') return value ? '是' : '否';
  return String(value);
}
