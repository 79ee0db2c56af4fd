/**
 * Random days of a city with its own system: what it lists, and what the platform does meanwhile,
 * against a naive oracle that decides one candidate at a time.
 */
import fc from 'fast-check';
import t from 'tap';
import { ownSystemFiles, type SnapshotWorld, snapshotWorld } from './snapshot-world.ts';

const RUNS = 6;
const PEOPLE = 8;
const PLACES = 3;
const DATES = ['2016-07-20', '2016-07-21', '2016-07-22', '2016-07-23', '2016-07-24', '2016-07-25'];

/** What the platform does to a file between two snapshots. */
const MEANWHILE = ['nothing', 'register', 'undo', 'revert', 'apply', 'end', 'transfer'] as const;
type Meanwhile = (typeof MEANWHILE)[number];

interface Day {
  /** By candidate: the place it is listed at; null: not listed. */
  readonly listed: readonly (number | null)[];
  /** By candidate, before the snapshot. */
  readonly meanwhile: readonly Meanwhile[];
}

const days: fc.Arbitrary<Day[]> = fc.array(
  fc.record({
    listed: fc.array(fc.option(fc.nat(PLACES - 1), { freq: 3 }), {
      minLength: PEOPLE,
      maxLength: PEOPLE,
    }),
    meanwhile: fc.array(fc.constantFrom(...MEANWHILE), {
      minLength: PEOPLE,
      maxLength: PEOPLE,
    }),
  }),
  { minLength: 3, maxLength: DATES.length },
);

/** One candidate as the oracle knows it; `own`: what the city's former snapshot has put there. */
interface Person {
  state: 'in-pool' | 'admitted' | 'registered';
  place: number | null;
  open: boolean;
  own: number | null;
}

/** @returns null where the platform can not do this now */
function platform(person: Person, act: Meanwhile): Person | null {
  if (act === 'register' && person.state === 'admitted') return { ...person, state: 'registered' };
  if (act === 'undo' && person.state === 'registered') return { ...person, state: 'admitted' };
  if (act === 'revert' && person.state === 'admitted') {
    return { ...person, state: 'in-pool', place: null };
  }
  if (act === 'apply' && !person.open) return { ...person, open: true };
  if (act === 'end' && person.open) return { ...person, open: false };
  if (act === 'transfer' && person.state === 'admitted') {
    return { ...person, place: ((person.place as number) + 1) % PLACES };
  }
  return null;
}

/** The snapshot of a day for one candidate. @returns what is a conflict; null: none */
function snapshot(person: Person, listed: number | null): string | null {
  const stands = person.state === 'admitted' && person.place === person.own;
  if (listed === null) {
    if (person.own === null) return null;
    if (person.state === 'registered' && person.place === person.own) return 'registered';
    if (!stands) {
      person.own = null;
      return null;
    }
    if (person.open) return 'open-application';
    Object.assign(person, { state: 'in-pool', place: null, own: null });
    return null;
  }
  if (person.state !== 'in-pool' && person.place === listed) {
    if (person.own !== person.place) person.own = null;
    return null;
  }
  if (person.state === 'registered') return 'registered';
  if (person.state === 'admitted' && !stands) return 'not-own';
  if (person.state === 'in-pool' && person.own === listed) return 'moved';
  if (person.open) return 'open-application';
  Object.assign(person, { state: 'admitted', place: listed, own: listed });
  return null;
}

async function write(world: SnapshotWorld, candidate: string, person: Person): Promise<void> {
  const place = person.place === null ? undefined : world.places[person.place];
  const admitted = person.state !== 'in-pool';
  await world.query(
    `insert into files as f (season, city, file, state, school, major, batch, phase, event,
       open_applications)
     select season, city, file, $2, $3, $4, $5, $6, 0, $7 from candidate_numbers
     where candidate_no = $1
     on conflict (season, city, file) do update set state = excluded.state,
       school = excluded.school, major = excluded.major, batch = excluded.batch,
       phase = excluded.phase, open_applications = excluded.open_applications`,
    [
      ...[candidate, person.state, place?.school ?? null, place?.major ?? null],
      ...[admitted ? 'vocational' : null, admitted ? 'phase-1' : null, person.open ? 1 : 0],
    ],
  );
}

async function live(world: SnapshotWorld, script: readonly Day[]): Promise<void> {
  const fresh = (): Person => ({ state: 'in-pool', place: null, open: false, own: null });
  const people = Array.from({ length: PEOPLE }, fresh);
  for (const [at, day] of script.entries()) {
    const date = DATES[at] as string;
    for (const [index, act] of day.meanwhile.entries()) {
      const after = platform(people[index] as Person, act);
      if (after === null) continue;
      people[index] = after;
      await write(world, world.candidates[index] as string, after);
    }
    const rows = day.listed.flatMap((place, index) =>
      place === null ? [] : [world.row(index, place)],
    );
    // One whom nothing happens to, so that no day is empty.
    await world.arrive(date, [...rows, world.row(PEOPLE, 0)]);
    const report = await world.cutOff(date);
    if (report.state !== 'completed') throw report.error ?? new Error(report.state);
    const expected = people.flatMap((person, index) => {
      const kind = snapshot(person, day.listed[index] as number | null);
      return kind === null ? [] : [[world.candidates[index], kind]];
    });
    const conflicts = (report.result?.findings ?? []).find(
      finding => finding.property === 'snapshot-conflict',
    );
    const found = (conflicts?.rows ?? []).map(row => [row['candidate_no'], row['kind']]);
    compare(`${date} conflicts`, found, expected);
    const standing = [];
    for (const candidate of world.candidates.slice(0, PEOPLE)) {
      const { state, school } = await world.file(candidate);
      standing.push([state, school]);
    }
    const wanted = people.map(({ state, place }) => {
      return [state, place === null ? null : world.places[place]?.school];
    });
    compare(`${date} files`, standing, wanted);
  }
}

function compare(what: string, found: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (one !== other) throw new Error(`${what}: ${one}, expected ${other}`);
}

t.test('random days end as the oracle says, candidate by candidate', async t => {
  const files = ownSystemFiles((path, text) =>
    path === 'calendar.yaml'
      ? text.replace(/(id: snapshot-drop-percent.*)value: 20/, '$1value: 100')
      : text,
  );
  await fc.assert(
    fc.asyncProperty(days, async script => {
      const world = await snapshotWorld(t, files);
      await live(world, script);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  t.pass(`${RUNS} seasons`);
});
