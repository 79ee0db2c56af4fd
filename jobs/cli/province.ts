/**
 * The province that a command works on: its database, home folder, clock and log, opened before
 * the command and closed after it, whatever happens in between.
 */
import { randomInt } from 'node:crypto';
import process from 'node:process';
import type { Logger } from 'pino';
import { accessError } from '../../db/access/errors.ts';
import type { Database, Session } from '../../db/connect.ts';
import { openDatabase } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { isSampleDatabase } from '../../db/policies.ts';
import { shanghaiDate } from '../run/calendar.ts';
import { fixedClock, parseInstant, recordClock } from '../run/clock.ts';
import { runError } from '../run/errors.ts';
import { failPoints } from '../run/fail-points.ts';
import { logFile, openLog } from '../run/log.ts';
import { openProgress, type Progress, SILENT } from '../run/progress.ts';
import type { RunEnvironment } from '../run/run.ts';
import type { Invocation, Options } from './command.ts';
import { cliError } from './errors.ts';
import { homeFolder } from './program.ts';

/** Runs that nobody in particular starts: the night's, by the clock or by hand. */
export const SCHEDULE_ACTOR = 'schedule';

export interface Province {
  readonly database: Database;
  /** false: the office's own server. */
  readonly embedded: boolean;
  readonly home: string;
  /** What `--at` has set; null: the machine's clock. */
  readonly at: Date | null;
  readonly log: Logger;
  readonly progress: Progress;
  /** Aborted by SIGINT or SIGTERM: what is going on stops at its next step. */
  readonly signal: AbortSignal;
  now(): Date;
  /** Says, on a terminal, what takes time; never mixed into `--json`. */
  tell(sentence: string): void;
}

/**
 * Opens the database – the embedded one unless DATABASE_URL names another –, brings its tables up
 * to date, sets the clock, and closes everything after the work.
 *
 * @param migrated false: the tables stay as they are, for a restore of an older version
 */
export async function withProvince<T>(
  invocation: Invocation,
  options: Options,
  work: (province: Province) => Promise<T>,
  { migrated = true }: { readonly migrated?: boolean } = {},
): Promise<T> {
  const at = typeof options['at'] === 'string' ? parseInstant(options['at']) : null;
  const now = at === null ? () => new Date() : fixedClock(at);
  const home = homeFolder();
  const tell = teller(invocation);
  const url = process.env['DATABASE_URL'];
  const { signal, release } = endSignal(tell);
  const opened = await openDatabase({ home, url, log: tell });
  try {
    if (migrated) await migrate(opened.database);
    if (at !== null) await recordClock(opened.database, at);
    return await work({
      database: opened.database,
      embedded: opened.embedded,
      home,
      at,
      log: openLog({ file: logFile(home, shanghaiDate(now())), stderr: invocation.verbose, now }),
      progress: invocation.json ? SILENT : openProgress(),
      signal,
      now,
      tell,
    });
  } finally {
    release();
    await opened.close();
  }
}

function teller(invocation: Invocation): (sentence: string) => void {
  const quiet = invocation.json || process.stderr.isTTY !== true;
  return sentence => {
    if (!quiet) invocation.output.error(`${sentence}\n`);
  };
}

/** The first signal asks for an orderly end, the second one ends at once; both are safe. */
function endSignal(tell: (sentence: string) => void): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const end = () => {
    if (controller.signal.aborted) process.exit(5);
    tell('正在停下：当前步骤完成后结束；再按一次立即结束（同样安全）。');
    controller.abort();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', end);
      process.off('SIGTERM', end);
    },
  };
}

/** The open season; the latest where there are several. @throws CodedError no-season */
export async function currentSeason(database: Database): Promise<number> {
  const [row] = await database.query<{ season: number | null }>(
    'select max(season) as season from seasons where not closed',
  );
  if (typeof row?.season !== 'number') throw runError('no-season');
  return row.season;
}

/** What runs need, from what the command has opened. */
export function runEnvironment(province: Province, season: number, actor: string): RunEnvironment {
  return {
    database: province.database,
    season,
    actor,
    home: province.home,
    log: province.log,
    progress: province.progress,
    dryRun: false,
    signal: province.signal,
    now: province.now,
    random: () => randomInt(2 ** 47) / 2 ** 47,
    failPoint: failPoints(process.env['ZHONGZHAO_FAIL_POINT']),
  };
}

const SAMPLE_USERS = /^(province(-2)?|city-\d{6}(-2)?|county-\d{6}|school-\d{4,10}(-clerk)?)$/;

/**
 * Who speaks (`--as`). In a sample database whoever sits at it is believed, elsewhere a password or
 * a token proves it. A database that has no users yet – no data either – is a sample's until the
 * first package says otherwise.
 *
 * @throws CodedError unknown-user, user-disabled, no-users, and what signing in refuses
 */
export async function actingUser(province: Province, options: Options): Promise<string> {
  const user = String(options['as'] ?? '');
  const { sample, some } = await province.database.transaction(async session => ({
    sample: await isSampleDatabase(session),
    some: await hasUsers(session),
  }));
  if (!some && !sample) throw cliError('no-users', { user });
  if (!some) {
    if (!SAMPLE_USERS.test(user)) throw cliError('unknown-user', { user });
    return user;
  }
  if (!sample) {
    const { signedUser } = await import('./credentials.ts');
    return (await signedUser(province, options)).user;
  }
  const [row] = await province.database.query<{ disabled: boolean }>(
    'select disabled_at is not null as disabled from users where user_name = $1',
    [user],
  );
  if (row === undefined) throw cliError('unknown-user', { user });
  if (row.disabled) throw accessError('user-disabled', { user });
  return user;
}

/** Whether there are users: then rights count, and what two must sign is signed by two. */
export async function hasUsers(session: Pick<Session, 'query'>): Promise<boolean> {
  const [row] = await session.query<{ some: boolean }>('select exists (select from users) as some');
  return row?.some === true;
}
