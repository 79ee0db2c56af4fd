/**
 * Random cities (audit-world.ts) in a real database: each with an overlay of its own over the
 * policy of 2016, so that lines, conditions and preferences are at work too; and the jobs that
 * dispatch and audit them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import type { Database, Session } from '../../db/connect.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { adoptPolicy } from '../../db/policies.ts';
import { recountChoices } from '../../db/season/choice-counts.ts';
import { appendEvents, type TrailEvent } from '../../db/trail.ts';
import type { PackageRow } from '../../engine/dispatch/build-rows.ts';
import { loadPolicy } from '../../engine/policy/load.ts';
import type { DispatchRules } from '../../engine/policy/types.ts';
import type { NightlyJob, Scope } from '../../jobs/run/job.ts';
import { SILENT } from '../../jobs/run/progress.ts';
import { type RunEnvironment, type RunReport, runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';
import {
  BATCH,
  DATE,
  type RandomCase,
  randomCase,
  SEASON,
  type Shape,
  seeded,
} from './audit-world.ts';

const RULES = join(import.meta.dirname, '..', '..', 'rules', 'guangdong-2016');
const NOW = new Date('2016-07-20T19:30:00+08:00');

export interface Province {
  readonly database: Database;
  readonly home: string;
  readonly cases: readonly RandomCase[];
  run(
    job: NightlyJob,
    city: string,
    more?: Partial<RunEnvironment>,
    scope?: Pick<Scope, 'round' | 'school'>,
  ): Promise<RunReport>;
}

/** Cities made of the seeds, in a database of their own, adopted and imported. */
export async function province(
  t: Pick<Test, 'teardown'>,
  seeds: readonly number[],
  shape: Shape = {},
): Promise<Province> {
  const cases = seeds.map((seed, at) =>
    randomCase(seeded(seed), { ...shape, city: `44${String(1000 + at)}` }),
  );
  const database = await freshDatabase(t);
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-audit-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  await database.transaction(async session => {
    await adopt(session, cases);
    await importRows(session, cases);
    await importFiles(session, cases);
    await recountChoices(session, SEASON, { cities: cases.map(({ city }) => city) });
  });
  const environment: RunEnvironment = {
    database,
    season: SEASON,
    actor: 'schedule',
    home,
    log: pino({ level: 'silent' }),
    progress: SILENT,
    dryRun: false,
    now: () => NOW,
    random: seeded(1),
    failPoint: () => {},
  };
  const run: Province['run'] = (job, city, more = {}, scope = {}) =>
    runJob(job, { city, batch: BATCH, round: 1, ...scope }, DATE, { ...environment, ...more });
  return { database, home, cases, run };
}

async function adopt(session: Session, cases: readonly RandomCase[]): Promise<void> {
  const files = new Map<string, string | Uint8Array>(
    [...readPolicyFolder(RULES)].filter(([path]) => !path.includes('/')),
  );
  for (const one of cases) files.set(`cities/${one.city}.yaml`, overlayOf(one));
  const { bundle, problems } = loadPolicy(files);
  if (bundle === undefined) throw new Error(problems.map(each => each.message).join('\n'));
  const overlays = [...bundle.overlays].map(([city, overlay]) => ({ ...overlay, city }));
  const { season, usesSampleBasis, base } = bundle;
  await adoptPolicy(
    session,
    { season, usesSampleBasis, ...base, overlays },
    { actor: 'province', at: NOW },
  );
}

/** The overlay of a city, as JSON, which is YAML. */
function overlayOf({ city, policy, planned, rows }: RandomCase): string {
  const [batch] = policy.batches;
  const seed = Number(city) + rows['candidates.csv'].length;
  const schools = planned.slice(0, seed % 2);
  const special = planned.slice(1, 1 + (seed % 3 === 0 ? 1 : 0));
  return JSON.stringify({
    batches: {
      batches: [
        {
          id: BATCH,
          choices: batch!.choices,
          kinds: batch!.kinds,
          schools: batch!.schools,
          dispatch: dispatchOf(batch!.dispatch),
        },
      ],
    },
    'score-lines': {
      regions: [{ region: city, batch: BATCH, line: 505, basis: 'sample' }],
      schools: schools.map(school => ({
        school,
        region: city,
        batch: BATCH,
        line: 520.5,
        basis: 'sample',
      })),
    },
    'special-conditions': {
      conditions: [
        ...special.map(conditionOf),
        ...planned.slice(2, 2 + (seed % 2)).map(school => absenceOf(school, seed)),
      ],
    },
    preferences: {
      combine: policy.preferences.combine,
      cap: policy.preferences.cap === null ? null : policy.preferences.cap / 100,
      features: policy.preferences.features.map(({ points, rank, kind, ...feature }) => ({
        ...feature,
        kind,
        ...(kind === 'bonus' ? { points: points / 100 } : { rank }),
      })),
    },
  });
}

function dispatchOf(rules: DispatchRules) {
  return {
    ...rules,
    bands: rules.mode === 'banded' ? rules.bands.map(bound => bound / 100) : null,
    ratio: (rules.ratio / 100).toFixed(2),
    ties: {
      ending: rules.ties.ending,
      keys: rules.ties.keys.map(key =>
        key.kind === 'priority' ? { priority: true } : { subjects: key.subjects },
      ),
    },
    majors: { mode: rules.majors.mode, gap: rules.majors.gap / 100 },
  };
}

function conditionOf(school: string) {
  return {
    id: `chinese-${school}`,
    school,
    title: '语文不低于110分，或为女生',
    basis: 'sample',
    requires: {
      any: [
        { fact: 'candidate.subject.语文', operator: 'greaterThanInclusive', value: 110 },
        { fact: 'candidate.sex', operator: 'equal', value: 'F' },
      ],
    },
    refuse: 'chinese-too-low',
    missing: 'refuse',
  };
}

/** A condition on what some cells leave open. */
function absenceOf(school: string, seed: number) {
  return {
    id: `open-${school}`,
    school,
    title: '服从调剂，或为市属院校以外的院校',
    basis: 'sample',
    requires: {
      any: [
        { fact: 'choice.adjustment', operator: 'equal', value: true },
        { fact: 'school.owner', operator: 'notEqual', value: 'city' },
      ],
    },
    refuse: 'must-adjust',
    missing: seed % 4 === 1 ? 'pass' : 'refuse',
  };
}

const hundredths = (text: string | undefined) => (text ? Math.round(Number(text) * 100) : null);

async function importRows(session: Session, cases: readonly RandomCase[]): Promise<void> {
  const insert = async (table: string, columns: string, rows: readonly object[]) => {
    await session.query(
      `insert into ${table} (season, ${columns})
       select ${SEASON}, ${columns} from jsonb_populate_recordset(null::${table}, $1)`,
      [JSON.stringify(rows)],
    );
  };
  await session.query(
    `insert into settings (key, value) values ('sample', 'true') on conflict do nothing`,
  );
  await insert('regions', 'code, name, parent, level', [
    { code: '440000', name: '广东', parent: '', level: 'province' },
    ...cases.map(({ city }) => ({ code: city, name: city, parent: '440000', level: 'city' })),
  ]);
  const all = (pick: (one: RandomCase) => readonly object[]) => cases.flatMap(pick);
  const schoolColumns = 'code, name, kind, owner, region, supervisor, roster';
  await insert(
    'schools',
    schoolColumns,
    all(one => one.rows['schools.csv'].map(row => ({ ...row, owner: row['owner'] || null }))),
  );
  await insert(
    'majors',
    'school, code, name, articulated, college',
    all(one => one.rows['majors.csv'].map(row => ({ ...row, articulated: false }))),
  );
  await insert(
    'subjects',
    'city, code, name, full_mark, position, slot',
    all(one => one.rows['subjects.csv'].map((row, at) => subjectRow(row, at))),
  );
  const ofRegion = (row: PackageRow) => ({ ...row, city: row['region'] });
  await insert(
    'plan_lines',
    'city, school, major, batch, planned',
    all(one => one.rows['plans.csv'].map(ofRegion)),
  );
  await insert(
    'flexible_quotas',
    'city, school, batch, places',
    all(one => one.rows['flexible.csv'].map(ofRegion)),
  );
  const statuses = all(one => one.rows['school-status.csv']);
  await insert('school_statuses', 'school, batch, region, status', statuses);
  await session.query(
    `insert into city_standings (season, city, senior_high_complete)
     select ${SEASON}, code, true from regions where level = 'city'`,
  );
  await importCandidates(insert, cases);
}

type Insert = (table: string, columns: string, rows: readonly object[]) => Promise<void>;

/** Slots are not in the order of the display: nothing may take the one for the other. */
function subjectRow(row: PackageRow, at: number) {
  return { ...row, full_mark: hundredths(row['full']), position: at + 1, slot: 3 - at };
}

/** File ids are given in the order of the candidates, from 1 on, over all cities. */
export function fileIds(cases: readonly RandomCase[]): Map<string, number> {
  const numbers = cases.flatMap(one => one.rows['candidates.csv'].map(row => row['candidate_no']));
  return new Map(numbers.map((no, at) => [no as string, at + 1]));
}

async function importCandidates(insert: Insert, cases: readonly RandomCase[]): Promise<void> {
  const ids = fileIds(cases);
  const file = (row: PackageRow) => ids.get(row['candidate_no'] as string);
  const each = (
    name: keyof RandomCase['rows'],
    map: (row: PackageRow, one: RandomCase) => object,
  ) =>
    cases.flatMap(one =>
      one.rows[name].map(row => ({ ...row, city: one.city, file: file(row), ...map(row, one) })),
    );
  const texts =
    'identity_no, identity_type, county, registration_point, household, address, postcode, ' +
    'phone, guardian';
  const blank = Object.fromEntries(texts.split(', ').map(name => [name, '']));
  await insert(
    'candidates',
    `city, file, candidate_no, name, sex, birth_date, origin, total, ${texts}`,
    each('candidates.csv', row => ({ ...blank, total: hundredths(row['total']) })),
  );
  await insert(
    'candidate_numbers',
    'candidate_no, city, file',
    each('candidates.csv', () => ({})),
  );
  await insert(
    'scores',
    'city, file, marks',
    each('candidates.csv', (row, one) => {
      const marks = one.rows['scores.csv']
        .filter(score => score['candidate_no'] === row['candidate_no'])
        .map(score => hundredths(score['score']));
      return { marks: marks.toReversed() };
    }),
  );
  await insert(
    'preferences',
    'city, file, feature, evidence, confirmed_by',
    each('preferences.csv', () => ({})),
  );
  await insert(
    'choices',
    'city, batch, round, file, ordinal, school, majors, adjustment',
    each('choices.csv', row => ({
      adjustment: row['adjustment'] ? row['adjustment'] === 'yes' : null,
    })),
  );
  await insert(
    'senior_high_admissions',
    'city, file, school, late',
    each('senior-high.csv', () => ({ late: false })),
  );
}

/** Files that are elsewhere, or have been, each with the event that brought it there. */
async function importFiles(session: Session, cases: readonly RandomCase[]): Promise<void> {
  const ids = fileIds(cases);
  const rows = cases.flatMap(one => [
    ...one.rows['files.csv'].map(row => ({ ...row, city: one.city, event: 'import' })),
    ...one.rows['senior-high.csv'].map(row => ({
      candidate_no: row['candidate_no'],
      city: one.city,
      state: 'senior-high',
      event: 'senior-high-import',
    })),
  ]) as (PackageRow & { city: string; event: string })[];
  const events = rows.map((row): TrailEvent => {
    const place = { school: row['school'] || null, major: row['major'] || null };
    return {
      city: row.city,
      file: ids.get(row['candidate_no'] as string) as number,
      name: row.event,
      from: row.event === 'import' ? null : 'in-pool',
      to: row['state'] as string,
      ...place,
      batch: row['batch'] || null,
      actor: 'city',
      at: NOW,
      businessDate: '2016-07-14',
    };
  });
  const numbers = await appendEvents(session, SEASON, events);
  for (const [at, row] of rows.entries()) {
    const { city, file, to, school, major, batch } = events[at] as TrailEvent;
    const returned = row['returned_by'] ? [row['returned_by']] : null;
    const open = Number(row['open_applications'] ?? 0);
    await session.query(
      `insert into files (season, city, file, state, school, major, batch, returned_by,
         open_applications, event) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
      [SEASON, city, file, to, school, major, batch, returned, open, numbers[at]],
    );
  }
}
