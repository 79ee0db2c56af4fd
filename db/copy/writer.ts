/**
 * COPY in: rows are written as bytes into large reusable buffers, and a full one goes to the socket
 * as one CopyData message. Four buffers are in flight at most; then endRow asks the caller to wait.
 */
import type { Client } from 'pg';
import { ABSENT } from '../../engine/decimal.ts';
import { databaseError, reasonOf } from '../errors.ts';

/** Large enough that the cost of a message vanishes, small enough to stay in the cache. */
const BUFFER_BYTES = 256 * 1024;
const BUFFERS_IN_FLIGHT_MAX = 4;
/** Kept for the next COPY, whoever's: a run opens a dozen, and new memory must be cleared first. */
const FREE_BUFFERS_MAX = 16;
const FREE: Buffer[] = [];
const HEADER_BYTES = 5;
/** Longer than any integer with its separator. */
const NUMBER_BYTES = 24;

const COPY_DATA = 'd'.charCodeAt(0);
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);
const TAB = 9;
const LINE_FEED = 10;
const BACKSLASH = 92;

/** Byte → the letter that stands for it after a backslash; 0: stands for itself. */
const ESCAPES = new Uint8Array(256);
ESCAPES[8] = 'b'.charCodeAt(0);
ESCAPES[TAB] = 't'.charCodeAt(0);
ESCAPES[LINE_FEED] = 'n'.charCodeAt(0);
ESCAPES[11] = 'v'.charCodeAt(0);
ESCAPES[12] = 'f'.charCodeAt(0);
ESCAPES[13] = 'r'.charCodeAt(0);
ESCAPES[BACKSLASH] = BACKSLASH;

interface Connection {
  readonly stream: { write(buffer: Uint8Array, done: () => void): boolean };
  query(text: string): void;
  sendCopyFail(reason: string): void;
}

/** Writes the rows of one COPY. Fields in the order of the columns; endRow after each row. */
export class CopyWriter {
  readonly #client: Client;
  readonly #sql: string;
  readonly #onPayload: ((bytes: Uint8Array) => void) | undefined;
  readonly #encoder = new TextEncoder();
  #connection!: Connection;
  #buffer: Buffer = FREE.pop() ?? Buffer.allocUnsafe(BUFFER_BYTES);
  #at = HEADER_BYTES;
  #firstField = true;
  #inFlight = 0;
  #wake: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #started = Promise.withResolvers<void>();
  #finished = Promise.withResolvers<number>();
  #rows = 0;

  /** @param onPayload sees the bytes of the rows as they are sent, in pieces cut anywhere */
  constructor(client: Client, sql: string, onPayload?: (bytes: Uint8Array) => void) {
    this.#client = client;
    this.#sql = sql;
    this.#onPayload = onPayload;
    // Both are awaited where they are of use; a failure in between must not count as unhandled.
    this.#started.promise.catch(() => {});
    this.#finished.promise.catch(() => {});
  }

  /** Sends the statement; resolved when PostgreSQL is ready for the rows. */
  start(): Promise<void> {
    this.#client.query(this as unknown as string);
    return this.#started.promise;
  }

  // What follows up to handleReadyForQuery is called by pg.

  submit(connection: Connection): void {
    this.#connection = connection;
    connection.query(this.#sql);
  }

  handleCopyInResponse(): void {
    this.#started.resolve();
  }

  handleCommandComplete(message: { text: string }): void {
    this.#rows = Number(message.text.split(' ')[1]);
  }

  handleError(error: unknown): void {
    const reason = reasonOf(error);
    const failure = databaseError('copy-failed', { reason }, { cause: error });
    this.#failure ??= { error: failure };
    this.#started.reject(failure);
    this.#finished.reject(failure);
    this.#wake?.();
  }

  handleReadyForQuery(): void {
    this.#finished.resolve(this.#rows);
  }

  /** An integer. */
  int(value: number): void {
    this.#beginField(NUMBER_BYTES);
    this.#digits(value);
  }

  /** Hundredths or another integer; ABSENT is null. */
  intOrNull(value: number): void {
    if (value === ABSENT) this.null();
    else this.int(value);
  }

  null(): void {
    this.#beginField(2);
    this.#buffer[this.#at] = BACKSLASH;
    this.#buffer[this.#at + 1] = 0x4e;
    this.#at += 2;
  }

  /** null is null. */
  boolean(value: boolean | null): void {
    if (value === null) {
      this.null();
      return;
    }
    this.#beginField(1);
    this.#buffer[this.#at] = value ? 0x74 : 0x66;
    this.#at += 1;
  }

  /** Any text; null is null. */
  text(value: string | null): void {
    if (value === null) {
      this.null();
      return;
    }
    const { length } = value;
    // Three bytes of UTF-8 per UTF-16 unit at most, each at worst escaped.
    if (length * 3 > BUFFER_BYTES / 4) {
      const bytes = this.#encoder.encode(value);
      this.bytes(bytes, 0, bytes.length);
      return;
    }
    this.#beginField(length * 6);
    const buffer = this.#buffer;
    let at = this.#at;
    for (let i = 0; i < length; i += 1) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) {
        at = this.#encodeRest(value, i, at);
        break;
      }
      const letter = ESCAPES[unit];
      if (letter !== 0) {
        buffer[at] = BACKSLASH;
        buffer[at + 1] = letter;
        at += 2;
      } else {
        buffer[at] = unit;
        at += 1;
      }
    }
    this.#at = at;
  }

  /** Text that is UTF-8 already: source[start … end). */
  bytes(source: Uint8Array, start: number, end: number): void {
    this.#beginField(0);
    let from = start;
    while (from < end) {
      const some = Math.min(end - from, BUFFER_BYTES / 4);
      this.#ensure(some * 2);
      const buffer = this.#buffer;
      let at = this.#at;
      for (let i = from; i < from + some; i += 1) {
        const byte = source[i];
        const letter = ESCAPES[byte];
        if (letter !== 0) {
          buffer[at] = BACKSLASH;
          at += 1;
        }
        buffer[at] = letter !== 0 ? letter : byte;
        at += 1;
      }
      this.#at = at;
      from += some;
    }
  }

  /** One or more fields as asCopied has made them, for what is the same in many rows. */
  fields(copied: Uint8Array): void {
    this.#beginField(copied.length);
    const buffer = this.#buffer;
    const at = this.#at;
    for (let i = 0; i < copied.length; i += 1) buffer[at + i] = copied[i];
    this.#at = at + copied.length;
  }

  /** An integer[] of the first `count` values; ABSENT becomes a null in it. */
  ints(values: ArrayLike<number>, count: number): void {
    this.#beginField((count + 1) * NUMBER_BYTES);
    this.#buffer[this.#at] = 0x7b;
    this.#at += 1;
    for (let i = 0; i < count; i += 1) {
      if (i > 0) {
        this.#buffer[this.#at] = 0x2c;
        this.#at += 1;
      }
      const value = values[i];
      if (value === ABSENT) this.#at += this.#buffer.write('NULL', this.#at, 'latin1');
      else this.#digits(value);
    }
    this.#buffer[this.#at] = 0x7d;
    this.#at += 1;
  }

  /**
   * Ends the row.
   *
   * @returns a promise to await before the next row, where the server is slower; else undefined
   * @throws copy-failed when the server has refused an earlier row
   */
  endRow(): Promise<void> | undefined {
    this.#ensure(1);
    this.#buffer[this.#at] = LINE_FEED;
    this.#at += 1;
    this.#firstField = true;
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#inFlight < BUFFERS_IN_FLIGHT_MAX) return undefined;
    return this.#room();
  }

  /** Sends what is left and waits for the end. @returns how many rows PostgreSQL has taken */
  async end(): Promise<number> {
    if (this.#failure === undefined) {
      this.#flush();
      giveBack(this.#buffer);
      await new Promise<void>(resolve => {
        this.#wake = resolve;
        this.#connection.stream.write(COPY_DONE, resolve);
      });
    }
    return this.#finished.promise;
  }

  /** Gives up: PostgreSQL throws the rows away, and the connection can be used again. */
  async abort(reason: string): Promise<void> {
    if (this.#failure === undefined) this.#connection.sendCopyFail(reason);
    await this.#finished.promise.catch(() => {});
  }

  async #room(): Promise<void> {
    while (this.#inFlight >= BUFFERS_IN_FLIGHT_MAX && this.#failure === undefined) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #beginField(size: number): void {
    this.#ensure(size + 1);
    if (this.#firstField) {
      this.#firstField = false;
      return;
    }
    this.#buffer[this.#at] = TAB;
    this.#at += 1;
  }

  /** Makes room for `size` bytes; a row may go on in the next message. */
  #ensure(size: number): void {
    if (this.#at + size <= this.#buffer.length) return;
    this.#flush();
    if (HEADER_BYTES + size > this.#buffer.length) {
      this.#buffer = Buffer.allocUnsafe(HEADER_BYTES + size);
    }
  }

  #flush(): void {
    const full = this.#buffer;
    const length = this.#at;
    if (length === HEADER_BYTES) return;
    this.#onPayload?.(full.subarray(HEADER_BYTES, length));
    full[0] = COPY_DATA;
    full.writeInt32BE(length - 1, 1);
    this.#buffer = FREE.pop() ?? Buffer.allocUnsafe(BUFFER_BYTES);
    this.#at = HEADER_BYTES;
    if (this.#failure !== undefined) return;
    this.#inFlight += 1;
    this.#connection.stream.write(full.subarray(0, length), () => {
      this.#inFlight -= 1;
      giveBack(full);
      this.#wake?.();
    });
  }

  /** Writes value from position i on, which is not ASCII, and escapes behind the encoder. */
  #encodeRest(value: string, i: number, at: number): number {
    const rest = i === 0 ? value : value.slice(i);
    const buffer = this.#buffer;
    const end = at + this.#encoder.encodeInto(rest, buffer.subarray(at)).written;
    let escapes = 0;
    for (let k = at; k < end; k += 1) {
      if (ESCAPES[buffer[k]] !== 0) escapes += 1;
    }
    // From the back, so that nothing is overwritten before it has been moved.
    for (let k = end - 1, to = end + escapes - 1; to > k; k -= 1) {
      const byte = buffer[k];
      const letter = ESCAPES[byte];
      buffer[to] = letter !== 0 ? letter : byte;
      to -= 1;
      if (letter !== 0) {
        buffer[to] = BACKSLASH;
        to -= 1;
      }
    }
    return end + escapes;
  }

  #digits(value: number): void {
    const buffer = this.#buffer;
    let at = this.#at;
    let rest = value;
    if (value < 0) {
      buffer[at] = 45;
      at += 1;
      rest = -value;
    }
    if (rest > 0x7fffffff) {
      this.#at = at + buffer.write(String(rest), at, 'latin1');
      return;
    }
    let end = at + 1;
    for (let limit = 10; rest >= limit; limit *= 10) end += 1;
    this.#at = end;
    do {
      end -= 1;
      const tenth = (rest / 10) | 0;
      buffer[end] = 48 + rest - tenth * 10;
      rest = tenth;
    } while (rest > 0);
  }
}

function giveBack(buffer: Buffer): void {
  if (buffer.length === BUFFER_BYTES && FREE.length < FREE_BUFFERS_MAX) FREE.push(buffer);
}

/** Values as they stand in the COPY format, tabs between them; for CopyWriter.fields. */
export function asCopied(values: readonly (string | number | null)[]): Uint8Array {
  const fields = values.map(value => {
    if (value === null) return '\\N';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what COPY escapes
    return String(value).replace(/[\x08-\x0d\\]/g, character => {
      return `\\${String.fromCharCode(ESCAPES[character.charCodeAt(0)])}`;
    });
  });
  return new TextEncoder().encode(fields.join('\t'));
}
