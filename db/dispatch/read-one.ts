/**
 * The world of a dispatch by hand: one candidate with one choice, and beside him the files that
 * occupy places at the school. Read under the city's chain, so that room is what it seems until the
 * commit.
 */
import { CityBuilder } from '../../engine/dispatch/build.ts';
import { OCCUPYING_STATES } from '../../engine/dispatch/file-rows.ts';
import type { FileState, World } from '../../engine/dispatch/world.ts';
import type { Session } from '../connect.ts';
import type { StandingFile } from '../season/files.ts';
import { type CityKey, effectiveRound, readReference } from './read-city.ts';

/** A choice as it stands, or as an approved paper makes it. */
export interface OneChoice {
  readonly ordinal: number;
  readonly school: string;
  /** Codes joined by a space. */
  readonly majors: string;
  readonly adjustment: boolean;
}

/** The candidate's own choices in the round that counts (dispatch.md §1), by ordinal. */
export async function ownChoices(
  session: Session,
  key: CityKey,
  file: number,
): Promise<OneChoice[]> {
  const round = await effectiveRound(session, key);
  return session.query<OneChoice>(
    `select ordinal, school, majors, coalesce(adjustment, false) as adjustment from choices
     where season = $1::smallint and city = $2 and batch = $3 and round = $4::smallint
       and file = $5 order by ordinal`,
    [key.season, key.city, key.batch, round ?? 0, file],
  );
}

/**
 * Reads the world of one candidate and one school.
 *
 * @param choice what he is to be sent by
 */
export async function readOne(
  session: Session,
  key: CityKey,
  file: StandingFile,
  choice: OneChoice,
): Promise<World> {
  const input = await readReference(session, key);
  const builder = new CityBuilder(input);
  const reader = new OneReader(session, key, builder);
  const raw = await reader.candidate(file);
  await reader.preferences(file, raw);
  const school = Buffer.from(choice.school);
  const text = Buffer.concat([school, Buffer.from(choice.majors)]);
  const { ordinal, adjustment } = choice;
  const { length } = school;
  builder.choice(raw, key.round, ordinal, text, 0, length, length, text.length, adjustment);
  await reader.occupants(choice.school);
  return builder.finish();
}

interface CandidateRow {
  readonly candidateNo: string;
  readonly total: number | null;
  readonly texts: readonly (string | null)[];
  readonly marks: readonly (number | null)[] | null;
}

class OneReader {
  readonly #session: Session;
  readonly #key: CityKey;
  readonly #builder: CityBuilder;

  constructor(session: Session, key: CityKey, builder: CityBuilder) {
    this.#session = session;
    this.#key = key;
    this.#builder = builder;
  }

  /** @returns the raw index */
  async candidate(file: StandingFile): Promise<number> {
    const { season, city, attributes } = this.#key;
    const [row] = await this.#session.query<CandidateRow>(
      `select c.candidate_no as "candidateNo", c.total,
         array[c.sex, c.birth_date::text, c.county, c.origin]
           || array(select c.attributes ->> a.name
                    from unnest($4::text[]) with ordinality as a (name, n) order by n) as texts,
         s.marks
       from candidates c left join scores s using (season, city, file)
       where c.season = $1::smallint and c.city = $2 and c.file = $3`,
      [season, city, file.file, attributes],
    );
    if (row === undefined) throw new Error(`no candidate of file ${city}/${file.file}`);
    const builder = this.#builder;
    const raw = this.#add(file.file, row.candidateNo);
    if (row.total !== null) builder.total(raw, row.total);
    row.texts.forEach((text, column) => {
      if (text === null) return;
      const value = Buffer.from(text);
      builder.text(raw, column, value, 0, value.length);
    });
    const slots = await this.#slots();
    slots.forEach((slot, at) => {
      const mark = row.marks?.[slot - 1] ?? null;
      if (mark !== null) builder.mark(raw, at, mark);
    });
    const { state, returnedBy, openApplications } = file;
    builder.file(raw, { state, school: '', major: '', batch: '', returnedBy, openApplications });
    return raw;
  }

  async preferences({ city, file }: StandingFile, raw: number): Promise<void> {
    const rows = await this.#session.query<{ feature: string; confirmedBy: string }>(
      `select feature, confirmed_by as "confirmedBy" from preferences
       where season = $1::smallint and city = $2 and file = $3`,
      [this.#key.season, city, file],
    );
    for (const { feature, confirmedBy } of rows) {
      this.#builder.preference(raw, feature, confirmedBy);
    }
  }

  /** Files that take places of the batch at the school. */
  async occupants(school: string): Promise<void> {
    const { season, city, batch } = this.#key;
    const rows = await this.#session.query<{
      file: number;
      candidateNo: string;
      state: FileState;
      major: string;
    }>(
      `select f.file, c.candidate_no as "candidateNo", f.state, coalesce(f.major, '') as major
       from files f join candidates c using (season, city, file)
       where f.season = $1::smallint and f.city = $2 and f.batch = $3 and f.school = $4
         and f.state = any($5::text[])`,
      [season, city, batch, school, [...OCCUPYING_STATES]],
    );
    for (const { file, candidateNo, state, major } of rows) {
      const raw = this.#add(file, candidateNo);
      const nothing = { returnedBy: [], openApplications: 0 };
      this.#builder.file(raw, { state, school, major, batch, ...nothing });
    }
  }

  #add(file: number, candidateNo: string): number {
    const number = Buffer.from(candidateNo);
    return this.#builder.candidate(file, number, 0, number.length);
  }

  /** Of the city's subjects, in the order of the builder's input (readReference). */
  async #slots(): Promise<number[]> {
    const rows = await this.#session.query<{ slot: number }>(
      'select slot from subjects where season = $1::smallint and city = $2 order by slot',
      [this.#key.season, this.#key.city],
    );
    return rows.map(row => row.slot);
  }
}
