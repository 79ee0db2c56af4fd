/**
 * What becomes of dispatch lists when files have left them, and when their phase is over.
 *
 * A list from which nothing is left before the school has submitted it is cancelled; a submitted
 * one of which nothing waits any more is closed. When the phase has ended, a released list on which
 * only proposals are left goes to the reviewers as if the school had submitted it (calendar.md):
 * the school's time is over, and its proposals have a grace period in which an officer may decide.
 */
import type { WaitingList } from '../../../db/season/sweep-lists.ts';
import { type ListState, listTransition } from '../../../engine/file/lists.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';

export interface ListMove {
  readonly list: number;
  readonly batch: string;
  readonly school: string;
  readonly event: 'cancel-list' | 'close-list' | 'submit-list';
  readonly from: ListState;
  readonly to: ListState;
}

/** @param date the business date */
export function listMoves(
  lists: readonly WaitingList[],
  policy: Pick<FullPolicy, 'batches' | 'phases'>,
  date: string,
): ListMove[] {
  return lists.flatMap(list => {
    const event = eventOf(list, phaseIsOver(policy, list.batch, date));
    if (event === null) return [];
    const moved = listTransition(list.state, event);
    if (!moved.ok) return [];
    return [
      {
        list: list.list,
        batch: list.batch,
        school: list.school,
        event,
        from: list.state,
        to: moved.state,
      },
    ];
  });
}

function eventOf(list: WaitingList, phaseOver: boolean): ListMove['event'] | null {
  if (list.state === 'submitted') return list.lostFiles && list.waiting === 0 ? 'close-list' : null;
  if (list.left === 0) return list.lostFiles ? 'cancel-list' : null;
  return phaseOver && list.state === 'released' && list.undecided === 0 ? 'submit-list' : null;
}

/** Ids of the batches whose phase is over. */
export function batchesOver(
  policy: Pick<FullPolicy, 'batches' | 'phases'>,
  date: string,
): string[] {
  return policy.batches.map(({ id }) => id).filter(id => phaseIsOver(policy, id, date));
}

function phaseIsOver(
  { batches, phases }: Pick<FullPolicy, 'batches' | 'phases'>,
  batch: string,
  date: string,
): boolean {
  const phase = batches.find(each => each.id === batch)?.phase;
  const window = phases.find(each => each.id === phase)?.window ?? null;
  return window !== null && window[1] < date;
}
