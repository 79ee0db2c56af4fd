import t from 'tap';
import type { Database } from '../../db/connect.ts';
import { recentRuns } from '../../jobs/run/ledger.ts';
import { night } from '../../jobs/run/night.ts';
import { livingWorkers, openQueue } from '../../jobs/run/queue.ts';
import { runMessage } from '../../jobs/run/worker.ts';
import { freshDatabase } from '../database.ts';
import { child } from './tiny/children.ts';
import { behave, effects, environment, prepare, tinyJob } from './tiny/job.ts';

const DATE = '2016-07-20';
const CITIES = ['A', 'B', 'C', 'D', 'E', 'F'];

/** What a night leaves behind, apart from who did it when. */
async function endState(database: Database) {
  const rows = (await recentRuns(database, { limit: 100 })).filter(
    row => row.state === 'completed',
  );
  return {
    effects: await effects(database),
    runs: rows
      .map(row => [row.identity, row.result?.resultHash, row.result?.counts])
      .toSorted((one, other) => String(one[0]).localeCompare(String(other[0]))),
  };
}

function around(database: Database) {
  const job = tinyJob();
  return {
    ...environment(database),
    registry: new Map([[job.id, job]]),
    schedule: {
      catchupWindowDays: 3,
      keepSeasons: 1,
      jobs: [{ job: job.id, title: '', cron: '30 19 * * *', after: [], basis: 'sample' }],
    },
    at: new Date('2016-07-20T11:30:00Z'),
  };
}

async function workersSeen(database: Database, count: number): Promise<void> {
  while ((await livingWorkers(database)) !== count) {
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

t.test('two workers and the night give what one process gives', async t => {
  const alone = await freshDatabase(t);
  await prepare(alone, CITIES);
  await night(around(alone), DATE);

  const database = await freshDatabase(t);
  await prepare(database, CITIES);
  for (const city of CITIES) await behave(database, city, 'slow');
  const workers = [1, 2].map(() => child(t, ['worker', database.url]));
  await workersSeen(database, 2);
  const report = await night(around(database), DATE);
  t.equal(report.exitCode, 0);
  t.equal(report.runs.length, CITIES.length, 'every city is reported, whoever did it');
  t.same(await endState(database), await endState(alone));
  const pids = new Set((await recentRuns(database, { limit: 100 })).map(row => row.pid));
  t.ok(pids.size > 1, 'the cities were shared out');
  for (const worker of workers) worker.process.kill('SIGTERM');
  t.same(await Promise.all(workers.map(worker => worker.ended())), [0, 0]);
  t.equal(await livingWorkers(database), 0);
});

t.test('a worker that dies leaves its city to the night', async t => {
  const database = await freshDatabase(t);
  await prepare(database, CITIES);
  for (const city of CITIES) await behave(database, city, 'slow');
  const worker = child(t, ['worker', database.url], { ZHONGZHAO_FAIL_POINT: 'step-committed' });
  await workersSeen(database, 1);
  const report = await night(around(database), DATE);
  t.equal(await worker.ended(), 'SIGKILL');
  t.equal(report.exitCode, 0);
  t.equal(report.runs.length, CITIES.length);
  t.equal((await effects(database)).length, CITIES.length * 3);
  const rows = await recentRuns(database, { limit: 100 });
  t.equal(rows.filter(row => row.state === 'completed').length, CITIES.length);
});

t.test('what a worker is refused, or fails at, is in the report of the night', async t => {
  const database = await freshDatabase(t);
  await prepare(database, CITIES);
  for (const city of CITIES) await behave(database, city, 'slow');
  await behave(database, 'B', 'refuse');
  await behave(database, 'C', 'fail');
  child(t, ['worker', database.url]);
  await workersSeen(database, 1);
  const report = await night(around(database), DATE);
  const states = Object.fromEntries(report.runs.map(run => [run.scope.city, run.state]));
  t.match(states, { A: 'completed', B: 'refused', C: 'failed', D: 'completed' });
  t.equal(report.exitCode, 5);
});

t.test('a message that is delivered twice changes nothing', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const queue = await openQueue(database.url, error => t.fail(String(error)));
  const message = {
    job: 'tiny',
    scope: { city: 'A' },
    businessDate: DATE,
    season: 2016,
    actor: 'province',
    at: null,
  };
  await queue.put([message, message]);
  const registry = new Map([['tiny', tinyJob()]]);
  const states: (string | undefined)[] = [];
  for (let taken = await queue.take(); taken !== undefined; taken = await queue.take()) {
    states.push((await runMessage(registry, environment(database), taken.message))?.state);
    await taken.finish();
  }
  await queue.close();
  t.same(states, ['completed', 'already-done']);
  t.equal((await effects(database)).length, 3);
  const [row] = await database.query("select to_regnamespace('pgboss') is not null as there");
  t.same(row, { there: true }, 'the queue has a schema of its own');
});

t.test('two nights of one date at once share the cities and both report them', async t => {
  const database = await freshDatabase(t);
  await prepare(database, CITIES);
  for (const city of CITIES) await behave(database, city, 'slow');
  const nights = [1, 2].map(() => child(t, ['night', database.url]));
  t.same(await Promise.all(nights.map(one => one.ended())), [0, 0]);
  t.equal((await effects(database)).length, CITIES.length * 3);
  const rows = await recentRuns(database, { limit: 100 });
  t.equal(rows.filter(row => row.state === 'completed').length, CITIES.length);
});
