/**
 * The bytes of an event that the chain's hashes cover: its row in PostgreSQL's COPY text format,
 * every column cast to one written form, so that they can be had from the table by one COPY out
 * at any time, whatever the settings of the session. A block's hash is SHA-256 over
 *
 *     previous hash LF · the rows of its events by number, each with its LF · trailer LF
 *
 * where the trailer is season, city, block, first event, last event and run, with tabs between.
 */
import { createHash, type Hash } from 'node:crypto';

export const EVENT_COLUMNS = [
  'season',
  'city',
  'event',
  'file',
  'name',
  'from_state',
  'to_state',
  'school',
  'major',
  'batch',
  'actor',
  'at',
  'business_date',
  'phase',
  'policy',
  'decision',
  'run',
  'list',
  'note',
] as const;

/** Instants to the microsecond, since that is what the column holds: nothing escapes the hash. */
const CASTS: Readonly<Record<string, string>> = {
  at: `to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
  business_date: `to_char(business_date, 'YYYY-MM-DD')`,
  note: 'note::text',
};

/** One column of an event as its canonical row has it, in SQL. */
export function canonicalOf(column: string): string {
  return CASTS[column] ?? column;
}

/** The select list that gives an event's canonical row. */
export const CANONICAL_COLUMNS = EVENT_COLUMNS.map(canonicalOf).join(', ');

/** The `previous hash` of a city's first block. */
export const NO_PREVIOUS_HASH = '0'.repeat(64);

export interface BlockHeader {
  readonly season: number;
  readonly city: string;
  readonly block: number;
  readonly firstEvent: number;
  readonly lastEvent: number;
  readonly run: number | null;
}

/** An instant as the canonical row has it. */
export function canonicalInstant(at: Date): string {
  return at.toISOString().replace('Z', '000Z');
}

export function beginBlock(previousHash: string): Hash {
  return createHash('sha256').update(`${previousHash}\n`);
}

export function endBlock(hash: Hash, block: BlockHeader): string {
  const { season, city, firstEvent, lastEvent, run } = block;
  const trailer = [season, city, block.block, firstEvent, lastEvent, run ?? '\\N'];
  return hash.update(`${trailer.join('\t')}\n`).digest('hex');
}
