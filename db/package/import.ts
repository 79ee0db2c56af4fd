/**
 * A data package into the database (spec/formats.md): into an empty one the whole province, into
 * one that holds data a part of it. All in the caller's transaction: either everything accepted is
 * there afterwards, with its events, or nothing is.
 *
 * Everything is checked before the first row is written, with the codes and people of the database
 * at hand, so that all faults are listed at once and none shows up half-way through.
 */
import type { Policy } from '../../engine/policy/types.ts';
import { ensureSampleUsers } from '../access/sample-users.ts';
import type { Session } from '../connect.ts';
import { isSampleDatabase } from '../policies.ts';
import { recountChoices } from '../season/choice-counts.ts';
import { appendEvents, lockChain, PROVINCE } from '../trail.ts';
import type { CandidateIndex } from './candidates.ts';
import { requireSample, requireSeason } from './import/allowed.ts';
import { assignFiles, type NewFiles, writeNumbers } from './import/assign.ts';
import { IMPORT_DECISION, writeFileEvents } from './import/events.ts';
import { importIdentities } from './import/identities.ts';
import { type Known, readIdentityOwners, readKnown } from './import/known.ts';
import { importPeople, type PeopleImport } from './import/people.ts';
import { importScores } from './import/scores.ts';
import { importSmall } from './import/small.ts';
import {
  CONFLICTS_LISTED_MAX,
  type Conflict,
  createTouched,
  type TableCounts,
} from './import/staging.ts';
import { type OpenedPackage, openPackage } from './open.ts';
import { ProblemList } from './problems.ts';
import { type CheckedPackage, readPackage } from './read.ts';
import { rulesOf } from './references.ts';
import { packageTables, type TableName } from './schema.ts';

export type { Conflict, TableCounts } from './import/staging.ts';

/** Two imports of one season wait for each other; "zzim" in bytes. */
const IMPORT_LOCK = 0x7a7a696d;
/** File ids are 32 bits: no id is new where none was given. */
const FILE_ID_MAX = 0x7fff_ffff;
/** calendar.yaml: later senior-high admissions are marked late (calendar.md). */
const SENIOR_HIGH_DEADLINE = 'senior-high-imported';

/** Tables of a package that an import does not take, and why. */
const NOT_IMPORTED: Readonly<Partial<Record<TableName, string>>> = {
  files: '只用于 recompute：档案的状态只能由业务操作产生，不能直接导入；请移走此文件后重新导入。',
  'city-snapshot': '是地市每日录取快照，请用 import-city-snapshot 导入。',
};

export interface ImportOptions {
  /** The policy in force, without overlay. */
  readonly policy: Policy;
  /** id in policy_versions; null: none yet. */
  readonly policyVersion: number | null;
  readonly actor: string;
  /** The instant of the import: from the run's clock. */
  readonly at: Date;
  /** YYYY-MM-DD */
  readonly businessDate: string;
  /** The run's number; null where it is not part of one. */
  readonly run: number | null;
  /** The city that sends it: rows of others are faults. */
  readonly ownCity?: string;
  /** Imports the rows without fault, and leaves the others. */
  readonly acceptValid?: boolean;
  /** Where rejects.csv is written, if anything is rejected. */
  readonly rejectsPath?: string;
  /** Called as each table is done: checked, then written. */
  readonly onTable?: (stage: 'checked' | 'written', table: string, rows: number) => void;
}

export interface ImportOutcome {
  /** False: there were faults, and nothing was written. */
  readonly accepted: boolean;
  readonly problems: ProblemList;
  /** rejects.csv, where anything was rejected. */
  readonly rejects: string | undefined;
  readonly synthetic: boolean;
  /** SHA-256, hex. */
  readonly packageHash: string;
  /** Table → encoding of its file. */
  readonly encodings: Readonly<Record<string, string>>;
  /** Table → what became of its rows; those of scores are, but for rows, counted by candidate. */
  readonly counts: Readonly<Record<string, TableCounts>>;
  /** Rows that were not applied: the first CONFLICTS_LISTED_MAX. */
  readonly conflicts: readonly Conflict[];
  readonly conflictCount: number;
  readonly newFiles: number;
  readonly editedFiles: number;
  readonly seniorHighFiles: number;
}

/**
 * Imports a package inside the session's transaction.
 *
 * @param session inside a transaction
 * @param path a folder, or an .xlsx workbook
 * @returns with `accepted` false where there were faults: then nothing was written
 * @throws package-not-found, package-changed, not-synthetic, season-closed, wrong-season
 */
export async function importPackage(
  session: Session,
  path: string,
  options: ImportOptions,
): Promise<ImportOutcome> {
  const { season } = options.policy;
  const problems = new ProblemList(options.rejectsPath);
  const opened = await openPackage(path, problems);
  await requireSeason(session, season, opened);
  await requireSample(session, opened);
  await session.query('select pg_advisory_xact_lock($1, $2)', [IMPORT_LOCK, season]);
  refuseTables(opened, problems);
  const { checked, known } = await check(session, opened, problems, options);
  const refused = problems.errors > 0 && (options.acceptValid !== true || problems.fatal > 0);
  const rejects = problems.close();
  const outcome = {
    problems,
    rejects,
    synthetic: opened.description.synthetic,
    packageHash: opened.hash,
    encodings: Object.fromEntries(
      [...opened.tables].map(([name, table]) => [name, table.encoding]),
    ),
  };
  if (refused) {
    const nothing = { newFiles: 0, editedFiles: 0, seniorHighFiles: 0 };
    return { ...outcome, accepted: false, counts: {}, conflicts: [], conflictCount: 0, ...nothing };
  }
  return { ...outcome, accepted: true, ...(await write(session, checked, known, options)) };
}

function refuseTables(opened: OpenedPackage, problems: ProblemList): void {
  for (const [name, sentence] of Object.entries(NOT_IMPORTED)) {
    const table = opened.tables.get(name as TableName);
    if (table === undefined) continue;
    problems.addTable('not-importable', table.file, sentence);
  }
}

/** Checks the package against itself and against what the database holds. */
async function check(
  session: Session,
  opened: OpenedPackage,
  problems: ProblemList,
  options: ImportOptions,
): Promise<{ checked: CheckedPackage; known: Known }> {
  const { policy } = options;
  const about = [...packageTables([]).values()].some(
    table => opened.tables.has(table.name) && table.columns[0]?.name === 'candidate_no',
  );
  const known = await readKnown(session, policy.season, about);
  const identities = opened.tables.has('candidates') || opened.tables.has('senior-high');
  const identityOwner =
    identities && known.hasCandidates
      ? await readIdentityOwners(session, policy.season, known.candidates)
      : undefined;
  const checked = await readPackage(opened, problems, {
    mode: 'import',
    attributes: policy.attributes,
    rules: rulesOf(policy),
    references: known.references,
    candidates: known.candidates,
    ...(identityOwner && { identityOwner }),
    complete: !known.hasData,
    acceptValid: options.acceptValid === true,
    ...(options.ownCity === undefined ? {} : { ownCity: options.ownCity }),
    onTable: (table, rows) => options.onTable?.('checked', table, rows),
  });
  return { checked, known };
}

type Written = Pick<
  ImportOutcome,
  'counts' | 'conflicts' | 'conflictCount' | 'newFiles' | 'editedFiles' | 'seniorHighFiles'
>;

async function write(
  session: Session,
  checked: CheckedPackage,
  known: Known,
  options: ImportOptions,
): Promise<Written> {
  const { season } = options.policy;
  await session.query('insert into seasons (season) values ($1) on conflict do nothing', [season]);
  await takeChains(session, known, options);
  await createTouched(session);
  const counts = new Map(await importSmall(session, season, checked));
  for (const [table, { rows }] of counts) options.onTable?.('written', table, rows);
  const groups = await assignFiles(session, checked.candidates);
  const conflicts = new ConflictList();
  const context: PeopleImport = {
    session,
    season,
    checked,
    attributes: options.policy.attributes,
    fresh: !known.hasCandidates,
    firstNew: firstNewFile(groups, checked.candidates),
    late: await lateness(session, options),
    conflict: conflicts.add,
  };
  await writePeople(context, groups, counts, options);
  await markSeniorHighComplete(session, checked, options);
  await recordImport(session, checked, counts, options);
  const frame = { ...options, session, season, policy: options.policyVersion };
  const files = await writeFileEvents(frame, groups, checked.candidates, {
    fresh: context.fresh,
    seniorHigh: counts.has('senior-high'),
  });
  await ensureSampleUsers(session, season, options.at);
  await analyze(session, counts);
  await recountChoices(session, season, {
    cities: await touchedCities(session, groups, counts),
  });
  return {
    counts: Object.fromEntries(counts),
    conflicts: conflicts.listed,
    conflictCount: [...counts.values()].reduce((sum, table) => sum + table.conflicts, 0),
    newFiles: groups.reduce((sum, group) => sum + group.candidates.length, 0),
    editedFiles: files.edited,
    seniorHighFiles: files.seniorHigh,
  };
}

/**
 * Where the database holds candidates, their files may move while the package is settled: the
 * chains are taken before, as every act takes them, so that what is read stays true. The province's
 * comes first, since the import has an event there.
 */
async function takeChains(session: Session, known: Known, options: ImportOptions): Promise<void> {
  if (!known.hasCandidates) return;
  const cities = options.ownCity === undefined ? known.candidates.cities : [options.ownCity];
  for (const city of [PROVINCE, ...cities.toSorted()]) {
    await lockChain(session, options.policy.season, city);
  }
}

class ConflictList {
  readonly listed: Conflict[] = [];

  readonly add = (table: string, city: string, candidateNo: string, sentence: string): void => {
    if (this.listed.length < CONFLICTS_LISTED_MAX) {
      this.listed.push({ table, city, candidateNo, sentence });
    }
  };
}

function firstNewFile(groups: readonly NewFiles[], candidates: CandidateIndex): number {
  const first = groups[0]?.candidates[0];
  return first === undefined ? FILE_ID_MAX : candidates.file.at(first);
}

async function writePeople(
  context: PeopleImport,
  groups: readonly NewFiles[],
  counts: Map<string, TableCounts>,
  options: ImportOptions,
): Promise<void> {
  const { session, season, checked } = context;
  await writeNumbers(session, season, groups, checked.candidates);
  for (const [table, some] of await importPeople(context)) {
    counts.set(table, some);
    options.onTable?.('written', table, some.rows);
  }
  const scores = checked.tables.get('scores');
  if (scores !== undefined) {
    counts.set('scores', await importScores(context, scores));
    options.onTable?.('written', 'scores', scores.rows);
  }
  if (checked.tables.has('candidates')) await importIdentities(context);
}

/** Whether a senior-high admission that comes now is late: 逾期导入, accepted and marked. */
async function lateness(
  session: Session,
  options: ImportOptions,
): Promise<(city: string) => boolean> {
  const { deadlines, season } = options.policy;
  const deadline = deadlines.find(each => each.id === SENIOR_HIGH_DEADLINE)?.date ?? null;
  if (deadline !== null && options.businessDate > deadline) return () => true;
  const complete = await session.query<{ city: string }>(
    'select city from city_standings where season = $1 and senior_high_complete',
    [season],
  );
  const cities = new Set(complete.map(row => row.city));
  return city => cities.has(city);
}

/**
 * A made-up province says itself which cities have imported their senior-high admissions; in a
 * real one only the city does, by complete-senior-high.
 */
async function markSeniorHighComplete(
  session: Session,
  checked: CheckedPackage,
  options: ImportOptions,
): Promise<void> {
  const { synthetic, seniorHighComplete } = checked.opened.description;
  if (!synthetic || seniorHighComplete.length === 0) return;
  if (!(await isSampleDatabase(session))) return;
  await session.query(
    `insert into city_standings (season, city, senior_high_complete, senior_high_completed_on)
     select $1, city, true, $3 from unnest($2::text[]) city
     on conflict (season, city) do update
       set senior_high_complete = true, senior_high_completed_on = excluded.senior_high_completed_on
       where not city_standings.senior_high_complete`,
    [options.policy.season, seniorHighComplete, options.businessDate],
  );
}

async function recordImport(
  session: Session,
  checked: CheckedPackage,
  counts: ReadonlyMap<string, TableCounts>,
  options: ImportOptions,
): Promise<void> {
  const { hash, description } = checked.opened;
  const { actor, at, businessDate, run, policy, policyVersion } = options;
  const summary = Object.fromEntries(counts);
  const [row] = await session.query<{ import: number }>(
    `insert into imports
       (season, run, package_hash, synthetic, counts, imported_at, imported_by)
     values ($1, $2, $3, $4, $5, $6, $7) returning import`,
    [policy.season, run, hash, description.synthetic, JSON.stringify(summary), at, actor],
  );
  await appendEvents(session, policy.season, [
    {
      city: PROVINCE,
      file: null,
      name: 'import',
      actor,
      at,
      businessDate,
      policy: policyVersion,
      decision: IMPORT_DECISION,
      run,
      note: { import: row?.import, package: hash, counts: summary },
    },
  ]);
}

/** Where candidates or their choices have come or changed, as far as the package has any. */
async function touchedCities(
  session: Session,
  groups: readonly NewFiles[],
  counts: ReadonlyMap<string, TableCounts>,
): Promise<string[]> {
  if (!counts.has('candidates') && !counts.has('choices')) return [];
  const edited = await session.query<{ city: string }>('select distinct city from touched');
  return [...new Set([...groups, ...edited].map(({ city }) => city))];
}

/** What an import fills; the night that follows plans its queries by what is there now. */
const FILLED_BY_IMPORT = [
  ...['regions', 'schools', 'majors', 'plan_lines', 'candidates', 'candidate_numbers'],
  ...[
    'identities',
    'scores',
    'preferences',
    'choices',
    'senior_high_admissions',
    'files',
    'events',
  ],
];
/** Statistics of fewer rows than this share of the table are of another table. */
const KNOWN_SHARE = 0.8;

/**
 * Gathers statistics anew of tables that have grown since by more than a quarter, or of which there
 * are none: a city's package adds a twentieth to the province's tables, and gathering takes as long
 * as its import. How many rows there are now is estimated by the size of the files.
 */
async function analyze(session: Session, counts: ReadonlyMap<string, TableCounts>): Promise<void> {
  const changed = [...counts.values()].some(
    table => table.added + table.changed + table.removed > 0,
  );
  if (!changed) return;
  const stale = await session.query<{ name: string }>(
    `select c.relname as name from unnest($1::text[]) with ordinality t (name, place)
     join pg_class c on c.oid = t.name::regclass
     where c.reltuples < 0
       or c.relpages < $2::float8
         * (pg_relation_size(c.oid) / current_setting('block_size')::integer)
     order by t.place`,
    [FILLED_BY_IMPORT, KNOWN_SHARE],
  );
  if (stale.length === 0) return;
  await session.query(`analyze ${stale.map(({ name }) => name).join(', ')}`);
}
