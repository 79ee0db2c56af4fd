/**
 * The state of a file is the fold of its events (spec/file-life.md); the state column is a cache of
 * it. Property P8 of the audit recounts the same over the stored events.
 */
import { EVENT_BY_NAME } from './events.ts';
import type { FileState } from './states.ts';
import { type RefusalCode, refuse, transition } from './transition.ts';

/** An event as it is stored: name, and the states it names. */
export interface RecordedEvent {
  readonly name: string;
  readonly from: FileState | null;
  readonly to: FileState | null;
}

export interface Fold {
  readonly state: FileState | null;
  /** How many events were folded before the end or the first fault. */
  readonly folded: number;
  /** The first event that cannot have happened; undefined: all of them can. */
  readonly fault?: { readonly index: number; readonly code: RefusalCode };
}

/**
 * Folds the events of one file, oldest first.
 *
 * A job that changes a file's data but not its state writes an event of its own name with
 * from = to; such a name is not in the table, and is passed through for any file that exists.
 *
 * @param start where the file stood before the first of these events; null: there was none
 */
export function fold(events: Iterable<RecordedEvent>, start: FileState | null = null): Fold {
  let state: FileState | null = start;
  let folded = 0;
  for (const event of events) {
    const code: RefusalCode | undefined = faultOf(state, folded > 0 && state === null, event);
    if (code !== undefined) return { state, folded, fault: { index: folded, code } };
    state = event.to;
    folded += 1;
  }
  return { state, folded };
}

function faultOf(
  state: FileState | null,
  closed: boolean,
  event: RecordedEvent,
): RefusalCode | undefined {
  if (closed) return 'file-closed';
  if (event.from !== state) return refuse('state-mismatch').code;
  if (!EVENT_BY_NAME.has(event.name)) {
    return state !== null && event.to === state ? undefined : 'unknown-event';
  }
  const result = transition(state, event.name, event.to);
  return result.ok ? undefined : result.code;
}
