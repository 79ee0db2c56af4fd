/**
 * Writes a backup: all tables of one snapshot by COPY, and the files of the home folder that
 * belong to what the snapshot holds. The file appears whole or not at all.
 */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import { ZipFile } from 'yazl';
import type { Database, Session } from '../connect.ts';
import { reasonOf } from '../errors.ts';
import { migrationsOf } from '../migrate.ts';
import { parseSeals } from '../trail/seals-file.ts';
import { backupError } from './errors.ts';
import {
  BACKUP_FORMAT,
  fileEntry,
  type KeptFile,
  type KeptTable,
  MANIFEST,
  type Manifest,
  manifestHash,
  tableEntry,
} from './manifest.ts';
import { type Measure, Meter } from './meter.ts';
import { copyTarget, fixForms, readSequences, readTables, type Table } from './tables.ts';

/** Deflate at 6 takes twice the time for a tenth less. */
const COMPRESSION_LEVEL = 3;
const NO_MODE = 0o100600;
const INSUFFICIENT_PRIVILEGE = '42501';

export interface BackupOptions {
  /** ZHONGZHAO_HOME */
  readonly home: string;
  /** Version of the program. */
  readonly program: string;
  readonly now: () => Date;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

export interface BackupReport {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest: stands for the whole backup. */
  readonly hash: string;
  readonly bytes: number;
}

/**
 * Backs the database up into a file.
 *
 * @throws CodedError backup-exists, backup-hides-rows
 */
export async function writeBackup(
  database: Database,
  file: string,
  options: BackupOptions,
): Promise<BackupReport> {
  if (existsSync(file)) throw backupError('backup-exists', { file });
  const temporary = `${file}.${process.pid}.part`;
  try {
    const { manifest, hash } = await database.transaction(async session => {
      await session.query('set transaction isolation level repeatable read, read only');
      await fixForms(session);
      // Rather an error than a backup from which row-level security has left rows out.
      await session.query('set local row_security = off');
      return zipped(temporary, entries => writeEntries(session, entries, options));
    });
    const written = await open(temporary, 'r+');
    await written.sync();
    const { size: bytes } = await written.stat();
    await written.close();
    await rename(temporary, file);
    await syncFolder(dirname(file));
    return { manifest, hash, bytes };
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder === '' ? '.' : folder, 'r');
  await handle.sync().catch(() => {});
  await handle.close();
}

/** Adds an entry from a stream, and waits until all of it was taken. */
type AddEntry = (path: string, from: Readable, meter: Meter, compress: boolean) => Promise<Measure>;
interface Entries {
  readonly add: AddEntry;
  readonly addLast: (path: string, bytes: Buffer) => void;
}

async function zipped<T>(file: string, work: (entries: Entries) => Promise<T>): Promise<T> {
  const zip = new ZipFile();
  const failing = new AbortController();
  zip.on('error', error => failing.abort(error));
  const output = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  const written = pipeline(zip.outputStream, output, { signal: failing.signal });
  // Awaited below; a disk that is full must not count as unhandled before.
  written.catch(error => failing.abort(error));
  const add: AddEntry = async (path, from, meter, compress) => {
    const options = compress ? { compressionLevel: COMPRESSION_LEVEL } : { compress: false };
    zip.addReadStream(meter, path, { ...options, mode: NO_MODE });
    await pipeline(from, meter, { signal: failing.signal });
    return meter.measure;
  };
  const addLast = (path: string, bytes: Buffer) => {
    zip.addBuffer(bytes, path, { mode: NO_MODE });
    zip.end();
  };
  try {
    const result = await work({ add, addLast });
    await written;
    return result;
  } catch (error) {
    failing.abort(error);
    await written.catch(() => {});
    // Where writing the file failed, that is what the reader of the abort was told of.
    throw failing.signal.reason instanceof Error ? failing.signal.reason : error;
  }
}

async function writeEntries(
  session: Session,
  { add, addLast }: Entries,
  { home, program, now, onProgress = () => {} }: BackupOptions,
): Promise<{ manifest: Manifest; hash: string }> {
  const [server] = await session.query<{ version: string }>(
    "select current_setting('server_version') as version",
  );
  const found = await readTables(session);
  const total = found.reduce((sum, table) => sum + table.bytes, 0);
  const tables: KeptTable[] = [];
  let done = 0;
  for (const table of found) {
    const before = done;
    const shown = (bytes: number) =>
      onProgress('备份表', before + Math.min(bytes, table.bytes), total);
    tables.push(await addTable(session, add, table, shown));
    done += table.bytes;
  }
  const seals = await lastSeals(session);
  const paths = await homeFiles(session, home);
  const files: KeptFile[] = [];
  for (const [index, path] of paths.entries()) {
    onProgress('备份文件', index, paths.length);
    const packed = path.endsWith('.gz');
    const sealed = path.startsWith('seals/');
    const stream = sealed
      ? Readable.from([await sealsOfSnapshot(join(home, path), seals)])
      : createReadStream(join(home, path));
    const { bytes, sha256 } = await add(fileEntry(path), stream, new Meter(), !packed);
    files.push({ path, bytes, sha256 });
  }
  const manifest: Manifest = {
    format: BACKUP_FORMAT,
    program,
    server: server?.version ?? '',
    createdAt: now().toISOString(),
    migrations: await migrationsOf(session),
    tables,
    // Read last: sequences don't belong to a snapshot, and must not stand below what rows hold.
    sequences: await readSequences(session),
    files,
    seals,
  };
  const bytes = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  addLast(MANIFEST, bytes);
  return { manifest, hash: manifestHash(bytes) };
}

async function addTable(
  session: Session,
  add: AddEntry,
  table: Table,
  onBytes: (bytes: number) => void,
): Promise<KeptTable> {
  const { name, columns } = table;
  try {
    const copy = session.client.query(copyTo(`copy ${copyTarget(table)} to stdout`));
    const { bytes, lines, sha256 } = await add(tableEntry(name), copy, new Meter(onBytes), true);
    return { name, columns, rows: lines, bytes, sha256 };
  } catch (error) {
    const hidden =
      (error as { code?: unknown }).code === INSUFFICIENT_PRIVILEGE &&
      /row-level security/.test(reasonOf(error));
    throw hidden ? backupError('backup-hides-rows', { table: name }, { cause: error }) : error;
  }
}

/** The last seal of each season, for whoever reads the manifest alone. */
async function lastSeals(session: Session): Promise<Manifest['seals']> {
  const [there] = await session.query<{ seals: boolean }>(
    "select to_regclass('public.seals') is not null as seals",
  );
  if (!there?.seals) return [];
  return session.query<Manifest['seals'][number] & Record<string, unknown>>(
    `select distinct on (season) season, seal, business_date as "businessDate", hash
       from seals order by season, seal desc`,
  );
}

/**
 * The files that belong to the snapshot: seals, and the packages of runs that it holds. A package
 * of a later run would, after a restore, be taken for that of another run of the same number.
 */
async function homeFiles(session: Session, home: string): Promise<string[]> {
  const runs = await session.query<{ folder: string }>(
    `select 'packages/' || season || '/run-' || run as folder from runs where state = 'completed'`,
  );
  const folders = new Set(runs.map(run => run.folder));
  const packages = await filesBelow(home, 'packages');
  const kept = packages.filter(path => folders.has(path.split('/').slice(0, 3).join('/')));
  const seals = (await filesBelow(home, 'seals')).filter(path => /^seals\/\d+\.jsonl$/.test(path));
  return [...kept, ...seals].sort();
}

/** A file of seals without those that are younger than the snapshot. */
async function sealsOfSnapshot(path: string, last: Manifest['seals']): Promise<Buffer> {
  const lines = (await readFile(path, 'utf8')).split(/(?<=\n)/);
  const kept = lines.filter(line => {
    const [seal] = parseSeals(line).seals;
    return seal === undefined || last.some(l => l.season === seal.season && seal.seal <= l.seal);
  });
  return Buffer.from(kept.join(''));
}

async function filesBelow(home: string, folder: string): Promise<string[]> {
  if (!existsSync(join(home, folder))) return [];
  const entries = await readdir(join(home, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(home, join(entry.parentPath, entry.name)))
    .map(path => path.replaceAll('\\', '/'));
}
