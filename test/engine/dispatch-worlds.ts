/**
 * What the tests of dispatch share: a small policy to vary, rows → world → run, and the records of
 * the known answers as rows.
 */
import { parse } from 'csv-parse/sync';
import { FILES_READ, RowBuilder } from '../../engine/dispatch/build-rows.ts';
import { dispatchDetail, resultHash } from '../../engine/dispatch/detail.ts';
import { inputHash, packageOfWorld } from '../../engine/dispatch/package-of-world.ts';
import { type DispatchRun, dispatch } from '../../engine/dispatch/run.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Batch, DispatchRules, Policy, Requirement } from '../../engine/policy/types.ts';
import type { CompileStage } from '../../engine/rules/stage.ts';
import type { OracleScope, Package, Row } from './dispatch-oracle.ts';

export const CITY = '440100';
export const BATCH = 'vocational';
export const SCOPE: OracleScope = { city: CITY, batch: BATCH, round: 1, date: '2016-07-20' };

export const PLAIN_RULES: DispatchRules = {
  mode: 'score-first',
  bands: [],
  ratio: 100,
  rounding: 'floor',
  ties: { keys: [], ending: 'candidate-no' },
  seed: null,
  majors: { mode: 'score-first', gap: 0 },
  release: 'by-officer',
};

/** A policy with one batch, of all vocational schools, and no rules. */
export function policyOf(
  rules: Partial<DispatchRules> = {},
  more: Partial<Policy> = {},
  batch: Partial<Batch> = {},
): Policy {
  return {
    id: 'test-2016',
    title: '测试政策',
    season: 2016,
    timeZone: 'Asia/Shanghai',
    bases: [],
    attributes: [],
    cityMaySet: [],
    candidateNumberPattern: '',
    phases: [
      { id: 'phase-1', title: '第一阶段', basis: 'sample', window: ['2016-07-20', '2016-07-29'] },
    ],
    deadlines: [],
    batches: [
      {
        id: BATCH,
        title: '中职批',
        basis: 'sample',
        order: 40,
        phase: 'phase-1',
        choices: { max: 6, majors: 6 },
        dispatch: { ...PLAIN_RULES, ...rules },
        schools: null,
        kinds: ['vocational'],
        window: ['2016-07-20', '2016-07-29'],
        ...batch,
      },
    ],
    conditions: {},
    start: [],
    eligibility: [],
    special: [],
    regionLines: [],
    schoolLines: [],
    preferences: { combine: 'max', cap: null, features: [] },
    findings: [],
    schedule: { catchupWindowDays: 3, keepSeasons: 3, jobs: [] },
    ownSystem: false,
    usesSampleBasis: true,
    ...more,
  } as Policy;
}

/** A requirement with what is usual filled in. */
export function requirement(
  some: Partial<Requirement> & Pick<Requirement, 'id' | 'requires' | 'refuse'>,
): Requirement {
  return {
    title: some.id,
    basis: 'sample',
    applies: null,
    missing: 'refuse',
    valid: null,
    school: null,
    major: null,
    ...some,
  };
}

export function worldOf(data: Package, policy: Policy, scope: OracleScope = SCOPE): World {
  const builder = new RowBuilder({
    season: 2016,
    city: scope.city,
    batch: scope.batch,
    round: scope.round,
    date: scope.date,
    attributes: policy.attributes.map(each => each.name),
  });
  for (const file of FILES_READ) {
    for (const row of data[file.replace('.csv', '')] ?? []) builder.add(file, row);
  }
  return builder.finish();
}

export interface Outcome {
  readonly world: World;
  readonly run: DispatchRun;
  readonly detail: string;
  readonly inputHash: string;
  readonly resultHash: string;
}

/** Builds the world and dispatches it. */
export async function placingOf(
  data: Package,
  policy: Policy,
  scope: OracleScope = SCOPE,
  compileStage?: CompileStage,
): Promise<Pick<Outcome, 'world' | 'run' | 'detail'>> {
  const world = worldOf(data, policy, scope);
  const run = await dispatch(world, policy, {
    random: () => 0.5,
    recheckSample: 3,
    ...(compileStage === undefined ? {} : { compileStage }),
    ...(scope.school === undefined ? {} : { school: scope.school }),
  });
  const detail = Buffer.concat([...dispatchDetail(world, run.result)]).toString('utf8');
  return { world, run, detail };
}

/** The same with both hashes. */
export async function outcomeOf(
  data: Package,
  policy: Policy,
  scope: OracleScope = SCOPE,
  compileStage?: CompileStage,
): Promise<Outcome> {
  const { world, run, detail } = await placingOf(data, policy, scope, compileStage);
  const hashes = { inputHash: inputHash(world), resultHash: resultHash(world, run.result) };
  return { world, run, detail, ...hashes };
}

/** The rows of dispatch-detail, by candidate number. */
export function detailRows(detail: string): ReadonlyMap<string, Row> {
  const rows = parse(detail, { columns: true }) as Row[];
  return new Map(rows.map(row => [row['candidate_no'], row]));
}

/** The package of a world as rows again, and as text. */
export function packageRows(world: World): { data: Package; text: string } {
  const data: Record<string, Row[]> = {};
  let text = '';
  for (const file of packageOfWorld(world)) {
    const body = file.header + Buffer.concat([...file.rows()]).toString('utf8');
    text += `== ${file.name}\n${body}`;
    data[file.name.replace('.csv', '')] = parse(body, { columns: true }) as Row[];
  }
  return { data, text };
}

export interface SimpleCandidate {
  readonly no: string;
  readonly total: number | null;
  /** null: a gap in the ordinals. */
  readonly choices: readonly (string | null)[];
  readonly subjects?: Readonly<Record<string, string>>;
  readonly bonus?: number;
  readonly priority?: number;
}

/** Rows of a city in which every school has one line with one major, `M`. */
export function simpleRows(
  planned: Readonly<Record<string, number>>,
  flexible: Readonly<Record<string, number>>,
  candidates: readonly SimpleCandidate[],
): Package {
  const subjects = [...new Set(candidates.flatMap(each => Object.keys(each.subjects ?? {})))];
  const codes = Object.keys(planned);
  return {
    regions: [{ code: CITY, name: '广州', parent: '440000', level: 'city' }],
    schools: codes.map(schoolRow),
    majors: codes.map(school => majorRow(school, 'M')),
    plans: codes.map(school => planRow(school, 'M', planned[school])),
    flexible: Object.entries(flexible).map(([school, places]) => ({
      school,
      region: CITY,
      batch: BATCH,
      places: String(places),
    })),
    subjects: subjects.map((name, at) => subjectRow(`0${at + 1}`, name)),
    candidates: candidates.map(each =>
      candidateRow(each.no, each.total === null ? '' : String(each.total)),
    ),
    scores: candidates.flatMap(each =>
      Object.entries(each.subjects ?? {}).map(([name, score]) => ({
        candidate_no: each.no,
        subject: `0${subjects.indexOf(name) + 1}`,
        score,
      })),
    ),
    preferences: candidates.flatMap(each =>
      [each.bonus && `bonus-${each.bonus}`, each.priority && `priority-${each.priority}`]
        .filter(feature => typeof feature === 'string')
        .map(feature => ({ candidate_no: each.no, feature, evidence: '', confirmed_by: 'o2' })),
    ),
    choices: candidates.flatMap(each =>
      each.choices.flatMap((school, at) =>
        school === null ? [] : [choiceRow(each.no, at + 1, school, 'M', 'yes')],
      ),
    ),
  };
}

export function schoolRow(code: string): Row {
  return {
    code,
    name: `学校${code}`,
    kind: 'vocational',
    owner: 'city',
    region: CITY,
    supervisor: '',
    roster: 'here',
  };
}

export function majorRow(school: string, code: string, articulated = 'no'): Row {
  return { code, name: `专业${code}`, school, articulated, college: '' };
}

export function planRow(school: string, major: string, planned: number): Row {
  return { school, major, region: CITY, batch: BATCH, planned: String(planned) };
}

export function subjectRow(code: string, name: string): Row {
  return { city: CITY, code, name, full: '100', order: code };
}

export function candidateRow(no: string, total: string, more: Row = {}): Row {
  return {
    candidate_no: no,
    name: '',
    sex: 'F',
    birth_date: '2001-03-01',
    identity_no: '',
    city: CITY,
    county: '',
    registration_point: '',
    origin: 'fresh',
    total,
    ...more,
  };
}

export function choiceRow(
  no: string,
  ordinal: number,
  school: string,
  majors: string,
  adjustment: string,
  round = '1',
): Row {
  return {
    candidate_no: no,
    batch: BATCH,
    round,
    ordinal: String(ordinal),
    school,
    majors,
    adjustment,
  };
}
