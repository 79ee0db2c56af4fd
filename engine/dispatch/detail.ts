/**
 * dispatch-detail (formats.md): one row per candidate who took part, in the order of the candidate
 * numbers. These bytes are what the result hash is made of, what `recompute --out` writes and what
 * the report shows (dispatch.md §7).
 */
import { createHash } from 'node:crypto';
import { byteColumn } from './bytes.ts';
import { CHUNK_BYTES, CsvWriter, csvLine, csvText, writeWhole } from './csv-bytes.ts';
import { type DispatchResult, SUGGESTION_REASONS } from './result.ts';
import type { ByteColumn, World } from './world.ts';

export const DETAIL_COLUMNS = [
  'candidate_no',
  'outcome',
  'school',
  'ordinal',
  'position',
  'score',
  'suggested_major',
  'reasons',
  'suggestion_reason',
] as const;

const COLON = 0x3a;
const SEMICOLON = 0x3b;
/** An ordinal of up to five digits, a colon, a semicolon. */
const AROUND_CODE_BYTES = 7;

/** The text of `reasons`: `ordinal:code` joined by `;`, in the order of the ordinals. */
export class ReasonsText {
  readonly #world: World;
  readonly #result: DispatchResult;
  readonly #codes: ByteColumn;
  readonly #longestCode: number;

  constructor(world: World, result: DispatchResult) {
    this.#world = world;
    this.#result = result;
    this.#codes = byteColumn(result.reasons);
    this.#longestCode = Math.max(...result.reasons.map(code => Buffer.byteLength(code)));
  }

  /** How many bytes `write` may need at most for this participant. */
  longest(participant: number): number {
    const { first } = this.#world.choices;
    const candidate = this.#result.participants[participant];
    return (first[candidate + 1] - first[candidate]) * (this.#longestCode + AROUND_CODE_BYTES);
  }

  /** Writes the text at `at`, unquoted, and returns where it ends. */
  write(participant: number, target: Uint8Array, at: number): number {
    const { first, ordinal } = this.#world.choices;
    const candidate = this.#result.participants[participant];
    const { bytes, start } = this.#codes;
    let to = at;
    for (let choice = first[candidate]; choice < first[candidate + 1]; choice += 1) {
      if (to > at) target[to++] = SEMICOLON;
      to = writeWhole(target, to, ordinal[choice]);
      target[to++] = COLON;
      const code = this.#result.reasonOf[choice];
      for (let byte = start[code]; byte < start[code + 1]; byte += 1) target[to++] = bytes[byte];
    }
    return to;
  }
}

/** The rows, header first, in chunks of about a megabyte. */
export function* dispatchDetail(world: World, result: DispatchResult): Generator<Buffer> {
  const writer = new CsvWriter();
  writer.raw(Buffer.from(csvLine(DETAIL_COLUMNS)));
  const reasons = new ReasonsText(world, result);
  const tables = {
    schools: byteColumn(world.schools.map(school => csvText(school.code))),
    majors: byteColumn(world.majors.map(major => csvText(major.code))),
    suggestions: byteColumn(SUGGESTION_REASONS),
    // Codes of rules are plain words; were one not, the whole field would have to be quoted.
    plain: result.reasons.every(code => csvText(code) === code),
  };
  for (let at = 0; at < result.participants.length; at += 1) {
    writeRow(writer, world, result, at, reasons, tables);
    if (writer.length >= CHUNK_BYTES) yield writer.take();
  }
  if (writer.length > 0) yield writer.take();
}

interface Tables {
  readonly schools: ByteColumn;
  readonly majors: ByteColumn;
  readonly suggestions: ByteColumn;
  readonly plain: boolean;
}

const PLACED = Buffer.from(',placed,');
const UNPLACED = Buffer.from(',unplaced,,,');

function writeRow(
  writer: CsvWriter,
  world: World,
  result: DispatchResult,
  at: number,
  reasons: ReasonsText,
  tables: Tables,
): void {
  const { number } = world.candidates;
  const candidate = result.participants[at];
  writer.field(number.bytes, number.start[candidate], number.start[candidate + 1]);
  const choice = result.placedChoice[at];
  if (choice === -1) {
    writer.raw(UNPLACED);
  } else {
    writer.raw(PLACED);
    entry(writer, tables.schools, world.choices.school[choice]);
    writer.comma();
    writer.whole(world.choices.ordinal[choice]);
    writer.comma();
  }
  if (result.position[at] !== 0) writer.whole(result.position[at]);
  writer.comma();
  writer.hundredths(result.score[at]);
  writer.comma();
  if (result.suggestedMajor[at] !== -1) entry(writer, tables.majors, result.suggestedMajor[at]);
  writer.comma();
  const target = writer.reserve(reasons.longest(at));
  const end = reasons.write(at, target, writer.length);
  if (tables.plain) {
    writer.length = end;
  } else {
    const text = Buffer.from(target.subarray(writer.length, end));
    writer.field(text, 0, text.length);
  }
  writer.comma();
  entry(writer, tables.suggestions, result.suggestionReason[at]);
  writer.endRow();
}

function entry(writer: CsvWriter, column: ByteColumn, at: number): void {
  writer.raw(column.bytes, column.start[at], column.start[at + 1]);
}

/** The result hash: SHA-256, hex, of the bytes of dispatch-detail. */
export function resultHash(world: World, result: DispatchResult): string {
  const hash = createHash('sha256');
  for (const chunk of dispatchDetail(world, result)) hash.update(chunk);
  return hash.digest('hex');
}
