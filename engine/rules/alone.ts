/**
 * json-rules-engine without situations, as a plain user would run it: one engine holding all rules,
 * run once per pair. For the benchmark only, which prints what situations gain; decides nothing.
 */
import { Engine } from 'json-rules-engine';
import type { Condition } from '../policy/types.ts';
import { inForce, type RuleReading, readRule } from './atoms.ts';
import { FactColumns } from './columns.ts';
import { rooted } from './engine-room.ts';
import type { FactSource } from './facts.ts';
import type { Pairs, StageRules } from './stage.ts';

export interface EngineAlone {
  /** Pairs that the engine was run for. */
  readonly decided: number;
  /** Of these, how many at least one rule refuses; absent facts are not looked for. */
  readonly refused: number;
}

/**
 * Runs the engine for each pair of the sample, one after the other.
 *
 * @param sample indexes of pairs
 */
export async function engineAlone(
  rules: StageRules,
  facts: FactSource,
  pairs: Pairs,
  sample: ArrayLike<number>,
): Promise<EngineAlone> {
  const columns = new FactColumns(facts, rules.attributes ?? []);
  const engines = new Map<number, PlainEngine>();
  const targets = rules.target === 'school' ? pairs.school : pairs.major;
  let refused = 0;
  for (let index = 0; index < sample.length; index += 1) {
    const pair = sample[index] as number;
    const target = targets?.[pair] ?? -1;
    const key = rules.byTarget.has(target) ? target : -1;
    const plain = engines.get(key) ?? plainEngine(rules, key);
    engines.set(key, plain);
    const result = await plain.engine.run(columns.factsOf(plain.facts, pairs, pair));
    if (result.failureResults.length > 0) refused += 1;
  }
  return { decided: sample.length, refused };
}

interface PlainEngine {
  readonly engine: Engine;
  readonly facts: readonly string[];
}

function plainEngine(rules: StageRules, target: number): PlainEngine {
  const readings = [...rules.common, ...(rules.byTarget.get(target) ?? [])]
    .filter(rule => inForce(rule, rules.date))
    .map(rule => readRule(rule, rules.conditions));
  const engine = new Engine();
  for (const [name, condition] of readings.flatMap(({ named }) => [...named])) {
    engine.setCondition(name, rooted(condition));
  }
  readings.forEach((reading, index) => {
    engine.addRule({
      name: reading.rule.id,
      conditions: rooted(whole(reading)),
      event: { type: reading.rule.refuse },
      priority: readings.length - index,
    });
  });
  return { engine, facts: [...new Set(readings.flatMap(({ facts }) => facts))] };
}

function whole({ rule }: RuleReading): Condition {
  return rule.applies === null ? rule.requires : { any: [{ not: rule.applies }, rule.requires] };
}
