/**
 * Checks the small tables – regions, offices, schools, majors, subjects, plans, flexible quota,
 * statuses: keys once, codes known – and keeps their rows. They are read in the order in which they
 * refer to each other.
 */
import { ABSENT } from '../../engine/decimal.ts';
import { nearestHint } from './nearest.ts';
import type { TableSource } from './open.ts';
import { isOwnRow } from './own-city.ts';
import type { ProblemList } from './problems.ts';
import type { PackageRules, References, SmallRow } from './references.ts';
import {
  type CheckedTable,
  type CheckMode,
  checkTable,
  type TableFaults,
  type TableRow,
} from './rows.ts';
import { columnIndex, type Table, type TableName } from './schema.ts';

/** In the order in which they refer to each other. */
export const SMALL_TABLES = [
  'regions',
  'offices',
  'schools',
  'majors',
  'subjects',
  'plans',
  'flexible',
  'school-status',
] as const;
export type SmallTableName = (typeof SMALL_TABLES)[number];

/** Rows of a small table; 60 thousand plan lines are a province. */
export const SMALL_ROWS_MAX = 2_000_000;
/** scores.marks is addressed by slots 1 … 64. */
export const SUBJECTS_MAX = 64;

export interface SmallContext {
  readonly mode: CheckMode;
  readonly references: References;
  readonly rules: PackageRules;
  readonly problems: ProblemList;
  /**
   * Rows without fault are imported all the same. Then a code whose own row is rejected is unknown
   * to the rows that name it; otherwise it is known, so that one fault is not listed ten thousand
   * times.
   */
  readonly acceptValid: boolean;
  /**
   * Whose an identity number is in the database: candidate index, negative for a person without
   * a number, undefined where it is nobody's.
   */
  readonly identityOwner?: (comparable: string) => number | undefined;
  /** The city whose package it is: rows of others are faults; undefined: everybody's. */
  readonly ownCity?: string;
}

export interface CheckedSmall {
  readonly checked: CheckedTable;
  readonly rows: readonly SmallRow[];
}

/** Reads and checks one small table, and adds its codes to the references. */
export async function checkSmall(
  source: TableSource,
  table: Table,
  context: SmallContext,
): Promise<CheckedSmall | undefined> {
  const rows: SmallRow[] = [];
  const lines = new Map<string, number>();
  const check = new RowCheck(table, context);
  const read = (row: TableRow, faults: TableFaults, right: boolean): void => {
    const own = isOwnRow(row, faults, context);
    const accepted = own && check.row(row, faults) && right && isFirst(row, faults, lines);
    if (accepted || !context.acceptValid) check.register(row);
    if (!accepted) return;
    if (rows.length >= SMALL_ROWS_MAX) {
      if (rows.length === SMALL_ROWS_MAX) faults.whole(0, 'too-many-rows', '行数过多。', true);
      return;
    }
    const values = Object.fromEntries(
      table.columns.map((column, index) => [column.name, row.value(index)]),
    );
    rows.push({ line: row.line, values });
  };
  const checked = await checkTable(source, table, context.mode, context.problems, read);
  if (checked === undefined) return undefined;
  if (table.name === 'regions') checkParents(rows, checked, context);
  return { checked, rows: rows.filter(row => !checked.faults.rejected.has(row.line)) };
}

/** Whether the row's key stands here for the first time. */
function isFirst(row: TableRow, faults: TableFaults, lines: Map<string, number>): boolean {
  const { table } = row;
  const key = table.key.map(name => row.canonical(columnIndex(table, name))).join('\u0000');
  const first = lines.get(key);
  if (first === undefined) {
    lines.set(key, row.line);
    return true;
  }
  const column = columnIndex(table, table.key.at(-1) as string);
  faults.cell(row, column, 'duplicate-row', `与第 ${first} 行重复，同一${table.title}只能有一行。`);
  return false;
}

/** A parent may stand below its child in the file, so parents are looked up at the end. */
function checkParents(
  rows: readonly SmallRow[],
  checked: CheckedTable,
  context: SmallContext,
): void {
  if (context.mode !== 'import') return;
  const column = columnIndex(checked.table, 'parent');
  for (const { line, values } of rows) {
    const parent = String(values['parent'] ?? '');
    const wanted = values['level'] === 'county' ? 'city' : 'province';
    const level = context.references.regions.get(parent)?.level;
    if (values['level'] === 'province' || level === wanted) continue;
    if (level === undefined && parent === '' && wanted === 'province') continue;
    const sentence =
      level === undefined
        ? '不在 regions.csv 中，或那一行有误。'
        : `的级别是 ${level}，应为 ${wanted}。`;
    checked.faults.later(line, column, parent, 'unknown-region', sentence);
  }
}

/** The checks of one table's rows. */
class RowCheck {
  readonly #table: Table;
  readonly #context: SmallContext;
  readonly #at: Readonly<Record<string, number>>;
  readonly #names = new Map<string, number>();

  constructor(table: Table, context: SmallContext) {
    this.#table = table;
    this.#context = context;
    this.#at = Object.fromEntries(table.columns.map((column, index) => [column.name, index]));
  }

  /** Makes the row's code known to the tables that follow. */
  register(row: TableRow): void {
    const { references } = this.#context;
    const text = (name: string) => row.string(this.#at[name] as number);
    switch (this.#table.name) {
      case 'regions':
        references.regions.set(text('code'), { parent: text('parent'), level: text('level') });
        return;
      case 'offices':
        references.offices.add(text('code'));
        return;
      case 'schools':
        references.schools.set(text('code'), text('kind'));
        references.schoolRegions.set(text('code'), text('region'));
        return;
      case 'majors':
        references.addMajor(text('school'), text('code'));
        return;
      case 'subjects': {
        const full = row.number(this.#at['full'] as number, 0);
        references.addSubject(text('city'), text('code'), text('name'), full);
      }
    }
  }

  /** @returns whether the row is right beyond its cells */
  row(row: TableRow, faults: TableFaults): boolean {
    const { mode } = this.#context;
    switch (this.#table.name as SmallTableName) {
      case 'regions':
        return true;
      case 'offices':
        return this.#region(row, faults, 'region', false);
      case 'schools':
        return mode === 'recompute' || this.#school(row, faults);
      case 'majors':
        return mode === 'recompute' || this.#knownSchool(row, faults);
      case 'subjects':
        return this.#subject(row, faults);
      case 'plans':
        return this.#line(row, faults) && this.#knownMajor(row, faults);
      case 'flexible':
        return this.#line(row, faults);
      case 'school-status':
        return row.blank(this.#at['region'] as number)
          ? this.#knownSchool(row, faults) && this.#batch(row, faults)
          : this.#line(row, faults);
    }
  }

  #school(row: TableRow, faults: TableFaults): boolean {
    // A school beyond the province lies in no region of ours.
    const outside = row.string(this.#at['owner'] as number) === 'out-of-province';
    const region = outside || this.#region(row, faults, 'region', false);
    const at = this.#at['supervisor'] as number;
    const { offices } = this.#context.references;
    if (row.unsound(at) || offices.size === 0 || offices.has(row.string(at))) return region;
    faults.cell(row, at, 'unknown-office', '不在 offices.csv 中，或那一行有误。');
    return false;
  }

  /** What a plan line, flexible places and a status in one city have in common. */
  #line(row: TableRow, faults: TableFaults): boolean {
    const school = this.#knownSchool(row, faults);
    const region = this.#region(row, faults, 'region', true);
    return this.#batch(row, faults) && school && region;
  }

  #knownSchool(row: TableRow, faults: TableFaults): boolean {
    const at = this.#at['school'] as number;
    if (row.unsound(at)) return true;
    if (this.#context.references.schools.has(row.string(at))) return true;
    faults.cell(row, at, 'unknown-school', '不在 schools.csv 中，或那一行有误。');
    return false;
  }

  #knownMajor(row: TableRow, faults: TableFaults): boolean {
    const at = this.#at['major'] as number;
    const school = row.string(this.#at['school'] as number);
    if (row.unsound(at)) return true;
    if (this.#context.references.hasMajor(school, row.string(at))) return true;
    faults.cell(
      row,
      at,
      'unknown-major',
      `不是院校 ${school} 在 majors.csv 中的专业，或那一行有误。`,
    );
    return false;
  }

  #region(row: TableRow, faults: TableFaults, name: string, city: boolean): boolean {
    const { mode, references } = this.#context;
    if (mode === 'recompute') return true;
    const at = this.#at[name] as number;
    if (row.unsound(at)) return true;
    const region = references.regions.get(row.string(at));
    if (region !== undefined && (!city || region.level === 'city')) return true;
    const sentence =
      region === undefined
        ? '不在 regions.csv 中，或那一行有误。'
        : '不是地市（level 应为 city）。';
    faults.cell(row, at, 'unknown-region', sentence);
    return false;
  }

  #batch(row: TableRow, faults: TableFaults): boolean {
    const { mode, rules } = this.#context;
    const at = this.#at['batch'] as number;
    if (mode === 'recompute' || row.unsound(at) || rules.batches.has(row.string(at))) return true;
    faults.cell(row, at, 'unknown-batch', unknownBatch(row.string(at), rules));
    return false;
  }

  #subject(row: TableRow, faults: TableFaults): boolean {
    const { mode, references } = this.#context;
    const at = this.#at;
    const city = row.string(at['city'] as number);
    if (row.unsound(at['city'] as number) || row.unsound(at['name'] as number)) return false;
    const name = row.string(at['name'] as number);
    const full = row.number(at['full'] as number, 0);
    const first = this.#names.get(`${city}\u0000${name}`);
    if (first !== undefined || this.#hasSubject(city, row.string(at['code'] as number), name)) {
      const other = first === undefined ? '已有科目' : `第 ${first} 行`;
      const sentence = `与${other}同名，同一地市的科目名称不能重复。`;
      faults.cell(row, at['name'] as number, 'duplicate-subject', sentence);
      return false;
    }
    this.#names.set(`${city}\u0000${name}`, row.line);
    if (mode === 'import' && full <= 0 && !row.unsound(at['full'] as number)) {
      faults.cell(row, at['full'] as number, 'not-positive', '应大于 0。');
      return false;
    }
    if ((references.subjects.get(city)?.size ?? 0) >= SUBJECTS_MAX) {
      const sentence = `同一地市的科目超过 ${SUBJECTS_MAX} 个。`;
      faults.cell(row, at['code'] as number, 'too-many-subjects', sentence);
      return false;
    }
    return this.#region(row, faults, 'city', true);
  }

  /** Whether the database knows the name under another code. */
  #hasSubject(city: string, code: string, name: string): boolean {
    const subjects = this.#context.references.subjects.get(city) ?? new Map();
    return [...subjects].some(([other, known]) => other !== code && known.name === name);
  }
}

export function unknownBatch(batch: string, rules: PackageRules): string {
  return `不是政策中的批次${nearestHint(batch, rules.batches.keys())}。`;
}

/** A number of a small row; ABSENT where empty. */
export function numberOf(row: SmallRow, name: string): number {
  const value = row.values[name];
  return typeof value === 'number' ? value : ABSENT;
}

/** A text of a small row; '' where empty. */
export function stringOf(row: SmallRow, name: string): string {
  const value = row.values[name];
  return typeof value === 'string' ? value : '';
}

/** A yes or no of a small row; null where empty. */
export function booleanOf(row: SmallRow, name: string): boolean | null {
  const value = row.values[name];
  return typeof value === 'boolean' ? value : null;
}

export function isSmall(name: TableName): name is SmallTableName {
  return (SMALL_TABLES as readonly string[]).includes(name);
}
