/**
 * Applications 申请: withdrawal, approval paper, plan up or down, region move, transfer, supplement.
 * One row each, beside the files; at most one open per subject, which an index keeps. States:
 * open → half-approved (region moves) → approved, refused or expired; an approved paper is used
 * once, and the withdrawal that a transfer rests on is used with it.
 */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export const APPLICATION_KINDS = [
  'withdrawal',
  'approval-paper',
  'plan-change',
  'flexible',
  'region-move',
  'transfer',
  'supplement',
] as const;
export type ApplicationKind = (typeof APPLICATION_KINDS)[number];

export type ApplicationState =
  | 'open'
  | 'half-approved'
  | 'approved'
  | 'refused'
  | 'expired'
  | 'used';

/** What officers read. */
export const APPLICATION_TITLES: Readonly<Record<ApplicationKind, string>> = Object.freeze({
  withdrawal: '录后退',
  'approval-paper': '批件投档',
  'plan-change': '增减计划数',
  flexible: '调整机动计划数',
  'region-move': '调整区域间计划',
  transfer: '转学',
  supplement: '补录考生',
});

export const APPLICATION_STATE_TITLES: Readonly<Record<ApplicationState, string>> = Object.freeze({
  open: '待审',
  'half-approved': '一市已审',
  approved: '已通过',
  refused: '已退回',
  expired: '已失效',
  used: '已使用',
});

export interface Application {
  readonly application: number;
  readonly kind: ApplicationKind;
  readonly subject: string;
  readonly state: ApplicationState;
  /** Home city of the candidate, or the city of the plan line: of a move, the receiving one. */
  readonly city: string;
  /** Of a move: the city that gives. */
  readonly otherCity: string | null;
  /** Who applies. */
  readonly school: string;
  /** Of a transfer: the school that the candidate leaves. */
  readonly otherSchool: string | null;
  readonly batch: string | null;
  readonly major: string | null;
  readonly file: number | null;
  /** Plan up (positive) or down (negative), or places to move. */
  readonly places: number | null;
  /** Of a withdrawal: the transfer that it counts as one with. */
  readonly consentsTo: number | null;
  /** SHA-256 of the signed request, and where the paper lies. */
  readonly requestHash: string | null;
  readonly requestReference: string | null;
  readonly note: Readonly<Record<string, unknown>>;
  readonly openedBy: string;
  readonly openedOn: string;
  readonly phase: string | null;
  readonly firstBy: string | null;
  readonly firstCity: string | null;
  readonly decidedBy: string | null;
  /** Ids of the rules, where a rule decided. */
  readonly decision: string | null;
  readonly reason: string | null;
}

const COLUMNS = `
  application, kind, subject, state, city, other_city as "otherCity", school,
  other_school as "otherSchool", batch, major, file, places, consents_to as "consentsTo",
  request_hash as "requestHash", request_reference as "requestReference",
  coalesce(note, '{}') as note, opened_by as "openedBy", opened_on::text as "openedOn", phase,
  first_by as "firstBy", first_city as "firstCity", decided_by as "decidedBy", decision, reason`;

const OPEN = "state in ('open', 'half-approved')";

/** What at most one open application may concern. */
export const SUBJECT = {
  file: (file: { readonly city: string; readonly file: number }) =>
    `file|${file.city}|${file.file}`,
  plan: (line: PlanSubject) => `plan|${line.city}|${line.school}|${line.major}|${line.batch}`,
  move: (move: MoveSubject) =>
    `move|${move.school}|${move.major}|${move.batch}|${move.from}|${move.to}`,
  identity: (hmac: Buffer) => `identity|${hmac.toString('hex')}`,
} as const;

interface PlanSubject {
  readonly city: string;
  readonly school: string;
  /** Empty: the flexible quota. */
  readonly major: string;
  readonly batch: string;
}

interface MoveSubject {
  readonly school: string;
  readonly major: string;
  readonly batch: string;
  readonly from: string;
  readonly to: string;
}

export interface NewApplication {
  readonly kind: ApplicationKind;
  readonly subject: string;
  readonly city: string;
  readonly otherCity?: string;
  readonly school: string;
  readonly otherSchool?: string | null;
  readonly batch?: string | null;
  readonly major?: string | null;
  readonly file?: number;
  readonly places?: number;
  readonly requestHash?: string | undefined;
  readonly requestReference?: string | undefined;
  readonly note?: Readonly<Record<string, unknown>>;
}

/** Who does it, and when. */
export interface ApplicationActor {
  readonly by: string;
  readonly at: Date;
  readonly on: string;
  readonly phase: string | null;
}

/** Opens an application. @returns its number; null: another one on the subject is open */
export async function insertApplication(
  session: Reader,
  season: number,
  made: NewApplication,
  actor: ApplicationActor,
): Promise<number | null> {
  const [row] = await session.query<{ application: number }>(
    `insert into applications (season, kind, subject, city, other_city, school, other_school,
       batch, major, file, places, request_hash, request_reference, note, opened_by, opened_at,
       opened_on, phase)
     values ($1::smallint, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::jsonb, $15, $16,
       $17::date, $18)
     on conflict (season, subject) where ${OPEN} and consents_to is null do nothing
     returning application`,
    [
      ...[season, made.kind, made.subject, made.city, made.otherCity ?? null, made.school],
      ...[made.otherSchool ?? null, made.batch ?? null, made.major ?? null, made.file ?? null],
      ...[made.places ?? null, made.requestHash ?? null, made.requestReference ?? null],
      ...[JSON.stringify(made.note ?? {}), actor.by, actor.at, actor.on, actor.phase],
    ],
  );
  return row?.application ?? null;
}

/** @param lock held to the end of the transaction, so that one of two reviewers is second */
export async function readApplication(
  session: Reader,
  season: number,
  application: number,
  lock = false,
): Promise<Application | null> {
  const [row] = await session.query<Application>(
    `select ${COLUMNS} from applications
      where season = $1::smallint and application = $2 ${lock ? 'for update' : ''}`,
    [season, application],
  );
  return row ?? null;
}

/** The open application on a subject. */
export async function openApplicationOn(
  session: Reader,
  season: number,
  subject: string,
): Promise<Application | null> {
  const [row] = await session.query<Application>(
    `select ${COLUMNS} from applications
      where season = $1::smallint and subject = $2 and ${OPEN} and consents_to is null`,
    [season, subject],
  );
  return row ?? null;
}

export interface Verdict {
  readonly state: 'approved' | 'refused' | 'used' | 'expired';
  /** null: a rule or the calendar. */
  readonly by: string | null;
  readonly at: Date;
  readonly decision?: string | null;
  readonly reason?: string | null;
  /** Added to the note. */
  readonly note?: Readonly<Record<string, unknown>>;
}

/** Ends an open application, together with the withdrawal that counts as one with it. */
export async function endApplication(
  session: Reader,
  season: number,
  application: number,
  verdict: Verdict,
): Promise<void> {
  const { state, by, at, decision = null, reason = null, note = {} } = verdict;
  await session.query(
    `update applications set decided_by = $4, decided_at = $5, decision = $6, reason = $7,
            state = case when consents_to is not null and $3 = 'approved' then 'used' else $3 end,
            note = case when application = $2 then coalesce(note, '{}') || $8::jsonb else note end
      where season = $1::smallint and ${OPEN} and (application = $2 or consents_to = $2)`,
    [season, application, state, by, at, decision, reason, JSON.stringify(note)],
  );
}

/** The first of the two approvals of a region move. */
export async function recordFirstApproval(
  session: Reader,
  season: number,
  application: number,
  approval: { readonly by: string; readonly city: string; readonly at: Date },
): Promise<void> {
  await session.query(
    `update applications set state = 'half-approved', first_by = $3, first_city = $4, first_at = $5
      where season = $1::smallint and application = $2 and state = 'open'`,
    [season, application, approval.by, approval.city, approval.at],
  );
}

/** From now on the withdrawal counts as one with the transfer. */
export async function consentTo(
  session: Reader,
  season: number,
  withdrawal: number,
  transfer: number,
): Promise<void> {
  await session.query(
    `update applications set consents_to = $3
      where season = $1::smallint and application = $2 and kind = 'withdrawal'`,
    [season, withdrawal, transfer],
  );
}

/** The latest withdrawal of a file that was approved this season. */
export async function approvedWithdrawal(
  session: Reader,
  season: number,
  file: { readonly city: string; readonly file: number },
): Promise<Application | null> {
  const [row] = await session.query<Application>(
    `select ${COLUMNS} from applications
      where season = $1::smallint and city = $2 and file = $3 and kind = 'withdrawal'
        and state = 'approved'
      order by decided_at desc, application desc limit 1`,
    [season, file.city, file.file],
  );
  return row ?? null;
}
