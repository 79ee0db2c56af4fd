/**
 * The simulated season: its clock, its people's one way of acting, and what is kept of what they
 * did. People act through runAct alone, as users with their own rights; what they look at before
 * they act, they read from the database.
 *
 * Everything that is drawn comes from (seed, day, what for), never from what happened before, so
 * that a day can be lived again after a fault and comes out the same.
 */
import { pino } from 'pino';
import type { Database } from '../../db/connect.ts';
import { Stream } from '../../db/sample/random.ts';
import { CodedError } from '../../engine/errors.ts';
import type { FunctionJob } from '../../jobs/act/function-job.ts';
import { allFunctions } from '../../jobs/act/registry.ts';
import { type ActReport, runAct } from '../../jobs/act/run-act.ts';
import { scheduleOf } from '../../jobs/cli/schedule-in-force.ts';
import { nightlyJobs } from '../../jobs/nightly/registry.ts';
import { shanghaiDate } from '../../jobs/run/calendar.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import type { LockKeeper } from '../../jobs/run/lock-keeper.ts';
import { night } from '../../jobs/run/night.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import type { RunEnvironment, RunReport } from '../../jobs/run/run.ts';
import type { Registry } from '../../jobs/run/schedule.ts';
import { SeasonFailure } from './failure.ts';
import { type Piece, sideBySide } from './side-by-side.ts';

export const SEASON = 2016;

/** Numbers of the streams that people draw from; beyond those of the sample. */
const PART = 100;

export type ActInput = Readonly<Record<string, unknown>>;

export type Outcome =
  | { readonly ok: true; readonly report: ActReport }
  | { readonly ok: false; readonly code: string };

/** An act that went through: what trespassers try again where they may not. */
export interface DoneAct {
  readonly user: string;
  readonly id: string;
  readonly input: ActInput;
  readonly day: string;
}

/** What a world remembers beside its database: with it, another process lives the season on. */
export interface Memory {
  readonly acts: number;
  readonly day: string;
  readonly recent: readonly DoneAct[];
  readonly done: readonly (readonly [string, number])[];
  readonly refused: readonly (readonly [string, readonly (readonly [string, number])[]])[];
}

/** With its own number, under which a repeat is answered and not done again. */
export interface RequestedAct {
  readonly user: string;
  readonly id: string;
  readonly input: ActInput;
  readonly request: string;
}

export interface SeasonParts {
  readonly database: Database;
  readonly home: string;
  readonly seed: number;
}

/** In place of running an act or a night in this process; how faults come in. */
export interface Disturbance {
  /** Called before each act and night; may do it in another process, and kill that. */
  beforeAct(world: SeasonWorld, act: RequestedAct): Promise<void>;
  beforeNight(world: SeasonWorld): Promise<void>;
}

export class SeasonWorld {
  readonly database: Database;
  readonly home: string;
  readonly seed: number;
  /** Per function: how often it was done, and refused by which code. */
  readonly done = new Map<string, number>();
  readonly refused = new Map<string, Map<string, number>>();
  /** Acts of the last days, for trespassers. */
  readonly recent: DoneAct[] = [];
  readonly runs = new Map<string, number>();
  readonly findings = new Map<string, number>();
  /** Milliseconds in the runs of each scheduled job; runs of several cities overlap. */
  readonly jobMs = new Map<string, number>();
  disturbance: Disturbance | null = null;
  /** Kept from one night to the next where nobody cuts connections. */
  locks: LockKeeper | null = null;
  day = '2016-07-01';
  #instant = 0;
  #acts = 0;
  /** In the number of each of its acts' requests. */
  #desk = '';
  #functions: ReadonlyMap<string, FunctionJob> = new Map();
  #registry: Registry = new Map();

  constructor({ database, home, seed }: SeasonParts) {
    this.database = database;
    this.home = home;
    this.seed = seed;
  }

  async open(): Promise<this> {
    this.#functions = new Map((await allFunctions()).map(job => [job.id, job]));
    this.#registry = await nightlyJobs();
    return this;
  }

  memory(): Memory {
    const refused = [...this.refused].map(([id, codes]) => [id, [...codes]] as const);
    const { day, recent } = this;
    return { acts: this.#acts, day, recent: [...recent], done: [...this.done], refused };
  }

  /** Into a world that has just been opened. */
  recall(memory: Memory): this {
    this.#acts = memory.acts;
    this.recent.push(...memory.recent);
    for (const [id, count] of memory.done) this.done.set(id, count);
    for (const [id, codes] of memory.refused) this.refused.set(id, new Map(codes));
    this.at = `${memory.day}T23:59`;
    return this;
  }

  /**
   * Does pieces of work side by side (side-by-side.ts); one after the other where the season is
   * disturbed, and comes to the same.
   */
  async sideBySide(
    pieces: readonly Piece<SeasonWorld>[],
    atOnce: number = PEOPLE_AT_ONCE,
  ): Promise<void> {
    const serial = this.#acts;
    const desks = await sideBySide(pieces, {
      atOnce: this.disturbance === null ? atOnce : 1,
      begin: this.#instant,
      open: (place, instant) => this.#openDesk(`${serial}.${place}.`, instant),
      instantOf: desk => desk.#instant,
    });
    for (const desk of desks) this.#take(desk);
  }

  #openDesk(name: string, instant: number): SeasonWorld {
    const desk = new SeasonWorld(this);
    desk.disturbance = this.disturbance;
    desk.#functions = this.#functions;
    desk.#registry = this.#registry;
    desk.#desk = name;
    desk.instant = new Date(instant);
    return desk;
  }

  /** What was done at a desk. */
  #take(desk: SeasonWorld): void {
    this.#acts += desk.#acts;
    this.#instant = Math.max(this.#instant, desk.#instant);
    for (const act of desk.recent) this.#remember(act);
    for (const [id, count] of desk.done) this.done.set(id, (this.done.get(id) ?? 0) + count);
    for (const [id, codes] of desk.refused) {
      for (const [code, count] of codes) this.#countRefusal(id, code, count);
    }
  }

  has(id: string): boolean {
    return this.#functions.has(id);
  }

  get functionIds(): readonly string[] {
    return [...this.#functions.keys()];
  }

  functionOf(id: string): FunctionJob {
    const job = this.#functions.get(id);
    if (job === undefined) throw new SeasonFailure(this, `no function ${id}`);
    return job;
  }

  /** Sets the clock: `2016-07-21T09:00`. */
  set at(moment: string) {
    this.day = moment.slice(0, 10);
    this.#instant = parseInstant(moment).getTime();
  }

  /** Sets the clock to the second. */
  set instant(instant: Date) {
    this.day = shanghaiDate(instant);
    this.#instant = instant.getTime();
  }

  get now(): Date {
    return new Date(this.#instant);
  }

  /** Random numbers for one purpose on this day. */
  stream(purpose: string, item = 0): Stream {
    const [, month, date] = this.day.split('-').map(Number);
    return this.streamOf(`${purpose}|${month}|${date}`, item);
  }

  /** Random numbers for one purpose, the same on every day. */
  streamOf(purpose: string, item = 0): Stream {
    return new Stream(this.seed, PART).seek(textNumber(purpose), item);
  }

  environment(more: Partial<RunEnvironment> = {}): RunEnvironment {
    return {
      database: this.database,
      season: SEASON,
      actor: 'schedule',
      home: this.home,
      log: SILENT_LOG,
      progress: SILENT,
      dryRun: false,
      now: () => this.now,
      random: () => 0.5,
      failPoint: () => {},
      ...more,
    };
  }

  query<R extends object = Record<string, unknown>>(
    sql: string,
    parameters: readonly unknown[] = [],
  ): Promise<R[]> {
    return this.database.query<R>(sql, parameters);
  }

  /** Asks for a function as a user. A refusal is an answer; anything else that fails is not. */
  async ask(user: string, id: string, input: ActInput = {}): Promise<Outcome> {
    if (!this.has(id)) return { ok: false, code: `absent ${id}` };
    this.#acts += 1;
    // A second between two acts, so that no two of them are at one instant.
    this.#instant += 1000;
    const request = `season-${this.seed}-${this.#desk}${this.#acts}`;
    await this.disturbance?.beforeAct(this, { user, id, input, request });
    try {
      const report = await this.perform({ user, id, input, request });
      this.done.set(id, (this.done.get(id) ?? 0) + 1);
      this.#remember({ user, id, input, day: this.day });
      return { ok: true, report };
    } catch (error) {
      if (!(error instanceof CodedError)) {
        throw new SeasonFailure(this, `${id} by ${user} failed`, { user, id, input }, error);
      }
      this.#requireRefusal(error, { user, id, input });
      this.#countRefusal(id, error.code, 1);
      return { ok: false, code: error.code };
    }
  }

  /** The act itself, as the command would do it. */
  perform(
    { user, id, input, request }: RequestedAct,
    more: Partial<RunEnvironment> = {},
  ): Promise<ActReport> {
    return runAct(this.functionOf(id), { user, input, request }, this.environment(more));
  }

  /** By two people: proposal and confirmation. */
  async askBoth(first: string, second: string, id: string, input: ActInput): Promise<Outcome> {
    const proposed = await this.ask(first, id, input);
    if (!proposed.ok || proposed.report.proposal === null) return proposed;
    return this.ask(second, id, { confirm: proposed.report.proposal });
  }

  /** Every scheduled job whose tick on the day has come by now. */
  async night(moment: string): Promise<void> {
    this.at = moment;
    await this.disturbance?.beforeNight(this);
    for (const run of await this.performNight()) this.#count(run);
  }

  async performNight(more: Partial<RunEnvironment> = {}): Promise<readonly RunReport[]> {
    const shipped = await scheduleOf(this.database, SEASON);
    // The planner looks at every date of the window each time; no more than a few were missed.
    const schedule = { ...shipped, catchupWindowDays: CATCHUP_DAYS };
    const registry = this.#registry;
    const environment = {
      ...this.environment(more),
      registry,
      schedule,
      at: this.now,
      citiesAtOnce: CITIES_AT_ONCE,
      ...(this.disturbance === null && this.locks !== null ? { locks: this.locks } : {}),
    };
    return (await night(environment, this.day, this.day, this.now)).runs;
  }

  #count(run: RunReport): void {
    const job = run.identity.split('|')[0] ?? '';
    const key = `${job} ${run.state}`;
    this.runs.set(key, (this.runs.get(key) ?? 0) + 1);
    const elapsedMs = run.result?.timings.elapsedMs ?? 0;
    this.jobMs.set(job, (this.jobMs.get(job) ?? 0) + elapsedMs);
    if (run.state === 'failed') {
      const { identity, error } = run as RunReport & { error?: unknown };
      throw new SeasonFailure(this, `run ${identity} failed: ${JSON.stringify(error)}`);
    }
    for (const { property, severity } of run.result?.findings ?? []) {
      const found = `${job} ${property} ${severity}`;
      this.findings.set(found, (this.findings.get(found) ?? 0) + 1);
    }
  }

  #countRefusal(id: string, code: string, count: number): void {
    const codes = this.refused.get(id) ?? new Map<string, number>();
    this.refused.set(id, codes.set(code, (codes.get(code) ?? 0) + count));
  }

  #requireRefusal(error: CodedError, act: { user: string; id: string; input: ActInput }): void {
    const chinese = /[\u4e00-\u9fff]/u;
    if (error.code !== '' && chinese.test(error.message) && chinese.test(error.advice)) return;
    throw new SeasonFailure(this, `${act.id} was refused without saying why`, act, error);
  }

  #remember(act: DoneAct): void {
    this.recent.push(act);
    if (this.recent.length > RECENT_MAX) this.recent.shift();
  }
}

const RECENT_MAX = 4000;
const SILENT_LOG = pino({ level: 'silent' });
/** Nights that the season may miss in a row. */
const CATCHUP_DAYS = 1;
/** One act, for sideBySide. */
export function askIn(
  touches: readonly string[],
  user: string,
  id: string,
  input: ActInput,
): Piece<SeasonWorld> {
  return { touches, does: async desk => void (await desk.ask(user, id, input)) };
}

/** People whose acts are under way at one moment. */
const PEOPLE_AT_ONCE = 4;
/** Each has a chain of its own, so that their order changes nothing. */
export const CITIES_AT_ONCE = 2;

/** FNV-1a: a purpose as a number. */
function textNumber(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash | 0;
}
