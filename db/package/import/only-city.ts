/**
 * A package that a city imports by itself holds its own people, plans and subjects, and nothing
 * that is the province's. Rows that change nothing are nobody's concern.
 */

import type { SmallTableName } from '../check-small.ts';
import { stringOf } from '../check-small.ts';
import { fail } from '../errors.ts';
import type { CheckedPackage } from '../read.ts';
import type { TableCounts } from './staging.ts';

/** Tables with rows of every city, and the column that says whose a row is. */
const OF_CITY: readonly (readonly [SmallTableName, string])[] = [
  ['subjects', 'city'],
  ['plans', 'region'],
  ['flexible', 'region'],
];
const OF_PROVINCE: readonly SmallTableName[] = [
  'regions',
  'offices',
  'schools',
  'majors',
  'school-status',
];

/** @throws package-out-of-scope: a small table holds what is not the city's */
export function requireOwnTables(
  checked: CheckedPackage,
  counts: ReadonlyMap<string, TableCounts>,
  city: string,
): void {
  for (const table of OF_PROVINCE) {
    const { added = 0, changed = 0 } = counts.get(table) ?? {};
    if (added + changed > 0) throw fail('package-out-of-scope', { city, what: `表 ${table}` });
  }
  for (const [table, column] of OF_CITY) {
    const foreign = (checked.small.get(table) ?? []).find(row => stringOf(row, column) !== city);
    if (foreign === undefined) continue;
    const of = stringOf(foreign, column);
    throw fail('package-out-of-scope', { city, what: `表 ${table} 中 ${of} 的行` });
  }
}

/** @throws package-out-of-scope: files of another city were changed */
export function requireOwnFiles(changed: readonly string[], city: string): void {
  const foreign = changed.find(each => each !== city);
  if (foreign === undefined) return;
  throw fail('package-out-of-scope', { city, what: `${foreign} 的考生` });
}
