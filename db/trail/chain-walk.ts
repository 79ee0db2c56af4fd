/**
 * Goes through a city's events in their order, block by block, and tells the first place where they
 * are not what the blocks say (P16).
 */
import type { Hash } from 'node:crypto';
import { beginBlock, endBlock, NO_PREVIOUS_HASH } from './canonical.ts';

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

/** A block as it stands in the table. */
export interface Block {
  readonly block: number;
  readonly first: number;
  readonly last: number;
  readonly previous: string;
  readonly hash: string;
  readonly run: number | null;
}

/** A block of a chain, and its last event. */
export interface ChainPlace {
  readonly block: number;
  readonly event: number;
}

/** Where a walk begins: the block before it was found to be right. */
export interface Start extends ChainPlace {
  readonly hash: string;
}

export function placeOf(city: string): string {
  return city === '' ? '全省' : city;
}

const GATHER_BYTES = 64 * 1024;
const TAB = 9;
/** Before the event's number stand season and city. */
const FIELDS_BEFORE_NUMBER = 2;

/** Takes the events in order, and compares block by block. */
export class ChainWalk {
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
