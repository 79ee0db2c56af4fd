/** A small synthetic province in a database of its own, with the shipped policy adopted. */
import { pino } from 'pino';
import type { Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { loadSample } from '../../db/sample/load.ts';
import type { PolicyFiles } from '../../engine/policy/load.ts';
import type { NightlyJob, Scope } from '../../jobs/run/job.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../jobs/run/run.ts';
import { type Preparation, preparedAfter, sourcesKey } from '../database.ts';
import { AT, adopt, policyFiles, RULES } from './shipped-policy.ts';

export { AT, adopt, policyFiles, RULES };

export const SEASON = 2016;
export const DATE = '2016-07-20';
export const BATCH = 'vocational';

export interface SmallProvince {
  readonly database: Database;
  readonly home: string;
  readonly environment: RunEnvironment;
  run(job: NightlyJob, scope: Scope, more?: Partial<RunEnvironment>): Promise<RunReport>;
}

/** A database in which the policy is adopted, for worlds to go on from: it takes longest. */
export async function adoptedPolicy(files: PolicyFiles): Promise<Preparation> {
  const texts = [...files].map(([path, text]) => [path, Buffer.from(text).toString('utf8')]);
  const key = JSON.stringify(['adopted', texts, await sourcesKey()]);
  return { key, prepare: database => adopt(database, files) };
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
  const after = await adoptedPolicy(files);
  const { database, home } = await preparedAfter(t, {
    key: JSON.stringify(['small province', cities, candidates, after.key]),
    after,
    prepare: async empty => {
      const businessDate = '2016-07-15';
      await loadSample(empty, { seed: 7, cities, candidates, actor: 'test', at: AT, businessDate });
    },
  });
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
