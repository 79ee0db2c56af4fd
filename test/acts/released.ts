/** Lists of a dispatched night, released as the audit and a second officer would. */
import { SAMPLE_SEASON as SEASON } from '../../db/sample/province.ts';
import { appendEvents } from '../../db/trail.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import type { ActWorld } from './act-world.ts';

export interface ReleasedList {
  readonly city: string;
  readonly list: number;
  readonly school: string;
  readonly planned: number;
  readonly sent: number;
}

interface FileRow {
  readonly file: number;
  readonly list: number;
  readonly school: string;
  readonly major: string | null;
}

/** Releases every draft of a city. @returns its lists, the longest first */
export async function releaseLists(
  world: Pick<ActWorld, 'database' | 'query'>,
  city: string,
): Promise<ReleasedList[]> {
  await world.database.transaction(async session => {
    const files = await session.query<FileRow>(
      `select file, list, school, major from files
       where season = $1 and city = $2 and state = 'dispatched' order by file`,
      [SEASON, city],
    );
    const at = parseInstant('2016-07-21T08:00');
    const events = files.map(({ file, list, school, major }) => ({
      ...{ city, file, name: 'release-list', from: 'dispatched', to: 'reading', school, major },
      ...{ batch: 'vocational', actor: `city-${city}-2`, at, businessDate: '2016-07-21', list },
    }));
    const numbers = await appendEvents(session, SEASON, events);
    await session.query(
      `update files f set state = 'reading', event = w.event, since = '2016-07-21'
       from unnest($3::integer[], $4::integer[]) as w(file, event)
       where f.season = $1 and f.city = $2 and f.file = w.file`,
      [SEASON, city, files.map(row => row.file), numbers],
    );
    await session.query(
      `update dispatch_lists set state = 'released'
       where season = $1 and city = $2 and state = 'draft'`,
      [SEASON, city],
    );
  });
  return world.query<ReleasedList>(
    `select city, list, school, planned, sent from dispatch_lists
     where season = $1 and city = $2 and state = 'released' order by sent desc, list`,
    [SEASON, city],
  );
}

export interface ListedFile {
  readonly candidate: string;
  readonly file: number;
  readonly origin: string;
  readonly state: string;
  readonly major: string | null;
  readonly suggested: string | null;
}

/** The files of a list as it was made, in its order, as they are now. */
export function filesOfList(
  world: ActWorld,
  { city, list }: Pick<ReleasedList, 'city' | 'list'>,
): Promise<ListedFile[]> {
  return world.query<ListedFile>(
    `select c.candidate_no as candidate, c.file, c.origin, f.state, f.major, i.major as suggested
     from list_items i join candidates c using (season, city, file)
     join files f using (season, city, file)
     where i.season = $1 and i.city = $2 and i.list = $3 order by i.seq`,
    [SEASON, city, list],
  );
}

/** What the table `files` says of a candidate, with its last event. */
export async function standing(
  world: ActWorld,
  candidate: string,
): Promise<Record<string, unknown>> {
  const [row] = await world.query(
    `select f.*, e.name as event_name, e.decision, e.actor, e.note, e.school as event_school,
       e.major as event_major, e.from_state, e.to_state
     from candidate_numbers n join files f using (season, city, file)
     join events e on e.season = f.season and e.city = f.city and e.event = f.event
     where n.season = $1 and n.candidate_no = $2`,
    [SEASON, candidate],
  );
  if (row === undefined) throw new Error(`no file of ${candidate}`);
  return row;
}
