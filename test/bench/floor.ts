/**
 * The floor under a dispatch run: its input rows out of PostgreSQL by bare COPY, and every row that
 * it wrote into empty tables with the same keys by bare COPY. Nothing is parsed, nothing decided.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Database, Session } from '../../db/connect.ts';
import { copyOutRaw } from '../../db/copy.ts';
import { citySelects, effectiveRound } from '../../db/dispatch/read-city.ts';

/** The tables that a dispatch run writes. */
export const WRITTEN_TABLES = [
  'dispatch_lists',
  'school_outcomes',
  'decisions',
  'list_items',
  'events',
  'blocks',
  'files',
  'situations',
  'runs',
  'run_steps',
] as const;

export interface Floor {
  readonly readSeconds: number;
  readonly writeSeconds: number;
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** Seconds by table. */
  readonly tables: Readonly<Record<string, number>>;
}

export interface FloorKey {
  readonly season: number;
  readonly batch: string;
  readonly date: string;
  readonly attributes: readonly string[];
  readonly cities: readonly string[];
}

/** Reads what the run reads, city by city as the run does, and throws it away. */
export async function floorOfReading(
  database: Database,
  key: FloorKey,
): Promise<{ seconds: number; rows: number; tables: Record<string, number> }> {
  const tables: Record<string, number> = {};
  let rows = 0;
  const begun = performance.now();
  await database.session(async session => {
    for (const city of key.cities) {
      const cityKey = { ...key, city, round: 1 };
      const selects = citySelects(session, cityKey);
      const round = (await effectiveRound(session, cityKey)) ?? 1;
      const queries = { ...selects, choices: selects.choices(round) };
      for (const [table, sql] of Object.entries(queries)) {
        const start = performance.now();
        rows += await copyOutRaw(session, sql, () => {});
        tables[`read ${table}`] = (tables[`read ${table}`] ?? 0) + since(start);
      }
    }
  });
  return { seconds: since(begun), rows, tables };
}

/** Saves the rows that a run wrote as COPY files. */
export async function saveWritten(database: Database, folder: string): Promise<void> {
  await database.session(async session => {
    for (const table of WRITTEN_TABLES) {
      const stream = session.client.query(copyTo(`copy ${table} to stdout`));
      await pipeline(stream, createWriteStream(join(folder, table)));
    }
  });
}

/** Writes the saved rows into empty tables with the same keys, one transaction. */
export async function floorOfWriting(
  database: Database,
  folder: string,
): Promise<{ seconds: number; rows: number; tables: Record<string, number> }> {
  await database.query('create schema floor');
  for (const table of WRITTEN_TABLES) {
    await database.query(
      `create table floor.${table} (like public.${table} including defaults including indexes
         including constraints)`,
    );
  }
  const tables: Record<string, number> = {};
  let rows = 0;
  const begun = performance.now();
  await database.transaction(async session => {
    for (const table of WRITTEN_TABLES) {
      const start = performance.now();
      rows += await copyFile(session, `floor.${table}`, join(folder, table));
      tables[`write ${table}`] = since(start);
    }
  });
  const seconds = since(begun);
  await database.query('drop schema floor cascade');
  return { seconds, rows, tables };
}

async function copyFile(session: Session, table: string, path: string): Promise<number> {
  const stream = session.client.query(copyFrom(`copy ${table} from stdin`));
  await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), stream);
  return stream.rowCount ?? 0;
}

function since(begun: number): number {
  return (performance.now() - begun) / 1000;
}
