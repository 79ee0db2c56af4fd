/** Questions that several rooms ask a policy. */
import { fail } from './errors.ts';
import type { Batch, Phase, Policy } from './types.ts';

/**
 * @throws unknown-batch
 */
export function batchOf(policy: Policy, id: string): Batch {
  const batch = policy.batches.find(each => each.id === id);
  if (batch === undefined) throw fail('unknown-batch', { batch: id });
  return batch;
}

/** Whether a school belongs to a batch: by its code, or by its kind. */
export function schoolInBatch(
  batch: Batch,
  school: { readonly code: string; readonly kind: string },
): boolean {
  if (batch.schools !== null) return batch.schools.includes(school.code);
  return batch.kinds?.includes(school.kind) ?? false;
}

/** The lines of a city in a batch, in hundredths. */
export interface Lines {
  /** null: none is set. */
  readonly region: number | null;
  /** By school code. */
  readonly schools: ReadonlyMap<string, number>;
}

export function linesOf(policy: Policy, city: string, batch: string): Lines {
  const here = (line: { region: string; batch: string }) =>
    line.region === city && line.batch === batch;
  const schools = policy.schoolLines.filter(here).map(line => [line.school, line.line] as const);
  return {
    region: policy.regionLines.find(here)?.line ?? null,
    schools: new Map(schools),
  };
}

/** The phase that a batch belongs to; undefined where the calendar has none of that id. */
export function phaseOf(policy: Policy, batch: Batch): Phase | undefined {
  return policy.phases.find(phase => phase.id === batch.phase);
}

/** Both days included; a closed window (null) holds no day. */
export function isInWindow(window: readonly [string, string] | null, date: string): boolean {
  return window !== null && window[0] <= date && date <= window[1];
}

/** In force on a date: half-open, [from, to). */
export function isInForce(
  valid: readonly [string | null, string | null] | null,
  date: string,
): boolean {
  if (valid === null) return true;
  const [from, to] = valid;
  return (from === null || from <= date) && (to === null || date < to);
}
