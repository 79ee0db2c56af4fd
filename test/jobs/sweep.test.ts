/** The sweep: what the deadlines of the calendar do by themselves. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { lockChain } from '../../db/trail.ts';
import { ActionDecider } from '../../engine/rules/actions.ts';
import { factNames } from '../../engine/rules/catalogue.ts';
import { CityPolicies } from '../../jobs/act/city-policies.ts';
import { factsOf } from '../../jobs/nightly/sweep/facts.ts';
import { sweepJob } from '../../jobs/nightly/sweep.ts';
import { vacanciesJob } from '../../jobs/nightly/vacancies.ts';
import { FAIL_POINTS } from '../../jobs/run/fail-points.ts';
import { takeLock } from '../../jobs/run/lock.ts';
import { type RunReport, runJob } from '../../jobs/run/run.ts';
import { digest } from '../acts/act-world.ts';
import { adopt, policyFiles, SEASON } from './night-world.ts';
import {
  atSchool,
  CITY,
  chainHolds,
  type FileRow,
  type SweepWorld,
  sweepWorld,
  UNREGISTERED,
} from './sweep-world.ts';

const SCHOOL = '4404001';
const CLI = join(import.meta.dirname, '..', '..', 'jobs', 'cli.ts');
const AT = '2016-09-01T00:05';

function completed(t: Test, report: RunReport) {
  t.equal(report.state, 'completed', report.error?.message ?? '');
  return report.result?.counts ?? {};
}

/** Puts rows on files and gives their numbers. */
async function putAll(world: SweepWorld, rows: readonly FileRow[]): Promise<number[]> {
  const files = world.files.slice(0, rows.length);
  for (const [at, row] of rows.entries()) await world.put(files[at] as number, row);
  return files;
}

t.test(
  'when phase 1 closes, undecided files go back and proposals go to the reviewers',
  async t => {
    const world = await sweepWorld(t);
    for (const [list, state] of [
      [1, 'draft'],
      [2, 'released'],
      [3, 'submitted'],
      [4, 'released'],
    ]) {
      await world.list(list as number, state as string);
    }
    const files = await putAll(world, [
      atSchool('dispatched', 1),
      atSchool('reading', 2),
      atSchool('proposed', 2),
      atSchool('return-proposed', 3),
      atSchool('proposed', 4),
      { ...UNREGISTERED, list: 3 },
    ]);
    t.equal(completed(t, await world.sweep('2016-07-29'))['moved'], 0, 'the last day is open');
    const report = await world.sweep('2016-07-30');
    const counts = completed(t, report);
    t.match(counts, { moved: 3, 'phase-1-undecided': 3, [`phase-1-undecided|${SCHOOL}`]: 3 });
    const states = await Promise.all(files.map(async file => (await world.file(file))?.state));
    t.same(states, ['in-pool', 'in-pool', 'proposed', 'in-pool', 'proposed', 'admitted']);
    t.match(await world.file(files[0] as number), { school: null, returned_by: [SCHOOL] });
    t.equal((await world.file(files[0] as number))?.since, '2016-07-30');
    const lists = await Promise.all([1, 2, 3, 4].map(list => world.listState(list)));
    t.same(lists, ['cancelled', 'submitted', 'closed', 'submitted']);
    const events = await world.events(report.run);
    t.same(
      events.filter(event => event.file !== null).map(({ file, name }) => [file, name]),
      [0, 1, 3].map(at => [files[at], 'recall']),
      'one event each, in the order of the files',
    );
    t.match(events[0], {
      decision: 'phase-1-undecided',
      school: SCHOOL,
      business_date: '2016-07-30',
      phase: 'phase-1',
      note: { reason: 'phase-closed' },
    });
    t.equal(events[0]?.event, (await world.file(files[0] as number))?.event);
    t.match(report.result?.findings, [
      { property: 'sweep-recall', rows: [{ school: SCHOOL, files: 3 }] },
    ]);
    t.match(completed(t, await world.sweep('2016-08-01')), { moved: 0 }, 'the grace is running');
    const grace = completed(t, await world.sweep('2016-08-02'));
    t.match(grace, { moved: 2, 'phase-1-grace-over': 2 });
    t.same([await world.listState(2), await world.listState(4)], ['closed', 'closed']);
    await chainHolds(t, world.database);
  },
);

t.test('a proposal made again but not submitted again goes to the reviewers too', async t => {
  const world = await sweepWorld(t);
  await world.list(1, 'submitted');
  const [file = 0] = await putAll(world, [atSchool('proposed', 1)]);
  await world.database.query('update files set reopened_for_review = true where file = $1', [file]);
  const reopened = async () => {
    const [row] = await world.database.query<{ reopened: boolean }>(
      'select reopened_for_review as reopened from files where file = $1',
      [file],
    );
    return row?.reopened;
  };
  await world.sweep('2016-07-29');
  t.equal(await reopened(), true, 'the school may still submit it');
  const report = await world.sweep('2016-07-30');
  t.equal(await reopened(), false);
  const events = await world.events(report.run);
  t.match(events, [{ file, name: 'sweep', from_state: 'proposed', to_state: 'proposed', list: 1 }]);
  t.match(await world.file(file), { state: 'proposed', event: events[0]?.event });
  t.equal(await world.listState(1), 'submitted');
  t.same(await world.events((await world.sweep('2016-07-31')).run), [], 'once');
  await chainHolds(t, world.database);
});

t.test('on 09-01 the unregistered of phase 1 are reverted, and nobody else', async t => {
  const world = await sweepWorld(t);
  const transferred = { ...UNREGISTERED, registerBy: '2016-09-05' };
  const files = await putAll(world, [
    UNREGISTERED,
    { ...UNREGISTERED, state: 'registered' },
    { ...UNREGISTERED, phase: 'phase-2' },
    transferred,
    { ...UNREGISTERED, reopenedUntil: '2016-09-02' },
  ]);
  const state = async () =>
    Promise.all(files.map(async file => (await world.file(file))?.state ?? ''));
  t.match(completed(t, await world.sweep('2016-08-31')), { moved: 0 });
  const report = await world.sweep('2016-09-01');
  t.match(completed(t, report), { moved: 1, 'phase-1-unregistered': 1 });
  t.same(await state(), ['in-pool', 'registered', 'admitted', 'admitted', 'admitted']);
  const reverted = await world.file(files[0] as number);
  t.match(reverted, { school: null, phase: null, returned_by: null });
  t.match(await world.events(report.run), [
    { name: 'revert', from_state: 'admitted', to_state: 'in-pool', school: SCHOOL },
  ]);
  t.match(completed(t, await world.sweep('2016-09-02')), { moved: 0 });
  t.match(
    completed(t, await world.sweep('2016-09-03')),
    { moved: 1 },
    'the reopened days are over',
  );
  t.match(completed(t, await world.sweep('2016-09-05')), { moved: 0 });
  t.match(completed(t, await world.sweep('2016-09-06')), { moved: 1 }, 'and the transfer’s own');
  t.match(completed(t, await world.sweep('2016-11-10')), { moved: 0 });
  t.match(completed(t, await world.sweep('2016-11-11')), { moved: 1, 'phase-2-unregistered': 1 });
  t.same(await state(), ['in-pool', 'registered', 'in-pool', 'in-pool', 'in-pool']);
});

t.test(
  'an application opened before the deadline defers the revert until it has ended',
  async t => {
    const world = await sweepWorld(t);
    const waiting = { ...UNREGISTERED, openApplications: 1 };
    const [before, after, paired] = (await putAll(world, [waiting, waiting, waiting])) as [
      number,
      number,
      number,
    ];
    await world.apply({ kind: 'withdrawal', file: before, openedOn: '2016-08-31' });
    await world.apply({ kind: 'withdrawal', file: after, openedOn: '2016-09-01' });
    // The withdrawal was asked for in time; the transfer that it counts as one with came later.
    const transfer = await world.apply({ kind: 'transfer', file: paired, openedOn: '2016-09-01' });
    await world.apply({
      kind: 'withdrawal',
      file: paired,
      openedOn: '2016-08-30',
      consentsTo: transfer,
    });
    t.match(completed(t, await world.sweep('2016-09-01')), { moved: 1 });
    t.equal((await world.file(after))?.state, 'in-pool', 'opened on the day: too late');
    t.equal((await world.file(before))?.state, 'admitted');
    t.equal((await world.file(paired))?.state, 'admitted');
    t.match(completed(t, await world.sweep('2016-09-14')), { moved: 0, expired: 0 });
    const report = await world.sweep('2016-09-15');
    t.match(completed(t, report), { expired: 1, moved: 1 }, 'nobody has answered for 14 days');
    const events = await world.events(report.run);
    t.match(events, [
      { file: before, name: 'expire-application', from_state: 'admitted', to_state: 'admitted' },
      { file: before, name: 'revert' },
    ]);
    t.match(await world.file(before), {
      state: 'in-pool',
      open_applications: 0,
      event: events[1]?.event,
    });
    t.match(completed(t, await world.sweep('2016-09-16')), { expired: 2, moved: 1 });
    const states = await world.database.query<{ state: string }>('select state from applications');
    t.same(
      new Set(states.map(row => row.state)),
      new Set(['expired']),
      'the pair has ended as one',
    );
    await chainHolds(t, world.database);
  },
);

t.test('an unanswered supplement closes its file, and a plan change concerns none', async t => {
  const world = await sweepWorld(t);
  const [file] = (await putAll(world, [
    { state: 'unnumbered', school: SCHOOL, openApplications: 1 },
  ])) as [number];
  await world.apply({ kind: 'supplement', file, openedOn: '2016-09-01' });
  await world.apply({ kind: 'plan-change', places: -2, openedOn: '2016-09-01' });
  const report = await world.sweep('2016-09-16');
  t.match(completed(t, report), { expired: 2, moved: 0 });
  t.match(await world.events(report.run), [
    { file, name: 'expire-application', to_state: 'unnumbered', decision: 'application-expired' },
    { file, name: 'refuse-number', from_state: 'unnumbered', to_state: null },
    { file: null, name: 'expire-application', to_state: null },
  ]);
  t.equal(await world.file(file), undefined);
  const left = await world.database.query('select from candidates where file = $1', [file]);
  t.equal(left.length, 0, 'nobody is kept of it but the trail');
});

t.test('an unanswered move of plan ends in the chains of both cities', async t => {
  const world = await sweepWorld(t);
  const other = '440600';
  const move = { kind: 'region-move', places: 3, otherCity: other } as const;
  const application = await world.apply({ ...move, openedOn: '2016-09-01' });
  await world.apply({ ...move, openedOn: '2016-09-10' });
  const report = await world.sweep('2016-09-16');
  t.match(completed(t, report), { expired: 1, moved: 0 });
  const events = await world.database.query(
    `select city, file, decision, note from events where run = $1 and name = 'expire-application'
     order by city`,
    [report.run],
  );
  const said = { file: null, decision: 'application-expired', note: { application } };
  t.match(events, [
    { ...said, city: CITY, note: { from: other, to: CITY } },
    { ...said, city: other },
  ]);
  t.equal(events.length, 2);
  await chainHolds(t, world.database);
  await chainHolds(t, world.database, other);
});

t.test('a hold ends with its term, and phase-2 entries with their grace', async t => {
  const world = await sweepWorld(t);
  const entered = { ...UNREGISTERED, state: 'pending-review', phase: 'phase-2' };
  const [held, later, entry] = (await putAll(world, [
    { state: 'held', holdUntil: '2016-08-09', returnedBy: ['4404002'] },
    { state: 'held', holdUntil: '2016-08-10' },
    entered,
  ])) as [number, number, number];
  const report = await world.sweep('2016-08-10');
  t.match(completed(t, report), { moved: 1, 'hold-expired': 1 });
  t.match(await world.file(held), { state: 'in-pool', hold_until: null, returned_by: ['4404002'] });
  t.equal((await world.file(later))?.state, 'held', 'its last day is its own');
  t.same(report.result?.findings, [], 'a hold that ends takes nothing from anybody');
  t.match(completed(t, await world.sweep('2016-11-10')), { 'hold-expired': 1, moved: 1 });
  t.match(completed(t, await world.sweep('2016-11-11')), { 'phase-2-grace-over': 1, moved: 1 });
  t.match(await world.file(entry), { state: 'in-pool', returned_by: null });
});

t.test('the reminder list names the schools, and changes no file', async t => {
  const world = await sweepWorld(t);
  await putAll(world, [UNREGISTERED, UNREGISTERED, { ...UNREGISTERED, state: 'registered' }]);
  const files = await world.database.query('select * from files order by file');
  const report = await world.sweep('2016-08-24');
  t.match(completed(t, report), { moved: 0, reminded: 2 });
  t.match(report.result?.findings, [
    { property: 'sweep-remind', rows: [{ school: SCHOOL, files: 2 }], rowCount: 1 },
  ]);
  t.same(await world.database.query('select * from files order by file'), files);
  t.same(await world.events(report.run), []);
});

t.test('a rule changed in YAML alone changes what the sweep does', async t => {
  const shifted = policyFiles((path, text) =>
    path === 'deadlines.yaml' ? text.replace('at: 2016-09-01T00:00', 'at: 2016-09-03T00:00') : text,
  );
  const world = await sweepWorld(t, { files: shifted });
  const [file] = (await putAll(world, [UNREGISTERED])) as [number];
  t.match(completed(t, await world.sweep('2016-09-01')), { moved: 0 });
  t.match(completed(t, await world.sweep('2016-09-03')), { moved: 1 });
  await world.put(file, UNREGISTERED);
  const spared = policyFiles((path, text) =>
    path === 'deadlines.yaml'
      ? text.replace(
          '- { fact: file.phase, operator: equal, value: phase-1 }',
          `- { fact: file.phase, operator: equal, value: phase-1 }
        - { fact: candidate.total, operator: lessThan, value: 0 }`,
        )
      : text,
  );
  await adopt(world.database, spared);
  t.match(completed(t, await world.sweep('2016-09-04')), { moved: 0 }, 'nobody has such a total');
  const kept = policyFiles((path, text) =>
    path === 'deadlines.yaml'
      ? text.replace('then: { event: revert, reason: unregistered }', 'then: { event: remind }')
      : text,
  );
  await adopt(world.database, kept);
  t.match(completed(t, await world.sweep('2016-09-05')), { moved: 0, reminded: 1 });
  t.equal((await world.file(file))?.state, 'admitted');
});

t.test('the deadline of the day’s end is the next midnight', async t => {
  const atEnd = policyFiles((path, text) => {
    if (path === 'deadlines.yaml') {
      return text.replace('at: 2016-09-01T00:00', 'at: 2016-09-02T00:00');
    }
    return path === 'calendar.yaml' ? text.replace('value: start', 'value: end') : text;
  });
  const world = await sweepWorld(t, { files: atEnd });
  const [file, plain] = (await putAll(world, [
    { ...UNREGISTERED, openApplications: 1 },
    UNREGISTERED,
  ])) as [number, number];
  await world.apply({ kind: 'withdrawal', file, openedOn: '2016-09-01' });
  t.match(completed(t, await world.sweep('2016-09-01')), { moved: 0 });
  t.match(completed(t, await world.sweep('2016-09-02')), { moved: 1 });
  t.equal((await world.file(plain))?.state, 'in-pool');
  t.equal((await world.file(file))?.state, 'admitted', 'asked for on the last day, in time');
});

t.test('every fact of the stage can be read by a rule', async t => {
  const height = { name: 'height', type: 'number', title: '身高' } as const;
  const names = factNames('deadline', [height], ['数学']);
  const rules = names.map(
    (name, at) => `
  - id: reads-${at}
    title: 读取 ${name}
    basis: sample
    when:
      all:
        - { fact: file.state, operator: equal, value: filed }
        - { fact: ${name}, operator: notEqual, value: { fact: ${name} } }
    then: { event: remind }`,
  );
  const files = policyFiles((path, text) =>
    path === 'deadlines.yaml' ? `${text}${rules.join('')}\n` : text,
  );
  const world = await sweepWorld(t, { files });
  await putAll(world, [UNREGISTERED, atSchool('reading')]);
  await world.apply({ kind: 'plan-change', places: 3, openedOn: '2016-08-30' });
  const counts = completed(t, await world.sweep('2016-09-01'));
  t.match(counts, { moved: 2, reminded: 0 });
  const { policy, values } = await aFile(world);
  const place = { city: CITY, date: '2016-09-01', policy, standing: STANDING };
  const ofFile = factsOf(values, names, 'file', place);
  const ofApplication = factsOf(values, names, 'application', place);
  t.same(
    names.filter(name => ofFile[name] === null),
    ['application.kind', 'application.by', 'application.places', 'application.age-days'],
    'a file has no application of its own',
  );
  t.same(
    names.filter(name => ofApplication[name] === null),
    [],
  );
});

/** A file with everything that can be known of it, and an application. */
async function aFile({ database }: SweepWorld) {
  const policy = await database.session(session => new CityPolicies(session, SEASON).of(CITY));
  const term = { registerBy: '2016-09-02', reopenedUntil: '2016-09-02', openedOn: '2016-08-31' };
  const person = { sex: 'F', birthDate: '2000-08-01', origin: 'fresh', county: '440402' };
  const scores = { total: 45000, features: ['minority'], marks: { 数学: 9000 } };
  const values = {
    ...{ ...UNREGISTERED, ...term, ...person, ...scores, candidateNo: '1', since: '2016-07-25' },
    ...{ holdUntil: null, opened: ['2016-08-31'], round: 1, transfers: 0 },
    ...{ kind: 'transfer', signed: true, places: 2, attributes: { height: '170', vision: '5' } },
  };
  return { policy, values };
}

const STANDING = {
  city: CITY,
  seniorHighComplete: true,
  policyAdopted: true,
  closedBatches: new Set<string>(),
  openedRounds: new Map<string, number>(),
  openedOn: new Map<string, string>(),
  dispatchedRounds: new Set<string>(),
  awaitingChoices: new Set<string>(),
  principles: 'acknowledged',
} as const;

t.test('the same night twice changes nothing, and neither does the next one', async t => {
  const world = await sweepWorld(t);
  await putAll(world, [
    UNREGISTERED,
    atSchool('reading'),
    { state: 'held', holdUntil: '2016-08-01' },
  ]);
  completed(t, await world.sweep('2016-09-01'));
  const before = await digest(world.database);
  const again = await world.sweep('2016-09-01');
  t.equal(again.state, 'already-done');
  t.equal(await digest(world.database), before);
  const next = await world.sweep('2016-09-02');
  t.match(completed(t, next), { moved: 0 });
  t.same(await world.events(next.run), []);
});

t.test('a dry run tells what the sweep would do, and does nothing of it', async t => {
  const world = await sweepWorld(t);
  const [, waiting] = (await putAll(world, [
    UNREGISTERED,
    { ...UNREGISTERED, openApplications: 1 },
  ])) as [number, number];
  await world.apply({ kind: 'withdrawal', file: waiting, openedOn: '2016-08-10' });
  const before = await digest(world.database);
  const dry = await world.sweep('2016-09-01', { dryRun: true });
  t.equal(dry.state, 'dry-run', dry.error?.message ?? '');
  t.equal(await digest(world.database), before);
  const real = await world.sweep('2016-09-01');
  t.same(completed(t, real), dry.result?.counts, 'an application that expires holds nothing up');
  t.same(real.result?.findings, dry.result?.findings);
  t.match(dry.result?.counts, { moved: 2, expired: 1 });
});

/** What two ways to the same end have in common: all but the numbers of runs. */
async function endOf({ database }: SweepWorld): Promise<unknown> {
  const rows = await database.query<{ all: unknown }>(
    `select jsonb_build_object(
       'events', (select jsonb_agg(to_jsonb(e) - 'run' - 'policy' order by city, event)
          from events e),
       'files', (select jsonb_agg(to_jsonb(f) order by city, file) from files f),
       'lists', (select jsonb_agg(to_jsonb(l) - 'run' order by list) from dispatch_lists l),
       'applications', (select jsonb_agg(to_jsonb(a) order by application) from applications a),
       'situations', (select jsonb_agg(to_jsonb(s) - 'run' order by rule, situation)
          from situations s),
       'result', (select jsonb_agg(jsonb_build_array(r.identity, r.result -> 'counts',
          r.result -> 'findings')) from runs r where r.state = 'completed')) as all`,
  );
  return rows[0]?.all;
}

async function busyWorld(t: Test): Promise<SweepWorld> {
  const world = await sweepWorld(t);
  await world.list(1, 'released');
  await putAll(world, [
    UNREGISTERED,
    atSchool('reading', 1),
    { ...UNREGISTERED, openApplications: 1 },
  ]);
  await world.apply({ kind: 'withdrawal', file: world.files[2] as number, openedOn: '2016-08-10' });
  return world;
}

t.test('killed at each fail point and started again, the end is the same', async t => {
  const undisturbed = await busyWorld(t);
  completed(t, await undisturbed.sweep('2016-09-01'));
  const expected = await endOf(undisturbed);
  // A sweep is one step, which completes it.
  const points = Object.keys(FAIL_POINTS).filter(name =>
    /^(lock-held|run-recorded|step-begun|complete-.*|sweep\..*)$/.test(name),
  );
  const passed = new Set<string>();
  for (const point of points) {
    const world = await busyWorld(t);
    const failPoint = (name: string) => {
      if (name !== point) return;
      passed.add(name);
      throw new Error(`killed at ${name}`);
    };
    await world.sweep('2016-09-01', { failPoint }).catch(() => {});
    const report = await world.sweep('2016-09-01');
    t.ok(['completed', 'already-done'].includes(report.state), `${point}: ${report.state}`);
    t.same(await endOf(world), expected, point);
    await chainHolds(t, world.database);
  }
  t.same([...passed], points, 'each of them was passed');
});

t.test('a process killed in the middle of its writing leaves nothing of it', async t => {
  const undisturbed = await busyWorld(t);
  completed(t, await undisturbed.sweep('2016-09-01'));
  const world = await busyWorld(t);
  const command = ['run', 'sweep', '--city', CITY, '--date', '2016-09-01', '--at', AT];
  const killed = spawn(process.execPath, [CLI, ...command], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DATABASE_URL: world.database.url,
      ZHONGZHAO_HOME: world.home,
      ZHONGZHAO_FAIL_POINT: 'sweep.half-written',
    },
    stdio: 'ignore',
  });
  t.same(await once(killed, 'exit'), [null, 'SIGKILL']);
  t.equal((await world.file(world.files[0] as number))?.state, 'admitted');
  completed(t, await world.sweep('2016-09-01'));
  t.same(await endOf(world), await endOf(undisturbed));
  await chainHolds(t, world.database);
});

t.test('what an act has not committed yet, the sweep waits for', async t => {
  const world = await sweepWorld(t);
  const [file] = (await putAll(world, [UNREGISTERED])) as [number];
  const { database } = world;
  let commit = () => {};
  const committed = new Promise<void>(resolve => {
    commit = resolve;
  });
  let locked = () => {};
  const isLocked = new Promise<void>(resolve => {
    locked = resolve;
  });
  const act = database.transaction(async session => {
    await lockChain(session, SEASON, CITY);
    await session.query(`update files set state = 'registered' where file = $1`, [file]);
    locked();
    await committed;
  });
  await isLocked;
  const sweeping = world.sweep('2016-09-01');
  await somebodyWaits(world);
  commit();
  await act;
  t.match(completed(t, await sweeping), { moved: 0 });
  t.equal((await world.file(file))?.state, 'registered');
});

t.test('a dispatch that goes on is waited for', async t => {
  const world = await sweepWorld(t);
  await putAll(world, [UNREGISTERED]);
  const lock = await takeLock(world.database.url, `city-batch|${CITY}|vocational`, {
    milliseconds: 0,
  });
  const sweeping = world.sweep('2016-09-01');
  await somebodyWaits(world);
  t.equal((await world.file(world.files[0] as number))?.state, 'admitted');
  await lock?.release();
  t.match(completed(t, await sweeping), { moved: 1 });
});

/** Until a transaction waits for an advisory lock. */
async function somebodyWaits({ database }: SweepWorld): Promise<void> {
  for (;;) {
    const waiting = await database.query(
      `select from pg_locks l join pg_stat_activity a using (pid)
       where l.locktype = 'advisory' and not l.granted and a.datname = current_database()
         and a.application_name <> 'zhongzhao lock'`,
    );
    if (waiting.length > 0) return;
  }
}

t.test('an event that a state does not allow is a finding, and nothing is done', async t => {
  const files = policyFiles((path, text) =>
    path === 'deadlines.yaml'
      ? text.replace(
          'operator: in, value: [dispatched, reading,',
          'operator: in, value: [registered,',
        )
      : text,
  );
  const world = await sweepWorld(t, { files });
  const [file] = (await putAll(world, [{ ...UNREGISTERED, state: 'registered' }])) as [number];
  const report = await world.sweep('2016-08-01');
  t.match(completed(t, report), { moved: 0 });
  t.match(report.result?.findings, [
    { property: 'sweep-impossible', severity: 'error', rows: [{ state: 'registered', files: 1 }] },
  ]);
  t.equal((await world.file(file))?.state, 'registered');
});

t.test('where table and engine differ, nothing is swept', async t => {
  const world = await sweepWorld(t);
  const [file] = (await putAll(world, [UNREGISTERED])) as [number];
  const { recheck } = ActionDecider.prototype;
  t.teardown(() => {
    ActionDecider.prototype.recheck = recheck;
  });
  ActionDecider.prototype.recheck = async () => ({
    compared: 1,
    mismatches: [{ group: 0, engine: null, table: 'phase-1-unregistered' }],
  });
  const report = await world.sweep('2016-09-01');
  t.match(report, { state: 'failed', error: { code: 'recheck-mismatch' } });
  t.equal((await world.file(file))?.state, 'admitted');
});

t.test('vacancies are fixed once every city is swept, on the days of the calendar', async t => {
  const world = await sweepWorld(t, { cities: [CITY, '440600'] });
  const { database } = world;
  const due = (businessDate: string) =>
    vacanciesJob.plan({ database, season: SEASON, businessDate });
  const sweepOf = (city: string, date: string) =>
    runJob(sweepJob, { city }, date, world.environment(date));
  t.same(await due('2016-08-19'), []);
  t.same(await due('2016-08-20'), [], 'no city is swept yet');
  await sweepOf(CITY, '2016-08-20');
  t.same(await due('2016-08-20'), [], 'one of two');
  await sweepOf('440600', '2016-08-20');
  t.same(await due('2016-08-20'), [{}]);
  const fix = (date: string) => runJob(vacanciesJob, {}, date, world.environment(date));
  const counts = completed(t, await fix('2016-08-20'));
  t.ok((counts['phase-2'] ?? 0) > 0);
  t.equal((await fix('2016-08-20')).state, 'already-done');
  for (const city of [CITY, '440600']) {
    for (const date of ['2016-09-01', '2016-11-11']) await sweepOf(city, date);
  }
  t.same(await due('2016-09-01'), [{}], 'after the revert of phase 1');
  completed(t, await fix('2016-09-01'));
  t.same(await due('2016-11-11'), [], 'phase 2 is over by then, and no phase of schools is open');
  const fixed = await database.query<{ day: string; schools: number }>(
    `select fixed_on::text as day, count(*)::integer as schools from phase_vacancies
     where phase = 'phase-2' group by 1 order by 1`,
  );
  t.same(
    fixed.map(row => row.day),
    ['2016-08-20', '2016-09-01'],
  );
});
