/**
 * 结束批次: a batch of a city is over when all its lists are closed, or its window is. What places
 * are left go to later batches and phases; a batch that is over is not dispatched again. What lists
 * the window has left open, closing ends (parts/closing.ts).
 */
import { closeBatch, openLists } from '../../db/season/rounds.ts';
import { actError } from '../act/errors.ts';
import { functionJob, type OpenSpan, type PlaceWithPolicy } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { closeOpenLists } from './parts/closing.ts';
import { requireListsDone, requireRoundDispatched } from './parts/rounds.ts';
import { requireWholeBatch } from './parts/schools.ts';
import { requireNotClosed, standingOf } from './parts/settable.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
}

export const job = functionJob<Input>({
  id: 'close-batch',
  title: '结束批次',
  sides: ['office'],
  menu: '投档控制',
  annex: false,
  input: {
    properties: { city: INPUT.city, batch: INPUT.batch },
    required: ['city', 'batch'],
  },
  relatives: true,
  window: fromItsFirstDay,
  async target({ input }) {
    return { cities: [input.city], batch: input.batch };
  },
  async effect(act) {
    const { city } = act.input;
    const batch = act.batch(act.input.batch);
    await requireWholeBatch(act, batch);
    const standing = await standingOf(act, city);
    requireNotClosed(standing, batch);
    const place = { season: act.season, city, batch: batch.id };
    const open = await openLists(act.session, place);
    const over = batch.window !== null && act.businessDate > batch.window[1];
    if (!over) {
      requireRoundDispatched(standing, batch);
      requireListsDone(city, batch, open);
    }
    const closed = await closeOpenLists(act, city, open);
    await closeBatch(act.session, place, { by: act.user.user, on: act.businessDate });
    act.record({ note: { windowOver: over, openLists: open.length, ...closed } });
    const { recalled, submitted, cancelled, waiting } = closed;
    const rest = `未办结的投档单 ${open.length} 份：院校没有处理的档案 ${recalled} 份回到库中，`;
    const lists = `撤销投档单 ${cancelled} 份，转审核 ${submitted} 份，仍在审核 ${waiting} 份。`;
    return {
      lines: [
        `${city} 的${batch.title}已结束。`,
        ...(open.length === 0 ? [] : [`${rest}${lists}`]),
      ],
      values: { over, ...closed },
      counts: { ...closed },
    };
  },
});

/** A batch that has not begun cannot be over. @throws unknown-batch */
function fromItsFirstDay({ policy, target }: PlaceWithPolicy<Input>): OpenSpan[] {
  const batch = policy.batches.find(({ id }) => id === target.batch);
  if (batch === undefined) throw actError('unknown-batch', { batch: target.batch ?? '' });
  const { title, basis, window } = batch;
  const last = `${policy.season + 1}-12-31`;
  return [{ title, basis, window: window === null ? null : [window[0], last] }];
}
