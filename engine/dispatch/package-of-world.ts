/**
 * The input of a run as a data package (formats.md), and its hash (dispatch.md §7): for each CSV,
 * in byte order of file names, its rows in byte order. Reading the package and building the world
 * again gives the same package, byte for byte; so anybody can do a run again from these files and a
 * policy folder, and see the same hashes.
 *
 * It holds what a run reads and nothing else. Names, identity numbers, registration points,
 * evidence and everything by which a person could be reached stay empty: no rule can read them, so
 * they can change no result, and a package that is handed to an auditor should not carry them.
 * Senior-high admissions stand in files.csv with their state; statuses stand resolved for the run's
 * city; only the choices of the round that counts are there, with its number.
 */
import { createHash } from 'node:crypto';
import { formatHundredths } from '../decimal.ts';
import { textAt } from './bytes.ts';
import { csvLine } from './csv-bytes.ts';
import { byteSorted, candidateRows, choiceRows, scoreRows } from './package-rows.ts';
import type { World } from './world.ts';

export interface PackageFile {
  /** `candidates.csv` */
  readonly name: string;
  /** The header line, LF included. */
  readonly header: string;
  /** The rows in byte order, each with LF, in chunks of about a megabyte. Can be asked again. */
  readonly rows: () => Generator<Buffer>;
}

/** The files of the package, in byte order of their names. All are there, some without a row. */
export function packageOfWorld(world: World): readonly PackageFile[] {
  const attributes = [...world.candidates.attributes.keys()];
  const files: PackageFile[] = [
    {
      name: 'candidates.csv',
      header: csvLine([
        'candidate_no',
        'name',
        'sex',
        'birth_date',
        'identity_no',
        'city',
        'county',
        'registration_point',
        'origin',
        'total',
        ...attributes,
      ]),
      rows: () => candidateRows(world),
    },
    {
      name: 'choices.csv',
      header: csvLine([
        'candidate_no',
        'batch',
        'round',
        'ordinal',
        'school',
        'majors',
        'adjustment',
      ]),
      rows: () => choiceRows(world),
    },
    {
      name: 'scores.csv',
      header: csvLine(['candidate_no', 'subject', 'score']),
      rows: () => scoreRows(world),
    },
    ...smallFiles(world),
  ];
  return files.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

function smallFiles(world: World): PackageFile[] {
  const { city, batch, schools } = world;
  const number = (candidate: number) => textAt(world.candidates.number, candidate);
  const yes = (value: boolean | null) => (value === null ? '' : value ? 'yes' : 'no');
  return [
    small('regions.csv', ['code', 'name', 'parent', 'level'], () =>
      world.regions.map(each => [each.code, each.name, each.parent, each.level]),
    ),
    small('schools.csv', ['code', 'name', 'kind', 'owner', 'region', 'supervisor', 'roster'], () =>
      schools.map(each => [
        each.code,
        each.name,
        each.kind,
        each.owner,
        each.region,
        each.supervisor,
        each.roster,
      ]),
    ),
    small('school-status.csv', ['school', 'batch', 'status', 'region'], () =>
      schools
        .filter(each => each.status !== 'open')
        .map(each => [each.code, batch, each.status, city]),
    ),
    small('majors.csv', ['code', 'name', 'school', 'articulated', 'college'], () =>
      world.majors.map(each => [
        each.code,
        each.name,
        each.school,
        yes(each.articulated),
        each.college,
      ]),
    ),
    small('plans.csv', ['school', 'major', 'region', 'batch', 'planned'], () =>
      world.lines.map(each => [each.school, each.major, city, batch, String(each.planned)]),
    ),
    small('flexible.csv', ['school', 'region', 'batch', 'places'], () =>
      Array.from(world.flexible, ([school, places]) => [school, city, batch, String(places)]),
    ),
    small('subjects.csv', ['city', 'code', 'name', 'full', 'order'], () =>
      world.subjects.map(each => [
        city,
        each.code,
        each.name,
        formatHundredths(each.full),
        String(each.order),
      ]),
    ),
    small('preferences.csv', ['candidate_no', 'feature', 'evidence', 'confirmed_by'], () =>
      world.preferences.map(each => [number(each.candidate), each.feature, '', each.confirmedBy]),
    ),
    small(
      'files.csv',
      ['candidate_no', 'state', 'school', 'major', 'batch', 'returned_by', 'open_applications'],
      () =>
        world.files.map(each => [
          number(each.candidate),
          each.state,
          each.school,
          each.major,
          each.batch,
          each.returnedBy.join(' '),
          String(each.openApplications),
        ]),
    ),
  ];
}

function small(
  name: string,
  columns: readonly string[],
  rowsOf: () => readonly (readonly string[])[],
): PackageFile {
  return {
    name,
    header: csvLine(columns),
    rows: () => byteSorted(rowsOf().map(row => Buffer.from(csvLine(row)))),
  };
}

/** Adds up the input hash while a package is written, so that one pass does both. */
export class InputHash {
  readonly #hash = createHash('sha256');

  /** Call it before the chunks of a file, files in byte order of their names. */
  begin(file: PackageFile): void {
    this.#hash.update(`${file.name}\n${file.header}`);
  }

  update(rows: Buffer): void {
    this.#hash.update(rows);
  }

  /** Hex. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}

/** The input hash of a run: SHA-256, hex. */
export function inputHash(world: World): string {
  const hash = new InputHash();
  for (const file of packageOfWorld(world)) {
    hash.begin(file);
    for (const chunk of file.rows()) hash.update(chunk);
  }
  return hash.digest();
}
