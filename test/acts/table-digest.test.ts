import t from 'tap';
import { freshDatabase } from '../database.ts';
import { digest } from './table-digest.ts';

t.test('the digest sees whatever is written, and nothing that is not', async t => {
  const database = await freshDatabase(t);
  await database.query(`insert into settings (key, value) values ('a', '1'), ('b', '2')`);
  const seen = new Set([await digest(database)]);
  const write = async (title: string, ...statements: readonly string[]) => {
    await database.transaction(async session => {
      for (const statement of statements) await session.query(statement);
    });
    const now = await digest(database);
    t.notOk(seen.has(now), title);
    seen.add(now);
  };
  await write('a row more', `insert into settings (key, value) values ('c', '3')`);
  await write('another value', `update settings set value = '4' where key = 'c'`);
  await write('the value it had', `update settings set value = value where key = 'c'`);
  await write(
    'a row taken out and put back',
    `delete from settings where key = 'a'`,
    `insert into settings (key, value) values ('a', '1')`,
  );
  await write('a row less', `delete from settings where key = 'c'`);
  const calm = await digest(database);
  await database.query('select * from settings for update');
  await t.rejects(
    database.transaction(async session => {
      await session.query('delete from settings');
      throw new Error('rolled back');
    }),
  );
  t.equal(await digest(database), calm, 'read, locked, and rolled back');
});
