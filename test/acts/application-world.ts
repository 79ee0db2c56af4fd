/**
 * A province for tests of applications: Foshan and Shunde, whose candidate numbers share a printed
 * prefix, and Zhuhai; two schools with plan everywhere; and a way to put a file where a test wants
 * it, by the real events of a city's act.
 */
import type { Test } from 'tap';
import type { PolicyFiles } from '../../engine/policy/load.ts';
import { functionJob } from '../../jobs/act/function-job.ts';
import { INPUT } from '../../jobs/act/input.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import { admitted } from '../../jobs/review/parts/admitted.ts';
import { SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';

export const FOSHAN = '440600';
export const SHUNDE = '440606';
export const ZHUHAI = '440400';
export const CITIES = [FOSHAN, SHUNDE, ZHUHAI];
export const BATCH = 'vocational';
/** Two vocational schools of Foshan, which recruit in all three cities. */
export const OLD = '4406001';
export const NEW = '4406002';
/** In phase 1, when withdrawals and transfers have begun. */
export const AUGUST = '2016-08-01T09:00';
/** In phase 2. */
export const PHASE_2 = '2016-08-25T09:00';
export const SIGNED = { request_hash: 'a'.repeat(64), request_reference: '档案室 1-1' };
export const REASON = '材料不全';
/** Places of each line of the two schools. */
export const PLANNED = 20;

export type Where = 'dispatched' | 'reading' | 'admitted' | 'registered';

export interface ApplicationWorld extends ActWorld {
  /** A major of the school that has a plan line in every city. */
  readonly majors: Readonly<Record<string, string>>;
  /** Candidates of a city in the pool, none given twice. */
  fresh(city: string, count?: number): Promise<string[]>;
  /** A candidate of the city, brought to the school. */
  bring(city: string, school: string, where: Where, candidate?: string): Promise<string>;
  file(candidate: string): Promise<FileRow>;
  planned(city: string, school: string): Promise<number>;
}

export interface FileRow {
  readonly state: string;
  readonly school: string | null;
  readonly major: string | null;
  readonly returned_by: readonly string[];
  readonly open_applications: number;
  readonly transfers: number;
  readonly phase: string | null;
  readonly letter: number | null;
  readonly register_by: string | null;
  readonly last_event: string;
  readonly note: Record<string, unknown> | null;
  readonly decision: string;
}

export async function applicationWorld(
  t: Pick<Test, 'teardown'>,
  options: { readonly files?: PolicyFiles; readonly candidates?: number } = {},
): Promise<ApplicationWorld> {
  const world = await actWorld(t, { cities: CITIES, ...options });
  const majors: Record<string, string> = {};
  for (const school of [OLD, NEW]) majors[school] = await givePlan(world, school);
  const given = new Set<string>();
  const fresh = async (city: string, count = 1) => {
    const rows = await world.query<{ candidate_no: string }>(
      `select c.candidate_no from candidates c
         left join files f using (season, city, file)
        where c.city = $1 and coalesce(f.state, 'in-pool') = 'in-pool'
          and c.candidate_no <> all ($2::text[])
        order by c.candidate_no limit $3`,
      [city, [...given], count],
    );
    for (const row of rows) given.add(row.candidate_no);
    return rows.map(row => row.candidate_no);
  };
  return Object.assign(world, {
    majors,
    fresh,
    bring: async (city: string, school: string, where: Where, candidate?: string) => {
      const [first] = candidate === undefined ? await fresh(city) : [candidate];
      const number = first as string;
      const input = { candidate_no: number, school, major: majors[school], where };
      await runAct(broughtBy, { user: `city-${city}`, input }, world.environment());
      return number;
    },
    file: async (candidate: string) => {
      const [row] = await world.query<FileRow>(FILE, [candidate]);
      return row as FileRow;
    },
    planned: async (city: string, school: string) => {
      const [row] = await world.query<{ planned: number }>(
        'select planned from plan_lines where (city, school, major) = ($1, $2, $3)',
        [city, school, majors[school]],
      );
      return (row as { planned: number }).planned;
    },
  });
}

const FILE = `
select f.state, f.school, f.major, coalesce(f.returned_by, '{}') as returned_by,
  f.open_applications, f.transfers, f.phase, f.letter, f.register_by::text as register_by,
  e.name as last_event, e.note, e.decision
from candidates c join files f using (season, city, file)
  join events e on e.season = f.season and e.city = f.city and e.event = f.event
where c.candidate_no = $1`;

/** One line per city for the school's first major, all of the same size. */
async function givePlan(world: ActWorld, school: string): Promise<string> {
  const [row] = await world.query<{ major: string }>(
    'select min(code) as major from majors where season = $1 and school = $2',
    [SEASON, school],
  );
  const { major } = row as { major: string };
  await world.query(
    `insert into plan_lines (season, city, school, major, batch, planned)
     select $1, city, $2, $3, $4, $5 from unnest($6::text[]) city
     on conflict (season, city, school, major, batch) do update set planned = excluded.planned`,
    [SEASON, school, major, BATCH, PLANNED, CITIES],
  );
  return major;
}

interface Bring {
  readonly candidate_no: string;
  readonly school: string;
  readonly major: string;
  readonly where: Where;
}

/** Runs under the right of a function that dispatch officers have. */
const broughtBy = functionJob<Bring>({
  id: 'point-dispatch-admit',
  title: '指定考生线上点投并录取',
  sides: ['office'],
  menu: '投档',
  annex: true,
  input: {
    properties: {
      candidate_no: INPUT.candidate_no,
      school: INPUT.school,
      major: INPUT.major,
      where: { type: 'string' },
    },
  },
  relatives: true,
  window: 'none',
  async target({ session, input }) {
    const [row] = await session.query<{ city: string }>(
      'select city from candidate_numbers where candidate_no = $1',
      [input.candidate_no],
    );
    return { cities: [(row as { city: string }).city], batch: BATCH, school: input.school };
  },
  async effect(act) {
    const { candidate_no, school, major, where } = act.input;
    const file = await act.candidate(candidate_no);
    if (where === 'dispatched' || where === 'reading') {
      act.move(file, 'dispatch', { change: { school, major, batch: BATCH } });
      if (where === 'reading') act.move(file, 'release-list');
      return { lines: [] };
    }
    const place = { school, major, batch: BATCH, phase: 'phase-1' };
    const after = await admitted(act, { file, event: 'admit-directly', ...place });
    if (where === 'registered') act.move(after, 'register');
    return { lines: [] };
  },
});

/** Everything about applications that must hold whatever has happened. */
export async function brokenCounts(world: ActWorld): Promise<object[]> {
  return world.query(
    `select f.city, f.file, f.open_applications, count(a.application)::integer as open
       from files f
       left join applications a on a.season = f.season and a.city = f.city and a.file = f.file
         and a.state in ('open', 'half-approved') and a.consents_to is null
      group by 1, 2, 3 having f.open_applications <> count(a.application)
     union all
     select a.city, a.file, 0, 1 from applications a
      where a.file is not null and a.state in ('open', 'half-approved')
        and not exists (select from files f where f.season = a.season and f.city = a.city
          and f.file = a.file)`,
  );
}

export const approve = (application: unknown) => ({ application, verdict: 'approve' });
export const refuse = (application: unknown) => ({
  application,
  verdict: 'refuse',
  reason: REASON,
});

export async function apply(
  world: ApplicationWorld,
  user: string,
  id: string,
  input: Readonly<Record<string, unknown>>,
): Promise<number> {
  const { answer } = await world.do(user, id, input);
  return answer.values?.['application'] as number;
}

/** As if `user` had opened it: nobody has both sides, but the check does not rest on that. */
export async function openedBy<T>(
  world: ApplicationWorld,
  application: number,
  user: string,
  work: () => Promise<T>,
) {
  const set = (name: string) =>
    world.query('update applications set opened_by = $2 where application = $1', [
      application,
      name,
    ]);
  const [row] = await world.query<{ opened_by: string }>(
    'select opened_by from applications where application = $1',
    [application],
  );
  await set(user);
  await work();
  await set((row as { opened_by: string }).opened_by);
}

export async function stateOf(world: ApplicationWorld, application: number): Promise<string> {
  const [row] = await world.query<{ state: string }>(
    'select state from applications where application = $1',
    [application],
  );
  return (row as { state: string }).state;
}

/** The refusals that all reviews share. */
export async function refusesAsEveryReview(
  t: Test,
  world: ApplicationWorld,
  id: string,
  application: number,
): Promise<void> {
  const office = `city-${FOSHAN}`;
  await refused(t, world, [`school-${OLD}`, id, approve(application)], 'wrong-side');
  await refused(t, world, [`city-${ZHUHAI}`, id, approve(application)], 'out-of-scope');
  await refused(t, world, [office, id, approve(999_999)], 'unknown-application');
  await refused(t, world, [office, id, { application, verdict: 'refuse' }], 'reason-needed');
  await refused(t, world, [office, id, { application, verdict: 'maybe' }], 'wrong-input');
  await openedBy(world, application, office, () =>
    refused(t, world, [office, id, approve(application)], 'same-person'),
  );
}

export async function provinceSum(world: ActWorld): Promise<number> {
  const [row] = await world.query<{ sum: number }>(
    'select sum(planned)::integer as sum from plan_lines',
  );
  return (row as { sum: number }).sum;
}
