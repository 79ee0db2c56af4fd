/**
 * The path of one value of a policy, as a person writes it for a trial:
 *
 *     score-lines.regions[440100,vocational].line
 *     batches.batches[vocational].dispatch.ties.ending
 *     cities/440100:batches.batches[vocational].dispatch.ratio
 *
 * First the document, then keys; an entry of a list by what names it – its id, for lines region and
 * batch (school, region and batch), as overlays merge them – or by its position from 0. A path
 * means the province's document; a value that stands only in settings of cities is meant there.
 * `cities/CODE:` means that city's settings, to which the value is added where it has none.
 */
import { isList, isObject, type Json, own } from '../policy/json.ts';
import { ENTRY_KEYS, identityOf } from '../policy/merge.ts';
import { nearestName } from '../policy/nearest.ts';
import { BASE_DOCUMENTS } from '../policy/schemas.ts';
import { fail } from './errors.ts';

/** A key, or an entry of a list by what names it. */
export type PathStep = string | { readonly entry: readonly string[] };

export interface ValuePath {
  /** As written. */
  readonly text: string;
  /** null: the province's. */
  readonly city: string | null;
  readonly document: string;
  readonly steps: readonly PathStep[];
}

/** Names of a list that are shown where one is unknown. */
const KNOWN_SHOWN_MAX = 12;
const CITY = /^cities\/([0-9A-Za-z-]{1,32}):/;
const STEP = /\.([^.[\]]+)|\[([^[\]]+)\]/y;

/** @throws CodedError path-syntax, path-unknown: there is no such document */
export function parsePath(text: string): ValuePath {
  const city = CITY.exec(text);
  const rest = text.slice(city?.[0].length ?? 0);
  const document = /^[^.[\]]*/.exec(rest)?.[0] ?? '';
  if (document === '') throw fail('path-syntax', { path: text, reason: '没有写明文件' });
  const steps: PathStep[] = [];
  STEP.lastIndex = document.length;
  while (STEP.lastIndex < rest.length) {
    const at = STEP.lastIndex;
    const found = STEP.exec(rest);
    if (found === null) {
      throw fail('path-syntax', { path: text, reason: `看不懂“${rest.slice(at)}”` });
    }
    const [, key, entry] = found;
    steps.push(key ?? { entry: (entry as string).split(',').map(part => part.trim()) });
  }
  if (steps.length === 0) throw fail('path-syntax', { path: text, reason: '没有写明键' });
  const known = city === null ? [...BASE_DOCUMENTS] : Object.keys(ENTRY_KEYS);
  if (!known.includes(document)) throw unknown(text, '', document, known);
  return { text, city: city?.[1] ?? null, document, steps };
}

/** Where a path leads in one document. */
export interface Located {
  /** As far as it exists; the whole path where `missing` is null. */
  readonly path: readonly (string | number)[];
  /** The first step that does not exist, by its number; null: the value is there. */
  readonly missing: number | null;
  /** Names that could have stood there. */
  readonly known: readonly string[];
  /** What the path has led to. */
  readonly value: Json;
}

/** Follows a path through a document's value. */
export function locate(path: ValuePath, root: Json): Located {
  let value = root;
  const found: (string | number)[] = [];
  for (const [at, step] of path.steps.entries()) {
    const next = stepInto(value, step, path, at);
    if (next.at === null) return { path: found, missing: at, known: next.known, value };
    found.push(next.at);
    value = next.value;
  }
  return { path: found, missing: null, known: [], value };
}

interface Next {
  /** null: it is not there. */
  readonly at: string | number | null;
  readonly value: Json;
  readonly known: readonly string[];
}

function stepInto(value: Json, step: PathStep, path: ValuePath, depth: number): Next {
  if (typeof step === 'string') {
    const there = isObject(value) ? own(value, step) : undefined;
    if (there !== undefined) return { at: step, value: there, known: [] };
    return { at: null, value: null, known: isObject(value) ? Object.keys(value) : [] };
  }
  if (!isList(value)) return { at: null, value: null, known: [] };
  const named = value.map(entry => entryName(entry, path, depth));
  const wanted = step.entry.join(',');
  const byName = named.indexOf(wanted);
  const [first = ''] = step.entry;
  const byPosition = /^\d{1,4}$/.test(wanted) ? Number(first) : -1;
  const at = byName === -1 && byPosition < value.length ? byPosition : byName;
  if (at !== -1) return { at, value: value[at] as Json, known: [] };
  return { at: null, value: null, known: named.map((name, index) => name ?? String(index)) };
}

/** What names an entry, its parts joined by a comma; null: nothing does. */
function entryName(entry: Json, path: ValuePath, depth: number): string | null {
  return identityOf(entry, entryKeys(path, depth))?.replaceAll('\u0000', ',') ?? null;
}

/** The keys that name an entry of the list that this step of the path picks from. */
export function entryKeys(path: ValuePath, depth: number): readonly string[] {
  const list = path.steps[depth - 1];
  const known = depth === 1 && typeof list === 'string' ? ENTRY_KEYS[path.document]?.[list] : null;
  return known ?? ['id'];
}

/** The error of a path that leads nowhere. */
export function unknownStep(path: ValuePath, located: Located): Error {
  const at = located.missing ?? 0;
  const place = path.document + path.steps.slice(0, at).map(stepText).join('');
  const step = path.steps[at] as PathStep;
  const part = typeof step === 'string' ? step : step.entry.join(',');
  return unknown(path.text, place, part, located.known);
}

export function stepText(step: PathStep): string {
  return typeof step === 'string' ? `.${step}` : `[${step.entry.join(',')}]`;
}

function unknown(path: string, place: string, part: string, known: readonly string[]): Error {
  const nearest = nearestName(part, known);
  const shown = known.slice(0, KNOWN_SHOWN_MAX).join('、');
  const more = known.length > KNOWN_SHOWN_MAX ? `等 ${known.length} 项` : '';
  return fail('path-unknown', {
    path,
    place: place === '' ? '政策' : place,
    part,
    hint: nearest === undefined ? '' : `，是否应为「${nearest}」`,
    known: known.length === 0 ? '没有' : `${shown}${more}`,
  });
}
