/** The reports on a real database: numbers recounted by SQL of the test's own. */
import { createHash } from 'node:crypto';
import t from 'tap';
import { ensureSampleUsers } from '../../db/access/sample-users.ts';
import {
  findReport,
  type RegistryContext,
  renderReport,
  withContent,
} from '../../reports/registry.ts';
import type { ReportFormat, Row } from '../../reports/report.ts';
import { chunksOf, type Rows } from '../../reports/report.ts';
import { freshDatabase } from '../database.ts';
import { FIRST_NIGHT, makeProvince, NOW, SEASON, SECOND_NIGHT } from './province.ts';

const database = await freshDatabase(t);
const province = await makeProvince(database);
const context: RegistryContext = {
  database,
  season: SEASON,
  actor: 'province',
  unmasked: false,
  now: () => NOW,
};

async function bytesOf(
  id: string,
  given: Record<string, unknown>,
  format: ReportFormat,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of renderReport(findReport(id), context, given, format)) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function jsonOf(id: string, given: Record<string, unknown>) {
  return JSON.parse((await bytesOf(id, given, 'json')).toString('utf8'));
}

async function list(stream: Rows | undefined): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const chunk of chunksOf(stream ?? [])) rows.push(...chunk);
  return rows;
}

async function rowsOf(id: string, given: Record<string, unknown>, section: string) {
  return withContent(findReport(id), context, given, async ({ content }) => {
    const rows: Row[] = [];
    for await (const chunk of chunksOf(content.rows[section] ?? [])) rows.push(...chunk);
    return rows;
  });
}

t.test('dispatch-detail as CSV is byte for byte what the engine writes', async t => {
  for (const [city, run] of province.runs) {
    const csv = await bytesOf('dispatch-detail', { city, batch: 'vocational' }, 'csv');
    t.ok(csv.equals(province.details.get(city) as Buffer), city);
    const [row] = await database.query<{ hash: string }>(
      'select result_hash as hash from runs where run = $1',
      [run],
    );
    t.equal(createHash('sha256').update(csv).digest('hex'), row?.hash);
  }
});

t.test('every sum of the run report is what SQL of another kind counts', async t => {
  const report = await jsonOf('run-report', { date: FIRST_NIGHT });
  const figures = new Map<string, number>(
    report.figures.map((one: { key: string; value: number }) => [one.key, one.value]),
  );
  const [truth] = await database.query<Record<string, number>>(
    `select
       (select count(*) from decisions d join runs r using (run)
        where r.business_date = $1) as participants,
       (select count(*) from list_items i join dispatch_lists l using (season, city, list)
          join runs r on r.run = l.run where r.business_date = $1) as sent,
       (select sum(case when room_after > 0 then room_after else 0 end) from school_outcomes
          join runs r using (run) where r.business_date = $1) as unfilled`,
    [FIRST_NIGHT],
  );
  t.equal(figures.get('participants'), Number(truth?.['participants']));
  t.equal(figures.get('sent'), Number(truth?.['sent']));
  t.equal(figures.get('unfilled'), Number(truth?.['unfilled']));
  t.ok((figures.get('sent') ?? 0) > 20);
  t.ok(report.reconciliations.length >= 9);
  t.ok(report.reconciliations.every((item: { holds: boolean }) => item.holds));
});

t.test('cities add up to the province, and schools to their city', async t => {
  const cities = await rowsOf('run-report', { date: FIRST_NIGHT }, 'cities');
  const schools = await rowsOf('run-report', { date: FIRST_NIGHT }, 'schools');
  t.same(
    cities.map(row => row['city']),
    ['440100', '441900'],
  );
  for (const city of cities) {
    const own = schools.filter(row => row['city'] === city['city']);
    for (const key of ['planned', 'flexible', 'sent', 'unfilled', 'overrun']) {
      const sum = own.reduce((total, row) => total + Number(row[key]), 0);
      t.equal(city[key], sum, `${city['city']} ${key}`);
    }
    t.equal(Number(city['participants']), Number(city['sent']) + Number(city['unplaced']));
  }
});

t.test('reasons are counted once per choice of everybody who took part', async t => {
  const reasons = await rowsOf('run-report', { date: FIRST_NIGHT }, 'reasons');
  const details = ['440100', '441900'].map(city => province.details.get(city) as Buffer);
  const counted = new Map<string, number>();
  for (const line of details.flatMap(detail => detail.toString().trim().split('\n').slice(1))) {
    for (const reason of (line.split(',')[7] as string).split(';')) {
      const code = reason.split(':')[1] as string;
      counted.set(code, (counted.get(code) ?? 0) + 1);
    }
  }
  t.same(new Map(reasons.map(row => [row['code'], row['choices']])), counted);
  t.ok(counted.has('below-region-line') && counted.has('no-plan') && counted.has('full'));
  const titles = new Map(reasons.map(row => [row['code'], row['reason']]));
  t.equal(titles.get('below-region-line'), '不符合：达到区域分数线');
});

t.test('a sum that does not agree becomes the first finding', async t => {
  const run = province.runs.get('441900') as number;
  const change = (by: number) =>
    database.query('update school_outcomes set sent = sent + $2 where run = $1 and school = $3', [
      run,
      by,
      '4419001',
    ]);
  await change(1);
  const broken = await jsonOf('run-report', { date: FIRST_NIGHT });
  await change(-1);
  t.equal(broken.findings[0].property, 'sums-disagree');
  t.equal(broken.findings[0].severity, 'error');
  const mended = await jsonOf('run-report', { date: FIRST_NIGHT });
  t.not(mended.findings[0].property, 'sums-disagree');
});

t.test('findings stand first, errors before warnings, with what they stop', async t => {
  const { findings } = await jsonOf('run-report', { date: FIRST_NIGHT });
  t.same(
    findings.map((one: { property: string }) => one.property),
    ['senior-high-incomplete', 'P2', 'release-list'],
  );
  t.match(findings[0].consequence, '请导入完成后再投档');
  t.match(findings[1].consequence, '4401001');
  const html = (await bytesOf('run-report', { date: FIRST_NIGHT }, 'html')).toString();
  t.ok(html.indexOf('senior-high-incomplete') < html.indexOf('各市投档情况'));
});

t.test('the second night is compared with the first', async t => {
  const first = await jsonOf('run-report', { date: FIRST_NIGHT });
  const second = await jsonOf('run-report', { date: SECOND_NIGHT });
  t.equal(first.since, null);
  t.match(second.since, FIRST_NIGHT);
  const sent = second.changes.find((change: { title: string }) => change.title === '投出');
  const figure = (report: typeof first) =>
    report.figures.find((one: { key: string }) => one.key === 'sent').value;
  t.equal(sent.before, figure(first));
  t.equal(sent.now, figure(second));
});

t.test('a run of one city shows its score distribution, and its line', async t => {
  const run = province.runs.get('440100') as number;
  const scores = await rowsOf('run-report', { run }, 'scores');
  const [truth] = await database.query<{ counted: number }>(
    'select count(score) as counted from decisions where run = $1',
    [run],
  );
  const sum = scores.reduce((total, row) => total + Number(row['participants']), 0);
  t.equal(sum, Number(truth?.counted));
  const html = (await bytesOf('run-report', { run }, 'html')).toString();
  t.match(html, '区域分数线 320');
  t.notMatch((await bytesOf('run-report', { date: FIRST_NIGHT }, 'html')).toString(), '分数段下限');
});

t.test('dispatch-results gives room, highest and lowest of each school', async t => {
  const rows = await rowsOf('dispatch-results', { city: '440100' }, 'results');
  const truth = await database.query<Row>(
    `select school, count(*)::integer as sent, max(score) as highest, min(score) as lowest,
       max(ordinal) as ordinal
     from decisions where city = '440100' and school is not null group by school order by school`,
  );
  const shown = rows.filter(row => row['sent'] !== 0);
  t.same(
    shown.map(({ school, sent, highest, lowest, ordinal }) => ({
      school,
      sent,
      highest,
      lowest,
      ordinal,
    })),
    truth,
  );
  t.equal(rows[0]?.['stateTitle'], '待发档');
  const only = await rowsOf('dispatch-results', { city: '440100', school: '4401002' }, 'results');
  t.equal(only.length, 1);
});

t.test('run-report and morning show a city’s officer the city, and ask every reader', async t => {
  const as = (actor: string, id: string, given: Record<string, unknown>) =>
    withContent(findReport(id), { ...context, actor }, given, async ({ content }) => content);
  const run = (city: string) => province.runs.get(city) as number;
  const whole = await as('province', 'run-report', { date: FIRST_NIGHT });
  const audit = (
    await database.query<{ run: number }>(`select run from runs where job = 'audit'`)
  )[0]?.run as number;
  const found = { season: SEASON, run: audit, property: 'P8', severity: 'warning', batch: null };
  const rows = JSON.stringify([{ candidate_no: '1' }]);
  const more = { ...found, stops: 'nothing', schools: '{}', rows, row_count: 1 };
  await database.transaction(async session => {
    const { knex } = session;
    await knex('regions').insert({
      ...{ season: SEASON, code: '440105', name: '海珠区', parent: '440100', level: 'county' },
    });
    await knex('findings').insert([
      { ...more, finding: 8, city: '441900', sentence: '东莞的事。' },
      { ...more, finding: 9, city: '440100', sentence: '广州的事。' },
    ]);
    await ensureSampleUsers(session, SEASON, NOW);
  });
  await t.test('runs, sums, findings and late cities are the city’s own', async t => {
    const own = await as('city-440100', 'run-report', { date: FIRST_NIGHT });
    t.match(own.head.scope, /^广州市 /u);
    t.same(own.head.runs, [run('440100')]);
    t.same(
      (await list(own.rows['cities'])).map(row => row['city']),
      ['440100'],
    );
    const sum = (content: typeof own) => content.figures?.find(({ key }) => key === 'sent')?.value;
    t.ok(Number(sum(own)) < Number(sum(whole)));
    t.same(own.findings.map(({ property }) => property).toSorted(), [
      ...['P2', 'P8', 'release-list'],
    ]);
    t.same(own.findings.find(({ property }) => property === 'P8')?.sentence, '广州的事。');
    const late = await as('city-440100', 'morning', { date: FIRST_NIGHT });
    t.same(late.rows['late'], []);
    t.match(late.head.scope, /^广州市 /u);
    const shenzhen = await as('city-440300', 'morning', { date: FIRST_NIGHT });
    t.same([...new Set((shenzhen.rows['late'] as Row[]).map(row => row['city']))], ['440300']);
    t.equal(shenzhen.findings.length, 1, 'its own refusal');
    const second = await as('city-440300', 'run-report', { date: SECOND_NIGHT });
    t.equal(second.since, null, 'another city’s night is none to compare with');
  });
  await t.test('a county reads no rows that name candidates, and is told so', async t => {
    const own = await as('county-440105', 'run-report', { date: FIRST_NIGHT });
    const finding = own.findings.find(({ property }) => property === 'P8');
    t.same([finding?.rows, finding?.rowCount], [[], 0]);
    t.match(finding?.consequence, /请到市招办查看/u);
    const city = await as('city-440100', 'run-report', { date: FIRST_NIGHT });
    t.same(city.findings.find(({ property }) => property === 'P8')?.rowCount, 1);
  });
  await t.test('a foreign run, a school’s user and nobody at all are refused', async t => {
    const asked = (actor: string, id: string, given: Record<string, unknown>) =>
      t.rejects(as(actor, id, given), { code: expected });
    let expected = 'outside-scope';
    await asked('city-440100', 'run-report', { run: run('441900') });
    await asked('city-440100', 'run-report', { run: audit });
    expected = 'no-report-right';
    await asked('school-4401001', 'run-report', { date: FIRST_NIGHT });
    await asked('school-4401001', 'morning', { date: FIRST_NIGHT });
    expected = 'unknown-reader';
    await asked('nobody', 'run-report', { run: run('440100') });
    await asked('nobody', 'morning', {});
    t.same((await as('city-440100', 'run-report', { run: run('440100') })).head.runs, [
      run('440100'),
    ]);
  });
});

t.test('an empty scope is a report that says so', async t => {
  const empty = await jsonOf('run-report', { date: '2016-01-01' });
  t.equal(empty.findings.length, 0);
  for (const format of ['html', 'csv', 'xlsx'] as const) {
    t.ok((await bytesOf('run-report', { date: '2016-01-01' }, format)).length > 0, format);
  }
  const html = (await bytesOf('run-report', { date: '2016-01-01' }, 'html')).toString();
  t.match(html, '没有完成的投档');
  t.match(html, '没有需要人处理的问题');
});

t.test('what does not exist gets a code and a sentence', async t => {
  await t.rejects(bytesOf('run-report', { run: 999 }, 'json'), { code: 'unknown-run' });
  await t.rejects(bytesOf('dispatch-detail', { city: '445100' }, 'csv'), {
    code: 'no-dispatch-run',
  });
  await t.rejects(bytesOf('candidate-outcome', { candidate_no: '0' }, 'csv'), {
    code: 'unknown-candidate',
  });
  await t.rejects(bytesOf('run-report', { date: '2016-02-30', x: 1 }, 'json'), {
    code: 'wrong-parameters',
    message: /没有参数 x.*不是有效日期/,
  });
  await t.rejects(bytesOf('run-report', { section: 'nothing' }, 'csv'), {
    code: 'unknown-section',
  });
  t.throws(() => findReport('run-repor'), { code: 'unknown-report', advice: /run-report/ });
});

t.test('the same data give the same bytes in every format', async t => {
  for (const format of ['csv', 'json', 'html', 'xlsx'] as const) {
    const one = await bytesOf('run-report', { date: FIRST_NIGHT }, format);
    const two = await bytesOf('run-report', { date: FIRST_NIGHT }, format);
    t.ok(one.equals(two), format);
  }
});

t.test('a reader who stops early leaves no transaction behind', async t => {
  for await (const _ of renderReport(findReport('dispatch-detail'), context, {}, 'csv')) break;
  const [row] = await database.query<{ open: number }>(
    `select count(*)::integer as open from pg_stat_activity
     where datname = current_database() and state like 'idle in transaction%'`,
  );
  t.equal(row?.open, 0);
});
