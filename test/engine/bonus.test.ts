/** The bonus of one candidate is what a run gives him (dispatch.md §2). */
import fc from 'fast-check';
import t from 'tap';
import { bonusOf, preferencePoints } from '../../engine/dispatch/preference-points.ts';
import type { World } from '../../engine/dispatch/world.ts';
import type { Policy } from '../../engine/policy/types.ts';

const feature = fc.record({
  kind: fc.constantFrom('bonus' as const, 'priority' as const),
  points: fc.integer({ min: 0, max: 5000 }),
  rank: fc.integer({ min: 1, max: 3 }),
  batches: fc.subarray(['vocational', 'other']),
});

t.test('an act gives a candidate the bonus that a run gives him', async t => {
  const property = fc.property(
    fc.array(feature, { maxLength: 5 }),
    fc.constantFrom('max' as const, 'sum' as const),
    fc.option(fc.integer({ min: 0, max: 6000 })),
    fc.array(fc.record({ at: fc.nat(6), confirmed: fc.boolean() }), { maxLength: 5 }),
    (given, combine, cap, held) => {
      const features = given.map((each, at) => {
        const points = each.kind === 'bonus' ? each.points : 0;
        return { ...each, points, id: `f${at}`, title: '', basis: 'sample' };
      });
      const own = new Map(held.map(({ at, confirmed }) => [`f${at}`, confirmed]));
      const preferences = { combine, cap, features };
      const world = {
        batch: 'vocational',
        candidates: { count: 1 },
        preferences: [...own].map(([id, confirmed]) => ({
          candidate: 0,
          feature: id,
          confirmedBy: confirmed ? 'city' : '',
        })),
      } as unknown as World;
      const expected = preferencePoints(world, { preferences } as unknown as Policy).bonus[0];
      const confirmed = [...own].filter(([, is]) => is).map(([id]) => id);
      return bonusOf(preferences, 'vocational', confirmed) === expected;
    },
  );
  t.doesNotThrow(() => fc.assert(property));
});
