/**
 * Goes through a city's chain from its beginning, and names the first broken link (P16). Whoever
 * may write to the database could also rewrite the whole chain: that shows only against a head
 * kept elsewhere, in a run report, the log or the backup.
 */
import type { Session } from '../connect.ts';
import { copyOutRaw } from '../copy.ts';
import { CANONICAL_COLUMNS, NO_PREVIOUS_HASH } from './canonical.ts';
import {
  type Block,
  type ChainFault,
  type ChainPlace,
  ChainWalk,
  placeOf,
  type Start,
} from './chain-walk.ts';

export type { ChainFault, ChainPlace } from './chain-walk.ts';

export interface ChainCheck {
  readonly season: number;
  readonly city: string;
  readonly blocks: number;
  readonly events: number;
  /** The hash of the last block; of no block: zeros. */
  readonly hash: string;
  /** null: whole. */
  readonly fault: ChainFault | null;
}

/** A head that was seen earlier, by a seal or elsewhere. */
export interface ExpectedHead {
  readonly block: number;
  readonly hash: string;
  readonly lastEvent?: number;
  /** Chinese: where it comes from; 另存的校验值 unless told. */
  readonly source?: string;
}

/** So many blocks are in memory at once: a season has one per transaction, a million and more. */
const BLOCKS_AT_ONCE = 2000;

export interface VerifyOptions {
  /** Heads kept elsewhere, by block: the chain must still contain all of them. */
  readonly heads?: readonly ExpectedHead[];
  /** Told how many events have been gone through. */
  readonly onEvents?: (done: number) => void;
  /** Where an earlier check of the whole chain ended: what comes after it is gone through. */
  readonly since?: ChainPlace;
}

/**
 * Recomputes the chain from the tables, in pieces. Call it in a transaction of isolation level
 * repeatable read where others may write meanwhile.
 */
export async function verifyChain(
  session: Session,
  season: number,
  city: string,
  { heads = [], onEvents = () => {}, since }: VerifyOptions = {},
): Promise<ChainCheck> {
  const start = since === undefined ? null : await readStart(session, season, city, since);
  const walk = new ChainWalk(season, city, start);
  const kept = new KeptHeads(city, heads);
  let above = start?.event ?? Number.MIN_SAFE_INTEGER;
  let through: number | null = Number.MIN_SAFE_INTEGER;
  while (through !== null && walk.fault === null) {
    const blocks = await readBlocks(session, season, city, walk.lastBlock);
    kept.compare(blocks);
    walk.take(blocks);
    const after = above;
    through = blocks.length < BLOCKS_AT_ONCE ? null : (blocks.at(-1)?.last ?? null);
    above = through ?? above;
    await copyOutRaw(
      session,
      `select ${CANONICAL_COLUMNS} from events where season = ${Number(season)}
          and city = ${session.client.escapeLiteral(city)} and event > ${after}
          ${through === null ? '' : `and event <= ${Number(through)}`} order by event`,
      (buffer, from, to) => walk.row(buffer, from, to),
    );
    onEvents(walk.events);
    walk.settle(through === null);
  }
  const counted = await countRows(session, season, city, start);
  const fault = walk.fault ?? walk.surplus(counted);
  const against = kept.fault(counted.blocks);
  const first = fault === null || (against !== null && against.block < fault.block);
  return { season, city, ...counted, hash: kept.lastHash, fault: first ? against : fault };
}

/** Numbers as they stand, 0 and negative ones too: a row that was put in may have any. */
async function readBlocks(
  session: Session,
  season: number,
  city: string,
  after: number | null,
): Promise<Block[]> {
  return session.query<Block>(
    `select block, first_event as first, last_event as last, previous_hash as previous, hash, run
       from blocks where season = $1 and city = $2 and ($3::integer is null or block > $3)
      order by block limit ${BLOCKS_AT_ONCE}`,
    [season, city, after],
  );
}

/** null where the block is not there any more, or ends elsewhere: then all is gone through. */
async function readStart(
  session: Session,
  season: number,
  city: string,
  { block, event }: ChainPlace,
): Promise<Start | null> {
  const [row] = await session.query<{ hash: string }>(
    `select hash from blocks
      where season = $1 and city = $2 and block = $3 and last_event = $4`,
    [season, city, block, event],
  );
  return row === undefined ? null : { block, event, hash: row.hash };
}

/** What lies before the start is taken to be there. */
async function countRows(
  session: Session,
  season: number,
  city: string,
  start: Start | null,
): Promise<{ blocks: number; events: number }> {
  const [counted] = await session.query<{ blocks: number; events: number }>(
    `select $3::integer + (select count(*) from blocks where season = $1 and city = $2
              and ($5 or block > $3)) as blocks,
            $4::integer + (select count(*) from events where season = $1 and city = $2
              and ($5 or event > $4)) as events`,
    [season, city, start?.block ?? 0, start?.event ?? 0, start === null],
  );
  return counted ?? { blocks: 0, events: 0 };
}

/** Compares the blocks with the heads that were kept elsewhere. */
class KeptHeads {
  /** Of the highest block that was read. */
  lastHash = NO_PREVIOUS_HASH;
  readonly #place: string;
  readonly #heads: readonly ExpectedHead[];
  #next = 0;
  #agreed: { readonly block: number; readonly lastEvent: number | null } = {
    block: 0,
    lastEvent: 0,
  };
  #fault: ChainFault | null = null;

  constructor(city: string, heads: readonly ExpectedHead[]) {
    this.#place = placeOf(city);
    this.#heads = heads.filter(head => head.block > 0).sort((a, b) => a.block - b.block);
  }

  compare(blocks: readonly Block[]): void {
    for (const block of blocks) {
      this.lastHash = block.hash;
      for (; this.#heads[this.#next]?.block === block.block; this.#next += 1) {
        const head = this.#heads[this.#next] as ExpectedHead;
        if (block.hash === head.hash) {
          this.#agreed = { block: block.block, lastEvent: block.last };
        } else this.#fault ??= this.#differs(head);
      }
    }
  }

  #differs({ block, source = '另存的校验值' }: ExpectedHead): ChainFault {
    const from = this.#agreed.block + 1;
    const event = this.#agreed.lastEvent === null ? null : this.#agreed.lastEvent + 1;
    const range = from < block ? `第 ${from} 至 ${block} 块之间` : `第 ${block} 块`;
    const sentence =
      `${this.#place}的轨迹：第 ${block} 块与${source}不一致，` +
      `${range}（自事件 ${event} 起）的轨迹被整体改写。`;
    return { kind: 'head-differs', block, event, sentence };
  }

  /** The first difference, or that the chain does not reach a head. */
  fault(blocks: number): ChainFault | null {
    const head = this.#heads[this.#next];
    if (this.#fault !== null || head === undefined) return this.#fault;
    const { source = '另存的校验值' } = head;
    const sentence = `${this.#place}的轨迹被截断：按${source}应至少有 ${head.block} 块，现有 ${blocks} 块。`;
    return { kind: 'truncated', block: blocks, event: null, sentence };
  }
}
