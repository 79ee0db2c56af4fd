/**
 * Notices, questions, daily reports and signatures: what is published is read by those it is
 * addressed to and by nobody else, and what is typed stands beside what the system counts.
 */
import t from 'tap';
import { enterScope } from '../../db/access/scope.ts';
import { readUser } from '../../db/access/user.ts';
import { readPolicy } from '../../db/policies.ts';
import { visibleNotices } from '../../db/season/notices.ts';
import { policyFromStored } from '../../engine/policy/load.ts';
import { SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';
import { admitTo } from './students.ts';

const CITY = '440400';
const OTHER = '440600';

async function schoolsIn(world: ActWorld, region: string, kind: string): Promise<string[]> {
  const rows = await world.query<{ code: string }>(
    'select code from schools where region = $1 and kind = $2 order by code',
    [region, kind],
  );
  return rows.map(row => row.code);
}

/** The numbers of the notices that a user is shown, by row-level security. */
async function noticesOf(world: ActWorld, name: string): Promise<number[]> {
  return world.database.transaction(async session => {
    const stored = await readPolicy(session, SEASON);
    if (stored === null) throw new Error('no policy');
    const user = await readUser(
      session,
      SEASON,
      name,
      policyFromStored(stored.base.documents, null),
    );
    if (user === null) throw new Error(`no user ${name}`);
    await enterScope(session, user);
    return (await visibleNotices(session, SEASON)).map(each => each.notice);
  });
}

t.test('exchange and daily reports', async t => {
  const world = await actWorld(t, { candidates: 60 });
  const [school = '', second = ''] = await schoolsIn(world, CITY, 'vocational');
  const [technical = ''] = await schoolsIn(world, CITY, 'technical');
  const [foreign = ''] = await schoolsIn(world, OTHER, 'vocational');
  const officer = `city-${CITY}`;

  t.test('a notice is read by those whom it is addressed to, and by nobody else', async t => {
    const text = { action: 'publish', title: '投档安排', body: '请按时办理。' };
    const one = await world.do(officer, 'manage-notices', { ...text, kinds: ['vocational'] });
    t.match(one.answer.values, { notice: 1 });
    const all = { ...text, levels: ['school'], pinned: true };
    t.match((await world.do('province', 'manage-notices', all)).answer.values, { notice: 2 });
    const county = { ...text, levels: ['county'], regions: [OTHER] };
    t.match((await world.do('province', 'manage-notices', county)).answer.values, { notice: 3 });
    t.same(await noticesOf(world, `school-${school}`), [2, 1]);
    t.same(await noticesOf(world, `school-${technical}`), [2]);
    t.same(await noticesOf(world, `school-${foreign}`), [2]);
    t.same(await noticesOf(world, `city-${OTHER}`), []);
    t.same(await noticesOf(world, officer), [1]);
    t.same(await noticesOf(world, 'province'), [2, 3, 1]);
    const counties = await world.query<{ code: string }>(
      `select min(code) as code from regions where parent = any($1)
        group by parent order by parent`,
      [[CITY, OTHER]],
    );
    const [near, far] = counties.map(row => `county-${row.code}`);
    t.same(await noticesOf(world, near as string), [1]);
    t.same(await noticesOf(world, far as string), [3]);
    const before = await world.query('select * from notices order by notice');
    const again = await world.do(officer, 'manage-notices', { ...text, kinds: ['vocational'] });
    t.match(again.answer.values, { notice: 1 });
    t.same(await world.query('select * from notices order by notice'), before);
  });

  t.test('a notice is pinned and withdrawn, by its own office, with an event each', async t => {
    const withdraw = { action: 'withdraw', notice: 1, reason: '内容有误' };
    const publish = { action: 'publish', title: '标题', body: '正文' };
    const elsewhere = { ...publish, regions: [OTHER] };
    await refused(t, world, [officer, 'manage-notices', elsewhere], 'out-of-scope');
    await refused(t, world, [`city-${OTHER}`, 'manage-notices', withdraw], 'out-of-scope');
    const ofProvince = { ...withdraw, notice: 2 };
    await refused(t, world, [officer, 'manage-notices', ofProvince], 'out-of-scope');
    await refused(t, world, [`school-${school}`, 'manage-notices', withdraw], 'wrong-side');
    const nowhere = { ...publish, regions: ['449999'] };
    await refused(t, world, ['province', 'manage-notices', nowhere], 'unknown-region');
    await refused(
      t,
      world,
      [officer, 'manage-notices', { ...withdraw, notice: 99 }],
      'unknown-notice',
    );
    await refused(t, world, [officer, 'manage-notices', { action: 'pin' }], 'wrong-input');
    await refused(t, world, [officer, 'manage-notices', { action: 'publish' }], 'wrong-input');
    const silent = { action: 'withdraw', notice: 1 };
    await refused(t, world, [officer, 'manage-notices', silent], 'wrong-input');
    await world.do(officer, 'manage-notices', { action: 'pin', notice: 1 });
    const twice = await world.do(officer, 'manage-notices', { action: 'pin', notice: 1 });
    t.match(twice.answer.lines[0], '未作改动');
    await world.do(officer, 'manage-notices', withdraw);
    t.same(await noticesOf(world, `school-${school}`), [2]);
    await refused(t, world, [officer, 'manage-notices', withdraw], 'notice-withdrawn');
    const events = await world.query(
      `select city, note ->> 'action' as action, actor from events
        where name = 'manage-notices' and note ->> 'notice' = '1' order by event`,
    );
    t.same(
      events,
      ['publish', 'pin', 'withdraw'].map(action => ({ city: CITY, action, actor: officer })),
    );
  });

  t.test('a question is asked, assigned, answered, published and closed', async t => {
    const asking = `school-${school}`;
    const question = { title: '机动计划', body: '机动计划怎样申请？' };
    const asked = await world.do(asking, 'ask-question', question);
    t.match(asked.answer.values, { question: 1 });
    t.match((await world.do(asking, 'ask-question', question)).answer.values, { question: 1 });
    const reply = { question: 1, answer: '无需审核。', visibility: 'private' };
    await refused(t, world, [officer, 'ask-question', question], 'wrong-side');
    await refused(t, world, [asking, 'ask-question', { title: '只有标题' }], 'wrong-input');
    await refused(t, world, [`city-${OTHER}`, 'answer-question', reply], 'out-of-scope');
    const none = { ...reply, question: 9 };
    await refused(t, world, [officer, 'answer-question', none], 'unknown-question');
    const assign = (to: string) => ({ question: 1, action: 'assign', to });
    for (const unfit of [`city-${OTHER}`, `school-${school}`, 'nobody']) {
      await refused(t, world, [officer, 'manage-questions', assign(unfit)], 'assignee-unfit');
    }
    const publish = { question: 1, action: 'publish' };
    const close = { question: 1, action: 'close' };
    await refused(t, world, [officer, 'manage-questions', publish], 'no-answer-yet');
    await refused(t, world, [officer, 'manage-questions', close], 'no-answer-yet');
    await refused(t, world, [`city-${OTHER}`, 'manage-questions', publish], 'out-of-scope');
    await world.do(officer, 'manage-questions', assign(`${officer}-2`));
    await refused(t, world, [officer, 'answer-question', reply], 'assigned-to-other');
    await world.do(`${officer}-2`, 'answer-question', reply);
    const same = await world.do(`${officer}-2`, 'answer-question', reply);
    t.match(same.answer.lines[0], '未作改动');
    const reads = async (who: string) =>
      (await world.do(who, 'ask-question')).answer.values?.['questions'];
    t.match(await reads(asking), [{ question: 1, own: true, answer: '无需审核。' }]);
    t.same(await reads(`school-${foreign}`), []);
    await world.do(officer, 'manage-questions', publish);
    t.match(await reads(`school-${foreign}`), [{ question: 1, own: false, answer: '无需审核。' }]);
    const words = `%${reply.answer}%`;
    const kept = await world.query('select job from runs where runs::text like $1', [words]);
    t.same(kept, [], 'the ledger keeps neither what was asked nor what was read');
    await world.do(officer, 'manage-questions', close);
    await refused(t, world, [officer, 'manage-questions', close], 'question-closed');
    await refused(t, world, [`${officer}-2`, 'answer-question', reply], 'question-closed');
  });

  t.test(
    'a daily report stands beside the counts of the system, until its day is closed',
    async t => {
      const user = `school-${school}`;
      world.at = '2016-07-21T18:00';
      const students = await admitTo(world, { school, city: CITY, count: 3, registered: 0 });
      t.equal(students.length, 3);
      const figures = { admitted: 3, registered: 1, admitted_that_day: 3 };
      const filed = await world.do(user, 'file-daily-report', figures);
      const system = { admitted: 3, registered: 0, admittedThatDay: 3 };
      t.match(filed.answer.values, { date: '2016-07-21', system });
      t.match(filed.answer.lines[2], '相差 +1');
      const before = await world.query('select * from daily_reports');
      const again = await world.do(`${user}-clerk`, 'file-daily-report', figures);
      t.match(again.answer.lines[0], '未作改动');
      t.same(await world.query('select * from daily_reports'), before);
      await world.do(user, 'file-daily-report', { ...figures, registered: 0 });
      const ahead = { ...figures, date: '2016-07-22' };
      await refused(t, world, [user, 'file-daily-report', ahead], 'day-ahead');
      const early = { ...figures, date: '2016-07-19' };
      await refused(t, world, [user, 'file-daily-report', early], 'window-closed');
      await refused(t, world, [officer, 'file-daily-report', figures], 'wrong-side');
      world.at = '2016-07-23T09:00';
      const late = { ...figures, date: '2016-07-21' };
      await refused(t, world, [user, 'file-daily-report', late], 'day-closed');
      world.at = '2016-12-01T09:00';
      await refused(t, world, [user, 'file-daily-report', figures], 'window-closed');
      world.at = '2016-07-22T09:00';
      await admitTo(world, { school, city: CITY, count: 1, registered: 1 });
      const yesterday = await world.do(user, 'file-daily-report', late);
      t.match(yesterday.answer.values, { system });
      const today = await world.do(user, 'file-daily-report', figures);
      const now = { admitted: 4, registered: 1, admittedThatDay: 1 };
      t.match(today.answer.values, { system: now });
    },
  );

  t.test(
    'a report is signed in order by different people, and withdrawn with a reason',
    async t => {
      const key = { report: 'daily-reports', city: CITY, date: '2016-07-21' };
      const sign = (user: string) => world.do(user, 'sign-report', key);
      await refused(t, world, ['province', 'sign-report', key], 'not-your-step');
      await refused(t, world, [`city-${OTHER}`, 'sign-report', key], 'out-of-scope');
      const unknown = { ...key, report: 'no-such' };
      await refused(t, world, [officer, 'sign-report', unknown], 'unknown-report');
      const personal = { ...key, report: 'unregistered' };
      await refused(t, world, [officer, 'sign-report', personal], 'report-not-signable');
      const withdraw = { ...key, reason: '漏报一校' };
      await refused(t, world, [officer, 'withdraw-report', withdraw], 'not-signed');
      t.match((await sign(officer)).answer.values, { version: 1, step: 'prepared' });
      const figures = { admitted: 1, registered: 1, admitted_that_day: 1, date: key.date };
      await refused(t, world, [`school-${second}`, 'file-daily-report', figures], 'day-closed');
      await refused(t, world, [officer, 'sign-report', key], 'same-person');
      t.match((await sign(`${officer}-2`)).answer.values, { step: 'reviewed' });
      await refused(t, world, [`${officer}-2`, 'sign-report', key], 'not-your-step');
      const approved = await sign('province');
      t.match(approved.answer.values, { step: 'approved' });
      await refused(t, world, ['province', 'sign-report', key], 'same-person');
      await refused(t, world, [officer, 'withdraw-report', withdraw], 'not-your-step');
      t.match((await sign('province-2')).answer.values, { step: 'published' });
      await refused(t, world, ['province', 'sign-report', key], 'report-published');
      const back = await world.do('province', 'withdraw-report', withdraw);
      t.match(back.answer.values, { withdrawn: 1, version: 2 });
      await world.do(`school-${second}`, 'file-daily-report', figures);
      const anew = await sign(officer);
      t.match(anew.answer.values, { version: 2, step: 'prepared' });
      t.not(anew.answer.values?.['hash'], approved.answer.values?.['hash']);
      const versions = await world.query(
        `select version, state, withdrawn_reason as reason from signed_reports order by version`,
      );
      t.same(versions, [
        { version: 1, state: 'withdrawn', reason: '漏报一校' },
        { version: 2, state: 'prepared', reason: null },
      ]);
    },
  );
});
