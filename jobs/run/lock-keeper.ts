/**
 * The locks of a night on one connection, opened with the first of them: a city with nothing to do
 * would otherwise cost a connection and its proof. What lock.ts says of one lock holds of all: a
 * killed process frees them at once, and a broken connection loses them all.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import {
  type Locks,
  type LockWait,
  lockClient,
  lockKey,
  proveHeld,
  RETRY_INTERVAL_MS,
  type RunLock,
} from './lock.ts';

export class LockKeeper implements Locks {
  readonly #url: string;
  /** PostgreSQL gives a session the lock that it holds a second time; here nobody gets it twice. */
  readonly #names = new Set<string>();
  #keeping: Promise<Keeping> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /**
   * Takes a lock, or gives up.
   *
   * @returns undefined where somebody else holds it
   * @throws CodedError needs-session-connection
   */
  async take(name: string, wait: LockWait): Promise<RunLock | undefined> {
    const end = performance.now() + wait.milliseconds;
    const keeping = await this.#open();
    while (!(await this.#tryOnce(keeping, name))) {
      if (performance.now() >= end || (await wait.enough?.())) return undefined;
      await new Promise(resolve => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
    let released = false;
    const release = async () => {
      if (released) return;
      released = true;
      await keeping.ask('select pg_advisory_unlock($1::bigint)', name).catch(() => {});
      this.#names.delete(name);
    };
    return { name, held: () => !released && !keeping.lost.value, release };
  }

  /** Frees whatever is still held. */
  async close(): Promise<void> {
    const keeping = await this.#keeping?.catch(() => undefined);
    this.#keeping = undefined;
    await keeping?.end();
  }

  async #tryOnce(keeping: Keeping, name: string): Promise<boolean> {
    if (this.#names.has(name)) return false;
    this.#names.add(name);
    let taken = false;
    try {
      taken = await keeping.tryLock(name);
    } finally {
      if (!taken) this.#names.delete(name);
    }
    return taken;
  }

  /** The connection; a new one after it was lost, or could not be had. */
  async #open(): Promise<Keeping> {
    this.#keeping ??= openKeeping(this.#url);
    const asked = this.#keeping;
    try {
      const keeping = await asked;
      if (!keeping.lost.value) return keeping;
    } catch (error) {
      if (this.#keeping === asked) this.#keeping = undefined;
      throw error;
    }
    if (this.#keeping === asked) this.#keeping = openKeeping(this.#url);
    return this.#open();
  }
}

interface Keeping {
  readonly lost: { value: boolean };
  ask<R extends object>(sql: string, name: string): Promise<R | undefined>;
  tryLock(name: string): Promise<boolean>;
  end(): Promise<void>;
}

/** @throws CodedError needs-session-connection */
async function openKeeping(url: string): Promise<Keeping> {
  const client = await lockClient(url);
  const lost = { value: false };
  const lose = () => {
    lost.value = true;
  };
  client.on('error', lose);
  client.on('end', lose);
  const ask = inTurn(client);
  const tryLock = async (name: string) => {
    const sql = 'select pg_try_advisory_lock($1::bigint) as taken';
    return (await ask<{ taken: boolean }>(sql, name))?.taken === true;
  };
  const end = () => client.end().catch(() => {});
  try {
    const proof = `proof|${randomUUID()}`;
    await tryLock(proof);
    await proveHeld(client, url, proof);
  } catch (error) {
    await end();
    throw error;
  }
  return { lost, ask, tryLock, end };
}

/** One question after the other: a connection answers one at a time. */
function inTurn(client: Client): Keeping['ask'] {
  let last: Promise<unknown> = Promise.resolve();
  return <R extends object>(sql: string, name: string): Promise<R | undefined> => {
    const turn = last.then(async () => {
      const { rows } = await client.query<R>(sql, [String(lockKey(name))]);
      return rows[0];
    });
    last = turn.catch(() => {});
    return turn;
  };
}
