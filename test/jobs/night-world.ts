/** A small synthetic province in a database of its own, with the shipped policy adopted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { adoptPolicy } from '../../db/policies.ts';
import { loadSample } from '../../db/sample/load.ts';
import { loadPolicy, type PolicyFiles } from '../../engine/policy/load.ts';
import type { NightlyJob, Scope } from '../../jobs/run/job.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';

export const SEASON = 2016;
export const DATE = '2016-07-20';
export const BATCH = 'vocational';
export const RULES = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
export const AT = new Date('2016-07-20T19:30:00+08:00');

export interface SmallProvince {
  readonly database: Database;
  readonly home: string;
  readonly environment: RunEnvironment;
  run(job: NightlyJob, scope: Scope, more?: Partial<RunEnvironment>): Promise<RunReport>;
}

/** The policy folder, each file changed by `edit` where it wants to. */
export function policyFiles(edit: (path: string, text: string) => string = (_, text) => text) {
  const files = new Map<string, string>();
  for (const [path, bytes] of readPolicyFolder(RULES)) {
    files.set(path, edit(path, Buffer.from(bytes).toString('utf8')));
  }
  return files;
}

export async function adopt(database: Database, files: PolicyFiles): Promise<void> {
  const { bundle, problems } = loadPolicy(files);
  if (bundle === undefined) throw new Error(problems.map(each => each.message).join('\n'));
  const { season, base, usesSampleBasis, overlays } = bundle;
  const policy = { season, ...base, usesSampleBasis, overlays: [...overlays.values()] };
  await database.transaction(session =>
    adoptPolicy(session, policy, { actor: 'province', at: AT }),
  );
}

/** Cities of the sample with a few hundred candidates, ready for the night of DATE. */
export async function smallProvince(
  t: Pick<Test, 'teardown'>,
  options: {
    readonly cities?: readonly string[];
    readonly candidates?: number;
    readonly files?: PolicyFiles;
  } = {},
): Promise<SmallProvince> {
  const { cities = ['440400'], candidates = 400, files = policyFiles() } = options;
  const database = await freshDatabase(t);
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-night-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  await adopt(database, files);
  const businessDate = '2016-07-15';
  await loadSample(database, { seed: 7, cities, candidates, actor: 'test', at: AT, businessDate });
  const environment = nightEnvironment(database, home);
  const run: SmallProvince['run'] = (job, scope, more = {}) =>
    runJob(job, scope, DATE, { ...environment, ...more });
  return { database, home, environment, run };
}

/** What a job of the night of DATE runs in. */
export function nightEnvironment(database: Database, home: string): RunEnvironment {
  return {
    database,
    season: SEASON,
    actor: 'schedule',
    home,
    log: pino({ level: 'silent' }),
    progress: SILENT,
    dryRun: false,
    now: () => AT,
    random: () => 0.5,
    failPoint: () => {},
  };
}

/** How many rows each of the tables has that a dispatch writes. */
export async function writtenRows(database: Database): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of [
    'dispatch_lists',
    'list_items',
    'decisions',
    'school_outcomes',
    'situations',
    'policy_versions',
  ]) {
    const [row] = await database.query<{ count: number }>(`select count(*) as count from ${table}`);
    counts[table] = Number(row?.count);
  }
  const [row] = await database.query<{ count: number }>(
    `select count(*) as count from events where name = 'dispatch'`,
  );
  return { ...counts, events: Number(row?.count) };
}
