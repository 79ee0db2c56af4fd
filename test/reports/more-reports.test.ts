/**
 * Record cards, registers, applicants, the school's own export, the roster of senior highs, the
 * cross-table, what an office supervises and the daily reports, on a season that was lived: each
 * recounted by a query of another kind, empty for an empty scope, refused beyond the reader's own,
 * and read back by other libraries.
 */
import { readSheet } from 'read-excel-file/node';
import t, { type Test } from 'tap';
import { extractText, getDocumentProxy } from 'unpdf';
import { findReport, renderReport, withContent } from '../../reports/registry.ts';
import { chunksOf, type Row } from '../../reports/report.ts';
import { DIMENSIONS } from '../../reports/statistics/dimensions.ts';
import { SEASON } from '../jobs/night-world.ts';
import { livedSeasonUntil, livedWorld } from '../season/lived-season.ts';

type Given = Readonly<Record<string, unknown>>;

const season = await livedSeasonUntil(t, '2016-09-08');
const { database } = season;

const contextOf = (actor: string) => ({
  database,
  season: SEASON,
  actor,
  unmasked: false,
  now: () => new Date('2016-09-08T12:00:00Z'),
});

async function read(actor: string, id: string, given: Given = {}) {
  return withContent(findReport(id), contextOf(actor), given, async rendering => {
    const { content, unmasked, report } = rendering;
    const rows: Record<string, Row[]> = {};
    for (const [section, stream] of Object.entries(content.rows)) {
      const all: Row[] = [];
      for await (const chunk of chunksOf(stream)) all.push(...chunk);
      rows[section] = all;
    }
    const broken = content.findings.filter(({ property }) => property === 'sums-disagree');
    const sums = content.reconciliations ?? [];
    const figures = content.figures ?? [];
    return { rows, broken, sums, figures, unmasked, report, findings: content.findings };
  });
}

async function bytesOf(actor: string, id: string, given: Given, format: 'xlsx' | 'pdf' | 'csv') {
  const pieces: Uint8Array[] = [];
  for await (const piece of renderReport(findReport(id), contextOf(actor), given, format)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function pagesOf(actor: string, id: string, given: Given): Promise<string[]> {
  const document = await getDocumentProxy(new Uint8Array(await bytesOf(actor, id, given, 'pdf')));
  return (await extractText(document)).text.map(page => page.replace(/\s+/g, ''));
}

const sum = (rows: readonly Row[] | undefined, key: string) =>
  (rows ?? []).reduce((total, row) => total + Number(row[key] ?? 0), 0);

async function one<R extends object>(sql: string, values: readonly unknown[] = []) {
  const [row] = await database.query<R>(sql, values);
  return row as R;
}

const count = async (sql: string, values: readonly unknown[] = []) =>
  (await one<{ n: number }>(`select count(*)::integer as n ${sql}`, values)).n;

const [first, second] = (
  await database.query<{ city: string }>('select distinct city from files order by city')
).map(({ city }) => city) as [string, string];
const IN = `('admitted', 'registered', 'filed')`;
const busy = await one<{ school: string }>(
  `select school from files where state in ${IN}
   group by school order by count(*) desc, school limit 1`,
);
const NOBODY = { school: '9999999' };

t.test('a school takes its own students along, and nobody else’s', async t => {
  const actor = `school-${busy.school}`;
  const { rows, broken, sums } = await read(actor, 'admitted-candidates');
  t.same(broken, []);
  t.equal(sums.length, 2);
  const truth = await database.query<{ no: string; identity: string; name: string }>(
    `select candidate_no as no, identity_no as identity, name from candidates c where exists (
       select from files f where f.city = c.city and f.file = c.file and f.school = $1
         and f.state in ${IN})`,
    [busy.school],
  );
  t.ok(truth.length > 2);
  const listed = rows['students'] ?? [];
  t.same(new Set(listed.map(row => row['candidateNo'])), new Set(truth.map(({ no }) => no)));
  t.equal(sum(rows['majors'], 'students'), truth.length);
  t.equal(
    sum(rows['majors'], 'admitted'),
    await count(`from files where school = $1 and state = 'admitted'`, [busy.school]),
  );
  const csv = (await bytesOf(actor, 'admitted-candidates', {}, 'csv')).toString();
  t.ok(truth.every(({ no, name }) => csv.includes(no) && csv.includes(name)));
  t.notOk(
    truth.some(({ identity }) => csv.includes(identity)),
    'identity numbers are masked',
  );
  const filed = await read(actor, 'admitted-candidates', { state: 'registered' });
  t.ok(filed.rows['students']?.every(row => row['state'] === 'registered'));
  const idle = await one<{ code: string }>(
    `select code from schools s where kind <> 'senior-high' and disabled_at is null and not exists (
       select from files f where f.school = s.code and f.state in ${IN}) order by code limit 1`,
  );
  const empty = await read(`school-${idle.code}`, 'admitted-candidates');
  t.same(Object.values(empty.rows).flat(), []);
  const foreign = { school: idle.code };
  await t.rejects(read(actor, 'admitted-candidates', foreign), { code: 'outside-scope' });
  await t.rejects(read('province', 'admitted-candidates'), { code: 'no-report-right' });
});

t.test('a school’s applicants are counted by ordinal, band and what was decided', async t => {
  const given = { school: busy.school };
  const { rows, broken, sums } = await read('province', 'school-applicants', given);
  t.same(broken, []);
  t.equal(sums.length, 2);
  const raw = await database.query<{ ordinal: number; total: number | null; no: string }>(
    `select x.ordinal, c.total, c.candidate_no as no from choices x
     join candidates c using (season, city, file) where x.school = $1 and x.round = 1`,
    [busy.school],
  );
  t.ok(raw.length > 10);
  for (const row of rows['ordinals'] ?? []) {
    const own = raw.filter(({ ordinal }) => ordinal === row['ordinal']);
    const totals = own.flatMap(({ total }) => total ?? []);
    t.match(row, { choices: own.length, lowest: Math.min(...totals) }, `${row['ordinal']}`);
  }
  t.equal(rows['applicants']?.length, raw.length);
  for (const section of ['ordinals', 'bands', 'verdicts']) {
    t.equal(sum(rows[section], 'choices'), raw.length, section);
  }
  const band = rows['bands']?.[0];
  const from = Number(/^\d+/.exec(String(band?.['band']))?.[0]) * 100;
  const inside = raw.filter(({ total }) => total !== null && total >= from && total < from + 5000);
  t.equal(band?.['choices'], inside.length, 'the highest band');
  const placed = await count(
    `from decisions d join runs r using (run)
     where d.school = $1 and (r.scope ->> 'round')::integer = 1 and r.state = 'completed'`,
    [busy.school],
  );
  t.equal(sum(rows['ordinals'], 'placed'), placed);
  const full = rows['verdicts']?.find(row => row['code'] === 'below-region-line');
  if (full !== undefined) t.match(full['verdict'], /^不符合/);
  const own = await read(`city-${first}`, 'school-applicants', given);
  t.same(own.broken, []);
  t.ok(own.rows['applicants']?.every(row => row['city'] === first));
  const county = await one<{ county: string }>(
    `select county from candidates c where city = $1 and exists (select from choices x
       where x.city = c.city and x.file = c.file and x.school = $2) order by county limit 1`,
    [first, busy.school],
  );
  const local = await read(`county-${county.county}`, 'school-applicants', given);
  t.same(local.broken, []);
  t.ok(sum(local.rows['ordinals'], 'choices') > 0);
  t.ok(sum(local.rows['ordinals'], 'choices') <= sum(own.rows['ordinals'], 'choices'));
});

t.test('a record card holds the file, in full for whose duty needs it alone', async t => {
  const person = await one<Record<string, string>>(
    `select c.city, c.file, c.candidate_no as no, c.name, c.identity_no as identity, c.county
     from candidates c join preferences p using (season, city, file)
     join scores s using (season, city, file)
     order by c.city, c.file limit 1`,
  );
  const { no, name, identity, city, county } = person;
  const given = { candidate_no: no };
  const { rows, figures, unmasked } = await read(`city-${city}`, 'candidate-record', given);
  t.equal(unmasked, true);
  const choices = await count('from choices where city = $1 and file = $2', [city, person['file']]);
  t.equal(rows['choices']?.length, choices);
  const marks = await one<{ marks: number[] }>(
    'select marks from scores where city = $1 and file = $2',
    [city, person['file']],
  );
  const told = (rows['marks'] ?? []).map(row => row['mark']);
  t.same(told.toSorted(), marks.marks.slice(0, told.length).toSorted());
  t.ok((rows['features'] ?? []).length > 0);
  t.equal(figures.find(({ key }) => key === 'identityNo')?.value, identity);
  const [page, ...more] = await pagesOf(`city-${city}`, 'candidate-record', given);
  t.same(more, [], 'one page');
  for (const text of [no, name, identity, '考生电子档案', '志愿', '示例数据']) {
    t.ok(page?.includes(String(text).replace(/\s/g, '')), text);
  }
  await database.query(`update users set duties = '{dispatch}' where user_name = $1`, [
    `city-${city}-2`,
  ]);
  const [masked = ''] = await pagesOf(`city-${city}-2`, 'candidate-record', given);
  t.notOk(masked.includes(String(identity)) || masked.includes(String(name)), 'another duty');
  t.match(masked, /未全显/);
  const sheet = await readSheet(await bytesOf(`city-${city}-2`, 'candidate-record', given, 'xlsx'));
  t.notOk(JSON.stringify(sheet).includes(String(identity)));
  t.ok((await read(`county-${county}`, 'candidate-record', given)).unmasked, 'its own county');
  const other = city === first ? second : first;
  const foreign = { code: /^(unknown-candidate|outside-scope)$/ };
  await t.rejects(read(`city-${other}`, 'candidate-record', given), foreign);
  await t.rejects(read('province', 'candidate-record', { candidate_no: '0' }), foreign);
});

t.test('the register of 3+2 has everybody and says what lacks', async t => {
  const { rows, broken, sums, findings } = await read('province', 'articulated-register');
  t.same(broken, []);
  t.equal(sums.length, 4);
  const trail = sums.find(({ sentence }) => sentence.includes('轨迹'));
  const truth = await database.query<{ no: string }>(
    `select c.candidate_no as no from candidates c join files f using (season, city, file)
     where f.state in ${IN} and exists (select from majors m where m.school = f.school
       and m.code = f.major and m.articulated)`,
  );
  t.ok(truth.length > 0);
  t.equal(trail?.right, truth.length);
  const listed = rows['students'] ?? [];
  t.same(new Set(listed.map(row => row['candidateNo'])), new Set(truth.map(({ no }) => no)));
  // The sample has no telephone numbers: nobody is complete, and that stands first.
  t.ok(listed.every(row => String(row['missing']).includes('联系电话')));
  t.match(findings[0], { property: 'articulated-incomplete' });
  t.equal(sum(rows['majors'], 'incomplete'), truth.length);
  await database.query(
    `update candidates set phone = '13800000000' where candidate_no = any ($1)`,
    [truth.map(({ no }) => no)],
  );
  const complete = await read('province', 'articulated-register');
  t.ok(complete.rows['students']?.every(row => row['complete'] === true));
  t.equal(sum(complete.rows['majors'], 'incomplete'), 0);
});

t.test('a file that the trail does not know as admitted breaks the register', async t => {
  const stray = await one<{ city: string; file: number; state: string }>(
    `select f.city, f.file, f.state from files f join majors m on m.school = f.school
       and m.code = f.major and m.articulated where f.state in ${IN} limit 1`,
  );
  const where = 'where city = $1 and file = $2';
  const keys = [stray.city, stray.file];
  await database.query(`update files set state = 'reading' ${where}`, keys);
  const { broken } = await read('province', 'articulated-register');
  t.match(broken.map(({ sentence }) => sentence).join(), '轨迹');
  await database.query(`update files set state = $3 ${where}`, [...keys, stray.state]);
  t.same((await read('province', 'articulated-register')).broken, []);
});

t.test('a technical school that has entered nobody of its 3+2 is told first', async t => {
  const [line] = await database.query<{ school: string; major: string }>(
    `select p.school, p.major from plan_lines p join schools s on s.code = p.school
     where s.kind = 'technical' and p.planned > 0 and not exists (
       select from files f where f.school = p.school and f.state in ${IN}) limit 1`,
  );
  if (line === undefined) return t.comment('every technical school has students');
  const mark = 'update majors set articulated = $3 where school = $1 and code = $2';
  await database.query(mark, [line.school, line.major, true]);
  const { findings, broken } = await read('province', 'articulated-register');
  t.same(broken, []);
  const found = findings.find(({ property }) => property === 'articulated-not-entered');
  t.match(found?.rows, [{ school: line.school }]);
  await database.query(mark, [line.school, line.major, false]);
});

/** On paper as it was issued, without watermark; and a draft again. */
async function issued(t: Test, officer: string, school: string): Promise<void> {
  const world = await livedWorld(season);
  world.at = '2016-09-08T15:00';
  const asked = await world.ask(officer, 'issue-roster', { school, phase: 'senior-high' });
  t.ok(asked.ok, JSON.stringify(asked));
  const { hash, label } = await one<{ hash: string; label: string }>(
    `select hash, '2016-' || lpad(roster::text, 4, '0') as label from rosters
     where school = $1 and phase = 'senior-high'`,
    [school],
  );
  const text = (await pagesOf(officer, 'roster-senior-high', { school })).join('');
  t.ok(text.includes(hash), 'the whole hash');
  t.ok(text.includes(`名册编号：${label}`));
  t.notMatch(text, /草稿/);
  await database.query(`update rosters set state = 'superseded' where phase = 'senior-high'`);
}

t.test('the roster of a senior high lists whom the cities have imported', async t => {
  const { school } = await one<{ school: string }>(
    `select code as school from schools where kind = 'senior-high' and region = $1`,
    [first],
  );
  const given = { school };
  const officer = `city-${first}`;
  const { rows, broken, figures } = await read(officer, 'roster-senior-high', given);
  t.same(broken, []);
  const truth = await database.query<{ no: string; identity: string }>(
    `select candidate_no as no, identity_no as identity from candidates c
     where exists (select from senior_high_admissions h
         where h.city = c.city and h.file = c.file and h.school = $1)
       and not exists (select from files f where f.city = c.city and f.file = c.file
         and f.state <> 'senior-high')`,
    [school],
  );
  t.ok(truth.length > 5);
  t.same(
    new Set(rows['students']?.map(row => row['candidateNo'])),
    new Set(truth.map(({ no }) => no)),
  );
  const text = (await pagesOf(officer, 'roster-senior-high', given)).join('');
  t.ok(truth.every(({ no, identity }) => text.includes(no) && text.includes(identity)));
  t.match(text, new RegExp(`累计${truth.length}人`));
  t.match(text, /草稿/, 'it is not issued');
  t.equal(figures.find(({ key }) => key === 'number')?.value, '无');
  await issued(t, officer, school);
  const sheet = await readSheet(
    await bytesOf(officer, 'roster-senior-high', given, 'xlsx'),
    '录取名册',
  );
  const cells = new Set(sheet.flat().map(String));
  t.ok(truth.every(({ no, identity }) => cells.has(no) && cells.has(identity)));
  const refused = (actor: string, code: string, asked: Given = given) =>
    t.rejects(read(actor, 'roster-senior-high', asked), { code });
  await refused(`city-${second}`, 'outside-scope');
  await refused(`school-${busy.school}`, 'no-report-right');
  await refused(officer, 'not-a-school-of-kind', { school: busy.school });
  await refused(officer, 'not-a-school-of-kind', NOBODY);
  const open = 'update city_standings set senior_high_complete = $2 where city = $1';
  await database.query(open, [first, false]);
  await refused(officer, 'senior-high-incomplete');
  await database.query(open, [first, true]);
  await database.query('update senior_high_admissions set school = $1 where school = $2', [
    '4404699',
    school,
  ]);
  const [page] = await pagesOf(officer, 'roster-senior-high', given);
  t.match(page, /共0人/, 'an empty roster says so');
  await database.query('update senior_high_admissions set school = $2 where school = $1', [
    '4404699',
    school,
  ]);
});

t.test(
  'a cross-table counts by any dimensions, and its totals are those of the progress',
  async t => {
    const progress = await read('province', 'admission-progress');
    const measures = ['planned', 'sent', 'proposed', 'admitted', 'registered'];
    const ids = DIMENSIONS.map(({ id }) => id);
    t.equal(ids.length, 12);
    for (const by of [...ids, 'city,sex', 'school,origin,band', '生源地市、批次、专业']) {
      const { broken, sums, figures } = await read('province', 'data-statistics', { by });
      t.same(broken, [], by);
      t.ok(sums.length >= 5, by);
      const shown = new Map(figures.map(({ key, value }) => [key, value]));
      for (const measure of measures.filter(key => shown.has(key))) {
        t.equal(shown.get(measure), sum(progress.rows['cities'], measure), `${by} ${measure}`);
      }
    }
    const { rows, report } = await read('province', 'data-statistics', { by: 'city,sex' });
    const truth = await database.query<{ city: string; sex: string; n: number }>(
      `select c.city, c.sex, count(*)::integer as n from candidates c join files f
       using (season, city, file) where f.state in ${IN} group by c.city, c.sex`,
    );
    for (const { city, sex, n } of truth) {
      const found = rows['groups']?.find(row => row['c1'] === city && row['c2'] === sex);
      t.equal(found?.['admitted'], n, `${city} ${sex}`);
    }
    const titles = report.sections
      .find(({ id }) => id === 'cross')
      ?.columns.map(each => each.title);
    t.same(titles, ['生源地市代码', '生源地市', '女', '男', '合计']);
    const women = truth.filter(each => each.sex === 'F').reduce((all, each) => all + each.n, 0);
    t.equal(sum(rows['cross'], 'v1'), women);
    const bands = await read('province', 'data-statistics', { by: 'band' });
    const high = await count(
      `from candidates c join files f using (season, city, file)
     where f.state in ${IN} and c.total >= 45000 and c.total < 50000`,
    );
    const band = bands.rows['groups']?.find(row => row['d1'] === '450–499.99');
    t.equal(band?.['admitted'] ?? 0, high);
    const csv = (await bytesOf('province', 'data-statistics', { by: 'sex' }, 'csv')).toString();
    t.match(csv, /^\ufeff性别,投出（人）,/, 'the columns are those that were asked for');
    const county = await one<{ county: string; n: number }>(
      `select c.county, count(*)::integer as n from candidates c join list_items i
       using (season, city, file) group by c.county order by n desc limit 1`,
    );
    for (const by of ['kind', 'sex']) {
      const local = await read(`county-${county.county}`, 'data-statistics', { by });
      t.same(local.broken, [], `a county by ${by}`);
      t.equal(sum(local.rows['groups'], 'sent'), county.n, 'its own candidates alone');
    }
    for (const by of ['colour', 'sex,sex', 'sex,city,band,major', ',']) {
      const wrong = read('province', 'data-statistics', { by });
      await t.rejects(wrong, { code: 'unknown-dimension' }, by);
    }
  },
);

t.test(
  'an office sees its own schools’ students from everywhere, and no other school’s',
  async t => {
    const schools = await database.query<{ code: string; charged: string }>(
      `select code, coalesce(nullif(substr(supervisor, 3), ''), '440000') as charged from schools
     where kind <> 'senior-high'`,
    );
    for (const [actor, region] of [
      ['province', '440000'],
      [`city-${first}`, first],
      [`city-${second}`, second],
    ] as const) {
      const own = schools.filter(({ charged }) => charged === region).map(({ code }) => code);
      const truth = await one<{ admitted: number; planned: number; cities: number }>(
        `select (select count(*)::integer from files where state in ${IN} and school = any ($1))
           as admitted,
         (select count(distinct city)::integer from files where state in ${IN}
            and school = any ($1)) as cities,
         (select coalesce(sum(planned), 0)::integer from plan_lines where school = any ($1))
           as planned`,
        [own],
      );
      for (const id of ['supervised-progress', 'supervised-progress-by-region']) {
        const { rows, broken } = await read(actor, id);
        t.same(broken, [], id);
        t.equal(sum(rows['schools'], 'admitted'), truth.admitted, `${actor} ${id}`);
        t.equal(sum(rows['schools'], 'planned'), truth.planned, `${actor} ${id}`);
        t.ok(rows['schools']?.every(row => own.includes(String(row['school']))));
      }
      const { rows, broken } = await read(actor, 'supervised-admissions');
      t.same(broken, []);
      t.equal(rows['students']?.length, truth.admitted, actor);
      t.equal(rows['cities']?.length, truth.cities, actor);
      t.ok(rows['students']?.every(row => own.includes(String(row['school']))));
    }
    t.ok(
      await count(`from files f join schools s on s.code = f.school where f.state in ${IN}
      and substr(s.supervisor, 3) like '4404%' and f.city <> '440400'
      or f.state in ${IN} and substr(s.supervisor, 3) like '4406%' and f.city <> '440600'`),
      'somebody goes to a school of another city',
    );
  },
);

t.test('an office of one kind of schools supervises that kind alone', async t => {
  await database.query(`update users set school_kinds = '{technical}' where user_name = $1`, [
    `city-${second}-2`,
  ]);
  const { rows } = await read(`city-${second}-2`, 'supervised-progress');
  const kinds = await database.query<{ kind: string }>(
    'select distinct kind from schools where code = any ($1)',
    [(rows['schools'] ?? []).map(row => row['school'])],
  );
  t.same(kinds, [{ kind: 'technical' }]);
  const county = await one<{ code: string }>(
    `select code from regions where level = 'county' and parent = $1 order by code limit 1`,
    [first],
  );
  const empty = await read(`county-${county.code}`, 'supervised-admissions');
  t.same(Object.values(empty.rows).flat(), [], 'a county that supervises none');
});

t.test('daily reports are added up by day and by school, the differences marked', async t => {
  const { rows, broken, sums, findings, figures } = await read(
    'province',
    'daily-report-statistics',
  );
  t.same(broken, []);
  t.equal(sums.length, 3);
  const raw = await database.query<Record<string, number | string>>(
    `select day::text as day, school, admitted, registered, admitted_that_day as that,
       system_admitted as "sAdmitted", system_registered as "sRegistered",
       system_admitted_that_day as "sThat" from daily_reports order by day`,
  );
  t.ok(raw.length > 10);
  const differing = raw.filter(
    one =>
      one['admitted'] !== one['sAdmitted'] ||
      one['registered'] !== one['sRegistered'] ||
      one['that'] !== one['sThat'],
  );
  t.ok(differing.length > 0);
  t.same(
    new Set(rows['differences']?.map(row => `${row['day']} ${row['school']}`)),
    new Set(differing.map(one => `${one['day']} ${one['school']}`)),
  );
  const shown = rows['differences'] ?? [];
  t.ok(shown.every(row => `${row['admittedMark']}${row['registeredMark']}${row['thatDayMark']}`));
  t.match(findings[0], { property: 'daily-differs', rowCount: differing.length });
  for (const row of rows['days'] ?? []) {
    const own = raw.filter(one => one['day'] === row['day']);
    const all = own.reduce((total, one) => total + Number(one['sAdmitted']), 0);
    t.match(row, { filed: own.length, systemAdmitted: all }, String(row['day']));
    t.equal(Number(row['filed']) + Number(row['missing']), figures[0]?.value);
  }
  const last = new Map(raw.map(one => [one['school'], one]));
  t.equal(rows['schools']?.length, last.size);
  for (const row of rows['schools'] ?? []) {
    t.equal(row['admitted'], last.get(String(row['school']))?.['admitted']);
  }
  const day = String(raw[0]?.['day']);
  const one = await read('province', 'daily-report-statistics', { from: day, to: day });
  t.equal(one.rows['days']?.length, 1);
  const own = await read(`city-${first}`, 'daily-report-statistics');
  const city = await count('from daily_reports where city = $1', [first]);
  t.equal(sum(own.rows['days'], 'filed'), city, 'schools of the own city alone');
  const empty = await read('province', 'daily-report-statistics', { to: '2016-01-02' });
  t.same(Object.values(empty.rows).flat(), []);
});

/** Parameters with which each report of an office can be asked for. */
const OFFICE: Readonly<Record<string, Given>> = {
  'school-applicants': { school: busy.school },
  'articulated-register': {},
  'data-statistics': { by: 'school,sex' },
  'daily-report-statistics': {},
};

/** Of schools that this office supervises: they ask for no city. */
const SUPERVISED = [
  'supervised-progress',
  'supervised-progress-by-region',
  'supervised-admissions',
] as const;

t.test('nobody reads beyond the own scope, and an empty scope says so', async t => {
  for (const [id, given] of Object.entries(OFFICE)) {
    const foreign = read(`city-${first}`, id, { ...given, city: second });
    await t.rejects(foreign, { code: 'outside-scope' }, id);
    await t.rejects(read(`school-${busy.school}`, id, given), { code: 'no-report-right' }, id);
    const { rows } = await read('province', id, { ...given, ...NOBODY });
    t.same(Object.values(rows).flat(), [], id);
    const own = (await read(`city-${first}`, id, given)).rows;
    const cities = Object.values(own).flatMap(all => all.map(row => row['city'] ?? first));
    t.ok(
      cities.every(city => city === first),
      id,
    );
  }
});

t.test('what a dispatch decided is told to whoever may read it, and to nobody else', async t => {
  const { no, county } = await one<{ no: string; county: string }>(
    `select candidate_no as no, county from candidates c join decisions d
       using (season, city, file, candidate_no) where c.city = $1 order by no limit 1`,
    [first],
  );
  const run = await one<{ run: number }>(`select max(run) as run from decisions where city = $1`, [
    first,
  ]);
  const asked: (readonly [string, Given])[] = [
    ['candidate-outcome', { candidate_no: no }],
    ['dispatch-detail', { run: run.run }],
    ['dispatch-results', { run: run.run }],
  ];
  for (const [id, given] of asked) {
    for (const reader of ['province', `city-${first}`]) {
      const { rows } = await read(reader, id, given);
      t.ok(Object.values(rows).flat().length > 0, `${reader} ${id}`);
    }
    const foreign = { code: /^(outside-scope|unknown-candidate)$/ };
    await t.rejects(read(`city-${second}`, id, given), foreign, id);
    await t.rejects(read('nobody', id, given), { code: 'unknown-reader' }, id);
    await t.rejects(read(`school-${busy.school}`, id, given), { code: 'no-report-right' }, id);
  }
  t.ok((await read(`county-${county}`, 'candidate-outcome', asked[0]?.[1])).rows['choices']);
  const all = (await read(`city-${first}`, 'dispatch-results')).rows['results'] ?? [];
  t.ok(
    all.every(row => row['city'] === first),
    'of all runs those of the own city',
  );
});

t.test('sheets and prints are read back by other libraries', async t => {
  const asked: (readonly [string, string, Given])[] = [
    ...Object.entries(OFFICE).map(([id, given]) => ['province', id, given] as const),
    ...SUPERVISED.map(id => ['province', id, {}] as const),
    [`school-${busy.school}`, 'admitted-candidates', {}],
  ];
  for (const [actor, id, given] of asked) {
    const { title } = findReport(id);
    const sheets = await readSheet(await bytesOf(actor, id, given, 'xlsx'));
    t.match(JSON.stringify(sheets), title, id);
    const pages = await pagesOf(actor, id, given);
    const printed = pages.join('');
    t.match(printed, title, id);
    t.match(printed, `共${pages.length}页`, id);
    t.match(printed, '示例数据', id);
  }
});
