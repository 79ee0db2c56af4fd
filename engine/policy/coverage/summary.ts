/** Sums of a coverage, and what is still wanting, in words. */
import type { ConditionCoverage, Count, RuleCoverage, RuleState } from './coverage.ts';

export const STATE_TITLES: Readonly<Record<RuleState, string>> = {
  fired: '起过作用',
  'never-fired': '判定过，从未起作用',
  'never-evaluated': '从未判定',
};

export interface CoverageSummary {
  readonly rules: Readonly<Record<RuleState, number>>;
  readonly conditions: number;
  readonly bothWays: number;
  readonly decisive: number;
  /** Conditions that no case lets decide alone: not counted as wanting. */
  readonly neverAlone: number;
}

export function summaryOf(coverage: readonly RuleCoverage[]): CoverageSummary {
  const of = (state: RuleState) => coverage.filter(rule => rule.state === state).length;
  const conditions = coverage.flatMap(rule => rule.conditions);
  return {
    rules: {
      fired: of('fired'),
      'never-fired': of('never-fired'),
      'never-evaluated': of('never-evaluated'),
    },
    conditions: conditions.length,
    bothWays: conditions.filter(each => seen(each.isTrue) && seen(each.isFalse)).length,
    decisive: conditions.filter(each => seen(each.decisive)).length,
    neverAlone: conditions.filter(each => !each.canDecide).length,
  };
}

export function seen({ examples, runs }: Count): boolean {
  return examples + runs > 0;
}

/** What has not been seen of a condition; empty: everything. */
export function wantingOf({ isTrue, isFalse, decisive, canDecide }: ConditionCoverage): string[] {
  return [
    ...(seen(isTrue) ? [] : ['没有见过成立']),
    ...(seen(isFalse) ? [] : ['没有见过不成立']),
    ...(seen(decisive) || !canDecide ? [] : ['没有单独起过决定作用']),
  ];
}

/** `样例 3，运行 120`. */
export function countText({ examples, runs }: Count): string {
  return runs === 0 ? `样例 ${examples}` : `样例 ${examples}，运行 ${runs}`;
}

/** Title with id, and whose it is. */
export function ruleText({ title, rule, city, school, major }: RuleCoverage): string {
  const parts = [rule, city, school && `院校 ${school}`, major && `专业 ${major}`];
  return `${title}（${parts.filter(Boolean).join('，')}）`;
}
