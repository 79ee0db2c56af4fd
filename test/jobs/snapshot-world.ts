/** A province with one city that admits in its own system, and packages for its inbox. */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { writePackage } from '../../db/package/write.ts';
import { nightlyJobs } from '../../jobs/nightly/registry.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../jobs/run/run.ts';
import { type ActWorld, actWorld } from '../acts/act-world.ts';
import { policyFiles } from './night-world.ts';

/** Admits in its own system. */
export const OWN = '440300';
export const OTHER = '440400';

export interface Listed {
  readonly candidate: string;
  readonly school: string;
  readonly major: string;
  readonly on?: string;
}

export interface SnapshotWorld extends ActWorld {
  /** Candidates of the city in the pool, by number. */
  readonly candidates: readonly string[];
  /** Schools with a major and a plan line in the city. */
  readonly places: readonly { readonly school: string; readonly major: string }[];
  /** The row of the n-th candidate at the m-th place. */
  row(candidate: number, place: number, on?: string): Listed;
  /** Puts a snapshot into the inbox. */
  arrive(date: string, rows: readonly Listed[], options?: ArriveOptions): Promise<string>;
  /** Writes a snapshot somewhere else. @returns its folder */
  folder(rows: readonly Listed[], options?: ArriveOptions): Promise<string>;
  cutOff(date: string, more?: Partial<RunEnvironment>): Promise<RunReport>;
  importNight(date: string, more?: Partial<RunEnvironment>): Promise<RunReport>;
  file(candidate: string): Promise<Standing>;
}

export interface ArriveOptions {
  /** false: still being written. */
  readonly done?: boolean;
  readonly synthetic?: boolean;
  readonly city?: string;
  readonly header?: readonly string[];
}

export interface Standing {
  readonly state: string;
  readonly school: string | null;
  readonly major: string | null;
  readonly batch: string | null;
  readonly phase: string | null;
  readonly letter: number | null;
  readonly since: string | null;
}

const HEADER = ['candidate_no', 'school', 'major', 'admitted_on'];

/** The shipped policy in which OWN is approved to admit in its own system. */
export function ownSystemFiles(
  edit: (path: string, text: string) => string = (_, text) => text,
): Map<string, string> {
  return policyFiles((path, text) => {
    const own = path === `cities/${OWN}.yaml`;
    return edit(path, own ? `${text}\nown-system: { approved: true, basis: sample }\n` : text);
  });
}

export async function snapshotWorld(
  t: Pick<Test, 'teardown'>,
  files = ownSystemFiles(),
): Promise<SnapshotWorld> {
  const world = await actWorld(t, { cities: [OWN, OTHER], candidates: 120, files });
  const { database, home } = world;
  const candidates = await poolOf(database, OWN);
  // A city of 120 candidates has lines of one place; these must hold a handful.
  await database.query('update plan_lines set planned = planned + 10 where city = $1', [OWN]);
  const places = await database.query<{ school: string; major: string }>(
    `select distinct on (school) school, major from plan_lines
     where city = $1 and batch = 'vocational'
     order by school, major`,
    [OWN],
  );
  let folders = 0;
  const write = async (folder: string, rows: readonly Listed[], options: ArriveOptions) => {
    const { done = true, synthetic = true, header = HEADER } = options;
    await mkdir(join(folder, '..'), { recursive: true });
    const text = rows.map(each => `${rowText(each)}\n`).join('');
    const file = { name: 'city-snapshot.csv', header, rows: () => [Buffer.from(text)] };
    await writePackage(folder, [file], { name: 'snapshot', synthetic, season: 2016 });
    if (done) await writeFile(join(folder, '.done'), '');
    return folder;
  };
  const runOne = async (id: string, date: string, more: Partial<RunEnvironment> = {}) => {
    const job = (await nightlyJobs()).get(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    const time = id === 'cut-off' ? '18:00' : '19:30';
    const now = () => parseInstant(`${date}T${time}`);
    return runJob(job, { city: OWN }, date, world.environment({ now, ...more }));
  };
  return Object.assign(world, {
    candidates,
    places,
    row: (candidate: number, place: number, on = '2016-07-20') => ({
      candidate: candidates[candidate] as string,
      ...(places[place] as { school: string; major: string }),
      on,
    }),
    arrive: (date: string, rows: readonly Listed[], options: ArriveOptions = {}) => {
      const { city = OWN } = options;
      return write(join(home, 'inbox', city, 'import-city-snapshot', date), rows, options);
    },
    folder: (rows: readonly Listed[], options: ArriveOptions = {}) => {
      folders += 1;
      return write(join(home, `delivered-${folders}`), rows, { ...options, done: false });
    },
    cutOff: (date: string, more?: Partial<RunEnvironment>) => runOne('cut-off', date, more),
    importNight: (date: string, more?: Partial<RunEnvironment>) => runOne('import', date, more),
    file: async (candidate: string) => standing(database, candidate),
  });
}

export async function poolOf(database: Database, city: string): Promise<string[]> {
  const rows = await database.query<{ number: string }>(
    `select c.candidate_no as number from candidates c
     where c.city = $1 and not exists (select from files f where f.file = c.file)
     order by c.file`,
    [city],
  );
  return rows.map(row => row.number);
}

function rowText({ candidate, school, major, on = '2016-07-20' }: Listed): string {
  return [candidate, school, major, on].join(',');
}

async function standing(database: Database, candidate: string): Promise<Standing> {
  const [row] = await database.query<Standing>(
    `select coalesce(f.state, 'in-pool') as state, f.school, f.major, f.batch, f.phase, f.letter,
       f.since::text as since
     from candidate_numbers n
     left join files f on f.season = n.season and f.city = n.city and f.file = n.file
     where n.candidate_no = $1`,
    [candidate],
  );
  if (row === undefined) throw new Error(`no candidate ${candidate}`);
  return row;
}

/** Where the package of a date lies now. */
export function placeOf(home: string, date: string): string[] {
  const rooms = ['inbox', 'archive', 'rejected'];
  return rooms.filter(room => existsSync(join(home, room, OWN, 'import-city-snapshot', date)));
}
