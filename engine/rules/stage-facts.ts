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
  attributes: readonly Attribute[] = NO_ATTRIBUTES,
  subjects: readonly string[] = [],
): Record<string, FactValue> {
  const { known, empty } = frameOf(stage, attributes, subjects);
  const facts = { ...empty };
  for (const [name, value] of Object.entries(given)) {
    if (!known.has(name)) throw ruleError('fact-not-of-stage', { fact: name, stage });
    if (value != null) facts[name] = value;
  }
  return facts;
}

/** The names of a stage, and its facts where nothing is given. */
interface Frame {
  readonly known: ReadonlySet<string>;
  readonly empty: Readonly<Record<string, FactValue>>;
}

const NO_ATTRIBUTES: readonly Attribute[] = [];
/** A sweep asks for each of its groups, and the list of names is long. */
const FRAMES = new WeakMap<readonly Attribute[], Map<string, Frame>>();

function frameOf(
  stage: StageId,
  attributes: readonly Attribute[],
  subjects: readonly string[],
): Frame {
  const ofPolicy = FRAMES.get(attributes) ?? new Map<string, Frame>();
  FRAMES.set(attributes, ofPolicy);
  const key = JSON.stringify([stage, subjects]);
  const kept = ofPolicy.get(key);
  if (kept !== undefined) return kept;
  const names = factNames(stage, attributes, subjects);
  const empty = Object.fromEntries(names.map(name => [name, NONE[name] ?? null]));
  const frame = { known: new Set(names), empty };
  ofPolicy.set(key, frame);
  return frame;
}
