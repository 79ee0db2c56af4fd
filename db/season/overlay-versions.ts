/** The latest version of a city's settings, and whether two officers have signed it. */
import type { Session } from '../connect.ts';

export interface OverlayVersion {
  readonly version: number;
  readonly hash: string;
  /** The YAML. */
  readonly document: string;
  /** Who wrote it. */
  readonly adoptedBy: string;
  readonly signed: boolean;
}

/** null: the city has set nothing yet. */
export async function latestOverlay(
  session: Pick<Session, 'query'>,
  season: number,
  city: string,
): Promise<OverlayVersion | null> {
  const [row] = await session.query<OverlayVersion>(
    `select o.version, o.hash, o.document, o.adopted_by as "adoptedBy",
       g.version is not null as signed
     from policy_overlays o left join overlay_signatures g using (season, city, version)
     where o.season = $1::smallint and o.city = $2 order by o.version desc limit 1`,
    [season, city],
  );
  return row ?? null;
}
