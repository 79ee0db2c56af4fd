/**
 * Queries and statistics on a season that was lived: each recounted by a query of another kind,
 * empty for an empty scope, refused beyond the reader's own, and read back by other libraries.
 */
import { readSheet } from 'read-excel-file/node';
import t from 'tap';
import { extractText, getDocumentProxy } from 'unpdf';
import { findReport, renderReport, withContent } from '../../reports/registry.ts';
import { chunksOf, type Row } from '../../reports/report.ts';
import { SEASON } from '../jobs/night-world.ts';
import { livedSeasonUntil } from '../season/lived-season.ts';

type Given = Readonly<Record<string, unknown>>;

const { database } = await livedSeasonUntil(t, '2016-09-08');
const { database: early } = await livedSeasonUntil(t, '2016-07-24');

const contextOf = (actor: string, of = database) => ({
  database: of,
  season: SEASON,
  actor,
  unmasked: false,
  now: () => new Date('2016-09-08T04:00:00Z'),
});

async function read(actor: string, id: string, given: Given = {}, of = database) {
  return withContent(findReport(id), contextOf(actor, of), given, async ({ content }) => {
    const rows: Record<string, Row[]> = {};
    for (const [section, stream] of Object.entries(content.rows)) {
      const all: Row[] = [];
      for await (const chunk of chunksOf(stream)) all.push(...chunk);
      rows[section] = all;
    }
    const broken = content.findings.filter(({ property }) => property === 'sums-disagree');
    return { rows, broken, figures: content.figures ?? [] };
  });
}

async function bytesOf(actor: string, id: string, given: Given, format: 'xlsx' | 'pdf') {
  const pieces: Uint8Array[] = [];
  for await (const piece of renderReport(findReport(id), contextOf(actor), given, format)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const sum = (rows: readonly Row[] | undefined, key: string) =>
  (rows ?? []).reduce((total, row) => total + Number(row[key] ?? 0), 0);

async function one<R extends object>(sql: string, values: readonly unknown[] = [], of = database) {
  const [row] = await of.query<R>(sql, values);
  return row as R;
}

const [first, second] = (
  await database.query<{ city: string }>('select distinct city from files order by city')
).map(({ city }) => city) as [string, string];
const busy = await one<{ school: string }>(
  `select school from files where state in ('admitted', 'registered', 'filed')
   group by school order by count(*) desc, school limit 1`,
);
const IN = `('admitted', 'registered', 'filed')`;

t.test('progress counts each file once, whatever it is grouped by', async t => {
  const { rows, broken } = await read('province', 'admission-progress');
  t.same(broken, []);
  const truth = await one<{ planned: number; admitted: number; sent: number; done: number }>(
    `select (select sum(planned)::integer from plan_lines) as planned,
       (select count(*)::integer from files where state in ${IN}) as admitted,
       (select count(*)::integer from files where state in ('registered', 'filed')) as done,
       (select count(*)::integer from list_items join dispatch_lists l using (season, city, list)
        where l.state <> 'cancelled') as sent`,
  );
  t.ok(truth.admitted > 20);
  for (const section of ['cities', 'schools']) {
    t.equal(sum(rows[section], 'planned'), truth.planned, section);
    t.equal(sum(rows[section], 'admitted'), truth.admitted, section);
    t.equal(sum(rows[section], 'registered'), truth.done, section);
    t.equal(sum(rows[section], 'sent'), truth.sent, section);
  }
  const own = await read('province', 'admission-progress', { school: busy.school });
  t.same(own.broken, []);
  t.equal(sum(own.rows['majors'], 'admitted'), sum(own.rows['schools'], 'admitted'));
  const region = await read(`city-${first}`, 'school-progress-in-region', { city: first });
  t.same(region.broken, []);
  const line = rows['cities']?.find(row => row['city'] === first);
  t.equal(sum(region.rows['schools'], 'admitted'), line?.['admitted']);
  const behind = region.rows['schools']?.map(row => Number(row['unfilled'])) ?? [];
  t.same(
    behind,
    behind.toSorted((a, b) => b - a),
    'the furthest behind first',
  );
});

t.test('the days lead up to today, and each is what a walk over the trail finds', async t => {
  t.equal((await read('province', 'admission-progress')).rows['days'], undefined);
  for (const city of [undefined, first]) {
    const given = { days: 'yes', ...(city === undefined ? {} : { city }) };
    const { rows, broken } = await read('province', 'admission-progress', given);
    t.same(broken, []);
    const days = rows['days'] ?? [];
    t.ok(days.length > 30);
    const trail = await database.query<{ key: string; day: string; state: string }>(
      `select city || ' ' || file as key, business_date::text as day, to_state as state from events
       where to_state is not null and file is not null and ($1::text is null or city = $1)
       order by city, event`,
      [city ?? null],
    );
    for (const row of [days[0], days[Math.floor(days.length / 2)], days.at(-1)]) {
      const last = new Map<string, string>();
      for (const { key, day, state } of trail) {
        if (day <= String(row?.['day'])) last.set(key, state);
      }
      const states = [...last.values()];
      const admitted = states.filter(state => IN.includes(`'${state}'`)).length;
      t.equal(row?.['admitted'], admitted, String(row?.['day']));
    }
  }
  const schools = await read('province', 'admission-progress', { days: 'yes', ...busy });
  t.equal(schools.rows['days'], undefined, 'a school has none');
});

t.test('the sweeps until a day add up to what each has told of itself', async t => {
  const { rows, broken } = await read('province', 'run-report', { date: '2016-09-01' });
  t.same(broken, []);
  const truth = await one<{ done: number; days: number }>(
    `select sum(n)::integer as done, count(distinct day) filter (where n > 0)::integer as days
     from (select business_date as day, (result -> 'counts' ->> 'moved')::integer
         + (result -> 'counts' ->> 'reminded')::integer
         + (result -> 'counts' ->> 'expired')::integer as n
       from runs where job = 'sweep' and state = 'completed' and business_date <= '2016-09-01') x`,
  );
  t.ok(truth.done > 10);
  t.equal(sum(rows['sweeps'], 'all'), truth.done);
  const pieces: Uint8Array[] = [];
  const report = findReport('run-report');
  const given = { date: '2016-09-01' };
  for await (const piece of renderReport(report, contextOf('province'), given, 'html')) {
    pieces.push(piece);
  }
  const html = Buffer.concat(pieces).toString();
  const titles = ['做了什么', '到期处理的逐日结果', '各市投档情况'];
  for (const title of titles) t.match(html, title);
  t.equal(rows['sweeps']?.length, truth.days);
  for (const row of rows['sweeps'] ?? []) {
    const parts = ['r1', 'r2', 'r3', 'r4', 'r5', 'rest'].map(key => Number(row[key] ?? 0));
    t.equal(
      parts.reduce((a, b) => a + b, 0),
      row['all'],
      String(row['day']),
    );
  }
});

t.test('flows go from the home of each student to the seat of the school', async t => {
  const { rows, broken } = await read('province', 'school-admissions');
  t.same(broken, []);
  const people = await database.query<{ city: string; region: string | null }>(
    `select f.city, s.region from files f join schools s on s.season = f.season
       and s.code = f.school where f.state in ${IN}`,
  );
  for (const { city, seat, admitted } of rows['flows'] ?? []) {
    const own = people.filter(each => each.city === city);
    // A county's code begins as its city's.
    const there = own.filter(({ region }) => {
      const lies = region === null || region.slice(2) === '0000' ? '' : region.slice(0, 4);
      return lies === String(seat).slice(0, 4);
    });
    t.equal(admitted, there.length, `${city} ${seat}`);
  }
  t.equal(sum(rows['flows'], 'admitted'), people.length);
});

t.test('choices are counted by ordinal, and by major for one school', async t => {
  const { rows, broken, figures } = await read('province', 'choice-counts');
  t.same(broken, []);
  interface Choice {
    readonly city: string;
    readonly file: number;
    readonly school: string;
    readonly ordinal: number;
    readonly majors: string;
  }
  const raw = await database.query<Choice>(
    'select city, file, school, ordinal, majors from choices where round = 1',
  );
  t.equal(figures.find(({ key }) => key === 'choices')?.value, raw.length);
  const people = (of: typeof raw) => new Set(of.map(({ city, file }) => `${city} ${file}`)).size;
  t.equal(figures.find(({ key }) => key === 'people')?.value, people(raw));
  for (const row of rows['schools'] ?? []) {
    const own = raw.filter(({ school }) => school === row['school']);
    const firsts = own.filter(({ ordinal }) => ordinal === 1).length;
    t.same([row['choices'], row['o1']], [own.length, firsts], String(row['school']));
  }
  const { school } = busy;
  const ofSchool = await read('province', 'choice-counts', { school });
  const majors = ofSchool.rows['majors'] ?? [];
  const own = raw.filter(each => each.school === school);
  t.equal(ofSchool.figures.find(({ key }) => key === 'people')?.value, people(own));
  const listed = raw.filter(each => each.school === school && each.majors !== '');
  t.equal(sum(majors, 'choices'), listed.flatMap(({ majors: text }) => text.split(' ')).length);
  t.equal(sum(majors, 'first'), listed.length);
});

t.test('admissions have the scores that their students have', async t => {
  const { rows, broken } = await read('province', 'school-admissions', { school: busy.school });
  t.same(broken, []);
  const people = await database.query<{ sex: string; origin: string; total: number | null }>(
    `select c.sex, c.origin, c.total from candidates c join files f using (season, city, file)
     where f.school = $1 and f.state in ${IN}`,
    [busy.school],
  );
  const totals = people.flatMap(({ total }) => (total === null ? [] : [total]));
  totals.sort((a, b) => a - b);
  t.match(rows['schools']?.[0], {
    admitted: people.length,
    men: people.filter(({ sex }) => sex === 'M').length,
    fresh: people.filter(({ origin }) => origin === 'fresh').length,
    lowest: totals[0],
    highest: totals.at(-1),
    median: totals[Math.ceil(totals.length / 2) - 1],
  });
});

t.test('files at schools are the longest waiting first', async t => {
  const given = { date: '2016-07-24' };
  const { rows } = await read('province', 'files-at-schools', given, early);
  const truth = await early.query<{ school: string; files: number }>(
    `select school, count(*)::integer as files from files
     where state = any ('{dispatched,reading,proposed,return-proposed,pending-review}')
     group by school order by school`,
  );
  t.ok(truth.length > 0);
  const found = (rows['schools'] ?? []).map(({ school, files }) => ({ school, files }));
  const bySchool = (a: { school: unknown }, b: { school: unknown }) =>
    String(a.school) < String(b.school) ? -1 : 1;
  t.same(found.toSorted(bySchool), truth.toSorted(bySchool));
  const ages = (rows['files'] ?? []).map(row => Number(row['age']));
  t.same(
    ages,
    ages.toSorted((a, b) => b - a),
  );
  t.ok((rows['files'] ?? []).length > 0);
});

t.test('a trail is every event of the file, and nobody else’s', async t => {
  const most = await one<{ city: string; file: number; no: string; events: number }>(
    `select e.city, e.file, c.candidate_no as no, count(*)::integer as events
     from events e join candidates c using (season, city, file) where c.candidate_no is not null
     group by e.city, e.file, c.candidate_no order by count(*) desc, e.city, e.file limit 1`,
  );
  const given = { candidate_no: most.no };
  const { rows } = await read(`city-${most.city}`, 'candidate-trail', given);
  t.equal(rows['events']?.length, most.events);
  t.ok(rows['events']?.every(row => row['title'] !== '' && row['actor'] !== ''));
  const other = most.city === first ? second : first;
  const foreign = read(`city-${other}`, 'candidate-trail', given);
  await t.rejects(foreign, { code: /^(unknown-candidate|outside-scope)$/ });
  const nobody = read('province', 'candidate-trail', { candidate_no: '0000' });
  await t.rejects(nobody, { code: 'unknown-candidate' });
});

t.test('of every list it is known what became of its files', async t => {
  const { rows, broken } = await read('province', 'dispatch-list-history');
  t.same(broken, []);
  const truth = await one<{ lists: number; sent: number; kept: number }>(
    `select count(distinct (city, list))::integer as lists, count(*)::integer as sent,
       count(*) filter (where f.list = i.list and f.state in ${IN})::integer as kept
     from list_items i left join files f using (season, city, file, list)`,
  );
  t.equal(rows['lists']?.length, truth.lists);
  t.equal(rows['files']?.length, truth.sent);
  t.equal(sum(rows['lists'], 'admitted'), truth.kept);
  const own = await read(`city-${first}`, 'dispatch-list-history', { city: first });
  t.ok(own.rows['lists']?.every(row => row['city'] === first));
});

t.test('a school sees the results of its own supplements', async t => {
  const schools = await database.query<{ school: string; all: number; numbered: number }>(
    `select a.school, count(*)::integer as all, count(c.candidate_no)::integer as numbered
     from applications a left join candidates c using (season, city, file)
     where a.kind = 'supplement' group by a.school order by count(*) desc, a.school`,
  );
  t.ok(schools.length > 0);
  for (const { school, all, numbered } of schools.slice(0, 3)) {
    const { rows } = await read(`school-${school}`, 'supplement-results');
    t.equal(rows['results']?.length, all);
    t.equal(rows['results']?.filter(row => row['candidateNo'] !== null).length, numbered);
  }
});

t.test('a school is told where its applicants are, and nothing of anybody else', async t => {
  const { school } = busy;
  const { rows } = await read(`school-${school}`, 'candidate-whereabouts');
  const known = await database.query<{ no: string; own: boolean }>(
    `select c.candidate_no as no, coalesce(f.school = $1 and f.state in ${IN}, false) as own
     from candidates c left join files f using (season, city, file)
     where exists (select from choices x where x.city = c.city and x.file = c.file
         and x.school = $1)
       or f.school = $1 and f.state not in ('dispatched', 'in-pool', 'held')
       or exists (select from list_items i join dispatch_lists l using (season, city, list)
         where l.school = $1 and l.state in ('released', 'submitted', 'closed')
           and i.city = c.city and i.file = c.file)`,
    [school],
  );
  const numbers = (rows['candidates'] ?? []).map(row => row['candidateNo']);
  t.same(new Set(numbers), new Set(known.map(({ no }) => no)));
  const own = rows['counts']?.find(row => row['fate'] === '本校录取')?.['candidates'];
  t.equal(own, known.filter(each => each.own).length);
  const stranger = await one<{ no: string }>(
    'select candidate_no as no from candidates where not candidate_no = any ($1) limit 1',
    [known.map(({ no }) => no)],
  );
  const none = await read(`school-${school}`, 'candidate-whereabouts', {
    candidate_no: stranger.no,
  });
  t.same(none.rows['candidates'], [], 'a number that is guessed tells nothing');
});

const OFFICE = [
  'admission-progress',
  'choice-counts',
  'school-admissions',
  'files-at-schools',
  'dispatch-list-history',
] as const;

t.test('nobody reads beyond the own scope, and an empty scope says so', async t => {
  for (const id of OFFICE) {
    const foreign = read(`city-${first}`, id, { city: second });
    await t.rejects(foreign, { code: 'outside-scope' }, id);
    await t.rejects(read(`school-${busy.school}`, id), { code: 'no-report-right' }, id);
    const { rows } = await read('province', id, { school: '9999999' });
    t.same(Object.values(rows).flat(), [], id);
    const own = (await read(`city-${first}`, id)).rows;
    const cities = Object.values(own).flatMap(all => all.map(row => row['city'] ?? first));
    t.same(
      [...new Set(cities)].filter(city => city !== first),
      [],
      id,
    );
  }
  const truth = await one<{ choices: number; admitted: number }>(
    `select (select count(*)::integer from choices where city = $1 and round = 1) as choices,
       (select count(*)::integer from files where city = $1 and state in ${IN}) as admitted`,
    [first],
  );
  const counted = (await read(`city-${first}`, 'choice-counts')).rows['schools'];
  t.equal(sum(counted, 'choices'), truth.choices, 'choices of the own city alone');
  const taken = (await read(`city-${first}`, 'school-admissions')).rows['schools'];
  t.equal(sum(taken, 'admitted'), truth.admitted, 'students of the own city alone');
  for (const id of ['candidate-whereabouts', 'supplement-results']) {
    await t.rejects(read(`city-${first}`, id), { code: 'no-report-right' }, id);
  }
});

t.test('sheets and prints are read back by other libraries', async t => {
  for (const id of OFFICE) {
    const { title } = findReport(id);
    const sheets = await readSheet(await bytesOf('province', id, {}, 'xlsx'));
    t.match(JSON.stringify(sheets), title, id);
    const document = await getDocumentProxy(
      new Uint8Array(await bytesOf('province', id, { city: first }, 'pdf')),
    );
    const { text, totalPages } = await extractText(document, { mergePages: true });
    const printed = text.replace(/\s+/g, '');
    t.match(printed, title, id);
    t.match(printed, `共${totalPages}页`, id);
    t.match(printed, '示例数据', id);
  }
});
