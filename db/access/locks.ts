/**
 * 锁定系统: a region whose business is locked, with all below it, usually before a dispatch run.
 * Only the same or a higher level unlocks.
 */
import type { Session } from '../connect.ts';
import { accessError } from './errors.ts';
import { managesRegion } from './regions.ts';
import { LEVEL_RANK, type Level, type User } from './user.ts';

export interface RegionLock {
  readonly region: string;
  readonly level: Level;
  readonly by: string;
  readonly at: Date;
  readonly reason: string;
}

type Locker = Pick<User, 'user' | 'side' | 'level' | 'region'>;

/**
 * Locks; a region that is locked by the same or a higher level stays as it is.
 *
 * @returns whether it is locked by this call
 * @throws region-out-of-scope, reason-required
 */
export async function lockRegion(
  session: Session,
  lock: {
    readonly by: Locker;
    readonly season: number;
    readonly region: string;
    readonly reason: string;
    readonly at: Date;
  },
): Promise<boolean> {
  const { by, season, region, reason, at } = lock;
  await requireRegion(session, season, by, region);
  if (reason.trim() === '') throw accessError('reason-required');
  // A higher level takes the lock over, so that the lower one can no longer open it.
  const [former] = await readLocks(session, season, [region]);
  if (former !== undefined && LEVEL_RANK[former.level] <= LEVEL_RANK[by.level]) return false;
  await session.query(
    `insert into region_locks (season, region, level, locked_by, locked_at, reason)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (season, region) do update
       set level = excluded.level, locked_by = excluded.locked_by,
           locked_at = excluded.locked_at, reason = excluded.reason`,
    [season, region, by.level, by.user, at, reason.trim()],
  );
  return true;
}

/** @throws region-out-of-scope, not-locked, locked-by-higher-level */
export async function unlockRegion(
  session: Session,
  unlock: { readonly by: Locker; readonly season: number; readonly region: string },
): Promise<void> {
  const { by, season, region } = unlock;
  await requireRegion(session, season, by, region);
  const [lock] = await readLocks(session, season, [region]);
  if (lock === undefined) throw accessError('not-locked', { region });
  if (LEVEL_RANK[lock.level] < LEVEL_RANK[by.level]) {
    throw accessError('locked-by-higher-level', { region, by: lock.by });
  }
  await session.query('delete from region_locks where season = $1 and region = $2', [
    season,
    region,
  ]);
}

/** The lock that holds for a region: its own, else that of the nearest region above; null: none. */
export function lockedBy(
  session: Pick<Session, 'query'>,
  season: number,
  region: string,
): Promise<RegionLock | null> {
  return anyLockedBy(session, season, [region]);
}

/** The first lock that holds for one of the regions, in their order. */
export async function anyLockedBy(
  session: Pick<Session, 'query'>,
  season: number,
  regions: readonly string[],
): Promise<RegionLock | null> {
  const [lock] = await session.query<RegionLock>(
    `with recursive chain (place, code, depth) as (
       select place, code, 1 from unnest($2::text[]) with ordinality asked (code, place)
       union all
       select c.place, r.parent, c.depth + 1 from chain c
       join regions r on r.season = $1 and r.code = c.code
       where r.parent is not null and c.depth < 8)
     select region, level, locked_by as by, locked_at as at, reason from chain c
     join region_locks l on l.season = $1 and l.region = c.code
     order by c.place, c.depth limit 1`,
    [season, regions],
  );
  return lock ?? null;
}

/** The locks of these regions, in their order. */
function readLocks(
  session: Pick<Session, 'query'>,
  season: number,
  regions: readonly string[],
): Promise<RegionLock[]> {
  return session.query<RegionLock>(
    `select region, level, locked_by as by, locked_at as at, reason from region_locks
      where season = $1 and region = any ($2::text[])
      order by array_position($2::text[], region)`,
    [season, regions],
  );
}

async function requireRegion(
  session: Session,
  season: number,
  by: Locker,
  region: string,
): Promise<void> {
  if (await managesRegion(session, season, by, region)) return;
  throw accessError('region-out-of-scope', { region });
}
