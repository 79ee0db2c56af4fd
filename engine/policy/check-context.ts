/** What every check of meaning is given, and the checks that several documents share. */
import type { FaultCode, FaultDetail, Nearest } from './faults.ts';
import type { Documents, Json, Path } from './json.ts';
import { nearestName } from './nearest.ts';

/** What a database or a data package knows; what is null is not checked. */
export interface Knowledge {
  readonly schools: ReadonlySet<string> | null;
  /** Codes of all regions. */
  readonly regions: ReadonlySet<string> | null;
  /** Names of the subjects, by city. */
  readonly subjects: ReadonlyMap<string, readonly string[]> | null;
  /** Codes of the majors, by school. */
  readonly majors: ReadonlyMap<string, ReadonlySet<string>> | null;
  /** Full marks of all subjects together, by city; hundredths. */
  readonly fullMarks: ReadonlyMap<string, number> | null;
  /** Full marks by the name of a subject, the highest of all cities; hundredths. */
  readonly subjectMarks: ReadonlyMap<string, number> | null;
  /** What region lines of the province usually are; hundredths. */
  readonly usualLine: number | null;
}

export const NO_KNOWLEDGE: Knowledge = {
  schools: null,
  regions: null,
  subjects: null,
  majors: null,
  fullMarks: null,
  subjectMarks: null,
  usualLine: null,
};

/** Everything that a check reads, and where it puts what it finds. */
export interface Check {
  readonly documents: Documents;
  readonly knowledge: Knowledge;
  readonly phases: ReadonlySet<string>;
  readonly batches: ReadonlySet<string>;
  readonly subjects: readonly string[] | null;
  report(
    document: string,
    code: FaultCode,
    path: Path,
    detail?: FaultDetail,
    more?: { readonly nearest?: Nearest; readonly at?: 'key' | 'value' },
  ): void;
}

/** Reports a name that is not among the known ones, with the nearest. */
export function checkKnown(
  check: Check,
  document: string,
  path: Path,
  known: ReadonlySet<string> | null,
  name: string | undefined,
  code: FaultCode,
): void {
  if (known === null || name === undefined || known.has(name)) return;
  const nearest = () => nearestName(name, known);
  check.report(document, code, path, { name }, { nearest });
}

/** Scores, gaps and points: at most two decimals. */
export function checkDecimals(
  check: Check,
  document: string,
  value: Json | undefined,
  path: Path,
): void {
  if (typeof value !== 'number' || /^-?[0-9]+(\.[0-9]{1,2})?$/.test(String(value))) return;
  check.report(document, 'too-many-decimals', path, { value });
}
