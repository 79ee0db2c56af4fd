/**
 * Statements that a connection keeps parsed and planned. An act asks some forty small questions
 * whose planning, with row-level security in it, takes longer than the answer; the same forty are
 * asked by the next act.
 *
 * PostgreSQL itself decides when a plan may serve for any values (`plan_cache_mode` auto), makes it
 * anew when tables or statistics change, and never uses a plan of another role where row-level
 * security has shaped it. What it can't see is how long a list of the next call will be: a plan
 * made for a few rows would then run for a hundred thousand. So a call with a long list is planned
 * for itself.
 */

import type { Session } from './connect.ts';

/** Statements kept per connection: each takes memory in its backend while the connection lives. */
const KEPT_MAX = 400;
/** Texts remembered of those asked once. */
const SEEN_MAX = 2000;
/** Longer ones carry values or lists of columns, and are not asked again as they stand. */
const TEXT_MAX = 40_000;
/** A list with more entries is worth a plan of its own. */
const LIST_MAX = 64;

export class KeptStatements {
  /**
   * Whether the connection is in a user's scope. There a statement is planned with the policies of
   * row-level security in it, outside without them: under one name each change of role would have
   * PostgreSQL plan it anew.
   */
  inScope = false;
  /** Whether the transaction has begun with FOR_ANY_VALUES, and not yet gone back. */
  forAnyValues = false;
  readonly #outside = new Map<string, string | null>();
  readonly #inside = new Map<string, string | null>();
  #kept = 0;

  /**
   * The name under which the statement is kept; null: it is sent as it stands. The first time it
   * is: most statements of a connection's life are asked once.
   */
  nameOf(sql: string, parameters: readonly unknown[] | undefined): string | null {
    if (parameters === undefined || parameters.length === 0 || sql.length > TEXT_MAX) return null;
    if (hasLongList(parameters)) return null;
    const names = this.inScope ? this.#inside : this.#outside;
    const known = names.get(sql);
    if (known !== undefined && known !== null) return known;
    if (known === undefined) {
      if (names.size < SEEN_MAX) names.set(sql, null);
      return null;
    }
    if (this.#kept >= KEPT_MAX) return null;
    this.#kept += 1;
    const name = `kept-${this.#kept}`;
    names.set(sql, name);
    return name;
  }
}

/** Whether the answer may be another way round than for a short list. */
export function hasLongList(parameters: readonly unknown[]): boolean {
  return parameters.some(each => Array.isArray(each) && each.length > LIST_MAX);
}

const OF_CONNECTION = new WeakMap<object, KeptStatements>();

/** Those of a connection of pg. */
export function keptStatements(client: object): KeptStatements {
  let kept = OF_CONNECTION.get(client);
  if (kept === undefined) {
    kept = new KeptStatements();
    OF_CONNECTION.set(client, kept);
  }
  return kept;
}

/**
 * To select in a transaction of which each statement looks a few rows up: small tables are found by
 * their keys as well. By the server's own reckoning, which takes them for rows on a turning disk,
 * whole tables of some hundred rows are read for one.
 */
export const FEW_ROWS = `set_config('random_page_cost', '1.1', true)`;

/**
 * To select in a transaction, with `forAnyValues` set: until its end, or the first long list,
 * plans are made for any values, and for few rows.
 */
export const FOR_ANY_VALUES = `${FEW_ROWS},
  set_config('plan_cache_mode', 'force_generic_plan', true)`;

/**
 * Back to what PostgreSQL decides by itself, for the rest of the transaction: for what works on
 * sets of any size. Nothing is asked where it has not been changed.
 */
export async function planByValues(client: {
  query(sql: string): Promise<unknown>;
}): Promise<void> {
  const statements = keptStatements(client);
  if (!statements.forAnyValues) return;
  statements.forAnyValues = false;
  await client.query('set local plan_cache_mode to default; set local random_page_cost to default');
}

/**
 * Sets a savepoint. Going back to it brings the planner's settings back as well.
 *
 * @returns goes back
 */
export async function savepoint(
  { client, query }: Pick<Session, 'client' | 'query'>,
  name: string,
): Promise<() => Promise<void>> {
  const statements = keptStatements(client);
  const { forAnyValues } = statements;
  await query(`savepoint ${name}`);
  return async () => {
    await query(`rollback to savepoint ${name}`);
    statements.forAnyValues = forAnyValues;
  };
}
