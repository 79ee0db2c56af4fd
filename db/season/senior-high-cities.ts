/** Which cities have marked their import of senior-high admissions as complete (n66 二（四）). */
import type { Session } from '../connect.ts';

/** City → the day on which it was marked, where that is known. */
export async function seniorHighCities(
  session: Pick<Session, 'query'>,
  season: number,
): Promise<ReadonlyMap<string, string | null>> {
  const rows = await session.query<{ city: string; completedOn: string | null }>(
    `select city, senior_high_completed_on::text as "completedOn" from city_standings
      where season = $1::smallint and senior_high_complete`,
    [season],
  );
  return new Map(rows.map(({ city, completedOn }) => [city, completedOn]));
}
