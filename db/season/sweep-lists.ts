/** The dispatch lists that a sweep leaves behind, with what still waits on them. */
import type { ListState } from '../../engine/file/lists.ts';
import type { Session } from '../connect.ts';
import type { EventFrame } from './set-events.ts';

/** A list that is not over, with the files that are still on it. */
export interface WaitingList {
  readonly list: number;
  readonly batch: string;
  readonly school: string;
  readonly state: ListState;
  readonly left: number;
  /** Of these: neither admitted nor back. */
  readonly waiting: number;
  /** Of these: the school has not proposed anything. */
  readonly undecided: number;
  /** This sweep has taken files from it. */
  readonly lostFiles: boolean;
}

/**
 * Lists of a city that are neither closed nor cancelled, by number.
 *
 * @param after the number of the city's last event before the sweep
 */
export async function waitingLists(
  session: Session,
  { season, city }: EventFrame,
  after: number,
): Promise<WaitingList[]> {
  return session.query<WaitingList>(
    `select l.list, l.batch, l.school, l.state, count(f.file)::integer as left,
       count(*) filter (where f.state in
         ('dispatched', 'reading', 'proposed', 'return-proposed'))::integer as waiting,
       count(*) filter (where f.state in ('dispatched', 'reading'))::integer as undecided,
       l.list in (select e.list from events e
         where e.season = $1::smallint and e.city = $2 and e.event > $3) as "lostFiles"
     from dispatch_lists l
     left join files f on f.season = l.season and f.city = l.city and f.list = l.list
     where l.season = $1::smallint and l.city = $2
       and l.state in ('draft', 'released', 'submitted')
     group by l.list, l.batch, l.school, l.state
     order by l.list`,
    [season, city, after],
  );
}

/** A file that goes back to the reviewers, with the number of its event. */
export interface Resubmitted {
  readonly file: number;
  readonly event: number;
  readonly list: number;
  readonly school: string;
  readonly major: string | null;
  readonly batch: string;
}

/**
 * Proposals that a reviewer had sent back, and that the school has made again but not submitted:
 * from here on they are before the reviewer.
 *
 * @param batches those in which the school can submit no more
 * @param after the number of the city's last event
 */
export async function resubmitProposals(
  session: Session,
  { season, city }: EventFrame,
  batches: readonly string[],
  after: number,
): Promise<Resubmitted[]> {
  const rows = await session.query<Resubmitted>(
    `with r as (
       select f.file, f.list, f.school, f.major, f.batch,
         $4::integer + (row_number() over (order by f.file))::integer as event
       from files f
       join dispatch_lists l on l.season = f.season and l.city = f.city and l.list = f.list
       where f.season = $1::smallint and f.city = $2 and f.state = 'proposed'
         and f.reopened_for_review and f.batch = any($3::text[]) and l.state = 'submitted')
     update files f set reopened_for_review = false, event = r.event from r
     where f.season = $1::smallint and f.city = $2 and f.file = r.file
     returning r.file, r.event, r.list, r.school, r.major, r.batch`,
    [season, city, batches, after],
  );
  return rows.toSorted((one, other) => one.event - other.event);
}
