/**
 * Adopted policies: immutable versions under the hash of their canonical content. The base is the
 * province's, one in force at a time per season; each city has overlays with versions of its own.
 * engine/policy reads and checks them; here they are only kept and given back.
 */
import type { Session } from './connect.ts';
import { databaseError } from './errors.ts';
import { KeptTexts } from './kept-texts.ts';
import { baseTexts, type Latest, type OverlayTexts, overlayTexts } from './policy-texts.ts';

type Queryable = Pick<Session, 'query'>;

const IN_FORCE = new KeptTexts<StoredPolicy>(4);

/** "zzpolicy" in bytes: one adoption at a time. */
const ADOPTION_LOCK = '8825490043648435065';

/** A checked policy folder, as adoption takes it. */
export interface PolicyToAdopt {
  readonly season: number;
  /** SHA-256, hex, of `content`. */
  readonly hash: string;
  /** Canonical JSON of all documents except `cities/`. */
  readonly content: string;
  /** Path in the folder → YAML text, `cities/` left out. */
  readonly documents: Readonly<Record<string, string>>;
  /** Whether the base or any overlay has a `basis: sample`. */
  readonly usesSampleBasis: boolean;
  readonly overlays: readonly OverlayToAdopt[];
}

export interface OverlayToAdopt {
  readonly city: string;
  /** SHA-256, hex, of `content`. */
  readonly hash: string;
  /** Canonical JSON. */
  readonly content: string;
  /** The YAML text. */
  readonly document: string;
}

export interface Adopter {
  readonly actor: string;
  readonly at: Date;
}

export interface Adoption {
  readonly version: number;
  /** false: this content is in force already, nothing was written for the base. */
  readonly adopted: boolean;
  /** Cities that had no overlay and now have the folder's as version 1. */
  readonly cities: readonly string[];
}

/**
 * Adopts a policy for its season, which is made when it does not exist yet. Each city's overlay in
 * the folder becomes version 1 where the city has none; others are left as the cities have set
 * them (spec/policy.md "Base and overlays").
 *
 * @param session in a transaction
 * @throws season-closed, policy-needs-sample-database, policy-superseded
 */
export async function adoptPolicy(
  session: Session,
  policy: PolicyToAdopt,
  by: Adopter,
): Promise<Adoption> {
  await session.query('select pg_advisory_xact_lock($1)', [ADOPTION_LOCK]);
  await openSeason(session, policy.season);
  if (policy.usesSampleBasis && !(await isSampleDatabase(session))) {
    throw databaseError('policy-needs-sample-database');
  }
  const base = await adoptBase(session, policy, by);
  const cities: string[] = [];
  for (const overlay of policy.overlays) {
    const [there] = await session.query(
      'select 1 from policy_overlays where season = $1 and city = $2 limit 1',
      [policy.season, overlay.city],
    );
    if (there !== undefined) continue;
    await insertOverlay(session, policy.season, overlay, 1, by);
    // What comes with the base is signed with the base.
    const place = { season: policy.season, city: overlay.city, version: 1 };
    await signOverlay(session, place, { signedBy: by.actor, countersignedBy: null, at: by.at });
    cities.push(overlay.city);
  }
  return { ...base, cities };
}

async function adoptBase(
  session: Session,
  policy: PolicyToAdopt,
  by: Adopter,
): Promise<Pick<Adoption, 'version' | 'adopted'>> {
  const versions = await session.query<{ version: number; hash: string }>(
    'select version, hash from policy_bases where season = $1 order by version desc',
    [policy.season],
  );
  const latest = versions[0]?.version ?? 0;
  const same = versions.find(({ hash }) => hash === policy.hash);
  if (same !== undefined && same.version === latest) return { version: latest, adopted: false };
  if (same !== undefined) {
    const { season } = policy;
    throw databaseError('policy-superseded', { season, version: same.version, latest });
  }
  const { hash, season, documents, content } = policy;
  await session.query(
    `insert into policy_bases (hash, season, version, documents, content, adopted_at, adopted_by)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [hash, season, latest + 1, JSON.stringify(documents), content, by.at, by.actor],
  );
  return { version: latest + 1, adopted: true };
}

/**
 * Adopts a city's overlay as its next version; nothing is written where the latest is the same.
 *
 * @param session in a transaction
 * @returns the version in force
 * @throws season-closed, policy-needs-sample-database
 */
export async function adoptOverlay(
  session: Session,
  season: number,
  overlay: OverlayToAdopt,
  by: Adopter,
  usesSampleBasis: boolean,
): Promise<number> {
  await session.query('select pg_advisory_xact_lock($1)', [ADOPTION_LOCK]);
  await openSeason(session, season);
  if (usesSampleBasis && !(await isSampleDatabase(session))) {
    throw databaseError('policy-needs-sample-database');
  }
  const [latest] = await session.query<{ version: number; hash: string }>(
    `select version, hash from policy_overlays
      where season = $1 and city = $2 order by version desc limit 1`,
    [season, overlay.city],
  );
  if (latest?.hash === overlay.hash) return latest.version;
  const version = (latest?.version ?? 0) + 1;
  await insertOverlay(session, season, overlay, version, by);
  return version;
}

async function insertOverlay(
  session: Session,
  season: number,
  overlay: OverlayToAdopt,
  version: number,
  by: Adopter,
): Promise<void> {
  const { city, hash, document, content } = overlay;
  await session.query(
    `insert into policy_overlays
       (season, city, version, hash, document, content, adopted_at, adopted_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [season, city, version, hash, document, content, by.at, by.actor],
  );
}

/** Who has signed a version; countersigned null: the province, with its base. */
export interface Signature {
  readonly signedBy: string;
  readonly countersignedBy: string | null;
  readonly at: Date;
}

/** Signs a version of a city's overlay: from then on a dispatch may rest on it. */
export async function signOverlay(
  session: Queryable,
  place: { readonly season: number; readonly city: string; readonly version: number },
  signature: Signature,
): Promise<void> {
  await session.query(
    `insert into overlay_signatures
       (season, city, version, signed_by, countersigned_by, signed_at)
     values ($1::smallint, $2, $3, $4, $5, $6)`,
    [
      place.season,
      place.city,
      place.version,
      signature.signedBy,
      signature.countersignedBy,
      signature.at,
    ],
  );
}

/** Makes the season where it does not exist. @throws season-closed */
async function openSeason(session: Session, season: number): Promise<void> {
  await session.query('insert into seasons (season) values ($1) on conflict do nothing', [season]);
  const [row] = await session.query<{ closed: boolean }>(
    'select closed from seasons where season = $1',
    [season],
  );
  if (row?.closed) throw databaseError('season-closed', { season });
}

export interface StoredBase {
  readonly season: number;
  readonly version: number;
  readonly hash: string;
  readonly documents: Readonly<Record<string, string>>;
  readonly content: string;
}

export interface StoredOverlay {
  readonly city: string;
  readonly version: number;
  readonly hash: string;
  readonly document: string;
  readonly content: string;
}

export interface StoredPolicy {
  readonly base: StoredBase;
  /** The latest overlay of each city that has one, by city. */
  readonly overlays: ReadonlyMap<string, StoredOverlay>;
}

/**
 * The policy in force in a season: the latest base with the latest overlays; null: none adopted.
 * Texts that the process has read before are not read again, and the same base comes back as the
 * same `documents`, which policyFromStored parses once: every act and every run asks.
 */
export async function readPolicy(session: Queryable, season: number): Promise<StoredPolicy | null> {
  // As one text: it is the same for act after act, and then nothing of it is read again.
  const [found] = await session.query<{ base: string | null; overlays: string }>(
    `select (select json_build_array('', version, hash, adopted_at::text)::text
         from policy_bases where season = $1 order by version desc limit 1) as base,
       (select coalesce(json_agg(json_build_array(city, version, hash, adopted)), '[]')::text
         from (select distinct on (city) city, version, hash, adopted_at::text as adopted
           from policy_overlays where season = $1 order by city, version desc) o) as overlays`,
    [season],
  );
  if (found?.base == null) return null;
  const key = `${season}|${found.base}|${found.overlays}`;
  const kept = IN_FORCE.get(key);
  if (kept !== undefined) return kept;
  const base = latestOf(JSON.parse(found.base) as LatestColumns);
  const overlays = (JSON.parse(found.overlays) as LatestColumns[]).map(latestOf);
  const { version, hash } = base;
  const texts = await baseTexts(session, base);
  const documents = await overlayTexts(session, season, overlays);
  const stored = {
    base: { season, version, hash, ...texts },
    overlays: new Map(
      overlays.map(({ city, version, hash }, index) => {
        const own = documents[index] as OverlayTexts;
        return [city, { city, version, hash, ...own }];
      }),
    ),
  };
  IN_FORCE.put(key, stored);
  return stored;
}

type LatestColumns = [city: string, version: number, hash: string, adopted: string];

function latestOf([city, version, hash, adopted]: LatestColumns): Latest {
  return { city, version, hash, adopted };
}

/**
 * The number under which runs, events and decisions name a pair of base and overlay; given when
 * the pair is first used.
 */
export async function policyVersionId(
  session: Queryable,
  baseHash: string,
  overlayHash: string,
): Promise<number> {
  const find = () =>
    session.query<{ id: number }>(
      'select id from policy_versions where base_hash = $1 and overlay_hash = $2',
      [baseHash, overlayHash],
    );
  const [found] = await find();
  if (found !== undefined) return found.id;
  const [made] = await session.query<{ id: number }>(
    `insert into policy_versions (base_hash, overlay_hash) values ($1, $2)
     on conflict do nothing returning id`,
    [baseHash, overlayHash],
  );
  // Nothing was returned: another transaction gave it in between.
  const [row] = made === undefined ? await find() : [made];
  if (row === undefined) throw new Error('policy version vanished');
  return row.id;
}

/** The texts behind a version id; overlay null: the city had none. */
export async function readPolicyVersion(
  session: Queryable,
  id: number,
): Promise<StoredVersion | null> {
  return (await readPolicyVersions(session, [id])).get(id) ?? null;
}

type StoredVersion = { readonly base: StoredBase; readonly overlay: StoredOverlay | null };

/** The same of several, by one question; those that are not known are left out. */
export async function readPolicyVersions(
  session: Queryable,
  ids: readonly number[],
): Promise<Map<number, StoredVersion>> {
  // The same content has the same hash, whichever city and version it is of.
  const rows = await session.query<Latest & { id: number; season: number; overlay: Latest | null }>(
    `select v.id, b.season, '' as city, b.version, b.hash, b.adopted_at::text as adopted,
       (select jsonb_build_object('city', city, 'version', version, 'hash', hash,
          'adopted', adopted_at::text)
        from policy_overlays o where o.season = b.season and o.hash = v.overlay_hash
        order by city, version limit 1) as overlay
       from policy_versions v join policy_bases b on b.hash = v.base_hash
      where v.id = any($1::integer[])`,
    [ids],
  );
  const versions = new Map<number, StoredVersion>();
  for (const row of rows) {
    const { id, season, version, hash, overlay } = row;
    const base = { season, version, hash, ...(await baseTexts(session, row)) };
    const [texts] = overlay === null ? [] : await overlayTexts(session, season, [overlay]);
    const whole = { ...(overlay as Latest), ...(texts as OverlayTexts) };
    versions.set(id, { base, overlay: overlay === null ? null : whole });
  }
  return versions;
}

/**
 * Whether this is a sample database (formats.md): every package in it is marked synthetic; an empty
 * one counts as such.
 */
export async function isSampleDatabase(session: Queryable): Promise<boolean> {
  const [row] = await session.query<{ sample: boolean }>(
    'select not exists (select from imports where not synthetic) as sample',
  );
  return row?.sample ?? true;
}

/** Whether any policy in force has a `basis: sample`: then real data is refused. */
export async function sampleBasisInForce(session: Queryable): Promise<boolean> {
  const [row] = await session.query<{ sample: boolean }>(
    `select exists (
       select from (
         select distinct on (season) season, content from policy_bases
          order by season, version desc) b
        join seasons s using (season)
        where not s.closed and b.content like '%"basis":"sample"%'
       union all
       select from (
         select distinct on (season, city) season, content from policy_overlays
          order by season, city, version desc) o
        join seasons s using (season)
        where not s.closed and o.content like '%"basis":"sample"%'
     ) as sample`,
  );
  return row?.sample ?? false;
}
