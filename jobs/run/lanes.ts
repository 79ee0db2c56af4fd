/**
 * Several cities at once in one process. A city's run is reading, then deciding, then writing: the
 * server works while the run waits, and the other way round, so that two runs side by side keep
 * both busy. Each has its own lock, fence, transactions and ledger; one that fails does not touch
 * the other.
 */
import type { Scope } from './job.ts';
import type { LedgerState } from './ledger.ts';

export interface Lanes<S extends { readonly scope: Scope }> {
  readonly scopes: readonly S[];
  readonly atOnce: number;
  /** Nothing is changed that another of the scopes reads: any may be beside any. */
  readonly readsOnly?: boolean;
  /** Must this one have the process to itself? */
  readonly alone: (scope: S) => boolean;
  /** Aborted: nothing more is started. */
  readonly signal: AbortSignal | undefined;
  readonly run: (scope: S) => Promise<void>;
}

/**
 * Runs the scopes, starting them in their order, `atOnce` at a time; those of one city one after
 * the other, since an earlier batch changes what a later one reads.
 *
 * @throws what the first failing `run` has thrown, after those going on have ended
 */
export async function runInLanes<S extends { readonly scope: Scope }>(
  lanes: Lanes<S>,
): Promise<void> {
  const waiting = [...lanes.scopes];
  const going = new Map<S, Promise<void>>();
  const failures: unknown[] = [];
  for (;;) {
    const stopped = failures.length > 0 || lanes.signal?.aborted === true;
    const next = stopped ? undefined : startable(waiting, [...going.keys()], lanes);
    if (next === undefined) {
      if (going.size === 0) break;
      await Promise.race(going.values());
      continue;
    }
    waiting.splice(waiting.indexOf(next), 1);
    const task = lanes
      .run(next)
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => going.delete(next));
    going.set(next, task);
  }
  if (failures.length > 0) throw failures[0];
}

/** The first of those waiting that may be started beside those going on. */
function startable<S extends { readonly scope: Scope }>(
  waiting: readonly S[],
  going: readonly S[],
  { atOnce, alone, readsOnly = false }: Pick<Lanes<S>, 'atOnce' | 'alone' | 'readsOnly'>,
): S | undefined {
  if (going.length >= atOnce || going.some(alone)) return undefined;
  const before = [...going];
  for (const next of waiting) {
    if (readsOnly || !before.some(other => touches(other.scope, next.scope))) {
      // Whoever must be alone is waited for, or it would wait until the end.
      return going.length > 0 && alone(next) ? undefined : next;
    }
    before.push(next);
  }
  return undefined;
}

/** May one of two scopes change what the other reads? A scope without a city is about all. */
function touches(one: Scope, other: Scope): boolean {
  return one.city === undefined || other.city === undefined || one.city === other.city;
}

/**
 * A run whose latest attempt did not come to its end may have killed its process. It is not started
 * beside another, which would be killed with it as often, and in the end not be tried any more.
 */
export function diedBefore(state: LedgerState | undefined): boolean {
  return state === 'running' || state === 'superseded';
}
