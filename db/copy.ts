/**
 * Bulk reading and writing: COPY as bytes (db/copy/rows.ts, out.ts, writer.ts). Nothing else may
 * use the connection while a COPY runs on it.
 *
 *     const totals = new Int32Array(count);
 *     const sql = 'select file, total from candidates order by file';
 *     await copyOut(session, sql, (buffer, starts,
 * ends) => {
 *       totals[row++] = readInteger(buffer, starts[1], ends[1]);
 *     });
 *     await copyIn(session, 'files (season, city, file)', async writer => {
 *       for (…) {
 *         writer.int(2016); writer.text('440100'); writer.int(file);
 *         const wait = writer.endRow();
 *         if (wait !== undefined) await wait;
 *       }
 *     });
 */

import type { Session } from './connect.ts';
import { CopyOutQuery, type PieceHandler, runCopyOut } from './copy/out.ts';
import { type RawRowHandler, RawRowSplitter, type RowHandler, RowParser } from './copy/rows.ts';
import { CopyWriter } from './copy/writer.ts';

export { type RowHandler, readInteger, readText } from './copy/rows.ts';
export { asCopied, CopyWriter } from './copy/writer.ts';

/**
 * Streams the rows of a query out. An error of the handler ends the reading of rows, and the rest
 * of the stream is thrown away, so that the connection can be used again.
 *
 * @param sql a query (or `copy … to stdout`); COPY takes no parameters, so write literals with pg's
 *   escapeLiteral
 * @param onRow gets each row; see RowHandler for what it may keep
 * @param afterPiece called after each piece of the stream; reading pauses while its promise is
 *   pending, for handlers that write elsewhere
 * @returns how many rows there were
 * @throws copy-failed, with the server's error as cause; else what the handlers have thrown
 */
export function copyOut(
  session: Session,
  sql: string,
  onRow: RowHandler,
  afterPiece?: PieceHandler,
): Promise<number> {
  const statement = /^\s*copy\s/i.test(sql) ? sql : `copy (${sql}) to stdout`;
  return runCopyOut(session.client, new CopyOutQuery(statement, new RowParser(onRow), afterPiece));
}

/**
 * Streams the rows out as they stand in the COPY format, each with its line feed.
 *
 * @param onRow gets buffer[from … to), which it must not keep
 * @returns how many rows there were
 */
export function copyOutRaw(session: Session, sql: string, onRow: RawRowHandler): Promise<number> {
  const statement = /^\s*copy\s/i.test(sql) ? sql : `copy (${sql}) to stdout`;
  return runCopyOut(session.client, new CopyOutQuery(statement, new RawRowSplitter(onRow)));
}

/**
 * Opens a COPY in. Must be ended by end() or abort() whatever happens: copyIn does that by itself.
 *
 * @param target `table (column, …)`, or a whole `copy … from stdin` statement
 * @param onPayload sees the bytes of the rows as they are sent, in pieces cut anywhere
 */
export async function openCopyIn(
  session: Session,
  target: string,
  onPayload?: (bytes: Uint8Array) => void,
): Promise<CopyWriter> {
  const statement = /^copy\s/i.test(target) ? target : `copy ${target} from stdin`;
  const writer = new CopyWriter(session.client, statement, onPayload);
  await writer.start();
  return writer;
}

/**
 * Writes rows in bulk. When the work throws, nothing of it stays, and the connection can be used
 * again (outside a transaction; inside, PostgreSQL waits for the rollback as after any error).
 *
 * @param target as for openCopyIn
 * @returns how many rows were written
 * @throws copy-failed, with the server's error as cause; else what the work has thrown
 */
export async function copyIn(
  session: Session,
  target: string,
  work: (writer: CopyWriter) => Promise<void> | void,
): Promise<number> {
  const writer = await openCopyIn(session, target);
  try {
    await work(writer);
  } catch (error) {
    await writer.abort('aborted');
    throw error;
  }
  return writer.end();
}
