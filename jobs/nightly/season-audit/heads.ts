/**
 * Where the recounts of the cities have got to: what the last one of each has seen, and whether the
 * next may go on from there. It may where that one found nothing, the city's policy is the same,
 * and the last recount of everything is less than a week old; so that what was changed behind the
 * back of all events is found within a week, and everything else on the next night.
 */
import type { Session } from '../../../db/connect.ts';
import { policyVersionIds } from '../../../db/policy-versions.ts';
import type { ChainPlace } from '../../../db/trail/verify.ts';
import { daysAfter } from '../../../engine/policy/calendar.ts';
import type { PolicyVersion } from '../../../engine/policy/types.ts';
import { CityPolicies } from '../../act/city-policies.ts';
import type { LastRecount } from './moved.ts';

/** Days from a recount of everything to the next. */
export const FULL_EVERY_DAYS = 7;

export interface AuditHead {
  /** The city's chain as it is now: what this recount will have seen. */
  readonly now: ChainPlace;
  /** Where the last recount ended; null: everything is to be recounted. */
  readonly since: ChainPlace | null;
  /** Of the province, beside `since`: the last recount (moved.ts). */
  readonly lately: LastRecount | null;
  /** Date of the last recount of everything, this one among them: 20160901. */
  readonly full: number;
  /** The policy in effect: id in policy_versions. */
  readonly policy: number;
}

interface LastAudit {
  readonly city: string;
  readonly block: number;
  readonly event: number;
  readonly audited_block: number | null;
  readonly audited_event: number | null;
  readonly audited_on: string | null;
  readonly audited_run: number | null;
  readonly full: number | null;
  readonly policy: number | null;
  readonly findings: number | null;
}

/** Reads the heads of cities; '' is the province. */
export async function auditHeads(
  session: Session,
  { season, businessDate }: { readonly season: number; readonly businessDate: string },
  cities: readonly string[],
): Promise<ReadonlyMap<string, AuditHead>> {
  const rows = await session.query<LastAudit>(
    `select c.city, coalesce(b.block, 0) as block, coalesce(b.last_event, 0) as event,
       (a.counts ->> 'block')::integer as audited_block,
       (a.counts ->> 'event')::integer as audited_event, (a.counts ->> 'full')::integer as full,
       a.policy, (a.counts ->> 'findings')::integer as findings,
       a.business_date::text as audited_on,
       a.run as audited_run
     from unnest($2::text[]) c (city)
     left join lateral (select block, last_event from blocks
       where season = $1::smallint and city = c.city order by block desc limit 1) b on true
     left join lateral (select run, policy, business_date, result -> 'counts' as counts from runs
       where season = $1::smallint and job = 'season-audit' and state = 'completed'
         and coalesce(scope ->> 'city', '') = c.city order by run desc limit 1) a on true`,
    [season, cities],
  );
  const policies = new CityPolicies(session, season);
  const versions: PolicyVersion[] = [];
  for (const city of cities) versions.push(await policies.versionOf(city === '' ? null : city));
  const ids = await policyVersionIds(session, versions);
  const inEffect = new Map(cities.map((city, at) => [city, ids[at] as number]));
  const today = dateNumber(businessDate);
  const oldest = dateNumber(daysAfter(businessDate, 1 - FULL_EVERY_DAYS));
  return new Map(
    rows.map(row => {
      const policy = inEffect.get(row.city) as number;
      const since = row.policy === policy ? goOnFrom(row, { oldest, businessDate }) : null;
      const now = { block: row.block, event: row.event };
      const goesOn = since !== null && row.city === '';
      const { audited_on: on, audited_run: run } = row;
      const lately = goesOn ? { day: daysAfter(on as string, -1), run: run as number } : null;
      const full = since === null ? today : (row.full as number);
      return [row.city, { now, since, lately, full, policy }];
    }),
  );
}

function goOnFrom(
  last: LastAudit,
  { oldest, businessDate }: { readonly oldest: number; readonly businessDate: string },
): ChainPlace | null {
  const { audited_block: block, audited_event: event, full, findings } = last;
  if (block === null || event === null || full === null) return null;
  // A recount of a later date, started by hand, has nothing to say of what follows this one.
  if ((last.audited_on ?? '') > businessDate) return null;
  if (findings !== 0 || full < oldest || event === 0) return null;
  return { block, event };
}

function dateNumber(date: string): number {
  return Number(date.replaceAll('-', ''));
}
