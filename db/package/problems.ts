/**
 * The faults of a package: all of them in one pass, listed up to a bound and counted beyond it,
 * and written to rejects.csv, which goes back to the officer whose file it is.
 *
 * Messages end up in logs and on screens, so no identity number and no name stands in them; the
 * values in rejects.csv are whole.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Problem } from '../../engine/problem.ts';
import { csvLine } from './csv-write.ts';

/** What a person reads; the rest is in rejects.csv. */
export const PROBLEMS_MAX = 1000;
/** A file that is wrong in every row is wrong in one way: no need to write ten million. */
export const REJECTS_MAX = 1_000_000;
const SHOWN_CHARACTERS_MAX = 40;
const REJECT_BUFFER_CHARACTERS = 1 << 16;

/** One fault, with its place and what stood there. */
export interface Fault {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** `candidates.csv`, or `workbook.xlsx#candidates`. */
  readonly file: string;
  /** 1-based; 0: the file as a whole. */
  readonly line: number;
  /** 1-based character (in a workbook: column); 0: the line as a whole. */
  readonly place: number;
  /** English name of the column; empty: the row as a whole. */
  readonly column: string;
  /** Chinese name of the column. */
  readonly title: string;
  /** The cell as it stands, whole. */
  readonly value: string;
  /** The column or table holds people's data. */
  readonly personal: 'column' | 'table' | 'none';
  /** What is wrong and what to do: the end of a Chinese sentence that begins with the value. */
  readonly sentence: string;
  /** The file can't be read on, or not be trusted: not even its other rows are imported. */
  readonly fatal?: boolean;
}

/** First three and last two characters: enough to find the row, too little to know the number. */
export function maskIdentity(text: string): string {
  if (text.length <= 5) return '*'.repeat(text.length);
  return `${text.slice(0, 3)}${'*'.repeat(text.length - 5)}${text.slice(-2)}`;
}

/** A value as it may stand in a message. */
function shown(fault: Fault): string {
  if (fault.value === '') return '';
  if (fault.personal === 'column') {
    const digits = /^[0-9A-Za-z()-]+$/.test(fault.value);
    return digits ? `“${maskIdentity(fault.value)}”` : `（${[...fault.value].length} 个字，略）`;
  }
  // A row that slipped by a column shows a name where a code is expected.
  const beyondAscii = /[^\x20-\x7e]/.test(fault.value);
  if (fault.personal === 'table' && beyondAscii) {
    return `（${[...fault.value].length} 个字，略）`;
  }
  const masked = fault.value.replace(/\d{14,}[\dXx]/g, maskIdentity);
  const printable = masked.replace(/\p{Cc}/gu, '�');
  const cut = [...printable];
  const text =
    cut.length > SHOWN_CHARACTERS_MAX
      ? `${cut.slice(0, SHOWN_CHARACTERS_MAX).join('')}…`
      : printable;
  return `“${text}”`;
}

function messageOf(fault: Fault): string {
  if (fault.column === '') return fault.sentence;
  const value = fault.value === '' ? '' : `的值${shown(fault)}`;
  return `${fault.title}（${fault.column}）${value}${fault.sentence}`;
}

export class ProblemList {
  /** The first PROBLEMS_MAX, in the order in which they were found. */
  readonly problems: Problem[] = [];
  errors = 0;
  warnings = 0;
  /** Errors that let nothing be imported, not even the rows without fault. */
  fatal = 0;
  /** code → how many. */
  readonly counts = new Map<string, number>();
  readonly #rejects: RejectsFile | undefined;

  /** @param rejectsPath where rejects.csv is written, if anything is rejected */
  constructor(rejectsPath?: string) {
    this.#rejects = rejectsPath === undefined ? undefined : new RejectsFile(rejectsPath);
  }

  add(fault: Fault): void {
    if (fault.severity === 'error') this.errors += 1;
    else this.warnings += 1;
    if (fault.fatal === true) this.fatal += 1;
    this.counts.set(fault.code, (this.counts.get(fault.code) ?? 0) + 1);
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problemOf(fault));
    if (fault.severity === 'error') this.#rejects?.add(fault);
  }

  /** A fault of a file as a whole, or of one of its lines, after which nothing is imported. */
  addTable(code: string, file: string, sentence: string, line = 0): void {
    this.add({
      code,
      severity: 'error',
      file,
      line,
      place: 0,
      column: '',
      title: '',
      value: '',
      personal: 'none',
      sentence,
      fatal: true,
    });
  }

  /** Faults found beyond those listed. */
  get unlisted(): number {
    return this.errors + this.warnings - this.problems.length;
  }

  /** Closes rejects.csv. @returns its path, where anything was rejected */
  close(): string | undefined {
    return this.#rejects?.close();
  }
}

function problemOf(fault: Fault): Problem {
  return {
    code: fault.code,
    severity: fault.severity,
    file: fault.file,
    line: fault.line,
    column: fault.place,
    excerpt: '',
    message: messageOf(fault),
  };
}

/** rejects.csv: made with the first reject, so that a clean package leaves none. */
class RejectsFile {
  readonly #path: string;
  #handle: number | undefined;
  #text = '';
  #rows = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(fault: Fault): void {
    this.#rows += 1;
    if (this.#rows > REJECTS_MAX) return;
    if (this.#handle === undefined) {
      this.#handle = openSync(this.#path, 'w', 0o600);
      this.#text = csvLine(['file', 'row', 'column', 'value', 'code', 'reason']);
    }
    const reason = messageOf(fault);
    const { file, line, column, value, code } = fault;
    this.#text += csvLine([file, line === 0 ? '' : String(line), column, value, code, reason]);
    if (this.#text.length >= REJECT_BUFFER_CHARACTERS) this.#flush();
  }

  close(): string | undefined {
    if (this.#handle === undefined) return undefined;
    this.#flush();
    closeSync(this.#handle);
    this.#handle = undefined;
    return this.#path;
  }

  #flush(): void {
    writeSync(this.#handle as number, this.#text);
    this.#text = '';
  }
}
