/**
 * Restores a backup: the file is read through and checked first; then one transaction empties the
 * tables, fills them, sets the sequences, and commits only if every hash and count agrees.
 *
 * Files of the home folder are unpacked beside their place before the transaction, and moved there
 * after its commit. The transaction leaves a mark, which goes when they are moved: killed in
 * between, the same restore again finds the mark and moves them. Killed before the commit, it
 * leaves an empty database and a folder that the next attempt clears away.
 *
 * Triggers of ours are off while rows are copied – they guard against changes, and would refuse
 * the emptying –; foreign keys stay on, since the tables come in the order of their references.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { from as copyFrom } from 'pg-copy-streams';
import type { Database, Session } from '../connect.ts';
import { MIGRATION_NAMES, migrate, migrationsOf } from '../migrate.ts';
import { type BackupArchive, openBackup } from './archive.ts';
import { backupError } from './errors.ts';
import { KEPT_FOLDERS, type Manifest } from './manifest.ts';
import { copyTarget, fixForms, quoted, readTables, type Table } from './tables.ts';

/** In `settings`, from the commit until the files are in their place; the manifest's hash. */
const MARK = 'restore-unfinished';

export interface RestoreOptions {
  /** ZHONGZHAO_HOME of the restored database. */
  readonly home: string;
  /** The database may hold a season, the home folder packages: they are replaced. */
  readonly replace?: boolean;
  /** The manifest's hash that the backup must have. */
  readonly hash?: string;
  /** Leave the schema at the version of the backup; it is brought up to date unless told. */
  readonly asItWas?: boolean;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
  /** Dies here in crash tests. */
  readonly failPoint?: (name: string) => void;
}

export interface RestoreReport {
  readonly manifest: Manifest;
  readonly hash: string;
  /** Migrations that were run after it, because the backup is of an older version. */
  readonly migrated: readonly string[];
}

/**
 * Restores a backup into a database that was migrated or not.
 *
 * @throws CodedError backup-unreadable, backup-altered, backup-newer, backup-unfit,
 *   backup-not-the-one, restore-not-empty, restore-home-not-empty, restore-database-newer; nothing
 *   is done then
 */
export async function restoreBackup(
  database: Database,
  file: string,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const archive = await openBackup(file);
  try {
    const { manifest, hash } = archive;
    if (options.hash !== undefined && options.hash !== hash) {
      throw backupError('backup-not-the-one', { found: hash, wanted: options.hash });
    }
    const { onProgress = () => {}, failPoint = () => {} } = options;
    const waiting = join(options.home, `restore-${hash.slice(0, 16)}`);
    if (!(await finishedAlready(database, hash))) {
      await checkPlace(database, manifest, options);
      await archive.check((done, total) => onProgress('核对备份', done, total));
      await migrate(database, manifest.migrations);
      await unpackFiles(archive, waiting);
      await database.transaction(session => load(session, archive, onProgress, failPoint));
      failPoint('restore.committed');
    } else if (!existsSync(waiting)) await unpackFiles(archive, waiting);
    await moveFiles(database, options.home, waiting);
    const migrated = options.asItWas ? [] : await migrate(database);
    return { manifest, hash, migrated };
  } finally {
    archive.close();
  }
}

/** Killed after its commit, before its files were in their place. */
async function finishedAlready(database: Database, hash: string): Promise<boolean> {
  if ((await migrationsOf(database)).length === 0) return false;
  const [mark] = await database.query<{ hash: string }>(
    "select value #>> '{}' as hash from settings where key = $1",
    [MARK],
  );
  return mark?.hash === hash;
}

async function checkPlace(
  database: Database,
  manifest: Manifest,
  { replace = false, home }: RestoreOptions,
): Promise<void> {
  for (const migration of manifest.migrations) {
    if (!MIGRATION_NAMES.includes(migration)) throw backupError('backup-newer', { migration });
  }
  const done = await migrationsOf(database);
  const beyond = done.find(migration => !manifest.migrations.includes(migration));
  if (beyond !== undefined) throw backupError('restore-database-newer', { migration: beyond });
  if (replace) return;
  if (done.length > 0) {
    const [season] = await database.query<{ season: number | null }>(
      'select max(season) as season from seasons',
    );
    if (season?.season != null) throw backupError('restore-not-empty', { season: season.season });
  }
  for (const name of KEPT_FOLDERS) {
    const folder = join(home, name);
    if (existsSync(folder) && (await readdir(folder)).length > 0) {
      throw backupError('restore-home-not-empty', { folder });
    }
  }
}

async function unpackFiles(archive: BackupArchive, waiting: string): Promise<void> {
  await rm(waiting, { recursive: true, force: true });
  // Each of them, also where it is empty: what lies in its place is then moved aside.
  for (const name of KEPT_FOLDERS) await mkdir(join(waiting, name), { recursive: true });
  for (const file of archive.manifest.files) await archive.unpack(file, waiting);
}

async function load(
  session: Session,
  archive: BackupArchive,
  onProgress: (stage: string, done: number, total: number) => void,
  failPoint: (name: string) => void,
): Promise<void> {
  const { manifest, hash } = archive;
  await fixForms(session);
  const tables = await readTables(session);
  checkTables(tables, manifest);
  for (const { name, forcesRowSecurity } of tables) {
    await session.query(`alter table public.${quoted(name)} disable trigger user`);
    // COPY in is refused to whom row-level security binds; the owner is bound only by force.
    if (forcesRowSecurity) {
      await session.query(`alter table public.${quoted(name)} no force row level security`);
    }
  }
  // Also where they are empty but for what a migration has put in: rows then lie in their order.
  const all = tables.map(table => `public.${quoted(table.name)}`).join(', ');
  await session.query(`truncate ${all}`);
  const total = manifest.tables.reduce((sum, table) => sum + table.bytes, 0);
  let before = 0;
  for (const [index, table] of manifest.tables.entries()) {
    const copy = session.client.query(copyFrom(`copy ${copyTarget(table)} from stdin`));
    await archive.table(table, copy, bytes => onProgress('恢复表', before + bytes, total));
    if (copy.rowCount !== table.rows) throw backupError('backup-unfit', { table: table.name });
    before += table.bytes;
    if (index === Math.floor(manifest.tables.length / 2)) failPoint('restore.half-loaded');
  }
  for (const { name, value, called } of manifest.sequences) {
    await session.query('select setval($1::regclass, $2, $3)', [
      `public.${quoted(name)}`,
      value,
      called,
    ]);
  }
  for (const { name, forcesRowSecurity } of tables) {
    await session.query(`alter table public.${quoted(name)} enable trigger user`);
    if (forcesRowSecurity) {
      await session.query(`alter table public.${quoted(name)} force row level security`);
    }
  }
  await session.query(
    `insert into settings (key, value) values ($1, to_jsonb($2::text))
     on conflict (key) do update set value = excluded.value`,
    [MARK, hash],
  );
  failPoint('restore.loaded');
}

/** The tables of the backup are those that its migrations make, column by column. */
function checkTables(tables: readonly Table[], manifest: Manifest): void {
  const made = new Map(tables.map(table => [table.name, table.columns.join(' ')]));
  for (const { name, columns } of manifest.tables) {
    if (made.get(name) !== columns.join(' ')) throw backupError('backup-unfit', { table: name });
    made.delete(name);
  }
  const [left] = made.keys();
  if (left !== undefined) throw backupError('backup-unfit', { table: left });
}

/** What was there is moved aside, never deleted; done twice it does what is left. */
async function moveFiles(database: Database, home: string, waiting: string): Promise<void> {
  for (const name of KEPT_FOLDERS) {
    const [from, to] = [join(waiting, name), join(home, name)];
    if (!existsSync(from)) continue;
    if (existsSync(to)) await rename(to, freeName(`${to}-before-restore`));
    await rename(from, to);
  }
  await rm(waiting, { recursive: true, force: true });
  await database.query('delete from settings where key = $1', [MARK]);
}

function freeName(path: string): string {
  for (let number = 1; ; number += 1) {
    const free = `${path}-${number}`;
    if (!existsSync(free)) return free;
  }
}
