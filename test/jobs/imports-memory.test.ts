/** Imports with a memory: a city's senior-high admissions and other packages, from the inbox. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { writePackage } from '../../db/package/write.ts';
import { lockChain, verifyChain } from '../../db/trail.ts';
import { importJob } from '../../jobs/nightly/import.ts';
import { shanghaiInstant } from '../../jobs/run/calendar.ts';
import { FAIL_POINTS } from '../../jobs/run/fail-points.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../jobs/run/run.ts';
import { SEASON, type SmallProvince, smallProvince } from './night-world.ts';

const CITY = '440400';
const OTHER = '440600';

interface Table {
  readonly name: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface ImportWorld extends SmallProvince {
  /** Candidates of CITY in the pool. */
  readonly pool: readonly string[];
  /** A senior high. */
  readonly seniorHigh: readonly string[];
  arrive(date: string, tables: readonly Table[], done?: boolean): Promise<string>;
  take(date: string, more?: Partial<RunEnvironment>): Promise<RunReport>;
  state(candidate: string): Promise<string>;
}

async function importWorld(t: Test): Promise<ImportWorld> {
  const province = await smallProvince(t, { cities: [CITY, OTHER], candidates: 60 });
  const { database, home } = province;
  const schools = await database.query<{ code: string }>(
    `select code from schools where kind = 'senior-high' order by code`,
  );
  return {
    ...province,
    pool: await poolOf(province, CITY),
    seniorHigh: schools.map(school => school.code),
    arrive: async (date, tables, done = true) => {
      const folder = join(home, 'inbox', CITY, 'import', date);
      await mkdir(join(folder, '..'), { recursive: true });
      const files = tables.map(({ name, header, rows }) => ({
        name,
        header,
        rows: () => [Buffer.from(rows.map(row => `${row.join(',')}\n`).join(''))],
      }));
      await writePackage(folder, files, { name: 'test', synthetic: true, season: SEASON });
      if (done) await writeFile(join(folder, '.done'), '');
      return folder;
    },
    take: (date, more = {}) => {
      const now = () => shanghaiInstant(date, '19:30:00');
      const environment = { ...province.environment, now, ...more };
      return runJob(importJob, { city: CITY }, date, environment);
    },
    state: async candidate => {
      const [row] = await database.query<{ state: string }>(
        `select coalesce(f.state, 'in-pool') as state from candidate_numbers n
           left join files f using (season, city, file) where n.candidate_no = $1`,
        [candidate],
      );
      return row?.state ?? 'none';
    },
  };
}

async function poolOf({ database }: SmallProvince, city: string): Promise<string[]> {
  const rows = await database.query<{ number: string }>(
    `select candidate_no as number from candidates c
     where city = $1 and not exists (select from files f where f.file = c.file) order by file`,
    [city],
  );
  return rows.map(row => row.number);
}

function seniorHigh(rows: readonly (readonly string[])[], identity = false): Table {
  const header = ['candidate_no', 'school', ...(identity ? ['identity_no'] : [])];
  return { name: 'senior-high.csv', header, rows };
}

function done(t: Test, report: RunReport) {
  t.equal(report.state, 'completed', report.error?.message ?? '');
  const { counts = {}, findings = [] } = report.result ?? {};
  return { counts, findings, properties: findings.map(finding => finding.property) };
}

async function arrivals({ database }: SmallProvince) {
  return database.query<{ fate: string; errors: number; conflicts: number; late: boolean }>(
    'select fate, errors, conflicts, late from inbox_arrivals order by run, package_date',
  );
}

t.test('a city’s senior-high admissions take their candidates out of the pool', async t => {
  const world = await importWorld(t);
  const { database, pool, seniorHigh: schools } = world;
  const [first, second, third] = pool as [string, string, string];
  const [school, another] = schools as [string, string];
  await database.query('update city_standings set senior_high_complete = false');
  await world.arrive('2016-07-15', [
    seniorHigh([
      [first, school],
      [second, school],
    ]),
  ]);
  const report = await world.take('2016-07-15');
  t.match(done(t, report).counts, { packages: 1, rejected: 0 });
  t.equal(await world.state(first), 'senior-high');
  const events = await database.query(
    `select name, from_state, to_state from events where city = $1 and name = 'senior-high-import'
       and run = $2`,
    [CITY, report.run],
  );
  t.same(
    events,
    Array(2).fill({ name: 'senior-high-import', from_state: 'in-pool', to_state: 'senior-high' }),
  );
  const late = () =>
    database.query<{ late: boolean }>(
      `select late from senior_high_admissions s join candidate_numbers n using (season, city, file)
       where n.candidate_no = any($1) order by file`,
      [[first, second, third]],
    );
  t.same(await late(), [{ late: false }, { late: false }]);
  const [since] = await database.query<{ since: string }>(
    `select since::text from files f join candidate_numbers n using (season, city, file)
     where n.candidate_no = $1`,
    [first],
  );
  t.equal(since?.since, '2016-07-15');
  // After the deadline of the policy: accepted, and marked.
  await world.arrive('2016-07-16', [seniorHigh([[third, school]])]);
  t.ok(done(t, await world.take('2016-07-16')).properties.includes('senior-high-late'));
  t.same(await late(), [{ late: false }, { late: false }, { late: true }]);
  // Another senior high is an edit of the row, and no second event of the state.
  await world.arrive('2016-07-17', [seniorHigh([[first, another]])]);
  const edited = await world.take('2016-07-17');
  done(t, edited);
  const names = await database.query<{ name: string }>(
    `select name from events where city = $1 and run = $2 and file is not null`,
    [CITY, edited.run],
  );
  t.same(names, [{ name: 'import' }]);
  const { fault } = await database.session(session => verifyChain(session, SEASON, CITY));
  t.equal(fault ?? null, null);
});

t.test('the same content again is unchanged: no event of a file, and no new row', async t => {
  const world = await importWorld(t);
  const { database, pool, seniorHigh: schools } = world;
  const table = seniorHigh([[pool[0] as string, schools[0] as string]]);
  await world.arrive('2016-07-15', [table]);
  done(t, await world.take('2016-07-15'));
  const before = await database.query('select * from files order by city, file');
  await world.arrive('2016-07-16', [table]);
  const again = await world.take('2016-07-16');
  t.match(done(t, again).counts, { packages: 1 });
  t.same(await database.query('select * from files order by city, file'), before);
  const events = await database.query('select from events where run = $1 and file is not null', [
    again.run,
  ]);
  t.equal(events.length, 0);
  t.match(await arrivals(world), [{ fate: 'accepted' }, { fate: 'unchanged' }]);
});

t.test(
  'whom a senior high gave up, the same list does not take again, but another one does',
  async t => {
    const world = await importWorld(t);
    const { database, pool, seniorHigh: schools } = world;
    const [candidate] = pool as [string];
    await world.arrive('2016-07-15', [seniorHigh([[candidate, schools[0] as string]])]);
    done(t, await world.take('2016-07-15'));
    await database.query(
      `update files f set state = 'in-pool' from candidate_numbers n
     where n.file = f.file and n.candidate_no = $1`,
      [candidate],
    );
    await world.arrive('2016-07-16', [seniorHigh([[candidate, schools[0] as string]])]);
    done(t, await world.take('2016-07-16'));
    t.equal(await world.state(candidate), 'in-pool');
    await world.arrive('2016-07-17', [seniorHigh([[candidate, schools[1] as string]])]);
    done(t, await world.take('2016-07-17'));
    t.equal(await world.state(candidate), 'senior-high');
  },
);

t.test('a candidate who is at a school is a conflict, listed and left alone', async t => {
  const world = await importWorld(t);
  const { database, pool, seniorHigh: schools } = world;
  const [atSchool, held, free, asking] = pool as [string, string, string, string];
  for (const [candidate, state] of [
    [atSchool, 'reading'],
    [held, 'held'],
  ]) {
    await database.query(
      `insert into files (season, city, file, state, event)
       select season, city, file, $2, 0 from candidate_numbers where candidate_no = $1`,
      [candidate, state],
    );
  }
  await database.query(
    `insert into files (season, city, file, state, open_applications, event)
     select season, city, file, 'in-pool', 1, 0 from candidate_numbers where candidate_no = $1`,
    [asking],
  );
  const rows = [atSchool, held, free, asking].map(candidate => [candidate, schools[0] as string]);
  await world.arrive('2016-07-15', [seniorHigh(rows)]);
  const { findings } = done(t, await world.take('2016-07-15'));
  const conflict = findings.find(finding => finding.property === 'import-conflict');
  t.equal(conflict?.rowCount, 3);
  t.same(
    conflict?.rows.map(row => row['candidateNo']),
    [atSchool, held, asking],
  );
  t.equal(await world.state(asking), 'in-pool', 'an application for a place is open');
  t.equal(await world.state(atSchool), 'reading');
  t.equal(await world.state(held), 'held');
  t.equal(await world.state(free), 'senior-high');
  t.match(await arrivals(world), [{ fate: 'accepted', conflicts: 3 }]);
});

t.test(
  'unmatched rows and another’s identity number are reported, and nothing is taken',
  async t => {
    const world = await importWorld(t);
    const { pool, seniorHigh: schools, home } = world;
    const [school] = schools as [string];
    const rows = [
      [pool[0] as string, school, ''],
      ['99999999999999', school, ''],
      [pool[1] as string, school, '440101199901011234'],
    ];
    await world.arrive('2016-07-15', [seniorHigh(rows, true)]);
    const { properties } = done(t, await world.take('2016-07-15'));
    t.same(properties, ['import-rejected']);
    const folder = join(home, 'rejected', CITY, 'import', '2016-07-15');
    const rejects = await readFile(join(folder, 'rejects.csv'), 'utf8');
    t.match(rejects, /unknown-candidate/);
    t.match(rejects, /identity-differs/);
    t.equal(await world.state(pool[0] as string), 'in-pool');
    t.match(await arrivals(world), [{ fate: 'rejected', errors: 2 }]);
  },
);

t.test('a city sends its own rows only', async t => {
  const world = await importWorld(t);
  const { database, home, seniorHigh: schools } = world;
  const [foreign] = await poolOf(world, OTHER);
  const [line] = await database.query<{ school: string; major: string; batch: string }>(
    'select school, major, batch from plan_lines where city = $1 order by school, major limit 1',
    [OTHER],
  );
  const [away] = await database.query<{ code: string; name: string }>(
    "select code, name from schools where region like '4406%' order by code limit 1",
  );
  const plan = [line?.school, line?.major, OTHER, line?.batch, '99'].map(String);
  await world.arrive('2016-07-15', [
    seniorHigh([[foreign as string, schools[0] as string]]),
    { name: 'plans.csv', header: ['school', 'major', 'region', 'batch', 'planned'], rows: [plan] },
    {
      name: 'regions.csv',
      header: ['code', 'name', 'parent', 'level'],
      rows: [['440499', '某区', CITY, 'county']],
    },
    {
      name: 'majors.csv',
      header: ['code', 'name', 'school', 'articulated', 'college'],
      rows: [['99', '新专业', String(away?.code), 'no', '']],
    },
  ]);
  const before = await database.query('select * from plan_lines order by 1, 2, 3, 4, 5');
  const { properties, findings } = done(t, await world.take('2016-07-15'));
  t.same(properties, ['import-rejected']);
  t.equal(findings[0]?.rowCount, 4);
  const folder = join(home, 'rejected', CITY, 'import', '2016-07-15');
  const rejects = await readFile(join(folder, 'rejects.csv'), 'utf8');
  for (const table of ['senior-high', 'plans', 'regions', 'majors']) {
    t.match(rejects, new RegExp(`${table}.*foreign-city`, 's'));
  }
  t.same(await database.query('select * from plan_lines order by 1, 2, 3, 4, 5'), before);
  const own = await database.query<{
    school: string;
    major: string;
    batch: string;
    planned: number;
  }>('select school, major, batch, planned from plan_lines where city = $1 order by 1, 2 limit 1', [
    CITY,
  ]);
  const mine = [own[0]?.school, own[0]?.major, CITY, own[0]?.batch, '77'].map(String);
  await world.arrive('2016-07-16', [
    { name: 'plans.csv', header: ['school', 'major', 'region', 'batch', 'planned'], rows: [mine] },
  ]);
  t.match(done(t, await world.take('2016-07-16')).counts, { packages: 1, rejected: 0 });
});

t.test(
  'a folder that is being written is not touched, and a second one for the date is kept',
  async t => {
    const world = await importWorld(t);
    const { home, pool, seniorHigh: schools } = world;
    const row = (at: number) => [pool[at] as string, schools[0] as string];
    const waiting = await world.arrive('2016-07-15', [seniorHigh([row(0)])], false);
    const names = await readdir(waiting);
    t.match(done(t, await world.take('2016-07-15')).counts, { packages: 0 });
    t.same(await readdir(waiting), names);
    await writeFile(join(waiting, '.done'), '');
    done(t, await world.take('2016-07-16'));
    t.notOk(existsSync(waiting));
    await world.arrive('2016-07-15', [seniorHigh([row(1)])]);
    done(t, await world.take('2016-07-17'));
    const kept = await readdir(join(home, 'archive', CITY, 'import'));
    t.same(kept.toSorted(), ['2016-07-15', '2016-07-15-2']);
    t.same(
      (await arrivals(world)).map(arrival => arrival.late),
      [true, true],
    );
  },
);

t.test('what an act has not committed yet, the import waits for', async t => {
  const world = await importWorld(t);
  const { database, pool, seniorHigh: schools } = world;
  const [candidate] = pool as [string];
  await world.arrive('2016-07-15', [seniorHigh([[candidate, schools[0] as string]])]);
  let commit = () => {};
  const committed = new Promise<void>(resolve => {
    commit = resolve;
  });
  let begun = () => {};
  const hasBegun = new Promise<void>(resolve => {
    begun = resolve;
  });
  const act = database.transaction(async session => {
    await lockChain(session, SEASON, CITY);
    await session.query(
      `insert into files (season, city, file, state, school, event)
       select season, city, file, 'reading', '4404001', 0 from candidate_numbers
       where candidate_no = $1`,
      [candidate],
    );
    begun();
    await committed;
  });
  await hasBegun;
  const taking = world.take('2016-07-15');
  for (;;) {
    const waits = await database.query(
      `select from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and not l.granted and a.datname = current_database()`,
    );
    if (waits.length > 0) break;
  }
  commit();
  await act;
  t.ok(done(t, await taking).properties.includes('import-conflict'));
  t.equal(await world.state(candidate), 'reading');
});

/** All that two ways to the same end have in common. */
async function endOf({ database }: SmallProvince): Promise<unknown> {
  const [row] = await database.query<{ all: unknown }>(
    `select jsonb_build_object(
       'events', (select jsonb_agg((to_jsonb(e) - 'run' - 'policy' - 'note')
          order by city, event) from events e),
       'files', (select jsonb_agg(to_jsonb(f) order by city, file) from files f),
       'taken', (select jsonb_agg(to_jsonb(s) order by city, file) from senior_high_admissions s),
       'arrivals', (select jsonb_agg(to_jsonb(a) - 'run' order by package_date)
          from inbox_arrivals a),
       'result', (select jsonb_agg(jsonb_build_array(identity, result -> 'counts'))
          from runs where state = 'completed' and job = 'import')) as all`,
  );
  return row?.all;
}

async function arrived(t: Test): Promise<ImportWorld> {
  const world = await importWorld(t);
  const rows = world.pool.slice(0, 3).map(candidate => [candidate, world.seniorHigh[0] as string]);
  await world.arrive('2016-07-14', [seniorHigh(rows)]);
  await world.arrive('2016-07-15', [seniorHigh([['1', world.seniorHigh[0] as string]])]);
  return world;
}

t.test('killed at each fail point and started again, the end is the same', async t => {
  const undisturbed = await arrived(t);
  done(t, await undisturbed.take('2016-07-15'));
  const expected = await endOf(undisturbed);
  const points = Object.keys(FAIL_POINTS).filter(name => !/\.|^act-/.test(name));
  const passed = new Set<string>();
  for (const point of points) {
    const world = await arrived(t);
    // The second step takes the first package.
    let left = /^step-/.test(point) ? 2 : 1;
    const failPoint = (name: string) => {
      if (name !== point) return;
      left -= 1;
      if (left > 0) return;
      passed.add(name);
      throw new Error(`killed at ${name}`);
    };
    await world.take('2016-07-15', { failPoint }).catch(() => {});
    const report = await world.take('2016-07-15');
    t.ok(['completed', 'already-done'].includes(report.state), `${point}: ${report.state}`);
    t.same(await endOf(world), expected, point);
    t.same(await readdir(join(world.home, 'archive', CITY, 'import')), ['2016-07-14']);
    t.same(await readdir(join(world.home, 'rejected', CITY, 'import')), ['2016-07-15']);
  }
  t.same([...passed], points);
});
