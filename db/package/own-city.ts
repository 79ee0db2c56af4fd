/**
 * Whose rows a package may hold that a city sends by itself (the inbox): its own candidates, plan
 * lines, subjects and statuses, and the schools that lie in it. What is another city's, or the
 * province's, is a fault like any other: it is listed with its line, and nothing of it is taken.
 */
import type { References } from './references.ts';
import type { TableFaults, TableRow } from './rows.ts';
import { columnIndex, type TableName } from './schema.ts';

interface OwnContext {
  readonly ownCity?: string;
  readonly references: References;
}

/** Column that says where a row belongs; null: to the province. */
const PLACE: Readonly<Partial<Record<TableName, string | null>>> = {
  regions: null,
  offices: null,
  schools: 'region',
  majors: 'school',
  subjects: 'city',
  plans: 'region',
  flexible: 'region',
  'school-status': 'region',
};

/** Looks at a row of a small table. @returns whether the city may send it */
export function isOwnRow(row: TableRow, faults: TableFaults, context: OwnContext): boolean {
  const { ownCity, references } = context;
  const column = PLACE[row.table.name];
  if (ownCity === undefined || column === undefined) return true;
  if (column === null) {
    const sentence = `${row.table.title}由省统一维护，不能由地市 ${ownCity} 送来。`;
    faults.whole(row.line, 'foreign-city', sentence);
    return false;
  }
  const at = columnIndex(row.table, column);
  const text = row.string(at);
  const region = column === 'school' ? (references.schoolRegions.get(text) ?? ownCity) : text;
  const own =
    row.table.name === 'schools' || row.table.name === 'majors'
      ? references.isWithin(region, ownCity)
      : region === ownCity;
  if (!own) faults.cell(row, at, 'foreign-city', foreignSentence(ownCity));
  return own;
}

export function foreignSentence(ownCity: string): string {
  return `不属于送来数据的地市 ${ownCity}，只能由所属地市或省送来。`;
}
