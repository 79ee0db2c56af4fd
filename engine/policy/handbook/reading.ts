/**
 * A document that remembers which of its values were read. Whatever a chapter did not read is
 * found in the end and printed as it is: a handbook may be dull, but it leaves nothing out.
 */
import { isList, isObject, type Json, own, type Path } from '../json.ts';

/** A scalar that no chapter has read. */
export interface Unread {
  readonly path: Path;
  readonly value: Json;
}

export class Reading {
  readonly value: Json;
  readonly path: Path;
  readonly #taken: Set<string>;

  constructor(value: Json, path: Path = [], taken = new Set<string>()) {
    this.value = value;
    this.path = path;
    this.#taken = taken;
  }

  /** What stands under a key, or an empty reading. */
  at(key: string): Reading {
    const found = isObject(this.value) ? own(this.value, key) : undefined;
    return new Reading(found ?? null, [...this.path, key], this.#taken);
  }

  has(key: string): boolean {
    return isObject(this.value) && (own(this.value, key) ?? null) !== null;
  }

  /** The entries of a list; none where it is no list. */
  entries(): Reading[] {
    if (!isList(this.value)) return [];
    return this.value.map((each, at) => new Reading(each, [...this.path, at], this.#taken));
  }

  /** The keys of a map. */
  keys(): string[] {
    return isObject(this.value) ? Object.keys(this.value) : [];
  }

  /** The value, with all that it holds, as read. */
  take(): Json {
    for (const { path } of scalarsOf(this.value, this.path)) this.#taken.add(keyOf(path));
    return this.value;
  }

  /** A scalar as text; empty where there is none. */
  text(key: string): string {
    const value = this.at(key).take();
    return value === null || typeof value === 'object' ? '' : String(value);
  }

  /** A list of scalars as texts. */
  texts(key: string): string[] {
    const value = this.at(key).take();
    return isList(value) ? value.map(each => String(each)) : [];
  }

  /** What nobody has read yet. */
  unread(): Unread[] {
    return scalarsOf(this.value, this.path).filter(({ path }) => !this.#taken.has(keyOf(path)));
  }
}

/** Every scalar of a document with its path; null says nothing and is left out. */
export function scalarsOf(value: Json, path: Path = []): Unread[] {
  if (isList(value)) return value.flatMap((each, at) => scalarsOf(each, [...path, at]));
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, each]) => scalarsOf(each, [...path, key]));
  }
  return value === null ? [] : [{ path, value }];
}

/** As people write a place: batches[0].dispatch.ratio. */
export function pathText(path: Path): string {
  return path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('');
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}
