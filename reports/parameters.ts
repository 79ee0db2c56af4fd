/**
 * A report's parameters, from the command line (texts) or from a request (typed), checked by ajv
 * against the declaration. Texts become integers and booleans only where the schema says so: a code
 * such as `0001` stays what it is.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { reportError } from './errors.ts';
import type { Parameters, Report } from './report.ts';

const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addFormat('date', isDate);

const compiled = new WeakMap<Report, ValidateFunction>();

/** Properties that many reports share, so that they read the same everywhere. */
export const PARAMETERS = {
  date: { type: 'string', format: 'date', description: '业务日期，YYYY-MM-DD' },
  run: { type: 'integer', minimum: 1, description: '运行编号' },
  city: { type: 'string', minLength: 1, maxLength: 12, description: '地市代码' },
  batch: { type: 'string', minLength: 1, maxLength: 60, description: '批次' },
  round: { type: 'integer', minimum: 1, maximum: 99, description: '轮次' },
  school: { type: 'string', minLength: 1, maxLength: 20, description: '院校代码' },
  candidate_no: { type: 'string', minLength: 1, maxLength: 40, description: '考生号' },
} as const;

/**
 * Checks parameters, and types those that came as text.
 *
 * @throws CodedError wrong-parameters, with every problem
 */
export function checkParameters(
  report: Report,
  given: Readonly<Record<string, unknown>>,
): Parameters {
  const typed = typedParameters(report, given);
  let validate = compiled.get(report);
  if (validate === undefined) {
    validate = ajv.compile(report.parameters);
    compiled.set(report, validate);
  }
  if (validate(typed)) return typed as Parameters;
  const problems = (validate.errors ?? []).map(problemSentence).join('；');
  const parameters = Object.entries(report.parameters.properties)
    .map(([name, schema]) => `${name}（${String(schema['description'] ?? '')}）`)
    .join('、');
  throw reportError('wrong-parameters', { report: report.id, problems, parameters });
}

function typedParameters(
  report: Report,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const typed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const type = report.parameters.properties[name]?.['type'];
    if (type === 'integer' && typeof value === 'string' && /^[0-9]{1,9}$/.test(value)) {
      typed[name] = Number(value);
    } else if (type === 'boolean' && (value === 'yes' || value === 'no')) {
      typed[name] = value === 'yes';
    } else if (value !== undefined) {
      typed[name] = value;
    }
  }
  return typed;
}

const SENTENCES: Readonly<Record<string, (error: ErrorObject, name: string) => string>> = {
  additionalProperties: error => `没有参数 ${String(error.params['additionalProperty'])}`,
  required: error => `缺少参数 ${String(error.params['missingProperty'])}`,
  type: (error, name) => `${name} 应为 ${TYPES[String(error.params['type'])] ?? '另一种类型'}`,
  format: (_, name) => `${name} 不是有效日期，应写作 YYYY-MM-DD`,
  minimum: (error, name) => `${name} 不得小于 ${String(error.params['limit'])}`,
  maximum: (error, name) => `${name} 不得大于 ${String(error.params['limit'])}`,
  minLength: (_, name) => `${name} 不得为空`,
  maxLength: (_, name) => `${name} 过长`,
  enum: (error, name) => `${name} 只能是 ${(error.params['allowedValues'] as string[]).join('、')}`,
};

const TYPES: Readonly<Record<string, string>> = {
  integer: '整数',
  string: '文字',
  boolean: 'yes 或 no',
};

function problemSentence(error: ErrorObject): string {
  const name = error.instancePath.slice(1);
  const sentence = SENTENCES[error.keyword];
  return sentence === undefined ? `${name} 不符合要求` : sentence(error, name);
}

function isDate(text: string): boolean {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (match === null) return false;
  const instant = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
}
