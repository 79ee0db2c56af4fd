/** Moving plan between two cities (n66 三（一）3, calendar rule 3), asked for and carried out. */
import type { Session } from '../../../db/connect.ts';
import { type LineKey, lockPlanLines, writePlanned } from '../../../db/season/plan-lines.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { applicationError } from './errors.ts';
import { requireQuotaRules } from './quota-rules.ts';

export interface RegionMove {
  /** The city that gives. */
  readonly from: string;
  /** The city that receives. */
  readonly to: string;
  readonly school: string;
  readonly major: string;
  readonly batch: Batch;
  readonly places: number;
}

/** The giving line never falls below what is used. @throws below-used, unknown-major */
export function requireFreePlaces<I>(
  act: Act<I>,
  { from, school, major, batch, places }: RegionMove,
): Promise<readonly string[]> {
  return requireQuotaRules(act, {
    kind: 'region-move',
    city: from,
    school,
    batch,
    major,
    places,
    reduction: places,
  });
}

/** Planned places of a line, before and after. */
export interface LineChange {
  readonly before: number;
  readonly after: number;
}

/** The lines of both cities, locked before the free places are counted for the last time. */
export async function lockMove(
  session: Session,
  season: number,
  { from, to, school, major, batch }: RegionMove,
): Promise<{ readonly giving: number | null; readonly receiving: number | null }> {
  const line = (city: string): LineKey => ({ city, school, major, batch: batch.id });
  const [giving, receiving] = await lockPlanLines(session, season, [line(from), line(to)]);
  return { giving: giving?.planned ?? null, receiving: receiving?.planned ?? null };
}

/**
 * Takes the places from the one line and gives them to the other, which comes into being where
 * there was none: both cities have said so. The sum over the province stays what it was.
 *
 * @throws no-plan, below-zero
 */
export async function movePlaces(
  session: Session,
  season: number,
  move: RegionMove,
): Promise<{ readonly giving: LineChange; readonly receiving: LineChange }> {
  const { from, to, school, major, batch, places } = move;
  const locked = await lockMove(session, season, move);
  const { giving, receiving } = locked;
  if (giving === null) {
    const named = `专业 ${major} `;
    throw applicationError('no-plan', { school, city: from, batch: batch.title, major: named });
  }
  if (giving < places) {
    throw applicationError('below-zero', { before: giving, places: -places });
  }
  const line = { school, major, batch: batch.id };
  const [before, after] = [receiving ?? 0, (receiving ?? 0) + places];
  await writePlanned(session, season, { ...line, city: from }, giving - places);
  await writePlanned(session, season, { ...line, city: to }, after);
  return { giving: { before: giving, after: giving - places }, receiving: { before, after } };
}
