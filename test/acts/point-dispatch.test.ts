/**
 * 点投: one candidate to one school by an officer – within the choices or by a paper, above the line
 * or below it, sent or admitted. Each refusal by its code.
 */
import t, { type Test } from 'tap';
import { SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';
import { BATCH, dispatchPolicy, FOSHAN, files, grant, lists, ZHUHAI } from './dispatch-world.ts';

const ONE = `city-${ZHUHAI}`;
const TWO = `city-${ZHUHAI}-2`;

interface Chooser {
  readonly no: string;
  readonly file: number;
  readonly county: string;
  readonly school: string;
  readonly majors: string;
  readonly ordinal: number;
}

/** Candidates in the pool of Zhuhai with a choice of a school that has a plan there. */
function choosers(world: ActWorld, where: string): Promise<Chooser[]> {
  return world.query<Chooser>(
    `select c.candidate_no as no, c.file, c.county, h.school, h.majors, h.ordinal
     from candidates c join choices h using (season, city, file)
       left join files f using (season, city, file)
     where c.city = $1 and coalesce(f.state, 'in-pool') = 'in-pool'
       and c.origin in ('fresh', 'junior-graduate') and h.batch = $2
       and exists (select from plan_lines p where p.city = c.city and p.school = h.school
         and p.batch = h.batch and p.planned > 0 and p.major = split_part(h.majors, ' ', 1))
       and ${where}
     order by c.file, h.ordinal`,
    [ZHUHAI, BATCH],
  );
}

const ABOVE = 'c.total >= 24000';
const BELOW = 'c.total < 24000';

interface Paper {
  readonly file: number;
  readonly school: string;
  readonly major: string;
  readonly ground?: string;
  readonly state?: string;
}

async function paper(world: ActWorld, named: Paper): Promise<number> {
  const { file, school, major, ground = 'below-line', state = 'approved' } = named;
  const [row] = await world.query<{ application: number }>(
    `insert into applications (season, kind, subject, state, city, school, batch, major, file, note,
       opened_by, opened_at, opened_on)
     values ($1, 'approval-paper', $2, $3, $4, $5, $6, $7, $8, $9, 'test', now(), '2016-07-20')
     returning application`,
    [
      SEASON,
      `file|${ZHUHAI}|${file}`,
      state,
      ZHUHAI,
      school,
      BATCH,
      major,
      file,
      JSON.stringify({ ground }),
    ],
  );
  return row?.application ?? 0;
}

const statesOf = (world: ActWorld, applications: readonly number[]) =>
  world.query<{ state: string }>(
    'select state from applications where application = any($1) order by application',
    [applications],
  );

const asked = ({ no, school }: Pick<Chooser, 'no' | 'school'>, more: object = {}) => ({
  candidate_no: no,
  batch: BATCH,
  school,
  ...more,
});

/** The one file as it stands, with its last event. */
async function one(world: ActWorld, { file }: Pick<Chooser, 'file'>) {
  const [row] = await files(world, ZHUHAI, `f.file = ${file}`);
  if (row === undefined) throw new Error(`no row of file ${file}`);
  return row;
}

t.test('point dispatch above the line', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI, FOSHAN], files: dispatchPolicy() });
  const found = await choosers(world, ABOVE);
  const distinct = [...new Map(found.map(each => [each.no, each])).values()];
  const [first, second, third, fourth, fifth] = distinct as [
    Chooser,
    Chooser,
    Chooser,
    Chooser,
    Chooser,
  ];

  t.test('sends a file on a list of its own, which a second officer releases', async t => {
    const done = await world.do(ONE, 'point-dispatch', asked(first));
    const { list } = done.answer.values as { list: number };
    const sent = await one(world, first);
    t.match(sent, { state: 'dispatched', school: first.school, list, event: 'dispatch' });
    t.match(sent.decision, /region-line/, 'the rules behind it are named');
    t.match(await lists(world, ZHUHAI), [{ list, school: first.school, state: 'draft', sent: 1 }]);
    const where = { city: ZHUHAI, list };
    await refused(t, world, [ONE, 'release-list', where], 'same-person');
    await world.do(TWO, 'release-list', where);
    t.equal((await one(world, first)).state, 'reading');
    await refused(t, world, [ONE, 'point-dispatch', asked(first)], 'not-in-pool');
  });

  t.test('admits at once only when a second officer confirms', async t => {
    const input = asked(second);
    const proposed = await world.do(ONE, 'point-dispatch-admit', input);
    t.equal(proposed.state, 'proposed');
    await refused(
      t,
      world,
      [ONE, 'point-dispatch-admit', { confirm: proposed.proposal }],
      'same-person',
    );
    await world.do(TWO, 'point-dispatch-admit', { confirm: proposed.proposal });
    const now = await one(world, second);
    t.match(now, { state: 'admitted', school: second.school, list: null, letter: 1 });
    t.equal(now.event, 'admit-directly');
    t.match(now.decision, /phase-1-within-plan/, 'the quota rule is named');
    t.ok(second.majors.split(' ').includes(now.major ?? ''), 'a major of the choice');
    await refused(t, world, [ONE, 'point-dispatch-admit', input], 'not-in-pool');
  });

  t.test('refuses by code', async t => {
    await refused(t, world, [`city-${FOSHAN}`, 'point-dispatch', asked(third)], 'out-of-scope');
    const stranger = await otherSchool(world, third);
    const outside = asked({ ...third, school: stranger });
    await refused(t, world, [ONE, 'point-dispatch', outside], 'outside-choices');
    await refused(t, world, [ONE, 'point-dispatch-below', asked(third)], 'no-approval-paper');
    await setOpen(world, third, 1);
    await refused(t, world, [ONE, 'point-dispatch', asked(third)], 'application-open');
    await setOpen(world, third, 0);
    await refuseByRoom(t, world, third);
    const [below] = await choosers(world, BELOW);
    const under = asked(below as Chooser);
    await refused(t, world, [ONE, 'point-dispatch', under], 'below-region-line');
    const county = `county-${third.county}`;
    await grant(world, county, 'point-dispatch');
    await refused(t, world, [county, 'point-dispatch', asked(third)], 'county-may-not-dispatch');
    world.at = '2016-08-10T09:00';
    await refused(t, world, [ONE, 'point-dispatch', asked(third)], 'window-closed');
    world.at = '2016-07-21T09:00';
    await world.query('update city_standings set senior_high_complete = false');
    await refused(t, world, [ONE, 'point-dispatch', asked(third)], 'senior-high-incomplete');
    await world.query('update city_standings set senior_high_complete = true');
  });

  t.test('an approved paper opens a school outside the choices, once', async t => {
    const school = await otherSchool(world, fourth);
    const major = await planned(world, school);
    const used = await paper(world, { ...fourth, school, major, ground: 'outside-choices' });
    const input = asked({ ...fourth, school });
    await refused(t, world, [ONE, 'point-dispatch', { ...input, major: 'x' }], 'outside-choices');
    await world.do(ONE, 'point-dispatch', input);
    t.match(await one(world, fourth), {
      state: 'dispatched',
      school,
      major,
      note: { application: used },
      decision: /^approval-paper /,
    });
    t.same(await statesOf(world, [used]), [{ state: 'used' }]);
    const reason = '误投';
    await world.do(ONE, 'cancel-dispatch', { candidate_no: fourth.no, reason });
    await refused(t, world, [ONE, 'point-dispatch', input], 'outside-choices');
  });

  t.test('a paper is not used up where the choices are enough', async t => {
    const [major = ''] = fifth.majors.split(' ');
    const kept = await paper(world, { ...fifth, major });
    await refused(t, world, [ONE, 'point-dispatch-below', asked(fifth)], 'not-below-line');
    await world.do(ONE, 'point-dispatch', asked(fifth, { major }));
    t.equal((await one(world, fifth)).major, major, 'the major that was asked for');
    t.same(await statesOf(world, [kept]), [{ state: 'approved' }]);
  });
});

t.test('point dispatch below the line', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI], files: dispatchPolicy() });
  const found = [...new Map((await choosers(world, BELOW)).map(each => [each.no, each])).values()];
  const [first, second, third] = found as [Chooser, Chooser, Chooser];
  const majorOf = ({ majors }: Chooser) => majors.split(' ')[0] as string;

  await refused(t, world, [ONE, 'point-dispatch-below', asked(first)], 'no-approval-paper');
  await paper(world, { ...first, major: majorOf(first), ground: 'outside-choices' });
  await refused(t, world, [ONE, 'point-dispatch-below', asked(first)], 'no-approval-paper');
  await refused(t, world, [ONE, 'point-dispatch', asked(first)], 'below-region-line');

  const used = await paper(world, { ...first, major: majorOf(first) });
  await world.do(ONE, 'point-dispatch-below', asked(first));
  t.match(await one(world, first), {
    state: 'dispatched',
    school: first.school,
    major: majorOf(first),
    note: { application: used },
  });
  t.notMatch((await one(world, first)).decision, /region-line/, 'the line is waived');
  t.same(await statesOf(world, [used]), [{ state: 'used' }]);

  await paper(world, { ...second, major: majorOf(second) });
  const input = asked(second);
  await world.both(ONE, TWO, 'point-dispatch-below-admit', input);
  t.match(await one(world, second), { state: 'admitted', event: 'admit-directly' });
  await refused(t, world, [ONE, 'point-dispatch-below-admit', input], 'not-in-pool');

  t.test('other conditions than the line still bar', async t => {
    await paper(world, { ...third, major: majorOf(third) });
    await world.query(`update candidates set origin = 'veteran' where file = $1`, [third.file]);
    const way = [ONE, 'point-dispatch-below', asked(third)] as const;
    await refused(t, world, way, 'not-junior-graduate');
    await world.query(`update candidates set origin = 'fresh' where file = $1`, [third.file]);
    await world.query('update candidates set total = null where file = $1', [third.file]);
    await refused(t, world, [ONE, 'point-dispatch', asked(third)], 'missing-data');
    await world.do(ONE, 'point-dispatch-below', asked(third));
    t.equal((await one(world, third)).state, 'dispatched', 'a total is what the line asks for');
  });
});

t.test('rules changed in YAML alone change what a point dispatch may do', async t => {
  const strict = dispatchPolicy((path, text) => {
    if (path === 'eligibility.yaml') return text.replace('[fresh, junior-graduate]', '[veteran]');
    return text;
  });
  const world = await actWorld(t, { cities: [ZHUHAI], files: strict });
  const [first] = await choosers(world, `${ABOVE} and h.adjustment`);
  await refused(t, world, [ONE, 'point-dispatch', asked(first as Chooser)], 'not-junior-graduate');

  const { school, majors } = first as Chooser;
  const [major = ''] = majors.split(' ');
  const closed = dispatchPolicy((path, text) => {
    if (path === 'special-conditions.yaml') return `${text}${onlyTall(school, major)}`;
    const free = '{ fact: plan.free, operator: greaterThan, value: 0 }';
    return path === 'quotas.yaml' ? text.replaceAll(free, NEVER) : text;
  });
  const other = await actWorld(t, { cities: [ZHUHAI], files: closed });
  await other.query('delete from flexible_quotas');
  const named = asked(first as Chooser, { major });
  await refused(t, other, [ONE, 'point-dispatch', named], 'not-tall-enough');
  const input = asked(first as Chooser);
  await refused(t, other, [ONE, 'point-dispatch-admit', input], 'over-plan');
  await other.do(ONE, 'point-dispatch', input);
  t.equal((await one(other, first as Chooser)).state, 'dispatched', 'a dispatch is no admission');
});

t.test('nobody is admitted without a major', async t => {
  const world = await actWorld(t, { cities: [ZHUHAI], files: dispatchPolicy() });
  const [first] = await choosers(world, `${ABOVE} and not h.adjustment`);
  const chooser = first as Chooser;
  const at = [ZHUHAI, chooser.school];
  await world.query('delete from flexible_quotas where city = $1 and school = $2', at);
  await world.query(
    `update plan_lines set planned = case when major = any($3) then 0 else 5 end
     where city = $1 and school = $2`,
    [...at, chooser.majors.split(' ')],
  );
  await world.query(
    `insert into majors (season, school, code, name) values ($1, $2, 'zz', '余额专业')`,
    [SEASON, chooser.school],
  );
  await world.query(
    `insert into plan_lines (season, city, school, major, batch, planned)
     values ($1, $2, $3, 'zz', $4, 5)`,
    [SEASON, ...at, BATCH],
  );
  await refused(t, world, [ONE, 'point-dispatch-admit', asked(chooser)], 'no-adjustment');
  const elsewhere = asked(chooser, { major: 'zz' });
  await refused(t, world, [ONE, 'point-dispatch-admit', elsewhere], 'outside-choices');
  await world.query('update choices set adjustment = true where file = $1', [chooser.file]);
  await world.both(ONE, TWO, 'point-dispatch-admit', elsewhere);
  t.match(await one(world, chooser), { state: 'admitted', major: 'zz' });
});

const onlyTall = (school: string, major: string) => `
  - id: tall-${school}
    school: "${school}"
    major: "${major}"
    title: 身高不低于 3 米
    basis: sample
    requires: { all: [{ fact: candidate.height, operator: greaterThanInclusive, value: 300 }] }
    refuse: not-tall-enough
`;

const NEVER = '{ fact: plan.free, operator: greaterThan, value: 99999 }';

t.test('a county dispatches its own candidates where the policy value says so', async t => {
  const yes = dispatchPolicy((path, text) =>
    path === 'calendar.yaml' ? text.replace(/(county-may-dispatch.*value: )false/, '$1true') : text,
  );
  const world = await actWorld(t, { cities: [ZHUHAI], files: yes });
  const found = await choosers(world, ABOVE);
  const [own] = found as [Chooser];
  const foreign = found.find(({ county }) => county !== own.county) as Chooser;
  const user = `county-${own.county}`;
  await grant(world, user, 'point-dispatch');
  await world.do(user, 'point-dispatch', asked(own));
  t.equal((await one(world, own)).state, 'dispatched');
  await refused(t, world, [user, 'point-dispatch', asked(foreign)], 'out-of-scope');
});

/** A full school, one that has returned the file, one that is suspended, and one without a plan. */
async function refuseByRoom(t: Test, world: ActWorld, chooser: Chooser): Promise<void> {
  const { school, file, majors } = chooser;
  const way = [ONE, 'point-dispatch', asked(chooser)] as const;
  const [major = ''] = majors.split(' ');
  const at = [ZHUHAI, school];
  const plan = await world.query<{ major: string; planned: number }>(
    'select major, planned from plan_lines where city = $1 and school = $2',
    at,
  );
  await world.query('update plan_lines set planned = 0 where city = $1 and school = $2', at);
  await world.query('delete from flexible_quotas where city = $1 and school = $2', at);
  await refused(t, world, way, 'full');
  for (const line of plan) {
    await world.query(
      'update plan_lines set planned = $3 where city = $1 and school = $2 and major = $4',
      [...at, line.planned, line.major],
    );
  }
  const others = plan.filter(line => line.major !== major);
  if (others.length > 0) {
    await world.query(
      'update plan_lines set planned = 0 where city = $1 and school = $2 and major = $3',
      [...at, major],
    );
    const named = asked(chooser, { major });
    await refused(t, world, [ONE, 'point-dispatch', named], 'majors-full');
  }
  await world.query(
    `insert into files (season, city, file, state, returned_by, event)
     values ($1, $2, $3, 'in-pool', array[$4], 0)`,
    [SEASON, ZHUHAI, file, school],
  );
  await refused(t, world, way, 'returned-before');
  await world.query('delete from files where file = $1', [file]);
  await world.query(
    `insert into school_statuses (season, school, batch, status) values ($1, $2, $3, 'suspended')`,
    [SEASON, school, BATCH],
  );
  await refused(t, world, way, 'school-suspended');
  await world.query('delete from school_statuses');
  await world.query('delete from plan_lines where city = $1 and school = $2', at);
  await refused(t, world, way, 'no-plan');
}

async function setOpen(world: ActWorld, { file }: Chooser, count: number): Promise<void> {
  if (count === 0) {
    await world.query('delete from files where city = $1 and file = $2', [ZHUHAI, file]);
    return;
  }
  await world.query(
    `insert into files (season, city, file, state, open_applications, event)
     values ($1, $2, $3, 'in-pool', $4, 0)`,
    [SEASON, ZHUHAI, file, count],
  );
}

/** A school with places in Zhuhai that the candidate has not chosen, and without conditions. */
async function otherSchool(world: ActWorld, { file }: Chooser): Promise<string> {
  const [row] = await world.query<{ school: string }>(
    `select p.school from plan_lines p where p.city = $1 and p.batch = $2 and p.planned > 0
       and not exists (select from choices h where h.city = p.city and h.file = $3
         and h.school = p.school)
     order by p.school desc limit 1`,
    [ZHUHAI, BATCH, file],
  );
  return row?.school ?? '';
}

async function planned(world: ActWorld, school: string): Promise<string> {
  const [row] = await world.query<{ major: string }>(
    `select major from plan_lines where city = $1 and school = $2 and planned > 0
     order by major limit 1`,
    [ZHUHAI, school],
  );
  return row?.major ?? '';
}
