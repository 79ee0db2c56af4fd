/**
 * The fencing number of a lock. Whoever takes the lock counts it up; every transaction of the run
 * reads it `for share` and stops when it is no longer its own. A process that was paused while its
 * lock went to another therefore can't write, however late it wakes.
 */
import type { Database, Session } from '../../db/connect.ts';
import { runError } from './errors.ts';

/** After this, whoever holds the lock ends the transactions of those it has overtaken. */
const OVERTAKEN_GRACE_MS = 3_000;

/**
 * Counts the fence up. The caller holds the lock, so any transaction that still has the fence's
 * row is of a run that has lost it – paused, or dead and not yet noticed by the server – and is
 * ended after a grace period; it would otherwise hold the province up for as long as it sleeps.
 *
 * @returns the new number
 */
export async function raiseFence(database: Database, lockName: string): Promise<number> {
  return database.session(async session => {
    const self = await backendOf(session);
    const timer = setInterval(() => {
      database
        .query('select pg_terminate_backend(pid) from unnest(pg_blocking_pids($1)) as pid', [self])
        .catch(() => {});
    }, OVERTAKEN_GRACE_MS);
    try {
      const [row] = await session.query<{ fence: string | number }>(
        `insert into fences (lock_name, fence) values ($1, 1)
         on conflict (lock_name) do update set fence = fences.fence + 1
         returning fence`,
        [lockName],
      );
      return Number(row?.fence);
    } finally {
      clearInterval(timer);
    }
  });
}

/** The backend behind each connection, which keeps it (checkServer): asked once. */
const BACKENDS = new WeakMap<object, number>();

async function backendOf(session: Session): Promise<number | undefined> {
  const known = BACKENDS.get(session.client);
  if (known !== undefined) return known;
  const [self] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  if (self !== undefined) BACKENDS.set(session.client, self.pid);
  return self?.pid;
}

/**
 * Checks inside a transaction that nobody has overtaken the run, and keeps it so until the commit.
 *
 * @throws CodedError fenced
 */
export async function checkFence(session: Session, lockName: string, mine: number): Promise<void> {
  const [row] = await session.query<{ fence: string | number }>(
    'select fence from fences where lock_name = $1 for share',
    [lockName],
  );
  if (row === undefined || Number(row.fence) !== mine) throw runError('fenced', { lock: lockName });
}
