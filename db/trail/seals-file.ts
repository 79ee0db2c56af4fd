/**
 * `seals/SEASON.jsonl` of the home folder: one line of JSON per seal, appended and brought to the
 * disk, never rewritten. Copied to a place that the database's owner can't reach, it is what
 * `zhongzhao verify --seals` holds the trail against.
 */
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Seal } from './seal.ts';

const HASH = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const COUNT = { type: 'integer', minimum: 1 };
const isSeal = new Ajv().compile<Seal>({
  type: 'object',
  additionalProperties: false,
  required: ['season', 'seal', 'businessDate', 'sealedAt', 'previousHash', 'hash', 'heads'],
  properties: {
    season: COUNT,
    seal: COUNT,
    businessDate: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
    sealedAt: { type: 'string', pattern: '^[0-9T:.Z-]{24}$' },
    previousHash: HASH,
    hash: HASH,
    heads: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['city', 'block', 'lastEvent', 'hash'],
        properties: { city: { type: 'string' }, block: COUNT, lastEvent: COUNT, hash: HASH },
      },
    },
  },
});

/** Where the seals of a season lie, relative to the home folder. */
export function sealsPath(season: number): string {
  return join('seals', `${season}.jsonl`);
}

export interface SealLines {
  readonly seals: readonly Seal[];
  /** Lines, from 1, that are no seal: cut off, or altered beyond reading. */
  readonly unreadable: readonly number[];
}

/** Reads the lines of such a file. */
export function parseSeals(text: string): SealLines {
  const seals: Seal[] = [];
  const unreadable: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const seal = parsed(line);
    if (isSeal(seal)) seals.push(seal);
    else unreadable.push(index + 1);
  }
  return { seals, unreadable };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A seal as its line has it: the fields in a fixed order. */
export function sealLine(seal: Seal): string {
  const { season, seal: number, businessDate, sealedAt, previousHash, hash, heads } = seal;
  const fields = { season, seal: number, businessDate, sealedAt, previousHash, hash, heads };
  return `${JSON.stringify(fields)}\n`;
}

export interface Appended {
  /** Relative to the home folder. */
  readonly path: string;
  /** How many lines were new. */
  readonly added: number;
  /** Numbers of seals whose line says something else than the database; left as they are. */
  readonly differing: readonly number[];
}

/**
 * Appends the seals that the file does not have. A line that a kill has cut in two is ended first,
 * and its seal written again.
 */
export async function appendSeals(
  home: string,
  season: number,
  seals: readonly Seal[],
): Promise<Appended> {
  const path = sealsPath(season);
  await mkdir(join(home, 'seals'), { recursive: true });
  const file = await open(join(home, path), 'a+');
  try {
    const text = await readFile(file, 'utf8');
    const known = new Map(parseSeals(text).seals.map(seal => [seal.seal, seal]));
    const lines = seals.filter(seal => !known.has(seal.seal)).map(sealLine);
    const differing = seals
      .filter(
        seal => known.has(seal.seal) && sealLine(known.get(seal.seal) as Seal) !== sealLine(seal),
      )
      .map(seal => seal.seal);
    if (lines.length > 0) {
      const ending = text === '' || text.endsWith('\n') ? '' : '\n';
      await file.appendFile(ending + lines.join(''));
      await file.sync();
    }
    return { path, added: lines.length, differing };
  } finally {
    await file.close();
  }
}
