/**
 * A dispatch started by a person: the nightly job itself, with the same identity, locks, steps and
 * ledger, then its audit. What would refuse the run is asked before it is begun, so that a refusal
 * leaves no trace of a run.
 */
import type { Session } from '../../../db/connect.ts';
import type { CodedError } from '../../../engine/errors.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { actError } from '../../act/errors.ts';
import type { Answer, Launch } from '../../act/function-job.ts';
import { auditJob } from '../../nightly/audit.ts';
import { policyOfCity } from '../../nightly/dispatch/policy.ts';
import { dispatchJob } from '../../nightly/dispatch.ts';
import type { Finding, Scope } from '../../run/job.ts';
import { completedRun, type LaunchedRun } from '../../run/ledger.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../run/run.ts';
import { dispatchError } from '../errors.ts';
import { type OpenRound, requireSeed } from './round.ts';

/** Long enough for an act that is at the city × batch to end; a run of it is not waited for. */
const LOCK_WAIT_MS = 1_000;

interface LaunchInput {
  readonly city: string;
  readonly batch: string;
  readonly school?: string;
}

/**
 * Dispatches the round that `open` finds, and audits it.
 *
 * @throws no-seed, round-already-run, run-in-progress, and what `open` throws
 */
export async function launchDispatch(
  { input, environment, businessDate }: Launch<LaunchInput>,
  title: string,
  open: (session: Session, policy: FullPolicy) => Promise<OpenRound>,
): Promise<Answer> {
  const { database, season } = environment;
  const { city, batch, school } = input;
  const { round } = await database.session(async session => {
    const { policy } = await policyOfCity(session, season, city);
    const found = await open(session, policy);
    const { mode, ties } = found.batch.dispatch;
    if (mode === 'lottery' || ties.ending === 'lottery') requireSeed(city, found.batch);
    return found;
  });
  const scope: Scope = { city, batch, round, ...(school === undefined ? {} : { school }) };
  const done = await completedRun(database, season, dispatchJob.identity(scope, businessDate));
  if (done !== undefined) throw alreadyRun(scope, done.run);
  const handRun = { ...environment, lockWaitMs: LOCK_WAIT_MS };
  const report = await runJob(dispatchJob, scope, businessDate, handRun);
  if (report.state === 'already-done') throw alreadyRun(scope, report.run ?? 0);
  if (report.state === 'in-progress') throw actError('run-in-progress', { city, batch, title });
  if (report.state !== 'completed') throw report.error ?? new Error(report.state);
  return audited(report, businessDate, environment);
}

/** The dispatch is done, and perhaps its audit: which is done now if it was not. */
export function resumeDispatch(
  { businessDate, environment }: Launch<LaunchInput>,
  { run, scope, result }: LaunchedRun,
): Promise<Answer> {
  return audited({ run, scope, result }, businessDate, environment);
}

/** The audit is a run of its own, which nobody has launched for itself. */
async function audited(
  report: Dispatched,
  businessDate: string,
  environment: RunEnvironment,
): Promise<Answer> {
  const { scope } = report;
  const audit = await runJob(auditJob, scope, businessDate, { ...environment, launch: null });
  return answerOf(scope, report, audit);
}

function alreadyRun({ city, batch, round, school }: Scope, run: number): CodedError {
  const only = school === undefined ? '' : `投往院校 ${school} 的指定投档`;
  const what = `${city} 的批次 ${batch} 第 ${round} 轮${only}`;
  return dispatchError('round-already-run', { what, run });
}

type Dispatched = Pick<RunReport, 'run' | 'scope' | 'result'>;

function answerOf(scope: Scope, report: Dispatched, audit: RunReport): Answer {
  const counts = report.result?.counts ?? {};
  const { placed = 0, participants = 0, lists = 0 } = counts;
  const findings = audit.result?.findings ?? [unaudited(scope, report, audit)];
  return {
    lines: [
      `第 ${report.run} 次运行：${participants} 人参加，投出 ${placed} 人，投档单 ${lists} 份。`,
      ...(findings.length === 0 ? ['核查通过，可由另一人发档（release-list）。'] : []),
    ],
    values: { run: report.run, audit: audit.run, round: scope.round },
    counts,
    findings,
  };
}

/** The dispatch stands; until it is audited, nothing of it is released. */
function unaudited({ city, batch }: Scope, report: Dispatched, audit: RunReport): Finding {
  const why = audit.error?.message ?? audit.state;
  return {
    property: 'audit',
    severity: 'error',
    ...(city === undefined ? {} : { city }),
    ...(batch === undefined ? {} : { batch }),
    ...(report.run === null ? {} : { aboutRun: report.run }),
    stops: 'city',
    sentence: `投档已完成，核查没有完成：${why}请运行 zhongzhao run audit。`,
    rows: [],
    rowCount: 0,
  };
}
