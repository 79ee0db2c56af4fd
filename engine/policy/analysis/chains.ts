/**
 * The chains 规则链 of a policy: rules that are tried one after the other on the same facts. The
 * special conditions of each school and of each of its majors are chains of their own; so are the
 * deadline rules of applications beside those of files, because the sweep asks them apart.
 */
import type { StageId } from '../../rules/stage.ts';
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

/** The rules of a chain as the policy has them. */
interface Spec {
  readonly stage: StageId;
  readonly school: string | null;
  readonly major: string | null;
  readonly rules: readonly (Requirement | ActionRule)[];
}

/**
 * The chains of a policy in effect.
 *
 * @param base the province's policy: of a city, chains that are the province's are left out
 */
export function chainsOf(policy: FullPolicy, city: string | null, base?: FullPolicy): Chain[] {
  const inherited = base === undefined ? new Set<string>() : keysOf(base);
  return specsOf(policy)
    .filter(spec => !inherited.has(JSON.stringify(spec)))
    .map(spec => chainOf(policy, city, spec));
}

/** Of a base, asked for once per city. */
const KEYS = new WeakMap<FullPolicy, ReadonlySet<string>>();

function keysOf(policy: FullPolicy): ReadonlySet<string> {
  const known = KEYS.get(policy) ?? new Set(specsOf(policy).map(spec => JSON.stringify(spec)));
  KEYS.set(policy, known);
  return known;
}

function specsOf(policy: FullPolicy): Spec[] {
  const { reviews, deadlineRules, start, eligibility, quotas, special } = policy;
  const targets = new Map(
    special.map(({ school, major }) => [`${school} ${major ?? ''}`, { school, major }]),
  );
  const ofTargets = [...targets.values()].map(({ school, major }): Spec => {
    const rules = special.filter(
      rule => rule.school === school && (rule.major === null || rule.major === major),
    );
    return { stage: 'special', school, major, rules };
  });
  const specs: Spec[] = [
    stageSpec('start', start),
    stageSpec('eligibility', eligibility),
    ...ofTargets,
    stageSpec('quota', quotas),
    ...bySubject('review', reviews),
    ...bySubject('deadline', deadlineRules),
  ];
  return specs.filter(spec => spec.rules.length > 0);
}

function stageSpec(stage: StageId, rules: Spec['rules']): Spec {
  return { stage, school: null, major: null, rules };
}

function bySubject(stage: StageId, rules: readonly ActionRule[]): Spec[] {
  return [
    stageSpec(
      stage,
      rules.filter(rule => !isOfApplication(rule)),
    ),
    stageSpec(
      stage,
      rules.filter(rule => isOfApplication(rule)),
    ),
  ];
}

function chainOf(policy: FullPolicy, city: string | null, spec: Spec): Chain {
  const { stage, school, major } = spec;
  const place = { stage, city, school, major };
  const [document, list] = RULE_PLACES[stage];
  const rules = spec.rules.map(rule =>
    'when' in rule
      ? analysedAction(rule, policy.conditions)
      : analysedRequirement(rule, policy.conditions),
  );
  const readings = rules.map(rule => rule.reading);
  const days = rules.flatMap(rule => rule.days);
  const domains = domainsOf(readings, days, vocabularyOfPlace(policy, place));
  return { ...place, rules, domains, document, list };
}

type Place = Pick<Chain, 'stage' | 'city' | 'school' | 'major'>;

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
