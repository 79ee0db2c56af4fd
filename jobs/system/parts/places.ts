/**
 * Where users and regions belong: the city in whose chain an act on them stands, and the county
 * where a county's user may act. What belongs to the province has no city.
 */
import { accessError } from '../../../db/access/errors.ts';
import { regionChain } from '../../../db/access/regions.ts';
import type { Place, Target } from '../../act/function-job.ts';
import { systemError } from '../errors.ts';

type Where = Pick<Place<unknown>, 'session' | 'season'>;

/** @throws unknown-region */
export async function regionTarget({ session, season }: Where, region: string): Promise<Target> {
  const chain = await regionChain(session, season, region);
  if (chain.length === 0) throw systemError('unknown-region', { region });
  const of = (level: string) => chain.find(each => each.level === level)?.code;
  const [city, county] = [of('city'), of('county')];
  return {
    cities: city === undefined ? [] : [city],
    ...(county === undefined ? {} : { county }),
  };
}

/** What an act on a user is about: the user's region, and school. @throws unknown-user */
export async function userTarget(where: Where, user: string): Promise<Target> {
  const [row] = await where.session.query<{ region: string; school: string | null }>(
    'select region, school from users where user_name = $1',
    [user],
  );
  if (row === undefined) throw accessError('unknown-user', { user });
  const target = await regionTarget(where, row.region);
  return { ...target, ...(row.school === null ? {} : { school: row.school }) };
}

/** An act on nothing but the caller's own account; it stands in the home city's chain. */
export async function ownTarget(place: Place<unknown>): Promise<Target> {
  const chain = await regionChain(place.session, place.season, place.user.region);
  const city = chain.find(each => each.level === 'city')?.code;
  return { cities: city === undefined ? [] : [city], own: true };
}
