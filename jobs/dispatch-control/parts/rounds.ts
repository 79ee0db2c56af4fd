/** What must be done before a round is followed by another, or the batch is closed. */
import type { CityStanding } from '../../../db/dispatch/standing.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import { controlError } from '../errors.ts';
import { currentRound, isDispatched } from './settable.ts';

/** So many numbers a sentence can carry. */
const LISTS_SHOWN = 10;

/** @throws round-not-dispatched */
export function requireRoundDispatched(standing: CityStanding, batch: Batch): void {
  const round = currentRound(standing, batch);
  if (isDispatched(standing, batch, round)) return;
  const { city } = standing;
  throw controlError('round-not-dispatched', { city, batch: batch.title, round });
}

/** @param open numbers of the lists that are neither closed nor cancelled @throws lists-open */
export function requireListsDone(city: string, batch: Batch, open: readonly number[]): void {
  if (open.length === 0) return;
  const more = open.length > LISTS_SHOWN ? ' …' : '';
  const lists = `第 ${open.slice(0, LISTS_SHOWN).join('、')} 号${more}`;
  throw controlError('lists-open', { city, batch: batch.title, count: open.length, lists });
}
