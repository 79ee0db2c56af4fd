/**
 * What has moved in the province since its last recount. No chain goes through all cities, and
 * business dates do not rise along one: a sweep that is made up for bears the date of its night. So
 * in each chain everything counts from the first block on whose run is of the day before that
 * recount or later, or was begun after it; what a long transaction has committed late is looked at
 * twice and not never.
 */
import type { Session } from '../../../db/connect.ts';
import type { GivenValues } from '../audit/property.ts';

export interface MovedSince {
  /** The events since then, of all cities, as a relation. */
  readonly events: string;
  /** The day's first instant, as SQL. */
  readonly from: string;
}

/** A recount of the province that found nothing. */
export interface LastRecount {
  /** The day before it: YYYY-MM-DD. */
  readonly day: string;
  /** Its number in the ledger. */
  readonly run: number;
}

/**
 * Reads where each chain stood.
 *
 * @param given the values of the case, to which those of `moved` are added
 */
export async function movedSince(
  session: Session,
  season: number,
  { day, run }: LastRecount,
  given: GivenValues,
): Promise<{ readonly moved: MovedSince; readonly given: GivenValues }> {
  // Runs are numbered as they begin: those of the day and later have this number or a higher one.
  const stood = await session.query<{ city: string; event: number }>(
    `with late as (
       -- offset 0: the days' runs by their date; else all runs are read from the first one on.
       select least($3::integer + 1, (select min(run) from (select run from runs
         where season = $1::smallint and business_date >= $2::date offset 0) of_days)) as run),
     chains as (
       select '' as city
       union all select code from regions where season = $1::smallint and level = 'city')
     select c.city, coalesce(m.event, h.last_event) as event
     from chains c cross join late l
     cross join lateral (select min(b.first_event) - 1 as event from blocks b
       where b.season = $1::smallint and b.city = c.city and b.run >= l.run) m
     cross join lateral (select b.last_event from blocks b
       where b.season = $1::smallint and b.city = c.city order by b.block desc limit 1) h`,
    [season, day, run],
  );
  const cities = stood.map(({ city }) => city);
  const events = stood.map(({ event }) => event);
  const at = given.values.length;
  const [ofCities, ofEvents, from] = [`$${at + 1}`, `$${at + 2}`, `$${at + 3}`];
  return {
    moved: {
      // offset 0: chain by chain, and so by the key; else all events are read to find a few.
      events: `(select e.* from unnest(${ofCities}::text[], ${ofEvents}::integer[])
          stood_ (city, event)
        cross join lateral (select * from events o where o.season = ${Number(season)}::smallint
          and o.city = stood_.city and o.event > stood_.event offset 0) e)`,
      from: `${from}::timestamptz`,
    },
    given: {
      values: [...given.values, cities, events, `${day}T00:00:00+08:00`],
      typed: [
        given.typed,
        `${ofCities}::text[]`,
        `${ofEvents}::integer[]`,
        `${from}::timestamptz`,
      ].join(', '),
    },
  };
}
