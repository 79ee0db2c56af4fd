/** Names of the sample's users, and who of them is how. */
import type { Crew } from './crew.ts';

/** Lists that are worked on in a day, about; the others lie a day longer on their desks. */
const LISTS_A_DAY = 150;
/** Cities that leave nothing lying, so that they come to a second round. */
const EAGER_CITIES = 3;

export const officerOf = (city: string) => `city-${city}`;
export const secondOf = (city: string) => `city-${city}-2`;
export const leaderOf = (school: string) => `school-${school}`;
export const clerkOf = (school: string) => `school-${school}-clerk`;

/** Which lists of dispatch are looked at today. */
export interface Workload {
  readonly eager: ReadonlySet<string>;
  takes(city: string, list: number): boolean;
}

/** Rests on what only the nights change, so that it stays the same through a day. */
export async function workloadOf(crew: Crew): Promise<Workload> {
  const cities = await crew.query<{ city: string; first: number; lists: number }>(
    `select city, count(*) filter (where round = 1)::integer as first, count(*)::integer as lists
     from dispatch_lists where season = $1 group by city order by 2, 1`,
  );
  const eager = new Set(cities.slice(0, EAGER_CITIES).map(row => row.city));
  const all = cities.reduce((sum, row) => sum + row.lists, 0);
  const share = LISTS_A_DAY / Math.max(LISTS_A_DAY, all);
  return {
    eager,
    takes: (city, list) => eager.has(city) || crew.today('takes', city, list).chance(share),
  };
}

/** The SHA-256 that stands for a scanned paper. */
export function paperOf(crew: Crew, what: string) {
  const stream = crew.always('paper', what);
  let hash = '';
  while (hash.length < 64) hash += stream.bits().toString(16).padStart(8, '0');
  return { request_hash: hash, request_reference: `档案柜 ${what}` };
}
