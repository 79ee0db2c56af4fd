/** Numbers without gaps: the counter's row is locked until the commit. */
import type { Session } from '../connect.ts';

/**
 * Takes the next numbers of a counter.
 *
 * @param count how many
 * @returns the first of them; the others follow it
 */
export async function takeNumbers(
  session: Pick<Session, 'query'>,
  season: number,
  counter: string,
  count = 1,
): Promise<number> {
  const [row] = await session.query<{ last: number }>(
    `insert into number_counters as n (season, counter, last) values ($1::smallint, $2, $3)
     on conflict (season, counter) do update set last = n.last + excluded.last
     returning last`,
    [season, counter, count],
  );
  return (row as { last: number }).last - count + 1;
}
