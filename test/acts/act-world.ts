/**
 * A small synthetic province for tests of acts: users, policy, candidates, and – where asked for –
 * a dispatched and audited first night. `as(user).do(function, input)` runs an act as the command
 * would; `refused` expects its code and that nothing at all has changed.
 */
import { pino } from 'pino';
import type { Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { loadSample } from '../../db/sample/load.ts';
import { CodedError } from '../../engine/errors.ts';
import type { PolicyFiles } from '../../engine/policy/load.ts';
import { findFunction } from '../../jobs/act/registry.ts';
import { type ActReport, runAct } from '../../jobs/act/run-act.ts';
import { nightlyJobs } from '../../jobs/nightly/registry.ts';
import { shanghaiDate } from '../../jobs/run/calendar.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../jobs/run/run.ts';
import { preparedAfter } from '../database.ts';
import { adoptedPolicy, policyFiles, SEASON } from '../jobs/night-world.ts';
import { digest } from './table-digest.ts';

export { digest };

/** When the acts of a test happen, unless it says otherwise: a morning of phase 1. */
export const MORNING = '2016-07-21T09:00';

export interface ActWorld {
  readonly database: Database;
  readonly home: string;
  /** The clock; set it to what the test wants. */
  at: string;
  environment(more?: Partial<RunEnvironment>): RunEnvironment;
  do(user: string, id: string, input?: Readonly<Record<string, unknown>>): Promise<ActReport>;
  /** The act twice by two people: proposal and confirmation. */
  both(
    first: string,
    second: string,
    id: string,
    input?: Readonly<Record<string, unknown>>,
  ): Promise<ActReport>;
  /** Runs a nightly job for every scope that is due on the clock's date. */
  nightly(id: string, date?: string): Promise<RunReport[]>;
  query<R extends object = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<R[]>;
}

export interface ActWorldOptions {
  readonly cities?: readonly string[];
  readonly candidates?: number;
  readonly files?: PolicyFiles;
  /** Dispatch and audit the night of 2016-07-20 first. */
  readonly dispatched?: boolean;
  /** Leave the users undeclared (rule 10); everybody has declared none unless told. */
  readonly undeclared?: boolean;
}

export async function actWorld(
  t: Pick<Test, 'teardown'>,
  options: ActWorldOptions = {},
): Promise<ActWorld> {
  const { files = policyFiles(), ...rest } = options;
  const after = await adoptedPolicy(files);
  const { database, home } = await preparedAfter(t, {
    key: JSON.stringify(['act world', rest, after.key]),
    after,
    prepare: (adopted, kept) => prepare(makeWorld(adopted, kept), rest),
  });
  return makeWorld(database, home);
}

async function prepare(world: ActWorld, options: ActWorldOptions): Promise<void> {
  const { cities = ['440400', '440600'], candidates = 300 } = options;
  const { database } = world;
  const businessDate = '2016-07-15';
  const at = parseInstant('2016-07-15T12:00');
  await loadSample(database, { seed: 7, cities, candidates, actor: 'province', at, businessDate });
  if (options.undeclared !== true) await declareNone(database);
  if (options.dispatched !== true) return;
  world.at = '2016-07-20T19:30';
  for (const id of ['dispatch', 'audit']) await world.nightly(id, '2016-07-20');
}

function makeWorld(database: Database, home: string): ActWorld {
  const world: ActWorld = {
    database,
    home,
    at: MORNING,
    environment: (more = {}) => ({
      database,
      season: SEASON,
      actor: 'schedule',
      home,
      log: pino({ level: 'silent' }),
      progress: SILENT,
      dryRun: false,
      now: () => parseInstant(world.at),
      random: () => 0.5,
      failPoint: () => {},
      ...more,
    }),
    do: async (user, id, input = {}) =>
      runAct(await findFunction(id), { user, input }, world.environment()),
    both: async (first, second, id, input = {}) => {
      const { proposal } = await world.do(first, id, input);
      return world.do(second, id, { confirm: proposal });
    },
    nightly: async (id, date = shanghaiDate(parseInstant(world.at))) => {
      const job = (await nightlyJobs()).get(id);
      if (job === undefined) throw new Error(`no nightly job ${id}`);
      const plan = await job.plan({ database, season: SEASON, businessDate: date });
      const reports: RunReport[] = [];
      for (const scope of plan) {
        reports.push(await runJob(job, scope, date, world.environment()));
      }
      return reports;
    },
    query: (sql, parameters) => database.query(sql, parameters),
  };
  return world;
}

/** All users have declared that no relative applies. */
async function declareNone(database: Database): Promise<void> {
  await database.query(
    `insert into relative_declarations (season, user_name, relatives, declared_at)
     select ${SEASON}, user_name, '{}', now() from users`,
  );
}

/** Expects a refusal by its code, with a sentence and advice in Chinese, and nothing changed. */
export async function refused(
  t: Test,
  world: ActWorld,
  [user, id, input = {}]: readonly [string, string, Readonly<Record<string, unknown>>?],
  code: string,
): Promise<void> {
  const before = await digest(world.database);
  try {
    await world.do(user, id, input);
    t.fail(`${id} by ${user} was not refused (${code})`);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    t.equal(error.code, code, `${id} by ${user}: ${error.message}`);
    t.match(error.message, /[\u4e00-\u9fff].*[。；）]$/u, 'a Chinese sentence');
    t.match(error.advice, /[\u4e00-\u9fff]/u, 'that says what to do');
  }
  t.equal(await digest(world.database), before, `${code} changes nothing`);
}
