/**
 * The trail 轨迹: events numbered per city and season without gaps, in a chain of blocks – one per
 * transaction and city – each of which holds the hash of the one before (db/trail/canonical.ts).
 * Acts that belong to no city are the chain of PROVINCE.
 *
 * Order of appending. A transaction takes the city's chain by an advisory lock that lasts to its
 * end, and reads the head only then, in a statement of its own: two transactions never follow the
 * same block, and a number is never given twice. Take it last, after all other locks, since whoever
 * else appends to the city waits for it; several cities are taken in the order of their codes.
 * Turned down: `select … for update` on the head row, because who has waited for it still sees the
 * old row as the highest, and because the first block has no row to lock.
 */
import type { Hash } from 'node:crypto';
import type { Session } from './connect.ts';
import { asCopied, type CopyWriter, copyIn, copyOutRaw, openCopyIn } from './copy.ts';
import {
  beginBlock,
  CANONICAL_COLUMNS,
  canonicalInstant,
  EVENT_COLUMNS,
  endBlock,
} from './trail/canonical.ts';
import type { TrailEvent } from './trail/event.ts';
import { FEW_EVENTS, insertFew } from './trail/insert-few.ts';

export type { TrailEvent } from './trail/event.ts';
export { readSeals, type Seal, type SealHead } from './trail/seal.ts';
export {
  type ChainCheck,
  type ChainFault,
  type ExpectedHead,
  verifyChain,
} from './trail/verify.ts';

/** The `city` of acts that concern the whole province. */
export const PROVINCE = '';

const TARGET = `events (${EVENT_COLUMNS.join(', ')})`;

export interface ChainHead {
  readonly block: number;
  readonly lastEvent: number;
  readonly hash: string;
}

/**
 * Takes a city's chain until the end of the transaction (`lock_chains` in the database, an advisory
 * lock of the chain's name), and tells where it stands; block 0 and
 * event 0 where it is empty. The next event of the city is `lastEvent + 1`.
 */
export async function lockChain(
  session: Session,
  season: number,
  city: string,
): Promise<ChainHead> {
  return (await lockChains(session, season, [city])).get(city) as ChainHead;
}

/** The same of several cities, in the order of their codes, so that no two wait for each other. */
export async function lockChains(
  session: Session,
  season: number,
  cities: readonly string[],
): Promise<Map<string, ChainHead>> {
  const rows = await session.query<ChainHead & { readonly city: string }>(
    `select city, block, last_event as "lastEvent", hash from lock_chains($1::smallint, $2)`,
    [season, [...new Set(cities)].toSorted()],
  );
  return new Map(rows.map(({ city, ...head }) => [city, head]));
}

/**
 * Appends the events of a small transaction, one block per city. Call it once per transaction,
 * last.
 *
 * @returns the numbers that the events were given, in the order of `events`
 */
export async function appendEvents(
  session: Session,
  season: number,
  events: readonly TrailEvent[],
): Promise<number[]> {
  const cities = events.map(event => event.city);
  const heads = await lockChains(session, season, cities);
  return appendHeldEvents(session, season, events, heads);
}

/**
 * The same where the transaction holds the chains already.
 *
 * @param heads of every city among the events, as lockChain has told them, with nothing appended
 *   since
 */
export async function appendHeldEvents(
  session: Session,
  season: number,
  events: readonly TrailEvent[],
  heads: ReadonlyMap<string, ChainHead>,
): Promise<number[]> {
  const numbers = new Array<number>(events.length).fill(0);
  const byCity = Map.groupBy(events.keys(), index => (events[index] as TrailEvent).city);
  for (const city of [...byCity.keys()].sort()) {
    const indexes = byCity.get(city) ?? [];
    const head = heads.get(city) as ChainHead;
    const ofCity = indexes.map(index => events[index] as TrailEvent);
    indexes.forEach((index, place) => {
      numbers[index] = head.lastEvent + 1 + place;
    });
    const runs = new Set(indexes.map(index => events[index]?.run ?? null));
    const run = runs.size === 1 ? ([...runs][0] ?? null) : null;
    if (ofCity.length > FEW_EVENTS) {
      await insertEvents(session, season, head.lastEvent, ofCity);
      await closeBlock(session, season, city, head, run);
      continue;
    }
    const hash = beginBlock(head.hash);
    await insertFew(session, season, head.lastEvent, ofCity, row => hash.update(row));
    const lastEvent = head.lastEvent + ofCity.length;
    await insertBlock(session, season, city, head, lastEvent, run, hash);
  }
  return numbers;
}

/** Writes events of a city, whose chain the transaction holds, after a number; see closeBlock. */
export async function insertEvents(
  session: Session,
  season: number,
  after: number,
  events: readonly TrailEvent[],
): Promise<void> {
  await copyIn(session, TARGET, async writer => {
    for (const [index, event] of events.entries()) {
      writeEvent(writer, season, after + 1 + index, event);
      const wait = writer.endRow();
      if (wait !== undefined) await wait;
    }
  });
}

/**
 * Closes the block of events that stand in the table after a head: what appendEvents does for its
 * own, and what whoever has inserted events set-wise does last. Nothing was inserted: no block.
 *
 * @param head what lockChain has told in the same transaction
 */
export async function closeBlock(
  session: Session,
  season: number,
  city: string,
  head: ChainHead,
  run: number | null,
): Promise<ChainHead> {
  // Hashed from the table: PostgreSQL alone knows how it writes a note.
  const hash = beginBlock(head.hash);
  const events = await copyOutRaw(
    session,
    `select ${CANONICAL_COLUMNS} from events where season = ${Number(season)}
        and city = ${session.client.escapeLiteral(city)} and event > ${head.lastEvent}
      order by event`,
    (buffer, from, to) => hash.update(buffer.subarray(from, to)),
  );
  if (events === 0) return head;
  return insertBlock(session, season, city, head, head.lastEvent + events, run, hash);
}

function writeEvent(writer: CopyWriter, season: number, number: number, event: TrailEvent): void {
  const integer = (value: number | null | undefined) =>
    value == null ? writer.null() : writer.int(value);
  writer.int(season);
  writer.text(event.city);
  writer.int(number);
  integer(event.file);
  writer.text(event.name);
  writer.text(event.from ?? null);
  writer.text(event.to ?? null);
  writer.text(event.school ?? null);
  writer.text(event.major ?? null);
  writer.text(event.batch ?? null);
  writer.text(event.actor);
  writer.text(canonicalInstant(event.at));
  writer.text(event.businessDate);
  writer.text(event.phase ?? null);
  integer(event.policy);
  writer.text(event.decision ?? '');
  integer(event.run);
  integer(event.list);
  writer.text(event.note == null ? null : JSON.stringify(event.note));
}

async function insertBlock(
  session: Session,
  season: number,
  city: string,
  head: ChainHead,
  lastEvent: number,
  run: number | null,
  hash: Hash,
): Promise<ChainHead> {
  const block = head.block + 1;
  const firstEvent = head.lastEvent + 1;
  const digest = endBlock(hash, { season, city, block, firstEvent, lastEvent, run });
  await session.query(
    `insert into blocks
       (season, city, block, first_event, last_event, previous_hash, hash, run)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [season, city, block, firstEvent, lastEvent, head.hash, digest, run],
  );
  return { block, lastEvent, hash: digest };
}

/** What all events of a bulk have in common. */
export type BulkEvents = Readonly<
  Required<Pick<TrailEvent, 'city' | 'name' | 'actor' | 'at' | 'businessDate'>> &
    Pick<TrailEvent, 'from' | 'to' | 'batch' | 'phase' | 'policy' | 'run'>
>;

/**
 * Writes the events of a run, a million or more, hashing the bytes that it sends. Nothing else may
 * use the connection between openBulk and end; abort it when something fails.
 */
export class BulkEventWriter {
  /** The number that the next event gets. */
  next: number;
  readonly #session: Session;
  readonly #season: number;
  readonly #common: BulkEvents;
  readonly #head: ChainHead;
  readonly #hash: Hash;
  readonly #writer: CopyWriter;
  readonly #before: Uint8Array;
  readonly #states: Uint8Array;
  readonly #middle: Uint8Array;
  readonly #run: Uint8Array;

  constructor(
    session: Session,
    season: number,
    common: BulkEvents,
    head: ChainHead,
    hash: Hash,
    writer: CopyWriter,
  ) {
    this.next = head.lastEvent + 1;
    this.#session = session;
    this.#season = season;
    this.#common = common;
    this.#head = head;
    this.#hash = hash;
    this.#writer = writer;
    const { city, name, from, to, batch, actor, at, businessDate, phase, policy, run } = common;
    this.#before = asCopied([season, city]);
    this.#states = asCopied([name, from ?? null, to ?? null]);
    const middle = [batch ?? null, actor, canonicalInstant(at), businessDate];
    this.#middle = asCopied([...middle, phase ?? null, policy ?? null]);
    this.#run = asCopied([run ?? null]);
  }

  /**
   * One event, with the next number.
   *
   * @param decision ids of the rules, as asCopied has made them: they are the same for many
   * @returns a promise to await before the next one, or undefined (see CopyWriter.endRow)
   */
  add(
    file: number,
    school: string | null,
    major: string | null,
    list: number | null,
    decision: Uint8Array,
  ): Promise<void> | undefined {
    const writer = this.#writer;
    writer.fields(this.#before);
    writer.int(this.next);
    writer.int(file);
    writer.fields(this.#states);
    writer.text(school);
    writer.text(major);
    writer.fields(this.#middle);
    writer.fields(decision);
    writer.fields(this.#run);
    if (list === null) writer.null();
    else writer.int(list);
    writer.null();
    this.next += 1;
    return writer.endRow();
  }

  /** Ends the COPY and writes the block; none where there was no event. */
  async end(): Promise<ChainHead> {
    await this.#writer.end();
    const lastEvent = this.next - 1;
    if (lastEvent === this.#head.lastEvent) return this.#head;
    const { city, run } = this.#common;
    const head = this.#head;
    return insertBlock(this.#session, this.#season, city, head, lastEvent, run ?? null, this.#hash);
  }

  abort(): Promise<void> {
    return this.#writer.abort('aborted');
  }
}

/**
 * Takes the city's chain and begins to write events in bulk. `files.event` of the file of the n-th
 * event is the writer's first `next` + n, so that files may be copied in before or after.
 */
export async function openBulk(
  session: Session,
  season: number,
  common: BulkEvents,
): Promise<BulkEventWriter> {
  const head = await lockChain(session, season, common.city);
  const hash = beginBlock(head.hash);
  const writer = await openCopyIn(session, TARGET, bytes => hash.update(bytes));
  return new BulkEventWriter(session, season, common, head, hash, writer);
}
