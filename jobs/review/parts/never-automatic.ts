/**
 * What a city may never let pass by itself (自动审核管理): admissions below the line, withdrawals,
 * transfers and candidates who are not fresh. Seen from the rule as it reads, when it is set; and
 * from the file, when a city's rule is about to act (automatic.ts): a rule that names no origin
 * meets everybody.
 */
import type { ActionRule, Condition, FactValue } from '../../../engine/policy/types.ts';
import { FACTS } from '../../../engine/rules/catalogue.ts';

/** The event of rules that leave something to officers. */
export const WAIT = 'wait';

/** Events that are an officer's alone, with what they are about. */
const OFFICERS_EVENTS: Readonly<Record<string, string>> = {
  'assign-number': '非应届考生派号',
  'refuse-number': '非应届考生派号',
  withdraw: '录后退',
  'approve-withdrawal': '录后退',
  transfer: '转学',
  'approve-transfer': '转学',
  'admit-directly': '线下录取',
  'approve-approval-paper': '批件投档',
};

/** By fact: the values that no automatic review may be about. */
const OFFICERS_VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'candidate.origin': Object.fromEntries(
    valuesOf('candidate.origin')
      .filter(value => value !== 'fresh')
      .map(value => [value, '非应届考生']),
  ),
  'file.below-line': { true: '未达分数线的录取' },
  'application.kind': {
    withdrawal: '录后退',
    transfer: '转学',
    supplement: '非应届考生派号',
    'approval-paper': '批件投档',
  },
};

/** What an event is about that only officers decide, in Chinese; null: a rule may have it. */
export function officersEvent(event: unknown): string | null {
  return typeof event === 'string' ? (OFFICERS_EVENTS[event] ?? null) : null;
}

/** What a rule is about that only officers decide, in Chinese; null: nothing. */
export function officersMatter(
  rule: ActionRule,
  named: Readonly<Record<string, Condition>>,
): string | null {
  if (rule.then['event'] === WAIT) return null;
  const byEvent = officersEvent(rule.then['event']);
  if (byEvent !== null) return byEvent;
  for (const atom of atomsOf(rule.when, named, false)) {
    const forbidden = OFFICERS_VALUES[atom.fact];
    if (forbidden === undefined) continue;
    const met = Object.keys(forbidden).find(value => holds(atom, value));
    if (met !== undefined) return forbidden[met] as string;
  }
  return null;
}

/** Whether a file is one that a city's rule never decides; what is not known counts as so. */
export function officersFile(facts: Readonly<Record<string, FactValue>>): boolean {
  if (facts['candidate.origin'] !== 'fresh') return true;
  return facts['file.state'] === 'proposed' && facts['file.below-line'] !== false;
}

interface Atom {
  readonly fact: string;
  readonly operator: string;
  readonly value: unknown;
  /** Under an odd number of `not`. */
  readonly negated: boolean;
}

/** All comparisons, named conditions included; the loader has seen to it that they end. */
function* atomsOf(
  condition: Condition,
  named: Readonly<Record<string, Condition>>,
  negated: boolean,
): Generator<Atom> {
  if ('all' in condition || 'any' in condition) {
    const members = 'all' in condition ? condition.all : condition.any;
    for (const member of members) yield* atomsOf(member, named, negated);
  } else if ('not' in condition) yield* atomsOf(condition.not, named, !negated);
  else if ('condition' in condition) {
    const known = named[condition.condition];
    if (known !== undefined) yield* atomsOf(known, named, negated);
  } else yield { ...condition, negated };
}

/** Whether the comparison lets this value through; against another fact it may. */
function holds({ operator, value, negated }: Atom, candidate: string): boolean {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return true;
  const listed = Array.isArray(value) ? value : [value];
  const among = listed.map(String).includes(candidate);
  const positive = operator === 'equal' || operator === 'in';
  return (positive ? among : !among) !== negated;
}

function valuesOf(fact: string): readonly string[] {
  return FACTS.find(({ name }) => name === fact)?.values ?? [];
}
