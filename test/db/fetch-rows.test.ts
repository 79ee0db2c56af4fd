import fc from 'fast-check';
import t from 'tap';
import type { Session } from '../../db/connect.ts';
import { fetchRows } from '../../db/fetch-rows.ts';
import { bareDatabase } from '../database.ts';

type Listener = (chunk: Buffer) => void;
interface Stream {
  on: (event: string, listener: Listener) => unknown;
}

/** The socket of a session. */
function streamOf(session: Session): Stream {
  return (session.client as unknown as { connection: { stream: Stream } }).connection.stream;
}

const text = fc
  .string({ unit: fc.oneof(fc.constantFrom('中', '𠀀', '\t', '\n', '\\', ''), fc.string()) })
  .filter(text => !text.includes('\0') && text.isWellFormed());
const row = fc.record({
  n: fc.option(fc.integer({ min: -2147483648, max: 2147483647 })),
  s: fc.option(fc.integer({ min: -32768, max: 32767 })),
  city: fc.option(fc.constantFrom('440100', '440300', '')),
  name: fc.option(text),
  yes: fc.option(fc.boolean()),
  marks: fc.option(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 3 })),
});
const rowsOf = (
  json: string,
) => `create table given as select * from json_to_recordset(${json}) as r
  (n integer, s smallint, city text, name text, yes boolean, marks integer[])`;

t.test('rows are those that pg reads, however their bytes are cut', async t => {
  const database = await bareDatabase(t);
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  const check = fc.asyncProperty(fc.array(row, { maxLength: 20 }), cuts, (rows, cuts) =>
    database.session(async session => {
      await session.query('drop table if exists given');
      await session.query(rowsOf(session.client.escapeLiteral(JSON.stringify(rows))));
      const expected = await session.query('select * from given');
      t.same(expected, rows);
      const stream = streamOf(session);
      const on = stream.on;
      let piece = 0;
      stream.on = (event, listener) => {
        if (event !== 'data') return on.call(stream, event, listener);
        stream.on = on;
        return on.call(stream, event, (chunk: Buffer) => {
          for (let at = 0; at < chunk.length; piece += 1) {
            const end = at + (cuts[piece % cuts.length] as number);
            listener(chunk.subarray(at, end));
            at = end;
          }
        });
      };
      t.same(await fetchRows(session, 'select * from given'), expected);
      t.same(await session.query('select 1 as one'), [{ one: 1 }]);
    }),
  );
  await fc.assert(check, { numRuns: 30 });
});

t.test('a text that a column repeats, and one that shares its place, are told apart', async t => {
  const database = await bareDatabase(t);
  const sql = `select (n % 3)::text as few, n::text as all, repeat('长', n % 40) as long
    from generate_series(1, 3000) n`;
  await database.session(async session => {
    t.same(await fetchRows(session, sql), await session.query(sql));
  });
});

t.test('an error in the middle of the rows is the reader’s, and the session goes on', async t => {
  const database = await bareDatabase(t);
  await database.session(async session => {
    const listeners = session.client.listenerCount('error');
    const sql = `select 1 / (2000 - n) as part, repeat('x', 100) as wide
      from generate_series(1, 3000) n`;
    await t.rejects(fetchRows(session, sql), { code: '22012' });
    await t.rejects(fetchRows(session, 'fetch 5 from nowhere'), { code: '34000' });
    t.same(await fetchRows(session, 'select 7 as n'), [{ n: 7 }]);
    t.same(await session.query('select $1::integer as n', [8]), [{ n: 8 }]);
    t.equal(session.client.listenerCount('error'), listeners);
  });
});

t.test('a server that ends the connection ends the reading', async t => {
  const database = await bareDatabase(t);
  await t.rejects(
    database.session(async session => {
      session.client.on('error', () => {});
      const end = `select case when n = 2000 then pg_terminate_backend(pg_backend_pid())
        end as ended, repeat('x', 100) as wide from generate_series(1, 3000) n`;
      await fetchRows(session, end);
    }),
    { code: '57P01' },
  );
  t.same(await database.query('select 1 as one'), [{ one: 1 }], 'the next one is new');
});
