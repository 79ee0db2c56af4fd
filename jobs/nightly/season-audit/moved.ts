/**
 * What has moved in the province since its last recount. No chain goes through all cities, so it is
 * told by business dates, from the day before that recount on: what a long transaction has
 * committed late is looked at twice and not never.
 */
import type { Session } from '../../../db/connect.ts';
import type { GivenValues } from '../audit/property.ts';

export interface MovedSince {
  /** The events since then, of all cities, as a relation. */
  readonly events: string;
  /** The day's first instant, as SQL. */
  readonly from: string;
}

/**
 * Reads where each city stood on the evening before a day.
 *
 * @param given the values of the case, to which those of `moved` are added
 */
export async function movedSince(
  session: Session,
  season: number,
  day: string,
  given: GivenValues,
): Promise<{ readonly moved: MovedSince; readonly given: GivenValues }> {
  const stood = await session.query<{ city: string; event: number }>(
    `select c.city, coalesce(b.last_event, 0) as event
     from (select code as city from regions where season = $1::smallint and level = 'city'
       union all select '') c
     left join lateral (select b.last_event from blocks b join runs r on r.run = b.run
       where b.season = $1::smallint and b.city = c.city and r.business_date < $2::date
       order by b.block desc limit 1) b on true`,
    [season, day],
  );
  const cities = stood.map(({ city }) => city);
  const events = stood.map(({ event }) => event);
  const at = given.values.length;
  const [ofCities, ofEvents, from] = [`$${at + 1}`, `$${at + 2}`, `$${at + 3}`];
  return {
    moved: {
      events: `(select e.* from unnest(${ofCities}::text[], ${ofEvents}::integer[])
          stood_ (city, event)
        join events e on e.season = ${Number(season)}::smallint and e.city = stood_.city
          and e.event > stood_.event)`,
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
