/** A database of its own for a season that is no test: on the given server, or an embedded one. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import process from 'node:process';
import { connect, type Database } from '../../db/connect.ts';
import { ensureServer } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';

const HOME = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'zhongzhao-test');

export interface SeasonDatabase {
  readonly database: Database;
  readonly url: string;
  close(): Promise<void>;
}

export async function openSeasonDatabase(): Promise<SeasonDatabase> {
  const given = process.env['DATABASE_URL'] ?? '';
  const server = given === '' ? await ensureServer(HOME, { durable: false }) : null;
  const admin = connect(at(server?.url ?? given, 'postgres'));
  const name = `zz_test_${Math.floor(Date.now() / 1000)}_${randomBytes(4).toString('hex')}`;
  await admin.query(`create database ${name} template template0`);
  const url = at(server?.url ?? given, name);
  const database = connect(url);
  await migrate(database);
  return {
    database,
    url,
    close: async () => {
      await database.close();
      await admin.query(`drop database if exists ${name} with (force)`);
      await admin.close();
      await server?.stop();
    },
  };
}

function at(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
