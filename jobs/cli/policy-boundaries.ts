/** `zhongzhao policy boundaries DIR`: every threshold with the cases around it, for sign-off. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Appended,
  appendBoundaries,
  BOUNDARY_TESTS,
} from '../../engine/policy/boundaries/append.ts';
import { makeSheet } from '../../engine/policy/boundaries/make-sheet.ts';
import { type Boundary, SECTIONS, type SectionId } from '../../engine/policy/boundaries/sheet.ts';
import { basisWords } from '../../engine/policy/handbook/words.ts';
import { effectivePolicy } from '../../engine/policy/load.ts';
import type { FullPolicy, PolicyBundle } from '../../engine/policy/types.ts';
import { shanghaiDate } from '../run/calendar.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { type Outcome, table } from './output.ts';
import { bundleOf } from './policy.ts';
import { terminalProgress } from './policy-check.ts';
import { regionTitles } from './policy-titles.ts';

const FORMATS = ['text', 'csv', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** @throws InputProblems, CodedError wrong-usage, tests-not-appendable */
export async function boundaries(
  { json }: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const out = typeof options['out'] === 'string' ? options['out'] : null;
  const format = formatOf(options['format']);
  const bundle = bundleOf(folder);
  const progress = json ? () => {} : terminalProgress('判定边界情形');
  const sheet = await makeSheet({ bundle, titles: await regionTitles(), progress });
  const appended = options['append'] === true ? await append(folder, bundle, sheet) : null;
  const cases = sheet.reduce((sum, boundary) => sum + boundary.cases.length, 0);
  const counted = `界限 ${sheet.length} 个，情形 ${cases} 种`;
  const lines: string[] = [];
  if (out !== null) {
    const { writeWhole } = await import('../../reports/write.ts');
    const bytes = await writeWhole(out, [Buffer.from(await written(bundle, sheet, format))]);
    lines.push(`${bundle.title}：${counted}，已写入 ${out}（${bytes} 字节）。`);
  } else if (appended === null || format !== 'text') {
    lines.push((await written(bundle, sheet, format)).trimEnd());
    if (format === 'text') lines.push('', `${bundle.title}：${counted}。`);
  }
  if (appended !== null) lines.push(appendedLine(appended));
  const summary = { boundaries: sheet.length, cases, out, appended: appendedJson(appended) };
  return { json: { id: bundle.id, baseHash: bundle.base.hash, ...summary, sheet }, lines };
}

function formatOf(given: string | boolean | undefined): Format {
  const known = FORMATS.find(format => format === given);
  if (known !== undefined) return known;
  const reason = `边界情形表只有 ${FORMATS.join('、')} 格式，没有 ${String(given)}`;
  throw cliError('wrong-usage', { reason, command: 'policy boundaries' });
}

async function written(
  bundle: PolicyBundle,
  sheet: readonly Boundary[],
  format: Format,
): Promise<string> {
  const policy = effectivePolicy(bundle, null);
  if (format === 'text') return `${textOf(sheet, policy).join('\n')}\n`;
  if (format === 'json') {
    const { id, season, base } = bundle;
    return `${JSON.stringify({ id, season, baseHash: base.hash, sheet }, null, 2)}\n`;
  }
  const pages = await import('../../reports/policy/boundaries-page.ts');
  if (format === 'csv') return pages.boundariesCsv(sheet, policy);
  return pages.boundariesHtml(sheet, bundle, { policy, madeOn: shanghaiDate(new Date()) });
}

function textOf(sheet: readonly Boundary[], policy: FullPolicy): string[] {
  const lines: string[] = [];
  for (const section of Object.keys(SECTIONS) as SectionId[]) {
    const own = sheet.filter(each => each.section === section);
    if (own.length > 0) lines.push('', `【${SECTIONS[section]}】`);
    for (const { subject, threshold, basis, note, cases } of own) {
      lines.push('', `${subject}：${threshold}　依据：${basisWords(policy, basis)}`);
      if (note !== '') lines.push(`  注意：${note}`);
      const rows = cases.map(({ side, value, decision }) => [`  ${side}`, value, decision]);
      lines.push(...table(rows));
    }
  }
  return lines.slice(1);
}

/** What stands in the folder is read as it is now; what cannot be read has no bundle. */
async function append(
  folder: string,
  bundle: PolicyBundle,
  sheet: readonly Boundary[],
): Promise<Appended> {
  const appended = appendBoundaries(sheet, bundle.base.documents);
  if (appended === null) throw cliError('tests-not-appendable', { path: BOUNDARY_TESTS });
  if (appended.text === null) return appended;
  const path = join(folder, BOUNDARY_TESTS);
  const before = await readFile(path, 'utf8').catch(() => null);
  const expected = bundle.base.documents[BOUNDARY_TESTS];
  // Somebody saved it in an editor meanwhile: theirs stands, and the command is repeated.
  if (before !== null && expected !== before.replace(/^\uFEFF/, '')) {
    throw cliError('tests-not-appendable', { path: BOUNDARY_TESTS });
  }
  const { writeWhole } = await import('../../reports/write.ts');
  await writeWhole(path, [Buffer.from(appended.text)]);
  return appended;
}

function appendedLine({ added, known }: Appended): string {
  if (added === 0) return `${BOUNDARY_TESTS}：${known} 条样例都已有，没有改动。`;
  return `${BOUNDARY_TESTS}：补写样例 ${added} 条，原有的 ${known} 条未改动。`;
}

function appendedJson(appended: Appended | null) {
  return appended === null ? null : { added: appended.added, known: appended.known };
}
