/**
 * `zhongzhao recompute`: a dispatch run from a data package and a policy alone, no database. Same
 * code, same result: what an auditor, or anybody, does to check a run.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { dispatchDetail } from '../../engine/dispatch/detail.ts';
import { inputHash } from '../../engine/dispatch/package-of-world.ts';
import type { DispatchResult } from '../../engine/dispatch/result.ts';
import { dispatch } from '../../engine/dispatch/run.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Attribute, Policy } from '../../engine/policy/types.ts';
import { compileStage } from '../../engine/rules/compile.ts';
import type { RunDefaults } from './description.ts';
import { encodingsTitle } from './encoding.ts';
import { fail } from './errors.ts';
import { openPackage } from './open.ts';
import { ProblemList } from './problems.ts';
import { type CheckedPackage, readPackage } from './read.ts';
import { rulesOf } from './references.ts';
import { type WorldScope, worldFromPackage } from './world.ts';

/** Pairs that the unmodified engine decides again, per stage. */
export const RECHECK_SAMPLE_PAIRS = 1000;

export interface RecomputeOptions extends RunDefaults {
  /** Where dispatch-detail is written; nothing is written without. */
  readonly out?: string;
  /** Chooses the pairs of the recheck; changes no result. */
  readonly random: () => number;
}

export interface Recomputed {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly date: string;
  /** null: all schools. */
  readonly school: string | null;
  /** SHA-256, hex, over the run's input as an exported package. */
  readonly inputHash: string;
  /** SHA-256, hex, of the bytes of dispatch-detail. */
  readonly resultHash: string;
  readonly counts: DispatchResult['counts'];
  readonly world: World;
  readonly result: DispatchResult;
}

/** With errors, nothing was computed and `run` is absent; warnings may stand beside a run. */
export interface RecomputeOutcome {
  readonly problems: ProblemList;
  /** As found, for a person. */
  readonly encodings: string;
  readonly run?: Recomputed;
}

/** A run's input, read and checked; `world` is absent where there are errors. */
export interface RunRead {
  readonly problems: ProblemList;
  /** As found, for a person. */
  readonly encodings: string;
  readonly scope: Omit<WorldScope, 'attributes'>;
  /** null: all schools. */
  readonly school: string | null;
  readonly policy: Policy;
  readonly world?: World;
}

/**
 * Reads what a run reads, out of a data package.
 *
 * @param attributes columns that are read beside those of the policy, for another policy's rules
 * @throws package-not-found, run-defaults-missing, unknown-city, unknown-batch
 */
export async function readRun(
  folder: string,
  policyOf: (city: string) => Policy | Promise<Policy>,
  options: RunDefaults,
  attributes: readonly Attribute[] = [],
): Promise<RunRead> {
  const problems = new ProblemList();
  const opened = await openPackage(folder, problems);
  const recorded = opened.description.run;
  const city = required(options.city ?? recorded.city, '地市', '--city');
  const batchId = required(options.batch ?? recorded.batch, '批次', '--batch');
  const policy = await policyOf(city);
  const batch = policy.batches.find(each => each.id === batchId);
  if (batch === undefined) throw fail('unknown-batch', { batch: batchId });
  const date = options.date ?? recorded.date ?? batch.window?.[0];
  const scope = {
    season: policy.season,
    city,
    batch: batchId,
    round: options.round ?? recorded.round ?? 1,
    date: required(date, '业务日期（该批次未开放）', '--date'),
  };
  const school = options.school ?? recorded.school ?? null;
  const names = new Set(policy.attributes.map(({ name }) => name));
  const read = [...policy.attributes, ...attributes.filter(({ name }) => !names.has(name))];
  const checked = await readPackage(opened, problems, {
    mode: 'recompute',
    attributes: read,
    rules: rulesOf(policy),
    complete: true,
  });
  const encodings = encodingsTitle(opened.tables.values());
  const found = { problems, encodings, scope, school, policy };
  if (problems.errors > 0) return found;
  requireCity(checked, city);
  return { ...found, world: await worldFromPackage(checked, { ...scope, attributes: read }) };
}

/**
 * Computes a run again.
 *
 * @param folder a data package
 * @param policyOf gives the policy in effect for a city: the base with the city's overlay
 * @param options city, batch, round, date and school win over what datapackage.json records; else
 *   round 1, the first day of the batch's window, all schools
 * @throws package-not-found, run-defaults-missing, unknown-city, unknown-batch, and the errors of
 *   the dispatch itself
 */
export async function recompute(
  folder: string,
  policyOf: (city: string) => Policy | Promise<Policy>,
  options: RecomputeOptions,
): Promise<RecomputeOutcome> {
  const { problems, encodings, scope, school, policy, world } = await readRun(
    folder,
    policyOf,
    options,
  );
  if (world === undefined) return { problems, encodings };
  const { result } = await dispatch(world, policy, {
    random: options.random,
    recheckSample: RECHECK_SAMPLE_PAIRS,
    compileStage,
    ...(school === null ? {} : { school }),
  });
  const resultHash = await writeDetail(world, result, options.out);
  const run: Recomputed = {
    ...scope,
    school,
    inputHash: inputHash(world),
    resultHash,
    counts: result.counts,
    world,
    result,
  };
  return { problems, encodings, run };
}

/**
 * The world of a run out of its kept package, which this program has written and no one has edited.
 *
 * @throws package-not-found, package-has-errors, unknown-city
 */
export async function worldOfKeptPackage(
  folder: string,
  policy: Policy,
  scope: Omit<WorldScope, 'attributes'>,
): Promise<World> {
  const problems = new ProblemList();
  const opened = await openPackage(folder, problems);
  const { attributes } = policy;
  const checked = await readPackage(opened, problems, {
    mode: 'recompute',
    attributes,
    rules: rulesOf(policy),
    complete: true,
  });
  if (problems.errors > 0) throw fail('package-has-errors', { errors: problems.errors });
  requireCity(checked, scope.city);
  return worldFromPackage(checked, { ...scope, attributes });
}

function required(value: string | undefined, what: string, option: string): string {
  if (value === undefined) throw fail('run-defaults-missing', { what, option });
  return value;
}

function requireCity(checked: CheckedPackage, city: string): void {
  if (!checked.references.isCity(city)) throw fail('unknown-city', { city });
}

/** Writes dispatch-detail, whole or not at all. @returns its SHA-256, hex */
async function writeDetail(
  world: World,
  result: DispatchResult,
  out: string | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  const hashed = function* (): Generator<Buffer> {
    for (const chunk of dispatchDetail(world, result)) {
      hash.update(chunk);
      yield chunk;
    }
  };
  if (out === undefined) {
    for (const _ of hashed());
    return hash.digest('hex');
  }
  await mkdir(dirname(out), { recursive: true });
  const partial = `${out}.part-${process.pid}`;
  try {
    await pipeline(Readable.from(hashed(), { objectMode: false }), createWriteStream(partial));
    await rename(partial, out);
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
  return hash.digest('hex');
}
