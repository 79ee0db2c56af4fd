/** The schemas that editors read: made from the catalogue, right for what is shipped, strict. */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import t from 'tap';
import { parse } from 'yaml';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { schemaTexts } from '../../db/policy-schemas.ts';
import { FIXED_REASONS } from '../../engine/dispatch/result.ts';
import type { Json, JsonObject } from '../../engine/policy/json.ts';
import { FACTS, OPERATORS_BY_TYPE } from '../../engine/rules/catalogue.ts';
import type { StageId } from '../../engine/rules/stage.ts';

const FOLDER = new URL('../../rules/guangdong-2016', import.meta.url).pathname;
const SCHEMA = /^# yaml-language-server: \$schema=((?:\.\.\/)+schema\/([a-z-]+)\.schema\.json)\n/;
const texts = new Map(
  [...readPolicyFolder(FOLDER)].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
);
const schemas = schemaTexts();

/** As an editor has it: the files themselves, nothing of the loader's. */
const ajv = new Ajv({ allErrors: true, strict: false, discriminator: true });
for (const [name, text] of schemas) ajv.addSchema(JSON.parse(text), name);
const validators = new Map<string, ValidateFunction>();
function errorsOf(kind: string, value: unknown): string[] {
  const validate = validators.get(kind) ?? ajv.getSchema(`${kind}.schema.json`);
  if (validate === undefined) throw new Error(`no schema ${kind}`);
  validators.set(kind, validate);
  validate(value);
  return (validate.errors ?? []).map(each => `${each.instancePath} ${each.message}`);
}

t.test('the schemas in the folder are those that the catalogue gives', async t => {
  for (const [name, text] of schemas) {
    t.equal(readFileSync(`rules/schema/${name}`, 'utf8'), text, `${name}: npm run schemas`);
  }
});

t.test('every shipped document names a schema that is there, and fits it', async t => {
  for (const [path, text] of texts) {
    const [, place, kind] = SCHEMA.exec(text) ?? [];
    t.ok(kind !== undefined, path);
    t.doesNotThrow(() => readFileSync(new URL(place ?? '', `file://${FOLDER}/${path}`)), path);
    t.same(errorsOf(kind ?? '', parse(text)), [], path);
  }
});

/** Every comparison of a condition, to be spoilt one at a time. */
function* comparisons(value: Json): Generator<Record<string, Json>> {
  if (Array.isArray(value)) for (const each of value) yield* comparisons(each);
  else if (value !== null && typeof value === 'object') {
    const node = value as Record<string, Json>;
    if (typeof node['fact'] === 'string' && 'operator' in node) yield node;
    else for (const each of Object.values(node)) yield* comparisons(each);
  }
}

t.test('a wrong fact, operator or value does not fit, wherever it stands', async t => {
  let tried = 0;
  const spoils: [string, (node: Record<string, Json>) => void][] = [
    ['a fact that is none', node => Object.assign(node, { fact: 'file.stat' })],
    ['an operator that is none', node => Object.assign(node, { operator: 'equals' })],
    ['a value of another type', node => Object.assign(node, { value: { nothing: 1 } })],
    ['no operator of this type', node => Object.assign(node, { operator: 'contains' })],
  ];
  for (const [path, text] of texts) {
    const kind = SCHEMA.exec(text)?.[2] ?? '';
    if (path.startsWith('tests/')) continue;
    const count = [...comparisons(parse(text))].length;
    for (let at = 0; at < count; at += 1) {
      for (const [what, spoil] of spoils) {
        const value = parse(text);
        spoil([...comparisons(value)][at] as Record<string, Json>);
        t.ok(errorsOf(kind, value).length > 0, `${path} ${at}: ${what}`);
        tried += 1;
      }
    }
  }
  t.ok(tried > 200, `${tried} spoilt`);
});

t.test('each stage is offered its own facts, operators by type, and titles', async t => {
  const parts = JSON.parse(schemas.get('parts.schema.json') ?? '') as { definitions: JsonObject };
  const stages: StageId[] = ['start', 'eligibility', 'special', 'quota', 'review', 'deadline'];
  const compile = (name: string) => ajv.compile({ $ref: `parts.schema.json#/definitions/${name}` });
  for (const stage of stages) {
    const validate = compile(`${stage}-condition`);
    for (const fact of FACTS) {
      const value = { number: 1, boolean: true, date: '2016-07-20', text: 'x' }[fact.type];
      const atom = { fact: fact.name, operator: 'equal', value: fact.values?.[0] ?? value };
      const open = stage !== 'start' && fact.name.startsWith('candidate.');
      t.equal(validate(atom), fact.stages.includes(stage) || open, `${stage} ${fact.name}`);
      if (!fact.stages.includes(stage)) continue;
      for (const operator of ['lessThan', 'in']) {
        const fits = OPERATORS_BY_TYPE[fact.type].includes(operator);
        t.equal(validate({ ...atom, operator }), fits, `${fact.name} ${operator}`);
      }
      if (fact.values !== null) t.notOk(validate({ ...atom, value: 'x' }), fact.name);
      const wrong = fact.type === 'number' ? '1' : 1;
      t.notOk(validate({ ...atom, value: wrong }), `${fact.name} of another type`);
    }
    const { fact } = (parts.definitions[`${stage}-condition`] as { properties: JsonObject })
      .properties as { fact: JsonObject };
    t.match(JSON.stringify(fact), '业务日期', 'Chinese titles');
  }
  const special = compile('special-condition');
  t.ok(special({ fact: 'candidate.height', operator: 'lessThan', value: 160 }), 'an attribute');
  t.ok(special({ fact: 'candidate.subject.数学', operator: 'lessThan', value: 60 }), 'a mark');
  t.ok(
    special({ fact: 'candidate.score', operator: 'equal', value: { fact: 'line.region' } }),
    'another fact of the type',
  );
  t.notOk(special({ fact: 'candidate.score', operator: 'equal', value: { fact: 'school.code' } }));
});

t.test('a wrong code, event or city key does not fit', async t => {
  const eligibility = texts.get('eligibility.yaml') ?? '';
  for (const code of FIXED_REASONS) {
    const taken = parse(eligibility.replace('refuse: not-in-pool', `refuse: ${code}`));
    t.ok(errorsOf('eligibility', taken).length > 0, code);
  }
  const reviews = (texts.get('reviews.yaml') ?? '').replace('event: wait', 'event: waits');
  t.ok(errorsOf('reviews', parse(reviews)).length > 0);
  const city = (text: string) => errorsOf('city', parse(text));
  t.same(city('batches: { batches: [{ id: vocational, window: null }] }'), []);
  t.same(city('batches: { batches: [{ id: vocational, dispatch: { mode: banded } }] }'), []);
  t.ok(city('batches: { batches: [{ id: vocational, dispatch: { mode: band } }] }').length > 0);
  t.ok(city('batches: { batches: [{ id: vocational, mode: banded }] }').length > 0);
  t.ok(city('batches: { batches: [{ window: null }] }').length > 0, 'an entry names itself');
  const example =
    'tests: [{ title: x, stage: special, facts: { FACT }, expect: { outcome: pass } }]';
  const facts = (fact: string) => errorsOf('tests', parse(example.replace('FACT', fact)));
  t.same(facts('candidate.sex: M, candidate.height: 160, file.state: in-pool'), []);
  t.ok(facts('file.stat: in-pool').length > 0);
  t.ok(facts('file.state: pool').length > 0);
});
