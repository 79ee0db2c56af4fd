/**
 * Cases of the boundary sheet as tests beside the policy. What stands there is never changed: a
 * threshold that moves makes its old tests fail, and that is what they are for.
 */
import { exampleYaml } from '../analysis/cases.ts';
import { readDocument } from '../document.ts';
import { listOf, textOf } from '../json.ts';
import type { Boundary } from './sheet.ts';

/** In the policy's folder. */
export const BOUNDARY_TESTS = 'tests/boundaries.yaml';

const HEAD = [
  '# yaml-language-server: $schema=../../schema/tests.schema.json',
  '# 边界情形：由 zhongzhao policy boundaries --append 写出，经核对签署。',
  '# 界限改动后，这里原有的样例会不符：请核对后删去旧的，再写出新的。',
  'tests:',
  '',
].join('\n');

export interface Appended {
  /** The whole file as it should be; null: nothing is to be added. */
  readonly text: string | null;
  readonly added: number;
  /** Cases that stand there already, or in another file of tests. */
  readonly known: number;
}

/**
 * Adds what no test says yet, by its title.
 *
 * @param documents path → text: `tests/*.yaml` of the policy
 * @returns null where the file is there and is no list of tests to which one could add
 */
export function appendBoundaries(
  sheet: readonly Boundary[],
  documents: Readonly<Record<string, string>>,
): Appended | null {
  const titles = new Set(
    Object.entries(documents)
      .filter(([path]) => path.startsWith('tests/'))
      .flatMap(([path, text]) => titlesOf(path, text)),
  );
  const examples = sheet.flatMap(({ cases }) => cases.flatMap(({ example }) => example ?? []));
  const fresh = [...new Map(examples.map(each => [each.title, each])).values()].filter(
    ({ title }) => !titles.has(title),
  );
  const known = examples.length - fresh.length;
  if (fresh.length === 0) return { text: null, added: 0, known };
  const before = documents[BOUNDARY_TESTS] ?? HEAD;
  const indent = /^( *)- /m.exec(before)?.[1] ?? '  ';
  const entries = fresh.map(each => indented(exampleYaml(each), indent)).join('\n');
  const text = `${before.replace(/\n*$/, '\n')}${entries}\n`;
  const whole = titlesOf(BOUNDARY_TESTS, text);
  const former = documents[BOUNDARY_TESTS];
  const count = (former === undefined ? 0 : titlesOf(BOUNDARY_TESTS, former).length) + fresh.length;
  return whole.length === count ? { text, added: fresh.length, known } : null;
}

function titlesOf(path: string, text: string): string[] {
  const { value } = readDocument(path, text);
  return listOf(value ?? null, 'tests').flatMap(each => textOf(each, 'title') ?? []);
}

/** As `exampleYaml` writes, entries begin two spaces in. */
function indented(entry: string, indent: string): string {
  const lines = entry.split('\n');
  return lines.map(line => `${indent}${line.slice(2)}`).join('\n');
}
