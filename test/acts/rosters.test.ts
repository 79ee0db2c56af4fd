/**
 * Rosters: frozen under a number and a hash, checked by another person, filed by the office whose
 * they are, in its days; and what becomes of the students.
 */
import { createHash } from 'node:crypto';
import t from 'tap';
import { rosterHash, rosterRows } from '../../db/season/rosters.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import { findReport, withContent } from '../../reports/registry.ts';
import { policyFiles, SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';
import { admitTo, testJob } from './students.ts';

const CITY = '440400';
const OTHER = '440600';
const PHASE = 'phase-1';
/** A day of the cities' rosters (09-07 … 09-09), and one of the province's alone. */
const CITY_DAY = '2016-09-08T09:00';
const PROVINCE_DAY = '2016-09-05T09:00';
const LATER = '2016-10-10T09:00';

interface Schools {
  readonly own: string;
  readonly provincial: string;
  readonly technical: string;
}

async function schoolsOf(world: ActWorld): Promise<Schools> {
  const [row] = await world.query<Schools>(
    `select min(code) filter (where region = $1 and kind = 'vocational'
              and owner in ('city', 'county', 'private')) as own,
            min(code) filter (where owner = 'province' and kind = 'vocational') as provincial,
            min(code) filter (where region = $1 and roster = 'external') as technical
       from schools`,
    [CITY],
  );
  return row as Schools;
}

async function statesOf(world: ActWorld, school: string): Promise<Record<string, number>> {
  const rows = await world.query<{ state: string; count: number }>(
    'select state, count(*)::integer as count from files where school = $1 group by 1',
    [school],
  );
  return Object.fromEntries(rows.map(row => [row.state, row.count]));
}

/** Moves a file by an event of another room's function. */
async function event(world: ActWorld, city: string, file: number, name: string): Promise<void> {
  const job = testJob('test-move', async act => {
    for (const each of await act.filesOf(city, act.input.files)) {
      act.move(each, name, name === 'cancel-registration' ? { to: 'cancelled' } : {});
    }
    return { lines: [] };
  });
  const request = { user: 'province', input: { city, files: [file] } };
  await runAct(job, request, world.environment());
}

t.test('a roster of a city', async t => {
  const world = await actWorld(t, { candidates: 60 });
  const { own, provincial, technical } = await schoolsOf(world);
  const officer = `city-${CITY}`;
  const second = `${officer}-2`;
  world.at = '2016-08-20T09:00';
  const home = await admitTo(world, { school: own, city: CITY, count: 4, registered: 3 });
  await admitTo(world, { school: own, city: OTHER, count: 2 });
  const about = { school: own, phase: PHASE };

  t.test('is issued in its days, by its office, once all is reviewed', async t => {
    const issue = (user: string, more = {}) =>
      [user, 'issue-roster', { ...about, ...more }] as const;
    await refused(t, world, issue(officer), 'window-closed');
    world.at = '2016-09-06T09:00';
    await refused(t, world, issue(officer), 'window-closed');
    world.at = CITY_DAY;
    await refused(t, world, issue(`city-${OTHER}`), 'out-of-scope');
    await refused(t, world, issue(`school-${own}`), 'wrong-side');
    await refused(t, world, issue(officer, { phase: 'phase-9' }), 'unknown-phase');
    await refused(t, world, issue(officer, { phase: 'spring' }), 'window-closed');
    await refused(t, world, issue(officer, { school: technical }), 'external-roster');
    await refused(t, world, issue(officer, { school: '9999999' }), 'unknown-school');
    const [empty] = await world.query<{ code: string }>(
      `select code from schools s where region = $1 and kind = 'vocational' and owner <> 'province'
         and not exists (select from files f where f.school = s.code) order by code limit 1`,
      [CITY],
    );
    await refused(t, world, issue(officer, { school: empty?.code }), 'no-registered');
    const student = home[0]?.file as number;
    const applied = (open: number) =>
      world.query('update files set open_applications = $2 where file = $1', [student, open]);
    await applied(1);
    await refused(t, world, issue(officer), 'unreviewed-rows');
    await applied(0);
    await world.query('delete from relative_declarations where user_name = $1', [officer]);
    await refused(t, world, issue(officer), 'undeclared');
    await world.query(
      `insert into relative_declarations (season, user_name, relatives, declared_at)
       values ($1, $2, '{}', now())`,
      [SEASON, officer],
    );
    const issued = await world.do(...issue(officer));
    t.match(issued.answer.values, { roster: 1, version: 1 });
    const again = await world.do(...issue(second));
    t.match(again.answer.values, { roster: 1, hash: issued.answer.values?.['hash'] });
    t.equal((await world.query('select 1 from rosters')).length, 1);
  });

  t.test(
    'lists the registered students of all cities, under a hash that anyone can check',
    async t => {
      const listed = await world.query<{ file: number }>(
        'select file from roster_rows order by seq',
      );
      const registered = await world.query<{ file: number }>(
        `select f.file from files f join candidates c using (season, city, file)
        where f.school = $1 and f.state = 'registered' order by f.major, c.candidate_no`,
        [own],
      );
      t.same(listed, registered);
      t.equal(listed.length, 5);
      const [roster] = await world.query<{ hash: string }>('select hash from rosters');
      const rows = await world.database.transaction(session => rosterRows(session, SEASON, 1));
      const whole = { roster: 1, school: own, phase: PHASE, version: 1 };
      t.equal(rosterHash(SEASON, whole, rows), roster?.hash);
      const members = (value: object): string =>
        `{${Object.entries(value)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, each]) => `${JSON.stringify(key)}:${text(each)}`)
          .join(',')}}`;
      const text = (value: unknown): string =>
        Array.isArray(value)
          ? `[${value.map(text).join(',')}]`
          : typeof value === 'object' && value !== null
            ? members(value)
            : JSON.stringify(value);
      const printed = text({ season: SEASON, ...whole, rows });
      t.equal(createHash('sha256').update(printed).digest('hex'), roster?.hash, 'by other code');
    },
  );

  t.test('is checked by another person, and filed as it was checked', async t => {
    const approve = { roster: 1, verdict: 'approve' };
    await refused(t, world, [officer, 'review-roster', approve], 'same-person');
    await refused(t, world, [`city-${OTHER}`, 'review-roster', approve], 'out-of-scope');
    const unknown = { ...approve, roster: 7 };
    await refused(t, world, [second, 'review-roster', unknown], 'unknown-roster');
    await refused(
      t,
      world,
      [second, 'review-roster', { roster: 1, verdict: 'refuse' }],
      'wrong-input',
    );
    await refused(t, world, [officer, 'file-roster', { roster: 1 }], 'roster-not-in-state');
    await refused(
      t,
      world,
      [officer, 'amend-roster', { roster: 1, reason: '姓名有误' }],
      'roster-not-in-state',
    );
    const refuse = { roster: 1, verdict: 'refuse', reason: '专业有误' };
    await world.do(second, 'review-roster', refuse);
    t.match((await world.do(officer, 'issue-roster', about)).answer.values, { roster: 2 });
    await event(world, CITY, home[0]?.file as number, 'cancel-registration');
    const outdated = { roster: 2, verdict: 'approve' };
    await refused(t, world, [second, 'review-roster', outdated], 'roster-outdated');
    t.match((await world.do(officer, 'issue-roster', about)).answer.values, { roster: 3 });
    await refused(t, world, [second, 'review-roster', outdated], 'roster-not-in-state');
    await world.do(second, 'review-roster', { roster: 3, verdict: 'approve' });
    const file = { roster: 3 };
    world.at = '2016-09-10T09:00';
    await refused(t, world, [officer, 'file-roster', file], 'window-closed');
    world.at = CITY_DAY;
    await refused(t, world, [`city-${OTHER}`, 'file-roster', file], 'out-of-scope');
    await world.query('update candidates set name = name || $2 where file = $1', [
      home[1]?.file,
      '改',
    ]);
    await refused(t, world, [officer, 'file-roster', file], 'roster-outdated');
    await world.query(`update candidates set name = left(name, -1) where file = $1`, [
      home[1]?.file,
    ]);
    await world.do(officer, 'file-roster', file);
    await refused(t, world, [officer, 'file-roster', file], 'roster-not-in-state');
    await refused(t, world, [officer, 'issue-roster', about], 'roster-filed');
    t.same(await statesOf(world, own), { admitted: 1, cancelled: 1, filed: 4 });
    const events = await world.query(
      `select e.city, count(*)::integer as count, bool_and(f.state = e.to_state) as folded
         from events e join files f using (season, city, file)
        where e.name = 'file-roster' and e.note ->> 'roster' = '3' group by 1 order by 1`,
    );
    t.same(events, [
      { city: CITY, count: 2, folded: true },
      { city: OTHER, count: 2, folded: true },
    ]);
  });

  t.test('is taken back with a reason, and the next one is marked 变更', async t => {
    world.at = LATER;
    const amend = { roster: 3, reason: '一名考生姓名有误' };
    await refused(t, world, [`city-${OTHER}`, 'amend-roster', amend], 'out-of-scope');
    await world.do(officer, 'amend-roster', amend);
    t.same(await statesOf(world, own), { admitted: 1, cancelled: 1, registered: 4 });
    await refused(t, world, [officer, 'amend-roster', amend], 'roster-not-in-state');
    const issued = await world.do(officer, 'issue-roster', about);
    t.match(issued.answer.values, { roster: 4, version: 2 });
    t.match(issued.answer.lines[0], '2016-0004（变更1）');
    await world.do(second, 'review-roster', { roster: 4, verdict: 'approve' });
    await world.do(officer, 'file-roster', { roster: 4 });
    t.same(await statesOf(world, own), { admitted: 1, cancelled: 1, filed: 4 });
    const states = await world.query('select roster, state from rosters order by roster');
    t.same(states, [
      { roster: 1, state: 'refused' },
      { roster: 2, state: 'superseded' },
      { roster: 3, state: 'amended' },
      { roster: 4, state: 'filed' },
    ]);
  });

  t.test('of a provincial school is the province’s, in days of its own', async t => {
    world.at = '2016-08-20T09:00';
    await admitTo(world, { school: provincial, city: CITY, count: 2 });
    const wanted = { school: provincial, phase: PHASE };
    world.at = PROVINCE_DAY;
    await refused(t, world, [officer, 'issue-roster', wanted], 'out-of-scope');
    const issued = await world.do('province', 'issue-roster', wanted);
    t.match(issued.answer.values, { roster: 5, version: 1 });
    await refused(
      t,
      world,
      [officer, 'review-roster', { roster: 5, verdict: 'approve' }],
      'out-of-scope',
    );
    await world.do('province-2', 'review-roster', { roster: 5, verdict: 'approve' });
    await world.do('province', 'file-roster', { roster: 5 });
    t.same(await statesOf(world, provincial), { filed: 2 });
  });
});

t.test('a roster of a senior high', async t => {
  const world = await actWorld(t, { candidates: 60 });
  const [senior] = await world.query<{ school: string; city: string }>(
    `select s.code as school, s.region as city from schools s
      where s.kind = 'senior-high' and s.region in ($1, $2) and s.owner = 'city' and exists (
        select from senior_high_admissions h where h.school = s.code)
      order by (select count(distinct city) from senior_high_admissions h
        where h.school = s.code) desc, s.code limit 1`,
    [CITY, OTHER],
  );
  const { school, city } = senior as { school: string; city: string };
  const [officer, second] = [`city-${city}`, `city-${city}-2`];
  const foreign = `city-${city === CITY ? OTHER : CITY}`;
  const about = { school, phase: 'senior-high' };
  const issue = (user: string, more = {}) => [user, 'issue-roster', { ...about, ...more }] as const;
  const printed = (actor: string) =>
    withContent(
      findReport('roster-senior-high'),
      {
        ...{ database: world.database, season: SEASON, actor, unmasked: false },
        now: () => parseInstant(world.at),
      },
      { school },
      async ({ content }) => {
        const figure = (key: string) => content.figures?.find(each => each.key === key)?.value;
        const rows = content.rows['students'] as readonly object[];
        return { rows, number: figure('number'), state: figure('state'), hash: figure('hash') };
      },
    );

  t.test('is issued in its days, by its office, once the city’s import is complete', async t => {
    world.at = '2016-07-15T09:00';
    await refused(t, world, issue(officer), 'window-closed');
    await t.rejects(printed(officer), { code: 'before-roster-days' });
    world.at = '2016-07-25T09:00';
    t.match(await printed(officer), { number: '无', state: '草稿（未发布）' });
    await refused(t, world, issue(foreign), 'out-of-scope');
    await refused(t, world, issue(`school-${school}`), 'wrong-side');
    await refused(t, world, issue(officer, { phase: PHASE }), 'wrong-phase');
    const { own } = await schoolsOf(world);
    await refused(t, world, issue(`city-${CITY}`, { school: own }), 'wrong-phase');
    const roster = (kept: string) =>
      world.query('update schools set roster = $2 where code = $1', [school, kept]);
    await roster('external');
    await refused(t, world, issue(officer), 'external-roster');
    await t.rejects(printed(officer), { code: 'external-roster' });
    await roster('here');
    const complete = (of: string, done: boolean) =>
      world.query('update city_standings set senior_high_complete = $2 where city = $1', [
        of,
        done,
      ]);
    await complete(city, false);
    await refused(t, world, issue(officer), 'senior-high-incomplete');
    await t.rejects(printed(officer), { code: 'senior-high-incomplete' });
    await complete(city, true);
    const [other] = await world.query<{ city: string }>(
      'select city from senior_high_admissions where school = $1 and city <> $2 limit 1',
      [school, city],
    );
    if (other !== undefined) await complete(other.city, false);
    const issued = await world.do(...issue(officer));
    t.match(issued.answer.values, { roster: 1, version: 1 });
    t.equal(issued.answer.lines.length, other === undefined ? 1 : 2, 'an open city is named');
    if (other !== undefined) await complete(other.city, true);
    const again = await world.do(...issue(second));
    t.match(again.answer.values, { roster: 1, hash: issued.answer.values?.['hash'] });
  });

  t.test('is checked by another, filed, and taken back; no file moves', async t => {
    const files = () => world.query('select * from files order by city, file');
    const before = await files();
    const [roster] = await world.query<{ hash: string; row_count: number }>(
      'select * from rosters',
    );
    t.match(await printed(officer), {
      ...{ number: '2016-0001', state: '已发布待审核', hash: roster?.hash },
      rows: { length: roster?.row_count },
    });
    const approve = { roster: 1, verdict: 'approve' };
    await refused(t, world, [officer, 'review-roster', approve], 'same-person');
    await world.do(second, 'review-roster', approve);
    await world.do(officer, 'file-roster', { roster: 1 });
    t.same(await files(), before);
    await refused(t, world, issue(officer), 'roster-filed');
    await world.do(officer, 'amend-roster', { roster: 1, reason: '一名考生放弃' });
    t.same(await files(), before);
  });

  t.test('holds no longer once a candidate is released, and is issued anew', async t => {
    t.match((await world.do(...issue(officer))).answer.values, { roster: 2, version: 2 });
    const [student] = await world.query<{ candidate: string; city: string }>(
      `select candidate_no as candidate, city from roster_rows where roster = 2
       order by seq limit 1`,
    );
    await world.do(`city-${student?.city}`, 'release-senior-high', {
      candidate_no: student?.candidate,
      ...{ reason: '本人放弃', request_hash: 'a'.repeat(64), request_reference: '2016-放弃-1' },
    });
    await t.rejects(printed(officer), { code: 'roster-outdated' });
    const approve = { roster: 2, verdict: 'approve' };
    await refused(t, world, [second, 'review-roster', approve], 'roster-outdated');
    t.match((await world.do(...issue(officer))).answer.values, { roster: 3, version: 2 });
    const [rows] = await world.query<{ count: number }>(
      `select count(*)::integer as count from roster_rows where roster = 3 and candidate_no = $1`,
      [student?.candidate],
    );
    t.equal(rows?.count, 0);
    await world.query('delete from senior_high_admissions where school = $1', [school]);
    await refused(t, world, issue(officer), 'no-imported');
  });
});

t.test('whose roster it is and when is the policy’s to say', async t => {
  const files = policyFiles((path, text) =>
    path === 'calendar.yaml'
      ? text
          .replace(/(id: roster-owner-other.*value: )city/, '$1province')
          .replace(/(id: roster-province-phase-1[^[]*)\[[^\]]*\]/, '$1[2016-09-01, 2016-09-02]')
      : text,
  );
  const world = await actWorld(t, { candidates: 60, files });
  const { own } = await schoolsOf(world);
  world.at = '2016-08-20T09:00';
  await admitTo(world, { school: own, city: CITY, count: 1 });
  const about = { school: own, phase: PHASE };
  world.at = CITY_DAY;
  await refused(t, world, ['province', 'issue-roster', about], 'window-closed');
  world.at = '2016-09-02T09:00';
  await refused(t, world, [`city-${CITY}`, 'issue-roster', about], 'out-of-scope');
  t.match((await world.do('province', 'issue-roster', about)).answer.values, { roster: 1 });
});
