/** When applications may be made and reviewed (calendar.md); the dates stand in the policy. */
import {
  daysAfter,
  recruitmentPhases,
  valueById,
  windowById,
} from '../../../engine/policy/calendar.ts';
import type { OpenSpan, PlaceWithPolicy } from '../../act/function-job.ts';

type Spans = readonly OpenSpan[];

/** 录后退与转录 have a window of their own. */
export function withdrawalSpans<I>({ policy }: PlaceWithPolicy<I>): Spans {
  return [windowById(policy, 'withdrawal')];
}

/** The target's batch. */
export function batchSpans<I>({ policy, target }: PlaceWithPolicy<I>): Spans {
  return policy.batches
    .filter(batch => target.batch === undefined || batch.id === target.batch)
    .map(({ title, basis, window }) => ({ title, basis, window }));
}

/** Plan changes: while the batch is dispatched, and in every phase (flow chart, n66 附件3). */
export function planSpans<I>(place: PlaceWithPolicy<I>): Spans {
  return [...batchSpans(place), ...place.policy.phases];
}

/** Supplements: the phases in which schools recruit by themselves. */
export function recruitmentSpans<I>({ policy }: PlaceWithPolicy<I>): Spans {
  return recruitmentPhases(policy);
}

/** What came in on the last day is reviewed in the days of grace that the policy gives. */
export function withGrace<I>(spans: (place: PlaceWithPolicy<I>) => Spans) {
  return (place: PlaceWithPolicy<I>): Spans => {
    const days = valueById(place.policy, 'review-grace-days', 'number').value;
    return spans(place).map(({ title, basis, window }) => ({
      title,
      basis,
      window: window === null ? null : ([window[0], daysAfter(window[1], days)] as const),
    }));
  };
}
