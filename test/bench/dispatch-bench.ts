/**
 * `npm run bench`: the complete dispatch of a province against the floor that PostgreSQL sets, in
 * one run, at three sizes. `-- --json` ends with one line of JSON; `--candidates N` does one size;
 * `--repeat N` repeats each measurement (median is printed); `--cities N` spreads the candidates
 * over N cities instead of 22; `--no-audit` leaves the audit out.
 *
 * The run is the night's, from its plan to its end; it includes the package kept of each input.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs, promisify } from 'node:util';
import { connect, type Database } from '../../db/connect.ts';
import { ensureServer } from '../../db/embedded.ts';
import { engineSample } from './engine.ts';
import { floorOfReading, floorOfWriting, saveWritten } from './floor.ts';
import { BATCH, DATE, prepareProvince, SEASON } from './stress.ts';

const run = promisify(execFile);
const SIZES = [130_000, 430_000, 1_300_000];
const PROVINCE = join(import.meta.dirname, 'province.ts');

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    candidates: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    cities: { type: 'string', default: '22' },
    audit: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const sizes = values.candidates === undefined ? SIZES : [Number(values.candidates)];
const repeats = Number(values.repeat);
const cityCount = Number(values.cities);

interface Measured {
  readonly candidates: number;
  readonly floor: number;
  readonly floorRead: number;
  readonly floorWrite: number;
  readonly run: number;
  readonly ratio: number;
  readonly rss: number;
  readonly audit: number | null;
  readonly stages: Record<string, number>;
  readonly thread: Record<string, number>;
  readonly floorTables: Record<string, number>;
  readonly counts: Record<string, number>;
}

interface ProvinceRun {
  readonly seconds: number;
  readonly counts: Record<string, number>;
  readonly stages: Record<string, number>;
  readonly thread: Record<string, number>;
  readonly rssMegabytes: number;
  readonly auditSeconds: number | null;
  readonly auditFindings: number | null;
}

const home = await mkdtemp(join(tmpdir(), 'zhongzhao-bench-'));
const server = await ensureServer(home, { log: text => say(text) });
try {
  const measured: Measured[] = [];
  for (const size of sizes) measured.push(await measureSize(size));
  const engine = await engineSample(databaseUrl('bench'));
  print(measured, engine);
  if (values.json) printJson(measured[measured.length - 1] as Measured, engine);
} finally {
  await server.stop();
  await rm(home, { recursive: true, force: true });
}

async function measureSize(candidates: number): Promise<Measured> {
  say(`\n${candidates.toLocaleString('en')} candidates × 8 choices, ${cityCount} cities: loading`);
  await recreate('bench');
  const cities = await withDatabase('bench', database =>
    prepareProvince(database, candidates, cityCount),
  );
  const floors: Awaited<ReturnType<typeof measureFloor>>[] = [];
  const runs: ProvinceRun[] = [];
  for (let at = 0; at < repeats; at += 1) {
    const last = at === repeats - 1;
    await recreate('bench_run', 'bench');
    runs.push(await measureRun(last && values.audit));
    const folder = await mkdtemp(join(home, 'rows-'));
    await withDatabase('bench_run', database => saveWritten(database, folder));
    await recreate('bench_floor', 'bench');
    floors.push(await measureFloor(cities, folder));
    await rm(folder, { recursive: true });
    const [floor, run] = [floors[at], runs[at]] as const;
    say(`  ${at + 1}: floor ${floor?.seconds.toFixed(1)} s, run ${run?.seconds.toFixed(1)} s`);
  }
  return summary(candidates, floors, runs);
}

async function measureRun(audit: boolean): Promise<ProvinceRun> {
  const folder = await mkdtemp(join(home, 'run-'));
  const { stdout } = await run(
    process.execPath,
    [PROVINCE, databaseUrl('bench_run'), folder, DATE],
    { env: { ...process.env, BENCH_AUDIT: audit ? '1' : '0' }, maxBuffer: 1 << 24 },
  );
  await rm(folder, { recursive: true, force: true });
  return JSON.parse(stdout) as ProvinceRun;
}

async function measureFloor(cities: readonly string[], folder: string) {
  return withDatabase('bench_floor', async database => {
    const attributes = ['height', 'vision'];
    const key = { season: SEASON, batch: BATCH, date: DATE, attributes, cities };
    const reading = await floorOfReading(database, key);
    const writing = await floorOfWriting(database, folder);
    return {
      seconds: reading.seconds + writing.seconds,
      read: reading.seconds,
      write: writing.seconds,
      tables: { ...reading.tables, ...writing.tables },
    };
  });
}

function summary(
  candidates: number,
  floors: readonly Awaited<ReturnType<typeof measureFloor>>[],
  runs: readonly ProvinceRun[],
): Measured {
  const middle = [...runs].sort((a, b) => a.seconds - b.seconds)[runs.length >> 1] as ProvinceRun;
  const last = runs[runs.length - 1] as ProvinceRun;
  const floor = [...floors].sort((a, b) => a.seconds - b.seconds)[floors.length >> 1] as Awaited<
    ReturnType<typeof measureFloor>
  >;
  return {
    candidates,
    floor: floor.seconds,
    floorRead: floor.read,
    floorWrite: floor.write,
    run: middle.seconds,
    ratio: median(runs.map((one, at) => one.seconds / (floors[at]?.seconds ?? Number.NaN))),
    rss: Math.max(...runs.map(one => one.rssMegabytes)),
    audit: last.auditSeconds,
    stages: middle.stages,
    thread: middle.thread,
    floorTables: floor.tables,
    counts: { ...middle.counts, auditFindings: last.auditFindings ?? 0 },
  };
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
}

function print(all: readonly Measured[], engine: Awaited<ReturnType<typeof engineSample>>): void {
  say(
    '\n| candidates | floor read | floor write | floor (a) | run (b) | (b)/(a) | memory | audit |',
  );
  say('|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const one of all) {
    const cells = [
      one.candidates.toLocaleString('en'),
      `${one.floorRead.toFixed(1)} s`,
      `${one.floorWrite.toFixed(1)} s`,
      `${one.floor.toFixed(1)} s`,
      `${one.run.toFixed(1)} s`,
      one.ratio.toFixed(2),
      `${Math.round(one.rss)} MB`,
      one.audit === null ? '' : `${one.audit.toFixed(1)} s`,
    ];
    say(`| ${cells.join(' | ')} |`);
  }
  const largest = all[all.length - 1] as Measured;
  sayTable('\nStages of (b) at the largest size, seconds, summed over cities side by side:', {
    ...largest.stages,
    'beside: hash, keep input': largest.thread['input'] ?? Number.NaN,
    'beside: check, hash result': largest.thread['result'] ?? Number.NaN,
  });
  sayTable('The floor by table, seconds:', largest.floorTables);
  say(`Counts: ${JSON.stringify(largest.counts)}`);
  const situations = situationsMicroseconds(largest);
  say(
    `json-rules-engine alone: ${engine.microseconds.toFixed(1)} µs a pair ` +
      `on ${engine.pairs} pairs; ` +
      `through situations: ${situations.toFixed(3)} µs a pair: ` +
      `${Math.round(engine.microseconds / situations)} times as fast`,
  );
}

function sayTable(title: string, seconds: Readonly<Record<string, number>>): void {
  say(title);
  for (const [name, each] of Object.entries(seconds)) {
    say(`  ${name.padEnd(28)}${each.toFixed(2).padStart(8)}`);
  }
}

/** Of the stage `rules`: deciding every pair and the random recheck. */
function situationsMicroseconds(one: Measured): number {
  return ((one.stages['rules'] ?? 0) * 1e6) / (one.counts['choices'] ?? 1);
}

function printJson(one: Measured, engine: Awaited<ReturnType<typeof engineSample>>): void {
  const round = (value: number, places: number) => Number(value.toFixed(places));
  process.stdout.write(
    `${JSON.stringify({
      floor_s: round(one.floor, 2),
      run_s: round(one.run, 2),
      ratio: round(one.ratio, 3),
      rss_mb: Math.round(one.rss),
      engine_us_per_pair: round(engine.microseconds, 2),
      situations_us_per_pair: round(situationsMicroseconds(one), 4),
      stages: Object.fromEntries(
        Object.entries(one.stages).map(([stage, seconds]) => [stage, round(seconds, 3)]),
      ),
    })}\n`,
  );
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function databaseUrl(name: string): string {
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

async function withDatabase<T>(name: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = connect(databaseUrl(name));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** A new database, empty or a copy: both sides of a comparison begin with the same files. */
async function recreate(name: string, template = 'template0'): Promise<void> {
  const admin = connect(server.url);
  try {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name} template ${template} strategy file_copy`);
    await admin.query('checkpoint');
  } finally {
    await admin.close();
  }
}
