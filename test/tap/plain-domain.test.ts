/** An error that nobody caught fails the test it came from, and the tests after it still run. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';

const ROOT = join(import.meta.dirname, '..', '..');
const PRELOAD = join(import.meta.dirname, 'preload.ts');
const BEGIN = `import { setTimeout as sleep } from 'node:timers/promises';\nimport t from 'tap';\n`;

/** Runs a test file of these lines as the suite does. @returns its exit code and its results */
function run(t: Test, lines: string) {
  const file = join(t.testdir(), 'file.ts');
  writeFileSync(file, BEGIN + lines);
  const environment = { ...process.env, NODE_OPTIONS: '', TAP: '1' };
  const parameters = ['--import', PRELOAD, file];
  const ended = spawnSync(process.execPath, parameters, { cwd: ROOT, env: environment });
  const results = ended.stdout.toString().match(/^ *(not )?ok \d+ - [^#\n]*/gm) ?? [];
  const told = results.map(line => line.trimEnd().replace(/ \d+ -/, ''));
  return { code: ended.status, told, said: `${ended.stdout}${ended.stderr}` };
}

t.test('a rejection that nobody handles fails the test inside which it came', async t => {
  const { code, told, said } = run(
    t,
    `t.test('first', async t => {
      t.test('calm', async t => t.ok(true, 'calm is well'));
      t.test('stray', async t => {
        Promise.reject(new Error('nobody handles it'));
        await sleep(50);
      });
    });
    t.test('second', async t => t.ok(true, 'second is well'));`,
  );
  t.equal(code, 1, said);
  t.same(told, [
    '        ok calm is well',
    '    ok calm',
    '        not ok nobody handles it',
    '    not ok stray',
    'not ok first',
    '    ok second is well',
    'ok second',
  ]);
  t.match(said, 'tapCaught: unhandledRejection');
});

t.test('an error thrown into the void fails the test during which it came', async t => {
  const { code, told, said } = run(
    t,
    `t.test('first', async t => t.ok(true, 'first is well'));
    t.test('second', async t => {
      setTimeout(() => { throw new Error('nobody catches it'); }, 10);
      await sleep(500);
    });`,
  );
  t.equal(code, 1, said);
  t.match(told.join('\n'), /^ok first\n {4}not ok nobody catches it\nnot ok second/m);
  t.match(said, 'tapCaught: uncaughtException');
});

t.test('an error when all tests are over ends the process with an error', async t => {
  const { code, told, said } = run(
    t,
    `t.test('first', async t => t.ok(true, 'first is well'));
    process.once('beforeExit', () => setTimeout(() => { throw new Error('too late'); }, 10));`,
  );
  t.not(code, 0);
  t.match(told, ['    ok first is well', 'ok first']);
  t.match(said, 'too late');
});

t.test('what passes passes', async t => {
  const { code, told } = run(t, `t.test('first', async t => t.ok(true, 'first is well'));`);
  t.equal(code, 0);
  t.same(told, ['    ok first is well', 'ok first']);
});
