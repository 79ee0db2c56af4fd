/** What can be wrong with a package: each fault with its code and place, all in one pass. */
import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import writeWorkbook from 'write-excel-file/node';
import { ByteTable } from '../../../db/package/bytes.ts';
import { parseCell } from '../../../db/package/cells.ts';
import { identityFault } from '../../../db/package/identity.ts';
import { openPackage } from '../../../db/package/open.ts';
import { maskIdentity, PROBLEMS_MAX, ProblemList } from '../../../db/package/problems.ts';
import { readPackage } from '../../../db/package/read.ts';
import { unpackedSize } from '../../../db/package/xlsx.ts';
import { formatProblem } from '../../../engine/problem.ts';
import {
  CANDIDATES,
  CITY,
  choiceRow,
  cleanRows,
  csvText,
  identityNumber,
  type Row,
  temporaryFolder,
  writeRows,
} from './packages.ts';

async function check(path: string, rejectsPath?: string): Promise<ProblemList> {
  const problems = new ProblemList(rejectsPath);
  const opened = await openPackage(path, problems);
  await readPackage(opened, problems, {
    mode: 'import',
    attributes: [{ name: 'height', type: 'number', title: '身高' }],
    rules: {
      batches: new Map([['vocational', { max: 2, majors: 2 }]]),
      features: new Set(['martyr-child']),
    },
    complete: true,
  });
  problems.close();
  return problems;
}

/** The last character is one that no checksum gives for these digits. */
const WRONG_IDENTITY = identityNumber(1).replace(/.$/, last => (last === '0' ? '1' : '0'));

const placesOf = ({ problems }: ProblemList): string[] =>
  problems.map(({ code, file, line }) => `${file}:${line} ${code}`);

t.test('a clean package has no fault', async t => {
  t.same((await check(writeRows(t, cleanRows()))).problems, []);
});

/** Title → table, row (0-based), what is changed in it, and the fault, on that row unless told. */
const CELLS: readonly (readonly [string, string, number, Row, string])[] = [
  ['an unknown region', 'schools', 0, { region: '999999' }, 'unknown-region'],
  ['a county under a province', 'regions', 3, { parent: '440000' }, 'unknown-region'],
  ['an unknown level', 'regions', 3, { level: 'town' }, 'unknown-value'],
  ['an unknown office', 'schools', 0, { supervisor: 'O9' }, 'unknown-office'],
  ['a major of an unknown school', 'majors', 0, { school: '1' }, 'unknown-school'],
  ['a plan of an unknown school', 'plans', 0, { school: '1' }, 'unknown-school'],
  ['a plan of an unknown major', 'plans', 0, { major: '9999' }, 'unknown-major'],
  ['a plan of an unknown batch', 'plans', 0, { batch: 'vocationl' }, 'unknown-batch'],
  ['a plan for a county', 'plans', 0, { region: '440103' }, 'unknown-region'],
  ['a negative plan', 'plans', 0, { planned: '-1' }, 'negative'],
  ['a plan that is no number', 'plans', 0, { planned: '１２' }, 'not-an-integer'],
  ['an absurd plan', 'plans', 0, { planned: '10000000' }, 'out-of-range'],
  ['a school of no kind', 'schools', 0, { kind: '' }, 'missing-value'],
  ['a candidate of no sex', 'candidates', 0, { sex: '' }, 'missing-value'],
  ['a plan line twice', 'plans', 2, { school: '4401001' }, 'duplicate-row'],
  ['negative flexible quota', 'flexible', 0, { places: '-5' }, 'negative'],
  ['an unknown status', 'school-status', 0, { status: 'closed' }, 'unknown-value'],
  ['a subject without full mark', 'subjects', 0, { full: '0' }, 'not-positive'],
  ['two subjects of one name', 'subjects', 1, { name: '语文' }, 'duplicate-subject'],
  [
    'a candidate number twice',
    'candidates',
    1,
    { candidate_no: CANDIDATES[0] },
    'duplicate-candidate',
  ],
  [
    'an identity number twice',
    'candidates',
    1,
    { identity_no: identityNumber(1) },
    'duplicate-identity',
  ],
  ['a wrong checksum', 'candidates', 0, { identity_no: WRONG_IDENTITY }, 'wrong-identity'],
  ['a short identity number', 'candidates', 0, { identity_no: '44010320010301' }, 'wrong-identity'],
  ['no identity number', 'candidates', 0, { identity_no: '' }, 'missing-value'],
  ['an unknown home city', 'candidates', 0, { city: '1' }, 'unknown-region'],
  ['a county elsewhere', 'candidates', 2, { county: '440103' }, 'unknown-region'],
  ['a total above full marks', 'candidates', 0, { total: '300.5' }, 'above-full-marks'],
  ['a negative total', 'candidates', 0, { total: '-0.5' }, 'negative'],
  ['a total with three places', 'candidates', 0, { total: '200.125' }, 'not-a-decimal'],
  ['a date with slashes', 'candidates', 0, { birth_date: '2001/3/1' }, 'not-a-date'],
  ['a day that is none', 'candidates', 0, { birth_date: '2001-02-29' }, 'not-a-date'],
  ['a blank in a code', 'candidates', 0, { candidate_no: '1644 01' }, 'blank-in-code'],
  ['a control character', 'candidates', 0, { name: 'a\u0007b' }, 'control-character'],
  ['an absurdly long text', 'candidates', 0, { name: '长'.repeat(1001) }, 'too-long'],
  ['an unknown subject', 'scores', 0, { subject: '09' }, 'unknown-subject'],
  ['a score above full', 'scores', 0, { score: '150.5' }, 'above-full-marks'],
  ['a negative score', 'scores', 0, { score: '-1' }, 'negative'],
  ['a score twice', 'scores', 1, { subject: '01' }, 'duplicate-score'],
  ['a score of nobody', 'scores', 0, { candidate_no: 'x' }, 'unknown-candidate'],
  ['an unknown feature', 'preferences', 0, { feature: 'martyr' }, 'unknown-feature'],
  ['a choice of an unknown school', 'choices', 0, { school: '1' }, 'unknown-school'],
  ['a choice of an unknown major', 'choices', 0, { majors: '0101 0103' }, 'unknown-major'],
  ['a choice in an unknown batch', 'choices', 0, { batch: 'x' }, 'unknown-batch'],
  ['a choice beyond the maximum', 'choices', 0, { ordinal: '3' }, 'too-many-choices'],
  ['too many majors', 'choices', 0, { majors: '0101 0102 0101' }, 'too-many-majors'],
  ['an ordinal of zero', 'choices', 0, { ordinal: '0' }, 'out-of-range'],
  ['an ordinal twice', 'choices', 1, { ordinal: '1' }, 'duplicate-ordinal'],
  ['a school twice', 'choices', 1, { school: '4401001' }, 'duplicate-choice'],
  ['an adjustment that is neither', 'choices', 0, { adjustment: '1' }, 'not-yes-or-no'],
  ['a choice of nobody', 'choices', 0, { candidate_no: 'x' }, 'unknown-candidate'],
];

for (const [title, table, index, change, code] of CELLS) {
  t.test(`found with its place: ${title}`, async t => {
    const rows = cleanRows();
    const some = [...(rows[table] ?? [])];
    some[index] = { ...(some[index] as Row), ...change };
    const problems = await check(writeRows(t, { ...rows, [table]: some }));
    const place = `${table}.csv:${index + 2} ${code}`;
    t.ok(placesOf(problems).includes(place), `${place} in ${placesOf(problems)}`);
    const found = problems.problems.find(problem => problem.code === code);
    const column = Object.keys(change)[0] as string;
    t.match(found?.message, new RegExp(`（${column}）|第 \\d+ 行`));
  });
}

t.test('an identity number that tells another birth date is a warning only', async t => {
  const rows = cleanRows();
  const [first, ...others] = rows['candidates'] as [Row];
  const candidates = [{ ...first, birth_date: '2001-03-02' }, ...others];
  const problems = await check(writeRows(t, { ...rows, candidates }));
  t.match(problems.problems, [{ code: 'birth-date-differs', severity: 'warning', line: 2 }]);
  t.equal(problems.errors, 0);
});

t.test('another document than the national card is not held to its form', async t => {
  const rows = cleanRows();
  const candidates = (rows['candidates'] ?? []).map((row, index) => ({
    ...row,
    identity_type: index === 0 ? '护照' : '',
    identity_no: index === 0 ? 'E12345678' : (row['identity_no'] as string),
  }));
  t.same((await check(writeRows(t, { ...rows, candidates }))).problems, []);
});

t.test('the place is the character at which the cell begins', async t => {
  const rows = cleanRows();
  const [first, ...others] = rows['schools'] as [Row];
  const schools = [{ ...first, region: '9' }, ...others];
  const { problems } = await check(writeRows(t, { ...rows, schools }));
  const line = csvText(schools).split('\n')[1] as string;
  t.equal(line.slice((problems[0]?.column ?? 0) - 1).split(',')[0], '9');
  t.match(formatProblem(problems[0] as never), /^schools\.csv:2:\d+ 错误 \[unknown-region\] /);
});

/** Title → what is done to the folder of a clean package, and the faults. */
const FILES: readonly (readonly [string, (folder: string) => void, readonly string[]])[] = [
  [
    'a missing column',
    folder => rewrite(folder, 'plans.csv', text => text.replaceAll(/,[^,\n]*\n/g, '\n')),
    ['plans.csv:1 missing-column'],
  ],
  [
    'an unknown column',
    folder => rewrite(folder, 'plans.csv', text => text.replaceAll('\n', ',x\n')),
    ['plans.csv:1 unknown-column'],
  ],
  [
    'a column twice, once in each language',
    folder => rewrite(folder, 'plans.csv', text => text.replace('\n', ',计划数\n')),
    ['plans.csv:1 column-twice'],
  ],
  [
    'a ragged row',
    folder => appendFileSync(join(folder, 'plans.csv'), '4401001,0101\n'),
    ['plans.csv:6 ragged-row'],
  ],
  [
    'an unclosed quote',
    folder => appendFileSync(join(folder, 'plans.csv'), '4401001,"0101,\n4401001,x\n'),
    ['plans.csv:6 unclosed-quote'],
  ],
  [
    'a NUL byte',
    folder => appendFileSync(join(folder, 'plans.csv'), '4401001,\0,\n'),
    ['plans.csv:6 nul-byte'],
  ],
  [
    'bytes that are no UTF-8 among Chinese that is',
    folder => appendFileSync(join(folder, 'majors.csv'), Buffer.from([0x61, 0xff, 0x0a])),
    ['majors.csv:6 wrong-encoding'],
  ],
  [
    'UTF-16',
    folder => {
      const text = `\uFEFF${readFileSync(join(folder, 'plans.csv'), 'utf8')}`;
      writeFileSync(join(folder, 'plans.csv'), Buffer.from(text, 'utf16le'));
    },
    ['plans.csv:0 utf-16'],
  ],
  [
    'an empty file',
    folder => writeFileSync(join(folder, 'plans.csv'), ''),
    ['plans.csv:0 empty-file'],
  ],
  [
    'a file under two names',
    folder => copyFileSync(join(folder, 'majors.csv'), join(folder, 'plans.csv')),
    ['plans.csv:0 identical-files'],
  ],
  [
    'a table plain and gzipped',
    folder => writeFileSync(join(folder, 'plans.csv.gz'), gzipSync('x')),
    ['plans.csv.gz:0 file-twice'],
  ],
  [
    'a file of another name',
    folder => writeFileSync(join(folder, 'choice.csv'), 'x'),
    ['choice.csv:0 unknown-file'],
  ],
  [
    'a gzip that was cut',
    folder => {
      const packed = gzipSync(readFileSync(join(folder, 'choices.csv')));
      writeFileSync(join(folder, 'choices.csv'), '');
      writeFileSync(join(folder, 'flexible.csv.gz'), packed.subarray(0, 40));
      truncateSync(join(folder, 'flexible.csv'), 0);
    },
    ['choices.csv:0 empty-file', 'flexible.csv:0 empty-file', 'flexible.csv.gz:0 broken-gzip'],
  ],
  [
    'a description that is no JSON',
    folder => writeFileSync(join(folder, 'datapackage.json'), '{'),
    ['datapackage.json:0 bad-description'],
  ],
];

function rewrite(folder: string, file: string, change: (text: string) => string): void {
  writeFileSync(join(folder, file), change(readFileSync(join(folder, file), 'utf8')));
}

for (const [title, spoil, expected] of FILES) {
  t.test(`refused as a whole: ${title}`, async t => {
    const folder = writeRows(t, cleanRows());
    spoil(folder);
    const problems = await check(folder);
    for (const place of expected) {
      t.ok(placesOf(problems).includes(place), `${place} in ${placesOf(problems)}`);
    }
    if (!expected[0]?.endsWith('ragged-row')) t.ok(problems.fatal > 0);
  });
}

t.test('a needed table that is not there is named', async t => {
  const { plans: _, ...rows } = cleanRows();
  t.same(placesOf(await check(writeRows(t, rows))), ['plans.csv:0 missing-table']);
});

async function writeBook(t: Test, rows: Record<string, unknown[][]>): Promise<string> {
  const path = join(temporaryFolder(t), 'package.xlsx');
  const sheets = Object.entries(rows).map(([sheet, data]) => ({ sheet, data }));
  await writeWorkbook(sheets as never).toFile(path);
  return path;
}

const cellsOf = (rows: readonly Row[]): unknown[][] => [
  Object.keys(rows[0] ?? {}),
  ...rows.map(row => Object.values(row)),
];

t.test(
  'a workbook keeps codes as text; numbers, dates and yes or no may be what they are',
  async t => {
    const sheets = Object.fromEntries(
      Object.entries(cleanRows())
        .filter(([, rows]) => rows.length > 0)
        .map(([name, rows]) => [name, cellsOf(rows)]),
    );
    const birthDate = { value: new Date('2001-03-01T00:00:00Z'), type: Date, format: 'yyyy-mm-dd' };
    const candidate = sheets['candidates']?.[1] as unknown[];
    candidate[3] = birthDate;
    candidate[9] = 220.5;
    (sheets['choices']?.[1] as unknown[])[6] = true;
    t.same((await check(await writeBook(t, sheets))).problems, []);

    (sheets['plans']?.[1] as unknown[])[1] = 101;
    (sheets['choices']?.[1] as unknown[])[3] = birthDate;
    const problems = await check(await writeBook(t, sheets));
    t.same(placesOf(problems), [
      'package.xlsx#plans:2 number-where-text',
      'package.xlsx#choices:2 wrong-cell-format',
    ]);
    t.match(problems.problems[0], { column: 2, message: /设为文本/ });
  },
);

t.test('a workbook that was cut anywhere is refused', async t => {
  const path = await writeBook(t, { regions: cellsOf(cleanRows()['regions'] ?? []) });
  const whole = readFileSync(path);
  t.ok((unpackedSize(whole) ?? 0) > whole.length);
  for (const keep of [0, 3, 40, Math.floor(whole.length / 2), whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, keep));
    const problems = await check(path);
    t.same(placesOf(problems), ['package.xlsx:0 broken-workbook'], `${keep} bytes`);
    t.ok(problems.fatal > 0);
  }
});

t.test(
  'no identity number and no name stands in a message; rejects.csv has them whole',
  async t => {
    const rows = cleanRows();
    const [first, second, third] = rows['candidates'] as [Row, Row, Row];
    const slipped = {
      ...third,
      candidate_no: '欧阳某某',
      sex: identityNumber(3),
      city: '欧阳某某',
    };
    const candidates = [
      { ...first, identity_no: WRONG_IDENTITY, name: '欧阳某某\u0007' },
      { ...second, total: identityNumber(2) },
      slipped,
    ];
    const rejectsPath = join(temporaryFolder(t), 'rejects.csv');
    const problems = await check(writeRows(t, { ...rows, candidates }), rejectsPath);
    const messages = JSON.stringify(problems.problems);
    t.notMatch(messages, '欧阳');
    for (const number of [WRONG_IDENTITY, identityNumber(2), identityNumber(3)]) {
      t.notMatch(messages, number);
      t.match(readFileSync(rejectsPath, 'utf8'), number.slice(0, 17));
    }
    t.match(messages, maskIdentity(identityNumber(2)));
    t.equal(maskIdentity('440103200103010016'), '440*************16');
  },
);

t.test('faults are listed up to a bound and counted beyond; rejects.csv has all', async t => {
  const rows = cleanRows();
  const many = Array.from({ length: PROBLEMS_MAX + 500 }, (_, at) =>
    choiceRow(`x${at}`, 1, '1', ''),
  );
  const rejectsPath = join(temporaryFolder(t), 'rejects.csv');
  const problems = await check(writeRows(t, { ...rows, choices: many }), rejectsPath);
  t.equal(problems.problems.length, PROBLEMS_MAX);
  t.equal(problems.errors, many.length);
  t.equal(problems.unlisted, 500);
  t.equal(readFileSync(rejectsPath, 'utf8').trimEnd().split('\n').length, many.length + 1);
});

t.test('all faults of all tables are found in one pass', async t => {
  const rows = cleanRows();
  const spoil = (table: string, change: Row): Row[] => {
    const [first, ...others] = rows[table] as [Row];
    return [{ ...first, ...change }, ...others];
  };
  const problems = await check(
    writeRows(t, {
      ...rows,
      schools: spoil('schools', { supervisor: 'O9' }),
      plans: spoil('plans', { planned: '-1' }),
      candidates: spoil('candidates', { total: '999', county: '1' }),
      scores: spoil('scores', { score: 'x' }),
      choices: spoil('choices', { ordinal: '9', majors: '9' }),
    }),
  );
  t.same(placesOf(problems), [
    'schools.csv:2 unknown-office',
    'plans.csv:2 negative',
    'candidates.csv:2 unknown-region',
    'candidates.csv:2 above-full-marks',
    'scores.csv:2 not-a-decimal',
    'choices.csv:2 too-many-choices',
    'choices.csv:2 unknown-major',
  ]);
});

t.test('an integer, a date and a decimal are read exactly or not at all', async t => {
  const valid = fc.date({
    min: new Date('1900-01-01'),
    max: new Date('2100-12-31'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(valid, date => {
      const text = date.toISOString().slice(0, 10);
      t.equal(parseCell({ kind: 'date' }, text), text);
    }),
  );
  fc.assert(
    fc.property(fc.integer({ min: -99_999_999, max: 99_999_999 }), hundredths => {
      const text = (hundredths / 100).toFixed(2);
      const cell = parseCell({ kind: 'decimal' }, text.replace(/^-0\.00$/, '0'));
      t.equal(cell, hundredths);
    }),
  );
});

t.test('every single slip in an identity number is found', async t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999 }),
      fc.integer({ min: 0, max: 16 }),
      fc.integer({ min: 1, max: 9 }),
      (serial, place, by) => {
        const number = identityNumber(serial);
        t.equal(identityFault(number), undefined);
        const digit = (Number(number[place]) + by) % 10;
        t.ok(identityFault(`${number.slice(0, place)}${digit}${number.slice(place + 1)}`));
      },
    ),
  );
});

t.test('a table of byte strings numbers them as a Map does', async t => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 4 }), { maxLength: 600 }), texts => {
      const table = new ByteTable();
      const map = new Map<string, number>();
      for (const text of texts) {
        if (!map.has(text)) map.set(text, map.size);
        t.equal(table.addText(text), map.get(text));
      }
      t.equal(table.size, map.size);
      for (const [text, index] of map) {
        t.equal(table.text(index), text.toWellFormed());
        t.equal(table.findText(text), index);
      }
      t.equal(table.findText('not in it'), -1);
    }),
    { numRuns: 30 },
  );
});

t.test('a city that is not in the package is still a city of the others', async t => {
  const { references } = await readPackage(
    await openPackage(writeRows(t, cleanRows()), new ProblemList()),
    new ProblemList(),
    {
      mode: 'recompute',
      attributes: [],
      rules: { batches: new Map(), features: new Set() },
      complete: true,
    },
  );
  t.ok(references.isCity(CITY));
  t.notOk(references.isCity('440103'));
  t.equal(references.highestTotal(CITY), 30_000);
});
