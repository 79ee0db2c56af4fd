/** The office, the days and the cities of a roster's acts. */
import {
  citiesOfStudents,
  type Roster,
  readRoster,
  SENIOR_HIGH,
} from '../../../db/season/rosters.ts';
import type { SchoolSeat } from '../../../db/season/school-seat.ts';
import { schoolSeat } from '../../../db/season/school-seat.ts';
import { rosterOffice, rosterWindows } from '../../../engine/policy/roster-days.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { rosterError } from '../../../reports/rosters/errors.ts';
import { CityPolicies } from '../../act/city-policies.ts';
import { actError } from '../../act/errors.ts';
import type { OpenSpan, Place, Target } from '../../act/function-job.ts';

const SENIOR_HIGH_TITLE = '普通高中';

/** A senior high has rosters of its own kind, and no other school has them. @throws wrong-phase */
export function requirePhaseOf(policy: FullPolicy, seat: SchoolSeat, phase: string): void {
  phaseTitle(policy, phase);
  const senior = seat.kind === 'senior-high';
  if (senior === (phase === SENIOR_HIGH)) return;
  const phases = senior ? SENIOR_HIGH : policy.phases.map(each => each.id).join('、');
  throw rosterError('wrong-phase', { school: seat.school, phase, phases });
}

/** @throws unknown-school */
export async function seatOf(place: Place<unknown>, school: string): Promise<SchoolSeat> {
  const seat = await schoolSeat(place.session, place.season, school);
  if (seat === null) throw actError('unknown-school', { school });
  return seat;
}

/**
 * The office's city, the school, and the home cities of all students, whose chains stand still
 * while the roster is compared with them.
 */
export async function rosterTarget(
  place: Place<unknown>,
  about: { readonly school: string; readonly phase: string },
): Promise<Target> {
  const { session, season } = place;
  const seat = await seatOf(place, about.school);
  const policy = await new CityPolicies(session, season).of(null);
  const office = rosterOffice(policy, seat);
  const homes = await citiesOfStudents(session, season, about.school, about.phase);
  const own = office === '' ? [] : [office];
  return { cities: [...new Set([...own, ...homes])], ofUser: own, school: about.school };
}

/** The target of an act on a roster that is there. @throws unknown-roster */
export async function numberedTarget(place: Place<{ readonly roster: number }>): Promise<Target> {
  return rosterTarget(place, await rosterOf(place));
}

/** @throws unknown-roster */
export async function rosterOf(place: Place<{ readonly roster: number }>): Promise<Roster> {
  const { session, season, input } = place;
  const roster = await readRoster(session, season, input.roster);
  if (roster === null) throw rosterError('unknown-roster', { roster: input.roster });
  return roster;
}

/** @param amended a roster of the school and phase has been amended: the further days count too */
export function rosterSpans(
  policy: FullPolicy,
  about: { readonly office: string; readonly phase: string; readonly amended: boolean },
): OpenSpan[] {
  const spans = rosterWindows(policy, about);
  if (spans.length > 0) return spans;
  const phase = phaseTitle(policy, about.phase);
  return [{ title: `${phase}录取名册打印、审核、备案`, basis: 'n66 一（四）', window: null }];
}

/** Of a senior high school 普通高中; else as the policy calls it. @throws unknown-phase */
export function phaseTitle(policy: FullPolicy, id: string): string {
  if (id === SENIOR_HIGH) return SENIOR_HIGH_TITLE;
  const phase = policy.phases.find(each => each.id === id);
  if (phase !== undefined) return phase.title;
  const phases = policy.phases.map(each => each.id).join('、');
  throw rosterError('unknown-phase', { phase: id, phases });
}
