/** A backup that is read: its manifest, and its entries, each against the manifest. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, open, type ZipFile } from 'yauzl';
import { reasonOf } from '../errors.ts';
import { backupError } from './errors.ts';
import {
  fileEntry,
  isManifest,
  type KeptFile,
  type KeptTable,
  MANIFEST,
  MANIFEST_MAX_BYTES,
  type Manifest,
  manifestHash,
  tableEntry,
} from './manifest.ts';
import { Meter } from './meter.ts';

export class BackupArchive {
  readonly file: string;
  readonly manifest: Manifest;
  /** SHA-256 of the manifest. */
  readonly hash: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(
    file: string,
    zip: ZipFile,
    entries: ReadonlyMap<string, Entry>,
    manifest: { readonly content: Manifest; readonly hash: string },
  ) {
    this.file = file;
    this.#zip = zip;
    this.#entries = entries;
    this.manifest = manifest.content;
    this.hash = manifest.hash;
  }

  /** Reads everything once, and throws it away. @throws CodedError backup-altered */
  async check(onBytes: (done: number, total: number) => void): Promise<void> {
    const { tables, files } = this.manifest;
    const total = [...tables, ...files].reduce((sum, one) => sum + one.bytes, 0);
    let before = 0;
    const nowhere = () =>
      new Writable({
        write: (_chunk, _encoding, done) => done(),
      });
    for (const table of tables) {
      await this.table(table, nowhere(), bytes => onBytes(before + bytes, total));
      before += table.bytes;
    }
    for (const file of files) {
      await this.#send(fileEntry(file.path), file, nowhere());
      before += file.bytes;
      onBytes(before, total);
    }
  }

  /** Sends the rows of a table. @throws CodedError backup-altered */
  async table(table: KeptTable, to: Writable, onBytes?: (bytes: number) => void): Promise<void> {
    await this.#send(tableEntry(table.name), table, to, onBytes);
  }

  /** Writes a file of the home folder below another folder. @throws CodedError backup-altered */
  async unpack(file: KeptFile, folder: string): Promise<void> {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await this.#send(fileEntry(file.path), file, createWriteStream(path, { flush: true }));
  }

  close(): void {
    this.#zip.close();
  }

  async #send(
    path: string,
    expected: { readonly bytes: number; readonly sha256: string; readonly rows?: number },
    to: Writable,
    onBytes?: (bytes: number) => void,
  ): Promise<void> {
    const meter = new Meter(onBytes);
    const source = await this.#open(path);
    let broken: unknown;
    source.on('error', error => {
      broken = error;
    });
    try {
      await pipeline(source, meter, to);
    } catch (error) {
      // What PostgreSQL or the disk says is no fault of the backup.
      throw broken === undefined ? error : this.#altered(path, reasonOf(broken), broken);
    }
    const { bytes, sha256, lines } = meter.measure;
    if (sha256 !== expected.sha256) throw this.#altered(path, '内容的校验值不同');
    if (bytes !== expected.bytes) throw this.#altered(path, '长度不同');
    if (expected.rows !== undefined && lines !== expected.rows) {
      throw this.#altered(path, '行数不同');
    }
  }

  async #open(path: string): Promise<Readable> {
    const entry = this.#entries.get(path);
    if (entry === undefined) throw this.#altered(path, '缺失');
    try {
      return await this.#zip.openReadStreamPromise(entry);
    } catch (cause) {
      throw this.#altered(path, reasonOf(cause), cause);
    }
  }

  #altered(entry: string, reason: string, cause?: unknown): Error {
    return backupError('backup-altered', { file: this.file, entry, reason }, { cause });
  }
}

/**
 * Opens a backup: its directory is whole, and what is in it is what the manifest lists. Close it.
 *
 * @throws CodedError backup-unreadable, backup-altered
 */
export async function openBackup(file: string): Promise<BackupArchive> {
  const zip = await openZip(file);
  try {
    const entries = await readDirectory(zip, file);
    const listed = entries.get(MANIFEST);
    if (listed === undefined || listed.uncompressedSize > MANIFEST_MAX_BYTES) {
      throw backupError('backup-unreadable', { file, reason: '没有清单' });
    }
    const manifest = await readManifest(zip, listed, file);
    const { tables, files } = manifest.content;
    const wanted = new Set([
      MANIFEST,
      ...tables.map(table => tableEntry(table.name)),
      ...files.map(kept => fileEntry(kept.path)),
    ]);
    for (const path of new Set([...wanted, ...entries.keys()])) {
      if (wanted.has(path) && entries.has(path)) continue;
      const reason = wanted.has(path) ? '缺失' : '清单中没有';
      throw backupError('backup-altered', { file, entry: path, reason });
    }
    return new BackupArchive(file, zip, entries, manifest);
  } catch (error) {
    zip.close();
    throw error;
  }
}

function openZip(file: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(file, { lazyEntries: true, autoClose: false }, (cause, zip) => {
      if (cause === null) resolve(zip);
      else reject(backupError('backup-unreadable', { file, reason: reasonOf(cause) }, { cause }));
    });
  });
}

async function readDirectory(zip: ZipFile, file: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      if (entries.has(entry.fileName)) throw new Error(`${entry.fileName} twice`);
      entries.set(entry.fileName, entry);
    }
  } catch (cause) {
    throw backupError('backup-unreadable', { file, reason: reasonOf(cause) }, { cause });
  }
  return entries;
}

async function readManifest(
  zip: ZipFile,
  entry: Entry,
  file: string,
): Promise<{ content: Manifest; hash: string }> {
  try {
    const bytes = await buffer(await zip.openReadStreamPromise(entry));
    const content: unknown = JSON.parse(bytes.toString('utf8'));
    if (!isManifest(content)) throw new Error(isManifest.errors?.[0]?.instancePath ?? 'manifest');
    return { content, hash: manifestHash(bytes) };
  } catch (cause) {
    const reason = `清单无法读取：${reasonOf(cause)}`;
    throw backupError('backup-unreadable', { file, reason }, { cause });
  }
}
