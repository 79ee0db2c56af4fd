/**
 * What one rule says of every cell of its own facts. json-rules-engine is asked once for each
 * situation (RuleMemo); cells that fall into the same situation are looked up.
 */
import { type RuleReading, readRule } from '../../rules/atoms.ts';
import type { EngineDecision, Facts } from '../../rules/engine-room.ts';
import { RuleMemo } from '../../rules/memo.ts';
import { SWEEP_CLOCK } from '../examples.ts';
import type { ActionRule, Condition, FactValue, Requirement } from '../types.ts';
import { TODAY } from './domains.ts';

/** Cells of one rule, a byte each; beyond, the rule is not analysed, and that is said. */
export const RULE_CELLS_MAX = 200_000;

/** Codes of the bytes in a table. */
export const CELL = { notInForce: 0, pass: 1, skip: 2, refuse: 3, missing: 4 } as const;
const BY_OUTCOME: Readonly<Record<EngineDecision['outcome'], number>> = {
  pass: CELL.pass,
  skip: CELL.skip,
  refuse: CELL.refuse,
  'missing-data': CELL.missing,
};

/** A rule of either kind, as the analysis reads it. */
export interface AnalysedRule {
  readonly id: string;
  readonly reading: RuleReading;
  /** null: a requirement. */
  readonly action: ActionRule | null;
  /** First days on which it begins or ceases to be in force. */
  readonly days: readonly string[];
  inForce(date: string): boolean;
}

/** @throws CodedError unknown-condition, condition-too-deep */
export function analysedRequirement(
  rule: Requirement,
  conditions: Readonly<Record<string, Condition>>,
): AnalysedRule {
  return analysed(rule, null, null, readRule(rule, conditions));
}

/** An action reads as a requirement whose `when` is required; `pass` is then that it acts. */
export function analysedAction(
  rule: ActionRule,
  conditions: Readonly<Record<string, Condition>>,
): AnalysedRule {
  const { id, title, basis, when, valid, at } = rule;
  const refuse = 'does-not-hold';
  const none = { applies: null, school: null, major: null, missing: 'pass' as const };
  const reading = readRule(
    { id, title, basis, requires: when, refuse, valid, ...none },
    conditions,
  );
  return analysed(rule, at, rule, reading);
}

function analysed(
  { id, valid }: Requirement | ActionRule,
  at: string | null,
  action: ActionRule | null,
  reading: RuleReading,
): AnalysedRule {
  const [from, to] = valid ?? [null, null];
  const moment = at === null ? [] : daysOfMoment(at);
  return {
    id,
    reading,
    action,
    days: [from, to, ...moment].filter(day => day !== null),
    inForce: date =>
      (from === null || from <= date) &&
      (to === null || date < to) &&
      (at === null || at <= `${date}T${SWEEP_CLOCK}`),
  };
}

/** The sweep of a day comes before most moments of that day. */
function daysOfMoment(at: string): string[] {
  const [day = '', clock = ''] = at.split('T');
  if (clock <= SWEEP_CLOCK) return [day];
  return [new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 3_600_000).toISOString().slice(0, 10)];
}

export type Domains = ReadonlyMap<string, readonly FactValue[]>;

/** A rule's outcome in each cell: mixed radix over its facts, in their order. */
export interface RuleCells {
  readonly rule: AnalysedRule;
  /** Its facts, `today` among them where it is dated. */
  readonly facts: readonly string[];
  readonly strides: readonly number[];
  readonly outcomes: Uint8Array;
}

/** Facts whose values decide what a rule says. */
export function factsOfRule(rule: AnalysedRule): string[] {
  const { facts } = rule.reading;
  return rule.days.length === 0 || facts.includes(TODAY) ? [...facts] : [...facts, TODAY];
}

/** How many cells a set of facts has. */
export function cellCount(facts: readonly string[], domains: Domains): number {
  return facts.reduce((product, fact) => product * valuesOf(fact, domains).length, 1);
}

export function valuesOf(fact: string, domains: Domains): readonly FactValue[] {
  return domains.get(fact) ?? [];
}

/**
 * Decides every cell of a rule.
 *
 * @returns null where there are more than `RULE_CELLS_MAX`
 * @throws CodedError rule-failed, rule-undecided, atom-differs
 */
export async function cellsOfRule(rule: AnalysedRule, domains: Domains): Promise<RuleCells | null> {
  const facts = factsOfRule(rule);
  const count = cellCount(facts, domains);
  if (count > RULE_CELLS_MAX) return null;
  const strides = stridesOf(facts, domains);
  const outcomes = new Uint8Array(count);
  const memo = memoOf(rule);
  for (let cell = 0; cell < count; cell += 1) {
    const values = factsOfCell(cell, facts, strides, domains);
    if (rule.days.length > 0 && !rule.inForce(String(values[TODAY]))) continue;
    const known = memo.decide(values);
    const { decision } = known instanceof Promise ? await known : known;
    outcomes[cell] = BY_OUTCOME[decision.outcome];
  }
  return { rule, facts, strides, outcomes };
}

/** Asked again and again with other values: what the engine has said of a rule is kept. */
const MEMOS = new WeakMap<RuleReading, RuleMemo>();

function memoOf({ reading }: AnalysedRule): RuleMemo {
  const memo = MEMOS.get(reading) ?? new RuleMemo(reading);
  MEMOS.set(reading, memo);
  return memo;
}

export function stridesOf(facts: readonly string[], domains: Domains): number[] {
  let stride = 1;
  return facts.map(fact => {
    const own = stride;
    stride *= valuesOf(fact, domains).length;
    return own;
  });
}

/** The facts of a cell by its number. */
export function factsOfCell(
  cell: number,
  facts: readonly string[],
  strides: readonly number[],
  domains: Domains,
): Record<string, FactValue> & Facts {
  const values: Record<string, FactValue> = {};
  facts.forEach((fact, at) => {
    const domain = valuesOf(fact, domains);
    values[fact] = domain[Math.floor(cell / (strides[at] as number)) % domain.length] ?? null;
  });
  return values;
}
