/**
 * COPY out, from the socket's bytes. pg makes an object and an event of every CopyData message, and
 * PostgreSQL sends one message per row: for ten million rows that costs more than everything else.
 * So while a COPY runs, its messages are taken from the socket here, and all others (errors,
 * notices, the end) are handed on to pg.
 */
import type { Client } from 'pg';
import { databaseError, reasonOf } from '../errors.ts';
import type { RowSink } from './rows.ts';

const COPY_DATA = 'd'.charCodeAt(0);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const HEADER_BYTES = 5;

type DataListener = (chunk: Buffer) => void;

interface Socket {
  listeners(event: 'data'): DataListener[];
  on(event: 'data', listener: DataListener): void;
  removeAllListeners(event: 'data'): void;
  pause(): void;
  resume(): void;
}

interface Connection {
  readonly stream: Socket;
  query(text: string): void;
}

/** Called after each piece of the stream; reading pauses until its promise is settled. */
export type PieceHandler = () => void | Promise<void>;

/** A query for pg's `client.query`: it calls submit, then the handle… methods. */
export class CopyOutQuery {
  readonly done: Promise<number>;
  readonly #sql: string;
  readonly #sink: RowSink;
  readonly #afterPiece: PieceHandler | undefined;
  #resolve!: (rows: number) => void;
  #reject!: (error: unknown) => void;
  /** The first error of the handlers or of the server; the rest is read and thrown away. */
  #failure: { readonly error: unknown } | undefined;
  #socket!: Socket;
  #listeners: DataListener[] = [];
  /** A header cut by the end of a piece. */
  #header: Buffer = Buffer.alloc(0);
  /** Bytes of the present CopyData message that have not come yet. */
  #remaining = 0;

  constructor(sql: string, sink: RowSink, afterPiece?: PieceHandler) {
    this.#sql = sql;
    this.#sink = sink;
    this.#afterPiece = afterPiece;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  submit(connection: Connection): void {
    this.#socket = connection.stream;
    this.#listeners = this.#socket.listeners('data');
    this.#socket.removeAllListeners('data');
    this.#socket.on('data', this.#take);
    connection.query(this.#sql);
  }

  readonly #take: DataListener = chunk => {
    this.#split(chunk);
    if (this.#afterPiece === undefined || this.#failure !== undefined) return;
    const wait = this.#guard(this.#afterPiece);
    if (wait instanceof Promise) {
      this.#socket.pause();
      wait
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#socket.resume();
        });
    }
  };

  /** Goes through the messages of a piece of the stream. */
  #split(chunk: Buffer): void {
    let piece = chunk;
    let at = 0;
    if (this.#header.length > 0) {
      piece = Buffer.concat([this.#header, chunk]);
      this.#header = Buffer.alloc(0);
    }
    while (at < piece.length) {
      if (this.#remaining === 0) {
        if (piece.length - at < HEADER_BYTES) break;
        const length = piece.readInt32BE(at + 1);
        if (piece[at] !== COPY_DATA) {
          if (piece.length - at < length + 1) break;
          at += length + 1;
          if (this.#handOn(piece, at - length - 1, at)) return;
          continue;
        }
        this.#remaining = length - 4;
        at += HEADER_BYTES;
      }
      const end = Math.min(piece.length, at + this.#remaining);
      if (this.#failure === undefined) this.#parse(piece, at, end);
      this.#remaining -= end - at;
      at = end;
    }
    // A header, or a small message that is not ours, waits for its other half.
    if (at < piece.length) this.#header = piece.subarray(at);
  }

  /** Called per row: a closure for `#guard` would cost more than the row. */
  #parse(piece: Buffer, from: number, to: number): void {
    try {
      this.#sink.push(piece, from, to);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Gives a message to pg. @returns true when it was the last one, and pg has the socket again */
  #handOn(piece: Buffer, from: number, to: number): boolean {
    const last = piece[from] === READY_FOR_QUERY;
    if (last) {
      this.#socket.removeAllListeners('data');
      for (const listener of this.#listeners) this.#socket.on('data', listener);
    }
    // After the last message pg may send the next query at once; what else came is pg's own.
    const message = piece.subarray(from, last ? piece.length : to);
    for (const listener of this.#listeners) listener(message);
    return last;
  }

  #guard<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
  }

  handleError(error: unknown): void {
    const reason = reasonOf(error);
    this.#fail(databaseError('copy-failed', { reason }, { cause: error }));
    this.#reject(this.#failure?.error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (this.#failure === undefined) this.#resolve(this.#sink.rows);
    else this.#reject(this.#failure.error);
  }
}

/** Runs it on a connection that nothing else uses meanwhile. */
export function runCopyOut(client: Client, query: CopyOutQuery): Promise<number> {
  client.query(query as unknown as string);
  return query.done;
}
