/**
 * What editors know beyond the loader's schemas: facts of each stage, operators by the type of a
 * fact, the values it can take, codes, and the Chinese title of each – made from the catalogue, so
 * that an editor completes what the loader takes. `npm run schemas` writes it into rules/schema.
 *
 * The loader itself passes over these definitions (`looseDefinitions`): it checks facts and codes
 * by checks of its own, which know the policy's attributes and the nearest name.
 */
import { FIXED_REASONS } from '../dispatch/result.ts';
import {
  FACTS,
  type FactEntry,
  type FactType,
  OPERATOR_TITLES,
  OPERATORS_BY_TYPE,
} from '../rules/catalogue.ts';
import type { StageId } from '../rules/stage.ts';
import { VALUE_TITLES, valueTitle } from '../rules/value-titles.ts';
import { CHOICE_TITLES, eventText } from './handbook/words.ts';
import { isList, isObject, type Json, type JsonObject, own } from './json.ts';

/** File name → schema. */
export type Schemas = ReadonlyMap<string, JsonObject>;

export const PARTS = 'parts.schema.json';

/** Stage → the definition of parts.schema.json that its rules have in the loader. */
const RULE_OF_STAGE: Readonly<Record<StageId, string>> = {
  start: 'requirement',
  eligibility: 'requirement',
  special: 'special',
  quota: 'requirement',
  review: 'review',
  deadline: 'deadline',
};
const STAGES = Object.keys(RULE_OF_STAGE) as StageId[];
/** Lists of an overlay: document, key, what names an entry. */
const OVERLAY_LISTS: readonly (readonly [document: string, key: string, names: string[]])[] = [
  ['batches', 'batches', ['id']],
  ['batches', 'start', ['id']],
  ['score-lines', 'regions', ['region', 'batch']],
  ['score-lines', 'schools', ['school', 'region', 'batch']],
  ['special-conditions', 'conditions', ['id']],
  ['preferences', 'features', ['id']],
  ['reviews', 'return-reasons', ['id']],
  ['reviews', 'rules', ['id']],
  ['reviews', 'schools', ['school', 'batch']],
];

const SCALAR: JsonObject = { type: ['string', 'number', 'boolean', 'null'] };
const FACTS_TEXT = '事实名称: 值；没有写的事实视为缺失';

/** All schemas as they should stand in rules/schema: what is written by hand, and the rest anew. */
export function editorSchemas(schemas: Schemas): Map<string, JsonObject> {
  const written = new Map([...schemas].map(([file, schema]) => [file, described(schema)]));
  const parts = written.get(PARTS) as JsonObject;
  const byHand = Object.entries(own(parts, 'definitions') as JsonObject).filter(
    ([name]) => !isGenerated(name),
  );
  const definitions: Record<string, Json> = Object.fromEntries(byHand);
  Object.assign(definitions, generatedRules(definitions), {
    'any-condition': conditionOf('any-condition', null, definitions['condition'] as JsonObject),
    'fact-comparison': comparison(),
    'refuse-code': refuseCode(),
    'example-facts': exampleFacts(),
  });
  for (const [document, key, names] of OVERLAY_LISTS) {
    const schema = written.get(`${document}.schema.json`) as JsonObject;
    const list = own(own(schema, 'properties') as JsonObject, key) as JsonObject;
    const entry = oneOfAll(resolved(own(list, 'items') as JsonObject, definitions));
    definitions[`part-${document}-${key}`] = partOf(inParts(entry) as JsonObject, names);
  }
  written.set(PARTS, { ...parts, definitions });
  return written;
}

function isGenerated(name: string): boolean {
  return /-rule$|-condition$|^part-|^example-facts$|^fact-comparison$|^refuse-code$/.test(name);
}

/** parts.schema.json as the loader reads it. */
export function looseDefinitions(parts: JsonObject): JsonObject {
  const definitions = own(parts, 'definitions') as JsonObject;
  const loose: Record<string, Json> = { ...definitions };
  for (const stage of STAGES) {
    loose[`${stage}-rule`] = definitions[RULE_OF_STAGE[stage]] as Json;
    delete loose[`${stage}-condition`];
  }
  loose['any-condition'] = definitions['condition'] as Json;
  const { title, description } = definitions['example-facts'] as JsonObject;
  const value = { title: '值', description: '文字、数字、true 或 false；null 表示没有' };
  loose['example-facts'] = {
    ...{ title, description, type: 'object' },
    additionalProperties: { ...value, ...SCALAR },
  } as JsonObject;
  for (const name of Object.keys(definitions).filter(each => each.startsWith('part-'))) {
    const { properties, ...part } = definitions[name] as JsonObject;
    const names = part['required'] as readonly string[];
    const kept = names.map(key => [key, own(properties as JsonObject, key) as Json]);
    loose[name] = {
      title: part['title'] as Json,
      description: part['description'] as Json,
      type: 'object',
      required: names,
      properties: Object.fromEntries(kept),
    };
  }
  return { ...parts, definitions: loose };
}

/** For each stage its condition and its rule, which is the loader's with these in place. */
function generatedRules(definitions: Readonly<Record<string, Json>>): Record<string, Json> {
  const made: Record<string, Json> = {};
  for (const stage of STAGES) {
    const name = `${stage}-condition`;
    made[name] = conditionOf(name, stage, definitions['condition'] as JsonObject);
    const rule = definitions[RULE_OF_STAGE[stage]] as JsonObject;
    const properties = { ...(own(rule, 'properties') as JsonObject) } as Record<string, Json>;
    for (const key of ['applies', 'requires', 'when']) {
      if (key in properties) properties[key] = reference(name);
    }
    if ('refuse' in properties) properties['refuse'] = reference('refuse-code');
    made[`${stage}-rule`] = { ...rule, properties };
  }
  return made;
}

function reference(name: string): JsonObject {
  return { $ref: `#/definitions/${name}` };
}

/** @param stage null: a named condition, which any stage may use */
function conditionOf(name: string, stage: StageId | null, base: JsonObject): JsonObject {
  const facts = FACTS.filter(fact => stage === null || fact.stages.includes(stage));
  const properties = own(base, 'properties') as JsonObject;
  const branch = (key: string) => ({
    ...(own(properties, key) as JsonObject),
    items: reference(name),
  });
  const { examples: _facts, ...fact } = own(properties, 'fact') as JsonObject;
  const { examples: _operators, ...operator } = own(properties, 'operator') as JsonObject;
  return {
    ...base,
    properties: {
      ...properties,
      all: branch('all'),
      any: branch('any'),
      not: reference(name),
      fact: { ...fact, ...namesOf(facts, stage !== 'start') },
      operator: { ...operator, ...titled(Object.keys(OPERATOR_TITLES), OPERATOR_TITLES) },
    },
    allOf: [reference('fact-comparison')],
  };
}

/** What may stand beside which fact; shared by the stages, which differ in their facts alone. */
function comparison(): JsonObject {
  const types = Object.keys(VALUE_TYPES) as FactType[];
  const value = { anyOf: [{ type: ['number', 'string', 'boolean', 'array'] }, otherFact(FACTS)] };
  return {
    properties: { value },
    allOf: [
      ...types.map(type => comparisonsOf(type)),
      ...FACTS.filter(({ values }) => values !== null).map(valuesOf),
    ],
  };
}

/** Attributes of the policy and marks by subject are the policy's and the city's own. */
const OPEN_NAMES: JsonObject = {
  description: 'candidate.属性（policy.yaml 的 attributes），或 candidate.subject.科目',
  pattern: '^candidate\\.(subject\\.)?[^.\\s]+$',
};

function namesOf(facts: readonly FactEntry[], open: boolean): JsonObject {
  const named: JsonObject = {
    enum: facts.map(({ name }) => name),
    markdownEnumDescriptions: facts.map(factText),
  };
  return open ? { anyOf: [named, OPEN_NAMES] } : named;
}

const TYPE_TITLES: Readonly<Record<FactType, string>> = {
  number: '数字',
  text: '文字',
  boolean: 'true 或 false',
  date: '日期',
};

function factText({ title, type, unit, optional, values, name }: FactEntry): string {
  const parts = [
    `**${title}**`,
    `${TYPE_TITLES[type]}${unit === '' ? '' : `，单位 ${unit}`}`,
    optional ? '可能缺失' : '总有值',
    ...(values === null
      ? []
      : [values.map(value => `${value} ${valueTitle(name, value)}`).join('、')]),
  ];
  return parts.join('；');
}

function titled(values: readonly string[], titles: Readonly<Record<string, string>>): JsonObject {
  return { enum: values, markdownEnumDescriptions: values.map(value => titles[value] ?? value) };
}

const VALUE_TYPES: Readonly<Record<FactType, JsonObject>> = {
  number: { type: 'number' },
  text: { type: 'string' },
  boolean: { type: 'boolean' },
  date: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' },
};

/** What may stand beside facts of one type. */
function comparisonsOf(type: FactType): JsonObject {
  const own = FACTS.filter(fact => fact.type === type);
  const value = {
    anyOf: [
      VALUE_TYPES[type],
      { type: 'array', items: VALUE_TYPES[type], minItems: 1 },
      otherFact(own),
    ],
  };
  const operator = titled(OPERATORS_BY_TYPE[type], OPERATOR_TITLES);
  return { if: isAnyOf(own), then: { properties: { operator, value } } };
}

function isAnyOf(facts: readonly FactEntry[]): JsonObject {
  return {
    required: ['fact'],
    properties: { fact: { enum: facts.map(({ name }) => name) } },
  };
}

function otherFact(facts: readonly FactEntry[]): JsonObject {
  return {
    title: '另一事实',
    type: 'object',
    additionalProperties: false,
    required: ['fact'],
    properties: { fact: { title: '事实', type: 'string', ...namesOf(facts, true) } },
  };
}

/** A fact that formats.md gives a list of values takes no other. */
function valuesOf(fact: FactEntry): JsonObject {
  const one = titled(fact.values ?? [], VALUE_TITLES[fact.name] ?? {});
  const other = { type: 'object' };
  const value = { anyOf: [one, { type: 'array', items: one }, other] };
  return { if: isAnyOf([fact]), then: { properties: { value } } };
}

function refuseCode(): JsonObject {
  return {
    title: '拒绝代码',
    description: `不满足时给出的代码，英文，如 below-region-line；不能用 ${FIXED_REASONS.join('、')}`,
    type: 'string',
    pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
    not: { enum: FIXED_REASONS },
  };
}

/** The facts that an example gives, each with its title and the type of its value. */
function exampleFacts(): JsonObject {
  const properties = FACTS.map(fact => {
    const values = fact.values === null ? {} : titled(fact.values, VALUE_TITLES[fact.name] ?? {});
    const { type, pattern } = VALUE_TYPES[fact.type];
    const typed = pattern === undefined ? { type } : { type, pattern };
    return [
      fact.name,
      { title: fact.title, description: factText(fact), anyOf: [{ ...typed, ...values }, NULL] },
    ];
  });
  return {
    title: '事实',
    description: FACTS_TEXT,
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
    patternProperties: { [OPEN_NAMES['pattern'] as string]: SCALAR },
  };
}

const NULL: JsonObject = { type: 'null' };

/** An entry of which a city writes only what it changes; null clears a key. */
function partOf(entry: JsonObject, names: readonly string[]): JsonObject {
  const clearing = (value: Json): Json => {
    if (!isObject(value)) return value;
    const inner = optional(value);
    return { anyOf: [inner, NULL] };
  };
  const optional = (schema: JsonObject): JsonObject => {
    const { required: _, ...rest } = schema;
    const properties = own(schema, 'properties');
    if (!isObject(properties)) return rest;
    const kept = Object.entries(properties).map(([key, value]) => [key, clearing(value)]);
    return { ...rest, properties: Object.fromEntries(kept) };
  };
  const part = optional(entry);
  const properties = own(part, 'properties') as JsonObject;
  const given = names.map(name => [
    name,
    own(own(entry, 'properties') as JsonObject, name) as Json,
  ]);
  return {
    ...part,
    description: '写出要改的键即可；其余沿用省里的规定，null 表示清除',
    required: [...names],
    properties: { ...properties, ...Object.fromEntries(given) },
  };
}

/** Of kinds with keys of their own, all keys: what a city adds to may be of any kind. */
function oneOfAll(entry: JsonObject): JsonObject {
  const { oneOf, discriminator: _, ...rest } = entry;
  if (!isList(oneOf)) return entry;
  const keys = new Map<string, Json[]>();
  for (const branch of oneOf) {
    for (const [key, value] of Object.entries(own(branch as JsonObject, 'properties') as object)) {
      const known = keys.get(key) ?? [];
      const same = known.some(each => JSON.stringify(each) === JSON.stringify(value));
      keys.set(key, same ? known : [...known, value as Json]);
    }
  }
  const properties = [...keys].map(([key, values]) => [
    key,
    values.length === 1 ? (values[0] as Json) : { anyOf: values },
  ]);
  return { ...rest, properties: Object.fromEntries(properties), additionalProperties: false };
}

/** Follows a reference to a definition of parts.schema.json. */
function resolved(schema: JsonObject, definitions: Readonly<Record<string, Json>>): JsonObject {
  const target = own(schema, '$ref');
  if (typeof target !== 'string') return schema;
  return definitions[target.split('/').at(-1) ?? ''] as JsonObject;
}

/** References as they are written inside parts.schema.json itself. */
function inParts(value: Json): Json {
  if (isList(value)) return value.map(inParts);
  if (typeof value === 'string') return value.replace(/^parts\.schema\.json#/, '#');
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inParts(each)]));
}

/** Choices with the Chinese title of each, where the handbook has one. */
function described(schema: JsonObject): JsonObject {
  const walk = (value: Json, keys: readonly string[]): Json => {
    if (isList(value)) return value.map(each => walk(each, keys));
    if (!isObject(value)) return value;
    const inner = Object.entries(value).map(([key, each]): [string, Json] => [
      key,
      walk(each, STRUCTURE.has(key) ? keys : [...keys, key]),
    ]);
    const node = Object.fromEntries(inner);
    const texts = choiceTexts(own(value, 'enum'), keys);
    return texts === null ? node : { ...node, markdownEnumDescriptions: texts };
  };
  return walk(schema, []) as JsonObject;
}

const STRUCTURE: ReadonlySet<string> = new Set(['properties', 'items', 'oneOf', 'anyOf']);

function choiceTexts(values: Json | undefined, keys: readonly string[]): string[] | null {
  const key = keys.at(-1) ?? '';
  if (!isList(values) || !values.every(each => typeof each === 'string')) return null;
  const inMajors = key === 'mode' && keys.at(-2) === 'majors';
  const titles = [CHOICE_TITLES[inMajors ? 'majors' : key], CHOICE_TITLES['kinds']];
  titles.push(VALUE_TITLES[`candidate.${key}`]);
  const title = (value: string) => {
    if (key === 'event') return eventText(value);
    return titles.find(each => each?.[value] !== undefined)?.[value];
  };
  const texts = (values as string[]).map(title);
  return texts.every(text => text !== undefined) ? (texts as string[]) : null;
}
