/**
 * Snapshots of cities with their own system: one row per day and package, its rows, and what of
 * them was not applied. Comparing and applying is in compare-snapshot.ts and apply-snapshot.ts.
 */
import type { Session } from '../connect.ts';
import { copyIn } from '../copy.ts';
import type { SnapshotPackage } from '../package/snapshot-package.ts';

type Reader = Pick<Session, 'query'>;

/** Which snapshot: numbered per city and season. */
export interface SnapshotKey {
  readonly season: number;
  readonly city: string;
  readonly snapshot: number;
}

export interface StoredSnapshot {
  readonly snapshot: number;
  readonly businessDate: string;
  readonly state: 'held' | 'applied' | 'superseded';
  readonly late: boolean;
  readonly declaredEmpty: boolean;
  readonly packageHash: string | null;
  readonly rowCount: number;
  readonly arrivedBy: string;
}

const COLUMNS = `snapshot, business_date::text as "businessDate", state, late,
  declared_empty as "declaredEmpty", package_hash as "packageHash", row_count as "rowCount",
  arrived_by as "arrivedBy"`;

/** The snapshots of a city that count, newest first: at most one held, and those applied. */
export async function latestSnapshots(
  session: Reader,
  season: number,
  city: string,
): Promise<{ readonly applied: StoredSnapshot | null; readonly held: StoredSnapshot | null }> {
  const rows = await session.query<StoredSnapshot>(
    `select distinct on (state) ${COLUMNS} from snapshots
     where season = $1::smallint and city = $2 and state <> 'superseded'
     order by state, snapshot desc`,
    [season, city],
  );
  const of = (state: string) => rows.find(row => row.state === state) ?? null;
  return { applied: of('applied'), held: of('held') };
}

/** One snapshot; null: there is none of that number. */
export async function readSnapshot(
  session: Reader,
  { season, city, snapshot }: SnapshotKey,
): Promise<StoredSnapshot | null> {
  const [row] = await session.query<StoredSnapshot>(
    `select ${COLUMNS} from snapshots
     where season = $1::smallint and city = $2 and snapshot = $3`,
    [season, city, snapshot],
  );
  return row ?? null;
}

/** Has the snapshot of a day come, applied or not. */
export async function snapshotOfDay(
  session: Reader,
  season: number,
  city: string,
  date: string,
): Promise<StoredSnapshot | null> {
  const [row] = await session.query<StoredSnapshot>(
    `select ${COLUMNS} from snapshots
     where season = $1::smallint and city = $2 and business_date = $3::date
     order by snapshot desc limit 1`,
    [season, city, date],
  );
  return row ?? null;
}

export interface NewSnapshot {
  readonly businessDate: string;
  readonly previous: number | null;
  readonly late: boolean;
  readonly declaredEmpty: boolean;
  readonly packageHash: string | null;
  readonly rowCount: number;
  readonly arrivedBy: string;
  readonly arrivedAt: Date;
  readonly run: number | null;
}

/**
 * Records a snapshot, held until it is applied; one that was held before is superseded by it. Under
 * the city's chain, which keeps its numbers apart.
 *
 * @returns its number
 */
export async function insertSnapshot(
  session: Reader,
  season: number,
  city: string,
  made: NewSnapshot,
): Promise<number> {
  await supersedeHeld(session, season, city);
  const [row] = await session.query<{ snapshot: number }>(
    `insert into snapshots (season, city, snapshot, business_date, state, previous, late,
       declared_empty, package_hash, row_count, added, changed, vanished, unchanged, conflicts,
       arrived_by, arrived_at, run)
     select $1::smallint, $2, coalesce(max(snapshot), 0) + 1, $3::date, 'held', $4, $5, $6, $7, $8,
       0, 0, 0, 0, 0, $9, $10, $11
     from snapshots where season = $1::smallint and city = $2
     returning snapshot`,
    [
      ...[season, city, made.businessDate, made.previous, made.late, made.declaredEmpty],
      ...[made.packageHash, made.rowCount, made.arrivedBy, made.arrivedAt, made.run],
    ],
  );
  return (row as { snapshot: number }).snapshot;
}

async function supersedeHeld(session: Reader, season: number, city: string): Promise<void> {
  await session.query(
    `delete from snapshot_rows r using snapshots s
     where s.season = $1::smallint and s.city = $2 and s.state = 'held'
       and r.season = s.season and r.city = s.city and r.snapshot = s.snapshot`,
    [season, city],
  );
  await session.query(
    `update snapshots set state = 'superseded'
     where season = $1::smallint and city = $2 and state = 'held'`,
    [season, city],
  );
}

/** Copies the rows of a package under the number of its snapshot. */
export async function stageRows(
  session: Session,
  { season, city, snapshot }: SnapshotKey,
  read: SnapshotPackage['rows'],
): Promise<void> {
  const columns = 'season, city, snapshot, file, school, major, admitted_on, status';
  await copyIn(session, `snapshot_rows (${columns})`, async writer => {
    await read(row => {
      writer.int(season);
      writer.text(city);
      writer.int(snapshot);
      writer.int(row.file);
      writer.text(row.school);
      writer.text(row.major);
      writer.text(row.admittedOn);
      writer.text('staged');
      return writer.endRow();
    });
  });
}

/** A conflict as it is listed: codes and numbers, no names. */
export interface SnapshotConflict {
  readonly candidate_no: string;
  readonly kind: string;
  readonly listed_school: string | null;
  readonly listed_major: string | null;
  readonly state: string;
  readonly school: string | null;
  readonly major: string | null;
}

/** The conflicts of a snapshot, by file; the first of them. */
export async function snapshotConflicts(
  session: Reader,
  { season, city, snapshot }: SnapshotKey,
  limit: number,
): Promise<SnapshotConflict[]> {
  return session.query<SnapshotConflict>(
    `select coalesce(c.candidate_no, '') as candidate_no, x.kind, x.listed_school, x.listed_major,
       x.state, x.school, x.major
     from snapshot_conflicts x
     left join candidates c on c.season = x.season and c.city = x.city and c.file = x.file
     where x.season = $1::smallint and x.city = $2 and x.snapshot = $3
     order by x.file limit $4`,
    [season, city, snapshot, limit],
  );
}

/** Schools that a batch has filled beyond plan and flexible quota: reported, not refused. */
export async function schoolsOverPlan(
  session: Reader,
  season: number,
  city: string,
  states: readonly string[],
): Promise<{ school: string; batch: string; planned: number; flexible: number; used: number }[]> {
  return session.query(
    `with used as (
       select school, batch, count(*)::integer as used from files
       where season = $1::smallint and city = $2 and state = any($3::text[])
         and school is not null and batch is not null
       group by school, batch)
     select u.school, u.batch, coalesce(p.planned, 0)::integer as planned,
       coalesce(q.places, 0) as flexible, u.used
     from used u
     left join (select school, batch, sum(planned) as planned from plan_lines
       where season = $1::smallint and city = $2 group by school, batch) p using (school, batch)
     left join flexible_quotas q on q.season = $1::smallint and q.city = $2
       and q.school = u.school and q.batch = u.batch
     where u.used > coalesce(p.planned, 0) + coalesce(q.places, 0)
     order by u.school collate "C", u.batch collate "C"`,
    [season, city, states],
  );
}
