/**
 * The input of a run as a data package, kept beside the database (design.md "A run"): there from
 * the commit on, its hash in the ledger. It is written while the run goes on, under another name,
 * since the rows are at hand then; it gets its own name after the commit. A process killed between
 * the two leaves a completed run without its package; whoever needs it – the audit, an export – has
 * it made again from the database, as of before the run, and the hash in the ledger tells whether
 * it is the same.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Database } from '../../../db/connect.ts';
import { DRAFT_MARK, discardDraft, writePackage } from '../../../db/package/write.ts';
import { isSampleDatabase } from '../../../db/policies.ts';
import { inputHash, packageOfWorld } from '../../../engine/dispatch/package-of-world.ts';
import { fail } from './errors.ts';
import { type CityPolicy, policyOfVersion } from './policy.ts';
import type { PackageOrder } from './proof.ts';
import { inSnapshot, readWorld } from './world.ts';

/** What the ledger knows of a dispatch run. */
export interface DispatchedRun {
  readonly run: number;
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly school: string | null;
  /** Business date. */
  readonly date: string;
  readonly policy: number;
  readonly inputHash: string;
  readonly resultHash: string;
}

/** Where the package of a run lies, relative to the home folder. */
export function packagePath(season: number, run: number): string {
  return join('packages', String(season), `run-${run}`);
}

/**
 * A completed dispatch run of the ledger; null: there is none of that number.
 *
 * @param job whatever else keeps its input like a run: lottery-admission
 */
export async function dispatchedRun(
  database: Pick<Database, 'query'>,
  run: number,
  job = 'dispatch',
): Promise<DispatchedRun | null> {
  const [row] = await database.query<DispatchedRun>(
    `select run, season, scope ->> 'city' as city, scope ->> 'batch' as batch,
       (scope ->> 'round')::integer as round, scope ->> 'school' as school,
       business_date::text as date, policy, input_hash as "inputHash", result_hash as "resultHash"
     from runs where run = $1 and job = $2 and state = 'completed'`,
    [run, job],
  );
  return row ?? null;
}

/** What is to be written of a run: its input, gzipped, with the policy it was dispatched under. */
export function packageOrder(
  home: string,
  run: Omit<DispatchedRun, 'inputHash' | 'resultHash' | 'policy'>,
  policy: CityPolicy,
  synthetic: boolean,
): PackageOrder {
  return {
    folder: join(home, packagePath(run.season, run.run)),
    options: {
      name: `run-${run.run}`,
      title: `第 ${run.run} 次运行的输入`,
      synthetic,
      gzip: true,
      season: run.season,
      run: {
        city: run.city,
        batch: run.batch,
        round: run.round,
        date: run.date,
        school: run.school,
      },
      attributes: policy.policy.attributes,
      extras: policyFiles(policy, run.city),
    },
  };
}

/**
 * Throws away what killed attempts at the same dispatch have left half written. The caller holds
 * the lock of the dispatch, so none of them lives.
 */
export async function discardLostDrafts(
  database: Pick<Database, 'query'>,
  home: string,
  attempt: { readonly season: number; readonly run: number },
): Promise<void> {
  const own = join(home, packagePath(attempt.season, attempt.run));
  const names = await readdir(dirname(own)).catch(() => []);
  const drafts = names.filter(name => name.includes(DRAFT_MARK));
  if (drafts.length === 0) return;
  const former = await database.query<{ run: number }>(
    `select former.run from runs former join runs mine using (season, identity)
     where mine.run = $1 and former.run < mine.run`,
    [attempt.run],
  );
  const lost = new Set(former.map(({ run }) => basename(packagePath(attempt.season, run))));
  for (const name of drafts) {
    const [whose = ''] = name.split(DRAFT_MARK);
    if (lost.has(whose)) await discardDraft(join(dirname(own), name));
  }
}

/**
 * Makes sure that the package of a completed run is there, and says where.
 *
 * @throws package-lost: it is not there, and the data it was made of is not there any more either
 */
export async function ensurePackage(
  database: Database,
  home: string,
  run: DispatchedRun,
): Promise<string> {
  const path = packagePath(run.season, run.run);
  if (existsSync(join(home, path, 'datapackage.json'))) return path;
  const policy = await policyOfVersion(database, run.policy);
  const { world } = await inSnapshot(database, session =>
    readWorld(session, run, policy.policy, { beforeRun: run.run }),
  );
  if (inputHash(world) !== run.inputHash) throw fail('package-lost', { run: run.run });
  const order = packageOrder(home, run, policy, await isSampleDatabase(database));
  await writePackage(order.folder, packageOfWorld(world), order.options);
  return path;
}

/** `policy/…` of the package: the folder that `recompute --policy` takes. */
function policyFiles(policy: CityPolicy, city: string): Map<string, string> {
  const files = new Map(
    Object.entries(policy.documents).map(([path, text]) => [`policy/${path}`, text]),
  );
  if (policy.overlay !== null) files.set(`policy/cities/${city}.yaml`, policy.overlay);
  return files;
}
