/**
 * `npm run crash`: the crash campaign. A night is killed by SIGKILL at every fail point and at
 * random moments and started again; twenty starts of one night come at once; a paused process is
 * overtaken. The end must be the same, byte for byte, as undisturbed (digest.ts).
 *
 * `-- --kills 50` random kills, `-- --seed 7`; without DATABASE_URL each disturbed night has an
 * embedded server of its own, which the kill orphans and the next start must find.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '../../db/embedded.ts';
import { FAIL_POINTS } from '../../jobs/run/fail-points.ts';
import { nightDigest } from './digest.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    scale: { type: 'string', default: '0.002' },
    starts: { type: 'string', default: '20' },
  },
});
const SEASON = 2016;
const DATE = '2016-07-20';
const CLI = join(import.meta.dirname, '..', '..', 'jobs', 'cli.ts');
const NIGHT = ['start', '--scale', values.scale, '--seed', '1', '--json'];
const RESTARTS_MAX = 20;

let state = Number(values.seed) >>> 0;
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

interface Home {
  readonly folder: string;
  remove(): Promise<void>;
}

async function newHome(): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'zhongzhao-crash-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

function start(home: Home, command: readonly string[], variables: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, ...command], {
    env: { ...process.env, ZHONGZHAO_HOME: home.folder, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', chunk => {
    errors = `${errors}${chunk}`.slice(-4000);
  });
  return { child, errors: () => errors };
}

async function ended(child: ChildProcess): Promise<number | string> {
  if (child.exitCode !== null) return child.exitCode;
  if (child.signalCode !== null) return child.signalCode;
  const [code, signal] = await once(child, 'exit');
  return (code as number | null) ?? (signal as string);
}

/** Starts the night until it is through. @returns how many starts it took */
async function finish(home: Home, command: readonly string[] = NIGHT): Promise<number> {
  for (let starts = 1; starts <= RESTARTS_MAX; starts += 1) {
    const { child, errors } = start(home, command);
    const code = await ended(child);
    if (code === 0 || code === 1) return starts;
    if (code !== 5) throw new Error(`exit ${code}: ${errors()}`);
  }
  throw new Error(`not through after ${RESTARTS_MAX} starts`);
}

async function digest(home: Home): Promise<string> {
  const opened = await openDatabase({ home: home.folder, url: process.env['DATABASE_URL'] });
  try {
    return await nightDigest(opened.database, SEASON);
  } finally {
    await opened.close();
  }
}

const failures: string[] = [];
/** Trials in which nothing was killed: they prove nothing, and are said to. */
const undisturbedTrials: string[] = [];
const NOT_PASSED = 'the point is not passed so often';

/** One disturbed night; it must end as the undisturbed one. */
async function trial(
  title: string,
  expected: string,
  disturb: (home: Home) => Promise<string>,
): Promise<void> {
  const home = await newHome();
  try {
    const what = await disturb(home);
    if (what === NOT_PASSED) {
      undisturbedTrials.push(title);
      say(`none ${title}: ${what}`);
      return;
    }
    const same = (await digest(home)) === expected;
    say(`${same ? 'ok  ' : 'FAIL'} ${title}: ${what}`);
    if (!same) failures.push(title);
  } catch (error) {
    say(`FAIL ${title}: ${(error as Error).message}`);
    failures.push(title);
  } finally {
    await home.remove();
  }
}

/** Dies at the n-th passing of a point; then the night is started again until it is through. */
function atPoint(point: string, times: number) {
  return async (home: Home) => {
    const setting = { ZHONGZHAO_FAIL_POINT: `${point}:${times}` };
    const { child } = start(home, NIGHT, setting);
    const first = await ended(child);
    // Another start would live the next date.
    if (first === 0 || first === 1) return NOT_PASSED;
    const starts = await finish(home, nightAgain);
    return `${first}, then ${starts} start${starts === 1 ? '' : 's'}`;
  };
}

/** After a kill in the middle of the night, or of the loading before it. */
const nightAgain = NIGHT;

function atMoment(milliseconds: number) {
  return async (home: Home) => {
    const { child } = start(home, NIGHT);
    await sleep(milliseconds);
    const killed = child.kill('SIGKILL');
    const first = await ended(child);
    if (first === 0 || first === 1) return 'was through before the kill';
    const starts = await finish(home, nightAgain);
    return `killed after ${milliseconds} ms (${killed}), then ${starts} start(s)`;
  };
}

/** Loads the province, then starts its night many times at once. */
function atOnce(count: number) {
  return async (home: Home) => {
    await finish(home, ['sample', '--scale', values.scale, '--seed', '1']);
    await finish(home, ['policy', 'adopt', 'rules/guangdong-2016', '--as', 'province']);
    const command = ['night', '--date', DATE, '--at', `${DATE}T19:30`, '--json'];
    const all = Array.from({ length: count }, () => start(home, command));
    const codes = await Promise.all(all.map(one => ended(one.child)));
    const wrong = codes.findIndex(code => code !== 0 && code !== 1);
    if (wrong !== -1) throw new Error(`exit ${codes[wrong]}: ${all[wrong]?.errors()}`);
    return `exits ${[...new Set(codes)].join(', ')}`;
  };
}

/** Pauses a night, takes its locks away as a failed-over server would, lets another do it. */
function overtaken(milliseconds: number) {
  return async (home: Home) => {
    const { child } = start(home, NIGHT);
    await sleep(milliseconds);
    if (child.exitCode !== null) return 'was through before the pause';
    child.kill('SIGSTOP');
    const opened = await openDatabase({ home: home.folder, url: process.env['DATABASE_URL'] });
    const killed = await opened.database.query(
      `select pg_terminate_backend(pid) from pg_locks
       where locktype = 'advisory' and pid <> pg_backend_pid() and granted`,
    );
    await opened.close();
    const starts = await finish(home, nightAgain);
    child.kill('SIGCONT');
    const late = await ended(child);
    const what = `paused after ${milliseconds} ms, ${killed.length} locks taken`;
    return `${what}, ${starts} start(s), the paused one ended with ${late}`;
  };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const undisturbed = await newHome();
const begun = performance.now();
await finish(undisturbed);
const wholeMilliseconds = performance.now() - begun;
const expected = await digest(undisturbed);
await undisturbed.remove();
say(`undisturbed: ${Math.round(wholeMilliseconds)} ms, digest ${expected}; seed ${values.seed}`);

// A night restores nothing.
for (const point of Object.keys(FAIL_POINTS).filter(name => !name.startsWith('restore.'))) {
  for (const times of [1, 2 + Math.floor(random() * 20)]) {
    await trial(`${point}:${times}`, expected, atPoint(point, times));
  }
}
for (let kill = 0; kill < Number(values.kills); kill += 1) {
  const milliseconds = Math.round(wholeMilliseconds * random());
  await trial(`random kill ${kill + 1}`, expected, atMoment(milliseconds));
}
await trial(`${values.starts} starts at once`, expected, atOnce(Number(values.starts)));
for (let pause = 0; pause < 3; pause += 1) {
  const milliseconds = Math.round(wholeMilliseconds * (0.5 + 0.45 * random()));
  await trial(`overtaken ${pause + 1}`, expected, overtaken(milliseconds));
}
say(`${undisturbedTrials.length} trials killed nothing`);
say(failures.length === 0 ? 'all others the same as undisturbed' : `${failures.length} differ`);
process.exitCode = failures.length === 0 ? 0 : 1;
