/** Examples beside a policy: the facts that they give exist, and have values of their type. */
import { type FactEntry, factNames, findFact } from '../rules/catalogue.ts';
import { isRealDate } from './dates.ts';
import type { Fault } from './faults.ts';
import { entriesOf, isObject, type Json, own, textOf } from './json.ts';
import { nearestName } from './nearest.ts';
import { display } from './schema-faults.ts';
import type { Attribute } from './types.ts';

const TYPE_TITLES: Readonly<Record<FactEntry['type'], string>> = {
  number: '数字',
  text: '加引号的文字',
  boolean: 'true 或 false',
  date: '日期，如 2016-07-20',
};

/**
 * What json-rules-engine would take for something else, or a run would stop at.
 *
 * @param path of the file, which stands for its document
 */
export function exampleFaults(
  path: string,
  value: Json,
  attributes: readonly Attribute[],
): Fault[] {
  const faults: Fault[] = [];
  for (const entry of entriesOf(value, 'tests')) {
    const date = textOf(entry.value, 'date');
    if (date !== undefined && /^[0-9-]{10}$/.test(date) && !isRealDate(date)) {
      const at = [...entry.path, 'date'];
      faults.push({
        code: 'bad-date',
        document: path,
        path: at,
        at: 'value',
        detail: { name: date },
      });
    }
    const facts = own(entry.value, 'facts');
    if (!isObject(facts)) continue;
    for (const [name, given] of Object.entries(facts)) {
      const fault = factFault(name, given, attributes);
      if (fault === null) continue;
      faults.push({ ...fault, document: path, path: [...entry.path, 'facts', name] });
    }
  }
  return faults;
}

function factFault(
  name: string,
  given: Json,
  attributes: readonly Attribute[],
): Omit<Fault, 'document' | 'path'> | null {
  const entry = findFact(name, attributes, null);
  if (entry === undefined) {
    const nearest = () => nearestName(name, factNames(null, attributes, null));
    return { code: 'unknown-fact', at: 'key', detail: { name }, nearest };
  }
  if (given === null || isOfType(entry, given)) return null;
  const expected = TYPE_TITLES[entry.type];
  const detail = { name, title: entry.title, expected, actual: display(given) };
  return { code: 'example-fact-type', at: 'value', detail };
}

function isOfType({ type }: FactEntry, given: Json): boolean {
  if (type === 'number' || type === 'boolean') return typeof given === type;
  return typeof given === 'string' && (type === 'text' || isRealDate(given));
}
