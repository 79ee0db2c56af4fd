import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { writePackage } from '../../db/package/write.ts';
import { adoptPolicy } from '../../db/policies.ts';
import { loadSample } from '../../db/sample/load.ts';
import { bundleOf } from '../../jobs/cli/policy.ts';
import { importJob } from '../../jobs/nightly/import.ts';
import { publishJob } from '../../jobs/nightly/publish.ts';
import { failPoints } from '../../jobs/run/fail-points.ts';
import { exitCodeOf, runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';
import { environment, tinyJob } from './tiny/job.ts';

const DATE = '2016-07-20';
const CITY = '440100';
const POLICY = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');

async function province(t: Test): Promise<{ database: Database; home: string }> {
  const database = await freshDatabase(t);
  const at = new Date('2016-07-20T00:00:00Z');
  const bundle = bundleOf(POLICY);
  const overlays = [...bundle.overlays.values()];
  const by = { actor: 'province', at };
  await database.transaction(session =>
    adoptPolicy(session, { ...bundle, ...bundle.base, overlays }, by),
  );
  const size = { seed: 1, candidates: 60, cities: [CITY] };
  await loadSample(database, { ...size, actor: 'province', at, businessDate: DATE });
  return { database, home: t.testdir() };
}

/** Puts a package into the inbox: one more major school, or whatever the header and row say. */
async function arrive(
  home: string,
  date: string,
  row: string,
  done = true,
  synthetic = true,
): Promise<string> {
  const folder = join(home, 'inbox', CITY, 'import', date);
  await mkdir(join(folder, '..'), { recursive: true });
  const header = 'candidate_no,feature,evidence,confirmed_by';
  const rows = () => [Buffer.from(`${row}\n`)];
  const files = [{ name: 'preferences.csv', header: header.split(','), rows }];
  await writePackage(folder, files, { name: 'test', synthetic, season: 2016 });
  if (done) await writeFile(join(folder, '.done'), '');
  return folder;
}

async function someCandidate(database: Database): Promise<string> {
  const [row] = await database.query<{ number: string }>(
    `select candidate_no as number from candidates c where city = $1 and not exists
       (select from preferences p where p.file = c.file) order by file limit 1`,
    [CITY],
  );
  return row?.number ?? '';
}

t.test('the import checks count a city, and find nothing where all is there', async t => {
  const { database, home } = await province(t);
  const planned = await importJob.plan({ database, season: 2016, businessDate: DATE });
  t.same(planned, [{ city: CITY }]);
  const report = await runJob(importJob, { city: CITY }, DATE, environment(database, { home }));
  t.match(report, { state: 'completed', result: { findings: [] } });
  t.match(report.result?.counts, { candidates: 60, packages: 0, rejected: 0 });
});

t.test('a city that has not finished its senior-high import is found', async t => {
  const { database, home } = await province(t);
  await database.query('update city_standings set senior_high_complete = false');
  await database.query('delete from choices');
  await database.query('update senior_high_admissions set late = true');
  const report = await runJob(importJob, { city: CITY }, DATE, environment(database, { home }));
  t.same(
    report.result?.findings.map(finding => finding.property),
    ['senior-high-incomplete', 'no-choices', 'senior-high-late'],
  );
  t.equal(exitCodeOf(report), 1);
  const before = await runJob(importJob, { city: CITY }, '2016-07-19', environment(database));
  t.same(
    before.result?.findings.map(finding => finding.property),
    ['senior-high-late'],
    'before the window nobody waits for the city',
  );
});

t.test('a package is taken when .done lies there, and moved to the archive', async t => {
  const { database, home } = await province(t);
  const candidate = await someCandidate(database);
  const waiting = await arrive(home, '2016-07-18', `${candidate},minority,x,city-440100`, false);
  const taken = await arrive(home, '2016-07-19', `${candidate},minority,x,city-440100`);
  const report = await runJob(importJob, { city: CITY }, DATE, environment(database, { home }));
  t.equal(report.state, 'completed', report.error?.message ?? '');
  t.same(
    report.result?.findings.map(finding => finding.property),
    ['import-late'],
  );
  t.match(report.result?.counts, { packages: 1, rejected: 0 });
  t.ok(existsSync(waiting));
  t.notOk(existsSync(taken));
  t.ok(existsSync(join(home, 'archive', CITY, 'import', '2016-07-19', 'datapackage.json')));
  const rows = await database.query("select from preferences where feature = 'minority'");
  t.ok(rows.length > 0);
  const events = await database.query<{ decision: string }>(
    'select distinct decision from events where run = $1',
    [report.run],
  );
  t.same(events, [{ decision: 'import' }], 'no event of it is without what decided it (P8)');
});

t.test(
  'a package with faults goes to rejected, with its rejects.csv, and nothing of it',
  async t => {
    const { database, home } = await province(t);
    const before = await database.query('select count(*) from preferences');
    await arrive(home, DATE, '44000000000000,minority,x,city-440100');
    const report = await runJob(importJob, { city: CITY }, DATE, environment(database, { home }));
    t.match(report, { state: 'completed', result: { counts: { rejected: 1, packages: 0 } } });
    t.match(report.result?.findings, [{ property: 'import-rejected', severity: 'error' }]);
    const folder = join(home, 'rejected', CITY, 'import', DATE);
    t.match(await readFile(join(folder, 'rejects.csv'), 'utf8'), /preferences\.csv/);
    t.same(await database.query('select count(*) from preferences'), before);
  },
);

t.test('a package that is not marked synthetic is refused in a sample database', async t => {
  const { database, home } = await province(t);
  const candidate = await someCandidate(database);
  await arrive(home, DATE, `${candidate},minority,x,city-440100`, true, false);
  const report = await runJob(importJob, { city: CITY }, DATE, environment(database, { home }));
  t.equal(report.state, 'completed', 'the run is not to blame');
  t.match(report.result?.findings, [{ property: 'import-rejected', sentence: /未导入：/ }]);
});

t.test('stopped between the commit and the move, the next attempt moves and tells', async t => {
  const { database, home } = await province(t);
  const candidate = await someCandidate(database);
  await arrive(home, DATE, `${candidate},minority,x,city-440100`);
  const die = failPoints('step-committed:2', () => {
    throw new Error('killed');
  });
  const around = environment(database, { home, failPoint: die });
  t.equal((await runJob(importJob, { city: CITY }, DATE, around)).state, 'failed');
  const report = await runJob(importJob, { city: CITY }, DATE, environment(database, { home }));
  t.match(report, { state: 'completed', result: { counts: { packages: 1 } } });
  t.same(await readdir(join(home, 'archive', CITY, 'import')), [DATE]);
  t.equal((await database.query('select from imports where run is not null')).length, 1);
});

t.test('a publication is due once per state of the night, and again after a change', async t => {
  const { database, home } = await province(t);
  const context = { database, season: 2016, businessDate: DATE };
  t.same(await publishJob.plan(context), [], 'nothing has run');
  await runJob(importJob, { city: CITY }, DATE, environment(database, { home }));
  t.same(await publishJob.plan(context), [{ edition: 1 }]);
  const around = environment(database, { home });
  const report = await runJob(publishJob, { edition: 1 }, DATE, around);
  t.equal(report.state, 'completed', report.error?.message ?? '');
  t.ok(report.result?.files.every(file => existsSync(join(home, file))));
  t.same(await publishJob.plan(context), [{ edition: 1 }], 'publishing is no news');
  const refused = tinyJob({ id: 'refused' });
  await database.query('create table tiny_cities (city text, behaviour text)');
  await database.query("insert into tiny_cities values ('B', 'refuse')");
  await database.query('create table tiny_effects (identity text, step text, at timestamptz)');
  for (let time = 1; time <= 2; time += 1) {
    t.equal((await runJob(refused, { city: 'B' }, DATE, around)).state, 'refused');
    t.same(await publishJob.plan(context), [{ edition: 2 }], 'a refusal is news once');
  }
});
