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

/** A head that was seen earlier and kept elsewhere. */
export interface ExpectedHead {
  readonly block: number;
  readonly hash: string;
}

interface Block {
  readonly block: number;
  readonly first: number;
  readonly last: number;
  readonly previous: string;
  readonly hash: string;
  readonly run: number | null;
}

/**
 * Recomputes the chain from the table.
 *
 * @param expected a head kept elsewhere: the chain must still contain it
 */
export async function verifyChain(
  session: Session,
  season: number,
  city: string,
  expected?: ExpectedHead,
): Promise<ChainCheck> {
  const blocks = await session.query<Block>(
    `select block, first_event as first, last_event as last, previous_hash as previous, hash, run
       from blocks where season = $1 and city = $2 order by block`,
    [season, city],
  );
  const walk = new ChainWalk(season, city, blocks);
  await copyOutRaw(
    session,
    `select ${CANONICAL_COLUMNS} from events where season = ${Number(season)}
        and city = ${session.client.escapeLiteral(city)} order by event`,
    (buffer, from, to) => walk.row(buffer, from, to),
  );
  walk.finish();
  return {
    season,
    city,
    blocks: blocks.length,
    events: walk.events,
    hash: blocks.at(-1)?.hash ?? NO_PREVIOUS_HASH,
    fault: walk.fault ?? (expected === undefined ? null : against(blocks, expected)),
  };
}

function against(blocks: readonly Block[], expected: ExpectedHead): ChainFault | null {
  const block = blocks[expected.block - 1];
  if (expected.block > 0 && block === undefined) {
    const sentence = `轨迹被截断：应至少有 ${expected.block} 块，现有 ${blocks.length} 块。`;
    return { kind: 'truncated', block: blocks.length, event: null, sentence };
  }
  if (expected.block > 0 && block?.hash !== expected.hash) {
    const sentence = `第 ${expected.block} 块与另存的校验值不一致，轨迹可能被整体改写。`;
    return { kind: 'head-differs', block: expected.block, event: null, sentence };
  }
  return null;
}

const GATHER_BYTES = 64 * 1024;
const TAB = 9;
/** Before the event's number stand season and city. */
const FIELDS_BEFORE_NUMBER = 2;

/** Takes the events in order, and compares block by block. */
class ChainWalk {
  events = 0;
  fault: ChainFault | null = null;
  readonly #season: number;
  readonly #city: string;
  readonly #blocks: readonly Block[];
  #index = 0;
  #expectedEvent = 1;
  #previous = NO_PREVIOUS_HASH;
  #hash: Hash | undefined;
  /** Rows are gathered, since a call of the hash costs more than the bytes of one row. */
  readonly #gathered = new Uint8Array(GATHER_BYTES);
  #filled = 0;

  constructor(season: number, city: string, blocks: readonly Block[]) {
    this.#season = season;
    this.#city = city;
    this.#blocks = blocks;
  }

  row(buffer: Uint8Array, from: number, to: number): void {
    this.events += 1;
    if (this.fault !== null) return;
    const number = numberOf(buffer, from);
    const block = this.#blocks[this.#index];
    if (block === undefined) {
      this.#fail('event-without-block', this.#index, number, `事件 ${number} 不属于任何一块`);
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

  finish(): void {
    if (this.fault !== null) return;
    const block = this.#blocks[this.#index];
    if (block === undefined) return;
    if (this.#hash === undefined && !this.#begin(block)) return;
    const missing = `第 ${block.block} 块缺少事件 ${this.#expectedEvent}`;
    this.#fail('event-missing', block.block, this.#expectedEvent, missing);
  }

  #begin(block: Block): boolean {
    const number = this.#index + 1;
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
    const place = this.#city === '' ? '全省' : this.#city;
    this.fault = { kind, block, event, sentence: `${place}的轨迹：${sentence}。` };
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
