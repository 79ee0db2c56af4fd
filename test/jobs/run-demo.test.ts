/**
 * The demo as a person runs it, as processes: killed where it hurts, started many times at once,
 * and its results taken out again.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { freshDatabase } from '../database.ts';
import { type Place, SCALE, start, startedPlace, zhongzhao } from './first-start.ts';

async function newPlace(t: Test, name: string): Promise<Place> {
  return { database: await freshDatabase(t), home: join(t.testdir(), name) };
}

/** Everything a night decides; run numbers and times apart, which a kill may change. */
async function endState({ database }: Place) {
  const rows = (sql: string) => database.query(sql);
  return {
    runs: await rows(
      `select identity, result_hash, input_hash,
         (result -> 'counts') - 'rechecked' as counts -- how many pairs is random
       from runs where state = 'completed' and job <> 'publish' order by identity collate "C"`,
    ),
    files: await rows(
      `select md5(string_agg(concat_ws('|', city, file, state, school, major, batch, event), ','
         order by city collate "C", file)) as hash, count(*) from files`,
    ),
    events: await rows(
      `select md5(string_agg(concat_ws('|', city, event, file, name, school, major, at), ','
         order by city collate "C", event)) as hash, count(*) from events`,
    ),
    decisions: await rows(
      `select md5(string_agg(concat_ws('|', city, file, school, ordinal, position, reasons), ','
         order by city collate "C", file)) as hash, count(*) from decisions`,
    ),
    lists: await rows(
      `select city, list, school, sent, room_after from dispatch_lists
       order by city collate "C", list`,
    ),
  };
}

t.test('killed again and again, the first night ends as undisturbed', async t => {
  const calm = await startedPlace(t);
  const { first: undisturbed } = calm;
  t.match(undisturbed.end, /^[01]$/, undisturbed.errors);
  const place = await newPlace(t, 'killed');
  const points = [
    'run-recorded:5',
    'dispatch.decided:2',
    'dispatch.half-written:4',
    'dispatch.package-unwritten:3',
    'complete-recorded:12',
    'complete-committed:9',
    // The first step of the night that is no last one: by then all cities are placed.
    'step-recorded:1',
  ];
  for (const point of points) t.equal((await start(place, point)).end, 'SIGKILL', point);
  const last = await start(place);
  t.equal(last.end, undisturbed.end, last.errors);
  t.same(JSON.parse(last.out).date, '2016-07-20', 'the same night was finished');
  t.same(await endState(place), await endState(calm));
  t.ok(existsSync(join(place.home, 'out', '2016-07-20', 'index.html')));
  const next = await start(place);
  t.match(JSON.parse(next.out), { date: '2016-07-21' });
});

t.test('of several starts of one night at once, one does each run', async t => {
  const place = await newPlace(t, 'many');
  t.equal((await zhongzhao(place, ['sample', '--scale', SCALE])).end, 0);
  const policy = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
  const adopted = await zhongzhao(place, ['policy', 'adopt', policy, '--as', 'province']);
  t.equal(adopted.end, 0, adopted.errors);
  const night = ['night', '--date', '2016-07-20', '--at', '2016-07-20T19:30', '--json'];
  const ended = await Promise.all([1, 2, 3, 4].map(() => zhongzhao(place, night)));
  for (const one of ended) t.match(one.end, /^[01]$/, one.errors);
  const [twice] = await place.database.query(
    `select (select count(*) from (select identity from runs where state = 'completed'
         group by identity having count(*) > 1) r)::integer as runs,
       (select count(*) from (select file from decisions group by file
         having count(*) > 1) d)::integer as decisions,
       (select count(*) from runs where job = 'dispatch' and state = 'completed')::integer
         as dispatched`,
  );
  t.same(twice, { runs: 0, decisions: 0, dispatched: 22 });
  await exported(t, place);
});

/** A run taken out and computed again without the database is the run. */
async function exported(t: Test, place: Place): Promise<void> {
  const [row] = await place.database.query<{ run: number; hash: string }>(
    `select run, result_hash as hash from runs
     where job = 'dispatch' and state = 'completed' order by run limit 1`,
  );
  const folder = join(place.home, 'exported');
  const out = await zhongzhao(place, ['export', String(row?.run), '--out', folder, '--json']);
  t.match(JSON.parse(out.out), { resultHash: row?.hash });
  const detail = join(place.home, 'detail.csv');
  const again = await zhongzhao({ ...place, database: { ...place.database, url: 'none' } }, [
    'recompute',
    folder,
    '--policy',
    join(folder, 'policy'),
    '--out',
    detail,
    '--json',
  ]);
  t.match(JSON.parse(again.out), { resultHash: row?.hash });
  t.ok(existsSync(detail));
  const done = await zhongzhao(place, [
    'run',
    'dispatch',
    '--city',
    '440100',
    '--date',
    '2016-07-20',
    '--json',
  ]);
  t.equal(done.end, 0);
  t.match(JSON.parse(done.out), { runs: [{ state: 'already-done', scope: { city: '440100' } }] });
}
