import fc from 'fast-check';
import t from 'tap';
import type { Database } from '../../db/connect.ts';
import { asCopied } from '../../db/copy.ts';
import { FEW_EVENTS } from '../../db/trail/insert-few.ts';
import { brokenSince } from '../../db/trail/verify-since.ts';
import { appendEvents, openBulk, PROVINCE, type TrailEvent, verifyChain } from '../../db/trail.ts';
import { freshDatabase } from '../database.ts';

const seed = Date.now() % 1_000_000;
t.comment(`seed ${seed}`);
const CITY = '440300';

function event(file: number | null, more: Partial<TrailEvent> = {}): TrailEvent {
  return {
    city: CITY,
    file,
    name: 'dispatch',
    from: 'in-pool',
    to: 'dispatched',
    school: '4403001',
    actor: 'job',
    at: new Date('2016-07-20T11:30:00.123Z'),
    businessDate: '2016-07-20',
    ...more,
  };
}

async function withSeason(database: Database): Promise<Database> {
  await database.query('insert into seasons (season) values (2016)');
  return database;
}

const append = (database: Database, events: TrailEvent[]) =>
  database.transaction(session => appendEvents(session, 2016, events));
const verify = (database: Database, city = CITY, head?: { block: number; hash: string }) =>
  database.session(session =>
    verifyChain(session, 2016, city, { heads: head === undefined ? [] : [head] }),
  );

/** Five blocks of three events in one city. */
async function chain(database: Database): Promise<void> {
  await withSeason(database);
  for (let block = 0; block < 5; block += 1) {
    await append(
      database,
      [1, 2, 3].map(n => event(block * 3 + n)),
    );
  }
}

/** Changes what the triggers protect, as somebody with the owner's password could. */
async function tamper(database: Database, ...statements: string[]): Promise<void> {
  await database.query('alter table events disable trigger all');
  await database.query('alter table blocks disable trigger all');
  for (const statement of statements) await database.query(statement);
}

t.test('events are numbered per city without gaps, one block per call and city', async t => {
  const database = await withSeason(await freshDatabase(t));
  t.same(await append(database, [event(1), event(9, { city: '440100' }), event(2)]), [1, 1, 2]);
  t.same(await append(database, [event(3), event(null, { city: PROVINCE, name: 'x' })]), [3, 1]);
  const blocks = await database.query(
    'select city, block, first_event as first, last_event as last from blocks order by 1, 2',
  );
  t.same(blocks, [
    { city: '', block: 1, first: 1, last: 1 },
    { city: '440100', block: 1, first: 1, last: 1 },
    { city: CITY, block: 1, first: 1, last: 2 },
    { city: CITY, block: 2, first: 3, last: 3 },
  ]);
  for (const city of [CITY, '440100', PROVINCE]) {
    t.equal((await verify(database, city)).fault, null);
  }
});

t.test('any event verifies, whatever its texts and notes', async t => {
  const database = await withSeason(await freshDatabase(t));
  const text = fc
    .string({ unit: fc.constantFrom(...'a\t\n\r\b\v\f\\中"\'\u007f', '𠀀'), maxLength: 8 })
    .map(value => value || 'x');
  const some = fc.record({
    school: fc.option(text),
    decision: text,
    actor: text,
    file: fc.option(fc.nat()),
    policy: fc.constant(null),
    list: fc.option(fc.nat()),
    note: fc.option(fc.dictionary(text, fc.oneof(text, fc.double({ noNaN: true }), fc.nat()))),
    at: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 9 }), async events => {
      await append(
        database,
        events.map(more => event(1, more)),
      );
      t.equal((await verify(database)).fault, null);
    }),
    { seed, numRuns: 40 },
  );
});

t.test('few events and many, which are written in other ways, become the same rows', async t => {
  const database = await withSeason(await freshDatabase(t));
  const note = { 分: 1.5, n: 12_345_678, text: '\t\\' };
  const full = { ...{ note, major: '01', batch: 'direct', phase: '2', list: 3, run: 4 } };
  const both = [event(1, { ...full, decision: '' }), event(null, { from: null, to: null })];
  await append(database, both);
  const many = Array.from({ length: FEW_EVENTS / 2 + 1 }, () => both).flat();
  t.equal((await append(database, many)).at(-1), FEW_EVENTS + 4);
  t.equal((await verify(database)).fault, null);
  const rows = await database.query<{ row: object; count: number }>(
    `select to_jsonb(e) - 'event' as row, count(*)::integer as count from events e group by 1`,
  );
  t.same(
    rows.map(({ count }) => count),
    [FEW_EVENTS / 2 + 2, FEW_EVENTS / 2 + 2],
  );
});

t.test('transactions at once follow one another in the chain', async t => {
  const database = await withSeason(await freshDatabase(t));
  const writers = Array.from({ length: 20 }, (_, n) => append(database, [event(n), event(n)]));
  const numbers = (await Promise.all(writers)).flat().sort((a, b) => a - b);
  t.same(
    numbers,
    Array.from({ length: 40 }, (_, n) => n + 1),
  );
  const check = await verify(database);
  t.match(check, { blocks: 20, events: 40, fault: null });
});

t.test('a transaction that is rolled back leaves no gap', async t => {
  const database = await withSeason(await freshDatabase(t));
  await append(database, [event(1)]);
  const failing = database.transaction(async session => {
    await appendEvents(session, 2016, [event(2)]);
    throw new Error('no');
  });
  await t.rejects(failing, { message: 'no' });
  t.same(await append(database, [event(3)]), [2]);
  t.equal((await verify(database)).fault, null);
});

t.test('events in bulk make the chain that small transactions make', async t => {
  const [one, other] = [await freshDatabase(t), await freshDatabase(t)];
  const events = Array.from({ length: 500 }, (_, n) =>
    event(n, {
      batch: 'vocational',
      school: n % 3 === 0 ? null : `44\t${n % 7}`,
      major: n % 2 === 0 ? '01' : null,
      list: n % 5 === 0 ? null : n,
      decision: `rule-${n % 2} 中\\n`,
    }),
  );
  await append(await withSeason(one), events);
  await withSeason(other);
  const common = { ...event(null), batch: 'vocational' };
  const head = await other.transaction(async session => {
    const bulk = await openBulk(session, 2016, common);
    t.equal(bulk.next, 1);
    const decisions = ['rule-0 中\\n', 'rule-1 中\\n'].map(decision => asCopied([decision]));
    for (const [n, { file, school, major, list }] of events.entries()) {
      const decision = decisions[n % 2] as Uint8Array;
      await bulk.add(file ?? 0, school ?? null, major ?? null, list ?? null, decision);
    }
    return bulk.end();
  });
  const checks = [await verify(one), await verify(other)];
  t.same(checks[0], checks[1]);
  t.match(checks[1], { events: 500, blocks: 1, fault: null, hash: head.hash });
});

t.test('a bulk without events writes no block', async t => {
  const database = await withSeason(await freshDatabase(t));
  const head = await database.transaction(async session =>
    (await openBulk(session, 2016, event(null))).end(),
  );
  t.equal(head.block, 0);
  t.match(await verify(database), { blocks: 0, events: 0, fault: null });
});

const TAMPERINGS: readonly [string, string[], object][] = [
  [
    'an edited event',
    ["update events set school = '4403002' where event = 8"],
    { kind: 'content-changed', block: 3 },
  ],
  [
    'an instant moved by a microsecond',
    ["update events set at = at + interval '1 microsecond' where event = 8"],
    { kind: 'content-changed', block: 3 },
  ],
  [
    'a deleted event',
    ['delete from events where event = 8'],
    { kind: 'event-missing', block: 3, event: 8 },
  ],
  [
    'an event deleted and the others moved up',
    ['delete from events where event = 8', 'update events set event = event - 1 where event > 8'],
    { kind: 'content-changed', block: 3 },
  ],
  [
    'two events swapped',
    [
      'update events set event = -1 where event = 7',
      'update events set event = 7 where event = 8',
      'update events set event = 8 where event = -1',
    ],
    { kind: 'content-changed', block: 3 },
  ],
  [
    'an event inserted at the end',
    [
      `insert into events select season, city, 16, file, name, from_state, to_state, school, major,
      batch, actor, at, business_date from events where event = 1`,
    ],
    { kind: 'event-without-block', event: 16 },
  ],
  [
    'an event inserted before the first',
    ['update events set event = 0 where event = 1'],
    { kind: 'event-missing', block: 1, event: 1 },
  ],
  ['a deleted block', ['delete from blocks where block = 3'], { kind: 'block-missing', block: 3 }],
  [
    'a hash replaced to fit an edit',
    ["update blocks set hash = repeat('a', 64) where block = 3"],
    { kind: 'content-changed', block: 3 },
  ],
  [
    'a previous hash replaced',
    ["update blocks set previous_hash = repeat('a', 64) where block = 4"],
    { kind: 'link-broken', block: 4 },
  ],
  [
    'the last events deleted without their block',
    ['delete from events where event > 12'],
    { kind: 'event-missing', block: 5, event: 13 },
  ],
];

for (const [what, statements, fault] of TAMPERINGS) {
  t.test(`the first broken link is named after ${what}`, async t => {
    const database = await freshDatabase(t);
    await chain(database);
    t.equal((await verify(database)).fault, null, 'whole before');
    await tamper(database, ...statements);
    t.match((await verify(database)).fault, fault);
  });
}

t.test('a chain cut short with its blocks shows against a head kept elsewhere', async t => {
  const database = await freshDatabase(t);
  await chain(database);
  const { hash } = await verify(database);
  await tamper(
    database,
    'delete from events where event > 12',
    'delete from blocks where block = 5',
  );
  t.equal((await verify(database)).fault, null, 'by itself it looks whole');
  t.match((await verify(database, CITY, { block: 5, hash })).fault, { kind: 'truncated' });
  await append(database, [event(99)]);
  t.match((await verify(database, CITY, { block: 5, hash })).fault, { kind: 'head-differs' });
});

t.test('many chains are verified at once from where they were found to be whole', async t => {
  const OTHER = '440100';
  const slips: Readonly<Record<string, string>> = {
    nothing: 'select 1',
    'an event edited': "update events set decision = 'x' where city = '440300' and event = 11",
    'an event taken out': "delete from events where city = '440300' and event = 11",
    'the last events taken out': "delete from events where city = '440300' and event > 13",
    'an event put in at the end': `insert into events (season, city, event, name, actor, at,
      business_date) values (2016, '440300', 16, 'x', 'x', now(), '2016-07-20')`,
    'two events swapped, once the key is gone': `alter table events drop constraint events_pkey;
      update events set event = 25 - event where city = '440300' and event in (12, 13)`,
    'an event doubled, once the key is gone': `alter table events drop constraint events_pkey;
      insert into events select * from events where city = '440300' and event = 12`,
    'a block doubled, once the key is gone': `alter table blocks drop constraint blocks_pkey;
      insert into blocks select * from blocks where city = '440300' and block = 5`,
    'a block taken out': "delete from blocks where city = '440300' and block = 4",
    'the last block taken out': "delete from blocks where city = '440300' and block = 5",
    'a block edited': "update blocks set last_event = 11 where city = '440300' and block = 4",
    'a hash edited': "update blocks set hash = repeat('0', 64) where city = '440300' and block = 5",
    'the block to go on from taken out': "delete from blocks where city = '440300' and block = 3",
    'an event before that edited':
      "update events set actor = 'x' where city = '440300' and event = 2",
  };
  for (const [title, statement] of Object.entries(slips)) {
    const database = await freshDatabase(t);
    await chain(database);
    const [since] = await database.query<{ block: number; event: number }>(
      "select block, last_event as event from blocks where city = '440300' and block = 3",
    );
    await append(database, [event(1, { city: OTHER }), event(2, { city: OTHER })]);
    await append(database, [event(3, { city: OTHER })]);
    await tamper(database, statement);
    const place = since as { block: number; event: number };
    const places = [
      { city: OTHER, since: { block: 1, event: 2 } },
      { city: CITY, since: place },
    ];
    const [many, alone] = await database.session(async session => [
      await brokenSince(session, 2016, places),
      await verifyChain(session, 2016, CITY, { since: place }),
    ]);
    const wrong = title !== 'nothing' && title !== 'an event before that edited';
    t.equal(alone.fault !== null, wrong, `${title}, alone`);
    t.same([...many], wrong ? [CITY] : [], title);
  }
});
