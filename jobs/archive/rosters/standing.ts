/** Whether a roster is still what it lists: P15 before each step, under its cities' chains. */
import {
  differences,
  ROSTER_STATES,
  type Roster,
  type RosterRow,
  type RosterState,
  readRoster,
  rosterLabel,
  rosterRows,
  rosterStudents,
  unreviewedFiles,
} from '../../../db/season/rosters.ts';
import { rosterError } from '../../../reports/rosters/errors.ts';
import type { Act } from '../../act/act.ts';
import { phaseTitle } from './office.ts';

/** The roster of the act, in the state that the act needs. @throws roster-not-in-state */
export async function rosterIn<I extends { readonly roster: number }>(
  act: Act<I>,
  state: RosterState,
  action: string,
): Promise<Roster> {
  const roster = await readRoster(act.session, act.season, act.input.roster);
  if (roster === null) throw rosterError('unknown-roster', { roster: act.input.roster });
  if (roster.state === state) return roster;
  throw rosterError('roster-not-in-state', {
    label: rosterLabel(act.season, roster),
    state: ROSTER_STATES[roster.state],
    action,
  });
}

/** @throws unreviewed-rows */
export async function requireReviewed<I>(
  act: Act<I>,
  { school, phase }: Pick<Roster, 'school' | 'phase'>,
): Promise<void> {
  const batches = act.policy.batches.filter(each => each.phase === phase).map(each => each.id);
  const count = await act.asRunner(session =>
    unreviewedFiles(session, act.season, { school, phase, batches }),
  );
  if (count === 0) return;
  const title = phaseTitle(act.policy, phase);
  throw rosterError('unreviewed-rows', { school, phase: title, count });
}

/**
 * The rows of the roster, which are still whom it should list.
 *
 * @throws roster-outdated, unreviewed-rows
 */
export async function currentRows<I>(act: Act<I>, roster: Roster): Promise<RosterRow[]> {
  await requireReviewed(act, roster);
  const { school, phase } = roster;
  const [rows, now] = await act.asRunner(async session => [
    await rosterRows(session, act.season, roster.roster),
    await rosterStudents(session, act.season, school, phase),
  ]);
  const differ = differences(rows as RosterRow[], now as RosterRow[]);
  if (differ === 0) return rows as RosterRow[];
  throw rosterError('roster-outdated', {
    label: rosterLabel(act.season, roster),
    listed: (rows as RosterRow[]).length,
    registered: (now as RosterRow[]).length,
    differ,
  });
}
