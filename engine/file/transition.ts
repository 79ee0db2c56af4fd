/**
 * Where an event takes a file, or the coded reason why it may not happen.
 */
import { EVENT_BY_NAME } from './events.ts';
import type { FileState } from './states.ts';

/** Coded, as everything that is refused; the sentence is what officers read. */
export const REFUSALS = Object.freeze({
  'unknown-event': '没有这种业务事件',
  'event-not-allowed': '档案当前状态不允许此操作',
  'target-needed': '此操作有多种结果，须写明结果状态',
  'target-not-allowed': '此操作不能得出所写明的状态',
  'state-mismatch': '事件所记原状态与档案当前状态不符',
  'file-closed': '档案已关闭',
} as const);
export type RefusalCode = keyof typeof REFUSALS;

export type Transition =
  | { readonly ok: true; readonly state: FileState | null }
  | { readonly ok: false; readonly code: RefusalCode; readonly sentence: string };

/**
 * The state after an event.
 *
 * @param state the state before; null: no file yet
 * @param event the event's name
 * @param target where the event says it goes; needed where the table leaves a choice
 * @returns the new state (null: the file is closed), or the refusal
 */
export function transition(
  state: FileState | null,
  event: string,
  target?: FileState | null,
): Transition {
  const rule = EVENT_BY_NAME.get(event);
  if (rule === undefined) return refuse('unknown-event');
  const move = rule.moves.find(({ from }) => from.includes(state));
  const editing = rule.edits === true && state !== null && target === state;
  if (move === undefined) return editing ? accept(state) : refuse('event-not-allowed');
  if (target === undefined) {
    return move.to.length === 1 ? accept(move.to[0] as FileState | null) : refuse('target-needed');
  }
  return move.to.includes(target) ? accept(target) : refuse('target-not-allowed');
}

export function refuse(code: RefusalCode): Transition & { ok: false } {
  return { ok: false, code, sentence: REFUSALS[code] };
}

function accept(state: FileState | null): Transition {
  return { ok: true, state };
}
