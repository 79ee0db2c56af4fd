/** `zhongzhao policy coverage DIR`: what has been seen of each rule and each of its conditions. */
import { readPolicyVersion } from '../../db/policies.ts';
import {
  completedRuns,
  type RecordedSituation,
  recordedSituations,
} from '../../db/season/read-situations.ts';
import { CoverageCollector, type RuleCoverage } from '../../engine/policy/coverage/coverage.ts';
import {
  countText,
  ruleText,
  STATE_TITLES,
  summaryOf,
  wantingOf,
} from '../../engine/policy/coverage/summary.ts';
import { runExamples } from '../../engine/policy/examples.ts';
import { CHOICE_TITLES, wordsContext } from '../../engine/policy/handbook/words.ts';
import { effectivePolicy, policyFromStored } from '../../engine/policy/load.ts';
import type { FullPolicy, PolicyBundle } from '../../engine/policy/types.ts';
import { shanghaiDate } from '../run/calendar.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { type Outcome, table } from './output.ts';
import { bundleOf } from './policy.ts';
import { regionTitles } from './policy-titles.ts';
import { currentSeason, type Province, withProvince } from './province.ts';

const FORMATS = ['text', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];

/** @throws InputProblems, CodedError wrong-usage */
export async function coverage(
  invocation: Invocation,
  options: Options,
  [folder = '']: readonly string[],
): Promise<Outcome> {
  const format = formatOf(options['format']);
  const wanted = runsOf(options);
  const bundle = bundleOf(folder);
  const cities = new Map(
    [...bundle.overlays.keys()].sort().map(city => [city, effectivePolicy(bundle, city)]),
  );
  const base = effectivePolicy(bundle, null);
  const collector = new CoverageCollector(base, cities);
  const verdicts = await runExamples(bundle);
  for (const { example } of verdicts) {
    const policy = cities.get(example.city ?? '') ?? base;
    await collector.addExample(policy, example);
  }
  const runs =
    wanted === null
      ? null
      : await withProvince(invocation, options, province =>
          addRuns(province, collector, { season: bundle.season, wanted }),
        );
  const found = await collector.result(wordsContext(base, await regionTitles()));
  const sources = `样例 ${verdicts.length} 条${runs === null ? '' : `，${runs}`}`;
  return told({ bundle, base, found, sources, format, unmatched: collector.unmatched }, options);
}

function formatOf(given: string | boolean | undefined): Format {
  const known = FORMATS.find(format => format === given);
  if (known !== undefined) return known;
  const reason = `规则覆盖只有 ${FORMATS.join('、')} 格式，没有 ${String(given)}`;
  throw cliError('wrong-usage', { reason, command: 'policy coverage' });
}

/** Numbers of runs, `all` for the season; null: the examples alone. */
function runsOf(options: Options): readonly number[] | 'all' | null {
  if (options['season'] === true) return 'all';
  const given = options['run'];
  if (typeof given !== 'string') return null;
  const numbers = given.split(/[,，\s]+/).filter(each => each !== '');
  if (numbers.length > 0 && numbers.every(each => /^[1-9][0-9]{0,8}$/.test(each))) {
    return numbers.map(Number);
  }
  const reason = `--run 应为运行的编号，几个以逗号分隔，现为 ${given}`;
  throw cliError('wrong-usage', { reason, command: 'policy coverage' });
}

/** @returns what was looked at, in words */
async function addRuns(
  { database }: Province,
  collector: CoverageCollector,
  { season, wanted }: { season: number; wanted: readonly number[] | 'all' },
): Promise<string> {
  const here = await currentSeason(database);
  if (here !== season) {
    const reason = `数据库是 ${here} 年的，政策是 ${season} 年的，不能对照`;
    throw cliError('wrong-usage', { reason, command: 'policy coverage' });
  }
  const rows = await database.transaction(async session => {
    if (wanted !== 'all') {
      const known = await completedRuns(session, season, wanted);
      const unknown = wanted.filter(run => !known.includes(run));
      if (unknown.length > 0) {
        const reason = `没有完成的运行 ${unknown.join('、')}`;
        throw cliError('wrong-usage', { reason, command: 'policy coverage' });
      }
    }
    const recorded = await recordedSituations(session, season, wanted === 'all' ? null : wanted);
    const policies = await policiesOf(recorded, async id => {
      const stored = await readPolicyVersion(session, id);
      if (stored === null) return null;
      return policyFromStored(stored.base.documents, stored.overlay?.document ?? null);
    });
    return recorded.map(row => ({ ...row, policy: policies.get(row.policy) ?? null }));
  });
  for (const row of rows) collector.addRuns(row);
  const decided = rows.reduce((sum, row) => sum + row.count, 0);
  const which = wanted === 'all' ? '本年全部运行' : `运行 ${wanted.join('、')}`;
  return `${which}的情形 ${rows.length} 种、判定 ${decided} 次`;
}

async function policiesOf(
  rows: readonly RecordedSituation[],
  read: (id: number) => Promise<FullPolicy | null>,
): Promise<Map<number | null, FullPolicy | null>> {
  const policies = new Map<number | null, FullPolicy | null>();
  for (const id of new Set(rows.map(row => row.policy))) {
    if (id !== null) policies.set(id, await read(id));
  }
  return policies;
}

interface Told {
  readonly bundle: PolicyBundle;
  readonly base: FullPolicy;
  readonly found: readonly RuleCoverage[];
  readonly sources: string;
  readonly format: Format;
  readonly unmatched: number;
}

async function told(of: Told, options: Options): Promise<Outcome> {
  const { bundle, base, found, sources, format, unmatched } = of;
  const summary = summaryOf(found);
  const notes = [
    '运行只记录投档资格、特殊条件和到期处理的情形；其余环节只看样例。',
    ...(unmatched === 0 ? [] : [`另有 ${unmatched} 次判定所用的规则与本政策的不同，没有计入。`]),
  ];
  const out = typeof options['out'] === 'string' ? options['out'] : null;
  const json = { id: bundle.id, baseHash: bundle.base.hash, sources, unmatched, summary };
  const whole = { ...json, rules: found };
  const text = async () => {
    if (format === 'json') return `${JSON.stringify(whole, null, 2)}\n`;
    if (format === 'text') return `${linesOf(of, notes).join('\n')}\n`;
    const { coverageHtml } = await import('../../reports/policy/coverage-page.ts');
    const madeOn = shanghaiDate(new Date());
    return coverageHtml(found, bundle, { policy: base, madeOn, sources, notes });
  };
  if (out === null) return { json: whole, lines: [(await text()).trimEnd()] };
  const { writeWhole } = await import('../../reports/write.ts');
  const bytes = await writeWhole(out, [Buffer.from(await text())]);
  const line = `${bundle.title}：${summaryLine(of)}，已写入 ${out}（${bytes} 字节）。`;
  return { json: { ...whole, out }, lines: [line] };
}

function summaryLine({ found }: Told): string {
  const { rules, conditions, bothWays, decisive, neverAlone } = summaryOf(found);
  const of = `${decisive}/${conditions - neverAlone}`;
  return (
    `规则 ${found.length} 条：起过作用 ${rules.fired}，判定过而从未起作用 ${rules['never-fired']}，` +
    `从未判定 ${rules['never-evaluated']}；条件 ${conditions} 个：` +
    `成立和不成立都见过 ${bothWays}，单独起过决定作用 ${of}`
  );
}

function linesOf(of: Told, notes: readonly string[]): string[] {
  const lines: string[] = [];
  let stage = '';
  for (const rule of of.found) {
    if (rule.stage !== stage) lines.push('', `【${CHOICE_TITLES['stage']?.[rule.stage]}】`);
    stage = rule.stage;
    const mark = rule.state === 'fired' ? '' : `　← ${STATE_TITLES[rule.state]}`;
    lines.push(`${ruleText(rule)}：起作用 ${countText(rule.fired)}${mark}`);
    const rows = rule.conditions.map(condition => [
      `    ${condition.text}`,
      `成立 ${countText(condition.isTrue)}`,
      `不成立 ${countText(condition.isFalse)}`,
      condition.canDecide ? `单独决定 ${countText(condition.decisive)}` : '不会单独决定',
      wantingOf(condition).length === 0 ? '' : `← ${wantingOf(condition).join('；')}`,
    ]);
    lines.push(...table(rows));
  }
  const { title } = of.bundle;
  return [...lines.slice(1), '', ...notes, `${title}（${of.sources}）：${summaryLine(of)}。`];
}
