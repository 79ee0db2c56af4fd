/**
 * `npm run bench:try`: what one further policy costs, against the dispatch engine alone, over all
 * cities of the stress province. `-- --candidates N` (130,000 unless told), `--repeat N`.
 *
 * Loading is reading the worlds out of the database. After it: the runs' own policy once, as every
 * trial needs it, then a changed one – one line, and one ratio for everybody – each with its
 * comparison and counts. `alone` is the same dispatch without anything kept.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { connect, type Database } from '../../db/connect.ts';
import { ensureServer } from '../../db/embedded.ts';
import { dispatch } from '../../engine/dispatch/run.ts';
import type { World } from '../../engine/dispatch/world.ts';
import { WorldMemory } from '../../engine/dispatch/world-memory.ts';
import type { Batch, FullPolicy } from '../../engine/policy/types.ts';
import { compareResults } from '../../engine/trial/compare.ts';
import { counterfactual } from '../../engine/trial/counterfactual.ts';
import { TrialTally } from '../../engine/trial/tally.ts';
import { policyOfCity } from '../../jobs/nightly/dispatch/policy.ts';
import { inSnapshot, readWorld } from '../../jobs/nightly/dispatch/world.ts';
import { TRIAL_RECHECK_PAIRS } from '../../jobs/trial/run-trial.ts';
import { BATCH, DATE, prepareProvince, SEASON } from './stress.ts';

const CITIES = 22;
/** Candidates whose counterfactuals are asked for. */
const ASKED = 7;
const OPTIONS = { random: Math.random, recheckSample: TRIAL_RECHECK_PAIRS };

const { values } = parseArgs({
  options: {
    candidates: { type: 'string', default: '130000' },
    repeat: { type: 'string', default: '3' },
  },
});
const candidates = Number(values.candidates);
const repeats = Number(values.repeat);

interface City {
  readonly city: string;
  readonly world: World;
  readonly policy: FullPolicy;
}

const home = await mkdtemp(join(tmpdir(), 'zhongzhao-bench-'));
const server = await ensureServer(home, { log: () => {} });
try {
  const database = connect(server.url);
  try {
    const codes = await prepareProvince(database, candidates, CITIES);
    await measure(database, codes);
  } finally {
    await database.close();
  }
} finally {
  await server.stop();
  await rm(home, { recursive: true, force: true });
}

async function measure(database: Database, codes: readonly string[]): Promise<void> {
  const begun = performance.now();
  const cities: City[] = [];
  for (const city of codes) {
    const { policy } = await policyOfCity(database, SEASON, city);
    const key = { season: SEASON, city, batch: BATCH, round: 1, date: DATE };
    const { world } = await inSnapshot(database, session => readWorld(session, key, policy));
    cities.push({ city, world, policy });
  }
  const loading = secondsSince(begun);
  const times: Record<string, number[]> = {};
  for (let at = 0; at < repeats; at += 1) {
    for (const [name, seconds] of Object.entries(await measureOnce(cities))) {
      times[name] = [...(times[name] ?? []), seconds];
    }
  }
  const alone = median(times['alone'] ?? []);
  say(`${candidates.toLocaleString('en')} candidates, ${CITIES} cities, ${repeats} times`);
  say(`  loading${loading.toFixed(2).padStart(22)} s`);
  for (const [name, seconds] of Object.entries(times)) {
    const one = median(seconds);
    say(
      `  ${name.padEnd(20)}${one.toFixed(2).padStart(8)} s   ${(one / alone).toFixed(2)} × alone`,
    );
  }
  await measureCounterfactuals(cities);
  say(`  memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}

async function measureOnce(cities: readonly City[]): Promise<Record<string, number>> {
  const alone = await timed(async () => {
    for (const { world, policy } of cities) await dispatch(world, policy, OPTIONS);
  });
  const memories = cities.map(({ world }) => new WorldMemory(world));
  const before: Awaited<ReturnType<WorldMemory['dispatch']>>['result'][] = [];
  const own = await timed(async () => {
    for (const [at, memory] of memories.entries()) {
      before.push((await memory.dispatch((cities[at] as City).policy, OPTIONS)).result);
    }
  });
  const tried = (change: (policy: FullPolicy) => FullPolicy) =>
    timed(async () => {
      const tally = new TrialTally();
      for (const [at, memory] of memories.entries()) {
        const { city, policy, world } = cities[at] as City;
        const { result } = await memory.dispatch(change(policy), OPTIONS);
        const was = before[at] as (typeof before)[number];
        tally.add(compareResults(world, was, result), { city, batch: BATCH });
      }
      const { gained, lost, placedAfter, placedBefore } = tally.total;
      if (gained - lost !== placedAfter - placedBefore) throw new Error('does not reconcile');
    });
  const line = await tried(policy => ({
    ...policy,
    regionLines: policy.regionLines.map(each => ({ ...each, line: each.line + 1000 })),
  }));
  const ratio = await tried(policy => ({
    ...policy,
    batches: policy.batches.map(
      (batch): Batch => ({ ...batch, dispatch: { ...batch.dispatch, ratio: 120 } }),
    ),
  }));
  return { alone, own, 'other lines': line, 'other ratio': ratio, 'try, whole': own + line };
}

/** Some of those whom the largest city has not placed, each asked by himself. */
async function measureCounterfactuals(cities: readonly City[]): Promise<void> {
  const bySize = cities.toSorted((a, b) => b.world.choices.count - a.world.choices.count);
  const { world, policy } = bySize[0] as City;
  const memory = new WorldMemory(world);
  const options = { ...OPTIONS, recheckSample: 0 };
  const { result } = await memory.dispatch(policy, options);
  const unplaced = [...result.placedChoice.keys()].filter(at => result.placedChoice[at] === -1);
  const asked = Array.from(
    { length: ASKED },
    (_, at) => unplaced[Math.floor((at * unplaced.length) / ASKED)] as number,
  );
  const seconds: number[] = [];
  const runs: number[] = [];
  for (const participant of asked) {
    seconds.push(
      await timed(async () => {
        const found = await counterfactual({ memory, policy, options, result, participant });
        runs.push(found.runs);
      }),
    );
  }
  say(
    `  one counterfactual of ${world.candidates.count.toLocaleString('en')} candidates: median ` +
      `${median(seconds).toFixed(2)} s, slowest ${Math.max(...seconds).toFixed(2)} s, ` +
      `${median(runs)} dispatches`,
  );
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return secondsSince(begun);
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
