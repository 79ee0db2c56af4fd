/**
 * The boundary sheet 边界情形表: for every threshold of a policy the cases just below, at and just
 * above it, with what is decided of each – read and signed line by line by people who never saw a
 * rule. A case that one stage decides is an example too, and can be kept as a test.
 */
import type { Example } from '../examples.ts';

export const SECTIONS = {
  lines: '分数线',
  rules: '规则中的界限',
  dates: '日期',
  ratios: '投档比例与梯度',
  limits: '其他限额与期限',
} as const;

export type SectionId = keyof typeof SECTIONS;

/** One case of a boundary. */
export interface BoundaryCase {
  /** 低于界限, 正好, 高于界限; 前一日, 当日, 次日. */
  readonly side: string;
  /** The value with its unit, or the date with its weekday. */
  readonly value: string;
  /** What is decided, in Chinese. */
  readonly decision: string;
  /** As an entry of `tests/*.yaml`; null: no single stage decides it. */
  readonly example: (Example & { readonly basis: string }) | null;
}

export interface Boundary {
  readonly section: SectionId;
  /** Whose settings count; null: the province's. */
  readonly city: string | null;
  /** What the threshold is of: a rule, a line, a window. */
  readonly subject: string;
  /** The threshold as people say it: 投档分 不低于 320 分. */
  readonly threshold: string;
  readonly basis: string;
  /** What a reader should look at twice; empty: nothing. */
  readonly note: string;
  readonly cases: readonly BoundaryCase[];
}

/** The same example without facts that the policy says by itself (`derivedFacts`). */
export function without<T extends Example>(example: T, names: readonly string[]): T {
  const kept = Object.entries(example.facts).filter(([name]) => !names.includes(name));
  return { ...example, facts: Object.fromEntries(kept) };
}

/** Said where a threshold changes nothing, whatever the other facts. */
export const NO_DIFFERENCE = '三种情形的决定相同，请确认这个界限是否起作用';
