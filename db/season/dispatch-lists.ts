/** Dispatch lists 投档单 as acts see them: their state, and who made them. */
import type { ListState } from '../../engine/file/lists.ts';
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export interface DispatchList {
  readonly city: string;
  readonly list: number;
  readonly run: number;
  /** What the run was: `dispatch`, or an act that sent one file. */
  readonly job: string;
  /** Who started the run; `schedule`: the night. */
  readonly dispatchedBy: string;
  readonly batch: string;
  readonly school: string;
  readonly state: ListState;
  /** As it was made: how many files, and Σ planned of the school. */
  readonly sent: number;
  readonly planned: number;
}

const SELECT = `
  select l.city, l.list, l.run, r.job, r.actor as "dispatchedBy", l.batch, l.school, l.state,
    l.sent, l.planned
  from dispatch_lists l join runs r on r.run = l.run`;

/** One list; null: there is none of that number. */
export async function readList(
  session: Reader,
  season: number,
  city: string,
  list: number,
): Promise<DispatchList | null> {
  const [row] = await session.query<DispatchList>(
    `${SELECT} where l.season = $1::smallint and l.city = $2 and l.list = $3`,
    [season, city, list],
  );
  return row ?? null;
}

/** Several lists of a city, by number; those that there are not are left out. */
export async function readLists(
  session: Reader,
  season: number,
  city: string,
  lists: readonly number[],
): Promise<DispatchList[]> {
  return session.query<DispatchList>(
    `${SELECT} where l.season = $1::smallint and l.city = $2 and l.list = any($3::integer[])
     order by l.list`,
    [season, city, lists],
  );
}

/** The lists of a run, by number. */
export async function listsOfRun(
  session: Reader,
  season: number,
  run: number,
): Promise<DispatchList[]> {
  return session.query<DispatchList>(
    `${SELECT} where l.season = $1::smallint and l.run = $2 order by l.list`,
    [season, run],
  );
}

/**
 * Sets lists of one city that stand in `from` to `to`.
 *
 * @returns how many were set: fewer where somebody else has moved one, or it is out of scope
 */
export async function setListStates(
  session: Reader,
  season: number,
  lists: readonly Pick<DispatchList, 'city' | 'list' | 'state'>[],
  to: ListState,
): Promise<number> {
  const rows = await session.query(
    `update dispatch_lists l set state = $5
     from unnest($2::text[], $3::integer[], $4::text[]) as w (city, list, state)
     where l.season = $1::smallint and l.city = w.city and l.list = w.list and l.state = w.state
     returning l.list`,
    [
      season,
      lists.map(each => each.city),
      lists.map(each => each.list),
      lists.map(each => each.state),
      to,
    ],
  );
  return rows.length;
}

/** A list of one file, sent by hand. */
export interface HandList {
  readonly city: string;
  readonly run: number;
  readonly batch: string;
  readonly round: number;
  readonly school: string;
  readonly file: number;
  /** 0: not one of his choices, but an approved paper. */
  readonly ordinal: number;
  /** Hundredths; null: no total. */
  readonly score: number | null;
  readonly major: string | null;
  readonly planned: number;
  readonly flexible: number;
  readonly roomBefore: number;
}

/** Writes a draft list of one file. Under the city's chain. @returns its number */
export async function insertHandList(
  session: Reader,
  season: number,
  list: HandList,
): Promise<number> {
  const { city, run, batch, round, school, file, ordinal, score, major } = list;
  const { planned, flexible, roomBefore } = list;
  const [made] = await session.query<{ list: number }>(
    `insert into dispatch_lists (season, city, list, run, batch, round, school, state, planned,
       flexible, room_before, room_after, sent, lowest_score, last_ordinal, overrun)
     select $1::smallint, $2, coalesce(max(list), 0) + 1, $3, $4, $5::smallint, $6, 'draft', $7,
       $8, $9::integer, $9::integer - 1, 1, $10, $11::smallint, 0
     from dispatch_lists where season = $1::smallint and city = $2
     returning list`,
    [season, city, run, batch, round, school, planned, flexible, roomBefore, score, ordinal],
  );
  const { list: number } = made as { list: number };
  await session.query(
    `insert into list_items (season, city, list, seq, file, ordinal, score, major)
     values ($1::smallint, $2, $3, 1, $4, $5::smallint, $6, $7)`,
    [season, city, number, file, ordinal, score, major],
  );
  return number;
}
