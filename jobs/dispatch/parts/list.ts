/**
 * A dispatch list 投档单 in an act: its row, the files that are on it now, and what the state
 * machine of lists (engine/file/lists.ts) allows with it.
 */
import type { StandingFile } from '../../../db/season/files.ts';
import { CodedError } from '../../../engine/errors.ts';
import {
  actOnList,
  isSettled,
  type ListAct,
  type ListRefusal,
  type ListStanding,
  type ListState,
} from '../../../engine/file/lists.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';

export interface DispatchList {
  readonly city: string;
  readonly list: number;
  readonly batch: string;
  readonly school: string;
  readonly round: number;
  readonly state: ListState;
  /** As the run made it: how many files, and Σ planned of the school. */
  readonly sent: number;
  readonly planned: number;
}

/** The row, under the city's chain, which every act holds. @throws unknown-list */
export async function readList<I>(act: Act<I>, city: string, list: number): Promise<DispatchList> {
  const [row] = await act.asRunner(session =>
    session.query<DispatchList>(
      `select city, list, batch, school, round, state, sent, planned from dispatch_lists
       where season = $1::smallint and city = $2 and list = $3`,
      [act.season, city, list],
    ),
  );
  if (row === undefined) throw actError('unknown-list', { city, list });
  return row;
}

/** The files that are on it now, in its order, as the act has left them so far. */
export async function filesOn<I>(
  act: Act<I>,
  { city, list }: Pick<DispatchList, 'city' | 'list'>,
): Promise<StandingFile[]> {
  return (await act.onList(city, list)).filter(file => file.list === list);
}

/** The list as its state machine sees it. */
export function listStanding(state: ListState, files: readonly StandingFile[]): ListStanding {
  return {
    state,
    files: new Map(files.map(({ file, state: of }) => [file, of])),
    reopened: new Set(files.filter(each => each.reopenedForReview).map(({ file }) => file)),
  };
}

/** The suggested majors 建议专业 of a list's files; null: none was suggested. */
export async function suggestedMajors<I>(
  act: Act<I>,
  { city, list }: Pick<DispatchList, 'city' | 'list'>,
): Promise<Map<number, string | null>> {
  const rows = await act.asRunner(session =>
    session.query<{ file: number; major: string | null }>(
      `select file, major from list_items
       where season = $1::smallint and city = $2 and list = $3`,
      [act.season, city, list],
    ),
  );
  return new Map(rows.map(row => [row.file, row.major]));
}

/** What the state machine refuses, as an error. */
export function refusedByList(refusal: ListRefusal, { city, list }: DispatchList): CodedError {
  const [what, advice = '请核对投档单'] = refusal.sentence.split('，', 2);
  return new CodedError(
    refusal.code,
    {
      sentence: `{city} 第 {list} 号：${what}。`,
      advice: `${advice}；未作任何改动。`,
      exitCode: 4,
    },
    { city, list },
  );
}

/**
 * Moves the list by an event of its state machine, in the user's scope.
 *
 * @returns its state then
 * @throws what the state machine refuses, by its code
 */
export async function moveList<I>(
  act: Act<I>,
  list: DispatchList,
  files: readonly StandingFile[],
  event: ListAct,
): Promise<ListState> {
  const result = actOnList(listStanding(list.state, files), event);
  if (!result.ok) throw refusedByList(result, list);
  if (result.state !== list.state) await writeState(act, list, result.state);
  return result.state;
}

/**
 * Closes a submitted list once nothing of it waits any more: no file is with the school or before a
 * reviewer (file-life.md). Call it after the files have been moved.
 *
 * @returns whether it is closed by this call
 */
export async function closeIfSettled<I>(
  act: Act<I>,
  place: Pick<DispatchList, 'city' | 'list'>,
): Promise<boolean> {
  const list = await readList(act, place.city, place.list);
  if (list.state !== 'submitted') return false;
  const files = await filesOn(act, list);
  if (!isSettled(listStanding(list.state, files))) return false;
  await moveList(act, list, files, { event: 'close-list' });
  return true;
}

async function writeState<I>(act: Act<I>, list: DispatchList, state: ListState): Promise<void> {
  const rows = await act.session.query(
    `update dispatch_lists set state = $4
     where season = $1::smallint and city = $2 and list = $3 returning list`,
    [act.season, list.city, list.list, state],
  );
  // Row-level security hides a list of another scope: then nothing was written.
  if (rows.length !== 1) throw actError('refused-by-database', { user: act.user.user });
}
