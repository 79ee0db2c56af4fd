/**
 * 系统管理: functions, users, locks, passwords, sessions and declarations, through the runner; each
 * refusal by its code, and no secret anywhere in the database.
 */
import t, { type Test } from 'tap';
import { SAMPLE_PASSWORD } from '../../db/access/sample-users.ts';
import { openSession, seeSession } from '../../db/access/sessions.ts';
import { signIn } from '../../db/access/sign-in.ts';
import { readUser, type User } from '../../db/access/user.ts';
import type { CodedError } from '../../engine/errors.ts';
import { CityPolicies } from '../../jobs/act/city-policies.ts';
import { findFunction } from '../../jobs/act/registry.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import { findReport, withContent } from '../../reports/registry.ts';
import { SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';

const CITY = '440400';
const OTHER = '440600';
const HEAD = `city-${CITY}`;
const SECOND = `city-${CITY}-2`;
const FIRST_PASSWORD = 'kaiping-2016-one';
const NEW_PASSWORD = 'zhuhai-2016-two';

async function userOf(world: ActWorld, name: string): Promise<User> {
  return world.database.transaction(async session => {
    const policy = await new CityPolicies(session, SEASON).of(null);
    return (await readUser(session, SEASON, name, policy)) as User;
  });
}

async function eventsOf(world: ActWorld, name: string): Promise<number> {
  const [row] = await world.query<{ count: number }>(
    'select count(*)::integer as count from events where name = $1',
    [name],
  );
  return row?.count ?? 0;
}

/** A county and a school of the city, and a county and a school of the other one. */
async function places(world: ActWorld) {
  const of = async (city: string) => {
    const [county] = await world.query<{ code: string }>(
      `select code from regions where parent = $1 order by code limit 1`,
      [city],
    );
    const [school] = await world.query<{ code: string }>(
      `select code from schools where region = $1 and kind = 'vocational' order by code limit 1`,
      [city],
    );
    return { county: county?.code as string, school: school?.code as string };
  };
  return { own: await of(CITY), other: await of(OTHER) };
}

/** As somebody who speaks through a session. */
async function through(
  world: ActWorld,
  token: string,
  [user, id, input = {}]: readonly [string, string, Readonly<Record<string, unknown>>?],
) {
  return runAct(await findFunction(id), { user, input, token }, world.environment());
}

async function signedIn(world: ActWorld, user: string, token: string): Promise<void> {
  const at = parseInstant(world.at);
  await world.database.transaction(s => openSession(s, { user, token, at }));
}

const open = (world: ActWorld, token: string) =>
  world.database.transaction(s => seeSession(s, token, parseInstant(world.at)));

/** The report `contacts` for the city. */
async function contactsOf(world: ActWorld) {
  const now = () => parseInstant(world.at);
  const context = { database: world.database, season: SEASON, actor: HEAD, unmasked: false, now };
  return withContent(findReport('contacts'), context, { city: CITY }, async ({ content }) => {
    return content.rows['contacts'] as readonly Record<string, unknown>[];
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: CodedError) => error.code,
  );
}

t.test('the menu 系统管理', async t => {
  const world = await actWorld(t);
  const { own, other } = await places(world);

  t.test('functions are granted and removed, to a user', async t => {
    const county = `county-${own.county}`;
    const grant = { user: county, functions: 'lock-system edit-school' };
    await refused(
      t,
      world,
      [county, 'lock-system', { action: 'lock', reason: '试' }],
      'wrong-input',
    );
    const lock = { action: 'lock', reason: '核对数据' };
    await refused(t, world, [county, 'lock-system', lock], 'no-function');
    t.match((await world.do(HEAD, 'grant-functions', grant)).answer.values, {
      changed: ['edit-school', 'lock-system'],
    });
    t.ok((await userOf(world, county)).functions.has('lock-system'));
    await world.do(county, 'lock-system', lock);
    await world.do(county, 'lock-system', { action: 'unlock' });
    const before = await eventsOf(world, 'grant-functions');
    t.match((await world.do(HEAD, 'grant-functions', grant)).answer.lines, [/未作改动/]);
    t.equal(await eventsOf(world, 'grant-functions'), before, 'no second effect');
    await world.do(HEAD, 'grant-functions', { ...grant, remove: 'yes' });
    await refused(t, world, [county, 'lock-system', lock], 'no-function');
  });

  t.test('functions are granted to a duty in a region, for all who have it', async t => {
    const clerk = `school-${own.school}-clerk`;
    const foreign = `school-${other.school}-clerk`;
    const grant = { duty: 'clerk', functions: 'apply-transfer' };
    await world.do(HEAD, 'grant-functions', grant);
    t.ok((await userOf(world, clerk)).functions.has('apply-transfer'));
    t.notOk((await userOf(world, foreign)).functions.has('apply-transfer'), 'not elsewhere');
    const county = { duty: 'data', region: own.county, functions: 'recall-file' };
    await world.do(HEAD, 'grant-functions', county);
    t.ok((await userOf(world, `county-${own.county}`)).functions.has('recall-file'));
    await world.do(HEAD, 'grant-functions', { ...grant, remove: 'yes' });
    t.notOk((await userOf(world, clerk)).functions.has('apply-transfer'));
    const lower = { duty: 'clerk', functions: 'register-students', remove: 'yes' };
    await world.do('province', 'grant-functions', { ...lower, region: CITY });
    t.notOk((await userOf(world, clerk)).functions.has('register-students'), 'policy removed');
    t.ok((await userOf(world, `school-${own.school}`)).functions.has('register-students'));
    const again = { duty: 'clerk', functions: 'register-students', region: CITY };
    await world.do('province', 'grant-functions', again);
  });

  t.test('grants that nobody may give are refused', async t => {
    const grant = (more: object) => ({ functions: 'recall-file', ...more });
    const refuse = (user: string, input: object, code: string) =>
      refused(t, world, [user, 'grant-functions', { ...input }], code);
    await refuse(HEAD, grant({ user: HEAD }), 'self-elevation');
    await refuse(HEAD, grant({ duty: 'review' }), 'self-elevation');
    await refuse(HEAD, grant({ user: 'province-2' }), 'out-of-scope');
    await refuse(HEAD, grant({ user: `city-${OTHER}` }), 'out-of-scope');
    await refuse(HEAD, grant({ duty: 'clerk', region: OTHER }), 'out-of-scope');
    await refuse(HEAD, grant({ duty: 'clerk', region: '999999' }), 'unknown-region');
    await refuse(HEAD, grant({ user: 'nobody' }), 'unknown-user');
    await refuse(HEAD, { user: SECOND, functions: 'recal-file' }, 'unknown-function');
    await refuse(HEAD, grant({ duty: 'nobody' }), 'unknown-duty');
    await refuse(HEAD, grant({}), 'wrong-input');
    await refuse(HEAD, grant({ user: SECOND, duty: 'clerk' }), 'wrong-input');
    await refuse(HEAD, { user: SECOND, functions: 'lift-declaration' }, 'lacks-function');
    const beyond = { duty: 'data', region: own.county, functions: 'lift-declaration' };
    await refuse(HEAD, beyond, 'lacks-function');
    await refuse(`school-${own.school}`, grant({ user: SECOND }), 'wrong-side');
  });

  t.test('users are made, signed in, edited, disabled, and never deleted with history', async t => {
    const officer = 'li-zhuhai';
    const made = {
      action: 'create',
      user: officer,
      level: 'city',
      region: CITY,
      duties: 'data review',
      person: '李某某',
      unit: '珠海市招办',
      mobile: '13800000001',
      password: FIRST_PASSWORD,
    };
    await world.do(HEAD, 'manage-users', made);
    const [row] = await world.query(
      'select person, unit, mobile, duties from users where user_name = $1',
      [officer],
    );
    t.same(row, {
      person: '李某某',
      unit: '珠海市招办',
      mobile: '13800000001',
      duties: ['data', 'review'],
    });
    t.match(
      (await contactsOf(world)).find(each => each['person'] === '李某某'),
      { unit: '珠海市招办', mobile: '13800000001', dutyTitle: '数据管理' },
      'annex 2, as the report publishes it',
    );
    await refused(t, world, [HEAD, 'manage-users', made], 'user-exists');
    const [line] = await world.query<{ request: Record<string, unknown> }>(
      `select request from runs where job = 'manage-users' order by run desc limit 1`,
    );
    t.match(line?.request, { password: '***', user: officer, personal: /^[0-9a-f]{64}$/ });
    t.notOk('person' in (line?.request ?? {}), 'no name in the ledger');
    const edit = { action: 'edit', user: officer, phone: '0756-2220000' };
    await refused(t, world, [officer, 'manage-users', edit], 'password-change-needed');
    await world.do(HEAD, 'manage-users', edit);
    t.match((await world.do(HEAD, 'manage-users', edit)).answer.lines, [/未作改动/]);
    const deleted = { action: 'delete', user: officer };
    await world.do(HEAD, 'manage-users', deleted);
    t.same(await world.query('select 1 from users where user_name = $1', [officer]), []);
    await world.do(HEAD, 'manage-users', made);
    const change = { old: FIRST_PASSWORD, new: NEW_PASSWORD };
    await world.do(officer, 'change-password', change);
    await refused(t, world, [HEAD, 'manage-users', deleted], 'user-has-history');
    await world.do(HEAD, 'manage-users', { action: 'disable', user: officer });
    await refused(t, world, [officer, 'log-out'], 'user-disabled');
    const twice = await world.do(HEAD, 'manage-users', { action: 'disable', user: officer });
    t.match(twice.answer.lines, [/未作改动/]);
    await world.do(HEAD, 'manage-users', { action: 'enable', user: officer });
    const reset = { action: 'reset-password', user: officer, password: 'gaolan-2016-three' };
    await world.do(HEAD, 'manage-users', reset);
    t.ok((await userOf(world, officer)).mustChangePassword);
  });

  t.test('users that nobody may make or change are refused', async t => {
    const made = {
      action: 'create',
      user: 'wang-1',
      level: 'city',
      region: CITY,
      password: FIRST_PASSWORD,
    };
    const refuse = (user: string, input: object, code: string) =>
      refused(t, world, [user, 'manage-users', { ...input }], code);
    await refuse(HEAD, { ...made, region: OTHER }, 'out-of-scope');
    await refuse(HEAD, { ...made, level: 'province', region: '440000' }, 'out-of-scope');
    await refuse(HEAD, { ...made, level: 'province' }, 'wrong-user-data');
    await refuse(HEAD, { ...made, level: 'county' }, 'wrong-user-data');
    await refuse(HEAD, { ...made, password: 'short1' }, 'weak-password');
    await refuse(HEAD, { ...made, duties: 'nothing' }, 'unknown-duty');
    await refuse(HEAD, { action: 'create', user: 'wang-1' }, 'wrong-input');
    await refuse(HEAD, { ...made, level: 'school' }, 'wrong-input');
    await refuse(HEAD, { ...made, level: 'school', school: '9999999' }, 'unknown-school');
    await refuse(HEAD, { ...made, level: 'school', school: other.school }, 'out-of-scope');
    await refuse(HEAD, { action: 'disable', user: HEAD }, 'own-account');
    await refuse(HEAD, { action: 'edit', user: HEAD, duties: 'head' }, 'own-account');
    await refuse(HEAD, { action: 'edit', user: SECOND }, 'wrong-input');
    await refuse(HEAD, { action: 'disable', user: 'nobody' }, 'unknown-user');
    await refuse(HEAD, { action: 'disable', user: `city-${OTHER}` }, 'out-of-scope');
    await refuse(HEAD, { action: 'delete', user: SECOND }, 'user-has-history');
    await refuse(`county-${own.county}`, made, 'no-function');
    await world.do('province', 'grant-functions', {
      user: SECOND,
      functions: 'adopt-city-settings',
      remove: 'yes',
    });
    await refuse(SECOND, { ...made, duties: 'head' }, 'lacks-function');
    await world.do('province', 'grant-functions', {
      user: SECOND,
      functions: 'adopt-city-settings',
    });
  });

  t.test('a region is locked with all below it, and opened by the same level or above', async t => {
    const lock = { action: 'lock', reason: '投档前核对' };
    const county = { ...lock, region: own.county };
    await world.do(HEAD, 'lock-system', lock);
    t.match((await world.do(SECOND, 'lock-system', lock)).answer.lines, [/未作改动/]);
    const [candidate] = await world.query<{ candidate_no: string }>(
      'select candidate_no from candidates where city = $1 order by file limit 1',
      [CITY],
    );
    const recall = { ...candidate, reason: '学校逾期未处理' };
    await refused(t, world, [HEAD, 'recall-file', recall], 'region-locked');
    await world.do('province', 'lock-system', { ...lock, region: CITY });
    const unlock = { action: 'unlock' };
    await refused(t, world, [HEAD, 'lock-system', unlock], 'locked-by-higher-level');
    await refused(t, world, [HEAD, 'lock-system', { ...lock, region: OTHER }], 'out-of-scope');
    await refused(t, world, [HEAD, 'lock-system', { ...lock, region: '440000' }], 'out-of-scope');
    await refused(t, world, [HEAD, 'lock-system', { action: 'lock' }], 'wrong-input');
    await world.do('province', 'lock-system', { ...unlock, region: CITY });
    await refused(t, world, [HEAD, 'lock-system', unlock], 'not-locked');
    await world.do(HEAD, 'lock-system', county);
    const [inCounty] = await world.query<{ candidate_no: string }>(
      'select candidate_no from candidates where county = $1 order by file limit 1',
      [own.county],
    );
    const there = { ...inCounty, reason: '学校逾期未处理' };
    await refused(t, world, [HEAD, 'recall-file', there], 'region-locked');
    await world.do(HEAD, 'lock-system', { ...unlock, region: own.county });
  });

  t.test(
    'a locked screen opens by the password; wrong ones are counted though refused',
    async t => {
      const leader = `school-${own.school}`;
      await signedIn(world, leader, 'token-1');
      await refused(t, world, [leader, 'lock-session', { action: 'lock' }], 'no-session');
      await through(world, 'token-1', [leader, 'lock-session', { action: 'lock' }]);
      t.equal((await open(world, 'token-1'))?.locked, true);
      const declare: [string, string, object] = [leader, 'declare-relatives', { relatives: '' }];
      t.equal(await codeOf(through(world, 'token-1', declare as never)), 'screen-locked');
      const wrong = { action: 'unlock', password: 'not-this-one-1' };
      const failures = async () => {
        const [row] = await world.query<{ count: number }>(
          'select failed_sign_ins as count from users where user_name = $1',
          [leader],
        );
        return row?.count;
      };
      for (const count of [1, 2]) {
        const tried = through(world, 'token-1', [leader, 'lock-session', wrong]);
        t.equal(await codeOf(tried), 'wrong-sign-in');
        t.equal(await failures(), count);
      }
      const [line] = await world.query(
        `select state, error ->> 'code' as code, request from runs
       where job = 'lock-session' order by run desc limit 1`,
      );
      const request = { action: 'unlock', password: '***' };
      t.same(line, { state: 'refused', code: 'wrong-sign-in', request });
      const bare = through(world, 'token-1', [leader, 'lock-session', { action: 'unlock' }]);
      t.equal(await codeOf(bare), 'wrong-input');
      const right = { action: 'unlock', password: SAMPLE_PASSWORD };
      await through(world, 'token-1', [leader, 'lock-session', right]);
      t.equal((await open(world, 'token-1'))?.locked, false);
      t.equal(await failures(), 0);
      const foreign = through(world, 'token-1', [HEAD, 'log-out']);
      t.equal(await codeOf(foreign), 'no-session', 'a session of somebody else');
      await refused(t, world, [HEAD, 'lock-session', { action: 'lock' }], 'wrong-side');
    },
  );

  t.test('an officer without the function locks the own screen all the same', async t => {
    const county = `county-${other.county}`;
    await signedIn(world, county, 'token-2');
    await through(world, 'token-2', [county, 'lock-system', { action: 'lock-screen' }]);
    const open = { action: 'unlock-screen', password: SAMPLE_PASSWORD };
    await through(world, 'token-2', [county, 'lock-system', open]);
    await refused(t, world, [county, 'lock-system', { action: 'unlock' }], 'no-function');
    await refused(t, world, [county, 'lock-system', { action: 'lock-screen' }], 'no-session');
  });

  t.test('a session ends on the server', async t => {
    const leader = `school-${own.school}`;
    await through(world, 'token-1', [leader, 'log-out']);
    t.equal(await open(world, 'token-1'), null);
    t.equal(await codeOf(through(world, 'token-1', [leader, 'log-out'])), 'no-session');
    await refused(t, world, [leader, 'log-out'], 'no-session');
  });

  await passwords(t, world, own.school);
  await declarations(t, world);

  t.test('no password stands anywhere in the database', async t => {
    const tables = await world.query<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    t.ok(tables.length > 30);
    for (const { name } of tables) {
      const [row] = await world.query<{ count: number }>(
        `select count(*)::integer as count from ${name} t where t::text ~ $1`,
        [[FIRST_PASSWORD, NEW_PASSWORD, 'not-this-one-1', 'gaolan-2016-three'].join('|')],
      );
      t.equal(row?.count, 0, name);
    }
    const [kept] = await world.query<{ count: number }>(
      `select count(*)::integer as count from runs where request::text like '%***%'`,
    );
    t.ok((kept?.count ?? 0) > 4, 'the ledger says that there was one');
  });
});

async function passwords(t: Test, world: ActWorld, school: string): Promise<void> {
  await t.test(
    'a password is changed by the old one; weak and reused ones are refused',
    async t => {
      const leader = `school-${school}`;
      const change = (old: string, next: string) => ({ old, new: next });
      const code = (input: object) => codeOf(world.do(leader, 'change-password', { ...input }));
      t.equal(await code(change('wrong-one-111', NEW_PASSWORD)), 'wrong-old-password');
      const [row] = await world.query(
        'select failed_sign_ins as n from users where user_name = $1',
        [leader],
      );
      t.same(row, { n: 1 }, 'a wrong old password counts');
      const refuse = (next: string, why: string) =>
        t.test(why, async t => {
          t.equal(await code(change(SAMPLE_PASSWORD, next)), why);
        });
      await refuse('short', 'weak-password');
      await refuse(SAMPLE_PASSWORD, 'weak-password');
      await signedIn(world, leader, 'here');
      await signedIn(world, leader, 'elsewhere');
      const done = [leader, 'change-password', change(SAMPLE_PASSWORD, NEW_PASSWORD)] as const;
      t.match((await through(world, 'here', done)).answer.lines, [/其他 1 处/]);
      t.ok(await open(world, 'here'));
      t.equal(await open(world, 'elsewhere'), null);
      const at = parseInstant(world.at);
      const given = { user: leader, password: NEW_PASSWORD, at };
      t.match(await world.database.transaction(s => signIn(s, given)), { signedIn: true });
      t.equal(await code(change(NEW_PASSWORD, NEW_PASSWORD)), 'reused-password');
      for (const _ of [1, 2, 3, 4]) await code(change('wrong-one-111', FIRST_PASSWORD));
      t.equal(await code(change('wrong-one-111', FIRST_PASSWORD)), 'sign-in-locked');
    },
  );
}

async function declarations(t: Test, world: ActWorld): Promise<void> {
  await t.test('relatives are declared and added, and only the province lifts', async t => {
    const declare = (user: string, relatives: string) =>
      world.do(user, 'declare-relatives', { relatives });
    const [candidate] = await world.query<{ candidate_no: string }>(
      'select candidate_no from candidates where city = $1 order by file limit 1',
      [OTHER],
    );
    const relative = candidate?.candidate_no as string;
    t.match((await declare(SECOND, '')).answer.lines, [/未作改动/]);
    await declare(SECOND, relative);
    t.same((await userOf(world, SECOND)).declaration, { relatives: [relative] });
    await refused(t, world, [SECOND, 'declare-relatives', { relatives: '' }], 'already-declared');
    const unknown = { relatives: '169999999999' };
    await refused(t, world, [SECOND, 'declare-relatives', unknown], 'unknown-relative');
    await refused(t, world, [SECOND, 'declare-relatives'], 'wrong-input');
    const lift = { user: SECOND, reason: '考生号写错' };
    await refused(t, world, [HEAD, 'lift-declaration', lift], 'wrong-level');
    const nobody = { ...lift, user: 'nobody' };
    await refused(t, world, ['province', 'lift-declaration', nobody], 'unknown-user');
    await world.do('province', 'lift-declaration', lift);
    t.equal((await userOf(world, SECOND)).declaration, null);
    await refused(t, world, ['province', 'lift-declaration', lift], 'no-declaration');
    const [kept] = await world.query(
      `select relatives, lifted_by, lifted_reason from relative_declarations
       where user_name = $1 and lifted_at is not null`,
      [SECOND],
    );
    t.same(kept, { relatives: [relative], lifted_by: 'province', lifted_reason: '考生号写错' });
    const said = await world.query(
      `select 1 from events where name = 'declare-relatives' and note::text like '%' || $1 || '%'`,
      [relative],
    );
    t.same(said, [], 'whose relative one is stands in the declaration alone');
    await declare(SECOND, '');
  });
}
