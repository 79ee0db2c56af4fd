/**
 * The embedded PostgreSQL: a real server, started from the npm package's binaries, for whoever has
 * none of their own. It listens on a socket in its folder and on the loopback only, with a random
 * password, and needs no network.
 *
 * Life of the server. The first command that needs it starts it, in a session of its own, so that
 * the end of its parent – even by SIGKILL – leaves it running; the next command finds it by its pid
 * file and uses it. Every process that uses it holds one connection named `zhongzhao presence`, and
 * whoever leaves last stops it, started by itself or found. Turned down: "who started it stops it",
 * since an orphan would then run for ever, and a scheduler would take the server away from its
 * workers. A process that comes while another one leaves waits for the start lock.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { checkServer, connect, type Database } from './connect.ts';
import { hostsOf } from './embedded/address.ts';
import { type Binaries, findBinaries } from './embedded/binaries.ts';
import { withStartLock } from './embedded/lock.ts';
import { type Place, placeFolder, preparePlace } from './embedded/place.ts';
import {
  initialise,
  type PidFile,
  runningServer,
  type ServerLog,
  SUPERUSER,
  startServer,
  stopServer,
} from './embedded/server.ts';
import { databaseError, reasonOf } from './errors.ts';

const DATABASE = 'zhongzhao';
const PRESENCE = 'zhongzhao presence';
/** A backend whose client has just left needs a moment to go. */
const LEAVING_MILLISECONDS = 1_000;
/** How long a server found starting – recovering from a crash, say – is waited for. */
const READY_SECONDS = 900;
/** How long one that says it is ready may refuse: it is going down, or has just been killed. */
const REFUSED_SECONDS = 30;

export interface EmbeddedServer {
  readonly url: string;
  /** Leaves the server, and stops it where nobody else uses it. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Told, in Chinese, what takes time: first start, recovery. */
  readonly log?: ServerLog;
  /** false for tests only: no fsync. Takes effect when the server is started. */
  readonly durable?: boolean;
}

/**
 * Finds the server of a home folder running, or starts it; made on first use.
 *
 * @throws embedded-missing, embedded-user, embedded-owner, embedded-locked, embedded-start-failed
 */
export async function ensureServer(
  home: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedServer> {
  const log = options.log ?? (() => {});
  const folder = await placeFolder(home);
  return withStartLock(folder, async () => {
    const place = await preparePlace(home);
    const binaries = await findBinaries(place.user);
    await initialise(place, binaries, log);
    const password = await readFile(place.password, 'utf8').catch((cause: unknown) => {
      const detail = { reason: reasonOf(cause), log: place.log };
      throw databaseError('embedded-start-failed', detail, { cause });
    });
    const { url, presence } = await findOrStart(place, password, () =>
      startServer(place, binaries, options.durable ?? true, log),
    );
    let left: Promise<void> | undefined;
    const stop = () => {
      left ??= withStartLock(folder, () => leave(presence, place, binaries));
      return left;
    };
    return { url, stop };
  });
}

interface Entered {
  readonly url: string;
  /** Keeps the server from being stopped by others. */
  readonly presence: pg.Client;
}

/** Enters the server that runs; else starts one. One that is starting or going is waited for. */
async function findOrStart(
  place: Place,
  password: string,
  start: () => Promise<PidFile>,
): Promise<Entered> {
  const deadline = Date.now() + READY_SECONDS * 1000;
  const refusedDeadline = Date.now() + REFUSED_SECONDS * 1000;
  for (;;) {
    const found = (await runningServer(place)) ?? (await start());
    let reason = `process ${found.pid} does not become ready`;
    let cause: unknown;
    let refused = false;
    if (found.ready) {
      try {
        return await enterBySome(
          hostsOf(found).map(host => `postgres://${SUPERUSER}:${password}@${host}/${DATABASE}`),
        );
      } catch (error) {
        // Going down (57P03), or gone since its pid file was read: look again. But a password
        // (28…) does not become right by waiting.
        refused = String((error as { code?: unknown }).code).startsWith('28');
        reason = reasonOf(error);
        cause = error;
      }
    }
    if (refused || Date.now() > (found.ready ? refusedDeadline : deadline)) {
      throw databaseError('embedded-start-failed', { reason, log: place.log }, { cause });
    }
    await sleep(100);
  }
}

/** By the first address that answers. @throws what the last one says */
async function enterBySome(urls: readonly string[]): Promise<Entered> {
  let failure: unknown;
  for (const url of urls) {
    try {
      return { url, presence: await enter(url) };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function enter(url: string): Promise<pg.Client> {
  const own = new URL(url);
  own.pathname = '/postgres';
  const presence = new pg.Client({ connectionString: own.href, application_name: PRESENCE });
  // Whoever forgets stop() must not hang on it, nor die of the server's end.
  presence.on('error', () => {});
  try {
    await presence.connect();
    const there = 'select 1 from pg_database where datname = $1';
    const { rows } = await presence.query(there, [DATABASE]);
    if (rows.length === 0) await presence.query(`create database ${DATABASE}`);
    (presence as unknown as { unref(): void }).unref();
    return presence;
  } catch (cause) {
    await presence.end().catch(() => {});
    throw cause;
  }
}

async function leave(presence: pg.Client, place: Place, binaries: Binaries): Promise<void> {
  // Unreferenced since enter(), so that nobody hangs on it; now its answers are waited for.
  (presence as unknown as { ref(): void }).ref();
  const others = await waitForOthers(presence);
  await presence.end().catch(() => {});
  if (others || (await runningServer(place)) === undefined) return;
  await stopServer(place, binaries);
}

/** Whether anybody else is connected; backends of clients that have just left do not count. */
async function waitForOthers(presence: pg.Client): Promise<boolean> {
  const deadline = Date.now() + LEAVING_MILLISECONDS;
  for (;;) {
    const counted = await presence
      .query<{ present: number; others: number }>(
        `select count(*) filter (where application_name = $1)::int as present,
                count(*)::int as others
           from pg_stat_activity
          where backend_type = 'client backend' and pid <> pg_backend_pid()`,
        [PRESENCE],
      )
      .catch(() => undefined);
    const row = counted?.rows[0];
    if (row === undefined || row.others === 0) return false;
    if (row.present > 0 || Date.now() > deadline) return true;
    await sleep(20);
  }
}

export interface OpenDatabase {
  readonly database: Database;
  /** true: the embedded server; false: the office's own. */
  readonly embedded: boolean;
  /** Closes the pool and leaves the embedded server. */
  close(): Promise<void>;
}

/**
 * Opens the office's own database where an address is given, else the embedded one, and checks
 * what the rest relies on.
 *
 * @param source.url the value of DATABASE_URL; undefined or empty: embedded
 * @throws as ensureServer, connect and checkServer
 */
export async function openDatabase(source: {
  readonly home: string;
  readonly url?: string | undefined;
  readonly applicationName?: string;
  readonly log?: ServerLog;
}): Promise<OpenDatabase> {
  const own = source.url !== undefined && source.url !== '';
  const server = own ? undefined : await ensureServer(source.home, { log: source.log });
  const options =
    source.applicationName === undefined ? {} : { applicationName: source.applicationName };
  let database: Database | undefined;
  const close = async () => {
    await database?.close();
    await server?.stop();
  };
  try {
    database = connect(server?.url ?? source.url ?? '', options);
    await checkServer(database);
    return { database, embedded: !own, close };
  } catch (error) {
    await close();
    throw error;
  }
}
