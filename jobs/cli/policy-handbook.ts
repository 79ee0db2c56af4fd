/** `zhongzhao policy handbook DIR --out FILE`: the policy as a document to read and sign. */
import type { PolicyDiff } from '../../engine/policy/diff/compare.ts';
import type { Titles } from '../../engine/policy/handbook/words.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';
import { shanghaiDate } from '../run/calendar.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import type { Outcome } from './output.ts';
import { bundleOf } from './policy.ts';
import { policyTitles } from './policy-titles.ts';

const FORMATS = ['html', 'pdf'] as const;

/** @throws CodedError policy-has-errors, wrong-usage */
export async function handbook(
  invocation: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const out = String(options['out']);
  const format = formatOf(options['format'], out);
  const bundle = bundleOf(folder);
  const { makeHandbook } = await import('../../engine/policy/handbook/handbook.ts');
  const { boundaryChapter, makeSheet } = await import(
    '../../engine/policy/boundaries/make-sheet.ts'
  );
  const { changesChapter } = await import('../../engine/policy/handbook/changes-chapter.ts');
  const { effectivePolicy } = await import('../../engine/policy/load.ts');
  const titles = await policyTitles();
  const diff = await sinceOf(bundle, titles, invocation, options);
  const sheet = await makeSheet({ bundle, titles });
  const boundaries = boundaryChapter(sheet, effectivePolicy(bundle, null));
  const more = [...(diff === null ? [] : [changesChapter(diff)]), boundaries];
  const book = makeHandbook({ bundle, titles, more });
  const against = diff === null ? null : `${diff.before.title}（${diff.before.id}）`;
  const { writeHandbook } = await import('../../reports/policy/handbook-file.ts');
  const bytes = await writeHandbook(
    book,
    { madeOn: shanghaiDate(new Date()), against },
    format,
    out,
  );
  const chapters = book.chapters.map(chapter => chapter.title);
  return {
    json: { id: book.id, baseHash: book.baseHash, format, out, bytes, chapters },
    lines: [`${book.title}政策手册已写入 ${out}（${bytes} 字节，${chapters.length} 章）。`],
  };
}

/** By `--format`, else by the file's name. */
function formatOf(given: string | boolean | undefined, out: string): (typeof FORMATS)[number] {
  const asked = given ?? (out.endsWith('.pdf') ? 'pdf' : 'html');
  const known = FORMATS.find(format => format === asked);
  if (known !== undefined) return known;
  const reason = `手册只有 ${FORMATS.join('、')} 格式，没有 ${String(asked)}`;
  throw cliError('wrong-usage', { reason, command: 'policy handbook' });
}

/** The differences from the policy under `--since`; null: none is named. */
async function sinceOf(
  bundle: PolicyBundle,
  titles: Titles,
  invocation: Invocation,
  options: Options,
): Promise<PolicyDiff | null> {
  const since = options['since'];
  if (typeof since !== 'string') return null;
  const { policyNamed } = await import('./policy-diff.ts');
  const { comparePolicies } = await import('../../engine/policy/diff/compare.ts');
  const former = await policyNamed(since, invocation, options, 'policy handbook');
  return comparePolicies(former, bundle, titles);
}
