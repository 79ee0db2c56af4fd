/**
 * 指定考生线下点投并录取: one candidate below the line to one school, by an
 * approved paper, admitted at once, by two officers.
 */
import { functionJob } from '../act/function-job.ts';
import { findPoint, POINT_INPUT, type PointInput, pointTarget } from './parts/point.ts';
import { admitPoint } from './parts/send-point.ts';

const TITLE = '指定考生线下点投并录取';

export const job = functionJob<PointInput>({
  id: 'point-dispatch-below-admit',
  title: TITLE,
  sides: ['office'],
  menu: '投档',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: POINT_INPUT,
  relatives: true,
  window: 'batch',
  // Two persons for every direct admission (file-life.md, admit-directly).
  confirm: true,
  target: pointTarget,
  async effect(act) {
    return admitPoint(act, await findPoint(act, { title: TITLE, belowLine: true }));
  },
});
