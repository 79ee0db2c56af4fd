/** The nightly seal, and the commands verify, backup and restore, as people run them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { Database } from '../../db/connect.ts';
import { parseSeals } from '../../db/trail/seals-file.ts';
import { readSeals } from '../../db/trail.ts';
import { main } from '../../jobs/cli/program.ts';
import { dispatchJob } from '../../jobs/nightly/dispatch.ts';
import { publishJob } from '../../jobs/nightly/publish.ts';
import { sealJob } from '../../jobs/nightly/seal.ts';
import { runJob } from '../../jobs/run/run.ts';
import { reports, withContent } from '../../reports/registry.ts';
import { bareDatabase } from '../database.ts';
import { BATCH, DATE, SEASON, type SmallProvince, smallProvince } from './night-world.ts';

const CLI = join(import.meta.dirname, '..', '..', 'jobs', 'cli.ts');
const CITY = '440400';

interface Place {
  readonly database: Database;
  readonly home: string;
}

/** Runs a command in this process. */
async function zhongzhao(t: Test, place: Place, ...parameters: string[]) {
  const { DATABASE_URL, ZHONGZHAO_HOME } = process.env;
  Object.assign(process.env, { DATABASE_URL: place.database.url, ZHONGZHAO_HOME: place.home });
  let out = '';
  let error = '';
  try {
    const code = await main(parameters, {
      out: text => {
        out += text;
      },
      error: text => {
        error += text;
      },
    });
    return { code, out, error };
  } finally {
    for (const [name, value] of Object.entries({ DATABASE_URL, ZHONGZHAO_HOME })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    t.comment(`${parameters.join(' ')}: ${error}`);
  }
}

/** Runs one in a process that dies at a point. */
async function dying(place: Place, point: string, ...parameters: string[]): Promise<unknown> {
  const child = spawn(process.execPath, [CLI, ...parameters], {
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      DATABASE_URL: place.database.url,
      ZHONGZHAO_HOME: place.home,
      ZHONGZHAO_FAIL_POINT: point,
    },
    stdio: 'ignore',
  });
  const [code, signal] = await once(child, 'close');
  return signal ?? code;
}

/** A city that was dispatched, and sealed. */
async function sealed(t: Test): Promise<SmallProvince> {
  const province = await smallProvince(t, { cities: [CITY] });
  const dispatched = await province.run(dispatchJob, { city: CITY, batch: BATCH, round: 1 });
  t.equal(dispatched.state, 'completed');
  const report = await province.run(sealJob, {});
  t.equal(report.state, 'completed', String(report.error?.message));
  return province;
}

async function tamper(database: Database, statement: string): Promise<void> {
  await database.query('alter table events disable trigger all');
  await database.query(statement);
}

t.test('a date is sealed once, into database, file, log and report', async t => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: line => lines.push(line) });
  const { database, home, run } = await smallProvince(t, { cities: [CITY] });
  const context = { database, season: SEASON, businessDate: DATE };
  t.same(await sealJob.plan(context), [{}]);
  const report = await run(sealJob, {}, { log });
  t.match(report, { state: 'completed', result: { findings: [], counts: { chains: Number } } });
  t.same(await sealJob.plan(context), [], 'and is not due again');
  t.equal((await run(sealJob, {})).state, 'already-done');
  const seals = await database.session(session => readSeals(session, SEASON));
  t.equal(seals.length, 1);
  t.same(parseSeals(await readFile(join(home, 'seals', '2016.jsonl'), 'utf8')).seals, seals);
  const said = lines.map(line => JSON.parse(line)).filter(line => line.msg === 'trail sealed');
  t.match(said, [{ seal: 1, hash: seals[0]?.hash, businessDate: DATE }]);
  t.equal((await run(publishJob, { edition: 1 })).state, 'completed');
  const page = await readFile(join(home, 'out', DATE, 'run-report.html'), 'utf8');
  t.match(page, seals[0]?.hash as string);
  const [runReport] = reports.filter(one => one.id === 'run-report');
  const reader = {
    database,
    season: SEASON,
    actor: 'schedule',
    unmasked: false,
    now: () => new Date(0),
  };
  await withContent(runReport as never, reader, { date: DATE }, async ({ content }) => {
    t.match(content.rows['seal'], [{ seal: 1, hash: seals[0]?.hash, businessDate: DATE }]);
    t.equal((content.rows['seal-chains'] as unknown[]).length, seals[0]?.heads.length);
  });
});

t.test('killed between seal and file, the next attempt writes the line', async t => {
  const { database, home, run } = await smallProvince(t, { cities: [CITY] });
  const failPoint = (name: string) => {
    if (name === 'seal.unwritten') throw new Error('killed');
  };
  t.not((await run(sealJob, {}, { failPoint })).state, 'completed');
  t.notOk(existsSync(join(home, 'seals')));
  t.equal((await run(sealJob, {})).state, 'completed');
  const seals = await database.session(session => readSeals(session, SEASON));
  t.same(parseSeals(await readFile(join(home, 'seals', '2016.jsonl'), 'utf8')).seals, seals);
});

t.test('a file of seals that says otherwise is a finding, and stays', async t => {
  const { home, environment } = await sealed(t);
  const path = join(home, 'seals', '2016.jsonl');
  const other = (await readFile(path, 'utf8')).replace(/"hash":"[0-9a-f]{8}/, '"hash":"00000000');
  await writeFile(path, other);
  const next = await runJob(sealJob, {}, '2016-07-21', environment);
  t.match(next.result?.findings, [{ property: 'P16', severity: 'error', rowCount: 1 }]);
  t.ok((await readFile(path, 'utf8')).startsWith(other));
});

t.test('verify tells a whole trail from a broken one', async t => {
  const { database, home } = await sealed(t);
  const place = { database, home };
  const kept = join(home, 'kept.jsonl');
  await copyFile(join(home, 'seals', '2016.jsonl'), kept);
  const clean = await zhongzhao(t, place, 'verify', '--seals', kept);
  t.match(clean, { code: 0, out: /轨迹完整/ });
  t.match((await zhongzhao(t, place, 'verify')).out, /--seals 文件/);
  const json = JSON.parse((await zhongzhao(t, place, 'verify', '--json')).out);
  t.match(json, { faults: [], seasons: [{ season: SEASON, seals: 1 }] });
  t.match(await zhongzhao(t, place, 'verify', '--seals', join(home, 'none')), {
    code: 3,
    error: /seals-unreadable/,
  });
  await writeFile(join(home, 'torn.jsonl'), (await readFile(kept, 'utf8')).slice(0, -20));
  const torn = await zhongzhao(t, place, 'verify', '--seals', join(home, 'torn.jsonl'));
  t.match(torn, { code: 1, out: /第 1 行不是封签/ });
  const edit = `update events set school = '1' where city = '${CITY}' and event = 3`;
  await tamper(database, edit);
  const broken = await zhongzhao(t, place, 'verify', '--seals', kept);
  t.match(broken, { code: 1, out: /\[2016 年度 · 440400 · 块 \d+\] .*有事件被改动/ });
});

t.test('backup and restore go by command, and a killed restore leaves nothing', async t => {
  const { database, home } = await sealed(t);
  const file = join(home, 'x.backup');
  const made = await zhongzhao(t, { database, home }, 'backup', file, '--json');
  t.equal(made.code, 0);
  const { hash, manifest } = JSON.parse(made.out);
  t.match(manifest.seals, [{ season: SEASON, seal: 1 }]);
  const other = { database: await bareDatabase(t), home: join(home, 'other') };
  await mkdir(other.home);
  t.equal(await dying(other, 'restore.half-loaded', 'restore', file), 'SIGKILL');
  t.same(await other.database.query('select 1 from seasons'), []);
  t.notOk(existsSync(join(other.home, 'packages')));
  t.equal(await dying(other, 'restore.committed', 'restore', file), 'SIGKILL');
  t.notOk(existsSync(join(other.home, 'packages')));
  const wrong = await zhongzhao(t, other, 'restore', file, '--hash', '0'.repeat(64));
  t.match(wrong, { code: 3, error: /backup-not-the-one/ });
  const restored = await zhongzhao(t, other, 'restore', file, '--hash', hash);
  t.match(restored, { code: 0, out: /轨迹完整/ });
  t.ok(existsSync(join(other.home, 'packages', '2016', 'run-1', 'datapackage.json')));
  t.notOk((await readdir(other.home)).some(name => name.startsWith('restore-')));
  t.match(await zhongzhao(t, other, 'restore', file), { code: 4, error: /restore-not-empty/ });
  const again = join(home, 'again.backup');
  const same = await zhongzhao(t, other, 'backup', again, '--json');
  const tables = JSON.parse(same.out).manifest.tables;
  t.same(tables, manifest.tables);
});
