import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Database } from '../../db/connect.ts';
import { readSeals, type Seal, sealHash, sealTrail } from '../../db/trail/seal.ts';
import { appendSeals, parseSeals } from '../../db/trail/seals-file.ts';
import { type TrailCheck, verifyTrail } from '../../db/trail/verify-all.ts';
import { appendEvents, PROVINCE, type TrailEvent } from '../../db/trail.ts';
import { freshDatabase } from '../database.ts';

const SEASON = 2016;
const [CITY, OTHER] = ['440300', '440100'];
const AT = new Date('2016-07-20T12:00:00.123Z');
const DATES = ['2016-07-20', '2016-07-21', '2016-07-22'];

function event(city: string, file: number | null, more: Partial<TrailEvent> = {}): TrailEvent {
  const moved = { name: 'dispatch', from: 'in-pool', to: 'dispatched', school: '4403001' };
  const act = { name: 'adopt', from: null, to: null };
  const what = file === null ? act : moved;
  return { city, file, ...what, actor: 'job', at: AT, businessDate: '2016-07-20', ...more };
}

async function append(database: Database, events: readonly TrailEvent[]): Promise<void> {
  await database.transaction(async session => {
    const numbers = await appendEvents(session, SEASON, events);
    for (const [index, { city, file, to }] of events.entries()) {
      if (file === null) continue;
      await session.query(
        `insert into files (season, city, file, state, event) values ($1, $2, $3, $4, $5)
         on conflict (season, city, file) do update set state = $4, event = $5`,
        [SEASON, city, file, to, numbers[index]],
      );
    }
  });
}

const seal = (database: Database, businessDate: string) =>
  database.transaction(session => sealTrail(session, SEASON, { businessDate, at: AT, run: null }));
const verify = (database: Database, seals: readonly Seal[] = []): Promise<TrailCheck> =>
  database.session(session => verifyTrail(session, { seals }));

/** Three days, three blocks each of two cities and the province, sealed at the end of each day. */
async function sealedDays(database: Database): Promise<Seal[]> {
  await database.query('insert into seasons (season) values ($1)', [SEASON]);
  const seals: Seal[] = [];
  for (const [day, date] of DATES.entries()) {
    for (let block = 0; block < 3; block += 1) {
      const file = day * 30 + block * 3;
      const files = [file + 1, file + 2, file + 3];
      await append(database, [
        ...files.map(each => event(CITY, each)),
        event(OTHER, 500 + file),
        event(PROVINCE, null),
      ]);
    }
    seals.push(await seal(database, date));
  }
  return seals;
}

/** What somebody with the owner's password could do. */
async function tamper(database: Database, ...statements: string[]): Promise<void> {
  for (const table of ['events', 'blocks', 'seals', 'seal_heads']) {
    await database.query(`alter table ${table} disable trigger all`);
  }
  for (const statement of statements) await database.query(statement);
}

/** Makes the chain anew from the events as they now are, and the seals with it, as its owner. */
async function rehash(database: Database, withSeals: boolean): Promise<void> {
  const rows = await database.query<{ first: number; last: number }>(
    `select first_event as first, last_event as last from blocks
      where season = $1 and city = $2 order by block`,
    [SEASON, CITY],
  );
  await database.query('create table kept as select * from events where city = $1', [CITY]);
  await tamper(
    database,
    `delete from events where city = '${CITY}'`,
    `delete from blocks where city = '${CITY}'`,
  );
  for (const { first, last } of rows) {
    const events = await database.query<TrailEvent & { business: string }>(
      `select city, file, name, from_state as from, to_state as to, school, actor, at,
              business_date as "businessDate" from kept
        where event between $1 and $2 order by event`,
      [first, last],
    );
    await database.transaction(session => appendEvents(session, SEASON, events));
  }
  if (!withSeals) return;
  const seals = await database.session(session => readSeals(session, SEASON));
  let previousHash = '0'.repeat(64);
  for (const one of seals) {
    const [head] = await database.query<{ hash: string }>(
      `update seal_heads h set hash = b.hash from blocks b where h.city = $1 and h.seal = $2
          and b.season = h.season and b.city = h.city and b.block = h.block returning b.hash`,
      [CITY, one.seal],
    );
    const heads = one.heads.map(each =>
      each.city === CITY ? { ...each, hash: head?.hash ?? '' } : each,
    );
    const hash = sealHash({ ...one, heads, previousHash });
    await database.query('update seals set hash = $1, previous_hash = $2 where seal = $3', [
      hash,
      previousHash,
      one.seal,
    ]);
    previousHash = hash;
  }
}

t.test('a seal holds where every chain stands, and follows the one before', async t => {
  const database = await freshDatabase(t);
  const seals = await sealedDays(database);
  t.match(seals, [
    { seal: 1, previousHash: /^0+$/, heads: [{ city: '' }, { city: OTHER }, { city: CITY }] },
    { seal: 2, previousHash: seals[0]?.hash, heads: [{ block: 6 }, { block: 6 }, { block: 6 }] },
    { seal: 3, previousHash: seals[1]?.hash, businessDate: '2016-07-22' },
  ]);
  t.same(await database.session(session => readSeals(session, SEASON)), seals);
  await append(database, [event(CITY, 900)]);
  t.same(await seal(database, '2016-07-22'), seals[2], 'a date is sealed once');
  const check = await verify(database, seals);
  t.same(check.faults, [], 'what came after the seal is no fault');
  t.match(check.seasons, [{ season: SEASON, seals: 3, sealsElsewhere: 3 }]);
  await t.rejects(database.query('delete from seals'), { code: 'ZZ001' });
});

t.test('of two that seal a date at once, neither makes a second seal', async t => {
  const database = await freshDatabase(t);
  await sealedDays(database);
  const both = await Promise.allSettled([1, 2].map(() => seal(database, '2016-07-23')));
  t.ok(both.some(one => one.status === 'fulfilled'));
  t.equal((await database.session(session => readSeals(session, SEASON))).length, 4);
});

const HERE = `season = ${SEASON} and city = '${CITY}'`;
const BREAKS: readonly (readonly [string, readonly string[], object])[] = [
  [
    'an edited event',
    [`update events set school = '4403002' where ${HERE} and event = 8`],
    { kind: 'content-changed', season: SEASON, city: CITY, block: 3, sentence: /第 3 块/ },
  ],
  [
    'an edited act of the province',
    ["update events set actor = 'nobody' where city = '' and event = 2"],
    { kind: 'content-changed', city: '', block: 2, sentence: /全省/ },
  ],
  [
    'a deleted event',
    [`delete from events where ${HERE} and event = 8`],
    { kind: 'event-missing', city: CITY, block: 3, event: 8, sentence: /缺少事件 8/ },
  ],
  [
    'a block with its events deleted',
    [
      `delete from events where ${HERE} and event between 7 and 9`,
      `delete from blocks where ${HERE} and block = 3`,
    ],
    { kind: 'block-missing', block: 3, sentence: /缺少第 3 块/ },
  ],
  [
    'an inserted event',
    [
      `insert into events select season, city, 28, file, name, from_state, to_state, school, major,
       batch, actor, at, business_date from events where ${HERE} and event = 1`,
    ],
    { kind: 'event-without-block', block: 9, event: 28 },
  ],
  [
    'an inserted block',
    [
      `insert into blocks select season, city, 10, 28, 28, hash, repeat('a', 64)
       from blocks where ${HERE} and block = 9`,
    ],
    { kind: 'event-missing', block: 10, event: 28 },
  ],
  [
    'swapped events',
    [
      `update events set event = -1 where ${HERE} and event = 7`,
      `update events set event = 7 where ${HERE} and event = 8`,
      `update events set event = 8 where ${HERE} and event = -1`,
    ],
    { kind: 'content-changed', block: 3 },
  ],
  [
    'swapped blocks',
    [
      `update blocks set block = -1 where ${HERE} and block = 4`,
      `update blocks set block = 4 where ${HERE} and block = 5`,
      `update blocks set block = 5 where ${HERE} and block = -1`,
    ],
    { kind: 'link-broken', block: 4 },
  ],
  [
    'a chain cut short behind a seal',
    [
      `delete from events where ${HERE} and event > 24`,
      `delete from blocks where ${HERE} and block = 9`,
    ],
    { kind: 'truncated', block: 8, sentence: /第 3 号封签.*至少有 9 块/ },
  ],
  [
    'a whole chain deleted',
    [`delete from events where ${HERE}`, `delete from blocks where ${HERE}`],
    { kind: 'truncated', city: CITY, block: 0 },
  ],
  [
    'the same event twice once the key is gone',
    [
      'alter table events drop constraint events_pkey',
      `insert into events select * from events where ${HERE} and event = 27`,
    ],
    { kind: 'event-without-block', city: CITY },
  ],
  [
    'an edited head of a seal',
    [`update seal_heads set last_event = 1 where ${HERE} and seal = 2`],
    { kind: 'seal-changed', city: null, sentence: /第 2 号封签（2016-07-21）/ },
  ],
  [
    'a deleted seal',
    ['delete from seal_heads where seal = 2', 'delete from seals where seal = 2'],
    { kind: 'seal-missing', sentence: /缺少第 2 号封签/ },
  ],
  [
    'a state that no event gave',
    [`update files set state = 'admitted' where ${HERE} and file = 4`],
    { kind: 'state-differs', city: CITY, file: 4, event: 4, sentence: /应为“dispatched”/ },
  ],
  [
    'a file without its row',
    [`delete from files where ${HERE} and file = 4`],
    { kind: 'file-missing', city: CITY, file: 4 },
  ],
  [
    'a file without any event',
    [
      `insert into files (season, city, file, state, event)
       values (${SEASON}, '${CITY}', 7777, 'admitted', 3)`,
    ],
    { kind: 'events-missing', file: 7777 },
  ],
];

for (const [what, statements, fault] of BREAKS) {
  t.test(`the first broken link is named after ${what}`, async t => {
    const database = await freshDatabase(t);
    await sealedDays(database);
    t.same((await verify(database)).faults, [], 'whole before');
    await tamper(database, ...statements);
    t.match((await verify(database)).faults[0], fault);
  });
}

t.test('events that follow the chain but not each other break the fold', async t => {
  const database = await freshDatabase(t);
  await sealedDays(database);
  await append(database, [
    event(CITY, 4, { name: 'register', from: 'admitted', to: 'registered' }),
  ]);
  t.match((await verify(database)).faults, [
    { kind: 'fold-broken', city: CITY, file: 4, event: 28, sentence: /register/ },
  ]);
});

t.test('a chain hashed anew shows against the seals of the database', async t => {
  const database = await freshDatabase(t);
  await sealedDays(database);
  await tamper(database, `update events set school = 'x' where ${HERE} and event = 14`);
  await rehash(database, false);
  t.match((await verify(database)).faults, [
    { kind: 'head-differs', city: CITY, block: 6, event: 10, sentence: /第 4 至 6 块.*整体改写/ },
  ]);
});

t.test('a chain and seals hashed anew show only against seals kept elsewhere', async t => {
  const database = await freshDatabase(t);
  const kept = await sealedDays(database);
  await tamper(database, `update events set school = 'x' where ${HERE} and event = 14`);
  await rehash(database, true);
  t.same((await verify(database)).faults, [], 'by itself it looks whole');
  t.match((await verify(database, kept)).faults, [
    { kind: 'seal-differs', sentence: /第 2 号封签/ },
    { kind: 'head-differs', city: CITY, block: 6, event: 10, sentence: /另存的第 2 号封签/ },
  ]);
});

t.test('a database set back to an earlier day shows against seals kept elsewhere', async t => {
  const database = await freshDatabase(t);
  const kept = await sealedDays(database);
  await tamper(
    database,
    'delete from seal_heads where seal = 3',
    'delete from seals where seal = 3',
    ...['', CITY, OTHER].flatMap(city => [
      `delete from events where city = '${city}' and event > (select last_event from blocks
         where city = '${city}' and block = 6)`,
      `delete from blocks where city = '${city}' and block > 6`,
    ]),
    'delete from files where event not in (select event from events) or file > 560',
    `delete from files f where not exists (select from events e where e.city = f.city
       and e.file = f.file)`,
  );
  t.same((await verify(database)).faults, [], 'by itself it looks whole');
  t.match((await verify(database, kept)).faults, [
    { kind: 'seal-missing' },
    { kind: 'truncated', city: '' },
    { kind: 'truncated', city: OTHER },
    { kind: 'truncated', city: CITY },
  ]);
});

t.test('a chain of more blocks than are held at once is walked in pieces', async t => {
  const database = await freshDatabase(t);
  await database.query('insert into seasons (season) values ($1)', [SEASON]);
  await database.transaction(async session => {
    for (let n = 1; n <= 4001; n += 1) {
      await appendEvents(session, SEASON, [event(CITY, null), event(CITY, null)]);
    }
  });
  t.match((await verify(database)).seasons[0]?.chains, [{ blocks: 4001, events: 8002 }]);
  t.same((await verify(database)).faults, []);
  // On both sides of where a piece ends.
  for (const number of [4000, 4001]) {
    await tamper(database, `update events set actor = 'x' where event = ${number}`);
    t.match((await verify(database)).faults, [{ block: Math.ceil(number / 2) }]);
    await tamper(database, `update events set actor = 'job' where event = ${number}`);
  }
  await tamper(database, 'update blocks set last_event = 3999 where block = 2000');
  t.match((await verify(database)).faults, [{ block: 2000 }]);
});

t.test('the file of seals is appended to, once per seal, and never rewritten', async t => {
  const database = await freshDatabase(t);
  const [one, two, three] = (await sealedDays(database)) as [Seal, Seal, Seal];
  const home = t.testdir();
  t.match(await appendSeals(home, SEASON, [one]), { path: 'seals/2016.jsonl', added: 1 });
  t.match(await appendSeals(home, SEASON, [one, two]), { added: 1, differing: [] });
  const path = join(home, 'seals/2016.jsonl');
  const before = await readFile(path, 'utf8');
  t.match(await appendSeals(home, SEASON, [one, two]), { added: 0 });
  t.equal(await readFile(path, 'utf8'), before);
  await appendFile(path, '{"season":2016,"se');
  await appendSeals(home, SEASON, [one, two, three]);
  const { seals, unreadable } = parseSeals(await readFile(path, 'utf8'));
  t.same(seals, [one, two, three]);
  t.same(unreadable, [3], 'the line that a kill has cut is told');
  await writeFile(path, before.replace(one.hash, 'f'.repeat(64)));
  t.match(await appendSeals(home, SEASON, [one, two]), { added: 0, differing: [1] });
});
