/** Notices 公告: rows, as the functions that publish and the reports that show them need. */
import type { Session } from '../connect.ts';

type Reader = Pick<Session, 'query'>;

export interface NoticeText {
  readonly title: string;
  readonly body: string;
  readonly levels: readonly string[];
  /** Cities and counties; empty: all. */
  readonly regions: readonly string[];
  /** Empty: all. */
  readonly schoolKinds: readonly string[];
}

export interface Notice extends NoticeText {
  readonly notice: number;
  /** Of the office that published it; '': the province. */
  readonly city: string;
  readonly pinned: boolean;
  readonly state: 'published' | 'withdrawn';
  readonly publishedBy: string;
  readonly publishedOn: string;
}

const COLUMNS = `notice, city, title, body, levels, regions, school_kinds as "schoolKinds", pinned,
  state, published_by as "publishedBy", published_on::text as "publishedOn"`;

export async function readNotice(
  session: Reader,
  season: number,
  notice: number,
): Promise<Notice | null> {
  const [row] = await session.query<Notice>(
    `select ${COLUMNS} from notices where season = $1::smallint and notice = $2`,
    [season, notice],
  );
  return row ?? null;
}

/** A published one of the same office with the same text and the same readers. */
export async function sameNotice(
  session: Reader,
  season: number,
  city: string,
  text: NoticeText,
): Promise<number | null> {
  const [row] = await session.query<{ notice: number }>(
    `select notice from notices
      where season = $1::smallint and city = $2 and state = 'published' and title = $3
        and body = $4 and levels = $5::text[] and regions = $6::text[]
        and school_kinds = $7::text[]
      order by notice limit 1`,
    [season, city, text.title, text.body, text.levels, text.regions, text.schoolKinds],
  );
  return row?.notice ?? null;
}

export async function insertNotice(
  session: Reader,
  season: number,
  notice: NoticeText & {
    readonly notice: number;
    readonly city: string;
    readonly pinned: boolean;
    readonly by: string;
    readonly at: Date;
    readonly on: string;
  },
): Promise<void> {
  await session.query(
    `insert into notices (season, notice, city, title, body, levels, regions, school_kinds, pinned,
       published_by, published_at, published_on)
     values ($1::smallint, $2, $3, $4, $5, $6::text[], $7::text[], $8::text[], $9, $10, $11,
       $12::date)`,
    [
      season,
      notice.notice,
      notice.city,
      notice.title,
      notice.body,
      notice.levels,
      notice.regions,
      notice.schoolKinds,
      notice.pinned,
      notice.by,
      notice.at,
      notice.on,
    ],
  );
}

export async function pinNotice(
  session: Reader,
  season: number,
  notice: number,
  pinned: boolean,
): Promise<void> {
  await session.query(
    'update notices set pinned = $3 where season = $1::smallint and notice = $2',
    [season, notice, pinned],
  );
}

export async function withdrawNotice(
  session: Reader,
  season: number,
  notice: number,
  how: { readonly by: string; readonly at: Date; readonly reason: string },
): Promise<void> {
  await session.query(
    `update notices set state = 'withdrawn', pinned = false, withdrawn_by = $3, withdrawn_at = $4,
       withdrawn_reason = $5
     where season = $1::smallint and notice = $2`,
    [season, notice, how.by, how.at, how.reason],
  );
}

/** What the reader of the session is shown: pinned ones first, then the latest. */
export async function visibleNotices(session: Reader, season: number): Promise<Notice[]> {
  return session.query<Notice>(
    `select ${COLUMNS} from notices where season = $1::smallint and state = 'published'
      order by pinned desc, published_on desc, notice desc`,
    [season],
  );
}
