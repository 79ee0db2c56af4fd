/**
 * What a rule reads: its atoms 原子条件 (fact, operator, value) and its facts, in a fixed order, with
 * named conditions followed. Nothing is evaluated here.
 */
import type { Condition, FactValue, Requirement } from '../policy/types.ts';
import { ruleError } from './errors.ts';

/**
 * How deep a condition may nest, named conditions included. A cycle of named conditions is caught
 * by it too; the loader of policies reports both with their place, this is the last defence.
 */
export const CONDITION_DEPTH_LIMIT = 64;

export type NamedConditions = Readonly<Record<string, Condition>>;
export type AtomValue = FactValue | readonly FactValue[] | { readonly fact: string };

export interface Atom {
  readonly fact: string;
  readonly operator: string;
  readonly value: AtomValue;
}

/** A rule with what it reads, whether or not evaluation would reach it (dispatch.md §4). */
export interface RuleReading {
  readonly rule: Requirement;
  /** Distinct atoms, those of `applies` first, in the order in which they stand. */
  readonly atoms: readonly Atom[];
  /** Distinct facts, in the order of the atoms; of an atom the left one first. */
  readonly facts: readonly string[];
  /** The named conditions that the rule reaches. */
  readonly named: ReadonlyMap<string, Condition>;
}

/** One text per distinct atom, equal for equal atoms. */
export function atomKey(atom: Atom): string {
  return JSON.stringify([atom.fact, atom.operator, atom.value]);
}

/** The fact that an atom compares with, or null where it compares with a literal. */
export function valueFact(value: AtomValue): string | null {
  return value !== null && typeof value === 'object' && 'fact' in value ? value.fact : null;
}

/**
 * Lists the atoms and facts of a rule.
 *
 * @throws CodedError unknown-condition, condition-too-deep
 */
export function readRule(rule: Requirement, conditions: NamedConditions): RuleReading {
  const atoms = new Map<string, Atom>();
  const facts = new Set<string>();
  const named = new Map<string, Condition>();
  const walk = (condition: Condition, depth: number): void => {
    if (depth > CONDITION_DEPTH_LIMIT) {
      throw ruleError('condition-too-deep', { rule: rule.id, limit: CONDITION_DEPTH_LIMIT });
    }
    if ('fact' in condition) {
      const { fact, operator, value } = condition;
      const atom: Atom = { fact, operator, value };
      atoms.set(atomKey(atom), atom);
      facts.add(fact);
      const other = valueFact(value);
      if (other !== null) facts.add(other);
    } else if ('condition' in condition) {
      const target = namedCondition(condition.condition, conditions, rule.id);
      named.set(condition.condition, target);
      walk(target, depth + 1);
    } else {
      for (const child of childrenOf(condition)) walk(child, depth + 1);
    }
  };
  if (rule.applies !== null) walk(rule.applies, 0);
  walk(rule.requires, 0);
  return { rule, atoms: [...atoms.values()], facts: [...facts], named };
}

/** @throws CodedError unknown-condition */
export function namedCondition(name: string, conditions: NamedConditions, rule: string): Condition {
  if (!Object.hasOwn(conditions, name)) {
    throw ruleError('unknown-condition', { rule, condition: name });
  }
  return conditions[name] as Condition;
}

/** all, any or not. */
export type Composite = Exclude<Condition, { fact: string } | { condition: string }>;

/** json-rules-engine looks for `any` first, then `all`, then `not`; so does this. */
export function childrenOf(condition: Composite): readonly Condition[] {
  if ('any' in condition) return condition.any;
  if ('all' in condition) return condition.all;
  return [condition.not];
}

/** Is the rule in force on this date: `valid` is half-open, [from, to). */
export function inForce(rule: Requirement, date: string): boolean {
  if (rule.valid === null) return true;
  const [from, to] = rule.valid;
  return (from === null || from <= date) && (to === null || date < to);
}
