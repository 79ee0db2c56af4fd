/** The head of every report: what it is about, from which data, under which policy. */
import type { Session } from '../db/connect.ts';
import type { PolicyMark, ReportHead } from './report.ts';

export interface HeadScope {
  readonly scope: string;
  readonly businessDate: string | null;
  /** Runs that the report speaks of; their policies are named. */
  readonly runs: readonly number[];
}

/** How many policies are named one by one; a province's night has up to one per city. */
const POLICIES_SHOWN_MAX = 3;

/** Reads what every head shows. */
export async function readHead(
  session: Session,
  season: number,
  about: HeadScope,
): Promise<ReportHead> {
  const [marks] = await session.query<{ dataUntil: string | null; sample: boolean }>(
    `select to_char(greatest(
              (select max(ended_at) from runs where season = $1),
              (select max(imported_at) from imports where season = $1)
            ) at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') as "dataUntil",
            not exists (select from imports where not synthetic) as sample`,
    [season],
  );
  const policies = await session.query<PolicyMark & Record<string, unknown>>(
    `select distinct b.version as "baseVersion", v.base_hash as "baseHash",
            v.overlay_hash as "overlayHash"
     from runs r join policy_versions v on v.id = r.policy
                 join policy_bases b on b.hash = v.base_hash
     where r.run = any($1) order by 1, 2, 3`,
    [about.runs],
  );
  return {
    ...about,
    dataUntil: marks?.dataUntil ?? null,
    policies: policies.length <= POLICIES_SHOWN_MAX ? policies : basesOf(policies),
    sample: marks?.sample ?? true,
  };
}

/** Many cities, many overlays: the bases are named, and the tables have the rest. */
function basesOf(policies: readonly PolicyMark[]): PolicyMark[] {
  const bases = new Map(policies.map(policy => [policy.baseHash, policy]));
  return [...bases.values()].map(policy => ({ ...policy, overlayHash: '各市不同，见分市表' }));
}

/** `YYYY-MM-DD HH:MM:SS` in Asia/Shanghai, which has been eight hours ahead since 1991. */
export function shanghaiTime(instant: Date): string {
  const shifted = new Date(instant.getTime() + 8 * 3_600_000);
  return shifted.toISOString().slice(0, 19).replace('T', ' ');
}
