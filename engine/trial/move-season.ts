/**
 * A past year's run under another year's policy: its candidates as that year's. Dates of birth move
 * with the year, so that everybody is as old as then; the run's date keeps its distance from the
 * first day of the batch's window, so that rules with `valid` and the facts of the window mean the
 * same day of the season.
 */

import type { World } from '../dispatch/world.ts';
import type { Policy } from '../policy/types.ts';

/**
 * @param before the policy that the run was made under
 * @returns the world itself where both are of one season
 */
export function moveToSeason(world: World, before: Policy, after: Policy): World {
  if (after.season === before.season) return world;
  const years = after.season - before.season;
  const { birthDate } = world.candidates;
  const values = birthDate.values.map(date => (date === null ? null : movedYears(date, years)));
  return {
    ...world,
    season: after.season,
    date: movedDay(world, before, after) ?? movedYears(world.date, years),
    candidates: { ...world.candidates, birthDate: { ...birthDate, values } },
  };
}

function movedDay(world: World, before: Policy, after: Policy): string | null {
  const from = windowStart(before, world.batch);
  const to = windowStart(after, world.batch);
  if (from === null || to === null) return null;
  return new Date(Date.parse(to) + Date.parse(world.date) - Date.parse(from))
    .toISOString()
    .slice(0, 10);
}

function windowStart(policy: Policy, batch: string): string | null {
  return policy.batches.find(each => each.id === batch)?.window?.[0] ?? null;
}

/** `YYYY-MM-DD`; of 02-29, where there is none, the day before. */
function movedYears(date: string, years: number): string {
  const moved = `${String(Number(date.slice(0, 4)) + years).padStart(4, '0')}${date.slice(4)}`;
  const exists = new Date(Date.parse(moved));
  const same = !Number.isNaN(exists.getTime()) && exists.toISOString().slice(0, 10) === moved;
  return same ? moved : `${moved.slice(0, 8)}28`;
}
