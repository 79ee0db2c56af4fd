/**
 * Trials: every run's world dispatched under its own policy and under the one that is tried. One
 * world is in memory at a time; what is wanted of it is taken before the next is read.
 */
import { resultHash } from '../../engine/dispatch/detail.ts';
import type { DispatchResult } from '../../engine/dispatch/result.ts';
import type { World } from '../../engine/dispatch/world.ts';
import { WorldMemory } from '../../engine/dispatch/world-memory.ts';
import type { Attribute, FullPolicy } from '../../engine/policy/types.ts';
import { type Comparison, compareResults } from '../../engine/trial/compare.ts';
import { moveToSeason } from '../../engine/trial/move-season.ts';
import { fail } from './errors.ts';
import type { TriedPolicies } from './policies.ts';
import type { TrialSource } from './sources.ts';

/** Pairs per dispatch that the unmodified engine decides again. */
export const TRIAL_RECHECK_PAIRS = 50;

export interface TrialMeans {
  readonly random: () => number;
  /** What is going on: of how many runs which, and the part. */
  readonly progress: (stage: string, done: number, total: number) => void;
  /** Aborted: the trial stops before its next run. */
  readonly signal?: AbortSignal;
}

export interface TriedRun {
  readonly source: TrialSource;
  readonly comparison: Comparison;
}

/** A run's world, dispatched again under its own policy. */
export interface BaseRun {
  readonly source: TrialSource;
  readonly memory: WorldMemory;
  readonly before: DispatchResult;
}

/**
 * @throws CodedError result-differs: the run, done again, is not what the ledger says; and what
 *   reading a world and dispatching it say
 */
export async function baseRun(
  source: TrialSource,
  attributes: readonly Attribute[],
  { random }: Pick<TrialMeans, 'random'>,
  onProgress?: (rows: number) => void,
): Promise<BaseRun> {
  const world = await source.world(attributes, onProgress);
  const memory = new WorldMemory(world);
  const { result } = await memory.dispatch(source.policy, optionsOf(source, random));
  if (source.resultHash !== null && resultHash(world, result) !== source.resultHash) {
    throw fail('result-differs', { run: source.run });
  }
  return { source, memory, before: result };
}

/** The run's world under another policy, as of the policy's own year. */
export async function tryPolicy(
  { source, memory, before }: BaseRun,
  policy: FullPolicy,
  random: () => number,
): Promise<Comparison> {
  const moved = movedMemory(memory, source.policy, policy);
  const { result } = await moved.dispatch(policy, optionsOf(source, random));
  return compareResults(memory.world, before, result);
}

/** Another year's date and births are another world; what does not read them is kept. */
function movedMemory(memory: WorldMemory, before: FullPolicy, after: FullPolicy): WorldMemory {
  const world: World = moveToSeason(memory.world, before, after);
  return world === memory.world ? memory : memory.changed(world, []);
}

export function optionsOf(source: TrialSource, random: () => number) {
  const only = source.school === null ? {} : { school: source.school };
  return { random, recheckSample: TRIAL_RECHECK_PAIRS, ...only };
}

/** Every run under the policies that are tried, one after the other. */
export async function* runTrial(
  sources: readonly TrialSource[],
  policies: TriedPolicies,
  means: TrialMeans,
): AsyncGenerator<TriedRun> {
  for (const [at, source] of sources.entries()) {
    means.signal?.throwIfAborted();
    means.progress('试算', at, sources.length);
    const policy = policies.policyFor(source);
    const base = await baseRun(source, policy.attributes, means);
    yield { source, comparison: await tryPolicy(base, policy, means.random) };
  }
  means.progress('试算', sources.length, sources.length);
}

/** One run at one step of a sweep. */
export interface SweptRun {
  readonly source: TrialSource;
  /** By number. */
  readonly step: number;
  readonly comparison: Comparison;
}

/** Every run at every step; a world is read once, and what no step changes is kept. */
export async function* runSweep(
  sources: readonly TrialSource[],
  steps: readonly TriedPolicies[],
  means: TrialMeans,
): AsyncGenerator<SweptRun> {
  const total = sources.length * steps.length;
  for (const [at, source] of sources.entries()) {
    means.progress('试算', at * steps.length, total);
    const attributes = steps.flatMap(each => each.policyFor(source).attributes);
    const base = await baseRun(source, attributes, means);
    for (const [step, policies] of steps.entries()) {
      means.signal?.throwIfAborted();
      const comparison = await tryPolicy(base, policies.policyFor(source), means.random);
      means.progress('试算', at * steps.length + step + 1, total);
      yield { source, step, comparison };
    }
  }
}
