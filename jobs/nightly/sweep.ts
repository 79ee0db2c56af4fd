/**
 * The nightly job `sweep` 到期处理: what the deadlines of the calendar do by themselves – files come
 * back when a phase closes or a grace is over, unregistered students are reverted, holds and
 * unanswered applications end. All of it is decided by the rules of deadlines.yaml; this job finds
 * the facts and carries out.
 *
 * One run per city and business date, in one transaction under the city's chain: acts of the city
 * wait for it, and it for them. Where a move of plan between two cities waits there, it holds the
 * chain of the other city too, as the acts of such a move do. The rules are asked as of the
 * scheduled tick of the business date, however late the run is, so that a missed night has the end
 * that it would have had.
 */
import type { Session } from '../../db/connect.ts';
import { policyVersionId } from '../../db/policies.ts';
import { givingCities } from '../../db/season/application-lists.ts';
import { setListStates } from '../../db/season/dispatch-lists.ts';
import type { EventFrame } from '../../db/season/set-events.ts';
import { resubmitProposals, waitingLists } from '../../db/season/sweep-lists.ts';
import { writeSituations } from '../../db/season/write-situations.ts';
import { type GroupMove, writeExpiries, writeMoves } from '../../db/season/write-sweep.ts';
import {
  type ChainHead,
  closeBlock,
  insertEvents,
  lockChain,
  type TrailEvent,
} from '../../db/trail.ts';
import { phaseBegunBy } from '../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { CityPolicies } from '../act/city-policies.ts';
import type { JobOutcome, NightlyJob, RunContext } from '../run/job.ts';
import { lockKey } from '../run/lock.ts';
import { inSnapshot } from './dispatch/world.ts';
import { decideSweep, expiringOf, type FileDecision, type SweepDecisions } from './sweep/decide.ts';
import { sweepError } from './sweep/errors.ts';
import { sweepInstant } from './sweep/instant.ts';
import { batchesOver, type ListMove, listMoves } from './sweep/lists.ts';
import { quietSweeps } from './sweep/quiet.ts';
import { sweepOutcome } from './sweep/report.ts';

const JOB = 'sweep';

export const sweepJob: NightlyJob = {
  id: JOB,
  title: '到期处理',
  side: 'nightly',
  menu: '档案管理',
  shardable: true,
  plan: async ({ database, season }) =>
    database.query<{ city: string }>(
      `select code as city from regions
       where season = $1::smallint and level = 'city' order by code collate "C"`,
      [season],
    ),
  identity: (scope, businessDate) => `${JOB}|${cityOf(scope)}|${businessDate}`,
  lock: scope => `${JOB}|${cityOf(scope)}`,
  quiet: quietSweeps,
  execute,
};

function cityOf({ city }: { readonly city?: string }): string {
  if (city === undefined) throw sweepError('scope-incomplete');
  return city;
}

async function execute(context: RunContext): Promise<JobOutcome> {
  const done = await context.complete(JOB, ({ session }) => new Sweep(context, session).run());
  return done ?? inSnapshot(context.database, session => new Sweep(context, session).look());
}

/** One sweep of one city, in one transaction. */
class Sweep {
  readonly #context: RunContext;
  readonly #session: Session;
  readonly #city: string;

  constructor(context: RunContext, session: Session) {
    this.#context = context;
    this.#session = session;
    this.#city = cityOf(context.scope);
  }

  /** What it would do. */
  async look(): Promise<JobOutcome> {
    const { policy } = await this.#policy();
    return sweepOutcome(this.#city, await this.#decide(policy));
  }

  async run(): Promise<JobOutcome> {
    const { season } = this.#context;
    const session = this.#session;
    const { policy, version } = await this.#policy();
    const giving = await givingCities(session, season, this.#city);
    const cities = [...new Set([this.#city, ...giving])].toSorted();
    await this.#awaitDispatch(policy, cities);
    const heads = new Map<string, ChainHead>();
    for (const city of cities) heads.set(city, await lockChain(session, season, city));
    const decided = await this.#decide(policy);
    await this.#write(policy, version, heads, decided);
    return { ...sweepOutcome(this.#city, decided), policy: version };
  }

  async #policy(): Promise<{ policy: FullPolicy; version: number }> {
    const policies = new CityPolicies(this.#session, this.#context.season);
    const policy = await policies.of(this.#city);
    if (this.#context.dryRun) return { policy, version: 0 };
    const { baseHash, overlayHash } = await policies.versionOf(this.#city);
    return { policy, version: await policyVersionId(this.#session, baseHash, overlayHash) };
  }

  /** A dispatch that goes on is waited for: it has read what would be moved here. */
  async #awaitDispatch({ batches }: FullPolicy, cities: readonly string[]): Promise<void> {
    const ids = batches.map(batch => batch.id).toSorted();
    for (const name of cities.flatMap(city => ids.map(id => `city-batch|${city}|${id}`))) {
      await this.#session.query('select pg_advisory_xact_lock_shared($1::bigint)', [
        String(lockKey(name)),
      ]);
    }
  }

  #decide(policy: FullPolicy): Promise<SweepDecisions> {
    const { season, businessDate, random } = this.#context;
    const instant = sweepInstant(policy, businessDate);
    return decideSweep({
      session: this.#session,
      season,
      city: this.#city,
      policy,
      instant,
      random,
    });
  }

  async #write(
    policy: FullPolicy,
    version: number,
    heads: ReadonlyMap<string, ChainHead>,
    decided: SweepDecisions,
  ): Promise<void> {
    const { season, run, failPoint } = this.#context;
    const session = this.#session;
    const frame = this.#frame(policy, version);
    const expiries = decided.expired.map(({ rule, reason, applications }) => {
      return { decision: rule.id, reason, applications };
    });
    const head = heads.get(this.#city) as ChainHead;
    const expired = await writeExpiries(session, frame, expiries, head.lastEvent);
    await this.#writeElsewhere(heads, expired.elsewhere);
    let last = head.lastEvent + expired.events;
    failPoint('sweep.half-written');
    const place = { season, city: this.#city, expiring: expiringOf(decided) };
    const moves = decided.moves.map(moveOf);
    last += await writeMoves(session, frame, place, decided.columns, moves, last);
    last += await this.#resubmit(policy, frame, last);
    await this.#settleLists(policy, frame, head.lastEvent, last);
    await writeSituations(session, frame, 'deadline', decided.situations);
    await closeBlock(session, season, this.#city, head, run);
  }

  /** Under the policy of the city whose chain it is, as the two reviews of the move have it. */
  async #writeElsewhere(
    heads: ReadonlyMap<string, ChainHead>,
    events: readonly TrailEvent[],
  ): Promise<void> {
    const { season, run } = this.#context;
    const session = this.#session;
    const policies = new CityPolicies(session, season);
    for (const [city, own] of Map.groupBy(events, event => event.city)) {
      const head = heads.get(city);
      if (head === undefined) throw new Error(`event of ${city}, whose chain is not held`);
      const { baseHash, overlayHash } = await policies.versionOf(city);
      const policy = await policyVersionId(session, baseHash, overlayHash);
      await insertEvents(
        session,
        season,
        head.lastEvent,
        own.map(event => ({ ...event, policy })),
      );
      await closeBlock(session, season, city, head, run);
    }
  }

  /**
   * When a phase closes, what the school has proposed goes to the reviewers (calendar.md), and so
   * does what had come back to it and was not submitted again.
   */
  async #resubmit(policy: FullPolicy, frame: EventFrame, last: number): Promise<number> {
    const { season, businessDate } = this.#context;
    const batches = batchesOver(policy, businessDate);
    const files = await resubmitProposals(this.#session, frame, batches, last);
    const moved = { name: JOB, from: 'proposed', to: 'proposed', decision: 'submit-list' } as const;
    const events = files.map(({ event: _, ...about }) => ({
      ...{ ...frame, ...moved, ...about },
      note: { list: 'submit-list' },
    }));
    await insertEvents(this.#session, season, last, events);
    return files.length;
  }

  async #settleLists(
    policy: FullPolicy,
    frame: EventFrame,
    before: number,
    last: number,
  ): Promise<void> {
    const lists = await waitingLists(this.#session, frame, before);
    const moves = listMoves(lists, policy, frame.businessDate);
    await this.#setLists(moves);
    const events = moves.map(({ list, batch, school, event }) => ({
      ...frame,
      ...{ file: null, name: JOB, list, batch, school, decision: JOB, note: { event } },
    }));
    await insertEvents(this.#session, frame.season, last, events);
  }

  async #setLists(moves: readonly ListMove[]): Promise<void> {
    for (const [to, members] of Map.groupBy(moves, move => move.to)) {
      const lists = members.map(({ list, from }) => ({ city: this.#city, list, state: from }));
      await setListStates(this.#session, this.#context.season, lists, to);
    }
  }

  #frame(policy: FullPolicy, version: number): EventFrame {
    const { season, actor, now, businessDate, run } = this.#context;
    const phase = phaseBegunBy(policy, businessDate)?.id ?? null;
    return {
      season,
      city: this.#city,
      actor,
      at: now(),
      businessDate,
      phase,
      policy: version,
      run,
    };
  }
}

function moveOf({ key, event, from, to, rule, reason }: FileDecision): GroupMove {
  return { key, name: event, from, to, decision: rule.id, reason };
}
