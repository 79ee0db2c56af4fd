/**
 * Checks the tables about candidates other than their choices: scores, preference features,
 * senior-high admissions, files, a city's snapshot.
 */
import { ABSENT, formatHundredths } from '../../engine/decimal.ts';
import { LineSet, NumberColumn } from './bytes.ts';
import type { CandidateIndex } from './candidates.ts';
import { type SmallContext, unknownBatch } from './check-small.ts';
import { comparable } from './identity.ts';
import { nearestHint } from './nearest.ts';
import type { TableSource } from './open.ts';
import { foreignSentence } from './own-city.ts';
import { type CheckedTable, checkTable, type TableFaults, type TableRow } from './rows.ts';
import { columnIndex, type Table, type TableName } from './schema.ts';

export interface PeopleContext extends SmallContext {
  readonly candidates: CandidateIndex;
  /** First and last day that a city's snapshot may name; undefined: any. */
  readonly admittedBetween?: readonly [string, string];
}

/** `right`: every cell is right by itself. */
type Check = (row: TableRow, faults: TableFaults, candidate: number, right: boolean) => void;

/** Reads a table whose rows each name a candidate; `check` looks at the cells that can be read. */
export async function checkAbout(
  source: TableSource,
  table: Table,
  context: PeopleContext,
  check: Check,
): Promise<CheckedTable | undefined> {
  const at = columnIndex(table, 'candidate_no');
  const read = (row: TableRow, faults: TableFaults, right: boolean): void => {
    if (row.blank(at) || row.wrongKind(at) !== undefined) return;
    const candidate = context.candidates.find(row.bytes, row.start(at), row.end(at));
    const { ownCity, candidates } = context;
    if (candidate < 0) {
      faults.cell(row, at, 'unknown-candidate', '不在 candidates.csv 中，或那一行有误。');
    } else if (ownCity !== undefined && candidates.cityCode(candidate) !== ownCity) {
      faults.cell(row, at, 'foreign-city', foreignSentence(ownCity));
    } else check(row, faults, candidate, right);
  };
  return checkTable(source, table, context.mode, context.problems, read, [at]);
}

/** The table's check, or undefined where it is not a table of this page. */
export function checkOf(table: Table, context: PeopleContext): Check | undefined {
  const makers: Partial<Record<TableName, (table: Table, context: PeopleContext) => Check>> = {
    scores: scoreCheck,
    preferences: preferenceCheck,
    'senior-high': seniorHighCheck,
    files: fileCheck,
    'city-snapshot': snapshotCheck,
  };
  return makers[table.name]?.(table, context);
}

function scoreCheck(table: Table, context: PeopleContext): Check {
  const subjectAt = columnIndex(table, 'subject');
  const scoreAt = columnIndex(table, 'score');
  const { candidates, references, mode } = context;
  const low = new NumberColumn(length => new Uint32Array(length));
  const high = new NumberColumn(length => new Uint32Array(length));
  return (row, faults, candidate) => {
    if (row.unsound(subjectAt)) return;
    const city = candidates.cityCode(candidate);
    const subject = references.subject(city, row.string(subjectAt));
    if (subject === undefined) {
      const sentence = `不是考生所在地市 ${city} 的科目（subjects.csv）。`;
      faults.cell(row, subjectAt, 'unknown-subject', sentence);
      return;
    }
    const seen = subject.slot < 32 ? low : high;
    const bit = 1 << (subject.slot & 31);
    if ((seen.at(candidate) & bit) !== 0) {
      faults.cell(row, subjectAt, 'duplicate-score', '同一考生同一科目有两行成绩。');
      return;
    }
    seen.set(candidate, (seen.at(candidate) | bit) >>> 0);
    const score = row.number(scoreAt);
    if (score === ABSENT) return;
    const above = subject.full > 0 && score > subject.full;
    if (score >= 0 && !above) return;
    const sentence = above ? `高于该科满分 ${formatHundredths(subject.full)}。` : '是负数。';
    const code = above ? 'above-full-marks' : 'negative';
    if (mode === 'recompute') faults.warnCell(row, scoreAt, code, sentence);
    else faults.cell(row, scoreAt, code, sentence);
  };
}

function preferenceCheck(table: Table, context: PeopleContext): Check {
  const featureAt = columnIndex(table, 'feature');
  const seen = new Set<string>();
  return (row, faults, candidate) => {
    if (row.unsound(featureAt)) return;
    const feature = row.string(featureAt);
    const key = `${candidate} ${feature}`;
    const { features } = context.rules;
    if (context.mode === 'import' && !features.has(feature)) {
      const sentence = `不是政策中的照顾特征${nearestHint(feature, features)}。`;
      faults.cell(row, featureAt, 'unknown-feature', sentence);
    } else if (seen.has(key)) {
      faults.cell(row, featureAt, 'duplicate-row', '同一考生同一照顾特征有两行。');
    } else seen.add(key);
  };
}

/** Each candidate at most once in the table. */
function onceCheck(table: Table): Check {
  const at = columnIndex(table, 'candidate_no');
  const seen = new LineSet();
  return (row, faults, candidate) => {
    if (seen.has(candidate)) {
      faults.cell(row, at, 'duplicate-row', `同一考生在${table.title}中有两行。`);
    } else seen.add(candidate);
  };
}

function schoolCheck(table: Table, context: PeopleContext): Check {
  const at = columnIndex(table, 'school');
  return (row, faults) => {
    if (context.mode === 'recompute' || row.unsound(at)) return;
    if (context.references.schools.has(row.string(at))) return;
    faults.cell(row, at, 'unknown-school', '不在 schools.csv 中，或那一行有误。');
  };
}

function batchCheck(table: Table, context: PeopleContext): Check {
  const at = columnIndex(table, 'batch');
  return (row, faults) => {
    const batch = row.string(at);
    if (context.mode === 'recompute' || batch === '' || context.rules.batches.has(batch)) return;
    faults.cell(row, at, 'unknown-batch', unknownBatch(batch, context.rules));
  };
}

function all(...checks: readonly Check[]): Check {
  return (row, faults, candidate, right) => {
    for (const check of checks) check(row, faults, candidate, right);
  };
}

/** The identity number, where the senior high gives one, is the candidate's own. */
function seniorHighCheck(table: Table, context: PeopleContext): Check {
  const at = columnIndex(table, 'identity_no');
  const { candidates, mode } = context;
  const sameIdentity: Check = (row, faults, candidate) => {
    if (row.unsound(at) || mode === 'recompute') return;
    const number = comparable(row.string(at));
    const own = candidates.identity.at(candidate);
    const same =
      own > 0
        ? candidates.identities.findText(number) === own - 1
        : context.identityOwner === undefined || context.identityOwner(number) === candidate;
    if (!same) faults.cell(row, at, 'identity-differs', '与该考生登记的身份证号不一致。');
  };
  return all(onceCheck(table), schoolCheck(table, context), sameIdentity);
}

function fileCheck(table: Table, context: PeopleContext): Check {
  return all(onceCheck(table), schoolCheck(table, context), batchCheck(table, context));
}

function snapshotCheck(table: Table, context: PeopleContext): Check {
  const schoolAt = columnIndex(table, 'school');
  const majorAt = columnIndex(table, 'major');
  const admittedAt = columnIndex(table, 'admitted_on');
  const { references, admittedBetween } = context;
  const inTime: Check = (row, faults) => {
    if (admittedBetween === undefined || row.unsound(admittedAt)) return;
    const [first, last] = admittedBetween;
    const day = row.string(admittedAt);
    if (first <= day && day <= last) return;
    faults.cell(row, admittedAt, 'date-out-of-range', `不在 ${first} 至 ${last} 之间。`);
  };
  const knownMajor: Check = (row, faults) => {
    const school = row.string(schoolAt);
    if (row.unsound(majorAt) || !references.schools.has(school)) return;
    if (references.hasMajor(school, row.string(majorAt))) return;
    faults.cell(row, majorAt, 'unknown-major', `不是院校 ${school} 的专业。`);
  };
  return all(onceCheck(table), schoolCheck(table, context), knownMajor, inTime);
}
