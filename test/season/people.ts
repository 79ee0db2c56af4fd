/** Who takes part, and how they are: read once, the same for a seed. */
import { SEASON, type SeasonWorld } from './season-world.ts';

export interface SchoolOf {
  readonly school: string;
  readonly leader: string;
  readonly clerk: string;
  readonly kind: string;
  readonly owner: string;
  readonly region: string;
  /** Its own acts go into the chain of this one; '': of the province, as it lies in none. */
  readonly city: string;
  /** Chance to work on a day: some schools are slow, a few forget. */
  readonly diligence: number;
  /** Share of files that it returns. */
  readonly strictness: number;
}

export interface CityOf {
  readonly city: string;
  readonly officer: string;
  readonly second: string;
  /** A county's user, where the city has counties. */
  readonly county: string | null;
  /** Days that it is late with everything. */
  readonly late: number;
  /** Share of requests that it refuses. */
  readonly severity: number;
}

export interface People {
  readonly cities: readonly CityOf[];
  readonly schools: readonly SchoolOf[];
  readonly schoolOf: ReadonlyMap<string, SchoolOf>;
  readonly cityOf: ReadonlyMap<string, CityOf>;
}

export async function readPeople(world: SeasonWorld): Promise<People> {
  const cities = (
    await world.query<{ code: string; county: string | null }>(
      `select c.code, min(k.code) as county from regions c
       left join regions k on k.season = c.season and k.parent = c.code and k.level = 'county'
       where c.season = $1 and c.level = 'city' group by c.code order by c.code`,
      [SEASON],
    )
  ).map(({ code, county }, index): CityOf => {
    const stream = world.streamOf('city', index);
    return {
      city: code,
      officer: `city-${code}`,
      second: `city-${code}-2`,
      county: county === null ? null : `county-${county}`,
      late: stream.chance(0.2) ? 1 + stream.below(3) : 0,
      severity: 0.05 + stream.real() * 0.2,
    };
  });
  const schools = (
    await world.query<{ code: string; kind: string; owner: string; region: string; city: string }>(
      `select s.code, s.kind, s.owner, s.region,
         case r.level when 'city' then r.code when 'county' then r.parent else '' end as city
       from schools s left join regions r on r.season = s.season and r.code = s.region
       where s.season = $1 and exists (
         select from plan_lines p where p.season = s.season and p.school = s.code)
       order by s.code`,
      [SEASON],
    )
  ).map(({ code, ...row }, index): SchoolOf => {
    const stream = world.streamOf('school', index);
    return {
      ...row,
      school: code,
      leader: `school-${code}`,
      clerk: `school-${code}-clerk`,
      diligence: stream.chance(0.06) ? 0.15 : 0.6 + stream.real() * 0.4,
      strictness: stream.real() * 0.12,
    };
  });
  return {
    cities,
    schools,
    schoolOf: new Map(schools.map(each => [each.school, each])),
    cityOf: new Map(cities.map(each => [each.city, each])),
  };
}

/** The SHA-256 that stands for a scanned paper. */
export function paperHash(world: SeasonWorld, what: string): string {
  const stream = world.streamOf(`paper|${what}`);
  let hex = '';
  while (hex.length < 64) hex += stream.bits().toString(16).padStart(8, '0');
  return hex;
}

/** A signed request: its hash and where it lies. */
export function signed(world: SeasonWorld, what: string) {
  return { request_hash: paperHash(world, what), request_reference: `档案柜 ${what}` };
}
