/**
 * A restore rehearsed: the backup is restored into a scratch database of the same server, every
 * table is read out again and compared, the trail is verified, and all of it is thrown away. A
 * backup that was never restored is a hope.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import { connect, type Database, type Session } from '../connect.ts';
import { reasonOf } from '../errors.ts';
import { type TrailCheck, verifyTrail } from '../trail/verify-all.ts';
import { backupError } from './errors.ts';
import type { KeptTable } from './manifest.ts';
import { Meter } from './meter.ts';
import { restoreBackup } from './restore.ts';
import { copyTarget, fixForms } from './tables.ts';

const SCRATCH = 'zhongzhao_rehearsal_';
const SCRATCH_PATTERN = 'zhongzhao\\_rehearsal\\_%';

export interface RehearsedTable {
  readonly name: string;
  /** In the backup, and as restored. */
  readonly rows: number;
  readonly restoredRows: number;
  /** Same bytes: SHA-256 over all rows. */
  readonly same: boolean;
}

export interface Rehearsal {
  /** The manifest's hash. */
  readonly hash: string;
  readonly createdAt: string;
  readonly tables: readonly RehearsedTable[];
  /** Files of the home folder: in the backup, and as restored. */
  readonly files: number;
  readonly restoredFiles: number;
  /** null: the backup is of a version that had no seals, and its trail was not verified. */
  readonly trail: TrailCheck | null;
  /** Everything agrees, and the trail is whole. */
  readonly good: boolean;
}

export interface RehearseOptions {
  /** A folder for what is unpacked; a folder of its own is made in it and removed. */
  readonly home: string;
  readonly onProgress?: (stage: string, done: number, total: number) => void;
}

/**
 * Restores a backup into a scratch database and compares.
 *
 * @param database of the server on which the scratch database is made; needs CREATEDB
 * @throws CodedError rehearsal-no-database; those of restoreBackup
 */
export async function rehearseRestore(
  database: Database,
  file: string,
  options: RehearseOptions,
): Promise<Rehearsal> {
  await mkdir(options.home, { recursive: true });
  const home = await mkdtemp(join(options.home, 'rehearsal-'));
  const name = `${SCRATCH}${randomBytes(6).toString('hex')}`;
  try {
    await dropLeftovers(database);
    await database.query(`create database ${name} template template0 encoding 'UTF8'`);
  } catch (cause) {
    await rm(home, { recursive: true, force: true });
    throw backupError('rehearsal-no-database', { reason: reasonOf(cause) }, { cause });
  }
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  const scratch = connect(url.href, { applicationName: 'zhongzhao rehearsal' });
  try {
    return await rehearseIn(scratch, file, { ...options, home });
  } finally {
    await scratch.close();
    await rm(home, { recursive: true, force: true });
    // Without `force`, which an owner may not use where autovacuum happens to be at work: a plain
    // drop sends autovacuum away by itself, and nobody else knows of this database.
    await database.query(`drop database if exists ${name}`);
  }
}

async function rehearseIn(
  scratch: Database,
  file: string,
  { home, onProgress = () => {} }: RehearseOptions,
): Promise<Rehearsal> {
  const restored = await restoreBackup(scratch, file, { home, onProgress, asItWas: true });
  const { manifest, hash } = restored;
  const { tables, trail } = await scratch.transaction(async session => {
    await session.query('set transaction isolation level repeatable read, read only');
    await fixForms(session);
    const compared: RehearsedTable[] = [];
    for (const [index, table] of manifest.tables.entries()) {
      onProgress('比对', index, manifest.tables.length);
      compared.push(await compareTable(session, table));
    }
    const sealed = manifest.tables.some(table => table.name === 'seals');
    return { tables: compared, trail: sealed ? await verifyTrail(session, { onProgress }) : null };
  });
  const restoredFiles = manifest.files.filter(kept => existsSync(join(home, kept.path))).length;
  const files = manifest.files.length;
  const good =
    tables.every(table => table.same) &&
    files === restoredFiles &&
    (trail === null || trail.faults.length === 0);
  const { createdAt } = manifest;
  return { hash, createdAt, tables, files, restoredFiles, trail, good };
}

async function compareTable(session: Session, table: KeptTable): Promise<RehearsedTable> {
  const meter = new Meter();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const copy = session.client.query(copyTo(`copy ${copyTarget(table)} to stdout`));
  await pipeline(copy, meter, nowhere);
  const { lines, sha256 } = meter.measure;
  const same = lines === table.rows && sha256 === table.sha256;
  return { name: table.name, rows: table.rows, restoredRows: lines, same };
}

/** What a killed rehearsal has left: nobody is connected to it. */
async function dropLeftovers(database: Database): Promise<void> {
  const rows = await database.query<{ name: string }>(
    `select datname as name from pg_database d where datname like $1
        and pg_has_role(datdba, 'member')
        and not exists (select from pg_stat_activity a where a.datname = d.datname)`,
    [SCRATCH_PATTERN],
  );
  for (const { name } of rows) {
    await database.query(`drop database if exists ${name}`).catch(() => {});
  }
}
