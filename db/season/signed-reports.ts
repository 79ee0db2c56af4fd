/** Reports that are signed step by step, with the rows that were signed. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export type SignedState = 'open' | 'prepared' | 'reviewed' | 'approved' | 'published' | 'withdrawn';

export interface SignedReportKey {
  readonly report: string;
  /** '': of the whole province. */
  readonly city: string;
  readonly day: string;
}

export interface SignedReport extends SignedReportKey {
  readonly version: number;
  readonly state: SignedState;
  readonly hash: string | null;
  readonly preparedBy: string | null;
  readonly reviewedBy: string | null;
  readonly approvedBy: string | null;
}

/** The version in force: not withdrawn; null: none was begun. */
export async function signedReport(
  session: Reader,
  season: number,
  { report, city, day }: SignedReportKey,
): Promise<SignedReport | null> {
  const [row] = await session.query<SignedReport>(
    `select report, city, day::text as day, version, state, hash, prepared_by as "preparedBy",
            reviewed_by as "reviewedBy", approved_by as "approvedBy"
       from signed_reports
      where season = $1::smallint and report = $2 and city = $3 and day = $4::date
        and state <> 'withdrawn'`,
    [season, report, city, day],
  );
  return row ?? null;
}

/** Opens a version that nobody has signed yet. */
export async function openSignedReport(
  session: Reader,
  season: number,
  key: SignedReportKey,
  version: number,
): Promise<void> {
  await session.query(
    `insert into signed_reports (season, report, city, day, version, state)
     values ($1::smallint, $2, $3, $4::date, $5, 'open')`,
    [season, key.report, key.city, key.day, version],
  );
}

/** The first signature: what is signed from here on. */
export async function prepareSignedReport(
  session: Reader,
  season: number,
  key: SignedReportKey & { readonly version: number },
  content: { readonly json: string; readonly hash: string },
  by: { readonly user: string; readonly at: Date },
): Promise<void> {
  await session.query(
    `insert into signed_reports (season, report, city, day, version, state, content, hash,
       prepared_by, prepared_at)
     values ($1::smallint, $2, $3, $4::date, $5, 'prepared', $6::jsonb, $7, $8, $9)
     on conflict (season, report, city, day, version) do update set state = 'prepared',
       content = excluded.content, hash = excluded.hash, prepared_by = excluded.prepared_by,
       prepared_at = excluded.prepared_at`,
    [
      season,
      key.report,
      key.city,
      key.day,
      key.version,
      content.json,
      content.hash,
      by.user,
      by.at,
    ],
  );
}

/** The next signature, or the withdrawal. */
export async function moveSignedReport(
  session: Reader,
  season: number,
  key: SignedReportKey & { readonly version: number },
  to: 'reviewed' | 'approved' | 'published' | 'withdrawn',
  by: { readonly user: string; readonly at: Date; readonly reason?: string },
): Promise<void> {
  const reason = to === 'withdrawn' ? ', withdrawn_reason = $8' : '';
  await session.query(
    `with given (reason) as (values ($8::text))
     update signed_reports set state = $6, ${to}_by = $7, ${to}_at = $9${reason} from given
      where season = $1::smallint and report = $2 and city = $3 and day = $4::date
        and version = $5`,
    [season, key.report, key.city, key.day, key.version, to, by.user, by.reason ?? null, by.at],
  );
}
