/**
 * Scores: one row per candidate and subject in a package, one array per candidate in the database.
 * They are gathered in memory first, because a package may hold its rows in any order: for 1.3
 * million candidates and ten subjects 50 MB.
 */
import { ABSENT } from '../../../engine/decimal.ts';
import type { CopyWriter } from '../../copy.ts';
import type { CandidateIndex } from '../candidates.ts';
import { type CheckedTable, readRows } from '../rows.ts';
import { columnIndex } from '../schema.ts';
import { AT_SCHOOL, FILE_KEY, type PeopleImport, settle } from './people.ts';
import { NO_COUNTS, openTarget, type TableCounts, type Target } from './staging.ts';

const SCORES: Target = {
  table: 'scores',
  target: 'scores',
  key: FILE_KEY,
  content: ['marks'],
  perFile: true,
  conflictStates: AT_SCHOOL,
};

/** Marks by candidate × slot. */
interface Marks {
  /** Slots per candidate. */
  readonly stride: number;
  /** Hundredths; ABSENT: empty, or not in the package. */
  readonly values: Int32Array;
  /** 1: in the package, empty or not. */
  readonly given: Uint8Array;
}

/** Writes the scores. Apart from `rows` and `rejected`, the counts are of candidates. */
export async function importScores(
  context: PeopleImport,
  table: CheckedTable,
): Promise<TableCounts> {
  const marks = await gather(context, table);
  const extra = context.fresh ? [] : ['given'];
  const writer = await openTarget(context.session, SCORES, context.fresh, extra);
  try {
    await write(writer, context, marks);
  } catch (error) {
    await writer.abort('aborted');
    throw error;
  }
  const added = await writer.end();
  if (!context.fresh) await merge(context);
  const settled = context.fresh ? { ...NO_COUNTS, added } : await settle(context, SCORES);
  return { ...settled, rows: table.rows, rejected: table.faults.rejected.size };
}

function strideOf(candidates: CandidateIndex, context: PeopleImport): number {
  const { references } = context.checked;
  return Math.max(1, ...candidates.cities.map(city => references.slots(city)));
}

async function gather(context: PeopleImport, table: CheckedTable): Promise<Marks> {
  const { candidates, references } = context.checked;
  const stride = strideOf(candidates, context);
  const values = new Int32Array(candidates.count * stride).fill(ABSENT);
  const given = new Uint8Array(candidates.count * stride);
  const at = (name: string): number => columnIndex(table.table, name);
  const [numberAt, subjectAt, scoreAt] = [at('candidate_no'), at('subject'), at('score')];
  await readRows(table, row => {
    const candidate = candidates.find(row.bytes, row.start(numberAt), row.end(numberAt));
    const subject = references.subject(candidates.cityCode(candidate), row.string(subjectAt));
    const place = candidate * stride + (subject?.slot as number);
    values[place] = row.number(scoreAt);
    given[place] = 1;
  });
  return { stride, values, given };
}

async function write(writer: CopyWriter, context: PeopleImport, marks: Marks): Promise<void> {
  const { candidates, references } = context.checked;
  const slots = candidates.cities.map(city => references.slots(city));
  for (let candidate = 0; candidate < candidates.count; candidate += 1) {
    const from = candidate * marks.stride;
    const given = marks.given.subarray(from, from + marks.stride);
    if (!given.includes(1)) continue;
    const count = slots[candidates.city.at(candidate)] as number;
    writer.int(context.season);
    writer.text(candidates.cityCode(candidate));
    writer.int(candidates.file.at(candidate));
    writer.ints(marks.values.subarray(from, from + marks.stride), count);
    if (!context.fresh) writer.ints(given, count);
    const wait = writer.endRow();
    if (wait !== undefined) await wait;
  }
}

/** Subjects that the package does not give stay as they are. */
async function merge({ session }: PeopleImport): Promise<void> {
  await session.query(
    `update incoming_scores i
        set marks = array(
          select case when i.given[slot] = 1 then i.marks[slot] else t.marks[slot] end
            from generate_series(1, greatest(cardinality(i.marks), cardinality(t.marks))) slot
           order by slot)
       from scores t
      where (t.season, t.city, t.file) = (i.season, i.city, i.file)`,
  );
}
