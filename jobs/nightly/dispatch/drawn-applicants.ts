/**
 * Lots 派位 are drawn for the applicants whose hash was published before the seed was (P13). Whoever
 * knows the seed can see who would win; so nobody may come, go or change between the publication
 * and the placing. A whole round must read exactly what was published; what follows a round – one
 * school, lots for the places left – reads what the round has left of it, which nobody has touched
 * by hand meanwhile.
 *
 * A seed that a city has written into its settings itself has no publication, and is not asked.
 */
import type { Session } from '../../../db/connect.ts';
import { drawOfSeed, handChangesSince } from '../../../db/season/draws.ts';
import type { Batch } from '../../../engine/policy/types.ts';
import { fail } from './errors.ts';

export interface DrawnFor {
  readonly season: number;
  readonly city: string;
  readonly batch: Batch;
  readonly round: number;
}

/** Does chance decide anything here? */
export function drawsLots({ dispatch: { mode, ties, seed } }: Batch): boolean {
  return (mode === 'lottery' || ties.ending === 'lottery') && seed !== null && seed !== '';
}

/**
 * @param inputHash of what a whole round has read; null: of what follows a round
 * @throws seed-of-other-round, applicants-differ, applicants-touched, publication-lost
 */
export async function requireDrawnApplicants(
  session: Pick<Session, 'query'>,
  { season, city, batch, round }: DrawnFor,
  inputHash: string | null,
): Promise<void> {
  const seed = batch.dispatch.seed ?? '';
  const drawn = await drawOfSeed(session, { season, city, batch: batch.id, seed });
  if (drawn === null) return;
  const about = { city, batch: batch.title, round, draw: drawn.draw };
  if (drawn.round !== round) throw fail('seed-of-other-round', { ...about, former: drawn.round });
  if (inputHash === null) {
    const files = await handChangesSince(session, { season, city, draw: drawn.draw });
    if (files === null) throw fail('publication-lost', about);
    if (files > 0) throw fail('applicants-touched', { ...about, files });
    return;
  }
  if (drawn.inputHash === inputHash) return;
  const hashes = { published: drawn.inputHash.slice(0, 12), now: inputHash.slice(0, 12) };
  const files = await handChangesSince(session, { season, city, draw: drawn.draw });
  throw fail('applicants-differ', { ...about, ...hashes, files: files ?? '不明' });
}
