/**
 * 发布录取名册: freezes the registered students of a school and phase under a number and a hash, or, of
 * a senior high school, whom the cities have imported as admitted there. A
 * roster that was issued before and not filed is superseded; after an amendment the next one is
 * marked 变更. The same students again issue no second roster.
 */
import { takeNumbers } from '../../db/season/counters.ts';
import {
  differences,
  insertRoster,
  insertRosterRows,
  moveRoster,
  type Roster,
  type RosterRow,
  rosterHash,
  rosterLabel,
  rosterRows,
  rosterStudents,
  rostersOf,
  SENIOR_HIGH,
} from '../../db/season/rosters.ts';
import { type SchoolSeat, schoolSeat } from '../../db/season/school-seat.ts';
import { seniorHighCities } from '../../db/season/senior-high-cities.ts';
import { rosterOffice } from '../../engine/policy/roster-days.ts';
import { rosterError } from '../../reports/rosters/errors.ts';
import type { Act } from '../act/act.ts';
import {
  type Answer,
  functionJob,
  type OpenSpan,
  type PlaceWithPolicy,
} from '../act/function-job.ts';
import { INPUT } from '../act/input.ts';
import { phaseTitle, requirePhaseOf, rosterSpans, rosterTarget, seatOf } from './rosters/office.ts';
import { requireReviewed } from './rosters/standing.ts';

interface Input {
  readonly school: string;
  readonly phase: string;
}

export const job = functionJob<Input>({
  id: 'issue-roster',
  title: '发布录取名册',
  sides: ['office'],
  menu: '档案管理',
  annex: false,
  input: {
    properties: {
      school: INPUT.school,
      phase: {
        type: 'string',
        minLength: 1,
        maxLength: 60,
        description: `阶段；普通高中写 ${SENIOR_HIGH}`,
      },
    },
    required: ['school', 'phase'],
  },
  relatives: true,
  window,
  target: place => rosterTarget(place, place.input),
  effect: issue,
});

async function window(place: PlaceWithPolicy<Input>): Promise<OpenSpan[]> {
  const { session, season, policy, input } = place;
  const seat = await seatOf(place, input.school);
  requirePhaseOf(policy, seat, input.phase);
  if (seat.roster === 'external') throw rosterError('external-roster', { school: input.school });
  const former = await rostersOf(session, season, input.school, input.phase);
  const amended = former.some(({ state }) => state === 'amended');
  const office = rosterOffice(policy, seat);
  return rosterSpans(policy, { office, phase: input.phase, amended });
}

async function issue(act: Act<Input>): Promise<Answer> {
  const { input, season } = act;
  const { school, phase } = input;
  const seat = await schoolSeat(act.session, season, school);
  if (seat === null) throw new Error(`school ${school} is gone`);
  const former = await act.asRunner(session => rostersOf(session, season, school, phase));
  const title = phaseTitle(act.policy, phase);
  const standing = former.find(({ state }) => ['issued', 'reviewed', 'filed'].includes(state));
  if (standing?.state === 'filed') {
    const label = rosterLabel(season, standing);
    throw rosterError('roster-filed', { school, phase: title, label });
  }
  await requireReviewed(act, input);
  const rows = await act.asRunner(session => rosterStudents(session, season, school, phase));
  const open = phase === SENIOR_HIGH ? await requireImported(act, seat, rows) : [];
  if (rows.length === 0) {
    const code = phase === SENIOR_HIGH ? 'no-imported' : 'no-registered';
    throw rosterError(code, { school, phase: title });
  }
  if (standing !== undefined) {
    const same = await unchanged(act, standing, rows);
    if (same) return answer(act, standing, `已发布且没有变化，未重复发布`, open);
    const by = { by: act.user.user, at: act.at, on: act.businessDate };
    await moveRoster(act.session, season, standing.roster, 'superseded', by);
  }
  const version = 1 + former.filter(({ state }) => state === 'amended').length;
  const office = rosterOffice(act.policy, seat);
  const roster = await freeze(act, { school, phase, version, city: office }, rows);
  act.record({
    note: {
      roster: roster.roster,
      phase,
      version,
      hash: roster.hash,
      rows: rows.length,
      ...(standing === undefined ? {} : { supersedes: standing.roster }),
    },
  });
  return answer(act, roster, `已发布，共 ${rows.length} 人，待另一人审核`, open);
}

/**
 * The school's own city has marked its import as complete (n66 二（四）).
 *
 * @returns other cities of its students that have not: what they import later makes the roster
 *   outdated
 * @throws senior-high-incomplete
 */
async function requireImported(
  act: Act<Input>,
  seat: SchoolSeat,
  rows: readonly RosterRow[],
): Promise<string[]> {
  const complete = await act.asRunner(session => seniorHighCities(session, act.season));
  if (seat.city !== '' && !complete.has(seat.city)) {
    throw rosterError('senior-high-incomplete', { city: seat.city, school: seat.school });
  }
  return [...new Set(rows.map(({ city }) => city))].filter(city => !complete.has(city));
}

async function unchanged(
  act: Act<Input>,
  standing: Roster,
  rows: readonly RosterRow[],
): Promise<boolean> {
  const listed = await act.asRunner(session => rosterRows(session, act.season, standing.roster));
  return differences(listed, rows) === 0;
}

async function freeze(
  act: Act<Input>,
  about: Pick<Roster, 'school' | 'phase' | 'version' | 'city'>,
  rows: readonly RosterRow[],
): Promise<Pick<Roster, 'roster' | 'version' | 'hash'>> {
  const { season } = act;
  const roster = await act.asRunner(session => takeNumbers(session, season, 'roster'));
  const hash = rosterHash(season, { roster, ...about }, rows);
  const issued = { at: act.at, on: act.businessDate };
  const issuedBy = act.user.user;
  const rowCount = rows.length;
  await insertRoster(act.session, season, { roster, hash, issuedBy, rowCount, ...about }, issued);
  await act.asRunner(session => insertRosterRows(session, season, roster, rows));
  return { roster, version: about.version, hash };
}

function answer(
  act: Act<Input>,
  roster: Pick<Roster, 'roster' | 'version' | 'hash'>,
  said: string,
  open: readonly string[],
): Answer {
  const label = rosterLabel(act.season, roster);
  const lines = [`名册 ${label} ${said}。校验值 ${roster.hash}。`];
  if (open.length > 0) {
    const cities = open.join('、');
    lines.push(`${cities} 的普高录取数据尚未标记导入完成；如有增减，名册须重新发布。`);
  }
  return {
    lines,
    values: { roster: roster.roster, version: roster.version, hash: roster.hash },
  };
}
