/**
 * Writes what an act has gathered: files in the user's scope, under row-level security, then the
 * events as the runner, all in the act's transaction. The event numbers are known beforehand,
 * because the act holds the chains of its cities.
 */
import type { Session } from '../../db/connect.ts';
import { type FileToWrite, writeStandingFiles } from '../../db/season/files.ts';
import { appendHeldEvents, type ChainHead, lockChains, PROVINCE } from '../../db/trail.ts';
import type { Act, GatheredEvent } from './act.ts';
import type { Target } from './function-job.ts';
import type { ScopeSwitch } from './scope-switch.ts';

export interface ActWriting {
  readonly season: number;
  readonly scope: ScopeSwitch;
  readonly heads: ReadonlyMap<string, ChainHead>;
  /** Policy version per city, as events name it. */
  readonly policyOf: (city: string) => Promise<number>;
  readonly actor: string;
  readonly at: Date;
  readonly businessDate: string;
  readonly run: number;
}

/** Takes the chains of an act's cities. One of a city leaves the province's chain alone. */
export function lockChainsOf(
  session: Session,
  season: number,
  target: Target,
): Promise<Map<string, ChainHead>> {
  return lockChains(session, season, target.cities.length > 0 ? target.cities : [PROVINCE]);
}

/** @returns how many events were written */
export async function writeAct<I>(act: Act<I>, writing: ActWriting): Promise<number> {
  const { events, files, beyondScope } = act.gathered();
  const { season, scope } = writing;
  const numbers = numberEvents(events, writing.heads);
  const lastOf = new Map<string, number>();
  events.forEach((event, index) => {
    if (event.file !== null) lastOf.set(`${event.city}|${event.file}`, numbers[index] as number);
  });
  const rows: FileToWrite[] = [];
  const closed: { city: string; file: number }[] = [];
  for (const file of files) {
    if (file.state === null) closed.push(file);
    else rows.push({ file, event: lastOf.get(`${file.city}|${file.file}`) as number });
  }
  const beyond = ({ file }: FileToWrite) => beyondScope.has(`${file.city}|${file.file}`);
  await writeStandingFiles(
    scope.session,
    season,
    rows.filter(row => !beyond(row)),
  );
  await scope.leave();
  const session = scope.runner;
  await writeStandingFiles(session, season, rows.filter(beyond));
  await closeFiles(session, season, closed);
  // Once per city, not per event: a decision of 500 files would ask 500 times.
  const policies = new Map<string, number>();
  for (const city of new Set(events.map(event => event.city))) {
    policies.set(city, await writing.policyOf(city));
  }
  const { actor, at, businessDate, run } = writing;
  const trail = events.map(event => ({
    ...event,
    actor,
    at,
    businessDate,
    run,
    policy: policies.get(event.city) as number,
  }));
  await appendHeldEvents(session, season, trail, writing.heads);
  return events.length;
}

/** appendEvents numbers a city's events in their order, after its head. */
function numberEvents(
  events: readonly GatheredEvent[],
  heads: ReadonlyMap<string, ChainHead>,
): number[] {
  const next = new Map<string, number>();
  return events.map(({ city }) => {
    const head = heads.get(city);
    if (head === undefined) throw new Error(`event of ${city}, whose chain is not held`);
    const number = (next.get(city) ?? head.lastEvent) + 1;
    next.set(city, number);
    return number;
  });
}

/** A file that is closed (refuse-number) leaves the tables; its events stay. */
async function closeFiles(
  session: Session,
  season: number,
  closed: readonly { readonly city: string; readonly file: number }[],
): Promise<void> {
  for (const { city, file } of closed) {
    for (const table of ['files', 'identities', 'candidate_numbers', 'candidates']) {
      await session.query(
        `delete from ${table} where season = $1::smallint and city = $2 and file = $3`,
        [season, city, file],
      );
    }
  }
}
