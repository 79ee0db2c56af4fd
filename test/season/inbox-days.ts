/**
 * What cities send through the inbox: senior-high admissions, some of them after the deadline, and
 * the choices 征集志愿 of a round that was opened for new ones. The night's import takes them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePackage } from '../../db/package/write.ts';
import { type CityOf, type People, signed } from './people.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

/** Share of a city's candidates in the pool who hear from a senior high on one of these days. */
const SENIOR_HIGH_SHARE = 0.004;
/** Candidates of a city who make new choices for a round. */
const NEW_CHOICES_MAX = 120;

/** In time on 07-14, late on every other day: accepted, and reported. */
export async function importSeniorHigh(world: SeasonWorld, people: People): Promise<void> {
  for (const place of people.cities) {
    const stream = world.stream('senior-high', Number(place.city));
    if (!stream.chance(0.3)) continue;
    const pool = await inPool(world, place.city, SENIOR_HIGH_SHARE);
    const schools = await world.query<{ code: string }>(
      `select code from schools where season = $1 and kind = 'senior-high' order by code`,
      [SEASON],
    );
    if (pool.length === 0 || schools.length === 0) continue;
    const rows = pool.map(candidate => {
      const school = schools[stream.below(schools.length)]?.code;
      return `${candidate},${school}\n`;
    });
    await send(world, place, 'senior-high.csv', ['candidate_no', 'school'], rows);
  }
}

/** The senior high is given up: the candidate is in the pool again. */
export async function releaseSeniorHigh(world: SeasonWorld, people: People): Promise<void> {
  const [row] = await world.query<{ candidate: string; city: string }>(
    `select c.candidate_no as candidate, c.city from files f
     join candidates c using (season, city, file)
     where f.season = $1 and f.state = 'senior-high'
     order by md5(c.candidate_no || $2) limit 1`,
    [SEASON, `${world.seed}|${world.day}`],
  );
  const officer = row === undefined ? undefined : people.cityOf.get(row.city)?.officer;
  if (row === undefined || officer === undefined || !world.stream('release-sh').chance(0.3)) return;
  await world.ask(officer, 'release-senior-high', {
    candidate_no: row.candidate,
    reason: '本人放弃普通高中',
    ...signed(world, `senior-high|${row.candidate}`),
  });
}

interface AwaitedRound {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
}

/** Cities whose round waits for new choices send them, most on the same day. */
export async function sendChoices(world: SeasonWorld, people: People): Promise<void> {
  const awaited = await world.query<AwaitedRound>(
    `select r.city, r.batch, r.round from rounds r
     where r.season = $1 and r.new_choices and not exists (
       select from choices c where c.season = r.season and c.city = r.city and c.batch = r.batch
         and c.round = r.round)
     order by r.city, r.batch, r.round`,
    [SEASON],
  );
  for (const round of awaited) {
    const place = people.cityOf.get(round.city);
    if (place === undefined || !world.stream('choices', Number(round.city)).chance(0.8)) continue;
    const lines = await world.query<{ school: string; major: string }>(
      `select school, min(major) as major from plan_lines
       where season = $1 and city = $2 and batch = $3 and planned > 0
       group by school order by school`,
      [SEASON, round.city, round.batch],
    );
    const pool = (await inPool(world, round.city, 1)).slice(0, NEW_CHOICES_MAX);
    if (lines.length === 0 || pool.length === 0) continue;
    const rows = pool.map((candidate, index) => {
      const line = lines[world.stream(`choice|${round.city}`, index).below(lines.length)];
      const { batch, round: number } = round;
      return `${candidate},${batch},${number},1,${line?.school},${line?.major},yes\n`;
    });
    await send(world, place, 'choices.csv', CHOICE_COLUMNS, rows);
  }
}

const CHOICE_COLUMNS = [
  ...['candidate_no', 'batch', 'round', 'ordinal', 'school', 'majors', 'adjustment'],
];

/** Candidates of a city in the pool, in an order of the day. */
async function inPool(world: SeasonWorld, city: string, share: number): Promise<string[]> {
  const rows = await world.query<{ candidate: string }>(
    `select c.candidate_no as candidate from candidates c
     left join files f using (season, city, file)
     where c.season = $1 and c.city = $2 and coalesce(f.state, 'in-pool') = 'in-pool'
       and c.candidate_no is not null and coalesce(f.open_applications, 0) = 0
     order by md5(c.candidate_no || $3)`,
    [SEASON, city, `${world.seed}|pool|${world.day}`],
  );
  return rows.slice(0, Math.ceil(rows.length * share)).map(row => row.candidate);
}

/** A package in the inbox; `.done` comes last, as whoever sends it would do. */
async function send(
  world: SeasonWorld,
  { city }: CityOf,
  name: string,
  header: readonly string[],
  rows: readonly string[],
): Promise<void> {
  const folder = join(world.home, 'inbox', city, 'import', world.day);
  await mkdir(join(folder, '..'), { recursive: true });
  const file = { name, header, rows: () => [Buffer.from(rows.join(''))] };
  await writePackage(folder, [file], { name: 'inbox', synthetic: true, season: SEASON });
  await writeFile(join(folder, '.done'), '');
}
