/** The policy in effect for a city: the base in force with the city's latest overlay. */
import type { Session } from '../../../db/connect.ts';
import { readPolicy, readPolicyVersions } from '../../../db/policies.ts';
import { emptyOverlayHash, policyFromStored } from '../../../engine/policy/load.ts';
import type { FullPolicy, Policy } from '../../../engine/policy/types.ts';
import { fail } from './errors.ts';

type Queryable = Pick<Session, 'query'>;

export interface CityPolicy {
  readonly policy: FullPolicy;
  readonly baseHash: string;
  readonly overlayHash: string;
  readonly documents: Readonly<Record<string, string>>;
  readonly overlay: string | null;
}

/** Bases by hash, the one used last at the end; a process rarely sees more than one. */
const BASES = new Map<string, Readonly<Record<string, string>>>();
const BASES_KEPT = 4;

/**
 * The same object for the same base: policyFromStored parses the YAML once per object, and a night
 * asks for 22 cities of one base, each in a run of its own.
 */
function sameDocuments(base: {
  readonly hash: string;
  readonly documents: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> {
  const known = BASES.get(base.hash) ?? base.documents;
  BASES.delete(base.hash);
  BASES.set(base.hash, known);
  for (const hash of BASES.keys()) if (BASES.size > BASES_KEPT) BASES.delete(hash);
  return known;
}

/** The policies of all cities that a night plans for; parsing each overlay once. */
export async function policiesOfCities(
  session: Queryable,
  season: number,
  cities: readonly string[],
): Promise<ReadonlyMap<string, Policy>> {
  const stored = await readPolicy(session, season);
  if (stored === null) throw fail('no-policy', { season });
  const documents = sameDocuments(stored.base);
  return new Map(
    cities.map(city => {
      const overlay = stored.overlays.get(city)?.document ?? null;
      return [city, policyFromStored(documents, overlay)];
    }),
  );
}

/**
 * @throws no-policy where the season has none
 */
export async function policyOfCity(
  session: Queryable,
  season: number,
  city: string,
): Promise<CityPolicy> {
  const stored = await readPolicy(session, season);
  if (stored === null) throw fail('no-policy', { season });
  const overlay = stored.overlays.get(city);
  const overlayHash = overlay?.hash ?? emptyOverlayHash();
  const documents = sameDocuments(stored.base);
  return {
    policy: policyFromStored(documents, overlay?.document ?? null),
    baseHash: stored.base.hash,
    overlayHash,
    documents,
    overlay: overlay?.document ?? null,
  };
}

/** The policy that a run of the past was made under. */
export async function policyOfVersion(session: Queryable, version: number): Promise<CityPolicy> {
  return (await policiesOfVersions(session, [version])).get(version) as CityPolicy;
}

/**
 * The same of several, by one question.
 *
 * @throws no-policy-version
 */
export async function policiesOfVersions(
  session: Queryable,
  versions: readonly number[],
): Promise<ReadonlyMap<number, CityPolicy>> {
  const found = await readPolicyVersions(session, versions);
  return new Map(
    versions.map(version => {
      const stored = found.get(version);
      if (stored === undefined) throw fail('no-policy-version', { version });
      const documents = sameDocuments(stored.base);
      const policy: CityPolicy = {
        policy: policyFromStored(documents, stored.overlay?.document ?? null),
        baseHash: stored.base.hash,
        overlayHash: stored.overlay?.hash ?? emptyOverlayHash(),
        documents,
        overlay: stored.overlay?.document ?? null,
      };
      return [version, policy];
    }),
  );
}
