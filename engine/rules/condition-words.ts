/**
 * Conditions 条件 in words and as rows of a decision table 决策表, without any pair's values: what a
 * rule says, for people who sign it. What a rule did to one candidate is worded in explain.ts.
 */
import type { Attribute, Condition, FactValue } from '../policy/types.ts';
import { type Atom, type AtomValue, childrenOf, type NamedConditions, valueFact } from './atoms.ts';
import { type FactEntry, findFact } from './catalogue.ts';
import { valueTitle } from './value-titles.ts';

/** What names mean in the policy at hand. */
export interface WordsContext {
  readonly attributes: readonly Attribute[];
  readonly named: NamedConditions;
  /** Titles of ids that the policy itself gives (`phase.id`, `batch.id` …); null: none. */
  titleOf(fact: string, value: FactValue): string | null;
}

/** One alternative of a condition: what each fact must be, by the fact's name. */
export type DecisionRow = ReadonlyMap<string, readonly string[]>;

/** A condition with more alternatives is worded instead: nobody reads such a table. */
export const DECISION_ROWS_MAX = 24;

const NUMBER_WORDS: Readonly<Record<string, string>> = {
  equal: '等于',
  notEqual: '不等于',
  lessThan: '低于',
  lessThanInclusive: '不高于',
  greaterThan: '高于',
  greaterThanInclusive: '不低于',
};
const DATE_WORDS: Readonly<Record<string, string>> = {
  equal: '为',
  notEqual: '不为',
  lessThan: '早于',
  lessThanInclusive: '不晚于',
  greaterThan: '晚于',
  greaterThanInclusive: '不早于',
};
const OPPOSITES: Readonly<Record<string, string>> = {
  equal: 'notEqual',
  notEqual: 'equal',
  lessThan: 'greaterThanInclusive',
  greaterThanInclusive: 'lessThan',
  greaterThan: 'lessThanInclusive',
  lessThanInclusive: 'greaterThan',
  in: 'notIn',
  notIn: 'in',
};

/** A fact's Chinese title; its name where the catalogue has none. */
export function factTitle(fact: string, context: WordsContext): string {
  return entryOf(fact, context)?.title ?? fact.replace(/^candidate\./, '');
}

/** A value as people read it, with its unit: 160 厘米, 第一阶段, 女. */
export function factValueTitle(fact: string, value: FactValue, context: WordsContext): string {
  const own = context.titleOf(fact, value);
  if (own !== null) return own;
  const unit = typeof value === 'number' ? (entryOf(fact, context)?.unit ?? '') : '';
  return `${valueTitle(fact, value)}${unit === '' ? '' : ` ${unit}`}`;
}

/** What an atom asks of its fact, without the fact: 不低于 160 厘米, 是, 应届或往届. */
export function demandText({ fact, operator, value }: Atom, context: WordsContext): string {
  const entry = entryOf(fact, context);
  const other = valueFact(value);
  if (other !== null) {
    return `${wordOf(operator, entry)}${factTitle(other, context)}`;
  }
  const texts = listed(value).map(each => factValueTitle(fact, each, context));
  if (operator === 'in') return texts.length === 0 ? '没有可取的值' : texts.join('或');
  if (operator === 'notIn') return `不是${texts.join('、')}`;
  const plain = entry?.type !== 'number' && entry?.type !== 'date';
  if (plain && operator === 'equal') return texts[0] ?? '';
  if (plain && operator === 'notEqual') {
    return value === true ? '否' : value === false ? '是' : `不是${texts[0] ?? ''}`;
  }
  return `${wordOf(operator, entry)} ${texts[0] ?? ''}`;
}

/** One comparison in words. */
export function comparisonText(atom: Atom, context: WordsContext): string {
  const type = entryOf(atom.fact, context)?.type;
  const demand = demandText(atom, context);
  const title = factTitle(atom.fact, context);
  if (type === 'boolean' && (demand === '是' || demand === '否')) return `“${title}”为${demand}`;
  const plain = type !== 'number' && type !== 'date' && valueFact(atom.value) === null;
  return plain && !demand.startsWith('不是') ? `${title}为${demand}` : `${title}${demand}`;
}

/** A whole condition in words; alternatives inside it stand in brackets. */
export function conditionText(condition: Condition, context: WordsContext): string {
  const opened = open(condition, context);
  if ('fact' in opened) return comparisonText(opened, context);
  const children = childrenOf(opened).map(child => bracketed(child, context));
  if (isNegation(opened)) return `并非（${conditionText(opened.not, context)}）`;
  if (children.length === 0) return '不设条件';
  return children.join('any' in opened ? '，或者' : '，并且');
}

function bracketed(condition: Condition, context: WordsContext): string {
  const opened = open(condition, context);
  const text = conditionText(opened, context);
  const composite = !('fact' in opened) && !isNegation(opened) && childrenOf(opened).length > 1;
  return composite ? `（${text}）` : text;
}

/**
 * The alternatives of a condition: it holds when all demands of one row do.
 *
 * Facts are present where this is asked: what an absent one does is said by the rule's `missing`.
 *
 * @returns null where there are more than `DECISION_ROWS_MAX`
 */
export function decisionRows(
  condition: Condition | null,
  context: WordsContext,
): readonly DecisionRow[] | null {
  if (condition === null) return [new Map()];
  const rows = alternatives(condition, false, context);
  return rows === null ? null : rows.map(atoms => demandsOf(atoms, context));
}

/**
 * A condition as alternatives of comparisons: it holds when all of one alternative do, as long as
 * no fact is absent.
 *
 * @param negated its opposite
 * @returns null where there are more than `DECISION_ROWS_MAX`
 */
export function alternatives(
  condition: Condition,
  negated: boolean,
  context: Pick<WordsContext, 'named'>,
): Atom[][] | null {
  const opened = open(condition, context);
  if ('fact' in opened) return [[negated ? opposite(opened) : opened]];
  if (isNegation(opened)) return alternatives(opened.not, !negated, context);
  const parts: Atom[][][] = [];
  for (const child of childrenOf(opened)) {
    const part = alternatives(child, negated, context);
    if (part === null) return null;
    parts.push(part);
  }
  const either = 'any' in opened !== negated;
  if (either) return bounded(parts.flat());
  let product: Atom[][] = [[]];
  for (const part of parts) {
    const next = product.flatMap(row => part.map(more => [...row, ...more]));
    if (bounded(next) === null) return null;
    product = next;
  }
  return product;
}

function bounded(rows: Atom[][]): Atom[][] | null {
  return rows.length > DECISION_ROWS_MAX ? null : rows;
}

function opposite(atom: Atom): Atom {
  return { ...atom, operator: OPPOSITES[atom.operator] ?? atom.operator };
}

function demandsOf(atoms: readonly Atom[], context: WordsContext): DecisionRow {
  const row = new Map<string, string[]>();
  for (const atom of atoms) {
    const demands = row.get(atom.fact) ?? [];
    const text = demandText(atom, context);
    if (!demands.includes(text)) row.set(atom.fact, [...demands, text]);
  }
  return row;
}

type Opened = Exclude<Condition, { condition: string }>;

/** Follows named conditions; the loader has refused cycles. */
function open(condition: Condition, context: Pick<WordsContext, 'named'>): Opened {
  if (!('condition' in condition)) return condition;
  const target = context.named[condition.condition];
  return target === undefined ? { all: [] } : open(target, context);
}

function isNegation(condition: Opened): condition is { readonly not: Condition } {
  return !('any' in condition) && !('all' in condition) && 'not' in condition;
}

function listed(value: AtomValue): readonly FactValue[] {
  return Array.isArray(value) ? value : [value as FactValue];
}

function wordOf(operator: string, entry: FactEntry | undefined): string {
  return (entry?.type === 'date' ? DATE_WORDS : NUMBER_WORDS)[operator] ?? operator;
}

function entryOf(fact: string, context: WordsContext): FactEntry | undefined {
  return findFact(fact, context.attributes, null);
}
