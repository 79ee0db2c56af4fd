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
  return (await raiseFences(database, [lockName])).get(lockName) as number;
}

/** The same of several locks, all of which the caller holds. @returns the new number of each */
export async function raiseFences(
  database: Database,
  lockNames: readonly string[],
): Promise<Map<string, number>> {
  return database.session(async session => {
    const self = await backendOf(session);
    const timer = setInterval(() => {
      database
        .query('select pg_terminate_backend(pid) from unnest(pg_blocking_pids($1)) as pid', [self])
        .catch(() => {});
    }, OVERTAKEN_GRACE_MS);
    try {
      const rows = await session.query<{ name: string; fence: string | number }>(
        `insert into fences (lock_name, fence) select name, 1 from unnest($1::text[]) l (name)
         order by name
         on conflict (lock_name) do update set fence = fences.fence + 1
         returning lock_name as name, fence`,
        [lockNames],
      );
      return new Map(rows.map(({ name, fence }) => [name, Number(fence)]));
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
  await checkFences(session, new Map([[lockName, mine]]));
}

/** The same of several locks. @throws CodedError fenced */
export async function checkFences(
  session: Session,
  mine: ReadonlyMap<string, number>,
): Promise<void> {
  const rows = await session.query<{ name: string; fence: string | number }>(
    `select lock_name as name, fence from fences where lock_name = any($1::text[])
     order by lock_name for share`,
    [[...mine.keys()]],
  );
  const found = new Map(rows.map(({ name, fence }) => [name, Number(fence)]));
  for (const [lock, fence] of mine) {
    if (found.get(lock) !== fence) throw runError('fenced', { lock });
  }
}
