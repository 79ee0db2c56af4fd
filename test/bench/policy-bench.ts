/**
 * `npm run bench:policy`: the policy workbench on the shipped policy, each command as a person
 * calls it – a process of its own, from its start to its last line. `-- --repeat N` for another
 * number of times (the median is printed), `-- --policy DIR` for another policy.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    repeat: { type: 'string', default: '5' },
    policy: { type: 'string', default: 'rules/guangdong-2016' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'zhongzhao-bench-'));
/** With the bars that the issue sets, in seconds. */
const COMMANDS: readonly (readonly [title: string, bar: number, parameters: readonly string[]])[] =
  [
    ['check', 2, ['check']],
    ['boundaries', 5, ['boundaries', '--format', 'html', '--out', join(folder, 'b.html')]],
    ['coverage', 5, ['coverage', '--format', 'html', '--out', join(folder, 'c.html')]],
  ];

try {
  for (const [title, bar, [name = '', ...more]] of COMMANDS) {
    const seconds: number[] = [];
    for (let at = 0; at < Number(values.repeat); at += 1) {
      seconds.push(measure([name, values.policy, ...more]));
    }
    const median = seconds.toSorted((a, b) => a - b)[seconds.length >> 1] ?? Number.NaN;
    const all = seconds.map(each => each.toFixed(2)).join(', ');
    process.stdout.write(`${title}: median ${median.toFixed(2)} s of ${all} (bar ${bar} s)\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function measure(parameters: readonly string[]): number {
  const begun = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ['jobs/cli.ts', 'policy', ...parameters], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`);
  return (performance.now() - begun) / 1000;
}
