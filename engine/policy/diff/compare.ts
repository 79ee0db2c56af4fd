/**
 * What differs between two policies 政策比较: not their texts, but their values, dates, orders,
 * modes and rules, each with the article that it rests on. Pure.
 */
import { canonicalJson } from '../canonical.ts';
import { readDocument } from '../document.ts';
import { DOCUMENT_TITLES, type Titles, wordsContext } from '../handbook/words.ts';
import { isList, isObject, type Json, own, textOf, withoutNulls } from '../json.ts';
import { policyFromStored } from '../load.ts';
import { BASE_DOCUMENTS } from '../schemas.ts';
import { entriesByName, movedNames, namingOf } from './entries.ts';
import { changeWords, entryTitle, isConditionKey, keyTitle, type Side } from './words.ts';

/** A bundle, or what the database stores of an adopted version: both fit. */
export interface ComparedPolicy {
  readonly base: {
    /** SHA-256, hex. */
    readonly hash: string;
    /** Path → YAML. */
    readonly documents: Readonly<Record<string, string>>;
  };
  /** By city code. */
  readonly overlays: ReadonlyMap<string, { readonly document: string }>;
}

export type ChangeKind = 'added' | 'dropped' | 'changed' | 'moved';

export interface PolicyChange {
  readonly kind: ChangeKind;
  /** Path in the folder: `batches.yaml`, `cities/440100.yaml`. */
  readonly file: string;
  /** Entries by what names them: `batches.batches[vocational].dispatch.ratio`. */
  readonly path: string;
  /** Each scalar that differs, by its path: several of one condition, list or entry. */
  readonly scalars: readonly string[];
  /** Chinese, from the outside in: 批次, 中等职业学校批. */
  readonly subject: readonly string[];
  /** Chinese title of what changed: 投档比例; of a whole entry, what it is: 批次. */
  readonly item: string;
  /** As the nearest entry says, of the later policy where it has one; empty: none. */
  readonly basis: string;
  /** In words; null: not there. Of a moved entry its place. */
  readonly before: string | null;
  readonly after: string | null;
  /** As written; null: not there. */
  readonly values: { readonly before: Json; readonly after: Json };
}

export interface PolicyIdentity {
  readonly id: string;
  readonly title: string;
  readonly season: number;
  readonly hash: string;
}

export interface PolicyDiff {
  readonly before: PolicyIdentity;
  readonly after: PolicyIdentity;
  /** Legal bases of both, the later policy's first: titles of what `basis` begins with. */
  readonly bases: readonly { readonly id: string; readonly title: string }[];
  /** In the order of the documents, cities last. */
  readonly changes: readonly PolicyChange[];
}

const NO_TITLES: Titles = { functions: new Map(), regions: new Map() };

/** @param titles of functions and regions, where they are known */
export function comparePolicies(
  before: ComparedPolicy,
  after: ComparedPolicy,
  titles: Titles = NO_TITLES,
): PolicyDiff {
  const sides = [sideOf(before, null, titles), sideOf(after, null, titles)] as const;
  const changes: PolicyChange[] = [];
  for (const file of filesOf(before, after)) {
    // The same text says the same: most files of a year's folder are not read at all.
    if (before.base.documents[file] === after.base.documents[file]) continue;
    const document = file.startsWith('tests/') ? 'tests' : file.replace(/\.yaml$/, '');
    const compared = new Comparison(file, ...sides, changes);
    const [was, is] = [before, after].map(({ base }) => valueIn(base.documents[file], file));
    compared.keys(withoutNulls(was ?? {}), withoutNulls(is ?? {}), startOf(document));
  }
  const cities = new Set([...before.overlays.keys(), ...after.overlays.keys()]);
  for (const city of [...cities].sort()) {
    const file = `cities/${city}.yaml`;
    const texts = [before, after].map(each => each.overlays.get(city)?.document);
    if (texts[0] === texts[1]) continue;
    const name = `${titles.regions.get(city) ?? '地市'} ${city}`;
    const own = [sideOf(before, city, titles), sideOf(after, city, titles)] as const;
    const compared = new Comparison(file, ...own, changes);
    const [was, is] = texts.map(text => valueIn(text, file));
    compared.overlay(was ?? {}, is ?? {}, name);
  }
  return {
    before: identityOf(before),
    after: identityOf(after),
    bases: basesOf(sides[1], sides[0]),
    changes,
  };
}

function identityOf({ base }: ComparedPolicy): PolicyIdentity {
  const { id, title, season } = policyFromStored(base.documents, null);
  return { id, title, season, hash: base.hash };
}

function basesOf(...sides: readonly Side[]): { id: string; title: string }[] {
  const bases = new Map<string, string>();
  for (const { policy } of sides) {
    for (const { id, title } of policy.bases) if (!bases.has(id)) bases.set(id, title);
  }
  return [...bases].map(([id, title]) => ({ id, title }));
}

function sideOf(compared: ComparedPolicy, city: string | null, titles: Titles): Side {
  const overlay = city === null ? undefined : compared.overlays.get(city);
  const policy = policyFromStored(compared.base.documents, overlay?.document ?? null);
  return { policy, titles, context: wordsContext(policy, titles) };
}

function filesOf(before: ComparedPolicy, after: ComparedPolicy): string[] {
  const order = BASE_DOCUMENTS.map(kind => `${kind}.yaml`);
  const all = [before, after].flatMap(({ base }) => Object.keys(base.documents));
  const tests = [...new Set(all)].filter(path => path.startsWith('tests/')).sort();
  return [...order, ...tests];
}

/** undefined: there is none; an empty file has set nothing. */
function valueIn(text: string | undefined, path: string): Json | undefined {
  return text === undefined ? undefined : readDocument(path, text).value;
}

const DATE_KEYS: ReadonlySet<string> = new Set(['window', 'date']);

/** Where the comparison stands. */
interface Place {
  readonly path: string;
  /** From the document on, without the names of entries. */
  readonly keys: readonly string[];
  readonly subject: readonly string[];
  readonly basis: string;
}

function startOf(document: string): Place {
  const title = DOCUMENT_TITLES[document] ?? document;
  return { path: document, keys: [document], subject: [title], basis: '' };
}

class Comparison {
  readonly #file: string;
  readonly #was: Side;
  readonly #is: Side;
  readonly #changes: PolicyChange[];

  constructor(file: string, was: Side, is: Side, changes: PolicyChange[]) {
    this.#file = file;
    this.#was = was;
    this.#is = is;
    this.#changes = changes;
  }

  /** An overlay holds the keys of several documents. */
  overlay(was: Json, is: Json, name: string): void {
    for (const document of keysOf(was, is)) {
      const start = startOf(document);
      const place = { ...start, subject: [name, ...start.subject] };
      this.#value(at(was, document), at(is, document), place);
    }
  }

  /** Key by key, in the later one's order. */
  keys(was: Json, is: Json, place: Place): void {
    const basis = textOf(is, 'basis') ?? textOf(was, 'basis') ?? place.basis;
    for (const key of keysOf(was, is)) {
      const below: Place = {
        ...place,
        path: `${place.path}.${key}`,
        keys: [...place.keys, key],
        basis,
      };
      const naming = namingOf(place.keys.join('.'), key);
      const [before, after] = [at(was, key), at(is, key)];
      if (naming !== null && listed(before) && listed(after)) {
        this.#entries(before, after, naming, below);
      } else this.#value(before, after, below);
    }
  }

  #value(was: Json | undefined, is: Json | undefined, place: Place): void {
    if (same(was, is)) return;
    const settings = isObject(was) && isObject(is) && !isConditionKey(place.keys);
    if (settings) this.keys(was, is, place);
    else if (isObject(was ?? is) && place.keys.length === 1) this.keys(was ?? {}, is ?? {}, place);
    else this.#report(was, is, place);
  }

  #report(before: Json | undefined, after: Json | undefined, place: Place): void {
    // An empty date is a decision, 未定; other keys are there or not.
    const empty = DATE_KEYS.has(place.keys.at(-1) ?? '') ? null : undefined;
    const [was, is] = [before, after].map(each => (each === undefined ? empty : each));
    this.#changes.push({
      kind: was === undefined ? 'added' : is === undefined ? 'dropped' : 'changed',
      file: this.#file,
      path: place.path,
      scalars: [...new Set(differing(was, is, place.path))],
      subject: place.subject,
      item: keyTitle(place.keys, is === undefined ? this.#was : this.#is),
      basis: place.basis,
      ...changeWords([was, this.#was], [is, this.#is], place.keys),
      values: { before: was ?? null, after: is ?? null },
    });
  }

  #entries(
    was: Json | undefined,
    is: Json | undefined,
    naming: readonly string[],
    place: Place,
  ): void {
    const before = entriesByName(was, naming);
    const after = entriesByName(is, naming);
    for (const [name, entry] of after) {
      const own = this.#entryPlace(entry, name, place, this.#is);
      const former = before.get(name);
      if (former === undefined) this.#report(undefined, entry, own);
      else if (isObject(former) && isObject(entry)) this.keys(former, entry, own);
      else this.#value(former, entry, own);
    }
    for (const [name, entry] of before) {
      if (after.has(name)) continue;
      this.#report(entry, undefined, this.#entryPlace(entry, name, place, this.#was));
    }
    this.#moves(before, after, place);
  }

  #moves(before: Map<string, Json>, after: Map<string, Json>, place: Place): void {
    const [names, laterNames] = [[...before.keys()], [...after.keys()]];
    for (const name of movedNames(names, laterNames)) {
      const own = this.#entryPlace(after.get(name) as Json, name, place, this.#is);
      const from = names.indexOf(name) + 1;
      const to = laterNames.indexOf(name) + 1;
      this.#changes.push({
        kind: 'moved',
        file: this.#file,
        path: own.path,
        scalars: [],
        subject: own.subject,
        item: '次序',
        basis: own.basis,
        before: `第 ${from} 项`,
        after: `第 ${to} 项`,
        values: { before: from, after: to },
      });
    }
  }

  #entryPlace(entry: Json, name: string, place: Place, side: Side): Place {
    const key = place.keys.at(-1) ?? '';
    return {
      path: `${place.path}[${name}]`,
      keys: place.keys,
      subject: [...place.subject, entryTitle(entry, name, key, side)],
      basis: textOf(entry, 'basis') ?? place.basis,
    };
  }
}

function at(value: Json, key: string): Json | undefined {
  return isObject(value) ? own(value, key) : undefined;
}

function listed(value: Json | undefined): boolean {
  return value === undefined || isList(value);
}

function keysOf(was: Json, is: Json): string[] {
  const [before, after] = [was, is].map(each => (isObject(each) ? Object.keys(each) : []));
  return [...new Set([...(after ?? []), ...(before ?? [])])];
}

function same(was: Json | undefined, is: Json | undefined): boolean {
  if (was === undefined || is === undefined) return was === is;
  return canonicalJson(was) === canonicalJson(is);
}

/** The paths of the scalars in which two values differ. */
function differing(was: Json | undefined, is: Json | undefined, path: string): string[] {
  if (same(was, is)) return [];
  if (isPlainList(was) && isPlainList(is)) return listDiffering(was, is, path);
  const [one, other] = [was, is].map(partsOf);
  if (one === undefined && other === undefined) return [path];
  const mixed =
    (was !== undefined && one === undefined) || (is !== undefined && other === undefined);
  if (mixed) return [path];
  const parts = new Set([...(other?.keys() ?? []), ...(one?.keys() ?? [])]);
  if (parts.size === 0) return [path];
  return [...parts].flatMap(part => differing(one?.get(part), other?.get(part), `${path}${part}`));
}

/** The parts of a map or list by what is added to its path; undefined: a scalar, or nothing. */
function partsOf(value: Json | undefined): Map<string, Json> | undefined {
  if (isList(value)) return new Map(value.map((each, at) => [`[${at}]`, each]));
  if (!isObject(value)) return undefined;
  return new Map(Object.entries(value).map(([key, each]) => [`.${key}`, each]));
}

function isPlainList(value: Json | undefined): value is readonly Json[] {
  return isList(value) && value.every(each => !isObject(each) && !isList(each));
}

/** One value put into a list is one difference, not all that follow. */
function listDiffering(was: readonly Json[], is: readonly Json[], path: string): string[] {
  const [lost, gained] = [missingFrom(was, is), missingFrom(is, was)];
  if (lost.length + gained.length > 0) return [...lost, ...gained].map(at => `${path}[${at}]`);
  return is.flatMap((each, at) => (same(each, was[at]) ? [] : [`${path}[${at}]`]));
}

/** Indexes of what the other list does not hold as often. */
function missingFrom(list: readonly Json[], other: readonly Json[]): number[] {
  const rest = other.map(each => canonicalJson(each));
  return list.flatMap((each, at) => {
    const found = rest.indexOf(canonicalJson(each));
    if (found === -1) return [at];
    rest.splice(found, 1);
    return [];
  });
}
