/**
 * `npm run bench:sweep`: the sweep of 09-01 over 50,000 admitted files that nobody has registered,
 * through the runner: each is reverted, with an event of its own. Once in one city, once spread
 * over all of them. `-- --files N` for another size, `-- --repeat N` (the median is printed).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { connect, type Database } from '../../db/connect.ts';
import { ensureServer } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { adoptPolicy } from '../../db/policies.ts';
import { verifyChain } from '../../db/trail.ts';
import { sweepJob } from '../../jobs/nightly/sweep.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { type RunEnvironment, runJob } from '../../jobs/run/run.ts';
import { SEASON, stressPolicy } from './stress.ts';

const DATE = '2016-09-01';
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '50000' },
    repeat: { type: 'string', default: '3' },
  },
});
const FILES = Number(values.files);
const CITIES = [...stressPolicy().overlays.keys()].toSorted();

const home = await mkdtemp(join(tmpdir(), 'zhongzhao-bench-'));
const server = await ensureServer(home);
try {
  for (const cities of [CITIES.slice(0, 1), CITIES]) {
    const seconds: number[] = [];
    for (let at = 0; at < Number(values.repeat); at += 1) seconds.push(await measure(cities));
    const median = seconds.toSorted((a, b) => a - b)[seconds.length >> 1] ?? Number.NaN;
    const all = seconds.map(each => each.toFixed(2)).join(', ');
    say(`${FILES} files in ${cities.length} cities: median ${median.toFixed(2)} s (${all})`);
  }
} finally {
  await server.stop();
  await rm(home, { recursive: true, force: true });
}

async function measure(cities: readonly string[]): Promise<number> {
  await recreate();
  const database = connect(databaseUrl());
  try {
    await migrate(database);
    await adopt(database);
    await admitEverybody(database, cities);
    await database.query('checkpoint');
    const begun = performance.now();
    let moved = 0;
    for (const city of cities) {
      const report = await runJob(sweepJob, { city }, DATE, environment(database));
      if (report.state !== 'completed') throw report.error ?? new Error(report.state);
      moved += report.result?.counts['moved'] ?? 0;
    }
    const seconds = (performance.now() - begun) / 1000;
    await check(database, cities, moved);
    return seconds;
  } finally {
    await database.close();
  }
}

async function adopt(database: Database): Promise<void> {
  const { season, base, overlays, usesSampleBasis } = stressPolicy();
  const policy = { season, ...base, usesSampleBasis, overlays: [...overlays.values()] };
  const at = new Date('2016-07-15T08:00:00+08:00');
  await database.transaction(session => adoptPolicy(session, policy, { actor: 'bench', at }));
}

/** Files that stand as a unified admission leaves them; every hundredth has an application open. */
async function admitEverybody(database: Database, cities: readonly string[]): Promise<void> {
  await database.query(
    `insert into regions (season, code, name, parent, level)
     select ${SEASON}, code, code, '440000', 'city' from unnest($1::text[]) code`,
    [cities],
  );
  await database.query(
    `insert into candidates (season, city, file, candidate_no, name, sex, identity_no, county,
       origin, total, address)
     select ${SEASON}, ($1::text[])[1 + n % $2], n, to_char(n, 'FM00000000000000'), '考生' || n, 'M',
       n::text, '440101', 'fresh', 40000 + n % 20000, repeat('地', 20)
     from generate_series(1, $3::integer) n`,
    [cities, cities.length, FILES],
  );
  await database.query(
    `insert into files (season, city, file, state, school, major, batch, list, event, phase, since,
       letter)
     select season, city, file, 'admitted', to_char(4401000 + file % 80, 'FM0000000'), '01',
       'vocational', 1 + file % 80, file, 'phase-1', '2016-07-25', file
     from candidates`,
  );
  await database.query(
    `insert into blocks (season, city, block, first_event, last_event, previous_hash, hash)
     select ${SEASON}, code, 1, 1, 1000000, repeat('0', 64), repeat('a', 64)
     from unnest($1::text[]) code`,
    [cities],
  );
  await database.query('vacuum analyze');
}

/** What was measured has really been done. */
async function check(database: Database, cities: readonly string[], moved: number): Promise<void> {
  const [row] = await database.query<{ events: number; left: number }>(
    `select (select count(*)::integer from events where name = 'revert') as events,
       (select count(*)::integer from files where state <> 'in-pool') as left`,
  );
  if (moved !== FILES || row?.events !== FILES || row.left !== 0) {
    throw new Error(`moved ${moved}, ${JSON.stringify(row)}`);
  }
  for (const city of cities) {
    await database.session(session => verifyChain(session, SEASON, city));
  }
}

function environment(database: Database): RunEnvironment {
  return {
    database,
    season: SEASON,
    actor: 'bench',
    home,
    log: pino({ level: 'silent' }),
    progress: SILENT,
    dryRun: false,
    now: () => new Date(`${DATE}T00:05:00+08:00`),
    random: Math.random,
    failPoint: () => {},
  };
}

async function recreate(): Promise<void> {
  const admin = connect(server.url);
  try {
    await admin.query('drop database if exists bench_sweep with (force)');
    await admin.query('create database bench_sweep');
  } finally {
    await admin.close();
  }
}

function databaseUrl(): string {
  const url = new URL(server.url);
  url.pathname = '/bench_sweep';
  return url.href;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
