/**
 * The tables about candidates into the database: rows go from the file through COPY, into the
 * table itself where the season has no candidate yet, else beside it to be settled (staging.ts).
 */
import { OCCUPYING_STATES } from '../../../engine/file/states.ts';
import type { Attribute } from '../../../engine/policy/types.ts';
import type { Session } from '../../connect.ts';
import type { CopyWriter } from '../../copy.ts';
import { comparable } from '../identity.ts';
import type { CheckedPackage } from '../read.ts';
import { type CheckedTable, readRows, type TableRow } from '../rows.ts';
import type { TableName } from '../schema.ts';
import {
  dropConflicts,
  dropUnchanged,
  incomingName,
  NO_COUNTS,
  openTarget,
  type TableCounts,
  type Target,
  touch,
  upsert,
} from './staging.ts';

/** States in which a file is at a school: what it rests on is not edited under it. */
export const AT_SCHOOL: readonly string[] = [...OCCUPYING_STATES, 'pending-review'];

export const FILE_KEY = ['season', 'city', 'file'] as const;

/** An import under way. */
export interface PeopleImport {
  readonly session: Session;
  readonly season: number;
  readonly checked: CheckedPackage;
  readonly attributes: readonly Attribute[];
  /** No candidate was there before: rows go straight into the tables. */
  readonly fresh: boolean;
  /** Ids from here on are new files. */
  readonly firstNew: number;
  /** The city's senior-high import was complete before, or its date is over: 逾期. */
  readonly late: (city: string) => boolean;
  /** Lists a row that is not applied. */
  readonly conflict: (table: string, city: string, candidateNo: string, sentence: string) => void;
}

interface PeopleTarget extends Target {
  readonly table: TableName;
  /** Writes what follows season, city and file. */
  readonly write: (
    writer: CopyWriter,
    row: TableRow,
    at: (name: string) => number,
    context: PeopleImport,
    candidate: number,
  ) => void;
}

const texts = (
  writer: CopyWriter,
  row: TableRow,
  at: (name: string) => number,
  names: readonly string[],
): void => {
  for (const name of names) writer.text(row.string(at(name)));
};

const CANDIDATES: PeopleTarget = {
  table: 'candidates',
  target: 'candidates',
  key: FILE_KEY,
  content: [
    'candidate_no',
    'name',
    'sex',
    'birth_date',
    'identity_no',
    'identity_type',
    'county',
    'registration_point',
    'origin',
    'total',
    'household',
    'address',
    'postcode',
    'phone',
    'guardian',
    'attributes',
  ],
  perFile: true,
  conflictStates: AT_SCHOOL,
  write: (writer, row, at, context) => {
    texts(writer, row, at, ['candidate_no', 'name', 'sex']);
    writer.text(row.string(at('birth_date')) || null);
    writer.text(comparable(row.string(at('identity_no'))));
    texts(writer, row, at, ['identity_type', 'county', 'registration_point', 'origin']);
    writer.intOrNull(row.number(at('total')));
    texts(writer, row, at, ['household', 'address', 'postcode', 'phone', 'guardian']);
    writer.text(attributesOf(row, at, context.attributes));
  },
};

/** The declared attributes as JSON, name → text as this system writes it; null: all are empty. */
function attributesOf(
  row: TableRow,
  at: (name: string) => number,
  attributes: readonly Attribute[],
): string | null {
  const filled = attributes.filter(({ name }) => !row.blank(at(name)));
  if (filled.length === 0) return null;
  return JSON.stringify(
    Object.fromEntries(filled.map(({ name }) => [name, row.canonical(at(name))])),
  );
}

const PREFERENCES: PeopleTarget = {
  table: 'preferences',
  target: 'preferences',
  key: [...FILE_KEY, 'feature'],
  content: ['evidence', 'confirmed_by'],
  perFile: true,
  conflictStates: AT_SCHOOL,
  write: (writer, row, at) => texts(writer, row, at, ['feature', 'evidence', 'confirmed_by']),
};

const CHOICES: PeopleTarget = {
  table: 'choices',
  target: 'choices',
  key: [...FILE_KEY, 'batch', 'round', 'ordinal'],
  content: ['school', 'majors', 'adjustment'],
  perFile: true,
  conflictStates: AT_SCHOOL,
  write: (writer, row, at) => {
    writer.text(row.string(at('batch')));
    writer.int(row.number(at('round'), 1));
    writer.int(row.number(at('ordinal')));
    texts(writer, row, at, ['school', 'majors']);
    writer.boolean(row.boolean(at('adjustment')));
  },
};

const SENIOR_HIGH: PeopleTarget = {
  table: 'senior-high',
  target: 'senior_high_admissions',
  key: FILE_KEY,
  content: ['school'],
  once: ['late'],
  perFile: true,
  // Held and cancelled files are no more in the pool than those at a school.
  conflictStates: [...AT_SCHOOL, 'held', 'cancelled', 'unnumbered'],
  // Who asks for a place here has not gone there: an officer finds out.
  conflictWhileOpen: true,
  write: (writer, row, at, context, candidate) => {
    writer.text(row.string(at('school')));
    writer.boolean(context.late(context.checked.candidates.cityCode(candidate)));
  },
};

/** Candidates, preferences, choices and senior-high admissions, in this order. */
const PEOPLE: readonly PeopleTarget[] = [CANDIDATES, PREFERENCES, CHOICES, SENIOR_HIGH];

/** Writes the tables about candidates. @returns what became of the rows, by table */
export async function importPeople(
  context: PeopleImport,
): Promise<ReadonlyMap<string, TableCounts>> {
  const counts = new Map<string, TableCounts>();
  for (const target of PEOPLE) {
    const table = context.checked.tables.get(target.table);
    if (table === undefined) continue;
    const { written, elsewhere } = await copyRows(context, target, table);
    const settled = context.fresh
      ? { ...NO_COUNTS, added: written }
      : await settle(context, target);
    counts.set(target.table, {
      ...settled,
      rows: table.rows,
      rejected: table.faults.rejected.size,
      conflicts: settled.conflicts + elsewhere,
    });
  }
  return counts;
}

/** Copies the accepted rows. @returns how many, and how many were of a candidate of another city */
async function copyRows(
  context: PeopleImport,
  target: PeopleTarget,
  table: CheckedTable,
): Promise<{ written: number; elsewhere: number }> {
  const { candidates } = context.checked;
  const columns = new Map(table.table.columns.map((column, index) => [column.name, index]));
  const at = (name: string): number => columns.get(name) as number;
  const numberAt = at('candidate_no');
  const writer = await openTarget(context.session, target, context.fresh);
  let pending: Promise<void> | undefined;
  let elsewhere = 0;
  const write = (row: TableRow): void => {
    const from = row.start(numberAt);
    const candidate = candidates.find(row.bytes, from, row.end(numberAt));
    const city = candidates.cityCode(candidate);
    if (target === CANDIDATES && row.string(at('city')) !== city) {
      elsewhere += 1;
      const no = candidates.numbers.text(candidate);
      context.conflict('candidates', city, no, `考生所在地市不能由 ${city} 改为其他地市。`);
      return;
    }
    writer.int(context.season);
    writer.text(city);
    writer.int(candidates.file.at(candidate));
    target.write(writer, row, at, context, candidate);
    pending = writer.endRow();
  };
  try {
    await readRows(table, write, () => pending);
  } catch (error) {
    await writer.abort('aborted');
    throw error;
  }
  return { written: await writer.end(), elsewhere };
}

const AT_A_SCHOOL = '档案已在院校，未作修改。';
const CONFLICT: Readonly<Record<string, string>> = {
  'senior-high': '档案不在库中，或有未办结的申请，未作修改。',
};

/** Settles rows that were copied beside their table. */
export async function settle(context: PeopleImport, target: Target): Promise<TableCounts> {
  const { session } = context;
  const incoming = incomingName(target);
  const gone = target.target === 'choices' ? await collectRemoved(session) : undefined;
  const unchanged = await dropUnchanged(session, target);
  let conflicts = 0;
  for (const from of gone === undefined ? [incoming] : [incoming, gone]) {
    const found = await dropConflicts(session, target, from);
    conflicts += found.count;
    for (const { city, candidateNo } of found.files) {
      context.conflict(target.table, city, candidateNo, CONFLICT[target.table] ?? AT_A_SCHOOL);
    }
    await touch(session, from, context.firstNew);
  }
  const removed = gone === undefined ? 0 : await deleteRemoved(session, gone);
  if (target === SENIOR_HIGH) await collectSeniorHigh(session);
  const written = await upsert(session, target);
  return { ...NO_COUNTS, unchanged, conflicts, removed, ...written };
}

/**
 * The choices of a candidate in a batch and round are one list: those that the package no longer
 * has go, or one school could stand on it twice.
 */
async function collectRemoved(session: Session): Promise<string> {
  await session.query('drop table if exists pg_temp.removed_choices');
  await session.query(
    `create temporary table removed_choices on commit drop as
     select c.season, c.city, c.batch, c.round, c.file, c.ordinal from choices c
      join (select distinct season, city, batch, round, file from incoming_choices) u
        using (season, city, batch, round, file)
      where not exists (select from incoming_choices i
        where (i.season, i.city, i.batch, i.round, i.file, i.ordinal)
            = (c.season, c.city, c.batch, c.round, c.file, c.ordinal))`,
  );
  return 'removed_choices';
}

async function deleteRemoved(session: Session, from: string): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    `with done as (
       delete from choices c using ${from} r
        where (r.season, r.city, r.batch, r.round, r.file, r.ordinal)
            = (c.season, c.city, c.batch, c.round, c.file, c.ordinal)
       returning 1)
     select count(*)::integer as count from done`,
  );
  return row?.count ?? 0;
}

/**
 * Remembers which admissions are new: their files change their state (events.ts). One whom a senior
 * high gave up is back in the pool while the row stays, so that the same list does not take the
 * candidate out again; a list that names another senior high does.
 */
async function collectSeniorHigh(session: Session): Promise<void> {
  await session.query('drop table if exists pg_temp.new_senior_high');
  await session.query(
    `create temporary table new_senior_high on commit drop as
     select i.city, i.file from incoming_senior_high_admissions i
       left join files f on (f.season, f.city, f.file) = (i.season, i.city, i.file)
      where coalesce(f.state, 'in-pool') = 'in-pool'`,
  );
}
