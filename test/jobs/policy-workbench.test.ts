/** The commands of the policy workbench as they are called: check, boundaries, coverage. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import type { Output } from '../../jobs/cli/output.ts';
import { main } from '../../jobs/cli/program.ts';
import { livedSeasonUntil } from '../season/lived-season.ts';

const POLICY = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');

async function policy(...parameters: string[]) {
  const said = { out: '', error: '' };
  const output: Output = {
    out: text => {
      said.out += text;
    },
    error: text => {
      said.error += text;
    },
  };
  const code = await main(['policy', ...parameters], output);
  return { code, ...said };
}

/** A copy of the shipped policy with one change. */
function changed(t: Test, file: string, find: string, put: string): string {
  const folder = join(t.testdir(), 'policy');
  cpSync(POLICY, folder, { recursive: true });
  const path = join(folder, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(find, put));
  return folder;
}

t.test('check shows what a rule comes to, with a case, and exits by what it found', async t => {
  const fine = await policy('check', POLICY);
  t.equal(fine.code, 0);
  t.match(fine.out, /没有错误，提示 [0-9]+ 处/);
  t.equal(fine.out.split('[review-uncovered]').length - 1, 2);
  t.match(fine.out, /分析规则 [0-9]+ 条，逐一判定了 [0-9]+ 种情形/);
  t.equal((await policy('check', POLICY, '--strict')).code, 1);
  const never = changed(
    t,
    'deadlines.yaml',
    '{ fact: file.state, operator: equal, value: held }',
    '{ fact: file.age-days, operator: lessThan, value: 0 }',
  );
  const refused = await policy('check', never);
  t.equal(refused.code, 3);
  t.match(refused.error, /deadlines\.yaml:[0-9]+:[0-9]+ 错误 \[action-never-acts\]/);
  t.match(refused.error, /可存入 tests\/ 作为样例/);
  t.match(refused.error, /expect: \{ outcome: none \}/);
  const adopting = await policy('adopt', never, '--as', 'province');
  t.equal(adopting.code, 3, 'and it is not adopted');
  t.match(adopting.error, 'action-never-acts');
  const { error } = JSON.parse((await policy('check', never, '--json')).out);
  t.ok(error.problems.some((each: { example?: string }) => each.example?.includes('stage')));
});

t.test('check holds codes and lines against the data of the year', async t => {
  const data = join(t.testdir(), 'data');
  mkdirSync(data);
  const write = (name: string, lines: string[]) =>
    writeFileSync(join(data, name), `${lines.join('\n')}\n`);
  const cities = ['440000', '440100', '440700'];
  write('regions.csv', [
    'code,name,parent,level',
    ...cities.map(code => `${code},地区,${code === '440000' ? '' : '440000'},city`),
  ]);
  write('subjects.csv', [
    'city,code,name,full,order',
    '440100,yw,语文,150,1',
    '440100,sx,数学,150,2',
    '440100,yy,英语,15,3',
  ]);
  const { code, error } = await policy('check', POLICY, '--data', data);
  t.equal(code, 3);
  t.match(
    error,
    /cities\/440100\.yaml:[0-9]+:[0-9]+ 错误 \[line-above-full\] 分数线 320 高于该市满分 315/,
  );
  t.match(error, /\[unknown-region\]/);
  t.notMatch(error, /\[unknown-school\]/, 'the package has no schools to hold them against');
  t.equal((await policy('check', POLICY, '--data', join(data, 'none'))).code, 3);
});

t.test('boundaries are printed, written, and added to the tests once', async t => {
  const folder = changed(t, 'policy.yaml', '', '');
  const shown = await policy('boundaries', folder);
  t.match(shown.out, /【分数线】/);
  t.match(shown.out, /319\.99 分 +拒绝：不符合“达到区域分数线”/);
  const page = join(t.testdirName, 'sheet.html');
  const made = await policy('boundaries', folder, '--format', 'html', '--out', page, '--append');
  t.match(made.out, /补写样例 [0-9]+ 条，原有的 0 条未改动/);
  t.match(readFileSync(page, 'utf8'), /边界情形表/);
  const tests = readFileSync(join(folder, 'tests', 'boundaries.yaml'), 'utf8');
  t.match((await policy('boundaries', folder, '--append')).out, /条样例都已有，没有改动/);
  t.equal(readFileSync(join(folder, 'tests', 'boundaries.yaml'), 'utf8'), tests);
  t.equal((await policy('test', folder)).code, 0);
  t.equal((await policy('check', folder)).code, 0);
  t.equal((await policy('boundaries', folder, '--format', 'pdf')).code, 2);
  const json = JSON.parse((await policy('boundaries', folder, '--json')).out);
  t.ok(json.sheet.length > 50 && json.cases > 150);
});

t.test('coverage reads examples, and the situations of a lived season', async t => {
  const alone = JSON.parse((await policy('coverage', POLICY, '--json')).out);
  t.equal(alone.rules.length, 38);
  const { database, home } = await livedSeasonUntil(t, '2016-09-08');
  const before = { url: process.env['DATABASE_URL'], home: process.env['ZHONGZHAO_HOME'] };
  Object.assign(process.env, { DATABASE_URL: database.url, ZHONGZHAO_HOME: home });
  t.teardown(() => {
    for (const [name, value] of [
      ['DATABASE_URL', before.url],
      ['ZHONGZHAO_HOME', before.home],
    ] as const) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  const season = await policy('coverage', POLICY, '--season', '--json');
  t.equal(season.code, 0, season.error);
  const { rules, unmatched } = JSON.parse(season.out);
  t.equal(unmatched, 0, 'every rule that decided is in the policy');
  const counted = await database.query<{ stage: string; rule: string; pairs: number }>(
    `select case when stage = 'special' then 'eligibility' else stage end as stage, rule,
       sum(pairs)::float8 as pairs
     from situations join runs using (run) where state = 'completed' group by 1, 2`,
  );
  t.ok(counted.length > 10);
  for (const { rule, pairs } of counted) {
    const own = rules.filter((each: { rule: string }) => each.rule === rule);
    const sum = own.reduce((all: number, each: { evaluated: { runs: number } }) => {
      return all + each.evaluated.runs;
    }, 0);
    t.equal(sum, pairs, `${rule}: all that runs decided`);
  }
  const revert = rules.find((each: { rule: string }) => each.rule === 'phase-1-unregistered');
  t.ok(revert.fired.runs > 0, 'the sweep of 09-01 reverted somebody');
  const [run] = await database.query<{ run: number }>('select min(run) as run from situations');
  t.equal((await policy('coverage', POLICY, '--run', String(run?.run))).code, 0);
  t.equal((await policy('coverage', POLICY, '--run', '99999')).code, 2);
  t.equal((await policy('coverage', POLICY, '--run', 'x')).code, 2);
  const text = await policy('coverage', POLICY, '--season');
  t.match(text.out, /起作用 样例 [0-9]+，运行 [0-9]+/);
});
