import { createHash } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import type { Database } from '../../db/connect.ts';
import { identityFault } from '../../db/package/identity.ts';
import { importPackage } from '../../db/package/import.ts';
import { openPackage } from '../../db/package/open.ts';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { ProblemList } from '../../db/package/problems.ts';
import { readPackage } from '../../db/package/read.ts';
import { rulesOf } from '../../db/package/references.ts';
import { writePackage } from '../../db/package/write.ts';
import { isSampleDatabase } from '../../db/policies.ts';
import { type LoadOptions, loadSample } from '../../db/sample/load.ts';
import {
  planProvince,
  type SampleOptions,
  sampleDescription,
  sampleFiles,
} from '../../db/sample/province.ts';
import { verifyChain } from '../../db/trail.ts';
import { effectivePolicy, loadPolicy } from '../../engine/policy/load.ts';
import { freshDatabase } from '../database.ts';

const SMALL: SampleOptions = { scale: 0.004, seed: 7 };
const BY = { actor: 'sample', at: new Date('2016-07-15T02:00:00Z'), businessDate: '2016-07-15' };

/** The policy that the sample is made for. */
function shippedPolicy() {
  const folder = join(import.meta.dirname, '../../rules/guangdong-2016');
  const { bundle } = loadPolicy(readPolicyFolder(folder));
  if (bundle === undefined) throw new Error('the shipped policy does not load');
  return effectivePolicy(bundle, null);
}

function hashOf(options: SampleOptions): string {
  const hash = createHash('sha256');
  for (const file of sampleFiles(planProvince(options))) {
    hash.update(`${file.name} ${file.header.join(',')}\n`);
    for (const chunk of file.rows()) hash.update(chunk);
  }
  return hash.digest('hex');
}

function* everybody(options: SampleOptions) {
  const province = planProvince(options);
  const people = province.people();
  for (const [c, count] of province.candidates.entries()) {
    for (let i = 0; i < count; i += 1) {
      people.go(c, i);
      yield people;
    }
  }
}

t.test('scale and seed alone make the province: the same bytes, or others', async t => {
  t.equal(hashOf(SMALL), hashOf({ ...SMALL }));
  t.not(hashOf(SMALL), hashOf({ ...SMALL, seed: 8 }));
});

t.test('a part of a candidate comes out the same whichever parts were made before', async t => {
  const province = planProvince(SMALL);
  const [one, other] = [province.people(), province.people()];
  one.go(3, 11);
  one.choose();
  one.score();
  const choices = structuredClone(one.choices.slice(0, one.choiceCount));
  const person = one.person();
  other.go(5, 2);
  other.score();
  other.person();
  other.go(3, 11);
  t.same(other.person(), person);
  other.choose();
  t.same(other.choices.slice(0, other.choiceCount), choices);
});

t.test('a tenth of the province has the shape of the spec’s table', async t => {
  const options = { scale: 0.1, seed: 3 };
  const counts = { all: 0, seniorHigh: 0, examined: 0, preference: 0, choices: 0, own: 0 };
  const listing = new Array<number>(7).fill(0);
  for (const people of everybody(options)) {
    counts.all += 1;
    if (people.seniorHigh !== '') counts.seniorHigh += 1;
    if (people.examined) counts.examined += 1;
    if (people.preference()) counts.preference += 1;
    people.choose();
    listing[people.choiceCount] += 1;
    counts.choices += people.choiceCount;
    for (const { school } of people.choices.slice(0, people.choiceCount)) {
      if (school.code.startsWith(people.city.code.slice(0, 4))) counts.own += 1;
    }
  }
  const near = (value: number, expected: number, tolerance: number, what: string) =>
    t.ok(Math.abs(value - expected) <= tolerance, `${what}: ${value}, expected ${expected}`);
  near(counts.all, 118_300, 0, 'candidates');
  near(counts.seniorHigh / counts.all, 0.49, 0.03, 'in senior highs');
  near(counts.examined / counts.all, 0.9, 0.02, 'examined');
  near(counts.preference / counts.all, 0.03, 0.01, 'with a feature');
  near(counts.own / counts.choices, 0.7, 0.05, 'in the own city');
  for (const [n, percent] of [35, 10, 10, 12, 8, 5, 20].entries()) {
    near((100 * listing[n]) / counts.all, percent, 1.5, `${n} choices`);
  }
});

t.test('at scale 1 there are as many schools, lines and places as the table says', async t => {
  const { lines } = planProvince({ scale: 1, seed: 3 }).reference.plan;
  const schools = new Set(lines.map(line => line.school));
  const kinds = Map.groupBy(schools, school => school.kind);
  t.equal(kinds.get('vocational')?.length, 470);
  t.equal(kinds.get('technical')?.length, 160);
  t.equal(
    lines.reduce((sum, line) => sum + line.planned, 0),
    560_000,
  );
  t.ok(lines.length > 35_000 && lines.length < 60_000, `${lines.length} lines`);
  const codes = new Set([...schools].map(school => school.code));
  t.ok(['4401001', '4401002', '4403001', '4407001'].every(code => codes.has(code)));
});

t.test('identity numbers are well formed, and nobody shares a number', async t => {
  const identities = new Set<string>();
  const numbers = new Set<string>();
  const faults: string[] = [];
  let all = 0;
  // So many in one city that its numbers need a second place code; Foshan and Shunde share a
  // prefix.
  for (const options of [
    { seed: 5, candidates: 200_000, cities: ['440300'] },
    { seed: 5, candidates: 3_000, cities: ['440600', '440606'] },
  ]) {
    if (options.cities.length === 2) identities.clear();
    for (const people of everybody(options)) {
      all += 1;
      const { identity, birthDate } = people.person();
      if (identity.slice(6, 14) !== birthDate.replaceAll('-', '')) faults.push(identity);
      if (identityFault(identity) !== undefined) faults.push(identity);
      if (identities.has(identity)) faults.push(`twice ${identity}`);
      identities.add(identity);
      numbers.add(people.number);
    }
  }
  t.same(faults, []);
  t.equal(numbers.size, all);
});

t.test('at the stress shape everybody takes part with eight different schools', async t => {
  let wrong = 0;
  for (const people of everybody({ seed: 1, shape: 'stress', scale: 0.002 })) {
    people.choose();
    people.score();
    const schools = new Set(people.choices.slice(0, people.choiceCount).map(c => c.school.code));
    if (schools.size !== 8 || people.total < 0 || people.seniorHigh !== '') wrong += 1;
    if (people.origin !== 'fresh') wrong += 1;
  }
  t.equal(wrong, 0);
});

t.test('the package that is written passes every check of an import', async t => {
  const folder = join(t.testdir({}), 'package');
  const province = planProvince(SMALL);
  await writePackage(folder, sampleFiles(province), sampleDescription(province, 'sample'));
  const problems = new ProblemList();
  const opened = await openPackage(folder, problems);
  const policy = shippedPolicy();
  const checked = await readPackage(opened, problems, {
    mode: 'import',
    attributes: policy.attributes,
    rules: rulesOf(policy),
    complete: true,
  });
  t.same(problems.problems, []);
  t.equal(checked.tables.get('candidates')?.rows, 4732);
});

/** What a database holds, without what differs by design: keys drawn at random, and `but`. */
async function contents(database: Database, but: string[] = []): Promise<Record<string, unknown>> {
  const hashes: Record<string, unknown> = {};
  const tables = await database.query<{ name: string }>(
    `select c.relname as name from pg_class c where c.relkind = 'r'
        and c.relnamespace = 'public'::regnamespace and c.relname not like 'knex%'
        and c.relname <> all ($1) order by 1`,
    [['identities', 'settings', ...but]],
  );
  for (const { name } of tables) {
    const [row] = await database.query(
      `select count(*), md5(string_agg(t::text, e'\\n' order by t::text collate "C"))
         from ${name} t`,
    );
    hashes[name] = row;
  }
  return hashes;
}

t.test('two databases from one seed are equal, and a third from another is not', async t => {
  const load = async (options: SampleOptions) => {
    const database = await freshDatabase(t);
    await loadSample(database, { ...options, ...BY });
    return contents(database);
  };
  const first = await load(SMALL);
  t.same(await load(SMALL), first);
  t.notSame(await load({ ...SMALL, seed: 8 }), first);
});

t.test('loading a province leaves what importing its package leaves', async t => {
  const [loaded, imported] = [await freshDatabase(t), await freshDatabase(t)];
  await loadSample(loaded, { ...SMALL, ...BY });
  const folder = join(t.testdir({}), 'package');
  const province = planProvince(SMALL);
  await writePackage(folder, sampleFiles(province), sampleDescription(province, 'sample'));
  const policy = shippedPolicy();
  const outcome = await imported.transaction(session =>
    importPackage(session, folder, { ...BY, policy, policyVersion: null, run: null }),
  );
  t.equal(outcome.accepted, true);
  // The import's own row and act name the package; the province's chain holds nothing else.
  const own = ['imports', 'blocks', 'events'];
  t.same(await contents(loaded, own), await contents(imported, own));
  const blocks = "select * from blocks where city <> '' order by city, block";
  t.same(await loaded.query(blocks), await imported.query(blocks), 'every event is the same');
});

t.test('a loaded sample is whole: counts, chain, senior-high files, uniqueness', async t => {
  const database = await freshDatabase(t);
  const told: string[] = [];
  const options: LoadOptions = { ...SMALL, ...BY, onProgress: table => told.push(table) };
  const counts = await loadSample(database, options);
  t.equal(counts['candidates'], 4732);
  t.equal(counts['candidate_numbers'], 4732);
  t.ok(told.includes('choices'));
  t.equal(await isSampleDatabase(database), true);
  const [row] = await database.query(`select
    (select count(*) from identities) as identities,
    (select count(*) from files f join events e using (season, city, event)
      join senior_high_admissions s on s.season = f.season and s.city = f.city and s.file = f.file
      where f.state = 'senior-high' and e.to_state = f.state and e.file = f.file
) as taken,
    (select count(*) from events where name = 'import') as acts,
    (select count(*) from choices c join plan_lines p using (season, city, batch, school)
      where p.planned > 0 and p.major = split_part(c.majors, ' ', 1)) > 0 as fits,
    nextval('file_ids') as next`);
  const taken = counts['senior_high_admissions'];
  t.match(row, { identities: 4732, taken, acts: 4733, fits: true, next: 4733 });
  for (const city of ['440100', '440606', '445300']) {
    const check = await database.session(session => verifyChain(session, 2016, city));
    t.equal(check.fault, null);
  }
});

t.test('a database with candidates is not loaded over', async t => {
  const database = await freshDatabase(t);
  const tiny = { seed: 1, candidates: 50, cities: ['440100', '440300'], ...BY };
  await loadSample(database, tiny);
  await t.rejects(loadSample(database, tiny), { code: 'sample-needs-empty-database' });
  t.same(await database.query('select count(*) from candidates'), [{ count: 50 }]);
});
