/**
 * A dispatch list 投档单 that a school decides or a reviewer has before him: the files that are on it
 * now, and what the state machine of lists (engine/file/lists.ts) allows with them.
 */
import type { DispatchList } from '../../../db/season/dispatch-lists.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import { actOnList, type ListStanding, type ListState } from '../../../engine/file/lists.ts';
import type { Act } from '../../act/act.ts';
import { listRefused, moveLists } from './lists.ts';

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

/**
 * Submits the list, or the files of it that were sent back since.
 *
 * @throws files-undecided, nothing-reopened, list-closed, …
 */
export async function submitList<I>(
  act: Act<I>,
  list: DispatchList,
  files: readonly StandingFile[],
): Promise<void> {
  const result = actOnList(listStanding(list.state, files), { event: 'submit-list' });
  if (!result.ok) throw listRefused(list, result);
  if (result.state !== list.state) await moveLists(act, [list], 'submit-list');
}
