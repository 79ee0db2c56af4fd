/** One fault of an input file, with its place. Every checker lists all of them in one pass. */
export interface Problem {
  /** Stable English code, for machines and tests: `unknown-fact`, `missing-column`, … */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Path relative to the folder that was checked. */
  readonly file: string;
  /** 1-based; 0 where the file as a whole is meant. */
  readonly line: number;
  /** 1-based, counted in characters; 0 where the line as a whole is meant. */
  readonly column: number;
  /** The line of text at fault, at most 200 characters; empty where there is none to show. */
  readonly excerpt: string;
  /** A Chinese sentence: what is wrong, and what to do. */
  readonly message: string;
  /** The nearest known name, where a name is unknown. */
  readonly nearest?: string;
  /** A case that shows it, as an entry of `tests/*.yaml`. */
  readonly example?: string;
}

/** `file:line:column 消息`, then the line and a caret under the place. */
export function formatProblem(problem: Problem): string {
  const place =
    problem.line === 0 ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  const severity = problem.severity === 'error' ? '错误' : '提示';
  const head = `${place} ${severity} [${problem.code}] ${problem.message}`;
  const shown = problem.excerpt === '' ? head : `${head}\n    ${problem.excerpt}`;
  if (problem.example === undefined) return shown;
  return `${shown}\n  这样的情形（可存入 tests/ 作为样例）：\n${problem.example}`;
}
