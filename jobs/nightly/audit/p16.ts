/**
 * P16: the event log is whole; its hash chain verifies. A break can't be pinned to a school.
 */
import { verifyChain } from '../../../db/trail.ts';
import type { Property } from './property.ts';

export const p16: Property = {
  id: 'P16',
  title: '事件链完整',
  find: async ({ session, audited }) => {
    const { fault } = await verifyChain(session, audited.season, audited.city);
    if (fault === null) return [];
    const { kind, block, event, sentence } = fault;
    return [{ fault: kind, sentence, schools: [], rows: [{ block, event }], rowCount: 1 }];
  },
};
