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

const KNOWN: ReadonlySet<string> = new Set(FILE_STATES);

/** Is this text, from a database or a package, the name of a state? */
export function isFileState(text: string): text is FileState {
  return KNOWN.has(text);
}
