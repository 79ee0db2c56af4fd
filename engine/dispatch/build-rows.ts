/**
 * Builds the world of one run from the rows of a data package, as texts under their English column
 * names (formats.md). What other cities and batches have is passed over. The package is taken to be
 * checked before (db/package); what would make a placing wrong is refused here all the same.
 */
import { ABSENT, parseHundredths } from '../decimal.ts';
import { BIRTH_DATE, CityBuilder, COUNTY, ORIGIN, SEX } from './build.ts';
import { fail } from './errors.ts';
import type { CityInput, SchoolRow, SchoolStatusRow } from './reference.ts';
import {
  FILE_STATES,
  type FileState,
  type Major,
  type PlanLine,
  type Region,
  type School,
  type Subject,
  type World,
} from './world.ts';

export type PackageRow = Readonly<Record<string, string>>;

/** What the run is about; the rest comes from the rows. */
export type RunScope = Pick<
  CityInput,
  'season' | 'city' | 'batch' | 'round' | 'date' | 'attributes'
>;

/** The files a run reads, in the order in which their rows must come in. */
export const FILES_READ = [
  'regions.csv',
  'schools.csv',
  'school-status.csv',
  'majors.csv',
  'plans.csv',
  'flexible.csv',
  'subjects.csv',
  'candidates.csv',
  'scores.csv',
  'preferences.csv',
  'choices.csv',
  'senior-high.csv',
  'files.csv',
] as const;
export type FileRead = (typeof FILES_READ)[number];

/**
 * Rows in, world out: `add('regions.csv', row)` … in the order of FILES_READ, then `finish()`.
 */
export class RowBuilder {
  readonly #scope: RunScope;
  readonly #regions: Region[] = [];
  readonly #schools: SchoolRow[] = [];
  readonly #statuses: SchoolStatusRow[] = [];
  readonly #majors: Major[] = [];
  readonly #lines: PlanLine[] = [];
  readonly #flexible: { school: string; places: number }[] = [];
  readonly #subjects: Subject[] = [];
  readonly #slots = new Map<string, number>();
  #builder: CityBuilder | null = null;
  #scratch = Buffer.alloc(1 << 10);

  constructor(scope: RunScope) {
    this.#scope = scope;
  }

  /**
   * One row of one file.
   *
   * @throws the errors of CityBuilder, and bad-value for a number, state or yes/no that is none
   */
  add(file: FileRead, row: PackageRow): void {
    if (this.#addReference(file, row)) return;
    this.#builder ??= this.#start();
    if (file === 'candidates.csv') this.#candidate(this.#builder, row);
    else this.#about(this.#builder, file, row);
  }

  finish(): World {
    this.#builder ??= this.#start();
    return this.#builder.finish();
  }

  #start(): CityBuilder {
    this.#subjects.forEach((subject, slot) => {
      this.#slots.set(subject.code, slot);
    });
    return new CityBuilder({
      ...this.#scope,
      regions: this.#regions,
      schools: this.#schools,
      statuses: this.#statuses,
      majors: this.#majors,
      lines: this.#lines,
      flexible: this.#flexible,
      subjects: this.#subjects,
    });
  }

  #addReference(file: FileRead, row: PackageRow): boolean {
    const { city, batch } = this.#scope;
    const here = row['region'] === city && row['batch'] === batch;
    const text = (name: string) => row[name] ?? '';
    if (file === 'regions.csv') {
      this.#regions.push({
        code: text('code'),
        name: text('name'),
        parent: text('parent'),
        level: text('level'),
      });
    } else if (file === 'schools.csv') {
      this.#schools.push(schoolOf(row));
    } else if (file === 'school-status.csv') {
      const status = text('status') as School['status'];
      if (row['batch'] === batch) {
        this.#statuses.push({ school: text('school'), region: text('region'), status });
      }
    } else if (file === 'majors.csv') {
      this.#majors.push(majorOf(row));
    } else if (file === 'plans.csv') {
      const planned = Number(row['planned']);
      if (here) this.#lines.push({ school: text('school'), major: text('major'), planned });
    } else if (file === 'flexible.csv') {
      if (here) this.#flexible.push({ school: text('school'), places: Number(row['places']) });
    } else if (file === 'subjects.csv') {
      if (row['city'] === city) this.#subjects.push(subjectOf(row));
    } else {
      return false;
    }
    return true;
  }

  #candidate(builder: CityBuilder, row: PackageRow): void {
    if (row['city'] !== this.#scope.city) return;
    const raw = builder.candidate(0, this.#scratch, 0, this.#write(row['candidate_no'] ?? '', 0));
    const columns: [number, string | undefined][] = [
      [SEX, row['sex']],
      [BIRTH_DATE, row['birth_date']],
      [COUNTY, row['county']],
      [ORIGIN, row['origin']],
    ];
    for (const name of this.#scope.attributes) {
      columns.push([builder.attributeColumn(name), row[name]]);
    }
    for (const [column, value] of columns) {
      builder.text(raw, column, this.#scratch, 0, this.#write(value ?? '', 0));
    }
    builder.total(raw, hundredthsOf('total', row['total']));
  }

  #about(builder: CityBuilder, file: FileRead, row: PackageRow): void {
    const numberEnd = this.#write(row['candidate_no'] ?? '', 0);
    const raw = builder.candidateByNumber(this.#scratch, 0, numberEnd);
    if (raw === -1) return;
    if (file === 'scores.csv') {
      const slot = this.#slots.get(row['subject'] ?? '');
      if (slot === undefined) {
        throw fail('unknown-code', { table: file, code: row['subject'] ?? '' });
      }
      builder.mark(raw, slot, hundredthsOf('score', row['score']));
    } else if (file === 'preferences.csv') {
      builder.preference(raw, row['feature'] ?? '', row['confirmed_by'] ?? '');
    } else if (file === 'choices.csv') {
      this.#choice(builder, raw, row);
    } else if (file === 'senior-high.csv') {
      builder.seniorHigh(raw);
    } else if (file === 'files.csv') {
      builder.file(raw, {
        state: stateOf(row['state']),
        school: row['school'] ?? '',
        major: row['major'] ?? '',
        batch: row['batch'] ?? '',
        returnedBy: (row['returned_by'] ?? '').split(' ').filter(code => code !== ''),
        openApplications: wholeOf('open_applications', row['open_applications'] || '0'),
      });
    }
  }

  #choice(builder: CityBuilder, raw: number, row: PackageRow): void {
    if (row['batch'] !== this.#scope.batch) return;
    const schoolEnd = this.#write(row['school'] ?? '', 0);
    const majorsEnd = this.#write(row['majors'] ?? '', schoolEnd);
    const round = wholeOf('round', row['round'] || '1');
    const ordinal = wholeOf('ordinal', row['ordinal']);
    const adjustment = yesOf('adjustment', row['adjustment']);
    const bytes = this.#scratch;
    builder.choice(raw, round, ordinal, bytes, 0, schoolEnd, schoolEnd, majorsEnd, adjustment);
  }

  /** Writes a text into the scratch buffer and returns where it ends. */
  #write(text: string, at: number): number {
    const needed = at + text.length * 3;
    if (needed > this.#scratch.length) {
      const larger = Buffer.alloc(needed * 2);
      this.#scratch.copy(larger, 0, 0, at);
      this.#scratch = larger;
    }
    return at + this.#scratch.write(text, at, 'utf8');
  }
}

function schoolOf(row: PackageRow): SchoolRow {
  return {
    code: row['code'] ?? '',
    name: row['name'] ?? '',
    kind: row['kind'] ?? '',
    owner: row['owner'] ?? '',
    region: row['region'] ?? '',
    supervisor: row['supervisor'] ?? '',
    roster: row['roster'] ?? '',
  };
}

function majorOf(row: PackageRow): Major {
  return {
    school: row['school'] ?? '',
    code: row['code'] ?? '',
    name: row['name'] ?? '',
    articulated: yesOf('articulated', row['articulated']),
    college: row['college'] ?? '',
  };
}

function subjectOf(row: PackageRow): Subject {
  return {
    code: row['code'] ?? '',
    name: row['name'] ?? '',
    full: hundredthsOf('full', row['full']),
    order: wholeOf('order', row['order'] || '0'),
  };
}

function hundredthsOf(column: string, text: string | undefined): number {
  if (text === undefined || text === '') return ABSENT;
  const value = parseHundredths(text);
  if (value === undefined) throw fail('bad-value', { column, value: text });
  return value;
}

function wholeOf(column: string, text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,9}$/.test(text)) {
    throw fail('bad-value', { column, value: text ?? '' });
  }
  return Number(text);
}

/** null: the cell is empty. */
function yesOf(column: string, text: string | undefined): boolean | null {
  if (text === undefined || text === '') return null;
  if (text === 'yes') return true;
  if (text === 'no') return false;
  throw fail('bad-value', { column, value: text });
}

function stateOf(text: string | undefined): FileState {
  const state = FILE_STATES.find(known => known === text);
  if (state === undefined) throw fail('bad-value', { column: 'state', value: text ?? '' });
  return state;
}
