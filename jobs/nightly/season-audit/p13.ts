/** P13 over a season: draws for direct admission, whenever they were made. */
import { orderFaults, orderSuspects } from '../audit/drawings.ts';
import type { SeasonProperty } from './season-property.ts';

export const seasonP13: SeasonProperty = {
  id: 'P13',
  title: '派位可由公布的种子重新得出',
  beside: {
    city: orderFaults,
    suspects: ({ session, season, cities }) => {
      const codes = cities.map(({ city }) => city);
      return orderSuspects(session, season, codes);
    },
  },
};
