/**
 * The state fold of every file (P8), over the stored events as they stream out in the order of
 * files: what engine/file/fold.ts makes of them must be what the state column caches.
 */
import { type Fold, fold, type RecordedEvent } from '../../engine/file/fold.ts';
import { type FileState, isFileState } from '../../engine/file/states.ts';
import { REFUSALS } from '../../engine/file/transition.ts';
import type { Session } from '../connect.ts';
import { copyOut, readInteger, readText } from '../copy.ts';

export interface FoldFault {
  readonly kind: 'fold-broken' | 'state-differs' | 'file-missing' | 'events-missing';
  readonly file: number;
  /** The event at fault, or the file's last one. */
  readonly event: number | null;
  /** Chinese. */
  readonly sentence: string;
}

export interface FoldCheck {
  readonly season: number;
  readonly city: string;
  readonly files: number;
  /** How many files are at fault. */
  readonly broken: number;
  /** The first of them. */
  readonly faults: readonly FoldFault[];
}

/** Faults that are told one by one; the count goes on. */
const FAULTS_TOLD_MAX = 20;
/** Between two words on the progress. */
const FILES_PER_WORD = 4096;

interface StoredEvent extends RecordedEvent {
  readonly event: number;
}

interface StoredFile {
  readonly state: string;
  readonly event: number;
}

/** Folds all files of a city. */
export async function verifyFolds(
  session: Session,
  season: number,
  city: string,
  onFiles: (done: number) => void = () => {},
): Promise<FoldCheck> {
  const walk = new FoldWalk(onFiles);
  const here = `season = ${Number(season)} and city = ${session.client.escapeLiteral(city)}`;
  await copyOut(
    session,
    `select file, e.event, e.name, e.from_state, e.to_state, f.state, f.event
       from (select file, event, name, from_state, to_state from events
              where ${here} and file is not null) e
       full join (select file, state, event from files where ${here}) f using (file)
      order by file, e.event`,
    (buffer, starts, ends) => {
      const text = (field: number) =>
        readText(buffer, starts[field] as number, ends[field] as number);
      const integer = (field: number) =>
        readInteger(buffer, starts[field] as number, ends[field] as number);
      walk.begin(integer(0), text(5), starts[6] === -1 ? 0 : integer(6));
      const name = text(2);
      if (name === null) return;
      const [from, to] = [text(3), text(4)];
      walk.add({ event: integer(1), name, from: from as FileState, to: to as FileState });
    },
  );
  walk.end();
  return { season, city, files: walk.files, broken: walk.broken, faults: walk.faults };
}

/** Gathers the events of one file after the other. */
class FoldWalk {
  files = 0;
  broken = 0;
  readonly faults: FoldFault[] = [];
  readonly #onFiles: (done: number) => void;
  #file: number | null = null;
  #stored: StoredFile | null = null;
  #events: StoredEvent[] = [];

  constructor(onFiles: (done: number) => void) {
    this.#onFiles = onFiles;
  }

  begin(file: number, state: string | null, event: number): void {
    if (file === this.#file) return;
    this.end();
    this.#file = file;
    this.#stored = state === null ? null : { state, event };
    this.#events = [];
  }

  add(event: StoredEvent): void {
    this.#events.push(event);
  }

  /** Judges the file whose last event has come. */
  end(): void {
    if (this.#file === null) return;
    this.files += 1;
    if (this.files % FILES_PER_WORD === 0) this.#onFiles(this.files);
    const fault = faultOf(this.#file, this.#events, this.#stored);
    if (fault === null) return;
    this.broken += 1;
    if (this.faults.length < FAULTS_TOLD_MAX) this.faults.push(fault);
  }
}

function faultOf(
  file: number,
  events: readonly StoredEvent[],
  stored: StoredFile | null,
): FoldFault | null {
  const last = events.at(-1);
  if (last === undefined) {
    const sentence = `档案 ${file} 有状态“${stored?.state}”，但没有任何事件`;
    return { kind: 'events-missing', file, event: null, sentence };
  }
  const { state, fault } = foldStored(events);
  if (fault !== undefined) {
    const at = events[fault.index] as StoredEvent;
    const sentence = `档案 ${file} 的事件 ${at.event}（${at.name}）：${REFUSALS[fault.code]}`;
    return { kind: 'fold-broken', file, event: at.event, sentence };
  }
  if (stored === null) {
    // No row means in the pool (the migration 0001-spine), or a file that was closed.
    if (state === null || state === 'in-pool') return null;
    const sentence = `档案 ${file} 按事件应为“${state}”，但没有档案记录`;
    return { kind: 'file-missing', file, event: last.event, sentence };
  }
  if (stored.state === state && stored.event === last.event) return null;
  const sentence =
    `档案 ${file} 按事件 ${last.event} 应为“${state}”，` +
    `档案记录为“${stored.state}”（事件 ${stored.event}）`;
  return { kind: 'state-differs', file, event: last.event, sentence };
}

/**
 * A file that came with the import of a whole city, which is one event, begins in the pool; and an
 * export that is imported brings a file as it stood: its `import` leads to any state.
 */
function foldStored(events: readonly StoredEvent[]): Fold {
  const [first] = events;
  if (first?.name === 'import' && first.from === null && isFileState(first.to ?? '')) {
    const rest = fold(events.slice(1), first.to);
    const fault = rest.fault;
    return fault === undefined ? rest : { ...rest, fault: { ...fault, index: fault.index + 1 } };
  }
  return fold(events, first?.from === 'in-pool' ? 'in-pool' : null);
}
