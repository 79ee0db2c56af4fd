/**
 * Rows of a query as a stream of chunks, through a cursor of the server: a report of a million
 * rows holds one chunk at a time. The session must be inside a transaction.
 */
import type { Session } from '../db/connect.ts';
import { fetchRows } from '../db/fetch-rows.ts';
import { chunksOf, type Row, type Rows } from './report.ts';

/** One fetch: a few megabytes at most, and few enough round trips not to matter. */
const CHUNK_ROWS = 5_000;

let opened = 0;

/**
 * Streams the rows of a query. The server fetches the next chunk while one is being read.
 *
 * One stream of a session is read at a time; several may be open. A cursor that is not read to its
 * end is closed with the transaction.
 *
 * @param wanted settings of the planner for this query alone
 */
export async function* streamRows<R extends Row = Row>(
  session: Session,
  sql: string,
  parameters: readonly unknown[] = [],
  wanted: Settings = {},
): AsyncGenerator<readonly R[]> {
  opened += 1;
  const cursor = `report_rows_${opened}`;
  // All rows are read: the planner would else look for a way to the first tenth of them.
  await planned(session, { ...wanted, cursor_tuple_fraction: '1' }, () =>
    session.query(`declare ${cursor} no scroll cursor for ${sql}`, parameters),
  );
  const fetch = () => {
    const rows = fetchRows<R>(session, `fetch forward ${CHUNK_ROWS} from ${cursor}`);
    // Whoever has left before the next chunk came does not hear that it failed.
    rows.catch(() => {});
    return rows;
  };
  for (let next: Promise<R[]> | null = fetch(); next !== null; ) {
    const rows: R[] = await next;
    next = rows.length < CHUNK_ROWS ? null : fetch();
    if (rows.length > 0) yield rows;
  }
  await session.query(`close ${cursor}`);
}

/**
 * A stream whose first rows are not of the list: each bears in its column `cell`, as JSON, a cell
 * that the report's tables add up. One statement then looks everybody up once for list and tables.
 *
 * @param sql orders the rows that have a cell first; of the others it is null
 */
export async function streamAfterCells<C>(
  session: Session,
  sql: string,
  parameters: readonly unknown[],
  wanted: Settings = {},
): Promise<{ readonly cells: readonly C[]; readonly rows: Rows }> {
  const chunks = streamRows(session, sql, parameters, wanted);
  const cells: C[] = [];
  for (;;) {
    const { value, done } = await chunks.next();
    if (done === true) return { cells, rows: [] };
    const found = value.flatMap(({ cell }) => (typeof cell === 'string' ? cell : []));
    for (const text of found) cells.push(JSON.parse(text) as C);
    if (found.length < value.length) {
      return { cells, rows: following(value.slice(found.length), chunks) };
    }
  }
}

async function* following(first: readonly Row[], rest: Rows): AsyncGenerator<readonly Row[]> {
  yield first;
  yield* chunksOf(rest);
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
  return planned(session, SIDE_BY_SIDE, read);
}

/**
 * A statement that counts a large table in groups that the planner takes for many: each process
 * then counts its own share, and what they hand on is few.
 */
export async function countTogether<T>(session: Session, read: () => Promise<T>): Promise<T> {
  return planned(session, { parallel_tuple_cost: '1' }, read);
}

/**
 * Statements that gather a million numbers in groups. What the processes hand on to each other is
 * little, which the planner can't foresee; it would not let them share the work.
 */
export async function groupAtOnce<T>(session: Session, read: () => Promise<T>): Promise<T> {
  return planned(session, GROUPED_AT_ONCE, read);
}

/**
 * For a county, of whose rows the database asks whether their candidate is the county's: it finds
 * these once for each table, and in an index (migration 0024) three times as fast as in the table.
 */
export async function readOwnCounty(session: Session, county: string | null): Promise<void> {
  if (county !== null) await set(session, { random_page_cost: '1.1' });
}

/** Settings of the planner. */
export type Settings = Readonly<Record<string, string>>;

const GROUPED_AT_ONCE: Settings = {
  ...{ parallel_setup_cost: '0', parallel_tuple_cost: '0', random_page_cost: '1.1' },
  ...{ max_parallel_workers_per_gather: '1' },
};

/** Of the memory little is used: 8 KB are reckoned for each group that collects scores. */
const SIDE_BY_SIDE: Settings = {
  ...{ enable_hashjoin: 'off', enable_nestloop: 'off', enable_sort: 'off' },
  ...{ work_mem: '384MB', max_parallel_workers_per_gather: '0' },
};

/**
 * For rows of many schools' students: their files, sorted, and all candidates side by side. To look
 * each candidate up takes half as long again, and hashing twice as long.
 */
export const SORTED_SIDE_BY_SIDE: Settings = {
  ...{ enable_hashjoin: 'off', enable_nestloop: 'off', work_mem: '128MB' },
  ...{ random_page_cost: '1.1', max_parallel_workers_per_gather: '0' },
};

async function planned<T>(session: Session, wanted: Settings, read: () => Promise<T>): Promise<T> {
  const before = await settings(session, Object.keys(wanted));
  await set(session, wanted);
  const found = await read();
  await set(session, before);
  return found;
}

async function settings(session: Session, names: readonly string[]): Promise<Settings> {
  const each = names.map(name => `current_setting('${name}') as ${name}`);
  const [row] = await session.query<Record<string, string>>(`select ${each.join(', ')}`);
  return row ?? {};
}

/** Until the transaction ends. */
async function set(session: Session, wanted: Settings): Promise<void> {
  const each = Object.keys(wanted).map((name, at) => `set_config('${name}', $${at + 1}, true)`);
  await session.query(`select ${each.join(', ')}`, Object.values(wanted));
}
