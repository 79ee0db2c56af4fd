/**
 * A tiny season, lived in full at its turns – the first rounds, the close of phase 1, the sweep of
 * 09-01 with the rosters after it, the end of phase 2 – with its properties checked after every
 * day. The whole of it, and many seeds, are `npm run season` and `npm run season:campaign`.
 */
import process from 'node:process';
import t from 'tap';
import { freshDatabase } from '../database.ts';
import { live } from './live.ts';
import { makeSeason, TINY } from './make-season.ts';

t.setTimeout(600_000);

const SEED = Number(process.env['SEED'] ?? 7);

/** Days on which something new happens; what lies between is more of the same. */
const TURNS = [
  ['2016-07-11', '2016-07-12'],
  ['2016-07-14', '2016-07-14'],
  ['2016-07-20', '2016-07-24'],
  ['2016-07-29', '2016-07-30'],
  ['2016-08-02', '2016-08-02'],
  ['2016-08-20', '2016-08-22'],
  ['2016-08-31', '2016-09-01'],
  ['2016-09-07', '2016-09-08'],
  ['2016-11-07', '2016-11-08'],
  ['2016-11-11', '2016-11-11'],
] as const;

t.test(`a season of seed ${SEED} keeps every property on every day`, async t => {
  const database = await freshDatabase(t);
  const { world, remove } = await makeSeason(database, { seed: SEED, ...TINY });
  t.teardown(remove);
  let checks = 0;
  for (const [from, to] of TURNS) checks += (await live(world, { from, to, attempts: 2 })).checks;
  t.ok(checks > 20, 'cities were checked');
  const names = await world.query<{ name: string }>('select distinct name from events');
  const lived = new Set(names.map(({ name }) => name));
  for (const name of ['dispatch', 'release-list', 'approve-admission', 'register', 'revert']) {
    t.ok(lived.has(name), `${name} has happened`);
  }
  t.ok([...world.refused.values()].length > 5, 'people were refused');
});
