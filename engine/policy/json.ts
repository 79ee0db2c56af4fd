/**
 * Values as YAML and JSON give them, read without trust: a check goes on over the sound parts of a
 * document while its broken parts are reported by the schema.
 */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Where a value stands in a document: keys and 0-based indexes from the top. */
export type Path = readonly (string | number)[];

/**
 * The documents of a policy by name (`batches`, `score-lines`, …), without `cities/` and `tests/`.
 */
export type Documents = Readonly<Record<string, JsonObject>>;

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The list under a key; empty where there is none. */
export function listOf(value: Json | undefined, key: string): readonly Json[] {
  const found = isObject(value) ? own(value, key) : undefined;
  return isList(found) ? found : [];
}

/** The text under a key, or undefined where it is anything else. */
export function textOf(value: Json | undefined, key: string): string | undefined {
  const found = isObject(value) ? own(value, key) : undefined;
  return typeof found === 'string' ? found : undefined;
}

export function numberOf(value: Json | undefined, key: string): number | undefined {
  const found = isObject(value) ? own(value, key) : undefined;
  return typeof found === 'number' ? found : undefined;
}

/** A key of the object itself: never `constructor` or the like of its prototype. */
export function own(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** An entry of a list that is an object, with its path. */
export interface Entry {
  readonly value: JsonObject;
  readonly path: Path;
}

/** The objects among the entries of `document.key`. */
export function entriesOf(document: Json | undefined, key: string): Entry[] {
  return listOf(document, key).flatMap((value, index) =>
    isObject(value) ? [{ value, path: [key, index] }] : [],
  );
}

/** A copy in which no object has a key whose value is null, `line` excepted: null means not set. */
export function withoutNulls(value: Json): Json {
  if (isList(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key, each]) => each !== null || key === 'line');
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutNulls(each)]));
}
