/**
 * `npm run season:faults -- --seed 7 --faults 50`: one tiny season undisturbed, and the same with
 * faults; both must end with the same hashes (digest.ts).
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { seasonDigest } from './digest.ts';
import { Faults } from './faults.ts';
import { live } from './live.ts';
import { makeSeason, TINY } from './make-season.ts';
import { openSeasonDatabase } from './season-database.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    faults: { type: 'string', default: '50' },
    from: { type: 'string', default: '2016-07-10' },
    to: { type: 'string', default: '2016-09-02' },
  },
});
const seed = Number(values.seed);
const { from, to } = values;

async function lived(faults: number): Promise<Record<string, string>> {
  const opened = await openSeasonDatabase();
  try {
    const { world, remove } = await makeSeason(opened.database, { seed, ...TINY });
    const disturbance = faults === 0 ? null : new Faults(opened.url, faults);
    world.disturbance = disturbance;
    await live(world, { from, to, attempts: 1 });
    if (disturbance !== null) {
      const said = [...disturbance.counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
      process.stdout.write(`${disturbance.done} faults: ${said}\n`);
    }
    const digest = await seasonDigest(opened.database);
    await remove();
    return digest;
  } finally {
    await opened.close();
  }
}

const undisturbed = await lived(0);
const disturbed = await lived(Number(values.faults));
const differing = Object.keys(undisturbed).filter(name => undisturbed[name] !== disturbed[name]);
if (differing.length === 0) process.stdout.write(`seed ${seed}: the same end\n`);
else {
  process.stderr.write(`seed ${seed}: ends differ in ${differing.join(', ')}\n`);
  process.exitCode = 1;
}
