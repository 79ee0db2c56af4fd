/**
 * datapackage.json: what a package says of itself, in the way of Tabular Data Package. Everything
 * in it may be missing; what is there and means something to us is checked.
 */
import type { Attribute } from '../../engine/policy/types.ts';
import { type CellType, packageTables, type Table } from './schema.ts';

/** What a recompute takes where the command names nothing. */
export interface RunDefaults {
  readonly city?: string;
  readonly batch?: string;
  readonly round?: number;
  readonly date?: string;
  /** One school only; null or absent: all. */
  readonly school?: string | null;
}

export interface Description {
  readonly synthetic: boolean;
  readonly season: number | null;
  readonly run: RunDefaults;
  readonly seniorHighComplete: readonly string[];
}

export const NO_DESCRIPTION: Description = {
  synthetic: false,
  season: null,
  run: {},
  seniorHighComplete: [],
};

/** A description is a page, not a book: guards JSON.parse. */
export const DESCRIPTION_BYTES_MAX = 1 << 20;

const FIELD_TYPES: Readonly<Record<CellType['kind'], string>> = {
  code: 'string',
  codes: 'string',
  text: 'string',
  decimal: 'number',
  number: 'number',
  integer: 'integer',
  date: 'date',
  'yes-no': 'boolean',
  enum: 'string',
};

interface Described {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The object that becomes datapackage.json. */
export function describePackage(
  files: readonly Described[],
  options: {
    readonly name: string;
    readonly title?: string;
    readonly synthetic?: boolean;
    readonly season?: number;
    readonly run?: RunDefaults;
    readonly seniorHighComplete?: readonly string[];
    readonly attributes?: readonly Attribute[];
  },
): object {
  const tables = [...packageTables(options.attributes ?? []).values()];
  return {
    profile: 'tabular-data-package',
    name: options.name,
    ...(options.title === undefined ? {} : { title: options.title }),
    ...(options.synthetic === true ? { synthetic: true } : {}),
    ...(options.season === undefined ? {} : { season: options.season }),
    ...(options.run === undefined ? {} : { run: options.run }),
    ...(options.seniorHighComplete === undefined
      ? {}
      : { senior_high_complete: options.seniorHighComplete }),
    resources: files.map(file => resource(file, tables)),
  };
}

function resource(file: Described, tables: readonly Table[]): object {
  const table = tables.find(each => each.file === file.name);
  return {
    profile: 'tabular-data-resource',
    name: file.name.replace(/\.csv$/, ''),
    path: file.path,
    ...(file.path.endsWith('.gz') ? { compression: 'gz' } : {}),
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    bytes: file.bytes,
    hash: `sha256:${file.sha256}`,
    ...(table === undefined ? {} : { title: table.title, schema: schemaOf(table) }),
  };
}

function schemaOf(table: Table): object {
  return {
    fields: table.columns.map(column => ({
      name: column.name,
      title: column.chinese,
      type: FIELD_TYPES[column.type.kind],
      ...(column.type.kind === 'yes-no' ? { trueValues: ['yes'], falseValues: ['no'] } : {}),
      ...(column.blank === 'never' ? { constraints: { required: true } } : {}),
    })),
    primaryKey: table.key,
    missingValues: [''],
  };
}

/**
 * Reads a description.
 *
 * @returns the description, or a Chinese sentence that says what is wrong with it
 */
export function readDescription(text: string): Description | string {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return 'datapackage.json 不是完好的 JSON。';
  }
  if (!isObject(value)) return 'datapackage.json 应是一个对象。';
  const { synthetic = false, season = null, run = {}, senior_high_complete = [] } = value;
  if (typeof synthetic !== 'boolean') return 'synthetic 应为 true 或 false。';
  if (season !== null && !isNatural(season)) return 'season 应为年份数字，如 2016。';
  if (!isObject(run)) return 'run 应是一个对象。';
  if (!isTexts(senior_high_complete)) return 'senior_high_complete 应为地市代码的列表。';
  const wrong = wrongDefault(run);
  if (wrong !== undefined) return wrong;
  return {
    synthetic,
    season: season as number | null,
    run: run as RunDefaults,
    seniorHighComplete: senior_high_complete,
  };
}

function wrongDefault(run: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of ['city', 'batch', 'date']) {
    const value = run[key];
    if (value !== undefined && typeof value !== 'string') return `run.${key} 应为文本。`;
  }
  if (run['round'] !== undefined && !isNatural(run['round'])) return 'run.round 应为轮次数字。';
  const school = run['school'];
  if (school !== undefined && school !== null && typeof school !== 'string') {
    return 'run.school 应为院校代码，或 null。';
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNatural(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(each => typeof each === 'string');
}
