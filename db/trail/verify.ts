/**
 * Goes through a city's chain from its beginning, and names the first broken link (P16). Whoever
 * may write to the database could also rewrite the whole chain: that shows only against a head
 * kept elsewhere, in a run report, the log or the backup.
 */
import type { Hash } from 'node:crypto';
import type { Session } from '../connect.ts';
import { copyOutRaw } from '../copy.ts';
import { beginBlock, CANONICAL_COLUMNS, endBlock, NO_PREVIOUS_HASH } from './canonical.ts';

export type ChainFaultKind =
  | 'block-missing'
  | 'link-broken'
  | 'event-missing'
  | 'event-without-block'
  | 'content-changed'
  | 'truncated'
  | 'head-differs';

export interface ChainFault {
  readonly kind: ChainFaultKind;
  /** The block at fault. */
  readonly block: number;
  /** The event at fault, where one can be named. */
  readonly event: number | null;
  /** Chinese. */
  readonly sentence: string;
}

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

interface Block {
  readonly block: number;
  readonly first: number;
  readonly last: number;
  readonly previous: string;
  readonly hash: string;
  readonly run: number | null;
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

/** A block of a chain, and its last event. */
export interface ChainPlace {
  readonly block: number;
  readonly event: number;
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

interface Start extends ChainPlace {
  readonly hash: string;
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

function placeOf(city: string): string {
  return city === '' ? '全省' : city;
}

const GATHER_BYTES = 64 * 1024;
const TAB = 9;
/** Before the event's number stand season and city. */
const FIELDS_BEFORE_NUMBER = 2;

/** Takes the events in order, and compares block by block. */
class ChainWalk {
  events = 0;
  fault: ChainFault | null = null;
  /** The highest number of a block that was taken. */
  lastBlock: number | null = null;
  readonly #season: number;
  readonly #city: string;
  /** Those that are not done yet, from #index on. */
  #blocks: readonly Block[] = [];
  #index = 0;
  #done = 0;
  #expectedEvent = 1;
  #previous = NO_PREVIOUS_HASH;
  #hash: Hash | undefined;
  /** Rows are gathered, since a call of the hash costs more than the bytes of one row. */
  readonly #gathered = new Uint8Array(GATHER_BYTES);
  #filled = 0;

  constructor(season: number, city: string, start: Start | null) {
    this.#season = season;
    this.#city = city;
    if (start === null) return;
    this.events = start.event;
    this.lastBlock = start.block;
    this.#done = start.block;
    this.#expectedEvent = start.event + 1;
    this.#previous = start.hash;
  }

  /** The next blocks, whose events follow. */
  take(blocks: readonly Block[]): void {
    this.#blocks = blocks;
    this.#index = 0;
    this.lastBlock = blocks.at(-1)?.block ?? this.lastBlock;
  }

  row(buffer: Uint8Array, from: number, to: number): void {
    this.events += 1;
    if (this.fault !== null) return;
    const number = numberOf(buffer, from);
    const block = this.#blocks[this.#index];
    if (block === undefined) {
      this.#fail('event-without-block', this.#done, number, `事件 ${number} 不属于任何一块`);
      return;
    }
    if (this.#hash === undefined && !this.#begin(block)) return;
    if (number !== this.#expectedEvent) {
      const missing = `第 ${block.block} 块缺少事件 ${this.#expectedEvent}`;
      this.#fail('event-missing', block.block, this.#expectedEvent, missing);
      return;
    }
    this.#gather(buffer, from, to);
    this.#expectedEvent += 1;
    if (number === block.last) this.#end(block);
  }

  /** After the events of the blocks that were taken: none of them may be left over. */
  settle(last: boolean): void {
    if (this.fault !== null) return;
    const block = this.#blocks[this.#index];
    if (block === undefined) return;
    // Whoever rewrites numbers of events may let a piece end in the middle of a block.
    if (!last && this.#hash !== undefined) {
      this.#fail('content-changed', block.block, null, `第 ${block.block} 块的事件范围被改动`);
      return;
    }
    if (this.#hash === undefined && !this.#begin(block)) return;
    const missing = `第 ${block.block} 块缺少事件 ${this.#expectedEvent}`;
    this.#fail('event-missing', block.block, this.#expectedEvent, missing);
  }

  #begin(block: Block): boolean {
    const number = this.#done + 1;
    if (block.block !== number) {
      return this.#fail('block-missing', number, null, `缺少第 ${number} 块`);
    }
    if (block.previous !== this.#previous || block.first !== this.#expectedEvent) {
      return this.#fail('link-broken', number, null, `第 ${number} 块与前一块不相接`);
    }
    if (block.last < block.first) {
      return this.#fail('content-changed', number, null, `第 ${number} 块的事件范围被改动`);
    }
    this.#hash = beginBlock(this.#previous);
    return true;
  }

  #end(block: Block): void {
    const hash = this.#hash as Hash;
    hash.update(this.#gathered.subarray(0, this.#filled));
    this.#filled = 0;
    const header = { season: this.#season, city: this.#city, run: block.run, block: block.block };
    const digest = endBlock(hash, { ...header, firstEvent: block.first, lastEvent: block.last });
    if (digest !== block.hash) {
      const range = `事件 ${block.first} 至 ${block.last}`;
      const sentence = `第 ${block.block} 块（${range}）的内容与校验值不符，有事件被改动或调换`;
      this.#fail('content-changed', block.block, null, sentence);
      return;
    }
    this.#previous = digest;
    this.#hash = undefined;
    this.#index += 1;
    this.#done += 1;
  }

  /** Rows that no number leads to: twice the same number, once the key is gone. */
  surplus(counted: { readonly blocks: number; readonly events: number }): ChainFault | null {
    if (counted.blocks === this.#done && counted.events === this.events) return null;
    const what = `块或事件的编号重复（块 ${counted.blocks}，事件 ${counted.events}）`;
    this.#fail('event-without-block', this.#done, null, what);
    return this.fault;
  }

  #gather(buffer: Uint8Array, from: number, to: number): void {
    if (this.#filled + to - from > GATHER_BYTES) {
      this.#hash?.update(this.#gathered.subarray(0, this.#filled));
      this.#filled = 0;
      if (to - from > GATHER_BYTES) {
        this.#hash?.update(buffer.subarray(from, to));
        return;
      }
    }
    this.#gathered.set(buffer.subarray(from, to), this.#filled);
    this.#filled += to - from;
  }

  #fail(kind: ChainFaultKind, block: number, event: number | null, sentence: string): false {
    this.fault = { kind, block, event, sentence: `${placeOf(this.#city)}的轨迹：${sentence}。` };
    return false;
  }
}

function numberOf(buffer: Uint8Array, from: number): number {
  let at = from;
  for (let field = 0; field < FIELDS_BEFORE_NUMBER; field += 1) at = buffer.indexOf(TAB, at) + 1;
  let number = 0;
  for (; buffer[at] !== TAB; at += 1) number = number * 10 + buffer[at] - 48;
  return number;
}
