/**
 * A launch and its answer. The run that an act launches has transactions of its own; where the
 * process dies after it and before the act's line, the same request finds the run (ledger.ts,
 * LaunchMark), and what was left to do is done and answered.
 */
import type { LaunchedRun } from '../run/ledger.ts';
import type { Checked } from './act-ledger.ts';
import type { CityPolicies } from './city-policies.ts';
import type { Answer, FunctionJob, Launch, Place } from './function-job.ts';

/** What has passed its checks and is to be launched, or was launched and not answered. */
export interface Launching extends Checked {
  readonly launched: LaunchedRun | null;
}

/** What a launch is about whose checks were passed before it was begun. */
export async function placedLaunch(
  job: FunctionJob,
  place: Place<Record<string, unknown>> & { readonly policies: CityPolicies },
  launched: LaunchedRun | null,
): Promise<Launching> {
  const { session, user, input, policies } = place;
  const target = await job.target(place);
  const policy = await policies.of(target.cities[0] ?? null);
  return { session, user, input, proposal: null, target, policy, policies, launched };
}

/** @param launched null: it is launched now */
export async function answerOfLaunch(
  job: FunctionJob,
  launched: LaunchedRun | null,
  launch: Launch<unknown>,
): Promise<Answer> {
  if (launched === null) return (job.launch as NonNullable<typeof job.launch>)(launch);
  return job.resume?.(launch, launched) ?? answerOfRun(launched);
}

/** Of a run that has told what it did in its own line. */
function answerOfRun({ run, result }: LaunchedRun): Answer {
  const { counts, findings } = result;
  const line = `第 ${run} 次运行此前已经完成，当时没有来得及答复；详情见该次运行。`;
  return { lines: [line], values: { run }, counts, findings };
}
