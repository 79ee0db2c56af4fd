/**
 * 投档控制: what a city sets, read back by the policy in effect and by the next dispatch, which really
 * goes as set; and everything that these functions refuse.
 */
import t, { type Test } from 'tap';
import { batchOf, linesOf } from '../../engine/policy/lookup.ts';
import { type ActWorld, actWorld, digest, MORNING, refused } from './act-world.ts';
import {
  BATCH,
  BEFORE,
  closeLists,
  dispatched,
  lastEvent,
  NIGHT,
  policyOf,
  reasonsOf,
  sign,
  verdicts,
  versions,
  wantedSchools,
} from './control-world.ts';

const CITY = '440400';
const OTHER = '440600';
const USER = `city-${CITY}`;

const GIRLS = `# 只招女生
id: girls-only
title: 只招女生
requires:
  all:
    - { fact: candidate.sex, operator: equal, value: F }
refuse: not-a-girl
`;

interface Schools {
  readonly lined: string;
  readonly suspended: string;
  readonly conditioned: string;
  readonly removed: string;
  readonly flexible: string;
}

/** What holds for all schools of a batch. */
const WHOLE_BATCH = [
  'set-region-score-line',
  'set-city-batches',
  'set-dispatch-mode',
  'draw-seed',
] as const;

/** Each function with an input that is right, for the guards that are the same for all. */
function inputs({ lined, conditioned, removed, flexible }: Schools, candidate: string) {
  const here = { city: CITY, batch: BATCH };
  return {
    'set-region-score-line': { ...here, line: 250 },
    'set-school-score-line': { ...here, school: lined, line: 500 },
    'set-school-status': { ...here, school: lined, status: 'suspended' },
    'set-school-review': { ...here, school: lined, files: true },
    'set-city-batches': { ...here, order: 41 },
    'set-dispatch-mode': { ...here, mode: 'choice-first' },
    'set-school-batch': { ...here, remove: removed },
    'set-special-conditions': { city: CITY, school: conditioned, condition: GIRLS },
    'set-candidate-status': { candidate_no: candidate, dispatchable: false, reason: '体检复查' },
    'set-flexible-quota': { ...here, school: flexible, places: 3 },
    'open-round': { ...here, new_choices: false },
    'close-batch': here,
    'draw-seed': here,
    'set-school-schedule': {
      ...here,
      school: lined,
      opens_at: '2016-07-21T08:00:00+08:00',
      closes_at: '2016-07-25T18:00:00+08:00',
    },
    'adopt-city-settings': { city: CITY, version: 1 },
  };
}

const OVERLAY_FUNCTIONS = [
  'set-region-score-line',
  'set-school-score-line',
  'set-school-review',
  'set-city-batches',
  'set-dispatch-mode',
  'set-school-batch',
  'set-special-conditions',
] as const;

async function inPool(world: ActWorld, skip = 0): Promise<string> {
  const [row] = await world.query<{ candidate_no: string }>(
    `select c.candidate_no from candidates c join choices h using (season, city, file)
     left join files f using (season, city, file)
     where c.city = $1 and f.file is null and c.total is not null
     order by c.total desc, c.file offset $2 limit 1`,
    [CITY, skip],
  );
  return row?.candidate_no ?? '';
}

/** A setting is a version of its own, with who made it; the same again is none. */
async function sets(
  t: Test,
  world: ActWorld,
  id: string,
  input: Readonly<Record<string, unknown>>,
): Promise<void> {
  const before = await versions(world, CITY);
  const { answer } = await world.do(USER, id, input);
  const after = await versions(world, CITY);
  const latest = after.at(-1);
  t.equal(after.length, before.length + 1, `${id} makes a version`);
  t.equal(latest?.adopted_by, USER);
  t.match(answer.values, { changed: true, version: latest?.version, overlay: latest?.hash });
  const event = await lastEvent(world, CITY);
  t.match(event, { name: id, actor: USER });
  t.match(event?.note, {
    before: before.at(-1)?.hash,
    after: latest?.hash,
    version: latest?.version,
    edit: { kind: /./ },
  });
  const again = await world.do(USER, id, input);
  t.match(again.answer.values, { changed: false, version: latest?.version });
  t.match(again.answer.lines[0], '未作改动');
  t.equal((await versions(world, CITY)).length, after.length, `${id} again makes none`);
  t.match(await lastEvent(world, CITY), event, 'and no event');
}

t.test('dispatch control', async t => {
  const world = await actWorld(t, { cities: [CITY, OTHER], candidates: 1500 });
  world.at = BEFORE;
  const wanted = await wantedSchools(world, CITY);
  const [lined = '', suspended = '', conditioned = '', removed = '', flexible = ''] = wanted;
  const schools: Schools = { lined, suspended, conditioned, removed, flexible };
  const held = await inPool(world);
  const all = inputs(schools, held);
  const [middle] = await world.query<{ score: number }>(
    `select (percentile_disc(0.4) within group (order by c.total) / 100)::integer as score
     from candidates c join choices h using (season, city, file) where c.city = $1`,
    [CITY],
  );
  const line = middle?.score ?? 0;

  t.test('is for the city’s own officers, and for no school', async t => {
    for (const [id, input] of Object.entries(all)) {
      await refused(t, world, [`city-${OTHER}`, id, input], 'out-of-scope');
      await refused(t, world, [`school-${lined}`, id, input], 'wrong-side');
    }
    const province = ['acknowledge-principles', 'approve-own-system'];
    for (const id of province) {
      const input = { city: CITY, verdict: 'acknowledge', approved: true };
      const { verdict, approved, ...here } = input;
      const right = id === province[0] ? { ...here, verdict } : { ...here, approved };
      await refused(t, world, [USER, id, right], 'wrong-level');
    }
    const everywhere = { school: lined, batch: BATCH, status: 'suspended' };
    await refused(t, world, [USER, 'set-school-status', everywhere], 'out-of-scope');
    await refused(
      t,
      world,
      ['province', 'adopt-city-settings', all['adopt-city-settings']],
      'wrong-level',
    );
  });

  t.test('keeps an office to its kinds of schools', async t => {
    await world.query(`update users set school_kinds = '{technical}' where user_name = $1`, [USER]);
    const [kind] = await world.query<{ code: string }>(
      `select code from schools where kind = 'vocational' and code = any($1) limit 1`,
      [wanted],
    );
    const school = kind?.code ?? '';
    const here = { city: CITY, batch: BATCH, school };
    await refused(
      t,
      world,
      [USER, 'set-school-score-line', { ...here, line: 500 }],
      'out-of-scope',
    );
    const kinds = { city: CITY, batch: BATCH, kinds: ['technical'] };
    await refused(t, world, [USER, 'set-school-batch', kinds], 'out-of-scope');
    // Vocational and technical schools are in one batch: its settings are for both offices' head.
    for (const id of WHOLE_BATCH) await refused(t, world, [USER, id, all[id]], 'out-of-scope');
    world.at = `${NIGHT}T09:00`;
    await refused(t, world, [USER, 'open-round', all['open-round']], 'out-of-scope');
    await refused(t, world, [USER, 'close-batch', all['close-batch']], 'out-of-scope');
    world.at = BEFORE;
    await world.query('update users set school_kinds = null where user_name = $1', [USER]);
  });

  t.test('refuses what names nothing, or too much', async t => {
    const here = { city: CITY, batch: BATCH };
    const wrong = [
      ['set-school-review', { ...here, school: lined }],
      ['set-city-batches', here],
      ['set-city-batches', { ...here, opens: '2016-07-21' }],
      ['set-city-batches', { ...here, opens: '2016-07-22', closes: '2016-07-21' }],
      ['set-city-batches', { ...here, closed: true, opens: '2016-07-21', closes: '2016-07-22' }],
      ['set-dispatch-mode', here],
      ['set-dispatch-mode', { ...here, major_gap: 3 }],
      ['set-dispatch-mode', { ...here, tie_keys: ['语文+'] }],
      ['set-school-batch', here],
      ['set-school-batch', { ...here, add: lined, remove: lined }],
      ['set-special-conditions', { city: CITY, school: lined }],
      ['set-special-conditions', { city: CITY, school: lined, condition: GIRLS, remove: 'x' }],
    ] as const;
    for (const [id, input] of wrong) await refused(t, world, [USER, id, input], 'wrong-input');
    for (const id of OVERLAY_FUNCTIONS) {
      if (id === 'set-special-conditions') continue;
      await refused(t, world, [USER, id, { ...all[id], batch: 'none' }], 'unknown-batch');
    }
    const nowhere = { ...here, school: '9999999' };
    await refused(
      t,
      world,
      [USER, 'set-school-score-line', { ...nowhere, line: 1 }],
      'unknown-school',
    );
    const [other] = await world.query<{ code: string }>(
      `select code from schools where kind = 'senior-high' limit 1`,
    );
    const elsewhere = { ...here, school: other?.code };
    for (const [id, more] of [
      ['set-school-score-line', { line: 500 }],
      ['set-school-review', { files: true }],
      ['set-school-status', { status: 'suspended' }],
    ] as const) {
      await refused(t, world, [USER, id, { ...elsewhere, ...more }], 'not-in-batch');
    }
  });

  t.test('sets the region’s line, and the schools’ lines only above it', async t => {
    await sets(t, world, 'set-region-score-line', { city: CITY, batch: BATCH, line });
    t.equal(linesOf(await policyOf(world, CITY), CITY, BATCH).region, line * 100);
    const school = { city: CITY, batch: BATCH, school: lined };
    const low = { ...school, line: line - 0.5 };
    await refused(t, world, [USER, 'set-school-score-line', low], 'below-region-line');
    await sets(t, world, 'set-school-score-line', { ...school, line: line + 60 });
    const lines = linesOf(await policyOf(world, CITY), CITY, BATCH);
    t.equal(lines.schools.get(lined), (line + 60) * 100);
    const above = { city: CITY, batch: BATCH, line: line + 61 };
    await refused(t, world, [USER, 'set-region-score-line', above], 'settings-rejected');
    const fine = { city: CITY, batch: BATCH, line: 300.125 };
    await refused(t, world, [USER, 'set-region-score-line', fine], 'settings-rejected');
    const basis = { city: CITY, batch: BATCH, line: line - 1, basis: '某文件' };
    await refused(t, world, [USER, 'set-region-score-line', basis], 'settings-rejected');
  });

  t.test('sets a school’s status at once, here or in the whole province', async t => {
    const input = { city: CITY, batch: BATCH, school: suspended, status: 'suspended' };
    await world.do(USER, 'set-school-status', input);
    t.match(await lastEvent(world, CITY), { name: 'set-school-status', school: suspended });
    const before = await digest(world.database);
    const again = await world.do(USER, 'set-school-status', input);
    t.match(again.answer.lines, ['未作改动']);
    t.not(await digest(world.database), before, 'the ledger notes the repeat');
    t.equal((await versions(world, CITY)).length, 3, 'no version of the settings');
    const { city: _, ...everywhere } = { ...input, school: removed, status: 'finished' };
    await world.do('province', 'set-school-status', everywhere);
    const rows = await world.query(
      `select school, region, status from school_statuses
       where school in ($1, $2) and status <> 'open' order by region`,
      [suspended, removed],
    );
    t.same(rows, [
      { school: removed, region: '', status: 'finished' },
      { school: suspended, region: CITY, status: 'suspended' },
    ]);
    await world.do('province', 'set-school-status', { ...everywhere, status: 'open' });
  });

  t.test('sets by two keys what of a school waits for an officer', async t => {
    const school = { city: CITY, batch: BATCH, school: lined };
    await sets(t, world, 'set-school-review', { ...school, plan_changes: false, files: true });
    const expected = { school: lined, batch: BATCH, planChanges: false, files: true };
    t.match((await policyOf(world, CITY)).schoolReviews, [expected]);
    await sets(t, world, 'set-school-review', { ...school, files: null });
    t.match((await policyOf(world, CITY)).schoolReviews, [{ ...expected, files: null }]);
  });

  t.test('sets the batch’s order and days, inside the phase', async t => {
    const here = { city: CITY, batch: BATCH };
    const late = { ...here, opens: '2016-07-21', closes: '2016-07-30' };
    await refused(t, world, [USER, 'set-city-batches', late], 'outside-phase');
    const days = { opens: '2016-07-21', closes: '2016-07-28' };
    await sets(t, world, 'set-city-batches', { ...here, order: 45, ...days });
    const batch = batchOf(await policyOf(world, CITY), BATCH);
    t.match(batch, { order: 45, window: [days.opens, days.closes] });
  });

  t.test('sets the mode of dispatch, its ratio and its ties', async t => {
    const here = { city: CITY, batch: BATCH };
    const mode = { ratio: '1.20', rounding: 'ceil', tie_keys: ['语文+数学', 'priority'] };
    const ending = { tie_ending: 'candidate-no', major_mode: 'gap', major_gap: 2.5 };
    await sets(t, world, 'set-dispatch-mode', { ...here, ...mode, ...ending });
    t.match(batchOf(await policyOf(world, CITY), BATCH).dispatch, {
      mode: 'score-first',
      ratio: 120,
      rounding: 'ceil',
      ties: { ending: 'candidate-no' },
      majors: { mode: 'gap', gap: 250 },
    });
    const unbanded = { ...here, mode: 'banded' };
    await refused(t, world, [USER, 'set-dispatch-mode', unbanded], 'settings-rejected');
    const subject = { ...here, tie_keys: ['拉丁文'] };
    await refused(t, world, [USER, 'set-dispatch-mode', subject], 'settings-rejected');
  });

  t.test('sets which schools belong to the batch', async t => {
    const here = { city: CITY, batch: BATCH };
    const one = { ...here, remove: removed };
    await refused(t, world, [USER, 'set-school-batch', one], 'batch-by-kinds');
    const rows = await world.query<{ code: string }>(
      `select code from schools where kind <> 'senior-high' order by code`,
    );
    await sets(t, world, 'set-school-batch', { ...here, schools: rows.map(row => row.code) });
    await world.do(USER, 'set-school-batch', one);
    await refused(t, world, [USER, 'set-school-batch', one], 'no-such-entry');
    await sets(t, world, 'set-school-batch', { ...here, add: removed });
    await world.do(USER, 'set-school-batch', one);
    t.notOk(batchOf(await policyOf(world, CITY), BATCH).schools?.includes(removed));
    const unknown = { ...here, schools: ['9999999'] };
    await refused(t, world, [USER, 'set-school-batch', unknown], 'settings-rejected');
  });

  await conditions(t, world, schools);
  await candidates(t, world, held);
  await flexibleQuota(t, world, flexible);

  t.test('does not dispatch by settings that two have not signed', async t => {
    world.at = '2016-07-21T19:35';
    const reports = await world.nightly('dispatch', '2016-07-21');
    const report = reports.find(each => each.scope.city === CITY);
    t.match(report, { state: 'refused', error: { code: 'policy-not-adopted' } });
    world.at = BEFORE;
  });

  t.test('is followed by the dispatch, which goes as set', async t => {
    await sign(world, CITY);
    await t.rejects(dispatched(world, CITY, NIGHT), /not due/, 'its days begin later');
    const report = await dispatched(world, CITY, '2016-07-21');
    t.equal(report.state, 'completed', report.error?.message ?? '');
    const run = report.run as number;
    const [version] = await world.query<{ overlay_hash: string }>(
      'select overlay_hash from policy_versions v join runs r on r.policy = v.id where r.run = $1',
      [run],
    );
    t.equal(version?.overlay_hash, (await versions(world, CITY)).at(-1)?.hash);
    await goesAsSet(t, world, run, schools, line, held);
  });

  t.test('is closed from the dispatch to the next round', async t => {
    world.at = '2016-07-22T09:00';
    for (const id of OVERLAY_FUNCTIONS) {
      await refused(t, world, [USER, id, all[id]], 'batch-dispatched');
    }
    await closeLists(world, CITY);
    await world.do(USER, 'open-round', { city: CITY, batch: BATCH, new_choices: false });
    await world.do(USER, 'set-dispatch-mode', { city: CITY, batch: BATCH, mode: 'choice-first' });
    const lower = { city: CITY, batch: BATCH, line: line - 40 };
    await world.do(USER, 'set-region-score-line', lower);
    await sign(world, CITY, {});
    const report = await dispatched(world, CITY, '2016-07-22');
    t.equal(report.state, 'completed', report.error?.message ?? '');
    const scores = await reasonsOf(world, report.run as number);
    const placed = scores.filter(each => [...each.reasons.values()].includes('placed'));
    t.ok(
      placed.some(each => (each.score ?? 0) < line * 100),
      'below the former line',
    );
    world.at = '2016-07-30T09:00';
    for (const id of OVERLAY_FUNCTIONS) {
      await refused(t, world, [USER, id, all[id]], 'window-closed');
    }
    world.at = MORNING;
  });
});

async function goesAsSet(
  t: Test,
  world: ActWorld,
  run: number,
  { lined, suspended, conditioned, removed, flexible }: Schools,
  line: number,
  held: string,
): Promise<void> {
  const scores = await reasonsOf(world, run);
  const below = scores.filter(each => each.score !== null && each.score < line * 100);
  t.ok(below.length > 5 && below.length < scores.length);
  const ofRegion = below.filter(each => [...each.reasons.values()].includes('below-region-line'));
  t.ok(ofRegion.length > 5);
  for (const { reasons } of below) {
    const codes = [...reasons.values()];
    t.notOk(codes.includes('placed'));
    const barred = ['below-region-line', 'no-plan', 'not-in-batch', 'school-suspended'];
    t.ok(
      codes.every(code => barred.includes(code)),
      codes.join(' '),
    );
  }
  const between = scores.filter(
    ({ score, reasons }) =>
      reasons.size > 0 && score !== null && score >= line * 100 && score < (line + 60) * 100,
  );
  const ofLined = await verdicts(t, world, run, CITY, lined);
  t.ok(ofLined.includes('below-school-line') && ofLined.includes('placed'), ofLined.join(' '));
  t.ok(between.length > 0);
  const reached = async (school: string) =>
    (await verdicts(t, world, run, CITY, school)).filter(code => code !== 'not-reached');
  t.same(new Set(await reached(suspended)), new Set(['school-suspended']));
  t.same(new Set(await reached(removed)), new Set(['not-in-batch']));
  t.ok((await reached(conditioned)).includes('not-a-girl'));
  t.notOk(
    scores.some(each => each.candidate === held),
    'who is held takes no part',
  );
  const rooms = await world.query<{
    school: string;
    planned: number;
    room: number;
    flexible: number;
  }>('select school, planned, room_before as room, flexible from school_outcomes where run = $1', [
    run,
  ]);
  for (const row of rooms) t.equal(row.room, Math.ceil((row.planned * 120) / 100) + row.flexible);
  t.equal(rooms.find(row => row.school === flexible)?.flexible, 4, 'as set');
}

async function conditions(t: Test, world: ActWorld, schools: Schools): Promise<void> {
  const { conditioned: school, lined } = schools;
  const here = { city: CITY, school };

  t.test('sets a school’s condition in the rule language', async t => {
    await sets(t, world, 'set-special-conditions', { ...here, condition: GIRLS });
    const known = (await policyOf(world, CITY)).special.find(({ id }) => id === 'girls-only');
    t.match(known, { school, refuse: 'not-a-girl', basis: 'sample', major: null });
    const asObject = {
      id: 'tall',
      title: '身高',
      requires: { all: [{ fact: 'candidate.height', operator: 'greaterThan', value: 100 }] },
      refuse: 'too-small',
      missing: 'pass',
    };
    await sets(t, world, 'set-special-conditions', { ...here, condition: asObject });
    await world.do(USER, 'set-special-conditions', { ...here, remove: 'tall' });
    t.notOk((await policyOf(world, CITY)).special.some(({ id }) => id === 'tall'));
    await refused(
      t,
      world,
      [USER, 'set-special-conditions', { ...here, remove: 'tall' }],
      'no-such-entry',
    );
  });

  t.test('shows every problem of a condition at its place', async t => {
    const wrong = GIRLS.replace('candidate.sex', 'candidate.sexe')
      .replace('title: 只招女生', 'titel: 只招女生')
      .replace('refuse: not-a-girl', 'refuse: 不是女生');
    const input = { ...here, condition: wrong };
    await refused(t, world, [USER, 'set-special-conditions', input], 'condition-rejected');
    const message = await world.do(USER, 'set-special-conditions', input).then(
      () => '',
      (error: Error) => error.message,
    );
    t.match(message, /条件:6:\d+ 〔unknown-fact〕.*candidate\.sex/);
    t.match(message, /条件:3:1 .*titel/);
    t.match(message, /条件:1:1 〔missing-key〕.*title/);
    t.match(message, /条件:7:\d+ .*不是女生/);
    for (const text of ['id: "', '- a', '只是文字', 'id：girls-only', `{${GIRLS}`, 'x: &a 1']) {
      const broken = { ...here, condition: text };
      await refused(t, world, [USER, 'set-special-conditions', broken], 'condition-rejected');
    }
  });

  t.test('keeps each school’s conditions its own, and the province’s where they are', async t => {
    const id = 'set-special-conditions';
    const named = { city: CITY, school: lined, condition: `school: "${school}"\n${GIRLS}` };
    await refused(t, world, [USER, id, named], 'condition-of-other-school');
    const over = { city: CITY, school: lined, condition: GIRLS };
    await refused(t, world, [USER, id, over], 'condition-of-other-school');
    const removal = { city: CITY, school: lined, remove: 'girls-only' };
    await refused(t, world, [USER, id, removal], 'condition-of-other-school');
    const ofBase = { city: CITY, school: '4401001', remove: 'height-4401001' };
    await world.query(
      `insert into schools (season, code, name, kind, owner, region)
       values (2016, '4401001', 'X', 'vocational', 'city', '440100')`,
    );
    await refused(t, world, [USER, id, ofBase], 'base-entry');
    const major = { ...here, major: '0000', condition: GIRLS };
    await refused(t, world, [USER, id, major], 'unknown-major');
  });
}

async function candidates(t: Test, world: ActWorld, held: string): Promise<void> {
  const id = 'set-candidate-status';
  const off = { candidate_no: held, dispatchable: false, reason: '体检复查' };
  const on = { ...off, dispatchable: true };

  t.test('holds a candidate, and lets go by the same level or a higher one', async t => {
    const { answer } = await world.do(USER, id, off);
    t.match(answer.values, { state: 'held' });
    t.match(await lastEvent(world, CITY), { name: 'hold', note: { reason: '体检复查' } });
    const [file] = await world.query(
      `select f.state, f.hold_level, f.reason from files f
       join candidate_numbers n using (season, city, file) where n.candidate_no = $1`,
      [held],
    );
    t.same(file, { state: 'held', hold_level: 'city', reason: '体检复查' });
    await refused(t, world, [USER, id, off], 'event-not-allowed');
    await world.do('province', id, on);
    t.match(await lastEvent(world, CITY), { name: 'release-hold', actor: 'province' });
    await refused(t, world, [USER, id, on], 'event-not-allowed');
    await world.do('province', id, off);
    await refused(t, world, [USER, id, on], 'held-by-higher-level');
  });

  t.test('does not touch a file that is at a school', async t => {
    const other = await inPool(world, 1);
    const put = (state: string) =>
      world.query(
        `insert into files (season, city, file, state, school, batch, event)
         select season, city, file, $2, '4404001', $3, 1 from candidate_numbers
         where candidate_no = $1
         on conflict (season, city, file) do update set state = excluded.state`,
        [other, state, BATCH],
      );
    for (const state of ['dispatched', 'reading', 'admitted', 'registered', 'filed']) {
      await put(state);
      const input = { ...off, candidate_no: other };
      await refused(t, world, [USER, id, input], 'file-at-school');
    }
    await world.query(`delete from files where state = 'filed'`);
  });
}

async function flexibleQuota(t: Test, world: ActWorld, school: string): Promise<void> {
  const id = 'set-flexible-quota';
  const here = { city: CITY, batch: BATCH, school };

  t.test('sets flexible places without review, by the rule that says so', async t => {
    const { answer } = await world.do(USER, id, { ...here, places: 4 });
    t.match(answer.values, { places: 4 });
    const event = await lastEvent(world, CITY);
    t.match(event, { name: id, school, batch: BATCH, note: { rule: 2, places: 4 } });
    t.match(event?.decision, /^flexible-without-review/);
    const again = await world.do(USER, id, { ...here, places: 4 });
    t.match(again.answer.lines, ['未作改动']);
  });

  t.test('never sets them below what is used', async t => {
    const [line] = await world.query<{ major: string; planned: number }>(
      'select major, planned from plan_lines where city = $1 and school = $2 limit 1',
      [CITY, school],
    );
    // Two files more than the line has places: two flexible places are used.
    await world.query(
      `insert into files (season, city, file, state, school, major, batch, event)
       select c.season, c.city, c.file, 'admitted', $2, $3, $4, 1 from candidates c
       left join files f using (season, city, file)
       where c.city = $1 and f.file is null and c.total is null or c.city = $1 and f.file is null
       order by c.total nulls first, c.file limit $5`,
      [CITY, school, line?.major, BATCH, (line?.planned ?? 0) + 2],
    );
    await refused(t, world, [USER, id, { ...here, places: 1 }], 'below-used');
    const { answer } = await world.do(USER, id, { ...here, places: 2 });
    t.match(answer.values, { before: 4, places: 2, used: 2 });
    await world.query(`delete from files where state = 'admitted'`);
    await world.do(USER, id, { ...here, places: 4 });
    const [none] = await world.query<{ code: string }>(
      `select code from schools s where kind <> 'senior-high' and not exists (
         select from plan_lines p where p.city = $1 and p.school = s.code)
       order by s.code desc limit 1`,
      [CITY],
    );
    await refused(t, world, [USER, id, { ...here, school: none?.code, places: 1 }], 'no-plan');
  });
}
