/**
 * Rows of the large files of a run's package, in byte order. The candidates stand in the order of
 * their numbers, so their rows come out sorted: a number ends in a comma, which sorts below every
 * letter and digit. Only where a number holds a byte that does not (or one that must be quoted) are
 * the rows really sorted.
 */

import { ABSENT } from '../decimal.ts';
import { byteColumn } from './bytes.ts';
import { CHUNK_BYTES, CsvWriter, csvText } from './csv-bytes.ts';
import type { ByteColumn, CodedColumn, World } from './world.ts';

const COMMA = 0x2c;
const LF = 0x0a;
const YES = Buffer.from(',yes\n');
const NO = Buffer.from(',no\n');
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
  return number.bytes.every(byte => byte > COMMA);
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
    .map((subject, at) => ({ code: Buffer.from(`${csvText(subject.code)},`), marks: marks[at] }))
    .sort((a, b) => Buffer.compare(a.code, b.code));
  return rowsByCandidate(world, (writer, candidate) => {
    for (const subject of subjects) {
      if (subject.marks[candidate] === ABSENT) continue;
      numberField(writer, number, candidate);
      writer.comma();
      writer.raw(subject.code);
      writer.hundredths(subject.marks[candidate]);
      writer.endRow();
    }
  });
}

/** Rows of choices.csv, all with the round that counts. Ordinals sort as text: 1, 10, 2. */
export function choiceRows(world: World): Generator<Buffer> {
  const { number } = world.candidates;
  const { choices } = world;
  const schools = byteColumn(world.schools.map(school => csvText(school.code)));
  const middle = Buffer.from(`,${csvText(world.batch)},${choices.round},`);
  const writeChoice = (writer: CsvWriter, candidate: number, choice: number) => {
    numberField(writer, number, candidate);
    writer.raw(middle);
    writer.whole(choices.ordinal[choice]);
    writer.comma();
    const unknown = choices.unknownSchools.get(choice);
    if (unknown === undefined) entry(writer, schools, choices.school[choice]);
    else writer.raw(Buffer.from(csvText(unknown)));
    writer.comma();
    const { bytes, start } = choices.majors;
    writer.field(bytes, start[choice], start[choice + 1]);
    writer.raw(choices.adjustment[choice] === 1 ? YES : NO);
  };
  return rowsByCandidate(world, (writer, candidate) => {
    const from = choices.first[candidate];
    const to = choices.first[candidate + 1];
    if (from === to) return;
    // Numbers of one digit sort alike as numbers and as text, and ordinals are ascending.
    if (choices.ordinal[to - 1] <= 9) {
      for (let choice = from; choice < to; choice += 1) writeChoice(writer, candidate, choice);
      return;
    }
    const order = Array.from({ length: to - from }, (_, at) => from + at);
    const text = (choice: number) => String(choices.ordinal[choice]);
    order.sort((a, b) => (text(a) < text(b) ? -1 : 1));
    for (const choice of order) writeChoice(writer, candidate, choice);
  });
}
