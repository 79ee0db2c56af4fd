/**
 * Rows of a package against a table that holds some already: the same content is unchanged, other
 * content is an edit, and an edit of a file that is at a school is a conflict (formats.md).
 *
 * The rows are copied into a temporary table and settled there by a few statements over whole
 * sets; nothing of it is seen before the transaction ends. Turned down: row by row with a cursor
 * (minutes for a province), and an upsert of everything (it would rewrite every unchanged row).
 */
import type { Session } from '../../connect.ts';
import { type CopyWriter, openCopyIn } from '../../copy.ts';

/** How a table of a package lies in the database. */
export interface Target {
  /** Name in the package, for counts and messages. */
  readonly table: string;
  readonly target: string;
  /** `season` first. */
  readonly key: readonly string[];
  /** Columns whose difference makes an edit, and which an edit writes. */
  readonly content: readonly string[];
  /** Columns that are written with a new row only. */
  readonly once?: readonly string[];
  /** Rows are about a file: (season, city, file) are in the key. */
  readonly perFile: boolean;
  /** States of a file that make an edit a conflict. */
  readonly conflictStates?: readonly string[];
  /** An open application on the file makes it one too. */
  readonly conflictWhileOpen?: true;
}

export interface TableCounts {
  /** Rows in the file, those at fault included. */
  rows: number;
  rejected: number;
  added: number;
  changed: number;
  unchanged: number;
  /** Choices that the package no longer lists. */
  removed: number;
  conflicts: number;
}

export const NO_COUNTS: TableCounts = Object.freeze({
  rows: 0,
  rejected: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  removed: 0,
  conflicts: 0,
});

/** A row that was not applied. */
export interface Conflict {
  readonly table: string;
  readonly city: string;
  readonly candidateNo: string;
  /** Chinese. */
  readonly sentence: string;
}

/** Conflicts that are listed by name; beyond it they are counted. */
export const CONFLICTS_LISTED_MAX = 1000;

export const incomingName = (target: Target): string => `incoming_${target.target}`;

const columnsOf = (target: Target): readonly string[] => [
  ...target.key,
  ...target.content,
  ...(target.once ?? []),
];

/** Copies rows into the table itself where it is new to the season, else into one beside it. */
export async function openTarget(
  session: Session,
  target: Target,
  fresh: boolean,
  extra: readonly string[] = [],
): Promise<CopyWriter> {
  const columns = [...columnsOf(target), ...extra].join(', ');
  if (fresh) return openCopyIn(session, `${target.target} (${columns})`);
  const incoming = incomingName(target);
  await session.query(`drop table if exists pg_temp.${incoming}`);
  await session.query(`create temporary table ${incoming} (like ${target.target}) on commit drop`);
  for (const column of extra) {
    await session.query(`alter table ${incoming} add column ${column} integer[]`);
  }
  return openCopyIn(session, `${incoming} (${columns})`);
}

function sameKey(target: Target, a: string, b: string): string {
  return target.key.map(column => `${a}.${column} = ${b}.${column}`).join(' and ');
}

function tuple(alias: string, columns: readonly string[]): string {
  return `row(${columns.map(column => `${alias}.${column}`).join(', ')})`;
}

/** Counts the rows that a data-changing statement returns. */
async function countOf(session: Session, statement: string): Promise<number> {
  const [row] = await session.query<{ count: number }>(
    `with done as (${statement} returning 1) select count(*)::integer as count from done`,
  );
  return row?.count ?? 0;
}

/** Takes rows away that stand in the table already. @returns how many */
export async function dropUnchanged(session: Session, target: Target): Promise<number> {
  const incoming = incomingName(target);
  await session.query(`analyze ${incoming}`);
  return countOf(
    session,
    `delete from ${incoming} i using ${target.target} t
      where ${sameKey(target, 'i', 't')}
        and ${tuple('t', target.content)} is not distinct from ${tuple('i', target.content)}`,
  );
}

/** Takes rows away whose file is where it must not be edited. @returns how many, and whose */
export async function dropConflicts(
  session: Session,
  target: Target,
  from = incomingName(target),
): Promise<{ count: number; files: readonly { city: string; candidateNo: string }[] }> {
  const rows = await session.query<{ city: string; candidateNo: string; count: number }>(
    `with gone as (
       delete from ${from} i using files f
        where f.season = i.season and f.city = i.city and f.file = i.file
          and (f.state = any($1) or ($2 and f.open_applications > 0))
       returning i.season, i.city, i.file)
     select g.city, coalesce(c.candidate_no, '') as "candidateNo", count(*)::integer as count
       from gone g left join candidates c using (season, city, file)
      group by g.city, c.candidate_no
      order by g.city collate "C", c.candidate_no collate "C"`,
    [target.conflictStates ?? [], target.conflictWhileOpen === true],
  );
  return { count: rows.reduce((sum, row) => sum + row.count, 0), files: rows };
}

/** Writes what is left: new rows and edits. */
export async function upsert(
  session: Session,
  target: Target,
): Promise<{ added: number; changed: number }> {
  const columns = columnsOf(target).join(', ');
  const edits = target.content.map(column => `${column} = excluded.${column}`).join(', ');
  const [row] = await session.query<{ added: number; changed: number }>(
    `with done as (
       insert into ${target.target} (${columns}) select ${columns} from ${incomingName(target)}
       on conflict (${target.key.join(', ')}) do update set ${edits}
       returning (xmax = 0) as fresh)
     select count(*) filter (where fresh)::integer as added,
            count(*) filter (where not fresh)::integer as changed from done`,
  );
  return row ?? { added: 0, changed: 0 };
}

/** Files whose data an import edits; each gets one event. */
export async function createTouched(session: Session): Promise<void> {
  await session.query('drop table if exists pg_temp.touched');
  await session.query(
    'create temporary table touched (city text not null, file integer not null) on commit drop',
  );
}

/** @param firstNew ids from here on are new files, whose import event says enough */
export async function touch(session: Session, from: string, firstNew: number): Promise<void> {
  await session.query(
    `insert into touched select distinct city, file from ${from} where file < $1`,
    [firstNew],
  );
}
