/**
 * What stands before every act, in this order: right, declaration, scope, region lock, window,
 * working times, running dispatch. Each refusal has its code, its sentence and its basis; nothing
 * has been read or written by the function yet, and nothing is hidden: a foreign target is refused
 * as such.
 */
import { accessError } from '../../db/access/errors.ts';
import { anyLockedBy } from '../../db/access/locks.ts';
import { seeSession } from '../../db/access/sessions.ts';
import type { User } from '../../db/access/user.ts';
import type { Session } from '../../db/connect.ts';
import { FOR_ANY_VALUES, keptStatements } from '../../db/kept-statements.ts';
import type { FullPolicy } from '../../engine/policy/types.ts';
import { lockKey } from '../run/lock.ts';
import { actError } from './errors.ts';
import type { FunctionJob, OpenSpan, PlaceWithPolicy, Target } from './function-job.ts';

const LEVELS: Readonly<Record<User['level'], string>> = {
  province: '省级',
  city: '市级',
  county: '县区级',
  school: '学校',
};

/**
 * Side, level and function.
 *
 * @throws user-disabled, wrong-side, password-change-needed, wrong-level, no-function
 */
export function checkRight(job: FunctionJob, user: User, input: unknown): void {
  if (user.disabled) throw actError('user-disabled', { user: user.user });
  if (!job.sides.includes(user.side)) {
    throw actError('wrong-side', { title: job.title, user: user.user });
  }
  if (user.mustChangePassword && job.beforePasswordChange !== true) {
    throw actError('password-change-needed', {});
  }
  if (job.withoutFunction?.(input) === true) return;
  const levels = job.levels ?? ['province', 'city'];
  if (user.side === 'office' && !levels.includes(user.level)) {
    throw actError('wrong-level', { title: job.title, level: LEVELS[user.level] });
  }
  if (job.beforePasswordChange !== true && !user.functions.has(job.id)) {
    throw actError('no-function', { title: job.title, user: user.user });
  }
}

/**
 * The session is open, the user's own, and its screen is not locked. A user who has signed in for
 * one act alone has none.
 *
 * @throws no-session, screen-locked
 */
export async function checkSession(
  job: FunctionJob,
  session: Session,
  speaker: { readonly user: User; readonly token: string | undefined; readonly at: Date },
): Promise<void> {
  const { user, token, at } = speaker;
  if (token === undefined) return;
  const open = await seeSession(session, token, at);
  if (open === null || open.user !== user.user) throw accessError('no-session');
  if (open.locked && job.behindLockedScreen !== true) {
    throw actError('screen-locked', { title: job.title });
  }
}

/**
 * Rule 10 of the calendar (n66 二（一）): whoever has a direct relative applying this year to a
 * school or major with a score line takes part in nothing.
 *
 * @throws undeclared, relative
 */
export async function checkRelatives(
  job: FunctionJob,
  place: { session: Session; season: number; user: User },
  cityPolicy: (city: string) => Promise<FullPolicy>,
): Promise<void> {
  if (!job.relatives) return;
  const { declaration } = place.user;
  if (declaration === null) throw actError('undeclared', { title: job.title });
  if (declaration.relatives.length === 0) return;
  const wanted = await place.session.query<{ city: string; batch: string; school: string }>(
    `with relative as (
       select city, file from candidate_numbers
       where season = $1::smallint and candidate_no = any($2::text[]))
     select r.city, c.batch, c.school from relative r
       join choices c on c.season = $1::smallint and c.city = r.city and c.file = r.file
     union
     select r.city, coalesce(a.batch, '') as batch, a.school from relative r
       join applications a on a.season = $1::smallint and a.city = r.city and a.file = r.file
     union
     select r.city, coalesce(f.batch, ''), f.school from relative r
       join files f on f.season = $1::smallint and f.city = r.city and f.file = r.file
       where f.school is not null`,
    [place.season, declaration.relatives],
  );
  for (const { city, batch, school } of wanted) {
    const { regionLines, schoolLines } = await cityPolicy(city);
    const here = (line: { region: string; batch: string }) =>
      line.region === city && (batch === '' || line.batch === batch);
    const limited =
      regionLines.some(here) || schoolLines.some(line => line.school === school && here(line));
    if (limited) throw actError('relative', { title: job.title });
  }
}

/**
 * Is the target in the user's charge: an office's regions × school kinds, or a school.
 *
 * @throws out-of-scope, unknown-school, unknown-city
 */
export async function checkScope(
  session: Session,
  season: number,
  user: User,
  target: Target,
): Promise<ScopeChecked> {
  const places = await placesOf(session, season, target);
  requireScope(user, target, places);
  return { locks: places.locks };
}

/** What the question about an act's places tells beside. */
export interface ScopeChecked {
  /** Some region of the season is locked. */
  readonly locks: boolean;
}

function requireScope(user: User, target: Target, { kind, known }: Places): void {
  const refuse = (what: string) => actError('out-of-scope', { what, user: user.user });
  if (target.school !== undefined && kind === null) {
    throw actError('unknown-school', { school: target.school });
  }
  if (target.own === true) return;
  if (user.level === 'school') {
    if (target.school !== user.school) throw refuse(`院校 ${target.school ?? ''}`);
    return;
  }
  const cities = target.ofUser ?? target.cities;
  const unknown = target.cities.find(city => !known.includes(city));
  if (unknown !== undefined) throw actError('unknown-city', { city: unknown });
  if (user.cities !== 'all') {
    if (cities.length === 0) throw refuse('全省事务');
    const foreign = cities.find(city => !user.cities.includes(city));
    if (foreign !== undefined) throw refuse(`地市 ${foreign}`);
  }
  if (user.county !== null && target.county !== user.county) {
    throw refuse(`县区 ${target.county ?? '（未指明）'}`);
  }
  if (kind !== null && !user.kinds.includes(kind)) throw refuse(`院校 ${target.school ?? ''}`);
}

interface Places extends ScopeChecked {
  /** Of the target's school; null: there is none. */
  readonly kind: string | null;
  /** Those of its cities that are. */
  readonly known: readonly string[];
}

async function placesOf(
  session: Session,
  season: number,
  { school, cities }: Target,
): Promise<Places> {
  const [places] = await session.query<Places>(
    `select exists (select from region_locks where season = $1::smallint) as locks,
       (select kind from schools where season = $1::smallint and code = $2) as kind,
       array(select code from regions
         where season = $1::smallint and level = 'city' and code = any($3::text[])) as known`,
    [season, school ?? null, cities],
  );
  return places ?? { kind: null, known: [], locks: true };
}

/** @throws region-locked */
export async function checkRegionLock(
  job: FunctionJob,
  session: Session,
  season: number,
  target: Target,
  { locks }: ScopeChecked,
): Promise<void> {
  if (job.unlocked === true || !locks) return;
  // A county's lock holds what concerns its people; the locks above it hold it too.
  const regions = target.county ? [...target.cities, target.county] : target.cities;
  if (regions.length === 0) return;
  const lock = await anyLockedBy(session, season, regions);
  if (lock !== null) throw actError('region-locked', { region: lock.region });
}

/**
 * Rule 19: admission offices and technical-admission offices each answer for their kinds of
 * schools; what holds for all of them is done by an office in charge of all.
 *
 * @throws out-of-scope
 */
export function checkEveryKind(job: FunctionJob, user: User, policy: FullPolicy): void {
  if (job.everyKind !== true || user.side !== 'office' || user.level === 'province') return;
  const kinds = new Set(policy.batches.flatMap(batch => batch.kinds ?? []));
  const foreign = [...kinds].find(kind => !user.kinds.includes(kind));
  if (foreign === undefined) return;
  const what = `“${job.title}”涉及的${KIND_TITLES[foreign] ?? foreign}`;
  throw actError('out-of-scope', { what, user: user.user });
}

/** Kinds of schools, as refusals word them. */
export const KIND_TITLES: Readonly<Record<string, string>> = {
  'senior-high': '普通高中',
  vocational: '中等职业学校',
  technical: '技工学校',
};

/** @throws window-closed, unknown-batch */
export async function checkWindow<I>(job: FunctionJob<I>, place: PlaceWithPolicy<I>) {
  const rule = typeof job.window === 'function' ? await job.window(place) : job.window;
  if (rule === 'none') return;
  // A file that is nowhere has no batch: the function says what is wrong with it.
  if (rule === 'batch' && place.target.batch === undefined) return;
  const spans = rule === 'batch' ? [batchSpan(place)] : rule;
  const { businessDate: date } = place;
  const open = spans.some(
    ({ window }) => window !== null && window[0] <= date && date <= window[1],
  );
  if (open) return;
  const said = spans.map(({ title, window }) =>
    window === null ? `${title}（时间未公布）` : `${title}为 ${window[0]} 至 ${window[1]}`,
  );
  const basis = spans[0]?.basis;
  throw actError(
    'window-closed',
    { date, title: job.title, spans: said.join('；') },
    basis === undefined ? {} : { basis },
  );
}

function batchSpan<I>({ target, policy }: PlaceWithPolicy<I>): OpenSpan {
  const batch = policy.batches.find(each => each.id === target.batch);
  if (batch === undefined) throw actError('unknown-batch', { batch: target.batch ?? '' });
  return { title: batch.title, basis: batch.basis, window: batch.window };
}

/**
 * 录取工作安排: a school works in the times that the city has entered for it; where none are
 * entered, the window alone counts.
 *
 * @throws outside-schedule
 */
export async function checkSchedule(
  job: FunctionJob,
  place: { session: Session; season: number; at: Date; target: Target },
): Promise<void> {
  const { session, season, at, target } = place;
  if (job.schedule !== true || target.school === undefined || target.batch === undefined) return;
  const rows = await session.query<{ open: boolean; opens: string; closes: string }>(
    `select $5::timestamptz between opens_at and closes_at as open,
       to_char(opens_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as opens,
       to_char(closes_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') as closes
     from school_schedules
     where season = $1::smallint and city = any($2::text[]) and school = $3 and batch = $4`,
    [season, target.cities, target.school, target.batch, at],
  );
  const closed = rows.find(row => !row.open);
  if (closed !== undefined) {
    throw actError('outside-schedule', { opens: closed.opens, closes: closed.closes });
  }
}

/**
 * While a run of a city × batch goes on, acts on it are refused, not queued; and while an act goes
 * on, a run waits. Held to the end of the transaction.
 *
 * @throws run-in-progress
 */
export async function checkRunning(
  job: FunctionJob,
  session: Session,
  target: Target,
  policy: FullPolicy | null,
): Promise<void> {
  if (job.unlocked === true) return;
  const batches =
    target.batch === undefined ? (policy?.batches ?? []).map(batch => batch.id) : [target.batch];
  const pairs = target.cities.flatMap(city => batches.map(batch => ({ city, batch })));
  if (pairs.length === 0) return;
  const [taken] = await session.query<{ city: string; batch: string }>(
    `select city, batch from unnest($1::text[], $2::text[], $3::bigint[]) p (city, batch, key)
     where not pg_try_advisory_xact_lock_shared(key) limit 1`,
    [
      pairs.map(({ city }) => city),
      pairs.map(({ batch }) => batch),
      pairs.map(({ city, batch }) => String(lockKey(`city-batch|${city}|${batch}`))),
    ],
  );
  if (taken !== undefined) {
    const { city, batch } = taken;
    throw actError('run-in-progress', { city, batch, title: job.title });
  }
}

/**
 * Also takes a lock of the transaction, where one is told, and has plans kept for any values and
 * few rows: all are what every act begins with. An act's questions are about a few files, lists and
 * places by their keys, and so are answered in the same way whatever the values; PostgreSQL would
 * plan most of them anew for each act, since it takes a list that it doesn't see for ten long. With
 * the first long list, and for a snapshot's rows, it decides by itself again.
 *
 * @throws no-policy, season-closed
 */
export async function checkSeason(
  session: Session,
  season: number,
  lock: string | null = null,
): Promise<void> {
  const locking = lock === null ? '$2::bigint' : 'pg_advisory_xact_lock($2::bigint)';
  const [row] = await session.query<{ closed: boolean }>(
    `select closed, ${locking}, ${FOR_ANY_VALUES} from seasons where season = $1::smallint`,
    [season, lock],
  );
  keptStatements(session.client).forAnyValues = row !== undefined;
  if (row === undefined) throw actError('no-policy', { season });
  if (row.closed) throw actError('season-closed', { season });
}
