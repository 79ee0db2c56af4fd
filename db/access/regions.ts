/** The chain of regions that a scope or a lock follows upwards: county, city, province. */
import type { Session } from '../connect.ts';
import type { User } from './user.ts';

/** The region itself first, the province last; empty where the season does not know it. */
export async function regionChain(
  session: Pick<Session, 'query'>,
  season: number,
  region: string,
): Promise<readonly { readonly code: string; readonly level: string }[]> {
  // Levels are three; a circle of parents in wrong data must not run for ever.
  return session.query<{ code: string; level: string }>(
    `with recursive chain (code, level, parent, depth) as (
       select code, level, parent, 1 from regions where season = $1 and code = $2
       union all
       select r.code, r.level, r.parent, depth + 1
         from chain c join regions r on r.season = $1 and r.code = c.parent
        where depth < 4)
     select code, level from chain order by depth`,
    [season, region],
  );
}

/** Whether the region is the user's or lies below it; a school manages no region. */
export async function managesRegion(
  session: Pick<Session, 'query'>,
  season: number,
  by: Pick<User, 'side' | 'level' | 'region'>,
  region: string,
): Promise<boolean> {
  if (by.side !== 'office') return false;
  if (by.level === 'province') return true;
  const chain = await regionChain(session, season, region);
  return chain.some(each => each.code === by.region);
}
