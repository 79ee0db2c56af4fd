/** A city that admits in its own system: approved by the province, and its daily snapshot. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writePackage } from '../../db/package/write.ts';
import type { People } from './people.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

/** Where there are several, the third city has a system of its own. */
export function ownSystemCity(people: People): string | null {
  return people.cities.length > 2 ? (people.cities[2]?.city ?? null) : null;
}

export async function approveOwnSystem(world: SeasonWorld, people: People): Promise<void> {
  const city = ownSystemCity(people);
  if (city === null) return;
  const input = { city, approved: true };
  await world.askBoth('province', 'province-2', 'approve-own-system', input);
}

/** More of its candidates each day; now and then one is gone again, and some days none comes. */
export async function sendSnapshot(world: SeasonWorld, people: People): Promise<void> {
  const city = ownSystemCity(people);
  const place = city === null ? undefined : people.cityOf.get(city);
  if (city === null || place === undefined || world.stream('snapshot').chance(0.15)) return;
  const days = (Date.parse(world.day) - Date.parse('2016-07-20')) / (24 * 3_600_000);
  const candidates = await world.query<{ candidate: string }>(
    `select c.candidate_no as candidate from candidates c
     where c.season = $1 and c.city = $2 and c.candidate_no is not null and not exists (
       select from senior_high_admissions s where s.season = c.season and s.city = c.city
         and s.file = c.file)
     order by md5(c.candidate_no || $3) limit $4`,
    [SEASON, city, String(world.seed), Math.min(40, 4 + Math.floor(days))],
  );
  const lines = await world.query<{ school: string; major: string; planned: number }>(
    `select school, major, planned from plan_lines where season = $1 and city = $2
     and planned > 0 order by school, major`,
    [SEASON, city],
  );
  const places = lines.flatMap(({ planned, ...line }) =>
    Array.from({ length: planned }, () => line),
  );
  const rows = candidates.flatMap(({ candidate }, index) => {
    const line = places[index];
    if (line === undefined || world.streamOf(`gone|${candidate}`).chance(0.05)) return [];
    return `${candidate},${line.school},${line.major},${world.day}\n`;
  });
  const folder = join(world.home, 'snapshots', world.day);
  await mkdir(join(folder, '..'), { recursive: true });
  const file = {
    name: 'city-snapshot.csv',
    header: ['candidate_no', 'school', 'major', 'admitted_on'],
    rows: () => [Buffer.from(rows.join(''))],
  };
  await writePackage(folder, [file], { name: 'snapshot', synthetic: true, season: SEASON });
  await world.ask(place.officer, 'import-city-snapshot', { city, package: folder });
}
