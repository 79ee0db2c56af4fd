/** July before the dispatch: declarations, settings signed and filed, working times. */
import { type People, paperHash } from './people.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

/** By 07-15 everybody has declared; some forget, and learn it from a refusal. */
export async function declareRelatives(world: SeasonWorld, people: People): Promise<void> {
  const users = [
    ...['province', 'province-2'].map(user => ({ user, city: '' })),
    ...people.cities.flatMap(({ city, officer, second }) => inCity(city, [officer, second])),
    ...people.schools.flatMap(({ city, leader, clerk }) => inCity(city, [leader, clerk])),
  ];
  const undeclared = new Set(
    (
      await world.query<{ user_name: string }>(
        `select user_name from users u where user_name = any($2::text[]) and not exists (
           select from relative_declarations d
           where d.season = $1 and d.user_name = u.user_name and d.lifted_at is null)`,
        [SEASON, users.map(({ user }) => user)],
      )
    ).map(row => row.user_name),
  );
  const last = world.day >= '2016-07-14';
  const pieces = users.flatMap(({ user, city }, index) => {
    if (!undeclared.has(user)) return [];
    if (!world.stream('declare', index).chance(last ? 0.98 : 0.2)) return [];
    return [{ touches: [city], does: (desk: SeasonWorld) => declare(desk, user, index) }];
  });
  await world.sideBySide(pieces);
}

function inCity(city: string, users: readonly string[]) {
  return users.map(user => ({ user, city }));
}

async function declare(world: SeasonWorld, user: string, item: number): Promise<void> {
  // The clerks of a few schools have a relative who applies; nobody whose absence stops a city.
  const related = user.endsWith('-clerk') && world.streamOf('relative', item).chance(0.03);
  const relatives = related ? await someCandidate(world, item) : [];
  await world.ask(user, 'declare-relatives', { relatives });
}

async function someCandidate(world: SeasonWorld, item: number): Promise<string[]> {
  const rows = await world.query<{ candidate_no: string }>(
    `select candidate_no from candidate_numbers where season = $1
     order by candidate_no offset $2 limit 1`,
    [SEASON, world.streamOf('relative-who', item).below(200)],
  );
  return rows.map(row => row.candidate_no);
}

/** Each city signs its settings with two officers and files its principles; late ones later. */
export async function signSettings(world: SeasonWorld, people: People): Promise<void> {
  for (const { city, officer, second, late } of people.cities) {
    const due = `2016-07-${String(12 + late).padStart(2, '0')}`;
    if (world.day !== due) continue;
    const [latest] = await world.query<{ version: number | null }>(
      'select max(version) as version from policy_overlays where season = $1 and city = $2',
      [SEASON, city],
    );
    let version = latest?.version ?? null;
    if (version === null) {
      const made = await world.ask(officer, 'set-region-score-line', {
        city,
        batch: 'vocational',
        line: 280,
      });
      if (!made.ok) continue;
      version = 1;
    }
    await world.askBoth(officer, second, 'adopt-city-settings', {
      city,
      version,
      principles_hash: paperHash(world, `principles|${city}`),
      principles_reference: `${city} 录取原则`,
    });
    await world.ask('province', 'acknowledge-principles', { city, verdict: 'acknowledge' });
  }
}

/** 录取工作安排, for all schools of a city at once. */
export async function setSchedules(world: SeasonWorld, people: People): Promise<void> {
  for (const { city, officer, late } of people.cities) {
    if (world.day !== `2016-07-${16 + Math.min(late, 2)}`) continue;
    await world.ask(officer, 'set-school-schedule', {
      city,
      batch: 'vocational',
      opens_at: '2016-07-21T08:00:00+08:00',
      closes_at: '2016-07-29T18:00:00+08:00',
    });
  }
}
