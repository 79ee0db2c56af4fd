/**
 * Applies a compared snapshot (compare-snapshot.ts): files, one event each, letters, and what is
 * kept for tomorrow's comparison. All or nothing, in the caller's transaction.
 */
import type { Session } from '../connect.ts';
import { CONFLICT_KINDS } from './compare-snapshot.ts';
import { takeNumbers } from './counters.ts';
import { type EventFrame, eventParameters, insertEventsSql, type MoveKind } from './set-events.ts';
import type { SnapshotKey } from './snapshots.ts';

/** The ways in which a snapshot moves files; their places are the kinds of the events. */
export const SNAPSHOT_MOVES = [
  { verdict: 'new', from: 'in-pool', to: 'admitted' },
  { verdict: 'changed', from: 'admitted', to: 'admitted' },
  { verdict: 'vanished', from: 'admitted', to: 'in-pool' },
] as const;

const EVENT = 'city-snapshot';
const VERDICTS = SNAPSHOT_MOVES.map(move => move.verdict);

/**
 * Moves the files.
 *
 * @param after the number of the city's last event
 * @param letters counter of a school's admission letters
 * @returns how many files were moved
 */
export async function applySnapshot(
  session: Session,
  key: SnapshotKey,
  frame: EventFrame,
  options: {
    readonly decision: string;
    readonly after: number;
    readonly letters: (school: string) => string;
  },
): Promise<number> {
  await numberLetters(session, key, options.letters);
  await session.query(
    `update snapshot_diff d set event = n.event
     from (select file, $1::integer + (row_number() over (order by file))::integer as event
       from snapshot_diff where verdict = any($2::text[])) n
     where n.file = d.file`,
    [options.after, VERDICTS],
  );
  const kinds: MoveKind[] = SNAPSHOT_MOVES.map(({ from, to }) => {
    return { name: EVENT, from, to, decision: options.decision };
  });
  const moving = `(select file, event, array_position($1::text[], verdict) as kind,
      coalesce(listed_school, school) as school, coalesce(listed_major, major) as major,
      coalesce(to_batch, batch) as batch, null::integer as list,
      jsonb_strip_nulls(jsonb_build_object('snapshot', $2::integer, 'letter', letter,
        'former_school', case when verdict = 'changed' then school end,
        'former_major', case when verdict = 'changed' then major end)) as note
    from snapshot_diff where event is not null)`;
  const [row] = await session.query<{ count: number }>(
    `with written as (${insertEventsSql(moving, 3)} returning 1)
     select count(*)::integer as count from written`,
    [VERDICTS, key.snapshot, ...eventParameters(frame, kinds)],
  );
  await writeAdmitted(session, frame);
  await writeVanished(session, frame);
  return row?.count ?? 0;
}

/** An admission that changes is a new one: the letter that the candidate had is void. */
async function numberLetters(
  session: Session,
  { season }: SnapshotKey,
  letters: (school: string) => string,
): Promise<void> {
  const rows = await session.query<{ school: string; count: number }>(
    `select listed_school as school, count(*)::integer as count from snapshot_diff
     where verdict in ('new', 'changed') group by listed_school
     order by listed_school collate "C"`,
  );
  const firsts: number[] = [];
  for (const { school, count } of rows) {
    firsts.push(await takeNumbers(session, season, letters(school), count));
  }
  await session.query(
    `update snapshot_diff d set letter = n.letter
     from (select x.file, (w.first - 1
         + row_number() over (partition by w.school order by x.file))::integer as letter
       from snapshot_diff x
       join unnest($1::text[], $2::integer[]) w (school, first) on w.school = x.listed_school
       where x.verdict in ('new', 'changed')) n
     where n.file = d.file`,
    [rows.map(row => row.school), firsts],
  );
}

async function writeAdmitted(
  session: Session,
  { season, city, businessDate }: EventFrame,
): Promise<void> {
  await session.query(
    `insert into files as f (season, city, file, state, school, major, batch, phase, since, letter,
       event)
     select $1::smallint, $2, file, 'admitted', listed_school, listed_major, to_batch, to_phase,
       $3::date, letter, event
     from snapshot_diff where verdict in ('new', 'changed')
     on conflict (season, city, file) do update set state = excluded.state,
       school = excluded.school, major = excluded.major, batch = excluded.batch, list = null,
       phase = excluded.phase, since = excluded.since, letter = excluded.letter,
       event = excluded.event, reason = null, decided_by = null, register_by = null,
       reopened_until = null, reopened_for_review = false`,
    [season, city, businessDate],
  );
}

async function writeVanished(
  session: Session,
  { season, city, businessDate }: EventFrame,
): Promise<void> {
  await session.query(
    `update files f set state = 'in-pool', since = $3::date, event = d.event, school = null,
       major = null, batch = null, list = null, phase = null, reason = null, decided_by = null,
       register_by = null, reopened_until = null, reopened_for_review = false
     from snapshot_diff d
     where f.season = $1::smallint and f.city = $2 and f.file = d.file
       and d.verdict = 'vanished'`,
    [season, city, businessDate],
  );
}

/**
 * What tomorrow is compared with, and what an officer must look at. A row that was not applied
 * keeps what the city's own former one said, so that it is known again tomorrow.
 */
export async function keepSnapshot(session: Session, key: SnapshotKey): Promise<void> {
  const parameters = [key.season, key.city, key.snapshot, CONFLICT_KINDS];
  await session.query(
    `update snapshot_rows r set
       status = case when d.verdict = any($4::text[]) then 'conflict' else d.verdict end,
       owned = case
         when d.verdict in ('new', 'changed') then true
         when d.verdict = 'unchanged'
           then coalesce(d.former_school = d.school and d.former_major = d.major, false)
         else d.former_school is not null end,
       school = case when d.verdict = any($4::text[]) then coalesce(d.former_school, r.school)
         else r.school end,
       major = case when d.verdict = any($4::text[]) then coalesce(d.former_major, r.major)
         else r.major end
     from snapshot_diff d
     where r.season = $1::smallint and r.city = $2 and r.snapshot = $3 and r.file = d.file`,
    parameters,
  );
  await session.query(
    `insert into snapshot_rows (season, city, snapshot, file, school, major, admitted_on, status,
       owned)
     select p.season, p.city, $3, p.file, p.school, p.major, p.admitted_on, 'kept', true
     from snapshot_diff d
     join snapshots s on s.season = $1::smallint and s.city = $2 and s.snapshot = $3
     join snapshot_rows p on p.season = s.season and p.city = s.city
       and p.snapshot = s.previous and p.file = d.file
     where d.listed_school is null and d.verdict = any($4::text[])`,
    parameters,
  );
  await session.query(
    `insert into snapshot_conflicts (season, city, snapshot, file, kind, listed_school,
       listed_major, state, school, major)
     select $1::smallint, $2, $3, file, verdict, listed_school, listed_major, state, school, major
     from snapshot_diff where verdict = any($4::text[])`,
    parameters,
  );
}

export interface SnapshotCounts {
  readonly added: number;
  readonly changed: number;
  readonly vanished: number;
  readonly unchanged: number;
  readonly conflicts: number;
}

/** Marks it applied, and lets go of the rows before the former one. */
export async function recordApplied(
  session: Session,
  { season, city, snapshot }: SnapshotKey,
  counts: SnapshotCounts,
  applied: { readonly at: Date; readonly confirmedBy: string | null },
): Promise<void> {
  await session.query(
    `update snapshots set state = 'applied', added = $4, changed = $5, vanished = $6,
       unchanged = $7, conflicts = $8, applied_at = $9, confirmed_by = $10
     where season = $1::smallint and city = $2 and snapshot = $3`,
    [
      ...[season, city, snapshot, counts.added, counts.changed, counts.vanished],
      ...[counts.unchanged, counts.conflicts, applied.at, applied.confirmedBy],
    ],
  );
  await session.query(
    `delete from snapshot_rows r using snapshots s
     where s.season = $1::smallint and s.city = $2 and s.snapshot = $3
       and r.season = s.season and r.city = s.city and r.snapshot < s.previous`,
    [season, city, snapshot],
  );
}
