/**
 * What one run of spec/dispatch.md reads, as typed arrays: season × phase × batch × city × round.
 * Built by CityBuilder (build.ts), from the database or from a data package, then never changed.
 *
 * Candidates are sorted by the UTF-8 bytes of their numbers, so that "by candidate number" is
 * "by index" everywhere. Schools, majors and lines are sorted by the bytes of their codes.
 */

/** Strings of bytes, one after the other: string i is bytes[start[i] … start[i + 1]). */
export interface ByteColumn {
  readonly bytes: Uint8Array;
  /** Float64 so that more than 4 GiB of text does not wrap. */
  readonly start: Float64Array | Uint32Array;
}

/** A column of few distinct texts: `values[codes[i]]`; code 0 is always null (absent). */
export interface CodedColumn {
  readonly codes: Uint16Array | Uint32Array;
  readonly values: readonly (string | null)[];
}

/** The states of spec/file-life.md in a fixed order; the code of a state is its index. */
export const FILE_STATES = [
  'in-pool',
  'unnumbered',
  'senior-high',
  'dispatched',
  'reading',
  'proposed',
  'return-proposed',
  'pending-review',
  'admitted',
  'registered',
  'held',
  'cancelled',
  'filed',
] as const;
export type FileState = (typeof FILE_STATES)[number];

/** Every candidate of the city who has a choice in the batch (of the round) or a file elsewhere. */
export interface Candidates {
  readonly count: number;
  readonly number: ByteColumn;
  /** Internal file id; 0 where there is no database. */
  readonly file: Int32Array;
  /** Hundredths; ABSENT: none. */
  readonly total: Int32Array;
  /** Marks by subject, in the order of World.subjects; hundredths, ABSENT: none. */
  readonly marks: readonly Int32Array[];
  readonly sex: CodedColumn;
  /** `YYYY-MM-DD`. */
  readonly birthDate: CodedColumn;
  readonly county: CodedColumn;
  readonly origin: CodedColumn;
  /** Attributes the policy declares, by name: text as it stands in the file; empty is absent. */
  readonly attributes: ReadonlyMap<string, CodedColumn>;
  /** Index into FILE_STATES. */
  readonly state: Uint8Array;
  readonly openApplications: Uint8Array;
}

/** The choices of the round that counts (dispatch.md §1), by candidate index, then ordinal. */
export interface Choices {
  readonly count: number;
  /** Choices of candidate i: [first[i], first[i + 1]). */
  readonly first: Uint32Array;
  /** The round whose choices these are; 0 where the city has none. */
  readonly round: number;
  readonly ordinal: Uint16Array;
  /** Index into World.schools, or UNKNOWN_SCHOOL. */
  readonly school: Uint16Array;
  /** Index into ADJUSTMENTS. */
  readonly adjustment: Uint8Array;
  /** Codes joined by a space, as they came; parsed only where the candidate is placed. */
  readonly majors: ByteColumn;
  /** Codes of schools that no table knows, for the package: choice index → code. */
  readonly unknownSchools: ReadonlyMap<number, string>;
}

export const UNKNOWN_SCHOOL = 0xffff;

/** What a choice may say of adjustment (服从调剂), in a byte; null: the cell is empty, absent. */
export const ADJUSTMENTS: readonly (boolean | null)[] = [false, true, null];

export interface School {
  readonly code: string;
  readonly name: string;
  /** Empty: absent, as owner and region may be. */
  readonly kind: string;
  readonly owner: string;
  readonly region: string;
  readonly supervisor: string;
  readonly roster: string;
  /** In this city and batch: open, suspended, finished. */
  readonly status: 'open' | 'suspended' | 'finished';
}

export interface Major {
  readonly school: string;
  readonly code: string;
  readonly name: string;
  /** null: absent. */
  readonly articulated: boolean | null;
  readonly college: string;
}

/** A plan line of this city and batch. */
export interface PlanLine {
  readonly school: string;
  readonly major: string;
  readonly planned: number;
}

/** A file that is not in the pool, or has been somewhere: files.csv. */
export interface StandingFile {
  /** Index of the candidate. */
  readonly candidate: number;
  readonly state: FileState;
  readonly school: string;
  readonly major: string;
  readonly batch: string;
  readonly returnedBy: readonly string[];
  readonly openApplications: number;
}

export interface Preference {
  readonly candidate: number;
  readonly feature: string;
  readonly confirmedBy: string;
}

export interface Region {
  readonly code: string;
  readonly name: string;
  readonly parent: string;
  readonly level: string;
}

export interface Subject {
  readonly code: string;
  readonly name: string;
  /** hundredths */
  readonly full: number;
  readonly order: number;
}

/** The facts of city.* and batch.* that the start rules read, as the run finds them. */
export interface Standing {
  readonly seniorHighComplete: boolean;
  readonly policyAdopted: boolean;
  readonly ownSystem: boolean;
  readonly earlierOpen: boolean;
}

export interface World {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  /** The run's business date. */
  readonly date: string;
  readonly regions: readonly Region[];
  readonly schools: readonly School[];
  readonly majors: readonly Major[];
  readonly lines: readonly PlanLine[];
  /** Flexible quota by school code. */
  readonly flexible: ReadonlyMap<string, number>;
  readonly subjects: readonly Subject[];
  readonly candidates: Candidates;
  readonly choices: Choices;
  /** Files that are not simply in the pool, sorted by candidate. */
  readonly files: readonly StandingFile[];
  readonly preferences: readonly Preference[];
}
