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
  ['0002-absent-facts', () => import('./migrations/0002-absent-facts.ts')],
  ['0003-season', () => import('./migrations/0003-season.ts')],
  ['0004-access', () => import('./migrations/0004-access.ts')],
  ['0004-season-scopes', () => import('./migrations/0004-season-scopes.ts')],
  ['0005-seals', () => import('./migrations/0005-seals.ts')],
  ['0006-base-data', () => import('./migrations/0006-base-data.ts')],
  ['0007-city-settings', () => import('./migrations/0007-city-settings.ts')],
  ['0009-phase-vacancies', () => import('./migrations/0009-phase-vacancies.ts')],
  ['0010-applications', () => import('./migrations/0010-applications.ts')],
  ['0011-exchange-of-data', () => import('./migrations/0011-exchange-of-data.ts')],
  ['0012-desk-work', () => import('./migrations/0012-desk-work.ts')],
  ['0013-looked-up', () => import('./migrations/0013-looked-up.ts')],
  ['0014-planned-nights', () => import('./migrations/0014-planned-nights.ts')],
  ['0016-proposals', () => import('./migrations/0016-proposals.ts')],
  ['0017-events-by-file', () => import('./migrations/0017-events-by-file.ts')],
  ['0018-signatures', () => import('./migrations/0018-signatures.ts')],
  ['0019-report-reads', () => import('./migrations/0019-report-reads.ts')],
  ['0020-chosen-schools', () => import('./migrations/0020-chosen-schools.ts')],
  ['0021-choice-counts', () => import('./migrations/0021-choice-counts.ts')],
  ['0022-reader-role', () => import('./migrations/0022-reader-role.ts')],
  ['0023-launched-runs', () => import('./migrations/0023-launched-runs.ts')],
  ['0024-counted-columns', () => import('./migrations/0024-counted-columns.ts')],
  ['0026-recounted', () => import('./migrations/0026-recounted.ts')],
  ['0027-last-change', () => import('./migrations/0027-last-change.ts')],
  ['0028-dispatched-rounds', () => import('./migrations/0028-dispatched-rounds.ts')],
];

/** Names of the migrations that this program knows, in order. */
export const MIGRATION_NAMES: readonly string[] = MIGRATIONS.map(([name]) => name);

/** Takes the modules from the table above instead of a folder: knex need not read TypeScript. */
export class MigrationTable implements Knex.MigrationSource<string> {
  readonly #names: readonly string[];

  constructor(names: readonly string[] = MIGRATION_NAMES) {
    this.#names = names;
  }

  async getMigrations(): Promise<string[]> {
    return [...this.#names];
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
 * @param wanted the migrations of an older version, for a backup that was made with it
 * @returns the names of the migrations that this call ran
 * @throws database-newer where the database knows a migration that this program does not
 */
export async function migrate(
  database: Database,
  wanted: readonly string[] = MIGRATION_NAMES,
): Promise<string[]> {
  if ((await missing(database, wanted)).length === 0) return [];
  return database.session(async session => {
    await session.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await freeStuckLock(session);
      const before = await missing(database, wanted);
      if (before.length === 0) return [];
      await database.knex.migrate.latest({ migrationSource: new MigrationTable(wanted) });
      return before;
    } finally {
      await session.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  });
}

/** The migrations that a database has seen, in their order; none where it is bare. */
export async function migrationsOf(database: Pick<Database, 'query'>): Promise<string[]> {
  const [table] = await database.query<{ there: boolean }>(
    "select to_regclass('knex_migrations') is not null as there",
  );
  const done = table?.there
    ? await database.query<{ name: string }>('select name from knex_migrations order by id')
    : [];
  return done.map(row => row.name);
}

async function missing(database: Database, wanted: readonly string[]): Promise<string[]> {
  const done = new Set(await migrationsOf(database));
  for (const name of done) {
    if (!MIGRATION_NAMES.includes(name)) throw databaseError('database-newer', { migration: name });
  }
  return wanted.filter(name => !done.has(name));
}

async function freeStuckLock(session: Session): Promise<void> {
  const [table] = await session.query<{ there: boolean }>(
    "select to_regclass('knex_migrations_lock') is not null as there",
  );
  if (table?.there) await session.query('update knex_migrations_lock set is_locked = 0');
}
