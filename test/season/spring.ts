/**
 * The spring 春季自主招生 with dates that the province has announced; the shipped policy leaves
 * them empty, and the phase closed.
 */
import type { PolicyFiles } from '../../engine/policy/load.ts';
import { policyFiles } from '../jobs/shipped-policy.ts';

/** The days that are lived: the phase, and its grace with the reverts after it. */
export const SPRING = { from: '2017-03-05', to: '2017-03-24' } as const;

const WINDOW = '[2017-03-06, 2017-03-17]';
const REGISTERED_BY = '2017-03-20';

/** @throws Error where the policy no longer says what is filled in here */
export function springPolicy(): PolicyFiles {
  return policyFiles((path, text) => {
    if (!path.endsWith('calendar.yaml')) return text;
    const phase = /(- id: spring\n(?: {4}.*\n)*? {4}window: )null/u;
    const dates = /(- \{ id: spring-(?:registration|confirmation), title: [^,]*, date: )null/gu;
    if (!phase.test(text) || text.match(dates)?.length !== 2) {
      throw new Error('calendar.yaml has no spring without dates');
    }
    return text.replace(phase, `$1${WINDOW}`).replace(dates, `$1${REGISTERED_BY}`);
  });
}
