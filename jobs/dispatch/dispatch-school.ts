/**
 * 指定院校投档: the dispatch of a round restricted to one school's remaining room (dispatch.md §5).
 * It may follow the round's run for as long as the round goes on, once per school.
 */
import { functionJob } from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { launchDispatch, resumeDispatch } from './parts/launch-dispatch.ts';
import { requireMayDispatch, roundGoingOn } from './parts/round.ts';

interface Input {
  readonly city: string;
  readonly batch: string;
  readonly school: string;
  /** The one that goes on, unless told. */
  readonly round?: number;
}

const TITLE = '指定院校投档';

export const job = functionJob<Input>({
  id: 'dispatch-school',
  title: TITLE,
  sides: ['office'],
  menu: '投档',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: {
    properties: {
      city: INPUT.city,
      batch: INPUT.batch,
      school: INPUT.school,
      round: INPUT.round,
    },
    required: ['city', 'batch', 'school'],
  },
  relatives: true,
  window: 'batch',
  // As dispatch-batch.
  unlocked: true,
  async target({ input, user }) {
    const { city, batch, school } = input;
    const county = user.county === null ? {} : { county: user.county };
    return { cities: [city], batch, school, ...county };
  },
  async launch(launch) {
    const { input, user, businessDate: date } = launch;
    const { season } = launch.environment;
    return launchDispatch(launch, TITLE, async (session, policy) => {
      requireMayDispatch(policy, user, TITLE);
      return roundGoingOn(session, { season, ...input, date, policy });
    });
  },
  resume: resumeDispatch,
});
