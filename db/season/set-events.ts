/**
 * Many files moved by one statement: their events are written set-wise, in the order of the files
 * so that the same work gives the same numbers, and end in one block of the city's chain. That each
 * (event, from, to) is one of file-life.md is the caller's to ask of engine/file/transition.ts,
 * once for each kind of move and not once for each file.
 */

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
 * Inserts an event for each row of a relation: file, event (its number), kind (place in the list of
 * kinds, from 1), school, major, batch, list, note.
 *
 * @param relation a table, or a common table expression of the same statement
 * @param first number of the first parameter: those of eventParameters
 */
export function insertEventsSql(relation: string, first: number): string {
  const parameter = (place: number) => `$${first + place}`;
  return `insert into events (season, city, event, file, name, from_state, to_state, school, major,
      batch, actor, at, business_date, phase, policy, decision, run, list, note)
    select ${parameter(0)}::smallint, ${parameter(1)}, m.event, m.file, k.name, k.from_state,
      k.to_state, m.school, m.major, m.batch, ${parameter(2)}, ${parameter(3)}::timestamptz,
      ${parameter(4)}::date, ${parameter(5)}, ${parameter(6)}::integer, k.decision,
      ${parameter(7)}::integer, m.list, m.note
    from ${relation} m
    join unnest(${parameter(8)}::text[], ${parameter(9)}::text[], ${parameter(10)}::text[],
      ${parameter(11)}::text[]) with ordinality
      k (name, from_state, to_state, decision, kind) on k.kind = m.kind`;
}

/** How many parameters insertEventsSql takes. */
export const EVENT_PARAMETERS = 12;

export function eventParameters(frame: EventFrame, kinds: readonly MoveKind[]): unknown[] {
  return [
    ...[frame.season, frame.city, frame.actor, frame.at, frame.businessDate, frame.phase],
    ...[frame.policy, frame.run],
    kinds.map(kind => kind.name),
    kinds.map(kind => kind.from),
    kinds.map(kind => kind.to),
    kinds.map(kind => kind.decision),
  ];
}
