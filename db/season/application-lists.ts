/**
 * Applications in sets: what waits on whose desk and for how long (the report `pending`), and the
 * end of those whose time is over (the sweep).
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

/**
 * The other cities of the open moves of plan that a city would receive: what becomes of these
 * stands in the chains of both.
 */
export async function givingCities(
  session: Reader,
  season: number,
  city: string,
): Promise<string[]> {
  const rows = await session.query<{ city: string }>(
    `select distinct other_city as city from applications
      where season = $1::smallint and city = $2 and kind = 'region-move'
        and state in ('open', 'half-approved') and other_city is not null`,
    [season, city],
  );
  return rows.map(row => row.city);
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
