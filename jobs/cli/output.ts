/**
 * What a command says. Each command returns one outcome; whether it becomes Chinese lines or one
 * line of JSON is decided here, so that `--json` works everywhere.
 */
import process from 'node:process';
import { CodedError } from '../../engine/errors.ts';
import { formatProblem, type Problem } from '../../engine/problem.ts';
import { cliError } from './errors.ts';

export interface Outcome {
  /** 0 unless told (formats.md). */
  readonly exitCode?: number;
  /** For people, on stdout. */
  readonly lines: readonly string[];
  /** For machines. */
  readonly json: unknown;
}

/** Problems of an input that end a command; the code is that of bad input. */
export class InputProblems extends Error {
  readonly problems: readonly Problem[];
  readonly refusal: CodedError;
  /** Where the rows at fault were written, if they were. */
  readonly rejects: string | null;

  constructor(problems: readonly Problem[], refusal: CodedError, rejects: string | null = null) {
    super(refusal.message);
    this.rejects = rejects;
    this.name = 'InputProblems';
    this.problems = problems;
    this.refusal = refusal;
  }
}

/** Where a command writes; tests hand in their own. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
}

export const STANDARD_OUTPUT: Output = {
  out: text => process.stdout.write(text),
  error: text => process.stderr.write(text),
};

/** Writes an outcome. @returns the exit code */
export function sayOutcome(outcome: Outcome, json: boolean, output: Output): number {
  if (json) output.out(`${JSON.stringify(outcome.json)}\n`);
  else if (outcome.lines.length > 0) output.out(`${outcome.lines.join('\n')}\n`);
  return outcome.exitCode ?? 0;
}

/** Writes an error: the sentence, and what to do. @returns the exit code */
export function sayError(error: unknown, json: boolean, output: Output): number {
  const problems = problemsOf(error);
  const coded = codedOf(error);
  if (json) {
    const { code, message: sentence, advice, exitCode, detail } = coded;
    const basis = coded.basis ?? null;
    const rejects = rejectsOf(error);
    const told = { code, sentence, advice, exitCode, basis, detail, problems, rejects };
    output.out(`${JSON.stringify({ error: told })}\n`);
    return exitCode;
  }
  for (const problem of problems) output.error(`${formatProblem(problem)}\n`);
  output.error(`错误 [${coded.code}] ${coded.message}\n`);
  if (coded.basis !== undefined) output.error(`依据：${coded.basis}\n`);
  const rejects = rejectsOf(error);
  if (rejects !== null) output.error(`有错误的行已写入 ${rejects}\n`);
  if (coded.advice !== '') output.error(`${coded.advice}\n`);
  if (process.env['ZHONGZHAO_DEBUG'] === '1') output.error(`${stackOf(error)}\n`);
  return coded.exitCode;
}

function problemsOf(error: unknown): readonly Problem[] {
  const problems = (error as { problems?: unknown } | null)?.problems;
  return Array.isArray(problems) ? (problems as Problem[]) : [];
}

function rejectsOf(error: unknown): string | null {
  const rejects = (error as { rejects?: unknown } | null)?.rejects;
  return typeof rejects === 'string' ? rejects : null;
}

/** Unknown errors show their class and code, never their text, which may quote a row. */
function codedOf(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  if (error instanceof InputProblems) return error.refusal;
  const code = (error as { code?: unknown } | null)?.code;
  const name = (error as Error | null)?.name ?? typeof error;
  const reason = typeof code === 'string' ? `${name} ${code}` : name;
  return cliError('unexpected', { reason }, { cause: error });
}

function stackOf(error: unknown): string {
  const stack = (error as Error | null)?.stack ?? String(error);
  const cause = (error as Error | null)?.cause;
  return cause === undefined ? stack : `${stack}\n由于：${stackOf(cause)}`;
}

/** Pads to a width in columns; a Chinese character takes two. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** Rows as aligned columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  }
  return rows.map(row =>
    row
      .map((cell, column) => padEnd(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
