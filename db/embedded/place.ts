/**
 * Where the embedded server keeps its data, and as whom it runs.
 *
 *     HOME/postgres/            ours: start.lock, password (0600), place.json
 *     HOME/postgres/cluster/    the server's: data/, server.log
 *
 * PostgreSQL refuses to run as root. So under root it runs as an unprivileged system user of its
 * own; where that user cannot reach the home folder (below /root, say), the cluster lies in
 * /var/lib/zhongzhao-pg instead, and place.json remembers it. Opening up the parents of the home
 * folder was turned down: their permissions are not ours to change.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { databaseError } from '../errors.ts';
import { SHARED_FOLDER } from './binaries.ts';

export const SERVICE_USER = 'zhongzhao-pg';

export interface ServiceUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Place {
  /** HOME/postgres */
  readonly folder: string;
  /** The server's own folder, with `data` and `server.log`. */
  readonly cluster: string;
  readonly data: string;
  readonly log: string;
  readonly password: string;
  /** As whom the server runs; undefined: as ourselves. */
  readonly user: ServiceUser | undefined;
}

/**
 * Finds or makes the folders. Called under the start lock.
 *
 * @throws embedded-user, embedded-owner
 */
export async function preparePlace(home: string): Promise<Place> {
  const folder = await placeFolder(home);
  const uid = process.getuid?.();
  const record = join(folder, 'place.json');
  const recorded = await readFile(record, 'utf8').catch(() => undefined);
  let cluster = recorded === undefined ? undefined : (JSON.parse(recorded) as Recorded).cluster;
  let user = uid === 0 ? await ownerOf(cluster) : undefined;
  if (uid === 0 && user === undefined) user = serviceUser();
  if (cluster === undefined) {
    cluster = await chooseCluster(home, folder, user);
    await writeFile(record, `${JSON.stringify({ cluster } satisfies Recorded)}\n`);
  }
  await mkdir(cluster, { recursive: true, mode: 0o700 });
  if (user !== undefined) await chown(cluster, user.uid, user.gid);
  const { uid: owner } = await stat(cluster);
  if (uid !== undefined && uid !== 0 && owner !== uid) {
    throw databaseError('embedded-owner', { folder: cluster });
  }
  return {
    folder,
    cluster,
    data: join(cluster, 'data'),
    log: join(cluster, 'server.log'),
    password: join(folder, 'password'),
    user,
  };
}

interface Recorded {
  readonly cluster: string;
}

/** HOME/postgres, made when missing. */
export async function placeFolder(home: string): Promise<string> {
  await mkdir(join(home, 'postgres'), { recursive: true });
  return join(await realpath(home), 'postgres');
}

async function chooseCluster(
  home: string,
  folder: string,
  user: ServiceUser | undefined,
): Promise<string> {
  if (user === undefined) return join(folder, 'cluster');
  const real = await realpath(home);
  if (!(await reaches(dirname(real), user))) {
    // Random, not made from the path: a home folder deleted and made anew starts empty.
    await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
    return join(SHARED_FOLDER, `cluster-${randomBytes(8).toString('hex')}`);
  }
  for (const ours of [real, folder]) {
    if (await reaches(ours, user)) continue;
    // Our own folder, closed to others: only the server's group may pass through it.
    await chown(ours, 0, user.gid);
    await chmod(ours, ((await stat(ours)).mode & 0o777) | 0o010);
  }
  return join(folder, 'cluster');
}

/** Whether the user may pass through the folder and all above it. */
export async function reaches(folder: string, user: ServiceUser): Promise<boolean> {
  let at = await realpath(folder);
  for (;;) {
    const { mode, uid, gid } = await stat(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(at) === at) return true;
    at = dirname(at);
  }
}

/** Who owns the cluster already: it may have been made by an ordinary user before. */
async function ownerOf(cluster: string | undefined): Promise<ServiceUser | undefined> {
  if (cluster === undefined) return undefined;
  const there = await stat(cluster).catch(() => undefined);
  if (there === undefined || there.uid === 0) return undefined;
  return passwd().find(user => user.uid === there.uid);
}

/** The system user for the server, made when missing; an existing unprivileged one otherwise. */
function serviceUser(): ServiceUser {
  const found = named(SERVICE_USER);
  if (found !== undefined) return found;
  const options = ['--system', '--no-create-home', '--home-dir', '/nonexistent'];
  const shell = ['--shell', '/usr/sbin/nologin'];
  spawnSync('useradd', [...options, ...shell, '--user-group', SERVICE_USER], { stdio: 'ignore' });
  // Two processes at once: the second one's useradd fails, and finds the user of the first.
  const user = named(SERVICE_USER) ?? named('postgres') ?? named('nobody');
  if (user === undefined) throw databaseError('embedded-user', { user: SERVICE_USER });
  return user;
}

function named(name: string): ServiceUser | undefined {
  return passwd().find(user => user.name === name);
}

function passwd(): ServiceUser[] {
  const { stdout } = spawnSync('getent', ['passwd'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').flatMap(line => {
    const [name, , uid, gid] = line.split(':');
    if (name === undefined || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}
