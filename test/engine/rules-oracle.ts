/**
 * The plain reading of dispatch.md §4 step 4: every rule asked of json-rules-engine for every pair,
 * `applies` and `requires` apart. It shares nothing with engine/rules but the types.
 */
import { Engine, type TopLevelCondition } from 'json-rules-engine';
import type { Condition, FactValue, Requirement } from '../../engine/policy/types.ts';
import type { Pairs, StageRules } from '../../engine/rules/stage.ts';
import type { Columns } from './rules-world.ts';

export interface OracleStep {
  readonly rule: string;
  readonly outcome: 'pass' | 'skip' | 'refuse' | 'missing-data';
}

export interface OracleVerdict {
  readonly code: string;
  /** The rules that were tried, in order. */
  readonly steps: readonly OracleStep[];
}

export class Oracle {
  readonly #rules: StageRules;
  readonly #columns: Columns;
  readonly #engines = new Map<Condition, Engine>();

  constructor(rules: StageRules, columns: Columns) {
    this.#rules = rules;
    this.#columns = columns;
  }

  async decide(pairs: Pairs, pair: number): Promise<OracleVerdict> {
    const target = this.#rules.target === 'school' ? pairs.school[pair] : pairs.major?.[pair];
    const chain = [...this.#rules.common, ...(this.#rules.byTarget.get(target!) ?? [])];
    const steps: OracleStep[] = [];
    for (const rule of chain) {
      const [from, to] = rule.valid ?? [null, null];
      if (from !== null && this.#rules.date < from) continue;
      if (to !== null && this.#rules.date >= to) continue;
      const outcome = await this.#outcome(rule, pairs, pair);
      steps.push({ rule: rule.id, outcome });
      if (outcome === 'refuse') return { code: rule.refuse, steps };
      if (outcome === 'missing-data') return { code: 'missing-data', steps };
    }
    return { code: 'pass', steps };
  }

  async #outcome(rule: Requirement, pairs: Pairs, pair: number): Promise<OracleStep['outcome']> {
    const names = new Set([...this.#read(rule.applies), ...this.#read(rule.requires)]);
    const facts: Record<string, FactValue> = {};
    for (const name of names) facts[name] = this.#value(name, pairs, pair);
    if (Object.values(facts).includes(null)) {
      return rule.missing === 'refuse' ? 'missing-data' : 'skip';
    }
    if (rule.applies !== null && !(await this.#holds(rule.applies, facts))) return 'skip';
    return (await this.#holds(rule.requires, facts)) ? 'pass' : 'refuse';
  }

  #read(condition: Condition | null): string[] {
    if (condition === null) return [];
    const node = condition as Record<string, unknown>;
    if ('condition' in node)
      return this.#read(this.#rules.conditions[node['condition'] as string]!);
    const below = [node['all'] ?? node['any'] ?? node['not'] ?? []].flat() as Condition[];
    const value = node['value'] as { fact?: string } | null | undefined;
    const own = [node['fact'], value?.fact].filter(name => typeof name === 'string');
    return [...own, ...below.flatMap(each => this.#read(each))];
  }

  #value(name: string, pairs: Pairs, pair: number): FactValue {
    const { scope, values, codes } = this.#columns[name]!;
    const entity = {
      run: 0,
      candidate: pairs.candidate[pair]!,
      school: pairs.school[pair]!,
      major: pairs.major![pair]!,
      choice: pair,
    }[scope];
    return values[codes[entity]!]!;
  }

  async #holds(condition: Condition, facts: Record<string, FactValue>): Promise<boolean> {
    let engine = this.#engines.get(condition);
    if (engine === undefined) {
      engine = new Engine();
      for (const [name, each] of Object.entries(this.#rules.conditions)) {
        engine.setCondition(name, each as unknown as TopLevelCondition);
      }
      const conditions = condition as unknown as TopLevelCondition;
      engine.addRule({ conditions, event: { type: 'holds' } });
      this.#engines.set(condition, engine);
    }
    return (await engine.run(facts)).events.length === 1;
  }
}
