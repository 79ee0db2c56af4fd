/**
 * Which functions a user has. Four sources, in this order: the side (what everybody there may),
 * the duties of the policy (duties.yaml), what a region has added to a duty or taken from it, and
 * the grants and removals of one user.
 *
 * Users of the province have every function of the office side: the notice makes the province the
 * one that issues accounts and corrects what a city cannot. The list of them stands here, since no
 * duty names what only the province does.
 *
 * Reports that no duty of the policy names are open to everybody of their side: the notice gives
 * duties for what changes something, and what a reader sees is bounded by scope. A policy that
 * names a report in a duty thereby keeps it for that duty.
 */
import type { Duty } from '../../engine/policy/types.ts';

type Side = 'office' | 'school';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** Jobs of the office side, spec/functions.md. */
const OFFICE_JOBS = words(`
  grant-functions manage-users lock-system change-password log-out
  define-preference manage-schools edit-school manage-registration-points manage-plans
  edit-candidate enter-preference define-subjects
  set-region-score-line set-school-status set-school-review set-city-batches set-dispatch-mode
  set-school-batch set-school-score-line set-special-conditions set-candidate-status
  set-flexible-quota
  dispatch-batch dispatch-school lottery-admission point-dispatch point-dispatch-admit
  point-dispatch-below point-dispatch-below-admit
  review-admission review-return review-approval-paper review-withdrawal set-auto-review
  review-plan-change review-region-move review-supplement review-transfer
  cancel-dispatch-list cancel-dispatch recall-file hold-file release-hold
  manage-notices manage-questions answer-question
  open-round close-batch release-list cancel-run draw-seed adopt-city-settings
  acknowledge-principles complete-senior-high release-senior-high import-city-snapshot
  set-school-schedule declare-relatives lift-declaration reopen-registration readmit
  import adopt-policy approve-own-system sign-report withdraw-report
  issue-roster review-roster file-roster amend-roster export-run rehearse-restore`);

const OFFICE_REPORTS = words(`
  files-at-schools school-applicants candidate-outcome candidate-trail candidate-record
  dispatch-results roster-vocational roster-senior-high dispatch-list-history
  school-progress-in-region admission-progress choice-counts school-admissions data-statistics
  supervised-progress supervised-progress-by-region supervised-admissions
  notices daily-reports daily-report-statistics
  dispatch-detail run-report unregistered contacts published-plans articulated-register pending
  inbox morning`);

const SCHOOL_JOBS = words(`
  lock-session change-password log-out submit-dispatch-list decide-files admit-from-pool
  admit-many register-students change-registered-major cancel-registered apply-withdrawal
  apply-approval-paper apply-plan-change apply-region-move apply-transfer supplement-candidate
  supplement-many ask-question file-daily-report declare-relatives`);

const SCHOOL_REPORTS = words(`
  supplement-results candidate-whereabouts school-roster admission-letter admitted-candidates
  school-notices unregistered contacts published-plans pending`);

/** What everybody of a side may do, whatever the duty: with one's own account and declaration. */
const EVERYBODY: Readonly<Record<Side, readonly string[]>> = {
  office: ['change-password', 'log-out', 'declare-relatives'],
  school: ['lock-session', 'change-password', 'log-out', 'declare-relatives', 'ask-question'],
};

const REPORTS: Readonly<Record<Side, readonly string[]>> = {
  office: OFFICE_REPORTS,
  school: SCHOOL_REPORTS,
};

/** Every function of a side: those of the functional table, and what the policy's duties add. */
export function functionsOfSide(side: Side, duties: readonly Duty[]): ReadonlySet<string> {
  const jobs = side === 'office' ? OFFICE_JOBS : SCHOOL_JOBS;
  const named = duties.filter(duty => duty.side === side).flatMap(duty => duty.functions);
  return new Set([...jobs, ...REPORTS[side], ...named]);
}

/** What a region has added to a duty, or taken from it; the nearest region's word. */
export interface DutyChange {
  readonly duty: string;
  readonly function: string;
  readonly granted: boolean;
}

export interface FunctionChanges {
  readonly granted: readonly string[];
  readonly removed: readonly string[];
  readonly ofDuties?: readonly DutyChange[];
}

/** The functions that a user has in the end. */
export function effectiveFunctions(
  user: { readonly side: Side; readonly level: string; readonly duties: readonly string[] },
  duties: readonly Duty[],
  changes: FunctionChanges,
): ReadonlySet<string> {
  const { side, level } = user;
  const ofDuties = changes.ofDuties ?? [];
  const functions = new Set<string>(
    level === 'province' ? functionsOfSide(side, duties) : ofSideAndDuties(user, duties, ofDuties),
  );
  for (const each of changes.granted) functions.add(each);
  for (const each of changes.removed) functions.delete(each);
  return functions;
}

function* ofSideAndDuties(
  user: { readonly side: Side; readonly duties: readonly string[] },
  duties: readonly Duty[],
  changes: readonly DutyChange[],
): Generator<string> {
  const { side } = user;
  const ofSide = duties.filter(duty => duty.side === side);
  const named = new Set(ofSide.flatMap(duty => duty.functions));
  yield* EVERYBODY[side];
  for (const report of REPORTS[side]) if (!named.has(report)) yield report;
  for (const duty of ofSide) {
    if (!user.duties.includes(duty.id)) continue;
    const own = changes.filter(change => change.duty === duty.id);
    const removed = new Set(own.filter(({ granted }) => !granted).map(each => each.function));
    for (const each of duty.functions) if (!removed.has(each)) yield each;
    for (const change of own) if (change.granted) yield change.function;
  }
}
