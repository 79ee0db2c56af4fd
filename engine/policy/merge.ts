/**
 * Base and overlay: entries merge by id (lines by school, region, batch), objects key by key;
 * scalars and other lists are replaced whole; null clears. What comes out is checked and built like
 * a base, so a city can reach nothing that the province could not write.
 */
import {
  type Documents,
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
  type Path,
} from './json.ts';

/** Lists whose entries have an identity: document → key → what names an entry. */
export const ENTRY_KEYS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  batches: { batches: ['id'], start: ['id'] },
  'score-lines': { regions: ['region', 'batch'], schools: ['school', 'region', 'batch'] },
  'special-conditions': { conditions: ['id'] },
  preferences: { features: ['id'] },
  reviews: { 'return-reasons': ['id'], rules: ['id'], schools: ['school', 'batch'] },
};

/**
 * Where something stands in an overlay: the nearest part that is there, and whether it is there
 * itself, as a value that the city gives or as an object that it adds to.
 */
export interface Origin {
  readonly path: Path;
  readonly exact: 'value' | 'object' | false;
}

export interface Merged {
  readonly documents: Documents;
  overlayPath(document: string, path: Path): Origin;
}

/** The identity of an entry as one text, or null where a part of it is not text. */
export function identityOf(entry: Json, keys: readonly string[]): string | null {
  if (!isObject(entry)) return null;
  const parts = keys.map(key => own(entry, key));
  return parts.every(part => typeof part === 'string') ? parts.join('\u0000') : null;
}

/**
 * Merges an overlay over the base's documents; parts of a wrong shape are passed over, because the
 * schema reports them.
 */
export function mergeOverlay(base: Documents, overlay: Json): Merged {
  const documents: Record<string, JsonObject> = { ...base };
  /** `document.key` → index in the merged list → index in the overlay's, or undefined. */
  const origins = new Map<string, ReadonlyMap<number, number>>();
  for (const name of Object.keys(ENTRY_KEYS)) {
    const part = isObject(overlay) ? own(overlay, name) : undefined;
    if (!isObject(part)) continue;
    documents[name] = mergeDocument(name, base[name] ?? {}, part, origins);
  }
  const overlayPath = (document: string, path: Path): Origin => {
    const [key, index, ...rest] = path;
    const list = origins.get(`${document}.${String(key)}`);
    if (list === undefined || typeof index !== 'number')
      return present(overlay, [document, ...path]);
    const origin = list.get(index);
    if (origin === undefined) return { path: [document, String(key)], exact: false };
    return present(overlay, [document, String(key), origin, ...rest]);
  };
  return { documents, overlayPath };
}

function mergeDocument(
  name: string,
  base: JsonObject,
  part: JsonObject,
  origins: Map<string, ReadonlyMap<number, number>>,
): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(part)) {
    const keys = ENTRY_KEYS[name][key];
    if (value === null) delete merged[key];
    else if (keys !== undefined && isList(value)) {
      const list = mergeEntries(own(base, key), value, keys);
      merged[key] = list.entries;
      origins.set(`${name}.${key}`, list.origins);
    } else put(merged, key, mergeValue(own(base, key), value));
  }
  return merged;
}

function mergeEntries(
  base: Json | undefined,
  over: readonly Json[],
  keys: readonly string[],
): { entries: Json[]; origins: Map<number, number> } {
  const entries: Json[] = isList(base) ? [...base] : [];
  const origins = new Map<number, number>();
  const index = new Map<string, number>();
  entries.forEach((entry, at) => {
    const identity = identityOf(entry, keys);
    if (identity !== null && !index.has(identity)) index.set(identity, at);
  });
  over.forEach((entry, from) => {
    const identity = identityOf(entry, keys);
    const at = identity === null ? undefined : index.get(identity);
    if (at === undefined) {
      origins.set(entries.length, from);
      entries.push(mergeValue(undefined, entry));
    } else {
      origins.set(at, from);
      entries[at] = mergeValue(entries[at], entry);
    }
  });
  return { entries, origins };
}

function mergeValue(base: Json | undefined, over: Json): Json {
  if (!isObject(over)) return over;
  const merged: Record<string, Json> = isObject(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(over)) {
    // A line of null is a value: no line is set.
    if (value === null && key !== 'line') delete merged[key];
    else put(merged, key, mergeValue(own(merged, key), value));
  }
  return merged;
}

/** `__proto__` is a key like any other here: reported as unknown, never followed. */
function put(target: Record<string, Json>, key: string, value: Json): void {
  Object.defineProperty(target, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** As far as the path exists in a value. */
function present(root: Json, path: Path): Origin {
  let value: Json | undefined = root;
  for (const [depth, step] of path.entries()) {
    if (isList(value) && typeof step === 'number') value = value[step];
    else value = isObject(value) ? own(value, String(step)) : undefined;
    if (value === undefined) return { path: path.slice(0, depth), exact: false };
  }
  return { path, exact: isObject(value) ? 'object' : 'value' };
}
