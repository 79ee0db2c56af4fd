import t from 'tap';
import { recentRuns, requestStop, runByNumber } from '../../jobs/run/ledger.ts';
import { lockKey, takeLock } from '../../jobs/run/lock.ts';
import { assertRunResult } from '../../jobs/run/result.ts';
import { exitCodeOf, runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';
import { child } from './tiny/children.ts';
import { behave, effects, environment, prepare, tinyJob } from './tiny/job.ts';
import { transactionPooler } from './tiny/pooler.ts';

const DATE = '2016-07-20';
const ALL = ['A|2016-07-20 one', 'A|2016-07-20 three', 'A|2016-07-20 two'];

t.test('a run does its steps once and completes with a checked result', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const report = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  t.equal(report.state, 'completed');
  t.equal(exitCodeOf(report), 0);
  t.same(await effects(database), ALL);
  const row = await runByNumber(database, report.run as number);
  t.match(row, {
    state: 'completed',
    attempt: 1,
    businessDate: DATE,
    identity: 'tiny|A|2016-07-20',
  });
  t.same(row?.result, report.result, 'what is stored is what is returned');
  assertRunResult(row?.result);
  t.same(report.result?.counts, { one: 3, two: 3 });
});

t.test('a second start answers that it is done, with the result of the first', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  await behave(database, 'A', 'find');
  const first = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  t.equal(exitCodeOf(first), 1, 'a finding needs a person');
  const second = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  t.equal(second.state, 'already-done');
  t.equal(second.run, first.run);
  t.same(second.result, first.result);
  t.equal(exitCodeOf(second), 0);
  t.same(await effects(database), ALL);
  const found = await database.query('select property, sentence, row_count from findings');
  t.same(found, [{ property: 'P2', sentence: '有一处需要人工处理。', row_count: 1 }]);
});

t.test('the database itself refuses a second completed run of one identity', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  const copy = database.query(
    `insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
       host, pid, started_at)
     select season, job, identity, scope, business_date, 2, 'completed', 9, '', '', 1, now()
     from runs`,
  );
  await t.rejects(copy, { code: '23505' });
});

t.test('of twenty processes that start one run at once, one does it', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const children = Array.from({ length: 20 }, () => child(t, ['run', database.url, 'A']));
  const codes = await Promise.all(children.map(one => one.ended()));
  t.same(new Set(codes), new Set([0]));
  const states = children.map(one => one.lines[0]?.['state']);
  t.equal(states.filter(state => state === 'completed').length, 1);
  t.equal(states.filter(state => state === 'already-done').length, 19);
  t.same(await effects(database), ALL);
  t.equal((await recentRuns(database, { limit: 100 })).length, 1);
});

t.test('a start that finds the work going on says so after its wait', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const lock = await takeLock(database.url, 'tiny|A', { milliseconds: 0 });
  t.teardown(async () => lock?.release());
  const around = environment(database, { lockWaitMs: 1 });
  const report = await runJob(tinyJob(), { city: 'A' }, DATE, around);
  t.equal(report.state, 'in-progress');
  t.equal(report.error?.code, 'run-in-progress');
  t.equal(exitCodeOf(report), 4);
  t.same(await effects(database), []);
});

t.test('a failed run keeps its steps, and the next start does the others', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  await behave(database, 'A', 'fail');
  const first = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  t.match(first, { state: 'failed', error: { code: 'run-failed' } });
  t.equal(exitCodeOf(first), 5);
  const row = await runByNumber(database, first.run as number);
  t.equal(row?.error?.code, 'run-failed');
  t.notMatch(JSON.stringify(row?.error), /张三|4401011999/, 'no text of an unknown error is kept');
  await behave(database, 'A', '');
  const second = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  t.match(second, { state: 'completed', result: { attempt: 2, counts: { one: 3, two: 3 } } });
  t.same(await effects(database), ALL);
});

t.test('a refusal by a rule is recorded as such and exits with 4', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  await behave(database, 'A', 'refuse');
  const report = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  t.match(report, { state: 'refused', error: { code: 'tiny-refused' } });
  t.equal(exitCodeOf(report), 4);
  t.equal((await runByNumber(database, report.run as number))?.state, 'refused');
});

t.test('a run that is asked to stop ends between steps, and goes on later', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const job = tinyJob();
  const stopping = {
    ...job,
    execute: async (context: Parameters<typeof job.execute>[0]) => {
      t.equal(await requestStop(database, context.run), true);
      return job.execute(context);
    },
  };
  const first = await runJob(stopping, { city: 'A' }, DATE, environment(database));
  t.match(first, { state: 'stopped', error: { code: 'stopped' } });
  t.equal(exitCodeOf(first), 5);
  t.same(await effects(database), ['A|2016-07-20 one']);
  t.equal(await requestStop(database, first.run as number), false, 'it runs no more');
  const second = await runJob(job, { city: 'A' }, DATE, environment(database));
  t.equal(second.state, 'completed');
  t.same(await effects(database), ALL);
});

t.test('a process that is told to end stops its run between steps', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const signal = AbortSignal.abort();
  const report = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database, { signal }));
  t.equal(report.state, 'stopped');
});

t.test('a dry run gives the result and writes nothing at all', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const around = environment(database, { dryRun: true });
  const report = await runJob(tinyJob(), { city: 'A' }, DATE, around);
  t.match(report, { state: 'dry-run', run: null, result: { dryRun: true, attempt: 0, run: null } });
  assertRunResult(report.result);
  t.same(await effects(database), []);
  for (const table of ['runs', 'run_steps', 'fences', 'findings']) {
    t.same(await database.query(`select * from ${table}`), [], table);
  }
});

t.test('an outcome that breaks the schema of results completes nothing', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const bad = {
    ...tinyJob(),
    execute: async () => ({ counts: { half: 0.5 }, findings: [] }),
  };
  const report = await runJob(bad, { city: 'A' }, DATE, environment(database));
  t.match(report, { state: 'failed', error: { code: 'run-result-invalid' } });
  t.match(report.error?.message, /counts\/half/);
  t.equal((await runByNumber(database, report.run as number))?.state, 'failed');
  t.same(await database.query('select * from run_steps'), []);
});

t.test('trouble after the commit is told, and the run stays completed', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const job = tinyJob();
  const late = {
    ...job,
    execute: async (context: Parameters<typeof job.execute>[0]) => {
      await job.execute(context);
      throw new Error('disk full');
    },
  };
  const report = await runJob(late, { city: 'A' }, DATE, environment(database));
  t.match(report, { state: 'completed', error: { code: 'run-failed' } });
  t.equal(exitCodeOf(report), 1);
});

t.test('behind a transaction pooler the lock is refused, not believed', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  for (const order of ['last', 'first'] as const) {
    const pooler = await transactionPooler(t, database.url, order);
    const taking = takeLock(pooler, `lock|${order}`, { milliseconds: 0 });
    await t.rejects(taking, { code: 'needs-session-connection', exitCode: 4 }, order);
  }
  const direct = await takeLock(database.url, 'other', { milliseconds: 0 });
  t.equal(direct?.held(), true, 'a direct connection is believed');
  await direct?.release();
});

t.test('lock names get distinct keys that fit a PostgreSQL bigint', async t => {
  const keys = new Set(Array.from({ length: 1000 }, (_, index) => lockKey(`city|${index}`)));
  t.equal(keys.size, 1000);
  t.ok([...keys].every(key => BigInt.asIntN(64, key) === key));
});
