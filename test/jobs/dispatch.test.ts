/** The dispatch job on a real database: what it reads, writes, refuses and keeps. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from 'json-rules-engine';
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { recompute } from '../../db/package/recompute.ts';
import { appendEvents } from '../../db/trail.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import { dispatchedRun, ensurePackage } from '../../jobs/nightly/dispatch/keep-package.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import type { RunReport } from '../../jobs/run/run.ts';
import {
  adopt,
  BATCH,
  DATE,
  policyFiles,
  SEASON,
  type SmallProvince,
  smallProvince,
  writtenRows,
} from './night-world.ts';

const CITY = '440400';
const SCOPE = { city: CITY, batch: BATCH, round: 1 };

function completed(t: Test, report: RunReport) {
  t.equal(report.state, 'completed', report.error?.message ?? '');
  return { run: report.run as number, result: report.result! };
}

async function count(database: Database, sql: string, values: unknown[] = []): Promise<number> {
  const [row] = await database.query<{ n: number }>(`select count(*) as n ${sql}`, values);
  return Number(row?.n);
}

t.test('a run writes each thing once, and its files alone give it again', async t => {
  const { database, home, run } = await smallProvince(t);
  const report = completed(t, await run(dispatchJob, SCOPE));
  const { counts, inputHash, resultHash } = report.result;
  const rows = await writtenRows(database);
  t.ok((counts['placed'] as number) > 20);
  t.equal(rows['decisions'], counts['participants']);
  t.equal(rows['list_items'], counts['placed']);
  t.equal(rows['events'], counts['placed']);
  t.equal(rows['dispatch_lists'], counts['lists']);
  t.equal(await count(database, `from files where state = 'dispatched'`), counts['placed']);
  const dir = join(home, 'packages', String(SEASON), `run-${report.run}`);
  const out = join(home, 'detail.csv');
  const policy = loadPolicy(readPolicyFolder(join(dir, 'policy'))).bundle!;
  const policyOf = (city: string) => effectivePolicy(policy, city);
  const again = await recompute(dir, policyOf, { out, random: () => 0.5 });
  t.equal(again.run?.inputHash, inputHash);
  t.equal(again.run?.resultHash, resultHash);
  const lines = (await readFile(out, 'utf8')).trimEnd().split('\n');
  t.equal(lines.length, rows['decisions']! + 1);
});

t.test('a second start of the same round changes nothing and gives the same answer', async t => {
  const { database, run } = await smallProvince(t);
  const first = completed(t, await run(dispatchJob, SCOPE));
  const before = await writtenRows(database);
  const second = await run(dispatchJob, SCOPE);
  t.equal(second.state, 'already-done');
  t.equal(second.run, first.run);
  t.same(await writtenRows(database), before);
});

t.test('a dry run writes nothing and tells the same result', async t => {
  const { database, run } = await smallProvince(t);
  const before = await writtenRows(database);
  const dry = await run(dispatchJob, SCOPE, { dryRun: true });
  t.equal(dry.state, 'dry-run', dry.error?.message ?? '');
  t.same(await writtenRows(database), before);
  t.equal(await count(database, 'from runs'), 0);
  const real = completed(t, await run(dispatchJob, SCOPE));
  t.equal(dry.result?.resultHash, real.result.resultHash);
  t.equal(dry.result?.inputHash, real.result.inputHash);
});

t.test('a city is the same alone as among others', async t => {
  const alone = await smallProvince(t, { cities: [CITY], candidates: 300 });
  const among = await smallProvince(t, { cities: [CITY], candidates: 300 });
  // Another city with everything of this one but its own code.
  for (const [table, columns] of CITY_TABLES) {
    await among.database.query(
      `insert into ${table} (city, ${columns}) select '999999', ${columns} from ${table}
       where city = $1`,
      [CITY],
    );
  }
  const one = completed(t, await alone.run(dispatchJob, SCOPE));
  const two = completed(t, await among.run(dispatchJob, SCOPE));
  t.equal(two.result.resultHash, one.result.resultHash);
  t.equal(two.result.inputHash, one.result.inputHash);
});

const CITY_TABLES = [
  ['plan_lines', 'season, school, major, batch, planned'],
  ['flexible_quotas', 'season, school, batch, places'],
  ['choices', 'season, batch, round, file, ordinal, school, majors, adjustment'],
] as const;

t.test('start rules refuse with their code and basis, and nothing changes', async t => {
  const { database, run } = await smallProvince(t);
  await database.query('update city_standings set senior_high_complete = false');
  const before = await writtenRows(database);
  const refused = await run(dispatchJob, SCOPE);
  t.equal(refused.state, 'refused');
  t.equal(refused.error?.exitCode, 4);
  t.match(refused.error?.code, /senior-high/);
  t.match(refused.error?.basis, /^n66/);
  t.match(refused.error?.message, /440400.*依据/);
  t.same(await writtenRows(database), before);
  await database.query('update city_standings set senior_high_complete = true');
  completed(t, await run(dispatchJob, SCOPE));
});

t.test('a round that is not open is refused; unknown cities and batches are named', async t => {
  const { run } = await smallProvince(t);
  t.equal((await run(dispatchJob, { ...SCOPE, round: 2 })).error?.code, 'round-not-open');
  t.equal((await run(dispatchJob, { ...SCOPE, city: '449999' })).error?.code, 'unknown-city');
  t.equal((await run(dispatchJob, { ...SCOPE, batch: 'nothing' })).error?.code, 'unknown-batch');
});

t.test('a rule changed in YAML alone changes who is placed', async t => {
  const strict = policyFiles((path, text) =>
    path === 'cities/440400.yaml' ? text.replace(/line: \d+/g, 'line: 400') : text,
  );
  const loose = policyFiles((path, text) =>
    path === 'cities/440400.yaml' ? text.replace(/line: \d+/g, 'line: 1') : text,
  );
  const placed: number[] = [];
  for (const files of [strict, loose]) {
    const { run } = await smallProvince(t, { files });
    placed.push(completed(t, await run(dispatchJob, SCOPE)).result.counts['placed'] as number);
  }
  t.ok(placed[0]! < placed[1]!, `${placed}`);
});

t.test('without the engine no rule decides: the run fails and nothing is written', async t => {
  const { database, run } = await smallProvince(t);
  const { run: real } = Engine.prototype;
  t.teardown(() => {
    Engine.prototype.run = real;
  });
  Engine.prototype.run = async () => ({ events: [], failureEvents: [] }) as never;
  const report = await run(dispatchJob, SCOPE);
  t.equal(report.state, 'failed');
  Engine.prototype.run = real;
  t.equal((await writtenRows(database))['decisions'], 0);
});

t.test('what changes between reading and writing stops the writing', async t => {
  const { database, run } = await smallProvince(t);
  const at = new Date('2016-07-20T19:30:00+08:00');
  const touch = () =>
    database.transaction(session =>
      appendEvents(session, SEASON, [
        { city: CITY, file: null, name: 'test', actor: 'someone', at, businessDate: DATE },
      ]),
    );
  // Between the last check and the write transaction.
  const waits: Promise<unknown>[] = [];
  const report = await run(dispatchJob, SCOPE, {
    failPoint: name => {
      if (name === 'dispatch.decided') waits.push(touch());
    },
    random: () => 0.25,
  });
  await Promise.all(waits);
  t.equal(report.state, 'failed');
  t.equal(report.error?.code, 'data-changed');
  t.equal((await writtenRows(database))['decisions'], 0);
  completed(t, await run(dispatchJob, SCOPE));
});

t.test('files that came back are dispatched again in the next round', async t => {
  const { database, run, environment } = await smallProvince(t);
  completed(t, await run(dispatchJob, SCOPE));
  await returnSome(database);
  await database.query(
    `insert into rounds (season, city, batch, round, opened_on, opened_by)
     values ($1, $2, $3, 2, '2016-07-21', 'city')`,
    [SEASON, CITY, BATCH],
  );
  const due = await dispatchJob.plan({ database, season: SEASON, businessDate: '2016-07-21' });
  t.same(due, [{ city: CITY, batch: BATCH, round: 2 }]);
  const before = await dispatchJob.plan({ database, season: SEASON, businessDate: '2016-07-20' });
  t.same(before, [], 'a round is none of a date before it was opened');
  const { result } = completed(t, await run(dispatchJob, due[0]!, environment));
  t.ok((result.counts['placed'] as number) > 0);
  const again = await count(
    database,
    `from files where state = 'dispatched' and returned_by is not null`,
  );
  t.ok(again > 0, 'some of those who came back are at another school');
  t.equal(
    await count(database, 'from files where state = $1 and school = any(returned_by)', [
      'dispatched',
    ]),
    0,
  );
});

/** Every third file goes back to the pool, remembered by its school. */
async function returnSome(database: Database): Promise<void> {
  await database.query(
    `update files set state = 'in-pool', returned_by = array[school], list = null
     where state = 'dispatched' and file % 3 = 0`,
  );
}

t.test('a package lost to a kill is made again, and only if it is the same', async t => {
  const province: SmallProvince = await smallProvince(t);
  const { database, home } = province;
  const { run } = completed(t, await province.run(dispatchJob, SCOPE));
  const ledger = (await dispatchedRun(database, run))!;
  const kept = await readFile(join(home, await ensurePackage(database, home, ledger), CHOICES));
  await rm(join(home, 'packages'), { recursive: true });
  const path = await ensurePackage(database, home, ledger);
  t.same(await readFile(join(home, path, CHOICES)), kept);
  await rm(join(home, 'packages'), { recursive: true });
  await database.query(`update candidates set total = total + 100 where total is not null`);
  await t.rejects(ensurePackage(database, home, ledger), { code: 'package-lost' });
});

const CHOICES = 'choices.csv.gz';

t.test('the plan follows batches, windows, closings and adopted policies', async t => {
  const { database } = await smallProvince(t, { cities: ['440400', '440600'], candidates: 100 });
  const plan = (businessDate: string) =>
    dispatchJob.plan({ database, season: SEASON, businessDate });
  t.same(await plan('2016-07-19'), []);
  t.same(
    (await plan(DATE)).map(scope => scope.city),
    ['440400', '440600'],
  );
  await database.query(
    `insert into batch_closings (season, city, batch, closed_on, closed_by)
     values ($1, '440600', $2, '2016-07-20', 'city')`,
    [SEASON, BATCH],
  );
  t.same(
    (await plan(DATE)).map(scope => scope.city),
    ['440400'],
  );
  await adopt(database, policyFiles());
});
