/**
 * Dispatching by officers: whole batches, one school, by lot; release and cancelling of a run. Each
 * by a success that something else reads back, and by its refusals.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { findFunction } from '../../jobs/act/registry.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import { dispatchedRun, ensurePackage } from '../../jobs/nightly/dispatch/keep-package.ts';
import { lockKey } from '../../jobs/run/lock.ts';
import { SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';
import {
  BATCH,
  dispatchPolicy,
  FOSHAN,
  files,
  grant,
  lists,
  openRound,
  reportRows,
  SEED,
  SHANTOU,
  withEarlyBatch,
  ZHUHAI,
} from './dispatch-world.ts';

const BOSS = `city-${ZHUHAI}`;
const SECOND = `city-${ZHUHAI}-2`;
const HERE = { city: ZHUHAI, batch: BATCH };
const REASON = '投档前计划有误';

/**
 * Dies between the run and the act's line, and asks once more: the run is not done again, its audit
 * is made good, and the act has its line with who asked and from where.
 */
async function answeredLate(t: Test, world: ActWorld) {
  const job = await findFunction('dispatch-batch');
  const asked = { user: BOSS, input: HERE, request: 'D-1', osUser: 'operator' };
  const dies = (name: string) => {
    if (name === 'act-launched') throw new Error('killed');
  };
  await t.rejects(runAct(job, asked, world.environment({ failPoint: dies })), {
    message: 'killed',
  });
  const acts = () =>
    world.query(
      `select actor, os_user, request, state from runs where job = 'dispatch-batch' and on_demand`,
    );
  t.same(await acts(), [], 'the act has no line');
  const launched = await world.query(
    `select os_user, request, launched_by from runs where job = 'dispatch' and state = 'completed'`,
  );
  const identity = `do|dispatch-batch|${BOSS}|D-1`;
  t.same(launched, [{ os_user: 'operator', request: HERE, launched_by: identity }]);
  await world.query(`delete from run_steps where identity like 'audit|%'`);
  await world.query(`delete from runs where job = 'audit'`);
  const other = { ...asked, input: { ...HERE, round: 1 } };
  await t.rejects(runAct(job, other, world.environment()), { code: 'request-differs' });
  const late = world.at;
  world.at = '2016-08-05T09:00';
  const done = await runAct(job, asked, world.environment());
  world.at = late;
  t.equal(done.state, 'done', 'after its window too: it was done within');
  t.same(await acts(), [{ actor: BOSS, os_user: 'operator', request: HERE, state: 'completed' }]);
  const again = await runAct(job, asked, world.environment());
  t.match(again, { state: 'already-done', run: done.run, answer: { lines: done.answer.lines } });
  return done;
}

async function countyOf(world: ActWorld, city: string): Promise<string> {
  const [row] = await world.query<{ code: string }>(
    `select code from regions where parent = $1 and level = 'county' order by code limit 1`,
    [city],
  );
  return `county-${row?.code}`;
}

t.test('a batch is dispatched by an officer, under the start rules, once', async t => {
  const world = await actWorld(t, {
    cities: [ZHUHAI, FOSHAN, SHANTOU],
    files: dispatchPolicy(withEarlyBatch),
  });
  world.at = '2016-07-20T19:00';

  await refused(t, world, [BOSS, 'dispatch-batch', HERE], 'earlier-batch-open');
  world.at = '2016-07-21T09:00';
  const there = { city: SHANTOU, batch: BATCH };
  await refused(t, world, [`city-${SHANTOU}`, 'dispatch-batch', there], 'policy-not-adopted');
  await world.query('update city_standings set senior_high_complete = false where city = $1', [
    ZHUHAI,
  ]);
  await refused(t, world, [BOSS, 'dispatch-batch', HERE], 'senior-high-incomplete');
  await world.query('update city_standings set senior_high_complete = true');
  await refused(t, world, [BOSS, 'dispatch-batch', { ...HERE, round: 2 }], 'round-not-open');
  await refused(t, world, [BOSS, 'dispatch-batch', { ...HERE, batch: 'none' }], 'unknown-batch');
  await refused(t, world, [`city-${FOSHAN}`, 'dispatch-batch', HERE], 'out-of-scope');
  world.at = '2016-08-10T09:00';
  await refused(t, world, [BOSS, 'dispatch-batch', HERE], 'window-closed');
  world.at = '2016-07-21T09:00';

  const county = await countyOf(world, ZHUHAI);
  await grant(world, county, 'dispatch-batch');
  await refused(t, world, [county, 'dispatch-batch', HERE], 'county-may-not-dispatch');

  await world.query(`update users set school_kinds = '{technical}' where user_name = $1`, [SECOND]);
  await refused(t, world, [SECOND, 'dispatch-batch', HERE], 'out-of-scope');
  await world.query('update users set school_kinds = null where user_name = $1', [SECOND]);

  await world.database.session(async session => {
    const key = String(lockKey(`city-batch|${ZHUHAI}|${BATCH}`));
    await session.query('select pg_advisory_lock($1::bigint)', [key]);
    await refused(t, world, [BOSS, 'dispatch-batch', HERE], 'run-in-progress');
    await session.query('select pg_advisory_unlock($1::bigint)', [key]);
  });

  const done = await answeredLate(t, world);
  const { run, audit } = done.answer.values as { run: number; audit: number };
  t.same(done.answer.findings, [], 'the audit has passed');
  const rows = await reportRows(world, 'dispatch-results', { run }, 'results');
  const sent = rows.reduce((sum, row) => sum + Number(row['sent']), 0);
  t.ok(sent > 0);
  t.equal(sent, done.answer.counts?.['placed'], 'dispatch-results tells the same');
  const ledger = await world.query(
    'select run, job, identity, actor from runs where run in ($1, $2) order by run',
    [run, audit],
  );
  const identity = `dispatch|${ZHUHAI}|${BATCH}|1`;
  t.same(ledger, [
    { run, job: 'dispatch', identity, actor: BOSS },
    { run: audit, job: 'audit', identity: `audit|${identity}`, actor: BOSS },
  ]);
  await refused(t, world, [SECOND, 'dispatch-batch', HERE], 'round-already-run');

  t.test('a locked region is one that is going to be dispatched', async t => {
    const city = FOSHAN;
    await world.query(`insert into region_locks values ($1, $2, 'city', 'x', now(), '投档前')`, [
      SEASON,
      city,
    ]);
    const report = await world.do(`city-${city}`, 'dispatch-batch', { city, batch: BATCH });
    t.equal(report.state, 'done');
    await world.query('delete from region_locks');
  });
});

t.test('a county dispatches where the policy value alone says so', async t => {
  const yes = dispatchPolicy((path, text) =>
    path === 'calendar.yaml' ? text.replace(/(county-may-dispatch.*value: )false/, '$1true') : text,
  );
  const world = await actWorld(t, { cities: [ZHUHAI], files: yes });
  const county = await countyOf(world, ZHUHAI);
  await grant(world, county, 'dispatch-batch');
  const report = await world.do(county, 'dispatch-batch', HERE);
  t.ok((report.answer.counts?.['placed'] ?? 0) > 0);
});

t.test('lists are released by a second officer, after the audit', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI, FOSHAN], files: dispatchPolicy() });
  world.at = '2016-07-20T19:00';
  const { answer } = await world.do(BOSS, 'dispatch-batch', HERE);
  const { run } = answer.values as { run: number };
  const [first, second, ...others] = await lists(world, ZHUHAI);
  if (first === undefined || second === undefined) throw new Error('too few lists');

  await refused(t, world, [BOSS, 'release-list', { run }], 'same-person');
  await refused(t, world, [SECOND, 'release-list', {}], 'wrong-input');
  await refused(t, world, [SECOND, 'release-list', { run, list: 1 }], 'wrong-input');
  await refused(t, world, [SECOND, 'release-list', { run: 999_999 }], 'unknown-run');
  const nowhere = { city: ZHUHAI, list: 9999 };
  await refused(t, world, [SECOND, 'release-list', nowhere], 'unknown-list');
  await refused(t, world, [`city-${FOSHAN}`, 'release-list', { run }], 'out-of-scope');
  await world.nightly('dispatch', '2016-07-20');
  const [unaudited] = await lists(world, FOSHAN);
  const there = { city: FOSHAN, list: unaudited?.list };
  await refused(t, world, [`city-${FOSHAN}`, 'release-list', there], 'not-audited');

  t.test('one list, whose files the school then reads', async t => {
    const one = await world.do(SECOND, 'release-list', { city: ZHUHAI, list: first.list });
    t.same(one.answer.counts, { lists: 1, files: first.sent });
    const moved = await files(world, ZHUHAI, `f.list = ${first.list}`);
    t.equal(moved.length, first.sent);
    t.ok(moved.every(file => file.state === 'reading' && file.event === 'release-list'));
    const again = { city: ZHUHAI, list: first.list };
    await refused(t, world, [SECOND, 'release-list', again], 'list-already-released');
  });

  t.test('of a whole run, but for the schools that a finding keeps back', async t => {
    await world.query(
      `insert into findings (season, run, finding, property, severity, city, batch, about_run,
         schools, stops, sentence, rows, row_count)
       select $1, a.run, 1, 'P3', 'error', $2, $3, $4, array[$5], 'schools', '试', '[]', 1
       from runs a where a.job = 'audit' and a.identity = $6`,
      [SEASON, ZHUHAI, BATCH, run, second.school, `audit|dispatch|${ZHUHAI}|${BATCH}|1`],
    );
    const kept = { city: ZHUHAI, list: second.list };
    await refused(t, world, [SECOND, 'release-list', kept], 'audit-stopped');
    const whole = await world.do(SECOND, 'release-list', { run });
    const [finding] = whole.answer.findings ?? [];
    t.same(finding?.schools, [second.school], 'it is named');
    t.equal(whole.answer.counts?.['lists'], others.length);
    const states = new Map((await lists(world, ZHUHAI)).map(each => [each.list, each.state]));
    t.equal(states.get(second.list), 'draft');
    t.ok(others.every(({ list }) => states.get(list) === 'released'));
    await refused(t, world, [SECOND, 'release-list', { run }], 'audit-stopped');
    await world.query('delete from findings');
    await world.do(SECOND, 'release-list', { run });
    await refused(t, world, [SECOND, 'release-list', { run }], 'list-already-released');
  });
});

t.test('each office releases the lists of its kinds of schools', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI], candidates: 600, dispatched: true });
  const kindOf = new Map(
    (await world.query<{ code: string; kind: string }>('select code, kind from schools')).map(
      row => [row.code, row.kind],
    ),
  );
  const all = await lists(world, ZHUHAI);
  const technical = all.filter(({ school }) => kindOf.get(school) === 'technical');
  t.ok(technical.length > 0 && technical.length < all.length);
  await world.query(`update users set school_kinds = '{technical}' where user_name = $1`, [SECOND]);
  const { answer } = await world.do(SECOND, 'release-list', { run: all[0]?.run });
  t.same(
    answer.values?.['lists'],
    technical.map(({ list }) => list),
  );
  const vocational = all.find(({ school }) => kindOf.get(school) === 'vocational');
  const foreign = { city: ZHUHAI, list: vocational?.list };
  await refused(t, world, [SECOND, 'release-list', foreign], 'out-of-scope');
});

t.test('a run is cancelled whole, and its round dispatched again', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI, FOSHAN], files: dispatchPolicy() });
  const first = await world.do(BOSS, 'dispatch-batch', HERE);
  const { run, audit } = first.answer.values as { run: number; audit: number };
  const input = { run, reason: REASON };
  await refused(t, world, [`city-${FOSHAN}`, 'cancel-run', input], 'out-of-scope');
  await refused(t, world, [BOSS, 'cancel-run', { ...input, run: audit }], 'unknown-run');
  const done = await world.do(BOSS, 'cancel-run', input);
  t.equal(done.answer.counts?.['files'], first.answer.counts?.['placed']);
  t.ok((await lists(world, ZHUHAI, run)).every(({ state }) => state === 'cancelled'));
  const back = await files(world, ZHUHAI, `f.state = 'in-pool'`);
  t.equal(back.length, first.answer.counts?.['placed']);
  t.ok(back.every(({ event, school, list }) => event === 'cancel-dispatch' && !school && !list));
  const states = await world.query<{ state: string }>(
    'select distinct state from runs where run in ($1, $2)',
    [run, audit],
  );
  t.same(states, [{ state: 'cancelled' }]);
  await refused(t, world, [BOSS, 'cancel-run', input], 'unknown-run');

  const again = await world.do(SECOND, 'dispatch-batch', HERE);
  t.same(again.answer.findings, [], 'audited anew, without a finding');
  t.equal(again.answer.counts?.['placed'], first.answer.counts?.['placed']);
  const { run: next } = again.answer.values as { run: number };
  const [one] = await lists(world, ZHUHAI, next);
  await world.do(BOSS, 'release-list', { city: ZHUHAI, list: one?.list });
  await refused(t, world, [BOSS, 'cancel-run', { run: next, reason: REASON }], 'list-released');
});

t.test('the seed that two officers draw is the seed of the lots', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI], files: dispatchPolicy() });
  await world.do(BOSS, 'dispatch-batch', HERE);
  const largest = (await lists(world, ZHUHAI)).toSorted((a, b) => b.sent - a.sent)[0];
  const list = { city: ZHUHAI, list: largest?.list, reason: REASON };
  const input = { ...HERE, school: largest?.school };
  await refused(t, world, [BOSS, 'lottery-admission', input], 'no-seed');
  await world.do(BOSS, 'draw-seed', { ...HERE, publish: true });
  const drawn = await world.both(BOSS, SECOND, 'draw-seed', HERE);
  await refused(t, world, [BOSS, 'lottery-admission', input], 'no-places');
  await world.do(BOSS, 'cancel-dispatch-list', list);
  const done = await world.both(BOSS, SECOND, 'lottery-admission', input);
  t.equal(done.answer.values?.['seed'], drawn.answer.values?.['seed']);
  t.ok((done.answer.counts?.['admitted'] ?? 0) > 0);
  const other = (await lists(world, ZHUHAI)).find(each => each.state === 'draft');
  const freed = { city: ZHUHAI, list: other?.list, reason: REASON };
  await world.do(BOSS, 'cancel-dispatch-list', freed);
  await world.query('delete from choices where school = $1', [other?.school]);
  const nobody = { ...HERE, school: other?.school };
  await refused(t, world, [BOSS, 'lottery-admission', nobody], 'no-applicants');
});

t.test('one school is dispatched after the round, as long as the round goes on', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI, FOSHAN], files: dispatchPolicy() });
  await world.do(BOSS, 'dispatch-batch', HERE);
  const largest = (await lists(world, ZHUHAI)).toSorted((a, b) => b.sent - a.sent)[0];
  if (largest === undefined) throw new Error('no list');
  const { list, school } = largest;
  await world.do(BOSS, 'cancel-dispatch-list', { city: ZHUHAI, list, reason: REASON });
  const input = { ...HERE, school };
  await refused(t, world, [`city-${FOSHAN}`, 'dispatch-school', input], 'out-of-scope');
  const none = { ...input, school: '9999999' };
  await refused(t, world, [BOSS, 'dispatch-school', none], 'unknown-school');
  const report = await world.do(BOSS, 'dispatch-school', input);
  t.same(report.answer.findings, []);
  const { run } = report.answer.values as { run: number };
  const made = await lists(world, ZHUHAI, run);
  t.same(
    made.map(each => each.school),
    [school],
    'only to this school',
  );
  t.equal(made[0]?.sent, report.answer.counts?.['placed']);
  await refused(t, world, [BOSS, 'dispatch-school', input], 'round-already-run');

  t.test('and is not taken for the run of a round', async t => {
    await openRound(world, ZHUHAI, 2);
    await refused(t, world, [BOSS, 'dispatch-school', { ...input, round: 1 }], 'round-over');
    await world.do(BOSS, 'dispatch-school', input);
    const whole = await world.do(BOSS, 'dispatch-batch', HERE);
    t.equal(whole.answer.values?.['round'], 2, 'round 2 is still to be dispatched');
    await world.query(
      `insert into batch_closings (season, city, batch, closed_on, closed_by)
       values ($1, $2, $3, '2016-07-22', 'test')`,
      [SEASON, ZHUHAI, BATCH],
    );
    await refused(t, world, [BOSS, 'dispatch-school', input], 'batch-closed');
  });
});

t.test('by lot a school is filled, admitted at once, by two officers and once', async t => {
  const world = await actWorld(t, {
    cities: [ZHUHAI, FOSHAN],
    candidates: 900,
    files: dispatchPolicy(),
  });
  const [one, two] = [`city-${FOSHAN}`, `city-${FOSHAN}-2`];
  await world.do(one, 'dispatch-batch', { city: FOSHAN, batch: BATCH });
  const bySize = (await lists(world, FOSHAN)).toSorted((a, b) => b.sent - a.sent);
  const [largest, other] = bySize;
  if (largest === undefined || other === undefined) throw new Error('too few lists');
  for (const { list } of [largest, other]) {
    await world.do(one, 'cancel-dispatch-list', { city: FOSHAN, list, reason: REASON });
  }
  const { school } = largest;
  // Fewer places than applicants, so that the lots decide.
  const places = Math.max(1, Math.floor(largest.sent / 2));
  await shrinkPlan(world, FOSHAN, school, places);
  const input = { city: FOSHAN, batch: BATCH, school };
  await refused(t, world, [BOSS, 'lottery-admission', input], 'out-of-scope');
  const unseeded = { ...HERE, school: (await planned(world, ZHUHAI))[0] };
  await refused(t, world, [BOSS, 'lottery-admission', unseeded], 'no-seed');
  const elsewhere = (await planned(world, ZHUHAI)).find(code => code.startsWith('4404')) ?? '';
  const unplanned = { ...input, school: elsewhere };
  if (!(await planned(world, FOSHAN)).includes(elsewhere)) {
    await refused(t, world, [one, 'lottery-admission', unplanned], 'no-plan');
  }

  const third = { ...input, school: bySize[2]?.school };
  const kept = await shrinkPlan(world, FOSHAN, third.school ?? '', 0);
  await refused(t, world, [one, 'lottery-admission', third], 'no-places');
  await kept();

  const proposed = await world.do(one, 'lottery-admission', input);
  t.equal(proposed.state, 'proposed');
  t.same(await files(world, FOSHAN, `f.state = 'admitted'`), [], 'nothing is drawn yet');
  const confirm = { confirm: proposed.proposal };
  await refused(t, world, [one, 'lottery-admission', confirm], 'same-person');
  const done = await world.do(two, 'lottery-admission', confirm);
  const { seed, order } = done.answer.values as { seed: string; order: [string, string, string][] };
  t.equal(seed, SEED);
  const drawn = order.filter(([, outcome]) => outcome === 'admitted');
  const admitted = await files(world, FOSHAN, `f.state = 'admitted'`);
  t.same(
    admitted.map(({ no }) => no),
    drawn.map(([no]) => no).toSorted(),
    'those who were drawn are admitted',
  );
  t.ok(drawn.length > 0 && drawn.length <= places);
  t.ok(admitted.every(each => each.event === 'admit-directly' && each.list === null && each.major));
  t.same(
    admitted.map(({ letter }) => letter).toSorted((a, b) => Number(a) - Number(b)),
    [...Array(drawn.length).keys()].map(at => at + 1),
  );
  await refused(t, world, [two, 'lottery-admission', input], 'drawn-already');

  t.test('the family of who was not drawn is told so', async t => {
    const full = order.find(([, outcome]) => outcome === 'full');
    const candidate_no = full?.[0] ?? 'nobody';
    const rows = await reportRows(world, 'candidate-outcome', { candidate_no }, 'choices');
    const told = rows.find(row => row['run'] === done.run);
    t.equal(told?.['code'], 'full');
    t.match(told?.['why'], /./);
  });

  t.test('and the audit draws it again, and sees what does not come out', async t => {
    const kept = join(world.home, 'packages', String(SEASON), `run-${done.run}`);
    t.ok(existsSync(join(kept, 'datapackage.json')), 'its input is kept');
    // As a restored database would find it: made again, as long as nothing has moved since.
    await rm(kept, { recursive: true });
    const ledger = await dispatchedRun(world.database, done.run ?? 0, 'lottery-admission');
    if (ledger === null) throw new Error('not in the ledger');
    await ensurePackage(world.database, world.home, ledger);
    t.ok(existsSync(join(kept, 'datapackage.json')));
    const clean = await world.do(one, 'dispatch-school', { ...input, school: other.school });
    t.same(clean.answer.findings, []);
    await world.query(
      `update runs set result = jsonb_set(result, '{answer,values,order,0}', $2::jsonb)
       where run = $1`,
      [done.run, JSON.stringify([order.at(-1)?.[0], 'admitted', drawn[0]?.[2]])],
    );
    const broken = await world.do(one, 'dispatch-school', third);
    const faults = (broken.answer.findings ?? []).filter(({ property }) => property === 'P13');
    t.ok(faults.length > 0);
    t.match(faults[0]?.sentence, /次序|不符/);
  });
});

async function planned(world: ActWorld, city: string): Promise<string[]> {
  const rows = await world.query<{ school: string }>(
    'select distinct school from plan_lines where city = $1 and batch = $2 order by school',
    [city, BATCH],
  );
  return rows.map(row => row.school);
}

/**
 * Leaves so many places at a school: one line after the other keeps what is left of them.
 *
 * @returns gives the plan back
 */
async function shrinkPlan(world: ActWorld, city: string, school: string, places: number) {
  const lines = await world.query<{ major: string; planned: number }>(
    'select major, planned from plan_lines where city = $1 and school = $2 and batch = $3',
    [city, school, BATCH],
  );
  await world.query('delete from flexible_quotas where city = $1 and school = $2', [city, school]);
  await world.query(
    `update plan_lines p set planned = greatest(0, least(p.planned, $3 - s.before))
     from (select major, sum(planned) over (order by major) - planned as before from plan_lines
       where city = $1 and school = $2 and batch = $4) s
     where p.city = $1 and p.school = $2 and p.batch = $4 and p.major = s.major`,
    [city, school, places, BATCH],
  );
  return async () => {
    for (const { major, planned: count } of lines) {
      await world.query(
        'update plan_lines set planned = $4 where city = $1 and school = $2 and major = $3',
        [city, school, major, count],
      );
    }
  };
}
