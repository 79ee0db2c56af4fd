/** Numbers of policy versions, for who names many at once. */
import type { Session } from './connect.ts';
import { policyVersionId } from './policies.ts';

/** As policyVersionId, in the order of the pairs; one question where all were used before. */
export async function policyVersionIds(
  session: Pick<Session, 'query'>,
  pairs: readonly { readonly baseHash: string; readonly overlayHash: string }[],
): Promise<number[]> {
  const rows = await session.query<{ id: number; base: string; overlay: string }>(
    `select id, base_hash as base, overlay_hash as overlay
     from policy_versions join unnest($1::text[], $2::text[]) p (base_hash, overlay_hash)
       using (base_hash, overlay_hash)`,
    [pairs.map(pair => pair.baseHash), pairs.map(pair => pair.overlayHash)],
  );
  const known = new Map(rows.map(({ id, base, overlay }) => [`${base}|${overlay}`, id]));
  const ids: number[] = [];
  for (const { baseHash, overlayHash } of pairs) {
    const id = known.get(`${baseHash}|${overlayHash}`);
    ids.push(id ?? (await policyVersionId(session, baseHash, overlayHash)));
  }
  return ids;
}
