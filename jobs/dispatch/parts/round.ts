/**
 * The round that an act of dispatching belongs to, under the same start rules as the night's run
 * (policy `start`), and who may dispatch at all.
 */
import type { User } from '../../../db/access/user.ts';
import type { Session } from '../../../db/connect.ts';
import { dueRounds } from '../../../db/dispatch/standing.ts';
import { valueById } from '../../../engine/policy/calendar.ts';
import type { Batch, FullPolicy } from '../../../engine/policy/types.ts';
import { actError } from '../../act/errors.ts';
import { KIND_TITLES } from '../../act/guards.ts';
import {
  batchOf,
  currentRound,
  requireOpenRound,
  requireStart,
  standingOf,
} from '../../nightly/dispatch/start.ts';
import { dispatchError } from '../errors.ts';

export interface RoundQuestion {
  readonly season: number;
  readonly city: string;
  readonly batch: string;
  /** Not told: see each function. */
  readonly round?: number | undefined;
  readonly date: string;
  readonly policy: FullPolicy;
}

export interface OpenRound {
  readonly batch: Batch;
  readonly round: number;
}

/**
 * A round to be dispatched as a whole: the one asked for, else the first that is open and not yet
 * run, else the last one.
 *
 * @throws unknown-city, unknown-batch, round-not-open, batch-closed, or what a start rule says
 */
export async function roundToRun(session: Session, question: RoundQuestion): Promise<OpenRound> {
  const { season, city, policy, date } = question;
  const batch = batchOf(policy, question.batch);
  const standing = await standingOf(session, season, city);
  const due = dueRounds(batch, standing, date)[0];
  const round = question.round ?? due ?? currentRound(standing, batch);
  requireOpenRound(batch, round, standing);
  await requireStart({ policy, batch, round, standing, date });
  return { batch, round };
}

/**
 * The round that goes on. What follows a round's run – one school, lots, single candidates – may
 * follow it until the next one is opened.
 *
 * @throws as roundToRun, and round-over
 */
export async function roundGoingOn(session: Session, question: RoundQuestion): Promise<OpenRound> {
  const { season, city, policy, date } = question;
  const batch = batchOf(policy, question.batch);
  const standing = await standingOf(session, season, city);
  const current = currentRound(standing, batch);
  const { round = current } = question;
  requireOpenRound(batch, round, standing);
  if (round < current) {
    throw dispatchError('round-over', { city, batch: batch.title, round, current });
  }
  await requireStart({ policy, batch, round, standing, date });
  return { batch, round };
}

/** The notice leaves it open whether counties dispatch. @throws county-may-not-dispatch */
export function requireMayDispatch(policy: FullPolicy, user: User, title: string): void {
  if (user.level !== 'county') return;
  const { value, title: named, basis } = valueById(policy, 'county-may-dispatch', 'boolean');
  if (!value) throw dispatchError('county-may-not-dispatch', { title, value: named }, { basis });
}

/**
 * Rule 19: each office dispatches its kinds of schools, so a whole batch is dispatched by whoever
 * is in charge of all kinds in it.
 *
 * @throws out-of-scope
 */
export async function requireKindsInCharge(
  session: Session,
  season: number,
  user: User,
  batch: Batch,
): Promise<void> {
  const kinds = batch.kinds ?? (await kindsOf(session, season, batch.schools ?? []));
  const foreign = kinds.find(kind => !user.kinds.includes(kind));
  if (foreign === undefined) return;
  const what = `${batch.title}中的${KIND_TITLES[foreign] ?? foreign}`;
  throw actError('out-of-scope', { what, user: user.user });
}

async function kindsOf(
  session: Session,
  season: number,
  schools: readonly string[],
): Promise<string[]> {
  const rows = await session.query<{ kind: string }>(
    `select distinct kind from schools
     where season = $1::smallint and code = any($2::text[]) order by 1`,
    [season, schools],
  );
  return rows.map(row => row.kind);
}

/** By lot nothing is placed without the seed that was drawn. @throws no-seed */
export function requireSeed(city: string, { title, dispatch }: Batch): string {
  if (dispatch.seed === null || dispatch.seed === '') {
    throw dispatchError('no-seed', { city, batch: title });
  }
  return dispatch.seed;
}
