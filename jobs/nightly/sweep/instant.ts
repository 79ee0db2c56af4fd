import { shanghaiMoment } from '../../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import type { Instant } from '../../../engine/rules/actions.ts';
import { tickOn } from '../../run/calendar.ts';

/** The tick of the schedule on that date; its first minute where the schedule has none. */
export function sweepInstant(policy: FullPolicy, date: string): Instant {
  const cron = policy.schedule.jobs.find(({ job }) => job === 'sweep')?.cron;
  const tick = cron === undefined ? undefined : tickOn('sweep', cron, date);
  return { date, now: tick === undefined ? `${date}T00:00` : shanghaiMoment(tick) };
}
