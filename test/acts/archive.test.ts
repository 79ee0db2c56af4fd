/**
 * 档案管理: taking files back from schools, holding and releasing them, and letting a cancelled one
 * in again. Each by a success that something else reads back, and by its refusals.
 */
import t, { type Test } from 'tap';
import { type ActWorld, actWorld, refused } from './act-world.ts';
import {
  BATCH,
  dispatchPolicy,
  type FileRow,
  FOSHAN,
  files,
  grant,
  lists,
  reportRows,
  ZHUHAI,
} from './dispatch-world.ts';

const ONE = `city-${ZHUHAI}`;
const TWO = `city-${ZHUHAI}-2`;
const FOREIGN = `city-${FOSHAN}`;
const REASON = '投档有误';

const at = (list: number) => ({ city: ZHUHAI, list, reason: REASON });
const about = ({ no }: FileRow, more: object = {}) => ({
  candidate_no: no,
  reason: REASON,
  ...more,
});

/** Files on a list now, in its order. */
const on = (world: ActWorld, list: number) => files(world, ZHUHAI, `f.list = ${list}`);

async function one(world: ActWorld, { file }: Pick<FileRow, 'file'>): Promise<FileRow> {
  const [row] = await files(world, ZHUHAI, `f.file = ${file}`);
  if (row === undefined) throw new Error(`no row of file ${file}`);
  return row;
}

async function stateOf(world: ActWorld, list: number): Promise<string | undefined> {
  return (await lists(world, ZHUHAI)).find(each => each.list === list)?.state;
}

/** As a school's submission would leave it. */
async function submitted(world: ActWorld, list: number): Promise<void> {
  await world.query(`update dispatch_lists set state = 'submitted' where list = $1`, [list]);
}

t.test('files are taken back from schools before they have submitted the list', async t => {
  const world = await actWorld(t, {
    cities: [ZHUHAI, FOSHAN],
    candidates: 600,
    files: dispatchPolicy(),
    dispatched: true,
  });
  const big = (await lists(world, ZHUHAI)).filter(({ sent }) => sent > 1);
  const [draft, released, sent, recalled] = big.map(({ list }) => list) as [
    number,
    number,
    number,
    number,
  ];
  for (const list of [released, sent, recalled]) {
    await world.do(ONE, 'release-list', { city: ZHUHAI, list });
  }

  t.test('a whole list', async t => {
    await refused(t, world, [FOREIGN, 'cancel-dispatch-list', at(draft)], 'out-of-scope');
    await refused(t, world, [ONE, 'cancel-dispatch-list', at(9999)], 'unknown-list');
    for (const list of [draft, released]) {
      const before = await on(world, list);
      const done = await world.do(ONE, 'cancel-dispatch-list', at(list));
      t.same(done.answer.counts, { files: before.length });
      t.equal(await stateOf(world, list), 'cancelled');
      for (const file of before) {
        t.match(await one(world, file), { state: 'in-pool', school: null, list: null });
      }
      await refused(t, world, [ONE, 'cancel-dispatch-list', at(list)], 'list-cancelled');
    }
    const rows = await reportRows(world, 'dispatch-results', { city: ZHUHAI }, 'results');
    t.equal(rows.find(row => row['list'] === draft)?.['stateTitle'], '已取消', 'a report tells it');
  });

  t.test('one file, and with the last one its list', async t => {
    const [first, ...others] = await on(world, sent);
    if (first === undefined) throw new Error('an empty list');
    const foreign = [FOREIGN, 'cancel-dispatch', about(first)] as const;
    await refused(t, world, foreign, 'out-of-scope');
    await world.do(ONE, 'cancel-dispatch', about(first));
    t.match(await one(world, first), {
      state: 'in-pool',
      school: null,
      list: null,
      event: 'cancel-dispatch',
      note: { reason: REASON },
    });
    t.equal(await stateOf(world, sent), 'released');
    await refused(t, world, [ONE, 'cancel-dispatch', about(first)], 'not-dispatched');
    const back = {
      city: ZHUHAI,
      batch: BATCH,
      school: (await one(world, others[0] as FileRow)).school,
    };
    await submitted(world, sent);
    await refused(
      t,
      world,
      [ONE, 'cancel-dispatch', about(others[0] as FileRow)],
      'list-submitted',
    );
    await refused(t, world, [ONE, 'cancel-dispatch-list', at(sent)], 'list-submitted');
    await world.query(`update dispatch_lists set state = 'released' where list = $1`, [sent]);
    for (const file of others) await world.do(ONE, 'cancel-dispatch', about(file));
    t.equal(await stateOf(world, sent), 'cancelled', 'nothing is left of it');
    const again = await world.do(ONE, 'dispatch-school', back);
    t.ok((again.answer.counts?.['placed'] ?? 0) > 0, 'they may be sent there again');
  });

  t.test('by force, and then never to that school again', async t => {
    const [first, ...others] = await on(world, recalled);
    if (first === undefined) throw new Error('an empty list');
    await refused(t, world, [FOREIGN, 'recall-file', about(first)], 'out-of-scope');
    await submitted(world, recalled);
    await world.do(ONE, 'recall-file', about(first));
    t.match(await one(world, first), { state: 'in-pool', event: 'recall' });
    const back = { candidate_no: first.no, batch: BATCH, school: first.school };
    await refused(t, world, [ONE, 'point-dispatch', back], 'returned-before');
    for (const file of others) await world.do(ONE, 'recall-file', about(file));
    t.equal(await stateOf(world, recalled), 'closed', 'nothing of it waits any more');
    await refused(t, world, [ONE, 'recall-file', about(first)], 'not-at-school');
    const [other] = await files(world, ZHUHAI, `f.state = 'reading' or f.state = 'dispatched'`);
    const admitted = other as FileRow;
    await world.query(`update files set state = 'admitted' where file = $1`, [admitted.file]);
    await refused(t, world, [ONE, 'recall-file', about(admitted)], 'not-at-school');
    await refused(t, world, [ONE, 'hold-file', held(admitted)], 'at-school');
  });
});

const held = (file: FileRow, until = '2016-07-28') => about(file, { until });

t.test('a file in the pool is held from every dispatch until it is released', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI, FOSHAN], files: dispatchPolicy() });
  const [row] = await world.query<FileRow & { county: string; chosen: string }>(
    `select c.file, c.candidate_no as no, c.county, h.school as chosen
     from candidates c join choices h using (season, city, file)
       left join files f using (season, city, file)
     where c.city = $1 and f.file is null and c.total >= 24000 and c.origin = 'fresh'
     order by c.file limit 1`,
    [ZHUHAI],
  );
  const file = row as FileRow & { county: string; chosen: string };
  const released = { candidate_no: file.no };
  await refused(t, world, [FOREIGN, 'hold-file', held(file)], 'out-of-scope');
  await refused(t, world, [ONE, 'hold-file', held(file, '2016-07-20')], 'until-passed');
  await refused(t, world, [ONE, 'hold-file', held(file, '2016-07-32')], 'wrong-input');
  await refused(t, world, [ONE, 'hold-file', { candidate_no: file.no }], 'wrong-input');
  await refused(t, world, [ONE, 'release-hold', released], 'not-held');

  await world.do(ONE, 'hold-file', held(file));
  const [columns] = await world.query(
    'select hold_until::text, hold_level, reason from files where file = $1',
    [file.file],
  );
  t.same(columns, { hold_until: '2016-07-28', hold_level: 'city', reason: REASON });
  await refused(t, world, [ONE, 'hold-file', held(file)], 'already-held');
  const point = { candidate_no: file.no, batch: BATCH, school: file.chosen };
  await refused(t, world, [ONE, 'point-dispatch', point], 'not-in-pool');
  await world.do(ONE, 'dispatch-batch', { city: ZHUHAI, batch: BATCH });
  t.equal((await one(world, file)).state, 'held', 'a dispatch passes it over');

  await levels(t, world, file);
  t.match(await one(world, file), { state: 'in-pool', event: 'release-hold' });
});

/** Only the same or a higher level releases; the file is held by the city on entry. */
async function levels(t: Test, world: ActWorld, file: FileRow & { county: string }) {
  const released = { candidate_no: file.no };
  const county = `county-${file.county}`;
  await grant(world, county, 'release-hold', 'hold-file');
  await refused(t, world, [county, 'release-hold', released], 'higher-level-hold');
  await world.do(TWO, 'release-hold', released);
  await world.do('province', 'hold-file', held(file));
  await refused(t, world, [ONE, 'release-hold', released], 'higher-level-hold');
  await world.do('province', 'release-hold', released);
  await world.do(county, 'hold-file', held(file));
  await world.do(ONE, 'release-hold', { ...released, reason: '情况已查清' });
}

t.test('a cancelled file is let in again by its home city, with a reason', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI, FOSHAN], dispatched: true });
  const [row] = await files(world, ZHUHAI, `f.state = 'dispatched'`);
  const file = row as FileRow;
  await refused(t, world, [ONE, 'readmit', about(file)], 'not-cancelled');
  // As a cancelled registration leaves it.
  await world.query(
    `update files set state = 'cancelled', list = null, phase = 'phase-1' where file = $1`,
    [file.file],
  );
  await refused(t, world, [FOREIGN, 'readmit', about(file)], 'out-of-scope');
  await refused(t, world, ['province', 'readmit', about(file)], 'wrong-level');
  await refused(t, world, [ONE, 'readmit', { candidate_no: file.no }], 'wrong-input');
  await world.do(ONE, 'readmit', about(file));
  t.match(await one(world, file), {
    state: 'in-pool',
    school: null,
    event: 'readmit',
    note: { reason: REASON },
  });
  await refused(t, world, [ONE, 'readmit', about(file)], 'not-cancelled');
});
