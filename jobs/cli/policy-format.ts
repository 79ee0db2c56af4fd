/** `zhongzhao policy format DIR [--check]`: the one layout of a policy's documents. */
import { join } from 'node:path';
import { readDocument } from '../../engine/policy/document.ts';
import { formatDocument } from '../../engine/policy/format.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { InputProblems, type Outcome } from './output.ts';
import { filesOf } from './policy.ts';

/**
 * Every file is laid out before the first is written: where one can't be, none is.
 *
 * @throws CodedError folder-unreadable, format-unsafe; InputProblems
 */
export async function format(
  _invocation: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const read = [...filesOf(folder)].map(([path, bytes]) => readDocument(path, bytes));
  // An empty file has no layout.
  const documents = read.filter(
    ({ problems }) => !problems.every(isEmpty) || problems.length === 0,
  );
  const problems = documents.flatMap(document => document.problems);
  if (problems.length > 0) {
    const refusal = cliError('documents-unreadable', { folder, count: problems.length });
    throw new InputProblems(problems, refusal);
  }
  const changed = documents
    .map(({ path, text }) => ({ path, text, written: formatDocument(path, text) }))
    .filter(({ text, written }) => text !== written);
  const files = changed.map(({ path }) => path);
  const checkOnly = options['check'] === true;
  if (!checkOnly) {
    const { writeWhole } = await import('../../reports/write.ts');
    for (const { path, written } of changed) {
      await writeWhole(join(folder, path), [Buffer.from(written)]);
    }
  }
  const done = checkOnly ? '须整理' : '已整理';
  const counted = `${documents.length} 个文件中${done} ${files.length} 个。`;
  return {
    exitCode: checkOnly && files.length > 0 ? 1 : 0,
    json: { folder, documents: documents.length, changed: files, written: !checkOnly },
    lines: [...files.map(file => `${done}　${file}`), counted],
  };
}

function isEmpty({ code }: { readonly code: string }): boolean {
  return code === 'empty-document';
}
