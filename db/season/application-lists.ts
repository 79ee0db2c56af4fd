/**
 * Applications in sets: what waits on whose desk and for how long (the report `pending`), what the
 * sweep asks the deadline rules about, and what it does with those whose time is over. Run by the
 * runner, not in a user's scope, unless said.
 */
import type { Session } from '../connect.ts';
import type { ApplicationKind } from './applications.ts';

type Reader = Pick<Session, 'query'>;

/** Open and by itself: a withdrawal that counts as one with a transfer waits with it. */
const WAITING = "a.state in ('open', 'half-approved') and a.consents_to is null";

export interface PendingApplication {
  readonly application: number;
  readonly kind: ApplicationKind;
  readonly state: 'open' | 'half-approved';
  /** Whose answer it waits for: the home city, or the cities of a move that have not approved. */
  readonly waitsFor: readonly string[];
  readonly city: string;
  readonly otherCity: string | null;
  readonly school: string;
  readonly otherSchool: string | null;
  readonly batch: string | null;
  readonly major: string | null;
  /** null: concerns no file, or one without a number. */
  readonly candidateNo: string | null;
  readonly places: number | null;
  readonly openedOn: string;
  readonly ageDays: number;
}

/**
 * What waits for an answer, oldest first. In a user's scope it gives what the user may see.
 *
 * @param date business date: ages count to it
 */
export async function pendingApplications(
  session: Reader,
  season: number,
  date: string,
  only: { readonly city?: string; readonly school?: string } = {},
): Promise<PendingApplication[]> {
  return session.query<PendingApplication>(
    `select a.application, a.kind, a.state,
            array_remove(array_remove(array[a.city, a.other_city], null), a.first_city)
              as "waitsFor",
            a.city, a.other_city as "otherCity", a.school, a.other_school as "otherSchool",
            a.batch, a.major, c.candidate_no as "candidateNo", a.places,
            a.opened_on::text as "openedOn", $2::date - a.opened_on as "ageDays"
       from applications a
       left join candidates c on c.season = a.season and c.city = a.city and c.file = a.file
      where a.season = $1::smallint and ${WAITING}
        and ($3::text is null or $3 in (a.city, a.other_city))
        and ($4::text is null or a.school = $4)
      order by a.opened_on, a.application`,
    [season, date, only.city ?? null, only.school ?? null],
  );
}

/** Applications that are alike in every fact of the stage deadline. */
export interface ApplicationSituation {
  readonly kind: ApplicationKind;
  readonly ageDays: number;
  readonly signed: boolean;
  readonly places: number | null;
  readonly phase: string | null;
  /** Their numbers, by age. */
  readonly applications: readonly number[];
}

/** The distinct situations of a city's open applications: the sweep asks the rules once for each. */
export async function applicationSituations(
  session: Reader,
  season: number,
  city: string,
  date: string,
): Promise<ApplicationSituation[]> {
  return session.query<ApplicationSituation>(
    `select a.kind, $3::date - a.opened_on as "ageDays", a.request_hash is not null as signed,
            a.places, a.phase, array_agg(a.application order by a.application) as applications
       from applications a
      where a.season = $1::smallint and a.city = $2 and ${WAITING}
      group by 1, 2, 3, 4, 5
      order by min(a.application)`,
    [season, city, date],
  );
}

/** What has expired, for the event `expire-application` that the sweep writes for each. */
export interface ExpiredApplication {
  readonly application: number;
  readonly kind: ApplicationKind;
  readonly city: string;
  readonly otherCity: string | null;
  readonly school: string;
  readonly batch: string | null;
  readonly major: string | null;
  /** Its open_applications must be one less; a supplement's is closed (refuse-number). */
  readonly file: number | null;
}

/**
 * Ends open applications whose time is over, each with the withdrawal that counts as one with it.
 * What was decided meanwhile is left alone and not returned. The file of an expired supplement
 * (补录) has nobody who would number it: the sweep closes it, and the identity is free again.
 */
export async function expireApplications(
  session: Reader,
  season: number,
  applications: readonly number[],
  how: { readonly at: Date; readonly decision: string; readonly reason: string },
): Promise<ExpiredApplication[]> {
  return session.query<ExpiredApplication>(
    `with ended as (
       update applications a
          set state = 'expired', decided_at = $3, decision = $4, reason = $5
        where a.season = $1::smallint and a.state in ('open', 'half-approved')
          and (a.application = any($2::integer[]) and a.consents_to is null
            or a.consents_to = any($2::integer[]))
       returning a.*)
     select application, kind, city, other_city as "otherCity", school, batch, major, file
       from ended where consents_to is null order by application`,
    [season, applications, how.at, how.decision, how.reason],
  );
}

/** Ends one application whose time is over. @returns null: it was decided meanwhile */
export async function expireApplication(
  session: Reader,
  season: number,
  application: number,
  how: { readonly at: Date; readonly decision: string; readonly reason: string },
): Promise<ExpiredApplication | null> {
  const [expired] = await expireApplications(session, season, [application], how);
  return expired ?? null;
}

/**
 * Files of a city with open applications, as the sweep counts them: of those opened before a
 * deadline only, since a later one defers nothing.
 *
 * @param before an instant; null: all
 */
export async function openApplicationCounts(
  session: Reader,
  season: number,
  city: string,
  before: Date | null = null,
): Promise<Map<number, number>> {
  const rows = await session.query<{ file: number; open: number }>(
    `select a.file, count(*)::integer as open from applications a
      where a.season = $1::smallint and a.city = $2 and a.file is not null and ${WAITING}
        and ($3::timestamptz is null or a.opened_at < $3)
      group by a.file`,
    [season, city, before],
  );
  return new Map(rows.map(row => [row.file, row.open]));
}
