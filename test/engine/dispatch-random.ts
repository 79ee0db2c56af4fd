/**
 * Random provinces, small and full of edges: ties, gaps in ordinals, unknown schools, suspended
 * ones, other cities and batches, earlier rounds, files at schools, odd candidate numbers, rules
 * that read absent facts. Drawn through fast-check's `gen`, so that a failure shrinks.
 */
import fc from 'fast-check';
import type { Policy, Requirement } from '../../engine/policy/types.ts';
import type { OracleScope, Package, Row } from './dispatch-oracle.ts';
import {
  BATCH,
  CITY,
  candidateRow,
  choiceRow,
  majorRow,
  PLAIN_RULES,
  planRow,
  policyOf,
  requirement,
  SCOPE,
  schoolRow,
  subjectRow,
} from './dispatch-worlds.ts';

export interface Case {
  readonly data: Package;
  readonly policy: Policy;
  readonly scope: OracleScope;
}

/** Draws one value of a list. */
type Draw = <T>(values: readonly T[]) => T;

const NUMBERS = '16440100000001 16440100000002 16440100000010 1644010000001 7 70 71 A-1 A,1 A 考1'
  .split(' ')
  .concat('B1 B2 B3 B4 B5 B6 B7 B8 B9 C1 C2 C3 C4 C5'.split(' '))
  .concat('A"q', 'A+', 'A 1', '164401000000020', '16440100000003', '16440100000004', 'Z9');
const SCHOOLS = ['S1', 'S10', 'S2', 'S,3', '校4'];
const MAJORS = ['M1', 'M10', 'M2'];
const SUBJECTS = ['语文', '数学', '英语'];
const BOUNDS = [50_000, 49_050, 48_000];

/** Without fast-check's bias towards the ends, under which most worlds have hardly anybody. */
const index = (count: number) => fc.noBias(fc.integer({ min: 0, max: count - 1 }));

export const cases: fc.Arbitrary<Case> = fc.gen().map(g => {
  const draw: Draw = values => values[g(index, values.length)];
  const schools = SCHOOLS.slice(0, draw([1, 2, 2, 3, 3, 4, 5]));
  const policy = drawPolicy(draw, schools);
  const scope = {
    ...SCOPE,
    round: draw([1, 1, 2, 3]),
    date: draw(['2016-07-20', '2016-07-25']),
    ...(draw([0, 0, 0, 1]) === 1 ? { school: draw(schools) } : {}),
  };
  return { policy, scope, data: drawRows(draw, schools) };
});

function drawPolicy(draw: Draw, schools: readonly string[]): Policy {
  const mode = draw(['score-first', 'choice-first', 'banded', 'lottery'] as const);
  const majorModes = ['score-first', 'major-first', 'gap'] as const;
  const rules = {
    ...PLAIN_RULES,
    mode,
    bands: mode === 'banded' ? BOUNDS.slice(0, draw([1, 2, 3, 3, 3])) : [],
    ratio: draw([100, 100, 105, 150, 80, 233]),
    rounding: draw(['floor', 'ceil', 'half-up'] as const),
    seed: draw(['seed-1', '种子']),
    ties: {
      keys: draw([
        [],
        [{ kind: 'priority' as const }],
        [{ kind: 'subjects' as const, subjects: ['语文', '数学'] }, { kind: 'priority' as const }],
        [
          { kind: 'subjects' as const, subjects: ['数学'] },
          { kind: 'subjects' as const, subjects: ['体育'] },
        ],
      ]),
      ending: draw(['follow', 'reject-all', 'lottery', 'candidate-no'] as const),
    },
    majors: {
      mode: draw(mode === 'lottery' ? majorModes.slice(0, 2) : majorModes),
      gap: draw([0, 500, 950, 1000]),
    },
  };
  const strict = draw([0, 0, 1, 3]);
  const keep = <T>(values: readonly T[]) =>
    values.filter(() => draw([0, 1, 2, 3, 4, 5, 6, 7]) < strict);
  const more: Partial<Policy> = {
    attributes: [
      { name: 'height', type: 'number', title: '身高' },
      { name: 'healthy', type: 'boolean', title: '体检合格' },
    ],
    conditions: {
      'fresh-local': {
        all: [
          { fact: 'candidate.origin', operator: 'equal', value: 'fresh' },
          { fact: 'candidate.city', operator: 'equal', value: { fact: 'school.region' } },
        ],
      },
    },
    eligibility: keep(RULES),
    special: [
      ...keep(schools.flatMap(schoolConditions)),
      ...(draw([0, 1]) === 1 ? schools.flatMap(majorConditions) : []),
    ],
    regionLines: keep([{ region: CITY, batch: BATCH, line: 48_050, basis: 'sample' }]),
    schoolLines: keep(
      schools.map(school => ({
        school,
        region: CITY,
        batch: BATCH,
        line: 49_000,
        basis: 'sample',
      })),
    ),
    preferences: {
      combine: draw(['max', 'sum'] as const),
      cap: draw([null, 1_000, 1_500]),
      features: FEATURES,
    },
  };
  const bySchool = draw([true, false, false]);
  return policyOf(rules, more, {
    schools: bySchool ? schools.slice(0, draw([1, 5, 5])) : null,
    kinds: bySchool ? null : ['vocational'],
  });
}

const shared = { title: '', basis: 'sample' };
const FEATURES: Policy['preferences']['features'] = [
  { ...shared, id: 'b10', kind: 'bonus', points: 1_000, rank: 0, batches: [BATCH] },
  { ...shared, id: 'b5.5', kind: 'bonus', points: 550, rank: 0, batches: [BATCH, 'other'] },
  { ...shared, id: 'b-other', kind: 'bonus', points: 2_000, rank: 0, batches: ['other'] },
  { ...shared, id: 'p1', kind: 'priority', points: 0, rank: 1, batches: [BATCH] },
  { ...shared, id: 'p2', kind: 'priority', points: 0, rank: 2, batches: [BATCH] },
];

const RULES: readonly Requirement[] = [
  requirement({
    id: 'region-line',
    requires: {
      all: [
        {
          fact: 'candidate.score',
          operator: 'greaterThanInclusive',
          value: { fact: 'line.region' },
        },
      ],
    },
    refuse: 'below-region-line',
  }),
  requirement({
    id: 'school-line',
    applies: { any: [{ fact: 'school.kind', operator: 'equal', value: 'vocational' }] },
    requires: {
      all: [
        {
          fact: 'candidate.score',
          operator: 'greaterThanInclusive',
          value: { fact: 'line.school' },
        },
      ],
    },
    refuse: 'below-school-line',
    missing: 'pass',
  }),
  requirement({
    id: 'age',
    requires: {
      all: [
        { fact: 'candidate.age', operator: 'greaterThanInclusive', value: 15 },
        { not: { fact: 'candidate.age', operator: 'greaterThan', value: 17 } },
      ],
    },
    refuse: 'age',
  }),
  requirement({
    id: 'mathematics',
    requires: {
      any: [
        { fact: 'candidate.subject.数学', operator: 'greaterThan', value: 60 },
        { fact: 'candidate.bonus', operator: 'greaterThan', value: 5.5 },
      ],
    },
    refuse: 'mathematics',
    missing: 'pass',
  }),
  requirement({
    id: 'local',
    applies: { all: [{ fact: 'choice.ordinal', operator: 'lessThan', value: 3 }] },
    requires: { all: [{ condition: 'fresh-local' }] },
    refuse: 'not-local',
  }),
  requirement({
    id: 'later',
    requires: { all: [{ fact: 'candidate.sex', operator: 'equal', value: 'X' }] },
    refuse: 'later',
    valid: ['2016-07-24', null],
  }),
  requirement({
    id: 'public',
    requires: { all: [{ fact: 'school.owner', operator: 'notEqual', value: 'private' }] },
    refuse: 'private',
    missing: 'pass',
  }),
  requirement({
    id: 'owner-known',
    requires: { all: [{ fact: 'school.owner', operator: 'in', value: ['city', 'private'] }] },
    refuse: 'owner-unknown',
  }),
  requirement({
    id: 'free',
    requires: { any: [{ fact: 'plan.free', operator: 'greaterThan', value: 0 }] },
    refuse: 'no-free-plan',
  }),
];

function schoolConditions(school: string): Requirement[] {
  return [
    requirement({
      id: `height-${school}`,
      school,
      requires: { all: [{ fact: 'candidate.height', operator: 'greaterThan', value: 150.5 }] },
      refuse: 'too-short',
    }),
    requirement({
      id: `adjusting-${school}`,
      school,
      requires: {
        any: [
          { fact: 'choice.adjustment', operator: 'equal', value: true },
          { fact: 'candidate.healthy', operator: 'equal', value: true },
        ],
      },
      refuse: 'adjusting',
      missing: 'pass',
    }),
    requirement({
      id: `adjustment-said-${school}`,
      school,
      requires: { not: { fact: 'choice.adjustment', operator: 'equal', value: true } },
      refuse: 'adjusted',
    }),
  ];
}

function majorConditions(school: string): Requirement[] {
  return ['M1', 'M10', 'M9'].map(major =>
    requirement({
      id: `major-${school}-${major}`,
      school,
      major,
      applies:
        major === 'M1'
          ? { all: [{ fact: 'major.articulated', operator: 'equal', value: true }] }
          : null,
      requires: {
        any: [
          { fact: 'candidate.healthy', operator: 'equal', value: true },
          { fact: 'plan.free', operator: 'greaterThan', value: 1 },
          { fact: 'choice.ordinal', operator: 'in', value: [2] },
        ],
      },
      refuse: 'unhealthy',
    }),
  );
}

function drawRows(draw: Draw, schools: readonly string[]): Package {
  const some = <T>(values: readonly T[]) => values.filter(() => draw([0, 1, 1]) === 1);
  const numbers = [...new Set(Array.from({ length: draw([3, 10, 25, 40]) }, () => draw(NUMBERS)))];
  const strangers = some(['X1', 'X2']);
  const rounds = draw([
    [['1']],
    [['1']],
    [['1'], [''], ['1', '2']],
    [['1', '2'], ['2'], ['1', '2'], ['3', '1']],
  ]);
  return {
    regions: [{ code: CITY, name: '广州', parent: '440000', level: 'city' }],
    schools: schools.map(code => ({
      ...schoolRow(code),
      kind: draw(['vocational', 'vocational', 'vocational', 'vocational', 'technical', '']),
      region: draw([CITY, CITY, '440600', '']),
      owner: draw(['city', 'private', '']),
    })),
    'school-status': draw([0, 0, 0, 1]) === 1 ? drawStatuses(draw, schools) : [],
    majors: schools.flatMap(code =>
      MAJORS.map(major => majorRow(code, major, draw(['yes', 'no', '']))),
    ),
    plans: schools.flatMap(code => [
      ...some(MAJORS).map(major => planRow(code, major, draw([0, 1, 1, 1, 2]))),
      { ...planRow(code, 'M2', 9), region: '440600' },
      { ...planRow(code, 'M2', 9), batch: 'other' },
    ]),
    flexible: some(schools).map(school => ({
      school,
      region: CITY,
      batch: BATCH,
      places: String(draw([0, 1, 2])),
    })),
    subjects: [
      ...SUBJECTS.map((name, at) => subjectRow(['20', '3', '100'][at], name)),
      { ...subjectRow('20', '别市语文'), city: '440600' },
    ],
    candidates: [
      ...numbers.map(no => drawCandidate(draw, no)),
      ...strangers.map(no => candidateRow(no, '600', { city: '440600' })),
    ],
    scores: numbers.flatMap(no =>
      some(['20', '3', '100']).map(subject => ({
        candidate_no: no,
        subject,
        score: draw(['60', '60.5', '70', '']),
      })),
    ),
    preferences: numbers.flatMap(no =>
      draw([0, 0, 0, 1]) === 0
        ? []
        : some(FEATURES).map(feature => ({
            candidate_no: no,
            feature: feature.id,
            evidence: '证明',
            confirmed_by: draw(['o2', 'o2', '']),
          })),
    ),
    choices: [...numbers, ...strangers].flatMap(no => drawChoices(draw, no, schools, rounds)),
    'senior-high': numbers
      .filter(() => draw([0, 0, 0, 0, 0, 0, 1]) === 1)
      .map(no => ({ candidate_no: no, school: 'H1', identity_no: '' })),
    files: numbers.filter(() => draw([0, 0, 0, 1]) === 1).map(no => drawFile(draw, no, schools)),
  };
}

function drawStatuses(draw: Draw, schools: readonly string[]): Row[] {
  const status = () => draw(['open', 'suspended', 'finished']);
  const school = draw(schools);
  return [
    { school, batch: BATCH, status: status(), region: '' },
    { school, batch: BATCH, status: status(), region: draw([CITY, '440600']) },
    { school: draw(schools), batch: 'other', status: 'suspended', region: CITY },
  ];
}

function drawCandidate(draw: Draw, no: string): Row {
  return candidateRow(
    no,
    draw(['500', '500', '500', '500', '490.5', '490', '490', '480.5', '480', '470', '']),
    {
      sex: draw(['M', 'F', 'F', '']),
      birth_date: draw(['2001-07-20', '2001-07-21', '1999-02-28', '']),
      county: draw(['', '440103']),
      origin: draw(['fresh', 'fresh', 'other', '']),
      height: draw(['', '150.5', '151', '170']),
      healthy: draw(['', 'yes', 'yes', 'no']),
    },
  );
}

function drawChoices(
  draw: Draw,
  no: string,
  schools: readonly string[],
  rounds: readonly (readonly string[])[],
): Row[] {
  return draw(rounds).flatMap(round => {
    const drawn = Array.from({ length: draw([1, 2, 4, 6]) }, () => draw(schools));
    const targets = [...new Set([...drawn, ...draw([[], [], [], [], [], ['S404']])])];
    if (draw([0, 1]) === 1) targets.reverse();
    let ordinal = 0;
    return targets.map(school => {
      ordinal += draw([1, 1, 1, 1, 2, 9]);
      const majors = Array.from({ length: draw([0, 1, 2, 3]) }, () => draw([...MAJORS, 'M9']));
      return choiceRow(no, ordinal, school, majors.join(' '), draw(['yes', 'no', '']), round);
    });
  });
}

const STATES = [
  ...['in-pool', 'in-pool', 'in-pool', 'dispatched', 'reading', 'proposed', 'return-proposed'],
  ...['pending-review', 'admitted', 'registered', 'held', 'cancelled', 'filed', 'senior-high'],
];

function drawFile(draw: Draw, no: string, schools: readonly string[]): Row {
  return {
    candidate_no: no,
    state: draw(STATES),
    school: draw([...schools, 'S404']),
    major: draw([...MAJORS, 'M9', '']),
    batch: draw([BATCH, BATCH, 'other']),
    returned_by: draw(['', '', schools[0], `${schools.at(-1)} ${schools[0]}`, 'S404']),
    open_applications: draw(['', '0', '0', '0', '0', '1']),
  };
}
