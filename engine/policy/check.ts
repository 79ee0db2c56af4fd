/**
 * The meaning of a policy's documents, beyond what a schema can say: ids that refer to each other,
 * dates, decimals, conditions. Runs over the base, and over each city's documents after the merge.
 */
import { FIXED_REASONS } from '../dispatch/result.ts';
import { checkBatches } from './check-batches.ts';
import { checkCalendar, checkValidity } from './check-calendar.ts';
import { type Check, checkDecimals, checkKnown, type Knowledge } from './check-context.ts';
import { checkPolicyDocument } from './check-identity.ts';
import { checkSchedule } from './check-schedule.ts';
import {
  type ConditionContext,
  checkCondition,
  NamedConditions,
  type Position,
} from './conditions.ts';
import { isRealMoment } from './dates.ts';
import {
  FAULTS_MAX_COUNT,
  type Fault,
  type FaultCode,
  type FaultDetail,
  type Nearest,
} from './faults.ts';
import {
  type Documents,
  type Entry,
  entriesOf,
  isList,
  isObject,
  type Json,
  listOf,
  numberOf,
  own,
  type Path,
  textOf,
} from './json.ts';
import { BASE_DOCUMENTS } from './schemas.ts';
import type { Attribute } from './types.ts';

/** What dispatch says itself: a rule that said the same could not be told from it. */
const BUILT_IN_REASONS: ReadonlySet<string> = new Set(FIXED_REASONS);
/** A reason is one byte in a run's result. */
const REASONS_MAX_COUNT = 255;

/**
 * All faults of meaning in a set of documents; parts of a wrong shape are passed over.
 *
 * @param city whose overlay is merged in; null: the base
 * @param only the documents to look at; the others are only referred to
 */
export function meaningFaults(
  documents: Documents,
  knowledge: Knowledge,
  city: string | null,
  only: readonly string[] = BASE_DOCUMENTS,
): Fault[] {
  const faults: Fault[] = [];
  const check: Check = {
    documents,
    knowledge,
    phases: idsOf(documents['calendar'], 'phases'),
    batches: idsOf(documents['batches'], 'batches'),
    subjects: subjectsOf(knowledge, city),
    report: (document, code, path, detail = {}, more = {}) => {
      if (faults.length >= FAULTS_MAX_COUNT) return;
      faults.push({ code, document, path, at: 'value', detail, ...more });
    },
  };
  for (const [name, checkDocument] of Object.entries(DOCUMENT_CHECKS)) {
    if (only.includes(name)) checkDocument(check);
  }
  checkRules(check, only);
  for (const name of only) {
    const document = documents[name];
    if (document !== undefined) checkBases(check, name, document);
  }
  return faults;
}

const DOCUMENT_CHECKS: Readonly<Record<string, (check: Check) => void>> = {
  policy: checkPolicyDocument,
  calendar: checkCalendar,
  batches: checkBatches,
  'score-lines': checkLines,
  preferences: checkPreferences,
  reviews: checkSchoolReviews,
  schedule: checkSchedule,
};

function idsOf(document: Json | undefined, key: string): ReadonlySet<string> {
  return new Set(entriesOf(document, key).flatMap(({ value }) => textOf(value, 'id') ?? []));
}

function subjectsOf({ subjects }: Knowledge, city: string | null): readonly string[] | null {
  if (subjects === null) return null;
  if (city !== null) return subjects.get(city) ?? null;
  return [...new Set([...subjects.values()].flat())];
}

function checkLines(check: Check): void {
  const document = check.documents['score-lines'];
  const regionLines = new Map<string, number>();
  const checkLine = ({ value, path }: Entry) => {
    const at = (key: string) => [...path, key];
    checkDecimals(check, 'score-lines', own(value, 'line'), at('line'));
    const batch = textOf(value, 'batch');
    checkKnown(check, 'score-lines', at('batch'), check.batches, batch, 'unknown-batch');
    const region = textOf(value, 'region');
    const { regions, schools } = check.knowledge;
    checkKnown(check, 'score-lines', at('region'), regions, region, 'unknown-region');
    const school = textOf(value, 'school');
    checkKnown(check, 'score-lines', at('school'), schools, school, 'unknown-school');
    return { key: `${region} ${batch}`, line: numberOf(value, 'line') };
  };
  for (const entry of entriesOf(document, 'regions')) {
    const { key, line } = checkLine(entry);
    if (line !== undefined) regionLines.set(key, line);
  }
  for (const entry of entriesOf(document, 'schools')) {
    const { key, line } = checkLine(entry);
    const region = regionLines.get(key);
    if (line === undefined || region === undefined || line >= region) continue;
    const path = [...entry.path, 'line'];
    check.report('score-lines', 'school-line-below-region', path, { line, region });
  }
}

function checkPreferences(check: Check): void {
  const document = check.documents['preferences'];
  checkDecimals(check, 'preferences', isObject(document) ? own(document, 'cap') : undefined, [
    'cap',
  ]);
  for (const { value, path } of entriesOf(document, 'features')) {
    checkDecimals(check, 'preferences', own(value, 'points'), [...path, 'points']);
    listOf(value, 'batches').forEach((batch, index) => {
      const name = typeof batch === 'string' ? batch : undefined;
      const at = [...path, 'batches', index];
      checkKnown(check, 'preferences', at, check.batches, name, 'unknown-batch');
    });
  }
}

function checkSchoolReviews(check: Check): void {
  for (const { value, path } of entriesOf(check.documents['reviews'], 'schools')) {
    const batch = textOf(value, 'batch');
    checkKnown(check, 'reviews', [...path, 'batch'], check.batches, batch, 'unknown-batch');
    const { schools } = check.knowledge;
    const school = textOf(value, 'school');
    checkKnown(check, 'reviews', [...path, 'school'], schools, school, 'unknown-school');
  }
}

/** Where rules stand, and which stage they belong to. */
const RULE_LISTS = [
  ['batches', 'start', 'start', ['applies', 'requires']],
  ['eligibility', 'rules', 'eligibility', ['applies', 'requires']],
  ['special-conditions', 'conditions', 'special', ['applies', 'requires']],
  ['quotas', 'rules', 'quota', ['applies', 'requires']],
  ['reviews', 'rules', 'review', ['when']],
  ['deadlines', 'rules', 'deadline', ['when']],
] as const;

function checkRules(check: Check, only: readonly string[]): void {
  const policy = check.documents['policy'];
  const named = new NamedConditions(isObject(policy) ? own(policy, 'conditions') : undefined);
  const context: ConditionContext = {
    attributes: attributesOf(policy),
    subjects: check.subjects,
    named,
    ids: { 'batch.id': check.batches, 'phase.id': check.phases, 'file.phase': check.phases },
  };
  const conditions = isObject(policy) ? own(policy, 'conditions') : undefined;
  const ofBase = only.includes('policy') && isObject(conditions) ? conditions : {};
  for (const [name, condition] of Object.entries(ofBase)) {
    const path = ['conditions', name];
    const position: Position = { stage: null, ofMajor: true };
    const report = reporter(check, 'policy');
    checkCondition(condition, path, position, context, report);
    const way = named.cycles.get(name);
    if (way !== undefined) report('condition-cycle', path, { name: way }, { at: 'key' });
  }
  for (const [document, list, stage, keys] of RULE_LISTS) {
    if (!only.includes(document)) continue;
    for (const { value, path } of entriesOf(check.documents[document], list)) {
      const position: Position = { stage, ofMajor: textOf(value, 'major') !== undefined };
      const report = reporter(check, document);
      for (const key of keys) {
        checkCondition(own(value, key), [...path, key], position, context, report);
      }
      checkRule(check, document, { value, path });
    }
  }
  checkReasonCount(check);
}

function checkReasonCount(check: Check): void {
  const codes = new Set<string>();
  for (const [document, list] of [RULE_LISTS[1], RULE_LISTS[2]]) {
    for (const { value, path } of entriesOf(check.documents[document], list)) {
      const refuse = textOf(value, 'refuse');
      if (refuse !== undefined) codes.add(refuse);
      if (codes.size + BUILT_IN_REASONS.size <= REASONS_MAX_COUNT) continue;
      const limit = REASONS_MAX_COUNT - BUILT_IN_REASONS.size;
      check.report(document, 'too-many-codes', [...path, 'refuse'], { limit });
      return;
    }
  }
}

/** A rule's dates, code and school; its conditions are checked apart. */
function checkRule(check: Check, document: string, { value, path }: Entry): void {
  const refuse = textOf(value, 'refuse');
  if (refuse !== undefined && BUILT_IN_REASONS.has(refuse)) {
    check.report(document, 'reserved-code', [...path, 'refuse'], { name: refuse });
  }
  const at = textOf(value, 'at');
  if (at !== undefined && !isRealMoment(at)) {
    check.report(document, 'bad-date', [...path, 'at'], { name: at });
  }
  checkValidity(check, document, own(value, 'valid'), [...path, 'valid']);
  const school = textOf(value, 'school');
  const { schools } = check.knowledge;
  checkKnown(check, document, [...path, 'school'], schools, school, 'unknown-school');
}

function reporter(check: Check, document: string) {
  return (
    code: FaultCode,
    path: Path,
    detail?: FaultDetail,
    more?: { readonly nearest?: Nearest; readonly at?: 'key' | 'value' },
  ) => check.report(document, code, path, detail, more);
}

/** The attributes that are well declared. */
export function attributesOf(policy: Json | undefined): Attribute[] {
  const types = ['number', 'text', 'boolean', 'date'];
  return entriesOf(policy, 'attributes').flatMap(({ value }) => {
    const name = textOf(value, 'name');
    const type = textOf(value, 'type');
    if (name === undefined || type === undefined || !types.includes(type)) return [];
    return [{ name, type: type as Attribute['type'], title: textOf(value, 'title') ?? name }];
  });
}

/** Every `basis` begins with an id that policy.yaml lists, or is `sample`. */
function checkBases(check: Check, document: string, value: Json): void {
  const known = knownBases(check.documents['policy']);
  const walk = (part: Json, at: Path): void => {
    if (isList(part)) {
      part.forEach((each, index) => {
        walk(each, [...at, index]);
      });
    } else if (isObject(part)) {
      for (const [key, each] of Object.entries(part)) {
        if (key !== 'basis' || typeof each !== 'string') walk(each, [...at, key]);
        else {
          const name = each.split(/\s/)[0];
          checkKnown(check, document, [...at, key], known, name, 'unknown-basis');
        }
      }
    }
  };
  walk(value, []);
}

function knownBases(policy: Json | undefined): ReadonlySet<string> {
  return new Set(['sample', ...idsOf(policy, 'basis')]);
}
