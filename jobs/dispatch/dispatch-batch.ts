/**
 * 批量投档: the dispatch of a round of a batch in a city, by an officer instead of the night. One
 * run per round, however it is started.
 */
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { launchDispatch, resumeDispatch } from './parts/launch-dispatch.ts';
import { requireKindsInCharge, requireMayDispatch, roundToRun } from './parts/round.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  /** The first that is open and not yet run, unless told. */
  readonly round?: number;
}

const TITLE = '批量投档';

export const job = functionJob<Input>({
  id: 'dispatch-batch',
  title: TITLE,
  sides: ['office'],
  menu: '投档',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: { city: INPUT.city, batch: INPUT.batch, round: INPUT.round },
    required: ['city', 'batch'],
  },
  relatives: true,
  window: 'batch',
  // A region is locked (锁定系统) so that it can be dispatched; a run that goes on is refused below.
  unlocked: true,
  async target({ input, user }) {
    const county = user.county === null ? {} : { county: user.county };
    return { cities: [input.city], batch: input.batch, ...county };
  },
  async launch(launch) {
    const { input, user, businessDate: date } = launch;
    const { season } = launch.environment;
    return launchDispatch(launch, TITLE, async (session, policy) => {
      requireMayDispatch(policy, user, TITLE);
      const open = await roundToRun(session, { season, ...input, date, policy });
      await requireKindsInCharge(session, season, user, open.batch);
      return open;
    });
  },
  resume: resumeDispatch,
});
