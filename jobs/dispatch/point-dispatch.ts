/**
 * 指定考生线上点投: one candidate at or above the line to one school, on a draft list
 * of its own.
 */
import { functionJob } from '../act/function-job.ts';
import { findPoint, POINT_DISPATCH, type PointInput } from './parts/point.ts';
import { sendPoint } from './parts/send-point.ts';

const TITLE = '指定考生线上点投';

export const job = functionJob<PointInput>({
  id: 'point-dispatch',
  title: TITLE,
  ...POINT_DISPATCH,
  async effect(act) {
    return sendPoint(act, await findPoint(act, { title: TITLE, belowLine: false }));
  },
});
