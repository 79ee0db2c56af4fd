import t from 'tap';
import { recountChoices } from '../../db/season/choice-counts.ts';
import { appendEvents } from '../../db/trail.ts';
import { barredLists } from '../../jobs/nightly/audit/release.ts';
import { auditJob } from '../../jobs/nightly/audit.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { type Province, province } from './audit-province.ts';
import { BATCH, DATE, SEASON, type Shape } from './audit-world.ts';

const FIRST_SEED = Number(process.env['SEED'] ?? 1);
/** Cities of each kind; more of them in `npm run audit:campaign`. */
const CITIES = Math.ceil(Number(process.env['AUDIT_CITIES'] ?? 40) / 8);
const seedsOf = (count: number) => Array.from({ length: count }, (_, at) => FIRST_SEED + at);
const SEEDS = seedsOf(CITIES);

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
  await database.transaction(session => recountChoices(session, SEASON, { cities: [city] }));
  return first;
}

t.test('a finding keeps back the schools connected by choices, and lets the others go', async t => {
  const made = await province(t, SEEDS, RELEASED);
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
    const made = await province(t, SEEDS, RELEASED);
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
  const made = await province(t, SEEDS, RELEASED);
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

/** The schools return every third file that they read, and the city approves. */
async function returnFiles({ database }: Province, city: string): Promise<number> {
  return database.transaction(async session => {
    const read = await session.query<{ file: number; school: string; list: number }>(
      `select file, school, list from files
       where city = $1 and state = 'reading' and list > 0 and file % 3 = 0 order by file`,
      [city],
    );
    const act = (name: string, from: string, to: string) =>
      read.map(({ file, school, list }) => {
        const when = { at: new Date('2016-07-20T20:00:00Z'), businessDate: DATE };
        return { city, file, name, from, to, school, list, batch: BATCH, actor: 'school', ...when };
      });
    const numbers = await appendEvents(session, SEASON, [
      ...act('propose-return', 'reading', 'return-proposed'),
      ...act('approve-return', 'return-proposed', 'in-pool'),
    ]);
    for (const [at, { file, school }] of read.entries()) {
      await session.query(
        `update files set state = 'in-pool', school = null, major = null, batch = null, list = null,
           returned_by = array_append(returned_by, $3), event = $4 where city = $1 and file = $2`,
        [city, file, school, numbers[read.length + at]],
      );
    }
    await session.query(
      `insert into rounds (season, city, batch, round, opened_on, opened_by)
       values ($1, $2, $3, 2, $4, 'city')`,
      [SEASON, city, BATCH, DATE],
    );
    return read.length;
  });
}

t.test(
  'a second round is clean too, and the first one still is when it is audited late',
  async t => {
    const made = await province(t, SEEDS, { candidates: 40, dispatch: { release: 'after-audit' } });
    const { database, cases, run } = made;
    let returned = 0;
    let placed = 0;
    for (const { city } of cases) {
      await run(dispatchJob, city);
      const first = await run(auditJob, city);
      returned += await returnFiles(made, city);
      const second = await run(dispatchJob, city, {}, { round: 2 });
      placed += second.result?.counts['placed'] ?? 0;
      const audited = await run(auditJob, city, {}, { round: 2 });
      t.strictSame(audited.result?.findings ?? audited.error, [], `${city}, round 2`);
      await database.query("update runs set state = 'cancelled' where run = $1", [first.run]);
      await database.query('delete from run_steps where run = $1', [first.run]);
      const late = await run(auditJob, city);
      t.strictSame(late.result?.findings ?? late.error, [], `${city}, round 1 once more`);
    }
    t.ok(returned > 10, `${returned} returned`);
    t.ok(placed > 5, `${placed} placed in the second round`);
  },
);

t.test('a run for one school is clean, and is audited beside that of the others', async t => {
  const made = await province(t, seedsOf(2 * CITIES));
  let placed = 0;
  let passed = 0;
  for (const { city, planned } of made.cases) {
    const school = planned.at(-1);
    if (school === undefined) continue;
    for (const scope of [{ school }, {}]) {
      const dispatched = await made.run(dispatchJob, city, {}, scope);
      if (scope.school !== undefined) placed += dispatched.result?.counts['placed'] ?? 0;
      const audited = await made.run(auditJob, city, {}, scope);
      t.strictSame(audited.result?.findings ?? audited.error, [], `${city} ${scope.school}`);
      passed += await count(
        made,
        "from decisions where run = $1 and reasons like '%earlier-choice-open%'",
        dispatched.run,
      );
    }
  }
  t.ok(placed > 5, `${placed} placed`);
  t.ok(passed > 5, `${passed} passed over`);
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
