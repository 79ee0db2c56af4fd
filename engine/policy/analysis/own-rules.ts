/** The rules of a policy with where they stand; of a city, those that are not the province's. */
import type { Atom } from '../../rules/atoms.ts';
import { readRule } from '../../rules/atoms.ts';
import type { ActionRule, Condition, FullPolicy, Requirement } from '../types.ts';
import { RULE_PLACES } from './chains.ts';
import { analysedAction } from './rule-cells.ts';

export interface PlacedRule {
  readonly rule: Requirement | ActionRule;
  readonly document: string;
  readonly list: string;
  /** Part by part: `applies` and `requires`, or `when`. */
  readonly parts: readonly { readonly key: string; readonly condition: Condition }[];
}

/** All rules, in the order of the documents; of a city, what its overlay adds or changes. */
export function ownRules(policy: FullPolicy, city: string | null, base: FullPolicy): PlacedRule[] {
  const known = OWN.get(policy);
  if (known !== undefined) return known;
  const all = placedRules(policy);
  const inherited = city === null ? null : textsOf(base);
  const own = all.filter(each => inherited?.has(JSON.stringify(each.rule)) !== true);
  OWN.set(policy, own);
  return own;
}

/** Asked by several checks of one policy, which is immutable and has one base. */
const OWN = new WeakMap<FullPolicy, PlacedRule[]>();

/** Of a base, asked for once per city. */
const TEXTS = new WeakMap<FullPolicy, ReadonlySet<string>>();

function textsOf(base: FullPolicy): ReadonlySet<string> {
  const known =
    TEXTS.get(base) ?? new Set(placedRules(base).map(each => JSON.stringify(each.rule)));
  TEXTS.set(base, known);
  return known;
}

function placedRules(policy: FullPolicy): PlacedRule[] {
  const of = (stage: keyof typeof RULE_PLACES, rules: readonly (Requirement | ActionRule)[]) => {
    const [document, list] = RULE_PLACES[stage];
    return rules.map(rule => ({ rule, document, list, parts: partsOf(rule) }));
  };
  return [
    ...of('start', policy.start),
    ...of('eligibility', policy.eligibility),
    ...of('special', policy.special),
    ...of('quota', policy.quotas),
    ...of('review', policy.reviews),
    ...of('deadline', policy.deadlineRules),
  ];
}

function partsOf(rule: Requirement | ActionRule): PlacedRule['parts'] {
  if ('when' in rule) return [{ key: 'when', condition: rule.when }];
  const requires = { key: 'requires', condition: rule.requires };
  return rule.applies === null
    ? [requires]
    : [{ key: 'applies', condition: rule.applies }, requires];
}

/** The comparisons of a rule, named conditions followed. */
export function atomsOfRule(rule: Requirement | ActionRule, policy: FullPolicy): readonly Atom[] {
  if ('when' in rule) return analysedAction(rule, policy.conditions).reading.atoms;
  return readRule(rule, policy.conditions).atoms;
}

export interface PlacedAtom {
  readonly atom: Atom;
  /** From the entry of the rule on; of a named condition, where it is referred to. */
  readonly path: readonly (string | number)[];
}

/** The comparisons that stand in a rule itself or in a name it refers to, each with its place. */
export function placedAtoms({ rule, parts, list }: PlacedRule, policy: FullPolicy): PlacedAtom[] {
  const found: PlacedAtom[] = [];
  const walk = (condition: Condition, path: readonly (string | number)[], named: boolean): void => {
    if ('fact' in condition) {
      const { fact, operator, value } = condition;
      found.push({ atom: { fact, operator, value }, path: named ? path : [...path, 'value'] });
    } else if ('condition' in condition) {
      const target = policy.conditions[condition.condition];
      if (target !== undefined) walk(target, named ? path : [...path, 'condition'], true);
    } else {
      for (const form of ['all', 'any'] as const) {
        const children = (condition as Partial<Record<typeof form, readonly Condition[]>>)[form];
        children?.forEach((child, at) => {
          walk(child, named ? path : [...path, form, at], named);
        });
      }
      if ('not' in condition) walk(condition.not, named ? path : [...path, 'not'], named);
    }
  };
  for (const { key, condition } of parts) walk(condition, [list, rule.id, key], false);
  return found;
}
