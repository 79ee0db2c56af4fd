/**
 * The interface between the rules and whoever needs decisions. A stage is a set of requirement
 * rules that know the same facts; decisions are made per pair (candidate × school, or candidate ×
 * plan line), through situations (spec/policy.md): json-rules-engine runs, unmodified, once per
 * distinct vector of atom outcomes, and the pairs look their vector up.
 */
import type { Attribute, Condition, FactValue, Requirement } from '../policy/types.ts';
import type { FactSource } from './facts.ts';

export type StageId = 'start' | 'eligibility' | 'special' | 'quota' | 'review' | 'deadline';

/** The rules of one stage in one run: those common to all, then those of one school or line. */
export interface StageRules {
  readonly stage: StageId;
  /** Tried first, in this order. Rules whose `valid` excludes the date are dropped by compile. */
  readonly common: readonly Requirement[];
  /** Tried after the common ones: by school index (eligibility) or plan-line index (majors). */
  readonly byTarget: ReadonlyMap<number, readonly Requirement[]>;
  /** Which scope the keys of byTarget are indexes of. */
  readonly target: 'school' | 'major';
  /** Named conditions of the policy. */
  readonly conditions: Readonly<Record<string, Condition>>;
  /** The run's business date: decides which rules are in force. */
  readonly date: string;
  /** What the policy declares: titles and types of `candidate.NAME`. Left out: none. */
  readonly attributes?: readonly Attribute[];
}

/** Pairs to decide, as parallel arrays. */
export interface Pairs {
  readonly count: number;
  /** Candidate index of pair p. */
  readonly candidate: Uint32Array;
  /** School index of pair p. */
  readonly school: Uint16Array | Uint32Array;
  /** Plan-line index of pair p; null: no rule reads facts of scope `major`. */
  readonly major: Uint32Array | null;
  /** Choice index of pair p; null: p itself. */
  readonly choice: Uint32Array | null;
}

/** One row of the table of situations: coverage, evidence, input of what-if. */
export interface Situation {
  readonly rule: string;
  /** Outcomes of the rule's atoms as '0'/'1' in the order of its atoms, or `missing:FACT`. */
  readonly situation: string;
  readonly outcome: 'pass' | 'skip' | 'refuse' | 'missing-data';
  readonly code: string | null;
  /** How many pairs it decided. */
  pairs: number;
  /** json-rules-engine's own condition tree for `requires` (and `applies`), as JSON. */
  readonly tree: unknown;
  /** The facts of the first pair that was in it. */
  readonly example: Readonly<Record<string, FactValue>>;
}

/** Why a pair passed or was refused, rule by rule, with the pair's own values. */
export interface RuleExplanation {
  readonly rule: string;
  readonly title: string;
  readonly basis: string;
  readonly outcome: 'pass' | 'skip' | 'refuse' | 'missing-data' | 'not-reached';
  readonly code: string | null;
  /** Chinese, with the values filled in: `总分 562.5 不低于 区域分数线 560：成立`. */
  readonly atoms: readonly { readonly sentence: string; readonly holds: boolean | null }[];
}

/** A stage ready to decide. Made by compileStage (compile.ts). */
export interface CompiledStage {
  readonly stage: StageId;
  /** Codes that this stage can give, `missing-data` included. */
  readonly codes: readonly string[];
  /**
   * Decides every pair whose out[p] is 0 on entry: leaves 0 where all rules pass, else writes
   * codeIndex(code). Never two calls at once on one stage.
   */
  decide(pairs: Pairs, out: Uint8Array, codeIndex: (code: string) => number): Promise<void>;
  /**
   * Asks the unmodified engine about `sample` random pairs (uniform over [0, count)) and compares
   * with what decide wrote; pairs that were settled before decide are passed over.
   * @returns how many were compared, and the pairs that differ (empty when all is well)
   */
  recheck(
    pairs: Pairs,
    decided: Uint8Array,
    codeIndex: (code: string) => number,
    sample: number,
    random: () => number,
  ): Promise<{ compared: number; mismatches: { pair: number; engine: string; table: string }[] }>;
  /** Every rule for one pair, in order, by the unmodified engine. */
  explain(pairs: Pairs, pair: number): Promise<RuleExplanation[]>;
  /** The situations met so far. */
  situations(): readonly Situation[];
  /** How often json-rules-engine was run to fill the table. */
  engineRuns(): number;
}

export type CompileStage = (rules: StageRules, facts: FactSource) => CompiledStage;
