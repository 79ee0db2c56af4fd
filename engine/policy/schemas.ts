/**
 * The document kinds of a policy and their JSON Schemas: one file each in rules/schema, which
 * editors read too. Compiled once, when first used.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import batches from '../../rules/schema/batches.schema.json' with { type: 'json' };
import calendar from '../../rules/schema/calendar.schema.json' with { type: 'json' };
import city from '../../rules/schema/city.schema.json' with { type: 'json' };
import deadlines from '../../rules/schema/deadlines.schema.json' with { type: 'json' };
import duties from '../../rules/schema/duties.schema.json' with { type: 'json' };
import eligibility from '../../rules/schema/eligibility.schema.json' with { type: 'json' };
import findings from '../../rules/schema/findings.schema.json' with { type: 'json' };
import parts from '../../rules/schema/parts.schema.json' with { type: 'json' };
import policy from '../../rules/schema/policy.schema.json' with { type: 'json' };
import preferences from '../../rules/schema/preferences.schema.json' with { type: 'json' };
import quotas from '../../rules/schema/quotas.schema.json' with { type: 'json' };
import reviews from '../../rules/schema/reviews.schema.json' with { type: 'json' };
import schedule from '../../rules/schema/schedule.schema.json' with { type: 'json' };
import scoreLines from '../../rules/schema/score-lines.schema.json' with { type: 'json' };
import special from '../../rules/schema/special-conditions.schema.json' with { type: 'json' };
import tests from '../../rules/schema/tests.schema.json' with { type: 'json' };
import { looseDefinitions } from './editor-schemas.ts';
import type { Json, JsonObject } from './json.ts';

const SCHEMAS = {
  policy,
  calendar,
  batches,
  'score-lines': scoreLines,
  eligibility,
  'special-conditions': special,
  preferences,
  quotas,
  reviews,
  deadlines,
  findings,
  duties,
  schedule,
  city,
  tests,
} as const;

export type DocumentKind = keyof typeof SCHEMAS;

/** Those of the base, in the order in which people read them. */
export const BASE_DOCUMENTS: readonly DocumentKind[] = (
  Object.keys(SCHEMAS) as DocumentKind[]
).filter(kind => kind !== 'city' && kind !== 'tests');

/**
 * Without these nothing can be dispatched, or nobody would notice what is not checked. The others
 * may be left out: an absent document is an empty one.
 */
export const REQUIRED_DOCUMENTS: readonly DocumentKind[] = [
  'policy',
  'calendar',
  'batches',
  'score-lines',
  'eligibility',
  'findings',
  'schedule',
];

/** What a city may set at all, and the keys of each document that hold entries or values. */
export const OVERLAY_KEYS: Readonly<Record<string, readonly string[]>> = Object.freeze({
  batches: ['batches', 'start'],
  'score-lines': ['regions', 'schools'],
  'special-conditions': ['conditions'],
  preferences: ['combine', 'cap', 'features'],
  reviews: ['return-reasons', 'rules', 'schools'],
});

let compiled: ReadonlyMap<string, ValidateFunction> | undefined;

function validators(): ReadonlyMap<string, ValidateFunction> {
  if (compiled !== undefined) return compiled;
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    discriminator: true,
    allowUnionTypes: true,
    strictRequired: false,
    schemas: { 'parts.schema.json': looseDefinitions(parts as unknown as JsonObject) },
  });
  ajv.addVocabulary(['markdownEnumDescriptions']);
  compiled = new Map(Object.entries(SCHEMAS).map(([kind, schema]) => [kind, ajv.compile(schema)]));
  return compiled;
}

/** What ajv finds wrong with a value; empty where all is well. */
export function schemaErrors(kind: DocumentKind, value: Json): readonly ErrorObject[] {
  const validate = validators().get(kind) as ValidateFunction;
  return validate(value) ? [] : [...(validate.errors ?? [])];
}
