/**
 * 点投: one candidate to one school by an officer – at or above the line, or below it with an
 * approved paper; sent, or admitted at once. Within the candidate's choices, unless an approved
 * paper names candidate, school and major; it is used up by it.
 *
 * Permission, conditions, room and major are asked of the engine of a run, over one candidate
 * (engine/dispatch/by-hand.ts); an admission is asked of the policy's quota rules besides.
 */

import type { CityKey } from '../../../db/dispatch/read-city.ts';
import { type OneChoice, ownChoices, readOne } from '../../../db/dispatch/read-one.ts';
import {
  type ApprovalPaper,
  approvedPaper,
  type Ground,
} from '../../../db/season/approval-papers.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import { askByHand, type HandAnswer, withoutLines } from '../../../engine/dispatch/by-hand.ts';
import type { World } from '../../../engine/dispatch/world.ts';
import { STATE_TITLES } from '../../../engine/file/states.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import type { Place, Target } from '../../act/function-job.ts';
import { INPUT } from '../../act/input.ts';
import { candidateTarget } from '../../act/targets.ts';
import { dispatchError } from '../errors.ts';
import { handRefused } from './hand-refusals.ts';
import { requireMayDispatch, roundGoingOn } from './round.ts';

export interface PointInput {
  readonly candidate_no: string;
  readonly batch: string;
  readonly school: string;
  /** What the choice or the paper gives, unless told. */
  readonly major?: string;
}

export const POINT_INPUT = {
  properties: {
    candidate_no: INPUT.candidate_no,
    batch: INPUT.batch,
    school: INPUT.school,
    major: INPUT.major,
  },
  required: ['candidate_no', 'batch', 'school'],
} as const;

/** The candidate's city and county, and the school that he is to be sent to. */
export async function pointTarget(place: Place<PointInput>): Promise<Target> {
  const { cities, county } = await candidateTarget(place);
  const { batch, school } = place.input;
  return { cities, ...(county === undefined ? {} : { county }), batch, school };
}

/** What the four point dispatches 点投 have in common; what differs stands in each. */
export const POINT_DISPATCH = {
  sides: ['office'],
  menu: '投档',
  annex: true,
  levels: ['province', 'city', 'county'],
  input: POINT_INPUT,
  relatives: true,
  window: 'batch',
  target: pointTarget,
} as const;

/** What the engine and the papers say; nothing is changed yet. */
export interface Point {
  readonly file: StandingFile;
  readonly round: number;
  readonly phase: string;
  readonly world: World;
  readonly answer: HandAnswer;
  /** Used up by it; null: within the choices, and at or above the line. */
  readonly paper: ApprovalPaper | null;
  /** 0: not one of his choices. */
  readonly ordinal: number;
  readonly belowLine: boolean;
}

export interface PointOptions {
  readonly title: string;
  readonly belowLine: boolean;
}

/**
 * Finds out whether the candidate may be sent.
 *
 * @throws not-in-pool, application-open, outside-choices, no-approval-paper, not-below-line, what a
 *   start rule or a rule of the school says, or a reason of dispatch.md
 */
export async function findPoint(act: Act<PointInput>, options: PointOptions): Promise<Point> {
  const { input, season, policy, businessDate: date } = act;
  requireMayDispatch(policy, act.user, options.title);
  const file = await poolFile(act, options.title);
  const { city } = file;
  const { batch, round } = await act.asRunner(session =>
    roundGoingOn(session, { season, city, batch: input.batch, date, policy }),
  );
  const attributes = policy.attributes.map(({ name }) => name);
  const key = { season, city, batch: batch.id, round, date, attributes };
  const { belowLine } = options;
  const { school, major = null } = input;
  const grounds: Ground[] = belowLine ? ['below-line'] : ['below-line', 'outside-choices'];
  const named = { city, file: file.file, school, batch: batch.id, major, grounds };
  const paper = await approvedPaper(act.session, season, named);
  const own = await act.asRunner(session => ownChoices(session, key, file.file));
  const way = wayOf(input, own, paper, belowLine);
  const { world, answer } = await ask(act, key, file, { way, belowLine });
  const base = { file, round, phase: batch.phase, world, answer, belowLine };
  return { ...base, paper: way.paper, ordinal: way.ordinal };
}

async function poolFile(act: Act<PointInput>, title: string): Promise<StandingFile> {
  const candidate = act.input.candidate_no;
  const file = await act.candidate(candidate);
  if (file.state !== 'in-pool') {
    throw dispatchError('not-in-pool', { candidate, state: STATE_TITLES[file.state] });
  }
  if (file.openApplications > 0) throw actError('application-open', { candidate, event: title });
  return file;
}

/** By which choice he is sent. */
interface Way {
  readonly choice: OneChoice;
  readonly paper: ApprovalPaper | null;
  readonly ordinal: number;
}

/** @throws outside-choices, no-approval-paper */
function wayOf(
  { candidate_no: candidate, school, major }: PointInput,
  own: readonly OneChoice[],
  paper: ApprovalPaper | null,
  belowLine: boolean,
): Way {
  const chosen = own.find(choice => choice.school === school);
  const within = chosen !== undefined && (major === undefined || offers(chosen, major));
  if (belowLine && paper === null) throw dispatchError('no-approval-paper', { candidate, school });
  if (within && !belowLine) {
    const choice = major === undefined ? chosen : { ...chosen, majors: major, adjustment: false };
    return { choice, paper: null, ordinal: chosen.ordinal };
  }
  if (paper === null) {
    const named = major === undefined ? '' : `的专业 ${major} `;
    throw dispatchError('outside-choices', { candidate, school, major: named });
  }
  const after = Math.max(0, ...own.map(choice => choice.ordinal)) + 1;
  const ordinal = chosen?.ordinal ?? after;
  const choice = { ordinal, school, majors: paper.major, adjustment: false };
  return { choice, paper, ordinal: chosen?.ordinal ?? 0 };
}

function offers(choice: OneChoice, major: string): boolean {
  return choice.adjustment || choice.majors.split(' ').includes(major);
}

async function ask(
  act: Act<PointInput>,
  key: CityKey,
  file: StandingFile,
  { way, belowLine }: { readonly way: Way; readonly belowLine: boolean },
): Promise<{ world: World; answer: HandAnswer }> {
  const { policy } = act;
  const { candidate_no: candidate, school } = act.input;
  const world = await act.asRunner(session => readOne(session, key, file, way.choice));
  const randomness = { random: () => 0, recheckSample: 1 };
  const place = { candidate, school, city: key.city };
  const answer = await askByHand(world, policy, school, randomness);
  if (!belowLine) {
    if (answer.refusal !== null) throw handRefused(place, answer.refusal);
    return { world, answer };
  }
  if (answer.refusal === null || answer.refusal.code === 'full') {
    throw dispatchError('not-below-line', place);
  }
  if (!answer.refusal.belowLine) throw handRefused(place, answer.refusal);
  const waived = withoutLines(policy, key.batch);
  const below = await askByHand(world, waived, school, randomness);
  if (below.refusal !== null) throw handRefused(place, below.refusal);
  return { world, answer: below };
}
