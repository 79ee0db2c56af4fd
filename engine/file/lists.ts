/**
 * The states of a dispatch list 投档单 (spec/file-life.md): draft → released → submitted → closed,
 * or cancelled. Whoever changes a list asks here first; every other (state, event) pair is refused.
 *
 * A refusal by the reviewer reopens the list for that file only: the list stays submitted, the file
 * goes back to the school, and is submitted again by a second submit-list, which is for the
 * reopened files alone. Until then nothing of it can be reviewed, and the list is not closed:
 * a file that the school has back is as open as one that waits for review.
 */
import type { FileState } from './states.ts';

export const LIST_STATES = Object.freeze([
  'draft',
  'released',
  'submitted',
  'closed',
  'cancelled',
] as const);
export type ListState = (typeof LIST_STATES)[number];

/** What officers read. */
export const LIST_STATE_TITLES: Readonly<Record<ListState, string>> = Object.freeze({
  draft: '待发档',
  released: '已发档',
  submitted: '已提交',
  closed: '已办结',
  cancelled: '已取消',
});

export interface ListEvent {
  readonly name: string;
  /** Chinese. */
  readonly title: string;
  /** null: no list yet. */
  readonly from: readonly (ListState | null)[];
  readonly to: ListState;
}

/** `dispatch` is the run that makes the list. */
export const LIST_EVENTS: readonly ListEvent[] = Object.freeze([
  listEvent('dispatch', '投档', [null], 'draft'),
  listEvent('release-list', '发档', ['draft'], 'released'),
  // Again for the files that were reopened since.
  listEvent('submit-list', '提交', ['released', 'submitted'], 'submitted'),
  listEvent('reopen-for-file', '退回复议', ['submitted'], 'submitted'),
  listEvent('close-list', '办结', ['submitted'], 'closed'),
  listEvent('cancel-list', '取消投档', ['draft', 'released'], 'cancelled'),
]);

const BY_NAME: ReadonlyMap<string, ListEvent> = new Map(LIST_EVENTS.map(each => [each.name, each]));

/** Coded, as everything that is refused; the sentence says what to do. */
export const LIST_REFUSALS = Object.freeze({
  'unknown-event': '没有这种投档单业务，请核对业务名称',
  'list-unknown': '没有这份投档单，请核对投档单号',
  'list-exists': '这份投档单已经生成，不能再次生成',
  'list-not-released': '投档单还没有发档，请先由第二名工作人员发档',
  'list-already-released': '投档单已经发档，无须再发',
  'list-not-submitted': '学校还没有提交这份投档单，请待学校组长提交后再办理',
  'list-submitted': '投档单学校已经提交，不能再这样办理；需要改动的，请由审核人员逐份退回复议',
  'list-closed': '投档单已经办结，不能再办理；需要改动的，请按录后退或转学申请',
  'list-cancelled': '投档单已经取消，不能再办理；请重新投档',
  'nothing-reopened': '投档单已经提交，又没有退回复议的档案，无须再次提交',
  'files-undecided': '还有档案没有预录或预退，请逐份处理后再提交',
  'files-open': '还有档案在复议或等待审核，请全部审核后再办结',
  'file-not-on-list': '这份投档单没有这份档案，请核对考生号',
} as const);
export type ListRefusalCode = keyof typeof LIST_REFUSALS;

export interface ListRefusal {
  readonly ok: false;
  readonly code: ListRefusalCode;
  readonly sentence: string;
}

export type ListTransition = { readonly ok: true; readonly state: ListState } | ListRefusal;

/**
 * The state of a list after an event, by the table alone; `actOnList` looks at its files too.
 *
 * @param state null: no list yet
 */
export function listTransition(state: ListState | null, event: string): ListTransition {
  const rule = BY_NAME.get(event);
  if (rule === undefined) return refuseList('unknown-event');
  if (rule.from.includes(state)) return { ok: true, state: rule.to };
  return refuseList(refusalFor(state, event));
}

export function refuseList(code: ListRefusalCode): ListRefusal {
  return { ok: false, code, sentence: LIST_REFUSALS[code] };
}

function refusalFor(state: ListState | null, event: string): ListRefusalCode {
  if (state === null) return 'list-unknown';
  if (event === 'dispatch') return 'list-exists';
  if (state === 'draft') return 'list-not-released';
  if (state !== 'released') return `list-${state}`;
  return event === 'release-list' ? 'list-already-released' : 'list-not-submitted';
}

/** A list with its files, by their internal ids. */
export interface ListStanding {
  readonly state: ListState;
  /** The present state of every file that was put on the list, wherever it is now. */
  readonly files: ReadonlyMap<number, FileState>;
  /** Files that were refused after submission and have not been submitted again. */
  readonly reopened: ReadonlySet<number>;
}

export type ListAct =
  | { readonly event: 'release-list' | 'submit-list' | 'close-list' | 'cancel-list' }
  | { readonly event: 'reopen-for-file'; readonly file: number };

export type ListResult =
  | { readonly ok: true; readonly state: ListState; readonly reopened: ReadonlySet<number> }
  | ListRefusal;

/**
 * What an act makes of a list. The states of its files are changed by events of their own
 * (transition.ts): reopen-for-file goes with refuse-admission or refuse-return of that file.
 */
export function actOnList(list: ListStanding, act: ListAct): ListResult {
  const moved = listTransition(list.state, act.event);
  if (!moved.ok) return moved;
  if (act.event === 'reopen-for-file') {
    if (!list.files.has(act.file)) return refuseList('file-not-on-list');
    return { ...moved, reopened: new Set([...list.reopened, act.file]) };
  }
  if (act.event === 'submit-list') {
    const again = list.state === 'submitted';
    if (again && list.reopened.size === 0) return refuseList('nothing-reopened');
    const concerned = again ? [...list.reopened] : [...list.files.keys()];
    if (concerned.some(file => UNDECIDED.has(list.files.get(file)))) {
      return refuseList('files-undecided');
    }
    return { ...moved, reopened: new Set() };
  }
  if (act.event === 'close-list' && !isSettled(list)) return refuseList('files-open');
  return { ...moved, reopened: new Set() };
}

const UNDECIDED: ReadonlySet<FileState | undefined> = new Set(['dispatched', 'reading'] as const);
const OPEN: ReadonlySet<FileState> = new Set([
  'dispatched',
  'reading',
  'proposed',
  'return-proposed',
] as const);

/**
 * Whether nothing of the list waits any more: then a submitted list is closed. A file that left the
 * list and was dispatched again elsewhere must not be among `files` with its new state.
 */
export function isSettled({ files }: Pick<ListStanding, 'files'>): boolean {
  return ![...files.values()].some(state => OPEN.has(state));
}

/** May the school propose for this file, or take its proposal back. */
export function mayPropose(list: Pick<ListStanding, 'state' | 'reopened'>, file: number): boolean {
  if (list.state === 'released') return true;
  return list.state === 'submitted' && list.reopened.has(file);
}

/** May the reviewer, or a rule, decide on this file. */
export function mayReview(list: Pick<ListStanding, 'state' | 'reopened'>, file: number): boolean {
  return list.state === 'submitted' && !list.reopened.has(file);
}

function listEvent(
  name: string,
  title: string,
  from: readonly (ListState | null)[],
  to: ListState,
): ListEvent {
  return Object.freeze({ name, title, from, to });
}
