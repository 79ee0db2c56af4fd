import t from 'tap';
import { FAIL_POINTS, failPoints } from '../../jobs/run/fail-points.ts';
import { checkFence, raiseFence } from '../../jobs/run/fence.ts';
import { recentRuns } from '../../jobs/run/ledger.ts';
import { runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';
import { child } from './tiny/children.ts';
import { effects, environment, prepare, tinyJob } from './tiny/job.ts';

const DATE = '2016-07-20';
const ALL = ['A|2016-07-20 one', 'A|2016-07-20 three', 'A|2016-07-20 two'];

/** How often each point is passed by the tiny job: three transactions, two plain steps. */
const PASSES: Readonly<Record<string, number>> = {
  'step-begun': 3,
  'step-worked': 2,
  'step-recorded': 2,
  'step-committed': 2,
};

for (const point of Object.keys(FAIL_POINTS).filter(name => !/\.|^act-/.test(name))) {
  t.test(`killed at ${point}, the next start brings the same end`, async t => {
    const database = await freshDatabase(t);
    await prepare(database, ['A']);
    for (let pass = 1; pass <= (PASSES[point] ?? 1); pass += 1) {
      const killed = child(t, ['run', database.url, 'A'], {
        ZHONGZHAO_FAIL_POINT: `${point}:${pass}`,
      });
      const end = await killed.ended();
      // A later pass may lie behind steps that an earlier attempt has done.
      t.ok(end === 'SIGKILL' || (pass > 1 && end === 0), `pass ${pass} ended by ${end}`);
    }
    const report = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
    const done = ['complete-committed'].includes(point) || report.state === 'already-done';
    t.equal(report.state, done ? 'already-done' : 'completed');
    t.same(await effects(database), ALL);
    t.same(report.result?.counts, { one: 3, two: 3 });
    const states = (await recentRuns(database, { limit: 100 })).map(row => row.state);
    t.equal(states.filter(state => state === 'completed').length, 1);
    t.ok(
      states.every(state => state === 'completed' || state === 'superseded'),
      'a killed attempt is superseded',
    );
  });
}

t.test('a fail point fires at its n-th pass, and only under a name of the table', async t => {
  let deaths = 0;
  const pass = failPoints('step-begun:2', () => {
    deaths += 1;
  });
  pass('step-begun');
  pass('step-worked');
  t.equal(deaths, 0);
  pass('step-begun');
  pass('step-begun');
  t.equal(deaths, 1);
  t.throws(() => failPoints('no-such-point'), /unknown fail point/);
  t.throws(() => failPoints(undefined)('no-such-point'), /unknown fail point/);
  t.throws(() => failPoints('step-begun:x'));
});

t.test('a paused process that was overtaken can not write', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const paused = child(t, ['wait', database.url, 'A']);
  await paused.said('waiting');
  paused.process.kill('SIGSTOP');
  // The network has dropped its lock connection: the lock is free, the process sleeps.
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'zhongzhao lock' and datname = current_database()`,
  );
  const report = await runJob(tinyJob(), { city: 'A' }, DATE, environment(database));
  t.equal(report.state, 'completed');
  const rows = await database.query('select * from runs order by run');
  await database.query("insert into tiny_cities values ('go', '')");
  paused.process.kill('SIGCONT');
  t.equal(await paused.ended(), 5);
  t.match(paused.lines.at(-1), { state: 'failed', code: 'fenced' });
  t.same(await effects(database), ALL, 'its effects are there once');
  t.same(await database.query('select * from runs order by run'), rows, 'the ledger is untouched');
});

t.test('without the fence, the same paused process would have written', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const mine = await raiseFence(database, 'tiny|A');
  await database.transaction(session => checkFence(session, 'tiny|A', mine));
  const later = await raiseFence(database, 'tiny|A');
  t.equal(later, mine + 1);
  const late = database.transaction(async session => {
    await checkFence(session, 'tiny|A', mine);
    await session.query("insert into tiny_effects values ('A', 'late', now())");
  });
  await t.rejects(late, { code: 'fenced' });
  t.same(await effects(database), []);
  const unguarded = database.transaction(session =>
    session.query("insert into tiny_effects values ('A', 'late', now())"),
  );
  await unguarded;
  t.same(await effects(database), ['A late'], 'nothing but the fence stood in the way');
});

t.test('a transaction of an overtaken run is ended, however long it sleeps', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const mine = await raiseFence(database, 'tiny|A');
  let overtake = () => {};
  const overtaken = new Promise<void>(resolve => {
    overtake = resolve;
  });
  const sleeping = database.transaction(async session => {
    await checkFence(session, 'tiny|A', mine);
    await session.query("insert into tiny_effects values ('A', 'late', now())");
    await overtaken;
    await session.query('select 1');
  });
  const failed = t.rejects(sleeping);
  t.equal(await raiseFence(database, 'tiny|A'), mine + 1, 'the overtaker does not wait for ever');
  overtake();
  await failed;
  t.same(await effects(database), []);
});
