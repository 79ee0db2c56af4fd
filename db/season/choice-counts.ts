/**
 * The counts of choices (migration 0021): whoever writes choices, or moves a candidate to another
 * county, counts the cities concerned again in the same transaction.
 *
 * They are counted anew and not carried on: a package replaces whole lists of choices, and what is
 * recounted can't drift. A city takes a fraction of a second, the province at its first import a
 * few seconds beside the minute that the import itself takes.
 */
import type { Session } from '../connect.ts';

/** What is counted again. */
export interface ChoicePlaces {
  readonly cities: readonly string[];
  /** These counties of the cities alone; all unless told. */
  readonly counties?: readonly string[];
}

/** $1 season, $2 cities, $3 counties; null: all. */
const OF_PLACES = (alias: string, county: string) => `${alias}.season = $1::smallint
  and ${alias}.city = any ($2::text[]) and ($3::text[] is null or ${county} = any ($3))`;

const COUNTY = `coalesce(k.county, '')`;

/** How often each school was chosen: the content of choice_counts, as it should be. */
const CHOICES = `
select c.season, c.city, ${COUNTY}, c.batch, c.round, c.school, c.ordinal,
  count(*)::integer, count(*) filter (where c.adjustment)::integer
from choices c left join candidates k using (season, city, file)
where ${OF_PLACES('c', COUNTY)}
group by 1, 2, 3, 4, 5, 6, 7`;

/** How many people chose, in each batch and at all: the content of chooser_counts. */
const CHOOSERS = `
with choosers as (
  select c.season, c.city, c.batch, c.round, c.file, count(*) as choices from choices c
  where c.season = $1::smallint and c.city = any ($2::text[])
  group by c.season, c.city, c.batch, c.round, c.file)
select w.season, w.city, ${COUNTY}, w.batch, w.round, count(*)::integer, sum(w.choices)::integer
from (
  select * from choosers
  union all
  select season, city, '', round, file, sum(choices) from choosers
  group by season, city, round, file) w
left join candidates k using (season, city, file)
where ${OF_PLACES('w', COUNTY)}
group by 1, 2, 3, 4, 5`;

/**
 * Counts the choices of some cities again.
 *
 * @param session inside the transaction that changed them, as the runner
 */
export async function recountChoices(
  session: Pick<Session, 'query'>,
  season: number,
  { cities, counties }: ChoicePlaces,
): Promise<void> {
  if (cities.length === 0) return;
  const places = [season, cities, counties ?? null];
  for (const [table, counted] of [
    ['choice_counts', CHOICES],
    ['chooser_counts', CHOOSERS],
  ]) {
    await session.query(`delete from ${table} t where ${OF_PLACES('t', 't.county')}`, places);
    await session.query(`insert into ${table} ${counted}`, places);
  }
}
