/**
 * Whose roster it is and when (n66 一（四））: schools of the province, of ministries and from
 * outside are the province's, all others their city's unless the policy says otherwise; each has
 * its days per phase.
 */
import { valueById } from './calendar.ts';
import type { CalendarWindow, FullPolicy } from './types.ts';

const OF_PROVINCE: ReadonlySet<string> = new Set(['province', 'ministry', 'out-of-province']);

/** The office that files the school's rosters: its city's; '': the province. */
export function rosterOffice(
  policy: FullPolicy,
  seat: { readonly owner: string; readonly city: string },
): string {
  if (OF_PROVINCE.has(seat.owner)) return '';
  return valueById(policy, 'roster-owner-other', 'text').value === 'city' ? seat.city : '';
}

/** @param amended a roster of the school and phase has been amended: the further days count too */
export function rosterWindows(
  policy: FullPolicy,
  about: { readonly office: string; readonly phase: string; readonly amended: boolean },
): CalendarWindow[] {
  const own = `roster-${about.office === '' ? 'province' : 'city'}-${about.phase}`;
  const wanted = about.amended ? [own, 'roster-amendment'] : [own];
  return policy.windows.filter(({ id }) => wanted.includes(id));
}
