/**
 * The daily package of a city with its own system (formats.md): one table, city-snapshot, of
 * candidates whose home is that city. Checked as a whole like any other package; with a fault in it
 * nothing of it is taken, and yesterday's stays.
 */
import type { Policy } from '../../engine/policy/types.ts';
import type { Session } from '../connect.ts';
import type { CandidateIndex } from './candidates.ts';
import { requireSample, requireSeason } from './import/allowed.ts';
import { readKnown } from './import/known.ts';
import { openPackage } from './open.ts';
import { ProblemList } from './problems.ts';
import { readPackage } from './read.ts';
import { rulesOf } from './references.ts';
import { type CheckedTable, readRows } from './rows.ts';
import { columnIndex, packageTables } from './schema.ts';

const TABLE = 'city-snapshot';

export interface SnapshotPackageOptions {
  readonly season: number;
  readonly city: string;
  readonly policy: Policy;
  /** First and last day that a row may have been admitted on. */
  readonly admittedBetween: readonly [string, string];
  /** Where rejects.csv is written, if anything is rejected. */
  readonly rejectsPath?: string;
}

export interface SnapshotRow {
  readonly file: number;
  readonly school: string;
  readonly major: string;
  /** YYYY-MM-DD */
  readonly admittedOn: string;
}

export interface SnapshotPackage {
  readonly problems: ProblemList;
  /** rejects.csv, where anything was rejected. */
  readonly rejects: string | undefined;
  /** SHA-256, hex. */
  readonly hash: string;
  readonly rowCount: number;
  /** Reads the rows; only where `problems` has no errors. */
  rows(onRow: (row: SnapshotRow) => Promise<void> | undefined): Promise<void>;
}

/**
 * Opens and checks a snapshot.
 *
 * @param path a folder, or an .xlsx workbook
 * @throws package-not-found, package-changed, not-synthetic, season-closed, wrong-season
 */
export async function readSnapshotPackage(
  session: Session,
  path: string,
  options: SnapshotPackageOptions,
): Promise<SnapshotPackage> {
  const { season, policy, city } = options;
  const problems = new ProblemList(options.rejectsPath);
  const opened = await openPackage(path, problems);
  await requireSeason(session, season, opened);
  await requireSample(session, opened);
  for (const [name, { file }] of opened.tables) {
    if (name === TABLE) continue;
    problems.addTable('not-importable', file, '不属于地市每日录取快照，请用 import 导入。');
  }
  if (!opened.tables.has(TABLE)) {
    const { file } = packageTables([]).get(TABLE) ?? { file: TABLE };
    problems.addTable('missing-table', file, '缺少地市录取快照表；当日确无录取的，须另行申明。');
  }
  const known = await readKnown(session, season, true);
  const { tables, candidates } = await readPackage(opened, problems, {
    mode: 'import',
    attributes: policy.attributes,
    rules: rulesOf(policy),
    references: known.references,
    candidates: known.candidates,
    complete: false,
    ownCity: city,
    admittedBetween: options.admittedBetween,
  });
  const table = tables.get(TABLE);
  return {
    problems,
    rejects: problems.close(),
    hash: opened.hash,
    rowCount: table?.rows ?? 0,
    rows: onRow => (table === undefined ? Promise.resolve() : read(table, candidates, onRow)),
  };
}

async function read(
  table: CheckedTable,
  candidates: CandidateIndex,
  onRow: (row: SnapshotRow) => Promise<void> | undefined,
): Promise<void> {
  const at = (name: string) => columnIndex(table.table, name);
  const [numberAt, schoolAt, majorAt] = [at('candidate_no'), at('school'), at('major')];
  const admittedAt = at('admitted_on');
  let pending: Promise<void> | undefined;
  await readRows(
    table,
    row => {
      const candidate = candidates.find(row.bytes, row.start(numberAt), row.end(numberAt));
      pending = onRow({
        file: candidates.file.at(candidate),
        school: row.string(schoolAt),
        major: row.string(majorAt),
        admittedOn: row.string(admittedAt),
      });
    },
    () => pending,
  );
}
