/**
 * The files that a dispatch run moves, and their events.
 */
import type { DispatchResult } from '../../engine/dispatch/result.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Session } from '../connect.ts';
import { asCopied, copyIn } from '../copy.ts';
import { type BulkEventWriter, openBulk } from '../trail.ts';
import { PROGRESS_ROWS, type RunRecord } from './run-record.ts';

export interface Moves {
  /** Participants who were placed, in the order of their numbers. */
  readonly placed: Uint32Array;
  /** By participant: the number of the list; 0: none. */
  readonly listOf: Uint32Array;
}

type OnProgress = (table: string, rows: number) => void;

const COLUMNS = 'season, city, file, state, batch, since, school, major, list, event';

/** Events first: a file's row names its last event. */
export async function writeFiles(
  session: Session,
  record: RunRecord,
  world: World,
  result: DispatchResult,
  moves: Moves,
  onProgress: OnProgress,
): Promise<{ events: number }> {
  const files = new FileWriter(session, record, world, result, moves, onProgress);
  const trail = await openBulk(session, record.season, {
    city: record.city,
    name: 'dispatch',
    from: 'in-pool',
    to: 'dispatched',
    batch: record.batch,
    actor: record.actor,
    at: record.at,
    businessDate: record.businessDate,
    phase: record.phase,
    policy: record.policy,
    run: record.run,
  });
  const firstEvent = trail.next;
  try {
    await files.events(trail);
  } catch (error) {
    await trail.abort();
    throw error;
  }
  await trail.end();
  const known = await files.withRow();
  await files.rows('files', firstEvent, file => !known.has(file));
  if (known.size > 0) await files.returned(firstEvent, known);
  return { events: moves.placed.length };
}

class FileWriter {
  readonly #session: Session;
  readonly #record: RunRecord;
  readonly #world: World;
  readonly #result: DispatchResult;
  readonly #moves: Moves;
  readonly #onProgress: OnProgress;

  constructor(
    session: Session,
    record: RunRecord,
    world: World,
    result: DispatchResult,
    moves: Moves,
    onProgress: OnProgress,
  ) {
    this.#session = session;
    this.#record = record;
    this.#world = world;
    this.#result = result;
    this.#moves = moves;
    this.#onProgress = onProgress;
  }

  async events(trail: BulkEventWriter): Promise<void> {
    const { candidates, choices, schools, majors } = this.#world;
    const { participants, placedChoice, suggestedMajor } = this.#result;
    const { placed, listOf } = this.#moves;
    const decisions = schools.map((_, school) => asCopied([this.#record.rulesBehind(school)]));
    for (let at = 0; at < placed.length; at += 1) {
      const participant = placed[at];
      const school = choices.school[placedChoice[participant]];
      const major = suggestedMajor[participant];
      const wait = trail.add(
        candidates.file[participants[participant]],
        schools[school].code,
        major === -1 ? null : majors[major].code,
        listOf[participant],
        decisions[school],
      );
      if (wait !== undefined) await wait;
      if (at % PROGRESS_ROWS === 0) this.#onProgress('events', at);
    }
  }

  /** Files in the pool that have been at a school before: they have a row already. */
  async withRow(): Promise<Set<number>> {
    const { season, city } = this.#record;
    const rows = await this.#session.query<{ file: number }>(
      `select file from files where season = $1::smallint and city = $2 and state = 'in-pool'`,
      [season, city],
    );
    return new Set(rows.map(row => row.file));
  }

  async rows(table: string, firstEvent: number, wanted: (file: number) => boolean): Promise<void> {
    const { season, city, batch, businessDate } = this.#record;
    const { candidates, choices, schools, majors } = this.#world;
    const { participants, placedChoice, suggestedMajor } = this.#result;
    const { placed, listOf } = this.#moves;
    const before = asCopied([season, city]);
    const middle = asCopied(['dispatched', batch, businessDate]);
    await copyIn(this.#session, `${table} (${COLUMNS})`, async writer => {
      for (let at = 0; at < placed.length; at += 1) {
        const participant = placed[at];
        const file = candidates.file[participants[participant]];
        if (!wanted(file)) continue;
        const major = suggestedMajor[participant];
        writer.fields(before);
        writer.int(file);
        writer.fields(middle);
        writer.text(schools[choices.school[placedChoice[participant]]].code);
        writer.text(major === -1 ? null : majors[major].code);
        writer.int(listOf[participant]);
        writer.int(firstEvent + at);
        const wait = writer.endRow();
        if (wait !== undefined) await wait;
        if (at % PROGRESS_ROWS === 0) this.#onProgress(table, at);
      }
    });
  }

  /** Files that came back once have a row already; there are few of them, so they are updated. */
  async returned(firstEvent: number, known: ReadonlySet<number>): Promise<void> {
    await this.#session.query(
      'create temporary table moved_files (like files including defaults) on commit drop',
    );
    await this.rows('moved_files', firstEvent, file => known.has(file));
    await this.#session.query(
      `update files f set state = m.state, school = m.school, major = m.major, batch = m.batch,
         list = m.list, event = m.event, since = m.since
       from moved_files m where f.season = m.season and f.city = m.city and f.file = m.file`,
    );
    await this.#session.query('drop table moved_files');
  }
}
