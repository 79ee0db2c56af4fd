import t from 'tap';
import { barredLists } from '../../jobs/nightly/audit/release.ts';
import { auditJob } from '../../jobs/nightly/audit.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { type Province, province } from './audit-province.ts';
import { BATCH, DATE, SEASON, type Shape } from './audit-world.ts';

const FIRST_SEED = Number(process.env['SEED'] ?? 1);
const CLEAN_WORLDS = 200;

t.test('no property fires on two hundred random clean cities', async t => {
  const seeds = Array.from({ length: CLEAN_WORLDS }, (_, at) => FIRST_SEED + at);
  const { cases, run } = await province(t, seeds);
  let placed = 0;
  for (const [at, { city }] of cases.entries()) {
    const dispatched = await run(dispatchJob, city);
    if (dispatched.state !== 'completed')
      t.match(dispatched, { state: 'completed' }, `${seeds[at]}`);
    placed += dispatched.result?.counts['placed'] ?? 0;
    const audited = await run(auditJob, city);
    const told = { state: audited.state, findings: audited.result?.findings ?? audited.error };
    if (audited.state !== 'completed' || audited.result?.findings.length !== 0) {
      t.strictSame(told, { state: 'completed', findings: [] }, `seed ${seeds[at]}, ${city}`);
    }
  }
  t.ok(placed > 3 * CLEAN_WORLDS, `${placed} placed`);
});

const RELEASED: Shape = {
  candidates: 40,
  dispatch: {
    mode: 'score-first',
    bands: [],
    ties: { keys: [], ending: 'follow' },
    release: 'after-audit',
  },
};

const count = async ({ database }: Province, sql: string, ...values: unknown[]) => {
  const [row] = await database.query<{ count: number }>(`select count(*) ${sql}`, values);
  return row?.count ?? -1;
};

/**
 * Parts the schools of a city into two halves that no candidate's choices connect.
 *
 * @returns the codes of the first half
 */
async function partSchools({ database }: Province, city: string): Promise<string[]> {
  const rows = await database.query<{ school: string }>(
    'select distinct school from plan_lines where city = $1 order by school',
    [city],
  );
  const first = rows.slice(0, Math.floor(rows.length / 2)).map(row => row.school);
  await database.query(
    'delete from choices where city = $1 and (file % 2 = 0) = (school = any($2))',
    [city, first],
  );
  return first;
}

t.test('a finding keeps back the schools connected by choices, and lets the others go', async t => {
  const seeds = Array.from({ length: 12 }, (_, at) => FIRST_SEED + at);
  const made = await province(t, seeds, RELEASED);
  const { database, cases, run } = made;
  let tested = 0;
  for (const { city, planned } of cases) {
    if (planned.length < 4) continue;
    const half = await partSchools(made, city);
    const dispatched = await run(dispatchJob, city);
    const broken = await database.query<{ school: string }>(
      `update decisions d set score = score + 1 from school_outcomes o
       where d.run = $1 and o.run = $1 and o.school = d.school and d.file = (select min(file)
         from decisions where run = $1 and school = any($2) and score is not null)
       returning d.school`,
      [dispatched.run, half],
    );
    const other = await count(
      made,
      'from dispatch_lists where run = $1 and school <> all($2)',
      dispatched.run,
      half,
    );
    if (broken.length === 0 || other === 0) continue;
    const audited = await run(auditJob, city);
    // Its hash differs as well, which stops the whole city by findings.yaml; P3 alone would not.
    const finding = audited.result?.findings.find(one => one.property === 'P3');
    t.equal(finding?.stops, 'schools');
    t.ok(finding?.schools?.includes(broken[0]?.school ?? ''), 'the school shown');
    t.ok(
      finding?.schools?.every(school => half.includes(school)),
      'none of the other half',
    );
    tested += 1;
  }
  t.ok(tested > 0, `tested ${tested} times`);
});

t.test(
  'with release after-audit, what nothing bars is released with an event per file',
  async t => {
    const seeds = Array.from({ length: 6 }, (_, at) => FIRST_SEED + at);
    const made = await province(t, seeds, RELEASED);
    const { database, cases, run } = made;
    for (const { city } of cases) {
      const dispatched = await run(dispatchJob, city);
      const placed = dispatched.result?.counts['placed'] ?? 0;
      t.equal(await barredLists(database, SEASON, dispatched.run as number), null, 'no audit yet');
      const audited = await run(auditJob, city);
      t.strictSame(audited.result?.findings, [], city);
      t.equal(audited.result?.counts['filesReleased'], placed);
      t.equal(
        await count(
          made,
          "from dispatch_lists where run = $1 and state <> 'released'",
          dispatched.run,
        ),
        0,
      );
      t.equal(
        await count(made, "from files where city = $1 and state = 'reading' and list > 0", city),
        placed,
      );
      t.equal(
        await count(made, "from events where run = $1 and name = 'release-list'", audited.run),
        placed,
      );
      t.strictSame(await barredLists(database, SEASON, dispatched.run as number), {
        all: false,
        schools: new Set(),
      });
      const [row] = await database.query('select released from runs where run = $1', [
        dispatched.run,
      ]);
      t.strictSame(row, { released: true });
      // The chain and the fold still hold: the same properties, asked of what the release has left.
      await database.query("update runs set state = 'cancelled' where run = $1", [audited.run]);
      await database.query('delete from run_steps where run = $1', [audited.run]);
      t.strictSame((await run(auditJob, city)).result?.findings, [], 'after the release');
    }
  },
);

t.test('lists that a finding bars stay drafts while the others are released', async t => {
  const seeds = Array.from({ length: 12 }, (_, at) => FIRST_SEED + at);
  const made = await province(t, seeds, RELEASED);
  const { database, cases, run } = made;
  let tested = 0;
  for (const { city, planned } of cases) {
    if (planned.length < 4) continue;
    const half = await partSchools(made, city);
    const dispatched = await run(dispatchJob, city);
    const { run: number } = dispatched;
    const sent = (side: string) =>
      count(made, `from dispatch_lists where run = $1 and ${side}`, number, half);
    const broken = await database.query(
      `insert into senior_high_admissions select season, city, min(file), '4400001', true
       from decisions where run = $1 and school = any($2) group by season, city returning file`,
      [number, half],
    );
    if (broken.length === 0 || (await sent('school <> all($2)')) === 0) continue;
    const audited = await run(auditJob, city);
    t.strictSame(
      audited.result?.findings.map(one => one.property),
      ['P5'],
    );
    const barred = await barredLists(database, SEASON, number as number);
    t.equal(barred?.all, false);
    t.ok([...(barred?.schools ?? [])].every(school => half.includes(school)));
    t.equal(await sent("school <> all($2) and state <> 'released'"), 0, 'the others went on');
    t.ok((await sent("school = any($2) and state = 'draft'")) > 0, 'the barred are kept');
    const [row] = await database.query('select released from runs where run = $1', [number]);
    t.strictSame(row, { released: false });
    const stored = await database.query('select stops, about_run from findings where run = $1', [
      audited.run,
    ]);
    t.strictSame(stored, [{ stops: 'schools', about_run: number }]);
    tested += 1;
  }
  t.ok(tested > 0, `tested ${tested} times`);
});

t.test('an audit is due once for each completed dispatch of the date', async t => {
  const { database, cases, run } = await province(t, [FIRST_SEED, FIRST_SEED + 1]);
  const plan = () => auditJob.plan({ database, season: SEASON, businessDate: DATE });
  const [first, second] = cases.map(one => one.city) as [string, string];
  t.strictSame(await plan(), []);
  await run(dispatchJob, first);
  t.strictSame(await plan(), [{ city: first, batch: BATCH, round: 1 }]);
  t.equal((await run(auditJob, first, { dryRun: true })).state, 'dry-run');
  t.equal((await plan()).length, 1, 'a dry run audits nothing');
  t.equal((await run(auditJob, first)).state, 'completed');
  t.strictSame(await plan(), []);
  t.equal((await run(auditJob, first)).state, 'already-done');
  const early = await run(auditJob, second);
  t.match(early, { state: 'refused', error: { code: 'nothing-to-audit' } });
});
