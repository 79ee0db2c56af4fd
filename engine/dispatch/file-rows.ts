/**
 * Files that are not simply in the pool, while they come in: few beside the candidates, so plain
 * objects will do.
 */
import { compareText } from './bytes.ts';
import { FILE_STATES, type FileState, type StandingFile } from './world.ts';

/** A row of files.csv. Empty texts where there is nothing. */
export interface FileRow {
  readonly state: FileState;
  /** Where the file is or was last admitted. */
  readonly school: string;
  /** Decided, else suggested. */
  readonly major: string;
  /** The batch that it counts against. */
  readonly batch: string;
  /** Schools that returned it, or lost it by recall or withdrawal, this season. */
  readonly returnedBy: readonly string[];
  readonly openApplications: number;
}

/** States in which a file takes a place at its school (dispatch.md §3). */
export const OCCUPYING_STATES: ReadonlySet<FileState> = new Set<FileState>([
  'dispatched',
  'reading',
  'proposed',
  'return-proposed',
  'admitted',
  'registered',
  'filed',
]);

const OPEN_APPLICATIONS_MAX = 255;

const SENIOR_HIGH: FileRow = Object.freeze({
  state: 'senior-high',
  school: '',
  major: '',
  batch: '',
  returnedBy: [],
  openApplications: 0,
});

export class FileRows {
  readonly #rows = new Map<number, FileRow>();
  readonly #seniorHigh = new Set<number>();

  /** @returns false where the candidate has a row already */
  file(raw: number, row: FileRow): boolean {
    if (this.#rows.has(raw)) return false;
    this.#rows.set(raw, row);
    return true;
  }

  seniorHigh(raw: number): void {
    this.#seniorHigh.add(raw);
  }

  #all(): Map<number, FileRow> {
    const all = new Map<number, FileRow>();
    for (const raw of this.#seniorHigh) all.set(raw, SENIOR_HIGH);
    for (const [raw, row] of this.#rows) all.set(raw, row);
    return all;
  }

  /** Marks the candidates whose file takes a place in this batch. */
  markCandidates(marked: Uint8Array, batch: string): void {
    for (const [raw, row] of this.#all()) {
      if (row.batch === batch && row.school !== '' && OCCUPYING_STATES.has(row.state)) {
        marked[raw] = 1;
      }
    }
  }

  /** State and open applications by candidate of the world. */
  columns(place: Uint32Array, count: number) {
    const state = new Uint8Array(count).fill(FILE_STATES.indexOf('in-pool'));
    const openApplications = new Uint8Array(count);
    for (const [raw, row] of this.#all()) {
      if (place[raw] >= count) continue;
      state[place[raw]] = FILE_STATES.indexOf(row.state);
      openApplications[place[raw]] = Math.min(OPEN_APPLICATIONS_MAX, row.openApplications);
    }
    return { state, openApplications };
  }

  /** The rows of kept candidates that say anything, by candidate. */
  finish(place: Uint32Array): StandingFile[] {
    const files: StandingFile[] = [];
    for (const [raw, row] of this.#all()) {
      if (place[raw] === 0xffff_ffff || saysNothing(row)) continue;
      const returnedBy = [...new Set(row.returnedBy)].sort(compareText);
      files.push(Object.freeze({ ...row, returnedBy, candidate: place[raw] }));
    }
    return files.sort((a, b) => a.candidate - b.candidate);
  }
}

/** A row that is the same as no row (no row: in-pool). */
function saysNothing(row: FileRow): boolean {
  return (
    row.state === 'in-pool' &&
    row.school === '' &&
    row.major === '' &&
    row.batch === '' &&
    row.returnedBy.length === 0 &&
    row.openApplications === 0
  );
}
