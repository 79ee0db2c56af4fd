/**
 * 指定考生线上点投并录取: one candidate at or above the line to one school,
 * admitted at once, by two officers.
 */
import { functionJob } from '../act/function-job.ts';
import { findPoint, POINT_DISPATCH, type PointInput } from './parts/point.ts';
import { admitPoint } from './parts/send-point.ts';

const TITLE = '指定考生线上点投并录取';

export const job = functionJob<PointInput>({
  id: 'point-dispatch-admit',
  title: TITLE,
  ...POINT_DISPATCH,
  // Two persons for every direct admission (file-life.md, admit-directly).
  confirm: true,
  async effect(act) {
    return admitPoint(act, await findPoint(act, { title: TITLE, belowLine: false }));
  },
});
