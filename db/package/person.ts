/**
 * One person's record, typed in at a school or a row of a school's file, checked as a row of
 * candidates.csv is: the same columns in English or Chinese, the same cells, the same sentences. A
 * person who is entered by hand has no other source, so what an import only warns of (a birth date
 * that is not the identity number's) is a fault here.
 */
import { isRealDate } from '../../engine/policy/dates.ts';
import type { Attribute } from '../../engine/policy/types.ts';
import type { PersonRecord } from '../season/supplements.ts';
import { CellFault, type CellValue, parseCell } from './cells.ts';
import { birthDateOf, comparable, identityFault, isNationalCard } from './identity.ts';
import { type Column, packageTables } from './schema.ts';

/** What is wrong with a cell of a person's record; never its value. */
export interface PersonFault {
  /** Header, as candidates.csv has it. */
  readonly column: string;
  readonly chinese: string;
  readonly code: string;
  /** The end of a Chinese sentence. */
  readonly sentence: string;
}

export type CheckedPerson =
  | { readonly person: PersonRecord; readonly faults: null }
  | { readonly person: null; readonly faults: readonly PersonFault[] };

/** Numbers and totals come from elsewhere: the city gives the one, an examination the other. */
const NOT_ENTERED = new Set(['candidate_no', 'total']);
const NEEDED = new Set(['name', 'sex', 'identity_no', 'city', 'origin']);
/** A header of another form may be a cell of somebody's record, and is not repeated. */
const HEADER = /^[a-z_]{1,40}$/;
/** Nobody who applies is younger or older than this on the day of entry. */
const AGE_MIN_YEARS = 10;
const AGE_MAX_YEARS = 80;

/** The columns that a school fills in, in the order of candidates.csv. */
export function personColumns(attributes: readonly Attribute[]): readonly Column[] {
  const columns = packageTables(attributes).get('candidates')?.columns ?? [];
  return columns.filter(column => !NOT_ENTERED.has(column.name));
}

/**
 * Checks a record.
 *
 * @param row header, English or Chinese → cell; numbers and booleans as a workbook has them
 * @param today business date
 */
export function checkPerson(
  row: Readonly<Record<string, unknown>>,
  attributes: readonly Attribute[],
  today: string,
): CheckedPerson {
  const columns = personColumns(attributes);
  const faults = unknownColumns(row, columns);
  const values = new Map<string, CellValue>();
  for (const column of columns) {
    const text = textOf(row[column.name] ?? row[column.chinese]);
    if (text === '') {
      if (NEEDED.has(column.name)) faults.push(faultOf(column, 'empty', '不能为空。'));
      continue;
    }
    const value = parseCell(column.type, text);
    if (value instanceof CellFault) faults.push(faultOf(column, value.code, value.sentence));
    else values.set(column.name, value);
  }
  if (faults.length === 0) faults.push(...personalFaults(values, columns, today));
  if (faults.length > 0) return { person: null, faults };
  return { person: recordOf(values, attributes), faults: null };
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return String(cell).trim();
}

function unknownColumns(
  row: Readonly<Record<string, unknown>>,
  columns: readonly Column[],
): PersonFault[] {
  const known = new Set(columns.flatMap(column => [column.name, column.chinese]));
  return Object.keys(row)
    .filter(name => !known.has(name))
    .map(name => (HEADER.test(name) ? name : '（另一列）'))
    .map(column => ({
      column,
      chinese: column,
      code: 'unknown-column',
      sentence: '不是补录考生的数据项。',
    }));
}

/** Identity number and dates, once every cell by itself is right. */
function personalFaults(
  values: ReadonlyMap<string, CellValue>,
  columns: readonly Column[],
  today: string,
): PersonFault[] {
  const column = (name: string) => columns.find(each => each.name === name) as Column;
  const text = (name: string) => String(values.get(name) ?? '');
  const number = text('identity_no');
  const given = text('birth_date');
  if (!isNationalCard(text('identity_type'))) {
    if (given === '') {
      return [faultOf(column('birth_date'), 'empty', '在证件不是居民身份证时必须填写。')];
    }
    return ageFaults(column('birth_date'), given, today);
  }
  const fault = identityFault(number);
  if (fault !== undefined) return [faultOf(column('identity_no'), 'wrong-identity', fault)];
  const inside = birthDateOf(number);
  if (!isRealDate(inside)) {
    const sentence = '中的出生日期不存在，请核对身份证号。';
    return [faultOf(column('identity_no'), 'wrong-identity', sentence)];
  }
  if (given !== '' && given !== inside) {
    const sentence = '与身份证号中的出生日期不一致，请核对。';
    return [faultOf(column('birth_date'), 'birth-date-differs', sentence)];
  }
  return ageFaults(column('identity_no'), inside, today);
}

function ageFaults(column: Column, birthDate: string, today: string): PersonFault[] {
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  if (years >= AGE_MIN_YEARS && years <= AGE_MAX_YEARS) return [];
  return [faultOf(column, 'wrong-birth-date', '的出生日期与报考年龄不符，请核对。')];
}

function faultOf({ name, chinese }: Column, code: string, sentence: string): PersonFault {
  return { column: name, chinese, code, sentence };
}

function recordOf(
  values: ReadonlyMap<string, CellValue>,
  attributes: readonly Attribute[],
): PersonRecord {
  const text = (name: string) => String(values.get(name) ?? '');
  const identityType = text('identity_type');
  const identityNo = comparable(text('identity_no'));
  const filled = attributes
    .filter(({ name }) => values.has(name))
    .map(({ name }) => [name, textOf(values.get(name))] as const);
  return {
    name: text('name'),
    sex: text('sex'),
    birthDate: isNationalCard(identityType) ? birthDateOf(identityNo) : text('birth_date'),
    identityNo,
    identityType,
    city: text('city'),
    county: text('county'),
    registrationPoint: text('registration_point'),
    origin: text('origin'),
    household: text('household'),
    address: text('address'),
    postcode: text('postcode'),
    phone: text('phone'),
    guardian: text('guardian'),
    attributes: filled.length === 0 ? null : Object.fromEntries(filled),
  };
}
