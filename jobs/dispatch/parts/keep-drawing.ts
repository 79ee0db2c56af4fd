/** The input of a lottery as a data package beside the database, like that of any run. */
import { writePackage } from '../../../db/package/write.ts';
import { isSampleDatabase } from '../../../db/policies.ts';
import { packageOfWorld } from '../../../engine/dispatch/package-of-world.ts';
import type { World } from '../../../engine/dispatch/world.ts';
import type { Act } from '../../act/act.ts';
import { packageOrder } from '../../nightly/dispatch/keep-package.ts';
import { policyOfCity } from '../../nightly/dispatch/policy.ts';

export interface DrawnPlace {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly school: string;
  readonly date: string;
}

/**
 * Writes the package before the commit: without it the lottery could not be drawn again, and then
 * it must not stand. Where the act fails after all, a folder is left that no run owns.
 */
export async function keepDrawing<I>(act: Act<I>, place: DrawnPlace, world: World): Promise<void> {
  const { season, run, home } = act;
  const { policy, synthetic } = await act.asRunner(async session => ({
    policy: await policyOfCity(session, season, place.city),
    synthetic: await isSampleDatabase(session),
  }));
  const order = packageOrder(home, { season, run, ...place }, policy, synthetic);
  await writePackage(order.folder, packageOfWorld(world), order.options);
}
