/**
 * Runs one act 业务操作 of a user. Checks, effect, events and ledger line are one transaction: an
 * act is wholly there or not at all, and a refusal changes nothing.
 *
 * A request number makes a repeat safe: the same request answers what it answered the first time.
 */
import { randomUUID } from 'node:crypto';
import { readUser } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import { savepoint } from '../../db/kept-statements.ts';
import { PROVINCE } from '../../db/trail.ts';
import { CodedError } from '../../engine/errors.ts';
import { phaseBegunBy } from '../../engine/policy/calendar.ts';
import { shanghaiDate } from '../run/calendar.ts';
import { type LaunchedRun, launchedRun, recordEnd } from '../run/ledger.ts';
import { takeLock } from '../run/lock.ts';
import type { RunEnvironment } from '../run/run.ts';
import { Act } from './act.ts';
import { ActLedger, type Checked } from './act-ledger.ts';
import { checkProposer } from './check-proposer.ts';
import { CityPolicies } from './city-policies.ts';
import { actError, asRefusal } from './errors.ts';
import type { Answer, FunctionJob, Target } from './function-job.ts';
import { type Given, prepared } from './given.ts';
import {
  checkEveryKind,
  checkRegionLock,
  checkRelatives,
  checkRight,
  checkRunning,
  checkSchedule,
  checkScope,
  checkSeason,
  checkSession,
  checkWindow,
} from './guards.ts';
import { answerOfLaunch, type Launching, placedLaunch } from './launching.ts';
import {
  confirmProposal,
  effectDigest,
  openProposal,
  type Proposal,
  recordProposal,
  requireInTerm,
  sameEffect,
  sameInput,
  signersOf,
  signProposal,
  withdrawProposal,
} from './proposals.ts';
import { recordable } from './recordable.ts';
import { asksTheSame } from './repeated.ts';
import type { ActReport, ActRequest } from './request.ts';
import { ScopeSwitch } from './scope-switch.ts';
import { lockChainsOf, writeAct } from './write-act.ts';

export type { ActReport, ActRequest } from './request.ts';

/** So long the same request waits for the launch that it has begun; a dispatch takes minutes. */
const REQUEST_WAIT_MS = 60_000;

/**
 * Runs an act.
 *
 * @param environment `actor` is not looked at: the request names the user
 * @throws CodedError whatever refuses it; nothing has changed then
 */
export async function runAct(
  job: FunctionJob,
  request: ActRequest,
  environment: RunEnvironment,
): Promise<ActReport> {
  const log = environment.log.child({ function: job.id, actor: request.user });
  try {
    const report = await new ActRun(job, request, environment).run();
    log.info({ state: report.state, run: report.run, proposal: report.proposal }, 'act');
    return report;
  } catch (error) {
    const coded = asRefusal(error, request.user);
    log.info({ code: coded instanceof CodedError ? coded.code : 'failed' }, 'act refused');
    throw coded;
  }
}

/** What an effect has come to. */
interface Effected {
  readonly answer: Answer;
  readonly events: number;
  /** See effectDigest. */
  readonly digest: string;
}

class ActRun {
  readonly #job: FunctionJob;
  readonly #request: ActRequest;
  readonly #environment: RunEnvironment;
  readonly #at: Date;
  readonly #businessDate: string;
  readonly #ledger: ActLedger;
  /** What the effect has answered instead of an answer: thrown once it is committed. */
  #refusal: CodedError | undefined;

  constructor(job: FunctionJob, request: ActRequest, environment: RunEnvironment) {
    this.#job = job;
    this.#request = request;
    this.#environment = environment;
    this.#at = environment.now();
    this.#businessDate = shanghaiDate(this.#at);
    const identity = `do|${job.id}|${request.user}|${request.request ?? randomUUID()}`;
    const [{ season }, { osUser = '' }] = [environment, request];
    const [at, businessDate] = [this.#at, this.#businessDate];
    this.#ledger = new ActLedger({ job, season, identity, osUser, at, businessDate });
  }

  async run(): Promise<ActReport> {
    const { request } = this.#request;
    if (this.#job.launch === undefined || request === undefined) return this.#run();
    // A launch outlives the transaction that looks its request up; so the request itself is held.
    const wait = { milliseconds: REQUEST_WAIT_MS };
    const { url } = this.#environment.database;
    const lock = await takeLock(url, `launch|${this.#ledger.identity}`, wait);
    if (lock === undefined) throw actError('request-in-progress', { request });
    try {
      return await this.#run();
    } finally {
      await lock.release();
    }
  }

  async #run(): Promise<ActReport> {
    const { database, season } = this.#environment;
    const given = await prepared(this.#job, this.#request.input);
    const done = await database.transaction(async session => {
      const once = this.#request.request === undefined ? null : this.#ledger.requestLock;
      await checkSeason(session, season, once);
      const before = await this.#before(session, given);
      if (before !== null) return before;
      if (given.withdraw !== null) return this.#withdraw(session, given.withdraw);
      const checked = await this.#check(session, given);
      if (this.#job.launch !== undefined) return { ...checked, launched: null };
      return this.#act(checked);
    });
    if (this.#refusal !== undefined) throw this.#refusal;
    return 'session' in done ? this.#launch(done) : done;
  }

  /** The proposer takes an own proposal back. @throws unknown-proposal, not-proposer */
  async #withdraw(session: Session, proposal: number): Promise<ActReport> {
    const { season } = this.#environment;
    const { policies, user } = await this.#speaker(session, { input: {} });
    const wanted = { proposal, function: this.#job.id, user: user.user };
    const city = await withdrawProposal(session, season, wanted);
    const target: Target = { cities: city === PROVINCE ? [] : [city] };
    const policy = await policies.of(target.cities[0] ?? null);
    const input = { withdraw: proposal };
    const checked = { session, user, input, proposal: null, target, policy, policies };
    const line = `第 ${proposal} 号提议已撤回，不能再确认。`;
    const answer: Answer = { lines: [line], values: { proposal } };
    const run = await this.#ledger.record(checked);
    await this.#ledger.complete(checked, run, answer, 0);
    return { state: 'done', run, proposal, answer };
  }

  /**
   * The answer to a request that was done before, told to whom it was told then; or its launch, if
   * that was done and not answered.
   *
   * @throws request-differs, and what refuses the user
   */
  async #before(session: Session, given: Given): Promise<ActReport | Launching | null> {
    if (this.#request.request === undefined) return null;
    const done = await this.#ledger.before(session);
    const launched = done === null ? await this.#unanswered(session) : null;
    const former = done ?? launched;
    if (former === null) return null;
    const speaking = await this.#speaker(session, given);
    if (!(await asksTheSame(this.#job, session, given, former.request))) {
      throw actError('request-differs', { request: this.#request.request });
    }
    if (done === null) {
      const when = { at: this.#at, businessDate: this.#businessDate };
      const place = { ...speaking, ...when, season: this.#environment.season };
      return placedLaunch(this.#job, { ...place, input: given.input }, launched);
    }
    return { state: 'already-done', run: done.run, proposal: null, answer: done.answer };
  }

  /** A run that this very request has launched, of which the act has no line. */
  async #unanswered(session: Session): Promise<LaunchedRun | null> {
    const { season } = this.#environment;
    return this.#job.launch ? launchedRun(session, season, this.#ledger.identity) : null;
  }

  /** Who asks, through an open session, and with the right to. */
  async #speaker(session: Session, { input }: Pick<Given, 'input'>) {
    const { season } = this.#environment;
    const policies = new CityPolicies(session, season);
    const user = await readUser(session, season, this.#request.user, await policies.of(null));
    if (user === null) throw actError('unknown-user', { user: this.#request.user });
    await checkSession(this.#job, session, { user, token: this.#request.token, at: this.#at });
    checkRight(this.#job, user, input);
    return { session, policies, user };
  }

  async #check(session: Session, given: Given): Promise<Checked> {
    const job = this.#job;
    const { season } = this.#environment;
    const policies = new CityPolicies(session, season);
    const province = await policies.of(null);
    const user = await readUser(session, season, this.#request.user, province);
    if (user === null) throw actError('unknown-user', { user: this.#request.user });
    await checkSession(job, session, { user, token: this.#request.token, at: this.#at });
    checkRight(job, user, given.input);
    await checkRelatives(job, { session, season, user }, city => policies.of(city));
    let { input } = given;
    let proposal: Checked['proposal'] = null;
    if (given.confirm !== null) {
      const wanted = { proposal: given.confirm, function: job.id, user: user.user };
      const open = await openProposal(session, season, wanted);
      sameInput(open, input);
      requireInTerm(open, province, this.#businessDate);
      ({ input } = open);
      proposal = open;
    }
    const place = { input, session, season, user, at: this.#at, businessDate: this.#businessDate };
    const target = await job.target(place);
    const scoped = await checkScope(session, season, user, target);
    await checkRegionLock(job, session, season, target, scoped);
    const policy = await policies.of(target.cities[0] ?? null);
    checkEveryKind(job, user, policy);
    if (proposal !== null) {
      await checkProposer(job, { session, season, proposal, target, policy, policies });
    }
    const whole = { ...place, target, policy };
    await checkWindow(job, whole);
    await checkSchedule(job, { session, season, at: this.#at, target });
    await checkRunning(job, session, target, policy);
    return { session, user, input, proposal, target, policy, policies };
  }

  async #act(checked: Checked): Promise<ActReport> {
    const { session, proposal } = checked;
    if (proposal === null && (await this.#needsSecond(checked))) return this.#propose(checked);
    if (proposal !== null) {
      const missing = this.#signers(checked) - signersOf(proposal).length - 1;
      if (missing > 0) return this.#countersign(checked, proposal, missing);
    }
    const run = await this.#ledger.record(checked);
    const { answer, events, digest } = await this.#effect(checked, run);
    if (answer.refusal !== undefined) return this.#refuse(session, run, answer, answer.refusal);
    if (proposal !== null) {
      sameEffect(proposal, digest);
      await confirmProposal(session, proposal.proposal, checked.user.user, this.#at);
    }
    await this.#ledger.complete(checked, run, answer, events);
    this.#environment.failPoint('act-recorded');
    return { state: 'done', run, proposal: proposal?.proposal ?? null, answer };
  }

  /** Keeps what the refusal rests on, with its line in the ledger. */
  async #refuse(
    session: Session,
    run: number,
    answer: Answer,
    refusal: CodedError,
  ): Promise<ActReport> {
    const { code, message: sentence, advice } = refusal;
    await recordEnd(session, run, 'refused', { code, sentence, advice }, this.#at);
    this.#refusal = refusal;
    return { state: 'done', run, proposal: null, answer };
  }

  async #needsSecond(checked: Checked): Promise<boolean> {
    const { confirm } = this.#job;
    if (typeof confirm !== 'function') return confirm === true;
    const place = { at: this.#at, businessDate: this.#businessDate, ...checked };
    return confirm({ ...place, season: this.#environment.season });
  }

  /** People that it takes, the proposer among them. */
  #signers(checked: Checked): number {
    const { season } = this.#environment;
    const place = { at: this.#at, businessDate: this.#businessDate, ...checked, season };
    return this.#job.signers?.(place) ?? 2;
  }

  /** Tries the whole act and takes it back. @returns its digest */
  async #rehearse(checked: Checked): Promise<string> {
    const takeBack = await savepoint(checked.session, 'proposal');
    const run = await this.#ledger.record(checked);
    const { answer: tried, digest } = await this.#effect(checked, run);
    if (tried.refusal !== undefined) throw tried.refusal;
    await takeBack();
    checked.policies.forgetIds();
    return digest;
  }

  /** Signs what takes more people than have signed it by then. */
  async #countersign(checked: Checked, open: Proposal, missing: number): Promise<ActReport> {
    const { proposal } = open;
    sameEffect(open, await this.#rehearse(checked));
    await signProposal(checked.session, proposal, checked.user.user);
    const line = `已签署第 ${proposal} 号提议，还须 ${missing} 人以 confirm=${proposal} 签署后生效。`;
    return this.#proposed(checked, proposal, line);
  }

  /** Records what is to be confirmed, once it has been tried. */
  async #propose(checked: Checked): Promise<ActReport> {
    const { session, input, target, user } = checked;
    const digest = await this.#rehearse(checked);
    const proposal = await recordProposal(session, this.#environment.season, {
      function: this.#job.id,
      input,
      target,
      user: user.user,
      at: this.#at,
      businessDate: this.#businessDate,
      effectHash: digest,
    });
    const others = this.#signers(checked) - 1;
    const who = others === 1 ? '另一人' : `另外 ${others} 人先后`;
    const line = `已记为第 ${proposal} 号提议，由有此功能的${who}以 confirm=${proposal} 确认后生效。`;
    return this.#proposed(checked, proposal, line);
  }

  async #proposed(checked: Checked, proposal: number, line: string): Promise<ActReport> {
    const answer: Answer = { lines: [line], values: { proposal } };
    await this.#ledger.complete(checked, await this.#ledger.record(checked), answer, 0);
    this.#environment.failPoint('act-recorded');
    return { state: 'proposed', run: null, proposal, answer };
  }

  /** The effect in the user's scope, and what it has gathered written. */
  async #effect(checked: Checked, run: number): Promise<Effected> {
    const { session, user, target, policy, policies } = checked;
    const { season } = this.#environment;
    const heads = await lockChainsOf(session, season, target);
    const scope = new ScopeSwitch(session, user);
    const act = new Act({
      job: this.#job,
      input: checked.input,
      user,
      season,
      at: this.#at,
      businessDate: this.#businessDate,
      target,
      policy,
      phase: phaseBegunBy(policy, this.#businessDate)?.id ?? null,
      signers: signersOf(checked.proposal),
      run,
      session: scope.session,
      home: this.#environment.home,
      token: this.#request.token ?? null,
      random: () => this.#environment.random(),
      cityPolicy: city => policies.of(city),
      asRunner: work => scope.asRunner(work),
    });
    const answer = await (this.#job.effect as NonNullable<FunctionJob['effect']>)(act);
    this.#environment.failPoint('act-worked');
    const digest = effectDigest(this.#job, act.gathered().events, answer.counts);
    const events = await writeAct(act, {
      season,
      heads,
      scope,
      policyOf: city => policies.idOf(city === PROVINCE ? null : city),
      actor: user.user,
      at: this.#at,
      businessDate: this.#businessDate,
      run,
    });
    return { answer, events, digest };
  }

  /** After the checks' transaction: the run has its own. */
  async #launch({ launched, ...checked }: Launching): Promise<ActReport> {
    const { input, user, target } = checked;
    const { season, database } = this.#environment;
    const request = await database.transaction(session => recordable(this.#job, session, input));
    const mark = { identity: this.#ledger.identity, osUser: this.#request.osUser ?? '', request };
    const answer = await answerOfLaunch(this.#job, launched, {
      input,
      user,
      target,
      businessDate: launched?.businessDate ?? this.#businessDate,
      environment: { ...this.#environment, actor: user.user, launch: mark },
    });
    this.#environment.failPoint('act-launched');
    // The run that was launched has its own line; this one is the act's: who asked, from which
    // machine's account, by which request number, and what was answered.
    const run = await this.#environment.database.transaction(async session => {
      const own = { ...checked, session, policies: new CityPolicies(session, season) };
      const number = await this.#ledger.record(own);
      await this.#ledger.complete(own, number, answer, 0, 'told-by-its-run');
      return number;
    });
    return { state: 'done', run, proposal: null, answer };
  }
}
