/**
 * An office's own server, where the login that migrates and runs the night is no superuser: it
 * still writes by COPY, and whoever it acts for is confined all the same.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { enterScope, leaveScope } from '../../db/access/scope.ts';
import { connect, type Database } from '../../db/connect.ts';
import { migrate } from '../../db/migrate.ts';
import { loadSample } from '../../db/sample/load.ts';
import { appendEvents } from '../../db/trail.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { runJob } from '../../jobs/run/run.ts';
import { testServer } from '../database.ts';
import { adopt, BATCH, DATE, policyFiles, SEASON } from '../jobs/night-world.ts';
import { AT, userOf } from './access-world.ts';

const CITY = '440400';

/** A database that belongs to an ordinary login, and the connection of that login. */
async function ownDatabase(t: Test, granted: boolean): Promise<Database> {
  const server = await testServer();
  const name = `zz_test_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`;
  const admin = connect(server);
  const word = randomBytes(12).toString('hex');
  await admin.query(`create role ${name} login nosuperuser password '${word}'`);
  if (granted) {
    // As an administrator does beforehand; a test of another process may do it at the same moment.
    for (const role of ['zhongzhao_app', 'zhongzhao_runner', 'zhongzhao_reader']) {
      await admin.query(`create role ${role} nologin`).catch(error => {
        if (!['42710', '23505'].includes(error.code)) throw error;
      });
      await admin.query(`grant ${role} to ${name}`);
    }
  }
  await admin.query(`create database ${name} owner ${name} template template0`);
  const url = new URL(server);
  Object.assign(url, { username: name, password: word, pathname: `/${name}` });
  const database = connect(url.href);
  t.teardown(async () => {
    await database.close();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`drop role ${name}`);
    await admin.close();
  });
  return database;
}

t.test('an ordinary owner runs the night; its users see their own', async t => {
  const database = await ownDatabase(t, true);
  await migrate(database);
  const [login] = await database.query(
    `select rolsuper or rolbypassrls as above from pg_roles where rolname = current_user`,
  );
  t.same(login, { above: false });
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-owner-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  await adopt(database, policyFiles());
  const sample = { seed: 7, cities: [CITY, '440700'], candidates: 400, actor: 'test', at: AT };
  await loadSample(database, { ...sample, businessDate: '2016-07-15' });
  const report = await runJob(dispatchJob, { city: CITY, batch: BATCH, round: 1 }, DATE, {
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
  });
  t.equal(report.state, 'completed', report.error?.message ?? '');
  const city = await userOf(database, `city-${CITY}`);
  await database.transaction(async session => {
    await enterScope(session, city);
    const cities = await session.query('select distinct city from candidates');
    t.same(cities, [{ city: CITY }]);
    const lists = await session.query('select 1 from dispatch_lists limit 1');
    t.equal(lists.length, 1);
    await leaveScope(session);
    const all = await session.query('select distinct city from candidates order by city');
    t.same(all, [{ city: CITY }, { city: '440700' }]);
    const event = { file: null, name: 'x', actor: city.user, at: AT, businessDate: DATE };
    t.equal((await appendEvents(session, SEASON, [{ city: CITY, ...event }])).length, 1);
  });
  const [list] = await database.query<{ school: string }>(
    'select school from dispatch_lists order by list limit 1',
  );
  const school = await userOf(database, `school-${list?.school}`);
  await database
    .transaction(async session => {
      const names = () => session.query('select name from candidates');
      await enterScope(session, school);
      t.same(await names(), [], 'nothing before the release');
      await leaveScope(session);
      await session.query(`update dispatch_lists set state = 'released' where school = $1`, [
        school.school,
      ]);
      await enterScope(session, school);
      const items = await session.query('select file from list_items');
      t.ok(items.length > 0);
      t.equal((await names()).length, items.length);
      await t.rejects(session.query('create table x ()'), { code: '42501' });
    })
    .catch(error => t.equal(error.code, 'transaction-aborted'));
});

t.test('a login that may not use the roles is told what the administrator does', async t => {
  const database = await ownDatabase(t, false);
  const [roles] = await database.query<{ there: boolean }>(
    `select count(*) = 2 as there from pg_roles where rolname like 'zhongzhao\\_%'`,
  );
  t.ok(typeof roles?.there === 'boolean');
  await t.rejects(migrate(database), { code: 'needs-roles', exitCode: 5 });
  const [table] = await database.query(`select to_regclass('users') as made`);
  t.same(table, { made: null }, 'nothing of the migration stays');
});

t.test('databases of one cluster are migrated at the same moment', async t => {
  const databases = await Promise.all([1, 2, 3].map(() => ownDatabase(t, true)));
  await Promise.all(databases.map(database => migrate(database)));
  for (const database of databases) t.same(await migrate(database), []);
});
