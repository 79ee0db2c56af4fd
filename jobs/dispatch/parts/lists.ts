/** Moving dispatch lists 投档单: only by the table of engine/file/lists.ts. */
import { type DispatchList, readList, setListStates } from '../../../db/season/dispatch-lists.ts';
import { CodedError } from '../../../engine/errors.ts';
import {
  isSettled,
  type ListRefusal,
  type ListState,
  listTransition,
} from '../../../engine/file/lists.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';

/** A list that the act is about. @throws unknown-list */
export async function listOf<I>(act: Act<I>, city: string, list: number): Promise<DispatchList> {
  const found = await act.asRunner(session => readList(session, act.season, city, list));
  if (found === null) throw actError('unknown-list', { city, list });
  return found;
}

/** The state that the event gives the list. @throws list-submitted, list-closed, … */
export function requireListEvent(list: DispatchList, event: string): ListState {
  const moved = listTransition(list.state, event);
  if (!moved.ok) throw listRefused(list, moved);
  return moved.state;
}

/** What the state machine refuses, as an error. */
export function listRefused(
  { city, list }: DispatchList,
  { code, sentence }: ListRefusal,
): CodedError {
  const [why = '', ...advice] = sentence.split(/[，；]/u);
  const what = advice.length === 0 ? '请在“历史投档单查询”中核对投档单现状' : advice.join('，');
  return new CodedError(
    code,
    { sentence: '{city} 第 {list} 号投档单：{why}。', advice: `${what}。`, exitCode: 4 },
    { city, list, why },
    { basis: 'n66 附件1·档案管理' },
  );
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
 *
 * @returns whether it is closed by this call
 */
export async function settleList<I>(act: Act<I>, city: string, number: number): Promise<boolean> {
  const list = await listOf(act, city, number);
  const left = (await act.onList(city, number)).filter(file => file.list === number);
  if (list.state === 'draft' || list.state === 'released') {
    if (left.length === 0) await moveLists(act, [list], 'cancel-list');
    return false;
  }
  const files = new Map(left.map(file => [file.file, file.state]));
  if (list.state !== 'submitted' || !isSettled({ files })) return false;
  await moveLists(act, [list], 'close-list');
  return true;
}
