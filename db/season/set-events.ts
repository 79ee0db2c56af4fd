/**
 * Many files moved by one transaction: their events are written set-wise, numbered by file, in one
 * block of the city's chain. Whoever moves them fills the temporary table `moving`, in the order of
 * the files so that the same work gives the same numbers, and writes the files; that each (event, from, to) is one of file-life.md is the caller's to ask of
 * engine/file/transition.ts, once for each and not once for each file.
 */
import type { Session } from '../connect.ts';

/** What the events of one transaction have in common. */
export interface EventFrame {
  readonly season: number;
  readonly city: string;
  readonly actor: string;
  readonly at: Date;
  readonly businessDate: string;
  readonly phase: string | null;
  /** id in policy_versions */
  readonly policy: number | null;
  readonly run: number | null;
}

/** What files do that move in the same way. */
export interface MoveKind {
  readonly name: string;
  readonly from: string;
  /** null: the file is closed. */
  readonly to: string | null;
  /** Ids of the rules behind it, or the job. */
  readonly decision: string;
}

/**
 * An empty table `moving`: file, the number of its event, its kind (place in the list of kinds, from
 * 1), and what the event names of the file.
 */
export async function createMoving(session: Session): Promise<void> {
  await session.query('drop table if exists pg_temp.moving');
  await session.query(
    `create temporary table moving (
       file integer not null, event integer not null, kind integer not null, school text,
       major text, batch text, list integer, note jsonb) on commit drop`,
  );
}

/** Writes an event for each file of `moving`. @returns how many */
export async function insertMoves(
  session: Session,
  frame: EventFrame,
  kinds: readonly MoveKind[],
): Promise<number> {
  await session.query('analyze moving');
  const [row] = await session.query<{ count: number }>(
    `with written as (
       insert into events (season, city, event, file, name, from_state, to_state, school, major,
         batch, actor, at, business_date, phase, policy, decision, run, list, note)
       select $1::smallint, $2, m.event, m.file, k.name, k.from_state, k.to_state, m.school,
         m.major, m.batch, $3, $4::timestamptz, $5::date, $6, $7::integer, k.decision, $8::integer,
         m.list, m.note
       from moving m
       join unnest($9::text[], $10::text[], $11::text[], $12::text[])
         with ordinality k (name, from_state, to_state, decision, kind) on k.kind = m.kind
       order by m.event
       returning 1)
     select count(*)::integer as count from written`,
    [
      ...[frame.season, frame.city, frame.actor, frame.at, frame.businessDate, frame.phase],
      ...[frame.policy, frame.run],
      kinds.map(kind => kind.name),
      kinds.map(kind => kind.from),
      kinds.map(kind => kind.to),
      kinds.map(kind => kind.decision),
    ],
  );
  return row?.count ?? 0;
}
