/**
 * Small random provinces of one city, as rows of a data package, with a policy that fits: every
 * mode, tie ending, rounding and major mode; suspended schools, files that are elsewhere, returned
 * files, open applications, gaps between ordinals, absent totals, and many ties.
 */
import type { FileRead, PackageRow } from '../../engine/dispatch/build-rows.ts';
import type { Batch, DispatchRules, Policy } from '../../engine/policy/types.ts';

export const CITY = '440100';
export const BATCH = 'vocational';
export const DATE = '2016-07-20';
export const SEASON = 2016;

export type Rows = Record<FileRead, PackageRow[]>;

export interface RandomCase {
  readonly city: string;
  readonly rows: Rows;
  readonly policy: Policy;
  /** Codes of schools with a plan line. */
  readonly planned: readonly string[];
}

export type Random = () => number;

/** mulberry32: one seed, one province. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: Random, count: number) => Math.floor(random() * count);
const pick = <T>(random: Random, all: readonly T[]): T => all[below(random, all.length)] as T;

const MAJORS = ['01', '02', '03'];
const SUBJECTS = ['语文', '数学', '英语'];

export interface Shape {
  readonly dispatch?: Partial<DispatchRules>;
  readonly candidates?: number;
  /** CITY unless told; school codes and candidate numbers begin with it. */
  readonly city?: string;
}

export function randomCase(random: Random, shape: Shape = {}): RandomCase {
  const city = shape.city ?? CITY;
  const schools = Array.from({ length: 2 + below(random, 4) }, (_, at) => `${city}${at + 1}`);
  const rows = referenceRows(random, schools, city);
  const count = shape.candidates ?? 4 + below(random, 36);
  for (let at = 0; at < count; at += 1) {
    const no = `16${city.slice(2)}${String(at).padStart(6, '0')}`;
    candidateRows(random, rows, schools, city, no);
  }
  const planned = [...new Set(rows['plans.csv'].map(row => row['school'] as string))];
  return { city, rows, policy: randomPolicy(random, schools, shape.dispatch), planned };
}

function referenceRows(random: Random, schools: readonly string[], city: string): Rows {
  const rows: Rows = {
    'regions.csv': [
      { code: '440000', name: '广东', parent: '', level: 'province' },
      { code: city, name: `市${city}`, parent: '440000', level: 'city' },
    ],
    'schools.csv': [],
    'school-status.csv': [],
    'majors.csv': [],
    'plans.csv': [],
    'flexible.csv': [],
    'subjects.csv': SUBJECTS.map((name, at) => ({
      city,
      code: `s${at + 1}`,
      name,
      full: '150',
      order: String(at + 1),
    })),
    'candidates.csv': [],
    'scores.csv': [],
    'preferences.csv': [],
    'choices.csv': [],
    'senior-high.csv': [],
    'files.csv': [],
  };
  const place = { region: city, batch: BATCH };
  for (const school of schools) {
    const kind = random() < 0.08 ? 'senior-high' : pick(random, ['vocational', 'technical']);
    rows['schools.csv'].push({
      code: school,
      name: `学校${school}`,
      kind,
      // Every third school does not say whose it is.
      owner: Number(school.slice(-1)) % 3 === 0 ? '' : 'city',
      region: city,
      supervisor: '',
      roster: 'here',
    });
    if (random() < 0.1) {
      const status = pick(random, ['suspended', 'finished', 'open']);
      rows['school-status.csv'].push({
        school,
        batch: BATCH,
        status,
        region: pick(random, ['', city]),
      });
    }
    for (const code of MAJORS) {
      rows['majors.csv'].push({
        school,
        code,
        name: `专业${code}`,
        articulated: 'no',
        college: '',
      });
    }
    if (random() < 0.1) continue;
    for (const major of MAJORS.slice(0, 1 + below(random, 3))) {
      rows['plans.csv'].push({ school, major, planned: String(below(random, 4)), ...place });
    }
    if (random() < 0.4) {
      rows['flexible.csv'].push({ school, places: String(below(random, 3)), ...place });
    }
  }
  return rows;
}

function candidateRows(
  random: Random,
  rows: Rows,
  schools: readonly string[],
  city: string,
  no: string,
): void {
  const total = random() < 0.04 ? '' : String(500 + below(random, 12) * 5);
  rows['candidates.csv'].push({
    candidate_no: no,
    name: '考生',
    sex: pick(random, ['M', 'F']),
    birth_date: `2001-0${1 + below(random, 9)}-15`,
    identity_no: '',
    city,
    county: '',
    registration_point: '',
    origin: pick(random, ['fresh', 'fresh', 'other']),
    total,
  });
  for (const [at] of SUBJECTS.entries()) {
    const score = random() < 0.05 ? '' : String(100 + below(random, 3) * 10);
    rows['scores.csv'].push({ candidate_no: no, subject: `s${at + 1}`, score });
  }
  for (const feature of ['martyr-child', 'minority', 'village']) {
    if (random() > 0.08) continue;
    const confirmed_by = random() < 0.8 ? 'city' : '';
    rows['preferences.csv'].push({ candidate_no: no, feature, evidence: '', confirmed_by });
  }
  choiceRows(random, rows, schools, no);
  fileRows(random, rows, schools, no);
}

function choiceRows(random: Random, rows: Rows, schools: readonly string[], no: string): void {
  const wanted = [...schools, ...(random() < 0.05 ? ['9999999'] : [])];
  let ordinal = 0;
  for (let count = below(random, 6); count > 0 && wanted.length > 0; count -= 1) {
    ordinal += random() < 0.15 ? 2 : 1;
    const [school] = wanted.splice(below(random, wanted.length), 1);
    const majors = MAJORS.filter(() => random() < 0.5).sort(() => random() - 0.5);
    const adjusts = random();
    rows['choices.csv'].push({
      candidate_no: no,
      batch: BATCH,
      round: '1',
      ordinal: String(ordinal),
      school: school as string,
      majors: majors.join(' '),
      adjustment: adjusts < 0.6 ? 'yes' : adjusts < 0.9 ? 'no' : '',
    });
  }
}

function fileRows(random: Random, rows: Rows, schools: readonly string[], no: string): void {
  const chance = random();
  const school = pick(random, schools);
  const file = { candidate_no: no, school: '', major: '', batch: '', returned_by: '' };
  const push = (row: Partial<typeof file> & { state: string; open_applications: string }) =>
    rows['files.csv'].push({ ...file, ...row });
  if (chance < 0.04) {
    rows['senior-high.csv'].push({ candidate_no: no, school: '4400001', identity_no: '' });
  } else if (chance < 0.08) {
    const state = pick(random, ['admitted', 'registered', 'reading']);
    push({ state, school, major: pick(random, MAJORS), batch: BATCH, open_applications: '0' });
  } else if (chance < 0.1) push({ state: 'held', open_applications: '0' });
  else if (chance < 0.14) push({ state: 'in-pool', returned_by: school, open_applications: '0' });
  else if (chance < 0.16) push({ state: 'in-pool', open_applications: '1' });
}

function randomPolicy(
  random: Random,
  schools: readonly string[],
  dispatch: Partial<DispatchRules> = {},
): Policy {
  const batch: Batch = {
    id: BATCH,
    title: '中等职业学校批',
    basis: 'sample',
    order: 40,
    phase: 'phase-1',
    choices: { max: 20, majors: 3 },
    dispatch: { ...randomDispatch(random), ...dispatch },
    ...(random() < 0.7
      ? { schools: null, kinds: ['vocational', 'technical'] }
      : { schools: schools.filter(() => random() < 0.9), kinds: null }),
    window: [DATE, '2016-07-29'],
  };
  const feature = { batches: [BATCH], basis: 'sample', points: 0, rank: 0 };
  return {
    id: 'test',
    title: '测试政策',
    season: SEASON,
    timeZone: 'Asia/Shanghai',
    bases: [],
    attributes: [],
    cityMaySet: [],
    candidateNumberPattern: '{yy}{city4}{serial6}',
    phases: [{ id: 'phase-1', title: '第一阶段', basis: 'sample', window: [DATE, '2016-07-29'] }],
    deadlines: [],
    batches: [batch],
    conditions: {},
    start: [],
    eligibility: [],
    special: [],
    regionLines: [],
    schoolLines: [],
    preferences: {
      combine: pick(random, ['max', 'sum']),
      cap: pick(random, [null, 1500]),
      features: [
        { ...feature, id: 'martyr-child', title: '烈士子女', kind: 'bonus', points: 1000 },
        { ...feature, id: 'village', title: '农村', kind: 'bonus', points: 500 },
        { ...feature, id: 'minority', title: '少数民族', kind: 'priority', rank: 2 },
      ],
    },
    findings: [],
    schedule: { catchupWindowDays: 3, keepSeasons: 2, jobs: [] },
    ownSystem: false,
    usesSampleBasis: true,
  };
}

function randomDispatch(random: Random): DispatchRules {
  const mode = pick(random, [
    'score-first',
    'score-first',
    'choice-first',
    'banded',
    'lottery',
  ] as const);
  const majors = pick(random, ['score-first', 'major-first', 'gap'] as const);
  const keys: DispatchRules['ties']['keys'] = [
    { kind: 'subjects', subjects: SUBJECTS.slice(0, 1 + below(random, 3)) },
    { kind: 'priority' },
  ];
  return {
    mode,
    bands: mode === 'banded' ? [53000, 51500] : [],
    ratio: pick(random, [100, 100, 105, 120, 150]),
    rounding: pick(random, ['floor', 'ceil', 'half-up']),
    ties: {
      keys: keys.filter(() => random() < 0.5),
      ending: pick(random, ['follow', 'reject-all', 'lottery', 'candidate-no']),
    },
    seed: `seed-${below(random, 1000)}`,
    majors: { mode: mode === 'lottery' && majors === 'gap' ? 'score-first' : majors, gap: 300 },
    release: 'by-officer',
  };
}
