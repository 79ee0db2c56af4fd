/**
 * Rows of a `fetch` as objects, read from the socket's bytes. pg makes an object and an event of
 * every row, and a text of every field of it: for lists of a hundred thousand people that takes
 * longer than the server does. Here a row is made at once, and a text that a column repeats – a
 * city, a school, a state – is made once and shared.
 *
 * While the statement runs, its rows are taken from the socket, and all other messages (the
 * columns, errors, the end) are handed on to pg, as by db/copy/out.ts.
 */
import type { Session } from './connect.ts';
import { readInteger } from './copy/rows.ts';
import { TYPES } from './types.ts';

const DATA_ROW = 'D'.charCodeAt(0);
const READY_FOR_QUERY = 'Z'.charCodeAt(0);
/** Type and length of a message. */
const HEADER_BYTES = 5;
const INT2 = 21;
const INT4 = 23;
const TEXT = 25;

type DataListener = (chunk: Buffer) => void;

interface Socket {
  listeners(event: 'data'): DataListener[];
  on(event: 'data', listener: DataListener): void;
  removeAllListeners(event: 'data'): void;
}

interface Connection {
  readonly stream: Socket;
  query(text: string): void;
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

type Reader = (buffer: Buffer, from: number, to: number) => unknown;

/**
 * Runs a statement without parameters that returns rows.
 *
 * @param sql a single `fetch … from …`, on a connection that nothing else uses meanwhile
 * @throws the server's error
 */
export function fetchRows<R extends object>(session: Session, sql: string): Promise<R[]> {
  const query = new FetchQuery(sql);
  session.client.query(query as unknown as string);
  return query.done as Promise<R[]>;
}

/** A query for pg's `client.query`: it calls submit, then the handle… methods. */
class FetchQuery {
  readonly done: Promise<object[]>;
  readonly #sql: string;
  readonly #rows: object[] = [];
  #resolve!: (rows: object[]) => void;
  #reject!: (error: unknown) => void;
  #error: unknown;
  #socket!: Socket;
  #listeners: DataListener[] = [];
  /** A message cut by the end of a piece. */
  #rest: Buffer = Buffer.alloc(0);
  #names: string[] = [];
  #readers: Reader[] = [];
  /** Copied for each row, so that all of them have one shape. */
  #empty: Record<string, unknown> = {};

  constructor(sql: string) {
    this.#sql = sql;
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
    const piece = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (piece.length - at >= HEADER_BYTES) {
      const end = at + 1 + piece.readInt32BE(at + 1);
      if (end > piece.length) break;
      if (piece[at] === DATA_ROW) this.#row(piece, at + HEADER_BYTES);
      else if (this.#handOn(piece, at, end)) return;
      at = end;
    }
    this.#rest = piece.subarray(at);
  };

  #row(piece: Buffer, from: number): void {
    const row = { ...this.#empty };
    let at = from + 2;
    for (let field = 0; field < this.#names.length; field += 1) {
      const length = piece.readInt32BE(at);
      at += 4;
      // Minus one: null, as it is already.
      if (length < 0) continue;
      row[this.#names[field] as string] = (this.#readers[field] as Reader)(piece, at, at + length);
      at += length;
    }
    this.#rows.push(row);
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

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#names = fields.map(({ name }) => name);
    this.#readers = fields.map(({ dataTypeID }) => readerOf(dataTypeID));
    this.#empty = Object.fromEntries(this.#names.map(name => [name, null]));
  }

  handleError(error: unknown): void {
    this.#error = error;
    this.#reject(error);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (this.#error === undefined) this.#resolve(this.#rows);
  }
}

function readerOf(type: number): Reader {
  if (type === INT2 || type === INT4) return readInteger;
  const shared = new SharedTexts();
  if (type === TEXT) return (buffer, from, to) => shared.read(buffer, from, to);
  const parse = TYPES.getTypeParser(type as never) as (text: string) => unknown;
  return (buffer, from, to) => parse(shared.read(buffer, from, to));
}

/** Longer texts are hardly ever repeated. */
const SHARED_BYTES_MAX = 48;
const SLOTS = 1024;
/** After so many texts it is known whether the column repeats any. */
const TRIED = 512;

/** The texts of a column: one that was there a moment ago is not made again. */
class SharedTexts {
  readonly #bytes: (Uint8Array | undefined)[] = new Array(SLOTS);
  readonly #texts: string[] = new Array(SLOTS);
  #asked = 0;
  #found = 0;

  read(buffer: Buffer, from: number, to: number): string {
    const hopeless = this.#asked >= TRIED && this.#found * 2 < this.#asked;
    if (hopeless || to - from > SHARED_BYTES_MAX) return decoded(buffer, from, to);
    this.#asked += 1;
    let hash = 0;
    for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + buffer[at]) | 0;
    const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
    const kept = this.#bytes[slot];
    if (kept !== undefined && isSame(kept, buffer, from, to)) {
      this.#found += 1;
      return this.#texts[slot] as string;
    }
    const text = decoded(buffer, from, to);
    this.#bytes[slot] = Uint8Array.prototype.slice.call(buffer, from, to);
    this.#texts[slot] = text;
    return text;
  }
}

function isSame(kept: Uint8Array, buffer: Buffer, from: number, to: number): boolean {
  if (kept.length !== to - from) return false;
  for (let at = 0; at < kept.length; at += 1) if (kept[at] !== buffer[from + at]) return false;
  return true;
}

function decoded(buffer: Buffer, from: number, to: number): string {
  return buffer.toString('utf8', from, to);
}
