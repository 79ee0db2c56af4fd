import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { CLI_ERRORS } from '../../jobs/cli/errors.ts';
import { type Output, padEnd, sayError, table } from '../../jobs/cli/output.ts';
import { main } from '../../jobs/cli/program.ts';
import { RUN_ERRORS } from '../../jobs/run/errors.ts';
import { runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';
import { behave, environment, prepare, tinyJob } from './tiny/job.ts';

const POLICY = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function zhongzhao(...parameters: string[]): Promise<Said> {
  let out = '';
  let error = '';
  const output: Output = {
    out: text => {
      out += text;
    },
    error: text => {
      error += text;
    },
  };
  const code = await main(parameters, output);
  return { code, out, error };
}

/** Points the command to a database of the test's own. */
function pointTo(t: Test, database: Database): void {
  const before = { url: process.env['DATABASE_URL'], home: process.env['ZHONGZHAO_HOME'] };
  process.env['DATABASE_URL'] = database.url;
  process.env['ZHONGZHAO_HOME'] = t.testdir();
  t.teardown(() => {
    restore('DATABASE_URL', before.url);
    restore('ZHONGZHAO_HOME', before.home);
  });
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

t.test('wrong usage exits with 2, in Chinese, with what to do', async t => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['runs', '--colour'], /没有选项 --colour/],
    [['nigt'], /没有命令 nigt，是否指 night/],
    [['stop'], /缺少参数/],
    [['import', 'somewhere'], /缺少选项/],
    [['runs', '--limit', 'many'], /--limit/],
    [['night', '--date', '2016-02-30'], /不是有效的日期/],
    [['night', '--at', 'soon'], /不是有效的时刻/],
    [['run', 'dispach'], /dispatch/],
    [['report', 'run-reprot', '--as', 'province', '--out', 'x'], /run-report/],
    [['sample', '--scale', '-1'], /--scale/],
    [[], /没有写明命令/],
  ];
  for (const [parameters, sentence] of cases) {
    const said = await zhongzhao(...parameters);
    t.equal(said.code, 2, parameters.join(' '));
    t.match(said.error, sentence);
    t.notMatch(said.error, /error:/);
  }
});

t.test('every command has its help, in Chinese', async t => {
  const help = await zhongzhao('--help');
  t.equal(help.code, 0);
  t.match(help.out, /用法：/);
  for (const command of ['night', 'policy adopt', 'recompute', 'serve', 'worker', 'start']) {
    const said = await zhongzhao(...command.split(' '), '--help');
    t.equal(said.code, 0, command);
    t.match(said.out, /用法：.*选项：/s);
    t.match(said.out, /--json/);
    t.notMatch(said.out, /display help|Usage|Options/);
  }
});

t.test('an error for machines is one line of JSON with its code', async t => {
  const said = await zhongzhao('runs', '--colour', '--json');
  t.equal(said.code, 2);
  t.match(JSON.parse(said.out), { error: { code: 'wrong-usage', exitCode: 2 } });
  t.equal(said.out.trimEnd().split('\n').length, 1);
});

t.test('both registries are listed', async t => {
  const jobs = JSON.parse((await zhongzhao('jobs', '--json')).out);
  const nightly = jobs.jobs.filter((job: { side: string }) => job.side === 'nightly');
  const ids = nightly.map((job: { id: string }) => job.id);
  t.same(ids, [
    'sweep',
    'vacancies',
    'cut-off',
    'import',
    'season-audit',
    'dispatch',
    'audit',
    'seal',
    'publish',
  ]);
  const reports = JSON.parse((await zhongzhao('reports', '--json')).out);
  t.ok(reports.reports.some((report: { id: string }) => report.id === 'dispatch-detail'));
  t.match((await zhongzhao('jobs')).out, /批量投档/);
});

t.test('runs are listed with their state, and a run that has died says so', async t => {
  const database = await freshDatabase(t);
  pointTo(t, database);
  await prepare(database, ['A']);
  await behave(database, 'A', 'find');
  await runJob(tinyJob({ id: 'import' }), { city: 'A' }, '2016-07-20', environment(database));
  await database.query(
    `insert into runs (season, job, identity, scope, business_date, attempt, state, fence, actor,
       host, pid, started_at)
     values (2016, 'import', 'import|B', '{"city": "B"}', '2016-07-20', 1, 'running', 1, 'schedule',
       '', 1, now())`,
  );
  const said = JSON.parse((await zhongzhao('runs', '--json')).out);
  t.match(said.runs, [
    { identity: 'import|B', state: 'interrupted' },
    { identity: 'import|A|2016-07-20', state: 'completed', findings: 1 },
  ]);
  t.match((await zhongzhao('runs', '--date', '2016-07-20')).out, /中断，可续/);
  t.match((await zhongzhao('runs', '--date', '2016-07-19')).out, /还没有运行记录/);
});

t.test('stop asks a running run to stop, and refuses others', async t => {
  const database = await freshDatabase(t);
  pointTo(t, database);
  await prepare(database, ['A']);
  const done = await runJob(tinyJob(), { city: 'A' }, '2016-07-20', environment(database));
  t.match(await zhongzhao('stop', String(done.run)), { code: 4, error: /完成/ });
  t.match(await zhongzhao('stop', '999'), { code: 2, error: /999/ });
  await database.query("update runs set state = 'running'");
  t.match(await zhongzhao('stop', String(done.run)), { code: 0, out: /下一步停下/ });
  t.same(await database.query('select stop_requested from runs'), [{ stop_requested: true }]);
});

t.test('a policy is checked, adopted once, and written out again', async t => {
  const database = await freshDatabase(t);
  pointTo(t, database);
  t.match(await zhongzhao('policy', 'check', '/no/such/folder'), { code: 3 });
  const bad = t.testdir({ 'policy.yaml': 'id: x\n名称：值\n' });
  const refused = await zhongzhao('policy', 'check', bad);
  t.equal(refused.code, 3);
  t.match(refused.error, /policy\.yaml:2:/);
  t.equal((await zhongzhao('policy', 'check', POLICY)).code, 0);
  const adopted = await zhongzhao('policy', 'adopt', POLICY, '--as', 'province', '--json');
  t.match(JSON.parse(adopted.out), { version: 1, adopted: true });
  const again = await zhongzhao('policy', 'adopt', POLICY, '--as', 'province', '--json');
  t.match(JSON.parse(again.out), { version: 1, adopted: false, cities: [] });
  const out = join(t.testdir(), 'policy');
  t.equal((await zhongzhao('policy', 'export', '--out', out)).code, 0);
  t.equal((await zhongzhao('policy', 'check', out)).code, 0, 'what is written out is whole');
  const same = await zhongzhao('policy', 'diff', 'in-force', out, '--json');
  t.match(JSON.parse(same.out), { same: true, before: { id: 'guangdong-2016' } });
  const eligibility = await readFile(join(out, 'eligibility.yaml'), 'utf8');
  await writeFile(join(out, 'eligibility.yaml'), eligibility.replace('ThanInclusive', 'Than'));
  const differs = await zhongzhao('policy', 'diff', '2016/v1', out);
  t.match(differs, { code: 0, out: /投档分不低于区域分数线\n.*投档分高于区域分数线/ });
  const page = join(out, 'diff.html');
  t.equal((await zhongzhao('policy', 'diff', 'v1', out, '--out', page)).code, 0);
  t.match(await readFile(page, 'utf8'), /投档分高于区域分数线/);
  t.match(await zhongzhao('policy', 'diff', 'v2', out), { code: 2, error: /没有第 2 版/ });
  t.match(await zhongzhao('policy', 'diff', 'v1', out, '--format', 'html'), { code: 2 });
  const city = await zhongzhao('policy', 'export', '--city', '440100');
  t.equal(city.code, 0);
  t.equal((await zhongzhao('policy', 'export', '--city', '999999')).code, 2);
});

t.test('a night without a policy, and a clock in a real province, are refused', async t => {
  const database = await freshDatabase(t);
  pointTo(t, database);
  t.match(await zhongzhao('night', '--date', '2016-07-20'), { code: 4, error: /年度/ });
  await prepare(database);
  t.match(await zhongzhao('night', '--date', '2016-07-20'), { code: 4, error: /no-schedule/ });
  await database.query(
    `insert into imports (season, package_hash, synthetic, counts, imported_at, imported_by)
     values (2016, '', false, '{}', now(), 'province')`,
  );
  const clock = await zhongzhao('night', '--at', '2016-07-20T19:30');
  t.match(clock, { code: 4, error: /clock-not-sample/ });
  const adopting = await zhongzhao('policy', 'adopt', POLICY, '--as', 'province');
  t.match(adopting, { code: 4, error: /no-users/ });
});

t.test('in a sample database only its own users speak', async t => {
  const database = await freshDatabase(t);
  pointTo(t, database);
  const said = await zhongzhao('policy', 'adopt', POLICY, '--as', 'somebody');
  t.match(said, { code: 2, error: /unknown-user/ });
});

t.test('an unexpected error shows its class and code, never its text', async t => {
  let text = '';
  const output: Output = {
    out: () => {},
    error: line => {
      text += line;
    },
  };
  const leak = Object.assign(new Error('row (张三, 440101199901011234)'), { code: '23505' });
  t.equal(sayError(leak, false, output), 5);
  t.match(text, /23505/);
  t.notMatch(text, /张三|440101199901011234/);
});

t.test('a database that can not be reached is told as such', async t => {
  const database = await freshDatabase(t);
  pointTo(t, database);
  process.env['DATABASE_URL'] = 'postgres://nobody:nothing@127.0.0.1:1/none';
  const said = await zhongzhao('runs');
  t.equal(said.code, 5);
  t.match(said.error, /cannot-connect/);
});

t.test('columns line up where a Chinese character takes two', async t => {
  t.equal(padEnd('中文', 6), '中文  ');
  t.same(
    table([
      ['中', 'a'],
      ['bbb', 'c'],
    ]),
    ['中   a', 'bbb  c'],
  );
});

t.test('every error has a sentence, and advice that ends one', async t => {
  for (const [code, kind] of Object.entries({ ...RUN_ERRORS, ...CLI_ERRORS })) {
    t.match(code, /^[a-z]+(-[a-z]+)*$/);
    t.match(kind.sentence, /[。]$/, code);
    t.match(kind.advice, /[。]$/, code);
  }
});
