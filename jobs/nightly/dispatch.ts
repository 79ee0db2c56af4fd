/**
 * The job `dispatch` 投档: one round of one batch of one city. Input, pure algorithm, output,
 * verification, export, once, no way back (design.md "The way of the data"). A thread of its own
 * verifies and hashes while the rows are being written (dispatch/proof-thread.ts); nothing of them
 * is committed, and so seen by anybody, before it has answered.
 */
import type { Session } from '../../db/connect.ts';
import { cityStandings, dueRounds } from '../../db/dispatch/standing.ts';
import { type ReasonsWriter, writeRun } from '../../db/dispatch/write-run.ts';
import { isSampleDatabase, policyVersionId } from '../../db/policies.ts';
import { ReasonsText } from '../../engine/dispatch/detail.ts';
import { schoolRules } from '../../engine/dispatch/eligibility.ts';
import { type DispatchRun, dispatch, type RunPart } from '../../engine/dispatch/run.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Batch, Policy } from '../../engine/policy/types.ts';
import { inForce } from '../../engine/rules/atoms.ts';
import { compileStage } from '../../engine/rules/compile.ts';
import type { JobOutcome, NightlyJob, PlanContext, RunContext, Scope } from '../run/job.ts';
import { drawsLots, requireDrawnApplicants } from './dispatch/drawn-applicants.ts';
import { fail } from './dispatch/errors.ts';
import { discardLostDrafts, packageOrder } from './dispatch/keep-package.ts';
import { type CityPolicy, policiesOfCities, policyOfCity } from './dispatch/policy.ts';
import type { PackageOrder } from './dispatch/proof.ts';
import { Proof } from './dispatch/proof-thread.ts';
import { batchOf, requireOpenRound, requireStart, standingOf } from './dispatch/start.ts';
import { inSnapshot, readWorld, type WorldRead } from './dispatch/world.ts';

/** Pairs per stage and run that the unmodified engine decides again. */
export const RECHECK_PAIRS = 200;

/** With two, processor and server are both busy; more would add memory, and wait for each other. */
const CITIES_AT_ONCE = 2;

export const dispatchJob: NightlyJob = dispatchJobWith(dispatch);

/** The job with another way of placing: for tests that break it, and see the check stop it. */
export function dispatchJobWith(placing: typeof dispatch): NightlyJob {
  return {
    id: 'dispatch',
    title: '批量投档',
    side: 'nightly',
    menu: '投档',
    shardable: true,
    atOnce: CITIES_AT_ONCE,
    plan,
    identity: scope => {
      const { city, batch, round } = complete(scope);
      return ['dispatch', city, batch, round, ...(scope.school ? [scope.school] : [])].join('|');
    },
    lock: scope => {
      const { city, batch } = complete(scope);
      return `city-batch|${city}|${batch}`;
    },
    execute: context => execute(context, placing),
  };
}

/** Rounds that are open and not yet dispatched, batch by batch, city by city. */
async function plan(context: PlanContext): Promise<readonly Scope[]> {
  const { database, season, businessDate } = context;
  const standings = await database.session(session => cityStandings(session, season));
  const cities = standings.map(standing => standing.city);
  if (cities.length === 0) return [];
  const policies = await database.session(session => policiesOfCities(session, season, cities));
  const due: { order: number; scope: Scope }[] = [];
  for (const standing of standings) {
    const policy = policies.get(standing.city) as Policy;
    if (policy.ownSystem) continue;
    for (const batch of policy.batches) {
      for (const round of dueRounds(batch, standing, businessDate)) {
        due.push({ order: batch.order, scope: { city: standing.city, batch: batch.id, round } });
      }
    }
  }
  return due.sort((a, b) => a.order - b.order).map(entry => entry.scope);
}

interface DispatchScope {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
}

function complete(scope: Scope): DispatchScope {
  const { city, batch, round = 1 } = scope;
  if (city === undefined || batch === undefined) throw fail('scope-incomplete');
  return { city, batch, round };
}

/** What one run has in hand after reading. */
interface Input extends WorldRead {
  readonly policy: CityPolicy;
  readonly batch: Batch;
}

async function execute(context: RunContext, placing: typeof dispatch): Promise<JobOutcome> {
  const stages = new Stages(context);
  const input = await read(context);
  stages.finished('read');
  await context.checkStop();
  const proof = new Proof(input.world, await orderOf(context, input));
  try {
    stages.finished('copy');
    return await decideAndWrite(context, input, { proof, stages, placing });
  } finally {
    await proof.close();
  }
}

interface Means {
  readonly proof: Proof;
  readonly stages: Stages;
  readonly placing: typeof dispatch;
}

async function decideAndWrite(
  context: RunContext,
  input: Input,
  { proof, stages, placing }: Means,
): Promise<JobOutcome> {
  const run = await decide(context, input, stages, placing);
  proof.ask({ policy: input.policy.policy, result: run.result, ...onlySchool(context) });
  await context.checkStop();
  const outcome = outcomeOf(input, run);
  context.failPoint('dispatch.decided');
  const written = await context.complete('place', async ({ session }) => {
    const { baseHash, overlayHash } = input.policy;
    const policy = await policyVersionId(session, baseHash, overlayHash);
    const record = recordOf(context, input, run, policy);
    const reasons = reasonsWriter(input.world, run);
    const { world } = input;
    await writeRun(session, record, world, run.result, reasons, (table, rows) => {
      if (table === 'events' && rows === 0) context.failPoint('dispatch.half-written');
      context.progress(`写入 ${table}`, rows, run.result.participants.length);
    }).catch(async (error: unknown) => {
      // A wrong result may break a key of the tables as well; what is wrong with it tells more.
      throw (await proof.refusal()) ?? error;
    });
    stages.finished('write');
    const hashes = await proof.passed();
    stages.finished('proof');
    await requireDrawn(context, input, hashes.inputHash, session);
    return { ...outcome, ...hashes, policy };
  });
  if (written === undefined) {
    const hashes = await proof.passed();
    await requireDrawn(context, input, hashes.inputHash, context.database);
    return { ...outcome, ...hashes };
  }
  stages.finished('commit');
  context.failPoint('dispatch.package-unwritten');
  await proof.keep();
  stages.finished('package');
  stages.report(await proof.took());
  return written;
}

/** @throws what drawn-applicants.ts says, where lots were drawn */
async function requireDrawn(
  { season, scope }: RunContext,
  { world: { city, round }, batch }: Input,
  inputHash: string,
  session: Pick<Session, 'query'>,
): Promise<void> {
  if (!drawsLots(batch)) return;
  const whole = scope.school === undefined ? inputHash : null;
  await requireDrawnApplicants(session, { season, city, batch, round }, whole);
}

function onlySchool({ scope: { school } }: RunContext): { school?: string } {
  return school === undefined ? {} : { school };
}

/** Reads policy, standing and world in one snapshot, and asks the start rules before the bulk. */
async function read(context: RunContext): Promise<Input> {
  const { database, season, businessDate: date } = context;
  const scope = complete(context.scope);
  const policy = await database.session(session => policyOfCity(session, season, scope.city));
  const batch = batchOf(policy.policy, scope.batch);
  return inSnapshot(database, async session => {
    const standing = await standingOf(session, season, scope.city);
    requireOpenRound(batch, scope.round, standing);
    const { policy: rules } = policy;
    await requireStart({ policy: rules, batch, round: scope.round, standing, date });
    const key = { season, ...scope, date };
    const read = await readWorld(session, key, rules, {
      onProgress: rows => context.progress('读取', rows, rows * 2),
    });
    return { ...read, policy, batch };
  });
}

async function decide(
  context: RunContext,
  { world, policy }: Input,
  stages: Stages,
  placing: typeof dispatch,
): Promise<DispatchRun> {
  context.progress('投档', 0, 1);
  return placing(world, policy.policy, {
    random: context.random,
    recheckSample: RECHECK_PAIRS,
    compileStage,
    ...onlySchool(context),
    finished: part => stages.finished(part),
  });
}

function outcomeOf(input: Input, run: DispatchRun): JobOutcome {
  const { result } = run;
  return {
    counts: {
      rowsRead: input.rows,
      candidates: input.world.candidates.count,
      participants: result.counts.participants,
      placed: result.counts.placed,
      unplaced: result.counts.unplaced,
      choices: result.counts.choices,
      schools: result.schools.length,
      lists: result.schools.filter(school => school.list > 0).length,
      overrun: result.schools.reduce((sum, school) => sum + school.overrun, 0),
      engineRuns: run.engineRuns,
      rechecked: run.rechecked,
      situations: run.situations.reduce((sum, stage) => sum + stage.rows.length, 0),
    },
    findings: [],
  };
}

function recordOf(context: RunContext, input: Input, run: DispatchRun, policy: number) {
  const { world, batch, lastEvent } = input;
  const rules = schoolRules(world, input.policy.policy);
  const ids = (school: number) =>
    [...rules.common, ...(rules.byTarget.get(school) ?? [])]
      .filter(rule => inForce(rule, world.date))
      .map(rule => rule.id)
      .join(' ');
  return {
    run: context.run,
    season: context.season,
    city: world.city,
    batch: world.batch,
    round: world.round,
    phase: batch.phase,
    businessDate: context.businessDate,
    policy,
    actor: context.actor,
    at: context.now(),
    lastEvent,
    rulesBehind: ids,
    stages: run.situations,
  };
}

function reasonsWriter(world: World, run: DispatchRun): ReasonsWriter {
  const text = new ReasonsText(world, run.result);
  let bytes = new Uint8Array(4096);
  return participant => {
    const longest = text.longest(participant);
    if (longest > bytes.length) bytes = new Uint8Array(longest * 2);
    return { bytes, end: text.write(participant, bytes, 0) };
  };
}

/** The package to be kept of the input; none of a dry run. */
async function orderOf(context: RunContext, input: Input): Promise<PackageOrder | null> {
  if (context.dryRun) return null;
  const { season, run, home, database, businessDate: date } = context;
  await discardLostDrafts(database, home, { season, run });
  const synthetic = await isSampleDatabase(database);
  const about = { run, season, ...complete(context.scope), date };
  const school = context.scope.school ?? null;
  return packageOrder(home, { ...about, school }, input.policy, synthetic);
}

type StageName = RunPart | 'read' | 'copy' | 'write' | 'proof' | 'commit' | 'package';

/** How long each stage took, for the log: the figures of the bench come from here. */
class Stages {
  readonly #context: RunContext;
  readonly #milliseconds: Partial<Record<StageName, number>> = {};
  #last: number;

  constructor(context: RunContext) {
    this.#context = context;
    this.#last = performance.now();
  }

  finished(stage: StageName): void {
    const now = performance.now();
    this.#milliseconds[stage] = Math.round(now - this.#last);
    this.#last = now;
  }

  /** @param threadMs what the thread beside the run took */
  report(threadMs: Readonly<Record<string, number>>): void {
    this.#context.log.info({ stagesMs: this.#milliseconds, threadMs }, 'dispatch stages');
  }
}
