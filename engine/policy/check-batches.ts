import { numberToHundredths, parseHundredths } from '../decimal.ts';
import { checkWindow } from './check-calendar.ts';
import { type Check, checkDecimals, checkKnown } from './check-context.ts';
import {
  type Entry,
  entriesOf,
  isList,
  isObject,
  type JsonObject,
  listOf,
  own,
  type Path,
  textOf,
} from './json.ts';

const BATCHES = 'batches';

/** Batches: their phase, window, schools, and whether the parts of `dispatch` go together. */
export function checkBatches(check: Check): void {
  for (const entry of entriesOf(check.documents[BATCHES], 'batches')) checkBatch(check, entry);
}

function checkBatch(check: Check, { value, path }: Entry): void {
  const phase = textOf(value, 'phase');
  checkKnown(check, BATCHES, [...path, 'phase'], check.phases, phase, 'unknown-phase');
  checkWindow(check, BATCHES, own(value, 'window'), [...path, 'window']);
  const selections = ['schools', 'kinds'].filter(key => own(value, key) !== undefined);
  if (selections.length !== 1) {
    const at = selections.length === 0 ? path : [...path, selections[1]];
    check.report(BATCHES, 'school-selection', at, {}, { at: 'key' });
  }
  listOf(value, 'schools').forEach((school, index) => {
    const name = typeof school === 'string' ? school : undefined;
    const at = [...path, 'schools', index];
    checkKnown(check, BATCHES, at, check.knowledge.schools, name, 'unknown-school');
  });
  const dispatch = own(value, 'dispatch');
  if (isObject(dispatch)) checkDispatch(check, dispatch, [...path, 'dispatch']);
}

function checkDispatch(check: Check, dispatch: JsonObject, path: Path): void {
  checkBands(check, dispatch, path);
  const ratio = textOf(dispatch, 'ratio');
  if (ratio !== undefined && parseHundredths(ratio) === 0) {
    check.report(BATCHES, 'bad-ratio', [...path, 'ratio']);
  }
  const ties = own(dispatch, 'ties');
  listOf(ties, 'keys').forEach((key, index) => {
    if (!isObject(key)) return;
    const at = [...path, 'ties', 'keys', index];
    checkSubject(check, own(key, 'subject'), [...at, 'subject']);
    listOf(key, 'subjects').forEach((subject, place) => {
      checkSubject(check, subject, [...at, 'subjects', place]);
    });
  });
  checkMajors(check, dispatch, path);
}

function checkMajors(check: Check, dispatch: JsonObject, path: Path): void {
  const majors = own(dispatch, 'majors');
  if (!isObject(majors)) return;
  const gap = own(majors, 'gap');
  checkDecimals(check, BATCHES, gap, [...path, 'majors', 'gap']);
  const byGap = own(majors, 'mode') === 'gap';
  if (byGap && own(dispatch, 'mode') === 'lottery') {
    check.report(BATCHES, 'gap-in-lottery', [...path, 'majors', 'mode']);
  }
  if (!byGap && typeof gap === 'number' && gap !== 0) {
    check.report(BATCHES, 'gap-unused', [...path, 'majors', 'gap'], {}, { at: 'key' });
  }
}

function checkSubject(check: Check, subject: unknown, path: Path): void {
  if (typeof subject !== 'string' || check.subjects === null) return;
  checkKnown(check, BATCHES, path, new Set(check.subjects), subject, 'unknown-subject');
}

function checkBands(check: Check, dispatch: JsonObject, path: Path): void {
  const mode = own(dispatch, 'mode');
  const bands = own(dispatch, 'bands');
  const list = isList(bands) ? bands : [];
  const at = [...path, 'bands'];
  if (mode === 'banded' && list.length === 0) {
    check.report(BATCHES, 'bands-missing', bands === undefined ? path : at, {}, { at: 'key' });
  }
  if (typeof mode === 'string' && mode !== 'banded' && list.length > 0) {
    check.report(BATCHES, 'bands-unused', at, {}, { at: 'key' });
  }
  let before: number | undefined;
  list.forEach((band, index) => {
    checkDecimals(check, BATCHES, band, [...at, index]);
    const value = typeof band === 'number' ? numberToHundredths(band) : undefined;
    if (before !== undefined && value !== undefined && value >= before) {
      const detail = { next: Number(band), before: before / 100 };
      check.report(BATCHES, 'bands-not-falling', [...at, index], detail);
    }
    before = value ?? before;
  });
}
