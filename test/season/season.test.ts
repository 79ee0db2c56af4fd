/**
 * A tiny season, lived in full at its turns (lived-season.ts) with its properties checked after
 * every day. The whole of it, and many seeds, are `npm run season` and `npm run season:campaign`.
 */
import t from 'tap';
import { importJob } from '../../jobs/nightly/import.ts';
import { sweepJob } from '../../jobs/nightly/sweep.ts';
import { runJob } from '../../jobs/run/run.ts';
import { checksOf, LIVED_SEED, livedSeason, livedWorld } from './lived-season.ts';
import { SEASON } from './season-world.ts';

t.setTimeout(600_000);

t.test(`a season of seed ${LIVED_SEED} keeps every property on every day`, async t => {
  const season = await livedSeason(t);
  const world = await livedWorld(season);
  t.ok((await checksOf(season)) > 20, 'cities were checked');
  const names = await world.query<{ name: string }>('select distinct name from events');
  const lived = new Set(names.map(({ name }) => name));
  for (const name of ['dispatch', 'release-list', 'approve-admission', 'register', 'revert']) {
    t.ok(lived.has(name), `${name} has happened`);
  }
  t.ok([...world.refused.values()].length > 5, 'people were refused');
});

t.test('what is completed together is what each run would have answered', async t => {
  const season = await livedSeason(t);
  const world = await livedWorld(season);
  const cities = await world.query<{ city: string }>(
    `select code as city from regions where season = $1 and level = 'city' order by code`,
    [SEASON],
  );
  const date = '2016-11-12';
  world.at = `${date}T21:00`;
  for (const job of [sweepJob, importJob]) {
    const { home, database } = season;
    const place = { database, season: SEASON, businessDate: date, home, random: () => 0.5 };
    const quiet = await database.transaction(session =>
      (job.quiet as NonNullable<typeof job.quiet>)({ session, ...place }, cities),
    );
    t.ok(quiet.scopes.length > 0, `${job.id}: some are quiet`);
    for (const { scope, outcome } of quiet.scopes) {
      const run = await runJob(job, scope, date, world.environment({ dryRun: true }));
      const { counts, findings } = run.result ?? {};
      t.same({ counts: outcome.counts, findings: outcome.findings }, { counts, findings });
    }
  }
});
