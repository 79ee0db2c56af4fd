/** Users, passwords, sign-in, sessions, functions, declarations and locks. */
import t, { type Test } from 'tap';
import { declareRelatives, liftDeclaration } from '../../db/access/declarations.ts';
import { grantFunctions, revokeFunctions } from '../../db/access/grants.ts';
import { lockedBy, lockRegion, unlockRegion } from '../../db/access/locks.ts';
import { hashPassword, SCRYPT_COST, verifyPassword } from '../../db/access/passwords.ts';
import { SAMPLE_PASSWORD } from '../../db/access/sample-users.ts';
import { enterScope } from '../../db/access/scope.ts';
import {
  endSession,
  lockSession,
  openSession,
  seeSession,
  unlockSession,
} from '../../db/access/sessions.ts';
import { type SignIn, setPassword, signIn } from '../../db/access/sign-in.ts';
import type { User } from '../../db/access/user.ts';
import {
  type Act,
  createUser,
  disableUser,
  editUser,
  enableUser,
  type NewUser,
  resetPassword,
} from '../../db/access/users.ts';
import type { Database, Session } from '../../db/connect.ts';
import { freshDatabase } from '../database.ts';
import { A, AT, B, fillWorld, SEASON, shippedPolicy, userOf } from './access-world.ts';

/** A thousandth of the cost of production: what is tested is not scrypt. */
const CHEAP = { logN: 5, r: 8, p: 1 };
const PASSWORD = 'first-word-1';
const POLICY = shippedPolicy();
const later = (minutes: number) => new Date(AT.getTime() + minutes * 60_000);

async function world(t: Test): Promise<Database> {
  const database = await freshDatabase(t);
  await fillWorld(database);
  await database.query('delete from function_grants; delete from relative_declarations');
  return database;
}

const act = (by: User, at = AT): Act => ({ by, season: SEASON, at, policy: POLICY });

const OFFICER: NewUser = {
  user: 'li-a',
  side: 'office',
  level: 'city',
  region: A,
  duties: ['dispatch'],
  password: PASSWORD,
};

/** A user of city A with a cheap hash, made by the city's head. */
async function made(database: Database, more: Partial<NewUser> = {}): Promise<User> {
  const by = await userOf(database, 'city-440100');
  await database.transaction(session =>
    createUser(session, act(by), { ...OFFICER, ...more }, CHEAP),
  );
  return userOf(database, more.user ?? OFFICER.user);
}

function codeOf(answer: SignIn): string {
  return answer.signedIn ? 'signed-in' : answer.refusal.code;
}

function trySignIn(database: Database, password: string, at = AT, user = OFFICER.user) {
  return database.transaction(async session =>
    codeOf(await signIn(session, { user, password, at, cost: CHEAP })),
  );
}

const inOne = <T>(database: Database, work: (session: Session) => Promise<T>) =>
  database.transaction(work);

t.test('a hash keeps its own parameters, and knows its password alone', async t => {
  const cheap = await hashPassword(PASSWORD, CHEAP);
  t.match(cheap, /^scrypt\$5\$8\$1\$/);
  t.equal(await verifyPassword(PASSWORD, cheap), true);
  t.equal(await verifyPassword(`${PASSWORD} `, cheap), false);
  t.equal(await verifyPassword(PASSWORD, 'nothing'), false);
  t.not(await hashPassword(PASSWORD, CHEAP), cheap, 'each hash has a salt of its own');
  t.same(SCRYPT_COST, { logN: 15, r: 8, p: 1 });
  t.match(await hashPassword(PASSWORD), /^scrypt\$15\$8\$1\$/);
});

t.test(
  'a new user signs in with the password that the office gave, and must change it',
  async t => {
    const database = await world(t);
    const user = await made(database);
    t.equal(user.mustChangePassword, true);
    t.equal(await trySignIn(database, 'first-word-2'), 'wrong-sign-in');
    t.equal(await trySignIn(database, PASSWORD), 'signed-in');
    const change = (old: string, next: string) =>
      inOne(database, s => setPassword(s, { user: user.user, old, new: next, cost: CHEAP }));
    await t.rejects(change('wrong', 'second-word-2'), { code: 'wrong-old-password' });
    await change(PASSWORD, 'second-word-2');
    t.equal((await userOf(database, user.user)).mustChangePassword, false);
    t.equal(await trySignIn(database, PASSWORD), 'wrong-sign-in');
    t.equal(await trySignIn(database, 'second-word-2'), 'signed-in');
  },
);

t.test('weak passwords are refused, with the reason', async t => {
  const database = await world(t);
  const { user } = await made(database);
  const weak = ['short-1', 'no-digits-here', '1234567890123', 'me-li-a-12345', 'Password123'];
  for (const next of [...weak, 'aaaa1111aaaa', `a1${'xyz'.repeat(100)}`, SAMPLE_PASSWORD]) {
    const change = { user, old: PASSWORD, new: next, cost: CHEAP };
    await t.rejects(
      inOne(database, session => setPassword(session, change)),
      { code: 'weak-password' },
      next,
    );
  }
});

t.test('none of the last five passwords comes again; the sixth may', async t => {
  const database = await world(t);
  const { user } = await made(database);
  const word = (n: number) => `word-number-${n}`;
  const change = (old: string, next: string) =>
    inOne(database, s => setPassword(s, { user, old, new: next, cost: CHEAP }));
  await change(PASSWORD, word(1));
  for (let n = 1; n < 5; n += 1) await change(word(n), word(n + 1));
  for (let n = 1; n <= 5; n += 1) {
    await t.rejects(change(word(5), word(n)), { code: 'reused-password' }, word(n));
  }
  await change(word(5), PASSWORD);
});

t.test('five wrong passwords lock for fifteen minutes, counted though refused', async t => {
  const database = await world(t);
  await made(database);
  for (let n = 0; n < 4; n += 1) t.equal(await trySignIn(database, 'x'), 'wrong-sign-in');
  t.equal(await trySignIn(database, 'x'), 'sign-in-locked');
  t.equal(await trySignIn(database, PASSWORD, later(14)), 'sign-in-locked');
  t.equal(await trySignIn(database, PASSWORD, later(15)), 'signed-in');
  for (let n = 0; n < 4; n += 1) t.equal(await trySignIn(database, 'x'), 'wrong-sign-in');
  t.equal(await trySignIn(database, PASSWORD), 'signed-in', 'a right one starts the count anew');
  t.equal(await trySignIn(database, 'x'), 'wrong-sign-in');
});

t.test('attempts at the same moment are counted one by one', async t => {
  const database = await world(t);
  await made(database);
  const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => trySignIn(database, 'x')));
  t.same(answers.sort().slice(0, 2), ['sign-in-locked', 'sign-in-locked']);
});

t.test('an unknown user is answered as a wrong password, after the same work', async t => {
  const database = await world(t);
  const { user } = await made(database);
  const ask = (name: string) =>
    inOne(database, session => signIn(session, { user: name, password: 'x', at: AT, cost: CHEAP }));
  const [known, unknown] = [await ask(user), await ask('nobody')];
  const messages = [known, unknown].map(each => (each.signedIn ? '' : each.refusal.message));
  t.equal(messages[0], messages[1]);
  // No clock in a test: what an unknown name costs is seen by parameters that scrypt refuses.
  const dear = { logN: 5, r: 8, p: -1 };
  const spend = inOne(database, session =>
    signIn(session, { user: 'nobody', password: 'x', at: AT, cost: dear }),
  );
  await t.rejects(spend, { code: 'ERR_OUT_OF_RANGE' });
});

t.test('a disabled user cannot sign in, and the open sessions end', async t => {
  const database = await world(t);
  const { user } = await made(database);
  const by = await userOf(database, 'city-440100');
  await inOne(database, s => openSession(s, { user, token: 't', at: AT }));
  t.equal((await inOne(database, s => seeSession(s, 't', AT)))?.user, user);
  await inOne(database, s => disableUser(s, act(by), user));
  t.equal((await userOf(database, user)).disabled, true);
  t.equal(await inOne(database, s => seeSession(s, 't', AT)), null);
  t.equal(await trySignIn(database, PASSWORD), 'user-disabled');
  t.equal(await trySignIn(database, 'x'), 'wrong-sign-in', 'only who knows the password learns it');
  await inOne(database, s => enableUser(s, act(by), user));
  t.equal(await trySignIn(database, PASSWORD), 'signed-in');
});

t.test('a locked screen opens by the password; an ended session never', async t => {
  const database = await world(t);
  const { user } = await made(database);
  await inOne(database, s => openSession(s, { user, token: 't', at: AT }));
  await inOne(database, s => lockSession(s, 't'));
  t.equal((await inOne(database, s => seeSession(s, 't', AT)))?.locked, true);
  const unlock = (password: string) =>
    inOne(database, async s =>
      codeOf(await unlockSession(s, { token: 't', password, at: AT, cost: CHEAP })),
    );
  t.equal(await unlock('x'), 'wrong-sign-in');
  t.equal((await inOne(database, s => seeSession(s, 't', AT)))?.locked, true);
  t.equal(await unlock(PASSWORD), 'signed-in');
  const open = await inOne(database, s => seeSession(s, 't', later(5)));
  t.match(open, { user, locked: false, openedAt: AT, lastSeenAt: later(5) });
  await inOne(database, s => endSession(s, 't', later(6)));
  t.equal(await inOne(database, s => seeSession(s, 't', later(7))), null);
  await t.rejects(
    inOne(database, s => lockSession(s, 't')),
    { code: 'no-session' },
  );
  await t.rejects(unlock(PASSWORD), { code: 'no-session' });
  const kept = await database.query("select 1 from sessions where token_hash like '%t%'");
  t.same(kept, [], 'the token itself is not kept');
});

t.test('a user is made by who manages the region, with duties that the maker has', async t => {
  const database = await world(t);
  const users = ['city-440100', 'county-440103', 'school-4401001', 'province'];
  const [city, county, school, province] = (await Promise.all(
    users.map(name => userOf(database, name)),
  )) as [User, User, User, User];
  const make = (by: User, more: Partial<NewUser>) =>
    inOne(database, s => createUser(s, act(by), { ...OFFICER, user: 'u1', ...more }, CHEAP));
  const refused = async (by: User, more: Partial<NewUser>, code: string) =>
    t.rejects(make(by, more), { code }, `${by.user} ${JSON.stringify(more)}`);
  await refused(city, { region: B }, 'user-out-of-scope');
  await refused(city, { level: 'province', region: '440000' }, 'user-out-of-scope');
  await refused(county, {}, 'user-out-of-scope');
  await refused(county, { level: 'county', region: '440103' }, 'lacks-function');
  await refused(school, {}, 'user-out-of-scope');
  await refused(city, { level: 'county' }, 'wrong-user-data');
  await refused(city, { region: '449999' }, 'wrong-user-data');
  await refused(city, { office: 'nowhere' }, 'wrong-user-data');
  await refused(city, { user: 'A b' }, 'wrong-user-data');
  await refused(city, { user: 'schedule' }, 'wrong-user-data');
  await refused(city, { kinds: ['unknown'] }, 'wrong-user-data');
  await refused(city, { school: '4401001' }, 'wrong-user-data');
  await refused(city, { duties: ['clerk'] }, 'unknown-duty');
  await refused(city, { password: 'weak' }, 'weak-password');
  await refused(city, { user: 'city-440100-2' }, 'user-exists');
  const ofSchool = { side: 'school', level: 'school', duties: ['clerk'] } as const;
  await refused(city, { ...ofSchool, school: '4404001' }, 'user-out-of-scope');
  await refused(city, { ...ofSchool, school: '9' }, 'wrong-user-data');
  await make(city, { ...ofSchool, school: '4401001' });
  t.match(await userOf(database, 'u1'), { region: A, school: '4401001', kinds: ['vocational'] });
  await make(province, { user: 'u2', level: 'province', region: '440000', duties: [] });
  await make(city, { user: 'u3', office: 'ZB440100' });
  t.same((await userOf(database, 'u3')).kinds, ['vocational']);
});

t.test('an edit keeps what it does not name; nobody changes the own duties', async t => {
  const database = await world(t);
  const { user } = await made(database, { person: '李', phone: '1' });
  const by = await userOf(database, 'city-440100');
  await inOne(database, s => editUser(s, act(by), user, { phone: '2', duties: ['review'] }));
  const [row] = await database.query(
    'select person, phone, duties from users where user_name = $1',
    [user],
  );
  t.same(row, { person: '李', phone: '2', duties: ['review'] });
  await inOne(database, s => editUser(s, act(by), by.user, { phone: '3' }));
  const own = inOne(database, s => editUser(s, act(by), by.user, { duties: [] }));
  await t.rejects(own, { code: 'own-account' });
  await t.rejects(
    inOne(database, s => disableUser(s, act(by), by.user)),
    { code: 'own-account' },
  );
  const other = await userOf(database, 'city-440400');
  const foreign = inOne(database, s => editUser(s, act(other), user, { phone: '9' }));
  await t.rejects(foreign, { code: 'user-out-of-scope' });
  const nobody = inOne(database, s => editUser(s, act(by), 'nobody', {}));
  await t.rejects(nobody, { code: 'unknown-user' });
  await inOne(database, s => resetPassword(s, act(by), user, 'another-word-9', CHEAP));
  t.equal((await userOf(database, user)).mustChangePassword, true);
  t.equal(await trySignIn(database, 'another-word-9'), 'signed-in');
});

t.test('an office of one kind of schools makes and changes no users of other kinds', async t => {
  const database = await world(t);
  await database.query("update users set school_kinds = '{technical}' where user_name = $1", [
    'city-440100',
  ]);
  const by = await userOf(database, 'city-440100');
  const make = (more: Partial<NewUser>) =>
    inOne(database, s => createUser(s, act(by), { ...OFFICER, ...more }, CHEAP));
  await t.rejects(make({}), { code: 'wrong-user-data' }, 'told none: all kinds');
  await t.rejects(make({ office: 'ZB440100' }), { code: 'wrong-user-data' }, 'another office');
  await t.rejects(make({ kinds: ['vocational'] }), { code: 'wrong-user-data' });
  await make({ kinds: ['technical'] });
  const edit = (user: string, kinds: string[] | null) =>
    inOne(database, s => editUser(s, act(by), user, { kinds }));
  await t.rejects(edit(OFFICER.user, null), { code: 'wrong-user-data' });
  await t.rejects(edit('city-440100-2', ['technical']), { code: 'user-out-of-scope' });
  const reset = inOne(database, s =>
    resetPassword(s, act(by), 'city-440100-2', 'another-word-9', CHEAP),
  );
  await t.rejects(reset, { code: 'user-out-of-scope' });
  const ofSchool = { side: 'school', level: 'school', duties: ['clerk'] } as const;
  await make({ ...ofSchool, user: 'u1', school: '4401001' });
  t.same((await userOf(database, 'u1')).kinds, ['vocational'], 'a school by its own kind');
});

t.test('nobody sets the password of a colleague who may do more', async t => {
  const database = await world(t);
  const province = await userOf(database, 'province');
  await inOne(database, s =>
    revokeFunctions(s, act(province), 'city-440100-2', ['define-subjects']),
  );
  const by = await userOf(database, 'city-440100-2');
  const reset = (user: string) =>
    inOne(database, s => resetPassword(s, act(by), user, 'another-word-9', CHEAP));
  await t.rejects(reset('city-440100'), { code: 'lacks-function' });
  await made(database);
  await reset(OFFICER.user);
  await reset('school-4401001');
  t.equal(await trySignIn(database, 'another-word-9'), 'signed-in');
});

t.test('functions come from side and duties, then grants, then removals', async t => {
  const database = await world(t);
  const { user } = await made(database);
  const by = await userOf(database, 'city-440100');
  const functions = async () => (await userOf(database, user)).functions;
  t.equal((await functions()).has('dispatch-batch'), true);
  t.equal((await functions()).has('candidate-outcome'), true, 'a report that no duty names');
  t.equal((await functions()).has('review-return'), false);
  t.equal((await functions()).has('roster-vocational'), false, 'a report of another duty');
  const grant = (more: string[]) => inOne(database, s => grantFunctions(s, act(by), user, more));
  const revoke = (less: string[]) => inOne(database, s => revokeFunctions(s, act(by), user, less));
  t.same(await grant(['review-return', 'review-return']), ['review-return']);
  t.same(await grant(['review-return']), [], 'once more changes nothing');
  t.same(await revoke(['dispatch-batch']), ['dispatch-batch']);
  t.equal((await functions()).has('review-return'), true);
  t.equal((await functions()).has('dispatch-batch'), false);
  t.same(await grant(['dispatch-batch']), ['dispatch-batch']);
  t.equal((await functions()).has('dispatch-batch'), true);
});

t.test('nobody grants to himself, what he lacks, or beyond the scope', async t => {
  const database = await world(t);
  await made(database);
  const grant = async (by: string, user: string, more: string[]) => {
    const granter = await userOf(database, by);
    return inOne(database, s => grantFunctions(s, act(granter), user, more));
  };
  const refused = (by: string, user: string, more: string, code: string) =>
    t.rejects(grant(by, user, [more]), { code }, `${by} ${user} ${more}`);
  await refused('city-440100', 'city-440100', 'approve-own-system', 'self-elevation');
  await refused('city-440100', 'li-a', 'approve-own-system', 'lacks-function');
  await refused('city-440100', 'li-a', 'no-such', 'unknown-function');
  await refused('city-440100', 'li-a', 'decide-files', 'unknown-function');
  await refused('city-440100', 'city-440400', 'import', 'user-out-of-scope');
  await refused('city-440100', 'province-2', 'import', 'user-out-of-scope');
  await refused('county-440103', 'li-a', 'import', 'user-out-of-scope');
  await refused('school-4401001', 'school-4401001-clerk', 'admit-many', 'user-out-of-scope');
  t.same(await grant('province', 'li-a', ['approve-own-system']), ['approve-own-system']);
  t.same(await grant('city-440100', 'school-4401001-clerk', ['apply-transfer']), [
    'apply-transfer',
  ]);
});

t.test('the province has every function of the office side, a school user none of it', async t => {
  const database = await world(t);
  const province = await userOf(database, 'province');
  const school = await userOf(database, 'school-4401001');
  const office = POLICY.duties.filter(duty => duty.side === 'office');
  for (const each of [...office.flatMap(duty => duty.functions), 'lift-declaration']) {
    t.ok(province.functions.has(each), each);
  }
  t.equal(province.functions.has('decide-files'), false);
  t.equal(school.functions.has('dispatch-batch'), false);
  t.equal(school.functions.has('submit-dispatch-list'), true);
  t.match(province, { cities: 'all', county: null, declaration: null });
  const county = await userOf(database, 'county-440103');
  t.match(county, { cities: [A], county: '440103', level: 'county', region: '440103' });
});

t.test('a declaration can be added to, not taken back; the province lifts it', async t => {
  const database = await world(t);
  const user = 'county-440103';
  const declare = (relatives: string[]) =>
    inOne(database, s => declareRelatives(s, { season: SEASON, user, relatives, at: AT }));
  const declared = async () => (await userOf(database, user)).declaration;
  t.equal(await declared(), null);
  await t.rejects(declare(['999']), { code: 'unknown-relative' });
  t.equal(await declare([]), true);
  t.same(await declared(), { relatives: [] });
  t.equal(await declare([]), false);
  t.equal(await declare(['3', '1', '3']), true);
  t.same(await declared(), { relatives: ['1', '3'] });
  await t.rejects(declare(['1']), { code: 'already-declared' });
  const lift = async (by: string, reason: string) => {
    const lifter = await userOf(database, by);
    const lifted = { season: SEASON, user, by: lifter, reason, at: AT };
    return inOne(database, session => liftDeclaration(session, lifted));
  };
  await t.rejects(lift('city-440100', '误报'), { code: 'province-only', basis: 'n66 二（一）' });
  await t.rejects(lift('province', ' '), { code: 'reason-required' });
  const own = { season: SEASON, user: 'province', reason: '误报', at: AT };
  const lifter = await userOf(database, 'province');
  await t.rejects(
    inOne(database, session => liftDeclaration(session, { ...own, by: lifter })),
    { code: 'own-account' },
    'nobody lifts the own one',
  );
  await lift('province', '误报');
  t.equal(await declared(), null);
  await t.rejects(lift('province', '误报'), { code: 'no-declaration' });
  t.equal(await declare([]), true);
  const rows = await database.query('select lifted_by, lifted_reason from relative_declarations');
  t.same(rows.length, 2, 'the lifted one stays on record');
});

t.test('a county user declares a relative of another city', async t => {
  const database = await world(t);
  const user = await userOf(database, 'county-440103');
  await database.transaction(async session => {
    await enterScope(session, user);
    const declared = { season: SEASON, user: user.user, relatives: ['3'], at: AT };
    t.equal(await declareRelatives(session, declared), true);
  });
});

t.test('a region is locked with all below it, and unlocked by the same level or above', async t => {
  const database = await world(t);
  await database.query('delete from region_locks');
  const names = ['province', 'city-440100', 'city-440100-2', 'county-440103', 'school-4401001'];
  const [province, city, second, county, school] = (await Promise.all(
    names.map(name => userOf(database, name)),
  )) as [User, User, User, User, User];
  const lock = (by: User, region: string, reason = '投档') =>
    inOne(database, s => lockRegion(s, { by, season: SEASON, region, reason, at: AT }));
  const unlock = (by: User, region: string) =>
    inOne(database, s => unlockRegion(s, { by, season: SEASON, region }));
  const holds = async (region: string) =>
    (await database.session(s => lockedBy(s, SEASON, region)))?.by ?? null;
  for (const [by, region] of [
    [city, B],
    [county, A],
    [school, A],
  ] as [User, string][]) {
    await t.rejects(lock(by, region), { code: 'region-out-of-scope' });
    await t.rejects(unlock(by, region), { code: 'region-out-of-scope' });
  }
  await t.rejects(lock(city, A, ''), { code: 'reason-required' });
  await t.rejects(unlock(city, A), { code: 'not-locked' });
  t.equal(await lock(city, A), true);
  t.equal(await lock(second, A), false);
  t.same([await holds(A), await holds('440103'), await holds(B)], [city.user, city.user, null]);
  await unlock(second, A);
  t.equal(await holds('440103'), null);
  await lock(city, '440103');
  await t.rejects(unlock(county, '440103'), { code: 'locked-by-higher-level' });
  await unlock(city, '440103');
  await lock(city, A);
  t.equal(await lock(province, A), true, 'the province takes the lock over');
  await t.rejects(unlock(city, A), { code: 'locked-by-higher-level' });
  await lock(province, '440000');
  await unlock(province, A);
  t.equal(await holds('440402'), 'province');
});
