import fc from 'fast-check';
import t from 'tap';
import { RowParser } from '../../db/copy/rows.ts';
import { copyIn, copyOut, openCopyIn, readInteger, readText } from '../../db/copy.ts';
import { ABSENT } from '../../engine/decimal.ts';
import { bareDatabase } from '../database.ts';

const seed = Date.now() % 1_000_000;
t.comment(`seed ${seed}`);

const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\t', '\n', '\r', '\\', '\\N', '\\.', '中', '考', '𠀀', '\b', '\f', '\v', "'"),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  ),
  maxLength: 12,
});
// PostgreSQL has no NUL in text; a lone surrogate has no UTF-8.
const storable = nasty.filter(text => !text.includes('\0') && text.isWellFormed());
const row = fc.tuple(
  fc.option(fc.integer({ min: -2147483647, max: 2147483647 })),
  fc.option(storable),
  storable,
  fc.array(fc.option(fc.integer({ min: -99, max: 99_999_999 })), { maxLength: 5 }),
);
type Row = [number | null, string | null, string, (number | null)[]];

/** What copyOut hands over, as values. */
function collect(rows: (string | null)[][]) {
  return (buffer: Uint8Array, starts: Int32Array, ends: Int32Array, fields: number) => {
    rows.push(Array.from({ length: fields }, (_, f) => readText(buffer, starts[f], ends[f])));
  };
}

t.test('whatever goes in by COPY comes out by query and by COPY', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (n serial, a integer, b text, c text, d integer[])');
  const check = fc.asyncProperty(fc.array(row, { maxLength: 30 }), async rows => {
    await database.query('truncate t restart identity');
    await database.session(async session => {
      const written = await copyIn(session, 't (a, b, c, d)', writer => {
        for (const [a, b, c, d] of rows) {
          writer.intOrNull(a ?? ABSENT);
          writer.text(b);
          const bytes = Buffer.from(`<${c}>`);
          writer.bytes(bytes, 1, bytes.length - 1);
          const marks = d.map(mark => mark ?? ABSENT);
          writer.ints(marks, marks.length);
          writer.endRow();
        }
      });
      t.equal(written, rows.length);
      const stored = await session.query<{ a: number; b: string; c: string; d: number[] }>(
        'select a, b, c, d from t order by n',
      );
      t.same(
        stored.map(({ a, b, c, d }) => [a, b, c, d]),
        rows,
      );
      const out: (string | null)[][] = [];
      await copyOut(session, 'select a, b, c from t order by n', collect(out));
      t.same(
        out,
        rows.map(([a, b, c]: Row) => [a === null ? null : String(a), b, c]),
      );
    });
  });
  await fc.assert(check, { seed, numRuns: 60 });
});

t.test('rows come out the same however the stream is cut into pieces', async t => {
  const asCopied = (text: string | null) =>
    text === null
      ? '\\N'
      : text.replace(/[\\\t\n\r]/g, c => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n' })[c] ?? '\\r');
  const rows = fc.array(fc.array(fc.option(nasty), { minLength: 1, maxLength: 4 }));
  const check = fc.property(
    rows,
    fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
    (rows, cut) => {
      const stream = Buffer.from(rows.map(row => `${row.map(asCopied).join('\t')}\n`).join(''));
      const out: (string | null)[][] = [];
      const parser = new RowParser(collect(out));
      for (let at = 0; at < stream.length; ) {
        const next = Math.min(stream.length, at + (cut.next().value ?? 1));
        const piece = Buffer.from(stream.subarray(at, next));
        parser.push(piece, 0, piece.length);
        at = next;
      }
      const expected = rows.map(row => row.map(v => v && Buffer.from(v).toString()));
      t.same(out, expected);
    },
  );
  fc.assert(check, { seed, numRuns: 200 });
});

t.test('values larger than any buffer go in and come out', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a text, b text)');
  const long = 'a\t中\\\n'.repeat(200_000);
  await database.session(async session => {
    await copyIn(session, 't (a, b)', async writer => {
      for (let i = 0; i < 3; i += 1) {
        writer.text(long);
        writer.text('');
        await writer.endRow();
      }
    });
    const out: (string | null)[][] = [];
    await copyOut(session, 'select a, b from t', collect(out));
    t.ok(out.length === 3 && out.every(([a, b]) => a === long && b === ''));
  });
});

t.test('a million rows pass with the writer waiting for the server', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a integer, b text)');
  const count = 1_000_000;
  let sum = 0;
  let waits = 0;
  await database.session(async session => {
    await copyIn(session, 't', async writer => {
      for (let i = 0; i < count; i += 1) {
        writer.int(i);
        writer.text('440100');
        const wait = writer.endRow();
        if (wait === undefined) continue;
        waits += 1;
        await wait;
      }
    });
    let pieces = 0;
    const read = await copyOut(
      session,
      'select a from t',
      (buffer, starts, ends) => {
        sum += readInteger(buffer, starts[0], ends[0]);
      },
      async () => {
        pieces += 1;
      },
    );
    t.equal(read, count);
    t.ok(pieces > 10 && waits > 0);
  });
  t.equal(sum, (count * (count - 1)) / 2);
});

t.test('a refused row fails the COPY with the cause, and the connection lives on', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a integer primary key)');
  await database.session(async session => {
    const twice = copyIn(session, 't', writer => {
      writer.int(1);
      writer.endRow();
      writer.int(1);
      writer.endRow();
    });
    await t.rejects(twice, { code: 'copy-failed', cause: { code: '23505' } });
    await t.rejects(
      copyIn(session, 'nowhere', () => {}),
      { code: 'copy-failed' },
    );
    await t.rejects(
      copyOut(session, 'select 1 / (2 - n) from generate_series(1, 2) n', () => {}),
      { code: 'copy-failed', cause: { code: '22012' } },
    );
    t.same(await session.query('select count(*) from t'), [{ count: 0 }]);
  });
});

t.test('work that throws aborts its COPY and keeps its own error', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a integer)');
  await database.session(async session => {
    const broken = copyIn(session, 't', writer => {
      writer.int(1);
      writer.endRow();
      throw new TypeError('mine');
    });
    await t.rejects(broken, new TypeError('mine'));
    const reading = copyOut(session, 'select * from generate_series(1, 100000)', () => {
      throw new TypeError('mine too');
    });
    await t.rejects(reading, new TypeError('mine too'));
    t.same(await session.query('select count(*) from t'), [{ count: 0 }]);
  });
});

t.test('a transaction that throws with a COPY still open is undone without hanging', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a integer)');
  const work = database.transaction(async session => {
    const writer = await openCopyIn(session, 't');
    writer.int(1);
    writer.endRow();
    throw new TypeError('left open');
  });
  await t.rejects(work, new TypeError('left open'));
  t.same(await database.query('select count(*) from t'), [{ count: 0 }]);
});

t.test('a connection killed in the middle of a COPY rejects, in and out', async t => {
  const database = await bareDatabase(t);
  await database.query('create table t (a integer)');
  const kill = (pid: number) => database.query('select pg_terminate_backend($1)', [pid]);
  const pidOf = (session: { client: unknown }) =>
    (session.client as { processID: number }).processID;
  const writing = database.session(async session => {
    const writer = await openCopyIn(session, 't');
    await kill(pidOf(session));
    for (let i = 0; ; i += 1) {
      writer.int(i);
      await writer.endRow();
      if (i % 1000 === 0) await new Promise(resolve => setImmediate(resolve));
    }
  });
  await t.rejects(writing, { code: 'copy-failed' });
  const reading = database.session(session =>
    copyOut(
      session,
      'select generate_series(1, 100000000)',
      () => {},
      () => kill(pidOf(session)).then(() => {}),
    ),
  );
  await t.rejects(reading, { code: 'copy-failed' });
});
