/**
 * Daily seals (封签): where every chain of a season stood on a business date, and one hash over all
 * of them that continues the seal before. Kept only in the database they would prove nothing –
 * whoever rewrites a chain rewrites its seals too –, so each one also goes into the run report, the
 * log, `seals/SEASON.jsonl` (seals-file.ts) and the backup. A seal's hash is SHA-256 over
 *
 *     previous hash LF · city TAB block TAB last event TAB hash LF, per chain, by city · trailer LF
 *
 * where the trailer is season, number, business date and instant, with tabs between.
 */
import { createHash } from 'node:crypto';
import type { Session } from '../connect.ts';
import { NO_PREVIOUS_HASH } from './canonical.ts';

/** The last block of a chain at the moment of sealing. */
export interface SealHead {
  /** '': the province's own chain. */
  readonly city: string;
  readonly block: number;
  readonly lastEvent: number;
  readonly hash: string;
}

export interface Seal {
  readonly season: number;
  /** Numbered per season from 1. */
  readonly seal: number;
  /** YYYY-MM-DD */
  readonly businessDate: string;
  /** ISO 8601 in UTC, with milliseconds. */
  readonly sealedAt: string;
  /** Of the seal before; of the first one: zeros. */
  readonly previousHash: string;
  readonly hash: string;
  /** By city; chains without a block are left out. */
  readonly heads: readonly SealHead[];
}

/** The hash that the contents of a seal have. */
export function sealHash(seal: Omit<Seal, 'hash'>): string {
  const hash = createHash('sha256').update(`${seal.previousHash}\n`);
  for (const { city, block, lastEvent, hash: head } of seal.heads) {
    hash.update(`${city}\t${block}\t${lastEvent}\t${head}\n`);
  }
  const trailer = [seal.season, seal.seal, seal.businessDate, seal.sealedAt];
  return hash.update(`${trailer.join('\t')}\n`).digest('hex');
}

/** Names of the chains of a table, by jumping from one to the next instead of reading it all. */
const chainNames = (table: string) => `
  with recursive named (city) as (
    (select min(city) from ${table} where season = $1)
    union all
    select (select min(e.city) from ${table} e where e.season = $1 and e.city > n.city)
      from named n where n.city is not null)
  select city from named where city is not null`;

/** Every chain that the trail of a season knows or should know, by code. */
export async function chainsOf(session: Session, season: number): Promise<string[]> {
  const rows = await session.query<{ city: string }>(
    `(${chainNames('blocks')}) union (${chainNames('events')})
     union select city from seal_heads where season = $1`,
    [season],
  );
  return rows.map(row => row.city).sort();
}

/**
 * Seals the trail for a business date. A date that is sealed stays as it is: what came later is
 * covered by the next seal. Call it inside a transaction, with sealing locked against others.
 */
export async function sealTrail(
  session: Session,
  season: number,
  about: { readonly businessDate: string; readonly at: Date; readonly run: number | null },
): Promise<Seal> {
  const former = await sealOf(session, season, about.businessDate);
  if (former !== undefined) return former;
  const [last] = await session.query<Pick<Seal, 'seal' | 'hash'>>(
    'select seal, hash from seals where season = $1 order by seal desc limit 1',
    [season],
  );
  const content = {
    season,
    seal: (last?.seal ?? 0) + 1,
    businessDate: about.businessDate,
    sealedAt: about.at.toISOString(),
    previousHash: last?.hash ?? NO_PREVIOUS_HASH,
    heads: await chainHeads(session, season),
  };
  const seal: Seal = { ...content, hash: sealHash(content) };
  await session.query(
    `insert into seals (season, seal, business_date, sealed_at, previous_hash, hash, run)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [season, seal.seal, seal.businessDate, about.at, seal.previousHash, seal.hash, about.run],
  );
  await session.query(
    `insert into seal_heads (season, seal, city, block, last_event, hash)
     select $1, $2, * from unnest($3::text[], $4::integer[], $5::integer[], $6::text[])`,
    [
      season,
      seal.seal,
      seal.heads.map(head => head.city),
      seal.heads.map(head => head.block),
      seal.heads.map(head => head.lastEvent),
      seal.heads.map(head => head.hash),
    ],
  );
  return seal;
}

/** The seal of a date, where it has one. */
async function sealOf(session: Session, season: number, date: string): Promise<Seal | undefined> {
  const sealed = 'select 1 from seals where season = $1 and business_date = $2::date';
  if ((await session.query(sealed, [season, date])).length === 0) return undefined;
  return (await readSeals(session, season)).find(({ businessDate }) => businessDate === date);
}

/** One statement, so that all chains are seen at one moment. */
async function chainHeads(session: Session, season: number): Promise<SealHead[]> {
  const heads = await session.query<SealHead>(
    `select h.city, h.block, h.last_event as "lastEvent", h.hash
       from (${chainNames('blocks')}) c
      cross join lateral (select * from blocks b where b.season = $1 and b.city = c.city
        order by block desc limit 1) h`,
    [season],
  );
  return heads.sort((one, other) => (one.city < other.city ? -1 : 1));
}

/** The seals of a season that the database holds, by number. */
export async function readSeals(session: Session, season: number): Promise<Seal[]> {
  const seals = await session.query<Omit<Seal, 'sealedAt' | 'heads'> & { at: Date }>(
    `select season, seal, business_date as "businessDate", sealed_at as at,
            previous_hash as "previousHash", hash
       from seals where season = $1 order by seal`,
    [season],
  );
  const heads = await session.query<SealHead & { seal: number }>(
    `select seal, city, block, last_event as "lastEvent", hash
       from seal_heads where season = $1 order by seal, city collate "C"`,
    [season],
  );
  const bySeal = Map.groupBy(heads, head => head.seal);
  return seals.map(({ at, ...seal }) => ({
    ...seal,
    sealedAt: at.toISOString(),
    heads: (bySeal.get(seal.seal) ?? []).map(({ seal: _, ...head }) => head),
  }));
}
