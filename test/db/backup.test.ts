import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { ZipFile } from 'yazl';
import { openBackup } from '../../db/backup/archive.ts';
import { MANIFEST, type Manifest, tableEntry } from '../../db/backup/manifest.ts';
import { rehearseRestore } from '../../db/backup/rehearse.ts';
import { type RestoreOptions, restoreBackup } from '../../db/backup/restore.ts';
import { writeBackup } from '../../db/backup/write.ts';
import { connect, type Database } from '../../db/connect.ts';
import { MIGRATION_NAMES, migrate } from '../../db/migrate.ts';
import { ROLES } from '../../db/migrations/0004-access.ts';
import { READER } from '../../db/migrations/0022-reader-role.ts';
import { loadSample } from '../../db/sample/load.ts';
import { sealTrail } from '../../db/trail/seal.ts';
import { appendSeals } from '../../db/trail/seals-file.ts';
import { verifyTrail } from '../../db/trail/verify-all.ts';
import { bareDatabase, freshDatabase, testServer } from '../database.ts';

const AT = new Date('2016-07-20T12:00:00.123Z');
const PROGRAM = { program: 'test', now: () => AT };

/** A few hundred people, a run with its package, a seal; texts that COPY must escape. */
async function furnish(database: Database, home: string): Promise<void> {
  const when = { actor: 'test', at: AT, businessDate: '2016-07-15' };
  await loadSample(database, { seed: 3, cities: ['440400', '440600'], candidates: 300, ...when });
  await database.query(
    `insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
       host, pid, started_at) values (2016, 'dispatch', 'd', '{}', '2016-07-20', 1, 'completed', 1,
       E'a\\tb\\n\\\\N中', '', 1, now())`,
  );
  const seal = await database.transaction(session =>
    sealTrail(session, 2016, { businessDate: '2016-07-20', at: AT, run: 1 }),
  );
  await appendSeals(home, 2016, [seal]);
  for (const [run, text] of ['', 'run 1', 'a run after the snapshot'].entries()) {
    const folder = join(home, 'packages', '2016', `run-${run}`);
    await mkdir(join(folder, 'policy'), { recursive: true });
    await writeFile(join(folder, 'choices.csv.gz'), text);
    await writeFile(join(folder, 'policy', 'policy.yaml'), text);
  }
}

const folders = new WeakMap<Test, string>();

/** One folder per test: tap empties it whenever it is asked for. */
function folderOf(t: Test): string {
  const folder = folders.get(t) ?? t.testdir();
  folders.set(t, folder);
  return folder;
}

interface Place {
  readonly database: Database;
  readonly home: string;
}

async function furnished(t: Test): Promise<Place & { file: string; hash: string }> {
  const database = await freshDatabase(t);
  const home = join(folderOf(t), 'from');
  await mkdir(home);
  await furnish(database, home);
  const file = join(dirname(home), 'province.backup');
  const { hash } = await writeBackup(database, file, { home, ...PROGRAM });
  return { database, home, file, hash };
}

/** Each table's rows, in an order of their own. */
async function contents(database: Database): Promise<Record<string, unknown>> {
  const tables = await database.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace
        and relkind = 'r' and relname not like 'knex%' order by 1`,
  );
  const found: Record<string, unknown> = {};
  for (const { name } of tables) {
    [found[name]] = await database.query(
      `select count(*), md5(string_agg(t::text, '|' order by t::text collate "C")) from ${name} t`,
    );
  }
  return found;
}

async function filesOf(home: string): Promise<Record<string, string>> {
  const entries = await readdir(home, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.filter(each => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[path.slice(home.length + 1)] = await readFile(path, 'utf8');
  }
  return files;
}

/** Writes the entries of a backup anew, as somebody would who wants to alter it. */
async function altered(
  file: string,
  to: string,
  change: (entries: Map<string, Buffer>, manifest: Manifest) => void,
): Promise<string> {
  const { open: openZip } = await import('yauzl');
  const entries = new Map<string, Buffer>();
  await new Promise<void>((resolve, reject) => {
    openZip(file, { lazyEntries: true }, async (error, zip) => {
      if (error) return reject(error);
      for await (const entry of zip.eachEntry()) {
        entries.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
      }
      resolve();
    });
  });
  change(entries, JSON.parse(String(entries.get(MANIFEST))));
  const zip = new ZipFile();
  for (const [path, bytes] of entries) zip.addBuffer(bytes, path);
  zip.end();
  await writeFile(to, await buffer(zip.outputStream as Readable));
  return to;
}

t.test('what was backed up is restored, table by table and file by file', async t => {
  const from = await furnished(t);
  const to = await bareDatabase(t);
  const home = join(folderOf(t), 'to');
  const report = await restoreBackup(to, from.file, { home, hash: from.hash });
  t.same(report.migrated, []);
  t.same(await contents(to), await contents(from.database));
  t.ok(report.manifest.tables.some(table => table.name === 'candidates' && table.rows > 200));
  t.match(report.manifest, { program: 'test', seals: [{ season: 2016, seal: 1 }] });
  const files = await filesOf(home);
  t.same(Object.keys(files).sort(), [
    'packages/2016/run-1/choices.csv.gz',
    'packages/2016/run-1/policy/policy.yaml',
    'seals/2016.jsonl',
  ]);
  const before = await filesOf(from.home);
  for (const [path, text] of Object.entries(files)) t.equal(text, before[path], path);
  const check = await to.session(session => verifyTrail(session));
  t.same(check.faults, []);
  t.equal(check.seasons[0]?.seals, 1);
  // Sequences go on where they stood, and what guards the trail guards it again.
  const [next] = await to.query<{ file: number }>("select nextval('file_ids') as file");
  const [last] = await to.query<{ file: number }>('select max(file) as file from candidates');
  t.ok((next?.file ?? 0) > (last?.file ?? 0));
  const insert = `insert into imports (season, package_hash, synthetic, counts, imported_at,
    imported_by) values (2016, '', true, '{}', now(), '') returning import`;
  t.same(await to.query(insert), await from.database.query(insert));
  await t.rejects(to.query('delete from events'), { code: 'ZZ001' });
  await t.rejects(to.query("insert into seal_heads values (2016, 99, '', 1, 1, '')"), {
    code: '23503',
  });
});

t.test('the same data gives the same tables in every backup', async t => {
  const from = await furnished(t);
  const to = await freshDatabase(t);
  const home = join(folderOf(t), 'to');
  await restoreBackup(to, from.file, { home });
  const again = join(folderOf(t), 'again.backup');
  const { manifest } = await writeBackup(to, again, { home, ...PROGRAM });
  const first = await openBackup(from.file);
  t.same(manifest.tables, first.manifest.tables);
  t.same(manifest.sequences, first.manifest.sequences);
  t.same(manifest.files, first.manifest.files);
  first.close();
  await t.rejects(writeBackup(to, again, { home, ...PROGRAM }), { code: 'backup-exists' });
  t.equal((await stat(again)).mode & 0o077, 0, 'nobody else reads it');
});

t.test('a backup is of one moment, whatever is written meanwhile', async t => {
  const { database, home } = await furnished(t);
  const file = join(folderOf(t), 'busy.backup');
  let wrote: Promise<unknown> | undefined;
  const { manifest } = await writeBackup(database, file, {
    home,
    ...PROGRAM,
    onProgress: () => {
      wrote ??= database.query("insert into settings (key, value) values ('later', '1')");
    },
  });
  await wrote;
  const [settings] = await database.query<{ rows: number }>(
    'select count(*) as rows from settings',
  );
  t.equal(manifest.tables.find(one => one.name === 'settings')?.rows, (settings?.rows ?? 0) - 1);
});

t.test('a file that is cut off or altered is refused, and nothing is done', async t => {
  const { file } = await furnished(t);
  const folder = folderOf(t);
  const to = await freshDatabase(t);
  const home = join(folder, 'to');
  const refused = async (path: string, code: string, options: Partial<RestoreOptions> = {}) => {
    await t.rejects(restoreBackup(to, path, { home, ...options }), { code }, path);
    t.same(await to.query('select 1 from seasons'), []);
    t.notOk(existsSync(home));
  };
  const { size } = await stat(file);
  const cut = join(folder, 'cut');
  for (const length of [0, 10, Math.floor(size / 2), size - 1]) {
    await copyFile(file, cut);
    const handle = await open(cut, 'r+');
    await handle.truncate(length);
    await handle.close();
    await refused(cut, 'backup-unreadable');
  }
  const bytes = await readFile(file);
  for (const at of [100, Math.floor(size / 3), Math.floor(size / 2)]) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] as number) ^ 0x10;
    await writeFile(cut, flipped);
    const error = await restoreBackup(to, cut, { home }).catch(thrown => thrown);
    t.match(error, { code: /^backup-(altered|unreadable)$/ }, `byte ${at}`);
  }
  const row = await altered(file, join(folder, 'row'), entries => {
    const path = tableEntry('candidates');
    entries.set(path, Buffer.from(String(entries.get(path)).replace(/\tF\t/, '\tM\t')));
  });
  await refused(row, 'backup-altered');
  const less = await altered(file, join(folder, 'less'), entries => {
    entries.delete(tableEntry('choices'));
  });
  await refused(less, 'backup-altered');
  const more = await altered(file, join(folder, 'more'), entries => {
    entries.set('tables/more.copy', Buffer.from(''));
  });
  await refused(more, 'backup-altered');
  const outside = await altered(file, join(folder, 'outside'), (entries, manifest) => {
    const [first] = manifest.files;
    const files = [{ ...first, path: 'packages/../../x' }];
    entries.set(MANIFEST, Buffer.from(JSON.stringify({ ...manifest, files })));
  });
  await refused(outside, 'backup-unreadable');
  await refused(file, 'backup-not-the-one', { hash: '0'.repeat(64) });
});

t.test('who changes rows and manifest alike is found by the hash that was noted', async t => {
  const { file, hash } = await furnished(t);
  const folder = folderOf(t);
  const { createHash } = await import('node:crypto');
  const forged = await altered(file, join(folder, 'forged'), (entries, manifest) => {
    const path = tableEntry('candidates');
    const rows = Buffer.from(String(entries.get(path)).replace(/\tF\t/, '\tM\t'));
    entries.set(path, rows);
    const sha256 = createHash('sha256').update(rows).digest('hex');
    const tables = manifest.tables.map(table =>
      table.name === 'candidates' ? { ...table, sha256 } : table,
    );
    entries.set(MANIFEST, Buffer.from(JSON.stringify({ ...manifest, tables })));
  });
  const home = join(folder, 'to');
  const to = await freshDatabase(t);
  await t.rejects(restoreBackup(to, forged, { home, hash }), { code: 'backup-not-the-one' });
});

t.test('a database that holds a season is left alone unless told', async t => {
  const from = await furnished(t);
  const to = await freshDatabase(t);
  const home = join(folderOf(t), 'to');
  await to.query('insert into seasons (season) values (2015)');
  await t.rejects(restoreBackup(to, from.file, { home }), { code: 'restore-not-empty' });
  t.same(await to.query('select season from seasons'), [{ season: 2015 }]);
  await mkdir(join(home, 'packages', '2015'), { recursive: true });
  await restoreBackup(to, from.file, { home, replace: true });
  t.same(await contents(to), await contents(from.database));
  t.ok(existsSync(join(home, 'packages-before-restore-1', '2015')));
  t.notOk(existsSync(join(home, 'packages', '2015')));
  const other = await freshDatabase(t);
  const full = restoreBackup(other, from.file, { home });
  await t.rejects(full, { code: 'restore-home-not-empty' });
});

t.test('a restore that dies before its commit leaves nothing, and can be repeated', async t => {
  const from = await furnished(t);
  const to = await bareDatabase(t);
  const home = join(folderOf(t), 'to');
  for (const point of ['restore.half-loaded', 'restore.loaded']) {
    const failPoint = (name: string) => {
      if (name === point) throw new Error(`died at ${name}`);
    };
    await t.rejects(restoreBackup(to, from.file, { home, failPoint }), { message: /died/ });
    t.same(await to.query('select 1 from seasons'), []);
    t.notOk(existsSync(join(home, 'packages')));
  }
  const failPoint = (name: string) => {
    if (name === 'restore.committed') throw new Error('died');
  };
  await t.rejects(restoreBackup(to, from.file, { home, failPoint }), { message: /died/ });
  t.notOk(existsSync(join(home, 'packages')));
  await restoreBackup(to, from.file, { home });
  t.ok(existsSync(join(home, 'packages', '2016', 'run-1')), 'the files follow');
  t.same(await contents(to), await contents(from.database));
  await t.rejects(restoreBackup(to, from.file, { home }), { code: 'restore-not-empty' });
});

t.test('an older backup is restored as it was and then migrated; a newer one refused', async t => {
  const older = await bareDatabase(t);
  await migrate(older, ['0001-spine']);
  await older.query('insert into seasons (season) values (2015)');
  const file = join(folderOf(t), 'older.backup');
  const home = join(folderOf(t), 'to');
  await writeBackup(older, file, { home, ...PROGRAM });
  const to = await bareDatabase(t);
  const { migrated } = await restoreBackup(to, file, { home });
  t.same(migrated, MIGRATION_NAMES.slice(1));
  t.same(await to.query('select season from seasons'), [{ season: 2015 }]);
  const current = await freshDatabase(t);
  const into = restoreBackup(current, file, { home: join(folderOf(t), 'x') });
  await t.rejects(into, { code: 'restore-database-newer' });
  const newer = await altered(file, join(folderOf(t), 'newer'), (entries, manifest) => {
    const migrations = [...manifest.migrations, '0999-later'];
    entries.set(MANIFEST, Buffer.from(JSON.stringify({ ...manifest, migrations })));
  });
  const bare = await bareDatabase(t);
  await t.rejects(restoreBackup(bare, newer, { home }), { code: 'backup-newer' });
  t.same(await bare.query("select 1 from pg_class where relname = 'seasons'"), []);
});

t.test('tables that somebody has put beside ours are not backed up', async t => {
  const { database, home } = await furnished(t);
  await database.query('create table notes (note text)');
  const file = join(folderOf(t), 'x.backup');
  const { manifest } = await writeBackup(database, file, { home, ...PROGRAM });
  t.notOk(manifest.tables.some(table => table.name === 'notes'));
});

/** A login that owns its database and may make databases and roles, and nothing more. */
async function ownedDatabase(t: Test, rights: string): Promise<Database> {
  const server = await testServer();
  const name = `zz_owner_${Date.now()}_${Math.floor(Math.random() * 1e6)}`;
  const url = new URL(server);
  url.pathname = '/postgres';
  const admin = connect(url.href);
  await admin.query(`create role ${name} login password 'owner' ${rights}`);
  // Roles are the cluster's: where another database has made them, an administrator grants them.
  for (const role of [...ROLES, READER]) {
    await admin.query(`create role ${role} nologin`).catch(error => {
      if (error.code !== '42710' && error.code !== '23505') throw error;
    });
    await admin.query(`grant ${role} to ${name}`);
  }
  await admin.query(`create database ${name} owner ${name} template template0 encoding 'UTF8'`);
  url.pathname = `/${name}`;
  url.username = name;
  url.password = 'owner';
  const database = connect(url.href);
  t.teardown(async () => {
    await database.close();
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`drop role ${name}`);
    await admin.close();
  });
  return database;
}

t.test('an owner without special rights backs up, restores and rehearses', async t => {
  const owner = await ownedDatabase(t, 'createrole createdb');
  await migrate(owner);
  const home = join(folderOf(t), 'from');
  await mkdir(home);
  await furnish(owner, home);
  const file = join(folderOf(t), 'owner.backup');
  await writeBackup(owner, file, { home, ...PROGRAM });
  const to = await ownedDatabase(t, 'createrole');
  await restoreBackup(to, file, { home: join(folderOf(t), 'to') });
  t.same(await contents(to), await contents(owner));
  const rehearsal = await rehearseRestore(owner, file, { home });
  t.ok(rehearsal.good);
  await t.rejects(rehearseRestore(to, file, { home }), { code: 'rehearsal-no-database' });
});

t.test('rows that row-level security hides stop a backup instead of missing in it', async t => {
  const owner = await ownedDatabase(t, 'createrole');
  await migrate(owner);
  await owner.query('insert into seasons (season) values (2016)');
  await owner.query('alter table subjects enable row level security');
  await owner.query('alter table subjects force row level security');
  const file = join(folderOf(t), 'hidden.backup');
  const home = folderOf(t);
  const options = { home, ...PROGRAM };
  await t.rejects(writeBackup(owner, file, options), { code: 'backup-hides-rows' });
  t.notOk(existsSync(file));
});

t.test('a rehearsed restore compares every table and leaves nothing behind', async t => {
  const { database, home, file, hash } = await furnished(t);
  const rehearsal = await rehearseRestore(database, file, { home });
  t.match(rehearsal, { hash, good: true, files: 3, restoredFiles: 3, trail: { faults: [] } });
  t.ok(rehearsal.tables.every(table => table.same && table.rows === table.restoredRows));
  const left = await database.query(
    `select 1 from pg_database d where datname like 'zhongzhao\\_rehearsal\\_%'
        and not exists (select from pg_stat_activity a where a.datname = d.datname)`,
  );
  t.same(left, []);
  t.same((await readdir(home)).sort(), ['packages', 'seals']);
});

t.test('a rehearsal of a backup whose trail was tampered with is not good', async t => {
  const { database, home } = await furnished(t);
  await database.query('alter table events disable trigger all');
  await database.query("update events set actor = 'x' where event = 1");
  const file = join(folderOf(t), 'tampered.backup');
  await writeBackup(database, file, { home, ...PROGRAM });
  const { good, trail, tables } = await rehearseRestore(database, file, { home });
  t.ok(tables.every(table => table.same));
  t.notOk(good);
  t.match(trail?.faults, [{ kind: 'content-changed' }]);
});
