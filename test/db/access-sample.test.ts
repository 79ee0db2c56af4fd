/** The users of a sample database, and their end. */
import t from 'tap';
import { createFirstUser } from '../../db/access/first-user.ts';
import { ensureSampleUsers, SAMPLE_PASSWORD } from '../../db/access/sample-users.ts';
import { openSession, seeSession } from '../../db/access/sessions.ts';
import { type SignIn, signIn } from '../../db/access/sign-in.ts';
import { readUser } from '../../db/access/user.ts';
import { loadSample } from '../../db/sample/load.ts';
import { freshDatabase } from '../database.ts';
import { AT, SEASON } from './access-world.ts';

const OPTIONS = { seed: 7, cities: ['440400'], candidates: 50, actor: 'test', at: AT };

t.test('a sample has a user for each region and two for each school, once', async t => {
  const database = await freshDatabase(t);
  await loadSample(database, { ...OPTIONS, businessDate: '2016-07-15' });
  const count = async (sql: string) => {
    const [row] = await database.query<{ n: number }>(`select count(*) as n from ${sql}`);
    return Number(row?.n);
  };
  const users = await count('users');
  const [schools, counties] = [
    await count('schools'),
    await count(`regions where level = 'county'`),
  ];
  t.ok(schools > 0 && counties > 0);
  t.equal(users, 4 + counties + 2 * schools);
  await database.transaction(session => ensureSampleUsers(session, SEASON, AT));
  t.equal(await count('users'), users);
  const password = SAMPLE_PASSWORD;
  for (const user of ['province', 'province-2', 'city-440400', 'city-440400-2']) {
    const answer = await database.transaction(s => signIn(s, { user, password, at: AT }));
    t.same(answer, { signedIn: true, user, mustChangePassword: false });
  }
});

t.test('once a package is not synthetic, no sample user signs in any more', async t => {
  const database = await freshDatabase(t);
  await loadSample(database, { ...OPTIONS, businessDate: '2016-07-15' });
  await database.transaction(s => openSession(s, { user: 'province', token: 't', at: AT }));
  const credentials = { user: 'province', password: SAMPLE_PASSWORD, at: AT };
  const code = (answer: SignIn) => (answer.signedIn ? '' : answer.refusal.code);
  const real = `insert into imports (season, package_hash, synthetic, counts, imported_at,
    imported_by) values (2016, '', false, '{}', now(), 'x')`;
  await database.query(real);
  const before = await database.transaction(session => signIn(session, credentials));
  t.equal(code(before), 'user-disabled', 'even before they are marked');
  await database.transaction(session => ensureSampleUsers(session, SEASON, AT));
  const enabled = await database.query('select 1 from users where disabled_at is null');
  t.same(enabled, []);
  t.equal(await database.transaction(s => seeSession(s, 't', AT)), null);
  await database.query('delete from imports where not synthetic');
  const after = await database.transaction(session => signIn(session, credentials));
  t.equal(code(after), 'user-disabled');
});

t.test('the first user of a real province is made once, while nobody else could be', async t => {
  const database = await freshDatabase(t);
  const make = (user: string, password: string) =>
    database.transaction(session =>
      createFirstUser(session, { season: SEASON, user, password, at: AT }),
    );
  await t.rejects(make('head', 'Sh4ng-Hai-2016'), { code: 'no-province-region' });
  await loadSample(database, { ...OPTIONS, businessDate: '2016-07-15' });
  await t.rejects(make('head', 'Sh4ng-Hai-2016'), { code: 'province-has-users' });
  await database.query(`update imports set synthetic = false`);
  await database.transaction(session => ensureSampleUsers(session, SEASON, AT));
  await t.rejects(make('Head!', 'Sh4ng-Hai-2016'), { code: 'wrong-user-data' });
  await t.rejects(make('head', 'head'), { code: 'weak-password' });
  await t.rejects(make('province', 'Sh4ng-Hai-2016'), { code: 'user-exists' });
  await make('head', 'Sh4ng-Hai-2016');
  const answer = await database.transaction(session =>
    signIn(session, { user: 'head', password: 'Sh4ng-Hai-2016', at: AT }),
  );
  t.same(answer, { signedIn: true, user: 'head', mustChangePassword: false });
  const user = await database.transaction(s => readUser(s, SEASON, 'head', { duties: [] }));
  t.match(user, { level: 'province', side: 'office', cities: 'all' });
  t.ok(user?.functions.has('manage-users'));
  await t.rejects(make('second', 'Sh4ng-Hai-2016'), { code: 'province-has-users' });
});
