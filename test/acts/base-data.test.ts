/**
 * 基本资料: schools, their data, registration points, plans, subjects and preference features,
 * before publication, after it, and after a dispatch; each refusal by its code.
 */
import t, { type Test } from 'tap';
import { policyFiles } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';

const CITY = '440400';
const OTHER = '440600';
const HEAD = `city-${CITY}`;
const SECOND = `city-${CITY}-2`;
const FOREIGN = `city-${OTHER}`;
const BATCH = 'vocational';
/** Before the plans are published and the province's policy is frozen. */
const EARLY = '2016-07-05T09:00';
const PUBLISHED = '2016-07-12T09:00';
const NIGHT = '2016-07-20T19:30';

/** The rule that a test sees at work is changed in YAML alone. */
const FEW_PLACES = `
  - id: few-places-at-once
    title: 一次增加的计划不超过200
    basis: sample
    applies:
      all:
        - { fact: application.kind, operator: equal, value: plan-change }
    requires:
      all:
        - { fact: application.places, operator: lessThanInclusive, value: 200 }
    refuse: too-many-places
`;

const withRule = () =>
  policyFiles((path, text) => (path === 'quotas.yaml' ? text.trimEnd() + FEW_PLACES : text));

const refuser =
  (t: Test, world: ActWorld) => (user: string, id: string, input: object, code: string) =>
    refused(t, world, [user, id, { ...input }], code);

async function one<R extends object>(world: ActWorld, sql: string, parameters: unknown[] = []) {
  const [row] = await world.query<R>(sql, parameters);
  return row as R;
}

const eventsOf = async (world: ActWorld, name: string) =>
  (
    await one<{ count: number }>(
      world,
      'select count(*)::integer as count from events where name = $1',
      [name],
    )
  ).count;

t.test('the menu 基本资料, before and after a dispatch', async t => {
  const world = await actWorld(t, { files: withRule() });
  world.at = EARLY;
  const county = (
    await one<{ code: string }>(
      world,
      'select code from regions where parent = $1 order by code limit 1',
      [CITY],
    )
  ).code;

  await t.test('schools are added, edited and disabled, never deleted with plans', async t => {
    await schools(t, world);
  });
  await t.test('what a school says of itself is kept, its account in no ledger', async t => {
    await schoolData(t, world);
  });
  await t.test('registration points belong to a county', async t => {
    await points(t, world, county);
  });
  await t.test('subjects are set as a whole, until scores are loaded', async t => {
    await subjects(t, world);
  });
  await t.test('features are defined in a city, and attached by two', async t => {
    await preferences(t, world);
  });
  await t.test('plan lines are set, and bound by publication and by what is used', async t => {
    await plans(t, world);
  });
  await t.test('after the dispatch, features and used plans are bound', async t => {
    await afterDispatch(t, world);
  });
});

async function schools(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const school = '4404999';
  const add = {
    action: 'add',
    school,
    name: '斗门技工学校',
    kind: 'technical',
    owner: 'city',
    region: CITY,
  };
  await world.do(HEAD, 'manage-schools', add);
  const row = await one(world, 'select name, kind, owner, region from schools where code = $1', [
    school,
  ]);
  t.same(row, { name: '斗门技工学校', kind: 'technical', owner: 'city', region: CITY });
  await refuse(HEAD, 'manage-schools', add, 'school-exists');
  await refuse(HEAD, 'manage-schools', { ...add, school: '1', region: OTHER }, 'out-of-scope');
  await refuse(HEAD, 'manage-schools', { ...add, school: '1', region: '1' }, 'wrong-input');
  const nowhere = { ...add, school: '1', region: '999999' };
  await refuse(HEAD, 'manage-schools', nowhere, 'unknown-region');
  const office = { ...add, school: '1', supervisor: 'nobody' };
  await refuse(HEAD, 'manage-schools', office, 'unknown-supervisor');
  await refuse(HEAD, 'manage-schools', { action: 'add', school: '1' }, 'wrong-input');
  const major = { action: 'set-major', school, major: '01', name: '数控技术' };
  await world.do(HEAD, 'manage-schools', major);
  t.match((await world.do(HEAD, 'manage-schools', major)).answer.lines, [/未作改动/]);
  await refuse(FOREIGN, 'manage-schools', major, 'out-of-scope');
  const edit = { action: 'edit', school, roster: 'external' };
  await world.do(HEAD, 'manage-schools', edit);
  const before = await eventsOf(world, 'manage-schools');
  t.match((await world.do(HEAD, 'manage-schools', edit)).answer.lines, [/未作改动/]);
  t.equal(await eventsOf(world, 'manage-schools'), before, 'no second effect');
  await refuse(HEAD, 'manage-schools', { action: 'edit', school }, 'wrong-input');
  const kinds = { action: 'edit', user: SECOND, kinds: 'vocational' };
  await world.do(HEAD, 'manage-users', kinds);
  await refuse(SECOND, 'manage-schools', edit, 'out-of-scope');
  await refuse(SECOND, 'manage-schools', { ...add, school: '2' }, 'out-of-scope');
  await world.do('province', 'manage-users', { ...kinds, kinds: '' });
  await world.do(HEAD, 'manage-schools', { action: 'delete', school });
  t.same(await world.query('select 1 from schools where code = $1', [school]), []);
  t.same(await world.query('select 1 from majors where school = $1', [school]), []);
  await refuse(HEAD, 'manage-schools', { action: 'delete', school }, 'unknown-school');
  await undeletable(t, world);
}

async function undeletable(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const { school } = await one<{ school: string }>(
    world,
    `select p.school from plan_lines p join schools s on s.code = p.school
     where p.city = $1 and s.region = $1 and p.planned > 0 order by 1 limit 1`,
    [CITY],
  );
  await refuse(HEAD, 'manage-schools', { action: 'delete', school }, 'school-has-plans');
  const { code } = await one<{ code: string }>(
    world,
    `select s.code from senior_high_admissions h join schools s on s.code = h.school
     where s.region = $1 limit 1`,
    [CITY],
  );
  await refuse(HEAD, 'manage-schools', { action: 'delete', school: code }, 'school-has-files');
  const used = {
    action: 'add',
    school: '4404998',
    name: '某校',
    kind: 'vocational',
    owner: 'city',
  };
  await world.do(HEAD, 'manage-schools', { ...used, region: CITY });
  await world.do(HEAD, 'manage-users', {
    ...{ action: 'create', user: 'mou-1', level: 'school', school: '4404998' },
    ...{ duties: 'clerk', password: 'some-first-word-1' },
  });
  const remove = { action: 'delete', school: '4404998' };
  await refuse(HEAD, 'manage-schools', remove, 'school-in-use');
  await refuse(HEAD, 'manage-schools', { action: 'disable', school }, 'wrong-input');
  await world.query(
    `insert into school_statuses values (2016, $1, $2, $3, 'finished')
     on conflict (season, school, batch, region) do update set status = 'finished'`,
    [school, BATCH, OTHER],
  );
  const statuses = () =>
    world.query(
      'select region, status from school_statuses where school = $1 and batch = $2 order by 1',
      [school, BATCH],
    );
  const stood = await statuses();
  const disable = { action: 'disable', school, reason: '停办' };
  await world.do(HEAD, 'manage-schools', disable);
  t.same(await statuses(), [
    { region: '', status: 'suspended' },
    { region: OTHER, status: 'suspended' },
  ]);
  t.match((await world.do(HEAD, 'manage-schools', disable)).answer.lines, [/未作改动/]);
  const open = { city: CITY, school, batch: BATCH, status: 'open' };
  await refuse(HEAD, 'set-school-status', open, 'school-disabled');
  await world.do(HEAD, 'manage-schools', { action: 'enable', school });
  t.same(await statuses(), stood, 'as it stood before');
}

async function schoolData(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const { code: school } = await one<{ code: string }>(
    world,
    'select code from schools where region = $1 order by code limit 1',
    [CITY],
  );
  const data = { school, address: '珠海市香洲区某路1号', account_no: '6222000011112222' };
  await world.do(HEAD, 'edit-school', data);
  t.match((await world.do(HEAD, 'edit-school', data)).answer.lines, [/未作改动/]);
  const row = await one(
    world,
    'select address, account_no, updated_by from school_details where school = $1',
    [school],
  );
  t.same(row, { address: data.address, account_no: data.account_no, updated_by: HEAD });
  const kept = await world.query(
    `select 1 from runs where request::text like '%' || $1 || '%'
     union all select 1 from events where note::text like '%' || $1 || '%'`,
    [data.account_no],
  );
  t.same(kept, []);
  await refuse(HEAD, 'edit-school', { school }, 'wrong-input');
  await refuse(HEAD, 'edit-school', { school, website: 'nowhere' }, 'wrong-input');
  await refuse(HEAD, 'edit-school', { ...data, school: '9999999' }, 'unknown-school');
  await refuse(FOREIGN, 'edit-school', data, 'out-of-scope');
}

async function points(t: Test, world: ActWorld, county: string): Promise<void> {
  const refuse = refuser(t, world);
  const { point } = await one<{ point: string }>(
    world,
    'select registration_point as point from candidates where county = $1 order by file limit 1',
    [county],
  );
  const add = { action: 'add', code: point, name: '香洲某初级中学', county };
  await world.do(`county-${county}`, 'manage-registration-points', add);
  await refuse(HEAD, 'manage-registration-points', add, 'point-exists');
  const edit = { action: 'edit', code: point, name: '香洲第一初级中学' };
  await world.do(HEAD, 'manage-registration-points', edit);
  const again = await world.do(HEAD, 'manage-registration-points', edit);
  t.match(again.answer.lines, [/未作改动/]);
  const row = await one(world, 'select name, city, county from registration_points', []);
  t.same(row, { name: '香洲第一初级中学', city: CITY, county });
  const remove = { action: 'delete', code: point };
  await refuse(HEAD, 'manage-registration-points', remove, 'point-has-candidates');
  await refuse(FOREIGN, 'manage-registration-points', edit, 'out-of-scope');
  const { code: neighbour } = await one<{ code: string }>(
    world,
    'select code from regions where parent = $1 and code <> $2 limit 1',
    [CITY, county],
  );
  const moved = { action: 'edit', code: point, county: neighbour };
  await refuse(`county-${neighbour}`, 'manage-registration-points', edit, 'out-of-scope');
  await refuse(`county-${county}`, 'manage-registration-points', moved, 'out-of-scope');
  const away = { action: 'edit', code: point, county: OTHER };
  await refuse(HEAD, 'manage-registration-points', away, 'unknown-county');
  await refuse(HEAD, 'manage-registration-points', { action: 'edit', code: 'x1' }, 'unknown-point');
  await refuse(HEAD, 'manage-registration-points', { action: 'add', code: 'x1' }, 'wrong-input');
  const province = { action: 'add', code: 'x1', name: '省直属点', county: '440000' };
  await refuse('province', 'manage-registration-points', province, 'unknown-county');
  await world.do(HEAD, 'manage-registration-points', { ...add, code: 'x2' });
  await world.do(HEAD, 'manage-registration-points', { action: 'delete', code: 'x2' });
  const gone = await world.query(`select 1 from registration_points where code = 'x2'`);
  t.same(gone, []);
}

async function subjects(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const list = [
    { code: '01', name: '语文', full: 120 },
    { code: '02', name: '数学', full: 120.5 },
  ];
  const define = { city: OTHER, subjects: list };
  await refuse(FOREIGN, 'define-subjects', define, 'scores-loaded');
  await refuse(HEAD, 'define-subjects', define, 'out-of-scope');
  const kept = await world.query('select * from scores where city = $1', [OTHER]);
  const former = await world.query<{ code: string; name: string; full: number }>(
    `select code, name, full_mark / 100.0::float as full from subjects where city = $1
     order by position`,
    [OTHER],
  );
  await world.query('delete from scores where city = $1', [OTHER]);
  await world.do(FOREIGN, 'define-subjects', define);
  const rows = await world.query(
    'select code, name, full_mark, position, slot from subjects where city = $1 order by slot',
    [OTHER],
  );
  t.same(rows, [
    { code: '01', name: '语文', full_mark: 12000, position: 1, slot: 1 },
    { code: '02', name: '数学', full_mark: 12050, position: 2, slot: 2 },
  ]);
  t.match((await world.do(FOREIGN, 'define-subjects', define)).answer.lines, [/未作改动/]);
  const [first] = list;
  await refuse(FOREIGN, 'define-subjects', { ...define, subjects: [first, first] }, 'wrong-input');
  const fine = [{ code: '01', name: '语文', full: 1.005 }];
  await refuse(FOREIGN, 'define-subjects', { ...define, subjects: fine }, 'wrong-input');
  await world.do(FOREIGN, 'define-subjects', { city: OTHER, subjects: former });
  await world.query(
    `insert into scores select * from jsonb_populate_recordset(null::scores, $1::jsonb)`,
    [JSON.stringify(kept)],
  );
}

const FEATURE = {
  id: 'island-child',
  title: '海岛户籍考生',
  kind: 'bonus',
  points: 15,
  batches: BATCH,
};

async function preferences(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const define = (input: object) => world.do(HEAD, 'define-preference', { ...input });
  t.match((await define(FEATURE)).answer.values, { changed: true, version: 2 });
  t.match((await define(FEATURE)).answer.values, { changed: false });
  const bad = (input: object, code: string) => refuse(HEAD, 'define-preference', input, code);
  await bad({ ...FEATURE, city: OTHER }, 'out-of-scope');
  await bad({ ...FEATURE, batches: 'nothing' }, 'unknown-batch');
  await bad({ ...FEATURE, points: 1.005 }, 'settings-rejected');
  await bad({ ...FEATURE, rank: 2 }, 'wrong-input');
  await bad({ id: 'island-child' }, 'wrong-input');
  await bad({ id: 'minority', remove: 'yes' }, 'base-entry');
  await bad({ id: 'nothing', remove: 'yes' }, 'no-such-entry');
  await refuse('province', 'define-preference', FEATURE, 'wrong-input');
  const { candidate_no } = await candidateWithChoices(world, CITY);
  const enter = { candidate_no, feature: FEATURE.id, evidence: '户口簿' };
  const proposed = await world.do(`${HEAD}`, 'enter-preference', enter);
  t.equal(proposed.state, 'proposed');
  const held = () =>
    world.query(
      `select p.evidence, p.confirmed_by from preferences p
       join candidates c using (season, city, file) where c.candidate_no = $1 and p.feature = $2`,
      [candidate_no, FEATURE.id],
    );
  t.same(await held(), [], 'nothing before the second person');
  await refuse(HEAD, 'enter-preference', { confirm: proposed.proposal }, 'same-person');
  await world.do(SECOND, 'enter-preference', { confirm: proposed.proposal });
  t.same(await held(), [{ evidence: '户口簿', confirmed_by: SECOND }]);
  await refuse(HEAD, 'enter-preference', { confirm: proposed.proposal }, 'unknown-proposal');
  await refuse(HEAD, 'enter-preference', enter, 'preference-there');
  await refuse(HEAD, 'enter-preference', { ...enter, feature: 'nothing' }, 'unknown-preference');
  const bare = { candidate_no, feature: 'minority' };
  await refuse(HEAD, 'enter-preference', bare, 'wrong-input');
  const remove = { ...bare, feature: 'overseas-chinese', remove: 'yes' };
  await world.query('delete from preferences where feature = $1', ['overseas-chinese']);
  await refuse(HEAD, 'enter-preference', remove, 'no-preference');
  await refuse(FOREIGN, 'enter-preference', enter, 'out-of-scope');
  await world.both(HEAD, SECOND, 'adopt-city-settings', {
    ...{ city: CITY, version: 2 },
    ...{ principles_hash: 'a'.repeat(64), principles_reference: '传真 2016-1' },
  });
}

/** In the pool, with a first choice of a school here. */
async function candidateWithChoices(world: ActWorld, city: string) {
  return one<{ candidate_no: string; file: number }>(
    world,
    `select c.candidate_no, c.file from candidates c
     join choices h using (season, city, file)
     where c.city = $1 and h.ordinal = 1 and c.total is not null
       and not exists (select from files f where (f.season, f.city, f.file)
         = (c.season, c.city, c.file))
       and not exists (select from preferences p where (p.season, p.city, p.file)
         = (c.season, c.city, c.file))
     order by c.total desc limit 1`,
    [city],
  );
}

async function plans(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const { school, major } = await one<{ school: string; major: string }>(
    world,
    `select m.school, m.code as major from majors m join schools s on s.code = m.school
     where s.region = $1 and s.kind = 'vocational' and not exists (select from plan_lines p
       where p.city = $2 and p.school = m.school and p.major = m.code)
     order by 1, 2 limit 1`,
    [CITY, OTHER],
  );
  const line = { action: 'set', city: OTHER, school, major, batch: BATCH, planned: 7 };
  const planned = async () => {
    const rows = await world.query(
      'select planned from plan_lines where city = $1 and school = $2 and major = $3',
      [OTHER, school, major],
    );
    return rows.map(row => row['planned']);
  };
  await world.do(FOREIGN, 'manage-plans', line);
  t.same(await planned(), [7]);
  t.match((await world.do(FOREIGN, 'manage-plans', line)).answer.lines, [/未作改动/]);
  await refuse(HEAD, 'manage-plans', line, 'out-of-scope');
  await refuse(FOREIGN, 'manage-plans', { ...line, major: '9999' }, 'unknown-major');
  await refuse(FOREIGN, 'manage-plans', { ...line, school: '9999999' }, 'unknown-school');
  await refuse(FOREIGN, 'manage-plans', { ...line, batch: 'nothing' }, 'unknown-batch');
  const { planned: _, ...bare } = line;
  await refuse(FOREIGN, 'manage-plans', bare, 'wrong-input');
  // The rule stands in this world's quotas.yaml alone.
  await refuse(FOREIGN, 'manage-plans', { ...line, planned: 300 }, 'too-many-places');
  await world.do(FOREIGN, 'manage-plans', { ...bare, action: 'delete' });
  t.same(await planned(), [], 'no line, which is not a line of 0');
  await refuse(FOREIGN, 'manage-plans', { ...bare, action: 'delete' }, 'unknown-line');
  world.at = PUBLISHED;
  await refuse(FOREIGN, 'manage-plans', line, 'after-publication');
  await refuse('province', 'manage-plans', line, 'after-publication');
  const approved = { ...line, approval: '粤招〔2016〕99号' };
  await refuse(FOREIGN, 'manage-plans', approved, 'after-publication');
  const { proposal } = await world.do('province', 'manage-plans', approved);
  t.same(await planned(), []);
  await refuse('province', 'manage-plans', { confirm: proposal }, 'same-person');
  await world.do('province-2', 'manage-plans', { confirm: proposal });
  t.same(await planned(), [7]);
  const event = await one(
    world,
    `select note, decision from events where name = 'manage-plans' order by at desc, event desc
     limit 1`,
  );
  t.same(event, {
    note: { before: null, after: 7, approval: '粤招〔2016〕99号' },
    decision: 'few-places-at-once',
  });
}

async function afterDispatch(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const plain = await candidateWithChoices(world, CITY);
  world.at = NIGHT;
  const [report] = await world.nightly('dispatch', '2016-07-20');
  t.equal(report?.state, 'completed', report?.error?.message ?? '');
  world.at = '2016-07-21T09:00';
  const scored = await one<{ total: number; score: number }>(
    world,
    `select c.total, d.score from preferences p join candidates c using (season, city, file)
     join decisions d using (season, city, file) where p.feature = $1`,
    [FEATURE.id],
  );
  t.equal(scored.score, scored.total + 1500, 'the feature counts in the run that follows');
  await refuse(HEAD, 'define-preference', { ...FEATURE, points: 20 }, 'batch-dispatched');
  const enter = { candidate_no: plain.candidate_no, feature: 'minority', evidence: '户口簿' };
  await refuse(HEAD, 'enter-preference', enter, 'batch-dispatched');
  const { school, major, planned } = await one<{ school: string; major: string; planned: number }>(
    world,
    `select p.school, p.major, p.planned from plan_lines p
     where p.city = $1 and p.planned > 0 and p.planned = (select count(*) from files f
       where f.city = p.city and f.school = p.school and f.major = p.major)
     order by 1, 2 limit 1`,
    [CITY],
  );
  const line = {
    action: 'set',
    city: CITY,
    school,
    major,
    batch: BATCH,
    approval: '粤招〔2016〕1号',
  };
  await refuse('province', 'manage-plans', { ...line, planned: planned - 1 }, 'below-used');
  await refuse('province', 'manage-plans', { ...line, action: 'delete' }, 'below-used');
}
