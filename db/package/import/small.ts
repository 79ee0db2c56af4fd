/** The small tables of a package into the database. */
import type { Session } from '../../connect.ts';
import type { CopyWriter } from '../../copy.ts';
import { booleanOf, numberOf, type SmallTableName, stringOf } from '../check-small.ts';
import type { CheckedPackage } from '../read.ts';
import type { References, SmallRow } from '../references.ts';
import {
  dropUnchanged,
  NO_COUNTS,
  openTarget,
  type TableCounts,
  type Target,
  upsert,
} from './staging.ts';

interface SmallTarget extends Target {
  readonly table: SmallTableName;
  /** Writes key, content and once, without the season. */
  readonly write: (writer: CopyWriter, row: SmallRow, references: References) => void;
}

/** A column of the package → how it is written: as text unless told. */
function writeTexts(writer: CopyWriter, row: SmallRow, names: readonly string[]): void {
  for (const name of names) writer.text(stringOf(row, name));
}

function texts(
  table: SmallTableName,
  target: string,
  key: readonly string[],
  content: readonly string[],
  columns: readonly string[],
): SmallTarget {
  return {
    table,
    target,
    key: ['season', ...key],
    content,
    perFile: false,
    write: (writer, row) => writeTexts(writer, row, columns),
  };
}

const TARGETS: readonly SmallTarget[] = [
  texts(
    'regions',
    'regions',
    ['code'],
    ['name', 'parent', 'level'],
    ['code', 'name', 'parent', 'level'],
  ),
  texts(
    'offices',
    'offices',
    ['code'],
    ['name', 'kind', 'region', 'school_kinds'],
    ['code', 'name', 'kind', 'region', 'school_kinds'],
  ),
  {
    table: 'schools',
    target: 'schools',
    key: ['season', 'code'],
    content: ['name', 'kind', 'owner', 'region', 'supervisor', 'roster'],
    perFile: false,
    write: (writer, row) => {
      writeTexts(writer, row, ['code', 'name', 'kind']);
      writer.text(stringOf(row, 'owner') || null);
      writer.text(stringOf(row, 'region') || null);
      writer.text(stringOf(row, 'supervisor'));
      writer.text(stringOf(row, 'roster') || 'here');
    },
  },
  {
    table: 'majors',
    target: 'majors',
    key: ['season', 'school', 'code'],
    content: ['name', 'articulated', 'college'],
    perFile: false,
    write: (writer, row) => {
      writeTexts(writer, row, ['school', 'code', 'name']);
      writer.boolean(booleanOf(row, 'articulated'));
      writer.text(stringOf(row, 'college'));
    },
  },
  {
    table: 'subjects',
    target: 'subjects',
    key: ['season', 'city', 'code'],
    content: ['name', 'full_mark', 'position'],
    once: ['slot'],
    perFile: false,
    write: (writer, row, references) => {
      const [city, code] = [stringOf(row, 'city'), stringOf(row, 'code')];
      writeTexts(writer, row, ['city', 'code', 'name']);
      writer.int(numberOf(row, 'full'));
      writer.int(numberOf(row, 'order'));
      writer.int((references.subject(city, code)?.slot ?? 0) + 1);
    },
  },
  {
    table: 'plans',
    target: 'plan_lines',
    key: ['season', 'city', 'school', 'major', 'batch'],
    content: ['planned'],
    perFile: false,
    write: (writer, row) => {
      writeTexts(writer, row, ['region', 'school', 'major', 'batch']);
      writer.int(numberOf(row, 'planned'));
    },
  },
  {
    table: 'flexible',
    target: 'flexible_quotas',
    key: ['season', 'city', 'school', 'batch'],
    content: ['places'],
    perFile: false,
    write: (writer, row) => {
      writeTexts(writer, row, ['region', 'school', 'batch']);
      writer.int(numberOf(row, 'places'));
    },
  },
  texts(
    'school-status',
    'school_statuses',
    ['school', 'batch', 'region'],
    ['status'],
    ['school', 'batch', 'region', 'status'],
  ),
];

/** Writes the small tables. @returns what became of the rows, by table of the package */
export async function importSmall(
  session: Session,
  season: number,
  checked: CheckedPackage,
): Promise<ReadonlyMap<string, TableCounts>> {
  const counts = new Map<string, TableCounts>();
  for (const target of TARGETS) {
    const table = checked.tables.get(target.table);
    if (table === undefined) continue;
    const writer = await openTarget(session, target, false);
    try {
      for (const row of checked.small.get(target.table) ?? []) {
        writer.int(season);
        target.write(writer, row, checked.references);
        await writer.endRow();
      }
    } catch (error) {
      await writer.abort('aborted');
      throw error;
    }
    await writer.end();
    const unchanged = await dropUnchanged(session, target);
    const rejected = table.faults.rejected.size;
    const written = await upsert(session, target);
    counts.set(target.table, { ...NO_COUNTS, rows: table.rows, rejected, unchanged, ...written });
  }
  return counts;
}
