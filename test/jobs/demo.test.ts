/**
 * The demo's days: what the sample's scripted people do between two nights, as processes, killed in
 * the middle of a day, and never anywhere but in a sample.
 */
import { pino } from 'pino';
import t from 'tap';
import { liveDay } from '../../jobs/demo/day.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { freshDatabase } from '../database.ts';
import { type Ended, type Place, start, startedPlace } from './first-start.ts';
import { SEASON } from './night-world.ts';

/** What a start that came to its end said, as JSON. */
const said = ({ end, out, errors }: Ended) => {
  if (end !== 0 && end !== 1) throw new Error(`ended with ${end}: ${errors}`);
  return JSON.parse(out);
};

/** Everything that people and nights have decided. */
async function endState({ database }: Place) {
  const rows = (sql: string) => database.query(sql);
  return {
    acts: await rows(
      // Each database hashes what is a person's own with its own key, and numbers its runs.
      `select identity, business_date::text as date,
         request - array['personal', 'run', 'confirm', 'correction'] as request,
         result -> 'counts' as counts
       from runs where on_demand and state = 'completed' order by identity collate "C"`,
    ),
    files: await rows('select * from files order by city collate "C", file'),
    lists: await rows(
      `select city, list, round, school, state, sent from dispatch_lists
       order by city collate "C", list`,
    ),
    events: await rows(
      `select city, event, file, name, school, major, actor, at from events
       order by city collate "C", event`,
    ),
    rounds: await rows('select * from rounds order by city collate "C", batch, round'),
  };
}

t.test('three starts show what follows a night, and a kill changes nothing', async t => {
  const calm = await startedPlace(t);
  t.match(said(calm.first), { date: '2016-07-20', day: null });
  const second = said(await start(calm));
  t.match(second, { date: '2016-07-21' });
  const { lists, admitted, returned, refused } = second.day;
  t.ok(lists > 50 && admitted > 50 && returned > 0, 'lists released, decided and returned');
  t.equal(refused, 5, 'whoever tried what he may not was refused, and nobody else');
  const { day, runs } = said(await start(calm));
  t.ok(day.registered > 0 && day.rounds > 0, 'registrations, and a second round is opened');
  type Run = { job: string; scope: { round?: number }; state: string; businessDate: string };
  const dispatched = (runs as Run[]).filter(run => run.job === 'dispatch');
  t.ok(dispatched.length > 0, 'which the night dispatches');
  for (const run of dispatched) {
    t.match(run, { scope: { round: 2 }, state: 'completed', businessDate: '2016-07-22' });
  }
  const findings = await calm.database.query('select property from findings');
  t.match(findings, [{ property: 'score-correction' }], 'and a finding');

  const killed = await startedPlace(t);
  t.equal((await start(killed, 'act-recorded:250')).end, 'SIGKILL');
  t.match(said(await start(killed)), { date: '2016-07-21' }, 'the day is lived to its end');
  t.equal((await start(killed, 'act-worked:40')).end, 'SIGKILL');
  t.match(said(await start(killed)), { date: '2016-07-22' });
  t.same(await endState(killed), await endState(calm));
});

t.test('in a database that is no sample nobody is scripted', async t => {
  const database = await freshDatabase(t);
  await database.query('insert into seasons (season) values ($1)', [SEASON]);
  await database.query(
    `insert into imports (season, package_hash, synthetic, counts, imported_at, imported_by)
     values ($1, 'real', false, '{}', now(), 'province')`,
    [SEASON],
  );
  const lived = await liveDay(
    {
      database,
      season: SEASON,
      actor: 'schedule',
      home: t.testdir(),
      log: pino({ level: 'silent' }),
      progress: SILENT,
      dryRun: false,
      now: () => new Date(),
      random: () => 0.5,
      failPoint: () => {},
    },
    '2016-07-21',
  );
  t.equal(lived, null);
  t.same(await database.query('select run from runs'), []);
});
