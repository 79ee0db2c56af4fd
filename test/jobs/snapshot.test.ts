/** Daily snapshots of a city with its own system: from the inbox at the hour, late, and by hand. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyChain } from '../../db/trail.ts';
import { FAIL_POINTS } from '../../jobs/run/fail-points.ts';
import type { RunReport } from '../../jobs/run/run.ts';
import { findReport, withContent } from '../../reports/registry.ts';
import { digest, refused } from '../acts/act-world.ts';
import { SEASON } from './night-world.ts';
import {
  OTHER,
  OWN,
  ownSystemFiles,
  placeOf,
  poolOf,
  type SnapshotWorld,
  snapshotWorld,
} from './snapshot-world.ts';

const ID = 'import-city-snapshot';
const OFFICER = `city-${OWN}`;
const SECOND = `city-${OWN}-2`;

function done(t: Test, report: RunReport) {
  t.equal(report.state, 'completed', report.error?.message ?? '');
  const { counts = {}, findings = [] } = report.result ?? {};
  return { counts, properties: findings.map(finding => finding.property), findings };
}

async function snapshots(world: SnapshotWorld) {
  return world.query<{ snapshot: number; state: string; late: boolean; day: string }>(
    `select snapshot, state, late, business_date::text as day, row_count, added, changed, vanished,
       unchanged, conflicts, confirmed_by, arrived_by, declared_empty
     from snapshots where city = $1 order by snapshot`,
    [OWN],
  );
}

async function eventsOf(world: SnapshotWorld, run: number | null) {
  return world.query<Record<string, unknown>>(
    `select e.name, e.from_state, e.to_state, e.school, c.candidate_no, e.note
     from events e left join candidates c using (season, city, file)
     where e.city = $1 and e.run = $2 order by e.event`,
    [OWN, run],
  );
}

t.test('the day’s snapshot is applied at the hour, and compared with the former one', async t => {
  const world = await snapshotWorld(t);
  const { row, file, candidates } = world;
  await world.arrive('2016-07-20', [
    row(0, 0),
    row(1, 0),
    row(2, 1),
    row(3, 1),
    row(4, 1),
    row(5, 2),
  ]);
  const first = await world.cutOff('2016-07-20');
  t.match(done(t, first), {
    counts: { snapshots: 1, added: 6, changed: 0, vanished: 0, late: 0 },
    properties: [],
  });
  t.same(await file(candidates[1] as string), {
    state: 'admitted',
    ...world.places[0],
    batch: 'vocational',
    phase: 'phase-1',
    letter: 2,
    since: '2016-07-20',
  });
  const events = await eventsOf(world, first.run);
  t.equal(events.length, 7);
  t.match(events[0], { name: ID, candidate_no: null, note: { snapshot: 1, state: 'applied' } });
  t.match(events[1], {
    name: 'city-snapshot',
    from_state: 'in-pool',
    to_state: 'admitted',
    candidate_no: candidates[0],
    note: { snapshot: 1, letter: 1 },
  });
  t.same(placeOf(world.home, '2016-07-20'), ['archive']);
  const plan = await world.query(
    `select count(*)::integer as used from files where city = $1 and school = $2
       and batch = 'vocational' and state = 'admitted'`,
    [OWN, world.places[0]?.school],
  );
  t.same(plan, [{ used: 2 }], 'the plan of the school counts them');
  // The next day: 0 elsewhere, 4 no longer, 6 new.
  const next = [row(0, 1), row(1, 0), row(2, 1), row(3, 1), row(5, 2), row(6, 2, '2016-07-21')];
  await world.arrive('2016-07-21', next);
  const second = await world.cutOff('2016-07-21');
  t.match(done(t, second).counts, { added: 1, changed: 1, vanished: 1, snapshotConflicts: 0 });
  t.match(await file(candidates[0] as string), {
    ...world.places[1],
    state: 'admitted',
    letter: 4,
  });
  t.match(await file(candidates[4] as string), { state: 'in-pool', school: null, phase: null });
  t.match(await file(candidates[6] as string), { state: 'admitted' });
  t.same(
    (await eventsOf(world, second.run))
      .slice(1)
      .map(event => [event['from_state'], event['to_state']]),
    [
      ['admitted', 'admitted'],
      ['admitted', 'in-pool'],
      ['in-pool', 'admitted'],
    ],
  );
  t.match((await eventsOf(world, second.run))[1], {
    school: world.places[1]?.school,
    note: { former_school: world.places[0]?.school },
  });
  const kept = await world.query('select distinct snapshot from snapshot_rows order by 1');
  t.same(kept, [{ snapshot: 1 }, { snapshot: 2 }]);
  const { fault } = await world.database.session(s => verifyChain(s, SEASON, OWN));
  t.equal(fault ?? null, null);
});

t.test('the same content again changes nothing, and on the next day it is that day’s', async t => {
  const world = await snapshotWorld(t);
  const { row } = world;
  await world.arrive('2016-07-20', [row(0, 0), row(1, 0)]);
  done(t, await world.cutOff('2016-07-20'));
  const files = await world.query('select * from files order by city, file');
  await world.arrive('2016-07-20', [row(0, 0), row(1, 0)]);
  t.match(done(t, await world.importNight('2016-07-20')).counts, { snapshots: 1, added: 0 });
  t.equal((await snapshots(world)).length, 1, 'known already');
  await world.arrive('2016-07-21', [row(0, 0), row(1, 0)]);
  t.match(done(t, await world.cutOff('2016-07-21')).counts, { added: 0, vanished: 0, late: 0 });
  t.match(await snapshots(world), [{}, { day: '2016-07-21', state: 'applied', unchanged: 2 }]);
  t.same(await world.query('select * from files order by city, file'), files);
  const fates = await world.query('select fate from inbox_arrivals order by run');
  t.same(fates, [{ fate: 'accepted' }, { fate: 'unchanged' }, { fate: 'accepted' }]);
});

/** What the morning page says of the city. */
async function lateInTheMorning({ database }: SnapshotWorld, date: string): Promise<unknown[]> {
  const now = () => new Date(`${date}T20:00:00+08:00`);
  const context = { database, season: SEASON, actor: 'schedule', unmasked: false, now };
  return withContent(findReport('morning'), context, { date }, async ({ content }) => {
    const rows = content.rows['late'] as readonly Record<string, unknown>[];
    return rows.filter(row => row['city'] === OWN).map(row => row['late']);
  });
}

t.test('a city of which nothing has come is late, and so is what comes afterwards', async t => {
  const world = await snapshotWorld(t);
  const job = { database: world.database, season: SEASON };
  const cutOff = (await import('../../jobs/nightly/cut-off.ts')).cutOffJob;
  t.same(await cutOff.plan({ ...job, businessDate: '2016-07-20' }), [{ city: OWN }]);
  t.same(await cutOff.plan({ ...job, businessDate: '2016-07-30' }), [], 'no phase is open');
  const waiting = await world.arrive('2016-07-20', [world.row(0, 0)], { done: false });
  const missing = done(t, await world.cutOff('2016-07-20'));
  t.match(missing, { counts: { late: 1, snapshots: 0 }, properties: ['snapshot-missing'] });
  t.ok(existsSync(waiting), 'half-written: untouched');
  t.same(await lateInTheMorning(world, '2016-07-20'), ['当日的录取快照没有送达']);
  await writeFile(join(waiting, '.done'), '');
  const night = done(t, await world.importNight('2016-07-20'));
  t.match(night.counts, { snapshots: 1, added: 1 });
  t.ok(night.properties.includes('snapshot-late'));
  t.match(await snapshots(world), [{ late: true, state: 'applied', day: '2016-07-20' }]);
  t.same(await lateInTheMorning(world, '2016-07-20'), []);
  // Yesterday's, today: late, whichever job takes it.
  await world.arrive('2016-07-21', [world.row(0, 0), world.row(1, 0)]);
  const next = done(t, await world.cutOff('2016-07-22'));
  t.same(next.properties, ['snapshot-missing', 'snapshot-late']);
});

t.test('what the platform holds is never overwritten: it is a conflict, and stays one', async t => {
  const world = await snapshotWorld(t);
  const { row, candidates, query } = world;
  const day1 = [0, 1, 2, 3, 4].map(each => row(each, 0));
  await world.arrive('2016-07-20', day1);
  done(t, await world.cutOff('2016-07-20'));
  const set = (candidate: number, change: string) =>
    query(
      `update files f set ${change} from candidate_numbers n
       where n.candidate_no = $1 and f.file = n.file`,
      [candidates[candidate]],
    );
  await set(0, "state = 'registered'");
  await set(1, "state = 'registered'");
  await set(2, 'open_applications = 1');
  await set(3, "state = 'in-pool', school = null, major = null, batch = null, phase = null");
  await query(
    `insert into files (season, city, file, state, school, event)
     select season, city, file, 'pending-review', '9', 0 from candidates where candidate_no = $1`,
    [candidates[5]],
  );
  const listed = [row(0, 1), row(3, 0), row(4, 0), row(5, 1)];
  await world.arrive('2016-07-21', listed);
  const report = done(t, await world.cutOff('2016-07-21'));
  t.match(report.counts, { snapshotConflicts: 5, vanished: 0, changed: 0, added: 0 });
  t.same(report.properties, ['snapshot-conflict']);
  const kinds = report.findings[0]?.rows.map(each => [each['candidate_no'], each['kind']]);
  t.same(kinds, [
    [candidates[0], 'registered'],
    [candidates[1], 'registered'],
    [candidates[2], 'open-application'],
    [candidates[3], 'moved'],
    [candidates[5], 'not-own'],
  ]);
  t.match(await world.file(candidates[0] as string), { state: 'registered', ...world.places[0] });
  t.match(await world.file(candidates[2] as string), { state: 'admitted' });
  t.match(await world.file(candidates[3] as string), { state: 'in-pool' });
  await world.arrive('2016-07-22', listed);
  t.match(done(t, await world.cutOff('2016-07-22')).counts, { snapshotConflicts: 5 }, 'still');
  // The registration is undone, and the application has ended: now it may be taken back.
  await set(1, "state = 'admitted'");
  await set(2, 'open_applications = 0');
  await world
    .do(OFFICER, ID, { city: OWN, package: await world.folder(listed), date: '2016-07-21' })
    .then(
      () => t.fail('older than what is applied'),
      error => t.equal(error.code, 'snapshot-outdated'),
    );
  world.at = '2016-07-23T09:00';
  const answer = await world.do(OFFICER, ID, { city: OWN, package: await world.folder(listed) });
  t.match(answer.answer.values, { state: 'held' }, 'two of three that stand');
  const both = await world.do(SECOND, ID, { city: OWN, held: answer.answer.values?.['snapshot'] });
  t.match(both.answer.counts, { vanished: 2, conflicts: 3 });
  t.match(await world.file(candidates[1] as string), { state: 'in-pool' });
});

t.test(
  'without a plan line nobody is admitted in phase 1; in phase 2 the plan does not bind',
  async t => {
    const world = await snapshotWorld(t);
    const [school] = await world.query<{ school: string; major: string }>(
      `select m.school, m.code as major from majors m where not exists (select from plan_lines p
       where p.city = $1 and p.school = m.school) order by 1, 2 limit 1`,
      [OWN],
    );
    const listed = {
      candidate: world.candidates[0] as string,
      ...(school as { school: string; major: string }),
    };
    await world.arrive('2016-07-20', [listed, world.row(1, 0)]);
    const first = done(t, await world.cutOff('2016-07-20'));
    t.match(first.counts, { added: 1, snapshotConflicts: 1 });
    t.match(first.findings[0]?.rows, [{ kind: 'no-plan', candidate_no: world.candidates[0] }]);
    const later = { ...listed, on: '2016-08-20' };
    await world.arrive('2016-08-20', [later, world.row(1, 0)]);
    t.match(done(t, await world.cutOff('2016-08-20')).counts, { added: 1, snapshotConflicts: 0 });
    t.match(await world.file(world.candidates[0] as string), {
      phase: 'phase-2',
      state: 'admitted',
    });
  },
);

t.test('a school beyond its plan is reported', async t => {
  const world = await snapshotWorld(t);
  await world.query('delete from flexible_quotas where city = $1', [OWN]);
  const [place] = world.places;
  await world.query(
    'update plan_lines set planned = 1 where city = $1 and school = $2 and major = $3',
    [OWN, place?.school, place?.major],
  );
  await world.query('delete from plan_lines where city = $1 and school = $2 and major <> $3', [
    OWN,
    place?.school,
    place?.major,
  ]);
  await world.arrive('2016-07-20', [world.row(0, 0), world.row(1, 0)]);
  const report = done(t, await world.cutOff('2016-07-20'));
  t.same(report.properties, ['snapshot-over-plan']);
  t.match(report.findings[0]?.rows, [{ school: place?.school, planned: 1, used: 2 }]);
});

t.test('an unusual drop is held: nothing changes before somebody else confirms it', async t => {
  const world = await snapshotWorld(t);
  const { row, candidates } = world;
  const all = [0, 1, 2, 3, 4].map(each => row(each, 0));
  await world.arrive('2016-07-20', all);
  done(t, await world.cutOff('2016-07-20'));
  const files = await world.query('select * from files order by city, file');
  await world.arrive('2016-07-21', all.slice(0, 3));
  const held = done(t, await world.cutOff('2016-07-21'));
  t.same(held.properties, ['snapshot-held']);
  t.match(held.counts, { snapshots: 1, vanished: 2, late: 0 });
  t.same(await world.query('select * from files order by city, file'), files);
  world.at = '2016-07-22T09:00';
  await refused(t, world, [OFFICER, ID, { city: OWN, held: 7 }], 'nothing-held');
  const answer = await world.do(OFFICER, ID, { city: OWN, held: 2 });
  t.match(answer.answer.counts, { vanished: 2, unchanged: 3 });
  t.match(await snapshots(world), [{}, { state: 'applied', confirmed_by: OFFICER }]);
  t.match(await world.file(candidates[4] as string), { state: 'in-pool' });
  await refused(t, world, [OFFICER, ID, { city: OWN, held: 2 }], 'nothing-held');
  // By hand: who has brought it does not confirm it.
  const half = await world.folder(all.slice(0, 1));
  t.match((await world.do(OFFICER, ID, { city: OWN, package: half })).answer.values, {
    state: 'held',
  });
  await refused(t, world, [OFFICER, ID, { city: OWN, held: 3 }], 'same-person');
  const again = await world.do(OFFICER, ID, { city: OWN, package: half });
  t.match(again.answer.values, { state: 'unchanged', snapshot: 3 }, 'the same once more');
  const better = await world.folder(all.slice(0, 3));
  t.match((await world.do(OFFICER, ID, { city: OWN, package: better })).answer.values, {
    state: 'applied',
  });
  await refused(t, world, [SECOND, ID, { city: OWN, held: 3 }], 'nothing-held');
});

t.test('how much is unusual, and when it is late, the policy alone says', async t => {
  const files = ownSystemFiles((path, text) =>
    path === 'calendar.yaml'
      ? text
          .replace(/(id: snapshot-drop-percent.*)value: 20/, '$1value: 60')
          .replace('value: "18:00"', 'value: "08:00"')
      : text,
  );
  const world = await snapshotWorld(t, files);
  const all = [0, 1, 2, 3].map(each => world.row(each, 0));
  world.at = '2016-07-20T07:59';
  await world.do(OFFICER, ID, { city: OWN, package: await world.folder(all) });
  world.at = '2016-07-21T08:01';
  const half = await world.do(OFFICER, ID, {
    city: OWN,
    package: await world.folder(all.slice(0, 2)),
  });
  t.match(half.answer.values, { state: 'applied' });
  t.match(half.answer.findings, [{ property: 'snapshot-late' }]);
  t.match(await snapshots(world), [{ late: false }, { late: true, vanished: 2 }]);
});

t.test('an empty file keeps yesterday’s; an intended empty day needs two', async t => {
  const world = await snapshotWorld(t);
  await world.arrive('2016-07-20', [world.row(0, 0)]);
  done(t, await world.cutOff('2016-07-20'));
  await world.arrive('2016-07-21', []);
  const report = done(t, await world.cutOff('2016-07-21'));
  t.same(report.properties, ['snapshot-missing', 'snapshot-rejected']);
  t.same(placeOf(world.home, '2016-07-21'), ['rejected']);
  t.match(await world.file(world.candidates[0] as string), { state: 'admitted' });
  world.at = '2016-07-21T18:30';
  const proposed = await world.do(OFFICER, ID, { city: OWN, empty: 'yes' });
  t.equal(proposed.state, 'proposed');
  t.match(await world.file(world.candidates[0] as string), { state: 'admitted' });
  t.equal((await snapshots(world)).length, 1, 'a proposal is none');
  await refused(t, world, [OFFICER, ID, { confirm: proposed.proposal }], 'same-person');
  const confirmed = await world.do(SECOND, ID, { confirm: proposed.proposal });
  t.match(confirmed.answer.counts, { vanished: 1 });
  t.match(await world.file(world.candidates[0] as string), { state: 'in-pool' });
  t.match(await snapshots(world), [
    {},
    { declared_empty: true, arrived_by: OFFICER, confirmed_by: SECOND, late: true },
  ]);
});

t.test('a broken file is rejected with its rows, and yesterday’s stays', async t => {
  const world = await snapshotWorld(t);
  const { row, candidates, places } = world;
  await world.arrive('2016-07-20', [row(0, 0)]);
  done(t, await world.cutOff('2016-07-20'));
  const before = await world.query('select * from files order by city, file');
  const [foreign] = await poolOf(world.database, OTHER);
  await world.arrive('2016-07-21', [
    row(1, 0),
    { ...row(2, 0), candidate: foreign as string },
    { ...row(3, 0), candidate: '99999999999999' },
    { ...row(4, 0), major: '999' },
    row(5, 0, '2016-07-22'),
    row(1, 1),
    { ...row(6, 0), school: '0000000' },
  ]);
  const report = done(t, await world.cutOff('2016-07-21'));
  t.same(report.properties, ['snapshot-missing', 'snapshot-rejected']);
  const folder = join(world.home, 'rejected', OWN, ID, '2016-07-21');
  const rejects = await readFile(join(folder, 'rejects.csv'), 'utf8');
  for (const code of ['foreign-city', 'unknown-candidate', 'unknown-major', 'date-out-of-range']) {
    t.match(rejects, new RegExp(code));
  }
  t.match(rejects, /duplicate-row/);
  t.match(rejects, /unknown-school/);
  t.same(await world.query('select * from files order by city, file'), before);
  t.match(await world.query('select fate, errors from inbox_arrivals order by run'), [
    { fate: 'accepted' },
    { fate: 'rejected', errors: 6 },
  ]);
  // The rest of what a city may send wrongly.
  await world.arrive('2016-07-22', [row(1, 0)], { synthetic: false });
  t.match(done(t, await world.cutOff('2016-07-22')).properties, [
    'snapshot-missing',
    'snapshot-rejected',
  ]);
  await world.arrive('2016-07-30', [row(1, 0)]);
  await world.arrive('2016-08-05', [row(1, 0)]);
  const late = done(t, await world.importNight('2016-08-05'));
  t.match(late.counts, { snapshots: 1, snapshotsRejected: 1 }, 'the grace has ended');
  t.ok(candidates.length > 6 && places.length > 1);
});

/** The rows of the report inbox, as its reader sees them. */
async function inboxOf(world: SnapshotWorld, actor: string, given: object = {}) {
  const { database } = world;
  const now = () => new Date('2016-07-22T09:00:00+08:00');
  const context = { database, season: SEASON, actor, unmasked: false, now };
  return withContent(findReport('inbox'), context, { ...given }, async ({ content }) => {
    const { arrivals, snapshots: taken } = content.rows;
    type Rows = readonly Record<string, unknown>[];
    return { arrivals: arrivals as Rows, taken: taken as Rows };
  });
}

t.test('the report inbox tells what arrived and what became of it, rejected first', async t => {
  const world = await snapshotWorld(t);
  t.same(await inboxOf(world, OFFICER), { arrivals: [], taken: [] });
  await world.arrive('2016-07-20', [world.row(0, 0)]);
  done(t, await world.cutOff('2016-07-20'));
  await world.arrive('2016-07-20', []);
  done(t, await world.importNight('2016-07-20'));
  const { arrivals, taken } = await inboxOf(world, OFFICER);
  t.same(
    arrivals.map(row => [row['fateTitle'], row['jobTitle'], row['packageDate'], row['late']]),
    [
      ['拒收', '地市快照导入', '2016-07-20', true],
      ['已导入', '地市快照导入', '2016-07-20', false],
    ],
  );
  t.match(taken, [{ stateTitle: '已采用', added: 1, conflicts: 0, rowCount: 1 }]);
  const counted = await world.query('select count(*)::integer as n from inbox_arrivals');
  t.same(counted, [{ n: arrivals.length }]);
  t.same(await inboxOf(world, `city-${OTHER}`), { arrivals: [], taken: [] }, 'not theirs');
  const foreign = inboxOf(world, `city-${OTHER}`, { city: OWN });
  await t.rejects(foreign, { code: 'outside-scope', exitCode: 4 });
  await t.rejects(inboxOf(world, 'school-4403001'), { code: 'no-report-right' });
});

t.test('by hand: each refusal by its code, and nothing changed', async t => {
  const world = await snapshotWorld(t);
  const folder = await world.folder([world.row(0, 0)]);
  world.at = '2016-07-21T17:00';
  const given = { city: OWN, package: folder };
  await refused(t, world, [OFFICER, ID, { city: OWN }], 'one-of-three');
  await refused(t, world, [OFFICER, ID, { ...given, empty: true }], 'one-of-three');
  await refused(t, world, [`city-${OTHER}`, ID, given], 'out-of-scope');
  await refused(t, world, [`city-${OTHER}`, ID, { ...given, city: OTHER }], 'not-own-system');
  await refused(t, world, [OFFICER, ID, { ...given, date: '2016-07-22' }], 'snapshot-in-future');
  await refused(t, world, [OFFICER, ID, { ...given, package: '/nowhere' }], 'package-not-found');
  const empty = await world.folder([]);
  await refused(t, world, [OFFICER, ID, { city: OWN, package: empty }], 'snapshot-empty');
  const broken = await world.folder([{ ...world.row(0, 0), candidate: '1' }]);
  await refused(t, world, [OFFICER, ID, { city: OWN, package: broken }], 'snapshot-faults');
  t.ok(existsSync(`${broken}-rejects.csv`));
  const real = await world.folder([world.row(0, 0)], { synthetic: false });
  await refused(t, world, [OFFICER, ID, { city: OWN, package: real }], 'not-synthetic');
  world.at = '2016-08-10T09:00';
  await refused(t, world, [OFFICER, ID, given], 'window-closed');
  world.at = '2016-07-21T17:00';
  t.match((await world.do(OFFICER, ID, given)).answer.counts, { added: 1 });
  const before = await world.query('select * from files order by city, file');
  t.match((await world.do(OFFICER, ID, given)).answer.values, { state: 'unchanged' });
  t.same(await world.query('select * from files order by city, file'), before);
  world.at = '2016-07-22T09:00';
  await world.do(OFFICER, ID, given);
  await refused(t, world, [OFFICER, ID, { ...given, date: '2016-07-21' }], 'snapshot-outdated');
});

/** All that two ways to the same end have in common. */
async function endOf(world: SnapshotWorld): Promise<unknown> {
  const [row] = await world.query<{ all: unknown }>(
    `select jsonb_build_object(
       'events', (select jsonb_agg(to_jsonb(e) - 'run' - 'policy' order by city, event)
          from events e),
       'files', (select jsonb_agg(to_jsonb(f) order by city, file) from files f),
       'snapshots', (select jsonb_agg(to_jsonb(s) - 'run' order by snapshot) from snapshots s),
       'rows', (select jsonb_agg(to_jsonb(r) order by snapshot, file) from snapshot_rows r),
       'arrivals', (select jsonb_agg(to_jsonb(a) - 'run' order by package_date)
         from inbox_arrivals a),
       'counters', (select jsonb_agg(to_jsonb(n) order by counter) from number_counters n),
       'result', (select jsonb_agg(jsonb_build_array(identity, result -> 'counts'))
          from runs where state = 'completed' and job = 'cut-off')) as all`,
  );
  return row?.all;
}

async function arrived(t: Test): Promise<SnapshotWorld> {
  const world = await snapshotWorld(t);
  await world.arrive('2016-07-20', [world.row(0, 0), world.row(1, 1)]);
  return world;
}

t.test('killed at each fail point and started again, the end is the same', async t => {
  const undisturbed = await arrived(t);
  done(t, await undisturbed.cutOff('2016-07-20'));
  const expected = await endOf(undisturbed);
  const points = Object.keys(FAIL_POINTS).filter(
    name => name.startsWith('snapshot.') || !/\.|^act-/.test(name),
  );
  const passed = new Set<string>();
  for (const point of points) {
    const passes = /^step-/.test(point) ? 2 : 1;
    const world = await arrived(t);
    let left = passes;
    const failPoint = (name: string) => {
      if (name !== point) return;
      left -= 1;
      if (left > 0) return;
      passed.add(name);
      throw new Error(`killed at ${name}`);
    };
    await world.cutOff('2016-07-20', { failPoint }).catch(() => {});
    const report = await world.cutOff('2016-07-20');
    t.ok(['completed', 'already-done'].includes(report.state), `${point}: ${report.state}`);
    t.same(await endOf(world), expected, point);
    t.same(placeOf(world.home, '2016-07-20'), ['archive'], point);
  }
  t.ok(passed.has('snapshot.half-written') && passed.has('step-committed'), [...passed].join(' '));
});

t.test(
  'without the comparison with yesterday’s own rows, the platform’s would be lost',
  async t => {
    const world = await arrived(t);
    done(t, await world.cutOff('2016-07-20'));
    // Somebody whom the platform has admitted, and no snapshot.
    await world.query(
      `insert into files (season, city, file, state, school, major, batch, phase, event)
     select season, city, file, 'admitted', $2, $3, 'vocational', 'phase-1', 0
     from candidates where candidate_no = $1`,
      [world.candidates[9], world.places[0]?.school, world.places[0]?.major],
    );
    await world.arrive('2016-07-21', [world.row(0, 0), world.row(1, 1)]);
    t.match(done(t, await world.cutOff('2016-07-21')).counts, { vanished: 0 });
    t.match(await world.file(world.candidates[9] as string), { state: 'admitted' });
    // The twin: had the rows been taken for the city's own, it would have vanished.
    await world.query(
      `insert into snapshot_rows (season, city, snapshot, file, school, major, admitted_on, status,
       owned)
     select season, city, 2, file, school, major, '2016-07-20', 'unchanged', true from files
     where file = (select file from candidate_numbers where candidate_no = $1)`,
      [world.candidates[9]],
    );
    await world.query('update snapshots set row_count = row_count + 1 where snapshot = 2');
    const before = await digest(world.database);
    t.ok(before.length > 0);
    world.at = '2016-07-22T09:00';
    const folder = await world.folder([world.row(0, 0), world.row(1, 1)]);
    const answer = await world.do(OFFICER, ID, { city: OWN, package: folder });
    t.match(answer.answer.counts, { vanished: 1 });
    await rm(folder, { recursive: true });
  },
);
