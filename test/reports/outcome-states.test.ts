/**
 * candidate-outcome for every state that a file of a lived season is in, by every event that has
 * brought one there: the page against a recount of its own from trail, decisions and choices.
 * States that no such season ends in are reached by acts.
 */
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { FILE_STATES } from '../../engine/file/states.ts';
import { findReport, withContent } from '../../reports/registry.ts';
import { isArray, type Row } from '../../reports/report.ts';
import { SEASON } from '../jobs/night-world.ts';
import { type LivedDay, livedSeasonUntil, livedWorld } from '../season/lived-season.ts';
import type { SeasonWorld } from '../season/season-world.ts';

t.setTimeout(600_000);

/** spec/file-life.md, written once more: what officers read, and what the sentence must say. */
const WORDS: Readonly<Record<string, readonly [string, RegExp]>> = {
  'in-pool': ['在库', /档案在库/u],
  'senior-high': ['普高已录', /已被普通高中录取/u],
  dispatched: ['已投待发', /等待招办发档；还不是录取/u],
  reading: ['院校在阅', /正在审阅；还不是录取/u],
  proposed: ['预录', /拟录取，等待确认/u],
  'return-proposed': ['预退', /拟退档，等待审核/u],
  'pending-review': ['拟录取待审', /等待本市招办审核/u],
  admitted: ['录取', /已被.*录取/u],
  registered: ['已注册', /已在.*注册。/u],
  filed: ['名册已备案', /名册已备案/u],
  held: ['挂起', /挂起/u],
  cancelled: ['已注销', /已注销/u],
};

interface Sampled {
  readonly no: string;
  readonly city: string;
  readonly file: number;
  readonly state: string;
  readonly event: string;
  readonly day: string;
  readonly school: string | null;
}

/** The first and the last candidate of each state and event, by the ends of their trails. */
async function sampled(database: Database): Promise<Sampled[]> {
  return database.query<Sampled>(
    `with moves as (
       select distinct on (city, file) city, file, name, to_state, business_date
       from events
       where season = ${SEASON} and file is not null
         and (from_state is null or from_state <> to_state
           or name in ('transfer', 'city-snapshot'))
       order by city, file, event desc),
     ranked as (
       select c.candidate_no as no, m.city, m.file, m.to_state as state, m.name as event,
         m.business_date::text as day,
         row_number() over (partition by m.to_state, m.name order by c.candidate_no) as low,
         row_number() over (partition by m.to_state, m.name order by c.candidate_no desc) as high
       from moves m
         join candidates c on c.season = ${SEASON} and c.city = m.city and c.file = m.file
       where c.candidate_no is not null)
     select no, r.city, r.file, r.state, event, day,
       case r.state
         when 'in-pool' then null when 'held' then null
         when 'senior-high' then (select school from senior_high_admissions h
           where h.season = ${SEASON} and h.city = r.city and h.file = r.file)
         else (select school from files f
           where f.season = ${SEASON} and f.city = r.city and f.file = r.file) end as school
     from ranked r where low = 1 or high = 1 order by state, event, no`,
  );
}

async function told(database: Database, day: string, { no, city }: Sampled) {
  const context = {
    ...{ database, season: SEASON, actor: `city-${city}`, unmasked: false },
    now: () => new Date(`${day}T12:00:00Z`),
  };
  const report = findReport('candidate-outcome');
  return withContent(report, context, { candidate_no: no }, async ({ content }) => {
    const rows = content.rows['choices'] ?? [];
    const figures = new Map(content.figures?.map(({ key, value }) => [key, value]));
    return { choices: isArray(rows) ? rows : [], figures };
  });
}

/** What every run has decided of every choice, from the tables; `run:ordinal:code`. */
async function decided(database: Database, { city, file }: Sampled): Promise<string[]> {
  const rows = await database.query<{ said: string }>(
    `select d.run || ':' || reason as said
     from decisions d join runs r on r.run = d.run and r.state = 'completed',
       string_to_table(d.reasons, ';') reason
     where d.season = ${SEASON} and d.city = $1 and d.file = $2 and d.reasons <> ''`,
    [city, file],
  );
  return rows.map(({ said }) => said).toSorted();
}

async function recounted(t: Test, database: Database, day: string, each: Sampled): Promise<void> {
  const about = `${each.state} by ${each.event}: ${each.no}`;
  const [title, sentence] = WORDS[each.state] ?? ['', /^$/u];
  const { choices, figures } = await told(database, day, each);
  t.equal(figures.get('state'), title, about);
  t.match(figures.get('sentence'), sentence, about);
  const [school] = await database.query<{ name: string }>(
    'select name from schools where code = $1',
    [each.school],
  );
  if (school === undefined) t.notOk(figures.has('school'), about);
  else {
    t.equal(figures.get('school'), `${school.name}（${each.school}）`, about);
    t.ok(String(figures.get('sentence')).includes(school.name), about);
  }
  const moved = String(figures.get('lastMove'));
  t.ok(moved.startsWith(`${each.day} `) && moved.includes(title), `${about}: ${moved}`);
  t.same(codesOf(choices), await decided(database, each), about);
  t.ok(
    choices.every(row => String(row['why']).length > 5 && String(row['result']) !== ''),
    about,
  );
}

function codesOf(choices: readonly Row[]): string[] {
  return choices.map(row => `${row['run']}:${row['ordinal']}:${row['code']}`).toSorted();
}

const seen = new Set<string>();

async function day(t: Test, until: LivedDay, act: (world: SeasonWorld) => Promise<void>) {
  const season = await livedSeasonUntil(t, until);
  const world = await livedWorld(season);
  const recount = async (these: readonly Sampled[]) => {
    for (const each of these) {
      seen.add(each.state);
      await recounted(t, season.database, until, each);
    }
  };
  // The acts may release the last list that has not been released yet.
  await recount((await sampled(season.database)).filter(({ state }) => state === 'dispatched'));
  await act(world);
  await recount(await sampled(season.database));
}

/** Of the files in a state, the first one's number, school and list. */
async function first(world: SeasonWorld, state: string) {
  const [row] = await world.query<{ no: string; school: string; city: string; list: number }>(
    `select c.candidate_no as no, f.school, f.city, f.list from files f
       join candidates c using (season, city, file)
     where f.state = $1 and c.candidate_no is not null and f.open_applications = 0
     order by c.candidate_no limit 1`,
    [state],
  );
  return row;
}

async function acted(t: Test, world: SeasonWorld, user: string, id: string, input: object) {
  const outcome = await world.ask(user, id, { ...input });
  t.ok(outcome.ok, `${id}: ${JSON.stringify(outcome)}`);
}

t.test('in the first round, with files on their way and before the schools', async t => {
  await day(t, '2016-07-24', async world => {
    world.at = '2016-07-25T10:00';
    const pool = await first(world, 'in-pool');
    await acted(t, world, `city-${pool?.city}`, 'hold-file', {
      ...{ candidate_no: pool?.no, reason: '体检复查', until: '2016-08-10' },
    });
    await decidedInPart(t, world);
    await entered(t, world);
  });
});

/** Lists that are released now: of one a file is proposed, of one to go back, one is read. */
async function decidedInPart(t: Test, world: SeasonWorld): Promise<void> {
  const lists = await world.query<{ city: string; list: number; school: string; no: string }>(
    `select l.city, l.list, l.school, min(c.candidate_no) as no from dispatch_lists l
       join files f on f.city = l.city and f.list = l.list
       join candidates c on c.season = f.season and c.city = f.city and c.file = f.file
     where l.state = 'draft' and f.state = 'dispatched' and f.major is not null
     group by 1, 2, 3 order by 1, 2 limit 3`,
  );
  t.equal(lists.length, 3);
  for (const [at, { city, list, school, no }] of lists.entries()) {
    const decision = [{ decision: 'admit' }, { decision: 'return', reason: 'health' }][at];
    await acted(t, world, `city-${city}-2`, 'release-list', { city, list });
    if (decision === undefined) continue;
    const about = { city, list, candidates: [no], ...decision };
    await acted(t, world, `school-${school}`, 'decide-files', about);
  }
}

/**
 * Entered by a school and not reviewed: phase 2 alone has that state, whose own tests are elsewhere
 * (test/acts/admission.test.ts); here the file is put there, with the event that would do it.
 */
async function entered(t: Test, world: SeasonWorld): Promise<void> {
  const put = await world.query(
    `with chosen as (
       select c.season, c.city, c.file, (select min(code) from schools
         where kind = 'vocational') as school
       from candidates c where c.candidate_no is not null and not exists (
         select from files f where f.city = c.city and f.file = c.file)
       order by c.candidate_no limit 1),
     placed as (
       insert into files (season, city, file, state, school, phase, event)
       select season, city, file, 'pending-review', school, 'phase-2', 0 from chosen)
     insert into events (season, city, event, file, name, from_state, to_state, school, actor, at,
       business_date, decision)
     select m.season, m.city, (select max(event) + 1 from events e where e.city = m.city), m.file,
       'enter', 'in-pool', 'pending-review', m.school, 'school', now(), '2016-07-25',
       'admit-from-pool' from chosen m returning file`,
  );
  t.equal(put.length, 1);
}

t.test('in September, with students and rosters', async t => {
  await day(t, '2016-09-08', async world => {
    world.at = '2016-09-08T16:00';
    const registered = await first(world, 'registered');
    if (registered === undefined) return;
    await acted(t, world, `school-${registered.school}`, 'cancel-registered', {
      ...{ candidate_no: registered.no, reason: '自愿放弃' },
    });
  });
});

t.test('every state has been asked for, but of whom nobody can ask by number', t => {
  const missing = FILE_STATES.filter(state => !seen.has(state) && state !== 'unnumbered');
  t.same(missing, []);
  t.end();
});
