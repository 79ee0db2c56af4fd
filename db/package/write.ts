/**
 * Writes a data package: a folder of CSV files with a datapackage.json in the Tabular Data Package
 * way. The folder appears whole or not at all: it is written beside its place and then renamed, so
 * that a kill leaves no half package where a later recompute would take it for a run's input.
 *
 * A run's input is kept in the same form with every CSV gzipped on its own: read.ts reads both, no
 * archive format is needed, and any tool opens it.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Attribute } from '../../engine/policy/types.ts';
import { csvLine } from './csv-write.ts';
import { describePackage, type RunDefaults } from './description.ts';
import { fail } from './errors.ts';

/**
 * One CSV of the package: rows as chunks of bytes, without the header. The files of
 * engine/dispatch/package-of-world.ts are such.
 */
export interface PackageFile {
  /** `choices.csv` */
  readonly name: string;
  /** Column names, or the header row itself, with or without its LF. */
  readonly header: readonly string[] | string;
  readonly rows: () => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface WriteOptions {
  /** Name of the package; letters, digits, `.`, `-`, `_`. */
  readonly name: string;
  /** Chinese. */
  readonly title?: string;
  /** Made up, as `zhongzhao sample` makes it: marks it for a sample database. */
  readonly synthetic?: boolean;
  /** Gzips each CSV: `choices.csv.gz`. */
  readonly gzip?: boolean;
  readonly season?: number;
  /** What a recompute takes where the command names nothing. */
  readonly run?: RunDefaults;
  /** Cities whose senior-high import is complete; honoured in synthetic packages only. */
  readonly seniorHighComplete?: readonly string[];
  readonly attributes?: readonly Attribute[];
  /** Further text files: path in the package (`policy/policy.yaml`) → text. */
  readonly extras?: ReadonlyMap<string, string>;
}

export interface WrittenFile {
  readonly name: string;
  /** The file's name on disk: with `.gz` where gzipped. */
  readonly path: string;
  /** Size of the CSV before compression. */
  readonly bytes: number;
  /** SHA-256, hex, of the CSV before compression. */
  readonly sha256: string;
}

/**
 * Writes a package.
 *
 * @param folder must not exist, or be empty
 * @throws package-exists
 */
export async function writePackage(
  folder: string,
  files: Iterable<PackageFile> | AsyncIterable<PackageFile>,
  options: WriteOptions,
): Promise<readonly WrittenFile[]> {
  if (existsSync(folder) && (await readdir(folder)).length > 0) {
    throw fail('package-exists', { path: folder });
  }
  const partial = `${folder}.part-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    const written: WrittenFile[] = [];
    for await (const file of files) written.push(await writeFileOf(partial, file, options));
    for (const [path, text] of options.extras ?? []) {
      await mkdir(dirname(join(partial, path)), { recursive: true });
      await writeFile(join(partial, path), text);
    }
    const description = describePackage(written, options);
    await writeFile(join(partial, 'datapackage.json'), `${JSON.stringify(description, null, 2)}\n`);
    if (existsSync(folder)) await rmdir(folder);
    await rename(partial, folder);
    return written;
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw cause;
  }
}

async function writeFileOf(
  folder: string,
  file: PackageFile,
  options: WriteOptions,
): Promise<WrittenFile> {
  const path = options.gzip === true ? `${file.name}.gz` : file.name;
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of withHeader(file)) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  };
  const source = Readable.from(counted(), { objectMode: false });
  const target = createWriteStream(join(folder, path));
  if (options.gzip === true) await pipeline(source, createGzip({ level: 1 }), target);
  else await pipeline(source, target);
  return { name: file.name, path, bytes, sha256: hash.digest('hex') };
}

async function* withHeader(file: PackageFile): AsyncGenerator<Uint8Array> {
  const line = typeof file.header === 'string' ? file.header : csvLine(file.header);
  yield Buffer.from(line.endsWith('\n') ? line : `${line}\n`, 'utf8');
  yield* file.rows();
}
