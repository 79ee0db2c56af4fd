/** `zhongzhao policy diff A B`: what differs between two policies, by the articles they rest on. */
import { statSync } from 'node:fs';
import { readPolicyAt } from '../../db/adopted-version.ts';
import { readPolicy } from '../../db/policies.ts';
import {
  type ComparedPolicy,
  comparePolicies,
  type PolicyChange,
  type PolicyDiff,
} from '../../engine/policy/diff/compare.ts';
import { CHANGE_TITLES, countWords, groupByBasis } from '../../engine/policy/diff/group.ts';
import { shanghaiDate } from '../run/calendar.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import type { Outcome } from './output.ts';
import { bundleOf } from './policy.ts';
import { policyTitles } from './policy-titles.ts';
import { currentSeason, withProvince } from './province.ts';

const FORMATS = ['text', 'json', 'html'] as const;
type Format = (typeof FORMATS)[number];

/** @throws CodedError policy-has-errors, folder-unreadable, no-policy, wrong-usage */
export async function diff(
  invocation: Invocation,
  options: Options,
  [before = '', after = '']: readonly string[],
): Promise<Outcome> {
  const out = typeof options['out'] === 'string' ? options['out'] : undefined;
  const format = formatOf(options['format'], out);
  const [was, is] = [
    await policyNamed(before, invocation, options, 'policy diff'),
    await policyNamed(after, invocation, options, 'policy diff'),
  ];
  const found = comparePolicies(was, is, await policyTitles());
  if (out === undefined) {
    return { json: jsonOf(found), lines: format === 'json' ? [jsonText(found)] : textOf(found) };
  }
  const { writeWhole } = await import('../../reports/write.ts');
  const bytes = await writeWhole(out, [Buffer.from(await fileOf(found, format))]);
  return {
    json: { ...jsonOf(found), out, format, bytes },
    lines: [`${summary(found)}已写入 ${out}（${bytes} 字节）。`],
  };
}

/** By `--format`, else by the file's name. */
function formatOf(given: string | boolean | undefined, out: string | undefined): Format {
  const byName = /\.html?$/i.test(out ?? '')
    ? 'html'
    : /\.json$/i.test(out ?? '')
      ? 'json'
      : 'text';
  const format = FORMATS.find(each => each === (given ?? byName));
  const command = 'policy diff';
  if (format === undefined) {
    const reason = `只有 ${FORMATS.join('、')} 格式，没有 ${String(given)}`;
    throw cliError('wrong-usage', { reason, command });
  }
  if (format === 'html' && out === undefined) {
    throw cliError('wrong-usage', { reason: 'html 格式须用 --out 写到文件', command });
  }
  return format;
}

/** `in-force`, `v3`, and either with a season before it: `2016/v3`. */
const ADOPTED = /^(?:(?<season>[0-9]{4})\/)?(?:in-force|v(?<version>[1-9][0-9]{0,8}))$/;

/**
 * A folder, or an adopted policy of the database with the cities' settings of today.
 *
 * @throws CodedError policy-has-errors, folder-unreadable, no-policy
 */
export async function policyNamed(
  name: string,
  invocation: Invocation,
  options: Options,
  command: string,
): Promise<ComparedPolicy> {
  const adopted = ADOPTED.exec(name);
  if (adopted === null || isFolder(name)) return bundleOf(name);
  const { season: given, version } = adopted.groups ?? {};
  return withProvince(invocation, options, async ({ database }) => {
    const season = given === undefined ? await currentSeason(database) : Number(given);
    const stored = await database.transaction(session =>
      version === undefined
        ? readPolicy(session, season)
        : readPolicyAt(session, season, Number(version)),
    );
    if (stored !== null) return stored;
    if (version === undefined) throw cliError('no-policy', { season });
    const reason = `${season} 年度没有第 ${version} 版政策`;
    throw cliError('wrong-usage', { reason, command });
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function summary(found: PolicyDiff): string {
  const { before, after, changes } = found;
  const names = `${before.id} 与 ${after.id}`;
  if (changes.length > 0) return `${names}有 ${changes.length} 处不同：${countWords(found)}。`;
  const same = before.hash === after.hash ? '完全相同' : '内容没有不同，只有空项的写法不同';
  return `${names}${same}。`;
}

function textOf(found: PolicyDiff): string[] {
  return [
    summary(found),
    ...groupByBasis(found).flatMap(({ title, changes }) => [
      '',
      `【${title}】`,
      ...changes.flatMap(changeLines),
    ]),
  ];
}

function changeLines(change: PolicyChange): string[] {
  const { kind, subject, item, before, after, file, path } = change;
  const about = `  ${CHANGE_TITLES[kind]}　${subject.join('·')}：${item}`;
  const place = `      位置：${file}　${path}`;
  const values = [
    ...(before === null ? [] : [`      原：${before}`]),
    ...(after === null ? [] : [`      现：${after}`]),
  ];
  return [about, ...values, place];
}

function jsonOf(found: PolicyDiff) {
  const { before, after } = found;
  const groups = groupByBasis(found);
  return { schema: 'policy-diff/1', before, after, same: groups.length === 0, groups };
}

function jsonText(found: PolicyDiff): string {
  return JSON.stringify(jsonOf(found), null, 2);
}

async function fileOf(found: PolicyDiff, format: Format): Promise<string> {
  if (format === 'json') return `${jsonText(found)}\n`;
  if (format === 'text') return `${textOf(found).join('\n')}\n`;
  const { diffHtml } = await import('../../reports/policy/diff-html.ts');
  return diffHtml(found, shanghaiDate(new Date()));
}
