import { createServer, connect as dial, type Socket } from 'node:net';
import t from 'tap';
import { checkServer, connect, type Session } from '../../db/connect.ts';
import { openDatabase } from '../../db/embedded.ts';
import {
  FOR_ANY_VALUES,
  keptStatements,
  planByValues,
  savepoint,
} from '../../db/kept-statements.ts';
import { type Question, readTogether, withReaders } from '../../db/snapshot-readers.ts';
import { bareDatabase, hostBehind } from '../database.ts';

t.test('types arrive as declared, and instants in the time zone of Shanghai', async t => {
  const database = await bareDatabase(t);
  const [row] = await database.query(
    `select '2016-07-20'::date as day, array['2016-07-20'::date, null] as days,
       123::int8 as small, 9007199254740993::int8 as large, array[1, null]::int8[] as many,
       0.10::numeric as numeric, array[0.10]::numeric[] as numerics,
       '2016-07-20T00:30:00Z'::timestamptz as at,
       ('2016-07-20T20:30:00Z'::timestamptz)::date as "shanghaiDay",
       '2016-07-20 01:02:03'::timestamp as local, current_setting('application_name') as name`,
  );
  t.same(row, {
    day: '2016-07-20',
    days: ['2016-07-20', null],
    small: 123,
    large: '9007199254740993',
    many: [1, null],
    numeric: '0.10',
    numerics: ['0.10'],
    at: new Date('2016-07-20T00:30:00Z'),
    shanghaiDay: '2016-07-21',
    local: '2016-07-20 01:02:03',
    name: 'zhongzhao',
  });
});

t.test('a transaction is committed when the work returns and undone when it throws', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a integer primary key)');
  const result = await database.transaction(async session => {
    await session.query('insert into t values (1)');
    await session.knex('t').insert({ a: 2 });
    return 'done';
  });
  t.equal(result, 'done');
  const failing = database.transaction(async session => {
    await session.query('insert into t values (3)');
    throw new TypeError('mine');
  });
  await t.rejects(failing, new TypeError('mine'));
  const refused = database.transaction(session => session.query('insert into t values (1)'));
  await t.rejects(refused, { code: '23505' });
  t.same(await database.query('select a from t order by a'), [{ a: 1 }, { a: 2 }]);
});

t.test('an error of the server names by its stack who has asked', async t => {
  const database = await bareDatabase(t);
  async function whoAsks(): Promise<void> {
    await database.session(session => session.prepared('q', 'select $1::integer / 0', [1]));
  }
  const { code, stack } = (await whoAsks().catch(error => error)) as Error & { code: string };
  t.equal(code, '22012');
  t.match(stack, /whoAsks/);
});

t.test('an error that the work swallows does not pass for a commit', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a integer primary key)');
  const swallowing = database.transaction(async session => {
    await session.query('insert into t values (1)');
    await session.query('insert into t values (1)').catch(() => {});
  });
  await t.rejects(swallowing, { code: 'transaction-aborted' });
  t.same(await database.query('select count(*) from t'), [{ count: 0 }]);
});

t.test('a statement asked again is kept planned, and answers what it is asked', async t => {
  const { url } = await bareDatabase(t);
  const database = connect(url, { maxConnections: 1 });
  t.teardown(() => database.close());
  await database.query('create table t (a integer primary key)');
  const sql = 'select a from t where a = any ($1::integer[])';
  const kept = () =>
    database.query(
      `select statement, generic_plans + custom_plans as runs from pg_prepared_statements
       where statement like 'select a%'`,
    );
  await database.query('insert into t select generate_series(1, 200)');
  t.same(await database.query(sql, [[1]]), [{ a: 1 }]);
  t.same(await kept(), [], 'most statements of a connection are asked once');
  for (const a of [7, 8, 9]) t.same(await database.query(sql, [[a]]), [{ a }]);
  t.same(await kept(), [{ statement: sql, runs: 3 }]);
  // What is right for a few rows may be wrong for very many: a long list has a plan of its own.
  const many = Array.from({ length: 100 }, (_, index) => index + 1);
  t.equal((await database.query(sql, [many])).length, 100);
  t.same(await kept(), [{ statement: sql, runs: 3 }]);
});

t.test(
  'a refused transaction leaves its connection to the next; a thrown session does not',
  async t => {
    const { url } = await bareDatabase(t);
    const database = connect(url, { maxConnections: 1 });
    t.teardown(() => database.close());
    const backend = async (): Promise<number> => {
      const [row] = await database.query<{ pid: number }>('select pg_backend_pid() as pid');
      return row?.pid ?? 0;
    };
    const first = await backend();
    const refused = database.transaction(async session => {
      await session.query("select set_config('zhongzhao.user', 'somebody', true)");
      await session.query('create temporary table mine (a integer)');
      throw new TypeError('mine');
    });
    await t.rejects(refused, new TypeError('mine'));
    t.equal(await backend(), first);
    const left = `select current_setting('zhongzhao.user', true) as "user",
      to_regclass('mine') as mine`;
    t.match((await database.query<{ user: string | null; mine: unknown }>(left))[0], {
      mine: null,
    });
    t.notOk(
      (await database.query<{ user: string | null }>(left))[0]?.user,
      'nothing of it is left',
    );
    await t.rejects(
      database.transaction(session => session.query('select 1 / 0')),
      { code: '22012' },
    );
    t.equal(await backend(), first);
    await t.rejects(
      database.session(async () => Promise.reject(new TypeError('mine'))),
      TypeError,
    );
    t.not(await backend(), first, 'a session may have left locks and settings');
  },
);

t.test('the query builder of a session works on its connection, and nests nothing', async t => {
  const database = await bareDatabase(t);
  await database.session(async session => {
    const [own] = await session.query('select pg_backend_pid() as pid');
    const { rows } = await session.knex.raw('select pg_backend_pid() as pid');
    t.same(rows[0], own);
    await session.knex.transaction(async inner => {
      const answer = await inner.raw('select pg_backend_pid() as pid');
      t.same(answer.rows[0], own);
    });
  });
  const nested = database.transaction(session => session.knex.transaction(async () => {}));
  await t.rejects(nested, { code: 'nested-transaction' });
});

t.test('a session that threw takes its advisory locks with it', async t => {
  const database = await bareDatabase(t);
  const throwing = database.session(async session => {
    await session.query('select pg_advisory_lock(77)');
    throw new TypeError('mine');
  });
  await t.rejects(throwing, new TypeError('mine'));
  await database.query('select pg_advisory_lock(77)');
  t.pass('the lock was free');
});

t.test('a connection that the server ends rejects, and the next query has a new one', async t => {
  const database = await bareDatabase(t);
  const ended = database.session(async session => {
    const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
    await database.query('select pg_terminate_backend($1)', [row?.pid]);
    await session.query('select pg_sleep(5)');
  });
  // Which it is depends on whether the end is noticed before the query is sent, or by sending it.
  await t.rejects(ended, { message: /terminat|connection error|EPIPE/i });
  t.same(await database.query('select 1 as one'), [{ one: 1 }]);
});

t.test('what cannot be reached or read is said with a code, without the password', async t => {
  t.throws(() => connect('mysql://x'), { code: 'wrong-database-url' });
  t.throws(() => connect(''), { code: 'wrong-database-url' });
  const closed = await freePort();
  const url = `postgres://somebody:geheim@127.0.0.1:${closed}/x`;
  const database = connect(url);
  await t.rejects(database.query('select 1'), {
    code: 'cannot-connect',
    exitCode: 5,
    message: /127\.0\.0\.1:\d+/,
  });
  const error = await database.query('select 1').catch((caught: unknown) => String(caught));
  t.notMatch(error, /geheim/);
  await database.close();
  await t.rejects(openDatabase({ home: t.testdir({}), url }), { code: 'cannot-connect' });
});

t.test('a server of the right kind passes the check', async t => {
  const database = await bareDatabase(t);
  await checkServer(database);
  t.pass();
});

t.test('behind a transaction pooler the check refuses', async t => {
  const database = await bareDatabase(t);
  const pooled = connect(await transactionPooler(t, database.url));
  t.teardown(() => pooled.close());
  t.same(await pooled.query('select 1 as one'), [{ one: 1 }], 'it answers all the same');
  await t.rejects(checkServer(pooled), { code: 'needs-session-connection' });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise(resolve => probe.once('listening', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise(resolve => probe.close(resolve));
  return port;
}

type Teardown = { teardown(work: () => void): void };

const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);

/**
 * The least of a transaction pooler: one server connection, lent to whichever client sends first,
 * until the server is ready and idle again. The first client logs it in; the others are believed.
 */
async function transactionPooler(t: Teardown, url: string): Promise<string> {
  const target = new URL(url);
  const backend = dial(Number(target.port), hostBehind(target));
  const waiting: { client: Socket; bytes: Buffer }[] = [];
  let owner: Socket | undefined;
  let tail = Buffer.alloc(0);
  const next = () => {
    owner = waiting[0]?.client;
    while (waiting[0] !== undefined && waiting[0].client === owner) {
      backend.write(waiting.shift()?.bytes as Buffer);
    }
  };
  backend.on('data', bytes => {
    owner?.write(bytes);
    tail = Buffer.concat([tail, bytes]).subarray(-READY.length);
    if (tail.equals(READY)) next();
  });
  let clients = 0;
  const server = createServer(client => {
    clients += 1;
    let believed = clients === 1;
    client.on('error', () => {});
    client.on('data', bytes => {
      if (!believed) {
        believed = true;
        client.write(Buffer.concat([AUTHENTICATED, READY]));
      } else if (bytes[0] === 0x58) client.end();
      else if (owner === undefined || owner === client) {
        owner = client;
        backend.write(bytes);
      } else waiting.push({ client, bytes });
    });
  }).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  t.teardown(() => {
    backend.destroy();
    server.close();
  });
  target.hostname = '127.0.0.1';
  target.port = String((server.address() as { port: number }).port);
  return target.href;
}

t.test('an act’s plans are for any values and few rows until its first long list', async t => {
  const database = await bareDatabase(t);
  const settings = async (session: Session) => {
    const [row] = await session.query<{ mode: string; page: string }>(
      `select current_setting('plan_cache_mode') as mode,
         current_setting('random_page_cost') as page`,
    );
    return row;
  };
  const before = await database.session(settings);
  t.match(before, { mode: 'auto', page: /^[2-9]/u });
  await database.transaction(async session => {
    await session.query(`select ${FOR_ANY_VALUES}`);
    keptStatements(session.client).forAnyValues = true;
    const ask = (length: number) =>
      session.query('select count(*) from unnest($1::integer[])', [Array(length).fill(1)]);
    await ask(64);
    t.same(await settings(session), { mode: 'force_generic_plan', page: '1.1' });
    await ask(65);
    t.same(await settings(session), before);
  });
  await database.transaction(async session => {
    t.same(await settings(session), before, 'and only within the transaction');
    await session.query(`select ${FOR_ANY_VALUES}`);
    keptStatements(session.client).forAnyValues = true;
    await planByValues(session.client);
    t.same(await settings(session), before, 'also where somebody asks for it');
  });
  await database.transaction(async session => {
    await session.query(`select ${FOR_ANY_VALUES}`);
    keptStatements(session.client).forAnyValues = true;
    const takeBack = await savepoint(session, 'here');
    await planByValues(session.client);
    await takeBack();
    t.match(await settings(session), { mode: 'force_generic_plan' });
    await planByValues(session.client);
    t.same(await settings(session), before, 'a rollback brings them back, and they end again');
  });
});

t.test(
  'readers see the moment of the session that lends it, whatever is written since',
  async t => {
    const database = await bareDatabase(t);
    await database.query('create table t (a integer)');
    await database.query('insert into t values (1)');
    const count = async (session: Session) =>
      (await session.query<{ n: number }>('select count(*)::integer as n from t'))[0]?.n;
    await database.transaction(async session => {
      await session.query('set transaction isolation level repeatable read');
      t.equal(await count(session), 1);
      await database.query('insert into t values (2)');
      t.equal(await withReaders(database, session, 0, async readers => readers.length), 0);
      await withReaders(database, session, 2, async readers => {
        await database.query('insert into t values (3)');
        t.same(await Promise.all(readers.map(count)), [1, 1]);
        t.equal(new Set([session, ...readers].map(({ client }) => client)).size, 3);
      });
      t.equal(await count(session), 1, 'and it goes on by itself');
    });
    t.equal(await database.session(count), 3);
    const writing = database.transaction(session =>
      withReaders(database, session, 1, ([reader]) => (reader as Session).query('delete from t')),
    );
    await t.rejects(writing, { code: '25006' }, 'they read only');
  },
);

t.test('what is read together is answered in order, and fails as the first of it', async t => {
  const database = await bareDatabase(t);
  await database.transaction(session =>
    withReaders(database, session, 1, async ([reader]) => {
      const both = [session, reader as Session];
      const wait =
        (seconds: number): Question<number> =>
        async by => {
          await by.query('select pg_sleep($1)', [seconds]);
          return both.indexOf(by);
        };
      const slow = wait(1);
      const [first, ...others] = await readTogether(both, [slow, wait(0), wait(0), wait(0)]);
      t.equal(first, 0);
      t.same(others, [1, 1, 1], 'whoever is free takes the next');
      t.same(await readTogether(both, []), []);
    }),
  );
  const begun: number[] = [];
  const failing =
    (place: number, seconds: number): Question<void> =>
    async by => {
      begun.push(place);
      await by.query('select pg_sleep($1)', [seconds]);
      throw new Error(`question ${place}`);
    };
  const asked = database.transaction(session =>
    withReaders(database, session, 1, async ([reader]) => {
      const questions = [failing(0, 0.2), failing(1, 0), failing(2, 0)];
      return readTogether([session, reader as Session], questions);
    }),
  );
  await t.rejects(asked, { message: 'question 0' }, 'though another failed before it');
  t.same(begun, [0, 1], 'and nothing more is begun');
});
