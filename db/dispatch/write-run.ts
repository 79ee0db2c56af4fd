/**
 * Writes what a dispatch run has decided: lists with their items, one decision per candidate who
 * took part, what happened at each school, the files that moved and their events – all by COPY, in
 * the transaction of the caller, after it has made sure that nothing has moved since the reading.
 *
 * No file is updated unless it has been at a school before: the table has a row only for files that
 * have left the pool, so a first dispatch inserts, which costs a third of an update.
 */
import type { DispatchResult } from '../../engine/dispatch/result.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Session } from '../connect.ts';
import { asCopied, type CopyWriter, copyIn } from '../copy.ts';
import { lockChain } from '../trail.ts';
import { fail } from './errors.ts';
import { PROGRESS_ROWS, type RunRecord } from './run-record.ts';
import { type Moves, writeFiles } from './write-files.ts';

/** Writes the reasons of a participant, as in dispatch-detail; gives bytes [0, end). */
export type ReasonsWriter = (participant: number) => {
  readonly bytes: Uint8Array;
  readonly end: number;
};

export interface Written {
  readonly lists: number;
  readonly files: number;
  readonly decisions: number;
  readonly events: number;
}

/**
 * @throws data-changed: the city's trail has grown since the world was read; nothing is written
 */
export async function writeRun(
  session: Session,
  record: RunRecord,
  world: World,
  result: DispatchResult,
  reasons: ReasonsWriter,
  onProgress: (table: string, rows: number) => void = () => {},
): Promise<Written> {
  const head = await lockChain(session, record.season, record.city);
  if (head.lastEvent !== record.lastEvent) {
    throw fail('data-changed', { city: record.city });
  }
  const writer = new RunWriter(session, record, world, result, onProgress);
  await writer.lists();
  await writer.outcomes();
  await writer.decisions(reasons);
  await writer.items();
  const { events } = await writer.files();
  await writer.situations();
  return {
    // The result numbers its lists from 1; entry 0 is empty.
    lists: result.lists.length - 1,
    files: result.counts.placed,
    decisions: result.participants.length,
    events,
  };
}

class RunWriter {
  readonly #session: Session;
  readonly #record: RunRecord;
  readonly #world: World;
  readonly #result: DispatchResult;
  readonly #onProgress: (table: string, rows: number) => void;
  /** Number of the list before the first of this run: lists are numbered per city and season. */
  #listsBefore = 0;

  constructor(
    session: Session,
    record: RunRecord,
    world: World,
    result: DispatchResult,
    onProgress: (table: string, rows: number) => void,
  ) {
    this.#session = session;
    this.#record = record;
    this.#world = world;
    this.#result = result;
    this.#onProgress = onProgress;
  }

  async lists(): Promise<void> {
    const { season, city, run, batch, round } = this.#record;
    const [last] = await this.#session.query<{ list: number }>(
      `select coalesce(max(list), 0)::integer as list from dispatch_lists
       where season = $1::smallint and city = $2`,
      [season, city],
    );
    this.#listsBefore = last?.list ?? 0;
    const sent = this.#result.schools.filter(school => school.list > 0);
    const columns =
      'season, city, list, run, batch, round, school, state, planned, flexible, room_before, ' +
      'room_after, sent, lowest_score, last_ordinal, overrun';
    await this.#copy('dispatch_lists', columns, sent.length, (writer, at) => {
      const school = sent[at];
      writer.int(season);
      writer.text(city);
      writer.int(this.#listsBefore + school.list);
      writer.int(run);
      writer.text(batch);
      writer.int(round);
      writer.text(this.#world.schools[school.school].code);
      writer.text('draft');
      writer.int(school.planned);
      writer.int(school.flexible);
      writer.int(school.roomBefore);
      writer.int(school.roomAfter);
      writer.int(school.sent);
      writer.intOrNull(school.lowestScore);
      writer.int(school.lastOrdinal);
      writer.int(school.overrun);
    });
  }

  async outcomes(): Promise<void> {
    const { season, city, run } = this.#record;
    const { schools } = this.#result;
    const columns =
      'season, city, run, school, planned, flexible, room_before, room_after, sent, ' +
      'lowest_score, last_ordinal, overrun, closed_by_tie';
    await this.#copy('school_outcomes', columns, schools.length, (writer, at) => {
      const school = schools[at];
      writer.int(season);
      writer.text(city);
      writer.int(run);
      writer.text(this.#world.schools[school.school].code);
      writer.int(school.planned);
      writer.int(school.flexible);
      writer.int(school.roomBefore);
      writer.int(school.roomAfter);
      writer.int(school.sent);
      writer.intOrNull(school.lowestScore);
      writer.int(school.lastOrdinal);
      writer.int(school.overrun);
      writer.boolean(school.closedByTie);
    });
  }

  async decisions(reasons: ReasonsWriter): Promise<void> {
    const { season, city, run } = this.#record;
    const { candidates, choices, schools, majors } = this.#world;
    const result = this.#result;
    const suggestionReasons = SUGGESTION_REASONS;
    const columns =
      'season, city, run, file, candidate_no, school, ordinal, position, score, major, reasons, ' +
      'suggestion_reason';
    const { bytes, start } = candidates.number;
    const before = asCopied([season, city, run]);
    await this.#copy('decisions', columns, result.participants.length, (writer, at) => {
      const candidate = result.participants[at];
      const choice = result.placedChoice[at];
      writer.fields(before);
      writer.int(candidates.file[candidate]);
      writer.bytes(bytes, start[candidate], start[candidate + 1]);
      if (choice === -1) {
        writer.null();
        writer.null();
      } else {
        writer.text(schools[choices.school[choice]].code);
        writer.int(choices.ordinal[choice]);
      }
      if (result.position[at] === 0) writer.null();
      else writer.int(result.position[at]);
      writer.intOrNull(result.score[at]);
      const major = result.suggestedMajor[at];
      writer.text(major === -1 ? null : majors[major].code);
      const text = reasons(at);
      writer.bytes(text.bytes, 0, text.end);
      writer.text(suggestionReasons[result.suggestionReason[at]]);
    });
  }

  async items(): Promise<void> {
    const { season, city } = this.#record;
    const { candidates, choices, majors } = this.#world;
    const { lists, participants, placedChoice, score, suggestedMajor } = this.#result;
    const columns = 'season, city, list, seq, file, ordinal, score, major';
    const before = asCopied([season, city]);
    let list = 0;
    let seq = 0;
    const count = lists.reduce((sum, members) => sum + members.length, 0);
    await this.#copy('list_items', columns, count, writer => {
      while (seq === lists[list].length) {
        list += 1;
        seq = 0;
      }
      const at = lists[list][seq];
      seq += 1;
      writer.fields(before);
      writer.int(this.#listsBefore + list);
      writer.int(seq);
      writer.int(candidates.file[participants[at]]);
      writer.int(choices.ordinal[placedChoice[at]]);
      writer.intOrNull(score[at]);
      writer.text(suggestedMajor[at] === -1 ? null : majors[suggestedMajor[at]].code);
    });
  }

  /** The files that moved, with their events. */
  async files(): Promise<{ events: number }> {
    return writeFiles(
      this.#session,
      this.#record,
      this.#world,
      this.#result,
      this.#moves(),
      this.#onProgress,
    );
  }

  /** Placed participants by candidate number, with the list each is on. */
  #moves(): Moves {
    const { participants, placedChoice, lists, counts } = this.#result;
    const listOf = new Uint32Array(participants.length);
    lists.forEach((members, list) => {
      for (let at = 0; at < members.length; at += 1) {
        listOf[members[at]] = this.#listsBefore + list;
      }
    });
    const placed = new Uint32Array(counts.placed);
    let count = 0;
    for (let at = 0; at < participants.length; at += 1) {
      if (placedChoice[at] === -1) continue;
      placed[count] = at;
      count += 1;
    }
    return { placed, listOf };
  }

  async situations(): Promise<void> {
    const { season, city, run, stages } = this.#record;
    const rows = stages.flatMap(({ stage, rows: found }) =>
      found.map(situation => ({ stage, situation })),
    );
    const columns =
      'season, city, run, stage, rule, situation, outcome, code, pairs, tree, example';
    await this.#copy('situations', columns, rows.length, (writer, at) => {
      const { stage, situation } = rows[at];
      writer.int(season);
      writer.text(city);
      writer.int(run);
      writer.text(stage);
      writer.text(situation.rule);
      writer.text(situation.situation);
      writer.text(situation.outcome);
      writer.text(situation.code);
      writer.int(situation.pairs);
      writer.text(JSON.stringify(situation.tree ?? null));
      writer.text(JSON.stringify(situation.example));
    });
  }

  async #copy(
    table: string,
    columns: string,
    count: number,
    row: (writer: CopyWriter, at: number) => void,
  ): Promise<void> {
    await copyIn(this.#session, `${table} (${columns})`, async writer => {
      for (let at = 0; at < count; at += 1) {
        row(writer, at);
        const wait = writer.endRow();
        if (wait !== undefined) await wait;
        if (at % PROGRESS_ROWS === 0) this.#onProgress(table, at);
      }
    });
  }
}

const SUGGESTION_REASONS = ['', 'majors-full', 'majors-refused', 'no-adjustment'] as const;
