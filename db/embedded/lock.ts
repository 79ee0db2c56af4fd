/**
 * The start lock: one process at a time makes, starts or stops the server of a home folder.
 *
 * A file made by link(2), so that it appears with its content; it names the holder by process id
 * and by when that process began, so that a reused id is not mistaken for the holder. Node has no
 * flock. Should two ever hold it, PostgreSQL's own postmaster.pid still lets only one server in.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseError } from '../errors.ts';

/** Crash recovery of a large database takes minutes; a first initdb seconds. */
const WAIT_SECONDS = 900;
const POLL_MILLISECONDS = 50;
const BREAKER_STALE_MILLISECONDS = 10_000;

/** Does the work while holding the lock `name` of the folder. */
export async function withStartLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'start.lock');
  const mine = `${process.pid} ${await beganAt(process.pid)}\n`;
  await acquire(lock, mine);
  try {
    return await work();
  } finally {
    if ((await content(lock)) === mine) await unlink(lock);
  }
}

async function acquire(lock: string, mine: string): Promise<void> {
  const draft = `${lock}.${randomUUID()}`;
  await writeFile(draft, mine);
  try {
    const deadline = Date.now() + WAIT_SECONDS * 1000;
    for (;;) {
      if (await link(draft, lock).then(() => true, isThere)) return;
      const holder = await content(lock);
      if (holder !== undefined && !(await isAlive(holder))) await breakStale(lock, holder);
      else if (holder !== undefined && Date.now() > deadline) {
        const pid = holder.split(' ')[0] ?? '';
        throw databaseError('embedded-locked', { pid, seconds: WAIT_SECONDS });
      } else await sleep(POLL_MILLISECONDS);
    }
  } finally {
    await unlink(draft);
  }
}

/** EEXIST means held; anything else is an error of the file system. */
function isThere(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}

/**
 * Removes the lock of a dead holder. Two breakers at once could remove the lock that a third has
 * just taken, so breaking has a lock of its own, held for two file operations.
 */
async function breakStale(lock: string, holder: string): Promise<void> {
  const breaker = `${lock}.breaker`;
  const taken = await writeFile(breaker, '', { flag: 'wx' }).then(() => true, isThere);
  if (!taken) {
    const age = Date.now() - ((await stat(breaker).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > BREAKER_STALE_MILLISECONDS) await unlink(breaker).catch(() => {});
    await sleep(POLL_MILLISECONDS);
    return;
  }
  try {
    if ((await content(lock)) === holder) await unlink(lock);
  } finally {
    await unlink(breaker).catch(() => {});
  }
}

async function content(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

async function isAlive(holder: string): Promise<boolean> {
  const [pid, began] = holder.trim().split(' ');
  if (!processExists(Number(pid))) return false;
  return (await beganAt(Number(pid))) === began;
}

/** Whether a process of this id runs, ours or another user's. */
export function processExists(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began, in the kernel's ticks; `unknown` where there is no /proc. */
async function beganAt(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the command in brackets and may hold spaces; the 22nd is the start time.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return fields[19] ?? 'unknown';
}
