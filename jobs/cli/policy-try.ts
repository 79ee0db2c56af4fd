/** `zhongzhao policy try`: what another policy would have done to runs of the past. */

import { parseSetting, parseSweep, type Setting } from '../../engine/trial/settings.ts';
import { TrialTally } from '../../engine/trial/tally.ts';
import { readHead, shanghaiTime } from '../../reports/head.ts';
import type { TrialReportInput, TrialWords } from '../../reports/policy/trial-report.ts';
import { wordsOf } from '../../reports/policy-words.ts';
import type { Rendering, ReportFormat, ReportHead } from '../../reports/report.ts';
import { inSnapshot } from '../nightly/dispatch/world.ts';
import { type TriedPolicies, TriedPolicyBroken, triedPolicies } from '../trial/policies.ts';
import { runTrial, type TriedRun } from '../trial/run-trial.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { InputProblems, type Outcome } from './output.ts';
import { bundleOf } from './policy.ts';
import { contentJson, contentLines } from './report-text.ts';
import { listOption, type TrialInput, textOption, usage, withTrialInput } from './trial-input.ts';

const FORMATS = ['html', 'pdf', 'xlsx', 'json'] as const;

/** @throws CodedError wrong-usage, path-unknown, … ; InputProblems: the new policy has errors */
export async function tryPolicy(
  invocation: Invocation,
  options: Options,
  [folder]: readonly string[],
): Promise<Outcome> {
  const settings = listOption(options, 'set').map(parseSetting);
  const sweep = textOption(options, 'sweep');
  if (folder === undefined && settings.length === 0 && sweep === undefined) {
    throw usage('请给出新政策的文件夹，或用 --set、--sweep 试改取值');
  }
  const target = targetOf(options);
  const bundle = folder === undefined ? null : bundleOf(folder);
  return withTrialInput(invocation, options, async input => {
    const tried = (more: readonly Setting[] = []) =>
      checked(() => triedPolicies(bundle, [...settings, ...more], input.sources), {
        folder,
        settings: [...settings, ...more],
      });
    if (sweep !== undefined) {
      if (textOption(options, 'changes') !== undefined || textOption(options, 'candidate')) {
        throw usage('逐值试算没有 --changes 和 --candidate');
      }
      const { sweptRendering } = await import('./policy-sweep.ts');
      const rendering = await sweptRendering(input, parseSweep(sweep), tried);
      return shown(rendering, target, invocation);
    }
    const candidate = textOption(options, 'candidate');
    if (candidate !== undefined) {
      const { triedCandidate } = await import('./policy-try-candidate.ts');
      return triedCandidate(input, tried(), candidate);
    }
    return shown(await triedRendering(input, tried(), options), target, invocation);
  });
}

/** The new policy's errors as those of `policy check`. */
function checked(
  make: () => TriedPolicies,
  about: { readonly folder: string | undefined; readonly settings: readonly Setting[] },
): TriedPolicies {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TriedPolicyBroken)) throw error;
    const { problems } = error;
    const set = about.settings.map(({ path, value }) => `${path.text}=${value}`).join('，');
    const folder = `${about.folder ?? ''}${set === '' ? '' : `（试改 ${set} 后）`}`;
    throw new InputProblems(
      problems,
      cliError('policy-has-errors', { folder, errors: problems.length }),
    );
  }
}

interface Target {
  readonly out: string;
  readonly format: ReportFormat;
}

function targetOf(options: Options): Target | null {
  const out = textOption(options, 'out');
  const given = textOption(options, 'format');
  if (out === undefined) {
    if (given === undefined) return null;
    throw usage('--format 须与 --out 同用');
  }
  const asked = given ?? out.slice(out.lastIndexOf('.') + 1).toLowerCase();
  const format = FORMATS.find(each => each === asked);
  if (format !== undefined) return { out, format };
  throw usage(`报告只有 ${FORMATS.join('、')} 格式，没有 ${asked}`);
}

/** On the screen, or as a file. */
async function shown(
  rendering: Rendering,
  target: Target | null,
  { json }: Invocation,
): Promise<Outcome> {
  if (target !== null) {
    const { bytesOf } = await import('../../reports/registry.ts');
    const { writeWhole } = await import('../../reports/write.ts');
    const [section] = rendering.report.sections;
    const pieces = bytesOf(
      rendering,
      target.format,
      section as (typeof rendering.report.sections)[0],
    );
    const bytes = await writeWhole(target.out, pieces);
    return {
      json: { ...target, bytes },
      lines: [`${rendering.report.title}已写入 ${target.out}（${bytes} 字节）。`],
    };
  }
  if (json) return { json: await contentJson(rendering), lines: [] };
  // On a screen the schools where most has changed are enough; the file has all of them.
  const { schools: _, ...rows } = rendering.content.rows;
  const brief = rendering.report.id === 'policy-try' ? rows : rendering.content.rows;
  return {
    json: null,
    lines: await contentLines({ ...rendering, content: { ...rendering.content, rows: brief } }),
  };
}

async function triedRendering(
  input: TrialInput,
  policies: TriedPolicies,
  options: Options,
): Promise<Rendering> {
  const { trialRendering } = await import('../../reports/policy/trial-report.ts');
  const tally = new TrialTally();
  const words = new Words(policies);
  const runs = told(runTrial(input.sources, policies, input.means), tally, words);
  const changes = textOption(options, 'changes');
  if (changes === undefined) for await (const _ of runs);
  else await writeChanges(changes, runs, words);
  const reported: TrialReportInput = {
    head: await headOf(input, words.cities),
    before: beforeOf(input),
    after: { title: policies.title, baseHash: policies.baseHash },
    settings: policies.changes,
    keptCities: policies.keptCities,
    movedYears: policies.season - (input.sources[0]?.season ?? policies.season),
    tally,
    words,
    actor: input.actor,
    madeAt: shanghaiTime(input.province?.now() ?? new Date()),
  };
  return trialRendering(reported);
}

/** Counts the runs as they pass, and learns the names of what is in them. */
async function* told(
  runs: AsyncIterable<TriedRun>,
  tally: TrialTally,
  words: Words,
): AsyncGenerator<TriedRun> {
  for await (const run of runs) {
    words.learn(run);
    tally.add(run.comparison, run.source);
    yield run;
  }
}

async function writeChanges(
  path: string,
  runs: AsyncIterable<TriedRun>,
  words: Words,
): Promise<void> {
  const { changedCandidatesCsv } = await import('../../reports/policy/trial-candidates.ts');
  const { writeWhole } = await import('../../reports/write.ts');
  const compared = async function* () {
    for await (const { source, comparison } of runs) yield { ...source, comparison };
  };
  await writeWhole(path, changedCandidatesCsv(compared(), words.refusals));
}

/** Names of cities, batches and rules, gathered run by run. */
export class Words implements TrialWords {
  readonly cities = new Map<string, string>();
  readonly batches = new Map<string, string>();
  readonly refusals = new Map<string, string>();
  readonly #policies: TriedPolicies;

  constructor(policies: TriedPolicies) {
    this.#policies = policies;
  }

  learn({ source, comparison }: Pick<TriedRun, 'source' | 'comparison'>): void {
    const { regions } = comparison.world;
    this.cities.set(source.city, regions.find(({ code }) => code === source.city)?.name ?? '');
    for (const policy of [source.policy, this.#policies.policyFor(source)]) {
      const { batches, refusals } = wordsOf(policy);
      for (const [batch, title] of batches) this.batches.set(batch, title);
      for (const [code, title] of refusals) this.refusals.set(code, title);
    }
  }
}

/** The policies that the runs were made under, each once. */
function beforeOf({ sources }: TrialInput) {
  const names = sources.map(({ policy, baseHash }) => ({ title: policy.title, baseHash }));
  return [...new Map(names.map(name => [name.baseHash, name])).values()];
}

/** What the head of a trial's report says. */
export async function headOf(
  { sources, origin, province }: TrialInput,
  cities: ReadonlyMap<string, string>,
): Promise<ReportHead> {
  const dates = [...new Set(sources.map(({ date }) => date))].sort();
  const names = [...cities.values()].join('、');
  const scope = `${sources.length} 次投档：${cities.size > 3 ? `${cities.size} 个地市` : names}`;
  const about = { scope, businessDate: dates.length === 1 ? (dates[0] as string) : null };
  const sample = sources.some(({ policy }) => policy.usesSampleBasis);
  if (province === null) {
    return { ...about, dataUntil: `数据包 ${origin ?? ''}`, runs: [], policies: [], sample };
  }
  const runs = sources.flatMap(({ run }) => (run === null ? [] : [run]));
  const season = sources[0]?.season ?? 0;
  const head = await inSnapshot(province.database, session =>
    readHead(session, season, { ...about, runs }),
  );
  // The report itself says which policies are compared.
  return { ...head, policies: [] };
}
