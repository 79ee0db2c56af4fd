/**
 * 考生资料管理, and who comes from and goes to a senior high: edits before and after a dispatch, and
 * corrections of scores, which list whose place would change and wait for a second officer.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { choiceCountsHold } from '../choice-counts.ts';
import { identityNumber } from '../db/package/packages.ts';
import { type ActWorld, actWorld, digest, refused } from './act-world.ts';

const CITY = '440400';
const OTHER = '440600';
const HEAD = `city-${CITY}`;
const SECOND = `city-${CITY}-2`;
const FOREIGN = `city-${OTHER}`;
const EARLY = '2016-07-12T09:00';
const NIGHT = '2016-07-20T19:30';
const MORNING = '2016-07-21T09:00';

interface Person {
  readonly candidate_no: string;
  readonly file: number;
  readonly identity_no: string;
  readonly county: string;
  readonly total: number;
}

async function one<R extends object>(world: ActWorld, sql: string, parameters: unknown[] = []) {
  const [row] = await world.query<R>(sql, parameters);
  return row as R;
}

/** People in the pool, with scores, in the order of their files. */
const people = (world: ActWorld, city: string) =>
  world.query<Person>(
    `select c.candidate_no, c.file, c.identity_no, c.county, c.total from candidates c
     where c.city = $1 and c.total is not null and not exists (select from files f
       where (f.season, f.city, f.file) = (c.season, c.city, c.file))
     order by c.file limit 20`,
    [city],
  );

const refuser = (t: Test, world: ActWorld) => (user: string, input: object, code: string) =>
  refused(t, world, [user, 'edit-candidate', { ...input }], code);

t.test('candidates, before and after a dispatch', async t => {
  const world = await actWorld(t);
  world.at = EARLY;
  await t.test('one record is edited, and what is wrong is refused', async t => {
    await edits(t, world);
  });
  await t.test('numbers and identities stay unique in the province', async t => {
    await uniqueness(t, world);
  });
  await t.test('a list is edited as a whole, or not at all', async t => {
    await lists(t, world);
  });
  await t.test('a county keeps its own people', async t => {
    await counties(t, world);
  });
  await t.test('the city marks its senior-high import complete, and the night goes on', async t => {
    await seniorHigh(t, world);
  });
  await t.test('after the dispatch, number, identity and deciding facts are bound', async t => {
    await bound(t, world);
  });
  await t.test('a correction of scores lists whose place would change, and waits', async t => {
    await corrections(t, world);
  });
});

async function edits(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const [person] = await people(world, CITY);
  const { candidate_no, file } = person as Person;
  const edit = { candidate_no, phone: '13800000000', name: '测试某', reason: '考生申请更正' };
  await world.do(HEAD, 'edit-candidate', edit);
  const row = await one(world, 'select phone, name from candidates where candidate_no = $1', [
    candidate_no,
  ]);
  t.same(row, { phone: '13800000000', name: '测试某' });
  const event = await one(
    world,
    `select from_state, to_state, note from events where city = $1 and file = $2
     order by event desc limit 1`,
    [CITY, file],
  );
  const note = { fields: ['name', 'phone'], reason: '考生申请更正' };
  t.same(event, { from_state: 'in-pool', to_state: 'in-pool', note });
  t.match((await world.do(HEAD, 'edit-candidate', edit)).answer.lines, [/未作改动/]);
  const kept = await world.query(
    `select 1 from runs where request::text ~ '测试某|13800000000'
     union all select 1 from events where note::text ~ '测试某|13800000000'`,
  );
  t.same(kept, [], 'neither ledger nor trail holds what was written');
  await world.do(HEAD, 'edit-candidate', { candidate_no, attributes: { height: 171.5 } });
  const attributes = await one<{ attributes: object }>(
    world,
    'select attributes from candidates where candidate_no = $1',
    [candidate_no],
  );
  t.match(attributes, { attributes: { height: '171.5' } });
  await refuse(HEAD, { candidate_no, attributes: { height: '高' } }, 'wrong-value');
  await refuse(HEAD, { candidate_no, attributes: { weight: 50 } }, 'wrong-value');
  await refuse(HEAD, { candidate_no, county: OTHER }, 'unknown-county');
  await refuse(HEAD, { candidate_no, scores: { nothing: 10 } }, 'unknown-subject');
  await refuse(HEAD, { candidate_no, total: 9999 }, 'wrong-value');
  await refuse(HEAD, { candidate_no, total: 1.005 }, 'wrong-value');
  await refuse(HEAD, { candidate_no, birth_date: '2001-02-30' }, 'wrong-input');
  await refuse(HEAD, { candidate_no, more: '1' }, 'wrong-input');
  await refuse(HEAD, {}, 'wrong-input');
  await refuse(HEAD, { candidate_no: '169999999999', name: '某' }, 'unknown-candidate');
  await refuse(FOREIGN, edit, 'out-of-scope');
  const point = { action: 'add', code: 'p1', name: '某中学', county: (person as Person).county };
  await world.do(HEAD, 'manage-registration-points', point);
  await refuse(HEAD, { candidate_no, registration_point: 'p9' }, 'unknown-point');
  await world.do(HEAD, 'edit-candidate', { candidate_no, registration_point: 'p1' });
  const before = await marksOf(world, candidate_no);
  const [subject] = await world.query<{ code: string; slot: number }>(
    'select code, slot from subjects where city = $1 order by slot limit 1',
    [CITY],
  );
  const { code, slot } = subject as { code: string; slot: number };
  await world.do(HEAD, 'edit-candidate', { candidate_no, scores: { [code]: 1.5 } });
  const after = await marksOf(world, candidate_no);
  t.equal(after.marks[slot - 1], 150);
  t.equal(after.total, before.total + 150 - (before.marks[slot - 1] ?? 0), 'the total follows');
}

const marksOf = (world: ActWorld, candidate: string) =>
  one<{ marks: (number | null)[]; total: number }>(
    world,
    `select s.marks, c.total from candidates c join scores s using (season, city, file)
     where c.candidate_no = $1`,
    [candidate],
  );

async function uniqueness(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const [, person] = await people(world, CITY);
  const [foreign] = await people(world, OTHER);
  const { candidate_no, file, identity_no } = person as Person;
  const taken = { candidate_no, identity_no: (foreign as Person).identity_no };
  const { birth } = await one<{ birth: string }>(
    world,
    'select birth_date::text as birth from candidates where candidate_no = $1',
    [(foreign as Person).candidate_no],
  );
  await refuse(HEAD, { ...taken, birth_date: birth }, 'duplicate-identity');
  await refuse(HEAD, { candidate_no, identity_no: '440499200001010000' }, 'wrong-identity');
  const other = { candidate_no, identity_no: identityNumber(7), birth_date: '2001-03-02' };
  await refuse(HEAD, other, 'wrong-identity');
  await world.do(HEAD, 'edit-candidate', { ...other, birth_date: '2001-03-01' });
  // The old number is free again, the new one is taken.
  const [third] = (await people(world, CITY)).slice(2);
  const next = { candidate_no: third?.candidate_no, birth_date: '2001-03-01' };
  await refuse(HEAD, { ...next, identity_no: identityNumber(7) }, 'duplicate-identity');
  const former = { ...next, identity_no, birth_date: bornIn(identity_no) };
  await world.do(HEAD, 'edit-candidate', former);
  const used = { candidate_no, new_candidate_no: (foreign as Person).candidate_no };
  await refuse(HEAD, used, 'duplicate-number');
  await world.do(HEAD, 'edit-candidate', { candidate_no, new_candidate_no: '16440499999999' });
  const row = await one(world, 'select file from candidate_numbers where candidate_no = $1', [
    '16440499999999',
  ]);
  t.same(row, { file });
  await refuse(HEAD, { candidate_no, name: '某' }, 'unknown-candidate');
}

const bornIn = (identity: string) =>
  `${identity.slice(6, 10)}-${identity.slice(10, 12)}-${identity.slice(12, 14)}`;

async function lists(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const some = (await people(world, CITY)).slice(3, 6);
  const edit = (person: Person, more: object = {}) => ({
    ...{ candidate_no: person.candidate_no, guardian: '监护人甲' },
    ...more,
  });
  const [first, second] = some as [Person, Person];
  const bad = [edit(first), edit(second, { identity_no: '1' })];
  await refuse(HEAD, { edits: bad }, 'wrong-identity');
  await refuse(HEAD, { edits: [edit(first), edit(first)] }, 'wrong-input');
  await refuse(HEAD, { edits: [{ guardian: '某' }] }, 'wrong-input');
  const [foreign] = await people(world, OTHER);
  await refuse(HEAD, { edits: [edit(first), edit(foreign as Person)] }, 'out-of-scope');
  const done = await world.do(HEAD, 'edit-candidate', { edits: some.map(each => edit(each)) });
  t.match(done.answer.counts, { edited: 3 });
  const rows = await world.query(`select 1 from candidates where guardian = '监护人甲'`);
  t.equal(rows.length, 3);
}

async function counties(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const all = await people(world, CITY);
  const [one] = all;
  const other = all.find(each => each.county !== one?.county) as Person;
  const { candidate_no, county } = one as Person;
  const edit = { candidate_no, postcode: '519000' };
  await world.do(`county-${county}`, 'edit-candidate', edit);
  await refuse(`county-${other.county}`, { ...edit, postcode: '519001' }, 'out-of-scope');
  const both = [edit, { candidate_no: other.candidate_no, postcode: '519002' }];
  await refuse(`county-${county}`, { edits: both }, 'out-of-scope');
  await refuse(`county-${county}`, { candidate_no, county: other.county }, 'out-of-scope');
  await world.do(HEAD, 'edit-candidate', { candidate_no, county: other.county });
  await choiceCountsHold(t, world, 'moved to another county');
  await world.do(HEAD, 'edit-candidate', { candidate_no, county });
  await choiceCountsHold(t, world, 'and back');
}

async function seniorHigh(t: Test, world: ActWorld): Promise<void> {
  const refuse = (user: string, id: string, input: object, code: string) =>
    refused(t, world, [user, id, { ...input }], code);
  const taken = await one<{ candidate_no: string; file: number }>(
    world,
    `select c.candidate_no, c.file from senior_high_admissions h
     join candidates c using (season, city, file) where c.city = $1 order by c.file limit 1`,
    [CITY],
  );
  const { candidate_no } = taken;
  const signed = { request_hash: 'a'.repeat(64), request_reference: '2016-放弃-1' };
  const release = { candidate_no, reason: '本人放弃普高录取', ...signed };
  await refuse(HEAD, 'release-senior-high', { candidate_no, reason: '本人放弃' }, 'wrong-input');
  await refuse(FOREIGN, 'release-senior-high', release, 'out-of-scope');
  await world.do(HEAD, 'release-senior-high', release);
  const event = await one(
    world,
    `select e.name, e.from_state, e.to_state, f.state, e.note from events e join files f
       using (season, city, file) where city = $1 and file = $2 order by e.event desc limit 1`,
    [CITY, taken.file],
  );
  t.match(event, { name: 'senior-high-release', to_state: 'in-pool', state: 'in-pool' });
  await refuse(HEAD, 'release-senior-high', release, 'not-in-senior-high');
  await world.query('update city_standings set senior_high_complete = false');
  world.at = NIGHT;
  const [early] = await world.nightly('dispatch', '2016-07-20');
  t.equal(early?.error?.code, 'senior-high-incomplete', 'without the mark no dispatch begins');
  const marked = await world.do(HEAD, 'complete-senior-high', { city: CITY });
  t.match(marked.answer.values, { late: true });
  const again = await world.do(HEAD, 'complete-senior-high', { city: CITY });
  t.match(again.answer.lines, [/未作改动/]);
  await refuse(HEAD, 'complete-senior-high', { city: OTHER }, 'out-of-scope');
  await world.query('delete from senior_high_admissions where city = $1', [OTHER]);
  await refuse(FOREIGN, 'complete-senior-high', { city: OTHER }, 'no-senior-high-data');
  await world.do(FOREIGN, 'complete-senior-high', { city: OTHER, empty: 'yes' });
  // The plans of the sample are ample; here somebody must wait for a place.
  await world.query(
    `update plan_lines set planned = 1 where city = $1 and school = (select school from choices
       where city = $1 and ordinal = 1 group by school order by count(*) desc, school limit 1)`,
    [CITY],
  );
  const reports = await world.nightly('dispatch', '2016-07-20');
  t.same(
    reports.map(report => report.state),
    ['completed', 'completed'],
  );
  world.at = MORNING;
}

/** Sent to a school in the city's run. */
const placed = (world: ActWorld, city: string) =>
  world.query<Person & { school: string; run: number }>(
    `select c.candidate_no, c.file, c.identity_no, c.county, c.total, d.school, d.run
     from decisions d join candidates c using (season, city, file)
     where d.city = $1 and d.school is not null order by d.position`,
    [city],
  );

async function bound(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const [person] = await placed(world, CITY);
  const { candidate_no, county } = person as Person;
  const number = { candidate_no, new_candidate_no: '16440499999998' };
  await refuse(HEAD, number, 'number-after-dispatch');
  await refuse(HEAD, { candidate_no, identity_no: identityNumber(8) }, 'identity-after-dispatch');
  await refuse(HEAD, { candidate_no, identity_type: '护照' }, 'identity-after-dispatch');
  await refuse(HEAD, { candidate_no, origin: 'veteran' }, 'file-at-school');
  await refuse(HEAD, { candidate_no, attributes: { height: 100 } }, 'file-at-school');
  const { code } = await one<{ code: string }>(
    world,
    'select code from regions where parent = $1 and code <> $2 limit 1',
    [CITY, county],
  );
  await refuse(HEAD, { candidate_no, county: code }, 'file-at-school');
  await world.do(HEAD, 'edit-candidate', { candidate_no, phone: '13900000000' });
  const unplaced = await one<{ candidate_no: string }>(
    world,
    'select candidate_no from decisions where city = $1 and school is null limit 1',
    [CITY],
  );
  const other = { ...unplaced, new_candidate_no: '16440499999998' };
  await refuse(HEAD, other, 'number-after-dispatch');
}

async function corrections(t: Test, world: ActWorld): Promise<void> {
  const refuse = refuser(t, world);
  const list = await placed(world, CITY);
  // Somebody waits for the place of the last one on a full list.
  const full = await one<{ school: string }>(
    world,
    `select o.school from school_outcomes o where o.city = $1 and o.room_after <= 0 and o.sent > 0
       and exists (select from decisions d join choices h using (season, city, file)
         where d.city = o.city and d.run = o.run and h.school = o.school
           and d.reasons like '%' || h.ordinal || ':full%')
     order by o.sent desc limit 1`,
    [CITY],
  );
  const person = list.find(each => each.school === full.school) as (typeof list)[number];
  const { candidate_no, county, run } = person;
  const edit = { candidate_no, total: 0 };
  await refuse(HEAD, edit, 'wrong-input');
  const wanted = { ...edit, reason: '登分有误' };
  await refuse(FOREIGN, wanted, 'out-of-scope');
  await refuse(`county-${county}`, wanted, 'correction-by-city');
  const standing = await digestOf(world);
  const { answer } = await world.do(HEAD, 'edit-candidate', wanted);
  t.same(await digestOf(world), standing, 'no file, list or score has changed');
  const [finding] = answer.findings ?? [];
  t.match(finding, { property: 'score-correction', city: CITY, aboutRun: run });
  const changes = finding?.rows as readonly { candidate_no: string; from: string; to: string }[];
  const own = changes.find(each => each.candidate_no === candidate_no);
  t.match(own, { from: person.school, to: null }, 'below every line with no points');
  const next = changes.find(each => each.to === person.school);
  t.ok(next !== undefined, 'somebody else would have had the place');
  const kept = await one<{ affected: { run: number; changes: unknown[] }[]; state: string }>(
    world,
    'select affected, state from score_corrections',
  );
  t.equal(kept.state, 'open');
  t.same(kept.affected[0]?.changes, changes);
  const found = await one(world, `select row_count from findings where property = $1`, [
    'score-correction',
  ]);
  t.same(found, { row_count: changes.length });
  const correction = (
    await one<{ correction: number }>(world, 'select correction from score_corrections')
  ).correction;
  await refuse(HEAD, wanted, 'correction-open');
  await refuse(HEAD, { correction, verdict: 'approve' }, 'same-person');
  await refuse(SECOND, { correction }, 'wrong-input');
  await refuse(SECOND, { correction, verdict: 'refuse' }, 'wrong-input');
  await refuse(SECOND, { correction: 999, verdict: 'approve' }, 'unknown-correction');
  await refuse(SECOND, { correction, verdict: 'approve', candidate_no }, 'wrong-input');
  await refuse(FOREIGN, { correction, verdict: 'approve' }, 'out-of-scope');
  await refuse(`county-${county}`, { correction, verdict: 'approve' }, 'out-of-scope');
  const refusal = { correction, verdict: 'refuse', reason: '查无依据' };
  await world.do(SECOND, 'edit-candidate', refusal);
  t.same(await digestOf(world), standing);
  await refuse(SECOND, refusal, 'unknown-correction');
  await again(t, world, wanted);
}

/** The input read from the database when its package is gone; then approved. */
async function again(
  t: Test,
  world: ActWorld,
  wanted: { candidate_no: string; total: number; reason: string },
): Promise<void> {
  const refuse = refuser(t, world);
  const former = await world.query('select affected from score_corrections');
  await rm(join(world.home, 'packages'), { recursive: true });
  const { answer } = await world.do(HEAD, 'edit-candidate', wanted);
  t.match(answer.lines, [/第 2 号/]);
  const both = await world.query('select affected from score_corrections order by correction');
  t.same(both[1], former[0], 'the same from the database as of before the run');
  await world.query('update candidates set total = total + 50 where candidate_no = $1', [
    wanted.candidate_no,
  ]);
  const approve = { correction: 2, verdict: 'approve' };
  await refuse(SECOND, approve, 'correction-stale');
  await world.query('update candidates set total = total - 50 where candidate_no = $1', [
    wanted.candidate_no,
  ]);
  await world.do(SECOND, 'edit-candidate', approve);
  const row = await one(world, 'select total from candidates where candidate_no = $1', [
    wanted.candidate_no,
  ]);
  t.same(row, { total: 0 });
  const { state } = await one<{ state: string }>(
    world,
    `select f.state from files f join candidates c using (season, city, file)
     where c.candidate_no = $1`,
    [wanted.candidate_no],
  );
  t.equal(state, 'dispatched', 'where the file goes is for the officers to say');
  const before = await digest(world.database);
  const repeat = await world.do(HEAD, 'edit-candidate', wanted);
  t.match(repeat.answer.lines, [/未作改动/]);
  t.not(await digest(world.database), before, 'but for its line in the ledger');
}

/** What a correction must not touch before it is decided. */
async function digestOf(world: ActWorld): Promise<unknown> {
  return world.query(
    `select (select md5(string_agg(f::text, '|' order by file)) from
         (select city, file, state, school, major, list from files) f) as files,
       (select md5(string_agg(c::text, '|' order by file)) from
         (select file, total from candidates) c) as totals,
       (select md5(string_agg(s::text, '|' order by file)) from scores s) as scores,
       (select md5(string_agg(l::text, '|' order by city, list)) from dispatch_lists l) as lists`,
  );
}
