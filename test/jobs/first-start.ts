/** The demo as its first `npm start` leaves it, made once and cloned for whoever goes on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { Database } from '../../db/connect.ts';
import { preparedDatabase, sourcesKey, type Teardown } from '../database.ts';

const CLI = join(import.meta.dirname, '..', '..', 'jobs', 'cli.ts');
/** About six hundred candidates: every city has some, and a night is short. */
export const SCALE = '0.0005';

export interface Place {
  readonly database: Database;
  readonly home: string;
}

export interface Ended {
  /** Exit code or signal. */
  readonly end: number | string;
  readonly out: string;
  readonly errors: string;
}

/** Runs the command as a process of its own, to be killed where the fail point says. */
export async function zhongzhao(
  place: Place,
  parameters: readonly string[],
  failPoint = '',
): Promise<Ended> {
  const { ZHONGZHAO_FAIL_POINT: _, ...environment } = process.env;
  const child = spawn(process.execPath, [CLI, ...parameters], {
    env: {
      ...environment,
      NODE_OPTIONS: '',
      DATABASE_URL: place.database.url,
      ZHONGZHAO_HOME: place.home,
      ...(failPoint === '' ? {} : { ZHONGZHAO_FAIL_POINT: failPoint }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', bytes => {
    out += bytes;
  });
  child.stderr.on('data', bytes => {
    errors += bytes;
  });
  const [code, signal] = await once(child, 'close');
  return { end: (code as number | null) ?? (signal as string), out, errors };
}

/** `npm start` once. */
export const start = (place: Place, failPoint = '') =>
  zhongzhao(place, ['start', '--scale', SCALE, '--json'], failPoint);

const FIRST = 'first-start.json';

/** @returns a place where the first night was run undisturbed, and how that start ended */
export async function startedPlace(t: Teardown): Promise<Place & { readonly first: Ended }> {
  const rooms = ['engine', 'db', 'reports', 'jobs', 'rules'];
  const key = `first start ${SCALE}|${await sourcesKey(rooms)}`;
  const { database, home } = await preparedDatabase(t, key, async (database, home) => {
    const first = await start({ database, home });
    await writeFile(join(home, FIRST), JSON.stringify(first));
  });
  const first: Ended = JSON.parse(await readFile(join(home, FIRST), 'utf8'));
  return { database, home, first };
}
