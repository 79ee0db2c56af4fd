/**
 * People who try what they may not. Each attempt must be refused by a code, and nothing at all may
 * have changed: a refusal that leaves a trace, or an attempt that goes through, ends the season.
 */

import { lightDigest, wholeDigest } from './digest.ts';
import { SeasonFailure } from './failure.ts';
import type { People } from './people.ts';
import {
  type ActInput,
  type DoneAct,
  type Outcome,
  SEASON,
  type SeasonWorld,
} from './season-world.ts';

interface Attempt {
  readonly why: string;
  readonly user: string;
  readonly id: string;
  readonly input: ActInput;
}

/**
 * One attempt in so many, per city, has every row of the database compared, before its day's
 * attempts and after them: in a large season the rows are many, and so are the attempts.
 */
const WHOLE_DIGEST_EVERY = 6;

/**
 * The day's attempts, side by side: none depends on another, as they are made of what went through,
 * and none touches anything, as all must be refused. Whether something has changed is asked once.
 */
export async function trespass(world: SeasonWorld, people: People, count: number): Promise<void> {
  const attempts: Attempt[] = [];
  let whole = false;
  for (let index = 0; index < count; index += 1) {
    const attempt = makeAttempt(world, people, index);
    if (attempt === null || !world.has(attempt.id)) continue;
    attempts.push(attempt);
    const often = WHOLE_DIGEST_EVERY * people.cities.length;
    whole = world.stream('trespass', index).below(often) === 0 || whole;
  }
  if (attempts.length === 0) return;
  const before = await stateOf(world, whole);
  const codes = await refusals(world, attempts);
  if (await isUnchanged(world, before)) return;
  const told = attempts.map((attempt, place) => ({ code: codes[place], ...attempt }));
  const whys = told.map(({ code, why }) => `${code} (${why})`).join(', ');
  throw new SeasonFailure(world, `a refusal has changed something: ${whys}`, told);
}

/** @returns by which code each was refused @throws SeasonFailure where one was not */
async function refusals(world: SeasonWorld, attempts: readonly Attempt[]): Promise<string[]> {
  const said: Outcome[] = [];
  const pieces = attempts.map(({ user, id, input }, place) => ({
    touches: [],
    does: async (desk: SeasonWorld) => {
      said[place] = await desk.ask(user, id, input);
    },
  }));
  await world.sideBySide(pieces);
  return said.map((outcome, place) => {
    if (!outcome.ok) return outcome.code;
    const attempt = attempts[place] as Attempt;
    throw new SeasonFailure(world, `not refused: ${attempt.why}`, attempt);
  });
}

/**
 * By which one tells whether anything was written. Nobody else acts meanwhile. Where PostgreSQL has
 * given no transaction a number, none has written anything; most refusals come before anything is
 * written. Only where it has are the light digests compared.
 */
interface State {
  /** Of every row; null: it is not looked at. */
  readonly whole: string | null;
  readonly light: string;
  /** The number that the next writing transaction gets. */
  readonly transaction: string;
}

async function stateOf(world: SeasonWorld, whole: boolean): Promise<State> {
  return {
    whole: whole ? await wholeDigest(world.database) : null,
    light: await lightDigest(world.database),
    transaction: await nextTransaction(world),
  };
}

async function isUnchanged(world: SeasonWorld, before: State): Promise<boolean> {
  if (before.whole !== null && before.whole !== (await wholeDigest(world.database))) return false;
  if (before.transaction === (await nextTransaction(world))) return true;
  return before.light === (await lightDigest(world.database));
}

async function nextTransaction(world: SeasonWorld): Promise<string> {
  const [row] = await world.query<{ next: string }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
  );
  return row?.next ?? '';
}

type Maker = (world: SeasonWorld, people: People, item: number) => Attempt | null;

function makeAttempt(world: SeasonWorld, people: People, item: number): Attempt | null {
  const maker = MAKERS[world.stream('attempt', item).below(MAKERS.length)] as Maker;
  return maker(world, people, item);
}

/** An act that somebody did, of those that match. */
function doneAct(
  world: SeasonWorld,
  item: number,
  matches: (act: DoneAct) => boolean,
): DoneAct | null {
  const acts = world.recent.filter(matches);
  return acts[world.stream('which', item).below(acts.length)] ?? null;
}

const MAKERS: readonly Maker[] = [
  // Another city's officer repeats what an officer did.
  (world, people, item) => {
    const act = doneAct(
      world,
      item,
      ({ user, input }) => user.startsWith('city-') && typeof input['city'] === 'string',
    );
    if (act === null) return null;
    const others = people.cities.filter(({ city }) => city !== act.input['city']);
    const other = others[world.stream('other', item).below(others.length)];
    if (other === undefined) return null;
    return { ...act, why: 'an officer of another city', user: other.officer };
  },
  // Another school reads a list that is not its own.
  (world, people, item) => {
    const ids = ['decide-files', 'submit-dispatch-list'];
    const act = doneAct(world, item, ({ id }) => ids.includes(id));
    const school = people.schools[world.stream('other', item).below(people.schools.length)];
    if (act === null || school === undefined || act.user.startsWith(school.leader)) return null;
    return { ...act, why: 'a school at a list of another one', user: school.leader };
  },
  // A school does what offices do.
  (world, people, item) => {
    const act = doneAct(world, item, ({ user }) => user.startsWith('city-'));
    const school = people.schools[world.stream('other', item).below(people.schools.length)];
    if (act === null || school === undefined) return null;
    const job = world.functionOf(act.id);
    if (job.sides.includes('school')) return null;
    return { ...act, why: 'a school at an office function', user: school.leader };
  },
  // An office does what schools do.
  (world, people, item) => {
    const act = doneAct(world, item, ({ user }) => user.startsWith('school-'));
    const place = people.cities[world.stream('other', item).below(people.cities.length)];
    if (act === null || place === undefined) return null;
    if (world.functionOf(act.id).sides.includes('office')) return null;
    return { ...act, why: 'an office at a school function', user: place.officer };
  },
  // A clerk submits for the team leader.
  (world, _people, item) => {
    const act = doneAct(world, item, ({ id }) => id === 'submit-dispatch-list');
    if (act === null) return null;
    return { ...act, why: 'a clerk in the place of the leader', user: `${act.user}-clerk` };
  },
  // What can be done once is done again.
  (world, _people, item) => {
    const once = ['submit-dispatch-list', 'close-batch', 'release-list', 'cancel-run'];
    const act = doneAct(world, item, ({ id, day }) => once.includes(id) && day === world.day);
    return act === null ? null : { ...act, why: 'a second time' };
  },
  // Long after its window.
  (world, _people, item) => {
    const ids = ['decide-files', 'submit-dispatch-list', 'release-list', 'open-round'];
    const act = doneAct(world, item, ({ id, day }) => ids.includes(id) && day < '2016-07-30');
    if (act === null || world.day < '2016-08-05') return null;
    return { ...act, why: 'after the window' };
  },
  // A property that the function does not have.
  (world, _people, item) => {
    const act = doneAct(world, item, () => true);
    if (act === null) return null;
    return { ...act, why: 'an unknown property', input: { ...act.input, bypass: true } };
  },
  // A candidate, a list, an application that nobody has.
  (_world, people, item) => {
    const city = people.cities[item % people.cities.length];
    const [id, input] = UNKNOWN[item % UNKNOWN.length] as (typeof UNKNOWN)[number];
    if (city === undefined) return null;
    const user = id.startsWith('apply') ? (people.schools[0]?.leader ?? '') : city.officer;
    return { why: 'about nothing', user, id, input: input(city.city) };
  },
  // Somebody who is no user.
  (world, _people, item) => {
    const act = doneAct(world, item, () => true);
    return act === null ? null : { ...act, why: 'no user at all', user: 'nobody-here' };
  },
  // A county's user dispatches.
  (world, people, item) => {
    const place = people.cities[world.stream('other', item).below(people.cities.length)];
    if (place?.county == null) return null;
    return {
      why: 'a county at the dispatch',
      user: place.county,
      id: 'dispatch-batch',
      input: { city: place.city, batch: 'vocational' },
    };
  },
];

const UNKNOWN = [
  ['recall-file', () => ({ candidate_no: '999999', reason: '没有这个人' })],
  ['hold-file', () => ({ candidate_no: '999999', reason: '没有这个人', until: '2016-12-01' })],
  ['review-withdrawal', () => ({ application: 999_999, verdict: 'approve' })],
  ['release-list', city => ({ city, list: 999_999 })],
  ['apply-withdrawal', () => ({ candidate_no: '999999' })],
] as const satisfies readonly (readonly [string, (city: string) => ActInput])[];

/**
 * The officer who has proposed it confirms it himself; as all are refused, side by side. Numbers of
 * proposals say who of several cities was faster; so they don't say whose proposals are the first.
 */
export async function confirmAlone(world: SeasonWorld): Promise<void> {
  const open = await world.query<{ proposal: number; function: string; proposed_by: string }>(
    `select proposal, function, proposed_by from proposals
     where season = $1 and state = 'open'
     order by proposed_at, city, proposal limit 3`,
    [SEASON],
  );
  const pieces = open.map(({ proposal, function: id, proposed_by: user }) => ({
    touches: [],
    does: async (desk: SeasonWorld) => {
      const said = await desk.ask(user, id, { confirm: proposal });
      if (said.ok) throw new SeasonFailure(desk, 'one person was two', { proposal, id, user });
    },
  }));
  await world.sideBySide(pieces);
}
