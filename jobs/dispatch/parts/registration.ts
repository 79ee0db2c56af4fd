/**
 * Registration 注册: until when the school confirms an admitted student, and whose files it may
 * touch.
 */
import { locateCandidates, readFiles, type StandingFile } from '../../../db/season/files.ts';
import { confirmationDay, daysAfter, valueById } from '../../../engine/policy/calendar.ts';
import type { FullPolicy } from '../../../engine/policy/types.ts';
import { actError } from '../../act/errors.ts';
import type { Place, Target } from '../../act/function-job.ts';

/**
 * Candidates whose files are at the user's school, or nowhere. One that is at another school makes
 * the target foreign, and the runner refuses it as such.
 */
export async function ownFilesTarget(
  { session, season, user }: Pick<Place<unknown>, 'session' | 'season' | 'user'>,
  candidates: readonly string[],
): Promise<Target> {
  const found = await locateCandidates(session, season, candidates);
  const unknown = candidates.find(candidate => !found.has(candidate));
  if (unknown !== undefined) throw actError('unknown-candidate', { candidate: unknown });
  const cities = Map.groupBy(found.values(), place => place.city);
  let school = user.school;
  for (const [city, members] of cities) {
    const ids = members.map(({ file }) => file);
    for (const file of await readFiles(session, season, city, ids)) {
      if (file.school !== null && file.school !== user.school) ({ school } = file);
    }
  }
  return { cities: [...cities.keys()].toSorted(), ...(school === null ? {} : { school }) };
}

/**
 * The last day on which a school may register the student of a file, or take it back; null: none is
 * announced, and nobody is registered: a phase without dates is closed (calendar.md).
 *
 * - after a transfer: the file's own day;
 * - else the confirmation day of the phase of admission; where the policy says so, the days up to
 *   the sweep still count;
 * - where an office has reopened registration: the day that it gave.
 */
export function lastDayToRegister(policy: FullPolicy, file: StandingFile): string | null {
  if (file.phase === null) return null;
  const day = file.registerBy ?? phaseDay(policy, file.phase);
  const reopened = file.reopenedUntil;
  return reopened !== null && (day === null || reopened > day) ? reopened : day;
}

function phaseDay(policy: FullPolicy, phase: string): string | null {
  const day = confirmationDay(policy, phase);
  const stays = valueById(policy, 'confirmation-reopens-on-last-day', 'boolean').value;
  const sweep = lastDayBeforeSweep(policy, phase);
  return day !== null && stays && sweep !== null && sweep > day ? sweep : day;
}

/** The last whole day before the sweep reverts a phase's unregistered; null: not announced. */
export function lastDayBeforeSweep(policy: FullPolicy, phase: string): string | null {
  const revert = policy.deadlines.find(({ id }) => id === `${phase}-revert`)?.date ?? null;
  if (revert === null) return null;
  const moment = valueById(policy, 'revert-moment', 'text').value;
  return moment === 'end' ? revert : daysAfter(revert, -1);
}
