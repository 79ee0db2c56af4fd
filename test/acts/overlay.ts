/** A city's overlay changed in the middle of a test, as the menu 投档控制 would. */
import { adoptOverlay, readPolicy } from '../../db/policies.ts';
import { editOverlay, type OverlayEdit } from '../../engine/policy/edit-overlay.ts';
import { parseInstant } from '../../jobs/run/clock.ts';
import { SEASON } from '../jobs/night-world.ts';
import type { ActWorld } from './act-world.ts';

export async function setOverlay(
  world: Pick<ActWorld, 'database' | 'at'>,
  city: string,
  edit: OverlayEdit,
): Promise<void> {
  await world.database.transaction(async session => {
    const stored = await readPolicy(session, SEASON);
    if (stored === null) throw new Error('no policy');
    const former = stored.overlays.get(city)?.document ?? null;
    const edited = editOverlay(stored.base.documents, city, former, edit);
    if (!edited.ok) throw new Error(edited.problems.map(each => each.message).join('\n'));
    const by = { actor: `city-${city}`, at: parseInstant(world.at) };
    await adoptOverlay(session, SEASON, { city, ...edited }, by, true);
  });
}
