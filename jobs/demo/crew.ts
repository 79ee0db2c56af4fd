/**
 * The scripted people 模拟人员 of the sample (spec/province.md): how they act and how they draw.
 *
 * They are users like any others: each act goes through runAct, with the user's own rights, and
 * what they look at before they act they read from the database. What they draw comes from the
 * sample's seed and from what the draw is about, never from what happened before: a day that was
 * cut off is lived on the same from where it stood.
 */
import type { Session } from '../../db/connect.ts';
import { Stream } from '../../db/sample/random.ts';
import { CodedError } from '../../engine/errors.ts';
import type { FunctionJob } from '../act/function-job.ts';
import { findFunction } from '../act/registry.ts';
import { runAct } from '../act/run-act.ts';
import { shanghaiInstant } from '../run/calendar.ts';
import type { RunEnvironment } from '../run/run.ts';

/** The number of their stream, beyond those of the sample itself. */
const PART = 200;

export interface DemoAct {
  readonly user: string;
  readonly id: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What the act is about, once per day and habit: part of its request number. */
  readonly about: readonly (string | number)[];
}

/** A pause between two acts: somebody has asked for an end. */
export class DayStopped extends Error {}

/** Where a habit of the day stands: it names its acts and sets their clock. */
export interface HabitClock {
  readonly number: number;
  readonly clock: string;
}

export class Crew {
  readonly season: number;
  readonly date: string;
  /** Refusals of this start, by code. */
  readonly refused = new Map<string, number>();
  readonly #environment: RunEnvironment;
  readonly #seed: number;
  readonly #functions = new Map<string, FunctionJob>();
  #habit: HabitClock = { number: 0, clock: '08:00:00' };

  constructor(environment: RunEnvironment, date: string, seed: number) {
    this.#environment = environment;
    this.season = environment.season;
    this.date = date;
    this.#seed = seed;
  }

  /** All acts of one habit bear one time of the day, so that a repeat is the same to the byte. */
  begin(habit: HabitClock): void {
    this.#habit = habit;
  }

  query<R extends object>(sql: string, parameters: readonly unknown[] = []): Promise<R[]> {
    return this.#environment.database.query<R>(sql, [this.season, ...parameters]);
  }

  session<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#environment.database.session(work);
  }

  /** Random numbers for one subject, the same on every day. */
  always(...subject: readonly (string | number)[]): Stream {
    return new Stream(this.#seed, PART).seek(textNumber(subject.join('|')), 0);
  }

  /** Random numbers for one subject on this day. */
  today(...subject: readonly (string | number)[]): Stream {
    return this.always(this.date, ...subject);
  }

  /**
   * Does one act. A refusal is an answer; anything else that fails ends the day.
   *
   * @returns null: done, now or before; else the code of the refusal
   * @throws DayStopped
   */
  async ask({ user, id, input, about }: DemoAct): Promise<string | null> {
    const { signal } = this.#environment;
    if (signal?.aborted) throw new DayStopped();
    const { number, clock } = this.#habit;
    const at = shanghaiInstant(this.date, clock);
    const request = [requestPrefix(this.date), twoDigits(number), ...about].join('/');
    const lots = this.always(request);
    const environment = { ...this.#environment, now: () => at, random: () => lots.real() };
    try {
      await runAct(await this.#function(id), { user, input, request }, environment);
      return null;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      this.refused.set(error.code, (this.refused.get(error.code) ?? 0) + 1);
      return error.code;
    }
  }

  /** One act after the other, with the progress of the habit. */
  async each<T>(
    title: string,
    subjects: readonly T[],
    does: (subject: T) => Promise<unknown>,
  ): Promise<void> {
    const { progress } = this.#environment;
    for (const [index, subject] of subjects.entries()) {
      progress.report(title, index, subjects.length);
      await does(subject);
    }
  }

  async #function(id: string): Promise<FunctionJob> {
    const known = this.#functions.get(id) ?? (await findFunction(id));
    this.#functions.set(id, known);
    return known;
  }
}

/** Of all request numbers of a day's scripted people. */
export function requestPrefix(date: string): string {
  return `sample/${date}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}

/** FNV-1a: a text as a number. */
export function textNumber(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
