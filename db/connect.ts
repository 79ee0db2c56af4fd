/** Placeholder of the interface; see the room's owner. */
import type { Knex } from 'knex';
import type { Client } from 'pg';

/** One connection, inside or outside a transaction. */
export interface Session {
  /** The raw connection, for COPY and LISTEN. */
  readonly client: Client;
  /** A query builder bound to this connection. */
  readonly knex: Knex;
  /** Parametrised SQL; rows as objects. */
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
  /** Lends one connection for the duration of the work. */
  session<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /** The same inside a transaction: committed when the work returns, rolled back when it throws. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
