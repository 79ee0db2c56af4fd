/** Starting, finding and stopping the server process of a cluster. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  chown,
  readdir,
  readFile,
  rename,
  rm,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseError } from '../errors.ts';
import { socketFolder } from './address.ts';
import type { Binaries } from './binaries.ts';
import { processExists } from './lock.ts';
import type { Place } from './place.ts';

export const SUPERUSER = 'zhongzhao';
const START_SECONDS = 900;
const STOP_SECONDS = 300;
const ATTEMPTS_MAX = 20;
const RETRY_MILLISECONDS = 250;
const SHARED_BUFFERS_MEGABYTES = 512;

export type ServerLog = (message: string) => void;

export interface PidFile {
  readonly pid: number;
  readonly port: number;
  /** Folder of its socket; null: it has none. */
  readonly socket: string | null;
  readonly ready: boolean;
}

/** Reads postmaster.pid; undefined where there is none, or where no server stands behind it. */
export async function runningServer(place: Place): Promise<PidFile | undefined> {
  const file = join(place.data, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!(await isServer(pid))) return undefined;
  const socket = lines[4]?.trim() || null;
  return { pid, port: Number(lines[3]), socket, ready: lines[7]?.trim() === 'ready' };
}

/**
 * After a restart of the machine, the process of that id may be anything; and one that was killed
 * stays in the table as a zombie (state Z) until somebody asks for its end.
 */
async function isServer(pid: number): Promise<boolean> {
  if (!processExists(pid)) return false;
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return line === undefined || /\(postgres\) [^ZX]/.test(line);
}

/**
 * Makes the cluster when missing: made aside and put in place by one rename, so that a kill leaves
 * no half of it. UTF8 with the builtin C.UTF-8: the order of texts is that of their bytes, on every
 * system, whatever locales it has.
 */
export async function initialise(place: Place, binaries: Binaries, log: ServerLog): Promise<void> {
  const entries = await readdir(place.cluster);
  for (const entry of entries.filter(name => name.startsWith('new-'))) {
    await rm(join(place.cluster, entry), { recursive: true, force: true });
  }
  if (entries.includes('data')) return;
  log('首次运行，正在建立数据库……');
  const name = `new-${randomBytes(4).toString('hex')}`;
  const aside = join(place.cluster, name);
  const secret = join(place.cluster, `${name}.password`);
  const password = randomBytes(24).toString('base64url');
  await writeFile(secret, password, { mode: 0o600 });
  if (place.user !== undefined) await chown(secret, place.user.uid, place.user.gid);
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
  const login = ['--auth=scram-sha-256', `--username=${SUPERUSER}`, `--pwfile=${secret}`];
  await call(place, binaries.initdb, [`--pgdata=${aside}`, '--encoding=UTF8', ...locale, ...login]);
  await unlink(secret);
  await appendFile(join(aside, 'postgresql.conf'), "\ninclude 'zhongzhao.conf'\n");
  await writeFile(place.password, password, { mode: 0o600 });
  await chmod(place.password, 0o600);
  await rename(aside, place.data);
}

/**
 * Settings for bulk work. Durability stays as PostgreSQL ships it: fsync, full_page_writes and
 * synchronous_commit are on, so that a night survives a power failure. Checkpoints are rare and
 * spread out, since a night writes gigabytes in minutes. wal_level minimal: nothing replicates
 * from here, and backups are dumps.
 */
function settings(port: number, durable: boolean, socket: string | null): string {
  const megabytes = Math.floor(totalmem() / 8 / 2 ** 20);
  const lines = [
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${socket ?? ''}'`,
    'unix_socket_permissions = 0700',
    `port = ${port}`,
    'max_connections = 100',
    `shared_buffers = ${Math.max(64, Math.min(SHARED_BUFFERS_MEGABYTES, megabytes))}MB`,
    'work_mem = 32MB',
    'maintenance_work_mem = 256MB',
    'wal_level = minimal',
    'max_wal_senders = 0',
    'max_wal_size = 8GB',
    'wal_compression = on',
    'checkpoint_timeout = 15min',
    'checkpoint_completion_target = 0.9',
    'jit = off',
    "log_timezone = 'Asia/Shanghai'",
    "timezone = 'Asia/Shanghai'",
    // Statements hold identity numbers and names: they must not reach the log with an error.
    'log_min_error_statement = panic',
    'log_error_verbosity = terse',
  ];
  if (!durable) lines.push('fsync = off', 'full_page_writes = off', 'synchronous_commit = off');
  return `${lines.join('\n')}\n`;
}

/**
 * Starts the server on a free port of the loopback, with a socket in its folder, and waits until it
 * takes connections.
 *
 * @throws embedded-start-failed
 */
export async function startServer(
  place: Place,
  binaries: Binaries,
  durable: boolean,
  log: ServerLog,
): Promise<PidFile> {
  await clearPidFile(place, log);
  let socket = socketFolder(place.cluster);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const file = join(place.data, 'zhongzhao.conf');
    await writeFile(file, settings(port, durable, socket));
    if (place.user !== undefined) await chown(file, place.user.uid, place.user.gid);
    const options = ['start', '-w', '-t', String(START_SECONDS), '-D', place.data];
    const logged = await fileLength(place.log);
    try {
      await call(place, binaries.pgCtl, [...options, '-l', place.log]);
      const server = await runningServer(place);
      if (server !== undefined) return server;
      throw databaseError('embedded-start-failed', { reason: 'no server', log: place.log });
    } catch (error) {
      const said = (await readFile(place.log, 'utf8').catch(() => '')).slice(logged);
      if (socket !== null && NO_SOCKET.test(said)) {
        socket = null;
        continue;
      }
      if (attempt === ATTEMPTS_MAX || !PASSING.test(said)) throw error;
      await sleep(RETRY_MILLISECONDS);
    }
  }
}

/**
 * A pid file without a server: it was killed. PostgreSQL deals with that itself, unless the number
 * is in use – by a zombie, or by another process since – which it would take for a server. (That
 * children of the killed one still write, it sees by its shared memory, not by this file.)
 */
async function clearPidFile(place: Place, log: ServerLog): Promise<void> {
  const file = join(place.data, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  log('数据库上次未正常关闭，正在恢复……');
  if (processExists(Number(text.split('\n')[0]))) await unlink(file);
}

/**
 * What another attempt may overcome: a port that somebody took in between, and children of a
 * killed server that have not noticed its end yet.
 */
const PASSING = /could not bind|pre-existing shared memory block|lock file .* already exists/;

/** The folder takes no socket, as on some mounted file systems: the loopback has to do. */
const NO_SOCKET = /Unix.(domain socket|address)|\.s\.PGSQL\.\d+\.lock/;

async function fileLength(file: string): Promise<number> {
  return (await readFile(file, 'utf8').catch(() => '')).length;
}

/** Stops the server cleanly: open transactions are rolled back, everything is on disk. */
export async function stopServer(place: Place, binaries: Binaries): Promise<void> {
  const options = ['stop', '-w', '-t', String(STOP_SECONDS), '-m', 'fast', '-D', place.data];
  await call(place, binaries.pgCtl, options);
}

/** Runs one of the binaries as the server's user, in its folder, without our environment. */
function call(place: Place, command: string, parameters: readonly string[]): Promise<void> {
  const { user } = place;
  const child = spawn(command, parameters, {
    cwd: place.cluster,
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC', PGTZ: 'Asia/Shanghai' },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
  });
  let said = '';
  const listen = (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-2000);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) =>
      reject(databaseError('embedded-start-failed', { reason, log: place.log }, { cause }));
    child.on('error', error => fail(error.message, error));
    // `exit`, not `close`: on some systems the server keeps its parent's pipes open.
    child.on('exit', code => (code === 0 ? resolve() : fail(said.trim() || `exit ${code}`)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
