/**
 * `zhongzhao policy explain CANDIDATE`, and `explain CANDIDATE --what-if`: beside why, the smallest
 * change that would have changed it, in the candidate's last dispatch or the one that is named.
 */
import { counterfactual } from '../../engine/trial/counterfactual.ts';
import {
  type CounterfactualWords,
  counterfactualJson,
  counterfactualLines,
} from '../../reports/policy/counterfactual-text.ts';
import { fail } from '../trial/errors.ts';
import { baseRun, optionsOf, type TrialMeans } from '../trial/run-trial.ts';
import { sourcesOfRuns, type TrialSource } from '../trial/sources.ts';
import type { Invocation, Options } from './command.ts';
import type { Outcome } from './output.ts';
import { participantOf } from './policy-try-candidate.ts';
import { actingUser, currentSeason, type Province, withProvince } from './province.ts';
import { meansOf, requireTrialScope, textOption, usage, withTrialInput } from './trial-input.ts';

/** How many dispatches an answer usually takes; for the progress bar alone. */
const RUNS_USUAL = 40;

/** @throws CodedError never-dispatched, not-in-runs, trial-scope, and what sources.ts says */
export async function explainWhatIf(
  invocation: Invocation,
  options: Options,
  [candidate = '']: readonly string[],
): Promise<Outcome> {
  if (textOption(options, 'package') !== undefined) {
    return withTrialInput(invocation, options, async ({ sources: [source], means }) => {
      const told = await whatIf(source as TrialSource, candidate, means);
      return { json: { candidate, whatIf: told.json }, lines: told.lines };
    });
  }
  if (textOption(options, 'as') === undefined) throw usage('缺少选项 --as', 'policy explain');
  return withProvince(invocation, options, async province => {
    const user = await actingUser(province, options);
    const run = await runOf(province, candidate, options);
    const [source] = await sourcesOfRuns(province.database, province.home, [run]);
    await requireTrialScope(province.database, user, [source as TrialSource]);
    const why = await whyLines(province, invocation, options, user, candidate);
    const means = meansOf(province.progress.report, province.signal);
    try {
      const told = await whatIf(source as TrialSource, candidate, means);
      return {
        json: { ...why.json, whatIf: { run, ...told.json } },
        lines: [...why.lines, '', ...told.lines],
      };
    } finally {
      province.progress.end();
    }
  });
}

/** The candidate's last dispatch, of a batch if one is named; or the run that is named. */
async function runOf({ database }: Province, candidate: string, options: Options): Promise<number> {
  const batch = textOption(options, 'batch') ?? null;
  const named = textOption(options, 'run');
  if (named !== undefined && !/^\d{1,9}$/.test(named)) {
    throw usage(`“${named}”不是运行编号`, 'policy explain');
  }
  const season = await currentSeason(database);
  const [row] = await database.query<{ run: number }>(
    `select r.run from candidate_numbers n
       join decisions d using (season, city, file)
       join runs r on r.season = d.season and r.run = d.run
     where n.season = $1::smallint and n.candidate_no = $2
       and r.job = 'dispatch' and r.state = 'completed'
       and ($3::text is null or r.scope ->> 'batch' = $3)
       and ($4::integer is null or r.run = $4)
     order by r.run desc limit 1`,
    [season, candidate, batch, named === undefined ? null : Number(named)],
  );
  if (row !== undefined) return row.run;
  const what = named === undefined ? (batch ?? '') : `运行 ${named} 的`;
  throw fail('never-dispatched', { candidate, what });
}

/** What `explain` says by itself. */
async function whyLines(
  province: Province,
  invocation: Invocation,
  options: Options,
  actor: string,
  candidate: string,
): Promise<{ json: Record<string, unknown>; lines: readonly string[] }> {
  const registry = await import('../../reports/registry.ts');
  const { contentJson } = await import('./report-text.ts');
  const { outcomeLines } = await import('../../reports/queries/candidate-text.ts');
  const season = await currentSeason(province.database);
  const { database, now } = province;
  const purpose = textOption(options, 'purpose');
  const said = purpose === undefined ? {} : { purpose };
  const context = { database, season, actor, unmasked: false, now, ...said };
  const report = registry.findReport('candidate-outcome');
  return registry.withContent(report, context, { candidate_no: candidate }, async rendering => ({
    json: invocation.json ? ((await contentJson(rendering)) as Record<string, unknown>) : {},
    lines: invocation.json ? [] : outcomeLines(rendering),
  }));
}

async function whatIf(source: TrialSource, candidate: string, means: TrialMeans) {
  means.progress('读取', 0, 1);
  const { memory, before } = await baseRun(source, [], means);
  const participant = participantOf({ world: memory.world, before }, candidate);
  if (participant === -1) throw fail('not-in-runs', { candidate });
  const found = await counterfactual({
    memory,
    policy: source.policy,
    // What is told was decided by the same tables as the run's; that is rechecked with the run.
    options: { ...optionsOf(source, means.random), recheckSample: 0 },
    result: before,
    participant,
    onRun: runs => {
      means.signal?.throwIfAborted();
      means.progress('重新投档', runs, Math.max(RUNS_USUAL, runs + 1));
    },
  });
  const words: CounterfactualWords = { world: memory.world, policy: source.policy, found };
  const { city, batch, round } = source;
  const region = memory.world.regions.find(({ code }) => code === city)?.name ?? city;
  const title = source.policy.batches.find(({ id }) => id === batch)?.title ?? batch;
  const ofRun = source.run === null ? '' : `（运行 ${source.run}）`;
  return {
    json: counterfactualJson(words) as Record<string, unknown>,
    lines: [`怎样才会不同：${region} ${title} 第${round}轮${ofRun}`, ...counterfactualLines(words)],
  };
}
