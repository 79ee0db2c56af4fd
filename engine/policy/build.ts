/**
 * From checked documents to the typed policy: points become hundredths, what is left out gets its
 * default, and everything is frozen.
 */
import { numberToHundredths, parseHundredths } from '../decimal.ts';
import {
  type Documents,
  isList,
  isObject,
  type Json,
  type JsonObject,
  listOf,
  own,
  textOf,
} from './json.ts';
import type {
  ActionRule,
  Batch,
  Condition,
  DispatchRules,
  FullPolicy,
  PreferenceFeature,
  RegionLine,
  Requirement,
  SchoolReview,
  TieKey,
} from './types.ts';

/**
 * Builds the policy from documents without nulls that have no faults.
 *
 * @param overlay the city's own document, for `own-system`; null: none
 */
export function buildPolicy(documents: Documents, overlay: Json | null): FullPolicy {
  const policy = documents['policy'] ?? {};
  const calendar = documents['calendar'] ?? {};
  const schedule = documents['schedule'] ?? {};
  const built: FullPolicy = {
    id: text(policy, 'id'),
    title: text(policy, 'title'),
    season: number(policy, 'season'),
    timeZone: 'Asia/Shanghai',
    bases: objects(policy, 'basis').map(each => ({
      id: text(each, 'id'),
      title: text(each, 'title'),
    })),
    attributes: as(listOf(policy, 'attributes')),
    cityMaySet: as(listOf(policy, 'city-may-set')),
    candidateNumberPattern:
      textOf(own(policy, 'numbers'), 'candidate_no') ?? DEFAULT_NUMBER_PATTERN,
    phases: objects(calendar, 'phases').map(windowed),
    windows: objects(calendar, 'windows').map(windowed),
    deadlines: objects(calendar, 'deadlines').map(each => ({
      ...named(each),
      date: textOf(each, 'date') ?? null,
    })),
    values: objects(calendar, 'values').map(each => ({
      ...named(each),
      value: own(each, 'value') as string | number | boolean,
      unit: textOf(each, 'unit') ?? '',
    })),
    batches: objects(documents['batches'], 'batches').map(batchOfJson),
    conditions: as<Record<string, Condition>>(own(policy, 'conditions') ?? {}),
    start: objects(documents['batches'], 'start').map(requirement),
    eligibility: objects(documents['eligibility'], 'rules').map(requirement),
    special: objects(documents['special-conditions'], 'conditions').map(requirement),
    ...lines(documents['score-lines']),
    preferences: preferences(documents['preferences'] ?? {}),
    quotas: objects(documents['quotas'], 'rules').map(requirement),
    returnReasons: objects(documents['reviews'], 'return-reasons').map(named),
    reviews: objects(documents['reviews'], 'rules').map(action),
    schoolReviews: objects(documents['reviews'], 'schools').map(schoolReview),
    deadlineRules: objects(documents['deadlines'], 'rules').map(action),
    duties: as(listOf(documents['duties'], 'duties')),
    findings: as(listOf(documents['findings'], 'findings')),
    schedule: {
      catchupWindowDays: number(schedule, 'catch-up-window-days'),
      keepSeasons: number(schedule, 'keep-seasons'),
      jobs: objects(schedule, 'jobs').map(each => ({
        job: text(each, 'job'),
        title: text(each, 'title'),
        cron: text(each, 'cron'),
        after: as<string[]>(listOf(each, 'after')),
        basis: text(each, 'basis'),
      })),
    },
    ownSystem: hasOwnSystem(overlay),
    usesSampleBasis: saysSample(documents as Json) || (overlay !== null && saysSample(overlay)),
  };
  return freeze(structuredClone(built));
}

/** Two digits of the year, four of the city, a serial number of eight. */
const DEFAULT_NUMBER_PATTERN = '{yy}{city4}{serial8}';

/** The documents were checked: what is read here has the shape that the schema gives it. */
function as<T>(value: Json): T {
  return value as unknown as T;
}

function objects(document: Json | undefined, key: string): JsonObject[] {
  return listOf(document, key).filter(isObject);
}

function text(value: JsonObject, key: string): string {
  return as<string>(own(value, key) ?? '');
}

function number(value: JsonObject, key: string): number {
  return as<number>(own(value, key) ?? 0);
}

function hundredths(value: JsonObject, key: string): number {
  return numberToHundredths(number(value, key)) ?? 0;
}

function named(value: JsonObject): { id: string; title: string; basis: string } {
  return { id: text(value, 'id'), title: text(value, 'title'), basis: text(value, 'basis') };
}

function windowOf(value: JsonObject): readonly [string, string] | null {
  const window = own(value, 'window');
  return isList(window) && window.length === 2 ? as<[string, string]>(window) : null;
}

function windowed(value: JsonObject) {
  return { ...named(value), window: windowOf(value) };
}

function batchOfJson(value: JsonObject): Batch {
  return {
    ...windowed(value),
    order: number(value, 'order'),
    phase: text(value, 'phase'),
    choices: as(own(value, 'choices') ?? {}),
    dispatch: dispatchRules(as<JsonObject>(own(value, 'dispatch') ?? {})),
    schools: as(own(value, 'schools') ?? null),
    kinds: as(own(value, 'kinds') ?? null),
  };
}

function dispatchRules(value: JsonObject): DispatchRules {
  const ties = as<JsonObject>(own(value, 'ties') ?? {});
  const majors = as<JsonObject>(own(value, 'majors') ?? {});
  const mode = text(value, 'mode') as DispatchRules['mode'];
  const bands = mode === 'banded' ? listOf(value, 'bands') : [];
  const seed = textOf(value, 'seed') ?? '';
  return {
    mode,
    bands: bands.map(band => numberToHundredths(band as number) as number),
    ratio: parseHundredths(text(value, 'ratio')) ?? 100,
    rounding: text(value, 'rounding') as DispatchRules['rounding'],
    ties: {
      keys: listOf(ties, 'keys').filter(isObject).map(tieKey),
      ending: text(ties, 'ending') as DispatchRules['ties']['ending'],
    },
    seed: seed === '' ? null : seed,
    majors: {
      mode: (textOf(majors, 'mode') ?? 'score-first') as DispatchRules['majors']['mode'],
      gap: hundredths(majors, 'gap'),
    },
    release: (textOf(value, 'release') ?? 'by-officer') as DispatchRules['release'],
  };
}

function tieKey(value: JsonObject): TieKey {
  if (own(value, 'priority') !== undefined) return { kind: 'priority' };
  const subject = textOf(value, 'subject');
  const subjects = subject === undefined ? as<string[]>(listOf(value, 'subjects')) : [subject];
  return { kind: 'subjects', subjects };
}

function requirement(value: JsonObject): Requirement {
  return {
    ...named(value),
    applies: as<Condition | null>(own(value, 'applies') ?? null),
    requires: as<Condition>(own(value, 'requires') ?? {}),
    refuse: text(value, 'refuse'),
    missing: (textOf(value, 'missing') ?? 'refuse') as Requirement['missing'],
    valid: as(own(value, 'valid') ?? null),
    school: textOf(value, 'school') ?? null,
    major: textOf(value, 'major') ?? null,
  };
}

function action(value: JsonObject): ActionRule {
  return {
    ...named(value),
    at: textOf(value, 'at') ?? null,
    when: as<Condition>(own(value, 'when') ?? {}),
    then: as(own(value, 'then') ?? {}),
    valid: as(own(value, 'valid') ?? null),
  };
}

/** Lines that are set; a line of null is none. */
function lines(document: Json | undefined): Pick<FullPolicy, 'regionLines' | 'schoolLines'> {
  const set = (key: string) =>
    objects(document, key).filter(each => typeof own(each, 'line') === 'number');
  const line = (value: JsonObject): RegionLine => ({
    region: text(value, 'region'),
    batch: text(value, 'batch'),
    line: hundredths(value, 'line'),
    basis: text(value, 'basis'),
  });
  return {
    regionLines: set('regions').map(line),
    schoolLines: set('schools').map(each => ({ ...line(each), school: text(each, 'school') })),
  };
}

function preferences(document: JsonObject): FullPolicy['preferences'] {
  const cap = own(document, 'cap');
  return {
    combine: textOf(document, 'combine') === 'sum' ? 'sum' : 'max',
    cap: typeof cap === 'number' ? (numberToHundredths(cap) ?? null) : null,
    features: objects(document, 'features').map(
      (each): PreferenceFeature => ({
        ...named(each),
        kind: text(each, 'kind') as PreferenceFeature['kind'],
        points: hundredths(each, 'points'),
        rank: number(each, 'rank'),
        batches: as(listOf(each, 'batches')),
      }),
    ),
  };
}

function schoolReview(value: JsonObject): SchoolReview {
  const decided = (key: string) => {
    const set = own(value, key);
    return set === undefined ? null : set === true || set === 'yes';
  };
  return {
    school: text(value, 'school'),
    batch: text(value, 'batch'),
    planChanges: decided('plan-changes'),
    files: decided('files'),
  };
}

function hasOwnSystem(overlay: Json | null): boolean {
  const mark = isObject(overlay ?? undefined) ? own(overlay as JsonObject, 'own-system') : null;
  return isObject(mark ?? undefined) && own(mark as JsonObject, 'approved') === true;
}

/** Whether any `basis` is `sample`: a value that no document gives. */
export function saysSample(value: Json): boolean {
  if (isList(value)) return value.some(saysSample);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, each]) =>
    key === 'basis' && typeof each === 'string' ? /^sample(\s|$)/.test(each) : saysSample(each),
  );
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) freeze(each);
    Object.freeze(value);
  }
  return value;
}
