/**
 * Coverage 覆盖 of a policy: which rules have ever had their effect, and which conditions have been
 * seen true, false, and decisive by themselves – over the examples beside the policy, and over the
 * situations that real runs have recorded.
 */
import { type RuleReading, readRule } from '../../rules/atoms.ts';
import { comparisonText, type WordsContext } from '../../rules/condition-words.ts';
import { RuleMemo } from '../../rules/memo.ts';
import { MISSING_PREFIX, Situations } from '../../rules/outcomes.ts';
import type { StageId } from '../../rules/stage.ts';
import { type Chain, chainsOf } from '../analysis/chains.ts';
import { type AnalysedRule, analysedAction, analysedRequirement } from '../analysis/rule-cells.ts';
import { dateOfExample, type Example, factsOfExample, rulesOfExample } from '../examples.ts';
import type { ActionRule, FullPolicy, Requirement } from '../types.ts';
import { Flips } from './flips.ts';

/** Where something was seen. */
export interface Count {
  readonly examples: number;
  /** Files and pairs that runs decided, not runs. */
  readonly runs: number;
}

export interface ConditionCoverage {
  /** Chinese: 总分 不低于 560 分. */
  readonly text: string;
  readonly isTrue: Count;
  readonly isFalse: Count;
  readonly decisive: Count;
  /** false: there is no case in which it decides alone; nothing is missing then. */
  readonly canDecide: boolean;
}

export type RuleState = 'fired' | 'never-fired' | 'never-evaluated';

export interface RuleCoverage {
  readonly stage: StageId;
  readonly rule: string;
  readonly title: string;
  readonly basis: string;
  /** Whose rule it is; null: the province's. */
  readonly city: string | null;
  readonly school: string | null;
  readonly major: string | null;
  /** It refused, or acted: not for want of data. */
  readonly fired: Count;
  readonly evaluated: Count;
  /** Settled because a fact is absent. */
  readonly missing: Count;
  readonly state: RuleState;
  readonly conditions: readonly ConditionCoverage[];
}

/** One row of the table of situations, of one or several runs under one policy. */
export interface RunSituations {
  readonly city: string;
  readonly stage: string;
  readonly rule: string;
  readonly situation: string;
  readonly count: number;
  /** The policy in effect for that city in that run; null: not kept. */
  readonly policy: FullPolicy | null;
}

type Source = keyof Count;
interface Counting {
  examples: number;
  runs: number;
}

/** One rule with what has been seen of it. */
interface Tracked {
  readonly chain: Chain;
  readonly rule: AnalysedRule;
  readonly memo: RuleMemo;
  readonly situations: Situations;
  readonly flips: Flips;
  /** By situation. */
  readonly seen: Map<string, Counting>;
}

/** Collects what has been seen of the rules of a policy and its cities. */
export class CoverageCollector {
  readonly #tracked = new Map<string, Tracked>();
  #unmatched = 0;

  /** @param cities the policies in effect, by city */
  constructor(base: FullPolicy, cities: ReadonlyMap<string, FullPolicy>) {
    for (const chain of chainsOf(base, null)) this.#track(chain);
    for (const [city, policy] of cities) {
      for (const chain of chainsOf(policy, city, base)) this.#track(chain);
    }
  }

  #track(chain: Chain): void {
    for (const rule of chain.rules) {
      const key = keyOf(rule.reading, rule.action);
      if (this.#tracked.has(key)) continue;
      const memo = new RuleMemo(rule.reading);
      const situations = new Situations(rule.reading);
      const flips = new Flips(rule, chain.domains);
      this.#tracked.set(key, { chain, rule, memo, situations, flips, seen: new Map() });
    }
  }

  /** An example counts for every rule up to the first that decides it. */
  async addExample(policy: FullPolicy, example: Example): Promise<void> {
    const date = dateOfExample(policy, example);
    const facts = factsOfExample(policy, example);
    for (const rule of rulesOfExample(policy, example)) {
      const analysed = analysedRule(rule, policy);
      if (!analysed.inForce(date)) continue;
      const tracked = this.#tracked.get(keyOf(analysed.reading, analysed.action));
      if (tracked === undefined) continue;
      count(tracked.seen, tracked.situations.of(facts), 'examples', 1);
      const { decision } = await tracked.memo.decide(facts);
      const acts = analysed.action !== null;
      if (acts ? decision.outcome === 'pass' : decision.code !== null) return;
    }
  }

  /** Of rules that are another in the policy of the run, nothing is counted. */
  addRuns(row: RunSituations): void {
    const rules = row.policy === null ? [] : rulesOfStage(row.policy, row.stage);
    const rule = rules.find(each => each.id === row.rule);
    const analysed =
      rule === undefined || row.policy === null ? null : analysedRule(rule, row.policy);
    const key = analysed === null ? '' : keyOf(analysed.reading, analysed.action);
    const tracked = this.#tracked.get(key);
    if (tracked === undefined) this.#unmatched += row.count;
    else count(tracked.seen, row.situation, 'runs', row.count);
  }

  /** Decisions of runs whose rule is not in this policy as it was. */
  get unmatched(): number {
    return this.#unmatched;
  }

  /** Rule by rule, in the order of the documents; cities' own after them. */
  async result(context: WordsContext): Promise<RuleCoverage[]> {
    const found: RuleCoverage[] = [];
    for (const tracked of this.#tracked.values()) found.push(await coverageOf(tracked, context));
    return found;
  }
}

function count(seen: Map<string, Counting>, situation: string, source: Source, by: number): void {
  const known = seen.get(situation) ?? { examples: 0, runs: 0 };
  known[source] += by;
  seen.set(situation, known);
}

function keyOf({ rule, named }: RuleReading, action: ActionRule | null): string {
  return JSON.stringify([action ?? rule, [...named]]);
}

function analysedRule(rule: Requirement | ActionRule, { conditions }: FullPolicy): AnalysedRule {
  return 'when' in rule ? analysedAction(rule, conditions) : analysedRequirement(rule, conditions);
}

/** School conditions are recorded with the eligibility of a dispatch, those of majors apart. */
function rulesOfStage(policy: FullPolicy, stage: string): readonly (Requirement | ActionRule)[] {
  const { eligibility, special, deadlineRules, reviews, quotas, start } = policy;
  if (stage === 'eligibility' || stage === 'special') return [...eligibility, ...special];
  const others: Readonly<Record<string, readonly (Requirement | ActionRule)[]>> = {
    deadline: deadlineRules,
    review: reviews,
    quota: quotas,
    start,
  };
  return others[stage] ?? [];
}

async function coverageOf(tracked: Tracked, context: WordsContext): Promise<RuleCoverage> {
  const { chain, rule, flips, seen } = tracked;
  const { id, title, basis, school, major } = rule.reading.rule;
  const zero = (): Counting => ({ examples: 0, runs: 0 });
  const [fired, evaluated, missing] = [zero(), zero(), zero()];
  const conditions = rule.reading.atoms.map(() => [zero(), zero(), zero()] as const);
  for (const [situation, counted] of seen) {
    add(evaluated, counted);
    if (situation.startsWith(MISSING_PREFIX)) {
      add(missing, counted);
      continue;
    }
    if (await flips.fires(situation)) add(fired, counted);
    for (const [at, [isTrue, isFalse, decisive]] of conditions.entries()) {
      add(situation[at] === '1' ? isTrue : isFalse, counted);
      if (await flips.isDecisive(situation, at)) add(decisive, counted);
    }
  }
  const some = ({ examples, runs }: Count) => examples + runs > 0;
  const described: ConditionCoverage[] = [];
  for (const [at, [isTrue, isFalse, decisive]] of conditions.entries()) {
    const atom = rule.reading.atoms[at] as (typeof rule.reading.atoms)[number];
    const text = comparisonText(atom, context);
    const canDecide = some(decisive) || (await flips.canDecide(at));
    described.push({ text, isTrue, isFalse, decisive, canDecide });
  }
  return {
    stage: chain.stage,
    rule: id,
    title,
    basis,
    city: chain.city,
    school,
    major,
    fired,
    evaluated,
    missing,
    state: some(fired) ? 'fired' : some(evaluated) ? 'never-fired' : 'never-evaluated',
    conditions: described,
  };
}

function add(to: Counting, more: Count): void {
  to.examples += more.examples;
  to.runs += more.runs;
}

/** What stands in a row of the situations of a rule, for tests: as a run would have written it. */
export function situationOf(
  rule: Requirement | ActionRule,
  policy: FullPolicy,
  facts: Parameters<Situations['of']>[0],
): string {
  const reading =
    'when' in rule
      ? analysedAction(rule, policy.conditions).reading
      : readRule(rule, policy.conditions);
  return new Situations(reading).of(facts);
}
