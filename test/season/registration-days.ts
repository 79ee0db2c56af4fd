/** Who comes and who does not; withdrawals and transfers after 07-30. */
import { type People, type SchoolOf, signed } from './people.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

interface Standing {
  readonly candidate: string;
  readonly city: string;
  readonly file: number;
  readonly school: string;
  readonly major: string | null;
  readonly batch: string | null;
  readonly phase: string | null;
}

const STANDING = `
  select c.candidate_no as candidate, f.city, f.file, f.school, f.major, f.batch, f.phase
  from files f join candidates c using (season, city, file)`;

/** Between 10 and 20 in a hundred never come; the others on a day of their own. */
export async function registerArrivals(world: SeasonWorld, people: People): Promise<void> {
  const rows = await world.query<Standing>(
    `${STANDING} where f.season = $1 and f.state = 'admitted' and f.open_applications = 0
     order by f.school, f.city, f.file`,
    [SEASON],
  );
  const shows = 0.8 + world.streamOf('shows').real() * 0.1;
  const pieces = [...Map.groupBy(rows, row => row.school)].flatMap(([school, all]) => {
    const place = people.schoolOf.get(school);
    if (place === undefined) return [];
    const arrived = all.filter(({ candidate, phase }) => {
      const stream = world.streamOf(`arrives|${candidate}|${phase ?? ''}`);
      return stream.chance(shows) && world.stream(`today|${candidate}`).chance(0.2);
    });
    if (arrived.length === 0) return [];
    const touches = [school, ...new Set(arrived.map(row => row.city))];
    const candidates = arrived.map(row => row.candidate);
    return [{ touches, does: (desk: SeasonWorld) => register(desk, place, candidates) }];
  });
  await world.sideBySide(pieces);
}

async function register(
  world: SeasonWorld,
  { school, clerk, leader }: SchoolOf,
  candidates: readonly string[],
): Promise<void> {
  const stream = world.stream(`register|${school}`);
  const user = stream.chance(0.5) ? clerk : leader;
  await world.ask(user, 'register-students', { candidates });
  if (!stream.chance(0.05)) return;
  const [first = ''] = candidates;
  await world.ask(user, 'register-students', { candidates: [first], action: 'undo' });
}

/** Registrations that are taken back, and majors that are changed. */
export async function changeRegistered(world: SeasonWorld, people: People): Promise<void> {
  const rows = await someStanding(world, ['registered'], today(world, people, 'registered', 0.25));
  const pieces = rows.map((row, item) => ({
    touches: [row.city, row.school],
    does: (desk: SeasonWorld) => changeOne(desk, people, row, item),
  }));
  await world.sideBySide(pieces);
}

async function changeOne(
  world: SeasonWorld,
  people: People,
  row: Standing,
  item: number,
): Promise<void> {
  const leader = people.schoolOf.get(row.school)?.leader;
  if (leader === undefined) return;
  const { candidate: candidate_no } = row;
  if (world.stream('registered', item).chance(0.5)) {
    await world.ask(leader, 'cancel-registered', { candidate_no, reason: '学生要求注销' });
    return;
  }
  const major = await anotherMajor(world, row, item);
  if (major !== null) await world.ask(leader, 'change-registered-major', { candidate_no, major });
}

/** A few cancelled files go back to the pool. */
export async function readmit(world: SeasonWorld, people: People): Promise<void> {
  for (const row of await someStanding(world, ['cancelled'], 1)) {
    const officer = people.cityOf.get(row.city)?.officer;
    if (officer === undefined || !world.stream('readmit').chance(0.5)) continue;
    const { candidate: candidate_no } = row;
    await world.ask(officer, 'readmit', { candidate_no, reason: '本人愿意另行就读' });
  }
}

/** The old school consents by withdrawal; half of them go on to another school. */
export async function withdrawAndTransfer(world: SeasonWorld, people: People): Promise<void> {
  const count = today(world, people, 'withdraw', 0.2);
  const rows = await someStanding(world, ['admitted', 'registered'], count);
  const pieces = rows.map((row, item) => ({
    touches: [row.city, row.school],
    does: (desk: SeasonWorld) => withdrawOne(desk, people, row, item),
  }));
  await world.sideBySide(pieces);
}

async function withdrawOne(
  world: SeasonWorld,
  people: People,
  row: Standing,
  item: number,
): Promise<void> {
  const stream = world.stream('withdraw', item);
  const old = people.schoolOf.get(row.school);
  if (old === undefined) return;
  const { candidate: candidate_no } = row;
  const paper = signed(world, `withdrawal|${candidate_no}`);
  const request = stream.chance(0.9) ? { candidate_no, ...paper } : { candidate_no };
  const said = await world.ask(old.leader, 'apply-withdrawal', request);
  if (!said.ok || !stream.chance(0.5)) return;
  const place = await freeLine(world, row);
  const fresh = place === null ? undefined : people.schoolOf.get(place.school);
  if (place === null || fresh === undefined) return;
  await world.ask(fresh.leader, 'apply-transfer', {
    candidate_no,
    major: place.major,
    batch: place.batch,
    ...signed(world, `transfer|${candidate_no}`),
  });
}

/** Registration reopened by an office for some who are late. */
export async function reopen(world: SeasonWorld, people: People): Promise<void> {
  for (const row of await someStanding(world, ['admitted'], 12)) {
    const officer = people.cityOf.get(row.city)?.officer;
    if (officer === undefined || row.phase !== 'phase-1') continue;
    const candidates = [row.candidate];
    const said = await world.ask(officer, 'reopen-registration', {
      candidates,
      reason: '交通受阻，迟到',
    });
    const leader = people.schoolOf.get(row.school)?.leader;
    if (said.ok && leader !== undefined) {
      await world.ask(leader, 'register-students', { candidates });
    }
  }
}

/** How many of it happen today, at so many a day per city. */
function today(world: SeasonWorld, people: People, what: string, rate: number): number {
  const expected = people.cities.length * rate;
  const rest = world.stream(`today-${what}`).chance(expected % 1) ? 1 : 0;
  return Math.floor(expected) + rest;
}

function someStanding(
  world: SeasonWorld,
  states: readonly string[],
  count: number,
): Promise<Standing[]> {
  return world.query<Standing>(
    `${STANDING} where f.season = $1 and f.state = any($2::text[])
     order by md5(c.candidate_no || $3) limit $4`,
    [SEASON, states, `${world.seed}|${world.day}`, count],
  );
}

async function anotherMajor(
  world: SeasonWorld,
  row: Standing,
  item: number,
): Promise<string | null> {
  const majors = await world.query<{ code: string }>(
    'select code from majors where season = $1 and school = $2 and code <> $3 order by code',
    [SEASON, row.school, row.major ?? ''],
  );
  return majors[world.stream('major', item).below(majors.length)]?.code ?? null;
}

/** A line of another school in the candidate's city that is not full. */
async function freeLine(
  world: SeasonWorld,
  row: Standing,
): Promise<{ school: string; major: string; batch: string } | null> {
  const [line] = await world.query<{ school: string; major: string; batch: string }>(
    `with taken as (
       select school, major, batch, count(*) as files from files
       where season = $1 and city = $2 group by school, major, batch)
     select p.school, p.major, p.batch from plan_lines p
     left join taken t using (school, major, batch)
     where p.season = $1 and p.city = $2 and p.school <> $3 and p.planned > coalesce(t.files, 0)
     order by md5(p.school || p.major || $4) limit 1`,
    [SEASON, row.city, row.school, `${world.seed}|${row.candidate}`],
  );
  return line ?? null;
}
