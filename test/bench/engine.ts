/** json-rules-engine alone, on a sample of the pairs that a run decides through situations. */
import { connect } from '../../db/connect.ts';
import { choicePairs, schoolRules } from '../../engine/dispatch/eligibility.ts';
import { factsOfWorld } from '../../engine/dispatch/facts-of-world.ts';
import { placesOf } from '../../engine/dispatch/places.ts';
import { preferencePoints, scoresOf } from '../../engine/dispatch/preference-points.ts';
import type { Batch } from '../../engine/policy/types.ts';
import { engineAlone } from '../../engine/rules/alone.ts';
import { policyOfCity } from '../../jobs/nightly/dispatch/policy.ts';
import { inSnapshot, readWorld } from '../../jobs/nightly/dispatch/world.ts';
import { BATCH, DATE, SEASON } from './stress.ts';

const SAMPLE_PAIRS = 5000;

export interface EngineSample {
  readonly pairs: number;
  readonly microseconds: number;
}

/** Every n-th pair of one city, decided one after the other by the unmodified engine. */
export async function engineSample(url: string): Promise<EngineSample> {
  const database = connect(url);
  try {
    const [{ city } = { city: '' }] = await database.query<{ city: string }>(
      `select city from candidates group by city order by count(*), city limit 1`,
    );
    const { policy } = await policyOfCity(database, SEASON, city);
    const batch = policy.batches.find(each => each.id === BATCH) as Batch;
    const key = { season: SEASON, city, batch: BATCH, round: 1, date: DATE };
    const { world } = await inSnapshot(database, session => readWorld(session, key, policy));
    const { bonus } = preferencePoints(world, policy);
    const score = scoresOf(world, bonus);
    const places = placesOf(world);
    const facts = factsOfWorld({ world, policy, batch, places, bonus, score, plan: 'school' });
    const step = Math.max(1, Math.floor(world.choices.count / SAMPLE_PAIRS));
    const sample = Uint32Array.from({ length: SAMPLE_PAIRS }, (_, at) => at * step);
    const begun = performance.now();
    const pairs = choicePairs(world);
    const { decided } = await engineAlone(schoolRules(world, policy), facts, pairs, sample);
    return { pairs: decided, microseconds: ((performance.now() - begun) * 1000) / decided };
  } finally {
    await database.close();
  }
}
