/**
 * Whether more of something can only help: then the smallest amount that helps is found by halving;
 * else every amount has to be tried. Read from the form of the rules, so that it errs to the safe
 * side only.
 */
import type { Condition, Policy, Requirement } from '../policy/types.ts';
import { childrenOf, namedCondition, valueFact } from '../rules/atoms.ts';

/** Does this fact grow with what is added? */
export type Grows = (fact: string) => boolean;

/** True where no rule that lets somebody through now can refuse him when the facts have grown. */
export function risesWith(rules: readonly Requirement[], policy: Policy, grows: Grows): boolean {
  return rules.every(rule => {
    const applies = rule.applies === null || !reads(rule.applies, policy, rule, grows);
    return applies && rises(rule.requires, true, { policy, rule, grows });
  });
}

/** True where no rule reads any of the facts. */
export function readsNone(rules: readonly Requirement[], policy: Policy, grows: Grows): boolean {
  return rules.every(rule => {
    const conditions = [...(rule.applies === null ? [] : [rule.applies]), rule.requires];
    return !conditions.some(condition => reads(condition, policy, rule, grows));
  });
}

function reads(condition: Condition, policy: Policy, rule: Requirement, grows: Grows): boolean {
  if ('fact' in condition) {
    const other = valueFact(condition.value);
    return grows(condition.fact) || (other !== null && grows(other));
  }
  if ('condition' in condition) {
    const named = namedCondition(condition.condition, policy.conditions, rule.id);
    return reads(named, policy, rule, grows);
  }
  return childrenOf(condition).some(child => reads(child, policy, rule, grows));
}

const UPWARD = new Set(['greaterThan', 'greaterThanInclusive']);
const DOWNWARD = new Set(['lessThan', 'lessThanInclusive']);

interface Reading {
  readonly policy: Policy;
  readonly rule: Requirement;
  readonly grows: Grows;
}

/** @param positive false under an odd number of `not` */
function rises(condition: Condition, positive: boolean, reading: Reading): boolean {
  if ('condition' in condition) {
    const { policy, rule } = reading;
    const named = namedCondition(condition.condition, policy.conditions, rule.id);
    return rises(named, positive, reading);
  }
  if (!('fact' in condition)) {
    const turned = 'not' in condition && !('any' in condition) && !('all' in condition);
    return childrenOf(condition).every(child => rises(child, positive !== turned, reading));
  }
  const other = valueFact(condition.value);
  const left = reading.grows(condition.fact);
  const right = other !== null && reading.grows(other);
  if (!left && !right) return true;
  if (left && right) return false;
  const [upward, downward] = left ? [UPWARD, DOWNWARD] : [DOWNWARD, UPWARD];
  return (positive ? upward : downward).has(condition.operator);
}
