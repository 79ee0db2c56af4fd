/**
 * What a function of annex 1 (附件1) declares, and what its effect is given. One file per function,
 * `jobs/MENU/ID.ts`, exports one `job`; the registry finds it by its name, so that a new function
 * is one new file and its test.
 *
 * The runner (run-act.ts) does for every function what none may forget: input, user, right,
 * declaration of relatives, scope, region lock, window, running dispatch, second person, ledger,
 * event. A function only says which of these apply to it, and what it does.
 */
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import type { CodedError } from '../../engine/errors.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Finding } from '../run/job.ts';
import type { LaunchedRun } from '../run/ledger.ts';
import type { RunEnvironment } from '../run/run.ts';
import type { Act } from './act.ts';

export type Side = 'office' | 'school';

/** JSON Schema of an object; checked by ajv in strict mode, further properties are refused. */
export interface InputSchema {
  readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly required?: readonly string[];
}

/** What an act is about: the runner holds it against the user's scope. */
export interface Target {
  /** Home cities that it touches, each with its chain; empty: an act of the province. */
  readonly cities: readonly string[];
  /** The cities that the user must be in charge of, where that is not all of them. */
  readonly ofUser?: readonly string[];
  /** County of the candidate, where a county's user may act. */
  readonly county?: string;
  /** Batch that it concerns; a running dispatch of city × batch refuses it. */
  readonly batch?: string;
  /** Round that it belongs to; for the ledger. */
  readonly round?: number;
  /** School that it concerns: a school's user must be of it, an office's in charge of its kind. */
  readonly school?: string;
  /** It concerns nobody but the user: own password, own session, own declaration. */
  readonly own?: true;
}

/** What the runner knows before the effect: who, when, what about. */
export interface Place<I> {
  readonly input: I;
  readonly session: Session;
  readonly season: number;
  readonly user: User;
  readonly at: Date;
  readonly businessDate: string;
}

export interface PlaceWithPolicy<I> extends Place<I> {
  readonly target: Target;
  /** In effect for the target's first city; the province's where it has none. */
  readonly policy: FullPolicy;
}

/** A span in which something is open; both days included. */
export interface OpenSpan {
  readonly title: string;
  readonly basis: string;
  /** null: not announced, closed. */
  readonly window: readonly [string, string] | null;
}

/**
 * When a function may be used.
 * - `none`: always (menu 系统管理, notices, and preparations of the year)
 * - `batch`: in the window of the target's batch
 * - otherwise the spans, one of which must be open, or which of the two this input falls under
 */
export type WindowRule<I> =
  | 'none'
  | 'batch'
  | ((place: PlaceWithPolicy<I>) => Spans | Promise<Spans>);
type Spans = readonly OpenSpan[] | 'none' | 'batch';

/** What an effect answers; everything in it is shown to the caller. */
export interface Answer {
  /** Chinese, one line each; no names and no identity numbers. */
  readonly lines: readonly string[];
  /** Machine-readable, beside the lines. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Lines and values hold what people have written: told to the caller, not kept in the ledger. */
  readonly unkept?: true;
  readonly counts?: Readonly<Record<string, number>>;
  readonly findings?: readonly Finding[];
  /**
   * A refusal that must not undo what it rests on – a wrong password counts –: the transaction is
   * committed, and then it is thrown. An act that answers it gathers no events.
   */
  readonly refusal?: CodedError;
  /** Of what was computed from a kept input, as a run has them (dispatch.md §7). */
  readonly inputHash?: string;
  readonly resultHash?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each function knows the type of its own input.
export interface FunctionJob<I = any> {
  readonly id: string;
  /** The notice's own name, or ours beyond annex 1. */
  readonly title: string;
  /** Two where both sides of annex 1 have it under one id. */
  readonly sides: readonly Side[];
  /** Chinese menu name: 系统管理, 基本资料, … */
  readonly menu: string;
  /** Whether it is one of the 92 of annex 1. */
  readonly annex: boolean;
  /** Levels of office users that may have it; province and city unless told. */
  readonly levels?: readonly User['level'][];
  readonly input: InputSchema;
  /**
   * Inputs that are a person's own (name, identity number, …): the ledger keeps one keyed hash of
   * them. Not together with `confirm`, whose proposal must keep the input.
   */
  readonly personal?: readonly string[];
  /** Inputs that nobody may ever read again (passwords): the ledger keeps `***`. No `confirm`. */
  readonly secret?: readonly string[];
  /** Rule 10 of the calendar: refuses whoever has not declared, or has a relative applying. */
  readonly relatives: boolean;
  readonly window: WindowRule<I>;
  /**
   * What it changes holds for schools of every kind in the city: an office that answers for some
   * kinds alone (rule 19) leaves it to one that answers for all.
   */
  readonly everyKind?: true;
  /** The school's own working times (录取工作安排) apply. */
  readonly schedule?: true;
  /** Takes effect only when a second person confirms it; a function: only for such inputs. */
  readonly confirm?: boolean | ((place: PlaceWithPolicy<I>) => boolean | Promise<boolean>);
  /**
   * How many people what is to be confirmed takes, the proposer among them; two unless told. All
   * say confirm=NUMBER; the last one's word does it.
   */
  readonly signers?: (place: PlaceWithPolicy<I>) => number;
  /**
   * Keys of its notes that are only settled when it takes effect, such as what is drawn by lot: a
   * confirmation may come to others than its proposal (effectDigest).
   */
  readonly unsettled?: readonly string[];
  /** Open to everybody of the side, before the first password is changed too. */
  readonly beforePasswordChange?: true;
  /** Such inputs concern nobody but the caller, and need no function of this name. */
  readonly withoutFunction?: (input: I) => boolean;
  /** May be used from a session whose screen is locked. */
  readonly behindLockedScreen?: true;
  /** Goes on while a dispatch runs, and while the region is locked. */
  readonly unlocked?: true;
  /**
   * Reads into the input what it only names – the files of a folder –, before anything is checked,
   * so that what the second person confirms is what the first one has seen.
   */
  prepare?(input: I): Promise<I>;
  /** Finds what the act is about; as the runner: a foreign target is refused, not hidden. */
  target(place: Place<I>): Promise<Target>;
  /** What it does, in one transaction with its events and its ledger line. */
  effect?(act: Act<I>): Promise<Answer>;
  /**
   * Instead of `effect`, for what is a run of its own – dispatch, import, backup – with a ledger
   * line, locks and transactions of its own; called once all checks have passed.
   */
  launch?(launch: Launch<I>): Promise<Answer>;
  /**
   * What is left to do, and to answer, where the launched run has completed and the process has
   * died before the act's line was written; without it, the answer tells of the run alone.
   */
  resume?(launch: Launch<I>, run: LaunchedRun): Promise<Answer>;
}

/** What a launch is given. */
export interface Launch<I> {
  readonly input: I;
  readonly user: User;
  readonly target: Target;
  readonly businessDate: string;
  /** To run nightly jobs with, as this user. */
  readonly environment: RunEnvironment;
}

/** Types the input of a declaration. */
export function functionJob<I>(job: FunctionJob<I>): FunctionJob<I> {
  return Object.freeze(job);
}
