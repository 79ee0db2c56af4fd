/**
 * The chains 规则链 of a policy: rules that are tried one after the other on the same facts. The
 * special conditions of each school and of each of its majors are chains of their own; so are the
 * deadline rules of applications beside those of files, because the sweep asks them apart.
 */
import type { StageId } from '../../rules/stage.ts';
import { canonicalJson } from '../canonical.ts';
import type { Json } from '../json.ts';
import type { ActionRule, FullPolicy, Requirement } from '../types.ts';
import { domainsOf, type Vocabulary, vocabularyOf } from './domains.ts';
import {
  type AnalysedRule,
  analysedAction,
  analysedRequirement,
  type Domains,
} from './rule-cells.ts';

export interface Chain {
  readonly stage: StageId;
  /** Whose settings count; null: the province's. */
  readonly city: string | null;
  /** Of special conditions. */
  readonly school: string | null;
  readonly major: string | null;
  readonly rules: readonly AnalysedRule[];
  readonly domains: Domains;
  /** Where its rules stand: `quotas.yaml`, `rules`. */
  readonly document: string;
  readonly list: string;
}

/** Where the rules of a stage stand. */
export const RULE_PLACES: Readonly<Record<StageId, readonly [document: string, list: string]>> = {
  start: ['batches', 'start'],
  eligibility: ['eligibility', 'rules'],
  special: ['special-conditions', 'conditions'],
  quota: ['quotas', 'rules'],
  review: ['reviews', 'rules'],
  deadline: ['deadlines', 'rules'],
};

/** Events that end or settle an application; all others are of files. */
const OF_APPLICATIONS: ReadonlySet<string> = new Set(['expire-application', 'approve-plan-change']);

/** Whether an action is about an application, and not about a file. */
export function isOfApplication(rule: ActionRule): boolean {
  return OF_APPLICATIONS.has(String(rule.then['event']));
}

/**
 * The chains of a policy in effect.
 *
 * @param base the province's policy: of a city, chains that are the province's are left out
 */
export function chainsOf(policy: FullPolicy, city: string | null, base?: FullPolicy): Chain[] {
  const chains = [...stageChains(policy, city), ...specialChains(policy, city)];
  if (base === undefined) return chains;
  const inherited = new Set(
    [...stageChains(base, city), ...specialChains(base, city)].map(chain => chainKey(chain)),
  );
  return chains.filter(chain => !inherited.has(chainKey(chain)));
}

/** Equal for chains of the same rules. */
function chainKey({ stage, school, major, rules }: Chain): string {
  const said = rules.map(({ reading, action }) => action ?? reading.rule);
  return canonicalJson([stage, school, major, said] as unknown as Json);
}

function stageChains(policy: FullPolicy, city: string | null): Chain[] {
  const place = { city, school: null, major: null };
  const { reviews, deadlineRules } = policy;
  const requirements = (stage: StageId, rules: readonly Requirement[]) =>
    requirementChain(policy, { ...place, stage }, rules);
  const actions = (stage: StageId, rules: readonly ActionRule[]) =>
    chainOf(
      policy,
      { ...place, stage },
      rules.map(rule => analysedAction(rule, policy.conditions)),
    );
  return [
    requirements('start', policy.start),
    requirements('eligibility', policy.eligibility),
    requirements('quota', policy.quotas),
    actions(
      'review',
      reviews.filter(rule => !isOfApplication(rule)),
    ),
    actions(
      'review',
      reviews.filter(rule => isOfApplication(rule)),
    ),
    actions(
      'deadline',
      deadlineRules.filter(rule => !isOfApplication(rule)),
    ),
    actions(
      'deadline',
      deadlineRules.filter(rule => isOfApplication(rule)),
    ),
  ].filter(chain => chain.rules.length > 0);
}

function specialChains(policy: FullPolicy, city: string | null): Chain[] {
  const targets = new Map<string, { school: string | null; major: string | null }>();
  for (const { school, major } of policy.special) {
    targets.set(`${school} ${major ?? ''}`, { school, major });
  }
  return [...targets.values()].map(({ school, major }) => {
    const rules = policy.special.filter(
      rule => rule.school === school && (rule.major === null || rule.major === major),
    );
    return requirementChain(policy, { stage: 'special', city, school, major }, rules);
  });
}

type Place = Pick<Chain, 'stage' | 'city' | 'school' | 'major'>;

function requirementChain(policy: FullPolicy, place: Place, rules: readonly Requirement[]): Chain {
  const read = rules.map(rule => analysedRequirement(rule, policy.conditions));
  return chainOf(policy, place, read);
}

function chainOf(policy: FullPolicy, place: Place, rules: readonly AnalysedRule[]): Chain {
  const [document, list] = RULE_PLACES[place.stage];
  const readings = rules.map(rule => rule.reading);
  const days = rules.flatMap(rule => rule.days);
  const domains = domainsOf(readings, days, vocabularyOfPlace(policy, place));
  return { ...place, rules, domains, document, list };
}

/** In a city's policy the city is that city; in the conditions of a school, the school. */
export function vocabularyOfPlace(
  policy: FullPolicy,
  { city, school, major }: Pick<Place, 'city' | 'school' | 'major'>,
): Vocabulary {
  return vocabularyOf(policy, {
    'city.code': city,
    'candidate.city': city,
    'school.code': school,
    'major.code': major,
  });
}
