/** `policy try` on the command line, over a province that has lived through its first round. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parse } from 'csv-parse/sync';
import t from 'tap';
import { connect, type Database } from '../../db/connect.ts';
import { recompute } from '../../db/package/recompute.ts';
import { textAt } from '../../engine/dispatch/bytes.ts';
import { effectivePolicy } from '../../engine/policy/load.ts';
import { bundleOf } from '../../jobs/cli/policy.ts';
import { main } from '../../jobs/cli/program.ts';
import { livedSeasonUntil } from '../season/lived-season.ts';

const POLICY = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
const { database, home } = await livedSeasonUntil(t, '2016-07-24');
process.env['DATABASE_URL'] = database.url;
process.env['ZHONGZHAO_HOME'] = home;
const folder = await mkdtemp(join(tmpdir(), 'zhongzhao-try-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));

interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

async function zhongzhao(...parameters: string[]): Promise<Said> {
  let [out, error] = ['', ''];
  const code = await main(parameters, {
    out: text => {
      out += text;
    },
    error: text => {
      error += text;
    },
  });
  return { code, out, error };
}

/** The run with most participants: its number, its city and its date. */
async function largestRun(of: Database) {
  const [row] = await of.query<{ run: number; city: string; batch: string; date: string }>(
    `select run, scope ->> 'city' as city, scope ->> 'batch' as batch, business_date as date
     from runs where job = 'dispatch' and state = 'completed' and scope ->> 'school' is null
     order by (result -> 'counts' ->> 'participants')::integer desc, run limit 1`,
  );
  if (row === undefined) throw new Error('nothing was dispatched');
  return row;
}

const largest = await largestRun(database);
const RUN = String(largest.run);
const LINE = `score-lines.regions[${largest.city},${largest.batch}].line`;

/** The report as JSON. */
async function tried(...parameters: string[]) {
  const said = await zhongzhao('policy', 'try', ...parameters, '--as', 'province', '--json');
  if (said.code !== 0) throw new Error(said.out);
  const report = JSON.parse(said.out);
  const figure = (key: string) =>
    report.figures.find((each: { key: string }) => each.key === key)?.value as number;
  return { report, figure };
}

/** Region and school lines are far below everybody: then the check has nothing against it. */
async function lineAt(line: number): Promise<string> {
  return `${LINE}=${line}`;
}

t.test('its own policy changes nothing, and the database is only read', async t => {
  const name = new URL(database.url).pathname.slice(1);
  await database.query(`alter database ${name} set default_transaction_read_only = on`);
  t.teardown(() =>
    database.query(
      `begin read write; alter database ${name} set default_transaction_read_only = off; commit`,
    ),
  );
  const writer = connect(database.url);
  t.teardown(() => writer.close());
  await t.rejects(writer.query('update users set title = title'), { code: '25006' });
  const { figure, report } = await tried('--against', RUN, '--set', await sameLine());
  t.equal(figure('gained') + figure('lost') + figure('better') + figure('worse'), 0);
  t.equal(figure('same'), figure('participants'));
  t.ok(figure('participants') > 0);
  t.ok(report.reconciliations.every((each: { holds: boolean }) => each.holds !== false));
});

/** The line as it is. */
async function sameLine(): Promise<string> {
  const [row] = await database.query<{ document: string }>(
    'select document from policy_overlays where city = $1 order by version desc limit 1',
    [largest.city],
  );
  const line = /line: ([\d.]+)/.exec(row?.document ?? '')?.[1] ?? '';
  return `${LINE}=${line}`;
}

t.test('a lower line lets people in; the list names each of them, and no name', async t => {
  const path = join(folder, 'changes.csv');
  const { figure } = await tried('--against', RUN, '--set', await lineAt(1), '--changes', path);
  t.equal(figure('gained') - figure('lost'), figure('placedAfter') - figure('placedBefore'));
  const rows = parse(await readFile(path), { columns: true, bom: true }) as Record<
    string,
    string
  >[];
  const moved = ['gained', 'lost', 'better', 'worse', 'major'].map(figure);
  t.equal(
    rows.length,
    moved.reduce((sum, each) => sum + each),
  );
  t.equal(rows.filter(row => row['变动'] === '新投出').length, figure('gained'));
  const names = await database.query<{ name: string }>('select name from candidates limit 50');
  const text = await readFile(path, 'utf8');
  t.notOk(names.some(({ name }) => text.includes(name)));
});

t.test('a package gives the same as the database, and both what recompute gives', async t => {
  const out = join(folder, 'package');
  t.equal((await zhongzhao('export', RUN, '--out', out)).code, 0);
  const ending = 'batches.batches[vocational].dispatch.ratio=0.50';
  const ofRun = await tried('--against', RUN, '--set', ending);
  const ofPackage = await tried('--package', out, '--set', ending);
  for (const key of ['participants', 'placedBefore', 'placedAfter', 'gained', 'lost', 'better']) {
    t.equal(ofPackage.figure(key), ofRun.figure(key), key);
  }
  const bundle = bundleOf(join(out, 'policy'));
  const done = await recompute(out, city => effectivePolicy(bundle, city), { random: () => 0.5 });
  t.equal(done.run?.counts.placed, ofRun.figure('placedBefore'));
});

t.test('a folder is tried against a night; a sweep bends where single trials do', async t => {
  const night = await tried(POLICY, '--night', largest.date, '--city', largest.city);
  t.equal(night.figure('lost'), 0, 'the shipped policy is that of the runs');
  const swept = await tried('--against', RUN, '--sweep', `${LINE}=1..3:1`);
  const steps = swept.report.sections.find((each: { id: string }) => each.id === 'steps').rows;
  const single = await tried('--against', RUN, '--set', `${LINE}=2`);
  t.equal(steps.length, 3);
  t.equal(steps[1].placed, single.figure('placedAfter'));
  t.equal(steps[1].gained, single.figure('gained'));
});

t.test('reports are files as the name says; one candidate is told choice by choice', async t => {
  const html = join(folder, 'try.html');
  const said = await zhongzhao(
    // High enough that people lose their places: a chart of nothing is not drawn.
    ...['policy', 'try', '--against', RUN, '--set', await lineAt(500), '--as', 'province'],
    ...['--out', html],
  );
  t.equal(said.code, 0, said.error);
  const page = await readFile(html, 'utf8');
  t.match(page, /政策试算报告/);
  t.match(page, /<svg/);
  t.notMatch(page, /<script/);
  const { run } = await recomputed();
  const number = textAt(run.world.candidates.number, run.result.participants[0] as number);
  const one = await zhongzhao(
    ...['policy', 'try', '--against', RUN, '--set', await lineAt(1), '--as', 'province'],
    ...['--candidate', number],
  );
  t.equal(one.code, 0, one.error);
  t.match(one.out, new RegExp(`考生 ${number}`));
  t.match(one.out, /第1志愿/);
});

async function recomputed() {
  const out = join(folder, 'package');
  const bundle = bundleOf(join(out, 'policy'));
  const { run } = await recompute(out, city => effectivePolicy(bundle, city), {
    random: () => 0.5,
  });
  if (run === undefined) throw new Error('not recomputed');
  return { run };
}

/** Someone whom the largest run has not placed, or has placed by a later choice. */
async function someone(where: string): Promise<string> {
  const [row] = await database.query<{ no: string }>(
    `select candidate_no as no from decisions where run = $1 and ${where}
     order by candidate_no limit 1`,
    [largest.run],
  );
  if (row === undefined) throw new Error(`nobody is ${where}`);
  return row.no;
}

t.test('a family is told the smallest change; made, it is true', async t => {
  const no = await someone(`reasons ~ ':(full|below-region-line)' and school is null`);
  const asked = ['policy', 'explain', no, '--run', RUN, '--as', 'province'];
  const said = await zhongzhao(...asked);
  t.equal(said.code, 0, said.error);
  t.match(said.out, /考生去向查询/, 'beside why');
  t.match(said.out, /怎样才会不同/);
  t.match(said.out, /您这次没有投出/);
  t.match(said.out, /重新投档核实/);
  const { whatIf } = JSON.parse((await zhongzhao(...asked, '--json')).out);
  t.equal(whatIf.placed, null);
  t.ok(whatIf.choices.length > 0);
  const others = await database.query<{ no: string }>(
    'select candidate_no as no from decisions where run = $1 and candidate_no <> $2',
    [RUN, no],
  );
  t.notOk(
    others.some(({ no: other }) => said.out.includes(other)),
    'nobody else is in it',
  );
  const out = join(folder, 'package');
  const ofPackage = await zhongzhao('policy', 'explain', no, '--package', out, '--json');
  t.same(JSON.parse(ofPackage.out).whatIf.choices, whatIf.choices);
  const rule = whatIf.choices.flatMap((each: { flips: { kind: string }[] }) => each.flips);
  t.ok(rule.length > 0, 'some single change helps');
});

t.test('explain tells it too where asked; who was never dispatched is told so', async t => {
  const no = await someone('ordinal = 1');
  const plain = await zhongzhao('explain', no, '--as', 'province');
  t.notMatch(plain.out, /怎样才会不同/);
  const whatIf = await zhongzhao('explain', no, '--what-if', '--as', 'province');
  t.equal(whatIf.code, 0, whatIf.error);
  t.match(whatIf.out, /怎样才会不同/);
  for (const [parameters, code] of [
    [['nobody', '--as', 'province'], 'never-dispatched'],
    [[no, '--run', '999999', '--as', 'province'], 'never-dispatched'],
    [[no, '--run', 'x', '--as', 'province'], 'wrong-usage'],
    [[no], 'wrong-usage'],
  ] as const) {
    const said = await zhongzhao('policy', 'explain', ...parameters, '--json');
    t.equal(JSON.parse(said.out).error?.code, code, parameters.join(' '));
  }
});

t.test('what can’t be tried is refused, in Chinese, with what to do', async t => {
  const city = `city-${largest.city}`;
  const [other] = await database.query<{ user: string }>(
    `select user_name as user from users
     where level = 'city' and region <> $1 and user_name like 'city-%' limit 1`,
    [largest.city],
  );
  const set = ['--set', await lineAt(1)];
  const cases: readonly (readonly [string[], string])[] = [
    [['--against', RUN, '--as', 'province'], 'wrong-usage'],
    [[...set, '--as', 'province'], 'wrong-usage'],
    [[...set, '--against', RUN], 'wrong-usage'],
    [[...set, '--against', RUN, '--night', largest.date, '--as', 'province'], 'wrong-usage'],
    [[...set, '--against', '999999', '--as', 'province'], 'not-a-run'],
    [[...set, '--night', '2015-01-01', '--as', 'province'], 'no-runs'],
    [[...set, '--against', RUN, '--as', other?.user ?? ''], 'trial-scope'],
    [['--set', `${LINE}x=1`, '--against', RUN, '--as', 'province'], 'path-unknown'],
    [['--set', `${LINE}=many`, '--against', RUN, '--as', 'province'], 'policy-has-errors'],
    [[...set, '--against', RUN, '--as', 'province', '--candidate', 'nobody'], 'not-in-runs'],
    [[...set, '--against', RUN, '--as', 'province', '--out', 'x.doc'], 'wrong-usage'],
    [[...set, '--package', folder], 'no-policy-before'],
  ];
  for (const [parameters, code] of cases) {
    const said = await zhongzhao('policy', 'try', ...parameters, '--json');
    t.equal(JSON.parse(said.out).error?.code, code, parameters.join(' '));
    t.not(said.code, 0);
  }
  const own = await zhongzhao('policy', 'try', ...set, '--against', RUN, '--as', city, '--json');
  t.equal(own.code, 0, 'a city tries its own runs');
});
