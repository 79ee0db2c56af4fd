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
