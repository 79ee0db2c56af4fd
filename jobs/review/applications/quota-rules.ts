/**
 * The quota rules of the policy (quotas.yaml) asked about an application that wants no place for a
 * file: withdrawal, approval paper, plan up or down, region move. What wants a place asks
 * parts/quota.ts. Asked when it is opened, and again when it is decided.
 */
import { APPLICATION_TITLES, type ApplicationKind } from '../../../db/season/applications.ts';
import type { StandingFile } from '../../../db/season/files.ts';
import { type PlanStanding, planStanding, sparePlaces } from '../../../db/season/plan.ts';
import { schoolInBatch } from '../../../engine/policy/lookup.ts';
import type { Batch, FactValue, FullPolicy } from '../../../engine/policy/types.ts';
import { RequirementDecider } from '../../../engine/rules/requirements.ts';
import type { Act } from '../../act/act.ts';
import { actError } from '../../act/errors.ts';
import { PlaceFacts } from '../parts/facts.ts';
import { refusedByRule } from '../parts/rule-refusal.ts';
import { applicationError } from './errors.ts';

export interface QuotaQuestion {
  readonly kind: ApplicationKind;
  readonly city: string;
  readonly school: string;
  readonly batch: Batch;
  /** null: the flexible quota, or a file as such. */
  readonly major: string | null;
  readonly file?: StandingFile;
  /** Up (positive) or down (negative), or places to move. */
  readonly places?: number;
  /** Of `places`, those that the line or quota loses. */
  readonly reduction?: number;
  readonly signed?: boolean;
}

/**
 * @returns ids of the rules that let it pass
 * @throws unknown-major, below-used, or the code of the rule that refuses
 */
export async function requireQuotaRules<I>(
  act: Act<I>,
  question: QuotaQuestion,
): Promise<readonly string[]> {
  const { city, school, batch, major, file } = question;
  const { quotas, conditions, attributes } = await act.cityPolicy(city);
  const decider = new RequirementDecider(quotas, conditions, act.businessDate, attributes);
  const facts = await placeFacts(act, question, decider.factNames);
  if (major !== null) facts.requireMajor(major);
  if (file !== undefined) await facts.know([file]);
  const standing = await act.asRunner(session =>
    planStanding(session, act.season, { city, school, batch: batch.id }),
  );
  const asked = facts.of({
    stage: 'quota',
    file: file ?? null,
    major,
    standing,
    more: applicationFacts(question),
  });
  const { outcomes, refusal } = await decider.decide(asked);
  if (refusal !== null) throw refusedByRule(refusal, whatOf(question));
  requireSpare(standing, question);
  return outcomes.filter(({ outcome }) => outcome === 'pass').map(({ rule }) => rule);
}

/**
 * A rule looks at one line, or at the flexible quota; files without a major are in none of them,
 * and the places that they will take must be left to the school.
 *
 * @throws below-used
 */
export function requireSpare(
  standing: PlanStanding,
  { city, school, reduction = 0 }: Pick<QuotaQuestion, 'city' | 'school' | 'reduction'>,
): void {
  const spare = sparePlaces(standing);
  if (reduction === 0 || spare === null || spare >= reduction) return;
  throw applicationError('below-used', { city, school, spare: Math.max(0, spare) });
}

/** The facts of the application itself. */
export function applicationFacts(
  question: Pick<QuotaQuestion, 'kind' | 'places' | 'reduction' | 'signed'>,
): Readonly<Record<string, FactValue>> {
  const { kind, places, reduction = 0, signed = false } = question;
  return {
    'application.kind': kind,
    'application.by': 'school',
    'application.places': places ?? null,
    'application.reduction': reduction,
    'application.signed': signed,
    'application.age-days': 0,
  };
}

export function placeFacts<I>(
  act: Act<I>,
  { city, school, batch }: Pick<QuotaQuestion, 'city' | 'school' | 'batch'>,
  needed: readonly string[],
): Promise<PlaceFacts> {
  const place = { city, school, batch, phase: act.phase ?? batch.phase };
  return PlaceFacts.open(act, place, needed);
}

function whatOf({ kind, school, city, major, file }: QuotaQuestion): string {
  const title = APPLICATION_TITLES[kind];
  if (file !== undefined) return `考生 ${file.candidateNo ?? ''} 不能办理${title}`;
  const line = major === null ? '' : `专业 ${major} `;
  return `院校 ${school} ${line}在 ${city} 不能${title}`;
}

/**
 * The batch that a school's application is about: the named one, else the first that has the
 * school.
 *
 * @throws unknown-batch, not-in-batch
 */
export function batchOfSchool(
  policy: FullPolicy,
  school: { readonly code: string; readonly kind: string },
  id: string | null,
): Batch {
  if (id !== null) {
    const batch = policy.batches.find(each => each.id === id);
    if (batch === undefined) throw actError('unknown-batch', { batch: id });
    if (schoolInBatch(batch, school)) return batch;
    throw applicationError('not-in-batch', { school: school.code, batch: id });
  }
  const batch = policy.batches.find(each => schoolInBatch(each, school));
  if (batch !== undefined) return batch;
  throw applicationError('not-in-batch', { school: school.code, batch: '（未指明）' });
}

/**
 * The batch that a standing admission counts against; one that a city's own system has brought may
 * name none.
 *
 * @throws unknown-batch, not-in-batch
 */
export async function batchOfFile<I>(
  act: Act<I>,
  { batch }: StandingFile,
  school: string,
): Promise<Batch> {
  if (batch !== null) return act.batch(batch);
  const [row] = await act.asRunner(session =>
    session.query<{ kind: string }>(
      'select kind from schools where season = $1::smallint and code = $2',
      [act.season, school],
    ),
  );
  return batchOfSchool(act.policy, { code: school, kind: row?.kind ?? '' }, null);
}
