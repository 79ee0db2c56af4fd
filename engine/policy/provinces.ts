/**
 * Small provinces 小型数据样例 beside a policy (`provinces:` in `tests/*.yaml`): a few schools and
 * candidates written out in the file, dispatched in memory by the policy's own rules, and where
 * each must end up. Whoever signs reads one sentence and two short tables.
 */

import { RowBuilder } from '../dispatch/build-rows.ts';
import { textAt } from '../dispatch/bytes.ts';
import type { FIXED_REASONS } from '../dispatch/result.ts';
import { type DispatchRun, dispatch } from '../dispatch/run.ts';
import type { World } from '../dispatch/world.ts';
import { CodedError } from '../errors.ts';
import type { Problem } from '../problem.ts';
import { type ReadDocument, readDocument } from './document.ts';
import { isObject, type Json, listOf } from './json.ts';
import { effectivePolicy } from './load.ts';
import type { FactValue, FullPolicy, PolicyBundle } from './types.ts';

export interface SmallProvince {
  readonly title: string;
  readonly basis?: string;
  /** Whose settings count. */
  readonly city: string;
  /** The policy's first unless told. */
  readonly batch?: string;
  /** `YYYY-MM-DD`; the first day of the batch unless told. */
  readonly date?: string;
  readonly province: {
    readonly schools: readonly SmallSchool[];
    readonly candidates: readonly SmallCandidate[];
  };
  /** Who is not named may end up anywhere. */
  readonly expect: { readonly placements: readonly Placement[] };
}

interface SmallSchool {
  readonly school: string;
  readonly title?: string;
  /** vocational unless told. */
  readonly kind?: string;
  readonly plan: readonly {
    readonly major: string;
    readonly title?: string;
    readonly places: number;
    readonly articulated?: boolean;
  }[];
  readonly flexible?: number;
}

interface SmallCandidate {
  /** What stands for the candidate's number; 甲 will do. */
  readonly candidate: string;
  /** Points. */
  readonly total: number;
  /** Points by subject. */
  readonly marks?: Readonly<Record<string, number>>;
  /** fresh unless told. */
  readonly origin?: string;
  readonly sex?: string;
  /** Confirmed preference features. */
  readonly features?: readonly string[];
  /** What policy.yaml declares. */
  readonly attributes?: Readonly<Record<string, FactValue>>;
  readonly choices: readonly {
    readonly school: string;
    readonly majors?: readonly string[];
    readonly adjustment?: boolean;
  }[];
}

/** Placed at a school, or refused; `refused`: the code of each choice, or one for all. */
export interface Placement {
  readonly candidate: string;
  readonly school?: string;
  readonly major?: string;
  readonly ordinal?: number;
  readonly refused?: string | readonly string[];
}

export interface ProvinceVerdict {
  readonly file: string;
  readonly province: SmallProvince;
  /** Of every candidate, in the order of the file; empty where the dispatch was refused. */
  readonly found: readonly Placement[];
  /** One for each placement that differs. */
  readonly problems: readonly Problem[];
}

/** Dispatches every small province of a checked policy, in the order of files and entries. */
export async function runProvinces(bundle: PolicyBundle): Promise<ProvinceVerdict[]> {
  const verdicts: ProvinceVerdict[] = [];
  const paths = Object.keys(bundle.base.documents).filter(path => path.startsWith('tests/'));
  for (const file of paths.sort()) {
    const document = readDocument(file, bundle.base.documents[file] as string);
    for (const [at, entry] of listOf(document.value, 'provinces').entries()) {
      if (!isObject(entry)) continue;
      const province = entry as unknown as SmallProvince;
      verdicts.push(await verdictOf(bundle, document, at, province));
    }
  }
  return verdicts;
}

async function verdictOf(
  bundle: PolicyBundle,
  document: ReadDocument,
  at: number,
  province: SmallProvince,
): Promise<ProvinceVerdict> {
  const file = document.path;
  const policy = effectivePolicy(bundle, province.city);
  try {
    const found = await placementsOf(policy, province);
    const problems = province.expect.placements.flatMap((expected, index) => {
      const own = found.find(({ candidate }) => candidate === expected.candidate);
      if (own !== undefined && holds(expected, own)) return [];
      const path = ['provinces', at, 'expect', 'placements', index];
      const place = document.problemAt('schema', path, 'value', { what: '' });
      return [
        { ...place, code: 'example-fails', message: differs(province, expected, own, policy) },
      ];
    });
    return { file, province, found, problems };
  } catch (error) {
    // A policy that refuses to dispatch, or rows that contradict each other, fail this one alone.
    if (!(error instanceof CodedError)) throw error;
    const place = document.problemAt('schema', ['provinces', at, 'title'], 'value', { what: '' });
    const message = `样例「${province.title}」不能投档：${error.message}`;
    return { file, province, found: [], problems: [{ ...place, code: 'example-fails', message }] };
  }
}

/**
 * Where the policy places each candidate.
 *
 * @throws the errors of the dispatch and of the world's builder
 */
export async function placementsOf(
  policy: FullPolicy,
  province: SmallProvince,
): Promise<Placement[]> {
  const world = worldOf(policy, province);
  // Everything is decided by the unmodified engine once; rechecking single pairs adds nothing.
  const run = await dispatch(world, policy, { random: () => 0, recheckSample: 0 });
  const placed = new Map<string, Placement>();
  run.result.participants.forEach((candidate, at) => {
    const name = textAt(world.candidates.number, candidate);
    placed.set(name, placementOf(world, run, name, candidate, at));
  });
  return province.province.candidates.map(
    ({ candidate }) => placed.get(candidate) ?? { candidate, refused: [] },
  );
}

function placementOf(
  { choices, schools, majors }: World,
  { result }: DispatchRun,
  name: string,
  candidate: number,
  at: number,
): Placement {
  const choice = result.placedChoice[at] as number;
  if (choice >= 0) {
    const major = majors[result.suggestedMajor[at] as number]?.code;
    return {
      candidate: name,
      school: schools[choices.school[choice] as number]?.code ?? '',
      ...(major === undefined ? {} : { major }),
      ordinal: choices.ordinal[choice] as number,
    };
  }
  const [from, to] = [choices.first[candidate] as number, choices.first[candidate + 1] as number];
  const refused: string[] = [];
  for (let own = from; own < to; own += 1) {
    refused.push(result.reasons[result.reasonOf[own] as number] ?? '');
  }
  return { candidate: name, refused };
}

function worldOf(policy: FullPolicy, { province, city, batch, date }: SmallProvince): World {
  const { schools, candidates } = province;
  const own = policy.batches.find(each => each.id === batch) ?? policy.batches[0];
  const id = batch ?? own?.id ?? '';
  const builder = new RowBuilder({
    season: policy.season,
    city,
    batch: id,
    round: 1,
    date: date ?? own?.window?.[0] ?? `${policy.season}-07-20`,
    attributes: policy.attributes.map(attribute => attribute.name),
  });
  builder.add('regions.csv', { code: city, name: city, parent: '', level: 'city' });
  for (const { school: code, title = code, kind = 'vocational' } of schools) {
    builder.add('schools.csv', { code, name: title, kind, region: city });
  }
  for (const { school, plan } of schools) {
    for (const { major: code, title = code, articulated } of plan) {
      const row = { school, code, name: title };
      builder.add('majors.csv', { ...row, articulated: yesNo(articulated ?? false) });
    }
  }
  for (const { school, plan } of schools) {
    for (const { major, places } of plan) {
      const planned = String(places);
      builder.add('plans.csv', { school, major, region: city, batch: id, planned });
    }
  }
  for (const { school, flexible = 0 } of schools) {
    const places = String(flexible);
    if (flexible > 0) builder.add('flexible.csv', { school, region: city, batch: id, places });
  }
  addCandidates(builder, candidates, city, id);
  return builder.finish();
}

function addCandidates(
  builder: RowBuilder,
  candidates: readonly SmallCandidate[],
  city: string,
  batch: string,
): void {
  const subjects = new Set(candidates.flatMap(({ marks }) => Object.keys(marks ?? {})));
  for (const name of subjects) builder.add('subjects.csv', { city, code: name, name, full: '150' });
  for (const { candidate, total, origin = 'fresh', sex = '', attributes } of candidates) {
    const own = Object.entries(attributes ?? {}).map(([name, value]) => [name, cellOf(value)]);
    const row = { candidate_no: candidate, city, total: String(total), origin, sex };
    builder.add('candidates.csv', { ...row, ...Object.fromEntries(own) });
  }
  for (const { candidate: candidate_no, marks } of candidates) {
    for (const [subject, score] of Object.entries(marks ?? {})) {
      builder.add('scores.csv', { candidate_no, subject, score: String(score) });
    }
  }
  for (const { candidate: candidate_no, features } of candidates) {
    for (const feature of features ?? []) {
      builder.add('preferences.csv', { candidate_no, feature, confirmed_by: '复核人' });
    }
  }
  for (const { candidate: candidate_no, choices } of candidates) {
    for (const [index, { school, majors = [], adjustment }] of choices.entries()) {
      const row = { candidate_no, batch, school, ordinal: String(index + 1) };
      const adjusts = yesNo(adjustment ?? false);
      builder.add('choices.csv', { ...row, majors: majors.join(' '), adjustment: adjusts });
    }
  }
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function cellOf(value: FactValue): string {
  if (value === null) return '';
  return typeof value === 'boolean' ? yesNo(value) : String(value);
}

/** What a placement does not say it leaves open. */
function holds(expected: Placement, found: Placement): boolean {
  const { refused } = expected;
  const codes = Array.isArray(found.refused) ? found.refused : null;
  if (refused !== undefined) {
    if (codes === null) return false;
    const wanted = typeof refused === 'string' ? codes.map(() => refused) : refused;
    return codes.length > 0 && wanted.join(' ') === codes.join(' ');
  }
  const keys = ['school', 'major', 'ordinal'] as const;
  return codes === null && keys.every(key => !(key in expected) || expected[key] === found[key]);
}

function differs(
  { title }: SmallProvince,
  expected: Placement,
  found: Placement | undefined,
  policy: FullPolicy,
): string {
  const { candidate } = expected;
  if (found === undefined) return `样例「${title}」没有考生「${candidate}」`;
  const [wanted, given] = [placementText(expected, policy), placementText(found, policy)];
  return `样例「${title}」与政策不符：考生${candidate}，样例写明${wanted}，政策给出${given}`;
}

const REASON_TITLES: Readonly<Record<(typeof FIXED_REASONS)[number], string>> = {
  'not-reached': '没有轮到',
  placed: '已投出',
  full: '已满',
  'closed-by-tie': '同分不进',
  'below-bands': '低于各分段',
  'earlier-choice-open': '前面的志愿未定',
  'not-in-batch': '不在本批次',
  'school-suspended': '院校停招',
  'returned-before': '已被退档',
  'no-plan': '没有计划',
  'missing-data': '缺少数据',
};

/** The Chinese title of a reason, with its code; of a rule's code the rule's. */
export function reasonText(
  code: string,
  policy: Pick<FullPolicy, 'eligibility' | 'special'>,
): string {
  const rules = [...policy.eligibility, ...policy.special];
  const rule = rules.find(({ refuse }) => refuse === code);
  const fixed = REASON_TITLES[code as (typeof FIXED_REASONS)[number]];
  const title = fixed ?? (rule === undefined ? undefined : `不符合“${rule.title}”`);
  return title === undefined ? code : `${title}（${code}）`;
}

/** Where somebody ends up, in words. */
export function placementText(placement: Placement, policy: FullPolicy): string {
  const { school, major, ordinal, refused } = placement;
  if (refused !== undefined) {
    const codes = typeof refused === 'string' ? [refused] : refused;
    const why = codes.map(code => reasonText(code as Json as string, policy)).join('、');
    return why === '' ? '不参加投档' : `未投出：${why}`;
  }
  const parts = [
    ordinal === undefined ? '' : `第 ${ordinal} 志愿`,
    school === undefined ? '' : `院校 ${school}`,
    major === undefined ? '' : `专业 ${major}`,
  ];
  return parts.filter(part => part !== '').join(' ') || '投出';
}
