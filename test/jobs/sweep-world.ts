/** A small city whose files stand where a test of the sweep wants them. */
import type { Test } from 'tap';
import type { Database, Session } from '../../db/connect.ts';
import { verifyChain } from '../../db/trail.ts';
import type { PolicyFiles } from '../../engine/policy/load.ts';
import { sweepJob } from '../../jobs/nightly/sweep.ts';
import { shanghaiInstant } from '../../jobs/run/calendar.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../jobs/run/run.ts';
import { SEASON, smallProvince } from './night-world.ts';

export const CITY = '440400';
const SCHOOL = '4404001';

/** Columns of `files`; what is left out is null, or its default. */
export interface FileRow {
  readonly state: string;
  readonly school?: string | null;
  readonly major?: string | null;
  readonly batch?: string | null;
  readonly list?: number | null;
  readonly phase?: string | null;
  readonly registerBy?: string | null;
  readonly reopenedUntil?: string | null;
  readonly holdUntil?: string | null;
  readonly returnedBy?: readonly string[];
  readonly openApplications?: number;
}

export interface ApplicationRow {
  readonly kind: string;
  readonly file?: number;
  readonly openedOn: string;
  readonly places?: number;
  readonly consentsTo?: number;
  readonly otherCity?: string;
  readonly state?: string;
}

export interface SweptFile {
  readonly file: number;
  readonly state: string;
  readonly school: string | null;
  readonly since: string | null;
  readonly returned_by: string[] | null;
  readonly open_applications: number;
  readonly hold_until: string | null;
  readonly phase: string | null;
  readonly event: number;
}

export interface SweptEvent {
  readonly event: number;
  readonly file: number | null;
  readonly name: string;
  readonly from_state: string | null;
  readonly to_state: string | null;
  readonly school: string | null;
  readonly list: number | null;
  readonly decision: string;
  readonly business_date: string;
  readonly phase: string | null;
  readonly note: Record<string, unknown> | null;
}

export interface SweepWorld {
  readonly database: Database;
  readonly home: string;
  /** The city's files in the pool that nothing has been done to, by number. */
  readonly files: readonly number[];
  environment(date: string, more?: Partial<RunEnvironment>): RunEnvironment;
  sweep(date: string, more?: Partial<RunEnvironment>): Promise<RunReport>;
  put(file: number, row: FileRow): Promise<void>;
  apply(row: ApplicationRow): Promise<number>;
  list(list: number, state: string): Promise<void>;
  file(file: number): Promise<SweptFile | undefined>;
  listState(list: number): Promise<string | undefined>;
  /** Events of a run, in their order. */
  events(run: number | null): Promise<SweptEvent[]>;
}

/** An admitted student of phase 1 whom nobody has registered. */
export const UNREGISTERED: FileRow = {
  state: 'admitted',
  school: SCHOOL,
  major: '01',
  batch: 'vocational',
  phase: 'phase-1',
};

/** A file that a school has, on a list. */
export function atSchool(state: string, list: number | null = null): FileRow {
  return { state, school: SCHOOL, major: '01', batch: 'vocational', list };
}

export async function sweepWorld(
  t: Pick<Test, 'teardown'>,
  options: { readonly files?: PolicyFiles; readonly cities?: readonly string[] } = {},
): Promise<SweepWorld> {
  const { cities = [CITY], ...policy } = options;
  const province = await smallProvince(t, { cities, candidates: 40, ...policy });
  const { database, home } = province;
  const rows = await database.query<{ file: number }>(
    `select c.file from candidates c
     where c.city = $1 and not exists (select from files f where f.file = c.file)
     order by c.file`,
    [CITY],
  );
  const environment = (date: string, more: Partial<RunEnvironment> = {}): RunEnvironment => ({
    ...province.environment,
    now: () => shanghaiInstant(date, '00:05:00'),
    ...more,
  });
  return {
    database,
    home,
    files: rows.map(row => row.file),
    environment,
    sweep: (date, more) => runJob(sweepJob, { city: CITY }, date, environment(date, more)),
    put: (file, row) => database.transaction(session => putFile(session, file, row)),
    apply: row => database.transaction(session => putApplication(session, row)),
    list: (list, state) => database.transaction(session => putList(session, list, state)),
    file: file =>
      first(
        database,
        `select *, hold_until::text as hold_until,
      since::text as since from files where file = $1`,
        [file],
      ),
    listState: async list =>
      (
        await first<{ state: string }>(
          database,
          'select state from dispatch_lists where city = $1 and list = $2',
          [CITY, list],
        )
      )?.state,
    events: run =>
      database.query<SweptEvent>(
        `select event, file, name, from_state, to_state, school, list, decision,
           business_date::text as business_date, phase, note
         from events where city = $1 and run = $2 order by event`,
        [CITY, run],
      ),
  };
}

async function first<R extends object>(
  database: Database,
  sql: string,
  parameters: readonly unknown[],
): Promise<R | undefined> {
  return (await database.query<R>(sql, parameters))[0];
}

async function putFile(session: Session, file: number, row: FileRow): Promise<void> {
  await session.query('delete from files where city = $1 and file = $2', [CITY, file]);
  await session.query(
    `insert into files (season, city, file, state, school, major, batch, list, phase, register_by,
       reopened_until, hold_until, returned_by, open_applications, event)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::date, $11::date, $12::date, $13, $14, 0)`,
    [
      ...[SEASON, CITY, file, row.state, row.school ?? null, row.major ?? null],
      ...[row.batch ?? null, row.list ?? null, row.phase ?? null, row.registerBy ?? null],
      ...[row.reopenedUntil ?? null, row.holdUntil ?? null, row.returnedBy ?? null],
      row.openApplications ?? 0,
    ],
  );
}

async function putApplication(session: Session, row: ApplicationRow): Promise<number> {
  const subject = row.file === undefined ? `plan|${Math.random()}` : `file|${CITY}|${row.file}`;
  const [made] = await session.query<{ application: number }>(
    `insert into applications (season, kind, subject, city, school, file, places, consents_to,
       state, opened_by, opened_at, opened_on, other_city)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'school-4404001', $10::date, $10::date, $11)
     returning application`,
    [
      ...[SEASON, row.kind, subject, CITY, SCHOOL, row.file ?? null, row.places ?? null],
      ...[row.consentsTo ?? null, row.state ?? 'open', row.openedOn, row.otherCity ?? null],
    ],
  );
  return (made as { application: number }).application;
}

async function putList(session: Session, list: number, state: string): Promise<void> {
  const [run] = await session.query<{ run: number }>(
    `insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
       host, pid, started_at)
     values ($1, 'dispatch', $2, '{}', '2016-07-20', 1, 'failed', 0, 'test', '', 0, now())
     returning run`,
    [SEASON, `test|${list}`],
  );
  await session.query(
    `insert into dispatch_lists (season, city, list, run, batch, round, school, state, planned,
       flexible, room_before, room_after, sent, last_ordinal, overrun)
     values ($1, $2, $3, $4, 'vocational', 1, $5, $6, 5, 0, 5, 5, 1, 1, 0)`,
    [SEASON, CITY, list, run?.run, SCHOOL, state],
  );
}

/** The chain of the city holds. */
export async function chainHolds(t: Test, database: Database, city = CITY): Promise<void> {
  const { fault } = await database.session(session => verifyChain(session, SEASON, city));
  t.equal(fault ?? null, null, `the chain of ${city} holds`);
}
