/** Cities with nothing to do, completed together: what each keeps of a run, and leaves. */
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { checkFences, raiseFence, raiseFences } from '../../jobs/run/fence.ts';
import type { NightlyJob, Scope } from '../../jobs/run/job.ts';
import { recentRuns } from '../../jobs/run/ledger.ts';
import { takeLock } from '../../jobs/run/lock.ts';
import { LockKeeper } from '../../jobs/run/lock-keeper.ts';
import { night } from '../../jobs/run/night.ts';
import { completeQuiet } from '../../jobs/run/quiet.ts';
import { freshDatabase } from '../database.ts';
import { behave, effects, environment, prepare, tinyJob } from './tiny/job.ts';

const DATE = '2016-07-20';
const WAIT = { milliseconds: 0 };

/** The tiny job; cities behave: quiet ones have nothing to do, `break` breaks the look itself. */
function quietJob(look: (database: Database) => Promise<void> = async () => {}): NightlyJob {
  return {
    ...tinyJob(),
    quiet: async ({ session }, scopes) => {
      const rows = await session.query<{ city: string; behaviour: string }>(
        'select city, behaviour from tiny_cities',
      );
      await look(session as unknown as Database);
      const behaviourOf = new Map(rows.map(row => [row.city, row.behaviour]));
      const cities = scopes.filter(({ city }) => behaviourOf.get(city as string) === 'quiet');
      if ([...behaviourOf.values()].includes('break')) throw new Error('looked in vain');
      const evidence: string[] = [];
      return {
        step: 'three',
        scopes: cities.map(scope => ({ scope, outcome: { counts: { seen: 1 }, findings: [] } })),
        evidence: async (inside, runOf) => {
          for (const scope of cities) evidence.push(`${scope.city} ${runOf(scope) > 0}`);
          await inside.query(
            "insert into tiny_effects select unnest($1::text[]), 'evidence', now()",
            [evidence],
          );
        },
      };
    },
  };
}

async function world(t: Test, cities: Readonly<Record<string, string>>): Promise<Database> {
  const database = await freshDatabase(t);
  await prepare(database, Object.keys(cities));
  for (const [city, behaviour] of Object.entries(cities)) await behave(database, city, behaviour);
  return database;
}

function aNight(database: Database, job: NightlyJob) {
  const entry = { job: job.id, title: '', cron: '30 19 * * *', after: [], basis: 'sample' };
  const schedule = { catchupWindowDays: 3, keepSeasons: 1, jobs: [entry] };
  const registry = new Map([[job.id, job]]);
  return night({ ...environment(database), registry, schedule, at: null }, DATE);
}

async function ledger(database: Database) {
  const rows = await recentRuns(database, { limit: 100 });
  return rows.map(row => `${row.identity} ${row.state} ${row.attempt}`).toSorted();
}

t.test('quiet cities are completed together, the others run, and all stand alike', async t => {
  const database = await world(t, { A: 'quiet', B: '', C: 'quiet', D: 'fail' });
  const report = await aNight(database, quietJob());
  t.same(
    report.runs.map(run => `${run.identity} ${run.state}`),
    ['A completed', 'B completed', 'C completed', 'D failed'].map(each =>
      each.replace(/^(.)/u, `tiny|$1|${DATE}`),
    ),
  );
  t.same(await ledger(database), [
    `tiny|A|${DATE} completed 1`,
    `tiny|B|${DATE} completed 1`,
    `tiny|C|${DATE} completed 1`,
    `tiny|D|${DATE} failed 1`,
  ]);
  const [row] = await database.query<{
    fence: string;
    steps: string;
    counts: object;
    own: boolean;
  }>(
    `select r.fence::text as fence, s.step as steps, r.result -> 'counts' as counts,
       r.result ->> 'run' = r.run::text as own
     from runs r join run_steps s on s.run = r.run where r.identity like 'tiny|C|%'`,
  );
  t.same(row, { fence: '1', steps: 'three', counts: { seen: 1 }, own: true });
  t.ok((await effects(database)).includes('A true evidence'), 'and with its evidence');
  t.same(
    (await aNight(database, quietJob())).runs.map(run => run.identity),
    [`tiny|D|${DATE}`],
  );
});

t.test('what only reads and is never quiet is run while the others are looked at', async t => {
  const states: string[] = [];
  for (const citiesAtOnce of [1, 2]) {
    const database = await world(t, { A: 'quiet', B: '', C: 'quiet', D: '' });
    let begun: string[] = [];
    const look = async () => {
      // Both wait for the other: apart, the look would wait in vain.
      for (let tries = 0; tries < 40 && begun.length === 0; tries += 1) {
        begun = await effects(database);
        await new Promise(resolve => setTimeout(resolve, 50));
        if (citiesAtOnce === 1) break;
      }
    };
    const job = { ...quietJob(look), readsOnly: true as const };
    const report = await aNight(database, {
      ...job,
      atOnce: citiesAtOnce,
      neverQuiet: ({ city }: Scope) => city === 'D',
    });
    states.push(report.runs.map(run => `${run.scope.city} ${run.state}`).join());
    t.equal(begun.length > 0, citiesAtOnce > 1, `${citiesAtOnce} at once`);
    t.ok(
      begun.every(effect => effect.startsWith('D|')),
      'and nobody else',
    );
  }
  t.same(states, Array(2).fill('A completed,B completed,C completed,D completed'));
});

t.test('where the look fails, what was run beside it stands', async t => {
  const database = await world(t, { A: 'break', B: '', C: 'quiet', D: '' });
  const job = { ...quietJob(), readsOnly: true as const, atOnce: 2 };
  const report = await aNight(database, { ...job, neverQuiet: ({ city }: Scope) => city === 'D' });
  t.same(
    report.runs.map(run => `${run.scope.city} ${run.state}`),
    ['A completed', 'B completed', 'C completed', 'D completed'],
  );
  t.equal((await ledger(database)).length, 4, 'each once');
});

t.test('what was tried before is run by itself, however quiet it is now', async t => {
  const database = await world(t, { A: 'fail', B: 'quiet', C: 'quiet' });
  await aNight(database, quietJob());
  await behave(database, 'A', 'quiet');
  await aNight(database, quietJob());
  t.ok((await ledger(database)).includes(`tiny|A|${DATE} completed 2`));
  t.ok((await effects(database)).includes(`A|${DATE} one`), 'it did its steps');
});

t.test('a city that another process holds is left to it', async t => {
  const database = await world(t, { A: 'quiet', B: 'quiet', C: 'quiet' });
  const lock = await takeLock(database.url, 'tiny|B', WAIT);
  t.teardown(() => lock?.release());
  const locks = new LockKeeper(database.url);
  t.teardown(() => locks.close());
  const scopes = ['A', 'B', 'C'].map(city => ({
    scope: { city } as Scope,
    identity: `tiny|${city}|${DATE}`,
  }));
  const done = await completeQuiet({ ...environment(database), locks }, quietJob(), DATE, scopes);
  t.same(
    done.map(({ scope }) => scope.city),
    ['A', 'C'],
  );
  const again = await takeLock(database.url, 'tiny|A', WAIT);
  t.ok(again, 'its own locks are free again');
  await again?.release();
});

t.test('where looking fails, each is run by itself and nothing is half done', async t => {
  const database = await world(t, { A: 'quiet', B: 'break', C: 'quiet' });
  const report = await aNight(database, quietJob());
  t.same([...new Set(report.runs.map(run => run.state))], ['completed']);
  t.notOk((await effects(database)).some(each => each.endsWith('evidence')));
  t.equal((await ledger(database)).length, 3);
});

t.test('one that was overtaken while it looked completes nothing', async t => {
  const database = await world(t, { A: 'quiet', B: 'quiet' });
  const locks = new LockKeeper(database.url);
  t.teardown(() => locks.close());
  const scopes = ['A', 'B'].map(city => ({
    scope: { city } as Scope,
    identity: `tiny|${city}|${DATE}`,
  }));
  let overtaken = false;
  // Its connection is lost before it looks: the locks are free, and the transaction must not hold.
  const lose = async () => {
    overtaken = true;
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'zhongzhao lock' and datname = current_database()`,
    );
    await new Promise(resolve => setTimeout(resolve, 100));
  };
  const job = quietJob(lose);
  const done = await completeQuiet({ ...environment(database), locks }, job, DATE, scopes);
  t.ok(overtaken);
  t.same(done, []);
  t.same(await ledger(database), []);
});

t.test('fences are raised and checked together, and one that is past refuses', async t => {
  const database = await world(t, {});
  const mine = await raiseFences(database, ['x', 'y']);
  t.same(
    mine,
    new Map([
      ['x', 1],
      ['y', 1],
    ]),
  );
  await t.resolves(database.transaction(session => checkFences(session, mine)));
  t.equal(await raiseFence(database, 'y'), 2);
  const check = database.transaction(session => checkFences(session, mine));
  await t.rejects(check, { code: 'fenced' });
});

t.test('a keeper gives a lock to one at a time, and to another process after its end', async t => {
  const database = await world(t, {});
  const keeper = new LockKeeper(database.url);
  const first = await keeper.take('x', WAIT);
  t.equal(first?.held(), true);
  t.equal(await keeper.take('x', WAIT), undefined, 'not a second time');
  t.equal(await takeLock(database.url, 'x', WAIT), undefined);
  const group = await keeper.takeFree(['x', 'y', 'z']);
  t.same([...group.names].toSorted(), ['y', 'z']);
  await first?.release();
  t.equal(first?.held(), false);
  const second = await keeper.take('x', WAIT);
  t.equal(second?.held(), true, 'free again');
  await keeper.close();
  const other = await takeLock(database.url, 'y', WAIT);
  t.ok(other, 'an end frees all');
  await other?.release();
});

t.test('a keeper whose connection is lost holds nothing, and takes a new one', async t => {
  const database = await world(t, {});
  const keeper = new LockKeeper(database.url);
  t.teardown(() => keeper.close());
  const lock = await keeper.take('x', WAIT);
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'zhongzhao lock' and datname = current_database()`,
  );
  const other = await takeLock(database.url, 'x', { milliseconds: 5_000 });
  t.ok(other, 'the lock is free');
  t.equal(lock?.held(), false);
  await other?.release();
  await lock?.release();
  t.ok(await keeper.take('x', WAIT));
});
