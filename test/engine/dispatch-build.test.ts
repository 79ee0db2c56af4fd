/** Building a world from rows, its facts, its package, and the refusals of bad input. */
import { createHash } from 'node:crypto';
import t from 'tap';
import { ABSENT, formatHundredths } from '../../engine/decimal.ts';
import { BIRTH_DATE, CityBuilder, type CityInput, SEX } from '../../engine/dispatch/build.ts';
import { compareText, textAt } from '../../engine/dispatch/bytes.ts';
import { CsvWriter, csvText } from '../../engine/dispatch/csv-bytes.ts';
import { fullYears } from '../../engine/dispatch/facts-of-world.ts';
import { inputHash, packageOfWorld } from '../../engine/dispatch/package-of-world.ts';
import { dispatch } from '../../engine/dispatch/run.ts';
import { sortByBytes, sortFalling } from '../../engine/dispatch/sort.ts';
import type { Package, Row } from './dispatch-oracle.ts';
import {
  BATCH,
  CITY,
  candidateRow,
  choiceRow,
  detailRows,
  majorRow,
  outcomeOf,
  packageRows,
  placingOf,
  planRow,
  policyOf,
  requirement,
  SCOPE,
  schoolRow,
  simpleRows,
  subjectRow,
  worldOf,
} from './dispatch-worlds.ts';

const INPUT: CityInput = {
  season: 2016,
  city: CITY,
  batch: BATCH,
  round: 2,
  date: '2016-07-20',
  regions: [],
  schools: ['S2', 'S1'].map(code => ({
    code,
    name: code,
    kind: 'vocational',
    owner: 'city',
    region: CITY,
    supervisor: '',
    roster: 'here',
  })),
  statuses: [],
  majors: [{ school: 'S1', code: 'M', name: 'M', articulated: false, college: '' }],
  lines: [{ school: 'S1', major: 'M', planned: 1 }],
  flexible: [],
  subjects: [
    { code: '2', name: '数学', full: 10_000, order: 1 },
    { code: '1', name: '语文', full: 10_000, order: 2 },
  ],
  attributes: ['height'],
};

/** Feeds text to the byte interface, at an offset, as a COPY stream would. */
function adder(builder: CityBuilder) {
  const buffer = Buffer.alloc(200);
  return {
    candidate(file: number, no: string): number {
      const end = 7 + buffer.write(no, 7);
      return builder.candidate(file, buffer, 7, end);
    },
    choice(raw: number, round: number, ordinal: number, school: string, majors: string): void {
      const middle = 5 + buffer.write(school, 5);
      const end = middle + buffer.write(majors, middle);
      builder.choice(raw, round, ordinal, buffer, 5, middle, middle, end, true);
    },
    text(raw: number, column: number, value: string): void {
      builder.text(raw, column, buffer, 3, 3 + buffer.write(value, 3));
    },
  };
}

t.test('rows come in any order, as bytes, and stand sorted in the world', async t => {
  const builder = new CityBuilder(INPUT);
  const add = adder(builder);
  const later = add.candidate(12, 'B');
  const first = add.candidate(11, 'A');
  add.candidate(13, 'C');
  t.equal(builder.candidateByFile(11), first);
  t.equal(builder.candidateByFile(99), -1);
  t.equal(builder.candidateByNumber(Buffer.from('B'), 0, 1), later);
  builder.total(later, 50_000);
  builder.mark(later, 0, 9_000);
  add.text(later, SEX, 'F');
  add.text(later, BIRTH_DATE, '2001-01-01');
  add.text(later, builder.attributeColumn('height'), '170');
  t.equal(builder.attributeColumn('weight'), -1);
  add.choice(later, 1, 3, 'S9', 'X');
  add.choice(later, 1, 1, 'S1', 'M N');
  add.choice(first, 1, 1, 'S2', '');
  const world = builder.finish();
  t.same(
    [0, 1].map(at => textAt(world.candidates.number, at)),
    ['A', 'B'],
    'C has neither choice nor file',
  );
  t.same([...world.candidates.file], [11, 12]);
  t.same([...world.candidates.total], [ABSENT, 50_000]);
  t.same(
    world.subjects.map(subject => subject.name),
    ['语文', '数学'],
  );
  t.same([...world.candidates.marks[1]], [ABSENT, 9_000]);
  t.equal(world.candidates.sex.values[world.candidates.sex.codes[0]], null);
  const height = world.candidates.attributes.get('height')!;
  t.equal(height.values[height.codes[1]], '170');
  t.same([...world.choices.first], [0, 1, 3]);
  t.same([...world.choices.ordinal], [1, 1, 3]);
  t.same(
    world.schools.map(school => school.code),
    ['S1', 'S2'],
  );
  t.same([...world.choices.school], [1, 0, 0xffff]);
  t.equal(textAt(world.choices.majors, 1), 'M N');
  t.same([...world.choices.unknownSchools], [[2, 'S9']]);
});

t.test('the choices of the highest round up to the run’s count, whatever comes first', async t => {
  const rounds = (order: readonly number[]) => {
    const builder = new CityBuilder(INPUT);
    const add = adder(builder);
    const raw = add.candidate(1, 'A');
    for (const round of order) add.choice(raw, round, round, 'S1', '');
    const { choices } = builder.finish();
    return [choices.round, choices.count, choices.ordinal[0]];
  };
  t.same(rounds([1, 2, 3]), [2, 1, 2]);
  t.same(rounds([3, 2, 1]), [2, 1, 2]);
  t.same(rounds([3, 1]), [1, 1, 1]);
});

t.test('what an import should have refused is refused here too, with a code', async t => {
  const built = (fill: (builder: CityBuilder, add: ReturnType<typeof adder>) => void) => () => {
    const builder = new CityBuilder(INPUT);
    fill(builder, adder(builder));
    builder.finish();
  };
  const one = (fill: (raw: number, add: ReturnType<typeof adder>) => void) =>
    built((_, add) => fill(add.candidate(1, 'A'), add));
  const cases: [string, () => void][] = [
    ['duplicate-candidate', built((_, add) => [add.candidate(1, 'A'), add.candidate(2, 'A')])],
    ['bad-candidate-number', built((_, add) => add.candidate(1, ''))],
    ['bad-candidate-number', built((_, add) => add.candidate(1, 'x'.repeat(65)))],
    ['bad-ordinal', one((raw, add) => add.choice(raw, 1, 0, 'S1', ''))],
    ['bad-ordinal', one((raw, add) => add.choice(raw, 1, 65_536, 'S1', ''))],
    [
      'duplicate-ordinal',
      one((raw, add) => {
        add.choice(raw, 1, 1, 'S1', '');
        add.choice(raw, 1, 1, 'S2', '');
      }),
    ],
    ...['S1', 'S9'].map((school): [string, () => void] => [
      'duplicate-choice',
      one((raw, add) => {
        add.choice(raw, 1, 1, school, '');
        add.choice(raw, 1, 2, school, '');
      }),
    ]),
    [
      'duplicate-preference',
      built((builder, add) => {
        const raw = add.candidate(1, 'A');
        add.choice(raw, 1, 1, 'S1', '');
        builder.preference(raw, 'p', 'o');
        builder.preference(raw, 'p', '');
      }),
    ],
    ['duplicate-code', () => new CityBuilder({ ...INPUT, lines: twice(INPUT.lines) })],
    ['duplicate-code', () => new CityBuilder({ ...INPUT, schools: twice(INPUT.schools) })],
    [
      'unknown-code',
      () => new CityBuilder({ ...INPUT, lines: [{ school: 'S2', major: 'M', planned: 1 }] }),
    ],
    ['unknown-code', () => new CityBuilder({ ...INPUT, flexible: [{ school: 'S9', places: 1 }] })],
    [
      'count-out-of-range',
      () => new CityBuilder({ ...INPUT, lines: [{ school: 'S1', major: 'M', planned: -1 }] }),
    ],
    [
      'too-many-schools',
      () => new CityBuilder({ ...INPUT, schools: Array(65_535).fill(INPUT.schools[0]) }),
    ],
  ];
  for (const [code, build] of cases) t.throws(build, { code }, code);
});

function twice<T>(rows: readonly T[]): T[] {
  return [...rows, rows[0]];
}

t.test('a file row wins over senior-high.csv; only files that take a place are kept', async t => {
  const data: Package = {
    ...simpleRows({ S1: 3 }, {}, [
      { no: 'a', total: 500, choices: ['S1'] },
      { no: 'b', total: 490, choices: ['S1'] },
      { no: 'c', total: 480, choices: [] },
      { no: 'd', total: 470, choices: [] },
    ]),
    'senior-high': ['a', 'b', 'd'].map(no => ({ candidate_no: no, school: 'H', identity_no: '' })),
    files: [
      fileRow('a', { state: 'in-pool' }),
      fileRow('c', { state: 'admitted', school: 'S1', major: 'M', batch: BATCH }),
    ],
  };
  const { world, run, detail } = await placingOf(data, policyOf());
  t.same(
    [0, 1, 2].map(at => textAt(world.candidates.number, at)),
    ['a', 'b', 'c'],
  );
  t.same([...detailRows(detail).keys()], ['a'], 'b is with a senior high, c at a school');
  t.equal(run.result.schools[0].roomBefore, 2);
});

function fileRow(no: string, some: Row): Row {
  return {
    candidate_no: no,
    state: 'in-pool',
    school: '',
    major: '',
    batch: '',
    returned_by: '',
    open_applications: '0',
    ...some,
  };
}

t.test(
  'the package is canonical: files, columns, byte order, quoting, nothing personal',
  async t => {
    const rows = simpleRows({ S1: 1, 'S,2': 1 }, { S1: 2 }, [
      { no: 'a"1', total: 500.5, choices: ['S1'], subjects: { 语文: '90', 数学: '' } },
      { no: 'a', total: null, choices: ['S1', 'S,2'] },
    ]);
    const ten = choiceRow('a', 10, 'S9', 'M  N', 'no');
    const data: Package = { ...rows, choices: [...rows['choices'], ten] };
    const named = data['candidates'].map(row => ({
      ...row,
      name: '某某',
      phone: '1',
      address: 'x',
    }));
    const { world } = await placingOf({ ...data, candidates: named }, policyOf());
    const { text } = packageRows(world);
    t.same(
      packageOfWorld(world).map(file => file.name),
      [
        'candidates.csv',
        'choices.csv',
        'files.csv',
        'flexible.csv',
        'majors.csv',
        'plans.csv',
        'preferences.csv',
        'regions.csv',
        'school-status.csv',
        'schools.csv',
        'scores.csv',
        'subjects.csv',
      ],
    );
    t.match(
      text,
      [
        '== choices.csv\ncandidate_no,batch,round,ordinal,school,majors,adjustment',
        '"a""1",vocational,1,1,S1,M,yes',
        'a,vocational,1,1,S1,M,yes',
        'a,vocational,1,10,S9,M  N,no',
        'a,vocational,1,2,"S,2",M,yes',
        '== files.csv',
      ].join('\n'),
    );
    t.match(text, '"a""1",,F,2001-03-01,,440100,,,fresh,500.5\na,,F,2001-03-01,,440100,,,fresh,\n');
    t.match(text, '== scores.csv\ncandidate_no,subject,score\n"a""1",01,90\n== subjects');
    t.notMatch(text, '某某');
  },
);

t.test('the input hash is the one of dispatch.md §7, counted another way', async t => {
  const { world } = await placingOf(
    simpleRows({ S1: 1, S2: 3 }, { S2: 1 }, [
      { no: '12', total: 500, choices: ['S1', 'S2'], bonus: 5 },
      { no: '1', total: 490, choices: ['S2'] },
    ]),
    policyOf(),
  );
  const files = packageOfWorld(world).map(file => {
    const rows = Buffer.concat([...file.rows()]).toString();
    const lines = rows.split('\n').slice(0, -1);
    return `${file.name}\n${file.header}${lines
      .sort(compareText)
      .map(line => `${line}\n`)
      .join('')}`;
  });
  const expected = createHash('sha256').update(files.sort(compareText).join('')).digest('hex');
  t.equal(inputHash(world), expected);
});

t.test('ages are full years on the phase’s first day', async t => {
  t.equal(fullYears('2001-07-20', '2016-07-20'), 15);
  t.equal(fullYears('2001-07-21', '2016-07-20'), 14);
  t.equal(fullYears('2004-02-29', '2015-02-28'), 10);
  t.equal(fullYears('2004-02-29', '2015-03-01'), 11);
});

t.test('sorting agrees with plain sorting, by bytes and by falling values', async t => {
  const texts = ['10', '1', '2', '', '考', 'é', '1a', '100'];
  const builder = new CityBuilder({ ...INPUT, round: 1 });
  const add = adder(builder);
  for (const no of texts.filter(text => text !== '')) {
    add.choice(add.candidate(0, no), 1, 1, 'S1', '');
  }
  const { number, count } = builder.finish().candidates;
  const sorted = Array.from({ length: count }, (_, at) => textAt(number, at));
  t.same(sorted, texts.filter(text => text !== '').sort(compareText));
  t.same([...sortByBytes(Uint32Array.of(2, 0, 1), number)], [0, 1, 2]);
  const values = Int32Array.of(5, ABSENT, -70_000, 5, 99_999_999, 0);
  t.same([...sortFalling(Uint32Array.of(0, 1, 2, 3, 4, 5), values)], [4, 0, 3, 5, 2, 1]);
});

t.test('values are written as the shortest text, quoted only where needed', async t => {
  const writer = new CsvWriter();
  const values = [0, 5, 10, 100, 61_250, 61_255, -5, -12_340, ABSENT];
  for (const value of values) {
    writer.hundredths(value);
    writer.comma();
  }
  t.equal(writer.take().toString(), `${values.map(formatHundredths).join(',')},`);
  for (const text of ['', 'a', 'a,b', 'a"b', 'a\nb', 'a b', '考，生', '"']) {
    const bytes = Buffer.from(text);
    writer.field(bytes, 0, bytes.length);
    t.equal(writer.take().toString(), csvText(text), JSON.stringify(text));
  }
});

t.test('a run that can mean nothing is refused with a code', async t => {
  const data = simpleRows({ S1: 1 }, {}, [{ no: 'a', total: 500, choices: ['S1'] }]);
  const world = worldOf(data, policyOf());
  const options = { random: () => 0, recheckSample: 0 };
  const drawn = { keys: [], ending: 'lottery' as const };
  const condition = { fact: 'return.reason', operator: 'equal', value: 'x' };
  const rule = requirement({ id: 'r', requires: { all: [condition] }, refuse: 'x' });
  const refused: [string, ReturnType<typeof policyOf>][] = [
    ['seed-missing', policyOf({ mode: 'lottery' })],
    ['seed-missing', policyOf({ ties: drawn, seed: '' })],
    ['gap-with-lottery', policyOf({ mode: 'lottery', seed: 's', majors: { mode: 'gap', gap: 1 } })],
    ['bands-missing', policyOf({ mode: 'banded' })],
    ['bands-missing', policyOf({ mode: 'banded', bands: [500, 500] })],
    ['unknown-batch', policyOf({}, {}, { id: 'other' })],
    ['unknown-fact', policyOf({}, { eligibility: [rule] })],
    ['reserved-code', policyOf({}, { eligibility: [{ ...rule, refuse: 'placed' }] })],
  ];
  for (const [code, policy] of refused) {
    await t.rejects(dispatch(world, policy, options), { code }, code);
  }
  const unknown = dispatch(world, policyOf(), { ...options, school: 'S9' });
  await t.rejects(unknown, { code: 'unknown-school' });
});

t.test('a recheck that differs stops the run', async t => {
  const data = simpleRows({ S1: 1 }, {}, [{ no: 'a', total: 500, choices: ['S1'] }]);
  const world = worldOf(data, policyOf());
  const compileStage = () => ({
    stage: 'eligibility' as const,
    codes: ['missing-data'],
    decide: async () => undefined,
    recheck: async () => ({
      compared: 1,
      mismatches: [{ pair: 0, engine: 'below-line', table: 'pass' }],
    }),
    explain: async () => [],
    situations: () => [],
    engineRuns: () => 0,
  });
  const run = dispatch(world, policyOf(), { random: () => 0, recheckSample: 1, compileStage });
  await t.rejects(run, {
    code: 'recheck-mismatch',
    detail: { candidate: 'a', engine: 'below-line' },
  });
});

t.test('a rule changed in the policy alone changes the outcome and nothing else', async t => {
  const data = simpleRows({ S1: 1 }, {}, [{ no: 'a', total: 500, choices: ['S1'] }]);
  const line = (value: number) =>
    policyOf(
      {},
      {
        eligibility: [
          requirement({
            id: 'line',
            requires: {
              all: [{ fact: 'candidate.score', operator: 'greaterThanInclusive', value }],
            },
            refuse: 'below-line',
          }),
        ],
      },
    );
  const [low, high] = [await outcomeOf(data, line(500)), await outcomeOf(data, line(500.5))];
  t.equal(detailRows(low.detail).get('a')!['reasons'], '1:placed');
  t.equal(detailRows(high.detail).get('a')!['reasons'], '1:below-line');
  t.equal(low.inputHash, high.inputHash);
  t.not(low.resultHash, high.resultHash);
});

t.test(
  'suggested majors: score-first, major-first and gap part ways where they should',
  async t => {
    const data: Package = {
      schools: [schoolRow('S')],
      majors: ['M1', 'M2', 'M3'].map(code => majorRow('S', code)),
      plans: [planRow('S', 'M1', 1), planRow('S', 'M2', 1), planRow('S', 'M3', 1)],
      subjects: [subjectRow('1', '数学')],
      candidates: [candidateRow('a', '500'), candidateRow('b', '495'), candidateRow('c', '492')],
      choices: [
        choiceRow('a', 1, 'S', 'M1', 'no'),
        choiceRow('b', 1, 'S', 'M1 M2', 'no'),
        choiceRow('c', 1, 'S', 'M2', 'yes'),
      ],
    };
    const suggested = async (mode: 'score-first' | 'major-first' | 'gap', gap = 0) => {
      const { detail } = await placingOf(data, policyOf({ majors: { mode, gap } }), SCOPE);
      const rows = [...detailRows(detail).values()];
      return rows.map(row => row['suggested_major'] || row['suggestion_reason']);
    };
    t.same(await suggested('score-first'), ['M1', 'M2', 'M3']);
    t.same(await suggested('major-first'), ['M1', 'no-adjustment', 'M2']);
    t.same(await suggested('gap', 200), ['M1', 'M2', 'M3'], '493 for M2 beats 492');
    t.same(await suggested('gap', 300), ['M1', 'no-adjustment', 'M2'], 'equal: the earlier i');
  },
);
