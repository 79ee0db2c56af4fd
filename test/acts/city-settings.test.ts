/**
 * 投档控制 beyond annex 1: settings and principles signed by two, the province's answer, draws of
 * lots, schedules, rounds and the end of a batch; and who may start, by the YAML alone.
 */
import { createHash, createHmac } from 'node:crypto';
import t, { type Test } from 'tap';
import { batchOf } from '../../engine/policy/lookup.ts';
import { drawSeed } from '../../jobs/dispatch-control/parts/draw.ts';
import { adopt, policyFiles, SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, digest, refused } from './act-world.ts';
import {
  BATCH,
  BEFORE,
  closeLists,
  dispatched,
  lastEvent,
  NIGHT,
  PAPER,
  policyOf,
  sign,
  versions,
  wantedSchools,
} from './control-world.ts';

const CITY = '440400';
const OTHER = '440600';
/** Has set nothing. */
const BARE = '440700';
const USER = `city-${CITY}`;
const SECOND = `${USER}-2`;
const HERE = { city: CITY, batch: BATCH };

/** The calendar with other values; the base is adopted as the season's next version. */
function requiring(edit: (path: string, text: string) => string) {
  return policyFiles((path, text) => {
    const edited = edit(path, text);
    if (path !== 'calendar.yaml') return edited;
    return edited.replace(
      'title: 投档前录取原则是否须已报省备案, basis: sample, value: false',
      'title: 投档前录取原则是否须已报省备案, basis: sample, value: true',
    );
  });
}

async function startOf(world: ActWorld, city = CITY): Promise<string> {
  const report = await dispatched(world, city);
  return report.error?.code ?? report.state;
}

/** Whether each city's dispatch began, or by which code it was refused; then all is as before. */
async function startsOf(world: ActWorld): Promise<Record<string, string>> {
  const at = world.at;
  world.at = `${NIGHT}T19:35`;
  const reports = await world.nightly('dispatch', NIGHT);
  world.at = at;
  await forget(world);
  return Object.fromEntries(
    reports.map(({ scope, state, error }) => [scope.city, error?.code ?? state]),
  );
}

/** Takes a completed run back as if it had never been: the round is due again. */
async function forget(world: ActWorld): Promise<void> {
  await world.query(`update runs set state = 'cancelled' where job = 'dispatch'`);
  await world.query('delete from run_steps');
  await world.query('delete from list_items');
  await world.query('delete from dispatch_lists');
  await world.query(`delete from files where state = 'dispatched'`);
}

t.test('settings and principles', async t => {
  const files = policyFiles();
  files.delete(`cities/${BARE}.yaml`);
  const world = await actWorld(t, { cities: [CITY, OTHER, BARE], candidates: 500, files });
  world.at = BEFORE;
  const id = 'adopt-city-settings';

  t.test('are signed by two officers of the city, version by version', async t => {
    const lone = { city: CITY, version: 1 };
    await refused(t, world, [USER, id, lone], 'principles-needed');
    await refused(t, world, [USER, id, { ...lone, ...PAPER, version: 2 }], 'not-latest-version');
    const half = { ...lone, principles_hash: PAPER.principles_hash };
    await refused(t, world, [USER, id, half], 'wrong-input');
    await refused(t, world, [`city-${BARE}`, id, { ...lone, city: BARE }], 'no-settings');
    await world.do(USER, 'set-region-score-line', { ...HERE, line: 260 });
    const { proposal } = await world.do(USER, id, { city: CITY, version: 2, ...PAPER });
    await refused(t, world, [USER, id, { confirm: proposal }], 'same-person');
    await world.do(SECOND, 'set-region-score-line', { ...HERE, line: 261 });
    await refused(t, world, [SECOND, id, { confirm: proposal }], 'not-latest-version');
    t.equal(await startOf(world), 'policy-not-adopted');
    await sign(world, CITY);
    const [signature] = await world.query(
      `select version, signed_by, countersigned_by from overlay_signatures
       where city = $1 and version = 3`,
      [CITY],
    );
    t.same(signature, { version: 3, signed_by: USER, countersigned_by: SECOND });
    const event = await lastEvent(world, CITY);
    t.match(event, { name: id, actor: SECOND, note: { version: 3, filing: 1, late: true } });
    await refused(t, world, [USER, id, { city: CITY, version: 3 }], 'already-adopted');
    await refused(t, world, [USER, id, { city: CITY, version: 3, ...PAPER }], 'already-adopted');
    t.equal(await startOf(world), 'completed');
    await forget(world);
  });

  t.test('are answered by the province, and an objection by another filing', async t => {
    const answer = 'acknowledge-principles';
    await refused(
      t,
      world,
      ['province', answer, { city: CITY, verdict: 'object' }],
      'reason-needed',
    );
    const none = { city: OTHER, verdict: 'acknowledge' };
    await refused(t, world, ['province', answer, none], 'principles-not-filed');
    await world.do('province', answer, { city: CITY, verdict: 'acknowledge' });
    const again = { city: CITY, verdict: 'acknowledge' };
    await refused(t, world, ['province', answer, again], 'principles-answered');
    const objection = { city: CITY, verdict: 'object', reason: '加分办法没有依据' };
    await world.do('province', answer, objection);
    t.match(await lastEvent(world, CITY), { name: answer, note: { state: 'objected', filing: 1 } });
    await refused(t, world, ['province', answer, objection], 'principles-answered');
    const same = { city: CITY, version: 3, ...PAPER };
    await refused(t, world, [USER, id, same], 'principles-objected');
    await refused(t, world, [USER, id, { city: CITY, version: 3 }], 'principles-objected');
    world.at = '2016-07-14T09:00';
    await sign(world, CITY, { ...PAPER, principles_hash: 'b'.repeat(64) });
    world.at = BEFORE;
    const rows = await world.query(
      `select filing, state, late, answered_by, reason from city_principles
       where city = $1 order by 1`,
      [CITY],
    );
    t.same(rows, [
      {
        filing: 1,
        state: 'objected',
        late: true,
        answered_by: 'province',
        reason: objection.reason,
      },
      { filing: 2, state: 'filed', late: false, answered_by: null, reason: null },
    ]);
  });

  t.test('decide who may start as the YAML says, and nothing else does', async t => {
    const both = { [CITY]: 'completed', [OTHER]: 'completed' };
    t.match(await startsOf(world), both, 'shipped: not required');
    await adopt(
      world.database,
      requiring((_, text) => text),
    );
    const one = { ...both, [OTHER]: 'principles-not-filed' };
    t.match(await startsOf(world), one, 'filed is enough');
    const rule = 'operator: in, value: [filed, acknowledged]';
    await adopt(
      world.database,
      requiring((path, text) =>
        path === 'batches.yaml' ? text.replace(rule, 'operator: equal, value: acknowledged') : text,
      ),
    );
    const neither = { ...one, [CITY]: 'principles-not-filed' };
    t.match(await startsOf(world), neither, 'filed is no longer enough');
    await world.do('province', 'acknowledge-principles', { city: CITY, verdict: 'acknowledge' });
    t.match(await startsOf(world), one);
  });
});

t.test('a city with its own system', async t => {
  const world = await actWorld(t, { cities: [CITY, OTHER], candidates: 300 });
  world.at = BEFORE;
  const id = 'approve-own-system';
  const input = { city: CITY, approved: true };

  t.test('is marked by two officers of the province, and dispatched no more', async t => {
    await refused(t, world, [USER, id, input], 'wrong-level');
    const { proposal } = await world.do('province', id, input);
    await refused(t, world, ['province', id, { confirm: proposal }], 'same-person');
    t.equal((await policyOf(world, CITY)).ownSystem, false, 'a proposal changes nothing');
    await world.do('province-2', id, { confirm: proposal });
    t.equal((await policyOf(world, CITY)).ownSystem, true);
    t.match(await lastEvent(world, CITY), { name: id, note: { edit: { approved: true } } });
    await t.rejects(dispatched(world, CITY), /not due/);
    const before = await versions(world, CITY);
    const again = await world.both('province', 'province-2', id, input);
    t.match(again.answer.lines, ['未作改动']);
    t.same(await versions(world, CITY), before);
    await world.do(USER, 'set-region-score-line', { ...HERE, line: 250 });
    t.equal((await policyOf(world, CITY)).ownSystem, true, 'what the city sets does not lift it');
  });

  t.test('is lifted by two, and not marked once it was dispatched here', async t => {
    await world.both('province', 'province-2', id, { city: CITY, approved: false });
    t.equal(await startOf(world), 'policy-not-adopted', 'the city’s own change waits for its two');
    await sign(world, CITY);
    t.equal(await startOf(world), 'completed');
    await refused(t, world, ['province', id, input], 'city-dispatched');
  });
});

/** One of those who take part can't be dispatched from now on. */
async function holdOne(world: ActWorld): Promise<void> {
  const [held] = await world.query<{ candidate_no: string }>(
    `select n.candidate_no from candidate_numbers n join choices c using (season, city, file)
     left join files f using (season, city, file)
     where n.city = $1 and f.file is null order by 1 limit 1`,
    [CITY],
  );
  const off = { candidate_no: held?.candidate_no, dispatchable: false, reason: '体检复查' };
  await world.do(USER, 'set-candidate-status', off);
}

t.test('draws of lots', async t => {
  const world = await actWorld(t, { cities: [CITY, OTHER], candidates: 600 });
  world.at = BEFORE;
  const publish = { ...HERE, publish: true };

  t.test('are drawn by two, after the applicants’ hash is published', async t => {
    await world.do(USER, 'set-dispatch-mode', { ...HERE, mode: 'lottery' });
    await sign(world, CITY);
    await refused(t, world, [USER, 'draw-seed', HERE], 'applicants-not-published');
    const { answer } = await world.do(USER, 'draw-seed', publish);
    const hash = answer.values?.['inputHash'];
    t.match(hash, /^[0-9a-f]{64}$/);
    t.match(await lastEvent(world, CITY), { note: { step: 'publish', inputHash: hash } });
    const same = await world.do(USER, 'draw-seed', publish);
    t.match(same.answer.values, { draw: 1, inputHash: hash });
    await holdOne(world);
    await refused(t, world, [USER, 'draw-seed', HERE], 'applicants-changed');
    const renewed = await world.do(USER, 'draw-seed', publish);
    t.match(renewed.answer.values, { draw: 2, inputHash: /./ });
    t.not(renewed.answer.values?.['inputHash'], hash);
    const { proposal } = await world.do(USER, 'draw-seed', HERE);
    t.equal(batchOf(await policyOf(world, CITY), BATCH).dispatch.seed, null, 'nobody saw a seed');
    await refused(t, world, [USER, 'draw-seed', { confirm: proposal }], 'same-person');
    const drawn = await world.do(SECOND, 'draw-seed', { confirm: proposal });
    const { seed } = drawn.answer.values as { seed: string };
    t.match(seed, /^[0-9a-f]{64}$/);
    t.equal(batchOf(await policyOf(world, CITY), BATCH).dispatch.seed, seed);
    t.match(drawn.answer.values, { signed: true }, 'two have drawn it: no further signature');
    await refused(t, world, [USER, 'draw-seed', publish], 'seed-drawn');
    await refused(t, world, [USER, 'draw-seed', HERE], 'seed-drawn');
  });

  t.test('place nobody once somebody was held who could be seen to win', async t => {
    await holdOne(world);
    const report = await dispatched(world, CITY);
    t.equal(report.error?.code, 'applicants-differ');
    t.match(report.error?.message, '变动的考生 1 名');
    t.same(await world.query('select from dispatch_lists where city = $1', [CITY]), []);
    const renewed = await world.do(USER, 'draw-seed', publish);
    t.match(renewed.answer.values, { draw: 3, round: 1 });
    await world.both(USER, SECOND, 'draw-seed', HERE);
  });

  t.test('hold in the run: the published input, and lots that anybody draws again', async t => {
    const report = await dispatched(world, CITY);
    t.equal(report.state, 'completed', report.error?.message ?? '');
    const [draw] = await world.query<{ input_hash: string; seed: string }>(
      `select input_hash, seed from lottery_draws where city = $1 and seed is not null
       order by draw desc limit 1`,
      [CITY],
    );
    t.equal(report.result?.inputHash, draw?.input_hash, 'the run’s input is what was published');
    const rows = await world.query<{ candidate_no: string; position: number }>(
      'select candidate_no, position from decisions where run = $1 order by position',
      [report.run],
    );
    t.ok(rows.length > 20);
    const lot = (candidate: string) =>
      createHmac('sha256', draw?.seed ?? '')
        .update(candidate)
        .digest('hex');
    const again = rows.map(row => row.candidate_no).toSorted((a, b) => (lot(a) < lot(b) ? -1 : 1));
    t.same(
      rows.map(row => row.candidate_no),
      again,
    );
  });

  t.test('are drawn anew for the next round, never with a former seed', async t => {
    world.at = '2016-07-21T09:00';
    await refused(t, world, [USER, 'draw-seed', publish], 'batch-dispatched');
    await closeLists(world, CITY);
    const opened = await world.do(USER, 'open-round', { ...HERE, new_choices: false });
    t.match(opened.answer.lines[1], '种子不再使用');
    t.equal(batchOf(await policyOf(world, CITY), BATCH).dispatch.seed, null);
    await world.do(USER, 'draw-seed', publish);
    await world.both(USER, SECOND, 'draw-seed', HERE);
    const rows = await world.query<{ seed: string; round: number }>(
      'select seed, round from lottery_draws where seed is not null order by draw',
    );
    t.same(
      rows.map(row => row.round),
      [1, 1, 2],
    );
    t.equal(new Set(rows.map(row => row.seed)).size, 3);
    const twice = world.query('update lottery_draws set seed = $1 where round = 2', [
      rows[0]?.seed,
    ]);
    await t.rejects(twice, { code: '23505' }, 'the database itself takes no seed twice');
    t.equal((await dispatched(world, CITY, '2016-07-21')).state, 'completed');
  });

  t.test('refuse a batch that is over', async t => {
    await closeLists(world, CITY);
    await world.do(USER, 'close-batch', HERE);
    await refused(t, world, [USER, 'draw-seed', publish], 'batch-closed');
  });
});

t.test('a seed has 256 bits of chance and what it is drawn for', async t => {
  let next = 0;
  const random = () => {
    next += 1;
    return next / 1000;
  };
  const seed = drawSeed(random, ['a', 1]);
  t.equal(next, 8, '32 bits each');
  const bits = new Uint32Array(8).map((_, at) => Math.floor(((at + 1) / 1000) * 2 ** 32));
  const hash = createHash('sha256').update(new Uint8Array(bits.buffer)).update('["a",1]');
  t.equal(seed, hash.digest('hex'));
  const stuck = () => 0.5;
  t.not(drawSeed(stuck, ['a', 1]), drawSeed(stuck, ['a', 2]));
  t.not(
    drawSeed(() => 0.5, ['a', 1]),
    drawSeed(() => 0.25, ['a', 1]),
  );
});

t.test('a school’s schedule', async t => {
  const world = await actWorld(t, { cities: [CITY, OTHER], candidates: 300 });
  world.at = BEFORE;
  const [school = '', second = ''] = await wantedSchools(world, CITY);
  const id = 'set-school-schedule';
  const times = {
    opens_at: '2016-07-21T08:00:00+08:00',
    closes_at: '2016-07-24T18:00:00+08:00',
  };

  t.test('is entered for one school, or for all with a plan here', async t => {
    const { answer } = await world.do(USER, id, { ...HERE, ...times });
    const [plans] = await world.query<{ count: number }>(
      'select count(distinct school)::integer as count from plan_lines where city = $1',
      [CITY],
    );
    t.match(answer.values, { schools: plans?.count, changed: plans?.count });
    const again = await world.do(USER, id, { ...HERE, school, ...times });
    t.match(again.answer.values, { changed: 0 });
    const longer = { ...times, closes_at: '2016-07-26T18:00:00+08:00' };
    await world.do(USER, id, { ...HERE, school, ...longer });
    t.match(await lastEvent(world, CITY), { name: id, school, batch: BATCH });
    const [row] = await world.query<{ closes: string }>(
      `select to_char(closes_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as closes
       from school_schedules where city = $1 and school = $2`,
      [CITY, school],
    );
    t.equal(row?.closes, '2016-07-26 18:00');
  });

  t.test('lies in the batch’s days, and is only extended after the dispatch', async t => {
    const early = { ...HERE, school, ...times, opens_at: '2016-07-19T08:00:00+08:00' };
    await refused(t, world, [USER, id, early], 'outside-window');
    const turned = { ...HERE, opens_at: times.closes_at, closes_at: times.opens_at };
    await refused(t, world, [USER, id, turned], 'outside-window');
    // 2016-07-29 16:00 UTC is the 30th in Shanghai.
    const late = { ...HERE, ...times, closes_at: '2016-07-29T16:00:00Z' };
    await refused(t, world, [USER, id, late], 'outside-window');
    await refused(
      t,
      world,
      [USER, id, { ...HERE, ...times, opens_at: '2016-07-21' }],
      'wrong-input',
    );
    const elsewhere = { ...HERE, ...times, school: '4406901' };
    await world.query(
      `insert into schools (season, code, name, kind, owner, region)
       values ($1, '4406901', '高中', 'senior-high', 'city', '440600')`,
      [SEASON],
    );
    await refused(t, world, [USER, id, elsewhere], 'not-in-batch');
    await dispatched(world, CITY);
    world.at = '2016-07-21T09:00';
    const shorter = { ...HERE, school: second, ...times, closes_at: '2016-07-23T18:00:00+08:00' };
    await refused(t, world, [USER, id, shorter], 'schedule-shortened');
    const longer = { ...shorter, closes_at: '2016-07-25T18:00:00+08:00' };
    t.match((await world.do(USER, id, longer)).answer.values, { changed: 1 });
    world.at = '2016-07-30T09:00';
    await refused(t, world, [USER, id, { ...longer, school }], 'window-closed');
  });
});

/** Against a seed that is known, nobody may be held; once somebody was, it is drawn anew. */
async function drawnAnew(t: Test, world: ActWorld): Promise<void> {
  const [line] = await world.query<{ school: string }>(
    'select school from plan_lines where city = $1 order by planned desc, school limit 1',
    [CITY],
  );
  const lots = { ...HERE, school: line?.school };
  // A publication that the trail does not hold proves nothing: then nobody is drawn either.
  const renumber = (by: number) =>
    world.query('update lottery_draws set draw = draw + $2 where city = $1', [CITY, by]);
  await renumber(100);
  await refused(t, world, [USER, 'lottery-admission', lots], 'publication-lost');
  await renumber(-100);
  await holdOne(world);
  await refused(t, world, [USER, 'lottery-admission', lots], 'applicants-touched');
  await world.do(USER, 'draw-seed', { ...HERE, publish: true });
  const drawn = await world.both(USER, SECOND, 'draw-seed', HERE);
  t.match(drawn.answer.values, { draw: 2, round: 1, signed: true });
}

/**
 * One list of each kind that a window can leave open: not released; decided in part; only
 * proposals; submitted; submitted, with files sent back by the reviewer. The rest is closed.
 *
 * @returns what must have become of them
 */
async function leftOpen(t: Test, world: ActWorld, city: string) {
  const lists = await world.query<{ list: number }>(
    `select list from list_items where city = $1 group by list having count(*) >= 3
     order by list limit 5`,
    [city],
  );
  const [draft, part, proposals, submitted, reopened] = lists.map(({ list }) => list) as number[];
  t.equal(lists.length, 5);
  const files = (list: number | undefined, state: string, at: string, more = '') =>
    world.query(
      `update files f set state = $3, reason = 'x'${more} from list_items i
       where i.city = $1 and i.list = $2 and f.city = i.city and f.file = i.file and ${at}`,
      [city, list, state],
    );
  const set = (state: string, of: readonly (number | undefined)[]) =>
    world.query('update dispatch_lists set state = $3 where city = $1 and list = any($2)', [
      ...[city, of, state],
    ]);
  await world.query(
    `update files set state = 'admitted' where city = $1 and list <> all($2::integer[])`,
    [city, lists.map(({ list }) => list)],
  );
  await world.query(
    `update dispatch_lists set state = 'closed' where city = $1 and list <> all($2::integer[])`,
    [city, lists.map(({ list }) => list)],
  );
  await files(part, 'proposed', 'i.seq = 1');
  await files(part, 'return-proposed', 'i.seq = 2');
  await files(part, 'reading', 'i.seq > 2');
  for (const list of [proposals, submitted]) await files(list, 'proposed', 'true');
  await files(submitted, 'return-proposed', 'i.seq = 2');
  const again = ', reopened_for_review = true';
  await files(reopened, 'proposed', 'i.seq = 1', again);
  await files(reopened, 'return-proposed', 'i.seq = 2', again);
  await files(reopened, 'reading', 'i.seq > 2', again);
  await set('released', [part, proposals]);
  await set('submitted', [submitted, reopened]);
  const size = async (list: number | undefined) =>
    (await world.query('select 1 from list_items where city = $1 and list = $2', [city, list]))
      .length;
  return [
    { list: draft, state: 'cancelled', files: 0, reopened: 0 },
    { list: part, state: 'submitted', files: 1, reopened: 0 },
    { list: proposals, state: 'submitted', files: await size(proposals), reopened: 0 },
    { list: submitted, state: 'submitted', files: await size(submitted), reopened: 0 },
    { list: reopened, state: 'submitted', files: 1, reopened: 0 },
  ];
}

/** Lists that were not closed before, with the files that are still on them. */
function standingLists(world: ActWorld, city: string) {
  return world.query(
    `select l.list, l.state, count(f.file)::integer as files,
       count(*) filter (where f.reopened_for_review)::integer as reopened
     from dispatch_lists l left join files f on f.city = l.city and f.list = l.list
     where l.city = $1 and l.state <> 'closed' group by 1, 2 order by 1`,
    [city],
  );
}

t.test('rounds and the end of a batch', async t => {
  const world = await actWorld(t, { cities: [CITY, OTHER], candidates: 600 });
  world.at = BEFORE;

  t.test('follow one another: dispatched, decided, opened', async t => {
    const open = { ...HERE, new_choices: false };
    await refused(t, world, [USER, 'open-round', open], 'window-closed');
    await refused(t, world, [USER, 'close-batch', HERE], 'window-closed');
    world.at = '2016-07-20T09:00';
    await refused(t, world, [USER, 'open-round', open], 'round-not-dispatched');
    await refused(t, world, [USER, 'close-batch', HERE], 'round-not-dispatched');
    await dispatched(world, CITY);
    world.at = '2016-07-21T09:00';
    await refused(t, world, [USER, 'open-round', open], 'lists-open');
    await refused(t, world, [USER, 'close-batch', HERE], 'lists-open');
    await world.do(USER, 'draw-seed', { ...HERE, publish: true });
    const drawn = await world.both(USER, SECOND, 'draw-seed', HERE);
    t.match(drawn.answer.values, { round: 1, signed: true }, 'for the places that are left');
    await refused(t, world, [USER, 'draw-seed', HERE], 'batch-dispatched');
    await drawnAnew(t, world);
    await closeLists(world, CITY);
    await world.do(USER, 'open-round', open);
    t.equal(batchOf(await policyOf(world, CITY), BATCH).dispatch.seed, null, 'spent');
    t.match(await lastEvent(world, CITY), { name: 'open-round', note: { round: 2 } });
    await refused(t, world, [USER, 'open-round', open], 'round-not-dispatched');
    const report = await dispatched(world, CITY, '2016-07-21');
    t.match(report, { state: 'completed', scope: { round: 2 } });
  });

  t.test('with new choices wait until there are any', async t => {
    world.at = '2016-07-22T09:00';
    await closeLists(world, CITY);
    await world.query(
      `insert into choices (season, city, batch, round, file, ordinal, school, majors, adjustment)
       select season, city, batch, 3, file, ordinal, school, majors, adjustment from choices
       where city = $1 and round = 1`,
      [CITY],
    );
    const former = { ...HERE, new_choices: false };
    await refused(t, world, [USER, 'open-round', former], 'round-has-choices');
    await world.query('delete from choices where round = 3');
    await world.do(USER, 'open-round', { ...HERE, new_choices: true });
    const early = await dispatched(world, CITY, '2016-07-22');
    t.equal(early.error?.code, 'new-choices-missing');
    await world.query(
      `insert into choices (season, city, batch, round, file, ordinal, school, majors, adjustment)
       select season, city, batch, 3, file, ordinal, school, majors, adjustment from choices
       where city = $1 and round = 1`,
      [CITY],
    );
    t.equal((await dispatched(world, CITY, '2016-07-22')).state, 'completed');
  });

  t.test('end when all lists are closed, and then for good', async t => {
    world.at = '2016-07-23T09:00';
    await closeLists(world, CITY);
    await world.do(USER, 'close-batch', HERE);
    t.match(await lastEvent(world, CITY), { name: 'close-batch', note: { windowOver: false } });
    await refused(t, world, [USER, 'close-batch', HERE], 'batch-closed');
    const open = { ...HERE, new_choices: false };
    await refused(t, world, [USER, 'open-round', open], 'batch-closed');
    await refused(
      t,
      world,
      [USER, 'set-region-score-line', { ...HERE, line: 300 }],
      'batch-closed',
    );
    await t.rejects(dispatched(world, CITY, '2016-07-23'), /not due/);
  });

  t.test('end with the window, and so do the lists that it has left open', async t => {
    // Dispatched in the night of the other one.
    const expected = await leftOpen(t, world, OTHER);
    world.at = '2016-07-30T09:00';
    const there = { city: OTHER, batch: BATCH };
    const { answer } = await world.do(`city-${OTHER}`, 'close-batch', there);
    t.match(answer.values, { over: true });
    t.match(await lastEvent(world, OTHER), { name: 'close-batch', note: { windowOver: true } });
    t.same(await standingLists(world, OTHER), expected);
    const wrong = await world.query(
      `select f.file, f.state, e.to_state from files f
         left join events e on e.season = f.season and e.city = f.city and e.event = f.event
       where f.city = $1 and f.list is null and f.state = 'in-pool'
         and not (e.name = 'recall' and e.note ->> 'reason' = 'batch-closed'
           and f.returned_by <> '{}')`,
      [OTHER],
    );
    t.same(wrong, [], 'each file that came back says why, and from where');
    const before = await digest(world.database);
    await t.rejects(world.do(`city-${OTHER}`, 'close-batch', there), { code: 'batch-closed' });
    t.equal(await digest(world.database), before);
  });
});
