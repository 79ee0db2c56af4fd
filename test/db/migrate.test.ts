import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { MIGRATION_NAMES, MigrationTable, migrate } from '../../db/migrate.ts';
import { describeSchema } from '../../db/schema.ts';
import { bareDatabase, freshDatabase } from '../database.ts';

t.test('a second migration of one database finds nothing to do', async t => {
  const database = await bareDatabase(t);
  t.same(await migrate(database), MIGRATION_NAMES);
  t.same(await migrate(database), []);
});

t.test('of four migrations at once, exactly one does the work', async t => {
  const database = await bareDatabase(t);
  const done = await Promise.all([1, 2, 3, 4].map(() => migrate(database)));
  t.same(done.flat(), MIGRATION_NAMES);
});

t.test('the lock row that a killed migration left behind is freed', async t => {
  const database = await bareDatabase(t);
  // As after a kill before the first migration was committed: both tables of knex, row locked.
  await database.query(`create table knex_migrations
    (id serial primary key, name text, batch integer, migration_time timestamptz)`);
  await database.query(`create table knex_migrations_lock
    (index serial primary key, is_locked integer)`);
  await database.query('insert into knex_migrations_lock (is_locked) values (1)');
  const bare = { migrationSource: new MigrationTable() };
  await t.rejects(database.knex.migrate.latest(bare), { name: 'MigrationLocked' });
  t.same(await migrate(database), MIGRATION_NAMES);
});

t.test('a database of a newer program is refused, not changed', async t => {
  const database = await freshDatabase(t);
  await database.query(
    "insert into knex_migrations (name, batch, migration_time) values ('0999-later', 9, now())",
  );
  await t.rejects(migrate(database), { code: 'database-newer' });
});

t.test('db/schema.sql is the schema that the migrations give', async t => {
  const database = await freshDatabase(t);
  const written = await readFile(join(import.meta.dirname, '../../db/schema.sql'), 'utf8');
  t.equal(await describeSchema(database), written, 'run `node db/schema.ts`');
});

t.test('events, blocks and policies refuse update, delete and truncate', async t => {
  const database = await freshDatabase(t);
  for (const table of ['events', 'blocks', 'policy_bases', 'policy_overlays']) {
    const statements = [
      `update ${table} set season = season`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ];
    for (const statement of statements) {
      await t.rejects(database.query(statement), { code: 'ZZ001' }, statement);
    }
  }
});
