/**
 * The input of an act, from the command line (texts), a file or a request (typed), checked by ajv
 * against the declaration. Texts become numbers, booleans and lists only where the schema says so:
 * a code such as `0001` stays what it is.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isDate } from '../run/calendar.ts';
import { actError } from './errors.ts';
import type { FunctionJob } from './function-job.ts';

/** Beyond this an input is a package, and comes as one (import). */
export const INPUT_ITEMS_MAX = 20_000;

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addFormat('date', isDate);
ajv.addFormat('sha256', /^[0-9a-f]{64}$/);
ajv.addFormat('timestamp', text => !Number.isNaN(Date.parse(text)) && /[+Z]/.test(text));

const compiled = new WeakMap<FunctionJob, ValidateFunction>();

/** Properties that many functions share, so that they read the same everywhere. */
export const INPUT = {
  candidate_no: { type: 'string', minLength: 1, maxLength: 40, description: '考生号' },
  candidates: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 40 },
    minItems: 1,
    maxItems: INPUT_ITEMS_MAX,
    uniqueItems: true,
    description: '考生号，多个以空格分隔',
  },
  city: { type: 'string', pattern: '^[0-9]{6}$', description: '地市代码' },
  region: { type: 'string', pattern: '^[0-9]{6}$', description: '地区代码' },
  batch: { type: 'string', minLength: 1, maxLength: 60, description: '批次' },
  round: { type: 'integer', minimum: 1, maximum: 99, description: '轮次' },
  school: { type: 'string', minLength: 1, maxLength: 20, description: '院校代码' },
  major: { type: 'string', minLength: 1, maxLength: 20, description: '专业代码' },
  list: { type: 'integer', minimum: 1, description: '投档单号' },
  run: { type: 'integer', minimum: 1, description: '运行编号' },
  application: { type: 'integer', minimum: 1, description: '申请编号' },
  reason: { type: 'string', minLength: 2, maxLength: 400, description: '理由' },
  places: { type: 'integer', minimum: 1, maximum: 100_000, description: '计划数' },
  date: { type: 'string', format: 'date', description: '日期，YYYY-MM-DD' },
  request_hash: { type: 'string', format: 'sha256', description: '签字申请扫描件的 SHA-256' },
  request_reference: { type: 'string', minLength: 1, maxLength: 200, description: '申请存放处' },
  verdict: { type: 'string', enum: ['approve', 'refuse'], description: '审核结论' },
} as const;

/** Every function that needs a second person takes it. */
const CONFIRM = { type: 'integer', minimum: 1, description: '要确认的提议编号' } as const;

/** Whoever has proposed takes it back by it; nothing else is written beside. */
const WITHDRAW = { type: 'integer', minimum: 1, description: '要撤回的自己的提议编号' } as const;

/**
 * Checks an input, and types what came as text.
 *
 * @throws CodedError wrong-input, with every problem
 */
export function checkInput<I>(
  job: FunctionJob<I>,
  given: Readonly<Record<string, unknown>>,
): { readonly input: I; readonly confirm: number | null; readonly withdraw: number | null } {
  const { confirm, ...rest } = typed(job, given);
  const { withdraw } = rest;
  if (withdraw !== undefined && job.confirm !== undefined && confirm === undefined) {
    const alone = Object.keys(rest).length === 1;
    if (alone && typeof withdraw === 'number' && Number.isSafeInteger(withdraw) && withdraw >= 1) {
      return { input: {} as I, confirm: null, withdraw };
    }
  }
  if (confirm !== undefined && job.confirm !== undefined && Object.keys(rest).length === 0) {
    // The input is the proposal's.
    if (typeof confirm === 'number' && confirm >= 1)
      return { input: rest as I, confirm, withdraw: null };
  }
  let validate = compiled.get(job);
  if (validate === undefined) {
    validate = ajv.compile(schemaOf(job));
    compiled.set(job, validate);
  }
  const whole = confirm === undefined ? rest : { ...rest, confirm };
  if (validate(whole)) {
    const number = typeof confirm === 'number' ? confirm : null;
    return { input: rest as I, confirm: number, withdraw: null };
  }
  throw wrongInput(job, (validate.errors ?? []).map(problemSentence));
}

/** The same error for what a schema cannot say. */
export function wrongInput(job: FunctionJob, problems: readonly string[]): Error {
  const properties = Object.entries(job.input.properties)
    .map(([name, schema]) => `${name}（${String(schema['description'] ?? '')}）`)
    .join('、');
  return actError('wrong-input', {
    title: job.title,
    problems: problems.slice(0, 20).join('；'),
    properties: properties === '' ? '无' : properties,
  });
}

/** The published JSON Schema of a function's input. */
export function schemaOf(job: FunctionJob): object {
  const confirm = job.confirm === undefined ? {} : { confirm: CONFIRM };
  return {
    type: 'object',
    additionalProperties: false,
    properties: { ...job.input.properties, ...confirm },
    required: job.input.required ?? [],
  };
}

const RESERVED: Readonly<Record<string, { readonly type: string }>> = {
  confirm: CONFIRM,
  withdraw: WITHDRAW,
};

function typed(job: FunctionJob, given: Readonly<Record<string, unknown>>) {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const schema = RESERVED[name] ?? job.input.properties[name];
    result[name] = typeof value === 'string' ? fromText(schema?.['type'], value) : value;
  }
  return result;
}

function fromText(type: unknown, value: string): unknown {
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('null') && value === '') return null;
  if (types.includes('integer') && /^-?[0-9]{1,9}$/.test(value)) return Number(value);
  if (types.includes('number') && /^-?[0-9]{1,9}(\.[0-9]{1,4})?$/.test(value)) return Number(value);
  if (types.includes('boolean') && (value === 'yes' || value === 'no')) return value === 'yes';
  if (types.includes('array')) return value.split(/[\s,]+/).filter(each => each !== '');
  if (types.includes('object') && value.startsWith('{')) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  return value;
}

const SENTENCES: Readonly<Record<string, (error: ErrorObject, name: string) => string>> = {
  additionalProperties: error => `没有输入项 ${String(error.params['additionalProperty'])}`,
  required: (error, name) => `缺少 ${name}${String(error.params['missingProperty'])}`,
  type: (error, name) => `${name} 应为${TYPES[String(error.params['type'])] ?? '另一种类型'}`,
  format: (error, name) => `${name} 不是有效的${FORMATS[String(error.params['format'])] ?? '值'}`,
  pattern: (_, name) => `${name} 的写法不对`,
  minimum: (error, name) => `${name} 不得小于 ${String(error.params['limit'])}`,
  maximum: (error, name) => `${name} 不得大于 ${String(error.params['limit'])}`,
  minLength: (error, name) => `${name} 不得少于 ${String(error.params['limit'])} 字`,
  maxLength: (error, name) => `${name} 不得超过 ${String(error.params['limit'])} 字`,
  minItems: (_, name) => `${name} 不得为空`,
  maxItems: (error, name) => `${name} 不得超过 ${String(error.params['limit'])} 项`,
  uniqueItems: (_, name) => `${name} 有重复`,
  enum: (error, name) => `${name} 只能是 ${(error.params['allowedValues'] as string[]).join('、')}`,
};

const TYPES: Readonly<Record<string, string>> = {
  integer: '整数',
  number: '数',
  string: '文字',
  boolean: ' yes 或 no',
  array: '一列',
  object: '一组',
};

const FORMATS: Readonly<Record<string, string>> = {
  date: '日期，应写作 YYYY-MM-DD',
  sha256: ' SHA-256（64 位小写十六进制）',
  timestamp: '时刻，应写作 2016-07-20T08:00:00+08:00',
};

function problemSentence(error: ErrorObject): string {
  const name = error.instancePath.slice(1).replaceAll('/', '.');
  const prefix = error.keyword === 'required' && name !== '' ? `${name}.` : name;
  const sentence = SENTENCES[error.keyword];
  return sentence === undefined ? `${name} 不符合要求` : sentence(error, prefix);
}
