/** Rounds 轮次 of a city's batch, its end, and what is still open of it. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

interface BatchPlace {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
}

export async function openRound(
  session: Reader,
  place: BatchPlace,
  opened: {
    readonly round: number;
    readonly newChoices: boolean;
    readonly by: string;
    readonly on: string;
  },
): Promise<void> {
  await session.query(
    `insert into rounds (season, city, batch, round, opened_on, opened_by, new_choices)
     values ($1::smallint, $2, $3, $4::smallint, $5::date, $6, $7)`,
    [place.season, place.city, place.batch, opened.round, opened.on, opened.by, opened.newChoices],
  );
}

export async function closeBatch(
  session: Reader,
  place: BatchPlace,
  closed: { readonly by: string; readonly on: string },
): Promise<void> {
  await session.query(
    `insert into batch_closings (season, city, batch, closed_on, closed_by)
     values ($1::smallint, $2, $3, $4::date, $5)`,
    [place.season, place.city, place.batch, closed.on, closed.by],
  );
}

/** The numbers of the lists that are neither closed nor cancelled, in their order. */
export async function openLists(session: Reader, place: BatchPlace): Promise<number[]> {
  const rows = await session.query<{ list: number }>(
    `select list from dispatch_lists
     where season = $1::smallint and city = $2 and batch = $3
       and state not in ('closed', 'cancelled')
     order by list`,
    [place.season, place.city, place.batch],
  );
  return rows.map(row => row.list);
}

/** Whether the city has choices of its own for a round. */
export async function hasChoices(
  session: Reader,
  place: BatchPlace,
  round: number,
): Promise<boolean> {
  const [row] = await session.query<{ there: boolean }>(
    `select exists (select from choices where season = $1::smallint and city = $2 and batch = $3
       and round = $4::smallint) as there`,
    [place.season, place.city, place.batch, round],
  );
  return row?.there === true;
}
