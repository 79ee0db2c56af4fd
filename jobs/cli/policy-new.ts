/** `zhongzhao policy new YEAR --from OLD`: next year's policy, copied from this year's. */

import { existsSync, statSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { loadPolicy } from '../../engine/policy/load.ts';
import { decisionLines } from '../../engine/policy/new-year/decisions.ts';
import { type NewYearInput, newYear } from '../../engine/policy/new-year/new-year.ts';
import type { PolicyBundle } from '../../engine/policy/types.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { InputProblems, type Outcome } from './output.ts';
import { bundleOf } from './policy.ts';

const SHIPPED_RULES = join(import.meta.dirname, '..', '..', 'rules');
const DATES = ['empty', 'same-day', 'same-weekday'] as const;
const FORMATS = ['text', 'json'] as const;
const COMMAND = 'policy new';

/** @throws CodedError wrong-usage, folder-exists, folder-unreadable, policy-has-errors */
export async function newPolicy(
  _invocation: Invocation,
  options: Options,
  [year = '']: readonly string[],
): Promise<Outcome> {
  const format = choiceOf(FORMATS, options['format'], 'format');
  const dates = choiceOf(DATES, options['dates'], 'dates');
  const source = sourceFolder(String(options['from']));
  const bundle = bundleOf(source);
  const season = seasonOf(year, bundle);
  const made = newYear({ files: filesOf(bundle), from: bundle, season, dates });
  const given = options['to'];
  const target = typeof given === 'string' ? given : join(dirname(source), made.id);
  if (existsSync(target)) throw cliError('folder-exists', { folder: target });
  const files = withSchemas(made.files, source, target);
  const { bundle: loaded, problems } = loadPolicy(files);
  if (loaded === undefined) {
    const errors = problems.length;
    throw new InputProblems(problems, cliError('policy-has-errors', { folder: target, errors }));
  }
  await writeFolder(target, files);
  const { decisions } = made;
  const json = {
    id: made.id,
    season,
    from: bundle.id,
    folder: target,
    files: files.size,
    decisions,
  };
  const lines = [
    `已由 ${bundle.title}（${bundle.id}）写成 ${target}，共 ${files.size} 个文件。`,
    `须决定、核对的事项 ${decisions.length} 项；改完后运行 zhongzhao policy check ${target}。`,
    ...decisionLines(decisions),
  ];
  return { json, lines: format === 'json' ? [JSON.stringify(json, null, 2)] : lines };
}

function choiceOf<T extends string>(
  known: readonly T[],
  given: string | boolean | undefined,
  option: string,
): T {
  const found = known.find(each => each === (given ?? known[0]));
  if (found !== undefined) return found;
  const reason = `--${option} 只能是 ${known.join('、')}，不能是 ${String(given)}`;
  throw cliError('wrong-usage', { reason, command: COMMAND });
}

/** A folder, or the name of one under rules/. */
function sourceFolder(from: string): string {
  const places = [from, join('rules', from), join(SHIPPED_RULES, from)];
  const found = places.find(each => statSync(each, { throwIfNoEntry: false })?.isDirectory());
  return found ?? from;
}

/** How far ahead a policy is written at most. */
const YEARS_AHEAD_MAX = 20;

function seasonOf(year: string, { season: old }: PolicyBundle): number {
  const season = /^[0-9]{4}$/.test(year) ? Number(year) : Number.NaN;
  if (season > old && season <= old + YEARS_AHEAD_MAX) return season;
  const reason = `年度 ${year} 应为 ${old + 1} 至 ${old + YEARS_AHEAD_MAX} 之间的四位数字`;
  throw cliError('wrong-usage', { reason, command: COMMAND });
}

function filesOf({ base, overlays }: PolicyBundle): NewYearInput['files'] {
  const files = new Map(Object.entries(base.documents));
  for (const { city, document } of overlays.values()) files.set(`cities/${city}.yaml`, document);
  return files;
}

/** The line by which editors find the schema, where the new folder lies elsewhere. */
function withSchemas(
  files: NewYearInput['files'],
  source: string,
  target: string,
): Map<string, string> {
  const way = relative(resolve(target), resolve(source, '..', 'schema')).replaceAll('\\', '/');
  const line = /^(# yaml-language-server: \$schema=)(\.\.\/(?:\.\.\/)?)schema\//;
  return new Map(
    [...files].map(([path, text]) => {
      const up = path.includes('/') ? '../' : '';
      return [path, text.replace(line, (_, start: string) => `${start}${up}${way}/`)];
    }),
  );
}

/** All of it or nothing: written beside its place, then renamed. */
async function writeFolder(target: string, files: ReadonlyMap<string, string>): Promise<void> {
  const part = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(part, path)), { recursive: true });
      await writeFile(join(part, path), text);
    }
    await rename(part, target);
  } catch (cause) {
    await rm(part, { recursive: true, force: true });
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') {
      throw cliError('folder-exists', { folder: target }, { cause });
    }
    throw cause;
  }
}
