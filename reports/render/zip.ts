/**
 * A zip archive (APPNOTE 6.3) of texts that arrive in pieces: each is deflated as it comes, so that
 * a sheet of a million cells is never a text in memory, and its sizes are known before its header
 * is written. Without times: the same texts are the same bytes. Entries of 4 GiB are not for pages.
 */
import { once } from 'node:events';
import { crc32, createDeflateRaw } from 'node:zlib';

/** Beyond this, bytes saved cost more time than they save on the way. */
const LEVEL = 4;
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_ARCHIVE = 0x06054b50;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
/** 1980-01-01, the first date that the format can hold. */
const FIRST_DATE = 0x0021;
const SIZE_MAX = 0xffff_ffff;

interface Entry {
  readonly name: Buffer;
  readonly data: readonly Uint8Array[];
  readonly packed: number;
  readonly size: number;
  readonly crc: number;
}

export class ZipArchive {
  readonly #entries: Entry[] = [];

  /** Adds a file; the one before must be there. Throws what the pieces throw. */
  async add(name: string, pieces: AsyncIterable<string> | Iterable<string>): Promise<void> {
    const deflate = createDeflateRaw({ level: LEVEL });
    const data: Uint8Array[] = [];
    deflate.on('data', (part: Uint8Array) => data.push(part));
    let [size, crc] = [0, 0];
    try {
      for await (const piece of pieces) {
        const bytes = Buffer.from(piece);
        size += bytes.length;
        crc = crc32(bytes, crc);
        if (!deflate.write(bytes)) await once(deflate, 'drain');
      }
      const ended = once(deflate, 'end');
      deflate.end();
      await ended;
    } finally {
      deflate.destroy();
    }
    const packed = data.reduce((sum, part) => sum + part.length, 0);
    if (size > SIZE_MAX) throw new Error(`${name} is too long for an archive without zip64`);
    this.#entries.push({ name: Buffer.from(name), data, packed, size, crc });
  }

  /** The whole archive. */
  bytes(): Uint8Array {
    const parts: Uint8Array[] = [];
    const central: Uint8Array[] = [];
    let at = 0;
    for (const entry of this.#entries) {
      const own = fields(entry);
      const local = Buffer.concat([uint32(LOCAL_HEADER), own, entry.name]);
      parts.push(local, ...entry.data);
      const more = Buffer.alloc(14); // no comment, first disk, no attributes; then the offset
      more.writeUInt32LE(at, 10);
      central.push(Buffer.concat([uint32(CENTRAL_HEADER), uint16(VERSION), own, more, entry.name]));
      at += local.length + entry.packed;
    }
    const directory = Buffer.concat(central);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(END_OF_ARCHIVE, 0);
    end.writeUInt16LE(this.#entries.length, 8);
    end.writeUInt16LE(this.#entries.length, 10);
    end.writeUInt32LE(directory.length, 12);
    end.writeUInt32LE(at, 16);
    return Buffer.concat([...parts, directory, end]);
  }
}

/** What both headers of an entry say in the same order, from the version on. */
function fields({ name, packed, size, crc }: Entry): Buffer {
  const bytes = Buffer.alloc(26);
  bytes.writeUInt16LE(VERSION, 0);
  bytes.writeUInt16LE(UTF8_NAMES, 2);
  bytes.writeUInt16LE(DEFLATED, 4);
  bytes.writeUInt16LE(FIRST_DATE, 8);
  bytes.writeUInt32LE(crc, 10);
  bytes.writeUInt32LE(packed, 14);
  bytes.writeUInt32LE(size, 18);
  bytes.writeUInt16LE(name.length, 22);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
