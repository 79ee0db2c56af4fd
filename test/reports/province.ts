/**
 * A small province in a real database for the tests of reports: three cities under the policy of
 * the repository, dispatched by the engine and written by db/dispatch, over two nights.
 *
 * - 2016-07-20: Guangzhou and Dongguan are dispatched; Shenzhen is refused (its senior-high import
 *   is missing); an audit finds one thing.
 * - 2016-07-21: Shenzhen is dispatched.
 */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureSampleUsers } from '../../db/access/sample-users.ts';
import type { Database, Session } from '../../db/connect.ts';
import { readCity, readReference } from '../../db/dispatch/read-city.ts';
import { writeRun } from '../../db/dispatch/write-run.ts';
import { adoptPolicy, policyVersionId, readPolicy } from '../../db/policies.ts';
import { CityBuilder } from '../../engine/dispatch/build.ts';
import { dispatchDetail, ReasonsText } from '../../engine/dispatch/detail.ts';
import { dispatch } from '../../engine/dispatch/run.ts';
import { emptyOverlayHash, loadPolicy, policyFromStored } from '../../engine/policy/load.ts';
import { compileStage } from '../../engine/rules/compile.ts';

export const SEASON = 2016;
export const BATCH = 'vocational';
export const CITIES = [
  { code: '440100', name: '广州市', full: 810 },
  { code: '440300', name: '深圳市', full: 460 },
  { code: '441900', name: '东莞市', full: 700 },
];
/** A name that tries everything at once. */
export const NASTY_NAME = `=HYPERLINK("x")<script>alert('一')</script>&"职校`;
export const FIRST_NIGHT = '2016-07-20';
export const SECOND_NIGHT = '2016-07-21';
/** When the pages of the tests are made. */
export const NOW = new Date('2016-07-22T00:30:00Z');

export interface Province {
  readonly database: Database;
  /** City → run number of its dispatch. */
  readonly runs: ReadonlyMap<string, number>;
  /** City → bytes of dispatch-detail, as the engine writes them. */
  readonly details: ReadonlyMap<string, Buffer>;
}

/** mulberry32: one seed, one province. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fills an empty, migrated database. */
export async function makeProvince(
  database: Database,
  candidatesPerCity = 160,
  seed = 7,
): Promise<Province> {
  const random = seeded(seed);
  const runs = new Map<string, number>();
  const details = new Map<string, Buffer>();
  await database.transaction(session => adopt(session));
  await database.transaction(session => insertReference(session));
  for (const [at, city] of CITIES.entries()) {
    const first = 1 + at * candidatesPerCity;
    await database.transaction(session =>
      insertCandidates(session, city, first, candidatesPerCity, random),
    );
  }
  const nights = [
    [FIRST_NIGHT, '440100'],
    [FIRST_NIGHT, '441900'],
    [SECOND_NIGHT, '440300'],
  ] as const;
  for (const [date, city] of nights) {
    if (date === SECOND_NIGHT) await insertFirstNightsEnd(database, runs);
    await database.transaction(async session => {
      const { run, detail } = await place(session, city, date);
      runs.set(city, run);
      details.set(city, detail);
    });
  }
  await database.transaction(session => ensureSampleUsers(session, SEASON, NOW));
  return { database, runs, details };
}

async function adopt(session: Session): Promise<void> {
  const folder = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
  const files = new Map<string, Uint8Array>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1), await readFile(path));
  }
  const { bundle, problems } = loadPolicy(files);
  if (bundle === undefined) throw new Error(JSON.stringify(problems));
  const { season, base, overlays, usesSampleBasis } = bundle;
  const policy = { season, ...base, usesSampleBasis, overlays: [...overlays.values()] };
  await adoptPolicy(session, policy, { actor: 'province', at: NOW });
}

async function insertReference(session: Session): Promise<void> {
  const insert = (table: string, rows: object[]) =>
    session.knex(table).insert(rows.map(row => ({ season: SEASON, ...row })));
  await insert('regions', [
    { code: '440000', name: '广东省', level: 'province' },
    ...CITIES.map(({ code, name }) => ({ code, name, parent: '440000', level: 'city' })),
    { code: '445100', name: '潮州市', parent: '440000', level: 'city' },
  ]);
  await insert('city_standings', [
    { city: '440100', senior_high_complete: true },
    { city: '441900', senior_high_complete: true },
  ]);
  for (const { code: city, full } of CITIES) {
    await insert(
      'subjects',
      ['语文', '数学', '英语'].map((name, at) => ({
        city,
        code: `s${at + 1}`,
        name,
        full_mark: full * 30,
        position: at + 1,
        slot: at + 1,
      })),
    );
  }
  const schools = CITIES.flatMap(({ code: region, name }) =>
    [1, 2, 3, 4].map(at => ({
      code: schoolCode(region, at),
      name: at === 4 ? NASTY_NAME : `${name}第${at}职业技术学校`,
      region,
      at,
    })),
  );
  await insert(
    'schools',
    schools.map(({ code, name, region, at }) => ({
      code,
      name,
      region,
      kind: at === 3 ? 'technical' : 'vocational',
      owner: 'city',
    })),
  );
  for (const { code: school, region, at } of schools) {
    await insert(
      'majors',
      ['0001', '0002'].map(code => ({ school, code, name: `专业${code}` })),
    );
    // School 4 has no plan line at home, so that `no-plan` occurs.
    if (at === 4) continue;
    const planned = [0, 30, 14, 6][at] as number;
    await insert(
      'plan_lines',
      ['0001', '0002'].map(major => ({ city: region, school, major, batch: BATCH, planned })),
    );
    await insert('flexible_quotas', [{ city: region, school, batch: BATCH, places: at }]);
  }
  await session.knex('imports').insert({
    season: SEASON,
    package_hash: '0'.repeat(64),
    synthetic: true,
    counts: {},
    imported_at: new Date('2016-07-19T10:00:00Z'),
    imported_by: 'province',
  });
}

/** As in the examples of the policy: 4401001 … */
export function schoolCode(city: string, at: number): string {
  return `${city.slice(0, 4)}00${at}`;
}

async function insertCandidates(
  session: Session,
  { code: city, full }: (typeof CITIES)[number],
  first: number,
  count: number,
  random: () => number,
): Promise<void> {
  const below = (limit: number) => Math.floor(random() * limit);
  const candidates: object[] = [];
  const numbers: object[] = [];
  const scores: object[] = [];
  const choices: object[] = [];
  for (let at = 0; at < count; at += 1) {
    const file = first + at;
    const number = `16${city.slice(0, 4)}${String(at + 1).padStart(8, '0')}`;
    const base = { season: SEASON, city, file };
    // Few distinct totals: equals are the common case.
    const total = at % 40 === 39 ? null : Math.round((full * (25 + below(60))) / 100) * 100;
    candidates.push({
      ...base,
      candidate_no: number,
      name: '张示例',
      sex: random() < 0.5 ? 'M' : 'F',
      birth_date: '2001-03-04',
      origin: random() < 0.95 ? 'fresh' : 'veteran',
      total,
      attributes: random() < 0.5 ? { height: String(150 + below(30)) } : null,
    });
    numbers.push({ ...base, candidate_no: number });
    const mark = () => below(full * 30);
    scores.push({ ...base, marks: [mark(), mark(), mark()] });
    const order = [1, 2, 3, 4].sort(() => random() - 0.5).slice(0, 1 + below(4));
    for (const [index, school] of order.entries()) {
      choices.push({
        ...base,
        batch: BATCH,
        round: 1,
        ordinal: index + 1 + (index > 1 ? 1 : 0),
        school: schoolCode(city, school),
        majors: '0001 0002',
        adjustment: random() < 0.8,
      });
    }
  }
  await session.knex('candidates').insert(candidates);
  await session.knex('candidate_numbers').insert(numbers);
  await session.knex('scores').insert(scores);
  await session.knex('choices').insert(choices);
}

async function insertRun(
  session: Session,
  run: Record<string, unknown> & { identity: string; business_date: string },
): Promise<number> {
  const minute = new Date(`${run.business_date}T11:35:00Z`);
  const [row] = await session
    .knex('runs')
    .insert({
      season: SEASON,
      attempt: 1,
      fence: 1,
      actor: 'night',
      host: 'test',
      pid: 1,
      scope: {},
      started_at: minute,
      ended_at: new Date(minute.getTime() + 12_345),
      ...run,
    })
    .returning('run');
  return (row as { run: number }).run;
}

async function place(
  session: Session,
  city: string,
  date: string,
): Promise<{ run: number; detail: Buffer }> {
  const stored = await readPolicy(session, SEASON);
  if (stored === null) throw new Error('no policy');
  const overlay = stored.overlays.get(city);
  const policy = policyFromStored(stored.base.documents, overlay?.document ?? null);
  const overlayHash = overlay?.hash ?? emptyOverlayHash();
  const version = await policyVersionId(session, stored.base.hash, overlayHash);
  const attributes = policy.attributes.map(attribute => attribute.name);
  const key = { season: SEASON, city, batch: BATCH, round: 1, date, attributes };
  const builder = new CityBuilder(await readReference(session, key));
  await readCity(session, key, builder);
  const world = builder.finish();
  const options = { random: seeded(1), recheckSample: 20, compileStage };
  const { result, situations } = await dispatch(world, policy, options);
  const detail = Buffer.concat([...dispatchDetail(world, result)]);
  const { participants, placed, unplaced } = result.counts;
  const run = await insertRun(session, {
    job: 'dispatch',
    identity: `dispatch|${city}|${BATCH}|1`,
    scope: { city, batch: BATCH, round: 1 },
    business_date: date,
    state: 'completed',
    policy: version,
    input_hash: createHash('sha256').update(city).digest('hex'),
    result_hash: createHash('sha256').update(detail).digest('hex'),
    result: { counts: { participants, placed, unplaced } },
  });
  const text = new ReasonsText(world, result);
  const scratch = new Uint8Array(4096);
  const record = {
    ...{ run, season: SEASON, city, batch: BATCH, round: 1, phase: 'phase-1', policy: version },
    ...{ businessDate: date, actor: 'night', at: new Date(`${date}T11:35:00Z`), lastEvent: 0 },
    rulesBehind: () => 'region-line',
    stages: situations,
  };
  await writeRun(session, record, world, result, at => ({
    bytes: scratch,
    end: text.write(at, scratch, 0),
  }));
  return { run, detail };
}

/** What else happened in the first night: a refusal, and an audit with a finding. */
async function insertFirstNightsEnd(
  database: Database,
  runs: ReadonlyMap<string, number>,
): Promise<void> {
  await database.transaction(async session => {
    await insertRun(session, {
      job: 'dispatch',
      identity: `dispatch|440300|${BATCH}|1`,
      scope: { city: '440300', batch: BATCH, round: 1 },
      business_date: FIRST_NIGHT,
      state: 'refused',
      error: {
        code: 'senior-high-incomplete',
        sentence: '深圳市的普通高中录取数据没有导入完成。',
        advice: '请导入完成后再投档。',
      },
    });
    const audit = await insertRun(session, {
      job: 'audit',
      identity: `audit|${FIRST_NIGHT}`,
      business_date: FIRST_NIGHT,
      state: 'completed',
      result: { counts: { checked: 9, findings: 1 } },
    });
    await session.knex('findings').insert({
      season: SEASON,
      run: audit,
      finding: 1,
      property: 'P2',
      severity: 'error',
      city: '440100',
      batch: BATCH,
      about_run: runs.get('440100') as number,
      schools: [schoolCode('440100', 1)],
      stops: 'schools',
      sentence: '一所院校占用的名额多于计划与机动之和。',
      rows: JSON.stringify([{ school: schoolCode('440100', 1), used: 66, planned: 60 }]),
      row_count: 1,
    });
  });
}
