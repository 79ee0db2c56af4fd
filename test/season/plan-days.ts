/** Plan up and down, flexible quotas, places from city to city, and what cities say to it. */
import { type People, signed } from './people.ts';
import { SEASON, type SeasonWorld } from './season-world.ts';

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
  for (const [index, line] of lines.entries()) {
    const stream = world.stream('plan', index);
    const leader = people.schoolOf.get(line.school)?.leader;
    if (leader === undefined) continue;
    const { city, batch, major } = line;
    const places = (1 + stream.below(3)) * (stream.chance(0.6) ? 1 : -1);
    const kind = stream.real();
    if (kind < 0.45) {
      await world.ask(leader, 'apply-plan-change', {
        ...{ city, batch, kind: 'plan', major, places, reason: '生源变化' },
      });
    } else if (kind < 0.7) {
      await world.ask(leader, 'apply-plan-change', { city, batch, kind: 'flexible', places });
    } else {
      const others = people.cities.filter(each => each.city !== city);
      const to = others[stream.below(others.length)]?.city;
      if (to === undefined) continue;
      await world.ask(leader, 'apply-region-move', {
        ...{ from: city, to, batch, major, places: Math.abs(places) },
        ...signed(world, `move|${world.day}|${index}`),
      });
    }
  }
}

interface Waiting {
  readonly application: number;
  readonly kind: string;
  readonly city: string;
  readonly other_city: string | null;
  readonly first_city: string | null;
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
    `select application, kind, city, other_city, first_city,
       row_number() over (order by application)::integer as origin
     from applications where season = $1 and state in ('open', 'half-approved')
     order by application`,
    [SEASON],
  );
  for (const one of waiting) {
    const id = REVIEW_OF[one.kind];
    if (id === undefined) continue;
    const stream = world.stream('review-application', one.origin);
    if (!stream.chance(0.6)) continue;
    const refuses = stream.real();
    for (const city of citiesFor(one)) {
      const place = people.cityOf.get(city);
      if (place === undefined) continue;
      const approve = refuses >= place.severity;
      const said = await world.ask(stream.chance(0.5) ? place.officer : place.second, id, {
        application: one.application,
        verdict: approve ? 'approve' : 'refuse',
        ...(approve ? {} : { reason: '材料不足，请补齐后再申请' }),
      });
      if (!said.ok || !approve) break;
    }
  }
}

/** Of a region move each city answers on its own day, or both on one. */
function citiesFor({ kind, city, other_city, first_city }: Waiting): string[] {
  if (kind !== 'region-move' || other_city === null) return [city];
  return [other_city, city].filter(each => each !== first_city);
}
