/**
 * The events of a file and the transition table of spec/file-life.md, as data. Every (state, event)
 * pair that is not in it is refused (transition.ts). Guards – rights, windows, signatures, room –
 * belong to the job that writes the event; here stands only which way a file may go at all.
 *
 * `null` is "no file": before the first event, and after refuse-number, which closes the file.
 *
 * submit-list is an act on a list: it leaves every file where it is, and what follows from it
 * (submit-is-admission, calendar rule 16) is an approve-admission by the rule. So it is no event of
 * a file, and its name is refused here like any unknown one.
 */
import type { FileState } from './states.ts';

export type Actor =
  | 'data-officer'
  | 'import-job'
  | 'city'
  | 'city-head'
  | 'dispatch-job'
  | 'dispatch-officer'
  | 'second-dispatch-officer'
  | 'school'
  | 'school-clerk'
  | 'reviewer'
  | 'rule'
  | 'sweep'
  | 'office'
  | 'printing-officer'
  | 'filing-office';

/** One way that an event may take a file. */
export interface Move {
  readonly from: readonly (FileState | null)[];
  /** More than one: the policy or the imported row decides, and the event must name it. */
  readonly to: readonly (FileState | null)[];
}

export interface FileEvent {
  readonly name: string;
  /** Chinese. */
  readonly title: string;
  readonly moves: readonly Move[];
  readonly actors: readonly Actor[];
  /** The job of this name may also change a file's data alone: an event with from = to. */
  readonly edits?: true;
}

const AT_SCHOOL = ['dispatched', 'reading', 'proposed', 'return-proposed'] as const;

/** The table of file-life.md "Events", in its order. */
export const FILE_EVENTS: readonly FileEvent[] = Object.freeze([
  event('import', '导入', [[[null], ['in-pool']]], ['data-officer', 'import-job'], true),
  event('senior-high-import', '普高录取导入', [[['in-pool'], ['senior-high']]], ['city']),
  event('senior-high-release', '普高放弃', [[['senior-high'], ['in-pool']]], ['city']),
  event('dispatch', '投档', [[['in-pool'], ['dispatched']]], ['dispatch-job', 'dispatch-officer']),
  event(
    'release-list',
    '发档',
    [[['dispatched'], ['reading']]],
    ['second-dispatch-officer', 'dispatch-job'],
  ),
  event('cancel-dispatch', '撤销投档', [[AT_SCHOOL, ['in-pool']]], ['dispatch-officer']),
  event('propose-admission', '预录', [[['reading'], ['proposed']]], ['school']),
  event('propose-return', '预退', [[['reading'], ['return-proposed']]], ['school']),
  event(
    'undo-proposal',
    '撤销预录预退',
    [[['proposed', 'return-proposed'], ['reading']]],
    ['school'],
  ),
  event('approve-admission', '审核录取', [[['proposed'], ['admitted']]], ['reviewer', 'rule']),
  event('refuse-admission', '录取退回', [[['proposed'], ['reading']]], ['reviewer', 'rule']),
  event('approve-return', '审核退档', [[['return-proposed'], ['in-pool']]], ['reviewer', 'rule']),
  event('refuse-return', '退档退回', [[['return-proposed'], ['reading']]], ['reviewer', 'rule']),
  event('recall', '强制回收', [[AT_SCHOOL, ['in-pool']]], ['city-head', 'sweep']),
  event('admit-directly', '直接录取', [[['in-pool'], ['admitted']]], ['city']),
  event('enter', '投入录取', [[['in-pool'], ['pending-review']]], ['school']),
  event('supplement', '补录', [[[null], ['unnumbered']]], ['school-clerk']),
  event('assign-number', '派号', [[['unnumbered'], ['in-pool']]], ['city']),
  event('refuse-number', '不予派号', [[['unnumbered'], [null]]], ['city']),
  event('approve-entry', '审核录取在库', [[['pending-review'], ['admitted']]], ['city']),
  event('refuse-entry', '不予录取在库', [[['pending-review'], ['in-pool']]], ['city', 'sweep']),
  event('register', '注册', [[['admitted'], ['registered']]], ['school']),
  event('undo-registration', '撤销注册', [[['registered'], ['admitted']]], ['school']),
  event(
    'cancel-registration',
    '注销',
    [[['registered'], ['cancelled', 'in-pool', 'held']]],
    ['school'],
  ),
  event('readmit', '重新入库', [[['cancelled'], ['in-pool']]], ['city']),
  event('revert', '恢复未录取', [[['admitted'], ['in-pool']]], ['sweep']),
  event('withdraw', '录后退', [[['admitted', 'registered'], ['in-pool']]], ['reviewer']),
  event('transfer', '转学', [[['admitted', 'registered', 'in-pool'], ['admitted']]], ['city']),
  event('hold', '挂起', [[['in-pool'], ['held']]], ['city']),
  event('release-hold', '释放', [[['held'], ['in-pool']]], ['city', 'sweep']),
  event('file-roster', '名册备案', [[['registered'], ['filed']]], ['printing-officer']),
  event('amend-roster', '名册变更', [[['filed'], ['registered']]], ['filing-office']),
  event(
    'city-snapshot',
    '自有系统导入',
    [
      [['in-pool'], ['admitted']],
      [['admitted'], ['in-pool', 'admitted']],
    ],
    ['import-job'],
  ),
]);

export const EVENT_BY_NAME: ReadonlyMap<string, FileEvent> = new Map(
  FILE_EVENTS.map(one => [one.name, one]),
);

/**
 * Every (event, from, to) that the table allows, one row each: what the audit compares stored
 * events with, in SQL.
 */
export function allowedMoves(): { event: string; from: FileState | null; to: FileState | null }[] {
  return FILE_EVENTS.flatMap(({ name, moves }) =>
    moves.flatMap(({ from, to }) =>
      from.flatMap(start => to.map(end => ({ event: name, from: start, to: end }))),
    ),
  );
}

type Pair = readonly [readonly (FileState | null)[], readonly (FileState | null)[]];

function event(
  name: string,
  title: string,
  pairs: readonly Pair[],
  actors: readonly Actor[],
  edits?: true,
): FileEvent {
  const moves = pairs.map(([from, to]) => Object.freeze({ from, to }));
  return Object.freeze({ name, title, moves, actors, ...(edits ? { edits } : {}) });
}
