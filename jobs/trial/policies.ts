/**
 * The policy that is tried, for every run it is held against: a folder, or the run's own policy,
 * with single values set. What comes out is checked as any policy is.
 *
 * A city that the folder says nothing of keeps the settings that its run was made under: so it is
 * at an adoption too, where the settings of cities stay in force.
 */
import { loadPolicy, policyFromStored } from '../../engine/policy/load.ts';
import type { FullPolicy, PolicyBundle } from '../../engine/policy/types.ts';
import type { Problem } from '../../engine/problem.ts';
import {
  applySettings,
  type Changed,
  type PolicyTexts,
  type Setting,
  type SettingChange,
} from '../../engine/trial/settings.ts';
import type { TrialSource } from './sources.ts';

/** The problems of a policy that can't be tried; all of them. */
export class TriedPolicyBroken extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('the policy that was to be tried has errors');
    this.name = 'TriedPolicyBroken';
    this.problems = problems;
  }
}

export interface TriedPolicies {
  /** In effect for the run's city. */
  policyFor(source: TrialSource): FullPolicy;
  readonly title: string;
  readonly season: number;
  /** SHA-256, hex; of several bases the first. */
  readonly baseHash: string;
  readonly changes: readonly SettingChange[];
  /** Cities that keep the settings of their run. */
  readonly keptCities: readonly string[];
}

/** Runs whose documents and settings agree, so that one checked policy serves them. */
interface Group {
  readonly documents: Readonly<Record<string, string>>;
  readonly overlays: Map<string, string | null>;
  readonly sources: TrialSource[];
}

/**
 * @param bundle null: each run's own policy
 * @throws TriedPolicyBroken; CodedError path-unknown, path-syntax
 */
export function triedPolicies(
  bundle: PolicyBundle | null,
  settings: readonly Setting[],
  sources: readonly TrialSource[],
): TriedPolicies {
  const groups = grouped(bundle, sources);
  const kept = new Set<string>();
  const policies = new Map<TrialSource, FullPolicy>();
  const loaded: PolicyBundle[] = [];
  const changed = changedGroups(groups, settings);
  for (const [at, group] of groups.entries()) {
    const { files } = changed[at] as Changed;
    const { bundle: tried, problems } = loadPolicy(new Map(files));
    if (tried === undefined) {
      throw new TriedPolicyBroken(problems.filter(each => each.severity === 'error'));
    }
    loaded.push(tried);
    for (const source of group.sources) {
      const overlay = tried.overlays.get(source.city)?.document ?? null;
      policies.set(source, policyFromStored(tried.base.documents, overlay));
      const own = bundle?.overlays.has(source.city) ?? true;
      if (!own && overlay !== null) kept.add(source.city);
    }
  }
  const [first] = loaded as [PolicyBundle];
  return {
    policyFor: source => policies.get(source) as FullPolicy,
    title: first.title,
    season: first.season,
    baseHash: first.base.hash,
    changes: distinct(changed.flatMap(each => each.changes)),
    keptCities: [...kept].sort(),
  };
}

function grouped(bundle: PolicyBundle | null, sources: readonly TrialSource[]): Group[] {
  const groups: Group[] = [];
  for (const source of sources) {
    const documents = bundle?.base.documents ?? source.documents;
    const own = bundle?.overlays.get(source.city)?.document ?? source.overlay;
    const known = groups.find(
      group =>
        group.documents === documents &&
        (!group.overlays.has(source.city) || group.overlays.get(source.city) === own),
    );
    const group: Group = known ?? { documents, overlays: new Map(), sources: [] };
    if (known === undefined) groups.push(group);
    group.overlays.set(source.city, own);
    group.sources.push(source);
  }
  // Every city of the folder is checked and can be set, also one that no run is of.
  for (const { overlays } of groups) {
    for (const [city, { document }] of bundle?.overlays ?? []) {
      if (!overlays.has(city)) overlays.set(city, document);
    }
  }
  return groups;
}

/** A value that only some cities set is unknown in a group without them; in all, it is an error. */
function changedGroups(groups: readonly Group[], settings: readonly Setting[]): Changed[] {
  const failures: unknown[] = [];
  const changed = groups.map(group => {
    const files = textsOf(group);
    try {
      return applySettings(files, settings);
    } catch (error) {
      failures.push(error);
      return { files, changes: [] };
    }
  });
  if (failures.length === groups.length && failures.length > 0) throw failures[0];
  return changed;
}

function textsOf({ documents, overlays }: Group): PolicyTexts {
  const files = new Map(Object.entries(documents));
  for (const [city, document] of overlays) {
    if (document !== null) files.set(`cities/${city}.yaml`, document);
  }
  return files;
}

function distinct(changes: readonly SettingChange[]): SettingChange[] {
  return [...new Map(changes.map(each => [JSON.stringify(each), each])).values()];
}
