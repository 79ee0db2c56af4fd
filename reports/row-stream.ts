/**
 * Rows of a query as a stream of chunks, through a cursor of the server: a report of a million
 * rows holds one chunk at a time. The session must be inside a transaction.
 */
import type { Session } from '../db/connect.ts';
import { chunksOf, type Row, type Rows } from './report.ts';

/** One fetch: a few megabytes at most, and few enough round trips not to matter. */
const CHUNK_ROWS = 5_000;

let opened = 0;

/**
 * Streams the rows of a query.
 *
 * One stream of a session is read at a time; several may be open. A cursor that is not read to its
 * end is closed with the transaction.
 */
export async function* streamRows<R extends Row = Row>(
  session: Session,
  sql: string,
  parameters: readonly unknown[] = [],
): AsyncGenerator<readonly R[]> {
  opened += 1;
  const cursor = `report_rows_${opened}`;
  // All rows are read: the planner would else look for a way to the first tenth of them.
  await session.query(`select set_config('cursor_tuple_fraction', '1', true)`);
  await session.query(`declare ${cursor} no scroll cursor for ${sql}`, parameters);
  for (;;) {
    const rows = await session.query<R>(`fetch forward ${CHUNK_ROWS} from ${cursor}`);
    if (rows.length > 0) yield rows;
    if (rows.length < CHUNK_ROWS) break;
  }
  await session.query(`close ${cursor}`);
}

/** The same rows, each with what is said of it in words; chunk by chunk. */
export async function* mapRows(rows: Rows, change: (row: Row) => Row): AsyncGenerator<Row[]> {
  for await (const chunk of chunksOf(rows)) yield chunk.map(change);
}

/**
 * Lets the statements that follow in the transaction read whole tables as such. Row-level security
 * asks of each row what the planner can't foresee: it expects few rows, and to look up half a
 * million of them one by one takes four times as long as to read both tables side by side.
 *
 * @param wide false: a school or a candidate is asked for, and looking up is right
 * @param hashed groups are few, which the planner can't foresee either: sorting a million rows for
 *   them takes twice as long as hashing
 */
export async function readInBulk(session: Session, wide = true, hashed = false): Promise<void> {
  if (!wide) return;
  await session.query(
    `select set_config('enable_nestloop', 'off', true), set_config('work_mem', $1, true),
       set_config('enable_mergejoin', $2, true), set_config('enable_sort', $2, true)`,
    [BULK_MEMORY, hashed ? 'off' : 'on'],
  );
}

/** Of the server, for one sort or hash of such a statement: the candidates of a province fit. */
const BULK_MEMORY = '128MB';

/**
 * A statement that reads files and candidates side by side, in the order that their indexes have in
 * common (migration 0024). The planner expects hardly any pair to meet and would hash, which takes
 * five times as long; several processes would each read all of the one table.
 */
export async function readSideBySide<T>(session: Session, read: () => Promise<T>): Promise<T> {
  const names = ['enable_hashjoin', 'enable_nestloop', 'enable_sort', 'work_mem'];
  const parallel = 'max_parallel_workers_per_gather';
  const [before] = await session.query<Record<string, string>>(
    `select ${[...names, parallel].map(name => `current_setting('${name}') as ${name}`).join(', ')}`,
  );
  const set = (values: Readonly<Record<string, string>>) =>
    session.query(
      `select ${Object.keys(values).map((name, at) => `set_config('${name}', $${at + 1}, true)`)}`,
      Object.values(values),
    );
  await set({
    ...{ enable_hashjoin: 'off', enable_nestloop: 'off', enable_sort: 'off' },
    ...{ work_mem: GROUPS_MEMORY, [parallel]: '0' },
  });
  const found = await read();
  await set(before ?? {});
  return found;
}

/** Of which little is used: the planner reckons with 8 KB for each group that collects scores. */
const GROUPS_MEMORY = '384MB';
