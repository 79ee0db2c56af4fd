/**
 * A stage without situations and without json-rules-engine: it walks the conditions pair by pair.
 * It lets the placing be tested by itself; the rules room tests the real one, and the random worlds
 * run with it too.
 */
import type { Condition, FactValue, Requirement } from '../../engine/policy/types.ts';
import type { FactColumn, FactSource } from '../../engine/rules/facts.ts';
import type { CompiledStage, Pairs, StageRules } from '../../engine/rules/stage.ts';

type Look = (fact: string) => FactValue;

export function naiveStage(rules: StageRules, source: FactSource): CompiledStage {
  const inForce = (rule: Requirement) => {
    const [from, to] = rule.valid ?? [null, null];
    return (from === null || rules.date >= from) && (to === null || rules.date < to);
  };
  const common = rules.common.filter(inForce);
  const byTarget = new Map(
    [...rules.byTarget].map(([target, own]) => [target, own.filter(inForce)]),
  );
  const columns = new Map<string, FactColumn>();
  const valueAt = (fact: string, pairs: Pairs, pair: number): FactValue => {
    const column = columns.get(fact) ?? source(fact);
    columns.set(fact, column);
    const entity = {
      run: 0,
      candidate: pairs.candidate[pair],
      school: pairs.school[pair],
      major: pairs.major === null ? -1 : pairs.major[pair],
      choice: pairs.choice === null ? pair : pairs.choice[pair],
    }[column.scope];
    const value = column.values[column.codes[entity]];
    if (value === undefined) throw new Error(`${fact} has no value for ${entity}`);
    return value;
  };
  const decideOne = (pairs: Pairs, pair: number): string => {
    const target = rules.target === 'school' ? pairs.school[pair] : pairs.major![pair];
    const look: Look = fact => valueAt(fact, pairs, pair);
    for (const rule of [...common, ...(byTarget.get(target) ?? [])]) {
      const read = [rule.applies, rule.requires].flatMap(each =>
        each === null ? [] : factsIn(each, rules.conditions),
      );
      if (read.some(fact => look(fact) === null)) {
        if (rule.missing === 'refuse') return 'missing-data';
      } else if (rule.applies === null || holds(rule.applies, rules.conditions, look)) {
        if (!holds(rule.requires, rules.conditions, look)) return rule.refuse;
      }
    }
    return '';
  };
  const all = [...common, ...[...byTarget.values()].flat()];
  return {
    stage: rules.stage,
    codes: [...new Set(['missing-data', ...all.map(rule => rule.refuse)])],
    async decide(pairs, out, codeIndex) {
      for (let pair = 0; pair < pairs.count; pair += 1) {
        if (out[pair] !== 0) continue;
        const code = decideOne(pairs, pair);
        if (code !== '') out[pair] = codeIndex(code);
      }
    },
    recheck: async () => ({ compared: 0, mismatches: [] }),
    explain: async () => [],
    situations: () => [],
    engineRuns: () => 0,
  };
}

type Named = Readonly<Record<string, Condition>>;

function factsIn(condition: Condition, named: Named): string[] {
  if ('all' in condition) return condition.all.flatMap(each => factsIn(each, named));
  if ('any' in condition) return condition.any.flatMap(each => factsIn(each, named));
  if ('not' in condition) return factsIn(condition.not, named);
  if ('condition' in condition) return factsIn(named[condition.condition], named);
  return isLinked(condition.value) ? [condition.fact, condition.value.fact] : [condition.fact];
}

function isLinked(value: unknown): value is { fact: string } {
  return typeof value === 'object' && value !== null && 'fact' in value;
}

function holds(condition: Condition, named: Named, look: Look): boolean {
  if ('all' in condition) return condition.all.every(each => holds(each, named, look));
  if ('any' in condition) return condition.any.some(each => holds(each, named, look));
  if ('not' in condition) return !holds(condition.not, named, look);
  if ('condition' in condition) return holds(named[condition.condition], named, look);
  const left = look(condition.fact) as number;
  const { value } = condition;
  const right = (isLinked(value) ? look(value.fact) : value) as number;
  switch (condition.operator) {
    case 'equal':
      return left === right;
    case 'notEqual':
      return left !== right;
    case 'in':
      return (value as FactValue[]).includes(left);
    case 'notIn':
      return !(value as FactValue[]).includes(left);
    case 'lessThan':
      return left < right;
    case 'lessThanInclusive':
      return left <= right;
    case 'greaterThan':
      return left > right;
    default:
      return left >= right;
  }
}
