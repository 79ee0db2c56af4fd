/** P16 over a season: the hash chain of the city, or of the province's own acts, verifies. */

import type { ChainPlace } from '../../../db/trail/verify.ts';
import { brokenSince } from '../../../db/trail/verify-since.ts';
import { verifyChain } from '../../../db/trail.ts';
import type { Fault } from '../audit/property.ts';
import type { SeasonCase } from './season-case.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP16: SeasonProperty = {
  id: 'P16',
  title: '事件链完整',
  beside: {
    city: verify,
    suspects: ({ session, season, cities }) => {
      const places = cities.map(({ city, since }) => ({ city, since: since as ChainPlace }));
      return brokenSince(session, season, places);
    },
  },
  province: verify,
};

async function verify({ session, season, city, since }: SeasonCase): Promise<Fault[]> {
  const { fault } = await verifyChain(session, season, city, since === null ? {} : { since });
  if (fault === null) return [];
  const { kind, block, event, sentence } = fault;
  return [{ fault: kind, sentence, schools: [], rows: [{ block, event }], rowCount: 1 }];
}
