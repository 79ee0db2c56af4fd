/**
 * What closing a batch means for the lists that its window has left open. Schools can decide
 * nothing any more, and what has its window behind it must not keep candidates from the batches
 * that follow; so closing does at once what the end of the phase would do (calendar.md): files that
 * wait for a school come back to the pool, and lists on which only proposals are left go to the
 * reviewers. What is before a reviewer already stays there: reviews have a time of their own.
 *
 * Turned down: to refuse, since nobody could then close the batch before the phase ends; and to
 * leave the lists to that end, since until then their candidates take part in nothing.
 */
import { type DispatchList, readLists } from '../../../db/season/dispatch-lists.ts';
import { BACK_IN_POOL, type StandingFile } from '../../../db/season/files.ts';
import type { Act } from '../../act/act.ts';
import { moveLists } from '../../dispatch/parts/lists.ts';

/** How many files and lists went where. */
export interface Closed {
  readonly recalled: number;
  readonly submitted: number;
  readonly cancelled: number;
  /** Lists that stay before the reviewers. */
  readonly waiting: number;
}

type Ending = 'cancel-list' | 'submit-list' | 'close-list' | null;

/** @param open numbers of the batch's lists that are neither closed nor cancelled */
export async function closeOpenLists<I>(
  act: Act<I>,
  city: string,
  open: readonly number[],
): Promise<Closed> {
  const lists = await act.asRunner(session => readLists(session, act.season, city, open));
  const files = Map.groupBy(await act.onLists(city, open), file => file.list);
  const endings = new Map<DispatchList, Ending>();
  let recalled = 0;
  for (const list of lists) {
    const own = files.get(list.list) ?? [];
    const back = own.filter(file => waitsForSchool(list, file));
    for (const file of back) recall(act, list, file);
    recalled += back.length;
    for (const file of own) if (isProposedAnew(file)) act.edit(file, { reopenedForReview: false });
    endings.set(list, endingOf(list, own.length - back.length, back.length, own));
  }
  const counts = await endLists(act, endings);
  return { recalled, ...counts };
}

/** The school has it, or would have: on a submitted list only what the reviewer has sent back. */
function waitsForSchool({ state }: DispatchList, file: StandingFile): boolean {
  const undecided = file.state === 'dispatched' || file.state === 'reading';
  if (state === 'submitted') {
    return undecided || (file.state === 'return-proposed' && file.reopenedForReview);
  }
  return undecided || file.state === 'return-proposed';
}

/** Sent back by the reviewer, proposed again, and not submitted: it goes before the reviewer. */
function isProposedAnew({ state, reopenedForReview }: StandingFile): boolean {
  return state === 'proposed' && reopenedForReview;
}

function recall<I>(act: Act<I>, list: DispatchList, file: StandingFile): void {
  act.move(file, 'recall', {
    change: { ...BACK_IN_POOL, returnedBy: [...new Set([...file.returnedBy, list.school])] },
    note: { reason: 'batch-closed' },
  });
}

function endingOf(
  { state }: DispatchList,
  left: number,
  recalled: number,
  files: readonly StandingFile[],
): Ending {
  if (state !== 'submitted') return left === 0 ? 'cancel-list' : 'submit-list';
  // `files` are as they were: what was recalled is among them, and waits for nobody any more.
  const reviewed = ({ state: of, reopenedForReview }: StandingFile) =>
    of === 'proposed' || (of === 'return-proposed' && !reopenedForReview);
  return recalled === 0 || files.some(reviewed) ? null : 'close-list';
}

async function endLists<I>(
  act: Act<I>,
  endings: ReadonlyMap<DispatchList, Ending>,
): Promise<Omit<Closed, 'recalled'>> {
  const of = (ending: Ending) =>
    [...endings].flatMap(([list, to]) => (to === ending ? [list] : []));
  for (const ending of ['cancel-list', 'submit-list', 'close-list'] as const) {
    for (const lists of Map.groupBy(of(ending), ({ state }) => state).values()) {
      await moveLists(act, lists, ending);
      for (const { list, school, batch } of lists) {
        act.record({ list, school, batch, note: { event: ending } });
      }
    }
  }
  const submitted = of('submit-list').length;
  return { submitted, cancelled: of('cancel-list').length, waiting: of(null).length };
}
