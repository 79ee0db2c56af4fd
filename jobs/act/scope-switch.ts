/**
 * The two faces of an act's transaction: the user's, inside row-level security, and the runner's,
 * outside. Which of them a statement is for is settled where it is written, not by what ran before
 * it: each statement finds the role that it needs, and the role changes only between statements of
 * different faces.
 */
import { enterScope, leaveScope, resumeScope, suspendScope } from '../../db/access/scope.ts';
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';

type Face = 'user' | 'runner';

export class ScopeSwitch {
  readonly #session: Session;
  readonly #user: User;
  #face: Face = 'runner';
  #entered = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** In the user's scope. */
  readonly session: Session;
  /** Outside of it. */
  readonly runner: Session;

  /** @param session in a transaction, and outside every scope */
  constructor(session: Session, user: User) {
    this.#session = session;
    this.#user = user;
    this.session = this.#faced('user');
    this.runner = this.#faced('runner');
  }

  /** Runs SQL as the runner. */
  async asRunner<T>(work: (session: Session) => Promise<T>): Promise<T> {
    // At once, since COPY takes the connection itself and finds it as it is.
    await this.#inTurn(() => this.#need('runner'));
    return work(this.runner);
  }

  /** For good, with nothing left of the user. */
  leave(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#entered) await leaveScope(this.#session);
      this.#face = 'runner';
      this.#entered = false;
    });
  }

  async #need(face: Face): Promise<void> {
    if (this.#face === face) return;
    if (face === 'runner') await suspendScope(this.#session);
    else if (this.#entered) await resumeScope(this.#session);
    else await enterScope(this.#session, this.#user);
    this.#entered ||= face === 'user';
    this.#face = face;
  }

  /** Role and statement belong together, whoever else asks meanwhile. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #faced(face: Face): Session {
    const own = this.#session;
    const faced = <T>(ask: () => Promise<T>): Promise<T> =>
      this.#inTurn(async () => {
        await this.#need(face);
        return ask();
      });
    // What takes the connection itself can't be preceded by a change of role.
    const taken = <T>(what: T): T => {
      if (this.#face !== face) throw new Error(`the connection is the ${this.#face}'s now`);
      return what;
    };
    return {
      query: (sql, parameters) => faced(() => own.query(sql, parameters)),
      prepared: (name, sql, parameters) => faced(() => own.prepared(name, sql, parameters)),
      get client() {
        return taken(own.client);
      },
      get knex() {
        return taken(own.knex);
      },
    };
  }
}
