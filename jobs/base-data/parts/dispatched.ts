/** What has been dispatched already: batches of a city, and single files. */
import type { Session } from '../../../db/connect.ts';

type Reader = Pick<Session, 'query'>;

/** Every kind of run that places candidates by a list. */
const DISPATCHES = `'dispatch', 'dispatch-batch', 'dispatch-school', 'lottery-admission'`;

/** The batches that a completed run has dispatched in a city; a cancelled run counts no more. */
export async function dispatchedBatches(
  session: Reader,
  season: number,
  city: string,
): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ batch: string }>(
    `select distinct scope ->> 'batch' as batch from runs
     where season = $1::smallint and job in (${DISPATCHES}) and state = 'completed'
       and scope ->> 'city' = $2`,
    [season, city],
  );
  return new Set(rows.map(row => row.batch));
}

/** Completed runs that a file took part in, oldest first. */
export async function runsOfFile(
  session: Reader,
  season: number,
  city: string,
  file: number,
): Promise<number[]> {
  const rows = await session.query<{ run: number }>(
    `select d.run from decisions d join runs r on r.run = d.run and r.state = 'completed'
     where d.season = $1::smallint and d.city = $2 and d.file = $3 order by d.run`,
    [season, city, file],
  );
  return rows.map(row => row.run);
}
