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
import {
  type Answer,
  Asker,
  type EngineDecision,
  type Facts,
  firstMissing,
  RuleEngine,
} from './engine-room.ts';
import type { RuleExplanation } from './stage.ts';
import { valueTitle } from './value-titles.ts';

/** One rule and the facts it reads, of one pair. */
export interface RuleOfPair {
  readonly reading: RuleReading;
  readonly facts: Facts;
}

type Line = RuleExplanation['atoms'][number];

/** What the engine says of one line; the values that are shown beside it are no part of it. */
interface LineFinding {
  readonly condition: Condition;
  readonly prefix: string;
  /** The absent facts of the line; where there are any, the engine is not asked. */
  readonly missing: readonly string[];
  readonly answer: Answer | null;
}

/** What the engine says of a rule, line by line: the same for all facts of one situation. */
export interface RuleFinding {
  readonly decision: EngineDecision;
  readonly lines: readonly LineFinding[];
}

/** Explains a chain of rules in order; those after the first refusal are `not-reached`. */
export async function explainRules(
  chain: readonly RuleOfPair[],
  attributes: readonly Attribute[],
): Promise<RuleExplanation[]> {
  const found: { ofPair: RuleOfPair; finding: RuleFinding }[] = [];
  for (const ofPair of chain) found.push({ ofPair, finding: await findRule(ofPair) });
  return wordChain(found, attributes);
}

/** Puts findings into words, each with the facts of its own pair. */
export function wordChain(
  found: readonly { readonly ofPair: RuleOfPair; readonly finding: RuleFinding }[],
  attributes: readonly Attribute[],
): RuleExplanation[] {
  let refused = false;
  return found.map(({ ofPair, finding }) => {
    const { id: rule, title, basis } = ofPair.reading.rule;
    const { outcome, code } = finding.decision;
    const atoms = wordLines(ofPair, finding, attributes);
    const after = refused;
    refused ||= code !== null;
    return after
      ? { rule, title, basis, outcome: 'not-reached', code: null, atoms }
      : { rule, title, basis, outcome, code, atoms };
  });
}

/**
 * Asks the engine about a rule as a whole and about each of its lines.
 *
 * @param decision what the engine said of the whole, where it has been asked
 */
export async function findRule(
  { reading, facts }: RuleOfPair,
  decision?: EngineDecision,
): Promise<RuleFinding> {
  const decided = decision ?? (await new RuleEngine(reading).decide(facts));
  const lines: LineFinding[] = [];
  for (const { condition, prefix } of linesOf(reading, facts, decided.outcome === 'skip')) {
    lines.push(await findLine(condition, prefix, reading, facts));
  }
  return { decision: decided, lines };
}

/**
 * A line for each condition that must hold by itself: the branches of the outermost `all`. A rule
 * that does not apply shows only why it does not, unless what settled it was an absent fact.
 */
function linesOf(
  reading: RuleReading,
  facts: Facts,
  skipped: boolean,
): { condition: Condition; prefix: string }[] {
  const { applies, requires } = reading.rule;
  const whether = applies === null ? [] : branches(applies, reading);
  const lines = whether.map(condition => ({ condition, prefix: '适用条件：' }));
  if (skipped && firstMissing(reading, facts) === null) return lines;
  const what = branches(requires, reading).map(condition => ({ condition, prefix: '' }));
  return [...lines, ...what];
}

/** Named conditions are opened, nested `all`s flattened. */
function branches(condition: Condition, reading: RuleReading): Condition[] {
  if ('condition' in condition) {
    return branches(reading.named.get(condition.condition) as Condition, reading);
  }
  if (!('all' in condition) || 'any' in condition) return [condition];
  return condition.all.flatMap(child => branches(child, reading));
}

async function findLine(
  condition: Condition,
  prefix: string,
  reading: RuleReading,
  facts: Facts,
): Promise<LineFinding> {
  const { rule, named } = reading;
  const own = readRule({ ...rule, applies: null, requires: condition }, Object.fromEntries(named));
  const missing = own.facts.filter(fact => facts[fact] === null);
  if (missing.length > 0) return { condition, prefix, missing, answer: null };
  const asker = new Asker(rule.id, [{ name: 'line', condition }], named);
  const answer = (await asker.ask(facts)).get('line') as Answer;
  return { condition, prefix, missing, answer };
}

function wordLines(
  { reading, facts }: RuleOfPair,
  finding: RuleFinding,
  attributes: readonly Attribute[],
): Line[] {
  const words = new Words(reading, facts, attributes);
  return finding.lines.map(({ condition, prefix, missing, answer }) => {
    const text = words.of(condition, answer?.atoms ?? new Map());
    if (answer !== null) {
      return { sentence: `${prefix}${text}：${verdict(answer.holds)}`, holds: answer.holds };
    }
    const absent = missing.map(fact => words.title(fact)).join('、');
    return { sentence: `${prefix}${text}：无法判断，缺少${absent}`, holds: null };
  });
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
