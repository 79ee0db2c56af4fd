/**
 * `npm run bench:reports`: how long every report of the registry takes at the stress size – 1.3
 * million candidates with 8 choices – from its parameters to its last row, read as a user with the
 * parameters that such a user gives. The province is dispatched by the night, and its lists are
 * then released, decided, reviewed and registered set-wise, so that files are in every state.
 *
 * `-- --candidates N` for another size; `--keep DIR` makes the province in DIR and finds it there
 * the next time; `--only ID,ID` measures some; `--repeat N` (3), the median is printed, and beside
 * it the processor time, which other work on the machine stretches less.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';
import { connect, type Database } from '../../db/connect.ts';
import { ensureServer } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { findReport, reports, withContent } from '../../reports/registry.ts';
import { chunksOf } from '../../reports/report.ts';
import { BATCH, DATE, prepareProvince, SEASON } from './stress.ts';

const run = promisify(execFile);
const TODAY = '2016-09-08';
const CITY_COUNT = 22;
/** Linux counts a process's time in hundredths of a second. */
const TICK_MS = 10;
const BARS = { candidate: 50, query: 2000 } as const;

const { values } = parseArgs({
  options: {
    candidates: { type: 'string', default: '1300000' },
    keep: { type: 'string' },
    only: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    xlsx: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const repeats = Number(values.repeat);
const wanted = values.only?.split(',') ?? null;

/** What the weeks after a night leave: each list in a state of its own, its files accordingly. */
const LIVED: readonly string[] = [
  `update dispatch_lists set state = case
     when abs(hashtext(school)) % 100 < 10 then 'draft'
     when abs(hashtext(school)) % 100 < 20 then 'released'
     when abs(hashtext(school)) % 100 < 25 then 'submitted' else 'closed' end`,
  `update files f set since = '${DATE}'::date + (f.file % 40), phase = 'phase-1', state = case
     when l.state = 'draft' then 'dispatched'
     when l.state = 'released' then (array['reading', 'proposed', 'reading'])[1 + f.file % 3]
     when l.state = 'submitted' then (array['proposed', 'return-proposed'])[1 + f.file % 2]
     when f.file % 20 < 4 then 'admitted'
     when f.file % 20 < 18 then 'registered' else 'filed' end
   from dispatch_lists l where l.season = f.season and l.city = f.city and l.list = f.list`,
  `update files f set letter = n.letter from (
     select city, file, row_number() over (partition by school order by city, file)::integer
       as letter from files where state in ('admitted', 'registered', 'filed')) n
   where f.city = n.city and f.file = n.file`,
  // What the trail knows of it, without its hashes: nobody folds it here.
  `insert into events (season, city, event, file, name, from_state, to_state, school, major, batch,
     actor, at, business_date)
   select f.season, f.city, h.last + row_number() over (partition by f.city order by day, f.file),
     f.file, e.name, e.former, e.state, f.school, f.major, f.batch, 'bench', day, day
   from files f
   join (select city, max(event) as last from events group by 1) h on h.city = f.city
   cross join (values ('admit', 'proposed', 'admitted', 0),
     ('register', 'admitted', 'registered', 20),
     ('file-roster', 'registered', 'filed', 30)) e (name, former, state, days)
   cross join lateral (select f.since + e.days as day) d
   where f.state in ('admitted', 'registered', 'filed') and (e.state = 'admitted'
     or f.state = 'filed' or f.state = e.state)`,
  `insert into schools (season, code, name, kind, owner, region, supervisor)
   select season, code || '999', name || '示例中学', 'senior-high', 'city', code, 'JY' || code
   from regions where level = 'city' on conflict do nothing`,
  `insert into senior_high_admissions (season, city, file, school)
   select c.season, c.city, c.file, c.city || '999' from candidates c
   where not exists (select from files f where f.season = c.season and f.city = c.city
     and f.file = c.file) and c.file % 20 = 0 on conflict do nothing`,
  `insert into city_standings (season, city, senior_high_complete, senior_high_completed_on)
   select season, code, true, '2016-07-14' from regions where level = 'city'
   on conflict (season, city) do update set senior_high_complete = true,
     senior_high_completed_on = '2016-07-14'`,
  // Three months of daily reports; every seventh typed wrongly.
  `insert into daily_reports (season, school, day, city, admitted, registered, admitted_that_day,
     system_admitted, system_registered, system_admitted_that_day, filed_by, filed_at)
   select s.season, s.code, d::date, coalesce(case r.level when 'city' then r.code
       when 'county' then r.parent end, ''), n + (n % 7 = 0)::integer, n / 2, n % 5, n, n / 2,
     n % 5, 'school-' || s.code, d
   from schools s left join regions r on r.season = s.season and r.code = s.region
   cross join generate_series('2016-07-21'::timestamptz, '2016-10-20', '1 day') with ordinality
     x (d, n) where s.kind <> 'senior-high'`,
];

const home = values.keep ?? (await mkdtemp(join(tmpdir(), 'zhongzhao-reports-')));
const server = await ensureServer(home);
const url = new URL(server.url);
url.pathname = '/bench_reports';
try {
  const ready = join(home, 'reports-bench-ready');
  if (!existsSync(ready)) {
    await prepare();
    await writeFile(ready, values.candidates);
  }
  const database = connect(url.href);
  try {
    // A province that was kept may be older than the program.
    await migrate(database);
    await measureAll(database);
  } finally {
    await database.close();
  }
  if (values.xlsx) await measureXlsx();
} finally {
  await server.stop();
  if (values.keep === undefined) await rm(home, { recursive: true, force: true });
}

async function prepare(): Promise<void> {
  const admin = connect(server.url);
  await admin.query('drop database if exists bench_reports with (force)');
  await admin.query('create database bench_reports');
  await admin.close();
  const database = connect(url.href);
  try {
    say(`${values.candidates} candidates in ${CITY_COUNT} cities: loading`);
    await prepareProvince(database, Number(values.candidates), CITY_COUNT);
    say('dispatching');
    const folder = await mkdtemp(join(home, 'run-'));
    const province = join(import.meta.dirname, 'province.ts');
    await run(process.execPath, [province, url.href, folder, DATE], { maxBuffer: 1 << 24 });
    await rm(folder, { recursive: true, force: true });
    say('deciding');
    for (const sql of LIVED) await database.query(sql);
    await database.query('vacuum (analyze)');
  } finally {
    await database.close();
  }
}

interface Ask {
  /** Of the report that is asked; as the ask is called, unless told. */
  readonly report?: string;
  readonly actor: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly bar: keyof typeof BARS;
}

/** Who reads what: the province its totals, a city its lists, a school its own. */
async function asksOf(database: Database): Promise<Map<string, Ask>> {
  const one = async (sql: string) => (await database.query<{ found: string }>(sql))[0]?.found ?? '';
  const city = await one(`select city as found from candidates group by 1
    order by count(*) desc limit 1`);
  const school = await one(`select school as found from files f where state = 'registered'
    and exists (select from schools s where s.code = f.school and s.roster = 'here')
    group by 1 order by count(*) desc, 1 limit 1`);
  const own = await one(`select f.school as found from files f join schools s on s.code = f.school
    and s.owner in ('city', 'county', 'private') and s.kind = 'vocational' and s.region = '${city}'
    where not exists (select from files w where w.school = f.school
      and w.state in ('proposed', 'return-proposed', 'pending-review'))
    and f.state = 'registered' group by 1 order by count(*) desc limit 1`);
  const person = await one(`select c.candidate_no as found from candidates c
    join files f using (season, city, file)
    where f.state = 'registered' and f.city = '${city}' order by f.file limit 1`);
  const student = await one(`select c.candidate_no as found from candidates c
    join files f using (season, city, file)
    where f.school = '${school}' and f.state = 'registered' order by f.city, f.file limit 1`);
  const ask = (actor: string, given: Ask['given'] = {}, bar: Ask['bar'] = 'query'): Ask => ({
    actor,
    given,
    bar,
  });
  const [officer, ofSchool] = [`city-${city}`, `school-${school}`];
  const phase = 'phase-1';
  const county = await one(`select county as found from candidates where city = '${city}'
    group by 1 order by count(*) desc limit 1`);
  const ofCounty = `county-${county}`;
  const other = (report: string, actor: string, given: Ask['given'] = {}): Ask => ({
    ...{ report, actor, given },
    bar: 'query',
  });
  return new Map<string, Ask>([
    ['files-at-schools', ask(officer, { city, date: TODAY })],
    ['school-applicants', ask('province', { school })],
    ['candidate-outcome', ask(officer, { candidate_no: person }, 'candidate')],
    ['candidate-trail', ask(officer, { candidate_no: person }, 'candidate')],
    ['candidate-record', ask(officer, { candidate_no: person }, 'candidate')],
    ['dispatch-results', ask('province')],
    ['dispatch-list-history', ask(officer, { city })],
    ['dispatch-detail', ask(officer, { city, batch: BATCH })],
    ['roster-vocational', ask(officer, { school: own, phase })],
    ['roster-senior-high', ask(officer, { school: `${city}999` })],
    ['school-roster', ask(ofSchool, { phase })],
    ['admission-letter', ask(ofSchool)],
    ['admitted-candidates', ask(ofSchool)],
    ['school-progress-in-region', ask(officer, { city })],
    ['admission-progress', ask('province')],
    ['choice-counts', ask('province')],
    ['school-admissions', ask('province')],
    ['data-statistics', ask('province', { by: 'city,kind,sex' })],
    ['supervised-progress', ask('province')],
    ['supervised-progress-by-region', ask('province')],
    ['supervised-admissions', ask(officer)],
    ['supplement-results', ask(ofSchool)],
    ['candidate-whereabouts', ask(ofSchool, { candidate_no: student }, 'candidate')],
    ['run-report', ask('province', { date: DATE })],
    ['morning', ask('province', { date: DATE })],
    ['notices', ask(officer)],
    ['school-notices', ask(ofSchool)],
    ['daily-reports', ask('province', { date: TODAY })],
    ['daily-report-statistics', ask('province')],
    ['pending', ask(officer)],
    ['unregistered', ask(officer, { city, date: TODAY })],
    ['contacts', ask('province')],
    ['published-plans', ask('province')],
    ['articulated-register', ask('province')],
    ['inbox', ask('province')],
    ['by day', other('admission-progress', 'province', { days: true })],
    ['by school, major', other('data-statistics', 'province', { by: 'school,articulated' })],
    ['by major, band, sex', other('data-statistics', 'province', { by: 'major,band,sex' })],
    // A county's office, whose rows the database bounds by their candidates.
    ['files-at-schools, county', other('files-at-schools', ofCounty, { city, date: TODAY })],
    ['school-applicants, county', other('school-applicants', ofCounty, { school })],
    ['dispatch-list-history, county', other('dispatch-list-history', ofCounty, { city })],
    ['dispatch-detail, county', other('dispatch-detail', ofCounty, { city, batch: BATCH })],
    ['dispatch-results, county', other('dispatch-results', ofCounty)],
    ['in-region, county', other('school-progress-in-region', ofCounty, { city })],
    ['admission-progress, county', other('admission-progress', ofCounty)],
    ['choice-counts, county', other('choice-counts', ofCounty)],
    ['school-admissions, county', other('school-admissions', ofCounty)],
    ['data-statistics, county', other('data-statistics', ofCounty, { by: 'school,band,sex' })],
    ['supervised-admissions, county', other('supervised-admissions', ofCounty)],
    ['run-report, county', other('run-report', ofCounty, { date: DATE })],
  ]);
}

async function measureAll(database: Database): Promise<void> {
  const asks = await asksOf(database);
  const forgotten = reports.filter(({ id }) => !asks.has(id)).map(({ id }) => id);
  if (forgotten.length > 0) throw new Error(`no parameters for ${forgotten.join(', ')}`);
  const titles = ['median', 'processor'].map(title => title.padStart(10)).join('');
  say(`${'report'.padEnd(32)}${'rows'.padStart(9)}${titles}${'bar'.padStart(8)}`);
  let over = 0;
  for (const [id, ask] of asks) {
    if (wanted !== null && !wanted.includes(id) && !wanted.includes(ask.report ?? id)) continue;
    const times: number[] = [];
    const busy: number[] = [];
    let rows = 0;
    for (let at = 0; at < repeats; at += 1) {
      const before = await processorMs(database);
      const begun = performance.now();
      rows = await readAll(database, ask.report ?? id, ask);
      times.push(performance.now() - begun);
      busy.push((await processorMs(database)) - before);
    }
    const middle = (all: readonly number[]) =>
      all.toSorted((a, b) => a - b)[repeats >> 1] as number;
    const median = middle(times);
    const bar = BARS[ask.bar];
    if (median > bar) over += 1;
    const figures = [median, middle(busy)]
      .map(each => `${each.toFixed(0)} ms`.padStart(10))
      .join('');
    const first = ask.bar === 'candidate' ? `  first ${times[0]?.toFixed(0)} ms` : '';
    const mark = median > bar ? '  OVER' : '';
    const counted = `${id.padEnd(32)}${String(rows).padStart(9)}`;
    say(`${counted}${figures}${`${bar} ms`.padStart(8)}${mark}${first}`);
  }
  say(over === 0 ? 'every report holds its bar' : `${over} reports are over their bar`);
}

/**
 * Of this process and of the server's backends, with the parallel workers that have ended, which
 * their parent has inherited: a busy machine stretches it less than the time.
 */
async function processorMs(database: Database): Promise<number> {
  const backends = await database.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database()',
  );
  const { user, system } = process.cpuUsage();
  let sum = (user + system) / 1000;
  let parent = '0';
  for (const { pid } of backends) {
    const fields = await statOf(pid);
    parent = fields[1] ?? parent;
    sum += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
  }
  const ended = await statOf(Number(parent));
  return sum + (Number(ended[13] ?? 0) + Number(ended[14] ?? 0)) * TICK_MS;
}

/** What Linux tells of a process, from its state on. */
async function statOf(pid: number): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

async function readAll(database: Database, id: string, { actor, given }: Ask): Promise<number> {
  const now = () => new Date(`${TODAY}T12:00:00+08:00`);
  const context = { database, season: SEASON, actor, unmasked: false, now };
  return withContent(findReport(id), context, given, async ({ content }) => {
    const broken = content.findings.filter(({ property }) => property === 'sums-disagree');
    if (broken.length > 0) throw new Error(`${id}: ${broken[0]?.sentence}`);
    let rows = 0;
    for (const section of Object.values(content.rows)) {
      for await (const chunk of chunksOf(section)) rows += chunk.length;
    }
    return rows;
  });
}

async function measureXlsx(): Promise<void> {
  const script = join(import.meta.dirname, 'xlsx-bench.ts');
  const { stdout } = await run(process.execPath, [script]);
  process.stdout.write(stdout);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
