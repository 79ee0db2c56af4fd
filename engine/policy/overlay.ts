/** Checks of what one city sets, by itself and merged over the base. */
import { meaningFaults } from './check.ts';
import type { Knowledge } from './check-context.ts';
import { checkDuplicates } from './check-identity.ts';
import type { PlacedFault } from './document.ts';
import type { Fault } from './faults.ts';
import {
  type Documents,
  entriesOf,
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
  type Path,
  textOf,
  withoutNulls,
} from './json.ts';
import { ENTRY_KEYS, type Merged, mergeOverlay } from './merge.ts';
import { schemaFaults } from './schema-faults.ts';
import { type DocumentKind, OVERLAY_KEYS } from './schemas.ts';

/** Who writes the overlay: only the province may mark a city as having its own system. */
export type Author = 'province' | 'city';

/** What is the same for all overlays of one base. */
export interface OverlayBase {
  readonly documents: Documents;
  readonly citiesMaySet: readonly string[];
  /** Documents that could not be read: what rests on them is not held against the city. */
  readonly unread: readonly string[];
  /** Of the base: what a city inherits is reported there, once. */
  readonly faultKeys: ReadonlySet<string>;
}

/** What makes two faults the same one, seen in the base and again under an overlay. */
export function faultKey({ document, code, path, detail }: Fault): string {
  return JSON.stringify([document, code, path, detail]);
}

/** What a fault would be the echo of, where that document could not be read. */
const SOURCE_OF: Readonly<Partial<Record<Fault['code'], string>>> = {
  'unknown-basis': 'policy',
  'unknown-condition': 'policy',
  'unknown-batch': 'batches',
  'unknown-phase': 'calendar',
};

/** Whether a fault only says again that another document could not be read. */
export function followsFrom(fault: Fault, unread: readonly string[]): boolean {
  const source = SOURCE_OF[fault.code];
  if (source !== undefined) return unread.includes(source);
  // Attributes are declared in policy.yaml.
  const name = String(fault.detail['name'] ?? '');
  const attribute = fault.code === 'unknown-fact' && name.startsWith('candidate.');
  return attribute && unread.includes('policy');
}

/** All faults of an overlay, each with its place in the overlay's file. */
export function overlayFaults(
  base: OverlayBase,
  city: string,
  overlay: Json,
  knowledge: Knowledge,
  author: Author,
): PlacedFault[] {
  const shape = schemaFaults('city', 'city', overlay);
  const faults = shape.map(fault => ({ fault, path: fault.path }));
  if (!isObject(overlay)) return faults;
  const settable = base.unread.includes('policy') ? [] : settableFaults(base, overlay, author);
  const alone = [...settable, ...waitFaults(base, overlay), ...identityFaults(city, overlay)];
  faults.push(...alone.map(fault => ({ fault, path: fault.path })));
  const merged = mergeOverlay(base.documents, overlay);
  const changed = Object.keys(OVERLAY_KEYS).filter(
    name => merged.documents[name] !== base.documents[name],
  );
  const documents: Documents = {
    ...merged.documents,
    ...Object.fromEntries(
      changed.map(name => [name, withoutNulls(merged.documents[name]) as JsonObject]),
    ),
  };
  const inEffect = [
    ...changed.flatMap(name => schemaFaults(name as DocumentKind, name, documents[name])),
    // What no city can change has been checked with the base.
    ...meaningFaults(documents, knowledge, city, Object.keys(OVERLAY_KEYS)),
  ];
  // A slip in an entry's own identity is found by both checks.
  const seen = new Set(faults.map(({ fault, path }) => JSON.stringify([fault.code, path])));
  for (const fault of inEffect) {
    if (base.unread.includes(fault.document) || followsFrom(fault, base.unread)) continue;
    const placed = placeInOverlay(merged, fault, base.faultKeys);
    if (placed === null || seen.has(JSON.stringify([fault.code, placed]))) continue;
    faults.push({ fault, path: placed });
  }
  return faults;
}

function placeInOverlay(merged: Merged, fault: Fault, inherited: ReadonlySet<string>): Path | null {
  const { path, exact } = merged.overlayPath(fault.document, fault.path);
  // Of an entry that the city only adds to, what is wrong in the base is the base's fault.
  if (exact !== 'value' && inherited.has(faultKey(fault))) return null;
  return path;
}

/** Only the paths under `city-may-set:`, and `own-system` only by the province. */
function settableFaults(base: OverlayBase, overlay: Json, author: Author): Fault[] {
  const faults: Fault[] = [];
  const refuse = (code: Fault['code'], path: Path, name: string) =>
    faults.push({ code, document: 'city', path, at: 'key', detail: { name } });
  const walk = (value: Json, name: string, path: Path, identity: readonly string[]): void => {
    if (base.citiesMaySet.some(each => name === each || name.startsWith(`${each}.`))) return;
    const below = base.citiesMaySet.some(each => each.startsWith(`${name}.`));
    if (!below) refuse('not-city-settable', path, name);
    else if (isList(value)) {
      value.forEach((entry, index) => {
        walkKeys(entry, name, [...path, index], identity);
      });
    } else walkKeys(value, name, path, []);
  };
  const walkKeys = (value: Json, name: string, path: Path, identity: readonly string[]): void => {
    if (!isObject(value)) return;
    for (const [key, each] of Object.entries(value)) {
      if (identity.includes(key)) continue;
      walk(each, `${name}.${key}`, [...path, key], []);
    }
  };
  for (const [document, value] of Object.entries(isObject(overlay) ? overlay : {})) {
    if (document === 'own-system') {
      if (author === 'city') refuse('own-system-by-province', [document], document);
      continue;
    }
    if (!isObject(value) || OVERLAY_KEYS[document] === undefined) continue;
    for (const [key, each] of Object.entries(value)) {
      if (!OVERLAY_KEYS[document].includes(key)) continue;
      walk(each, `${document}.${key}`, [document, key], ENTRY_KEYS[document]?.[key] ?? []);
    }
  }
  return faults;
}

/**
 * What the province leaves to officers (rules whose event is `wait`) no overlay takes from them. An
 * overlay's own rules stand behind the province's, so these are tried first.
 */
function waitFaults(base: OverlayBase, overlay: Json): Fault[] {
  const waiting = new Set(
    entriesOf(base.documents['reviews'], 'rules')
      .filter(({ value }) => textOf(own(value, 'then'), 'event') === 'wait')
      .map(({ value }) => textOf(value, 'id')),
  );
  const reviews = isObject(overlay) ? own(overlay, 'reviews') : undefined;
  return entriesOf(reviews, 'rules').flatMap(({ value, path }): Fault[] => {
    const id = textOf(value, 'id');
    if (id === undefined || !waiting.has(id)) return [];
    const at = ['reviews', ...path, 'id'];
    const detail = { name: `reviews.rules ${id}` };
    return [{ code: 'not-city-settable', document: 'city', path: at, at: 'value', detail }];
  });
}

/** Entries that come twice in the overlay, and lines of another city. */
function identityFaults(city: string, overlay: Json): Fault[] {
  const faults: Fault[] = [];
  if (!isObject(overlay)) return faults;
  const documents = Object.fromEntries(
    Object.entries(overlay).filter(([, value]) => isObject(value)),
  ) as Documents;
  checkDuplicates(documents, (document, path, name) => {
    const at = [document, ...path];
    faults.push({
      code: 'duplicate-id',
      document: 'city',
      path: at,
      at: 'value',
      detail: { name },
    });
  });
  for (const list of ['regions', 'schools']) {
    for (const { value, path } of entriesOf(own(overlay, 'score-lines'), list)) {
      const name = textOf(value, 'region');
      if (name === undefined || name === city) continue;
      faults.push({
        code: 'overlay-other-city',
        document: 'city',
        path: ['score-lines', ...path, 'region'],
        at: 'value',
        detail: { city, name },
      });
    }
  }
  return faults;
}
