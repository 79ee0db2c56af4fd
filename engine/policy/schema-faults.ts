/** ajv's errors as faults: one per slip, in Chinese, with the titles that the schemas carry. */
import type { ErrorObject } from 'ajv';
import {
  FAULTS_MAX_COUNT,
  type Fault,
  type FaultCode,
  type FaultDetail,
  type Nearest,
} from './faults.ts';
import { isList, isObject, type Json, type Path } from './json.ts';
import { nearestName } from './nearest.ts';
import { type DocumentKind, schemaErrors } from './schemas.ts';

interface PartSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, PartSchema>>;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly oneOf?: readonly PartSchema[];
}

const TYPE_TITLES: Readonly<Record<string, string>> = {
  string: '文字',
  number: '数字',
  integer: '整数',
  boolean: 'true 或 false',
  array: '列表',
  object: '键值',
  null: '空值',
};

/** What json-rules-engine or habit would allow in a condition, and a policy does not. */
const FORBIDDEN_IN_CONDITION: ReadonlySet<string> = new Set([
  'path',
  'priority',
  'params',
  'name',
  'event',
  'onSuccess',
  'onFailure',
  'factResult',
  'result',
]);
/** Follow from another error that is reported itself. */
const SECONDARY: ReadonlySet<string> = new Set(['if', 'propertyNames', 'oneOf']);

/**
 * Checks a document against the schema of its kind.
 *
 * @param name what faults call the document: the kind, or the path of a test file
 */
export function schemaFaults(kind: DocumentKind, name: string, value: Json): Fault[] {
  return schemaErrors(kind, value)
    .filter(error => !SECONDARY.has(error.keyword))
    .slice(0, FAULTS_MAX_COUNT)
    .map(error => faultOf(error, name, value));
}

function faultOf(error: ErrorObject, document: string, root: Json): Fault {
  const schema = error.parentSchema as PartSchema;
  const path = pathOf(error.instancePath, root);
  const make = (
    code: FaultCode,
    detail: FaultDetail,
    more: { nearest?: Nearest; below?: string; at?: 'key' } = {},
  ): Fault => ({
    code,
    document,
    path: more.below === undefined ? path : [...path, more.below],
    at: more.at ?? 'value',
    detail,
    ...(more.nearest === undefined ? {} : { nearest: more.nearest }),
  });
  const title = schema.title ?? String(path.at(-1) ?? '文件');
  const description = schema.description ?? '';
  switch (error.keyword) {
    case 'additionalProperties':
      return make(...unknownKey(error.params['additionalProperty'], schema));
    case 'required': {
      const name = String(error.params['missingProperty']);
      const part = schema.properties?.[name];
      return make('missing-key', { name, title: part?.title ? `（${part.title}）` : '' });
    }
    case 'type':
      return make(...wrongType(error, schema, title));
    case 'enum':
    case 'const':
      return make(...unknownValue(error.data as Json, allowedBy(schema), title));
    case 'discriminator':
      return make(...badTag(error, schema));
    case 'pattern':
      if (error.propertyName !== undefined) {
        return make('bad-format', { title, description }, { below: error.propertyName, at: 'key' });
      }
      return make('bad-format', { title, description: description || title });
    case 'minimum':
    case 'maximum':
      return make('out-of-range', { title, description: `应${rangeOf(error)}。${description}` });
    case 'minLength':
    case 'maxLength':
      return make('bad-format', { title, description: lengthOf(error) });
    case 'minItems':
    case 'maxItems':
    case 'minProperties':
    case 'maxProperties':
    case 'uniqueItems':
      return make('wrong-count', { title, description: description || countOf(error) });
    default:
      return make('schema', { what: `${error.keyword} ${error.message ?? ''}` });
  }
}

type Made = [
  code: FaultCode,
  detail: FaultDetail,
  more: { nearest?: Nearest; below?: string; at?: 'key' },
];

function unknownKey(name: string, schema: PartSchema): Made {
  const known = Object.keys(schema.properties ?? {});
  const inCondition = known.includes('operator') && known.includes('fact');
  const code = inCondition && FORBIDDEN_IN_CONDITION.has(name) ? 'forbidden-key' : 'unknown-key';
  const nearest = code === 'unknown-key' ? () => nearestName(name, known) : undefined;
  return [code, { name }, { below: name, at: 'key', ...(nearest ? { nearest } : {}) }];
}

function wrongType(error: ErrorObject, schema: PartSchema, title: string): Made {
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  const data = error.data as Json;
  if (types.includes('string') && !types.includes('number') && typeof data === 'number') {
    return ['number-not-quoted', { title, value: data }, {}];
  }
  const expected = types
    .filter(type => type !== 'null' || types.length === 1)
    .map(type => TYPE_TITLES[type] ?? type)
    .join('或');
  return ['wrong-type', { title, expected, actual: titleOf(data) }, {}];
}

function unknownValue(data: Json, allowed: readonly Json[], title: string): Made {
  const names = allowed.filter(each => typeof each === 'string');
  if (typeof data === 'number' && names.includes(String(data))) {
    return ['number-not-quoted', { title, value: data }, {}];
  }
  const nearest = typeof data === 'string' ? () => nearestName(data, names) : undefined;
  const detail = { title, value: display(data), allowed: allowed.map(display).join('、') };
  return ['unknown-value', detail, nearest ? { nearest } : {}];
}

function badTag(error: ErrorObject, schema: PartSchema): Made {
  const tag = String(error.params['tag']);
  const value = error.params['tagValue'] as Json | undefined;
  if (value === undefined) return ['missing-key', { name: tag, title: '' }, {}];
  const parts = (schema.oneOf ?? []).map(branch => branch.properties?.[tag]);
  const title = parts.find(part => part?.title)?.title ?? tag;
  const allowed = parts.flatMap(part => (part ? allowedBy(part) : []));
  const [code, detail, more] = unknownValue(value, allowed, title);
  return [code, detail, { ...more, below: tag }];
}

function allowedBy(schema: PartSchema): readonly Json[] {
  return schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
}

function rangeOf(error: ErrorObject): string {
  const limit = String(error.params['limit']);
  return error.keyword === 'minimum' ? `不小于 ${limit}` : `不大于 ${limit}`;
}

function lengthOf(error: ErrorObject): string {
  const limit = Number(error.params['limit']);
  return error.keyword === 'minLength' ? '不能为空' : `不超过 ${limit} 个字符`;
}

function countOf(error: ErrorObject): string {
  if (error.keyword === 'uniqueItems') return '不能有重复的项';
  const limit = String(error.params['limit']);
  return error.keyword.startsWith('min') ? `至少 ${limit} 项` : `至多 ${limit} 项`;
}

/** How a value is named in a sentence. */
export function titleOf(data: Json): string {
  if (data === null) return '空值';
  if (isList(data)) return '列表';
  if (isObject(data)) return '键值';
  if (typeof data === 'string') return `文字 "${data}"`;
  return typeof data === 'number' ? `数字 ${data}` : String(data);
}

export function display(data: Json): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}

/** An ajv instance path, `/batches/0/order`, as steps; digits are an index only inside a list. */
function pathOf(instancePath: string, root: Json): Path {
  const path: (string | number)[] = [];
  let value: Json | undefined = root;
  for (const part of instancePath.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const step: string | number = isList(value) ? Number(name) : name;
    path.push(step);
    if (isList(value)) value = value[step as number];
    else value = isObject(value) ? value[step] : undefined;
  }
  return path;
}
