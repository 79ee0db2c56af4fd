/** What an act on a school is about: where it lies, and the school itself, whose kind counts. */
import type { Place, Target } from '../../act/function-job.ts';
import { regionTarget } from '../../system/parts/places.ts';

/** The region of a school, in the city's chain; a school that nobody knows is refused as such. */
export async function schoolTarget(place: Place<{ readonly school: string }>): Promise<Target> {
  const { school } = place.input;
  const [row] = await place.session.query<{ region: string }>(
    'select region from schools where season = $1::smallint and code = $2',
    [place.season, school],
  );
  return { ...(await regionTarget(place, row?.region ?? place.user.region)), school };
}
