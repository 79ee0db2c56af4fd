/**
 * Sessions that ask each question once. Several reports of one snapshot have much to ask in common
 * – the cut-off of the data, the policy in force, the runs of the night – and whatever was asked in
 * a snapshot has the same answer until its end.
 */
import type { Session } from '../db/connect.ts';

/** Longer answers are asked for again: they are the content of one file, and take memory. */
const ROWS_KEPT_MAX = 5_000;
/** What reads, and neither sets anything for its transaction nor asks what is set. */
const READS = /^\s*(select|with|\()/i;
const SETTINGS = /\b(set_config|current_setting)\s*\(/i;

/** Answers of one snapshot by question; what is asked already is waited for. */
export type Answers = Map<string, Promise<readonly object[]>>;

/**
 * @param session in a read-only repeatable-read transaction; to be used in one scope of rows alone,
 *   since an answer of another scope is another one
 * @param answers shared by sessions of one snapshot
 */
export function rememberAnswers(session: Session, answers: Answers = new Map()): Session {
  return {
    client: session.client,
    get knex() {
      return session.knex;
    },
    prepared: (name, sql, parameters) => session.prepared(name, sql, parameters),
    async query<R extends object>(sql: string, parameters?: readonly unknown[]): Promise<R[]> {
      if (!READS.test(sql) || SETTINGS.test(sql)) return session.query<R>(sql, parameters);
      const key = JSON.stringify([sql, parameters ?? []]);
      const known = answers.get(key);
      if (known !== undefined) return [...(await known)] as R[];
      const asked = session.query<R>(sql, parameters);
      answers.set(key, asked);
      // Another session may be luckier.
      asked.catch(() => answers.delete(key));
      const rows = await asked;
      if (rows.length > ROWS_KEPT_MAX) answers.delete(key);
      return [...rows];
    },
  };
}
