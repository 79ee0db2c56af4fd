/** Reasons of a return 退档理由: a listed one by its id, or the school's own words. */
import type { ReturnReason } from '../../../engine/policy/types.ts';

/** What is kept of a reason: the id of a listed one, given by id or title; else the text. */
export function returnReasonId(reasons: readonly ReturnReason[], given: string): string {
  const text = given.trim();
  return reasons.find(({ id, title }) => id === text || title === text)?.id ?? text;
}

export interface KnownReason {
  readonly listed: boolean;
  /** Chinese. */
  readonly title: string;
}

/** @param reason as it is kept on the file */
export function reasonOf(reasons: readonly ReturnReason[], reason: string): KnownReason {
  const known = reasons.find(({ id }) => id === reason);
  return { listed: known !== undefined, title: known?.title ?? reason };
}
