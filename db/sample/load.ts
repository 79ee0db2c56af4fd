/**
 * Writes a synthetic province straight into an empty database, by COPY, in one transaction: what
 * an import of the same province's package would leave, without the way through files.
 *
 * The tables are truncated first, in the same transaction. That lets PostgreSQL write the rows
 * frozen (no second visit by vacuum), and, where wal_level is minimal, without a log of each row.
 */
import { createHash } from 'node:crypto';
import { ensureSampleUsers } from '../access/sample-users.ts';
import type { Database, Session } from '../connect.ts';
import { asCopied, type CopyWriter, copyIn } from '../copy.ts';
import { databaseError } from '../errors.ts';
import { identityHasher } from '../identity-hmac.ts';
import { IMPORT_DECISION } from '../package/import/events.ts';
import { recountChoices } from '../season/choice-counts.ts';
import { appendEvents, type BulkEvents, openBulk, PROVINCE } from '../trail.ts';
import type { People } from './people.ts';
import {
  planProvince,
  SAMPLE_BATCH,
  SAMPLE_SEASON,
  type SampleOptions,
  type SampleProvince,
} from './province.ts';
import type { SmallTable } from './reference.ts';

export interface LoadOptions extends SampleOptions {
  readonly actor: string;
  readonly at: Date;
  /** YYYY-MM-DD */
  readonly businessDate: string;
  /** id in policy_versions; null: none yet. */
  readonly policyVersion?: number | null;
  /** Told after each table. */
  readonly onProgress?: (table: string, rows: number) => void;
}

export type LoadCounts = Readonly<Record<string, number>>;

/** What a load writes; all of it must be empty before. */
const TABLES = [
  'regions',
  'offices',
  'schools',
  'majors',
  'subjects',
  'plan_lines',
  'flexible_quotas',
  'school_statuses',
  'candidates',
  'candidate_numbers',
  'identities',
  'scores',
  'preferences',
  'choices',
  'senior_high_admissions',
  'files',
  'city_standings',
];

/**
 * Loads a sample into a database that has no candidates yet.
 *
 * @returns rows by table
 * @throws sample-needs-empty-database
 */
export async function loadSample(database: Database, options: LoadOptions): Promise<LoadCounts> {
  const province = planProvince(options);
  const counts = await database.transaction(async session => {
    await claimEmpty(session);
    const load = new SampleLoad(session, province, options);
    await load.small();
    await load.people();
    await load.standing();
    await ensureSampleUsers(session, SAMPLE_SEASON, options.at);
    return load.counts;
  });
  // Without statistics the first night would be planned for empty tables.
  await database.query(`analyze ${TABLES.join(', ')}, events`);
  return counts;
}

async function claimEmpty(session: Session): Promise<void> {
  await session.query('insert into seasons (season) values ($1) on conflict do nothing', [
    SAMPLE_SEASON,
  ]);
  await session.query(`lock table ${TABLES.join(', ')} in access exclusive mode`);
  for (const table of TABLES) {
    const rows = await session.query(`select 1 from ${table} limit 1`);
    if (rows.length > 0) throw databaseError('sample-needs-empty-database', { table });
  }
  await session.query(`truncate ${TABLES.join(', ')}`);
}

type PersonWriter = (people: People, file: number, writer: CopyWriter) => number;

/** Columns of the small tables and which cells of the package's rows go there; n: hundredths. */
const SMALL: readonly (readonly [SmallTable, string, readonly (number | `${number}n`)[]])[] = [
  ['regions', 'regions (season, code, name, parent, level)', [0, 1, 2, 3]],
  ['offices', 'offices (season, code, name, kind, region, school_kinds)', [0, 1, 2, 3, 4]],
  [
    'schools',
    'schools (season, code, name, kind, owner, region, supervisor, roster)',
    [0, 1, 2, 3, 4, 5, 6],
  ],
  ['majors', 'majors (season, code, name, school, articulated, college)', [0, 1, 2, 3, 4]],
  [
    'subjects',
    'subjects (season, city, code, name, full_mark, position, slot)',
    [0, 1, 2, '3n', 4, 4],
  ],
  ['plans', 'plan_lines (season, school, major, city, batch, planned)', [0, 1, 2, 3, 4]],
  ['flexible', 'flexible_quotas (season, school, city, batch, places)', [0, 1, 2, 3]],
  ['school-status', 'school_statuses (season, school, batch, status, region)', [0, 1, 2, 3]],
];

class SampleLoad {
  readonly counts: Record<string, number> = {};
  readonly #session: Session;
  readonly #province: SampleProvince;
  readonly #options: LoadOptions;
  readonly #people: People;

  constructor(session: Session, province: SampleProvince, options: LoadOptions) {
    this.#session = session;
    this.#province = province;
    this.#options = options;
    this.#people = province.people();
  }

  async small(): Promise<void> {
    for (const [table, target, cells] of SMALL) {
      const rows = this.#province.reference.tables.get(table) ?? [];
      const written = await this.#copy(target, async writer => {
        for (const row of rows) {
          writer.int(SAMPLE_SEASON);
          for (const cell of cells) {
            if (typeof cell === 'number') writer.text(row[cell]);
            else writer.int(Number(row[Number.parseInt(cell, 10)]) * 100);
          }
          await writer.endRow();
        }
      });
      this.#tell(target, written);
    }
  }

  async people(): Promise<void> {
    const hash = await identityHasher(this.#session);
    const codes = this.#province.reference.cities.map(city => asCopied([SAMPLE_SEASON, city.code]));
    const key = (people: People, file: number, writer: CopyWriter) => {
      writer.fields(codes[people.cityIndex]);
      writer.int(file);
    };
    for (const [target, write] of personTables(key, hash)) {
      this.#tell(target, await this.#copy(target, writer => this.#each(write, writer)));
    }
    await this.#session.query("select setval('file_ids', $1)", [
      Math.max(
        1,
        this.#province.candidates.reduce((sum, count) => sum + count, 0),
      ),
    ]);
  }

  /** What an import notes: itself, every new file, who is in a senior high, which city is ready. */
  async standing(): Promise<void> {
    const { cities } = this.#province.reference;
    await recountChoices(this.#session, SAMPLE_SEASON, { cities: cities.map(({ code }) => code) });
    await this.#recordImport();
    const firsts: number[] = [];
    for (const c of cities.keys()) {
      await this.#events(c, { name: 'import', from: null, to: 'in-pool' }, () => true);
      const taken = { name: 'senior-high-import', from: 'in-pool', to: 'senior-high' };
      firsts.push(await this.#events(c, taken, people => people.seniorHigh !== ''));
    }
    const senior = asCopied(['senior-high']);
    const files = 'files (season, city, file, state, event)';
    let next = 0;
    const writeFile: PersonWriter = (people, file, writer) => {
      if (file === this.#firstFile(people.cityIndex)) next = firsts[people.cityIndex];
      if (people.seniorHigh === '') return 0;
      writer.int(SAMPLE_SEASON);
      writer.text(people.city.code);
      writer.int(file);
      writer.fields(senior);
      writer.int(next);
      next += 1;
      return 1;
    };
    this.#tell(files, await this.#copy(files, writer => this.#each(writeFile, writer)));
    await this.#session.query(
      `insert into city_standings (season, city, senior_high_complete, senior_high_completed_on)
       select $1, code, true, $2 from regions where season = $1 and level = 'city'`,
      [SAMPLE_SEASON, this.#options.businessDate],
    );
  }

  async #recordImport(): Promise<void> {
    const { actor, at, businessDate, policyVersion: policy = null } = this.#options;
    const counts = { ...this.counts };
    const hash = sampleHash(this.#options);
    const [row] = await this.#session.query<{ import: number }>(
      `insert into imports (season, package_hash, synthetic, counts, imported_at, imported_by)
       values ($1, $2, true, $3, $4, $5) returning import`,
      [SAMPLE_SEASON, hash, JSON.stringify(counts), at, actor],
    );
    const note = { import: row?.import, package: hash, counts };
    const about = { city: PROVINCE, file: null, name: 'import', actor, at, businessDate };
    const decision = IMPORT_DECISION;
    await appendEvents(this.#session, SAMPLE_SEASON, [{ ...about, policy, decision, note }]);
  }

  /** One event for each file of a city that it happened to. @returns the number of the first */
  async #events(
    cityIndex: number,
    step: Pick<BulkEvents, 'name' | 'from' | 'to'>,
    happened: (people: People) => boolean,
  ): Promise<number> {
    const { actor, at, businessDate, policyVersion: policy = null } = this.#options;
    const city = this.#province.reference.cities[cityIndex].code;
    const common = { ...step, city, actor, at, businessDate, policy };
    const bulk = await openBulk(this.#session, SAMPLE_SEASON, common);
    const first = bulk.next;
    const decision = asCopied([IMPORT_DECISION]);
    try {
      await this.#eachOf(cityIndex, (people, file) =>
        happened(people) ? bulk.add(file, null, null, null, decision) : undefined,
      );
    } catch (error) {
      await bulk.abort();
      throw error;
    }
    await bulk.end();
    return first;
  }

  #copy(target: string, work: (writer: CopyWriter) => Promise<void>): Promise<number> {
    return copyIn(this.#session, `copy ${target} from stdin with (freeze)`, work);
  }

  #tell(target: string, rows: number): void {
    const table = target.split(' ', 1)[0];
    this.counts[table] = rows;
    this.#options.onProgress?.(table, rows);
  }

  #firstFile(cityIndex: number): number {
    let file = 1;
    for (let c = 0; c < cityIndex; c += 1) file += this.#province.candidates[c];
    return file;
  }

  /** Ends a row where the writer of a person has not ended all of its own. */
  async #each(write: PersonWriter, writer: CopyWriter): Promise<void> {
    for (let c = 0; c < this.#province.candidates.length; c += 1) {
      await this.#eachOf(c, (people, file) =>
        write(people, file, writer) === 0 ? undefined : writer.endRow(),
      );
    }
  }

  async #eachOf(
    cityIndex: number,
    work: (people: People, file: number) => Promise<void> | undefined,
  ): Promise<void> {
    const people = this.#people;
    const first = this.#firstFile(cityIndex);
    const count = this.#province.candidates[cityIndex];
    for (let i = 0; i < count; i += 1) {
      people.go(cityIndex, i);
      const wait = work(people, first + i);
      if (wait !== undefined) await wait;
    }
  }
}

type Key = (people: People, file: number, writer: CopyWriter) => void;

/**
 * The tables of people: target, and what to write of one person. A writer returns 0 where the
 * person has no row; else its last row is left open, to be ended by the caller.
 */
function personTables(
  key: Key,
  hash: (identity: string) => Buffer,
): readonly (readonly [string, PersonWriter])[] {
  return [
    [
      'candidates (season, city, file, candidate_no, name, sex, birth_date, identity_no, county,' +
        ' registration_point, origin, total, attributes)',
      candidateWriter(key),
    ],
    [
      'candidate_numbers (season, city, file, candidate_no)',
      (people, file, writer) => {
        key(people, file, writer);
        writer.text(people.number);
        return 1;
      },
    ],
    [
      'identities (season, city, file, identity_hmac)',
      (people, file, writer) => {
        key(people, file, writer);
        writer.text(`\\x${hash(people.person().identity).toString('hex')}`);
        return 1;
      },
    ],
    [
      'scores (season, city, file, marks)',
      (people, file, writer) => {
        if (!people.examined) return 0;
        people.score();
        key(people, file, writer);
        writer.ints(people.marks, people.city.subjects.length);
        return 1;
      },
    ],
    [
      'preferences (season, city, file, feature, evidence, confirmed_by)',
      (people, file, writer) => {
        if (!people.preference()) return 0;
        key(people, file, writer);
        writer.text(people.feature);
        writer.text(people.evidence);
        writer.text(people.confirmedBy);
        return 1;
      },
    ],
    [
      'choices (season, city, file, batch, round, ordinal, school, majors, adjustment)',
      choiceWriter(key),
    ],
    [
      'senior_high_admissions (season, city, file, school)',
      (people, file, writer) => {
        if (people.seniorHigh === '') return 0;
        key(people, file, writer);
        writer.text(people.seniorHigh);
        return 1;
      },
    ],
  ];
}

function candidateWriter(key: Key): PersonWriter {
  return (people, file, writer) => {
    people.score();
    const person = people.person();
    key(people, file, writer);
    writer.text(people.number);
    writer.text(person.name);
    writer.text(people.male ? 'M' : 'F');
    writer.text(person.birthDate);
    writer.text(person.identity);
    writer.text(person.county);
    writer.text(person.point);
    writer.text(people.origin);
    writer.intOrNull(people.total);
    const { height, vision } = person;
    writer.text(height === '' ? null : `{"height": "${height}", "vision": "${vision}"}`);
    return 1;
  };
}

function choiceWriter(key: Key): PersonWriter {
  const batch = asCopied([SAMPLE_BATCH, 1]);
  return (people, file, writer) => {
    people.choose();
    for (let n = 0; n < people.choiceCount; n += 1) {
      // At most a handful of rows between two waits: the buffer takes them.
      if (n > 0) writer.endRow();
      const { ordinal, school, majors, adjustment } = people.choices[n];
      key(people, file, writer);
      writer.fields(batch);
      writer.int(ordinal);
      writer.text(school.code);
      writer.text(majors);
      writer.boolean(adjustment);
    }
    return people.choiceCount;
  };
}

/** Names the sample in the list of imports: the same options, the same hash. */
function sampleHash(options: SampleOptions): string {
  const { seed, scale, shape, candidates, choicesPerCandidate, cities } = options;
  const named = { seed, scale, shape, candidates, choicesPerCandidate, cities };
  return createHash('sha256')
    .update(`sample ${JSON.stringify(named)}`)
    .digest('hex');
}
