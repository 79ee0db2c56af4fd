/**
 * `npm run season -- --scale 0.01 --seed 7`: lives through a season in simulated time, and through
 * a spring with announced dates, and checks its properties after every day; the same seed replays
 * the same season. `--tiny` two cities with few people, `--days N` only so many of them,
 * `--seeds 1..20` one season after the other, `--no-spring`, `--report FILE` the report as HTML
 * beside the text.
 *
 * `--faults N` lives it twice, the second time with so many processes killed or paused, connections
 * cut and answers lost, at random: both must end with the same hashes (digest.ts).
 */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { seasonDigest } from './digest.ts';
import { Faults } from './faults.ts';
import { daysBetween, type Lived, live } from './live.ts';
import { makeSeason, TINY } from './make-season.ts';
import { openSeasonDatabase } from './season-database.ts';
import { seasonHtml, seasonText } from './season-report.ts';
import { SPRING, springPolicy } from './spring.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    scale: { type: 'string', default: '0.01' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seeds: { type: 'string' },
    tiny: { type: 'boolean', default: false },
    spring: { type: 'boolean', default: true },
    days: { type: 'string' },
    from: { type: 'string', default: '2016-07-01' },
    to: { type: 'string', default: '2016-11-15' },
    attempts: { type: 'string' },
    faults: { type: 'string', default: '0' },
    report: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});

function seeds(): number[] {
  const [first, last] = (values.seeds ?? `${values.seed}..${values.seed}`).split('..').map(Number);
  if (first === undefined || last === undefined) return [Number(values.seed)];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** Spans that are lived one after the other; nothing happens in between. */
function spans(): { readonly from: string; readonly to: string }[] {
  const days = daysBetween(values.from, values.to);
  const to = days[Math.min(days.length, Number(values.days ?? days.length)) - 1] ?? values.to;
  const whole = to === '2016-11-15' && values.spring;
  return [{ from: values.from, to }, ...(whole ? [SPRING] : [])];
}

/** @returns the hashes of its end; null where nobody compares them */
async function one(
  seed: number,
  { faults, compared }: { readonly faults: number; readonly compared: boolean },
): Promise<Record<string, string> | null> {
  const begun = performance.now();
  const opened = await openSeasonDatabase();
  try {
    const size = values.tiny ? TINY : { scale: Number(values.scale) };
    const files = springPolicy();
    const { world, remove } = await makeSeason(opened.database, { seed, files, ...size });
    const lives = spans();
    const days = lives.flatMap(({ from, to }) => daysBetween(from, to)).length;
    const disturbance = faults === 0 ? null : new Faults(opened.url, faults, days);
    world.disturbance = disturbance;
    const onDay = (day: string) => {
      if (values.quiet) return;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      const said = disturbance === null ? '' : `, ${disturbance.done} faults`;
      process.stderr.write(`${day} ${seconds} s${said}\n`);
    };
    const attempts = Number(values.attempts ?? (values.tiny ? 3 : 6));
    try {
      const lived: Lived = { checks: 0, spent: new Map() };
      const goOn = !values.tiny;
      for (const span of lives) await live(world, { ...span, attempts, goOn, onDay }, lived);
      const elapsedMs = performance.now() - begun;
      const to = lives.at(-1)?.to ?? values.to;
      const told = { world, lived, from: values.from, to, elapsedMs };
      if (disturbance === null) {
        process.stdout.write(`${await seasonText(told)}\n`);
        if (values.report !== undefined) await writeFile(values.report, await seasonHtml(told));
      } else process.stdout.write(`${disturbance.said()}\n`);
      return compared ? await seasonDigest(opened.database) : null;
    } finally {
      await remove();
    }
  } finally {
    await opened.close();
  }
}

/** @throws Error where faults have made a difference */
async function both(seed: number, faults: number): Promise<void> {
  const undisturbed = await one(seed, { faults: 0, compared: faults > 0 });
  if (undisturbed === null) return;
  const disturbed = (await one(seed, { faults, compared: true })) ?? {};
  const differing = Object.keys(undisturbed).filter(name => undisturbed[name] !== disturbed[name]);
  if (differing.length > 0) {
    throw new Error(`seed ${seed}: with faults the end differs in ${differing.join(', ')}`);
  }
  process.stdout.write(`seed ${seed}: the same end with faults\n`);
}

/** How to do it again: what was asked for, with the seed that was drawn. */
function again(seed: number): string {
  const asked = process.argv.slice(2).filter((word, at, all) => {
    const named = (each: string | undefined) => each === '--seed' || each === '--seeds';
    return !named(word.split('=')[0]) && !(named(all[at - 1]) && !word.startsWith('--'));
  });
  return ['npm run season --', ...asked, '--seed', seed].join(' ');
}

for (const seed of seeds()) {
  try {
    await both(seed, Number(values.faults));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`again: ${again(seed)}\n`);
    process.exitCode = 1;
    break;
  }
}
