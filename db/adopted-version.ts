/** Adopted versions of a policy beside the one in force. */
import type { Session } from './connect.ts';
import { readPolicy, type StoredBase, type StoredPolicy } from './policies.ts';

/**
 * An adopted version of a season's base, with the latest overlays of the cities; null: there is
 * none of this number.
 */
export async function readPolicyAt(
  session: Pick<Session, 'query'>,
  season: number,
  version: number,
): Promise<StoredPolicy | null> {
  const inForce = await readPolicy(session, season);
  if (inForce === null || inForce.base.version === version) return inForce;
  const [base] = await session.query<StoredBase>(
    `select season, version, hash, documents, content from policy_bases
      where season = $1::smallint and version = $2::integer`,
    [season, version],
  );
  return base === undefined ? null : { ...inForce, base };
}
