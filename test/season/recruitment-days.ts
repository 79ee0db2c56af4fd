/** Phase 2: schools take candidates from the pool, and enter people who are not fresh graduates. */
import { checkCharacter } from '../../db/package/identity.ts';
import type { Stream } from '../../db/sample/random.ts';
import { type CityOf, type People, type SchoolOf, signed } from './people.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

export async function enterFromPool(
  world: SeasonWorld,
  people: People,
  perDay: number,
): Promise<void> {
  const pool = await world.query<{ candidate: string; city: string }>(
    `select c.candidate_no as candidate, c.city from candidates c
     left join files f using (season, city, file)
     where c.season = $1 and coalesce(f.state, 'in-pool') = 'in-pool' and c.candidate_no is not null
     order by md5(c.candidate_no || $2) limit $3`,
    [SEASON, `${world.seed}|${world.day}`, perDay],
  );
  const pieces = pool.flatMap(({ candidate, city }, item) => {
    const stream = world.stream('enter', item);
    const school = people.schools[stream.below(people.schools.length)];
    if (school === undefined) return [];
    const does = (desk: SeasonWorld) => enterOne(desk, school, candidate, stream);
    return [{ touches: [city, school.school], does }];
  });
  await world.sideBySide(pieces);
}

async function enterOne(
  world: SeasonWorld,
  school: SchoolOf,
  candidate_no: string,
  stream: Stream,
): Promise<void> {
  const major = await majorOf(world, school, stream.bits());
  if (major === null) return;
  const form = stream.chance(0.95) ? signed(world, `form|${candidate_no}`) : {};
  const clerk = stream.chance(0.98) ? { clerk: '陈经办' } : {};
  const user = stream.chance(0.5) ? school.clerk : school.leader;
  await world.ask(user, 'admit-from-pool', { candidate_no, major, ...form, ...clerk });
}

async function majorOf(
  world: SeasonWorld,
  { school }: SchoolOf,
  draw: number,
): Promise<string | null> {
  const majors = await world.query<{ code: string }>(
    'select code from majors where season = $1 and school = $2 order by code',
    [SEASON, school],
  );
  return majors[draw % Math.max(1, majors.length)]?.code ?? null;
}

export async function reviewEntries(world: SeasonWorld, people: People): Promise<void> {
  const rows = await world.query<{ city: string; school: string; candidate: string }>(
    `select f.city, f.school, c.candidate_no as candidate from files f
     join candidates c using (season, city, file)
     where f.season = $1 and f.state = 'pending-review' order by f.city, f.file`,
    [SEASON],
  );
  const pieces = [...Map.groupBy(rows, row => row.city)].flatMap(([city, mine]) => {
    const place = people.cityOf.get(city);
    if (place === undefined) return [];
    const candidates = mine.map(row => row.candidate);
    const touches = [city, ...new Set(mine.map(row => row.school))];
    return [{ touches, does: (desk: SeasonWorld) => reviewCity(desk, place, candidates) }];
  });
  await world.sideBySide(pieces);
}

async function reviewCity(
  world: SeasonWorld,
  { city, officer, severity }: CityOf,
  entered: readonly string[],
): Promise<void> {
  const stream = world.stream('entries', Number(city));
  if (!stream.chance(0.7)) return;
  const refused = entered.filter(() => stream.chance(severity));
  const candidates = entered.filter(candidate => !refused.includes(candidate));
  if (candidates.length > 0) {
    await world.ask(officer, 'review-admission', { candidates, verdict: 'approve' });
  }
  if (refused.length > 0) {
    const reason = '报读确认表不清';
    const refuse = { candidates: refused, verdict: 'refuse', reason };
    await world.ask(officer, 'review-admission', refuse);
  }
}

/** A veteran or a migrant worker; now and then somebody who is known already. */
export async function supplementPeople(
  world: SeasonWorld,
  people: People,
  perDay: number,
): Promise<void> {
  for (let index = 0; index < perDay; index += 1) {
    const stream = world.stream('supplement', index);
    const school = people.schools[stream.below(people.schools.length)];
    const place = people.cities[stream.below(people.cities.length)];
    if (school === undefined || place === undefined) continue;
    const [, month, date] = world.day.split('-') as [string, string, string];
    const serial = stream.chance(0.1)
      ? '001'
      : String(index * 7 + stream.below(7)).padStart(3, '0');
    const digits = `9901011998${month}${date}${serial}`;
    await world.ask(stream.chance(0.5) ? school.clerk : school.leader, 'supplement-candidate', {
      city: place.city,
      name: `季测${month}${date}${index}`,
      sex: stream.chance(0.5) ? 'F' : 'M',
      identity_no: digits + checkCharacter(digits),
      origin: stream.chance(0.5) ? 'veteran' : 'migrant-worker',
      ...(stream.chance(0.95) ? { clerk: '李经办' } : {}),
    });
  }
}
