/** Reads the world of a run out of the database, in one snapshot. */
import type { Database, Session } from '../../../db/connect.ts';
import { readCity, readReference } from '../../../db/dispatch/read-city.ts';
import { CityBuilder } from '../../../engine/dispatch/build.ts';
import type { World } from '../../../engine/dispatch/world.ts';
import type { Policy } from '../../../engine/policy/types.ts';

export interface WorldKey {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly date: string;
}

export interface WorldRead {
  readonly world: World;
  /** Rows that were read. */
  readonly rows: number;
  /** The number of the city's last event in the snapshot. */
  readonly lastEvent: number;
}

/** A read-only transaction that sees one moment, so that tables agree with each other. */
export async function inSnapshot<T>(
  database: Database,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return database.session(async session => {
    await session.query('begin isolation level repeatable read, read only');
    try {
      const result = await work(session);
      await session.query('commit');
      return result;
    } catch (error) {
      await session.query('rollback').catch(() => {});
      throw error;
    }
  });
}

/** @param beforeRun see ReadOptions.beforeRun */
export async function readWorld(
  session: Session,
  key: WorldKey,
  policy: Policy,
  options: { beforeRun?: number; onProgress?: (rows: number) => void } = {},
): Promise<WorldRead> {
  const attributes = policy.attributes.map(attribute => attribute.name);
  const cityKey = { ...key, attributes };
  const builder = new CityBuilder(await readReference(session, cityKey));
  const rows = await readCity(session, cityKey, builder, options);
  const [head] = await session.query<{ event: number }>(
    `select coalesce(max(last_event), 0)::integer as event from blocks
     where season = $1::smallint and city = $2`,
    [key.season, key.city],
  );
  return { world: builder.finish(), rows, lastEvent: head?.event ?? 0 };
}
