/**
 * A tiny season, lived in full at its turns (lived-season.ts) with its properties checked after
 * every day. The whole of it, and many seeds, are `npm run season` and `npm run season:campaign`.
 */
import t from 'tap';
import { checksOf, LIVED_SEED, livedSeason, livedWorld } from './lived-season.ts';

t.setTimeout(600_000);

t.test(`a season of seed ${LIVED_SEED} keeps every property on every day`, async t => {
  const season = await livedSeason(t);
  const world = await livedWorld(season);
  t.ok((await checksOf(season)) > 20, 'cities were checked');
  const names = await world.query<{ name: string }>('select distinct name from events');
  const lived = new Set(names.map(({ name }) => name));
  for (const name of ['dispatch', 'release-list', 'approve-admission', 'register', 'revert']) {
    t.ok(lived.has(name), `${name} has happened`);
  }
  t.ok([...world.refused.values()].length > 5, 'people were refused');
});
