/**
 * People entered by schools 补录: the record is checked as an import's row is, an identity is once in
 * the province, numbers are without gaps and clashes, and nothing of a person stands in the ledger.
 */
import t, { type Test } from 'tap';
import { checkCharacter } from '../../db/package/identity.ts';
import { expireApplications, pendingApplications } from '../../db/season/application-lists.ts';
import { findFunction } from '../../jobs/act/registry.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import { SEASON } from '../jobs/night-world.ts';
import { refused } from './act-world.ts';
import {
  type ApplicationWorld,
  applicationWorld,
  apply,
  approve,
  brokenCounts,
  FOSHAN,
  NEW,
  OLD,
  PHASE_2,
  REASON,
  refuse,
  refusesAsEveryReview,
  SHUNDE,
  stateOf,
} from './application-world.ts';

const OFFICE = `city-${FOSHAN}`;
const SCHOOL = `school-${OLD}`;
const CLERK = `school-${OLD}-clerk`;
const ID = 'supplement-candidate';
const REVIEW = 'review-supplement';

let people = 0;

/** A person of the tests: born in 1998, with a number that the checksum fits. */
function person(city = FOSHAN): Record<string, string> {
  people += 1;
  const digits = `99010119980203${String(people).padStart(3, '0')}`;
  return {
    name: `测试${people}`,
    sex: 'F',
    identity_no: digits + checkCharacter(digits),
    city,
    origin: 'veteran',
    clerk: '陈经办',
  };
}

async function numberOf(world: ApplicationWorld, application: number): Promise<string> {
  const [row] = await world.query<{ number: string }>(
    "select note ->> 'candidate_no' as number from applications where application = $1",
    [application],
  );
  return (row as { number: string }).number;
}

t.test('supplements and their review', async t => {
  const world = await applicationWorld(t);
  const test = (title: string, work: (t: Test) => Promise<void>) =>
    t.test(title, async t => {
      world.at = PHASE_2;
      await work(t);
      t.same(await brokenCounts(world), []);
    });
  const highest = async () => {
    const [row] = await world.query<{ last: string }>(
      "select max(candidate_no) as last from candidate_numbers where candidate_no like '164406%'",
    );
    return Number((row as { last: string }).last.slice(6));
  };

  test('refuses what is wrong with a record, by code', async t => {
    const right = person();
    const wrong = (change: object) => [CLERK, ID, { ...right, ...change }] as const;
    world.at = '2016-07-25T09:00';
    await refused(t, world, wrong({}), 'window-closed');
    world.at = PHASE_2;
    await refused(t, world, [OFFICE, ID, right], 'wrong-side');
    await refused(t, world, wrong({ city: '449900' }), 'unknown-city');
    await refused(t, world, wrong({ clerk: undefined }), 'no-clerk');
    await refused(t, world, wrong({ clerk: ' ' }), 'no-clerk');
    await refused(t, world, wrong({ origin: 'fresh' }), 'fresh-candidate');
    const identity = right['identity_no'] as string;
    const last = identity.endsWith('1') ? '2' : '1';
    for (const change of [
      { identity_no: identity.slice(0, 17) + last },
      { identity_no: '123' },
      { identity_no: undefined },
      { name: undefined },
      { sex: '?' },
      { origin: 'unheard-of' },
      { birth_date: '1998-02-04' },
      { birth_date: '1998-02-30' },
      { county: '449999' },
      { identity_type: '护照', birth_date: undefined },
      { attributes: { height: 'tall' } },
      { attributes: { wings: 2 } },
    ]) {
      await refused(t, world, wrong(change), 'wrong-person-data');
    }
    for (const digits of ['99010119980230001', '99010120150203001', '99010119200203001']) {
      const identity_no = digits + checkCharacter(digits);
      await refused(t, world, wrong({ identity_no }), 'wrong-person-data');
    }
    const message = await world.do(CLERK, ID, { ...right, identity_no: '12345' }).catch(String);
    t.notMatch(message, /12345|测试/, 'the sentence repeats nothing of the person');
  });

  test('an entered person waits unnumbered, and is numbered on from the imports', async t => {
    const own = person();
    const record = { ...own, attributes: { height: 172.5 }, phone: '13800000000' };
    const application = await apply(world, CLERK, ID, record);
    const [file] = await world.query(
      `select f.state, f.school, f.open_applications, c.candidate_no, c.name, c.identity_no,
         c.birth_date::text as birth_date, c.origin, c.attributes, c.phone
       from applications a join files f using (season, city, file)
         join candidates c using (season, city, file) where application = $1`,
      [application],
    );
    t.match(file, {
      state: 'unnumbered',
      school: OLD,
      open_applications: 1,
      candidate_no: null,
      name: own['name'],
      identity_no: own['identity_no'],
      birth_date: '1998-02-03',
      origin: 'veteran',
      attributes: { height: '172.5' },
      phone: '13800000000',
    });
    await refused(t, world, [CLERK, ID, record], 'duplicate-identity');
    const elsewhere = { ...record, city: SHUNDE };
    await refused(t, world, [`school-${NEW}`, ID, elsewhere], 'duplicate-identity');
    const [known] = await world.query<{ identity_no: string }>(
      "select identity_no from candidates where city = $1 and origin = 'fresh' limit 1",
      [SHUNDE],
    );
    const inBase = { ...person(), identity_no: known?.identity_no };
    await refused(t, world, [CLERK, ID, inBase], 'duplicate-identity');

    await refusesAsEveryReview(t, world, REVIEW, application);
    const before = await highest();
    const { answer } = await world.do(OFFICE, REVIEW, approve(application));
    const number = `164406${String(before + 1).padStart(8, '0')}`;
    t.match(answer.values, { candidate_no: number });
    t.equal(await numberOf(world, application), number, 'the school reads it there');
    t.match(await world.file(number), {
      state: 'in-pool',
      school: null,
      open_applications: 0,
      last_event: 'assign-number',
    });
    await refused(t, world, [OFFICE, REVIEW, approve(application)], 'application-decided');
    t.equal(await highest(), before + 1, 'no second number');
  });

  test('a number that is refused closes the file, and the identity is free again', async t => {
    const record = person();
    const application = await apply(world, SCHOOL, ID, record);
    await world.do(OFFICE, REVIEW, refuse(application));
    const [left] = await world.query(
      `select (select count(*)::integer from candidates c where c.identity_no = $2) as candidates,
         (select count(*)::integer from files f where (f.city, f.file) = (a.city, a.file)) as files,
         (select array_agg(e.name order by e.event) from events e
           where (e.city, e.file) = (a.city, a.file)) as events,
         a.state, a.reason, a.subject
       from applications a where a.application = $1`,
      [application, record['identity_no']],
    );
    t.match(left, {
      candidates: 0,
      files: 0,
      events: ['supplement', 'refuse-number'],
      state: 'refused',
      reason: REASON,
      subject: /^identity\|[0-9a-f]{64}$/,
    });
    t.ok(await apply(world, `school-${NEW}`, ID, { ...record, city: SHUNDE }));
  });

  test('Foshan and Shunde share a prefix: asked at once, no gap and no clash', async t => {
    const asked: [string, number][] = [];
    for (let index = 0; index < 12; index += 1) {
      const city = index % 2 === 0 ? FOSHAN : SHUNDE;
      const school = index % 3 === 0 ? OLD : NEW;
      asked.push([city, await apply(world, `school-${school}`, ID, person(city))]);
    }
    const before = await highest();
    const reviews = asked.map(async ([city, application], index) => {
      // One that fails half-way leaves no gap either.
      if (index === 5) await failing(world, city, application);
      return world.do(`city-${city}${index % 4 < 2 ? '' : '-2'}`, REVIEW, approve(application));
    });
    const reports = await Promise.all(reviews);
    const serials = reports.map(({ answer }) =>
      Number(String(answer.values?.['candidate_no']).slice(6)),
    );
    const expected = asked.map((_, index) => before + 1 + index);
    t.same(
      serials.toSorted((a, b) => a - b),
      expected,
    );
    const twice = await world.query(
      'select candidate_no from candidates group by 1 having count(*) > 1 and candidate_no <> $1',
      [''],
    );
    t.same(twice, []);
  });

  test('two schools that enter one person at once: one of them has', async t => {
    const record = person();
    const both = await Promise.allSettled([
      world.do(SCHOOL, ID, record),
      world.do(`school-${NEW}`, ID, { ...record, city: SHUNDE }),
    ]);
    const lost = both.filter(({ status }) => status === 'rejected');
    t.equal(lost.length, 1);
    t.match(lost[0], { reason: { code: 'duplicate-identity' } });
  });

  test('numbers that a later import has taken are passed over', async t => {
    const next = (await highest()) + 1;
    const taken = `164406${String(next).padStart(8, '0')}`;
    await world.query(
      'insert into candidate_numbers (season, candidate_no, city, file) values ($1, $2, $3, 0)',
      [SEASON, taken, FOSHAN],
    );
    const application = await apply(world, SCHOOL, ID, person());
    await world.do(OFFICE, REVIEW, approve(application));
    t.equal(await numberOf(world, application), `164406${String(next + 1).padStart(8, '0')}`);
    await world.query('delete from candidate_numbers where candidate_no = $1', [taken]);
  });

  test('serials that are used up are refused, and the application waits', async t => {
    const application = await apply(world, SCHOOL, ID, person());
    const counter = (last: number) =>
      world.query("update number_counters set last = $1 where counter = 'candidate_no|164406'", [
        last,
      ]);
    const [row] = await world.query<{ last: number }>(
      "select last from number_counters where counter = 'candidate_no|164406'",
    );
    await counter(99_999_999);
    await refused(t, world, [OFFICE, REVIEW, approve(application)], 'number-taken-up');
    t.equal(await stateOf(world, application), 'open');
    await counter((row as { last: number }).last);
    await world.do(OFFICE, REVIEW, approve(application));
  });

  test('a file of people has a verdict per row', t => many(t, world));
  test('two files with the same people in another order: each person once', async t => {
    const people = Array.from({ length: 20 }, () => person());
    const moved = people.map(each => ({ ...each, city: SHUNDE })).toReversed();
    const files = [
      world.do(SCHOOL, 'supplement-many', { rows: people }),
      world.do(`school-${NEW}`, 'supplement-many', { rows: moved }),
    ];
    const counts = (await Promise.all(files)).map(({ answer }) => answer.counts?.['entered']);
    t.equal((counts[0] ?? 0) + (counts[1] ?? 0), people.length);
  });
  test('the ledger holds nothing of a person, and knows a repeated request', t => ledger(t, world));
  test('what nobody answers ages, and expires', t => expiry(t, world));
});

async function failing(world: ApplicationWorld, city: string, application: number) {
  const environment = world.environment({
    failPoint: name => {
      if (name === 'act-recorded') throw new Error('cut');
    },
  });
  const request = { user: `city-${city}`, input: approve(application) };
  await runAct(await findFunction(REVIEW), request, environment).catch(() => {});
}

async function many(t: Test, world: ApplicationWorld): Promise<void> {
  const first = person();
  const rows = [
    first,
    { ...person(SHUNDE), sex: '男', clerk: null },
    { ...person(), name: '' },
    first,
    { ...person(), city: '449900' },
    { ...person(), clerk: '' },
    { ...person(), origin: '应届' },
    { ...person(), 备注: '无' },
  ];
  const { answer } = await world.do(CLERK, 'supplement-many', { rows, clerk: '李经办' });
  t.match(answer.counts, { rows: 8, entered: 3, refused: 5 });
  const verdicts = answer.values?.['verdicts'] as { code: string; sentence: string }[];
  t.same(
    verdicts.map(({ code }) => code),
    [
      'done',
      'done',
      'wrong-person-data',
      'duplicate-identity',
      'wrong-person-data',
      'done',
      'fresh-candidate',
      'wrong-person-data',
    ],
  );
  t.match(verdicts[2]?.sentence, /姓名（name）不能为空/);
  t.notMatch(JSON.stringify(answer), new RegExp(`${first['identity_no']}|测试|备注`));
  const again = await world.do(CLERK, 'supplement-many', { rows, clerk: '李经办' });
  t.match(again.answer.counts, { entered: 0, refused: 8 }, 'the file again enters nobody twice');
  const alone = await world.do(CLERK, 'supplement-many', { rows: [person()] });
  t.match(alone.answer.counts, { entered: 1 });
  const nameless: Record<string, string> = person();
  delete nameless['clerk'];
  const { answer: refusedAll } = await world.do(CLERK, 'supplement-many', { rows: [nameless] });
  t.match(refusedAll.values, { verdicts: [{ code: 'no-clerk' }] });
  await refused(t, world, [OFFICE, 'supplement-many', { rows }], 'wrong-side');
  await refused(t, world, [CLERK, 'supplement-many', { rows: [] }], 'wrong-input');
  world.at = '2016-07-25T09:00';
  await refused(t, world, [CLERK, 'supplement-many', { rows }], 'window-closed');
}

async function ledger(t: Test, world: ApplicationWorld): Promise<void> {
  const record = person();
  const job = await findFunction(ID);
  const request = { user: CLERK, input: record, request: 'S1' };
  const first = await runAct(job, request, world.environment());
  const again = await runAct(job, request, world.environment());
  t.match(again, { state: 'already-done', run: first.run });
  const other = { ...request, input: { ...record, name: '另一人' } };
  await t.rejects(runAct(job, other, world.environment()), { code: 'request-differs' });
  const [line] = await world.query<{ request: object }>('select request from runs where run = $1', [
    first.run,
  ]);
  t.match(line?.request, { city: FOSHAN, personal: /^[0-9a-f]{64}$/ });
  const rows = await world.query<{ text: string }>(
    `select r::text as text from runs r union all select e::text from events e
     union all select a::text from applications a`,
  );
  const told = rows.filter(({ text }) => text.includes(record['identity_no'] as string));
  t.same(told, [], 'no identity number in ledger, trail or applications');
  t.notOk(rows.some(({ text }) => text.includes(record['name'] as string)));
}

async function expiry(t: Test, world: ApplicationWorld): Promise<void> {
  const application = await apply(world, SCHOOL, ID, person());
  const waiting = await pendingApplications(world.database, SEASON, '2016-09-10', {
    school: OLD,
  });
  const own = waiting.find(each => each.application === application);
  t.match(own, { kind: 'supplement', ageDays: 16, waitsFor: [FOSHAN], candidateNo: null });
  const how = { at: new Date(), decision: 'application-expired', reason: 'expired' };
  const expire = () => expireApplications(world.database, SEASON, [application], how);
  const [expired] = await expire();
  t.match(expired, { application, kind: 'supplement', city: FOSHAN, school: OLD });
  t.same(await expire(), [], 'once');
  await refused(t, world, [OFFICE, REVIEW, approve(application)], 'application-decided');
  // What the sweep does with the file, which is its event to write.
  await world.query('update files set open_applications = 0 where (city, file) = ($1, $2)', [
    FOSHAN,
    expired?.file,
  ]);
}
