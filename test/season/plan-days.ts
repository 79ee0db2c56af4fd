/** Plan up and down, flexible quotas, places from city to city, and what cities say to it. */
import type { Stream } from '../../db/sample/random.ts';
import { type People, signed } from './people.ts';
import { askIn, SEASON, type SeasonWorld } from './season-world.ts';

interface Line {
  readonly city: string;
  readonly school: string;
  readonly major: string;
  readonly batch: string;
  readonly planned: number;
}

/** Some lines of the day, drawn anew each day. */
async function linesOfTheDay(world: SeasonWorld, count: number): Promise<Line[]> {
  return world.query<Line>(
    `select city, school, major, batch, planned from plan_lines where season = $1
     order by md5(city || school || major || $2) limit $3`,
    [SEASON, `${world.seed}|${world.day}`, count],
  );
}

export async function applyForPlaces(world: SeasonWorld, people: People): Promise<void> {
  const lines = await linesOfTheDay(world, Math.max(3, Math.ceil(people.schools.length / 12)));
  await world.sideBySide(lines.flatMap((line, item) => applyFor(world, people, line, item)));
}

function applyFor(world: SeasonWorld, people: People, line: Line, item: number) {
  const stream = world.stream('plan', item);
  const leader = people.schoolOf.get(line.school)?.leader;
  if (leader === undefined) return [];
  const { city, batch, major } = line;
  const places = (1 + stream.below(3)) * (stream.chance(0.6) ? 1 : -1);
  const kind = stream.real();
  if (kind < 0.45) {
    const change = { city, batch, kind: 'plan', major, places, reason: '生源变化' };
    return [askIn([city, line.school], leader, 'apply-plan-change', change)];
  }
  if (kind < 0.7) {
    const change = { city, batch, kind: 'flexible', places };
    return [askIn([city, line.school], leader, 'apply-plan-change', change)];
  }
  const others = people.cities.filter(each => each.city !== city);
  const to = others[stream.below(others.length)]?.city;
  if (to === undefined) return [];
  const move = {
    ...{ from: city, to, batch, major, places: Math.abs(places) },
    ...signed(world, `move|${world.day}|${item}`),
  };
  return [askIn([city, to, line.school], leader, 'apply-region-move', move)];
}

interface Waiting {
  readonly application: number;
  readonly kind: string;
  readonly city: string;
  readonly other_city: string | null;
  readonly first_city: string | null;
  readonly school: string | null;
  readonly other_school: string | null;
  readonly origin: number;
}

const REVIEW_OF: Readonly<Record<string, string>> = {
  'plan-change': 'review-plan-change',
  'region-move': 'review-region-move',
  'approval-paper': 'review-approval-paper',
  withdrawal: 'review-withdrawal',
  transfer: 'review-transfer',
  supplement: 'review-supplement',
};

/** Officers answer what waits; some of it stays on the desk, and expires there. */
export async function reviewApplications(world: SeasonWorld, people: People): Promise<void> {
  const waiting = await world.query<Waiting>(
    `select application, kind, city, other_city, first_city, school, other_school,
       row_number() over (order by opened_at, city, application)::integer as origin
     from applications where season = $1 and state in ('open', 'half-approved')
     order by opened_at, city, application`,
    [SEASON],
  );
  const pieces = waiting.flatMap(one => {
    const stream = world.stream('review-application', one.origin);
    if (REVIEW_OF[one.kind] === undefined || !stream.chance(0.6)) return [];
    const all = [one.city, one.other_city, one.school, one.other_school];
    const touches = all.filter(code => code !== null);
    // Cities whose codes begin alike print the same candidate numbers, from one counter.
    if (one.kind === 'supplement') touches.push(`numbers ${one.city.slice(0, 4)}`);
    return [{ touches, does: (desk: SeasonWorld) => reviewOne(desk, people, one, stream) }];
  });
  await world.sideBySide(pieces);
}

async function reviewOne(
  world: SeasonWorld,
  people: People,
  one: Waiting,
  stream: Stream,
): Promise<void> {
  const refuses = stream.real();
  for (const city of citiesFor(one)) {
    const place = people.cityOf.get(city);
    if (place === undefined) continue;
    const approve = refuses >= place.severity;
    const user = stream.chance(0.5) ? place.officer : place.second;
    const said = await world.ask(user, REVIEW_OF[one.kind] as string, {
      application: one.application,
      verdict: approve ? 'approve' : 'refuse',
      ...(approve ? {} : { reason: '材料不足，请补齐后再申请' }),
    });
    if (!said.ok || !approve) break;
  }
}

/** Of a region move each city answers on its own day, or both on one. */
function citiesFor({ kind, city, other_city, first_city }: Waiting): string[] {
  if (kind !== 'region-move' || other_city === null) return [city];
  return [other_city, city].filter(each => each !== first_city);
}
