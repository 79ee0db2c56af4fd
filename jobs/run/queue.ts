/**
 * Cities on many machines: scopes of a shardable job are put into a pg-boss queue, and any number
 * of workers take them. pg-boss only hands them out; whether a city is done is in the ledger, so
 * a message that is lost, or delivered twice, costs nothing.
 *
 * Workers are counted by a shared advisory lock that each holds on a connection of its own: a
 * killed worker stops counting at once, without heartbeats to write and time-outs to guess.
 */
import type { PgBoss } from 'pg-boss';
import type { Database } from '../../db/connect.ts';
import { runError } from './errors.ts';
import type { Scope } from './job.ts';
import { lockClient, lockHolders, lockKey } from './lock.ts';

/** pg-boss has a schema of its own, so that its tables never mix with the province's. */
export const QUEUE_SCHEMA = 'pgboss';
export const QUEUE_NAME = 'city-runs';
const WORKER_LOCK = 'worker';
/** After this a message whose taker has died is handed out again. */
const MESSAGE_EXPIRES_SECONDS = 900;
/** A night's messages are of no use after it. */
const MESSAGE_KEPT_SECONDS = 86_400;

/** One scope of one job, as it travels. */
export interface CityMessage {
  readonly job: string;
  readonly scope: Scope;
  readonly businessDate: string;
  readonly season: number;
  readonly actor: string;
  /** The clock of the night, where `--at` has set it. */
  readonly at: string | null;
}

export interface CityQueue {
  put(messages: readonly CityMessage[]): Promise<void>;
  /** The next message, or undefined; `finish` it when the ledger has its answer. */
  take(): Promise<{ message: CityMessage; finish(): Promise<void> } | undefined>;
  close(): Promise<void>;
}

/**
 * Opens the queue, making its schema where there is none.
 *
 * @param onError told of pg-boss's own troubles, which it survives
 */
export async function openQueue(
  url: string,
  onError: (error: unknown) => void,
): Promise<CityQueue> {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'zhongzhao queue',
    schema: QUEUE_SCHEMA,
    max: 3,
    schedule: false,
    supervise: true,
  });
  boss.on('error', onError);
  await boss.start();
  await boss.createQueue(QUEUE_NAME, {
    expireInSeconds: MESSAGE_EXPIRES_SECONDS,
    retentionSeconds: MESSAGE_KEPT_SECONDS,
    deleteAfterSeconds: MESSAGE_KEPT_SECONDS,
    retryLimit: 3,
  });
  return {
    put: async messages => {
      await boss.insert(
        QUEUE_NAME,
        messages.map(message => ({ data: message })),
      );
    },
    take: () => takeOne(boss),
    close: () => boss.stop({ graceful: false, close: true }),
  };
}

async function takeOne(boss: PgBoss) {
  const [taken] = await boss.fetch<CityMessage>(QUEUE_NAME, { batchSize: 1 });
  if (taken === undefined) return undefined;
  return {
    message: taken.data,
    finish: async () => {
      await boss.complete(QUEUE_NAME, taken.id);
    },
  };
}

/** How many workers live on this database, on whatever machine. */
export async function livingWorkers(database: Pick<Database, 'query'>): Promise<number> {
  return lockHolders((sql, parameters) => database.query(sql, parameters), WORKER_LOCK);
}

/**
 * Signs a worker on; it counts until `signOff`, or until its process ends.
 *
 * @throws CodedError needs-session-connection
 */
export async function signOn(
  database: Database,
): Promise<{ signOff(): Promise<void>; alive(): boolean }> {
  const client = await lockClient(database.url);
  let alive = true;
  const lost = () => {
    alive = false;
  };
  client.on('error', lost);
  client.on('end', lost);
  await client.query('select pg_advisory_lock_shared($1::bigint)', [String(lockKey(WORKER_LOCK))]);
  if ((await livingWorkers(database)) === 0) {
    await client.end();
    throw runError('needs-session-connection');
  }
  return {
    alive: () => alive,
    signOff: async () => {
      alive = false;
      await client.end().catch(() => {});
    },
  };
}
