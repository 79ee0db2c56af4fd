/** The texts of adopted policies: each is read once in the life of a process. */
import type { Session } from './connect.ts';
import { KeptTexts } from './kept-texts.ts';
import type { StoredBase, StoredOverlay } from './policies.ts';

type Queryable = Pick<Session, 'query'>;

type BaseTexts = Pick<StoredBase, 'documents' | 'content'>;
export type OverlayTexts = Pick<StoredOverlay, 'document' | 'content'>;

const BASES = new KeptTexts<BaseTexts>(4);
const OVERLAYS = new KeptTexts<OverlayTexts>(512);

/** A row of policy_bases or policy_overlays without its texts; `''` the city of a base. */
export interface Latest {
  readonly city: string;
  readonly version: number;
  readonly hash: string;
  /** Together with the hash, one adopted text. */
  readonly adopted: string;
}

export async function baseTexts(session: Queryable, { hash, adopted }: Latest): Promise<BaseTexts> {
  const known = BASES.get(`${hash}|${adopted}`);
  if (known !== undefined) return known;
  const [texts] = await session.query<BaseTexts>(
    'select documents, content from policy_bases where hash = $1',
    [hash],
  );
  if (texts === undefined) throw new Error('policy base vanished');
  BASES.put(`${hash}|${adopted}`, texts);
  return texts;
}

/** In the order of the rows. */
export async function overlayTexts(
  session: Queryable,
  season: number,
  rows: readonly Latest[],
): Promise<OverlayTexts[]> {
  const keyOf = ({ city, hash, adopted }: Latest) => `${city}|${hash}|${adopted}`;
  const found = new Map(rows.map(row => [keyOf(row), OVERLAYS.get(keyOf(row))]));
  const unknown = rows.filter(row => found.get(keyOf(row)) === undefined);
  if (unknown.length > 0) {
    const read = await session.query<Latest & OverlayTexts>(
      `select city, version, hash, adopted_at::text as adopted, document, content
       from policy_overlays join unnest($2::text[], $3::integer[]) w (city, version)
         using (city, version)
       where season = $1`,
      [season, unknown.map(({ city }) => city), unknown.map(({ version }) => version)],
    );
    for (const row of read) {
      const { document, content } = row;
      OVERLAYS.put(keyOf(row), { document, content });
      found.set(keyOf(row), { document, content });
    }
  }
  return rows.map(row => {
    const texts = found.get(keyOf(row));
    if (texts === undefined) throw new Error('policy overlay vanished');
    return texts;
  });
}
