/**
 * Sessions that read one moment of the database side by side. A server process answers one question
 * after the other and works on one core; what asks many questions of a snapshot, as the checks and
 * reports of a night do, is done sooner by several of them (PostgreSQL: snapshot synchronization,
 * `pg_export_snapshot`).
 */
import type { Database, Session } from './connect.ts';

/** What a piece of work is given: a session that nothing else uses meanwhile. */
export type Reading<T> = (reader: Session) => Promise<T>;

/**
 * Lends further sessions that see what a session sees, but for what it has written itself.
 *
 * @param session in a transaction; the readers end before it goes on
 * @param count how many
 * @throws what the work throws; cannot-connect
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
      await reader.query('set transaction isolation level repeatable read, read only');
      await reader.query(`set transaction snapshot ${name}`);
      return open([...readers, reader]);
    });
  };
  return open([]);
}

/**
 * Asks questions, each by a session that is free; they begin in their order.
 *
 * @param readers of one snapshot
 * @returns the answers, in the order of the questions
 * @throws what the first of those that failed has thrown, after those going on have ended
 */
export async function readTogether<T>(
  readers: readonly Session[],
  questions: readonly Reading<T>[],
): Promise<T[]> {
  const answers = new Map<number, T>();
  const failures = new Map<number, unknown>();
  let next = 0;
  const ask = async (reader: Session) => {
    while (next < questions.length && failures.size === 0) {
      const place = next;
      next += 1;
      try {
        answers.set(place, await (questions[place] as Reading<T>)(reader));
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
