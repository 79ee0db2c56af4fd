/**
 * Builds the world of one run from rows in any order: from a COPY stream (byte ranges and file ids)
 * or from CSV files (build-rows.ts). A city may have 1.3 million candidates with 8 choices each, so
 * everything is appended to typed columns; there is no object per candidate and no string per row.
 *
 * What the world keeps does not depend on who calls: candidates with neither a choice in the round
 * that counts nor a file that occupies a place in this batch are left out, whatever else is known
 * of them, so that the database and a data package give the same input hash.
 */
import { ABSENT } from '../decimal.ts';
import { ByteIndex, GrowingCodes, NumberIndex } from './byte-index.ts';
import {
  byteColumn,
  compareRanges,
  compareText,
  GrowingBytes,
  gatherBytes,
  grown,
  textAt,
} from './bytes.ts';
import { ChoiceRows } from './choice-rows.ts';
import { fail } from './errors.ts';
import { type FileRow, FileRows } from './file-rows.ts';
import { type CityInput, type Reference, referenceOf } from './reference.ts';
import { identity, sortByBytes } from './sort.ts';
import type { ByteColumn, Candidates, CodedColumn, Preference, World } from './world.ts';
import { UNKNOWN_SCHOOL } from './world.ts';

export type { FileRow } from './file-rows.ts';
export type { CityInput, SchoolRow, SchoolStatusRow } from './reference.ts';

/** Candidate numbers have 14 digits; anything far beyond is a broken row. */
export const CANDIDATE_NO_MAX_BYTES = 64;

/** Text columns of a candidate, for `text`; attributes follow (`attributeColumn`). */
export const SEX = 0;
export const BIRTH_DATE = 1;
export const COUNTY = 2;
export const ORIGIN = 3;
const FIRST_ATTRIBUTE = 4;

export class CityBuilder {
  readonly input: CityInput;
  readonly #reference: Reference;
  readonly #schoolIndex: ByteIndex;
  readonly #numbers = new GrowingBytes();
  #numberIndex: ByteIndex | null = null;
  #fileIndex: NumberIndex | null = null;
  #file = new Int32Array(1024);
  #total = new Int32Array(1024);
  readonly #marks: Int32Array[];
  readonly #texts: GrowingCodes[];
  readonly #choices: ChoiceRows;
  readonly #files = new FileRows();
  readonly #preferences: Preference[] = [];

  /** @throws too-many-schools, duplicate-code, unknown-code, count-out-of-range */
  constructor(input: CityInput) {
    this.input = input;
    this.#reference = referenceOf(input);
    const codes = this.#reference.schools.map(school => school.code);
    this.#schoolIndex = new ByteIndex(byteColumn(codes));
    this.#marks = input.subjects.map(() => new Int32Array(1024));
    this.#texts = Array.from(
      { length: FIRST_ATTRIBUTE + input.attributes.length },
      () => new GrowingCodes(),
    );
    this.#choices = new ChoiceRows(input.round);
  }

  /** Candidates so far. */
  get count(): number {
    return this.#numbers.count;
  }

  /**
   * A candidate of the city: all of them, or at least those with choices or files, before any row
   * that names one.
   *
   * @param file internal id, 0 where there is no database
   * @returns the raw index, by which the other rows name this candidate
   */
  candidate(file: number, bytes: Uint8Array, start: number, end: number): number {
    if (end <= start || end - start > CANDIDATE_NO_MAX_BYTES) {
      throw fail('bad-candidate-number', { limit: CANDIDATE_NO_MAX_BYTES });
    }
    const raw = this.#numbers.push(bytes, start, end);
    if (raw === this.#file.length) {
      this.#file = grown(this.#file, 0);
      this.#total = grown(this.#total, 0);
      this.#marks.forEach((mark, slot) => {
        this.#marks[slot] = grown(mark, 0);
      });
    }
    this.#file[raw] = file;
    this.#total[raw] = ABSENT;
    for (let slot = 0; slot < this.#marks.length; slot += 1) this.#marks[slot][raw] = ABSENT;
    this.#numberIndex = null;
    this.#fileIndex = null;
    return raw;
  }

  /** The raw index of a candidate number, or -1. Made at the first call: candidates come first. */
  candidateByNumber(bytes: Uint8Array, start: number, end: number): number {
    this.#numberIndex ??= new ByteIndex(this.#numbers.column());
    return this.#numberIndex.find(bytes, start, end);
  }

  /** The raw index of a file id, or -1. Fastest where rows come in the order of the candidates. */
  candidateByFile(file: number): number {
    this.#fileIndex ??= new NumberIndex(this.#file, this.count);
    return this.#fileIndex.find(file);
  }

  /** The total, in hundredths; not called, or called with ABSENT: none. */
  total(raw: number, hundredths: number): void {
    this.#total[raw] = hundredths;
  }

  /** A mark, in hundredths. @param slot position in `input.subjects` */
  mark(raw: number, slot: number, hundredths: number): void {
    this.#marks[slot][raw] = hundredths;
  }

  /** The number of the attribute's column, for `text`; -1 where the policy declares none. */
  attributeColumn(name: string): number {
    const at = this.input.attributes.indexOf(name);
    return at === -1 ? -1 : FIRST_ATTRIBUTE + at;
  }

  /** One text of a candidate: SEX, BIRTH_DATE, COUNTY, ORIGIN or an attribute; empty is absent. */
  text(raw: number, column: number, bytes: Uint8Array, start: number, end: number): void {
    this.#texts[column].set(raw, bytes, start, end);
  }

  /**
   * A choice of this batch. Rows of several rounds may come in, in any order: those of the highest
   * round up to the run's count, the others are passed over (dispatch.md §1).
   *
   * @param adjustment null: not said
   * @throws bad-ordinal, majors-too-long
   */
  choice(
    raw: number,
    round: number,
    ordinal: number,
    bytes: Uint8Array,
    schoolStart: number,
    schoolEnd: number,
    majorsStart: number,
    majorsEnd: number,
    adjustment: boolean | null,
  ): void {
    if (!this.#choices.takes(round)) return;
    const school = this.#schoolIndex.find(bytes, schoolStart, schoolEnd);
    this.#choices.push(raw, ordinal, school === -1 ? UNKNOWN_SCHOOL : school, adjustment);
    this.#choices.pushMajors(bytes, majorsStart, majorsEnd);
    if (school === -1) {
      const code = Buffer.from(bytes.subarray(schoolStart, schoolEnd)).toString('utf8');
      this.#choices.pushUnknown(code);
    }
  }

  /** A file that is not simply in the pool: a row of files.csv, or of the table of files. */
  file(raw: number, row: FileRow): void {
    if (this.#files.file(raw, row)) return;
    const code = textAt(this.#numbers.column(), raw);
    throw fail('duplicate-code', { table: 'files.csv', code });
  }

  /** Admitted by a senior high (普高已录); a row of `file` for the same candidate wins. */
  seniorHigh(raw: number): void {
    this.#files.seniorHigh(raw);
  }

  /** A preference feature (照顾特征); confirmedBy empty: not confirmed, does not count. */
  preference(raw: number, feature: string, confirmedBy: string): void {
    this.#preferences.push({ candidate: raw, feature, confirmedBy });
  }

  /**
   * The world. The builder is not used afterwards: its memory goes into the world.
   *
   * @throws duplicate-candidate, duplicate-ordinal, duplicate-choice, duplicate-preference,
   *   duplicate-code
   */
  finish(): World {
    const { input } = this;
    const numbers = this.#numbers.column();
    const codes = this.#reference.schools.map(school => school.code);
    const source = this.#kept(numbers);
    const place = new Uint32Array(this.count).fill(0xffff_ffff);
    for (let at = 0; at < source.length; at += 1) place[source[at]] = at;
    const sorted = isIdentity(source, this.count) ? numbers : gatherBytes(numbers, source);
    const candidates = this.#candidates(sorted, source, place);
    const choices = this.#choices.finish(place, sorted, codes);
    return Object.freeze({
      season: input.season,
      city: input.city,
      batch: input.batch,
      round: input.round,
      date: input.date,
      ...this.#reference,
      candidates,
      choices,
      files: this.#files.finish(place),
      preferences: this.#sortedPreferences(place, sorted),
    });
  }

  /** Raw indexes of the candidates that the world keeps, in the order of their numbers. */
  #kept(numbers: ByteColumn): Uint32Array {
    const keep = new Uint8Array(this.count);
    this.#choices.markCandidates(keep);
    this.#files.markCandidates(keep, this.input.batch);
    const order = sortByBytes(identity(this.count), numbers);
    requireDistinctNumbers(order, numbers);
    return order.filter(raw => keep[raw] === 1);
  }

  #candidates(number: ByteColumn, source: Uint32Array, place: Uint32Array): Candidates {
    const text = (column: number): CodedColumn => this.#texts[column].column(source);
    const { attributes, subjects } = this.input;
    const slots = this.#reference.subjects.map(subject => subjects.indexOf(subject));
    const { state, openApplications } = this.#files.columns(place, source.length);
    return Object.freeze({
      count: source.length,
      number,
      file: gathered(this.#file, source),
      total: gathered(this.#total, source),
      marks: slots.map(slot => {
        const column = gathered(this.#marks[slot], source);
        this.#marks[slot] = new Int32Array(0);
        return column;
      }),
      sex: text(SEX),
      birthDate: text(BIRTH_DATE),
      county: text(COUNTY),
      origin: text(ORIGIN),
      attributes: new Map(attributes.map((name, at) => [name, text(FIRST_ATTRIBUTE + at)])),
      state,
      openApplications,
    });
  }

  #sortedPreferences(place: Uint32Array, numbers: ByteColumn): Preference[] {
    const rows = this.#preferences
      .map(row => ({ ...row, candidate: place[row.candidate] }))
      .filter(row => row.candidate !== 0xffff_ffff);
    rows.sort((a, b) => a.candidate - b.candidate || compareText(a.feature, b.feature));
    rows.forEach((row, at) => {
      const former = rows[at - 1];
      if (former?.candidate === row.candidate && former.feature === row.feature) {
        const detail = { candidate: textAt(numbers, row.candidate), feature: row.feature };
        throw fail('duplicate-preference', detail);
      }
    });
    return rows;
  }
}

function isIdentity(source: Uint32Array, count: number): boolean {
  return source.length === count && source.every((raw, at) => raw === at);
}

function gathered(column: Int32Array, source: Uint32Array): Int32Array {
  const result = new Int32Array(source.length);
  for (let at = 0; at < source.length; at += 1) result[at] = column[source[at]];
  return result;
}

function requireDistinctNumbers(order: Uint32Array, numbers: ByteColumn): void {
  const { bytes, start } = numbers;
  for (let at = 1; at < order.length; at += 1) {
    const one = order[at - 1];
    const two = order[at];
    if (compareRanges(bytes, start[one], start[one + 1], bytes, start[two], start[two + 1]) === 0) {
      throw fail('duplicate-candidate', { candidate: textAt(numbers, two) });
    }
  }
}
