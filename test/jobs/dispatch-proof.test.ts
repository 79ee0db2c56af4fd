/**
 * The thread beside a dispatch: it says what the functions themselves say, what it refuses is not
 * written, and its end is nobody's but the run's that waits for it.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { writePackage } from '../../db/package/write.ts';
import { packageOfWorld } from '../../engine/dispatch/package-of-world.ts';
import type { DispatchResult } from '../../engine/dispatch/result.ts';
import { dispatch } from '../../engine/dispatch/run.ts';
import { packagePath } from '../../jobs/nightly/dispatch/keep-package.ts';
import { type PackageOrder, proveInput, proveResult } from '../../jobs/nightly/dispatch/proof.ts';
import { endProofThread, Proof } from '../../jobs/nightly/dispatch/proof-thread.ts';
import { dispatchJob, dispatchJobWith } from '../../jobs/nightly/dispatch.ts';
import { BATCH, CITY, policyOf, SCOPE as TINY_SCOPE, worldOf } from '../engine/dispatch-worlds.ts';
import { SEASON, smallProvince, writtenRows } from './night-world.ts';

const SCOPE = { city: '440400', batch: BATCH, round: 1 };

/** A school, a plan line of one place, three candidates who want it. */
const DATA = {
  regions: [{ code: CITY, name: '广州市', parent: '440000', level: 'city' }],
  schools: [{ code: 'S1', name: '一校', kind: 'vocational', region: CITY }],
  majors: [{ school: 'S1', code: 'M1', name: '一专业', articulated: 'no' }],
  plans: [{ school: 'S1', major: 'M1', region: CITY, batch: BATCH, planned: '1' }],
  candidates: ['1', '2', '3'].map(no => ({ candidate_no: no, city: CITY, total: `50${no}` })),
  choices: ['1', '2', '3'].map(no => ({
    candidate_no: no,
    batch: BATCH,
    round: '1',
    ordinal: '1',
    school: 'S1',
    majors: 'M1',
    adjustment: 'yes',
  })),
};

async function tiny(t: Test) {
  const policy = policyOf();
  const world = worldOf(DATA, policy, TINY_SCOPE);
  const { result } = await dispatch(world, policy, { random: () => 0.5, recheckSample: 0 });
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-proof-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  const order = (name: string): PackageOrder => ({
    folder: join(home, name),
    options: { name: 'run', gzip: true, season: SEASON },
  });
  return { policy, world, result, home, order };
}

t.teardown(endProofThread);

t.test('the thread says what the functions say, and keeps the same package', async t => {
  const { policy, world, result, order } = await tiny(t);
  const here = await proveInput(world, null);
  const proof = new Proof(world, order('kept'));
  proof.ask({ policy, result });
  t.same(await proof.passed(), {
    inputHash: here.inputHash,
    resultHash: proveResult(world, { policy, result }).resultHash,
  });
  t.notOk(existsSync(order('kept').folder), 'not there before the commit');
  await proof.keep();
  await proof.close();
  const plain = order('plain');
  await writePackage(plain.folder, packageOfWorld(world), plain.options);
  const names = await readdir(plain.folder);
  t.same(await readdir(order('kept').folder), names);
  for (const name of names) {
    const read = (folder: string) => readFile(join(folder, name));
    t.same(await read(order('kept').folder), await read(plain.folder), name);
  }
});

t.test('a package that is not kept leaves nothing', async t => {
  const { world, home, order } = await tiny(t);
  const proof = new Proof(world, order('dropped'));
  await proof.close();
  t.same(await readdir(home), []);
});

t.test('a package that can not be written is told after the commit, not before', async t => {
  const { policy, world, result, home, order } = await tiny(t);
  await writeFile(join(home, 'file'), '');
  const proof = new Proof(world, order(join('file', 'below')));
  proof.ask({ policy, result });
  t.equal((await proof.passed()).inputHash, (await proveInput(world, null)).inputHash);
  await t.rejects(proof.keep(), { code: 'ENOTDIR' });
  await proof.close();
});

t.test('what the check refuses, and what it throws, comes over with its code', async t => {
  const { policy, world, result } = await tiny(t);
  const wrong = new Proof(world, null);
  wrong.ask({ policy, result: { ...result, position: result.position.map(at => at + 1) } });
  await t.rejects(wrong.passed(), { code: 'check-failed', exitCode: 5 });
  await wrong.close();
  const unknown = new Proof(world, null);
  unknown.ask({ policy, result, school: 'nothing' });
  await t.rejects(unknown.passed(), { code: 'unknown-school', exitCode: 2, advice: /院校代码/ });
  await unknown.close();
});

t.test('the end of the thread fails those who wait, and the next proof has another', async t => {
  const { policy, world, result, home, order } = await tiny(t);
  const lost = new Proof(world, order('lost'));
  const ended = endProofThread();
  await t.rejects(lost.passed(), { code: 'proof-thread-lost', exitCode: 5 });
  await lost.close();
  await ended;
  t.same(await readdir(home), []);
  const next = new Proof(world, null);
  next.ask({ policy, result });
  t.match(await next.passed(), { inputHash: /^[0-9a-f]{64}$/ });
  await next.close();
});

/** The job, its result changed after the placing. */
const spoiled = (spoil: (result: DispatchResult) => void) =>
  dispatchJobWith(async (...question) => {
    const run = await dispatch(...question);
    spoil(run.result);
    return run;
  });

const SPOILS: Record<string, (result: DispatchResult) => void> = {
  // The tables take it: only the check knows.
  'a wrong position': ({ position }) => {
    position[0] = 70_000;
  },
  // The tables refuse it as well, and the check says why.
  'a placed file that is left out': ({ placedChoice }) => {
    placedChoice[placedChoice.findIndex(choice => choice !== -1)] = -1;
  },
};

for (const [title, spoil] of Object.entries(SPOILS)) {
  t.test(`${title} fails the check and leaves nothing behind`, async t => {
    const { database, home, run } = await smallProvince(t);
    const before = await writtenRows(database);
    const report = await run(spoiled(spoil), SCOPE);
    t.equal(report.state, 'failed');
    t.equal(report.error?.code, 'check-failed');
    t.same(await writtenRows(database), before);
    t.same(await readdir(join(home, 'packages', String(SEASON))), []);
    t.equal((await run(spoiled(spoil), SCOPE, { dryRun: true })).error?.code, 'check-failed');
    t.equal((await run(dispatchJob, SCOPE)).state, 'completed');
  });
}

t.test('a thread killed before the commit fails the run, which can be done again', async t => {
  const { database, home, run } = await smallProvince(t);
  const before = await writtenRows(database);
  const killing = dispatchJobWith(async (...question) => {
    await endProofThread();
    return dispatch(...question);
  });
  const report = await run(killing, SCOPE);
  t.equal(report.error?.code, 'proof-thread-lost');
  t.equal(report.state, 'failed');
  t.same(await writtenRows(database), before);
  const again = await run(dispatchJob, SCOPE);
  t.equal(again.state, 'completed', again.error?.message ?? '');
  const kept = join(home, packagePath(SEASON, again.run as number), 'datapackage.json');
  t.ok(existsSync(kept));
});

t.test('half a package of a killed attempt is thrown away by the next one', async t => {
  const { database, home, run } = await smallProvince(t);
  const failed = await run(
    dispatchJobWith(async () => {
      throw new Error('made to fail');
    }),
    SCOPE,
  );
  t.equal(failed.state, 'failed');
  const folder = join(home, 'packages', String(SEASON));
  const lost = [`run-${failed.run}.part-1`, 'run-999.part-1'];
  for (const name of lost) await mkdir(join(folder, name), { recursive: true });
  const { run: completed } = await run(dispatchJob, SCOPE);
  t.same((await readdir(folder)).toSorted(), [`run-${completed}`, 'run-999.part-1'].toSorted());
  t.equal((await database.query('select from runs')).length, 2);
});
