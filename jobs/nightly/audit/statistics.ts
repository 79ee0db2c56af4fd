/**
 * What PostgreSQL knows of the tables that a dispatch has just filled. Right after a COPY it still
 * plans for empty ones, and joins that should be hashes become loops: the audit of a large night
 * then takes hours instead of seconds.
 */
import type { Database } from '../../../db/connect.ts';

const FILLED_BY_DISPATCH = ['dispatch_lists', 'list_items', 'decisions', 'events', 'files'];
/** Below this share of what the ledger says was decided, the statistics are of another night. */
const KNOWN_SHARE = 0.8;

/**
 * Gathers statistics anew where they lag behind the ledger. Not inside the audit's transaction:
 * the lock of `analyze` lasts to its end, and the other workers' audits would wait for it.
 */
export async function refreshStatistics(database: Database, season: number): Promise<void> {
  const [row] = await database.query<{ decided: number; known: number }>(
    `select
       (select coalesce(sum((result -> 'counts' ->> 'participants')::bigint), 0)::float8
        from runs where season = $1::smallint and job = 'dispatch'
          and state = 'completed') as decided,
       (select greatest(reltuples, 0)::float8 from pg_class
        where oid = 'decisions'::regclass) as known`,
    [season],
  );
  if (row === undefined || row.known >= row.decided * KNOWN_SHARE) return;
  await database.query(`analyze (skip_locked) ${FILLED_BY_DISPATCH.join(', ')}`);
}
