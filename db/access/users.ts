/**
 * Creating, editing and disabling users 用户管理. Cities create the users of the city, its counties
 * and its schools (n66 二（三）); nobody reaches above the own level, or gives a duty with a function
 * of the office side that the giver lacks. A user is disabled, never deleted: the trail names him.
 */
import type { FullPolicy } from '../../engine/policy/types.ts';
import type { Session } from '../connect.ts';
import { accessError, USERS_BASIS } from './errors.ts';
import { hashPassword, requireStrongPassword, type ScryptCost } from './passwords.ts';
import { managesRegion } from './regions.ts';
import { endSessionsOf } from './sessions.ts';
import { storePassword } from './sign-in.ts';
import { LEVEL_RANK, type Level, officeKinds, readUser, SCHOOL_KINDS, type User } from './user.ts';

/** Who does it, in which season (regions, schools, offices), and when. */
export interface Act {
  readonly by: User;
  readonly season: number;
  readonly at: Date;
  readonly policy: Pick<FullPolicy, 'duties'>;
}

/** What may be edited afterwards. */
export interface UserDetails {
  readonly person?: string;
  readonly title?: string;
  /** 办公电话 and 移动电话, as annex 2 asks for them. */
  readonly phone?: string;
  readonly mobile?: string;
  readonly sex?: 'M' | 'F';
  /** 单位 */
  readonly unit?: string;
  readonly email?: string;
  readonly duties?: readonly string[];
  /** null: as the office's. */
  readonly kinds?: readonly string[] | null;
}

export interface NewUser extends UserDetails {
  readonly user: string;
  readonly side: 'office' | 'school';
  readonly level: Level;
  /** Of an office user; a school's users are where the school is. */
  readonly region?: string;
  readonly office?: string | null;
  readonly school?: string | null;
  /** The first password; it must be changed at the first sign-in. */
  readonly password: string;
}

/**
 * @throws wrong-user-data, user-out-of-scope, unknown-duty, lacks-function, weak-password,
 *   user-exists
 */
export async function createUser(
  session: Session,
  act: Act,
  made: NewUser,
  cost?: ScryptCost,
): Promise<void> {
  requireUserName(made.user);
  const region = await placeOf(session, act.season, made);
  await requireManaged(session, act, { user: made.user, level: made.level, region });
  requireDuties(act, made.side, made.duties ?? []);
  await requireKinds(session, act, made, made.office ?? null);
  requireStrongPassword(made.password, made.user);
  const hash = await hashPassword(made.password, cost);
  const { office = null, school = null, kinds = null, duties = [] } = made;
  const { person = '', title = '', phone = '', email = '' } = made;
  const { mobile = '', sex = '', unit = '' } = made;
  const written = await session.query(
    `insert into users (user_name, side, level, region, office, school, school_kinds, person,
        title, phone, email, duties, password, password_history, created_by, created_at,
        mobile, sex, unit)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, array[$13::text], $14, $15,
       $16, $17, $18)
     on conflict (user_name) do nothing returning 1`,
    [
      ...[made.user, made.side, made.level, region, office, school, kinds, person, title, phone],
      ...[email, duties, hash, act.by.user, act.at, mobile, sex, unit],
    ],
  );
  if (written.length === 0) throw accessError('user-exists', { user: made.user });
}

/**
 * By this name the schedule acts and reads (jobs, reports), in nobody's scope: a user who had it
 * would read everything.
 */
export const SCHEDULE = 'schedule';

/** @throws wrong-user-data */
export function requireUserName(user: string): void {
  if (user === SCHEDULE) throw wrongData(`用户名 ${SCHEDULE} 留给系统日程使用`);
  if (/^[a-z0-9][a-z0-9._-]{1,63}$/.test(user)) return;
  throw wrongData('用户名须为 2 至 64 位小写字母、数字、点、横线或下划线，以字母或数字开头');
}

/** The columns of an edit, $2 and on: what is not given stays. */
const EDITED = `coalesce($2, person), coalesce($3, title), coalesce($4, phone),
  coalesce($5, email), coalesce($6::text[], duties),
  case when $7 then $8::text[] else school_kinds end,
  coalesce($9, mobile), coalesce($10, sex), coalesce($11, unit)`;

/**
 * @returns whether something changed
 * @throws unknown-user, user-out-of-scope, own-account, unknown-duty, lacks-function
 */
export async function editUser(
  session: Session,
  act: Act,
  user: string,
  details: UserDetails,
): Promise<boolean> {
  const found = await requireUser(session, act, user);
  const own = user === act.by.user;
  // Name and telephone are one's own; duties and kinds are what others may see in one's work.
  if (own && (details.duties !== undefined || details.kinds !== undefined)) {
    throw accessError('own-account');
  }
  const { person, title, phone, email, duties, kinds, mobile, sex, unit } = details;
  if (duties !== undefined) {
    // Taking a duty away is a removal of its functions: that too needs to have them.
    const changed = new Set(duties).symmetricDifference(new Set(found.duties));
    requireDuties(act, found.side, [...changed]);
  }
  if (kinds !== undefined)
    await requireKinds(session, act, { side: found.side, kinds }, found.office);
  const columns = 'person, title, phone, email, duties, school_kinds, mobile, sex, unit';
  const changed = await session.query(
    `update users set (${columns}) = row(${EDITED})
      where user_name = $1 and row(${columns}) is distinct from row(${EDITED}) returning 1`,
    [
      ...[user, person, title, phone, email, duties, kinds !== undefined, kinds ?? null],
      ...[mobile, sex, unit],
    ],
  );
  return changed.length > 0;
}

/** Disables, and ends what is open. @returns false: was disabled already @throws as editUser */
export async function disableUser(session: Session, act: Act, user: string): Promise<boolean> {
  if (user === act.by.user) throw accessError('own-account');
  await requireUser(session, act, user);
  const changed = await session.query(
    'update users set disabled_at = $2 where user_name = $1 and disabled_at is null returning 1',
    [user, act.at],
  );
  await endSessionsOf(session, user, act.at);
  return changed.length > 0;
}

/** @returns false: was not disabled @throws as editUser */
export async function enableUser(session: Session, act: Act, user: string): Promise<boolean> {
  if (user === act.by.user) throw accessError('own-account');
  await requireUser(session, act, user);
  const changed = await session.query(
    `update users set disabled_at = null
      where user_name = $1 and disabled_at is not null returning 1`,
    [user],
  );
  return changed.length > 0;
}

/**
 * A forgotten password: the office sets one, which the next sign-in must change. Whoever sets it
 * could sign in by it, so of a colleague who may do more it is somebody else's to set.
 *
 * @throws own-account, lacks-function, weak-password, and as editUser
 */
export async function resetPassword(
  session: Session,
  act: Act,
  user: string,
  password: string,
  cost?: ScryptCost,
): Promise<void> {
  if (user === act.by.user) throw accessError('own-account');
  const { history, side } = await requireUser(session, act, user);
  const colleague =
    side === act.by.side ? await readUser(session, act.season, user, act.policy) : null;
  if (colleague !== null) requireFunctions(act.by, [...colleague.functions]);
  requireStrongPassword(password, user);
  await storePassword(session, user, await hashPassword(password, cost), history, true);
  await endSessionsOf(session, user, act.at);
}

interface FoundUser {
  readonly side: 'office' | 'school';
  readonly level: Level;
  readonly region: string;
  readonly duties: readonly string[];
  readonly office: string | null;
  readonly kinds: readonly string[] | null;
  readonly history: readonly string[];
}

/** A user whom the acting one may manage. @throws unknown-user, user-out-of-scope */
export async function requireUser(session: Session, act: Act, user: string): Promise<FoundUser> {
  const [found] = await session.query<FoundUser>(
    `select side, level, region, duties, office, school_kinds as kinds,
            password_history as history
       from users where user_name = $1 for update`,
    [user],
  );
  if (found === undefined) throw accessError('unknown-user', { user });
  if (user === act.by.user) return found;
  await requireManaged(session, act, { user, ...found });
  // Rule 19: beside the admission office the technical-school office has users of its own.
  const beyond = await kindsBeyond(session, act, found, found.office);
  if (beyond.length > 0) {
    throw accessError('user-out-of-scope', { user, region: found.region }, { basis: USERS_BASIS });
  }
  return found;
}

async function requireManaged(
  session: Session,
  act: Act,
  {
    user,
    level,
    region,
  }: { readonly user: string; readonly level: Level; readonly region: string },
): Promise<void> {
  const above = LEVEL_RANK[level] < LEVEL_RANK[act.by.level];
  if (!above && (await managesRegion(session, act.season, act.by, region))) return;
  throw accessError('user-out-of-scope', { user, region }, { basis: USERS_BASIS });
}

/** Where the user belongs, after checking that side, level, region, office and school agree. */
async function placeOf(session: Session, season: number, made: NewUser): Promise<string> {
  const { side, level, office = null, school = null } = made;
  if ((side === 'school') !== (level === 'school') || (side === 'school') !== (school !== null)) {
    throw wrongData('学校用户须有院校，招办用户不能有院校');
  }
  if (school !== null) {
    const [row] = await session.query<{ region: string }>(
      'select region from schools where season = $1 and code = $2',
      [season, school],
    );
    if (row === undefined) throw wrongData(`没有院校 ${school}`);
    return row.region;
  }
  const region = made.region ?? '';
  const [row] = await session.query<{ level: string; office: boolean }>(
    `select level, $3::text is null or exists (select from offices
        where season = $1 and code = $3 and region = $2) as office
       from regions where season = $1 and code = $2`,
    [season, region, office],
  );
  if (row === undefined) throw wrongData(`没有地区 ${region}`);
  if (row.level !== level) throw wrongData(`地区 ${region} 的级别与用户的级别不符`);
  if (!row.office) throw wrongData(`地区 ${region} 没有机构 ${office}`);
  return region;
}

/**
 * Duties of the side that exist, and for an office user none with a function that the giver lacks.
 * An office gives school users the duties of a school, which it has none of itself.
 */
function requireDuties(act: Act, side: 'office' | 'school', duties: readonly string[]): void {
  const known = act.policy.duties.filter(duty => duty.side === side);
  const unknown = duties.filter(id => !known.some(duty => duty.id === id));
  if (unknown.length > 0) {
    throw accessError('unknown-duty', { side: sideName(side), duties: unknown.join('、') });
  }
  if (side !== act.by.side) return;
  const given = known.filter(duty => duties.includes(duty.id)).flatMap(duty => duty.functions);
  requireFunctions(act.by, given);
}

/** Nobody gives or takes what he lacks. @throws lacks-function */
export function requireFunctions(by: User, functions: readonly string[]): void {
  const lacking = [...new Set(functions)].filter(each => !by.functions.has(each));
  if (lacking.length === 0) return;
  const detail = { functions: lacking.join('、') };
  throw accessError('lacks-function', detail, { basis: USERS_BASIS });
}

interface OfKinds {
  readonly side: 'office' | 'school';
  /** null: as the office's, or all. */
  readonly kinds?: readonly string[] | null;
}

/** A user who is told no kinds has those of the office: these too must be the giver's. */
async function requireKinds(
  session: Session,
  act: Act,
  made: OfKinds,
  office: string | null,
): Promise<void> {
  const { kinds = null } = made;
  const known: readonly string[] = SCHOOL_KINDS;
  if (kinds !== null && (kinds.length === 0 || kinds.some(kind => !known.includes(kind)))) {
    throw wrongData(`院校类别只能是 ${known.join('、')}`);
  }
  if ((await kindsBeyond(session, act, made, office)).length > 0) {
    throw wrongData('院校类别超出您自己的管理范围');
  }
}

/** The school kinds of an office user that the acting one does not answer for. */
async function kindsBeyond(
  session: Session,
  { by, season }: Act,
  { side, kinds = null }: OfKinds,
  office: string | null,
): Promise<string[]> {
  if (side === 'school') return [];
  const of = kinds ?? (await kindsOfOffice(session, season, office));
  return of.filter(kind => !by.kinds.includes(kind));
}

async function kindsOfOffice(
  session: Session,
  season: number,
  office: string | null,
): Promise<readonly string[]> {
  const [row] = await session.query<{ kinds: string | null }>(
    'select school_kinds as kinds from offices where season = $1 and code = $2',
    [season, office],
  );
  return row?.kinds == null ? SCHOOL_KINDS : officeKinds(row.kinds);
}

export function sideName(side: 'office' | 'school'): string {
  return side === 'office' ? '县区管理端' : '录取学校端';
}

function wrongData(reason: string): Error {
  return accessError('wrong-user-data', { reason });
}
