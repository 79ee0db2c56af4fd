/**
 * A tiny job for the tests of the runner: three steps, each of which writes one row into a table
 * without keys, so that anything done twice shows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../db/connect.ts';
import { CodedError } from '../../../engine/errors.ts';
import { failPoints } from '../../../jobs/run/fail-points.ts';
import type { JobOutcome, NightlyJob, RunContext } from '../../../jobs/run/job.ts';
import { openLog } from '../../../jobs/run/log.ts';
import { SILENT } from '../../../jobs/run/progress.ts';
import type { RunEnvironment } from '../../../jobs/run/run.ts';

export const SEASON = 2016;

/** Prepares a database: the season, the table of effects, a table of how a city behaves. */
export async function prepare(database: Database, cities: readonly string[] = []): Promise<void> {
  await database.query('insert into seasons (season) values ($1)', [SEASON]);
  await database.query('create table tiny_effects (identity text, step text, at timestamptz)');
  await database.query('create table tiny_cities (city text primary key, behaviour text not null)');
  for (const city of cities) {
    await database.query("insert into tiny_cities values ($1, '')", [city]);
  }
}

/** Everything the job has done, in a fixed order. */
export async function effects(database: Database): Promise<string[]> {
  const rows = await database.query<{ identity: string; step: string }>(
    'select identity, step from tiny_effects',
  );
  return rows.map(row => `${row.identity} ${row.step}`).toSorted();
}

export async function behave(database: Database, city: string, behaviour: string): Promise<void> {
  await database.query(
    `insert into tiny_cities values ($1, $2)
     on conflict (city) do update set behaviour = excluded.behaviour`,
    [city, behaviour],
  );
}

/**
 * The job. Per city it fails, is refused or waits as `tiny_cities.behaviour` says: fail, refuse,
 * find, or slow.
 *
 * @param perDate false: the identity has no date in it, as that of a dispatch
 */
export function tinyJob(
  options: { id?: string; perDate?: boolean; shardable?: boolean } = {},
): NightlyJob {
  const id = options.id ?? 'tiny';
  return {
    id,
    title: '小作业',
    side: 'nightly',
    menu: '测试',
    shardable: options.shardable ?? true,
    plan: async ({ database }) => {
      const rows = await database.query<{ city: string }>(
        'select city from tiny_cities order by city',
      );
      return rows;
    },
    identity: (scope, date) =>
      [id, scope.city, ...(options.perDate === false ? [] : [date])].join('|'),
    lock: scope => `tiny|${scope.city}`,
    execute: context => execute(context),
  };
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const { scope } = context;
  const [city] = await context.database.query<{ behaviour: string }>(
    'select behaviour from tiny_cities where city = $1',
    [scope.city],
  );
  const write = async (step: string) =>
    context.step(step, async ({ session }) => {
      await insertEffect(session, context, step);
      return { step, length: step.length };
    });
  const one = await write('one');
  if (city?.behaviour === 'slow') await sleep(400);
  if (city?.behaviour === 'fail') throw new Error('made to fail, 张三 440101199901011234');
  if (city?.behaviour === 'refuse') {
    throw new CodedError('tiny-refused', { sentence: '不可以。', advice: '等一等。', exitCode: 4 });
  }
  await context.checkStop();
  const two = await write('two');
  await context.checkStop();
  const outcome: JobOutcome = {
    counts: { one: one?.length ?? 0, two: two?.length ?? 0 },
    findings: city?.behaviour === 'find' ? [FINDING] : [],
    resultHash: 'ab'.repeat(32),
  };
  await context.complete('three', async ({ session }) => {
    await insertEffect(session, context, 'three');
    return outcome;
  });
  return outcome;
}

const FINDING = {
  property: 'P2',
  severity: 'warning',
  stops: 'nothing',
  sentence: '有一处需要人工处理。',
  rows: [{ school: '4401001' }],
  rowCount: 1,
} as const;

async function insertEffect(
  session: Pick<Database, 'query'>,
  context: RunContext,
  step: string,
): Promise<void> {
  await session.query('insert into tiny_effects values ($1, $2, $3)', [
    `${context.scope.city}|${context.businessDate}`,
    step,
    context.now(),
  ]);
}

/** An environment with a silent log, a clock that stands, and the named fail point. */
export function environment(
  database: Database,
  changes: Partial<RunEnvironment> & { failPointName?: string } = {},
): RunEnvironment {
  const now = () => new Date('2016-07-20T11:30:00Z');
  return {
    database,
    season: SEASON,
    actor: 'province',
    home: '/nonexistent',
    log: openLog({ stream: { write: () => {} }, now }),
    progress: SILENT,
    dryRun: false,
    now,
    random: () => 0.5,
    failPoint: failPoints(changes.failPointName),
    ...changes,
  };
}
