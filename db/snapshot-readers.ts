/**
 * Sessions that read one moment of the database side by side. A server process answers one question
 * after the other and works on one core; what asks many questions of a snapshot, as the checks and
 * reports of a night do, is done sooner by several of them (PostgreSQL: snapshot synchronization,
 * `pg_export_snapshot`).
 */
import type { Database, Session } from './connect.ts';

/** Asked by a session that nothing else uses meanwhile. */
export type Question<T> = (reader: Session) => Promise<T>;

/**
 * A table that somebody waits for to change is kept by the lending session, and the server doesn't
 * know that this one waits for a reader: it would see no deadlock. So a reader does not wait for
 * ever. Nor is one ended that has read its part while others go on.
 */
const READER = `set transaction isolation level repeatable read, read only;
  set local lock_timeout = '30s'; set local idle_in_transaction_session_timeout = 0`;

/**
 * Lends further sessions that see what a session sees at this moment, but for what it has written
 * itself. Where it is in `read committed`, it goes on to see what others commit; they don't.
 *
 * @param session in a transaction; the readers end before it goes on
 * @param count how many
 * @throws what the work throws; cannot-connect; 55P03 where a table is not to be had
 */
export async function withReaders<T>(
  database: Database,
  session: Session,
  count: number,
  work: (readers: readonly Session[]) => Promise<T>,
): Promise<T> {
  if (count === 0) return work([]);
  const [row] = await session.query<{ snapshot: string }>(
    'select pg_export_snapshot() as snapshot',
  );
  const name = session.client.escapeLiteral(row?.snapshot ?? '');
  const open = (readers: readonly Session[]): Promise<T> => {
    if (readers.length === count) return work(readers);
    return database.transaction(async reader => {
      await reader.query(READER);
      await reader.query(`set transaction snapshot ${name}`);
      return open([...readers, reader]);
    });
  };
  return open([]);
}

/**
 * Asks questions, each by a session that is free; they begin in their order.
 *
 * @param readers at least one, all of one snapshot
 * @returns the answers, in the order of the questions
 * @throws what the first of those that failed has thrown, after those going on have ended
 */
export async function readTogether<T>(
  readers: readonly Session[],
  questions: readonly Question<T>[],
): Promise<T[]> {
  if (readers.length === 0) throw new Error('nobody to ask');
  const answers = new Map<number, T>();
  const failures = new Map<number, unknown>();
  let next = 0;
  const ask = async (reader: Session) => {
    while (next < questions.length && failures.size === 0) {
      const place = next;
      next += 1;
      try {
        answers.set(place, await (questions[place] as Question<T>)(reader));
      } catch (error) {
        failures.set(place, error);
      }
    }
  };
  await Promise.all(readers.map(ask));
  const [first] = [...failures.keys()].toSorted((a, b) => a - b);
  if (first !== undefined) throw failures.get(first);
  return questions.map((_, place) => answers.get(place) as T);
}
