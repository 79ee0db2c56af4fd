/**
 * `npm run season:campaign`: a thousand random days of many tiny seasons. Each season begins
 * somewhere – the days before it are lived too, they make what it stands on – and ends after a
 * stretch; the next has the next seed. Stops at the first broken property, with its seed.
 * `-- --days 1000 --seed 1`.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { daysBetween, live } from './live.ts';
import { makeSeason, TINY } from './make-season.ts';
import { openSeasonDatabase } from './season-database.ts';
import { SPRING, springPolicy } from './spring.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

const YEAR = daysBetween('2016-07-10', '2016-11-13');
/** Days of one season: July alone, or to the sweep of 09-01, or all and the spring. */
const STRETCHES = [22, 22, 22, 60, 60, YEAR.length];

let left = Number(values.days);
let checks = 0;
for (let seed = Number(values.seed); left > 0; seed += 1) {
  const stretch = Math.min(left, STRETCHES[seed % STRETCHES.length] as number);
  const opened = await openSeasonDatabase();
  try {
    const files = springPolicy();
    const { world, remove } = await makeSeason(opened.database, { seed, files, ...TINY });
    const to = YEAR[stretch - 1] as string;
    const lived = await live(world, { from: YEAR[0] as string, to, attempts: 4 });
    left -= stretch;
    if (stretch === YEAR.length && left > 0) {
      await live(world, { ...SPRING, attempts: 4 }, lived);
      left -= daysBetween(SPRING.from, SPRING.to).length;
    }
    await remove();
    checks += lived.checks;
    process.stdout.write(`seed ${seed}: ${stretch} days to ${to}, ${left} left\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`again: npm run season -- --tiny --from 2016-07-10 --seed ${seed}\n`);
    process.exitCode = 1;
    break;
  } finally {
    await opened.close();
  }
}
process.stdout.write(`${Number(values.days) - left} days, ${checks} checks of cities\n`);
