/**
 * The tables of a data package 数据包 (spec/formats.md) as data: what each file is called, which
 * columns it has in English and in Chinese, what may stand in a cell, what may be empty. Reading,
 * checking, writing, datapackage.json and the COPY into the database are all driven by this table.
 */
import type { Attribute } from '../../engine/policy/types.ts';
import { ORIGINS, OWNERS, SCHOOL_KINDS, STATES } from './schema-values.ts';

export const TABLE_NAMES = [
  'regions',
  'offices',
  'schools',
  'majors',
  'subjects',
  'plans',
  'flexible',
  'school-status',
  'candidates',
  'scores',
  'preferences',
  'choices',
  'senior-high',
  'files',
  'city-snapshot',
] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** What a recompute or an import into an empty database cannot do without. */
export const TABLES_NEEDED: readonly TableName[] = [
  'regions',
  'schools',
  'majors',
  'plans',
  'candidates',
  'choices',
];

export type CellType =
  /** One code: no blanks, compared by its bytes. */
  | { readonly kind: 'code' }
  /** Codes joined by a blank. */
  | { readonly kind: 'codes' }
  | { readonly kind: 'text' }
  /** Points with at most two places; the value is hundredths. */
  | { readonly kind: 'decimal' }
  /** A number of a declared attribute, of any precision; the value is its text. */
  | { readonly kind: 'number' }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number }
  /** YYYY-MM-DD. */
  | { readonly kind: 'date' }
  | { readonly kind: 'yes-no' }
  /** The value in the database → the other ways to write it. */
  | { readonly kind: 'enum'; readonly values: Readonly<Record<string, readonly string[]>> };

export interface Column {
  readonly name: string;
  /** The Chinese header, and what messages call the column. */
  readonly chinese: string;
  readonly type: CellType;
  /**
   * always: no work without the column; import: a recompute does without it; optional: nobody
   * needs it.
   */
  readonly presence: 'always' | 'import' | 'optional';
  /** Where a cell may be empty: nowhere, in a recompute only, everywhere. */
  readonly blank: 'never' | 'recompute' | 'always';
  /** Names, identity numbers, addresses: their values never stand in a message. */
  readonly personal: boolean;
}

export interface Table {
  readonly name: TableName;
  readonly file: string;
  readonly title: string;
  readonly columns: readonly Column[];
  /** Columns whose values together are unique in a package. */
  readonly key: readonly string[];
  /** Holds people's data: cells that are not plain ASCII are never shown in a message. */
  readonly personal: boolean;
}

const CODE: CellType = { kind: 'code' };
const CODES: CellType = { kind: 'codes' };
const TEXT: CellType = { kind: 'text' };
const DECIMAL: CellType = { kind: 'decimal' };
const DATE: CellType = { kind: 'date' };
const YES_NO: CellType = { kind: 'yes-no' };

/** Far above any school's plan; keeps sums of a city well inside 32 bits. */
const PLACES_MAX = 1_000_000;
const ORDINAL_MAX = 1000;
const ROUND_MAX = 100;
const APPLICATIONS_MAX = 255;
const SUBJECT_ORDER_MAX = 1000;

const integer = (min: number, max: number): CellType => ({ kind: 'integer', min, max });
const oneOf = (values: Readonly<Record<string, readonly string[]>>): CellType => ({
  kind: 'enum',
  values,
});

function column(name: string, chinese: string, type: CellType, more: Partial<Column> = {}): Column {
  return { name, chinese, type, presence: 'always', blank: 'never', personal: false, ...more };
}

/** A column that the dispatch does not read: a recompute does without it. */
const LESS: Partial<Column> = { presence: 'import', blank: 'recompute' };
const MAY_BE_EMPTY: Partial<Column> = { blank: 'always' };
const LESS_OR_EMPTY: Partial<Column> = { presence: 'import', blank: 'always' };
const OPTIONAL: Partial<Column> = { presence: 'optional', blank: 'always' };
const OPTIONAL_PERSONAL: Partial<Column> = { ...OPTIONAL, personal: true };

function table(
  name: TableName,
  title: string,
  key: readonly string[],
  columns: readonly Column[],
  personal = false,
): Table {
  return { name, file: `${name}.csv`, title, columns, key, personal };
}

const SCHOOL = column('school', '院校代码', CODE);
const MAJOR = column('major', '专业代码', CODE);
const SOURCE_REGION = column('region', '生源地区', CODE);
const BATCH = column('batch', '批次', CODE);
const CANDIDATE = column('candidate_no', '考生号', CODE);

const BASE_TABLES: readonly Table[] = [
  table(
    'regions',
    '地区',
    ['code'],
    [
      column('code', '代码', CODE),
      column('name', '名称', TEXT, LESS),
      column('parent', '上级', CODE, MAY_BE_EMPTY),
      column(
        'level',
        '级别',
        oneOf({ province: ['省'], city: ['市', '地市'], county: ['县', '区县', '区'] }),
      ),
    ],
  ),
  table(
    'offices',
    '招生机构',
    ['code'],
    [
      column('code', '机构代码', CODE),
      column('name', '名称', TEXT, LESS),
      column(
        'kind',
        '类别',
        oneOf({
          admission: ['招办'],
          education: ['教育局'],
          'technical-admission': ['技工学校招办'],
        }),
        LESS,
      ),
      column('region', '地区', CODE, LESS),
      column('school_kinds', '院校类别', CODES, MAY_BE_EMPTY),
    ],
  ),
  table(
    'schools',
    '院校',
    ['code'],
    [
      column('code', '院校代码', CODE),
      column('name', '院校名称', TEXT, LESS),
      column('kind', '类别', oneOf(SCHOOL_KINDS), { blank: 'recompute' }),
      column('owner', '隶属', oneOf(OWNERS), LESS_OR_EMPTY),
      column('region', '所在地区', CODE, LESS_OR_EMPTY),
      column('supervisor', '主管单位', CODE, LESS_OR_EMPTY),
      column(
        'roster',
        '名册',
        oneOf({ here: ['本系统', '本系统打印'], external: ['外部', '其他系统'] }),
        LESS_OR_EMPTY,
      ),
    ],
  ),
  table(
    'majors',
    '专业',
    ['school', 'code'],
    [
      column('code', '专业代码', CODE),
      column('name', '专业名称', TEXT, LESS),
      SCHOOL,
      column('articulated', '三二分段', YES_NO, LESS_OR_EMPTY),
      column('college', '对接高职', TEXT, LESS_OR_EMPTY),
    ],
  ),
  table(
    'subjects',
    '科目',
    ['city', 'code'],
    [
      column('city', '地市', CODE),
      column('code', '科目代码', CODE),
      column('name', '科目名称', TEXT),
      column('full', '满分', DECIMAL, { blank: 'recompute' }),
      column('order', '顺序', integer(0, SUBJECT_ORDER_MAX), LESS),
    ],
  ),
  table(
    'plans',
    '计划',
    ['region', 'batch', 'school', 'major'],
    [SCHOOL, MAJOR, SOURCE_REGION, BATCH, column('planned', '计划数', integer(0, PLACES_MAX))],
  ),
  table(
    'flexible',
    '机动计划',
    ['region', 'batch', 'school'],
    [SCHOOL, SOURCE_REGION, BATCH, column('places', '机动计划数', integer(0, PLACES_MAX))],
  ),
  table(
    'school-status',
    '院校状态',
    ['school', 'batch', 'region'],
    [
      SCHOOL,
      BATCH,
      column(
        'status',
        '状态',
        oneOf({ open: ['开放', '正常'], suspended: ['暂停'], finished: ['结束', '已结束'] }),
      ),
      column('region', '地区', CODE, OPTIONAL),
    ],
  ),
  table(
    'candidates',
    '考生',
    ['candidate_no'],
    [
      CANDIDATE,
      column('name', '姓名', TEXT, { ...LESS, personal: true }),
      column('sex', '性别', oneOf({ M: ['男'], F: ['女'] }), LESS),
      column('birth_date', '出生日期', DATE, LESS_OR_EMPTY),
      column('identity_no', '身份证号', CODE, { ...LESS, personal: true }),
      column('city', '地市', CODE),
      column('county', '区县', CODE, LESS_OR_EMPTY),
      column('registration_point', '报名点', TEXT, LESS_OR_EMPTY),
      column('origin', '考生类别', oneOf(ORIGINS), LESS),
      column('total', '总分', DECIMAL, MAY_BE_EMPTY),
      column('identity_type', '证件类型', TEXT, OPTIONAL),
      column('household', '户籍', TEXT, OPTIONAL),
      column('address', '地址', TEXT, OPTIONAL_PERSONAL),
      column('postcode', '邮编', CODE, OPTIONAL),
      column('phone', '电话', TEXT, OPTIONAL_PERSONAL),
      column('guardian', '监护人', TEXT, OPTIONAL_PERSONAL),
    ],
    true,
  ),
  table(
    'scores',
    '成绩',
    ['candidate_no', 'subject'],
    [
      CANDIDATE,
      column('subject', '科目代码', CODE),
      column('score', '成绩', DECIMAL, MAY_BE_EMPTY),
    ],
  ),
  table(
    'preferences',
    '照顾特征',
    ['candidate_no', 'feature'],
    [
      CANDIDATE,
      column('feature', '照顾特征', CODE),
      column('evidence', '证明', TEXT, LESS_OR_EMPTY),
      column('confirmed_by', '审核人', TEXT, { ...LESS_OR_EMPTY, personal: true }),
    ],
    true,
  ),
  table(
    'choices',
    '志愿',
    ['candidate_no', 'batch', 'round', 'ordinal'],
    [
      CANDIDATE,
      BATCH,
      column('round', '轮次', integer(1, ROUND_MAX), OPTIONAL),
      column('ordinal', '志愿序号', integer(1, ORDINAL_MAX)),
      SCHOOL,
      column('majors', '专业', CODES, LESS_OR_EMPTY),
      column('adjustment', '服从调剂', YES_NO, LESS_OR_EMPTY),
    ],
  ),
  table(
    'senior-high',
    '普高录取',
    ['candidate_no'],
    [
      CANDIDATE,
      column('school', '院校代码', CODE, LESS),
      column('identity_no', '身份证号', CODE, OPTIONAL_PERSONAL),
    ],
    true,
  ),
  table(
    'files',
    '档案',
    ['candidate_no'],
    [
      CANDIDATE,
      column('state', '状态', oneOf(STATES)),
      column('school', '院校代码', CODE, MAY_BE_EMPTY),
      column('major', '专业代码', CODE, MAY_BE_EMPTY),
      column('batch', '批次', CODE, MAY_BE_EMPTY),
      column('returned_by', '退档院校', CODES, LESS_OR_EMPTY),
      column('open_applications', '未结申请', integer(0, APPLICATIONS_MAX), OPTIONAL),
    ],
  ),
  table(
    'city-snapshot',
    '地市录取快照',
    ['candidate_no'],
    [CANDIDATE, SCHOOL, MAJOR, column('admitted_on', '录取日期', DATE)],
  ),
];

const ATTRIBUTE_TYPES: Readonly<Record<Attribute['type'], CellType>> = {
  number: { kind: 'number' },
  text: TEXT,
  boolean: YES_NO,
  date: DATE,
};

/**
 * The tables under a policy: candidates.csv has one more column per declared attribute.
 *
 * @param attributes `attributes:` of policy.yaml; a name that is already a column is left alone
 */
export function packageTables(attributes: readonly Attribute[]): ReadonlyMap<TableName, Table> {
  const tables = new Map(BASE_TABLES.map(each => [each.name, each]));
  const candidates = tables.get('candidates') as Table;
  const known = new Set(candidates.columns.map(each => each.name));
  const added = attributes
    .filter(attribute => !known.has(attribute.name))
    .map(attribute =>
      column(attribute.name, attribute.title, ATTRIBUTE_TYPES[attribute.type], OPTIONAL),
    );
  tables.set('candidates', { ...candidates, columns: [...candidates.columns, ...added] });
  return tables;
}

/** The English header of a table as written by write.ts. */
export function headerOf(each: Table): string[] {
  return each.columns.map(column => column.name);
}

export function columnIndex(each: Table, name: string): number {
  const index = each.columns.findIndex(column => column.name === name);
  if (index < 0) throw new Error(`${each.file} has no column ${name}`);
  return index;
}
