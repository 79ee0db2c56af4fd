/**
 * When a city may set what it sets for itself: until the batch's first dispatch, and again from
 * one round to the next (spec/functions.md "dispatch-control"); never after the batch's phase.
 */
import { type CityStanding, cityStandings } from '../../../db/dispatch/standing.ts';
import { schoolInBatch } from '../../../engine/policy/lookup.ts';
import type { Batch, FullPolicy } from '../../../engine/policy/types.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import type { OpenSpan, PlaceWithPolicy } from '../../act/function-job.ts';
import { controlError } from '../errors.ts';

/** How a city stands, as a dispatch finds it. @throws unknown-city */
export async function standingOf<I>(act: Act<I>, city: string): Promise<CityStanding> {
  const standings = await act.asRunner(session => cityStandings(session, act.season));
  const standing = standings.find(each => each.city === city);
  if (standing === undefined) throw actError('unknown-city', { city });
  return standing;
}

/** The round that goes on: the highest that the city has opened. */
export function currentRound(standing: CityStanding, batch: Batch): number {
  return standing.openedRounds.get(batch.id) ?? 1;
}

export function isDispatched(standing: CityStanding, batch: Batch, round: number): boolean {
  return standing.dispatchedRounds.has(`${batch.id}|${round}`);
}

/** @throws batch-closed */
export function requireNotClosed(standing: CityStanding, batch: Batch): void {
  if (!standing.closedBatches.has(batch.id)) return;
  throw controlError('batch-closed', { city: standing.city, batch: batch.title });
}

/**
 * None of the batches is between a round's dispatch and the opening of the next. Batches that are
 * over bind nothing any more; where all are, there is nothing left to set.
 *
 * @throws batch-closed, batch-dispatched
 */
export function requireSettable(standing: CityStanding, batches: readonly Batch[]): void {
  const going = batches.filter(batch => !standing.closedBatches.has(batch.id));
  if (going.length === 0) for (const batch of batches) requireNotClosed(standing, batch);
  for (const batch of going) {
    const round = currentRound(standing, batch);
    if (!isDispatched(standing, batch, round)) continue;
    const { city } = standing;
    throw controlError('batch-dispatched', { city, batch: batch.title, round });
  }
}

/** The batches that a school belongs to in a city, as its settings say. */
export function batchesOfSchool(
  policy: FullPolicy,
  school: { readonly code: string; readonly kind: string },
): Batch[] {
  return policy.batches.filter(batch => schoolInBatch(batch, school));
}

/** Settings of one batch, or of all: open until the end of the phase. @throws unknown-batch */
export function settingsSpans<I>(place: PlaceWithPolicy<I>): OpenSpan[] {
  const { policy, target } = place;
  const batches = policy.batches.filter(({ id }) => [undefined, id].includes(target.batch));
  if (batches.length === 0) throw actError('unknown-batch', { batch: target.batch ?? '' });
  return batches.map(batch => {
    const phase = policy.phases.find(({ id }) => id === batch.phase);
    const title = `${batch.title}的设置`;
    return yearSpan(policy, title, phase?.basis ?? batch.basis, phase?.window?.[1]);
  });
}

/** What is prepared for a batch and goes on with it: open until its last day. */
export function preparationSpans<I>(place: PlaceWithPolicy<I>): OpenSpan[] {
  const { policy, target } = place;
  const batch = policy.batches.find(each => each.id === target.batch);
  if (batch === undefined) throw actError('unknown-batch', { batch: target.batch ?? '' });
  return [yearSpan(policy, `${batch.title}的安排`, batch.basis, batch.window?.[1])];
}

/** From the first day of the year; without an announced end, until that of the next. */
function yearSpan(policy: FullPolicy, title: string, basis: string, last?: string): OpenSpan {
  const { season } = policy;
  return { title, basis, window: [`${season}-01-01`, last ?? `${season + 1}-12-31`] };
}
