/**
 * Streams what one dispatch run reads – a city's batch – out of the database, by COPY, into a
 * builder of the engine's (CityBuilder). One read-only snapshot; no order is asked of PostgreSQL,
 * because the builder sorts what did not come sorted.
 */
import type { CityBuilder, CityInput, FileRow } from '../../engine/dispatch/build.ts';
import type { Subject } from '../../engine/dispatch/world.ts';
import type { Session } from '../connect.ts';
import { copyOut, readInteger } from '../copy.ts';

export interface CityKey {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  /** Business date of the run. */
  readonly date: string;
  /** Names of the attributes that the policy declares. */
  readonly attributes: readonly string[];
}

export interface ReadOptions {
  /**
   * The run whose input is wanted again: files that it sent to schools, or admitted by lot, count
   * as in the pool, as they were when it read them.
   */
  readonly beforeRun?: number;
  readonly onProgress?: (rows: number) => void;
}

/** The columns of CityBuilder.text that every candidate has, in its order: SEX, BIRTH_DATE, … */
const TEXT_COLUMNS = ['sex', 'birth_date', 'county', 'origin'] as const;
const ABSENT = -2147483648;
const PROGRESS_ROWS = 1 << 16;
/** See the check on subjects.slot. */
const SLOTS_MAX = 64;

/** The SELECT of each table that `readCity` streams; `choices` needs the round that counts. */
export interface CitySelects {
  readonly candidates: string;
  readonly scores: string;
  readonly preferences: string;
  readonly files: string;
  readonly choices: (round: number) => string;
}

/** COPY takes no parameters, so the literals are quoted here. */
export function citySelects(session: Session, key: CityKey, beforeRun?: number): CitySelects {
  const literal = (text: string) => session.client.escapeLiteral(text);
  const where = `season = ${Number(key.season)}::smallint and city = ${literal(key.city)}`;
  const attributes = key.attributes.map(name => `attributes ->> ${literal(name)}`);
  const columns = ['file', 'candidate_no', 'total', ...TEXT_COLUMNS, ...attributes];
  const undone =
    beforeRun === undefined
      ? 'false'
      : `coalesce(list in (select list from dispatch_lists d where d.season = f.season
           and d.city = f.city and d.run = ${Number(beforeRun)}), false)
         or file in (select file from events e where e.${where.replace(' and ', ' and e.')}
           and e.run = ${Number(beforeRun)} and e.name = 'admit-directly')`;
  return {
    candidates: `select ${columns.join(', ')} from candidates
      where ${where} and candidate_no is not null`,
    scores: `select file, marks from scores where ${where}`,
    preferences: `select file, feature, confirmed_by from preferences where ${where}`,
    files: `select file, state, coalesce(school, ''), coalesce(major, ''), coalesce(batch, ''),
        array_to_string(returned_by, ' '), open_applications, ${undone} or state = 'in-pool'
      from files f where ${where}`,
    choices: round => `select file, ordinal, school, majors, adjustment from choices
      where ${where} and batch = ${literal(key.batch)} and round = ${Number(round)}::smallint`,
  };
}

/** The round whose choices count (dispatch.md §1); null: the city has none up to this one. */
export async function effectiveRound(session: Session, key: CityKey): Promise<number | null> {
  const [row] = await session.query<{ round: number | null }>(
    `select max(round) as round from choices
     where season = $1::smallint and city = $2 and batch = $3 and round <= $4`,
    [key.season, key.city, key.batch, key.round],
  );
  return row?.round ?? null;
}

/** The small tables, whole or for this city and batch. */
export async function readReference(session: Session, key: CityKey): Promise<CityInput> {
  const { season, city, batch, round, date, attributes } = key;
  const rows = <R extends object>(sql: string, ...more: unknown[]) =>
    session.query<R>(sql, [season, ...more]);
  const subjects = await rows<Subject>(
    `select code, name, full_mark as full, position as "order"
     from subjects where season = $1::smallint and city = $2 order by slot`,
    city,
  );
  return {
    season,
    city,
    batch,
    round,
    date,
    attributes,
    subjects,
    regions: await rows(
      'select code, name, parent, level from regions where season = $1::smallint',
    ),
    schools: await rows(
      `select code, name, kind, coalesce(owner, '') as owner, coalesce(region, '') as region,
         supervisor, roster
       from schools where season = $1::smallint`,
    ),
    majors: await rows(
      'select school, code, name, articulated, college from majors where season = $1::smallint',
    ),
    statuses: await rows(
      `select school, region, status from school_statuses
       where season = $1::smallint and batch = $2 and region in ('', $3)`,
      batch,
      city,
    ),
    lines: await rows(
      `select school, major, planned from plan_lines
       where season = $1::smallint and city = $2 and batch = $3`,
      city,
      batch,
    ),
    flexible: await rows(
      `select school, places from flexible_quotas
       where season = $1::smallint and city = $2 and batch = $3`,
      city,
      batch,
    ),
  };
}

/**
 * Streams the city's candidates, marks, preferences, choices and files into the builder.
 *
 * @param builder made with `readReference` of the same key, in the same transaction
 * @returns the number of rows read
 */
export async function readCity(
  session: Session,
  key: CityKey,
  builder: CityBuilder,
  options: ReadOptions = {},
): Promise<number> {
  const reader = new CityReader(session, key, builder, options);
  await reader.candidates();
  await reader.marks();
  await reader.choices();
  await reader.preferences();
  await reader.files();
  return reader.rows;
}

class CityReader {
  rows = 0;
  readonly #session: Session;
  readonly #key: CityKey;
  readonly #builder: CityBuilder;
  readonly #options: ReadOptions;
  readonly #selects: CitySelects;

  constructor(session: Session, key: CityKey, builder: CityBuilder, options: ReadOptions) {
    this.#session = session;
    this.#key = key;
    this.#builder = builder;
    this.#options = options;
    this.#selects = citySelects(session, key, options.beforeRun);
  }

  async candidates(): Promise<void> {
    const builder = this.#builder;
    const textColumns = TEXT_COLUMNS.length + this.#key.attributes.length;
    await this.#copy(this.#selects.candidates, (buffer, starts, ends) => {
      const raw = builder.candidate(
        readInteger(buffer, starts[0], ends[0]),
        buffer,
        starts[1],
        ends[1],
      );
      if (starts[2] !== -1) builder.total(raw, readInteger(buffer, starts[2], ends[2]));
      for (let column = 0; column < textColumns; column += 1) {
        const start = starts[column + 3];
        if (start !== -1) builder.text(raw, column, buffer, start, ends[column + 3]);
      }
    });
  }

  async marks(): Promise<void> {
    const builder = this.#builder;
    // A subject's slot never changes and may leave gaps; its position in the builder's input does
    // not: both are in the order of the slots (readReference).
    const rows = await this.#session.query<{ slot: number }>(
      'select slot from subjects where season = $1::smallint and city = $2 order by slot',
      [this.#key.season, this.#key.city],
    );
    const slots = Array.from({ length: SLOTS_MAX + 1 }, (_, slot) =>
      rows.findIndex(row => row.slot === slot),
    );
    await this.#copy(this.#selects.scores, (buffer, starts, ends) => {
      const raw = builder.candidateByFile(readInteger(buffer, starts[0], ends[0]));
      if (raw !== -1) readMarks(builder, raw, slots, buffer, starts[1], ends[1]);
    });
  }

  async choices(): Promise<void> {
    const builder = this.#builder;
    const round = await effectiveRound(this.#session, this.#key);
    if (round === null) return;
    await this.#copy(this.#selects.choices(round), (buffer, starts, ends) => {
      const raw = builder.candidateByFile(readInteger(buffer, starts[0], ends[0]));
      if (raw === -1) return;
      const ordinal = readInteger(buffer, starts[1], ends[1]);
      const adjustment = starts[4] === -1 ? null : buffer[starts[4]] === 116; // 't'
      builder.choice(
        raw,
        round,
        ordinal,
        buffer,
        starts[2],
        ends[2],
        starts[3],
        ends[3],
        adjustment,
      );
    });
  }

  async preferences(): Promise<void> {
    const builder = this.#builder;
    await this.#copy(this.#selects.preferences, (buffer, starts, ends) => {
      const raw = builder.candidateByFile(readInteger(buffer, starts[0], ends[0]));
      if (raw === -1) return;
      builder.preference(
        raw,
        textOf(buffer, starts[1], ends[1]),
        textOf(buffer, starts[2], ends[2]),
      );
    });
  }

  /** Standing files; those that `beforeRun` itself has placed are as they were before it. */
  async files(): Promise<void> {
    const builder = this.#builder;
    await this.#copy(this.#selects.files, (buffer, starts, ends) => {
      const raw = builder.candidateByFile(readInteger(buffer, starts[0], ends[0]));
      if (raw === -1) return;
      const text = (field: number) => textOf(buffer, starts[field], ends[field]);
      const back = buffer[starts[7]] === 116; // 't'
      const row: FileRow = {
        // Where a file in the pool has been before is no input: no place is counted against it.
        state: back ? 'in-pool' : (text(1) as FileRow['state']),
        school: back ? '' : text(2),
        major: back ? '' : text(3),
        batch: back ? '' : text(4),
        returnedBy: text(5)
          .split(' ')
          .filter(code => code !== ''),
        openApplications: readInteger(buffer, starts[6], ends[6]),
      };
      builder.file(raw, row);
    });
  }

  async #copy(
    query: string,
    onRow: (buffer: Uint8Array, starts: Int32Array, ends: Int32Array) => void,
  ): Promise<void> {
    const { onProgress } = this.#options;
    await copyOut(this.#session, query, (buffer, starts, ends) => {
      onRow(buffer, starts, ends);
      this.rows += 1;
      if (onProgress !== undefined && this.rows % PROGRESS_ROWS === 0) onProgress(this.rows);
    });
  }
}

function textOf(buffer: Uint8Array, start: number, end: number): string {
  if (start === -1 || start === end) return '';
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString('utf8');
}

/** `{9050,NULL,8000}` → marks by slot. */
function readMarks(
  builder: CityBuilder,
  raw: number,
  slots: readonly number[],
  buffer: Uint8Array,
  start: number,
  end: number,
): void {
  let slot = 1;
  let value = 0;
  let absent = true;
  for (let at = start + 1; at < end; at += 1) {
    const byte = buffer[at];
    if (byte >= 48 && byte <= 57) {
      value = value * 10 + byte - 48;
      absent = false;
    } else if (byte === 44 || byte === 125) {
      const to = slots[slot] ?? -1;
      if (to !== -1) builder.mark(raw, to, absent ? ABSENT : value);
      slot += 1;
      value = 0;
      absent = true;
    }
  }
}
