/**
 * Many chains at once, each from where an earlier check of it has ended: a night looks at some
 * twenty cities in which a few acts were done, and asks three questions for all of them.
 */
import type { Session } from '../connect.ts';
import { copyOutRaw } from '../copy.ts';
import { CANONICAL_COLUMNS } from './canonical.ts';
import { type Block, type ChainPlace, ChainWalk } from './chain-walk.ts';

export interface SinceWhen {
  readonly city: string;
  readonly since: ChainPlace;
}

/**
 * The cities whose chains do not verify from there on; also those where the block that it is to go
 * on from is not there any more. What is wrong, verifyChain tells.
 *
 * What was added lately is in memory at once. Call it in a transaction of isolation level
 * repeatable read where others may write meanwhile.
 *
 * @param places of different cities
 */
export async function brokenSince(
  session: Session,
  season: number,
  places: readonly SinceWhen[],
): Promise<Set<string>> {
  const broken = new Set<string>();
  const walks = new Map<string, ChainWalk>();
  for (const { city, block, event, hash } of await readStarts(session, season, places)) {
    if (hash === null) broken.add(city);
    else walks.set(city, new ChainWalk(season, city, { block, event, hash }));
  }
  const going = places.filter(({ city }) => walks.has(city));
  if (going.length === 0) return broken;
  const blocks = Map.groupBy(await readBlocks(session, season, going), ({ city }) => city);
  for (const [city, walk] of walks) walk.take(blocks.get(city) ?? []);
  await copyOutRaw(session, eventsSince(session, season, going), (buffer, from, to) => {
    walks.get(cityOf(buffer, from))?.row(buffer, from, to);
  });
  for (const [city, walk] of walks) {
    walk.settle(true);
    if (walk.fault !== null) broken.add(city);
  }
  return broken;
}

/** hash null: the block is not there, or ends elsewhere. */
function readStarts(
  session: Session,
  season: number,
  places: readonly SinceWhen[],
): Promise<(ChainPlace & { readonly city: string; readonly hash: string | null })[]> {
  return session.query(
    `select p.city, p.block, p.event, b.hash
     from unnest($2::text[], $3::integer[], $4::integer[]) p (city, block, event)
     left join blocks b on b.season = $1::smallint and b.city = p.city and b.block = p.block
       and b.last_event = p.event`,
    [season, ...columnsOf(places)],
  );
}

function readBlocks(
  session: Session,
  season: number,
  places: readonly SinceWhen[],
): Promise<(Block & { readonly city: string })[]> {
  return session.query(
    `select b.city, b.block, b.first_event as first, b.last_event as last,
       b.previous_hash as previous, b.hash, b.run
     from unnest($2::text[], $3::integer[]) p (city, block)
     join blocks b on b.season = $1::smallint and b.city = p.city and b.block > p.block
     order by b.city, b.block`,
    [season, ...columnsOf(places).slice(0, 2)],
  );
}

function columnsOf(places: readonly SinceWhen[]) {
  return [
    places.map(({ city }) => city),
    places.map(({ since }) => since.block),
    places.map(({ since }) => since.event),
  ];
}

function eventsSince(session: Session, season: number, places: readonly SinceWhen[]): string {
  const own = places.map(({ city, since }) => {
    return `city = ${session.client.escapeLiteral(city)} and event > ${Number(since.event)}`;
  });
  return `select ${CANONICAL_COLUMNS} from events
    where season = ${Number(season)} and (${own.join(' or ')}) order by city, event`;
}

const TAB = 9;

/** The second field of a canonical row; a city's code, which COPY writes as it is. */
function cityOf(buffer: Uint8Array, from: number): string {
  const begin = buffer.indexOf(TAB, from) + 1;
  return String.fromCharCode(...buffer.subarray(begin, buffer.indexOf(TAB, begin)));
}
