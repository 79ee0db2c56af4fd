/**
 * What the menu 投档控制 may change of a city's overlay: a tagged union, and what each edit does to
 * the YAML. Whether the outcome is sound is not judged here: the loader checks it, called by
 * edit-overlay.ts.
 */
import { fail } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { OverlayDocument } from './overlay-document.ts';
import type { FullPolicy } from './types.ts';

/** Points, as text or number (`"420.5"`, 420.5), never hundredths. */
export type Points = string | number;

export type TieKeyInput =
  | { readonly subject: string }
  | { readonly subjects: readonly string[] }
  | { readonly priority: true };

export interface DispatchModeEdit {
  readonly kind: 'dispatch-mode';
  readonly batch: string;
  readonly mode?: string;
  readonly bands?: readonly Points[];
  /** Text, such as `1.05`. */
  readonly ratio?: string;
  readonly rounding?: string;
  readonly ties?: { readonly keys?: readonly TieKeyInput[]; readonly ending?: string };
  readonly majors?: { readonly mode: string; readonly gap?: Points };
  readonly release?: string;
}

/** Which schools belong to a batch: a whole list, kinds, or one school more or less. */
export type SchoolBatchEdit = { readonly kind: 'school-batch'; readonly batch: string } & (
  | { readonly schools: readonly string[] }
  | { readonly kinds: readonly string[] }
  | { readonly add: string }
  | { readonly remove: string }
);

/**
 * `null` for a line: none is set. Entries are as the documents hold them, with a `basis` of their
 * own or without.
 */
export type OverlayEdit =
  | { readonly kind: 'region-line'; readonly batch: string; readonly line: Points | null }
  | {
      readonly kind: 'school-line';
      readonly school: string;
      readonly region: string;
      readonly batch: string;
      readonly line: Points | null;
    }
  | {
      readonly kind: 'city-batch';
      readonly batch: string;
      readonly window?: readonly [string, string] | null;
      readonly order?: number;
    }
  | DispatchModeEdit
  | SchoolBatchEdit
  | { readonly kind: 'special-condition'; readonly condition: JsonObject }
  | { readonly kind: 'special-condition'; readonly remove: string }
  | { readonly kind: 'seed'; readonly batch: string; readonly seed: string | null }
  | {
      readonly kind: 'school-review';
      readonly school: string;
      readonly batch: string;
      /** null: not set by the city. */
      readonly planChanges?: boolean | null;
      readonly files?: boolean | null;
    }
  | { readonly kind: 'review-rule'; readonly rule: JsonObject }
  | { readonly kind: 'review-rule'; readonly remove: string }
  /** The rule, the province's too, is in force before this day only. */
  | { readonly kind: 'review-rule'; readonly disable: string; readonly from: string }
  | { readonly kind: 'preference'; readonly feature: JsonObject }
  | { readonly kind: 'preference'; readonly remove: string }
  | { readonly kind: 'own-system'; readonly approved: boolean };

/** What an edit is made to, and what is in effect without and with the overlay so far. */
export interface EditContext {
  readonly city: string;
  readonly overlay: OverlayDocument;
  readonly base: FullPolicy;
  readonly before: FullPolicy;
}

/**
 * Makes the edit in the overlay.
 *
 * @throws CodedError batch-by-kinds, base-entry, no-such-entry, overlay-list-cleared
 */
export function applyEdit(context: EditContext, edit: OverlayEdit): void {
  const { overlay, city } = context;
  switch (edit.kind) {
    case 'region-line':
      overlay.setEntry('score-lines', 'regions', { region: city, batch: edit.batch }, [
        [['line'], pointsOf(edit.line)],
      ]);
      return;
    case 'school-line': {
      const { school, region, batch, line } = edit;
      overlay.setEntry('score-lines', 'schools', { school, region, batch }, [
        [['line'], pointsOf(line)],
      ]);
      return;
    }
    case 'city-batch':
      setBatch(overlay, edit.batch, [
        [['window'], edit.window as Json | undefined],
        [['order'], edit.order],
      ]);
      return;
    case 'dispatch-mode':
      setDispatchMode(overlay, edit);
      return;
    case 'school-batch':
      setSchoolBatch(context, edit);
      return;
    case 'seed':
      setBatch(overlay, edit.batch, [[['dispatch', 'seed'], edit.seed]]);
      return;
    case 'school-review': {
      const { school, batch, planChanges, files } = edit;
      overlay.setEntry('reviews', 'schools', { school, batch }, [
        [['plan-changes'], yesOrNo(planChanges)],
        [['files'], yesOrNo(files)],
      ]);
      return;
    }
    case 'own-system':
      overlay.setOwnSystem(edit.approved);
      return;
    default:
      setRuleOrFeature(context, edit);
  }
}

/** Edits of whole entries that have an id. */
type EntryEdit = Extract<OverlayEdit, { kind: 'special-condition' | 'review-rule' | 'preference' }>;

function setRuleOrFeature({ overlay, base }: EditContext, edit: EntryEdit): void {
  const [document, list, ofBase] = {
    'special-condition': ['special-conditions', 'conditions', base.special] as const,
    'review-rule': ['reviews', 'rules', base.reviews] as const,
    preference: ['preferences', 'features', base.preferences.features] as const,
  }[edit.kind];
  if ('remove' in edit) {
    if (overlay.removeEntry(document, list, { id: edit.remove })) return;
    const known = ofBase.some(({ id }: { id: string }) => id === edit.remove);
    throw fail(known ? 'base-entry' : 'no-such-entry', { id: edit.remove });
  }
  if ('disable' in edit) {
    const known =
      base.reviews.some(({ id }) => id === edit.disable) ||
      overlay.hasEntry(document, list, { id: edit.disable });
    if (!known) throw fail('no-such-entry', { id: edit.disable });
    overlay.setEntry(document, list, { id: edit.disable }, [[['valid'], [null, edit.from]]]);
  } else if ('condition' in edit) overlay.putEntry(document, list, edit.condition);
  else if ('rule' in edit) overlay.putEntry(document, list, edit.rule);
  else {
    const { points } = edit.feature;
    const read = typeof points === 'string' ? { points: pointsOf(points) } : null;
    overlay.putEntry(document, list, { ...edit.feature, ...read } as JsonObject);
  }
}

type Changes = Parameters<OverlayDocument['setEntry']>[3];

function setBatch(overlay: OverlayDocument, batch: string, changes: Changes): void {
  overlay.setEntry('batches', 'batches', { id: batch }, changes);
}

function setDispatchMode(overlay: OverlayDocument, edit: DispatchModeEdit): void {
  const { mode, bands, ratio, rounding, ties, majors, release } = edit;
  const gap = majors?.gap === undefined ? null : { gap: pointsOf(majors.gap) };
  const at = (...keys: string[]) => ['dispatch', ...keys];
  setBatch(overlay, edit.batch, [
    [at('mode'), mode],
    [at('bands'), bands?.map(pointsOf)],
    [at('ratio'), ratio],
    [at('rounding'), rounding],
    [at('ties', 'keys'), ties?.keys as Json | undefined],
    [at('ties', 'ending'), ties?.ending],
    [at('majors'), majors && ({ mode: majors.mode, ...gap } as Json)],
    [at('release'), release],
  ]);
  // The city's bands of another mode would only be warned of, at every load.
  if (mode !== undefined && mode !== 'banded' && bands === undefined) {
    overlay.deleteIn('batches', 'batches', { id: edit.batch }, at('bands'));
  }
}

function setSchoolBatch(context: EditContext, edit: SchoolBatchEdit): void {
  const { overlay, base } = context;
  const [set, other, value] =
    'kinds' in edit
      ? (['kinds', 'schools', edit.kinds] as const)
      : (['schools', 'kinds', schoolsAfter(context, edit)] as const);
  setBatch(overlay, edit.batch, [[[set], value]]);
  const inherited = base.batches.find(({ id }) => id === edit.batch);
  if (inherited !== undefined && inherited[other] !== null) {
    setBatch(overlay, edit.batch, [[[other], null]]);
  } else overlay.deleteIn('batches', 'batches', { id: edit.batch }, [other]);
}

function schoolsAfter(
  { before }: EditContext,
  edit: Exclude<SchoolBatchEdit, { kinds: readonly string[] }>,
): readonly string[] {
  if ('schools' in edit) return edit.schools;
  const schools = before.batches.find(({ id }) => id === edit.batch)?.schools ?? null;
  if (schools === null) throw fail('batch-by-kinds', { batch: edit.batch });
  if ('remove' in edit) {
    if (!schools.includes(edit.remove)) throw fail('no-such-entry', { id: edit.remove });
    return schools.filter(each => each !== edit.remove);
  }
  return schools.includes(edit.add) ? schools : [...schools, edit.add];
}

/** Text that is no decimal stays text, and the loader says what it should have been. */
function pointsOf(points: Points | null): Json {
  if (typeof points !== 'string' || !/^-?[0-9]{1,15}(\.[0-9]{1,9})?$/.test(points)) return points;
  return Number(points);
}

function yesOrNo(value: boolean | null | undefined): Json | undefined {
  if (typeof value !== 'boolean') return value;
  return value ? 'yes' : 'no';
}
