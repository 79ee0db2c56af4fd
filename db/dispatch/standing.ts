/**
 * How a city stands before a dispatch: the facts that the start rules read (spec/policy.md "Facts",
 * stage start), and which rounds of its batches are open and not yet run.
 */
import type { Batch } from '../../engine/policy/types.ts';
import type { Session } from '../connect.ts';

export interface CityStanding {
  readonly city: string;
  readonly seniorHighComplete: boolean;
  /** The latest version of its settings is signed by two (adopt-city-settings). */
  readonly policyAdopted: boolean;
  /** Principles 录取原则 as last filed, and what the province said of them. */
  readonly principles: PrinciplesState;
  /** Batches that the city has closed (close-batch). */
  readonly closedBatches: ReadonlySet<string>;
  /** Rounds opened by the city: batch → highest round; round 1 is not listed. */
  readonly openedRounds: ReadonlyMap<string, number>;
  /** On which date each of these rounds was opened: `batch|round`. */
  readonly openedOn: ReadonlyMap<string, string>;
  /** Rounds that a completed run of all schools has dispatched: `batch|round`. */
  readonly dispatchedRounds: ReadonlySet<string>;
  /** Rounds opened for new choices of which none has come yet: `batch|round`. */
  readonly awaitingChoices: ReadonlySet<string>;
}

export type PrinciplesState = 'none' | 'filed' | 'acknowledged' | 'objected';

/** Every city of the season, in the order of its code. */
export async function cityStandings(session: Session, season: number): Promise<CityStanding[]> {
  const cities = await session.query<{
    city: string;
    complete: boolean;
    adopted: boolean;
    principles: PrinciplesState;
    closed: string[];
    rounds: Record<string, number>;
    opened: Record<string, string>;
    dispatched: string[];
    awaiting: string[];
  }>(CITY_STANDINGS, [season]);
  return cities.map(row => ({
    city: row.city,
    seniorHighComplete: row.complete,
    policyAdopted: row.adopted,
    principles: row.principles,
    closedBatches: new Set(row.closed),
    openedRounds: new Map(Object.entries(row.rounds)),
    openedOn: new Map(Object.entries(row.opened)),
    dispatchedRounds: new Set(row.dispatched),
    awaitingChoices: new Set(row.awaiting),
  }));
}

const CITY_STANDINGS = `
select c.code as city,
  coalesce(s.senior_high_complete, false) as complete,
  coalesce((select g.version is not null from policy_overlays o
    left join overlay_signatures g using (season, city, version)
    where o.season = c.season and o.city = c.code
    order by o.version desc limit 1), false) as adopted,
  coalesce((select p.state from city_principles p
    where p.season = c.season and p.city = c.code
    order by p.filing desc limit 1), 'none') as principles,
  coalesce((select array_agg(b.batch) from batch_closings b
    where b.season = c.season and b.city = c.code), '{}') as closed,
  coalesce((select jsonb_object_agg(r.batch, r.round) from (
    select batch, max(round) as round from rounds
    where season = c.season and city = c.code group by batch) r), '{}') as rounds,
  coalesce((select jsonb_object_agg(r.batch || '|' || r.round, r.opened_on) from rounds r
    where r.season = c.season and r.city = c.code), '{}') as opened,
  coalesce((select array_agg((u.scope ->> 'batch') || '|' || (u.scope ->> 'round')) from runs u
    where u.season = c.season and u.job = 'dispatch' and u.state = 'completed'
      and u.scope ->> 'school' is null and u.scope ->> 'city' = c.code), '{}') as dispatched,
  coalesce((select array_agg(r.batch || '|' || r.round) from rounds r
    where r.season = c.season and r.city = c.code and r.new_choices and not exists (
      select from choices h where h.season = r.season and h.city = r.city
        and h.batch = r.batch and h.round = r.round)), '{}') as awaiting
from regions c
left join city_standings s on s.season = c.season and s.city = c.code
where c.season = $1::smallint and c.level = 'city'
order by c.code collate "C"`;

/**
 * An earlier batch is open while it is neither closed by the city nor past its window; one whose
 * window is empty has never opened (calendar.md: a phase whose dates are empty is closed).
 */
export function earlierBatchOpen(
  batches: readonly Batch[],
  batch: Batch,
  standing: CityStanding,
  date: string,
): boolean {
  return batches.some(
    other =>
      other.order < batch.order &&
      other.window !== null &&
      other.window[1] >= date &&
      !standing.closedBatches.has(other.id),
  );
}

/**
 * The rounds of a batch that are open and not yet dispatched, lowest first. A round that was opened
 * later than the date is none of that date's, however late its night is made up for.
 */
export function dueRounds(batch: Batch, standing: CityStanding, date: string): number[] {
  if (batch.window === null || date < batch.window[0]) return [];
  if (standing.closedBatches.has(batch.id)) return [];
  const highest = standing.openedRounds.get(batch.id) ?? 1;
  const rounds: number[] = [];
  for (let round = 1; round <= highest; round += 1) {
    const key = `${batch.id}|${round}`;
    if ((standing.openedOn.get(key) ?? date) > date) continue;
    if (!standing.dispatchedRounds.has(key)) rounds.push(round);
  }
  return rounds;
}
