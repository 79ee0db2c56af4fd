/**
 * What an import leaves in the trail (spec/file-life.md): `import` for each new file, `import` with
 * the state unchanged for each file whose data it edits, `senior-high-import` for each file that a
 * senior high has taken. City by city, in the order of their codes.
 */
import type { Session } from '../../connect.ts';
import { asCopied, copyIn } from '../../copy.ts';
import { type BulkEvents, openBulk } from '../../trail.ts';
import type { CandidateIndex } from '../candidates.ts';
import type { NewFiles } from './assign.ts';

/** Who reads the event asks by which rule or act it came about (P8). */
export const IMPORT_DECISION = 'import';

/** What all events of an import have in common. */
export interface EventFrame {
  readonly session: Session;
  readonly season: number;
  readonly actor: string;
  readonly at: Date;
  readonly businessDate: string;
  /** id in policy_versions; null: none. */
  readonly policy: number | null;
  readonly run: number | null;
}

/** No rule decides an import: as for an act without one, the job itself stands there. */
const DECISION = asCopied([IMPORT_DECISION]);

export async function writeFileEvents(
  frame: EventFrame,
  groups: readonly NewFiles[],
  candidates: CandidateIndex,
  options: { readonly fresh: boolean; readonly seniorHigh: boolean },
): Promise<{ seniorHigh: number; edited: number }> {
  const newFiles = new Map(groups.map(group => [group.city, group.candidates]));
  const seniorHigh = options.seniorHigh ? seniorHighSource(options.fresh) : undefined;
  const cities = await citiesOf(frame, [...newFiles.keys()], seniorHigh);
  const counts = { seniorHigh: 0, edited: 0 };
  for (const city of cities) {
    const members = newFiles.get(city) ?? new Uint32Array(0);
    const files = Int32Array.from(members, candidate => candidates.file.at(candidate));
    await writeBulk(frame, { city, name: 'import', from: null, to: 'in-pool' }, files);
    counts.edited += await writeEdits(frame, city);
    if (seniorHigh !== undefined) {
      counts.seniorHigh += await writeSeniorHigh(frame, city, seniorHigh);
    }
  }
  return counts;
}

/** Where the files of new admissions stand: alone in their table, or among older ones. */
function seniorHighSource(fresh: boolean): string {
  return fresh ? 'senior_high_admissions' : 'new_senior_high';
}

async function citiesOf(
  frame: EventFrame,
  cities: readonly string[],
  seniorHigh: string | undefined,
): Promise<readonly string[]> {
  const sources = ['touched', ...(seniorHigh === undefined ? [] : [seniorHigh])];
  const rows = await frame.session.query<{ city: string }>(
    sources.map(source => `select distinct city from ${source}`).join(' union '),
  );
  return [...new Set([...cities, ...rows.map(row => row.city)])].toSorted();
}

type Step = Pick<BulkEvents, 'city' | 'name' | 'from' | 'to'>;

/** One event per file. @returns the number of the first */
async function writeBulk(frame: EventFrame, step: Step, files: Int32Array): Promise<number> {
  if (files.length === 0) return 0;
  const { session, season, actor, at, businessDate, policy, run } = frame;
  const writer = await openBulk(session, season, {
    ...step,
    actor,
    at,
    businessDate,
    policy,
    run,
  });
  const first = writer.next;
  try {
    for (const file of files) {
      const wait = writer.add(file, null, null, null, DECISION);
      if (wait !== undefined) await wait;
    }
  } catch (error) {
    await writer.abort();
    throw error;
  }
  await writer.end();
  return first;
}

async function writeEdits(frame: EventFrame, city: string): Promise<number> {
  const { session, season } = frame;
  const rows = await session.query<{ file: number; state: string | null }>(
    `select distinct t.file, f.state from touched t
       left join files f on (f.season, f.city, f.file) = ($1, t.city, t.file)
      where t.city = $2 order by f.state nulls first, t.file`,
    [season, city],
  );
  for (const [state, group] of Map.groupBy(rows, row => row.state)) {
    const files = Int32Array.from(group, row => row.file);
    const same = state ?? 'in-pool';
    const first = await writeBulk(frame, { city, name: 'import', from: same, to: same }, files);
    if (state !== null) await writeLastEvents(frame, city, files, first);
  }
  return rows.length;
}

/** The row of a file names its last event. */
async function writeLastEvents(
  { session, season }: EventFrame,
  city: string,
  files: Int32Array,
  first: number,
): Promise<void> {
  await session.query(
    `update files f set event = $3 + n.place - 1
       from unnest($4::integer[]) with ordinality n(file, place)
      where f.season = $1 and f.city = $2 and f.file = n.file`,
    [season, city, first, [...files]],
  );
}

async function writeSeniorHigh(frame: EventFrame, city: string, source: string): Promise<number> {
  const { session, season } = frame;
  const rows = await session.query<{ file: number }>(
    `select file from ${source} where city = $1
       ${source === 'new_senior_high' ? '' : `and season = ${Number(season)}`} order by file`,
    [city],
  );
  const files = Int32Array.from(rows, row => row.file);
  const step: Step = { city, name: 'senior-high-import', from: 'in-pool', to: 'senior-high' };
  const first = await writeBulk(frame, step, files);
  await session.query('drop table if exists pg_temp.incoming_files');
  await session.query(
    `create temporary table incoming_files (file integer not null, event integer not null)
       on commit drop`,
  );
  await copyIn(session, 'incoming_files (file, event)', async writer => {
    for (const [place, file] of files.entries()) {
      writer.int(file);
      writer.int(first + place);
      const wait = writer.endRow();
      if (wait !== undefined) await wait;
    }
  });
  // No school: senior-high admissions stand in a table of their own, and a package says no more.
  await session.query(
    `insert into files (season, city, file, state, event, since)
     select $1, $2, file, 'senior-high', event, $3::date from incoming_files
     on conflict (season, city, file) do update
       set state = excluded.state, event = excluded.event, since = excluded.since,
           school = null, major = null, batch = null, list = null`,
    [season, city, source === 'new_senior_high' ? frame.businessDate : null],
  );
  return files.length;
}
