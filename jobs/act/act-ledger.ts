/** The line of the ledger that an act leaves: who, from where, what was asked, what came of it. */
import { hostname } from 'node:os';
import process from 'node:process';
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Scope } from '../run/job.ts';
import { completedAct, recordAct, recordCompletion, recordFindings } from '../run/ledger.ts';
import { lockKey } from '../run/lock.ts';
import { makeRunResult, type RunResult } from '../run/result.ts';
import type { CityPolicies } from './city-policies.ts';
import type { Answer, FunctionJob, Target } from './function-job.ts';
import type { Proposal } from './proposals.ts';
import { recordable } from './recordable.ts';

/** What the checks of an act have found out. */
export interface Checked {
  readonly session: Session;
  readonly user: User;
  readonly input: Record<string, unknown>;
  readonly proposal: Proposal | null;
  readonly target: Target;
  readonly policy: FullPolicy;
  readonly policies: CityPolicies;
}

/** What a line of the ledger must know of it: its id, and what of its input is nobody's to read. */
export type LedgerJob = Pick<FunctionJob, 'id' | 'personal' | 'secret'>;

/** What is recorded of an act, whoever has checked it. */
export type Recorded = Omit<Checked, 'user' | 'policy'> & { readonly user: Pick<User, 'user'> };

export interface LedgerOfAct {
  readonly job: LedgerJob;
  readonly season: number;
  /** By the caller's request number, where there is one: completed once. */
  readonly identity: string;
  readonly osUser: string;
  readonly at: Date;
  readonly businessDate: string;
}

/** Asked of the system once, not by each act. */
const HOST = hostname();

export class ActLedger {
  readonly #of: LedgerOfAct;
  readonly #begun = performance.now();

  constructor(of: LedgerOfAct) {
    this.#of = of;
  }

  get identity(): string {
    return this.#of.identity;
  }

  /** Under which the same request waits, once more, while the first is under way. */
  get requestLock(): string {
    return String(lockKey(`request|${this.identity}`));
  }

  /** What the same request has answered before; null: it was not done. */
  async before(
    session: Session,
  ): Promise<{ readonly run: number; readonly request: unknown; readonly answer: Answer } | null> {
    const done = await completedAct(session, this.#of.season, this.#of.identity);
    if (done === null) return null;
    return { run: done.run, request: done.request, answer: answerOf(done.result) };
  }

  /** Begins the line. @returns its number */
  async record({ session, target, proposal, user, input }: Recorded): Promise<number> {
    const { job, at, ...of } = this.#of;
    const recorded = await recordable(job, session, input);
    return recordAct(session, {
      season: of.season,
      job: job.id,
      identity: of.identity,
      scope: scopeOf(target),
      businessDate: of.businessDate,
      actor: user.user,
      host: HOST,
      pid: process.pid,
      at,
      osUser: of.osUser,
      request: proposal === null ? recorded : { ...recorded, confirm: proposal.proposal },
    });
  }

  /**
   * Ends it with the answer.
   *
   * @param findings `told-by-its-run`: a run that it launched has them among the findings already;
   *   here they stand in the answer alone
   */
  async complete(
    checked: Recorded,
    run: number,
    answer: Answer,
    events: number,
    findings: 'own' | 'told-by-its-run' = 'own',
  ): Promise<void> {
    const { session, target, policies, user } = checked;
    const { job, season, identity, at, businessDate } = this.#of;
    const city = target.cities[0] ?? null;
    const version = { id: await policies.idOf(city), ...(await policies.versionOf(city)) };
    const outcome = {
      counts: { events, ...answer.counts },
      findings: answer.findings ?? [],
      policy: version.id,
      answer: answer.unkept
        ? { lines: [], values: {} }
        : { lines: answer.lines, values: answer.values ?? {} },
      ...(answer.inputHash === undefined ? {} : { inputHash: answer.inputHash }),
      ...(answer.resultHash === undefined ? {} : { resultHash: answer.resultHash }),
    };
    const elapsedMs = Math.round(performance.now() - this.#begun);
    const facts = {
      run,
      job: job.id,
      identity,
      scope: scopeOf(target),
      season,
      businessDate,
      attempt: 1,
      dryRun: false,
      actor: user.user,
      timings: { startedAt: at.toISOString(), elapsedMs, stepsMs: {} },
    };
    const result = await makeRunResult(session, facts, outcome, version);
    if (findings === 'own') await recordFindings(session, season, run, result.findings);
    await recordCompletion(session, run, result, at);
  }
}

function scopeOf(target: Target): Scope {
  const city = (target.ofUser ?? target.cities)[0];
  return {
    ...(city === undefined ? {} : { city }),
    ...(target.batch === undefined ? {} : { batch: target.batch }),
    ...(target.round === undefined ? {} : { round: target.round }),
    ...(target.school === undefined ? {} : { school: target.school }),
  };
}

function answerOf(result: RunResult): Answer {
  const { lines = [], values = {} } = result.answer ?? {};
  return { lines, values, counts: result.counts, findings: result.findings };
}
