/**
 * Writes a data package: a folder of CSV files with a datapackage.json in the Tabular Data Package
 * way. The folder appears whole or not at all: it is written beside its place and then renamed, so
 * that a kill leaves no half package where a later recompute would take it for a run's input.
 *
 * A run's input is kept in the same form with every CSV gzipped on its own: read.ts reads both, no
 * archive format is needed, and any tool opens it. Each chunk of rows is a member of the gzip file
 * of its own, which costs less than a stream of small pieces through another thread.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
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

/** Fast rather than small, and in few pieces: a night writes hundreds of megabytes of rows. */
const GZIP = { level: 1, chunkSize: 1 << 18 };

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
  const draft = await draftPackage(folder, files, options);
  await placeDraft(draft);
  return draft.written;
}

/** A package that is wholly written, beside the folder as which it is to appear. */
export interface PackageDraft {
  readonly path: string;
  readonly folder: string;
  readonly written: readonly WrittenFile[];
}

/** Drafts are called like their folder, with this and the number of the process after it. */
export const DRAFT_MARK = '.part-';

/** Where this process writes the draft of a folder. */
export function draftPath(folder: string): string {
  return `${folder}${DRAFT_MARK}${process.pid}`;
}

/**
 * Writes a package without making it appear. When it throws, nothing of it is left.
 *
 * @param folder must not exist, or be empty
 * @throws package-exists
 */
export async function draftPackage(
  folder: string,
  files: Iterable<PackageFile> | AsyncIterable<PackageFile>,
  options: WriteOptions,
): Promise<PackageDraft> {
  if (existsSync(folder) && (await readdir(folder)).length > 0) {
    throw fail('package-exists', { path: folder });
  }
  const path = draftPath(folder);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  try {
    const written: WrittenFile[] = [];
    for await (const file of files) written.push(await writeFileOf(path, file, options));
    for (const [name, text] of options.extras ?? []) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), text);
    }
    const description = describePackage(written, options);
    await writeFile(join(path, 'datapackage.json'), `${JSON.stringify(description, null, 2)}\n`);
    return { path, folder, written };
  } catch (cause) {
    await rm(path, { recursive: true, force: true });
    throw cause;
  }
}

/** Makes a draft appear as the package that it is. */
export async function placeDraft({ path, folder }: PackageDraft): Promise<void> {
  try {
    if (existsSync(folder)) await rmdir(folder);
    await rename(path, folder);
  } catch (cause) {
    await rm(path, { recursive: true, force: true });
    throw cause;
  }
}

/** Throws a draft away, whole or in part. */
export async function discardDraft(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

async function writeFileOf(
  folder: string,
  file: PackageFile,
  options: WriteOptions,
): Promise<WrittenFile> {
  const path = options.gzip === true ? `${file.name}.gz` : file.name;
  const hash = createHash('sha256');
  let bytes = 0;
  const target = await open(join(folder, path), 'w');
  try {
    for await (const chunk of withHeader(file)) {
      hash.update(chunk);
      bytes += chunk.length;
      const kept = options.gzip === true ? gzipSync(chunk, GZIP) : chunk;
      await target.writeFile(kept);
    }
  } finally {
    await target.close();
  }
  return { name: file.name, path, bytes, sha256: hash.digest('hex') };
}

/** The chunks of a file, its header before the rows of the first one. */
async function* withHeader(file: PackageFile): AsyncGenerator<Uint8Array> {
  const line = typeof file.header === 'string' ? file.header : csvLine(file.header);
  let header: Buffer | null = Buffer.from(line.endsWith('\n') ? line : `${line}\n`, 'utf8');
  for await (const chunk of file.rows()) {
    yield header === null ? chunk : Buffer.concat([header, chunk]);
    header = null;
  }
  if (header !== null) yield header;
}
