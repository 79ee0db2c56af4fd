/** Importing packages into the database: all or nothing, the same twice, edits and conflicts. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Database } from '../../../db/connect.ts';
import { readCity, readReference } from '../../../db/dispatch/read-city.ts';
import { type ImportOptions, importPackage } from '../../../db/package/import.ts';
import { recompute } from '../../../db/package/recompute.ts';
import { verifyChain } from '../../../db/trail.ts';
import { CityBuilder } from '../../../engine/dispatch/build.ts';
import { inputHash } from '../../../engine/dispatch/package-of-world.ts';
import type { Policy } from '../../../engine/policy/types.ts';
import { choiceCountsHold } from '../../choice-counts.ts';
import { freshDatabase } from '../../database.ts';
import { BATCH, policyOf } from '../../engine/dispatch-worlds.ts';
import {
  CANDIDATES,
  CITY,
  choiceRow,
  cleanRows,
  identityNumber,
  OTHER_CITY,
  type Row,
  temporaryFolder,
  writeRows,
} from './packages.ts';

const POLICY: Policy = policyOf(
  {},
  {
    preferences: {
      combine: 'max',
      cap: null,
      features: [
        {
          id: 'martyr-child',
          title: '烈士子女',
          kind: 'bonus',
          points: 2000,
          rank: 0,
          batches: [BATCH],
          basis: 'sample',
        },
      ],
    },
    attributes: [
      { name: 'height', type: 'number', title: '身高' },
      { name: 'boarder', type: 'boolean', title: '住宿' },
    ],
    deadlines: [{ id: 'senior-high-imported', title: '', date: '2016-07-15', basis: 'n66' }],
  },
  { kinds: ['vocational', 'technical'] },
);

function importInto(database: Database, folder: string, more: Partial<ImportOptions> = {}) {
  return database.transaction(session =>
    importPackage(session, folder, {
      policy: POLICY,
      policyVersion: null,
      actor: 'province',
      at: new Date('2016-07-10T08:00:00Z'),
      businessDate: '2016-07-10',
      run: null,
      ...more,
    }),
  );
}

const TABLES =
  'regions offices schools majors subjects plan_lines flexible_quotas school_statuses candidates ' +
  'candidate_numbers identities scores preferences choices senior_high_admissions files events ' +
  'blocks imports city_standings';

/** Every table of a package, as text, row by row; to compare states of a database. */
async function contentOf(database: Database, tables = TABLES): Promise<Record<string, unknown[]>> {
  const content: Record<string, unknown[]> = {};
  for (const table of tables.split(' ')) {
    content[table] = await database.query(
      `select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text collate "C"`,
    );
  }
  return content;
}

const DATA = TABLES.replace(' events blocks imports', '');
const emptied = (content: Record<string, unknown[]>) => Object.values(content).flat();

async function eventsOf(database: Database) {
  return database.query<{ city: string; file: number | null; name: string; move: string }>(
    `select city, file, name, coalesce(from_state, '') || '>' || coalesce(to_state, '') as move
       from events order by city collate "C", event`,
  );
}

async function chainsHold(t: Test, database: Database): Promise<void> {
  await database.session(async session => {
    for (const city of ['', CITY, OTHER_CITY]) {
      t.equal((await verifyChain(session, 2016, city)).fault, null, `chain of ${city}`);
    }
  });
  await choiceCountsHold(t, database, 'after the import');
}

t.test('a package comes into an empty database whole, with its events', async t => {
  const database = await freshDatabase(t);
  const rows = cleanRows();
  rows['candidates'] = (rows['candidates'] ?? []).map((row, index) => ({
    ...row,
    height: index === 0 ? '172.50' : '',
    住宿: index === 0 ? '是' : '',
  }));
  rows['senior-high'] = [{ candidate_no: CANDIDATES[1], school: '4401900', identity_no: '' }];
  const outcome = await importInto(database, writeRows(t, rows));
  t.same(outcome.problems.problems, []);
  t.ok(outcome.accepted);
  t.equal(outcome.newFiles, 3);
  t.equal(outcome.seniorHighFiles, 1);
  t.match(outcome.counts, {
    schools: { rows: 3, added: 3 },
    candidates: { added: 3 },
    choices: { rows: 4, added: 4 },
    scores: { rows: 6, added: 3 },
  });
  const people = await database.query(
    `select city, candidate_no, total, birth_date, attributes, marks
       from candidates join scores using (season, city, file) order by file`,
  );
  t.match(people, [
    {
      city: CITY,
      candidate_no: CANDIDATES[0],
      total: 22050,
      birth_date: '2001-03-01',
      attributes: { height: '172.50', boarder: 'yes' },
      marks: [10000, 12050],
    },
    { city: CITY, candidate_no: CANDIDATES[1], attributes: null },
    { city: OTHER_CITY, candidate_no: CANDIDATES[2], marks: [10200, null] },
  ]);
  const files = await database.query<{ file: number }>('select file from candidates order by file');
  const [one, two, three] = files.map(row => row.file) as [number, number, number];
  t.same(await eventsOf(database), [
    { city: '', file: null, name: 'import', move: '>' },
    { city: CITY, file: one, name: 'import', move: '>in-pool' },
    { city: CITY, file: two, name: 'import', move: '>in-pool' },
    { city: CITY, file: two, name: 'senior-high-import', move: 'in-pool>senior-high' },
    { city: OTHER_CITY, file: three, name: 'import', move: '>in-pool' },
  ]);
  t.same(await database.query('select file, state, event from files'), [
    { file: two, state: 'senior-high', event: 3 },
  ]);
  await chainsHold(t, database);
});

t.test('the database and the package give the dispatch the same input', async t => {
  const database = await freshDatabase(t);
  const rows = cleanRows();
  rows['senior-high'] = [{ candidate_no: CANDIDATES[1], school: '4401900', identity_no: '' }];
  rows['candidates'] = (rows['candidates'] ?? []).map(row => ({ ...row, height: '170.0' }));
  const folder = writeRows(t, rows);
  t.ok((await importInto(database, folder)).accepted);
  const { run } = await recompute(folder, () => POLICY, {
    city: CITY,
    batch: BATCH,
    random: () => 0.5,
  });
  const world = await database.session(async session => {
    const key = { season: 2016, city: CITY, batch: BATCH, round: 1, date: '2016-07-20' };
    const named = { ...key, attributes: POLICY.attributes.map(each => each.name) };
    const builder = new CityBuilder(await readReference(session, named));
    await readCity(session, named, builder);
    return builder.finish();
  });
  t.equal(world.candidates.count, 2);
  t.equal(inputHash(world), run?.inputHash);
});

t.test('the same package again changes nothing but the record of imports', async t => {
  const database = await freshDatabase(t);
  const rows = cleanRows();
  rows['senior-high'] = [{ candidate_no: CANDIDATES[1], school: '4401900', identity_no: '' }];
  const folder = writeRows(t, rows);
  await importInto(database, folder);
  const before = await contentOf(database, DATA);
  const outcome = await importInto(database, folder);
  t.ok(outcome.accepted);
  t.same(await contentOf(database, DATA), before);
  for (const [table, counts] of Object.entries(outcome.counts)) {
    t.match(counts, { added: 0, changed: 0, removed: 0, conflicts: 0 }, table);
    t.equal(counts.unchanged > 0, counts.rows > 0, table);
  }
  t.equal(outcome.newFiles + outcome.editedFiles + outcome.seniorHighFiles, 0);
  t.equal((await eventsOf(database)).filter(event => event.city === '').length, 2);
  await chainsHold(t, database);
});

t.test('other content is an edit, with one event per file', async t => {
  const database = await freshDatabase(t);
  await importInto(database, writeRows(t, cleanRows()));
  const rows = cleanRows();
  const [first, ...others] = rows['candidates'] as [Row, ...Row[]];
  const outcome = await importInto(
    database,
    writeRows(t, {
      schools: (rows['schools'] ?? []).map(row => ({ ...row, name: `${row['name']}新` })),
      plans: [{ ...(rows['plans']?.[0] as Row), planned: '9' }],
      candidates: [
        { ...first, total: '250', identity_no: identityNumber(77) },
        ...others.slice(1),
        { ...first, candidate_no: '16440100000003', identity_no: identityNumber(9) },
      ],
      scores: [{ candidate_no: CANDIDATES[0], subject: '02', score: '130' }],
      choices: [
        choiceRow(CANDIDATES[0], 1, '4401002', '0101'),
        choiceRow('16440100000003', 1, '4401001', ''),
      ],
    }),
  );
  t.same(outcome.problems.problems, []);
  t.match(outcome.counts, {
    schools: { changed: 3 },
    plans: { changed: 1 },
    candidates: { added: 1, changed: 1, unchanged: 1 },
    scores: { changed: 1 },
    choices: { added: 1, changed: 1, removed: 1 },
  });
  t.equal(outcome.editedFiles, 1);
  t.match(
    await database.query(
      'select total, marks from candidates join scores using (file) where total = 25000',
    ),
    [{ marks: [10000, 13000] }],
  );
  const choices = await database.query(
    `select school from choices join candidate_numbers using (season, city, file)
      where candidate_no = $1`,
    [CANDIDATES[0]],
  );
  t.same(choices, [{ school: '4401002' }]);
  const [hashes] = await database.query(
    'select count(*)::integer as all, count(distinct file)::integer as files from identities',
  );
  t.same(hashes, { all: 4, files: 4 });
  const edits = (await eventsOf(database)).filter(event => event.move === 'in-pool>in-pool');
  t.equal(edits.length, 1);
  // The old number is free again, the new one is taken.
  const taken = { ...first, candidate_no: '16440100000004' };
  const twice = await importInto(
    database,
    writeRows(t, { candidates: [{ ...taken, identity_no: identityNumber(77) }] }),
  );
  t.match(twice.problems.problems, [{ code: 'duplicate-identity', file: 'candidates.csv' }]);
  t.ok((await importInto(database, writeRows(t, { candidates: [taken] }))).accepted);
  await chainsHold(t, database);
});

t.test('an edit of a file that is at a school is a conflict, listed and not applied', async t => {
  const database = await freshDatabase(t);
  await importInto(database, writeRows(t, cleanRows()));
  await database.query(
    `insert into files (season, city, file, state, school, batch, event)
     select season, city, file, 'reading', '4401001', 'vocational', 1 from candidate_numbers
      where candidate_no = $1`,
    [CANDIDATES[0]],
  );
  const before = await contentOf(database, DATA);
  const rows = cleanRows();
  const folder = writeRows(t, {
    candidates: (rows['candidates'] ?? []).map((row, index) =>
      index === 0 ? { ...row, total: '1', identity_no: identityNumber(500) } : row,
    ),
    scores: [{ candidate_no: CANDIDATES[0], subject: '02', score: '1' }],
    choices: [choiceRow(CANDIDATES[0], 1, '4401001', '0101 0102')],
    preferences: [
      { candidate_no: CANDIDATES[0], feature: 'martyr-child', evidence: '', confirmed_by: '' },
    ],
    'senior-high': [{ candidate_no: CANDIDATES[0], school: '4401900' }],
  });
  const outcome = await importInto(database, folder);
  t.ok(outcome.accepted);
  t.equal(outcome.conflictCount, 5);
  t.same(
    outcome.conflicts.map(({ table, candidateNo }) => [table, candidateNo]).toSorted(),
    ['candidates', 'choices', 'preferences', 'scores', 'senior-high'].map(table => [
      table,
      CANDIDATES[0],
    ]),
  );
  t.same(await contentOf(database, DATA), before);
});

t.test('a home city never changes', async t => {
  const database = await freshDatabase(t);
  await importInto(database, writeRows(t, cleanRows()));
  const before = await contentOf(database, DATA);
  const [row] = cleanRows()['candidates'] as [Row];
  const outcome = await importInto(
    database,
    writeRows(t, { candidates: [{ ...row, city: OTHER_CITY, county: '' }] }),
  );
  t.match(outcome.conflicts, [{ table: 'candidates', city: CITY, candidateNo: CANDIDATES[0] }]);
  t.same(await contentOf(database, DATA), before);
});

t.test('senior-high admissions after the deadline are accepted and marked late', async t => {
  const database = await freshDatabase(t);
  const synthetic = { synthetic: true, senior_high_complete: [CITY] };
  await importInto(database, writeRows(t, cleanRows(), synthetic));
  t.match(await database.query('select city, senior_high_complete from city_standings'), [
    { city: CITY, senior_high_complete: true },
  ]);
  const admission = (index: number) => [{ candidate_no: CANDIDATES[index], school: '4401900' }];
  for (const [index, businessDate] of [
    [0, '2016-07-10'],
    [2, '2016-07-15'],
    [1, '2016-07-16'],
  ] as const) {
    const folder = writeRows(t, { 'senior-high': admission(index) as Row[] });
    t.ok((await importInto(database, folder, { businessDate })).accepted);
  }
  t.same(
    await database.query(
      `select candidate_no, late from senior_high_admissions
         join candidate_numbers using (season, city, file) order by 1`,
    ),
    [
      { candidate_no: CANDIDATES[0], late: true },
      { candidate_no: CANDIDATES[1], late: true },
      { candidate_no: CANDIDATES[2], late: false },
    ],
  );
  t.match(await database.query('select state from files'), Array(3).fill({ state: 'senior-high' }));
  const wrong = { candidate_no: CANDIDATES[0], school: '4401900', identity_no: identityNumber(2) };
  const outcome = await importInto(database, writeRows(t, { 'senior-high': [wrong] }));
  t.match(outcome.problems.problems, [{ code: 'identity-differs' }]);
  await chainsHold(t, database);
});

t.test('with faults nothing is imported, unless the rows without are asked for', async t => {
  const database = await freshDatabase(t);
  const rows = cleanRows();
  const [, second] = rows['candidates'] as [Row, Row];
  rows['candidates'] = (rows['candidates'] ?? []).map(row =>
    row === second ? { ...row, total: '301' } : row,
  );
  rows['plans'] = [
    ...(rows['plans'] ?? []),
    { ...(rows['plans']?.[2] as Row), planned: '-1', major: '0102' },
  ];
  const folder = writeRows(t, rows);
  const rejectsPath = join(temporaryFolder(t), 'rejects.csv');
  const refused = await importInto(database, folder, { rejectsPath });
  t.notOk(refused.accepted);
  t.equal(refused.rejects, rejectsPath);
  t.same(emptied(await contentOf(database)), []);
  t.equal(
    readFileSync(rejectsPath, 'utf8').split('\n').slice(0, 2).join('\n'),
    'file,row,column,value,code,reason\n' +
      'plans.csv,6,planned,-1,negative,计划数（planned）的值“-1”是负数，应为 0 或以上的整数。',
  );
  const accepted = await importInto(database, folder, { acceptValid: true });
  t.ok(accepted.accepted);
  // The candidate's scores, preference and choice go with the candidate.
  t.match(accepted.counts, {
    plans: { rows: 5, rejected: 1, added: 4 },
    candidates: { rows: 3, rejected: 1, added: 2 },
    scores: { rejected: 2 },
    preferences: { rejected: 1, added: 0 },
    choices: { rejected: 1, added: 3 },
  });
  t.equal((await database.query('select from candidate_numbers')).length, 2);
  await chainsHold(t, database);
});

t.test('a transaction that fails afterwards leaves nothing', async t => {
  const database = await freshDatabase(t);
  const folder = writeRows(t, cleanRows());
  await t.rejects(
    database.transaction(async session => {
      await importPackage(session, folder, {
        policy: POLICY,
        policyVersion: null,
        actor: 'province',
        at: new Date('2016-07-10T08:00:00Z'),
        businessDate: '2016-07-10',
        run: null,
      });
      throw new Error('killed');
    }),
    { message: 'killed' },
  );
  t.same(emptied(await contentOf(database)), []);
});

t.test('real data meet no sample policy and no clock that was set', async t => {
  const database = await freshDatabase(t);
  const real = writeRows(t, cleanRows(), null);
  await database.query("insert into settings (key, value) values ('clock', '\"2016-07-20\"')");
  await t.rejects(importInto(database, real), { code: 'not-synthetic', exitCode: 4 });
  t.ok((await importInto(database, writeRows(t, cleanRows()))).accepted);
  await database.query("delete from settings where key = 'clock'");
  await database.query(
    `insert into policy_bases (hash, season, version, documents, content, adopted_at, adopted_by)
     values ($1, 2016, 1, '{}', '{"basis":"sample"}', now(), 'x')`,
    ['0'.repeat(64)],
  );
  await t.rejects(importInto(database, real), { code: 'not-synthetic' });
});

t.test('a closed season and a package of another season are refused', async t => {
  const database = await freshDatabase(t);
  const other = writeRows(t, cleanRows(), { synthetic: true, season: 2017 });
  await t.rejects(importInto(database, other), { code: 'wrong-season', exitCode: 3 });
  await database.query('insert into seasons (season, closed) values (2016, true)');
  const folder = writeRows(t, cleanRows());
  await t.rejects(importInto(database, folder), { code: 'season-closed', exitCode: 4 });
  t.notOk(existsSync(join(folder, 'rejects.csv')));
});
