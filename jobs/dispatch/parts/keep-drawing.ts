/** The input of a lottery as a data package beside the database, like that of any run. */
import { isSampleDatabase } from '../../../db/policies.ts';
import type { World } from '../../../engine/dispatch/world.ts';
import type { Act } from '../../act/act.ts';
import { keepPackage } from '../../nightly/dispatch/keep-package.ts';
import { policyOfCity } from '../../nightly/dispatch/policy.ts';

export interface DrawnPlace {
  readonly city: string;
  readonly batch: string;
  readonly round: number;
  readonly school: string;
  readonly date: string;
}

/**
 * Reads what the package needs beside the world.
 *
 * @returns writes it: for after the commit. One that is lost is made again from the database.
 */
export async function keepDrawing<I>(
  act: Act<I>,
  place: DrawnPlace,
  world: World,
): Promise<() => Promise<void>> {
  const { season, run, home } = act;
  const { policy, synthetic } = await act.asRunner(async session => ({
    policy: await policyOfCity(session, season, place.city),
    synthetic: await isSampleDatabase(session),
  }));
  return async () => {
    await keepPackage(home, { season, run, ...place }, world, policy, synthetic);
  };
}
