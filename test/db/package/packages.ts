/** Data packages of the tests: a small clean province as rows, to be spoilt cell by cell. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { csvLine } from '../../../db/package/csv-write.ts';
import { checkCharacter } from '../../../db/package/identity.ts';

export type Row = Readonly<Record<string, string>>;
/** Table name → rows; the columns are those of the first row. */
export type Rows = Readonly<Record<string, readonly Row[]>>;

/** A folder of its own, removed when the test ends. */
export function temporaryFolder(t: Pick<Test, 'teardown'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'zhongzhao-package-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function csvText(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  return [columns, ...rows.map(row => columns.map(name => row[name] ?? ''))].map(csvLine).join('');
}

/** Writes rows as a package and returns its folder; tables without rows are left out. */
export function writeRows(
  t: Pick<Test, 'teardown'>,
  rows: Rows,
  description: object | null = { synthetic: true },
): string {
  const folder = join(temporaryFolder(t), 'package');
  mkdirSync(folder);
  for (const [table, some] of Object.entries(rows)) {
    if (some.length > 0) writeFileSync(join(folder, `${table}.csv`), csvText(some));
  }
  if (description !== null) {
    writeFileSync(join(folder, 'datapackage.json'), JSON.stringify(description));
  }
  return folder;
}

/** A valid identity number from a birth-place code that is not in use. */
export function identityNumber(serial: number, birthDate = '2001-03-01'): string {
  const digits = `990000${birthDate.replaceAll('-', '')}${String(serial).padStart(3, '0')}`;
  return digits + checkCharacter(digits);
}

export const CITY = '440100';
export const OTHER_CITY = '440200';
export const CANDIDATES = ['16440100000001', '16440100000002', '16440200000001'] as const;

/** Two cities, two schools, three candidates; everything fits. */
export function cleanRows(): Record<string, Row[]> {
  return {
    regions: [
      { code: '440000', name: '广东省', parent: '', level: 'province' },
      { code: CITY, name: '广州市', parent: '440000', level: 'city' },
      { code: OTHER_CITY, name: '韶关市', parent: '440000', level: 'city' },
      { code: '440103', name: '荔湾区', parent: CITY, level: 'county' },
    ],
    offices: [
      {
        code: 'O1',
        name: '广州市招办',
        kind: 'admission',
        region: CITY,
        school_kinds: 'vocational',
      },
    ],
    schools: [
      schoolRow('4401001', '第一职校', 'vocational', 'O1'),
      schoolRow('4401002', '第二技校', 'technical', ''),
      schoolRow('4401900', '第一中学', 'senior-high', ''),
    ],
    majors: ['4401001', '4401002'].flatMap(school =>
      ['0101', '0102'].map(code => ({
        code,
        name: `专业${code}`,
        school,
        articulated: 'no',
        college: '',
      })),
    ),
    subjects: [CITY, OTHER_CITY].flatMap(city => [
      { city, code: '01', name: '语文', full: '150', order: '1' },
      { city, code: '02', name: '数学', full: '150', order: '2' },
    ]),
    plans: [
      planRow('4401001', '0101', CITY, '1'),
      planRow('4401001', '0102', CITY, '2'),
      planRow('4401002', '0101', CITY, '5'),
      planRow('4401001', '0101', OTHER_CITY, '1'),
    ],
    flexible: [{ school: '4401001', region: CITY, batch: 'vocational', places: '1' }],
    'school-status': [{ school: '4401002', batch: 'vocational', status: 'open', region: '' }],
    candidates: CANDIDATES.map((no, index) => candidateRow(no, index)),
    scores: CANDIDATES.flatMap((no, index) => [
      { candidate_no: no, subject: '01', score: String(100 + index) },
      { candidate_no: no, subject: '02', score: index === 2 ? '' : '120.5' },
    ]),
    preferences: [
      { candidate_no: CANDIDATES[1], feature: 'martyr-child', evidence: '证', confirmed_by: 'o2' },
    ],
    choices: [
      choiceRow(CANDIDATES[0], 1, '4401001', '0101 0102'),
      choiceRow(CANDIDATES[0], 2, '4401002', '0101'),
      choiceRow(CANDIDATES[1], 1, '4401001', '0101'),
      choiceRow(CANDIDATES[2], 1, '4401001', '0101'),
    ],
    'senior-high': [],
  };
}

function schoolRow(code: string, name: string, kind: string, supervisor: string): Row {
  return { code, name, kind, owner: 'city', region: CITY, supervisor, roster: 'here' };
}

function planRow(school: string, major: string, region: string, planned: string): Row {
  return { school, major, region, batch: 'vocational', planned };
}

function candidateRow(no: string, index: number): Row {
  return {
    candidate_no: no,
    name: `考生${'甲乙丙'[index]}`,
    sex: 'F',
    birth_date: '2001-03-01',
    identity_no: identityNumber(index + 1),
    city: index === 2 ? OTHER_CITY : CITY,
    county: index === 0 ? '440103' : '',
    registration_point: `P${index}`,
    origin: 'fresh',
    total: String(220.5 + index),
  };
}

export function choiceRow(no: string, ordinal: number, school: string, majors: string): Row {
  return {
    candidate_no: no,
    batch: 'vocational',
    round: '1',
    ordinal: String(ordinal),
    school,
    majors,
    adjustment: 'yes',
  };
}
