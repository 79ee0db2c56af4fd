/**
 * Rows of the large files of a run's package, in byte order. The candidates stand in the order of
 * their numbers, so their rows come out sorted: a number ends in a comma, which sorts below every
 * letter and digit. Only where a number holds a byte that does not (or one that must be quoted) are
 * the rows really sorted.
 */

import { ABSENT } from '../decimal.ts';
import { byteColumn, copyInto } from './bytes.ts';
import {
  CHUNK_BYTES,
  CsvWriter,
  csvText,
  DECIMAL_BYTES_MAX,
  quotedBytesMax,
  writeField,
  writeHundredths,
  writeWhole,
} from './csv-bytes.ts';
import {
  ADJUSTMENTS,
  type ByteColumn,
  type CodedColumn,
  UNKNOWN_SCHOOL,
  type World,
} from './world.ts';

const COMMA = 0x2c;
const ORDINAL_BYTES_MAX = 5;
const LF = 0x0a;
/** The end of a row of choices.csv, in the order of ADJUSTMENTS. */
const LAST_CELLS = ADJUSTMENTS.map(value =>
  Buffer.from(value === null ? ',\n' : value ? ',yes\n' : ',no\n'),
);
const LAST_CELL_BYTES_MAX = Math.max(...LAST_CELLS.map(cell => cell.length));
const COMMAS = Buffer.from(',,');

/** Rows, each with its LF, in byte order, as chunks. */
export function* byteSorted(rows: readonly Buffer[]): Generator<Buffer> {
  if (rows.length > 0) yield Buffer.concat(rows.toSorted(Buffer.compare));
}

type WriteRows = (writer: CsvWriter, candidate: number) => void;

/** The rows of all candidates, sorted. `write` gives those of one candidate, sorted. */
function* rowsByCandidate(world: World, write: WriteRows): Generator<Buffer> {
  const writer = new CsvWriter();
  const { count, number } = world.candidates;
  if (!sortsAsIs(number)) {
    yield* byteSorted(rowsOneByOne(writer, count, write));
    return;
  }
  for (let candidate = 0; candidate < count; candidate += 1) {
    write(writer, candidate);
    if (writer.length >= CHUNK_BYTES) yield writer.take();
  }
  if (writer.length > 0) yield writer.take();
}

/** Do rows that begin with these numbers sort as the numbers do? */
function sortsAsIs(number: ByteColumn): boolean {
  const { bytes } = number;
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] <= COMMA) return false;
  return true;
}

function rowsOneByOne(writer: CsvWriter, count: number, write: WriteRows): Buffer[] {
  const rows: Buffer[] = [];
  for (let candidate = 0; candidate < count; candidate += 1) {
    write(writer, candidate);
    const bytes = writer.view();
    // A line break inside quotes is no end of a row.
    let from = 0;
    let quoted = false;
    for (let at = 0; at < bytes.length; at += 1) {
      if (bytes[at] === 0x22) quoted = !quoted;
      if (bytes[at] !== LF || quoted) continue;
      rows.push(Buffer.from(bytes.subarray(from, at + 1)));
      from = at + 1;
    }
  }
  return rows;
}

function numberField(writer: CsvWriter, number: ByteColumn, candidate: number): void {
  writer.field(number.bytes, number.start[candidate], number.start[candidate + 1]);
}

function entry(writer: CsvWriter, column: ByteColumn, at: number): void {
  writer.raw(column.bytes, column.start[at], column.start[at + 1]);
}

/** Rows of candidates.csv; see packageOfWorld for what stays empty. */
export function candidateRows(world: World): Generator<Buffer> {
  const { number, total, sex, birthDate, county, origin, attributes } = world.candidates;
  const coded = (column: CodedColumn) => {
    const texts = byteColumn(column.values.map(value => csvText(value ?? '')));
    return (writer: CsvWriter, candidate: number) => entry(writer, texts, column.codes[candidate]);
  };
  const [writeSex, writeBirth, writeCounty, writeOrigin] = [sex, birthDate, county, origin].map(
    coded,
  );
  const others = Array.from(attributes.values(), coded);
  const city = Buffer.from(csvText(world.city));
  return rowsByCandidate(world, (writer, candidate) => {
    numberField(writer, number, candidate);
    writer.raw(COMMAS);
    writeSex(writer, candidate);
    writer.comma();
    writeBirth(writer, candidate);
    writer.raw(COMMAS);
    writer.raw(city);
    writer.comma();
    writeCounty(writer, candidate);
    writer.raw(COMMAS);
    writeOrigin(writer, candidate);
    writer.comma();
    writer.hundredths(total[candidate]);
    for (const other of others) {
      writer.comma();
      other(writer, candidate);
    }
    writer.endRow();
  });
}

/** Rows of scores.csv; an absent mark has no row. */
export function scoreRows(world: World): Generator<Buffer> {
  const { number, marks } = world.candidates;
  const subjects = world.subjects
    .map((subject, at) => ({ code: Buffer.from(`,${csvText(subject.code)},`), marks: marks[at] }))
    .sort((a, b) => Buffer.compare(a.code, b.code));
  const codeBytes = subjects.reduce((sum, subject) => sum + subject.code.length, 0);
  return rowsByCandidate(world, (writer, candidate) => {
    const from = number.start[candidate];
    const to = number.start[candidate + 1];
    const each = quotedBytesMax(to - from) + DECIMAL_BYTES_MAX + 1;
    const bytes = writer.reserve(subjects.length * each + codeBytes);
    let at = writer.length;
    for (const subject of subjects) {
      const mark = subject.marks[candidate];
      if (mark === ABSENT) continue;
      at = writeField(bytes, at, number.bytes, from, to);
      at = copyInto(bytes, at, subject.code, 0, subject.code.length);
      at = writeHundredths(bytes, at, mark);
      bytes[at++] = LF;
    }
    writer.length = at;
  });
}

/** What stands in the rows of choices.csv, ready to be copied. */
interface ChoiceTexts {
  readonly schools: ByteColumn;
  /** `,batch,round,` */
  readonly middle: Buffer;
}

/** Rows of choices.csv, all with the round that counts. Ordinals sort as text: 1, 10, 2. */
export function choiceRows(world: World): Generator<Buffer> {
  const { choices } = world;
  const texts: ChoiceTexts = {
    schools: byteColumn(world.schools.map(school => csvText(school.code))),
    middle: Buffer.from(`,${csvText(world.batch)},${choices.round},`),
  };
  return rowsByCandidate(world, (writer, candidate) => {
    const from = choices.first[candidate];
    const to = choices.first[candidate + 1];
    if (from === to) return;
    // Numbers of one digit sort alike as numbers and as text, and ordinals are ascending.
    if (choices.ordinal[to - 1] <= 9) {
      for (let choice = from; choice < to; choice += 1) {
        writeChoice(writer, world, texts, candidate, choice);
      }
      return;
    }
    const order = Array.from({ length: to - from }, (_, at) => from + at);
    const text = (choice: number) => String(choices.ordinal[choice]);
    order.sort((a, b) => (text(a) < text(b) ? -1 : 1));
    for (const choice of order) writeChoice(writer, world, texts, candidate, choice);
  });
}

/** One row; room is made once for all of it, since ten million rows are written. */
function writeChoice(
  writer: CsvWriter,
  world: World,
  { schools, middle }: ChoiceTexts,
  candidate: number,
  choice: number,
): void {
  const { number } = world.candidates;
  const { choices } = world;
  const { majors } = choices;
  const school = choices.school[choice];
  const unknown =
    school === UNKNOWN_SCHOOL
      ? Buffer.from(csvText(choices.unknownSchools.get(choice) ?? ''))
      : null;
  const numberStart = number.start[candidate];
  const numberEnd = number.start[candidate + 1];
  const majorsStart = majors.start[choice];
  const majorsEnd = majors.start[choice + 1];
  const schoolBytes =
    unknown === null ? schools.start[school + 1] - schools.start[school] : unknown.length;
  const fields = numberEnd - numberStart + majorsEnd - majorsStart;
  const bytes = writer.reserve(
    2 * quotedBytesMax(fields) +
      middle.length +
      schoolBytes +
      ORDINAL_BYTES_MAX +
      LAST_CELL_BYTES_MAX +
      2,
  );
  let at = writeField(bytes, writer.length, number.bytes, numberStart, numberEnd);
  at = copyInto(bytes, at, middle, 0, middle.length);
  at = writeWhole(bytes, at, choices.ordinal[choice]);
  bytes[at++] = COMMA;
  at =
    unknown === null
      ? copyInto(bytes, at, schools.bytes, schools.start[school], schools.start[school + 1])
      : copyInto(bytes, at, unknown, 0, unknown.length);
  bytes[at++] = COMMA;
  at = writeField(bytes, at, majors.bytes, majorsStart, majorsEnd);
  const last = LAST_CELLS[choices.adjustment[choice]];
  writer.length = copyInto(bytes, at, last, 0, last.length);
}
