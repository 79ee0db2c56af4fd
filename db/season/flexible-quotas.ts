/** Flexible quota 机动计划 of a school in a city and batch. */
import type { Session } from '../connect.ts';

export async function writeFlexibleQuota(
  session: Pick<Session, 'query'>,
  place: {
    readonly season: number;
    readonly city: string;
    readonly school: string;
    readonly batch: string;
  },
  places: number,
): Promise<void> {
  await session.query(
    `insert into flexible_quotas (season, city, school, batch, places)
     values ($1::smallint, $2, $3, $4, $5)
     on conflict (season, city, school, batch) do update set places = excluded.places`,
    [place.season, place.city, place.school, place.batch, places],
  );
}
