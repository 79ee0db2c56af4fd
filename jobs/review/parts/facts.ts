/**
 * The facts of one school in a city and batch, and of the files that want a place there, for the
 * stages quota and review (spec/policy.md "Facts"). Read as the runner: a rule is decided by what
 * is, not by what the user may see of it.
 *
 * Only what the rules in force read is fetched: the shipped ones read no marks, and a decision of
 * 500 files should not pay for those that a later year's rules may read.
 */
import {
  type CityStanding,
  cityStandings,
  earlierBatchOpen,
} from '../../../db/dispatch/standing.ts';
import {
  type FactPerson,
  type FactSchool,
  readFactPeople,
  readFactSchool,
} from '../../../db/season/fact-rows.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import { type PlanStanding, planFacts } from '../../../db/season/plan.ts';
import { fullYears, typed } from '../../../engine/dispatch/facts-of-world.ts';
import { bonusOf } from '../../../engine/dispatch/preference-points.ts';
import { registerByPassed } from '../../../engine/policy/calendar.ts';
import { isInWindow, linesOf } from '../../../engine/policy/lookup.ts';
import type { Batch, FactValue, FullPolicy } from '../../../engine/policy/types.ts';
import { stageFacts } from '../../../engine/rules/stage-facts.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import { admissionError } from './admission-errors.ts';

type Facts = Readonly<Record<string, FactValue>>;

const SUBJECT = 'candidate.subject.';
/** Facts of a candidate that stand on the file already. */
const ON_FILE: ReadonlySet<string> = new Set([
  'candidate.no',
  'candidate.city',
  'candidate.county',
  'candidate.origin',
]);
/** Facts that only the city's whole standing tells. */
const OF_CITY: ReadonlySet<string> = new Set([
  'batch.earlier-open',
  'batch.round',
  'city.senior-high-complete',
  'city.policy-adopted',
]);

/** Where a place is wanted. */
export interface FactPlace {
  readonly city: string;
  readonly school: string;
  readonly batch: Batch;
  /** The phase that the admission counts for. */
  readonly phase: string;
}

/** What is asked about one file. */
export interface FactQuestion {
  readonly stage: 'quota' | 'review';
  /** null: about a plan line alone. */
  readonly file: StandingFile | null;
  readonly major: string | null;
  /** The plan as it is to be held against; null: the stage's rules have none to look at. */
  readonly standing: PlanStanding | null;
  /** `application.kind` and what else the caller alone knows. */
  readonly more: Facts;
}

export class PlaceFacts {
  readonly place: FactPlace;
  readonly policy: FullPolicy;
  readonly school: FactSchool;
  readonly #season: number;
  readonly #date: string;
  readonly #needed: ReadonlySet<string>;
  readonly #standing: CityStanding | undefined;
  /** Named by the rules. */
  readonly #subjects: readonly string[];
  /** By stage: all its facts, without those of a file. */
  readonly #complete = new Map<string, Facts>();
  readonly #people = new Map<number, FactPerson>();
  readonly #read: (files: readonly number[]) => Promise<Map<number, FactPerson>>;

  private constructor(
    act: Act<unknown>,
    policy: FullPolicy,
    place: FactPlace,
    read: { school: FactSchool; needed: ReadonlySet<string>; standing: CityStanding | undefined },
  ) {
    this.place = place;
    this.policy = policy;
    this.school = read.school;
    this.#needed = read.needed;
    this.#standing = read.standing;
    this.#subjects = [...read.needed]
      .filter(name => name.startsWith(SUBJECT))
      .map(name => name.slice(SUBJECT.length));
    this.#season = act.season;
    this.#date = act.businessDate;
    this.#read = files =>
      act.asRunner(session => readFactPeople(session, this.#season, place.city, files));
  }

  /**
   * @param needed names of the facts that the rules in force read
   * @throws unknown-school
   */
  static async open<I>(
    act: Act<I>,
    place: FactPlace,
    needed: readonly string[],
  ): Promise<PlaceFacts> {
    const policy = await act.cityPolicy(place.city);
    const names = new Set(needed);
    const at = { city: place.city, school: place.school, batch: place.batch.id };
    const [school, standing] = await act.asRunner(async session => {
      const found = await readFactSchool(session, act.season, at);
      if (OF_CITY.isDisjointFrom(names)) return [found, undefined] as const;
      const cities = await cityStandings(session, act.season);
      return [found, cities.find(({ city }) => city === place.city)] as const;
    });
    if (school === undefined) throw actError('unknown-school', { school: place.school });
    return new PlaceFacts(act as Act<unknown>, policy, place, { school, needed: names, standing });
  }

  /** Fetches what the rules read of these files; what is known already is not read again. */
  async know(files: readonly StandingFile[]): Promise<void> {
    const personal = (name: string) => name.startsWith('candidate.') && !ON_FILE.has(name);
    if (![...this.#needed].some(name => personal(name) || name === 'file.below-line')) return;
    const wanted = files.map(({ file }) => file).filter(file => !this.#people.has(file));
    if (wanted.length === 0) return;
    for (const [file, person] of await this.#read(wanted)) this.#people.set(file, person);
  }

  /** @throws unknown-major: the school has none of that code */
  requireMajor(major: string): void {
    if (this.school.majors.has(major)) return;
    throw admissionError('unknown-major', { school: this.school.code, major });
  }

  /** Every fact of the stage. Call `know` for the file before. */
  of({ stage, file, major, standing, more }: FactQuestion): Facts {
    const given = {
      ...this.#ofMajor(major),
      ...(standing === null ? {} : planFacts(standing, major)),
      ...(file === null ? {} : this.#ofFile(file)),
      ...(file === null ? {} : this.#ofPerson(file)),
      ...more,
    };
    const complete = this.#complete.get(stage);
    if (complete !== undefined) return { ...complete, ...given };
    const { attributes } = this.policy;
    const place = this.#ofPlace();
    // The place's own are the same for all files, and the names of the first question are checked.
    this.#complete.set(stage, stageFacts(stage, place, attributes, this.#subjects));
    return stageFacts(stage, { ...place, ...given }, attributes, this.#subjects);
  }

  #ofPlace(): Facts {
    const { city, batch, phase } = this.place;
    const { code, kind, owner, region, status } = this.school;
    const lines = this.#lines();
    return {
      'school.code': code,
      'school.kind': kind,
      'school.owner': owner,
      'school.region': region,
      'school.status': status,
      'line.region': pointsOf(lines.region),
      'line.school': pointsOf(lines.school),
      'batch.id': batch.id,
      'batch.order': batch.order,
      'batch.window-open': isInWindow(batch.window, this.#date),
      'phase.id': phase,
      'city.code': city,
      'city.own-system': this.policy.ownSystem,
      today: this.#date,
      ...this.#ofCity(),
    };
  }

  #ofCity(): Facts {
    const standing = this.#standing;
    if (standing === undefined) return {};
    const { batch } = this.place;
    return {
      'batch.earlier-open': earlierBatchOpen(this.policy.batches, batch, standing, this.#date),
      'batch.round': standing.openedRounds.get(batch.id) ?? 1,
      'city.senior-high-complete': standing.seniorHighComplete,
      'city.policy-adopted': standing.policyAdopted,
    };
  }

  #ofMajor(major: string | null): Facts {
    if (major === null) return {};
    return {
      'major.code': major,
      'major.articulated': this.school.majors.get(major) ?? false,
    };
  }

  #ofFile(file: StandingFile): Facts {
    const { phase, registerBy: ownDay, reopenedUntil, since } = file;
    const term = { phase, ownDay, reopenedUntil };
    return {
      'file.state': file.state,
      'file.open-applications': file.openApplications,
      'file.phase': phase,
      'file.school': file.school,
      'file.transfers': file.transfers,
      'file.age-days': since === null ? null : daysBetween(since, this.#date),
      'file.hold-expired': file.holdUntil !== null && file.holdUntil < this.#date,
      'file.register-by-passed': registerByPassed(this.policy, term, this.#date),
      'candidate.no': file.candidateNo,
      'candidate.origin': file.origin,
      'candidate.city': file.city,
      'candidate.county': file.county === '' ? null : file.county,
    };
  }

  #ofPerson({ file }: StandingFile): Facts {
    const person = this.#people.get(file);
    if (person === undefined) return {};
    const { batch } = this.place;
    const bonus = bonusOf(this.policy.preferences, batch.id, person.features);
    const score = person.total === null ? null : person.total + bonus;
    const marks = this.#subjects.map(name => [
      `${SUBJECT}${name}`,
      pointsOf(person.marks[name] ?? null),
    ]);
    const attributes = this.policy.attributes.map(attribute => {
      const text = person.attributes[attribute.name];
      return [`candidate.${attribute.name}`, text ? typed(attribute, text) : null];
    });
    return {
      ...Object.fromEntries([...marks, ...attributes]),
      'candidate.sex': person.sex,
      'candidate.age': this.#age(person.birthDate),
      'candidate.total': pointsOf(person.total),
      'candidate.bonus': bonus / 100,
      'candidate.score': pointsOf(score),
      'file.below-line': this.#belowLine(score),
    };
  }

  /** On the first day of the phase. */
  #age(birthDate: string | null): number | null {
    const phase = this.policy.phases.find(each => each.id === this.place.phase);
    const day = phase?.window?.[0];
    return birthDate === null || day === undefined ? null : fullYears(birthDate, day);
  }

  /** null: without a score or a line of the region nobody can tell, and an officer looks at it. */
  #belowLine(score: number | null): boolean | null {
    const { region, school } = this.#lines();
    if (score === null || region === null) return null;
    return score < Math.max(region, school ?? region);
  }

  #lines(): { readonly region: number | null; readonly school: number | null } {
    const { city, batch, school } = this.place;
    const { region, schools } = linesOf(this.policy, city, batch.id);
    return { region, school: schools.get(school) ?? null };
  }
}

function pointsOf(hundredths: number | null): number | null {
  return hundredths === null ? null : hundredths / 100;
}

const DAY_MS = 86_400_000;

function daysBetween(from: string, to: string): number {
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS;
}
