/**
 * Connections to PostgreSQL: a pool of pg, with knex on top of it for what is ordinary.
 *
 * Every connection speaks in the time zone Asia/Shanghai, so that `at::date` is the Shanghai date
 * for whoever reads the tables by hand. What a hash or a file depends on casts explicitly and
 * never relies on it. The setting is sent as a statement after connecting, not as a start-up
 * option: several poolers refuse options.
 *
 * Text is compared by SQL in the collation of the database, which on an office's own server may
 * be anything: where an order reaches a file or a hash, write `collate "C"`.
 */
import knexFactory, { type Knex } from 'knex';
import pg, { type Client } from 'pg';
import { databaseError, reasonOf } from './errors.ts';
import { hasLongList, keptStatements, planByValues } from './kept-statements.ts';
import { TYPES } from './types.ts';

export const POOL_MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MILLISECONDS = 30_000;
const OLDEST_VERSION = 150_000;

/** knex would write to standard output what it throws as an error anyway. */
const SILENT = { warn() {}, error() {}, deprecate() {}, debug() {} };

/** One connection, inside or outside a transaction. Await each call before the next one. */
export interface Session {
  /** The raw connection, for COPY and LISTEN. */
  readonly client: Client;
  /** A query builder bound to this connection. */
  readonly knex: Knex;
  /**
   * The same, parsed and planned once per connection under a name of its own: for what every act
   * asks, and whose planning takes longer than its answer. Not for lists of any length, whose plan
   * depends on it.
   */
  prepared<R extends object = Record<string, unknown>>(
    name: string,
    sql: string,
    parameters: readonly unknown[],
  ): Promise<R[]>;
  /**
   * Parametrised SQL; rows as objects. What a connection is asked a second time it keeps parsed and
   * planned from then on (kept-statements.ts).
   */
  query<R extends object = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<R[]>;
}

export interface Database {
  readonly knex: Knex;
  /** `postgres://…`, for workers and tests. */
  readonly url: string;
  query<R extends object = Record<string, unknown>>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<R[]>;
  /** Lends one connection for the duration of the work; closed, not reused, when it throws. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * The same inside a transaction: committed when the work returns, rolled back when it throws.
   * What a transaction leaves ends with its rollback, so that a refusal, which is the ordinary
   * case, does not cost the next act a new connection.
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** Shown in pg_stat_activity; `zhongzhao` unless told. */
  readonly applicationName?: string;
  readonly maxConnections?: number;
}

/**
 * Opens a pool; nothing is sent before the first use (checkServer is a good one).
 *
 * @throws wrong-database-url; later, from any call: cannot-connect
 */
export function connect(url: string, options: ConnectOptions = {}): Database {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw databaseError('wrong-database-url');
  }
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.applicationName ?? 'zhongzhao',
    max: options.maxConnections ?? POOL_MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
    types: TYPES,
    onConnect: async (client: pg.ClientBase) => {
      await client.query("set time zone 'Asia/Shanghai'");
    },
  } as pg.PoolConfig);
  // An idle connection that the server ends is simply replaced; the next query tells if it is down.
  pool.on('error', () => {});
  const knex = knexFactory({ client: 'pg', connectionPool: pool as never, log: SILENT });
  const lend = <T>(work: (session: Session, client: pg.PoolClient) => Promise<T>) =>
    lendConnection(pool, knex, url, work);
  return {
    knex,
    url,
    query: (sql, parameters) => lend(session => session.query(sql, parameters)),
    session: work => lend(work),
    transaction: async work => {
      const ended = await lend((session, client) => inTransaction(session, client, work));
      if ('error' in ended) throw ended.error;
      return ended.result;
    },
    close: async () => {
      await knex.destroy();
      if (!pool.ended) await pool.end();
    },
  };
}

async function lendConnection<T>(
  pool: pg.Pool,
  knex: Knex,
  url: string,
  work: (session: Session, client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (cause) {
    throw cannotConnect(url, cause);
  }
  // Without a listener, a connection that breaks while it is lent would end the process.
  const broken = () => {};
  client.on('error', broken);
  let reusable = false;
  try {
    const result = await work(sessionOf(client, knex, false), client);
    reusable = isIdle(client);
    return result;
  } finally {
    client.removeListener('error', broken);
    client.release(!reusable);
  }
}

async function inTransaction<T>(
  outer: Session,
  client: pg.PoolClient,
  work: (session: Session) => Promise<T>,
): Promise<{ readonly result: T } | { readonly error: unknown }> {
  await outer.query('begin');
  const session = transactionSession(outer, client);
  let result: T;
  try {
    result = await work(session);
  } catch (error) {
    // The first error is the one that tells; a failing rollback only repeats that all is lost, and
    // the connection is closed then. Behind a query that still runs (a COPY that was not ended) it
    // would wait for ever: then closing alone does it.
    if (isBusy(client)) throw error;
    await outer.query('rollback').catch(() => {
      throw error;
    });
    return { error };
  }
  const rows = await client.query('commit');
  // After a swallowed error, PostgreSQL answers `commit` with ROLLBACK and no error.
  if (rows.command !== 'COMMIT') {
    throw databaseError('transaction-aborted');
  }
  return { result };
}

function transactionSession(outer: Session, client: pg.PoolClient): Session {
  let bound: Knex | undefined;
  return {
    client: outer.client,
    query: outer.query,
    prepared: outer.prepared,
    get knex() {
      bound ??= boundKnex(client, outer.knex, true);
      return bound;
    },
  };
}

function sessionOf(client: pg.PoolClient, knex: Knex, inTransaction: boolean): Session {
  const statements = keptStatements(client);
  // Whatever scope a transaction was in has ended with it.
  statements.inScope = false;
  statements.forAnyValues = false;
  let bound: Knex | undefined;
  return {
    client: client as unknown as Client,
    async query<R extends object>(sql: string, parameters?: readonly unknown[]): Promise<R[]> {
      if (statements.forAnyValues && hasLongList(parameters ?? [])) await planByValues(client);
      return ask<R>(client, statements.nameOf(sql, parameters), sql, parameters);
    },
    prepared<R extends object>(name: string, text: string, values: readonly unknown[]) {
      return ask<R>(client, name, text, values);
    },
    get knex() {
      bound ??= boundKnex(client, knex, inTransaction);
      return bound;
    },
  };
}

/** What a client takes as it is; pg's types leave the name out. */
interface NamedQuery extends pg.Query {
  name?: string;
}

/**
 * By a query made here: an object that describes one, pg copies property by property with their
 * descriptors, which is a quarter of all that pg does for an act.
 */
async function ask<R extends object>(
  client: pg.PoolClient,
  name: string | null,
  sql: string,
  values: readonly unknown[] | undefined,
): Promise<R[]> {
  try {
    return await new Promise<R[]>((resolve, reject) => {
      const given = values === undefined ? undefined : [...values];
      const query: NamedQuery = new pg.Query(sql, given, (error, result) =>
        error ? reject(error) : resolve(result.rows),
      );
      if (name !== null) query.name = name;
      client.query(query);
    });
  } catch (error) {
    // Its stack is that of the socket's event, and says nothing of who has asked.
    if (error instanceof Error) Error.captureStackTrace(error);
    throw error;
  }
}

interface KnexClientClass {
  new (
    config: object,
  ): {
    acquireConnection(): Promise<unknown>;
    releaseConnection(connection: unknown): Promise<void>;
  };
}

/** A knex whose every query goes to one given connection. */
function boundKnex(client: pg.PoolClient, knex: Knex, inTransaction: boolean): Knex {
  const Base = knex.client.constructor as KnexClientClass;
  class BoundClient extends Base {
    override async acquireConnection(): Promise<unknown> {
      return client;
    }
    override async releaseConnection(): Promise<void> {}
    transaction(...parameters: unknown[]): unknown {
      // Its `begin` would only warn, and its `commit` would end the outer transaction.
      if (inTransaction) throw databaseError('nested-transaction');
      const base = Base.prototype as unknown as { transaction(...p: unknown[]): unknown };
      return base.transaction.apply(this, parameters);
    }
  }
  const tagged = client as pg.PoolClient & { __knexUid?: string };
  tagged.__knexUid ??= `bound-${(client as unknown as { processID: number }).processID}`;
  return knexFactory({ client: BoundClient as unknown as typeof Knex.Client, log: SILENT });
}

function isBusy(client: pg.PoolClient): boolean {
  return (client as unknown as { _activeQuery: unknown })._activeQuery != null;
}

function isIdle(client: pg.PoolClient): boolean {
  return transactionStatus(client) === 'I';
}

/** Whether a transaction is open, sound or failed, by the server's last answer. */
export function isInTransaction(session: Pick<Session, 'client'>): boolean {
  return transactionStatus(session.client) !== 'I';
}

function transactionStatus(client: object): string {
  return (client as { getTransactionStatus(): string }).getTransactionStatus();
}

function cannotConnect(url: string, cause: unknown): Error {
  const { hostname: written, port } = new URL(url);
  const hostname = decodeURIComponent(written);
  const host = port === '' ? hostname : `${hostname}:${port}`;
  return databaseError('cannot-connect', { host, reason: reasonOf(cause) }, { cause });
}

/**
 * Checks what the rest relies on: PostgreSQL 15 or later, UTF8, and that connections keep their
 * session, without which an advisory lock locks nothing.
 *
 * @throws cannot-connect, server-too-old, wrong-encoding, needs-session-connection
 */
export async function checkServer(database: Database): Promise<void> {
  const [row] = await database.query<{ number: string; version: string; encoding: string }>(
    `select current_setting('server_version_num') as number,
            current_setting('server_version') as version,
            current_setting('server_encoding') as encoding`,
  );
  if (Number(row?.number) < OLDEST_VERSION) {
    throw databaseError('server-too-old', { version: row?.version ?? '' });
  }
  if (row?.encoding !== 'UTF8') {
    throw databaseError('wrong-encoding', { encoding: row?.encoding ?? '' });
  }
  await checkSessions(database);
}

/**
 * Two connections at once must have two backends, and each must keep its own. Behind a transaction
 * pooler, statements of both are handed to whichever backend is free, usually the same one.
 */
async function checkSessions(database: Database): Promise<void> {
  const backend = async (session: Session): Promise<number> => {
    const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
    return row?.pid ?? 0;
  };
  await database.session(first =>
    database.session(async second => {
      const ofFirst = new Set<number>();
      const ofSecond = new Set<number>();
      for (let round = 0; round < 3; round += 1) {
        ofFirst.add(await backend(first));
        ofSecond.add(await backend(second));
        const [one, two] = await Promise.all([backend(first), backend(second)]);
        ofFirst.add(one);
        ofSecond.add(two);
      }
      if (ofFirst.size !== 1 || ofSecond.size !== 1 || !ofFirst.isDisjointFrom(ofSecond)) {
        throw databaseError('needs-session-connection');
      }
    }),
  );
}
