/** `zhongzhao policy check DIR`: every problem of a policy folder, those between rules included. */
import process from 'node:process';
import type { Knowledge } from '../../engine/policy/check-context.ts';
import { formatProblem, type Problem } from '../../engine/problem.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { InputProblems, type Outcome } from './output.ts';
import { loadFolder, policyRefusal } from './policy.ts';

/** Shown on a terminal once it takes longer than anybody waits without a word. */
const PROGRESS_AFTER_MS = 1000;

/**
 * Errors end with 3. Findings that a person should look at are listed; with `--strict` they end
 * with 1.
 *
 * @throws InputProblems, CodedError package-not-found
 */
export async function check(
  { json }: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const knowledge = await knowledgeOf(options['data']);
  const loaded = loadFolder(folder, knowledge);
  const { problems } = loaded;
  // A name that nobody knows is no reason to keep the other problems back.
  const bundle = loaded.bundle ?? loaded.draft;
  if (bundle === undefined) throw new InputProblems(problems, policyRefusal(folder, problems));
  const { analysePolicy } = await import('../../engine/policy/analysis/analyse.ts');
  const progress = json ? () => {} : terminalProgress('分析规则');
  const analysis = await analysePolicy(bundle, knowledge, progress);
  const { emptyDates } = await import('../../engine/policy/empty-dates.ts');
  const all = sorted([...problems, ...analysis.problems, ...emptyDates(bundle)]);
  const errors = all.filter(problem => problem.severity === 'error').length;
  if (errors > 0) throw new InputProblems(all, cliError('policy-has-errors', { folder, errors }));
  const { id, title, season, base, overlays, usesSampleBasis } = bundle;
  const sample = usesSampleBasis ? '含示例值（basis: sample），只能在样例数据库采用。' : '';
  const { rules, cells } = analysis;
  const hints = all.length === 0 ? '' : `，提示 ${all.length} 处`;
  return {
    exitCode: options['strict'] === true && all.length > 0 ? 1 : 0,
    json: {
      ok: true,
      id,
      season,
      baseHash: base.hash,
      usesSampleBasis,
      analysed: { rules, cells },
      problems: all,
    },
    lines: [
      ...all.map(formatProblem),
      `${title}（${id}，${season} 年）没有错误${hints}，地市设置 ${overlays.size} 份。${sample}`,
      `分析规则 ${rules} 条，逐一判定了 ${cells} 种情形。`,
      `内容哈希 ${base.hash}`,
    ],
  };
}

async function knowledgeOf(data: string | boolean | undefined): Promise<Partial<Knowledge>> {
  if (typeof data !== 'string') return {};
  const { knowledgeOfPackage } = await import('../../db/package/policy-knowledge.ts');
  return knowledgeOfPackage(data);
}

function sorted(problems: readonly Problem[]): Problem[] {
  return problems.toSorted(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column,
  );
}

/** A line on the terminal's stderr that is written over; nothing where there is no terminal. */
export function terminalProgress(title: string): (done: number, all: number) => void {
  const begun = performance.now();
  return (done, all) => {
    if (!process.stderr.isTTY || performance.now() - begun < PROGRESS_AFTER_MS) return;
    process.stderr.write(done < all ? `\r${title} ${done}/${all}` : '\r\u001b[K');
  };
}
