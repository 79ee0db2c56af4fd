/**
 * An empty cell is an absent fact (spec/policy.md), the same from files alone as by way of the
 * database: import, dispatch, export, recompute.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { importPackage } from '../../db/package/import.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { recompute } from '../../db/package/recompute.ts';
import { effectivePolicy, loadPolicy, type PolicyFiles } from '../../engine/policy/load.ts';
import { auditJob } from '../../jobs/nightly/audit.ts';
import { unpackPackage } from '../../jobs/nightly/dispatch/unpack-package.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';
import {
  CANDIDATES,
  CITY,
  choiceRow,
  cleanRows,
  type Row,
  type Rows,
  temporaryFolder,
  writeRows,
} from '../db/package/packages.ts';
import { AT, adopt, BATCH, DATE, nightEnvironment, policyFiles } from './night-world.ts';

const [FIRST, SECOND] = CANDIDATES;
const [KNOWN, UNKNOWN] = ['4401001', '4401002'];

/** A condition of a school, or of its major, that reads one fact. */
function condition(school: string, fact: string, missing: string, value: unknown, major?: string) {
  const id = `${fact.replace('.', '-')}-${school}`;
  const requires = { all: [{ fact, operator: 'equal', value }] };
  const shared = { id, school, title: id, basis: 'sample', requires, missing };
  return { ...shared, refuse: `no-${id}`, ...(major === undefined ? {} : { major }) };
}

/** The policy of 2016 with lines that everybody reaches, and conditions on the four facts. */
const POLICY: PolicyFiles = policyFiles((path, text) => {
  if (path === `cities/${CITY}.yaml`) {
    const lines = { regions: [{ region: CITY, batch: BATCH, line: 100, basis: 'sample' }] };
    return JSON.stringify({ 'score-lines': lines });
  }
  if (path !== 'special-conditions.yaml') return text;
  return JSON.stringify({
    conditions: [
      condition(KNOWN as string, 'choice.adjustment', 'refuse', true),
      condition(KNOWN as string, 'major.articulated', 'refuse', false, '0101'),
      condition(UNKNOWN as string, 'school.owner', 'pass', 'city'),
      condition(UNKNOWN as string, 'school.region', 'refuse', CITY),
    ],
  });
});

/** The clean province with cells emptied: table → what each row becomes. */
function emptied(changes: Readonly<Record<string, (row: Row, index: number) => Row>>): Rows {
  return Object.fromEntries(
    Object.entries(cleanRows()).map(([table, rows]) => [
      table,
      rows.map(changes[table] ?? (row => row)),
    ]),
  );
}

const schools = (cells: Row) => (row: Row) =>
  row['code'] === UNKNOWN ? { ...row, ...cells } : row;

async function importInto(database: Database, folder: string): Promise<void> {
  const { problems } = await database.transaction(session =>
    importPackage(session, folder, {
      policy: effectivePolicy(loadPolicy(POLICY).bundle!, CITY),
      policyVersion: null,
      actor: 'province',
      at: AT,
      businessDate: '2016-07-15',
      run: null,
    }),
  );
  if (problems.errors > 0) throw new Error(JSON.stringify(problems.problems, null, 1));
}

/** Dispatches a package by both ways. @returns dispatch-detail without its header */
async function bothWays(t: Test, rows: Rows): Promise<readonly string[]> {
  const folder = writeRows(t, rows, { synthetic: true, senior_high_complete: [CITY] });
  const out = join(temporaryFolder(t), 'detail.csv');
  const alone = await recompute(folder, city => effectivePolicy(loadPolicy(POLICY).bundle!, city), {
    city: CITY,
    batch: BATCH,
    date: DATE,
    out,
    random: () => 0.5,
  });
  const database = await freshDatabase(t);
  await adopt(database, POLICY);
  await importInto(database, folder);
  const home = temporaryFolder(t);
  const environment = nightEnvironment(database, home);
  const scope = { city: CITY, batch: BATCH, round: 1 };
  const run = await runJob(dispatchJob, scope, DATE, environment);
  t.equal(run.state, 'completed', run.error?.message ?? '');
  t.equal(run.result?.inputHash, alone.run?.inputHash);
  t.equal(run.result?.resultHash, alone.run?.resultHash);
  const audit = await runJob(auditJob, scope, DATE, environment);
  t.same([audit.state, audit.result?.findings], ['completed', []], audit.error?.message ?? '');
  const exported = join(temporaryFolder(t), 'exported');
  await unpackPackage(join(home, 'packages', '2016', `run-${run.run}`), exported);
  const { bundle } = loadPolicy(readPolicyFolder(join(exported, 'policy')));
  const again = await recompute(exported, city => effectivePolicy(bundle!, city), {
    random: () => 0.5,
  });
  t.equal(again.run?.inputHash, alone.run?.inputHash);
  t.equal(again.run?.resultHash, alone.run?.resultHash);
  return (await readFile(out, 'utf8')).trimEnd().split('\n').slice(1);
}

t.test('with every cell filled the conditions hold, and nobody lacks data', async t => {
  t.same(await bothWays(t, cleanRows()), [
    `${FIRST},placed,4401001,1,2,220.5,0102,1:placed;2:not-reached,`,
    `${SECOND},placed,4401001,1,1,241.5,0101,1:placed,`,
  ]);
});

t.test('an empty adjustment is absent to rules, and accepts none', async t => {
  const rows = {
    ...emptied({ choices: row => ({ ...row, adjustment: '' }) }),
    choices: [
      { ...choiceRow(FIRST, 1, KNOWN as string, '0101'), adjustment: '' },
      { ...choiceRow(FIRST, 2, UNKNOWN as string, '0102'), adjustment: '' },
      { ...choiceRow(SECOND, 1, UNKNOWN as string, '0101'), adjustment: 'no' },
    ],
  };
  t.same(await bothWays(t, rows), [
    `${FIRST},placed,4401002,2,2,220.5,,1:missing-data;2:placed,no-adjustment`,
    `${SECOND},placed,4401002,1,1,241.5,0101,1:placed,`,
  ]);
});

t.test('an empty 三二分段 is absent: the major that asks for it is passed over', async t => {
  const rows = emptied({
    majors: (row, index) => (index === 0 ? { ...row, articulated: '' } : row),
  });
  t.same(await bothWays(t, rows), [
    `${FIRST},placed,4401001,1,2,220.5,0102,1:placed;2:not-reached,`,
    `${SECOND},placed,4401001,1,1,241.5,0102,1:placed,`,
  ]);
});

t.test('a school without owner passes a rule that passes it over', async t => {
  const rows = {
    ...emptied({ schools: schools({ owner: '' }) }),
    choices: [choiceRow(FIRST, 1, UNKNOWN as string, '0101')],
  };
  t.same(await bothWays(t, rows), [`${FIRST},placed,4401002,1,1,220.5,0101,1:placed,`]);
});

t.test('a school without region lacks data where a rule asks for it', async t => {
  const rows = {
    ...emptied({ schools: schools({ region: '' }) }),
    choices: [choiceRow(FIRST, 1, UNKNOWN as string, '0101')],
  };
  t.same(await bothWays(t, rows), [`${FIRST},unplaced,,,1,220.5,,1:missing-data,`]);
});
