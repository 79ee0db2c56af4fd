/**
 * The locks of a night on one connection, opened with the first of them: a city with nothing to do
 * would otherwise cost a connection and its proof. What lock.ts says of one lock holds of all: a
 * killed process frees them at once, and a broken connection loses them all.
 */
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import {
  type LockWait,
  lockClient,
  lockKey,
  proveHeld,
  RETRY_INTERVAL_MS,
  type RunLock,
} from './lock.ts';

export class LockKeeper {
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
      await keeping.unlock([name]).catch(() => {});
      this.#names.delete(name);
    };
    return { name, held: () => !released && !keeping.lost.value, release };
  }

  /**
   * Takes of many locks those that are free, by one question.
   *
   * @throws CodedError needs-session-connection
   */
  async takeFree(names: readonly string[]): Promise<LockGroup> {
    const keeping = await this.#open();
    const asked = names.filter(name => !this.#names.has(name));
    for (const name of asked) this.#names.add(name);
    let taken: readonly string[] = [];
    try {
      taken = await keeping.tryLocks(asked);
    } finally {
      for (const name of asked) if (!taken.includes(name)) this.#names.delete(name);
    }
    const release = async () => {
      await keeping.unlock(taken).catch(() => {});
      for (const name of taken) this.#names.delete(name);
    };
    return { names: new Set(taken), held: () => !keeping.lost.value, release };
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
      taken = (await keeping.tryLocks([name])).length > 0;
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

/** Several locks that are held and released together. */
export interface LockGroup {
  readonly names: ReadonlySet<string>;
  held(): boolean;
  release(): Promise<void>;
}

interface Keeping {
  readonly lost: { value: boolean };
  /** @returns those that were free, and are held now */
  tryLocks(names: readonly string[]): Promise<string[]>;
  unlock(names: readonly string[]): Promise<void>;
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
  const tryLocks = async (names: readonly string[]) => {
    const rows = await ask(
      `select name, pg_try_advisory_lock(key) as taken
       from unnest($1::text[], $2::bigint[]) with ordinality l (name, key, place) order by place`,
      [names, keysOf(names)],
    );
    return rows.filter(({ taken }) => taken === true).map(({ name }) => String(name));
  };
  const unlock = async (names: readonly string[]) => {
    await ask('select pg_advisory_unlock(key) from unnest($1::bigint[]) l (key)', [keysOf(names)]);
  };
  const end = () => client.end().catch(() => {});
  try {
    const proof = `proof|${randomUUID()}`;
    await tryLocks([proof]);
    await proveHeld(client, url, proof);
    await unlock([proof]);
  } catch (error) {
    await end();
    throw error;
  }
  return { lost, tryLocks, unlock, end };
}

function keysOf(names: readonly string[]): string[] {
  return names.map(name => String(lockKey(name)));
}

type Ask = (sql: string, values: readonly unknown[]) => Promise<Record<string, unknown>[]>;

/** One question after the other: a connection answers one at a time. */
function inTurn(client: Client): Ask {
  let last: Promise<unknown> = Promise.resolve();
  return (sql, values) => {
    const turn = last.then(async () => (await client.query(sql, [...values])).rows);
    last = turn.catch(() => {});
    return turn;
  };
}
