/**
 * `npm run bench:decide`: how long a school's decision of many files takes, from the
 * request to the commit – checks, rules, events, chain and ledger –, in a city of ordinary size.
 * `--files N` (500) decides so many at once; `--repeat N` (9) times, the median is printed;
 * `--candidates N` (120 000) in the province of three cities. The bar: 500 files under 300 ms.
 * Beside the median stands the processor time of this process, which a busy machine stretches less.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import type { Database } from '../../db/connect.ts';
import { openDatabase } from '../../db/embedded.ts';
import { findFunction } from '../../jobs/act/registry.ts';
import { runAct } from '../../jobs/act/run-act.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { type RunEnvironment, runJob } from '../../jobs/run/run.ts';
import { filesOfList, type ListedFile, type ReleasedList, releaseLists } from '../acts/released.ts';
import { BATCH, DATE, prepareProvince, SEASON } from './stress.ts';

const BAR_MS = 300;

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '500' },
    repeat: { type: 'string', default: '9' },
    candidates: { type: 'string', default: '120000' },
  },
});
const [wanted, repeats] = [Number(values.files), Number(values.repeat)];

const home = await mkdtemp(join(tmpdir(), 'zhongzhao-decide-'));
const opened = await openDatabase({ home });
try {
  await measure(opened.database);
} finally {
  await opened.close();
  await rm(home, { recursive: true, force: true });
}

function environment(database: Database, at: string): RunEnvironment {
  return {
    database,
    season: SEASON,
    actor: 'bench',
    home,
    log: pino({ level: 'silent' }),
    progress: SILENT,
    dryRun: false,
    now: () => new Date(at),
    random: () => 0.5,
    failPoint: () => {},
  };
}

async function measure(database: Database): Promise<void> {
  const cities = await prepareProvince(database, Number(values.candidates), 3);
  const city = cities[0] as string;
  const night = environment(database, `${DATE}T19:30:00+08:00`);
  await runJob(dispatchJob, { city, batch: BATCH, round: 1 }, DATE, night);
  const world = { database, query: database.query.bind(database) };
  const lists = await releaseLists(world as never, city);
  const list = lists.find(each => each.sent >= wanted) ?? lists[0];
  if (list === undefined) throw new Error('no list');
  await database.query(
    `insert into relative_declarations (season, user_name, relatives, declared_at)
     values ($1, $2, '{}', now())`,
    [SEASON, `school-${list.school}`],
  );
  const listed = await filesOfList(world as never, list);
  const chosen = listed.filter(file => file.suggested !== null).slice(0, wanted);
  const candidates = chosen.map(file => file.candidate);
  const ask = { city, list: list.list, candidates };
  say(`list of ${listed.length} files, ${candidates.length} decided at once, ${repeats} times`);
  for (const [name, more] of [
    ['admit', { decision: 'admit' }],
    ['return', { decision: 'return', reason: 'health' }],
  ] as const) {
    const taken: number[] = [];
    let own = 0;
    for (let at = 0; at < repeats; at += 1) {
      const before = process.cpuUsage();
      taken.push(await act(database, 'decide-files', list.school, { ...ask, ...more }));
      const { user, system } = process.cpuUsage(before);
      own += (user + system) / 1000 / repeats;
      await act(database, 'decide-files', list.school, { ...ask, decision: 'undo' });
    }
    const middle = taken.toSorted((a, b) => a - b)[repeats >> 1] as number;
    const all = taken.map(each => each.toFixed(0)).join(' ');
    const figures = `median ${middle.toFixed(0)} ms (bar ${BAR_MS} ms), own ${own.toFixed(0)} ms`;
    say(`${name.padEnd(7)} ${figures}, of ${all}`);
  }
  await submit(database, list, listed);
}

/** The whole list, once: there is no way back from a submission. */
async function submit(database: Database, list: ReleasedList, listed: readonly ListedFile[]) {
  const { city, list: number, school } = list;
  const ask = { city, list: number };
  const part = (suggested: boolean) =>
    listed.filter(file => (file.suggested !== null) === suggested).map(file => file.candidate);
  await act(database, 'decide-files', school, {
    ...ask,
    candidates: part(true),
    decision: 'admit',
  });
  const rest = part(false);
  if (rest.length > 0) {
    const more = { candidates: rest, decision: 'return', reason: 'over-plan' };
    await act(database, 'decide-files', school, { ...ask, ...more });
  }
  const taken = await act(database, 'submit-dispatch-list', school, ask);
  say(`submit  ${listed.length} files: ${taken.toFixed(0)} ms, once`);
}

/** @returns milliseconds */
async function act(database: Database, id: string, school: string, input: object): Promise<number> {
  const job = await findFunction(id);
  const at = environment(database, '2016-07-21T09:00:00+08:00');
  const begun = performance.now();
  await runAct(job, { user: `school-${school}`, input: { ...input } }, at);
  return performance.now() - begun;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
