/**
 * Single values of a policy set for a trial: the YAML with the values changed, everything else as
 * it was written. What comes out is an ordinary policy and is checked like one (loadPolicy).
 */
import { type Document, parse, parseDocument } from 'yaml';
import type { Json } from '../policy/json.ts';
import { fail } from './errors.ts';
import {
  entryKeys,
  type Located,
  locate,
  type PathStep,
  parsePath,
  unknownStep,
  type ValuePath,
} from './value-path.ts';

/** Steps of a sweep; each is a dispatch of everything that is tried. */
export const SWEEP_STEPS_MAX = 60;

/** Path in the folder → YAML. */
export type PolicyTexts = ReadonlyMap<string, string>;

export interface Setting {
  readonly path: ValuePath;
  /** As written. */
  readonly value: string;
}

export interface Changed {
  readonly files: PolicyTexts;
  /** One per file and setting: where it stands, and the value before (YAML) and after. */
  readonly changes: readonly SettingChange[];
}

export interface SettingChange {
  readonly file: string;
  readonly path: string;
  /** undefined: nothing was set there. */
  readonly before: Json | undefined;
  readonly after: Json;
  /** Cities whose own setting stands above this one, so that nothing changes for them. */
  readonly keptBy: readonly string[];
}

/** `PATH=VALUE`. @throws CodedError path-syntax, path-unknown */
export function parseSetting(text: string): Setting {
  const at = text.indexOf('=');
  if (at <= 0) throw fail('path-syntax', { path: text, reason: '没有“=值”' });
  return { path: parsePath(text.slice(0, at).trim()), value: text.slice(at + 1).trim() };
}

/** A value that is tried step by step. */
export interface Sweep {
  readonly path: ValuePath;
  /** As they would be written. */
  readonly values: readonly string[];
}

/**
 * `PATH=280..340:5`, or `PATH=follow,reject-all`.
 *
 * @throws CodedError path-syntax, path-unknown, sweep-syntax, sweep-too-long
 */
export function parseSweep(text: string): Sweep {
  const { path, value } = parseSetting(text);
  const range = /^(-?[\d.]+)\.\.(-?[\d.]+?)(?::([\d.]+))?$/.exec(value);
  const values =
    range === null
      ? value.split(',').map(each => each.trim())
      : rangeOf(value, range.slice(1).map(each => each ?? '1') as [string, string, string]);
  if (values.length < 2 || values.includes('')) {
    throw fail('sweep-syntax', { text: value, reason: '至少要有两个值' });
  }
  requireSteps(value, values.length);
  return { path, values };
}

/** Exactly, in the smallest decimal place that any of the three is written with. */
function rangeOf(text: string, written: readonly [string, string, string]): string[] {
  if (!written.every(each => /^-?\d{1,9}(\.\d{1,4})?$/.test(each))) {
    throw fail('sweep-syntax', { text, reason: '不是数' });
  }
  const places = Math.max(...written.map(each => each.split('.')[1]?.length ?? 0));
  const scale = 10 ** places;
  const [from, to, step] = written.map(each => Math.round(Number(each) * scale)) as [
    number,
    number,
    number,
  ];
  if (step <= 0 || to < from)
    throw fail('sweep-syntax', { text, reason: '步长应大于 0，止不小于起' });
  const count = Math.floor((to - from) / step) + 1;
  requireSteps(text, count);
  return Array.from({ length: count }, (_, at) => ((from + at * step) / scale).toFixed(places));
}

function requireSteps(text: string, count: number): void {
  if (count > SWEEP_STEPS_MAX) {
    throw fail('sweep-too-long', { text, count, limit: SWEEP_STEPS_MAX });
  }
}

/**
 * Sets values one after the other.
 *
 * @param files of a policy without errors
 * @throws CodedError path-unknown, path-syntax: the value is no YAML
 */
export function applySettings(files: PolicyTexts, settings: readonly Setting[]): Changed {
  let now = files;
  const changes: SettingChange[] = [];
  for (const setting of settings) {
    const changed = applySetting(now, setting);
    now = changed.files;
    changes.push(...changed.changes);
  }
  return { files: now, changes };
}

function applySetting(files: PolicyTexts, setting: Setting): Changed {
  const places = placesOf(files, setting.path);
  const next = new Map(files);
  const keptBy =
    setting.path.city === null && places.every(place => place.city === null)
      ? citiesWith(files, setting.path)
      : [];
  const changes = places.map(place => {
    const { document, located } = place;
    const before = located.missing === null ? located.value : undefined;
    const after = readValue(setting, place.known ?? before);
    document.setIn([...place.root, ...complete(document, place, setting.path)], after);
    next.set(place.file, document.toString({ lineWidth: 0 }));
    return { file: place.file, path: setting.path.text, before, after, keptBy };
  });
  return { files: next, changes };
}

/** A document in which the value is to be set. */
interface Place {
  readonly file: string;
  readonly city: string | null;
  readonly document: Document;
  /** What stands before the path in this file. */
  readonly root: readonly string[];
  readonly located: Located;
  /** The value that the province has, where the city's own is only made now. */
  readonly known?: Json;
}

function placesOf(files: PolicyTexts, path: ValuePath): readonly Place[] {
  const base = placeIn(files, path, `${path.document}.yaml`, null);
  if (path.city !== null) return [placeOfCity(files, path, path.city, base)];
  if (base?.located.missing === null) return [base];
  const own = cityFiles(files)
    .map(([file, city]) => placeIn(files, path, file, city))
    .filter(place => place?.located.missing === null) as Place[];
  if (own.length > 0) return own;
  if (base !== null && isAddable(base.located, path)) return [base];
  throw unknownStep(path, farthest(files, path, base));
}

/** A value may be added under an object that is there; the check says whether it may stand so. */
function isAddable({ missing }: Located, path: ValuePath): boolean {
  return missing === path.steps.length - 1 && typeof path.steps[missing] === 'string';
}

function placeOfCity(files: PolicyTexts, path: ValuePath, city: string, base: Place | null): Place {
  const file = `cities/${city}.yaml`;
  const place = placeIn(new Map([[file, '{}\n'], ...files]), path, file, city) as Place;
  if (place.located.missing === null) return place;
  if (base?.located.missing === null) return { ...place, known: base.located.value };
  if (base !== null && isAddable(base.located, path)) return place;
  throw unknownStep(path, farthest(files, path, base));
}

function placeIn(
  files: PolicyTexts,
  path: ValuePath,
  file: string,
  city: string | null,
): Place | null {
  const text = files.get(file);
  if (text === undefined) return null;
  const document = parseDocument(text, { version: '1.2', schema: 'core', stringKeys: true });
  const root = city === null ? [] : [path.document];
  const whole = (document.toJS() ?? {}) as Json;
  const value = city === null ? whole : ((whole as Record<string, Json>)[path.document] ?? {});
  return { file, city, document: document as Document, root, located: locate(path, value) };
}

function cityFiles(files: PolicyTexts): [file: string, city: string][] {
  return [...files.keys()].flatMap(file => {
    const city = /^cities\/(.+)\.yaml$/.exec(file)?.[1];
    return city === undefined ? [] : [[file, city] as [string, string]];
  });
}

function citiesWith(files: PolicyTexts, path: ValuePath): string[] {
  return cityFiles(files)
    .filter(([file, city]) => placeIn(files, path, file, city)?.located.missing === null)
    .map(([, city]) => city);
}

/** The document that follows the path farthest: its names are those that were meant. */
function farthest(files: PolicyTexts, path: ValuePath, base: Place | null): Located {
  const places = cityFiles(files).map(([file, city]) => placeIn(files, path, file, city));
  const all = [base, ...places].filter(place => place !== null) as Place[];
  const known = all.filter(place => place.located.known.length > 0);
  const deepest = Math.max(...known.map(place => place.located.missing ?? 0), 0);
  const there = known.filter(place => place.located.missing === deepest);
  const names = [...new Set(there.flatMap(place => place.located.known))];
  return { path: [], missing: deepest, known: names, value: null };
}

/** Makes what is missing on the way, entries of lists with what names them; gives the path. */
function complete(document: Document, { root, located }: Place, path: ValuePath) {
  const { missing } = located;
  const steps: (string | number)[] = [...located.path];
  if (missing === null) return steps;
  for (let at = missing; at < path.steps.length; at += 1) {
    const step = path.steps[at] as PathStep;
    if (typeof step === 'string') {
      steps.push(step);
      continue;
    }
    const list = document.getIn([...root, ...steps]) as { items?: unknown[] } | undefined;
    if (list?.items === undefined) document.setIn([...root, ...steps], document.createNode([]));
    const keys = entryKeys(path, at);
    const entry = Object.fromEntries(keys.map((key, part) => [key, step.entry[part] ?? '']));
    document.addIn([...root, ...steps], document.createNode(entry));
    steps.push(list?.items?.length === undefined ? 0 : list.items.length - 1);
  }
  return steps;
}

/**
 * The value as YAML reads it; where text stands now – a ratio, a code – a number stays text.
 *
 * @throws CodedError path-syntax
 */
function readValue({ path, value }: Setting, before: Json | undefined): Json {
  let read: Json;
  try {
    read = parse(value, { version: '1.2', schema: 'core', stringKeys: true }) as Json;
  } catch (cause) {
    throw fail('path-syntax', { path: path.text, reason: `值“${value}”不是 YAML` }, { cause });
  }
  return typeof before === 'string' && typeof read !== 'string' && read !== null ? value : read;
}
