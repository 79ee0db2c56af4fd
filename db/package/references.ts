/**
 * What codes mean while a package is checked: the small tables of the package, on top of those
 * that the database holds already (db/package/known.ts) where it is a part of one.
 */
import type { Policy } from '../../engine/policy/types.ts';
import type { CellValue } from './cells.ts';

/** One row of a small table: its line, and its values by English column name. */
export interface SmallRow {
  readonly line: number;
  readonly values: Readonly<Record<string, CellValue>>;
}

export interface KnownRegion {
  readonly parent: string;
  readonly level: string;
}

export interface KnownSubject {
  /** Place among the subjects of its city, from 0: one bit of a candidate's row. */
  readonly slot: number;
  readonly name: string;
  /** Hundredths; ABSENT: not given (recompute). */
  readonly full: number;
}

/** Codes that rows may name. */
export class References {
  readonly regions = new Map<string, KnownRegion>();
  readonly offices = new Set<string>();
  /** School code → kind. */
  readonly schools = new Map<string, string>();
  /** School code → region that it lies in. */
  readonly schoolRegions = new Map<string, string>();
  /** School code → codes of its majors. */
  readonly majors = new Map<string, Set<string>>();
  /** City code → subject code → subject. */
  readonly subjects = new Map<string, Map<string, KnownSubject>>();

  isCity(code: string): boolean {
    return this.regions.get(code)?.level === 'city';
  }

  /** Whether a region is this city, or one of its counties. */
  isWithin(region: string, city: string): boolean {
    return region === city || this.regions.get(region)?.parent === city;
  }

  addMajor(school: string, major: string): void {
    const majors = this.majors.get(school);
    if (majors === undefined) this.majors.set(school, new Set([major]));
    else majors.add(major);
  }

  hasMajor(school: string, major: string): boolean {
    return this.majors.get(school)?.has(major) === true;
  }

  /**
   * Adds a subject, or gives it another full mark; its slot stays.
   *
   * @param slot as the database holds it; a new one takes the next that is free
   */
  addSubject(city: string, code: string, name: string, full: number, slot?: number): void {
    const subjects = this.subjects.get(city) ?? new Map<string, KnownSubject>();
    this.subjects.set(city, subjects);
    const next = Math.max(-1, ...[...subjects.values()].map(subject => subject.slot)) + 1;
    subjects.set(code, { slot: slot ?? subjects.get(code)?.slot ?? next, name, full });
  }

  /** How many slots the subjects of a city take up. */
  slots(city: string): number {
    const subjects = [...(this.subjects.get(city)?.values() ?? [])];
    return Math.max(-1, ...subjects.map(subject => subject.slot)) + 1;
  }

  subject(city: string, code: string): KnownSubject | undefined {
    return this.subjects.get(city)?.get(code);
  }

  /** The highest total of a city: the sum of its subjects' full marks; undefined without any. */
  highestTotal(city: string): number | undefined {
    const subjects = this.subjects.get(city);
    if (subjects === undefined) return undefined;
    let sum = 0;
    for (const { full } of subjects.values()) sum += full;
    return sum > 0 ? sum : undefined;
  }
}

/** What of the policy a package must fit. */
export interface PackageRules {
  /** Batch id → most choices of a candidate, most majors of a choice. */
  readonly batches: ReadonlyMap<string, { readonly max: number; readonly majors: number }>;
  /** Ids of preference features. */
  readonly features: ReadonlySet<string>;
}

export function rulesOf(policy: Pick<Policy, 'batches' | 'preferences'>): PackageRules {
  return {
    batches: new Map(policy.batches.map(batch => [batch.id, batch.choices])),
    features: new Set(policy.preferences.features.map(feature => feature.id)),
  };
}
