/** The mornings of officers and schools: declarations, and the night's lists released. */
import { policiesOfCities } from '../nightly/dispatch/policy.ts';
import type { Crew } from './crew.ts';
import { leaderOf, officerOf, secondOf } from './people.ts';

/**
 * Rule 10: nobody acts before having declared. Officers of all cities do, and the leaders of the
 * schools that have lists; clerks do not, and learn it from a refusal.
 */
export async function declare(crew: Crew): Promise<void> {
  const rows = await crew.query<{ city: string | null; school: string | null }>(
    `select code as city, null as school from regions where season = $1 and level = 'city'
     union select null, school from dispatch_lists where season = $1 order by 1, 2`,
  );
  const users = rows.flatMap(({ city, school }) =>
    city === null ? [leaderOf(school ?? '')] : [officerOf(city), secondOf(city)],
  );
  const declared = await crew.query<{ user: string }>(
    `select user_name as user from relative_declarations
     where season = $1 and user_name = any($2::text[]) and lifted_at is null`,
    [users],
  );
  const done = new Set(declared.map(row => row.user));
  await crew.each(
    '亲属申报',
    users.filter(user => !done.has(user)),
    user => crew.ask({ user, id: 'declare-relatives', input: { relatives: [] }, about: [user] }),
  );
}

/** The second officer of each city releases the audited run as a whole. */
export async function release(crew: Crew): Promise<void> {
  const runs = await crew.query<OpenedRound & { run: number; school: string }>(
    `select city, batch, round, run, min(school) as school from dispatch_lists
     where season = $1 and state = 'draft' group by city, batch, round, run
     order by city, batch, round, school`,
  );
  await crew.each('发档', runs, ({ city, batch, round, run, school }) =>
    crew.ask({
      user: secondOf(city),
      id: 'release-list',
      input: { run },
      about: [city, batch, round, school],
    }),
  );
}

/**
 * Where every list is done, the city opens the next round with the choices that are there; not on
 * the day after the dispatch, when schools may still think again.
 */
export async function openRounds(crew: Crew): Promise<void> {
  const done = await crew.query<{ city: string; batch: string; round: number }>(
    `select l.city, l.batch, max(l.round)::integer as round
     from dispatch_lists l join runs r on r.run = l.run
     where l.season = $1
     group by l.city, l.batch
     having bool_and(l.state in ('closed', 'cancelled')) and max(r.business_date) < $2::date - 1
       and not exists (select from rounds o where o.season = $1 and o.city = l.city
         and o.batch = l.batch and o.round > max(l.round))
     order by l.city, l.batch`,
    [crew.date],
  );
  await crew.each('开放下一轮', done, ({ city, batch, round }) =>
    crew.ask({
      user: officerOf(city),
      id: 'open-round',
      input: { city, batch, new_choices: false },
      about: [city, batch, round],
    }),
  );
}

interface OpenedRound {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
}

/** A new round of a batch that places by lot needs lots of its own: published, drawn by two. */
export async function drawSeeds(crew: Crew): Promise<void> {
  const opened = await crew.query<OpenedRound>(
    `select city, batch, round from rounds o where season = $1 and not exists (
       select from runs r where r.season = o.season and r.job = 'dispatch'
         and r.state = 'completed' and r.scope ->> 'city' = o.city
         and r.scope ->> 'batch' = o.batch and (r.scope ->> 'round')::smallint = o.round)
     order by city, batch`,
  );
  const policies = await crew.session(session =>
    policiesOfCities(session, crew.season, [...new Set(opened.map(row => row.city))]),
  );
  const unseeded = opened.filter(({ city, batch: id }) => {
    const batch = policies.get(city)?.batches.find(each => each.id === id);
    if (batch === undefined) return false;
    const { mode, ties, seed } = batch.dispatch;
    return (mode === 'lottery' || ties.ending === 'lottery') && (seed ?? '') === '';
  });
  await crew.each('派位种子', unseeded, place => drawSeed(crew, place));
}

async function drawSeed(crew: Crew, { city, batch, round }: OpenedRound): Promise<void> {
  const id = 'draw-seed';
  const about = [city, batch, round];
  const publish = { city, batch, publish: true };
  await crew.ask({ user: officerOf(city), id, input: publish, about: [...about, 'publish'] });
  const draw = { city, batch };
  await crew.ask({ user: officerOf(city), id, input: draw, about: [...about, 'propose'] });
  const [open] = await crew.query<{ proposal: number }>(
    `select proposal from proposals where season = $1 and function = $2 and state = 'open'
       and city = $3 order by proposal desc limit 1`,
    [id, city],
  );
  if (open === undefined) return;
  const input = { confirm: open.proposal };
  await crew.ask({ user: secondOf(city), id, input, about: [...about, 'confirm'] });
}
