/**
 * What is printed as a roster 录取名册: the one that was issued, frozen under its number and hash, or
 * where none is in force, a draft of the students who are registered now; of a senior high school,
 * of those whom the cities have imported.
 */
import { leaveScope } from '../../db/access/scope.ts';
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import {
  differences,
  type Roster,
  type RosterRow,
  rosterLabel,
  rosterRows,
  rosterStudents,
  rostersOf,
  SENIOR_HIGH,
  unreviewedFiles,
} from '../../db/season/rosters.ts';
import { type SchoolSeat, schoolSeat } from '../../db/season/school-seat.ts';
import { rosterOffice, rosterWindows } from '../../engine/policy/roster-days.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { reportError } from '../errors.ts';
import { rosterError } from './errors.ts';

export interface RosterAsked {
  readonly season: number;
  readonly school: string;
  readonly phase: string;
  /** `YYYY-MM-DD`, Asia/Shanghai. */
  readonly today: string;
}

export interface PrintedRoster {
  readonly seat: SchoolSeat;
  readonly phaseTitle: string;
  /** Code of the city's office; '': the province's. */
  readonly office: string;
  /** null: a draft. */
  readonly roster: Roster | null;
  readonly rows: readonly RosterRow[];
  /** Students who are not on the issued roster as they are registered now (P15). */
  readonly differing: number;
  /** One that was issued and no longer holds; `rows` are then a draft of what would. */
  readonly outdated: Roster | null;
}

/**
 * Reads a roster for an office, which prints its own ones alone, or for the school itself. Ends the
 * reader's scope: a school's students come from many cities, and the roster's office sees them all.
 *
 * An issued roster that holds no longer (P15: what is printed is what is registered) is refused to
 * the office, whose it is to issue it anew. The school, which can't, needs its list all the same:
 * it gets the draft of today, without number and hash.
 *
 * @param user null: the schedule
 * @throws outside-scope, external-roster, unknown-phase, not-a-school-of-kind; for offices
 *   before-roster-days, unreviewed-rows, roster-outdated (P15)
 */
export async function readPrintedRoster(
  session: Session,
  asked: RosterAsked,
  policy: FullPolicy,
  user: User | null,
): Promise<PrintedRoster> {
  const { season, school, phase } = asked;
  await leaveScope(session);
  const seat = await schoolSeat(session, season, school);
  const senior = phase === SENIOR_HIGH;
  if (seat === null || (seat.kind === 'senior-high') !== senior) {
    throw rosterError('not-a-school-of-kind', { school, kind: senior ? '普通高中' : '中职学校' });
  }
  const office = rosterOffice(policy, seat);
  requireOwn(user, seat, office);
  if (seat.roster === 'external') throw rosterError('external-roster', { school });
  const title = senior ? '普通高中' : titleOf(policy, phase);
  const all = await rostersOf(session, season, school, phase);
  const roster = all.find(({ state }) => ['issued', 'reviewed', 'filed'].includes(state)) ?? null;
  const amended = all.some(({ state }) => state === 'amended');
  if (user?.side !== 'school') requireDays(policy, asked, { office, phase, amended });
  const rows =
    roster === null
      ? await rosterStudents(session, season, school, phase)
      : await rosterRows(session, season, roster.roster);
  // What is filed is final: it is amended by a roster of its own.
  const now =
    roster === null || roster.state === 'filed'
      ? rows
      : await rosterStudents(session, season, school, phase);
  const differing = differences(rows, now);
  const about = { seat, phaseTitle: title, office, differing };
  if (user?.side === 'school') {
    return differing > 0
      ? { ...about, roster: null, rows: now, outdated: roster }
      : { ...about, roster, rows, outdated: null };
  }
  const printed = { ...about, roster, rows, outdated: null };
  await requireCurrent(session, asked, policy, printed, now.length);
  return printed;
}

/** @throws outside-scope: the roster is another office's, or another school's */
export function requireOwn(user: User | null, seat: SchoolSeat, office: string): void {
  if (user === null) return;
  const own =
    user.side === 'school'
      ? user.school === seat.school
      : user.kinds.includes(seat.kind) &&
        user.county === null &&
        (user.cities === 'all' || user.cities.includes(office));
  if (own) return;
  throw reportError('outside-scope', { what: `院校 ${seat.school} 的名册`, user: user.user });
}

function titleOf(policy: FullPolicy, id: string): string {
  const phase = policy.phases.find(each => each.id === id);
  if (phase !== undefined) return phase.title;
  const phases = policy.phases.map(each => each.id).join('、');
  throw rosterError('unknown-phase', { phase: id, phases });
}

/** After its days a roster may be printed again: it is the same. */
function requireDays(
  policy: FullPolicy,
  { school, today }: RosterAsked,
  about: { readonly office: string; readonly phase: string; readonly amended: boolean },
): void {
  const firsts = rosterWindows(policy, about).flatMap(({ window }) => window?.[0] ?? []);
  const from = firsts.toSorted()[0] ?? null;
  if (from !== null && from <= today) return;
  throw rosterError('before-roster-days', { school, today, from: from ?? '（尚未公布）' });
}

/** P15: what is printed is what is registered, and all of it is reviewed. */
async function requireCurrent(
  session: Session,
  { season, school, phase }: RosterAsked,
  policy: FullPolicy,
  { roster, rows, phaseTitle, differing }: PrintedRoster,
  registered: number,
): Promise<void> {
  if (roster?.state === 'filed') return;
  const batches = policy.batches.filter(each => each.phase === phase).map(each => each.id);
  const count = await unreviewedFiles(session, season, { school, phase, batches });
  if (count > 0) throw rosterError('unreviewed-rows', { school, phase: phaseTitle, count });
  if (roster === null || differing === 0) return;
  const label = rosterLabel(season, roster);
  const listed = rows.length;
  throw rosterError('roster-outdated', { label, listed, registered, differ: differing });
}
