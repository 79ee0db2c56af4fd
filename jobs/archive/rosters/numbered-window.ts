/** The days of an act on a roster that is there. */
import type { OpenSpan, PlaceWithPolicy } from '../../act/function-job.ts';
import { rosterOf, rosterSpans } from './office.ts';

/** Those of its office and phase; of an amended or amending one the further days too. */
export async function numberedSpans(
  place: PlaceWithPolicy<{ readonly roster: number }>,
): Promise<OpenSpan[]> {
  const { city: office, phase, version } = await rosterOf(place);
  return rosterSpans(place.policy, { office, phase, amended: version > 1 });
}

/** An amendment comes after the filing, mostly after its days. */
export async function amendmentSpans(
  place: PlaceWithPolicy<{ readonly roster: number }>,
): Promise<OpenSpan[]> {
  const { city: office, phase } = await rosterOf(place);
  return rosterSpans(place.policy, { office, phase, amended: true });
}
