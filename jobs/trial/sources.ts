/**
 * What a trial 试算 is held against: runs of the past, each with the policy that it was made under
 * and a way to its world. The database is read in read-only snapshots and nothing else.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../db/connect.ts';
import type { RunDefaults } from '../../db/package/description.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { readRun, worldOfKeptPackage } from '../../db/package/recompute.ts';
import { inputHash } from '../../engine/dispatch/package-of-world.ts';
import type { World } from '../../engine/dispatch/world.ts';
import { loadPolicy, policyFromStored } from '../../engine/policy/load.ts';
import type { Attribute, FullPolicy } from '../../engine/policy/types.ts';
import {
  type DispatchedRun,
  dispatchedRun,
  packagePath,
} from '../nightly/dispatch/keep-package.ts';
import { policyOfVersion } from '../nightly/dispatch/policy.ts';
import { inSnapshot, readWorld } from '../nightly/dispatch/world.ts';
import { fail } from './errors.ts';

export interface TrialSource {
  /** null: of a data package. */
  readonly run: number | null;
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  /** Business date. */
  readonly date: string;
  /** 指定院校投档; null: all schools. */
  readonly school: string | null;
  /** What the run was made under. */
  readonly policy: FullPolicy;
  /** SHA-256, hex. */
  readonly baseHash: string;
  readonly documents: Readonly<Record<string, string>>;
  readonly overlay: string | null;
  /** Of the ledger; null: of a data package. */
  readonly resultHash: string | null;
  /** @param attributes read beside those of the run's own policy */
  world(attributes: readonly Attribute[], onProgress?: (rows: number) => void): Promise<World>;
}

/**
 * Completed dispatch runs of the ledger, in the order given.
 *
 * @throws CodedError not-a-run
 */
export async function sourcesOfRuns(
  database: Database,
  home: string,
  runs: readonly number[],
): Promise<TrialSource[]> {
  const sources: TrialSource[] = [];
  for (const number of runs) {
    const run = await dispatchedRun(database, number);
    if (run === null) throw fail('not-a-run', { run: number });
    sources.push(await sourceOfRun(database, home, run));
  }
  return sources;
}

/** The dispatch runs that were completed for a business date. @throws CodedError no-runs */
export async function runsOfNight(database: Database, date: string): Promise<number[]> {
  const rows = await database.query<{ run: number }>(
    `select run from runs where job = 'dispatch' and state = 'completed' and business_date = $1
     order by scope ->> 'city', scope ->> 'batch', run`,
    [date],
  );
  if (rows.length === 0) throw fail('no-runs', { date });
  return rows.map(({ run }) => run);
}

async function sourceOfRun(
  database: Database,
  home: string,
  run: DispatchedRun,
): Promise<TrialSource> {
  const { policy, baseHash, documents, overlay } = await policyOfVersion(database, run.policy);
  const { season, city, batch, round, date, school, resultHash } = run;
  return {
    ...{ run: run.run, season, city, batch, round, date, school, resultHash },
    ...{ policy, baseHash, documents, overlay },
    world: (attributes, onProgress) =>
      worldOfRun({ database, home, run, policy }, attributes, onProgress),
  };
}

interface RunToRead {
  readonly database: Database;
  readonly home: string;
  readonly run: DispatchedRun;
  readonly policy: FullPolicy;
}

/**
 * The input of a run: out of the database as of before the run, where that is still what the run
 * read; else out of its kept package.
 */
async function worldOfRun(
  { database, home, run, policy }: RunToRead,
  attributes: readonly Attribute[],
  onProgress: ((rows: number) => void) | undefined,
): Promise<World> {
  const both = withAttributes(policy, attributes);
  const { world } = await inSnapshot(database, session =>
    readWorld(session, run, both, {
      beforeRun: run.run,
      ...(onProgress === undefined ? {} : { onProgress }),
    }),
  );
  if (inputHash(withoutAttributes(world, policy)) === run.inputHash) return world;
  const folder = join(home, packagePath(run.season, run.run));
  if (!existsSync(join(folder, 'datapackage.json'))) throw fail('input-lost', { run: run.run });
  const kept = await worldOfKeptPackage(folder, policy, run);
  if (inputHash(kept) === run.inputHash) return kept;
  throw fail('input-lost', { run: run.run });
}

function withAttributes(policy: FullPolicy, more: readonly Attribute[]): FullPolicy {
  const names = new Set(policy.attributes.map(({ name }) => name));
  const attributes = [...policy.attributes, ...more.filter(({ name }) => !names.has(name))];
  return { ...policy, attributes };
}

/** The world as the run has read it: only its own policy's attributes. */
function withoutAttributes(world: World, policy: FullPolicy): World {
  const attributes = new Map(
    policy.attributes.map(({ name }) => [name, world.candidates.attributes.get(name)!]),
  );
  if (attributes.size === world.candidates.attributes.size) return world;
  return { ...world, candidates: { ...world.candidates, attributes } };
}

/**
 * The run that a data package holds, or describes by its options.
 *
 * @param before folder of the policy it was made under; null: `policy/` in the package
 * @throws CodedError no-policy-before, policy-before-broken, package-broken, and what readRun says
 */
export async function sourceOfPackage(
  folder: string,
  before: string | null,
  options: RunDefaults,
): Promise<TrialSource> {
  const policyFolder = before ?? join(folder, 'policy');
  if (!existsSync(policyFolder)) throw fail('no-policy-before', { folder });
  const { bundle } = loadPolicy(readPolicyFolder(policyFolder));
  if (bundle === undefined) throw fail('policy-before-broken', { folder: policyFolder });
  const { documents } = bundle.base;
  const policyOf = (city: string) =>
    policyFromStored(documents, bundle.overlays.get(city)?.document ?? null);
  // Read once for its scope; a trial asks for the world once, so that it is kept until then.
  const read = await readRun(folder, policyOf, options);
  const { scope, school, problems } = read;
  if (read.world === undefined) throw fail('package-broken', { errors: problems.errors });
  return {
    ...{ ...scope, run: null, school, resultHash: null, documents, baseHash: bundle.base.hash },
    policy: policyOf(scope.city),
    overlay: bundle.overlays.get(scope.city)?.document ?? null,
    world: async attributes => {
      const known = new Set(read.policy.attributes.map(({ name }) => name));
      if (attributes.every(({ name }) => known.has(name))) return read.world as World;
      return (await readRun(folder, policyOf, options, attributes)).world as World;
    },
  };
}
