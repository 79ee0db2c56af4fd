/**
 * What a policy says in words: titles of batches and rules, and the article behind a value. The
 * policy is the one that the run named, not the one in force today.
 */
import type { Session } from '../db/connect.ts';
import {
  readPolicy,
  readPolicyVersion,
  type StoredBase,
  type StoredOverlay,
} from '../db/policies.ts';
import { policyFromStored } from '../engine/policy/load.ts';
import type { Batch, FullPolicy, Policy } from '../engine/policy/types.ts';

export interface PolicyWords {
  /** Batch id → title. */
  readonly batches: ReadonlyMap<string, string>;
  /** Code of a refusal → title of its rule. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Id of a rule → its title. */
  readonly rules: ReadonlyMap<string, string>;
}

export function batchOf(policy: Policy | null, batch: string): Batch | null {
  return policy?.batches.find(one => one.id === batch) ?? null;
}

/**
 * Policies that were read: a version's content never changes, and reading one takes longer than any
 * query of a report. More than a province's cities with a few bases are not kept.
 */
const READ_MAX = 64;
const read = new Map<string, FullPolicy>();

function policyFrom(base: StoredBase, overlay: StoredOverlay | null): FullPolicy {
  const key = `${base.hash} ${overlay?.hash ?? ''}`;
  const known = read.get(key);
  if (known !== undefined) return known;
  const policy = policyFromStored(base.documents, overlay?.document ?? null);
  const oldest = read.keys().next();
  if (read.size >= READ_MAX && !oldest.done) read.delete(oldest.value);
  read.set(key, policy);
  return policy;
}

/** The policy that a run named, in effect for its city; null where it named none. */
export async function effectivePolicy(
  session: Session,
  version: number | null,
): Promise<FullPolicy | null> {
  const stored = version === null ? null : await readPolicyVersion(session, version);
  return stored === null ? null : policyFrom(stored.base, stored.overlay);
}

/** Titles, from the policy that a run named. */
export async function policyWords(session: Session, version: number | null): Promise<PolicyWords> {
  return wordsOf(await effectivePolicy(session, version));
}

/** Titles of a policy; where there is none, codes stay as they are. */
export function wordsOf(policy: FullPolicy | null): PolicyWords {
  const rules = policy === null ? [] : [...policy.eligibility, ...policy.special];
  return {
    batches: new Map(policy?.batches.map(batch => [batch.id, batch.title]) ?? []),
    refusals: new Map(rules.map(rule => [rule.refuse, rule.title])),
    rules: ruleTitles(policy),
  };
}

/** Id of a rule → title: requirements, reviews, deadlines. */
export function ruleTitles(policy: FullPolicy | null): ReadonlyMap<string, string> {
  if (policy === null) return new Map();
  const { eligibility, special, quotas, reviews, deadlineRules } = policy;
  const rules = [eligibility, special, quotas, reviews, deadlineRules].flat();
  return new Map(rules.map(({ id, title }) => [id, title]));
}

export interface PolicyInForce {
  /** The province's, without any city's settings. */
  readonly base: FullPolicy;
  /** In effect for a city; the base where the city has set nothing. */
  ofCity(city: string): FullPolicy;
}

/** The policy in force today; null: none adopted. */
export async function policyInForce(
  session: Session,
  season: number,
): Promise<PolicyInForce | null> {
  const stored = await readPolicy(session, season);
  if (stored === null) return null;
  return {
    base: policyFrom(stored.base, null),
    ofCity: city => policyFrom(stored.base, stored.overlays.get(city) ?? null),
  };
}
