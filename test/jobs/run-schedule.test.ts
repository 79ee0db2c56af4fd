import t from 'tap';
import type { Database } from '../../db/connect.ts';
import {
  addDays,
  assertDate,
  dateRange,
  isDate,
  shanghaiDate,
  shanghaiInstant,
  tickOn,
} from '../../jobs/run/calendar.ts';
import { parseInstant, recordClock, runningClock } from '../../jobs/run/clock.ts';
import type { NightlyJob } from '../../jobs/run/job.ts';
import { type NightEnvironment, night } from '../../jobs/run/night.ts';
import { exitCodeOf, runJob } from '../../jobs/run/run.ts';
import { earlierDates, jobsOn, type Schedule } from '../../jobs/run/schedule.ts';
import { serve } from '../../jobs/run/serve.ts';
import { freshDatabase } from '../database.ts';
import { behave, effects, environment, prepare, tinyJob } from './tiny/job.ts';

const DATE = '2016-07-20';
const NIGHTLY = '30 19 * * *';

function schedule(jobs: readonly (readonly [string, string, readonly string[]])[]): Schedule {
  return {
    catchupWindowDays: 3,
    keepSeasons: 1,
    jobs: jobs.map(([job, cron, after]) => ({ job, cron, after, title: job, basis: 'sample' })),
  };
}

function nightly(
  database: Database,
  jobs: readonly NightlyJob[],
  plan: Schedule = schedule(jobs.map(job => [job.id, NIGHTLY, []])),
  changes: Partial<NightEnvironment> = {},
): NightEnvironment {
  const registry = new Map(jobs.map(job => [job.id, job]));
  return { ...environment(database), registry, schedule: plan, at: null, ...changes };
}

t.test('the business date is the Shanghai date, on both sides of its midnight', async t => {
  t.equal(shanghaiDate(new Date('2016-07-20T15:59:59.999Z')), '2016-07-20');
  t.equal(shanghaiDate(new Date('2016-07-20T16:00:00Z')), '2016-07-21');
  t.equal(shanghaiInstant('2016-07-21').toISOString(), '2016-07-20T16:00:00.000Z');
  // Northern summer time begins or ends on these days; in Shanghai nothing happens.
  for (const date of ['2016-03-13', '2016-03-27', '2016-10-30', '2016-11-06']) {
    t.equal(shanghaiDate(shanghaiInstant(date)), date);
    t.equal(shanghaiDate(shanghaiInstant(date, '23:59:59')), date);
  }
});

t.test('dates are counted over months, years and leap days', async t => {
  t.equal(addDays('2016-02-28', 1), '2016-02-29');
  t.equal(addDays('2017-01-01', -1), '2016-12-31');
  t.same(dateRange('2016-12-30', '2017-01-01'), ['2016-12-30', '2016-12-31', '2017-01-01']);
  t.same(dateRange('2016-07-21', '2016-07-20'), []);
  t.notOk(isDate('2015-02-29'));
  t.notOk(isDate('2016-7-20'));
  t.throws(() => assertDate('20160720'), { code: 'date-malformed', exitCode: 2 });
});

t.test('a cron line ticks on its days, at its Shanghai time', async t => {
  const tick = (line: string, date: string) => tickOn('j', line, date)?.toISOString();
  t.equal(tick(NIGHTLY, DATE), '2016-07-20T11:30:00.000Z');
  t.equal(tick('5 0 * * *', DATE), '2016-07-19T16:05:00.000Z');
  t.equal(tick('0 18 * * 1-5', '2016-07-22'), '2016-07-22T10:00:00.000Z');
  t.equal(tick('0 18 * * 1-5', '2016-07-23'), undefined, 'a Saturday');
  t.equal(tick('0 0 1 9 *', '2016-09-01'), '2016-08-31T16:00:00.000Z');
  t.equal(tick('0 0 1 9 *', '2016-08-31'), undefined);
  t.throws(() => tickOn('j', '61 * * * *', DATE), { code: 'schedule-bad-cron', exitCode: 3 });
});

t.test('the jobs of a date run by after, then by time, then as listed', async t => {
  const ids = ['publish', 'audit', 'dispatch', 'import', 'sweep'];
  const registry = new Map(ids.map(id => [id, tinyJob({ id })]));
  const plan = schedule([
    ['publish', NIGHTLY, ['audit']],
    ['audit', NIGHTLY, ['dispatch']],
    ['dispatch', NIGHTLY, ['import']],
    ['import', NIGHTLY, []],
    ['sweep', '5 0 * * *', []],
  ]);
  const order = jobsOn(plan, registry, DATE).map(entry => entry.job.id);
  t.same(order, ['sweep', 'import', 'dispatch', 'audit', 'publish']);
  t.throws(() => jobsOn(schedule([['sleep', NIGHTLY, []]]), registry, DATE), {
    code: 'schedule-unknown-job',
  });
});

t.test('missed dates come first, oldest first, within the catch-up window', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const around = nightly(database, [tinyJob()]);
  t.same((await night(around, '2016-07-14')).dates, ['2016-07-14'], 'nothing before the first');
  const later = await night(around, '2016-07-20');
  t.same(later.dates, ['2016-07-17', '2016-07-18', '2016-07-19', '2016-07-20']);
  t.same(
    later.runs.map(run => run.businessDate),
    ['2016-07-17', '2016-07-18', '2016-07-19', '2016-07-20'],
  );
  const again = await night(around, '2016-07-20');
  t.same(again.runs, [], 'nothing is due twice');
  t.equal(again.exitCode, 0);
  const until = await night(around, '2016-07-21', '2016-07-23');
  t.same(
    until.runs.map(run => run.businessDate),
    ['2016-07-21', '2016-07-22', '2016-07-23'],
  );
});

t.test('of a date that may have been missed all jobs are asked together, and once', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  let asking = 0;
  let most = 0;
  const asked: string[] = [];
  const watched = (id: string): NightlyJob => {
    const job = tinyJob({ id });
    const plan: NightlyJob['plan'] = async context => {
      asked.push(`${id} ${context.businessDate}`);
      asking += 1;
      most = Math.max(most, asking);
      try {
        return await job.plan(context);
      } finally {
        asking -= 1;
      }
    };
    return { ...job, plan };
  };
  const around = nightly(database, [watched('tiny'), watched('other')]);
  await night(around, '2016-07-19');
  t.equal(most, 1, 'of the date itself each is asked after what comes before it has run');
  asked.length = 0;
  const next = await night(around, '2016-07-20');
  t.equal(most, 2);
  t.same(asked, ['tiny 2016-07-19', 'other 2016-07-19', 'tiny 2016-07-20', 'other 2016-07-20']);
  t.same(next.dates, ['2016-07-19', '2016-07-20']);
  t.same(
    next.runs.map(run => run.businessDate),
    ['2016-07-20', '2016-07-20'],
  );
});

t.test('dates since the adoption of the policy count as missed before any run', async t => {
  const database = await freshDatabase(t);
  await prepare(database);
  await database.query(
    `insert into policy_bases
     values ($1, 2016, 1, '{}', '{}', '2016-07-18T16:30:00Z', 'province')`,
    ['0'.repeat(64)],
  );
  const around = nightly(database, [tinyJob()]);
  t.same(await earlierDates(around, around.schedule, '2016-07-20'), ['2016-07-19']);
});

t.test('one run per identity, whichever date asks for it', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const around = nightly(database, [tinyJob({ perDate: false })]);
  const report = await night(around, '2016-07-19', '2016-07-21');
  t.same(
    report.runs.map(run => run.businessDate),
    ['2016-07-19'],
  );
});

t.test('what fails for one city holds back its later jobs and no other city', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A', 'B', 'C']);
  await behave(database, 'B', 'fail');
  await behave(database, 'C', 'refuse');
  const first = { ...tinyJob({ id: 'first' }), lock: () => 'first' };
  const second: NightlyJob = {
    ...tinyJob({ id: 'second' }),
    execute: async () => ({ counts: {}, findings: [] }),
  };
  const last: NightlyJob = {
    ...second,
    id: 'last',
    plan: async () => [{}],
    identity: () => 'last',
  };
  const plan = schedule([
    ['first', NIGHTLY, []],
    ['second', NIGHTLY, ['first']],
    ['last', NIGHTLY, ['second']],
  ]);
  const around = nightly(database, [first, second, last], plan);
  const report = await night(around, DATE);
  t.same(
    report.runs.map(run => [run.identity, run.state]),
    [
      ['first|A|2016-07-20', 'completed'],
      ['first|B|2016-07-20', 'failed'],
      ['first|C|2016-07-20', 'refused'],
      ['second|A|2016-07-20', 'completed'],
      ['last', 'completed'],
    ],
  );
  t.same(
    report.heldBack.map(held => [held.identity, held.because]),
    [
      ['second|B|2016-07-20', 'first'],
      ['second|C|2016-07-20', 'first'],
    ],
  );
  t.equal(report.exitCode, 5, 'something can be resumed');
  await behave(database, 'B', '');
  const resumed = await night(around, '2016-07-21');
  const old = resumed.runs.filter(run => run.businessDate === DATE);
  t.same(
    old.map(run => [run.identity, run.state]),
    [
      ['first|B|2016-07-20', 'completed'],
      ['second|B|2016-07-20', 'completed'],
    ],
    'of the missed date the failed city is resumed; a refusal was its answer',
  );
});

t.test('by hand a refused city is tried again, by the clock it has had its answer', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  await behave(database, 'A', 'refuse');
  const around = nightly(database, [tinyJob()]);
  t.match(await night(around, DATE), { exitCode: 1, runs: [{ state: 'refused' }] });
  const evening = shanghaiInstant(DATE, '20:00:00');
  t.same((await night(around, DATE, undefined, evening)).runs, []);
  await behave(database, 'A', '');
  t.match(await night(around, DATE), { exitCode: 0, runs: [{ state: 'completed' }] });
});

t.test(
  'the clock runs only what has ticked, and gives a failing city up after a while',
  async t => {
    const database = await freshDatabase(t);
    await prepare(database, ['A']);
    await behave(database, 'A', 'fail');
    const around = nightly(database, [tinyJob()]);
    const at = (time: string) => night(around, DATE, undefined, shanghaiInstant(DATE, time));
    t.same((await at('19:29:59')).runs, []);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      t.match(await at('19:30:00'), { runs: [{ state: 'failed' }] });
    }
    t.same((await at('19:40:00')).runs, []);
  },
);

t.test(
  'serve runs what was missed at its start and what becomes due, until told to end',
  async t => {
    const database = await freshDatabase(t);
    await prepare(database, ['A']);
    await runJob(tinyJob(), { city: 'A' }, '2016-07-18', environment(database));
    const stop = new AbortController();
    let now = shanghaiInstant('2016-07-20', '19:29:00');
    const seen: string[] = [];
    const around = nightly(database, [tinyJob()]);
    await serve({
      ...around,
      schedule: async () => around.schedule,
      signal: stop.signal,
      now: () => now,
      heartbeatMs: 20,
      onNight: report => {
        seen.push(...report.runs.map(run => `${run.businessDate} ${run.state}`));
        if (seen.length === 1) now = shanghaiInstant('2016-07-21', '00:00:01');
        else stop.abort();
      },
    });
    t.same(seen, ['2016-07-19 completed', '2016-07-20 completed'], 'a late tick keeps its date');
  },
);

t.test('a database that is away does not end the scheduler', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  const stop = new AbortController();
  const around = nightly(database, [tinyJob()]);
  let looks = 0;
  await serve({
    ...around,
    schedule: async () => {
      looks += 1;
      if (looks === 1) throw new Error('connection refused');
      return around.schedule;
    },
    signal: stop.signal,
    heartbeatMs: 10,
    onNight: () => stop.abort(),
  });
  t.equal((await effects(database)).length, 3);
});

t.test('the clock is set in a sample database only, and it is recorded', async t => {
  const database = await freshDatabase(t);
  await prepare(database);
  const at = parseInstant('2016-07-20T19:30');
  t.equal(at.toISOString(), '2016-07-20T11:30:00.000Z');
  t.equal(parseInstant('2016-07-20T11:30:00Z').getTime(), at.getTime());
  t.equal(parseInstant('2016-07-20').toISOString(), '2016-07-19T16:00:00.000Z');
  t.throws(() => parseInstant('gestern'), { code: 'clock-malformed', exitCode: 2 });
  await recordClock(database, at);
  const [row] = await database.query<{ value: string }>(
    "select value from settings where key = 'clock'",
  );
  t.equal(row?.value, '2016-07-20T11:30:00.000Z');
  await database.query(
    `insert into imports (season, package_hash, synthetic, counts, imported_at, imported_by)
     values (2016, '', false, '{}', now(), 'province')`,
  );
  await t.rejects(recordClock(database, at), { code: 'clock-not-sample', exitCode: 4 });
  t.ok(runningClock(at)() >= at);
});

t.test('a finding makes a night end with 1', async t => {
  const database = await freshDatabase(t);
  await prepare(database, ['A']);
  await behave(database, 'A', 'find');
  const report = await night(nightly(database, [tinyJob()]), DATE);
  t.equal(report.exitCode, 1);
  t.equal(exitCodeOf(report.runs[0] as (typeof report.runs)[number]), 1);
});
