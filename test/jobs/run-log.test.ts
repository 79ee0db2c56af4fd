import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { logFile, openLog } from '../../jobs/run/log.ts';
import { openProgress, SILENT } from '../../jobs/run/progress.ts';
import { assertRunResult } from '../../jobs/run/result.ts';
import { runJob } from '../../jobs/run/run.ts';
import { freshDatabase } from '../database.ts';
import { behave, environment, prepare, tinyJob } from './tiny/job.ts';

const NAME = '张小三';
const IDENTITY = '440101200001011234';
const now = () => new Date('2016-07-20T11:30:00Z');

function capture() {
  const lines: string[] = [];
  const log = openLog({ stream: { write: line => lines.push(line) }, now });
  return { lines, log };
}

t.test('neither names nor identity numbers reach the log, by whatever way', async t => {
  const { lines, log } = capture();
  const leak = new Error(`duplicate key (${IDENTITY}) of ${NAME}`);
  log.info({ name: NAME, identity_no: IDENTITY, candidate: { name: NAME } }, 'unknown fields');
  log.info({ step: `${NAME} ${IDENTITY}`, identity: IDENTITY, counts: { [NAME]: 1 } }, 'in values');
  log.info({ scope: { city: NAME, nested: { name: NAME } }, file: [NAME, IDENTITY] }, 'nested');
  log.info(`candidate ${NAME} ${IDENTITY}X in the message`);
  log.info({ run: 1 }, 'formatted %s %j', NAME, { id: IDENTITY });
  log.error({ err: leak }, 'an error');
  log.error(leak);
  log.error({ err: Object.assign(leak, { detail: IDENTITY, code: '23505' }) }, leak.message);
  log.child({ identity: IDENTITY, name: NAME }).info('a child');
  const text = lines.join('');
  t.equal(lines.length, 9);
  t.notMatch(text, new RegExp(`[\\u4e00-\\u9fff]|${IDENTITY}`));
  t.match(text, /23505/, 'the code of an error is kept');
  t.ok(lines.every(line => JSON.parse(line).time === '2016-07-20T11:30:00.000Z'));
});

t.test('hashes pass, and so do the known fields', async t => {
  const { lines, log } = capture();
  const hash = '1234567890123456'.repeat(4);
  log.info({ run: 7, job: 'dispatch', resultHash: hash, counts: { placed: 3 } }, 'done');
  t.match(JSON.parse(lines[0] as string), {
    level: 'info',
    msg: 'done',
    run: 7,
    job: 'dispatch',
    resultHash: hash,
    counts: { placed: 3 },
  });
});

t.test(
  'every line of a run bears its number, also where it fails with a row in the error',
  async t => {
    const database = await freshDatabase(t);
    await prepare(database, ['A']);
    await behave(database, 'A', 'fail');
    const { lines, log } = capture();
    const report = await runJob(
      tinyJob(),
      { city: 'A' },
      '2016-07-20',
      environment(database, { log }),
    );
    t.equal(report.state, 'failed');
    const facts = lines.map(line => JSON.parse(line));
    t.ok(facts.length >= 3);
    t.ok(facts.every(fact => fact.run === report.run && fact.job === 'tiny'));
    t.match(facts.at(-1), { level: 'error', state: 'failed', code: 'run-failed' });
    t.match(facts.at(-1).err.class, 'Error');
    t.notMatch(lines.join(''), /[\u4e00-\u9fff]|440101199901011234/);
  },
);

t.test('the log of a day is a file of JSON lines below the home folder', async t => {
  const home = t.testdir();
  const file = logFile(home, '2016-07-20');
  t.equal(file, join(home, 'log', '2016-07-20.jsonl'));
  openLog({ file, now }).info({ run: 1 }, 'one');
  openLog({ file, now }).info({ run: 2 }, 'two');
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  t.same(
    lines.map(line => JSON.parse(line).run),
    [1, 2],
  );
});

t.test('progress is drawn on a terminal and nowhere else', async t => {
  const written: string[] = [];
  const stream = (isTTY: boolean) =>
    ({
      isTTY,
      columns: 80,
      write: (text: string) => written.push(text),
      cursorTo: () => {},
      clearLine: () => {},
      moveCursor: () => {},
      on: () => {},
      once: () => {},
      removeListener: () => {},
    }) as unknown as NodeJS.WriteStream;
  t.equal(openProgress(stream(false)), SILENT);
  const bar = openProgress(stream(true));
  bar.title('广州');
  bar.report('投档', 1, 4);
  bar.report('投档', 4, 4);
  bar.end();
  t.match(written.join(''), /广州 投档/);
});

t.test('a result with an unknown key, or without its version, is refused', async t => {
  t.throws(() => assertRunResult({ job: 'x' }), { code: 'run-result-invalid', exitCode: 5 });
  t.throws(() => assertRunResult(null), { code: 'run-result-invalid' });
});
