/**
 * Dates that a policy leaves empty: allowed, since what is not announced is closed, but said at
 * every check, so that nobody adopts a policy in which a phase never opens without knowing.
 */
import type { Problem } from '../problem.ts';
import { readDocument } from './document.ts';
import { entriesOf, isObject, type Json, own, type Path, textOf } from './json.ts';
import type { PolicyBundle } from './types.ts';

/** One warning for each, with its place. */
export function emptyDates({ base, overlays }: PolicyBundle): Problem[] {
  const cities = [...overlays.keys()].sort();
  return [
    ...['calendar.yaml', 'batches.yaml'].flatMap(file => emptyIn(file, base.documents[file] ?? '')),
    ...cities.flatMap(city => emptyIn(`cities/${city}.yaml`, overlays.get(city)?.document ?? '')),
  ];
}

function emptyIn(file: string, text: string): Problem[] {
  const document = readDocument(file, text);
  const value = document.value ?? {};
  return placesIn(file, value).map(({ path, title }) => {
    const key = String(path.at(-1));
    const place = document.problemAt('schema', path, 'key', { what: '' });
    const what = key === 'window' ? '的时间是空的，不开放' : '的日期是空的，不起作用';
    const message = `「${title}」${what}；公布后请填写`;
    return { ...place, code: 'date-empty', severity: 'warning', message };
  });
}

function placesIn(file: string, value: Json): { readonly path: Path; readonly title: string }[] {
  const found: { path: Path; title: string }[] = [];
  const look = (document: Json | undefined, list: string, key: string, above: Path) => {
    for (const { value: entry, path } of entriesOf(document, list)) {
      const date = own(entry, key);
      // A city that writes no window has the province's.
      const absent = date === undefined && above.length === 0;
      const empty = date === null || absent || (Array.isArray(date) && date.length === 0);
      const title = textOf(entry, 'title') ?? textOf(entry, 'id') ?? '';
      if (empty) found.push({ path: [...above, ...path, key], title });
    }
  };
  if (file === 'calendar.yaml') {
    look(value, 'phases', 'window', []);
    look(value, 'windows', 'window', []);
    look(value, 'deadlines', 'date', []);
  } else if (file === 'batches.yaml') look(value, 'batches', 'window', []);
  else if (isObject(value)) look(own(value, 'batches'), 'batches', 'window', ['batches']);
  return found;
}
