/**
 * A database for a test file: `const database = await freshDatabase(t)`.
 *
 * All test processes share one server: that of DATABASE_URL, else an embedded one whose home lies
 * in node_modules/.cache; the last process that leaves stops it. A template database is migrated
 * once per state of the migrations, and each test gets a clone of it, dropped at its end.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import tap, { type Test } from 'tap';
import { connect, type Database } from '../db/connect.ts';
import { type EmbeddedServer, ensureServer } from '../db/embedded.ts';
import { migrate } from '../db/migrate.ts';

const ROOT = join(import.meta.dirname, '..');
const HOME = join(ROOT, 'node_modules', '.cache', 'zhongzhao-test');
/** Homes of prepared databases; of another server than the embedded one too. */
const WORLDS = join(ROOT, 'node_modules', '.cache', 'zhongzhao-worlds');
const MIGRATIONS = join(ROOT, 'db', 'migrations');
/** "zztempla" in bytes; see db/migrate.ts. */
const TEMPLATE_LOCK = '8825494398762511457';
/** No test runs for so long: what is older was left behind by one that was killed. */
const LEFTOVER_SECONDS = 1800;

/**
 * How a database is copied. The embedded server of the tests forgets everything at a crash, so its
 * checkpoints cost nothing, and copying files takes a fifth of the time of copying through the log.
 * A server that is meant to last pays two real checkpoints for it: there the default stays.
 */
const STRATEGY = process.env['DATABASE_URL'] ? '' : ' strategy file_copy';

export type Teardown = Pick<Test, 'teardown'>;

let embedded: Promise<EmbeddedServer> | undefined;

/** The server of this process's tests: an address with the right to create databases. */
export async function testServer(): Promise<string> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return given;
  if (embedded === undefined) {
    embedded = ensureServer(HOME, { durable: false });
    tap.teardown(async () => (await embedded)?.stop());
  }
  return (await embedded).url;
}

/** An empty, migrated database of its own, dropped when the test ends. */
export async function freshDatabase(t: Teardown): Promise<Database> {
  const server = await testServer();
  const template = await ensureTemplate(server);
  return createDatabase(t, server, `template ${template}`);
}

/** How a prepared database comes about. */
export interface Preparation {
  /** Whatever the content depends on, the sources included. */
  readonly key: string;
  /** Goes on from this one; an empty, migrated database unless told. */
  readonly after?: Preparation;
  /** Fills the database; the folder is its home, cloned with it. */
  readonly prepare: (database: Database, home: string) => Promise<void>;
}

/**
 * A clone of a database that `prepare` has filled, once for all tests of the same key: loading a
 * province and dispatching it costs seconds, a clone a fraction of one.
 */
export async function preparedDatabase(
  t: Teardown,
  key: string,
  prepare: Preparation['prepare'],
): Promise<{ readonly database: Database; readonly home: string }> {
  return preparedAfter(t, { key, prepare });
}

/** The same of a chain of preparations, each of which is made once and kept. */
export async function preparedAfter(
  t: Teardown,
  preparation: Preparation,
): Promise<{ readonly database: Database; readonly home: string }> {
  const server = await testServer();
  const name = await ensureWorld(server, preparation);
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-world-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  await cp(join(WORLDS, name), home, { recursive: true });
  return { database: await createDatabase(t, server, `template ${name}`), home };
}

/** @returns the name of the template, with its home in WORLDS */
async function ensureWorld(server: string, preparation: Preparation): Promise<string> {
  const { key, after, prepare } = preparation;
  const origin = await (after === undefined ? ensureTemplate(server) : ensureWorld(server, after));
  const name = `zz_template_world_${createHash('sha256').update(key).digest('hex').slice(0, 24)}`;
  const kept = join(WORLDS, name);
  await administer(server, admin =>
    admin.session(async session => {
      // One at a time makes it; those who wait for it find it made.
      await session.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
      const there = await session.query(
        'select 1 from pg_database where datname = $1 and datistemplate',
        [name],
      );
      if (there.length > 0 && existsSync(kept)) return;
      if (there.length > 0) {
        await admin.query(`alter database ${name} with is_template false`);
      }
      await admin.query(`drop database if exists ${name} with (force)`);
      await rm(kept, { recursive: true, force: true });
      await mkdir(kept, { recursive: true });
      if (after !== undefined) await cp(join(WORLDS, origin), kept, { recursive: true });
      await admin.query(`create database ${name} template ${origin}${STRATEGY}`);
      const database = connect(withDatabase(server, name));
      try {
        await prepare(database, kept);
      } finally {
        await database.close();
      }
      await admin.query(`alter database ${name} with is_template true`);
    }),
  );
  return name;
}

const sourceKeys = new Map<string, Promise<string>>();

/** One text for all that a prepared database is made by; the files are read once per process. */
export function sourcesKey(
  rooms: readonly string[] = ['engine', 'db', 'jobs', 'rules'],
): Promise<string> {
  const known = sourceKeys.get(rooms.join());
  if (known !== undefined) return known;
  const made = hashOfSources(rooms);
  sourceKeys.set(rooms.join(), made);
  return made;
}

async function hashOfSources(rooms: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const room of rooms) {
    const names = await readdir(join(ROOT, room), { recursive: true, withFileTypes: true });
    const files = names
      .filter(entry => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map(each => join(each.parentPath, each.name));
    for (const file of files.sort()) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex');
}

/** An empty database without any table, dropped when the test ends. */
export async function bareDatabase(t: Teardown): Promise<Database> {
  return createDatabase(t, await testServer(), 'template template0');
}

async function createDatabase(t: Teardown, server: string, origin: string): Promise<Database> {
  const seconds = Math.floor(Date.now() / 1000);
  const name = `zz_test_${seconds}_${randomBytes(4).toString('hex')}`;
  await administer(server, admin => admin.query(`create database ${name} ${origin}${STRATEGY}`));
  const database = connect(withDatabase(server, name));
  t.teardown(async () => {
    await database.close();
    await administer(server, admin => admin.query(`drop database if exists ${name} with (force)`));
  });
  return database;
}

async function ensureTemplate(server: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(MIGRATIONS)).sort()) {
    hash.update(await readFile(join(MIGRATIONS, file)));
  }
  const name = `zz_template_${hash.digest('hex').slice(0, 16)}`;
  await administer(server, admin =>
    admin.session(async session => {
      await session.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
      try {
        const there = await session.query(
          'select 1 from pg_database where datname = $1 and datistemplate',
          [name],
        );
        await dropLeftovers(admin, name, there.length === 0);
        if (there.length > 0) return;
        await admin.query(`drop database if exists ${name} with (force)`);
        await admin.query(`create database ${name} template template0`);
        const database = connect(withDatabase(server, name));
        await migrate(database);
        await database.close();
        // The mark that it is complete: a killed maker leaves none, and the next one starts anew.
        await admin.query(`alter database ${name} with is_template true`);
      } finally {
        await session.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
      }
    }),
  );
  return name;
}

/** Databases of killed tests and, once a new template is wanted, templates of former migrations. */
async function dropLeftovers(admin: Database, template: string, former: boolean): Promise<void> {
  const rows = await admin.query<{ name: string; template: boolean }>(
    `select datname as name, datistemplate as template from pg_database
      where datname ~ '^zz_(test|template)_' and datname <> $1 and ($2 or not datistemplate)
        -- A world that is being prepared is no template yet; a killed one is made anew by its key.
        and (datistemplate or datname !~ '^zz_template_world_')
        and not exists (select from pg_stat_activity a where a.datname = pg_database.datname)`,
    [template, former],
  );
  for (const row of rows) {
    const made = Number(row.name.split('_')[2]);
    if (!row.template && made > Date.now() / 1000 - LEFTOVER_SECONDS) continue;
    // Somebody may be cloning it just now: then it stays until the next time.
    if (row.template) await admin.query(`alter database ${row.name} with is_template false`);
    await admin.query(`drop database if exists ${row.name}`).catch(() => {});
  }
}

async function administer<T>(server: string, work: (admin: Database) => Promise<T>): Promise<T> {
  const admin = connect(withDatabase(server, 'postgres'));
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Where a relay dials the server: an embedded one listens beside its socket on the loopback. */
export function hostBehind({ hostname }: URL): string {
  return hostname.startsWith('%2F') ? '127.0.0.1' : hostname;
}
