/**
 * The states of a candidate's file 考生档案 (spec/file-life.md). The list itself stands in
 * engine/dispatch/world.ts, where its order is the code of a state; this page adds what is said of
 * the states in Chinese, and which of them count a file against a school's plan.
 */
import { FILE_STATES, type FileState } from '../dispatch/world.ts';

export { FILE_STATES, type FileState };

/** What officers read. */
export const STATE_TITLES: Readonly<Record<FileState, string>> = Object.freeze({
  'in-pool': '在库',
  unnumbered: '未派号',
  'senior-high': '普高已录',
  dispatched: '已投待发',
  reading: '院校在阅',
  proposed: '预录',
  'return-proposed': '预退',
  'pending-review': '拟录取待审',
  admitted: '录取',
  registered: '已注册',
  held: '挂起',
  cancelled: '已注销',
  filed: '名册已备案',
});

/** A file in one of these takes a place of the batch that its event names (dispatch.md §3). */
export const OCCUPYING_STATES: readonly FileState[] = Object.freeze([
  'dispatched',
  'reading',
  'proposed',
  'return-proposed',
  'admitted',
  'registered',
  'filed',
] as const);

/**
 * What a plan is held against, from the widest to the strictest. A dispatched file occupies a place
 * until it comes back; among the files that a school has before it, only those that it wants to
 * admit take one (a suggested major is no reservation, dispatch.md §6); and a reviewer holds those
 * that are proposed against what is admitted already, so that the last of too many is refused and
 * not all of them.
 */
export const COUNTED_STATES = Object.freeze({
  occupied: OCCUPYING_STATES,
  decided: ['proposed', 'admitted', 'registered', 'filed'],
  admitted: ['admitted', 'registered', 'filed'],
} as const satisfies Readonly<Record<string, readonly FileState[]>>);
export type Counting = keyof typeof COUNTED_STATES;

const KNOWN: ReadonlySet<string> = new Set(FILE_STATES);

/** Is this text, from a database or a package, the name of a state? */
export function isFileState(text: string): text is FileState {
  return KNOWN.has(text);
}
