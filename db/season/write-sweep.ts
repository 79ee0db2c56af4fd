/**
 * Writes what a sweep has decided: applications that expire, files that come back to the pool, and
 * the dispatch lists that these leave behind. All under the city's chain, set-wise, with one event
 * for each file and application.
 */
import type { FileState } from '../../engine/file/states.ts';
import type { Session } from '../connect.ts';
import { insertEvents, type TrailEvent } from '../trail.ts';
import { type ExpiredApplication, expireApplications } from './application-lists.ts';
import { type EventFrame, eventParameters, insertEventsSql, type MoveKind } from './set-events.ts';
import { type FileColumn, fileSource, type SweepPlace, sourceParameters } from './sweep-rows.ts';

/** Files that are alike, and what is done with them. */
export interface GroupMove extends MoveKind {
  /** As fileGroups has given it for these columns. */
  readonly key: string;
  readonly from: FileState;
  readonly to: FileState | null;
  readonly reason: string | null;
}

/** Events after which the school counts among those that have lost the file (dispatch.md §4). */
const LOST_BY_SCHOOL: readonly string[] = ['recall'];
/** What is taken off a hold; nothing else of the file changes. */
const HOLD_ENDS = 'release-hold';

/**
 * Moves files, with an event each, in the order of the files: one statement for all of them.
 *
 * @param after the number of the city's last event
 * @returns how many were moved
 */
export async function writeMoves(
  session: Session,
  frame: EventFrame,
  place: SweepPlace,
  columns: readonly FileColumn[],
  moves: readonly GroupMove[],
  after: number,
): Promise<number> {
  if (moves.length === 0) return 0;
  const kinds = distinctKinds(moves);
  const { from, file, key } = fileSource(columns);
  const [row] = await session.query<{ written: number; changed: number }>(
    `with m as materialized (
       select r.file, $4::integer + (row_number() over (order by r.file))::integer as event, k.kind,
         r.school, r.major, r.batch, r.list,
         case when k.reason is not null then jsonb_build_object('reason', k.reason) end as note
       from (select ${file} as file, f.school, f.major, f.batch, f.list, ${key} as key ${from}) r
       join unnest($5::text[], $6::integer[], $7::text[]) k (key, kind, reason) on k.key = r.key),
     written as (${insertEventsSql('m', 10)} returning 1),
     changed as (${CHANGE_FILES} returning 1)
     select (select count(*)::integer from written) as written,
       (select count(*)::integer from changed) as changed`,
    [
      ...sourceParameters(place),
      after,
      moves.map(move => move.key),
      moves.map(move => 1 + kinds.findIndex(kind => sameKind(kind, move))),
      moves.map(move => move.reason),
      LOST_BY_SCHOOL,
      HOLD_ENDS,
      ...eventParameters(frame, kinds),
    ],
  );
  const { written = 0, changed = 0 } = row ?? {};
  if (written !== changed) throw new Error(`${written} events for ${changed} files`);
  await closeMoved(session, frame, kinds, after);
  return written;
}

/** Of a hold that ends, state and hold alone; else what a file in the pool no longer carries. */
const CHANGE_FILES = `
update files f set state = coalesce(k.to_state, f.state), since = $14::date, event = m.event,
  reason = null,
  hold_until = case when k.name = $9 then null else f.hold_until end,
  hold_level = case when k.name = $9 then null else f.hold_level end,
  school = case when k.name = $9 then f.school end,
  major = case when k.name = $9 then f.major end,
  batch = case when k.name = $9 then f.batch end,
  list = case when k.name = $9 then f.list end,
  phase = case when k.name = $9 then f.phase end,
  decided_by = case when k.name = $9 then f.decided_by end,
  register_by = case when k.name = $9 then f.register_by end,
  reopened_until = case when k.name = $9 then f.reopened_until end,
  reopened_for_review = k.name = $9 and f.reopened_for_review,
  returned_by = case
    when k.name = any($8::text[]) and f.school is not null
      and f.school <> all(coalesce(f.returned_by, '{}'))
    then f.returned_by || f.school else f.returned_by end
from m
join unnest($18::text[], $20::text[]) with ordinality k (name, to_state, kind) on k.kind = m.kind
where f.season = $1::smallint and f.city = $2 and f.file = m.file`;

/** Files that an event closes leave the tables, and whatever waits for them has ended. */
async function closeMoved(
  session: Session,
  frame: EventFrame,
  kinds: readonly MoveKind[],
  after: number,
): Promise<void> {
  if (kinds.every(kind => kind.to !== null)) return;
  const rows = await session.query<{ file: number }>(
    `select file from events where season = $1::smallint and city = $2 and event > $3
       and file is not null and to_state is null`,
    [frame.season, frame.city, after],
  );
  const files = rows.map(row => row.file);
  await session.query(
    `update applications set state = 'expired', decided_at = $4, reason = 'file-closed'
     where season = $1::smallint and city = $2 and file = any($3::integer[])
       and state in ('open', 'half-approved')`,
    [frame.season, frame.city, files, frame.at],
  );
  await closeFiles(session, frame, files);
}

function distinctKinds(moves: readonly GroupMove[]): MoveKind[] {
  const kinds: MoveKind[] = [];
  for (const move of moves) if (!kinds.some(kind => sameKind(kind, move))) kinds.push(move);
  return kinds;
}

function sameKind(one: MoveKind, other: MoveKind): boolean {
  return (
    one.name === other.name &&
    one.from === other.from &&
    one.to === other.to &&
    one.decision === other.decision
  );
}

/** Applications of one rule whose time is over. */
export interface Expiry {
  readonly decision: string;
  readonly reason: string;
  readonly applications: readonly number[];
}

/** A person whom nobody will number any more: the file is closed by this event. */
const CLOSES_FILE = 'refuse-number';

/**
 * Ends applications, with an event each: at their file where they concern one, which has one open
 * application less. The file of a supplement leaves the tables, and its identity is free again.
 *
 * @returns how many events were written, which applications have ended, and the events that belong
 *   into the chains of other cities as well, for the caller who holds these: a move of plan
 *   concerns the city that gives too
 */
export async function writeExpiries(
  session: Session,
  frame: EventFrame,
  expiries: readonly Expiry[],
  after: number,
): Promise<{
  readonly events: number;
  readonly ended: readonly ExpiredApplication[];
  readonly elsewhere: readonly TrailEvent[];
}> {
  const ended: ExpiredApplication[] = [];
  const events: TrailEvent[] = [];
  const elsewhere: TrailEvent[] = [];
  const closed: number[] = [];
  for (const { decision, reason, applications } of expiries) {
    const how = { at: frame.at, decision, reason };
    const some = await expireApplications(session, frame.season, applications, how);
    const states = await statesOf(session, frame, some);
    for (const each of some) {
      const state = states.get(each.file ?? 0);
      const event = expiryEvent(frame, each, state ?? null, decision, reason);
      events.push(event);
      if (each.otherCity !== null) elsewhere.push({ ...event, city: each.otherCity });
      if (each.kind !== 'supplement' || state !== 'unnumbered') continue;
      events.push({ ...event, name: CLOSES_FILE, from: 'unnumbered', to: null });
      closed.push(each.file as number);
    }
    ended.push(...some);
  }
  await insertEvents(session, frame.season, after, events);
  await countOneLess(session, frame, events, after);
  await closeFiles(session, frame, closed);
  return { events: events.length, ended, elsewhere };
}

async function statesOf(
  session: Session,
  { season, city }: EventFrame,
  ended: readonly ExpiredApplication[],
): Promise<Map<number, FileState>> {
  const rows = await session.query<{ file: number; state: FileState }>(
    `select c.file, coalesce(f.state, 'in-pool') as state from candidates c
       left join files f on f.season = c.season and f.city = c.city and f.file = c.file
      where c.season = $1::smallint and c.city = $2 and c.file = any($3::integer[])`,
    [season, city, ended.map(each => each.file).filter(file => file !== null)],
  );
  return new Map(rows.map(row => [row.file, row.state]));
}

function expiryEvent(
  frame: EventFrame,
  ended: ExpiredApplication,
  state: FileState | null,
  decision: string,
  reason: string,
): TrailEvent {
  const { application, kind, school, major, batch, file, city, otherCity } = ended;
  const cities = otherCity === null ? {} : { from: otherCity, to: city };
  return {
    ...frame,
    file: state === null ? null : file,
    name: 'expire-application',
    from: state,
    to: state,
    school,
    major,
    batch,
    decision,
    note: { application, kind, school, reason, ...cities },
  };
}

/** Numbers follow the order of the events; a file that is closed has no row to count in. */
async function countOneLess(
  session: Session,
  { season, city }: EventFrame,
  events: readonly TrailEvent[],
  after: number,
): Promise<void> {
  const ofFiles = events
    .map(({ file, name }, index) => ({ file, name, event: after + 1 + index }))
    .filter(({ file, name }) => file !== null && name !== CLOSES_FILE);
  await session.query(
    `update files f set event = e.event,
       open_applications = greatest(0, f.open_applications - 1)
     from unnest($3::integer[], $4::integer[]) e (file, event)
     where f.season = $1::smallint and f.city = $2 and f.file = e.file`,
    [season, city, ofFiles.map(each => each.file), ofFiles.map(each => each.event)],
  );
}

async function closeFiles(
  session: Session,
  { season, city }: EventFrame,
  files: readonly number[],
): Promise<void> {
  if (files.length === 0) return;
  for (const table of ['files', 'identities', 'candidate_numbers', 'candidates']) {
    await session.query(
      `delete from ${table}
       where season = $1::smallint and city = $2 and file = any($3::integer[])`,
      [season, city, files],
    );
  }
}
