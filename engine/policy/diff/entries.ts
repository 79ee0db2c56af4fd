/**
 * What names an entry of a list: a document's lists are compared by these, never by position, so
 * that a line put in between changes one line and not all that follow.
 */
import { isList, isObject, type Json, own } from '../json.ts';

/** Document → key of its list → what names an entry there. An overlay has the same documents. */
const NAMING: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  policy: { basis: ['id'], attributes: ['name'] },
  calendar: { phases: ['id'], windows: ['id'], deadlines: ['id'], values: ['id'] },
  batches: { batches: ['id'], start: ['id'] },
  'score-lines': { regions: ['region', 'batch'], schools: ['school', 'region', 'batch'] },
  eligibility: { rules: ['id'] },
  'special-conditions': { conditions: ['id'] },
  preferences: { features: ['id'] },
  quotas: { rules: ['id'] },
  reviews: { 'return-reasons': ['id'], rules: ['id'], schools: ['school', 'batch'] },
  deadlines: { rules: ['id'] },
  findings: { findings: ['property'] },
  duties: { duties: ['id'] },
  schedule: { jobs: ['job'] },
  tests: { tests: ['title'], provinces: ['title'] },
};

/** What names the entries of `document.key`; null: it is no list of entries. */
export function namingOf(document: string, key: string): readonly string[] | null {
  return NAMING[document]?.[key] ?? null;
}

/** A list's entries by name, in their order; a name that comes again gets its number. */
export function entriesByName(
  list: Json | undefined,
  naming: readonly string[],
): Map<string, Json> {
  const entries = new Map<string, Json>();
  for (const entry of isList(list) ? list : []) {
    const parts = naming.map(key => (isObject(entry) ? own(entry, key) : undefined));
    const name = parts.map(part => String(part ?? '')).join(',');
    let distinct = name;
    for (let again = 2; entries.has(distinct); again += 1) distinct = `${name}#${again}`;
    entries.set(distinct, entry);
  }
  return entries;
}

/**
 * The fewest entries that were moved, of those that both lists have: all but a longest run that
 * keeps its order. The same either way round.
 */
export function movedNames(before: readonly string[], after: readonly string[]): string[] {
  const shared = new Set(after);
  const there = new Set(before);
  const was = before.filter(name => shared.has(name));
  const is = after.filter(name => there.has(name));
  if (was.every((name, at) => name === is[at])) return [];
  // Of several longest runs one is taken; from which side must not decide which.
  const [one, other] = was.join('\n') < is.join('\n') ? [was, is] : [is, was];
  const kept = new Set(longestRun(one, other));
  return is.filter(name => !kept.has(name));
}

/** A longest sequence that stands in both lists in the same order. */
function longestRun(one: readonly string[], other: readonly string[]): string[] {
  const places = new Map(other.map((name, at) => [name, at]));
  /** By length − 1: the index in `one` of the run's last name, the lowest such place in `other`. */
  const ends: number[] = [];
  const former: number[] = [];
  const placeAt = (index: number) => places.get(one[index] as string) as number;
  one.forEach((_, index) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (placeAt(ends[middle] as number) < placeAt(index)) low = middle + 1;
      else high = middle;
    }
    former[index] = low === 0 ? -1 : (ends[low - 1] as number);
    ends[low] = index;
  });
  const run: string[] = [];
  for (let at = ends.at(-1) ?? -1; at !== -1; at = former[at] as number) {
    run.push(one[at] as string);
  }
  return run.reverse();
}
