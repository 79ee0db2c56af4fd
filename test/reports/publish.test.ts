/** A night's folder: what the officer opens in the morning. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Database, Session } from '../../db/connect.ts';
import { findReport, type RegistryContext, withContent } from '../../reports/registry.ts';
import { rememberAnswers } from '../../reports/remembered.ts';
import { isArray, type Row } from '../../reports/report.ts';
import { publishNight } from '../../reports/runs/publish.ts';
import { writeWhole } from '../../reports/write.ts';
import { freshDatabase } from '../database.ts';
import { FIRST_NIGHT, makeProvince, NOW, SEASON, SECOND_NIGHT } from './province.ts';

const database = await freshDatabase(t);
await makeProvince(database);
const home = await mkdtemp(join(tmpdir(), 'zhongzhao-publish-'));
t.teardown(() => rm(home, { recursive: true }));
const context: RegistryContext = {
  database,
  season: SEASON,
  actor: 'schedule',
  unmasked: false,
  now: () => NOW,
};
const publish = (date: string) => publishNight({ ...context, date, home });

async function contents(files: readonly string[]): Promise<Map<string, string>> {
  const pairs = files.map(
    async file => [file, (await readFile(join(home, file))).toString('base64')] as const,
  );
  return new Map(await Promise.all(pairs));
}

t.test('a night is published with an index that leads to every file', async t => {
  const files = await publish(FIRST_NIGHT);
  t.equal(files[0], `out/${FIRST_NIGHT}/index.html`);
  t.equal(files.length, 8 + 2 * 3);
  const index = await readFile(join(home, files[0] as string), 'utf8');
  const links = [...index.matchAll(/href="([^"]+)"/g)].map(match => match[1]);
  t.same(
    links.map(link => `out/${FIRST_NIGHT}/${link}`),
    files.slice(1),
  );
  t.match(index, '迟到的市');
  t.match(index, '普通高中录取数据没有导入完成');
  t.match(index, '第一阶段录取的学生完成注册');
  t.notMatch(index, /https?:|<script/);
});

t.test('published again on the same data, every file is the same', async t => {
  const first = await contents(await publish(FIRST_NIGHT));
  const second = await contents(await publish(FIRST_NIGHT));
  t.same([...second.keys()], [...first.keys()]);
  for (const [file, bytes] of first) t.ok(second.get(file) === bytes, file);
});

t.test('of one night nothing is asked twice, however many files show it', async t => {
  const asked: string[] = [];
  const listening: Database = {
    ...database,
    transaction: work =>
      database.transaction(session =>
        work({
          ...session,
          query: (sql, parameters) => {
            asked.push(JSON.stringify([sql, parameters ?? []]));
            return session.query(sql, parameters);
          },
        }),
      ),
  };
  await publishNight({ ...context, database: listening, date: FIRST_NIGHT, home });
  // Streams set the planner for themselves, and each is a cursor of its own; who reads beside the
  // others joins their snapshot.
  const own = /current_setting|set_config|cursor|fetch|set transaction/;
  const questions = asked.filter(text => !own.test(text));
  t.ok(questions.length > 20);
  t.same(questions.length, new Set(questions).size);
});

t.test(
  'what fails while it is read ahead fails the night, and the index stays as it was',
  async t => {
    const files = await publish(FIRST_NIGHT);
    const index = await readFile(join(home, files[0] as string));
    const readers = new Set<unknown>();
    const failing: Database = {
      ...database,
      transaction: work =>
        database.transaction(session =>
          work({
            ...session,
            query: async (sql, parameters) => {
              if (sql.includes('set transaction snapshot')) readers.add(session.client);
              const rows = await session.query(sql, parameters);
              // The night's own session, which would ask again, is answered.
              const ahead = readers.has(session.client) && sql.includes('with lines as');
              if (ahead) throw new Error('progress is lost');
              return rows as never;
            },
          }),
        ),
    };
    await rm(join(home, `out/${FIRST_NIGHT}/progress.html`));
    const published = publishNight({ ...context, database: failing, date: FIRST_NIGHT, home });
    await t.rejects(published, { message: 'progress is lost' });
    t.equal(readers.size, 3);
    t.same(await readFile(join(home, files[0] as string)), index);
    t.notOk((await readdir(join(home, 'out', FIRST_NIGHT))).includes('progress.html'));
    await publish(FIRST_NIGHT);
  },
);

t.test('an answer is remembered as asked, settings and long answers are not', async t => {
  let answered = 0;
  const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));
  const session = rememberAnswers({
    query: async (_: string, [count]: readonly number[] = [1]) => {
      answered += 1;
      return rows(count as number);
    },
  } as unknown as Session);
  const ask = async (sql: string, count: number, times: number) => {
    const before = answered;
    for (let time = 0; time < times; time += 1) {
      const found = await session.query<{ n: number }>(sql, [count]);
      t.equal(found.length, count);
      // Whoever takes an answer apart takes it from nobody else.
      found.length = 0;
    }
    return answered - before;
  };
  t.equal(await ask('select n', 2, 3), 1);
  t.equal(await ask('select n', 3, 3), 1, 'other parameters are another question');
  t.equal(await ask('\nwith x as (select 1) select n from x', 2, 2), 1);
  t.equal(await ask("select set_config('work_mem', '1MB', true)", 1, 2), 2);
  t.equal(await ask("select current_setting('work_mem')", 1, 2), 2);
  t.equal(await ask('fetch forward 2 from c', 2, 2), 2);
  t.equal(await ask('select n', 5_001, 2), 2);
});

t.test('what a former publication left is removed, other nights are not', async t => {
  const other = await publish(SECOND_NIGHT);
  await writeFile(join(home, 'out', FIRST_NIGHT, 'cities', 'old.html'), 'x');
  await writeFile(join(home, 'out', FIRST_NIGHT, 'index.html.123.part'), 'x');
  const files = await publish(FIRST_NIGHT);
  const entries = await readdir(join(home, 'out', FIRST_NIGHT), {
    recursive: true,
    withFileTypes: true,
  });
  const there = entries.filter(entry => entry.isFile()).length;
  t.equal(there, files.length);
  t.equal((await contents(other)).size, other.length);
});

t.test('a file that fails half-way leaves the former one', async t => {
  const path = join(home, 'half.txt');
  await writeWhole(path, [Buffer.from('whole')]);
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('ha');
    throw new Error('lost');
  }
  await t.rejects(writeWhole(path, failing()), { message: 'lost' });
  t.equal(await readFile(path, 'utf8'), 'whole');
  t.same(
    (await readdir(home)).filter(name => name.includes('.part')),
    [],
  );
});

t.test('late are cities without senior-high import or dispatch, with deadline', async t => {
  const late = (date: string) =>
    withContent(findReport('morning'), context, { date }, async ({ content }) => {
      const rows = content.rows['late'] ?? [];
      return isArray(rows) ? rows : [];
    });
  const rows: readonly Row[] = await late(FIRST_NIGHT);
  t.same([...new Set(rows.map(row => row['city']))], ['440300']);
  t.equal(rows[0]?.['since'], '2016-07-15');
  t.match(String(rows[0]?.['basis']), '二（四）');
});

t.test('deadlines begin today and come in order', async t => {
  const rows = await withContent(
    findReport('morning'),
    context,
    { date: '2016-08-25' },
    async ({ content }) => content.rows['deadlines'] as readonly Row[],
  );
  t.equal(rows[0]?.['date'], '2016-08-25');
  t.equal(rows[0]?.['left'], 0);
  t.equal(rows.find(row => row['date'] === '2016-09-01')?.['left'], 7);
  const dates = rows.map(row => String(row['date']));
  t.same(dates, dates.toSorted());
});
