/**
 * A backup is one zip file, which any tool opens:
 *
 *     tables/events.copy …     the rows in PostgreSQL's COPY text format, deflated
 *     home/packages/2016/…     files of the home folder: packages of runs (gzipped already), seals
 *     manifest.json            last: what must be in it, with counts and hashes
 *
 * The manifest is written last, because counts and hashes are known only then, and read first: a
 * zip file's directory stands at its end, so a file that was cut off has none and is refused at
 * once. The SHA-256 of the manifest stands for the whole backup; it is shown when the backup is
 * made, and `restore --hash` asks for it.
 *
 * Chosen for it: yazl (3.3.1, 2024-12) and yauzl (3.4.0, 2026-06), by one author, MIT, one small
 * dependency each. They stream entries of unknown length, verify CRC and size, and know zip64.
 * Turned down: tar, which wants an entry's length before its bytes, so that every table would be
 * spooled to disk first; and tar-stream, which for that brings native code along.
 *
 * Not in a backup, and why: `out/` (reports can be made again from the database), `inbox/` (what
 * was taken is in the database, what was not is still its sender's and may be half there), `log/`
 * (of the machine, not of the data), the queue of pg-boss in its own schema (it holds what a night
 * is about to do; the ledger decides that anew), roles and passwords of PostgreSQL (the server's).
 */
import { createHash } from 'node:crypto';
import { Ajv } from 'ajv';

export const MANIFEST = 'manifest.json';
export const BACKUP_FORMAT = 1;
/** The manifest of a province is below one megabyte. */
export const MANIFEST_MAX_BYTES = 64 * 1024 * 1024;

/** Folders of the home that belong to a backup. */
export const KEPT_FOLDERS: readonly string[] = ['packages', 'seals'];

export interface KeptTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface KeptSequence {
  readonly name: string;
  readonly value: number;
  /** Whether `value` has been given out. */
  readonly called: boolean;
}

export interface KeptFile {
  /** Relative to the home folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly format: number;
  /** Version of the program that made it. */
  readonly program: string;
  readonly server: string;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  /** The version of the schema: every migration that the database had seen. */
  readonly migrations: readonly string[];
  /** In an order in which every table comes after those that it refers to. */
  readonly tables: readonly KeptTable[];
  readonly sequences: readonly KeptSequence[];
  readonly files: readonly KeptFile[];
  /** The last seal of each season. */
  readonly seals: readonly {
    readonly season: number;
    readonly seal: number;
    readonly businessDate: string;
    readonly hash: string;
  }[];
}

const TEXT = { type: 'string', minLength: 1 };
const NAME = { type: 'string', pattern: '^[a-z_][a-z0-9_]*$', maxLength: 63 };
const COUNT = { type: 'integer', minimum: 0 };
const SHA256 = { type: 'string', pattern: '^[0-9a-f]{64}$' };
/** No dots at the beginning of a part: nothing leads out of the folder, nothing is hidden. */
const PATH = {
  type: 'string',
  pattern: '^(packages|seals)(/[\\p{L}\\p{N}_-][\\p{L}\\p{N}._-]*)+$',
};

const all = (properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});
const list = (items: object) => ({ type: 'array', items });

/** Whether what was read is a manifest of this format. */
export const isManifest = new Ajv().compile<Manifest>(
  all({
    format: { const: BACKUP_FORMAT },
    program: TEXT,
    server: TEXT,
    createdAt: TEXT,
    migrations: { ...list(TEXT), minItems: 1 },
    tables: list(
      all({ name: NAME, columns: list(NAME), rows: COUNT, bytes: COUNT, sha256: SHA256 }),
    ),
    sequences: list(all({ name: NAME, value: { type: 'integer' }, called: { type: 'boolean' } })),
    files: list(all({ path: PATH, bytes: COUNT, sha256: SHA256 })),
    seals: list(all({ season: COUNT, seal: COUNT, businessDate: TEXT, hash: SHA256 })),
  }),
);

/** What stands for the whole backup. */
export function manifestHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function tableEntry(name: string): string {
  return `tables/${name}.copy`;
}

export function fileEntry(path: string): string {
  return `home/${path}`;
}
