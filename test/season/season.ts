/**
 * `npm run season -- --scale 0.01 --seed 7`: lives through a season in simulated time and checks
 * its properties after every day; the same seed replays the same season. `--tiny` two cities with
 * few people, `--days N` only so many of them, `--seeds 1..20` one season after the other,
 * `--report FILE` the report as HTML beside the text.
 */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { daysBetween, live } from './live.ts';
import { makeSeason, TINY } from './make-season.ts';
import { openSeasonDatabase } from './season-database.ts';
import { seasonHtml, seasonText } from './season-report.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.01' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seeds: { type: 'string' },
    tiny: { type: 'boolean', default: false },
    days: { type: 'string' },
    from: { type: 'string', default: '2016-07-01' },
    to: { type: 'string', default: '2016-11-15' },
    attempts: { type: 'string' },
    report: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

function seeds(): number[] {
  const [first, last] = (values.seeds ?? `${values.seed}..${values.seed}`).split('..').map(Number);
  if (first === undefined || last === undefined) return [Number(values.seed)];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

async function one(seed: number): Promise<void> {
  const begun = performance.now();
  const opened = await openSeasonDatabase();
  try {
    const size = values.tiny ? TINY : { scale: Number(values.scale) };
    const { world, remove } = await makeSeason(opened.database, { seed, ...size });
    const days = daysBetween(values.from, values.to);
    const to = days[Math.min(days.length, Number(values.days ?? days.length)) - 1] ?? values.to;
    try {
      const lived = await live(world, {
        from: values.from,
        to,
        attempts: Number(values.attempts ?? (values.tiny ? 3 : 6)),
        onDay: day => {
          if (values.quiet) return;
          const seconds = ((performance.now() - begun) / 1000).toFixed(1);
          process.stderr.write(`${day} ${seconds} s\n`);
        },
      });
      const elapsed = performance.now() - begun;
      const told = { world, lived, from: values.from, to, elapsedMs: elapsed };
      process.stdout.write(`${await seasonText(told)}\n`);
      if (values.report !== undefined) await writeFile(values.report, await seasonHtml(told));
    } finally {
      await remove();
    }
  } finally {
    await opened.close();
  }
}

for (const seed of seeds()) {
  try {
    await one(seed);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(
      `again: npm run season -- --seed ${seed}${values.tiny ? ' --tiny' : ''}\n`,
    );
    process.exitCode = 1;
    break;
  }
}
