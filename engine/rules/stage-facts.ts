/**
 * The facts of one act on a single file, application or plan line, complete: what a stage knows and
 * the caller does not give is filled in, so that no rule stops at a name that nobody thought of.
 */
import type { Attribute, FactValue } from '../policy/types.ts';
import { factNames } from './catalogue.ts';
import { ruleError } from './errors.ts';
import type { StageId } from './stage.ts';

/** Where an act has no file, plan or paper: it has none of them, which is known and not absent. */
const NONE: Readonly<Record<string, FactValue>> = {
  'file.transfers': 0,
  'file.open-applications': 0,
  'file.hold-expired': false,
  'file.register-by-passed': false,
  'file.grace-over': false,
  'plan.planned': 0,
  'plan.used': 0,
  'plan.free': 0,
  'plan.flexible-free': 0,
  'application.reduction': 0,
  'application.signed': false,
};

/**
 * Every fact of the stage: as given; else none at all (0, or false) where that is a value; else
 * absent. What would let something pass is never filled in: without `file.below-line` nothing is
 * reviewed by a rule, without room nothing is admitted.
 *
 * @throws CodedError fact-not-of-stage: a name that the stage does not know is a slip
 */
export function stageFacts(
  stage: StageId,
  given: Readonly<Record<string, FactValue>>,
  attributes: readonly Attribute[] = [],
  subjects: readonly string[] = [],
): Record<string, FactValue> {
  const names = factNames(stage, attributes, subjects);
  const known = new Set(names);
  const stray = Object.keys(given).find(name => !known.has(name));
  if (stray !== undefined) throw ruleError('fact-not-of-stage', { fact: stray, stage });
  return Object.fromEntries(names.map(name => [name, given[name] ?? NONE[name] ?? null]));
}
