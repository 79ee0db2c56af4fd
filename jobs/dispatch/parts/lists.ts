/**
 * Moving dispatch lists 投档单 by an office, several at once: only by the table of
 * engine/file/lists.ts. What concerns the files of one list stands in list.ts.
 */
import { type DispatchList, readList, setListStates } from '../../../db/season/dispatch-lists.ts';
import { type ListState, listTransition } from '../../../engine/file/lists.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import { closeIfSettled, filesOn, refusedByList } from './list.ts';

/** A list that the act is about. @throws unknown-list */
export async function listOf<I>(act: Act<I>, city: string, list: number): Promise<DispatchList> {
  const found = await act.asRunner(session => readList(session, act.season, city, list));
  if (found === null) throw actError('unknown-list', { city, list });
  return found;
}

/** The state that the event gives the list. @throws list-submitted, list-closed, … */
export function requireListEvent(list: DispatchList, event: string): ListState {
  const moved = listTransition(list.state, event);
  if (!moved.ok) throw refusedByList(moved, list);
  return moved.state;
}

/**
 * Moves lists of one city, all of which stand in one state.
 *
 * @throws list-submitted, list-closed, …: the first that can't be moved
 */
export async function moveLists<I>(
  act: Act<I>,
  lists: readonly DispatchList[],
  event: string,
): Promise<void> {
  const [first] = lists;
  if (first === undefined) return;
  const states = lists.map(list => requireListEvent(list, event));
  const state = states[0] as ListState;
  const set = await onLists(act, session => setListStates(session, act.season, lists, state));
  if (set !== lists.length) throw actError('out-of-scope', scopeOf(first, act.user.user));
}

function scopeOf({ city, list }: DispatchList, user: string) {
  return { what: `${city} 第 ${list} 号投档单`, user };
}

/**
 * Writes on lists in the user's scope. A county's user writes files of the county alone, and lists
 * are the city's; where the policy lets counties dispatch, the runner writes the list.
 */
export function onLists<I, T>(
  act: Act<I>,
  write: (session: Act<I>['session']) => Promise<T>,
): Promise<T> {
  return act.user.county === null ? write(act.session) : act.asRunner(write);
}

/**
 * After a file has left a list: a list from which nothing is left, before the school has submitted
 * it, is cancelled; one that is submitted, and of which nothing waits any more, is closed.
 */
export async function settleList<I>(act: Act<I>, city: string, number: number): Promise<void> {
  const list = await listOf(act, city, number);
  const open = list.state === 'draft' || list.state === 'released';
  if (!open) await closeIfSettled(act, { city, list: number });
  else if ((await filesOn(act, list)).length === 0) await moveLists(act, [list], 'cancel-list');
}
