/**
 * A policy folder in, a checked bundle or all its problems out; and the policy in effect for a
 * city, from the bundle or from what the database stores. Pure: the files come as a map.
 */
import type { Problem } from '../problem.ts';
import { buildPolicy, saysSample } from './build.ts';
import { canonicalJson, EMPTY_OVERLAY_HASH, sha256 } from './canonical.ts';
import { attributesOf, meaningFaults } from './check.ts';
import { type Knowledge, NO_KNOWLEDGE } from './check-context.ts';
import { exampleFaults } from './check-examples.ts';
import { checkDuplicates } from './check-identity.ts';
import { placeFaults, type ReadDocument, readDocument } from './document.ts';
import { fail } from './errors.ts';
import type { Fault } from './faults.ts';
import { type Documents, isObject, type Json, listOf, textOf, withoutNulls } from './json.ts';
import { mergeOverlay } from './merge.ts';
import { nearestName } from './nearest.ts';
import { type Author, faultKey, followsFrom, type OverlayBase, overlayFaults } from './overlay.ts';
import { schemaFaults } from './schema-faults.ts';
import { BASE_DOCUMENTS, type DocumentKind, REQUIRED_DOCUMENTS } from './schemas.ts';
import { fileProblem } from './source.ts';
import type { Attribute, FullPolicy, PolicyBundle, PolicyOverlay, PolicyVersion } from './types.ts';

export { type Knowledge, NO_KNOWLEDGE } from './check-context.ts';
export type { Author } from './overlay.ts';

/** Path in the folder (`batches.yaml`, `cities/440100.yaml`) → what the file holds. */
export type PolicyFiles = ReadonlyMap<string, string | Uint8Array>;

export interface LoadedPolicy {
  /** undefined where any problem is an error. */
  readonly bundle?: PolicyBundle;
  /**
   * The same where there are errors, but none that keeps rules from being read: for a check that
   * says everything in one pass, and for nothing else.
   */
  readonly draft?: PolicyBundle;
  /** Of all files, by file, line and column; warnings among them. */
  readonly problems: readonly Problem[];
}

/** 22 cities, the base and as many examples as anybody reads. */
const FILES_MAX_COUNT = 500;
const BASE_NAMES = BASE_DOCUMENTS.map(kind => `${kind}.yaml`);
const CITY_FILE = /^cities\/([0-9A-Za-z-]{1,32})\.yaml$/;
const TEST_FILE = /^tests\/[^/]+\.yaml$/;

/**
 * Reads and checks a whole policy folder, every problem of every file in one pass. Never throws,
 * whatever the files hold.
 *
 * @param knowledge codes and subjects that ids are held against, where they are known
 * @param author who wrote the overlays: a folder is the province's, unless said otherwise
 */
export function loadPolicy(
  files: PolicyFiles,
  knowledge: Partial<Knowledge> = {},
  author: Author = 'province',
): LoadedPolicy {
  const known = { ...NO_KNOWLEDGE, ...knowledge };
  const read = readFiles(files);
  const problems = [...read.problems];
  const documents = documentsOf(read.base, withoutNulls);
  // A document that can't be read would make every reference to it a second fault.
  const unread = BASE_DOCUMENTS.filter(
    kind =>
      documents[kind] === undefined && (read.base.has(kind) || REQUIRED_DOCUMENTS.includes(kind)),
  );
  const faults = baseFaults(documents, read.base, known, unread);
  problems.push(...placeBase(faults, read.base));
  const attributes = attributesOf(documents['policy']);
  for (const test of read.tests) problems.push(...testProblems(test, attributes, unread));
  const base: OverlayBase = {
    documents,
    citiesMaySet: citiesMaySetOf(documents),
    unread,
    faultKeys: new Set(faults.map(faultKey)),
  };
  for (const [city, document] of read.cities) {
    if (document.value === undefined) continue;
    const found = overlayFaults(base, city, document.value, known, author);
    problems.push(...placeFaults(document, found));
  }
  const sorted = sortProblems(problems);
  const errors = sorted.filter(problem => problem.severity === 'error');
  if (errors.length > 0) {
    const readable = errors.every(({ code }) => LEAVES_RULES_READABLE.has(code));
    return readable ? { draft: bundleOf(read), problems: sorted } : { problems: sorted };
  }
  return { bundle: bundleOf(read), problems: sorted };
}

/** Names that nothing knows, and values that do not go together: rules mean what they say. */
const LEAVES_RULES_READABLE: ReadonlySet<string> = new Set([
  ...['unknown-basis', 'unknown-batch', 'unknown-phase', 'unknown-feature', 'unknown-subject'],
  ...['unknown-school', 'unknown-region', 'unknown-job', 'unknown-path', 'unknown-document'],
  ...['reserved-code', 'too-many-codes', 'window-order', 'empty-validity', 'bands-not-falling'],
  ...['bad-ratio', 'gap-in-lottery', 'school-selection', 'school-line-below-region'],
  ...['overlay-other-city', 'not-city-settable', 'own-system-by-province', 'bad-city-file'],
  ...['own-system-delegated', 'bad-number-pattern', 'bad-cron', 'job-cycle'],
]);

interface ReadFiles {
  readonly base: ReadonlyMap<string, ReadDocument>;
  readonly cities: ReadonlyMap<string, ReadDocument>;
  readonly tests: readonly ReadDocument[];
  readonly problems: readonly Problem[];
}

function readFiles(files: PolicyFiles): ReadFiles {
  const base = new Map<string, ReadDocument>();
  const cities = new Map<string, ReadDocument>();
  const tests: ReadDocument[] = [];
  const problems: Problem[] = [];
  const paths = [...files.keys()].filter(path => /\.ya?ml$/i.test(path)).sort();
  if (paths.length > FILES_MAX_COUNT) {
    problems.push(fileProblem('too-many-files', paths[0], { limit: FILES_MAX_COUNT }));
  }
  for (const path of paths.slice(0, FILES_MAX_COUNT)) {
    const city = CITY_FILE.exec(path)?.[1];
    const kind = BASE_NAMES.includes(path) ? path.replace(/\.yaml$/, '') : undefined;
    if (city === undefined && kind === undefined && !TEST_FILE.test(path)) {
      problems.push(unknownFile(path));
      continue;
    }
    const document = readDocument(path, files.get(path) as string | Uint8Array);
    const empty = city !== undefined && document.problems.every(isEmptyDocument);
    if (!empty) problems.push(...document.problems);
    if (kind !== undefined) base.set(kind, document);
    else if (city === undefined) tests.push(document);
    else cities.set(city, empty ? { ...document, value: document.value ?? {} } : document);
  }
  for (const kind of REQUIRED_DOCUMENTS) {
    const name = `${kind}.yaml`;
    if (!base.has(kind)) problems.push(fileProblem('missing-document', name, { name }));
  }
  return { base, cities, tests, problems };
}

/** A city that has written nothing yet has set nothing. */
function isEmptyDocument(problem: Problem): boolean {
  return problem.code === 'empty-document';
}

function unknownFile(path: string): Problem {
  if (path.startsWith('cities/')) return fileProblem('bad-city-file', path);
  const nearest = nearestName(path, BASE_NAMES);
  const problem = fileProblem('unknown-document', path);
  if (nearest === undefined) return problem;
  return { ...problem, nearest, message: `${problem.message}；是否应为「${nearest}」？` };
}

function documentsOf(read: ReadonlyMap<string, ReadDocument>, map: (value: Json) => Json) {
  const documents: Record<string, Json> = {};
  for (const [kind, { value }] of read) {
    if (value !== undefined && isObject(value)) documents[kind] = map(value);
  }
  return documents as Documents;
}

function baseFaults(
  documents: Documents,
  read: ReadonlyMap<string, ReadDocument>,
  knowledge: Knowledge,
  unread: readonly string[],
): Fault[] {
  const faults: Fault[] = [];
  for (const [kind, { value }] of read) {
    if (value === undefined) continue;
    faults.push(...schemaFaults(kind as DocumentKind, kind, withoutNulls(value)));
  }
  checkDuplicates(documents, (document, path, name) => {
    faults.push({ code: 'duplicate-id', document, path, at: 'value', detail: { name } });
  });
  const found = meaningFaults(documents, knowledge, null);
  faults.push(...found.filter(fault => !followsFrom(fault, unread)));
  return faults;
}

function placeBase(faults: readonly Fault[], read: ReadonlyMap<string, ReadDocument>): Problem[] {
  return [...read].flatMap(([kind, document]) => {
    const own = faults.filter(fault => fault.document === kind);
    return placeFaults(
      document,
      own.map(fault => ({ fault, path: fault.path })),
    );
  });
}

function testProblems(
  test: ReadDocument,
  attributes: readonly Attribute[],
  unread: readonly string[],
): Problem[] {
  if (test.value === undefined) return [];
  const meaning = exampleFaults(test.path, test.value, attributes);
  const faults = [
    ...schemaFaults('tests', test.path, test.value),
    ...meaning.filter(fault => !followsFrom(fault, unread)),
  ];
  return placeFaults(
    test,
    faults.map(fault => ({ fault, path: fault.path })),
  );
}

function citiesMaySetOf(documents: Documents): string[] {
  return listOf(documents['policy'], 'city-may-set').filter(each => typeof each === 'string');
}

function sortProblems(problems: readonly Problem[]): Problem[] {
  const distinct = new Map(
    problems.map(each => [`${each.file}:${each.line}:${each.column}:${each.message}`, each]),
  );
  return [...distinct.values()].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

function bundleOf(read: ReadFiles): PolicyBundle {
  const values: Record<string, Json> = {};
  const texts: Record<string, string> = {};
  for (const document of [...read.base.values(), ...read.tests]) {
    values[document.path] = document.value as Json;
    texts[document.path] = document.text;
  }
  const content = canonicalJson(values);
  const overlays = new Map<string, PolicyOverlay>();
  for (const [city, document] of read.cities) {
    const canonical = canonicalJson(document.value as Json);
    overlays.set(city, {
      city,
      hash: sha256(canonical),
      content: canonical,
      document: document.text,
    });
  }
  // What was read for the check need not be read again for the policy in effect.
  PARSED.set(texts, { documents: documentsOf(read.base, withoutNulls), policies: new Map() });
  const policy = read.base.get('policy')?.value as Json;
  const all = [...Object.values(values), ...[...read.cities.values()].map(each => each.value)];
  return {
    id: textOf(policy, 'id') as string,
    title: textOf(policy, 'title') as string,
    season: (policy as { season: number }).season,
    base: { hash: sha256(content), content, documents: Object.freeze(texts) },
    overlays,
    usesSampleBasis: all.some(value => saysSample(value as Json)),
  };
}

/** The policy in effect for a city, or for the province (null). */
export function effectivePolicy(bundle: PolicyBundle, city: string | null): FullPolicy {
  const overlay = city === null ? undefined : bundle.overlays.get(city);
  return policyFromStored(bundle.base.documents, overlay?.document ?? null);
}

/** What a run in this city names; for a city without an overlay, the hash of `{}`. */
export function versionOf(bundle: PolicyBundle, city: string | null): PolicyVersion {
  const overlay = city === null ? undefined : bundle.overlays.get(city);
  return { baseHash: bundle.base.hash, overlayHash: overlay?.hash ?? EMPTY_OVERLAY_HASH };
}

/** The hash of a city that has set nothing. */
export function emptyOverlayHash(): string {
  return EMPTY_OVERLAY_HASH;
}

interface ParsedBase {
  readonly documents: Documents;
  /** By the text of the overlay; null: none. */
  readonly policies: Map<string | null, FullPolicy>;
}

/** Parsed once per object that holds the texts: a night asks for 22 cities of one base. */
const PARSED = new WeakMap<object, ParsedBase>();
/** Policies kept of one base: those of all cities, and of some settings since superseded. */
const POLICIES_KEPT = 64;

/**
 * The policy from what the database stores. It was checked when it was adopted and is not checked
 * again, so that a run of the past can be done again after the checks have grown. The same texts
 * give the same policy, which is immutable: each is built once.
 *
 * @param baseDocuments path → YAML, as `policy_bases.documents`
 * @param overlayText YAML, as `policy_overlays.document`; null: the city has none
 * @throws stored-policy-unreadable
 */
export function policyFromStored(
  baseDocuments: Readonly<Record<string, string>>,
  overlayText: string | null,
): FullPolicy {
  const { documents, policies } = parsedBase(baseDocuments);
  const known = policies.get(overlayText);
  if (known !== undefined) return known;
  const policy = policyOf(documents, overlayText);
  if (policies.size >= POLICIES_KEPT) policies.delete(policies.keys().next().value as string);
  policies.set(overlayText, policy);
  return policy;
}

function parsedBase(baseDocuments: Readonly<Record<string, string>>): ParsedBase {
  const known = PARSED.get(baseDocuments);
  if (known !== undefined) return known;
  const documents = Object.fromEntries(
    Object.entries(baseDocuments)
      .filter(([path]) => BASE_NAMES.includes(path))
      .map(([path, text]) => [path.replace(/\.yaml$/, ''), withoutNulls(stored(path, text))]),
  ) as Documents;
  const parsed: ParsedBase = { documents, policies: new Map() };
  PARSED.set(baseDocuments, parsed);
  return parsed;
}

function policyOf(documents: Documents, overlayText: string | null): FullPolicy {
  if (overlayText === null) return buildPolicy(documents, null);
  const overlay = stored('cities/', overlayText);
  const merged = mergeOverlay(documents, overlay).documents;
  return buildPolicy(withoutNulls(merged as Json) as Documents, overlay);
}

function stored(path: string, text: string): Json {
  const document = readDocument(path, text);
  if (document.value !== undefined) return document.value;
  const [problem] = document.problems;
  if (problem !== undefined && isEmptyDocument(problem)) return {};
  throw fail('stored-policy-unreadable', { file: path, what: problem?.message ?? '' });
}
