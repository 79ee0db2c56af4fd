/**
 * The runner of acts, by the example of recall-file: what it refuses before any function is asked,
 * in which order, that a refusal changes nothing, and that an act is one transaction.
 */
import t, { type Test } from 'tap';
import { openSession } from '../../db/access/sessions.ts';
import { actError } from '../../jobs/act/errors.ts';
import { type FunctionJob, functionJob } from '../../jobs/act/function-job.ts';
import { findFunction } from '../../jobs/act/registry.ts';
import { type ActRequest, runAct } from '../../jobs/act/run-act.ts';
import { lockKey } from '../../jobs/run/lock.ts';
import { SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, digest, MORNING, refused } from './act-world.ts';

const CITY = '440400';
const REASON = '学校逾期未处理';

/** What a request has answered is told to nobody but who may still ask, and in whose session. */
async function toldAgain(
  t: Test,
  world: ActWorld,
  job: FunctionJob,
  request: ActRequest,
): Promise<void> {
  const { user } = request;
  const ask = (more: object = {}) => runAct(job, { ...request, ...more }, world.environment());
  const at = new Date(`${world.at}:00+08:00`);
  const session = (of: string, token: string) =>
    world.database.transaction(each => openSession(each, { user: of, token, at }));
  await session(user, 'own');
  await session('province', 'foreign');
  t.equal((await ask({ token: 'own' })).state, 'already-done');
  await t.rejects(ask({ token: 'foreign' }), { code: 'no-session' });
  await t.rejects(ask({ token: 'ended' }), { code: 'no-session' });
  const wrong = { token: 'ended', input: { ...request.input, reason: '另一理由' } };
  await t.rejects(ask(wrong), { code: 'no-session' }, 'and not told that it was another');
  await world.query(`update sessions set locked = true where user_name = $1`, [user]);
  await t.rejects(ask({ token: 'own' }), { code: 'screen-locked' });
  const disable = (on: string | null) =>
    world.query('update users set disabled_at = $2 where user_name = $1', [user, on]);
  await disable('2016-07-21T00:00:00Z');
  await t.rejects(ask(), { code: 'user-disabled' });
  await disable(null);
  await world.query(
    `insert into function_grants (user_name, function, granted, granted_by, granted_at)
     values ($1, $2, false, 'province', now())`,
    [user, job.id],
  );
  await t.rejects(ask(), { code: 'no-function' });
  await world.query('delete from function_grants where user_name = $1', [user]);
  await world.query('delete from sessions');
  t.equal((await ask()).state, 'already-done');
}

t.test('the runner of acts', async t => {
  const world = await actWorld(t, { dispatched: true });
  const [file] = await world.query<{ candidate_no: string; school: string; file: number }>(
    `select c.candidate_no, f.school, f.file
     from files f join candidates c using (season, city, file)
     where f.city = $1 and f.state = 'dispatched' order by f.file limit 1`,
    [CITY],
  );
  const { candidate_no, school } = file as { candidate_no: string; school: string };
  const input = { candidate_no, reason: REASON };

  t.test('finds files with the date since which they stand as they do', async t => {
    const since = await world.query(
      "select distinct since::text from files where state = 'dispatched'",
    );
    t.same(since, [{ since: '2016-07-20' }]);
  });

  t.test('refuses before the function is asked, by code, and changes nothing', async t => {
    const user = `city-${CITY}`;
    await refused(t, world, ['nobody', 'recall-file', input], 'unknown-user');
    await refused(t, world, [user, 'recall-file', { reason: REASON }], 'wrong-input');
    await refused(t, world, [user, 'recall-file', { ...input, more: '1' }], 'wrong-input');
    await refused(t, world, [`school-${school}`, 'recall-file', input], 'wrong-side');
    await refused(t, world, ['city-440600', 'recall-file', input], 'out-of-scope');
    const unknown = { ...input, candidate_no: '169999999999' };
    await refused(t, world, [user, 'recall-file', unknown], 'unknown-candidate');
    world.at = '2016-08-10T09:00';
    await refused(t, world, [user, 'recall-file', input], 'window-closed');
    world.at = MORNING;
    await t.rejects(findFunction('recal-file'), { code: 'unknown-function', exitCode: 2 });
  });

  t.test('refuses who has declared nothing, and who has a relative applying', async t => {
    const user = `city-${CITY}-2`;
    const declare = (relatives: string[]) =>
      world.query(`update relative_declarations set relatives = $2 where user_name = $1`, [
        user,
        relatives,
      ]);
    await world.query('delete from relative_declarations where user_name = $1', [user]);
    await refused(t, world, [user, 'recall-file', input], 'undeclared');
    await world.query(
      `insert into relative_declarations (season, user_name, relatives, declared_at)
       values ($1, $2, '{}', now())`,
      [SEASON, user],
    );
    await declare([candidate_no]);
    await refused(t, world, [user, 'recall-file', input], 'relative');
    await declare([]);
  });

  t.test('refuses while a dispatch of the city and batch runs, and while locked', async t => {
    const user = `city-${CITY}`;
    await world.database.session(async session => {
      const key = String(lockKey(`city-batch|${CITY}|vocational`));
      await session.query('select pg_advisory_lock($1::bigint)', [key]);
      await refused(t, world, [user, 'recall-file', input], 'run-in-progress');
      await session.query('select pg_advisory_unlock($1::bigint)', [key]);
    });
    await world.query(`insert into region_locks values ($1, $2, 'city', $3, now(), '投档前')`, [
      SEASON,
      CITY,
      user,
    ]);
    await refused(t, world, [user, 'recall-file', input], 'region-locked');
    await world.query('delete from region_locks');
  });

  t.test('leaves what holds for every kind of school to who answers for all', async t => {
    const user = `city-${CITY}`;
    const kinds = (list: string[] | null) =>
      world.query('update users set school_kinds = $2 where user_name = $1', [user, list]);
    await kinds(['technical']);
    const city = CITY;
    const feature = { id: 'x', title: '特征', kind: 'priority', rank: 9, batches: ['vocational'] };
    const subjects = [{ code: '01', name: '语文', full: 120 }];
    await refused(t, world, [user, 'define-preference', { city, ...feature }], 'out-of-scope');
    await refused(t, world, [user, 'define-subjects', { city, subjects }], 'out-of-scope');
    await refused(t, world, [user, 'adopt-city-settings', { city, version: 1 }], 'out-of-scope');
    await refused(t, world, [user, 'set-auto-review', { city, disable: 'x' }], 'out-of-scope');
    await refused(t, world, [user, 'import-city-snapshot', { city, empty: true }], 'out-of-scope');
    await kinds(null);
  });

  t.test('a failure half-way leaves nothing', async t => {
    const before = await digest(world.database);
    for (const point of ['act-worked', 'act-recorded']) {
      const environment = world.environment({
        failPoint: name => {
          if (name === point) throw new Error('cut');
        },
      });
      const job = await findFunction('recall-file');
      const cut = runAct(job, { user: `city-${CITY}`, input }, environment);
      await t.rejects(cut, { message: 'cut' });
      t.equal(await digest(world.database), before, point);
    }
  });

  t.test('does the act with its event and ledger line, once per request', async t => {
    const job = await findFunction('recall-file');
    const request = { user: `city-${CITY}`, input, request: 'R1', osUser: 'operator' };
    const first = await runAct(job, request, world.environment());
    t.equal(first.state, 'done');
    const [row] = await world.query(
      `select f.state, f.school, f.returned_by, e.name, e.from_state, e.to_state, e.actor,
         e.school as event_school, e.batch, e.decision, e.note, e.run = $3 as run,
         e.business_date::text as date, e.phase
       from files f join events e on e.season = f.season and e.city = f.city and e.event = f.event
       where f.city = $1 and f.file = $2`,
      [CITY, file?.file, first.run],
    );
    t.same(row, {
      state: 'in-pool',
      school: null,
      returned_by: [school],
      name: 'recall',
      from_state: 'dispatched',
      to_state: 'in-pool',
      actor: `city-${CITY}`,
      event_school: school,
      batch: 'vocational',
      decision: 'recall-file',
      note: { reason: REASON },
      run: true,
      date: '2016-07-21',
      phase: 'phase-1',
    });
    const [line] = await world.query(
      'select job, state, on_demand, os_user, actor from runs where run = $1',
      [first.run],
    );
    t.same(line, {
      job: 'recall-file',
      state: 'completed',
      on_demand: true,
      os_user: 'operator',
      actor: `city-${CITY}`,
    });
    const after = await digest(world.database);
    const again = await runAct(job, request, world.environment());
    t.match(again, { state: 'already-done', run: first.run });
    t.same(again.answer.lines, first.answer.lines);
    const other = { ...request, input: { ...input, reason: '另一理由' } };
    await t.rejects(runAct(job, other, world.environment()), { code: 'request-differs' });
    t.equal(await digest(world.database), after);
    await toldAgain(t, world, job, request);
    await refused(t, world, [`city-${CITY}`, 'recall-file', input], 'not-at-school');
  });

  t.test(
    'answers a repeated confirmation, with or without its input, once per request',
    async t => {
      const job = functionJob<{ readonly reason: string }>({
        id: 'recall-file',
        title: '两人办理',
        sides: ['office'],
        menu: '档案管理',
        annex: false,
        input: { properties: { reason: { type: 'string' } }, required: ['reason'] },
        relatives: false,
        window: 'none',
        confirm: true,
        target: async () => ({ cities: [CITY] }),
        async effect(act) {
          act.record({ note: act.input });
          return { lines: ['已办理。'] };
        },
      });
      const ask = (user: string, input: object, request: string) =>
        runAct(job, { user, input: { ...input }, request }, world.environment());
      const said = { reason: REASON };
      const { proposal } = await ask(`city-${CITY}`, said, 'R2');
      const confirm = proposal as number;
      const second = `city-${CITY}-2`;
      const first = await ask(second, { confirm }, 'R3');
      t.equal(first.state, 'done');
      t.match(await ask(second, { confirm }, 'R3'), { state: 'already-done', run: first.run });
      t.match(await ask(second, { ...said, confirm }, 'R3'), { state: 'already-done' });
      await t.rejects(ask(second, { confirm: confirm + 1 }, 'R3'), { code: 'request-differs' });
    },
  );

  t.test('keeps a proposal only as long as it is what was proposed, by who may', async t => {
    const [first, second] = [`city-${CITY}`, `city-${CITY}-2`];
    let subject: string | null = null;
    const job = functionJob<{ readonly reason: string }>({
      id: 'recall-file',
      title: '两人办理',
      sides: ['office'],
      menu: '档案管理',
      annex: false,
      input: { properties: { reason: { type: 'string' } }, required: ['reason'] },
      relatives: true,
      everyKind: true,
      window: 'none',
      confirm: true,
      target: async () => ({ cities: [CITY] }),
      async effect(act) {
        act.record({ school: subject, note: act.input });
        return { lines: ['已办理。'] };
      },
    });
    const ask = (user: string, input: object) =>
      runAct(job, { user, input: { ...input } }, world.environment());
    const propose = async () => (await ask(first, { reason: REASON })).proposal as number;
    const refuse = async (user: string, given: object, code: string) => {
      const before = await digest(world.database);
      await t.rejects(ask(user, given), { code });
      t.equal(await digest(world.database), before, `${code} changes nothing`);
    };

    const withdrawn = await propose();
    await refuse(second, { withdraw: withdrawn }, 'not-proposer');
    await refuse(first, { withdraw: withdrawn, reason: REASON }, 'wrong-input');
    t.match((await ask(first, { withdraw: withdrawn })).answer.lines, [/已撤回/]);
    await refuse(first, { withdraw: withdrawn }, 'unknown-proposal');
    await refuse(second, { confirm: withdrawn }, 'unknown-proposal');

    const late = await propose();
    const at = world.at;
    world.at = '2016-07-29T09:00';
    await refuse(second, { confirm: late }, 'proposal-expired');
    world.at = '2016-07-28T09:00';
    t.equal((await ask(second, { confirm: late })).state, 'done', 'the last day counts');
    world.at = at;

    const outdated = await propose();
    subject = school;
    await refuse(second, { confirm: outdated }, 'proposal-outdated');
    subject = null;
    t.equal((await ask(second, { confirm: outdated })).state, 'done');

    const orphan = await propose();
    const disable = (at: string | null) =>
      world.query('update users set disabled_at = $2 where user_name = $1', [first, at]);
    await disable('2016-07-21T00:00:00Z');
    await refuse(second, { confirm: orphan }, 'proposer-lost');
    await disable(null);
    const kinds = (list: string[] | null) =>
      world.query('update users set school_kinds = $2 where user_name = $1', [first, list]);
    await kinds(['technical']);
    await refuse(second, { confirm: orphan }, 'proposer-lost');
    await kinds(null);
    t.equal((await ask(second, { confirm: orphan })).state, 'done');
  });

  t.test('answers a request that comes twice at the same moment, and does it once', async t => {
    const [next] = await world.query<{ candidate_no: string }>(
      `select c.candidate_no from files f join candidates c using (season, city, file)
       where f.city = $1 and f.state = 'dispatched' order by f.file limit 1`,
      [CITY],
    );
    const job = await findFunction('recall-file');
    const input = { ...next, reason: REASON };
    const request = { user: `city-${CITY}`, input, request: 'R4' };
    const both = [0, 1].map(() => runAct(job, request, world.environment()));
    const states = (await Promise.all(both)).map(({ state }) => state);
    t.same(states.toSorted(), ['already-done', 'done']);
  });

  t.test('is back in the scope of its user after a refusal that it goes on after', async t => {
    const roles: string[] = [];
    const job = functionJob<object>({
      id: 'recall-file',
      title: '逐行办理',
      sides: ['office'],
      menu: '档案管理',
      annex: false,
      input: { properties: {} },
      relatives: false,
      window: 'none',
      target: async () => ({ cities: [CITY] }),
      async effect(act) {
        const row = act.asRunner(async () => {
          throw actError('unknown-candidate', { candidate: '1' });
        });
        await row.catch(() => {});
        const [now] = await act.session.query<{ role: string; user: string }>(
          `select current_user as role, current_setting('zhongzhao.user') as user`,
        );
        roles.push(now?.role ?? '', now?.user ?? '');
        return { lines: ['已办理。'] };
      },
    });
    await runAct(job, { user: `city-${CITY}`, input: {} }, world.environment());
    t.same(roles, ['zhongzhao_app', `city-${CITY}`]);
  });
});
