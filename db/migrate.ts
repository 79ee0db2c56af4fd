/**
 * Brings the schema up to date: numbered migrations, forward only, run by knex inside a lock of
 * ours.
 *
 * knex locks by a row, which stays locked when its process is killed. A session advisory lock goes
 * with its connection, so it is taken first; whoever holds it knows that no other process of ours
 * migrates, and frees knex's row.
 */
import type { Knex } from 'knex';
import type { Database, Session } from './connect.ts';
import { databaseError } from './errors.ts';

/** Any fixed number will do, as long as no other lock uses it; this is "zzmigrat" in bytes. */
const MIGRATION_LOCK = '8825486719260451188';

interface Migration {
  up(knex: Knex): Promise<void>;
}

/** Every migration in order. A new one is a new line here and a new file; old ones never change. */
const MIGRATIONS: readonly (readonly [string, () => Promise<Migration>])[] = [
  ['0001-spine', () => import('./migrations/0001-spine.ts')],
  ['0003-season', () => import('./migrations/0003-season.ts')],
  ['0004-access', () => import('./migrations/0004-access.ts')],
  ['0004-season-scopes', () => import('./migrations/0004-season-scopes.ts')],
];

/** Their names, in order. */
export const MIGRATION_NAMES: readonly string[] = MIGRATIONS.map(([name]) => name);

/** Takes the modules from the table above instead of a folder: knex need not read TypeScript. */
export class MigrationTable implements Knex.MigrationSource<string> {
  async getMigrations(): Promise<string[]> {
    return MIGRATIONS.map(([name]) => name);
  }

  getMigrationName(name: string): string {
    return name;
  }

  async getMigration(name: string): Promise<Knex.Migration> {
    const load = MIGRATIONS.find(([known]) => known === name)?.[1];
    if (load === undefined) throw databaseError('database-newer', { migration: name });
    const { up } = await load();
    // Forward only: what was done is undone by a further migration.
    return { up, down: async () => {} };
  }
}

/**
 * Runs what is missing; nothing when all is there. Each call is safe beside any other.
 *
 * @returns the names of the migrations that this call ran
 * @throws database-newer where the database knows a migration that this program does not
 */
export async function migrate(database: Database): Promise<string[]> {
  if ((await missing(database)).length === 0) return [];
  return database.session(async session => {
    await session.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await freeStuckLock(session);
      const before = await missing(database);
      if (before.length === 0) return [];
      await database.knex.migrate.latest({ migrationSource: new MigrationTable() });
      return before;
    } finally {
      await session.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  });
}

async function missing(database: Database): Promise<string[]> {
  const [table] = await database.query<{ there: boolean }>(
    "select to_regclass('knex_migrations') is not null as there",
  );
  const done = table?.there
    ? await database.query<{ name: string }>('select name from knex_migrations order by id')
    : [];
  const known = new Set(MIGRATIONS.map(([name]) => name));
  for (const { name } of done) {
    if (!known.has(name)) throw databaseError('database-newer', { migration: name });
  }
  const names = new Set(done.map(row => row.name));
  return MIGRATIONS.map(([name]) => name).filter(name => !names.has(name));
}

async function freeStuckLock(session: Session): Promise<void> {
  const [table] = await session.query<{ there: boolean }>(
    "select to_regclass('knex_migrations_lock') is not null as there",
  );
  if (table?.there) await session.query('update knex_migrations_lock set is_locked = 0');
}
