/**
 * A special condition as an officer writes it – YAML in the rule language, or the same as an
 * object –, with every problem of it shown at its place in that text.
 *
 * The text is put into a settings file that holds nothing else, so that the loader judges it as it
 * would judge a policy folder; places are counted back by the lines that were put before it.
 */
import { stringify } from 'yaml';
import type { Knowledge } from '../../../engine/policy/check-context.ts';
import { readDocument } from '../../../engine/policy/document.ts';
import { isObject, type Json, type JsonObject } from '../../../engine/policy/json.ts';
import { loadPolicy } from '../../../engine/policy/load.ts';
import type { Problem } from '../../../engine/problem.ts';
import { controlError } from '../errors.ts';
import { problemText } from './settings.ts';

export interface ConditionOf {
  readonly city: string;
  readonly school: string;
  readonly major: string | undefined;
  readonly basis: string;
  readonly baseDocuments: Readonly<Record<string, string>>;
  readonly knowledge: Partial<Knowledge>;
}

/** What the officer reads as the name of the text. */
const FILE = '条件';
const INDENT = '      ';

/** @throws condition-rejected with all problems, condition-of-other-school */
export function readCondition(given: string | JsonObject, of: ConditionOf): JsonObject {
  const text = textOf(given);
  const read = readDocument(FILE, text);
  const faults = read.problems.filter(({ severity }) => severity === 'error');
  if (faults.length > 0) throw rejected(faults);
  const condition = read.value;
  if (condition === undefined || !isObject(condition)) throw rejected([notOneCondition(text)]);
  const { school: named } = condition;
  if (typeof named === 'string' && named !== of.school) {
    const id = String(condition['id'] ?? '');
    throw controlError('condition-of-other-school', { id, other: named, school: of.school });
  }
  const added = addedKeys(condition, of);
  const problems = problemsOf(text, added, of);
  if (problems.length > 0) throw rejected(problems);
  return { ...added, ...condition };
}

/** Flow text and objects become block text, so that keys can be put beside theirs. */
function textOf(given: string | JsonObject): string {
  if (typeof given !== 'string') return stringify(given, { lineWidth: 0 });
  if (!given.trimStart().startsWith('{')) return given;
  const { value } = readDocument(FILE, given);
  return value === undefined ? given : stringify(value, { lineWidth: 0 });
}

/** What the call says beside the condition: whose it is. */
function addedKeys(condition: JsonObject, of: ConditionOf): Record<string, Json> {
  const all = { school: of.school, major: of.major, basis: of.basis };
  const missing = Object.entries(all).filter(
    ([key, value]) => value !== undefined && condition[key] === undefined,
  );
  return Object.fromEntries(missing) as Record<string, Json>;
}

function problemsOf(text: string, added: JsonObject, of: ConditionOf): Problem[] {
  const file = `cities/${of.city}.yaml`;
  const head = ['special-conditions:', '  conditions:', '    -'];
  for (const [key, value] of Object.entries(added)) {
    head.push(`${INDENT}${key}: ${JSON.stringify(value)}`);
  }
  const body = text.split('\n').map(line => (line.trim() === '' ? '' : INDENT + line));
  const files = new Map(Object.entries(of.baseDocuments));
  files.set(file, `${[...head, ...body].join('\n')}\n`);
  const { problems } = loadPolicy(files, of.knowledge);
  return problems
    .filter(problem => problem.file === file && problem.severity === 'error')
    .map(problem => inText(problem, head.length));
}

function inText(problem: Problem, headLines: number): Problem {
  const line = problem.line - headLines;
  // Of the condition as a whole: what is missing has no line of its own.
  if (line < 1) return { ...problem, file: FILE, line: 1, column: 1, excerpt: '' };
  const column = Math.max(1, problem.column - INDENT.length);
  return { ...problem, file: FILE, line, column, excerpt: problem.excerpt.trim() };
}

function notOneCondition(text: string): Problem {
  return {
    code: 'wrong-type',
    severity: 'error',
    file: FILE,
    line: 1,
    column: 1,
    excerpt: text.split('\n', 1)[0] ?? '',
    message: '应写成一个条件：id、title、requires、refuse 等各占一行',
  };
}

function rejected(problems: readonly Problem[]): Error {
  return controlError('condition-rejected', {
    count: problems.length,
    problems: problems.map(problemText).join('；'),
  });
}
