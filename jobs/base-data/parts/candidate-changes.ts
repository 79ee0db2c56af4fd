/**
 * What an edit changes of a candidate's record, checked as an import checks a row, and against what
 * has happened to the file. Pure: who is known by which number, the caller has asked.
 */
import {
  birthDateOf,
  comparable,
  identityFault,
  isNationalCard,
} from '../../../db/package/identity.ts';
import { AT_SCHOOL } from '../../../db/package/import/people.ts';
import { formatHundredths, numberToHundredths } from '../../../engine/decimal.ts';
import { STATE_TITLES } from '../../../engine/file/states.ts';
import type { Attribute } from '../../../engine/policy/types.ts';
import { isDate } from '../../run/calendar.ts';
import { baseDataError } from '../errors.ts';
import {
  type CandidateEdit,
  CONTACT_FIELDS,
  DECIDING_FIELDS,
  IDENTITY_FIELDS,
} from './candidate-input.ts';
import type { CandidateRecord, Subject } from './candidate-record.ts';

export interface ScoreChange {
  readonly marks: readonly (number | null)[];
  readonly total: number | null;
}

/** Only what differs from the record. */
export interface CandidateChanges {
  readonly columns: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>> | null;
  readonly number: string | null;
  readonly scores: ScoreChange | null;
}

const COLUMN_TITLES: Readonly<Record<string, string>> = {
  ...CONTACT_FIELDS,
  ...DECIDING_FIELDS,
  ...IDENTITY_FIELDS,
};

/** Never dispatched, and nowhere but in the pool or at a senior high. */
const UNTOUCHED: readonly string[] = ['in-pool', 'senior-high', 'held', 'unnumbered'];

/**
 * @throws number-after-dispatch, identity-after-dispatch, file-at-school, wrong-identity,
 *   wrong-value, unknown-subject
 */
export function changesOf(
  record: CandidateRecord,
  edit: CandidateEdit,
  known: {
    readonly subjects: ReadonlyMap<string, Subject>;
    readonly attributes: readonly Attribute[];
  },
): CandidateChanges {
  const columns: Record<string, string> = {};
  for (const name of Object.keys(COLUMN_TITLES)) {
    const given = edit[name as keyof CandidateEdit];
    if (typeof given !== 'string') continue;
    const value = name === 'identity_no' ? comparable(given) : given;
    if (value !== record.columns[name]) columns[name] = value;
  }
  const number = edit.new_candidate_no ?? edit.candidate_no;
  const changes: CandidateChanges = {
    columns,
    attributes: attributesAfter(record, edit, known.attributes),
    number: number === edit.candidate_no ? null : number,
    scores: scoresAfter(record, edit, known.subjects),
  };
  requireAllowed(record, edit.candidate_no, changes);
  if (Object.keys(columns).some(name => name in IDENTITY_FIELDS)) {
    requireIdentity(edit.candidate_no, { ...record.columns, ...columns });
  }
  return changes;
}

/** Titles of what changes, for answers; names alone, for the event. */
export function fieldsOf(changes: CandidateChanges): string[] {
  return [
    ...Object.keys(changes.columns),
    ...(changes.attributes === null ? [] : ['attributes']),
    ...(changes.number === null ? [] : ['candidate_no']),
    ...(changes.scores === null ? [] : ['scores']),
  ];
}

function requireAllowed(
  { file, runs }: CandidateRecord,
  candidate: string,
  changes: CandidateChanges,
): void {
  const { state } = file;
  const dispatched = runs.length > 0 || !UNTOUCHED.includes(state);
  if (dispatched && changes.number !== null) {
    throw baseDataError('number-after-dispatch', { candidate });
  }
  const names = Object.keys(changes.columns);
  if (dispatched && names.some(name => name in IDENTITY_FIELDS)) {
    throw baseDataError('identity-after-dispatch', { candidate });
  }
  if (!AT_SCHOOL.includes(state)) return;
  const deciding = names.filter(name => name in DECIDING_FIELDS).map(name => COLUMN_TITLES[name]);
  if (changes.attributes !== null) deciding.push('附加属性');
  // After a dispatch a score is corrected by an officer's decision; a file that came to its school
  // by hand has no run that could be done again.
  if (changes.scores !== null && runs.length === 0) deciding.push('成绩');
  if (deciding.length === 0) return;
  const detail = { candidate, state: STATE_TITLES[state], what: deciding.join('、') };
  throw baseDataError('file-at-school', detail);
}

/** @throws wrong-identity */
function requireIdentity(candidate: string, row: Readonly<Record<string, string>>): void {
  const { identity_no: number = '', identity_type: type = '', birth_date: born = '' } = row;
  if (!isNationalCard(type)) return;
  const reason = identityFault(number);
  if (reason !== undefined) throw baseDataError('wrong-identity', { candidate, reason });
  if (born !== '' && born !== birthDateOf(number)) {
    throw baseDataError('wrong-identity', { candidate, reason: '与出生日期不一致。' });
  }
}

function attributesAfter(
  record: CandidateRecord,
  edit: CandidateEdit,
  declared: readonly Attribute[],
): Readonly<Record<string, string>> | null {
  if (edit.attributes === undefined) return null;
  const after = { ...record.attributes };
  for (const [name, value] of Object.entries(edit.attributes)) {
    const attribute = declared.find(each => each.name === name);
    const what = attribute?.title ?? name;
    const wrong = (reason: string) =>
      baseDataError('wrong-value', { candidate: edit.candidate_no, what, reason });
    if (attribute === undefined) throw wrong('政策没有声明这项属性');
    const text = value === null ? '' : attributeText(attribute, value);
    if (text === undefined) throw wrong(TYPE_SENTENCES[attribute.type]);
    if (text === '') delete after[name];
    else after[name] = text;
  }
  const same =
    Object.keys(after).length === Object.keys(record.attributes).length &&
    Object.entries(after).every(([name, text]) => record.attributes[name] === text);
  return same ? null : after;
}

const TYPE_SENTENCES: Readonly<Record<Attribute['type'], string>> = {
  number: '应为数',
  text: '应为文字',
  boolean: '应为 yes 或 no',
  date: '应为日期，写作 YYYY-MM-DD',
};

/** As this system writes it; undefined: of another type. */
function attributeText({ type }: Attribute, value: string | number | boolean): string | undefined {
  const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  if (text === '') return '';
  if (type === 'number') {
    return /^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,6})?$/.test(text) ? String(Number(text)) : undefined;
  }
  if (type === 'boolean') return text === 'yes' || text === 'no' ? text : undefined;
  if (type === 'date') return isDate(text) ? text : undefined;
  return text;
}

/** The total follows the marks by as much as they change, unless it is given. */
function scoresAfter(
  record: CandidateRecord,
  edit: CandidateEdit,
  subjects: ReadonlyMap<string, Subject>,
): ScoreChange | null {
  if (edit.scores === undefined && edit.total === undefined) return null;
  const slots = Math.max(record.marks.length, ...[...subjects.values()].map(each => each.slot));
  const marks = Array.from({ length: slots }, (_, index) => record.marks[index] ?? null);
  let change = 0;
  for (const [code, given] of Object.entries(edit.scores ?? {})) {
    const subject = subjects.get(code);
    if (subject === undefined) {
      throw baseDataError('unknown-subject', { city: record.file.city, subject: code });
    }
    const mark = pointsOf(edit.candidate_no, `${subject.name}成绩`, given, subject.full);
    change += (mark ?? 0) - (marks[subject.slot - 1] ?? 0);
    marks[subject.slot - 1] = mark;
  }
  const sum = [...subjects.values()].reduce((total, each) => total + each.full, 0);
  const full = sum === 0 ? Number.MAX_SAFE_INTEGER : sum;
  const followed = edit.scores === undefined ? record.total : (record.total ?? 0) + change;
  const total =
    edit.total === undefined ? followed : pointsOf(edit.candidate_no, '总分', edit.total, full);
  const same =
    total === record.total && marks.every((mark, index) => mark === (record.marks[index] ?? null));
  return same ? null : { marks, total };
}

function pointsOf(
  candidate: string,
  what: string,
  value: number | null,
  full: number,
): number | null {
  if (value === null) return null;
  const points = numberToHundredths(value);
  if (points === undefined) {
    throw baseDataError('wrong-value', { candidate, what, reason: '至多两位小数' });
  }
  if (points > full) {
    const reason = `高于满分 ${formatHundredths(full)}`;
    throw baseDataError('wrong-value', { candidate, what, reason });
  }
  return points;
}
