/**
 * 指定考生线下点投并录取: one candidate below the line to one school, by an
 * approved paper, admitted at once, by two officers.
 */
import { functionJob } from '../act/function-job.ts';
import { findPoint, POINT_DISPATCH, type PointInput } from './parts/point.ts';
import { admitPoint } from './parts/send-point.ts';

const TITLE = '指定考生线下点投并录取';

export const job = functionJob<PointInput>({
  id: 'point-dispatch-below-admit',
  title: TITLE,
  ...POINT_DISPATCH,
  // Two persons for every direct admission (file-life.md, admit-directly).
  confirm: true,
  async effect(act) {
    return admitPoint(act, await findPoint(act, { title: TITLE, belowLine: true }));
  },
});
