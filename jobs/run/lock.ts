/**
 * The lock of a run: a PostgreSQL session advisory lock on a connection of its own. The server
 * frees it the moment that connection ends, so a killed process never leaves it behind.
 *
 * A table row with a timestamp was turned down: after a kill somebody must guess how long to wait.
 * An advisory lock alone is not enough either: a process that was paused, or whose lock connection
 * broke, does not notice; therefore every transaction checks the fence as well (fence.ts).
 */
import { hash } from 'node:crypto';
import { Client } from 'pg';
import { runError } from './errors.ts';

/** How often a waiting start tries again. */
export const RETRY_INTERVAL_MS = 100;
/** How often the check looks at the lock while another connection comes and goes. */
const PROOF_ROUNDS = 2;

export interface RunLock {
  readonly name: string;
  /** False once the connection is gone: the lock is free then, and others may have taken it. */
  held(): boolean;
  release(): Promise<void>;
}

/** The key of a lock name: the first eight bytes of its SHA-256 as a signed number. */
export function lockKey(name: string): bigint {
  return hash('sha256', `zhongzhao|${name}`, 'buffer').readBigInt64BE(0);
}

/**
 * How long to try, in milliseconds, and a question asked between tries that ends the waiting early
 * when it answers true (somebody else has finished the work).
 */
export interface LockWait {
  readonly milliseconds: number;
  readonly enough?: () => Promise<boolean>;
}

/**
 * Takes the lock, or gives up.
 *
 * @param url of the database, directly: behind a transaction pooler a session lock locks nothing
 * @returns undefined where somebody else holds it
 * @throws CodedError needs-session-connection
 */
export async function takeLock(
  url: string,
  name: string,
  wait: LockWait,
): Promise<RunLock | undefined> {
  const client = await lockClient(url);
  const lost = { value: false };
  client.on('error', () => {
    lost.value = true;
  });
  client.on('end', () => {
    lost.value = true;
  });
  const release = async () => {
    lost.value = true;
    await client.end().catch(() => {});
  };
  try {
    if (!(await tryUntil(client, name, wait))) {
      await release();
      return undefined;
    }
    await proveHeld(client, url, name);
  } catch (error) {
    await release();
    throw error;
  }
  return { name, held: () => !lost.value, release };
}

/** A connection that only holds locks. */
export async function lockClient(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: 'zhongzhao lock',
    keepAlive: true,
  });
  await client.connect();
  return client;
}

async function tryUntil(
  client: Client,
  name: string,
  wait: { milliseconds: number; enough?: () => Promise<boolean> },
): Promise<boolean> {
  const end = performance.now() + wait.milliseconds;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock($1::bigint) as taken',
      [String(lockKey(name))],
    );
    if (rows[0]?.taken) return true;
    if (performance.now() >= end || (await wait.enough?.())) return false;
    await new Promise(resolve => setTimeout(resolve, RETRY_INTERVAL_MS));
  }
}

/**
 * Holds only if every statement of the connection is answered by one and the same backend. A
 * transaction pooler hands backends out per transaction, so a second connection opens and ends
 * transactions between our questions: one of the answers then comes from a backend without the
 * lock. (Comparing ports would refuse honest address translation.)
 */
export async function proveHeld(client: Client, url: string, name: string): Promise<void> {
  const probe = await lockClient(url);
  probe.on('error', () => {});
  const assertHeld = async () => {
    if ((await holds(client, name)) !== true) throw runError('needs-session-connection');
  };
  try {
    for (let round = 0; round < PROOF_ROUNDS; round += 1) {
      await probe.query('begin');
      await assertHeld();
      await probe.query('commit');
      await assertHeld();
    }
  } finally {
    await probe.end().catch(() => {});
  }
}

const HOLDERS = `
  select pid from pg_locks
  where locktype = 'advisory' and objsubid = 1 and granted
    and database = (select oid from pg_database where datname = current_database())
    and classid = (($1::bigint >> 32) & 4294967295)::oid
    and objid = ($1::bigint & 4294967295)::oid`;

async function holds(client: Client, name: string): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `select pg_backend_pid() in (${HOLDERS}) as held`,
    [String(lockKey(name))],
  );
  return rows[0]?.held === true;
}

/** How many connections hold a lock (more than one only where it is shared). */
export async function lockHolders(
  query: (sql: string, parameters: readonly unknown[]) => Promise<readonly object[]>,
  name: string,
): Promise<number> {
  return (await query(HOLDERS, [String(lockKey(name))])).length;
}
