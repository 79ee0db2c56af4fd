/**
 * Writes what a sweep has decided: applications that expire, files that come back to the pool, and
 * the dispatch lists that these leave behind. All under the city's chain, set-wise, with one event
 * for each file and application.
 */
import type { FileState } from '../../engine/file/states.ts';
import type { Session } from '../connect.ts';
import { insertEvents, type TrailEvent } from '../trail.ts';
import { type ExpiredApplication, expireApplications } from './application-lists.ts';
import { createMoving, type EventFrame, insertMoves, type MoveKind } from './set-events.ts';
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
 * Moves files, with an event each, in the order of the files.
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
  const kinds = distinctKinds(moves);
  await createMoving(session);
  if (moves.length === 0) return 0;
  const { from, key } = fileSource(columns);
  await session.query(
    `insert into moving (file, event, kind, school, major, batch, list, note)
     select r.file, $4::integer + row_number() over (order by r.file), k.kind, r.school, r.major,
       r.batch, r.list, case when k.reason is not null then
         jsonb_build_object('reason', k.reason) end
     from (select c.file, f.school, f.major, f.batch, f.list, ${key} as key ${from}) r
     join unnest($5::text[], $6::integer[], $7::text[]) k (key, kind, reason) on k.key = r.key
     order by r.file`,
    [
      ...sourceParameters(place),
      after,
      moves.map(move => move.key),
      moves.map(move => 1 + kinds.findIndex(kind => sameKind(kind, move))),
      moves.map(move => move.reason),
    ],
  );
  const written = await insertMoves(session, frame, kinds);
  await writeFiles(session, frame, kinds);
  await closeMoved(session, frame, kinds);
  return written;
}

async function writeFiles(
  session: Session,
  { season, city, businessDate }: EventFrame,
  kinds: readonly MoveKind[],
): Promise<void> {
  const moved = `from moving m
     join unnest($4::text[], $5::text[]) with ordinality k (name, to_state, kind) on k.kind = m.kind
     where f.season = $1::smallint and f.city = $2 and f.file = m.file`;
  const parameters = [
    ...[season, city, businessDate],
    kinds.map(kind => kind.name),
    kinds.map(kind => kind.to),
  ];
  await session.query(
    `update files f set state = k.to_state, since = $3::date, event = m.event,
       school = null, major = null, batch = null, list = null, phase = null, reason = null,
       decided_by = null, register_by = null, reopened_until = null, reopened_for_review = false,
       returned_by = case
         when k.name = any($6::text[]) and f.school is not null
           and f.school <> all(coalesce(f.returned_by, '{}'))
         then f.returned_by || f.school else f.returned_by end
     ${moved} and k.name <> $7 and k.to_state is not null`,
    [...parameters, LOST_BY_SCHOOL, HOLD_ENDS],
  );
  await session.query(
    `update files f set state = k.to_state, since = $3::date, event = m.event, reason = null,
       hold_until = null, hold_level = null
     ${moved} and k.name = $6`,
    [...parameters, HOLD_ENDS],
  );
}

/** Files that an event closes leave the tables, and whatever waits for them has ended. */
async function closeMoved(
  session: Session,
  frame: EventFrame,
  kinds: readonly MoveKind[],
): Promise<void> {
  const closing = kinds.flatMap((kind, index) => (kind.to === null ? [index + 1] : []));
  if (closing.length === 0) return;
  const rows = await session.query<{ file: number }>(
    'select file from moving where kind = any($1::integer[])',
    [closing],
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
 * @returns how many events were written, and which applications have ended
 */
export async function writeExpiries(
  session: Session,
  frame: EventFrame,
  expiries: readonly Expiry[],
  after: number,
): Promise<{ readonly events: number; readonly ended: readonly ExpiredApplication[] }> {
  const ended: ExpiredApplication[] = [];
  const events: TrailEvent[] = [];
  const closed: number[] = [];
  for (const { decision, reason, applications } of expiries) {
    const how = { at: frame.at, decision, reason };
    const some = await expireApplications(session, frame.season, applications, how);
    const states = await statesOf(session, frame, some);
    for (const each of some) {
      const state = states.get(each.file ?? 0);
      const event = expiryEvent(frame, each, state ?? null, decision, reason);
      events.push(event);
      if (each.kind !== 'supplement' || state !== 'unnumbered') continue;
      events.push({ ...event, name: CLOSES_FILE, from: 'unnumbered', to: null });
      closed.push(each.file as number);
    }
    ended.push(...some);
  }
  await insertEvents(session, frame.season, after, events);
  await countOneLess(session, frame, events, after);
  await closeFiles(session, frame, closed);
  return { events: events.length, ended };
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
  const { application, kind, school, major, batch, file } = ended;
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
    note: { application, kind, school, reason },
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
      `delete from ${table} where season = $1::smallint and city = $2 and file = any($3::integer[])`,
      [season, city, files],
    );
  }
}
