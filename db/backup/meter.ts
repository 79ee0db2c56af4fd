/** A stream that lets bytes through and measures them. */
import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';

const LINE_FEED = 10;

export interface Measure {
  readonly bytes: number;
  /** Line feeds: in the COPY text format, rows. */
  readonly lines: number;
  readonly sha256: string;
}

export class Meter extends Transform {
  readonly #hash = createHash('sha256');
  readonly #onBytes: (bytes: number) => void;
  #bytes = 0;
  #lines = 0;
  #measure: Measure | undefined;

  /** @param onBytes told of the bytes so far */
  constructor(onBytes: (bytes: number) => void = () => {}) {
    super({ highWaterMark: 256 * 1024 });
    this.#onBytes = onBytes;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    for (let at = chunk.indexOf(LINE_FEED); at !== -1; at = chunk.indexOf(LINE_FEED, at + 1)) {
      this.#lines += 1;
    }
    this.#onBytes(this.#bytes);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.#measure = { bytes: this.#bytes, lines: this.#lines, sha256: this.#hash.digest('hex') };
    done();
  }

  /** Once everything has gone through. */
  get measure(): Measure {
    if (this.#measure === undefined) throw new Error('measured before the end');
    return this.#measure;
  }
}
