/** Recompute: a run from files alone gives what the engine gives, in whatever form they come. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import writeWorkbook from 'write-excel-file/node';
import { recompute } from '../../../db/package/recompute.ts';
import { packageTables } from '../../../db/package/schema.ts';
import { type PackageFile, writePackage } from '../../../db/package/write.ts';
import { inputHash, packageOfWorld } from '../../../engine/dispatch/package-of-world.ts';
import type { DispatchRules, Policy, PreferenceFeature } from '../../../engine/policy/types.ts';
import {
  BATCH,
  CITY,
  outcomeOf,
  PLAIN_RULES,
  policyOf,
  type SimpleCandidate,
  simpleRows,
} from '../../engine/dispatch-worlds.ts';
import answers from '../../known-answers/dispatch.json' with { type: 'json' };
import { gb18030 } from './gb18030.ts';
import { csvText, type Rows, temporaryFolder, writeRows } from './packages.ts';

interface Answer {
  id: string;
  title: string;
  dispatch: {
    mode: DispatchRules['mode'];
    ratio: string;
    rounding: DispatchRules['rounding'];
    ties: {
      keys: { subjects?: string[]; subject?: string; priority?: boolean }[];
      ending: DispatchRules['ties']['ending'];
    };
    bands?: number[];
    seed?: string;
  };
  planned: Record<string, number>;
  flexible: Record<string, number>;
  candidates: SimpleCandidate[];
  expect: Record<string, { school: string | null; reasons: string }>;
}

function policyOfAnswer({ dispatch, candidates }: Answer): Policy {
  const keys = dispatch.ties.keys.map(key =>
    key.priority
      ? { kind: 'priority' as const }
      : { kind: 'subjects' as const, subjects: key.subjects ?? [key.subject as string] },
  );
  const shared = { title: '', batches: [BATCH], basis: 'sample' };
  const features = candidates.flatMap(({ bonus = 0, priority = 0 }): PreferenceFeature[] => [
    { ...shared, id: `bonus-${bonus}`, kind: 'bonus', points: bonus * 100, rank: 0 },
    { ...shared, id: `priority-${priority}`, kind: 'priority', points: 0, rank: priority },
  ]);
  const rules = {
    ...PLAIN_RULES,
    mode: dispatch.mode,
    bands: (dispatch.bands ?? []).map(bound => bound * 100),
    ratio: Number(dispatch.ratio.replace('.', '')),
    rounding: dispatch.rounding,
    seed: dispatch.seed ?? null,
    ties: { ending: dispatch.ties.ending, keys },
  };
  return policyOf(rules, { preferences: { combine: 'max', cap: null, features } });
}

type Teardown = Parameters<typeof temporaryFolder>[0];
const RUN = { city: CITY, batch: BATCH };
const random = () => 0.5;

/** Recomputes and returns the run and the rows of dispatch-detail. */
async function runOf(folder: string, policy: Policy, out: string) {
  const { problems, run } = await recompute(folder, () => policy, { ...RUN, out, random });
  if (run === undefined) throw new Error(JSON.stringify(problems.problems, null, 1));
  return { run, problems, detail: readFileSync(out, 'utf8') };
}

for (const answer of answers as unknown as Answer[]) {
  t.test(`from files, known answer ${answer.id}: ${answer.title}`, async t => {
    const policy = policyOfAnswer(answer);
    const data = simpleRows(answer.planned, answer.flexible, answer.candidates);
    const out = join(temporaryFolder(t), 'detail.csv');
    const { run, detail } = await runOf(writeRows(t, data as Rows), policy, out);
    const expected = await outcomeOf(data, policy);
    t.equal(detail, expected.detail);
    t.equal(run.resultHash, expected.resultHash);
    t.equal(run.inputHash, expected.inputHash);
    const rows = detail.split('\n').slice(1, -1);
    t.equal(rows.length, Object.keys(answer.expect).length);
    for (const row of rows) {
      const [no, , school, , , , , reasons] = row.split(',');
      t.same({ school: school || null, reasons }, answer.expect[no as string]);
    }
  });
}

const SOME = (answers as unknown as Answer[]).find(answer => answer.id === 'keys') as Answer;
const SOME_ROWS = simpleRows(SOME.planned, SOME.flexible, SOME.candidates) as Rows;

/** The same rows in another form, and the hashes that they give. */
async function hashesOf(t: Teardown, folder: string) {
  const { run, detail } = await runOf(folder, policyOfAnswer(SOME), join(temporaryFolder(t), 'd'));
  return { input: run.inputHash, result: run.resultHash, detail };
}

t.test('BOM, GB18030, Chinese headers, gzip and a workbook give the same run', async t => {
  const plain = await hashesOf(t, writeRows(t, SOME_ROWS));
  const forms: Record<string, string> = {
    'UTF-8 with BOM': writeRows(t, SOME_ROWS),
    'Chinese headers': writeRows(t, renamed(SOME_ROWS)),
    GB18030: writeRows(t, SOME_ROWS),
    'shuffled rows and columns': writeRows(t, reversed(SOME_ROWS)),
  };
  const bom = forms['UTF-8 with BOM'] as string;
  for (const file of readdirSync(bom).filter(each => each.endsWith('.csv'))) {
    writeFileSync(join(bom, file), `\uFEFF${readFileSync(join(bom, file), 'utf8')}`);
  }
  const subjects = csvText(SOME_ROWS['subjects'] ?? []);
  writeFileSync(join(forms['GB18030'] as string, 'subjects.csv'), gb18030(subjects));
  forms['workbook'] = join(temporaryFolder(t), 'package.xlsx');
  await writeWorkbook(
    Object.entries(SOME_ROWS)
      .filter(([, rows]) => rows.length > 0)
      .map(([sheet, rows]) => ({
        sheet,
        data: [Object.keys(rows[0] ?? {}), ...rows.map(row => Object.values(row))],
      })) as never,
  ).toFile(forms['workbook']);
  for (const [form, folder] of Object.entries(forms)) {
    t.same(await hashesOf(t, folder), plain, form);
  }
});

function renamed(rows: Rows): Rows {
  const tables = packageTables([]);
  return Object.fromEntries(
    Object.entries(rows).map(([name, some]) => {
      const columns = tables.get(name as 'choices')?.columns ?? [];
      const chinese = (key: string) => columns.find(each => each.name === key)?.chinese ?? key;
      return [
        name,
        some.map(row =>
          Object.fromEntries(Object.entries(row).map(([key, value]) => [chinese(key), value])),
        ),
      ];
    }),
  );
}

function reversed(rows: Rows): Rows {
  return Object.fromEntries(
    Object.entries(rows).map(([name, some]) => [
      name,
      some.toReversed().map(row => Object.fromEntries(Object.entries(row).toReversed())),
    ]),
  );
}

t.test('a GB18030 list of girls is read by what the other files are, and that is said', async t => {
  const girls = (SOME_ROWS['candidates'] ?? []).map(row => ({ ...row, name: '一女', sex: '女' }));
  const rows: Rows = { ...SOME_ROWS, candidates: girls };
  const plain = await hashesOf(t, writeRows(t, rows));
  const folder = writeRows(t, rows);
  const rewrite = (files: readonly string[]) => {
    for (const file of files) {
      writeFileSync(join(folder, file), gb18030(csvText(rows[file.slice(0, -4)] ?? [])));
    }
  };
  const said = async () =>
    (await recompute(folder, () => policyOfAnswer(SOME), { ...RUN, random })).encodings;
  rewrite(['candidates.csv', 'regions.csv']);
  t.same(await hashesOf(t, folder), plain, 'two of the files');
  t.equal(await said(), 'GB18030（candidates.csv、regions.csv）、UTF-8（其余文件）');
  rewrite(readdirSync(folder).filter(file => file.endsWith('.csv')));
  t.same(await hashesOf(t, folder), plain, 'all of the files');
});

t.test('the package of a run, plain or gzipped, gives the run again without options', async t => {
  const policy = policyOfAnswer(SOME);
  const { world, resultHash } = await outcomeOf(SOME_ROWS, policy);
  for (const gzip of [false, true]) {
    const folder = join(temporaryFolder(t), 'run');
    const files: readonly PackageFile[] = packageOfWorld(world);
    const written = await writePackage(folder, files, {
      name: 'run-1',
      gzip,
      run: { city: CITY, batch: BATCH, round: 1, date: '2016-07-20', school: null },
    });
    t.equal(written.length, files.length);
    const { run, problems } = await recompute(folder, () => policy, { random });
    t.equal(problems.errors, 0);
    t.equal(run?.inputHash, inputHash(world));
    t.equal(run?.resultHash, resultHash);
    await t.rejects(writePackage(folder, [], { name: 'again' }), { code: 'package-exists' });
  }
});

t.test('what the dispatch does not read may be missing', async t => {
  const without = (names: readonly string[], rows: Rows[string] = []) =>
    rows.map(row =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name))),
    );
  const rows = {
    ...SOME_ROWS,
    candidates: without(
      ['name', 'identity_no', 'registration_point', 'birth_date', 'county'],
      SOME_ROWS['candidates'],
    ),
    choices: without(['round'], SOME_ROWS['choices']),
    offices: [{ code: 'O1' }],
  };
  const { detail } = await hashesOf(t, writeRows(t, rows));
  t.equal(detail, (await hashesOf(t, writeRows(t, SOME_ROWS))).detail);
  const nameless = { ...SOME_ROWS, schools: without(['owner', 'region'], SOME_ROWS['schools']) };
  t.equal(
    (await hashesOf(t, writeRows(t, nameless))).detail,
    detail,
    'absent, and read by no rule',
  );
});

t.test('the folder of the detail is made where it is not there', async t => {
  const out = join(temporaryFolder(t), 'new', 'detail.csv');
  t.ok((await runOf(writeRows(t, SOME_ROWS), policyOfAnswer(SOME), out)).detail.length > 0);
});

t.test('limits and full marks only warn: what the run had is dispatched again', async t => {
  const policy = policyOf({}, {}, { choices: { max: 1, majors: 1 } });
  const folder = writeRows(t, SOME_ROWS);
  const { problems, run } = await recompute(folder, () => policy, { ...RUN, random });
  t.ok(run);
  t.equal(problems.errors, 0);
  t.ok((problems.counts.get('too-many-choices') ?? 0) > 0);
});

t.test('a package with errors is not dispatched, and its faults have places', async t => {
  const choices = [...(SOME_ROWS['choices'] ?? [])];
  const folder = writeRows(t, { ...SOME_ROWS, choices: [...choices, choices[0] as never] });
  const out = join(temporaryFolder(t), 'detail.csv');
  const outcome = await recompute(folder, () => policyOf(), { ...RUN, out, random });
  t.equal(outcome.run, undefined);
  const errors = outcome.problems.problems.filter(({ severity }) => severity === 'error');
  t.match(errors, [{ code: 'duplicate-ordinal', file: 'choices.csv', line: choices.length + 2 }]);
  t.throws(() => readFileSync(out), { code: 'ENOENT' });
});

t.test('city, batch and date are asked for where nothing names them', async t => {
  const folder = writeRows(t, SOME_ROWS, null);
  const policy = policyOf({}, {}, { window: null });
  const ask = (options: object) => recompute(folder, () => policy, { random, ...options });
  await t.rejects(ask({}), { code: 'run-defaults-missing', exitCode: 2 });
  await t.rejects(ask({ city: CITY }), { code: 'run-defaults-missing' });
  await t.rejects(ask(RUN), { code: 'run-defaults-missing' });
  await t.rejects(ask({ ...RUN, batch: 'x', date: '2016-07-20' }), { code: 'unknown-batch' });
  await t.rejects(ask({ ...RUN, city: '1', date: '2016-07-20' }), { code: 'unknown-city' });
  t.ok((await ask({ ...RUN, date: '2016-07-20' })).run);
  await t.rejects(
    recompute(join(folder, 'x'), () => policy, { random }),
    { code: 'package-not-found' },
  );
});
