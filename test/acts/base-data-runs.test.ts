/**
 * What of 基本资料 is a run of its own – packages in and out, a restore rehearsed – and the policy
 * signed by two; through the runner, and from the command line.
 */
import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { writeBackup } from '../../db/backup/write.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { recompute } from '../../db/package/recompute.ts';
import { CodedError } from '../../engine/errors.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import { findFunction } from '../../jobs/act/registry.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import { main } from '../../jobs/cli/program.ts';
import { identityNumber, type Rows, temporaryFolder, writeRows } from '../db/package/packages.ts';
import { RULES, SEASON } from '../jobs/night-world.ts';
import { type ActWorld, actWorld, refused } from './act-world.ts';

const CITY = '440400';
const OTHER = '440600';
const HEAD = `city-${CITY}`;
const FOREIGN = `city-${OTHER}`;
const EARLY = '2016-07-05T09:00';
const FROZEN = '2016-07-12T09:00';
const MORNING = '2016-07-21T09:00';

async function one<R extends object>(world: ActWorld, sql: string, parameters: unknown[] = []) {
  const [row] = await world.query<R>(sql, parameters);
  return row as R;
}

/** A launched run leaves its attempt in the ledger; everything else must be as it was. */
async function fails(t: Test, world: ActWorld, input: [string, string, object], code: string) {
  const [user, id, given] = input;
  const counts = () =>
    one(
      world,
      `select (select count(*) from candidates) as candidates,
         (select count(*) from events) as events, (select count(*) from imports) as imports,
         (select count(*) from schools) as schools`,
    );
  const before = await counts();
  try {
    await world.do(user, id, { ...given });
    t.fail(`${id} was not refused (${code})`);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    t.equal(error.code, code, error.message);
    t.same(await counts(), before);
    return error;
  }
  return null;
}

t.test('packages, policies and backups', async t => {
  const world = await actWorld(t, { dispatched: true });
  world.at = EARLY;
  await t.test('a package is imported by hand, as a run, and again without effect', async t => {
    await importing(t, world);
  });
  await t.test('a policy is adopted by two, and settings that fail it are found', async t => {
    await adopting(t, world);
  });
  world.at = MORNING;
  await t.test('the input of a run is exported, and gives the run again', async t => {
    await exporting(t, world);
  });
  await t.test('a backup is restored and compared', async t => {
    await rehearsing(t, world);
  });
  await t.test('on the command line, users are asked where there are any', async t => {
    await onTheCommandLine(t, world);
  });
});

function newcomer(city: string, county: string, serial: number): Rows['candidates'] {
  return [
    {
      candidate_no: `16${city.slice(0, 4)}0099999${serial}`,
      name: '新生',
      sex: 'F',
      birth_date: '2001-03-01',
      identity_no: identityNumber(20 + serial),
      city,
      county,
      registration_point: '',
      origin: 'fresh',
      total: '300',
    },
  ];
}

async function countyOf(world: ActWorld, city: string): Promise<string> {
  const sql = 'select code from regions where parent = $1 order by code limit 1';
  return (await one<{ code: string }>(world, sql, [city])).code;
}

async function importing(t: Test, world: ActWorld): Promise<void> {
  const [here, there] = [await countyOf(world, CITY), await countyOf(world, OTHER)];
  const folder = writeRows(t, { candidates: newcomer(CITY, here, 1) ?? [] });
  const { answer } = await world.do(HEAD, 'import', { folder });
  t.match(answer.values, { counts: { candidates: { rows: 1, added: 1 } }, rejects: null });
  const line = await one(
    world,
    `select r.state, r.on_demand, r.scope, i.imported_by, i.run = r.run as of_run
     from runs r join imports i on i.run = r.run
     where r.job = 'import' order by r.run desc limit 1`,
  );
  t.same(line, {
    ...{ state: 'completed', on_demand: true, scope: { city: CITY } },
    ...{ imported_by: HEAD, of_run: true },
  });
  const again = await world.do('province', 'import', { folder });
  t.match(again.answer.values, { counts: { candidates: { unchanged: 1, added: 0 } } });
  const foreign = writeRows(t, { candidates: newcomer(OTHER, there, 2) ?? [] });
  const refusal = await fails(
    t,
    world,
    [HEAD, 'import', { folder: foreign }],
    'package-has-errors',
  );
  t.match((refusal as unknown as { problems: unknown }).problems, [{ code: 'foreign-city' }]);
  const school = { code: '4404997', name: '某校', kind: 'vocational', owner: 'city' };
  const more = { region: OTHER, supervisor: '', roster: 'here' };
  const schools = writeRows(t, { schools: [{ ...school, ...more }] });
  await fails(t, world, [HEAD, 'import', { folder: schools }], 'package-has-errors');
  const [row] = newcomer(CITY, here, 3) as [Record<string, string>];
  const bad = writeRows(t, { candidates: [{ ...row, identity_no: '1' }] });
  const error = await fails(t, world, [HEAD, 'import', { folder: bad }], 'package-has-errors');
  t.match((error as unknown as { problems: unknown }).problems, [{ code: 'wrong-identity' }]);
  t.match((error as unknown as { rejects: string }).rejects, /rejects\.csv$/);
  const ended = await one<{ error: object }>(
    world,
    `select error from runs where job = 'import' order by run desc limit 1`,
  );
  t.match(ended.error, { code: 'package-has-errors' });
  t.notMatch(JSON.stringify(ended.error), /新生/);
  const valid = await world.do(HEAD, 'import', { folder: bad, accept_valid: 'yes' });
  t.match(valid.answer.values, { rejected: 1 });
  await fails(t, world, [HEAD, 'import', { folder: '/no/such' }], 'package-not-found');
  await refused(t, world, [`county-${here}`, 'import', { folder }], 'wrong-level');
  await refused(t, world, [HEAD, 'import', {}], 'wrong-input');
}

/** The shipped policy in a folder of its own, with some of its files changed. */
async function policyFolder(t: Test, edit: (path: string, text: string) => string) {
  const folder = join(temporaryFolder(t), 'policy');
  await cp(RULES, folder, { recursive: true });
  for (const path of readPolicyFolder(folder).keys()) {
    const text = await readFile(join(folder, path), 'utf8');
    const edited = edit(path, text);
    if (edited !== text) await writeFile(join(folder, path), edited);
  }
  return folder;
}

/** As policy try writes it, of a folder and the last dispatch of the city. */
async function trialOf(t: Test, world: ActWorld, folder: string, run?: number): Promise<string> {
  const { bundle } = loadPolicy(readPolicyFolder(folder));
  return trialFile(t, world, bundle?.base.hash ?? '', run);
}

async function trialFile(t: Test, world: ActWorld, baseHash: string, run?: number) {
  const last = await one<{ run: number }>(
    world,
    `select max(run) as run from runs where job = 'dispatch' and state = 'completed'`,
  );
  const head = { runs: [run ?? last.run] };
  const policies = [{ baseHash: '0'.repeat(64) }, { baseHash }];
  const path = join(temporaryFolder(t), 'trial.json');
  const sections = [{ id: 'policies', rows: policies }];
  await writeFile(path, JSON.stringify({ report: 'policy-try', head, sections }));
  return path;
}

async function adopting(t: Test, world: ActWorld): Promise<void> {
  const retitled = (path: string, text: string) =>
    path === 'policy.yaml' ? text.replace('招生录取\n', '招生录取（修订）\n') : text;
  const folder = await policyFolder(t, retitled);
  const trial = await trialOf(t, world, folder);
  const inForce = () =>
    one(world, 'select version, adopted_by from policy_bases order by version desc limit 1');
  const refuse = (user: string, input: object, code: string) =>
    refused(t, world, [user, 'adopt-policy', { ...input }], code);
  await refuse(HEAD, { folder }, 'wrong-level');
  await refuse('province', {}, 'wrong-input');
  await refuse('province', { folder: '/no/such' }, 'policy-unreadable');
  await refuse('province', { folder: RULES }, 'policy-in-force');
  await refuse('province', { documents: { 'policy.yaml': '名称：值' } }, 'policy-has-errors');
  const other = await policyFolder(t, (path, text) =>
    path === 'policy.yaml' ? text.replace('season: 2016', 'season: 2017') : text,
  );
  await refuse('province', { folder: other }, 'other-season');
  const unsound = await policyFolder(t, (path, text) =>
    path === 'deadlines.yaml' ? text.replace('value: held', 'value: proposed') : text,
  );
  await refuse('province', { folder: unsound }, 'policy-has-errors');
  world.at = FROZEN;
  await refuse('province', { folder }, 'policy-frozen');
  world.at = EARLY;
  const wrongTest = await policyFolder(t, (path, text) =>
    path.startsWith('tests/') ? text.replace('outcome: pass', 'outcome: refuse') : text,
  );
  await refuse('province', { folder: wrongTest }, 'policy-tests-fail');
  const wrongPlace = await policyFolder(t, (path, text) =>
    path === 'tests/placements.yaml'
      ? text.replace('王, refused: full', '王, refused: below-region-line')
      : text,
  );
  await refuse('province', { folder: wrongPlace }, 'policy-tests-fail');
  await refuse('province', { folder }, 'policy-not-tried');
  const elsewhere = await trialOf(t, world, RULES);
  await refuse('province', { folder, trial: elsewhere }, 'trial-of-another');
  const unknownRun = await trialOf(t, world, folder, 4711);
  await refuse('province', { folder, trial: unknownRun }, 'trial-of-another');
  await refuse('province', { folder, trial: join(folder, 'policy.yaml') }, 'trial-unreadable');
  await refuse('province', { folder, trial: '/no/such' }, 'policy-unreadable');
  const said = { hash: 'a'.repeat(64), baseHash: 'a'.repeat(64), runs: [1] };
  await refuse('province', { folder, tried: said }, 'wrong-input');
  const { proposal } = await world.do('province', 'adopt-policy', { folder, trial });
  t.same(await inForce(), { version: 1, adopted_by: 'province' });
  await refuse('province', { confirm: proposal }, 'same-person');
  // What was proposed is what is adopted, whatever has become of the folder.
  await writeFile(join(folder, 'policy.yaml'), 'spoilt');
  const done = await world.do('province-2', 'adopt-policy', { confirm: proposal });
  t.match(done.answer.values, { version: 2, adopted: true, failing: [] });
  t.same(await inForce(), { version: 2, adopted_by: 'province-2' });
  await refuse('province-2', { confirm: proposal }, 'unknown-proposal');
  const event = await one(
    world,
    `select city, actor, note ->> 'proposer' as proposer from events where name = 'adopt-policy'`,
  );
  t.same(event, { city: '', actor: 'province-2', proposer: 'province' });
  const narrow = await policyFolder(t, (path, text) =>
    path === 'policy.yaml' ? retitled(path, text).replace('  - score-lines.regions\n', '') : text,
  );
  await refuse('province', { folder: narrow }, 'policy-has-errors');
  const documents = Object.fromEntries(
    [...readPolicyFolder(narrow)]
      // Its small provinces are dispatched by the settings of cities, which are not in it.
      .filter(([path]) => !path.startsWith('cities/') && path !== 'tests/placements.yaml')
      .map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
  );
  const { bundle: lone } = loadPolicy(new Map(Object.entries(documents)));
  const found = await world.both('province', 'province-2', 'adopt-policy', {
    documents,
    trial: await trialFile(t, world, lone?.base.hash ?? ''),
  });
  t.ok((found.answer.values as { failing: string[] }).failing.includes(CITY));
  t.match(found.answer.findings?.[0], { property: 'overlay-fails', severity: 'error' });
  const again = await policyFolder(t, (path, text) =>
    retitled(path, text).replace('修订', '再修订'),
  );
  const shipped = await world.both('province', 'province-2', 'adopt-policy', {
    folder: again,
    trial: await trialOf(t, world, again),
  });
  t.match(shipped.answer.values, { version: 4, failing: [] });
  await adoptingInFreeze(t, world);
}

/** A reason and four people. */
async function adoptingInFreeze(t: Test, world: ActWorld): Promise<void> {
  const folder = await policyFolder(t, (path, text) =>
    path === 'policy.yaml' ? text.replace('招生录取\n', '招生录取（冻结期修订）\n') : text,
  );
  const base = () => one(world, 'select max(version) as version from policy_bases');
  for (const user of ['province-3', 'province-4']) {
    await world.database.query(
      `insert into users
       select (jsonb_populate_record(u, jsonb_build_object('user_name', $1::text))).*
       from users u where user_name = 'province'`,
      [user],
    );
  }
  world.at = FROZEN;
  const reason = '省招委会议纪要第 3 号';
  const trial = await trialOf(t, world, folder);
  const { proposal, answer } = await world.do('province', 'adopt-policy', {
    ...{ folder, reason, trial },
  });
  t.match(answer.lines[0], /另外 3 人/u);
  const confirm = { confirm: proposal };
  const sign = (user: string) => world.do(user, 'adopt-policy', confirm);
  t.match(await sign('province-2'), { state: 'proposed', answer: { lines: [/还须 2 人/u] } });
  for (const again of ['province', 'province-2']) {
    await refused(t, world, [again, 'adopt-policy', confirm], 'same-person');
  }
  t.match(await sign('province-3'), { state: 'proposed', answer: { lines: [/还须 1 人/u] } });
  t.same(await base(), { version: 4 });
  await world.database.query(`update users set disabled_at = now() where user_name = 'province-3'`);
  await refused(t, world, ['province-4', 'adopt-policy', confirm], 'proposer-lost');
  await world.database.query(`update users set disabled_at = null where user_name = 'province-3'`);
  t.match(await sign('province-4'), { state: 'done' });
  t.same(await base(), { version: 5 });
  const note = await one(
    world,
    `select note -> 'signers' as signers, note ->> 'reason' as reason,
       (note #>> '{tests,count}')::integer > 0 as tested,
       note #>> '{tried,hash}' as tried
     from events where name = 'adopt-policy' order by event desc limit 1`,
  );
  const signers = ['province', 'province-2', 'province-3', 'province-4'];
  const tried = createHash('sha256')
    .update(await readFile(trial))
    .digest('hex');
  t.same(note, { signers, reason, tested: true, tried });
  world.at = EARLY;
}

async function exporting(t: Test, world: ActWorld): Promise<void> {
  const { run, hash } = await one<{ run: number; hash: string }>(
    world,
    `select run, result_hash as hash from runs where job = 'dispatch' and state = 'completed'
       and scope ->> 'city' = $1`,
    [CITY],
  );
  const input = { run };
  await world.do('province', 'grant-functions', { user: HEAD, functions: 'export-run' });
  await refused(t, world, [FOREIGN, 'export-run', input], 'no-function');
  await world.do('province', 'grant-functions', { user: FOREIGN, functions: 'export-run' });
  await refused(t, world, [FOREIGN, 'export-run', input], 'out-of-scope');
  await refused(t, world, [HEAD, 'export-run', { run: 99999 }], 'not-a-dispatch');
  const { answer } = await world.do(HEAD, 'export-run', input);
  const folder = join(world.home, answer.values?.['folder'] as string);
  const { bundle } = loadPolicy(readPolicyFolder(join(folder, 'policy')));
  if (bundle === undefined) throw new Error('the exported policy does not load');
  const again = await recompute(folder, city => effectivePolicy(bundle, city), {
    random: () => 0.5,
  });
  t.equal(again.run?.resultHash, hash, 'whoever has it does the run again');
  const events = () => world.query(`select note from events where name = 'export-run'`);
  t.same(await events(), [{ note: { run, folder: `exports/run-${run}` } }]);
  t.match((await world.do(HEAD, 'export-run', input)).answer.lines, [/此前已导出/]);
  // The run that it starts has a line of its own; the act has one too, with who asked and how.
  const asked = { user: HEAD, input, request: 'E-1', osUser: 'operator' };
  const job = await findFunction('export-run');
  const first = await runAct(job, asked, world.environment());
  const repeated = await runAct(job, asked, world.environment());
  t.match(repeated, {
    state: 'already-done',
    run: first.run,
    answer: { lines: first.answer.lines },
  });
  const ledger = await one(
    world,
    'select state, actor, os_user, on_demand, request from runs where run = $1',
    [first.run],
  );
  const line = { state: 'completed', actor: HEAD, os_user: 'operator', on_demand: true };
  t.same(ledger, { ...line, request: input });
  const twice = { ...asked, request: 'E-2' };
  const both = [0, 1].map(() => runAct(job, twice, world.environment()));
  const states = (await Promise.all(both)).map(({ state }) => state);
  t.same(states.toSorted(), ['already-done', 'done'], 'launched by one of the two');
  t.equal((await events()).length, 1, 'no second effect');
}

async function rehearsing(t: Test, world: ActWorld): Promise<void> {
  const file = join(temporaryFolder(t), 'province.backup');
  const { hash } = await writeBackup(world.database, file, {
    home: world.home,
    program: 'test',
    now: () => new Date('2016-07-21T01:00:00Z'),
  });
  await refused(t, world, [HEAD, 'rehearse-restore', { file }], 'wrong-level');
  await fails(
    t,
    world,
    ['province', 'rehearse-restore', { file: '/no/such' }],
    'backup-unreadable',
  );
  const { answer } = await world.do('province', 'rehearse-restore', { file });
  t.match(answer.values, { hash, good: true });
  t.same(answer.findings, []);
  const line = await one<{ state: string; counts: object; note: object }>(
    world,
    `select r.state, r.result -> 'counts' as counts, e.note
     from runs r join events e on e.run = r.run
     where r.job = 'rehearse-restore' and r.state = 'completed'`,
  );
  t.match(line, { state: 'completed', counts: { differing: 0 }, note: { hash, good: true } });
}

async function zhongzhao(...parameters: string[]) {
  let said = '';
  const output = {
    out: (text: string) => {
      said += text;
    },
    error: (text: string) => {
      said += text;
    },
  };
  const code = await main(parameters, output);
  return { code, said };
}

async function onTheCommandLine(t: Test, world: ActWorld): Promise<void> {
  const before = { ...process.env };
  process.env['DATABASE_URL'] = world.database.url;
  process.env['ZHONGZHAO_HOME'] = world.home;
  t.teardown(() => {
    process.env = before;
  });
  const nobody = await zhongzhao('import', '/no/such', '--as', 'city-999999');
  t.match(nobody, { code: 2, said: /unknown-user/ });
  const clerk = await zhongzhao('policy', 'adopt', RULES, '--as', HEAD, '--at', EARLY);
  t.match(clerk, { code: 4, said: /wrong-level/ });
  const folder = await policyFolder(t, (path, text) =>
    path === 'policy.yaml' ? text.replace('招生录取\n', '招生录取（又一版）\n') : text,
  );
  const { run } = await one<{ run: number }>(
    world,
    `select max(run) as run from runs where job = 'dispatch' and state = 'completed'`,
  );
  const trial = join(temporaryFolder(t), 'trial.json');
  const tried = ['policy', 'try', folder, '--against', String(run), '--out', trial];
  t.match(await zhongzhao(...tried, '--as', 'province'), { code: 0 });
  const adopt = ['policy', 'adopt', folder, '--trial', trial, '--at', EARLY, '--json', '--as'];
  const proposed = await zhongzhao(...adopt, 'province');
  const { proposal, adopted } = JSON.parse(proposed.said);
  t.equal(adopted, false);
  const versions = async () => JSON.parse((await zhongzhao('policy', 'versions', '--json')).said);
  t.match((await versions()).versions[0], {
    ...{ state: 'proposed', proposal, signers: ['province'], tried: { runs: [run] } },
  });
  const done = await zhongzhao(...adopt, 'province-2', '--confirm', String(proposal));
  const [now, former, ...older] = (await versions()).versions;
  t.match(now, {
    ...{ state: 'in-force', version: 6, signers: ['province', 'province-2'] },
    ...{ tests: { count: Number }, tried: { runs: [run] }, reason: null },
  });
  t.match(former, { state: 'archived', version: 5, reason: '省招委会议纪要第 3 号' });
  t.match(older.at(-1), { state: 'archived', version: 1, tests: null, tried: null });
  t.match(JSON.parse(done.said), { adopted: true, version: 6 });
  const same = await zhongzhao(...adopt, 'province');
  t.match(JSON.parse(same.said), { adopted: false, version: 6 });
  const county = await countyOf(world, CITY);
  const more = writeRows(t, { candidates: newcomer(CITY, county, 4) ?? [] });
  const imported = await zhongzhao('import', more, '--as', HEAD, '--json');
  t.match(JSON.parse(imported.said), { counts: { candidates: { added: 1 } }, synthetic: true });
  await world.query('update users set disabled_at = now() where user_name = $1', [HEAD]);
  const disabled = await zhongzhao('import', more, '--as', HEAD);
  t.match(disabled, { code: 4, said: /user-disabled/ });
  await world.query('update users set disabled_at = null where user_name = $1', [HEAD]);
  const [row] = await world.query(
    'select count(*)::integer as n from policy_bases where season = $1',
    [SEASON],
  );
  t.same(row, { n: 6 });
}
