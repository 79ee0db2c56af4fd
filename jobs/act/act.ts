/**
 * One act 业务操作 while it goes on: what its effect may read and change. Nothing here reaches the
 * database but through the act's transaction; files and events are gathered and written together at
 * the end (write-act.ts), so that a refusal half-way leaves nothing.
 *
 * Acts of one city follow one another: the runner takes the city's chain before the effect reads
 * anything, so that room, states and open applications are what they seem until the commit. Turned
 * down: locks per file and per plan line, which is faster on paper and has to be right in ninety
 * places instead of one; an act lasts milliseconds.
 */
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import {
  type FileChange,
  filesOnLists,
  locateCandidates,
  readFiles,
  type StandingFile,
} from '../../db/season/files.ts';
import type { TrailEvent } from '../../db/trail.ts';
import type { FileState } from '../../engine/dispatch/world.ts';
import { EVENT_BY_NAME } from '../../engine/file/events.ts';
import { STATE_TITLES } from '../../engine/file/states.ts';
import { transition } from '../../engine/file/transition.ts';
import type { Batch, FullPolicy } from '../../engine/policy/types.ts';
import { actError } from './errors.ts';
import type { FunctionJob, Target } from './function-job.ts';

/** A file that does not exist yet. */
export type NewFile = Omit<StandingFile, 'state'> & { readonly state: null };

export interface MoveOptions {
  /** Needed where the event leaves a choice (file-life.md). */
  readonly to?: FileState | null;
  readonly change?: FileChange;
  /** Ids of the rules behind it, joined by a space; the function's id unless told. */
  readonly decision?: string;
  readonly note?: unknown;
  /** What the event names, where it differs from the file's after it: the school that loses it. */
  readonly school?: string | null;
  readonly major?: string | null;
  readonly batch?: string | null;
  readonly list?: number | null;
  /** The applications that it concludes do not bar it. */
  readonly despiteApplication?: boolean;
  /**
   * The file lies beyond the user's own rows by the nature of the act – a school applies for a
   * candidate of another one –, so its row is written by the runner.
   */
  readonly beyondScope?: true;
}

export interface RecordOptions {
  /** The target's first city unless told; '' is the province. */
  readonly city?: string;
  readonly file?: StandingFile;
  readonly school?: string | null;
  readonly major?: string | null;
  readonly batch?: string | null;
  readonly list?: number | null;
  readonly decision?: string;
  readonly note?: unknown;
}

/** What the runner gives an act besides its transaction. */
export interface ActParts<I> {
  readonly job: FunctionJob<I>;
  readonly input: I;
  readonly user: User;
  readonly season: number;
  readonly at: Date;
  readonly businessDate: string;
  readonly target: Target;
  readonly policy: FullPolicy;
  readonly phase: string | null;
  /** Who proposed it and who has signed it since, where this is its confirmation. */
  readonly signers: readonly string[];
  readonly run: number;
  readonly session: Session;
  /** ZHONGZHAO_HOME. */
  readonly home: string;
  /** Of the session that the user speaks through; null: none. */
  readonly token: string | null;
  /** Uniform in [0, 1); beyond guessing outside of tests. */
  readonly random: () => number;
  readonly cityPolicy: (city: string) => Promise<FullPolicy>;
  /** Runs SQL as the runner, outside row-level security. */
  readonly asRunner: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
}

/** An event with the file it moves, as it will be written. */
export interface GatheredEvent extends Omit<TrailEvent, 'actor' | 'at' | 'businessDate' | 'run'> {
  readonly phase: string | null;
  readonly decision: string;
}

/** Events whose files have open applications that these acts are not barred by. */
const EVENTS_BARRED_BY_APPLICATIONS: ReadonlySet<string> = new Set([
  'dispatch',
  'admit-directly',
  'enter',
  'register',
  'cancel-registration',
  'withdraw',
  'transfer',
  'hold',
  'revert',
  'city-snapshot',
]);

export class Act<I> {
  readonly #parts: ActParts<I>;
  readonly #events: GatheredEvent[] = [];
  readonly #beyondScope = new Set<string>();
  /** By `city|file`: as the file stands after the events so far. */
  readonly #files = new Map<
    string,
    StandingFile | (Omit<StandingFile, 'state'> & { state: null })
  >();

  constructor(parts: ActParts<I>) {
    this.#parts = parts;
  }

  get input(): I {
    return this.#parts.input;
  }
  get user(): User {
    return this.#parts.user;
  }
  get season(): number {
    return this.#parts.season;
  }
  get at(): Date {
    return this.#parts.at;
  }
  get businessDate(): string {
    return this.#parts.businessDate;
  }
  get target(): Target {
    return this.#parts.target;
  }
  /** In effect for the target's first city; the province's where it has none. */
  get policy(): FullPolicy {
    return this.#parts.policy;
  }
  /** The phase of the business date; the latest begun between phases; null before the first. */
  get phase(): string | null {
    return this.#parts.phase;
  }
  get proposer(): string | null {
    return this.#parts.signers[0] ?? null;
  }
  /** Everybody whose word it rests on: proposer, further signers, and who confirms it. */
  get signers(): readonly string[] {
    return [...this.#parts.signers, this.user.user];
  }
  /** Its number in the ledger. */
  get run(): number {
    return this.#parts.run;
  }
  /** The transaction, in the user's scope. */
  get session(): Session {
    return this.#parts.session;
  }
  get home(): string {
    return this.#parts.home;
  }
  get token(): string | null {
    return this.#parts.token;
  }

  /** Uniform in [0, 1). */
  random(): number {
    return this.#parts.random();
  }

  /** The policy in effect for another city. */
  cityPolicy(city: string): Promise<FullPolicy> {
    return this.#parts.cityPolicy(city);
  }

  /** For what must be seen or kept across the province: counters, identities, exact numbers. */
  asRunner<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#parts.asRunner(work);
  }

  /** @throws unknown-batch */
  batch(id: string): Batch {
    const batch = this.policy.batches.find(each => each.id === id);
    if (batch === undefined) throw actError('unknown-batch', { batch: id });
    return batch;
  }

  /** The file of a candidate number. @throws unknown-candidate */
  async candidate(candidateNo: string): Promise<StandingFile> {
    const [file] = await this.candidates([candidateNo]);
    return file as StandingFile;
  }

  /** The files of candidate numbers, in that order. @throws unknown-candidate: the first unknown */
  async candidates(numbers: readonly string[]): Promise<StandingFile[]> {
    const found = await this.findCandidates(numbers);
    return numbers.map(candidate => {
      const file = found.get(candidate);
      if (file === undefined) throw actError('unknown-candidate', { candidate });
      return file;
    });
  }

  /** The files of candidate numbers, by number; those that nobody has are left out. */
  async findCandidates(numbers: readonly string[]): Promise<Map<string, StandingFile>> {
    return this.asRunner(async session => {
      const places = await locateCandidates(session, this.season, numbers);
      const files = new Map<string, StandingFile>();
      for (const [city, members] of Map.groupBy(places.values(), place => place.city)) {
        const ids = members.map(member => member.file);
        for (const file of await readFiles(session, this.season, city, ids)) {
          files.set(file.candidateNo ?? '', this.#current(file));
        }
      }
      return files;
    });
  }

  /** Files by their internal number. */
  async filesOf(city: string, files: readonly number[]): Promise<StandingFile[]> {
    const found = await this.asRunner(session => readFiles(session, this.season, city, files));
    return found.map(file => this.#current(file));
  }

  /** The files that are on a dispatch list now, in its order. */
  onList(city: string, list: number): Promise<StandingFile[]> {
    return this.onLists(city, [list]);
  }

  /** The same for several lists of one city, list by list. */
  async onLists(city: string, lists: readonly number[]): Promise<StandingFile[]> {
    const found = await this.asRunner(session => filesOnLists(session, this.season, city, lists));
    return found.map(file => this.#current(file));
  }

  /**
   * Moves a file by an event of file-life.md. Written at the end of the act.
   *
   * @returns the file as it stands then
   * @throws event-not-allowed, application-open
   */
  move(file: StandingFile | NewFile, event: string, options: MoveOptions = {}): StandingFile {
    const now = file.state === null ? file : this.#current(file);
    const result = transition(now.state, event, options.to);
    const title = EVENT_BY_NAME.get(event)?.title ?? event;
    const candidate = now.candidateNo ?? `${now.city}/${now.file}`;
    if (!result.ok) {
      const state = now.state === null ? '无档案' : STATE_TITLES[now.state];
      throw actError('event-not-allowed', { candidate, state, event: title });
    }
    if (
      now.openApplications > 0 &&
      options.despiteApplication !== true &&
      EVENTS_BARRED_BY_APPLICATIONS.has(event)
    ) {
      throw actError('application-open', { candidate, event: title });
    }
    const after = {
      ...now,
      ...options.change,
      state: result.state,
      since: this.businessDate,
    } as StandingFile;
    this.#gather(event, now.state, result.state, now, after, options);
    return after;
  }

  /** Changes a file's data but not its state: an event named after the act, from = to. */
  edit(file: StandingFile, change: FileChange, options: MoveOptions = {}): StandingFile {
    const now = this.#current(file);
    const after = { ...now, ...change };
    this.#gather(this.#parts.job.id, now.state, now.state, now, after, options);
    return after;
  }

  /** Records an act that moves no file: an event named after the function. */
  record(options: RecordOptions = {}): void {
    const { file } = options;
    if (file !== undefined) {
      this.edit(file, {}, options);
      return;
    }
    this.#events.push({
      city: options.city ?? this.target.cities[0] ?? '',
      file: null,
      name: this.#parts.job.id,
      school: options.school ?? this.target.school ?? null,
      major: options.major ?? null,
      batch: options.batch ?? this.target.batch ?? null,
      list: options.list ?? null,
      phase: this.phase,
      decision: options.decision ?? this.#parts.job.id,
      note: options.note ?? null,
    });
  }

  /** What the act has gathered, for the runner to write. */
  gathered(): {
    readonly events: readonly GatheredEvent[];
    readonly files: readonly (StandingFile | NewFile)[];
    /** `city|file` of those whose row the runner writes. */
    readonly beyondScope: ReadonlySet<string>;
  } {
    const files = [...this.#files.values()];
    return { events: this.#events, files, beyondScope: this.#beyondScope };
  }

  #current(file: StandingFile): StandingFile {
    const known = this.#files.get(`${file.city}|${file.file}`);
    return known === undefined || known.state === null ? file : (known as StandingFile);
  }

  #gather(
    name: string,
    from: FileState | null,
    to: FileState | null,
    before: StandingFile | NewFile,
    after: StandingFile,
    options: MoveOptions,
  ): void {
    const key = `${after.city}|${after.file}`;
    this.#files.set(key, after);
    if (options.beyondScope === true) this.#beyondScope.add(key);
    // A file that comes back names where it was: the event is of that school.
    const named = after.school === null ? before : after;
    this.#events.push({
      city: after.city,
      file: after.file,
      name,
      from,
      to,
      school: options.school === undefined ? named.school : options.school,
      major: options.major === undefined ? named.major : options.major,
      batch: options.batch === undefined ? named.batch : options.batch,
      list: options.list === undefined ? named.list : options.list,
      phase: this.phase,
      decision: options.decision ?? this.#parts.job.id,
      note: options.note ?? null,
    });
  }
}
