/** `zhongzhao policy handbook DIR --out FILE`: the policy as a document to read and sign. */
import type { Titles } from '../../engine/policy/handbook/words.ts';
import { shanghaiDate } from '../run/calendar.ts';
import { cliError } from './errors.ts';
import type { Outcome } from './output.ts';
import { bundleOf } from './policy.ts';
import type { Invocation, Options } from './program.ts';

const FORMATS = ['html', 'pdf'] as const;

/** @throws CodedError policy-has-errors, wrong-usage */
export async function handbook(
  _invocation: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const out = String(options['out']);
  const format = formatOf(options['format'], out);
  const bundle = bundleOf(folder);
  const { makeHandbook } = await import('../../engine/policy/handbook/handbook.ts');
  const titles = await titlesOf();
  const { boundaryChapter, makeSheet } = await import(
    '../../engine/policy/boundaries/make-sheet.ts'
  );
  const { effectivePolicy } = await import('../../engine/policy/load.ts');
  const sheet = await makeSheet({ bundle, titles });
  const more = [boundaryChapter(sheet, effectivePolicy(bundle, null))];
  const book = makeHandbook({ bundle, titles, more });
  const { writeHandbook } = await import('../../reports/policy/handbook-file.ts');
  const bytes = await writeHandbook(
    book,
    { madeOn: shanghaiDate(new Date()), against: null },
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

/** Titles of functions and reports from their declarations; cities by their names. */
export async function titlesOf(): Promise<Titles> {
  const { allFunctions } = await import('../act/registry.ts');
  const { reports } = await import('../../reports/registry.ts');
  const { CITIES, PROVINCE } = await import('../../db/sample/cities.ts');
  const titled = [...(await allFunctions()), ...reports];
  return {
    functions: new Map(titled.map(({ id, title }) => [id, title])),
    regions: new Map([PROVINCE, ...CITIES].map(({ code, name }) => [code, name])),
  };
}
