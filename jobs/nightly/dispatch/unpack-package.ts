/** Copies the kept input of a run out, its files unpacked so that a spreadsheet opens them. */
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { fail } from '../../../db/package/errors.ts';

/**
 * @param folder the kept package
 * @param out must not exist, or be empty; appears whole or not at all
 * @throws CodedError package-exists
 */
export async function unpackPackage(folder: string, out: string): Promise<string[]> {
  if (existsSync(out) && (await readdir(out)).length > 0) {
    throw fail('package-exists', { path: out });
  }
  const partial = `${out}.part-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1));
  try {
    for (const file of files) await unpackFile(folder, partial, file);
    if (existsSync(out)) await rmdir(out);
    await mkdir(dirname(out), { recursive: true });
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return files.map(plainName).toSorted();
}

async function unpackFile(folder: string, partial: string, file: string): Promise<void> {
  const target = join(partial, plainName(file));
  await mkdir(dirname(target), { recursive: true });
  const source = join(folder, file);
  if (file === 'datapackage.json') {
    await writeFile(target, plainDescription(await readFile(source, 'utf8')));
  } else if (file.endsWith('.gz')) {
    await pipeline(createReadStream(source), createGunzip(), createWriteStream(target));
  } else await copyFile(source, target);
}

function plainName(file: string): string {
  return file.replace(/\.gz$/, '');
}

/** The same description, of files that are no longer packed; hashes are of the plain bytes. */
function plainDescription(text: string): string {
  const description = JSON.parse(text) as {
    resources: { path: string; compression?: string }[];
  };
  const resources = description.resources.map(({ compression: _, ...resource }) => ({
    ...resource,
    path: plainName(resource.path),
  }));
  return `${JSON.stringify({ ...description, resources }, null, 2)}\n`;
}
