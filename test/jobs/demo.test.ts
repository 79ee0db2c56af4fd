/**
 * The demo's days: what the sample's scripted people do between two nights, as processes, killed in
 * the middle of a day, and never anywhere but in a sample.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { liveDay } from '../../jobs/demo/day.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { freshDatabase } from '../database.ts';
import { SEASON } from './night-world.ts';

const CLI = join(import.meta.dirname, '..', '..', 'jobs', 'cli.ts');
/** About six hundred candidates: every city has some, and a night is short. */
const SCALE = '0.0005';

interface Place {
  readonly database: Database;
  readonly home: string;
}

/** `npm start` once. @returns its exit code or signal, and what it said */
async function start(place: Place, failPoint = '') {
  const { ZHONGZHAO_FAIL_POINT: _, ...environment } = process.env;
  const child = spawn(process.execPath, [CLI, 'start', '--scale', SCALE, '--json'], {
    env: {
      ...environment,
      NODE_OPTIONS: '',
      DATABASE_URL: place.database.url,
      ZHONGZHAO_HOME: place.home,
      ...(failPoint === '' ? {} : { ZHONGZHAO_FAIL_POINT: failPoint }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', bytes => {
    out += bytes;
  });
  child.stderr.on('data', bytes => {
    errors += bytes;
  });
  const [code, signal] = await once(child, 'close');
  const end = (code as number | null) ?? (signal as string);
  return { end, errors, said: typeof end === 'number' && end < 2 ? JSON.parse(out) : null };
}

async function newPlace(t: Test, name: string): Promise<Place> {
  return { database: await freshDatabase(t), home: join(t.testdir(), name) };
}

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
  const calm = await newPlace(t, 'calm');
  const first = await start(calm);
  t.match(first.said, { date: '2016-07-20', day: null }, first.errors);
  const second = await start(calm);
  t.match(second.said, { date: '2016-07-21' }, second.errors);
  const { lists, admitted, returned, refused } = second.said.day;
  t.ok(lists > 50 && admitted > 50 && returned > 0, 'lists released, decided and returned');
  t.equal(refused, 5, 'whoever tried what he may not was refused, and nobody else');
  const third = await start(calm);
  const { day, runs } = third.said;
  t.ok(day.registered > 0 && day.rounds > 0, 'registrations, and a second round is opened');
  type Run = { job: string; scope: { round?: number }; state: string; businessDate: string };
  const dispatched = (runs as Run[]).filter(run => run.job === 'dispatch');
  t.ok(dispatched.length > 0, 'which the night dispatches');
  for (const run of dispatched) {
    t.match(run, { scope: { round: 2 }, state: 'completed', businessDate: '2016-07-22' });
  }
  const findings = await calm.database.query('select property from findings');
  t.match(findings, [{ property: 'score-correction' }], 'and a finding');

  const killed = await newPlace(t, 'killed');
  t.match((await start(killed)).said, { date: '2016-07-20' });
  t.equal((await start(killed, 'act-recorded:250')).end, 'SIGKILL');
  t.match((await start(killed)).said, { date: '2016-07-21' }, 'the day is lived to its end');
  t.equal((await start(killed, 'act-worked:40')).end, 'SIGKILL');
  t.match((await start(killed)).said, { date: '2016-07-22' });
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
