/**
 * 指定考生线下点投: one candidate below the line to one school, by an approved
 * paper that names both and the major, on a draft list of its own.
 */
import { functionJob } from '../act/function-job.ts';
import { findPoint, POINT_DISPATCH, type PointInput } from './parts/point.ts';
import { sendPoint } from './parts/send-point.ts';

const TITLE = '指定考生线下点投';

export const job = functionJob<PointInput>({
  id: 'point-dispatch-below',
  title: TITLE,
  ...POINT_DISPATCH,
  async effect(act) {
    return sendPoint(act, await findPoint(act, { title: TITLE, belowLine: true }));
  },
});
