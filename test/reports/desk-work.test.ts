/**
 * The reports of the desk, each recounted by a query of another kind, empty where there is nothing,
 * and refused to whoever asks for what is not theirs.
 */
import t from 'tap';
import { parseInstant } from '../../jobs/run/clock.ts';
import { findReport, withContent } from '../../reports/registry.ts';
import { chunksOf, type Figure, type Row } from '../../reports/report.ts';
import { type ActWorld, actWorld } from '../acts/act-world.ts';
import { admitTo } from '../acts/students.ts';
import { SEASON } from '../jobs/night-world.ts';

const CITY = '440400';
const OTHER = '440600';

interface Read {
  readonly figures: ReadonlyMap<string, unknown>;
  readonly rows: Readonly<Record<string, readonly Row[]>>;
}

async function read(world: ActWorld, actor: string, id: string, given = {}): Promise<Read> {
  const context = {
    database: world.database,
    season: SEASON,
    actor,
    unmasked: false,
    now: () => parseInstant(world.at),
  };
  return withContent(findReport(id), context, given, async ({ content }) => {
    const rows: Record<string, Row[]> = {};
    for (const [section, stream] of Object.entries(content.rows)) {
      const all: Row[] = [];
      for await (const chunk of chunksOf(stream)) all.push(...chunk);
      rows[section] = all;
    }
    const figures = (content.figures ?? []).map((each: Figure) => [each.key, each.value] as const);
    return { figures: new Map(figures), rows };
  });
}

const column = (rows: readonly Row[] | undefined, key: string) => rows?.map(row => row[key]);

t.test('the reports of the desk', async t => {
  const world = await actWorld(t, { candidates: 60 });
  const [found] = await world.query<{ own: string; far: string }>(
    `select min(code) filter (where region = $1) as own,
            min(code) filter (where region = $2) as far
       from schools where kind = 'vocational' and owner <> 'province'`,
    [CITY, OTHER],
  );
  const { own, far } = found as { own: string; far: string };
  const officer = `city-${CITY}`;

  t.test('are empty where there is nothing', async t => {
    for (const id of ['notices', 'pending', 'unregistered']) {
      const { rows } = await read(world, officer, id);
      t.same(Object.values(rows).flat(), [], id);
    }
    t.same((await read(world, `school-${own}`, 'school-notices')).rows['notices'], []);
    const reports = (await read(world, officer, 'daily-reports')).figures;
    t.equal(reports.get('filed'), 0);
  });

  t.test('are refused to whoever has not the function, or asks beyond the scope', async t => {
    const denied = (actor: string, id: string, given: object, code: string) =>
      t.rejects(read(world, actor, id, given), { code, exitCode: 4 }, `${actor} ${id}`);
    await denied(officer, 'pending', { city: OTHER }, 'outside-scope');
    await denied(officer, 'daily-reports', { city: OTHER }, 'outside-scope');
    await denied(officer, 'unregistered', { city: OTHER }, 'outside-scope');
    await denied(`school-${own}`, 'unregistered', { school: far }, 'outside-scope');
    await denied(`school-${own}`, 'daily-reports', {}, 'no-report-right');
    await denied(officer, 'school-notices', {}, 'no-report-right');
    await denied('nobody', 'notices', {}, 'unknown-reader');
  });

  t.test('notices shows each reader what is addressed to it', async t => {
    const text = { action: 'publish', title: '投档安排', body: '请按时办理。' };
    await world.do(officer, 'manage-notices', { ...text, levels: ['school'] });
    await world.do('province', 'manage-notices', {
      ...text,
      pinned: true,
      levels: ['school', 'city'],
    });
    t.same(column((await read(world, officer, 'notices')).rows['notices'], 'notice'), [2, 1]);
    const seen = async (school: string) => {
      const { rows } = await read(world, `school-${school}`, 'school-notices');
      return column(rows['notices'], 'office');
    };
    t.match(await seen(own), ['省招办', /招办$/]);
    t.same(await seen(far), ['省招办']);
    const asked = { title: '机动计划', body: '怎样申请？' };
    await world.do(`school-${own}`, 'ask-question', asked);
    const reply = { question: 1, answer: '无需审核。', visibility: 'private' };
    await world.do(officer, 'answer-question', reply);
    const answers = async (reader: string, id: string) =>
      column((await read(world, reader, id)).rows['questions'], 'answer');
    t.same(await answers(`school-${own}`, 'school-notices'), ['无需审核。']);
    t.same(await answers(officer, 'notices'), ['无需审核。']);
    t.same(await answers(`school-${far}`, 'school-notices'), [], 'a private answer is private');
    t.same(await answers(`city-${OTHER}`, 'notices'), []);
    await world.do('province', 'manage-notices', { action: 'withdraw', notice: 2, reason: '有误' });
    t.equal((await seen(own))?.length, 1);
  });

  t.test('pending shows what waits, for whom and how long, overdue first', async t => {
    await world.do(`school-${own}`, 'ask-question', { title: '问题', body: '怎样申请？' });
    await world.query(
      `insert into applications (season, kind, subject, city, other_city, school, places, opened_by,
         opened_at, opened_on)
       values ($1, 'region-move', 'move|x', $2, $3, $4, 1, 'x', now(), '2016-07-18')`,
      [SEASON, CITY, OTHER, own],
    );
    const { rows, figures } = await read(world, officer, 'pending');
    const shown = rows['items']?.map(row => [row['work'], row['ageDays'], row['overdue']]);
    t.same(shown, [
      ['调整区域间计划申请', 3, true],
      ['院校提问待答复', 0, false],
    ]);
    t.same([figures.get('items'), figures.get('overdue')], [2, 1]);
    const all = (await read(world, 'province', 'pending')).rows['items'];
    t.same(column(all, 'city'), [CITY, OTHER, CITY], 'a move waits for both cities');
    await world.query(`update applications set state = 'half-approved', first_city = $1`, [CITY]);
    const works = async (reader: string, given = {}) =>
      column((await read(world, reader, 'pending', given)).rows['items'], 'work');
    t.same(await works(officer), ['院校提问待答复']);
    t.same(await works(`city-${OTHER}`), ['调整区域间计划申请']);
    t.same(await works('province', { city: CITY }), ['院校提问待答复']);
    t.equal((await works(`school-${own}`))?.length, 2, 'a school sees what of its own waits');
    t.equal((await works(`school-${far}`))?.length, 0);
    await world.query(
      `insert into score_corrections (season, city, file, marks_before, marks_after, affected,
         reason, proposed_by, proposed_at)
       select $1, $2, min(file), '{1}', '{2}', '[]', '登分有误', 'x', '2016-07-20T09:00+08:00'
         from candidates where city = $2`,
      [SEASON, CITY],
    );
    await world.query(
      `insert into city_principles (season, city, filing, document_hash, document_reference,
         overlay_version, signed_by, countersigned_by, filed_at, filed_on, late)
       select $1, $2, filing, repeat('0', 64), '档案柜', 1, 'x', 'y', now(), '2016-07-14', false
         from generate_series(1, 2) filing`,
      [SEASON, CITY],
    );
    const corrected = ['成绩更正待决定', '院校提问待答复'];
    t.same(await works(officer), corrected);
    const province = await works('province');
    t.same(
      [province?.[0], province?.length],
      ['录取原则待省招办备案', 4],
      'the last filing of a city waits, no former one',
    );
    await world.query('delete from score_corrections');
    world.at = '2016-07-24T09:00';
    const late = (await read(world, officer, 'pending', { city: CITY })).rows['items'];
    t.same(column(late, 'overdue'), [true]);
    world.at = '2016-07-21T09:00';
  });

  t.test('unregistered counts the admitted by school, each before its own last day', async t => {
    await admitTo(world, { school: own, city: CITY, count: 4, registered: 1 });
    await admitTo(world, { school: own, city: OTHER, count: 2, registered: 0 });
    const transferred = `update files set register_by = '2016-09-20' where file = (
      select min(file) from files where school = $1 and state = 'admitted')`;
    await world.query(transferred, [own]);
    const { rows, figures } = await read(world, 'province', 'unregistered');
    const counted = await world.query(
      `select coalesce(register_by, '2016-08-30')::text as day, count(*)::integer as count
         from files where state = 'admitted' group by 1 order by 1`,
    );
    t.same(
      rows['schools']?.map(row => ({ day: row['lastDay'], count: row['candidates'] })),
      counted,
    );
    t.same(column(rows['schools'], 'daysLeft'), [40, 61]);
    t.equal(figures.get('total'), rows['candidates']?.length);
    t.equal((await read(world, officer, 'unregistered')).figures.get('total'), 3);
    t.equal((await read(world, `school-${own}`, 'unregistered')).figures.get('total'), 5);
    t.equal((await read(world, `school-${far}`, 'unregistered')).figures.get('total'), 0);
  });

  t.test('daily-reports puts missing ones first, and typed beside counted', async t => {
    const figures = { admitted: 6, registered: 2, admitted_that_day: 6 };
    await world.do(`school-${own}`, 'file-daily-report', figures);
    const { rows, figures: sums } = await read(world, officer, 'daily-reports');
    const [expected] = await world.query<{ count: number }>(
      `select count(distinct s.code)::integer as count
         from schools s join plan_lines p on p.school = s.code where s.region = $1`,
      [CITY],
    );
    t.equal(sums.get('schools'), expected?.count);
    t.equal(sums.get('missing'), Number(expected?.count) - 1);
    const last = rows['reports']?.at(-1);
    t.match(last, { school: own, filed: true, admitted: 6, systemAdmitted: 6, differs: true });
    t.match(last, { registered: 2, systemRegistered: 1 });
    const [row] = await world.query<{ count: number }>(
      `select count(*)::integer as count from files
        where school = $1 and state in ('admitted', 'registered', 'filed')`,
      [own],
    );
    t.equal(last?.['systemAdmitted'], row?.count);
    t.notOk(column(rows['reports'], 'filed')?.slice(0, -1).includes(true));
    const others = await read(world, `city-${OTHER}`, 'daily-reports');
    t.notOk(column(others.rows['reports'], 'school')?.includes(own));
  });

  t.test('published-plans and contacts are everybody’s, and complete', async t => {
    const [sums] = await world.query<{ lines: number; places: number }>(
      `select count(*)::integer as lines, sum(planned)::integer as places from plan_lines`,
    );
    for (const reader of [officer, `school-${far}`]) {
      const plans = (await read(world, reader, 'published-plans')).rows['plans'] ?? [];
      t.equal(plans.length, sums?.lines);
      t.equal(
        plans.reduce((sum, row) => sum + Number(row['planned']), 0),
        sums?.places,
      );
      t.notOk(column(plans, 'majorName')?.includes(null));
      const { rows } = await read(world, reader, 'contacts');
      const [users] = await world.query<{ count: number }>(
        `select sum(cardinality(duties))::integer as count from users where side = 'office'`,
      );
      t.equal(rows['contacts']?.length, users?.count);
    }
    const one = (await read(world, officer, 'published-plans', { city: OTHER })).rows['plans'];
    t.same([...new Set(column(one, 'city'))], [OTHER]);
    const city = (await read(world, officer, 'contacts', { city: OTHER })).rows['contacts'];
    t.ok((city?.length ?? 0) > 0);
    t.same([...new Set(column(city, 'city'))], [OTHER]);
  });
});
