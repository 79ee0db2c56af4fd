/**
 * 07-20 to 07-29: officers release what the night has dispatched, schools read, propose and submit,
 * reviewers decide what no rule has decided, and cities open the next round.
 */
import type { CityOf, People, SchoolOf } from './people.ts';
import { askIn, SEASON, type SeasonWorld } from './season-world.ts';

const BATCH = 'vocational';

/** The second officer releases the night's runs; now and then a run is taken back first. */
export async function releaseLists(world: SeasonWorld, people: People): Promise<void> {
  const drafts = await world.query<{ city: string; run: number; lists: number }>(
    `select city, run, count(*)::integer as lists from dispatch_lists
     where season = $1 and state = 'draft' group by city, run order by city, run`,
    [SEASON],
  );
  const pieces = drafts.flatMap(({ city, run }) => {
    const place = people.cityOf.get(city);
    if (place === undefined) return [];
    const stream = world.stream('release', Number(city));
    const reason = '发现设置有误，取消本次投档';
    if (stream.chance(0.04)) return [askIn([city], place.officer, 'cancel-run', { run, reason })];
    return stream.chance(0.03) ? [] : [askIn([city], place.second, 'release-list', { run })];
  });
  await world.sideBySide(pieces);
}

interface OpenFile {
  readonly city: string;
  readonly list: number;
  readonly school: string;
  readonly state: string;
  readonly candidate: string;
  readonly major: string | null;
  readonly origin: string;
}

/** Schools at work on the lists that they have. */
export async function decideLists(world: SeasonWorld, people: People): Promise<void> {
  const rows = await world.query<OpenFile>(
    `select l.city, l.list, l.school, f.state, c.candidate_no as candidate, i.major, c.origin
     from dispatch_lists l
     join list_items i using (season, city, list)
     join files f on f.season = l.season and f.city = l.city and f.file = i.file and f.list = l.list
     join candidates c on c.season = l.season and c.city = l.city and c.file = i.file
     where l.season = $1
       and (l.state = 'released' or l.state = 'submitted' and f.reopened_for_review)
     order by l.city, l.list, i.seq`,
    [SEASON],
  );
  const lists = Map.groupBy(rows, ({ city, list }) => `${city}|${list}`);
  const pieces = [...lists.values()].flatMap((files, at) => {
    const [first] = files as [OpenFile];
    const school = people.schoolOf.get(first.school);
    const item = at + 1;
    if (school === undefined) return [];
    if (!world.stream('decide', item).chance(school.diligence)) return [];
    const does = (desk: SeasonWorld) => workOnList(desk, school, files, item);
    return [{ touches: [first.city, first.school], does }];
  });
  await world.sideBySide(pieces);
}

async function workOnList(
  world: SeasonWorld,
  school: SchoolOf,
  files: readonly OpenFile[],
  item: number,
): Promise<void> {
  const { city, list } = files[0] as OpenFile;
  const stream = world.stream('list', item);
  const reader = stream.chance(0.7) ? school.clerk : school.leader;
  const open = files.filter(file => file.state === 'reading');
  if (open.length > 0) {
    const decisions = open.map(file => decisionOn(file, school, stream.real(), stream.real()));
    const said = await world.ask(reader, 'decide-files', { city, list, decisions });
    // Too many for the plan, or somebody without a right: one after the other, as far as it goes.
    if (!said.ok) await oneByOne(world, school, { city, list }, decisions);
  }
  if (stream.chance(0.03)) {
    const undone = files[0] as OpenFile;
    await world.ask(school.leader, 'decide-files', {
      city,
      list,
      candidates: [undone.candidate],
      decision: 'undo',
    });
  }
  if (stream.chance(0.9)) await world.ask(school.leader, 'submit-dispatch-list', { city, list });
}

interface Decision {
  readonly candidate_no: string;
  readonly decision: string;
  readonly major?: string;
  readonly reason?: string;
}

function decisionOn(file: OpenFile, school: SchoolOf, choice: number, kind: number): Decision {
  const { candidate: candidate_no, major } = file;
  if (major === null)
    return { candidate_no, decision: 'return', reason: 'majors-full-no-adjustment' };
  if (choice >= school.strictness) return { candidate_no, decision: 'admit', major };
  const reason =
    kind < 0.4 ? 'health' : kind < 0.8 ? 'condition-not-met' : '生源地较远，学校考虑不录';
  return { candidate_no, decision: 'return', reason };
}

async function oneByOne(
  world: SeasonWorld,
  school: SchoolOf,
  place: { readonly city: string; readonly list: number },
  decisions: readonly Decision[],
): Promise<void> {
  for (const decision of decisions) {
    const said = await world.ask(school.leader, 'decide-files', {
      ...place,
      decisions: [decision],
    });
    if (said.ok || said.code !== 'over-plan') continue;
    const { candidate_no } = decision;
    await world.ask(school.leader, 'decide-files', {
      ...place,
      decisions: [{ candidate_no, decision: 'return', reason: 'over-plan' }],
    });
  }
}

interface Reviewed {
  readonly city: string;
  readonly school: string;
  readonly state: string;
  readonly candidate: string;
}

/** What waits for an officer: admissions and returns that no rule has decided. */
export async function reviewLists(world: SeasonWorld, people: People): Promise<void> {
  const rows = await world.query<Reviewed>(
    `select f.city, f.school, f.state, c.candidate_no as candidate
     from files f join candidates c using (season, city, file)
     join dispatch_lists l on l.season = f.season and l.city = f.city and l.list = f.list
     where f.season = $1 and f.state in ('proposed', 'return-proposed') and l.state = 'submitted'
       and not f.reopened_for_review
     order by f.city, f.file`,
    [SEASON],
  );
  const inCity = Map.groupBy(rows, row => row.city);
  const pieces = people.cities.map(place => {
    const mine = inCity.get(place.city) ?? [];
    const touches = [place.city, ...new Set(mine.map(row => row.school))];
    return { touches, does: (desk: SeasonWorld) => reviewCity(desk, place, mine) };
  });
  await world.sideBySide(pieces);
}

async function reviewCity(
  world: SeasonWorld,
  place: CityOf,
  rows: readonly Reviewed[],
): Promise<void> {
  const stream = world.stream('review', Number(place.city));
  for (const [state, id] of REVIEWS) {
    const waiting = rows.filter(row => row.state === state).map(row => row.candidate);
    const refused = waiting.filter(() => stream.chance(place.severity));
    const approved = waiting.filter(candidate => !refused.includes(candidate));
    if (approved.length > 0) {
      await world.ask(place.officer, id, { candidates: approved, verdict: 'approve' });
    }
    if (refused.length > 0) {
      const reason = '请学校再核对材料';
      await world.ask(place.second, id, { candidates: refused, verdict: 'refuse', reason });
    }
  }
}

const REVIEWS = [
  ['proposed', 'review-admission'],
  ['return-proposed', 'review-return'],
] as const;

/** Where nothing is open any more, the next round; in the end the batch is closed. */
export async function nextRounds(world: SeasonWorld, people: People): Promise<void> {
  const pieces = people.cities.map(place => ({
    touches: [place.city],
    does: (desk: SeasonWorld) => nextRound(desk, place),
  }));
  await world.sideBySide(pieces);
}

async function nextRound(world: SeasonWorld, { city, officer }: CityOf): Promise<void> {
  const stream = world.stream('round', Number(city));
  if (world.day >= '2016-07-28') {
    if (stream.chance(0.5)) await world.ask(officer, 'close-batch', { city, batch: BATCH });
    return;
  }
  const [open] = await world.query<{ count: number }>(
    `select count(*)::integer as count from dispatch_lists
     where season = $1 and city = $2 and state in ('draft', 'released', 'submitted')`,
    [SEASON, city],
  );
  if (open?.count !== 0 && !stream.chance(0.1)) return;
  const newChoices = stream.chance(0.4);
  await world.ask(officer, 'open-round', { city, batch: BATCH, new_choices: newChoices });
}
