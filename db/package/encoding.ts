/**
 * Which encoding a CSV is in, found out over the whole file before a row is read: UTF-8 with or
 * without BOM, or GB18030. The question is asked line by line, since neither encoding has a line
 * break inside a character: GB18030 accepts nearly any bytes, so a UTF-8 file with one damaged
 * line would pass as GB18030 and import a whole city of mojibake names. So the majority of the
 * lines decides – those that are no UTF-8 against those that read as UTF-8 – and the others are
 * errors with their place.
 *
 * A line that is valid in both and reads as Chinese in GB18030 only (女 is Ů in UTF-8; see
 * reading.ts) speaks for neither. A file all of whose lines beyond ASCII are such is in doubt, and
 * the package decides (settleEncodings): it is GB18030 where a file of the package certainly is,
 * since an office saves its files one way; else UTF-8. Where no file is certain, a doubtful one is
 * GB18030 all the same if it is everyday Chinese there and, in UTF-8, nothing but letters that
 * Chinese text never has. What is certain by itself is never overruled, so a package with files of
 * both encodings is read file by file. Turned down: one encoding for the whole package, which would
 * refuse such a mixed one; and UTF-8 wherever the bytes are valid, which refuses a list of girls
 * (女) and takes 学校 for ѧУ.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { isGb18030, readingOf } from './reading.ts';

export type Encoding = 'utf-8' | 'utf-8-bom' | 'gb18030';

/** Ten million choices are 0.6 GB; what is larger is no package of a province. */
export const FILE_BYTES_MAX = 4 * 1024 ** 3;
/** A row of a hundred columns with long texts is a tenth of that. */
export const LINE_BYTES_MAX = 1 << 18;
/** Lines at fault that are kept with their number; beyond it they are counted. */
const FAULT_LINES_MAX = 100;
const LF = 10;

export type ScanFaultCode =
  | 'utf-16'
  | 'nul-byte'
  | 'wrong-encoding'
  | 'mixed-encoding'
  | 'file-too-large'
  | 'line-too-long'
  | 'empty-file';

export interface ScanFault {
  readonly code: ScanFaultCode;
  /** 1-based; 0: the file as a whole. */
  readonly line: number;
}

/**
 * How sure the encoding of a file is by its own bytes: `ascii` reads the same in all; `doubtful`
 * and `foreign` are UTF-8 until the package says otherwise.
 */
export type Certainty = 'ascii' | 'certain' | 'doubtful' | 'foreign';

export interface Scan {
  readonly encoding: Encoding;
  readonly certainty: Certainty;
  readonly bytes: number;
  /** SHA-256, hex, of the bytes as they stand (before any decoding). */
  readonly sha256: string;
  readonly faults: readonly ScanFault[];
}

/** The encodings of a package's files, the doubtful ones settled by the others. */
export function settleEncodings(scans: readonly Scan[]): Encoding[] {
  const certain = scans.filter(scan => scan.certainty === 'certain');
  const someGb18030 = certain.some(scan => scan.encoding === 'gb18030');
  return scans.map(({ encoding, certainty }) => {
    const inDoubt = certainty === 'doubtful' || certainty === 'foreign';
    if (inDoubt && someGb18030) return 'gb18030';
    return certainty === 'foreign' && certain.length === 0 ? 'gb18030' : encoding;
  });
}

/** Looks at every byte of a file once. */
export async function scanBytes(chunks: AsyncIterable<Buffer>): Promise<Scan> {
  const scanner = new Scanner();
  for await (const chunk of chunks) {
    if (!scanner.push(chunk)) break;
  }
  return scanner.end();
}

/** Line numbers at fault: the first few, and how many there are. */
class FaultLines {
  count = 0;
  readonly lines: number[] = [];

  add(line: number): void {
    this.count += 1;
    if (this.lines.length < FAULT_LINES_MAX) this.lines.push(line);
  }
}

class Scanner {
  #hash = createHash('sha256');
  #bytes = 0;
  #line = 1;
  #rest: Buffer = Buffer.alloc(0);
  #bom = false;
  #stopped: ScanFault | undefined;
  /** Lines beyond ASCII that read as UTF-8, that may be either, that are no UTF-8, no GB18030. */
  #utf8Lines = 0;
  #doubtfulLines = 0;
  #foreignLines = 0;
  #notUtf8 = new FaultLines();
  #notGb18030 = new FaultLines();
  /** Lines that read as Chinese in UTF-8: wrong in a GB18030 file. */
  #chineseUtf8 = new FaultLines();

  /** @returns false where the file is beyond hope and need not be read further */
  push(chunk: Buffer): boolean {
    if (this.#bytes === 0) {
      if (isUtf16(chunk)) return this.#stop('utf-16', 0);
      this.#bom = chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
    }
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > FILE_BYTES_MAX) return this.#stop('file-too-large', 0);
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const cut = data.lastIndexOf(LF) + 1;
    if (cut > 0) this.#block(data.subarray(0, cut));
    this.#rest = Buffer.from(data.subarray(cut));
    if (this.#rest.length > LINE_BYTES_MAX) return this.#stop('line-too-long', this.#line);
    return this.#stopped === undefined;
  }

  end(): Scan {
    if (this.#stopped === undefined && this.#rest.length > 0) this.#block(this.#rest);
    const bytes = this.#bytes;
    return { ...this.#verdict(), bytes, sha256: this.#hash.digest('hex') };
  }

  #stop(code: ScanFaultCode, line: number): false {
    this.#stopped ??= { code, line };
    return false;
  }

  /** Whole lines. */
  #block(block: Buffer): void {
    const nul = block.indexOf(0);
    if (nul >= 0) {
      this.#stop('nul-byte', this.#line + lineBreaks(block.subarray(0, nul)));
      return;
    }
    if (isAscii(block)) {
      this.#line += lineBreaks(block);
      return;
    }
    const whole = isUtf8(block);
    for (let from = 0; from < block.length; ) {
      const found = block.indexOf(LF, from);
      const to = found < 0 ? block.length : found;
      const line = block.subarray(from, to);
      if (!isAscii(line)) this.#judge(line, whole || isUtf8(line));
      this.#line += 1;
      from = to + 1;
    }
  }

  #judge(line: Buffer, utf8: boolean): void {
    if (utf8) {
      const reading = readingOf(line);
      if (reading === 'doubtful') this.#doubtfulLines += 1;
      else if (reading === 'foreign') this.#foreignLines += 1;
      else this.#utf8Lines += 1;
      if (this.#chineseUtf8.lines.length < FAULT_LINES_MAX && readsAsChinese(line)) {
        this.#chineseUtf8.add(this.#line);
      }
      return;
    }
    this.#notUtf8.add(this.#line);
    if (!isGb18030(line)) this.#notGb18030.add(this.#line);
  }

  #verdict(): Pick<Scan, 'encoding' | 'certainty' | 'faults'> {
    const utf8: Encoding = this.#bom ? 'utf-8-bom' : 'utf-8';
    const unread = (fault: ScanFault) =>
      ({ encoding: utf8, certainty: 'ascii', faults: [fault] }) as const;
    if (this.#stopped !== undefined) return unread(this.#stopped);
    if (this.#bytes === (this.#bom ? 3 : 0)) return unread({ code: 'empty-file', line: 0 });
    const at = (code: ScanFaultCode, lines: readonly number[]): ScanFault[] =>
      lines.map(line => ({ code, line }));
    if (this.#bom || this.#notUtf8.count <= this.#utf8Lines) {
      const faults = at('wrong-encoding', this.#notUtf8.lines);
      return { encoding: utf8, certainty: this.#certainty(), faults };
    }
    const faults = [
      ...at('wrong-encoding', this.#notGb18030.lines),
      ...at('mixed-encoding', this.#chineseUtf8.lines),
    ];
    faults.sort((a, b) => a.line - b.line);
    return { encoding: 'gb18030', certainty: 'certain', faults };
  }

  /** Of a file that is UTF-8 as far as its own bytes go. */
  #certainty(): Certainty {
    if (this.#bom || this.#utf8Lines > 0) return 'certain';
    if (this.#doubtfulLines > 0) return 'doubtful';
    return this.#foreignLines > 0 ? 'foreign' : 'ascii';
  }
}

function lineBreaks(block: Buffer): number {
  let count = 0;
  for (let at = block.indexOf(LF); at >= 0; at = block.indexOf(LF, at + 1)) count += 1;
  return count;
}

/** By its mark, or by every other byte of a text of plain characters being 0. */
function isUtf16(first: Buffer): boolean {
  const mark = first.length >= 2 ? first.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) return true;
  const sample = first.subarray(0, 200);
  let even = 0;
  let odd = 0;
  for (let at = 0; at < sample.length; at += 1) {
    if (sample[at] === 0) {
      if (at % 2 === 0) even += 1;
      else odd += 1;
    }
  }
  return Math.max(even, odd) * 4 > sample.length;
}

/** Two or more Han characters of three bytes and nothing else beyond ASCII. */
function readsAsChinese(line: Buffer): boolean {
  return /^[\x20-\x7e\t\r]*(?:[\u4e00-\u9fff]{2,}[\x20-\x7e\t\r]*)+$/.test(line.toString('utf8'));
}

/** Bytes of a file in any accepted encoding → UTF-8 bytes without BOM. */
export async function* utf8Bytes(
  chunks: AsyncIterable<Buffer>,
  encoding: Encoding,
): AsyncGenerator<Buffer> {
  if (encoding === 'gb18030') {
    const decoder = new TextDecoder('gb18030', { fatal: true });
    for await (const chunk of chunks) {
      yield Buffer.from(decoder.decode(chunk, { stream: true }), 'utf8');
    }
    const last = decoder.decode();
    if (last !== '') yield Buffer.from(last, 'utf8');
    return;
  }
  let skip = encoding === 'utf-8-bom' ? 3 : 0;
  for await (const chunk of chunks) {
    const dropped = Math.min(skip, chunk.length);
    skip -= dropped;
    yield dropped === 0 ? chunk : chunk.subarray(dropped);
  }
}

const ENCODING_TITLES: Readonly<Record<Encoding | 'xlsx', string>> = {
  'utf-8': 'UTF-8',
  'utf-8-bom': 'UTF-8（带 BOM）',
  gb18030: 'GB18030',
  xlsx: '工作簿',
};

/** What was found, for a person: `UTF-8`, or `GB18030（plans.csv）、UTF-8（其余文件）`. */
export function encodingsTitle(
  tables: Iterable<{ readonly file: string; readonly encoding: Encoding | 'xlsx' }>,
): string {
  const files = Map.groupBy(tables, table => table.encoding);
  const groups = [...files].toSorted(([, one], [, other]) => one.length - other.length);
  if (groups.length === 1) return ENCODING_TITLES[groups[0]?.[0] as Encoding];
  return groups
    .map(([encoding, some], at) => {
      const names = at + 1 === groups.length ? '其余文件' : some.map(({ file }) => file).join('、');
      return `${ENCODING_TITLES[encoding]}（${names}）`;
    })
    .join('、');
}
