/**
 * The analysis of policies: well-formed ones with a slip that only shows in what rules, dates and
 * numbers come to together; brute force over small rule sets; and nonsense that must not hang it.
 */
import fc from 'fast-check';
import t from 'tap';
import { analyseChain, analysePolicy } from '../../engine/policy/analysis/analyse.ts';
import type { Chain } from '../../engine/policy/analysis/chains.ts';
import { domainsOf, gridValues, vocabularyOf } from '../../engine/policy/analysis/domains.ts';
import { analysedAction, analysedRequirement } from '../../engine/policy/analysis/rule-cells.ts';
import { runExamples } from '../../engine/policy/examples.ts';
import { effectivePolicy, loadPolicy, type PolicyFiles } from '../../engine/policy/load.ts';
import type {
  ActionRule,
  Condition,
  FactValue,
  PolicyBundle,
  Requirement,
} from '../../engine/policy/types.ts';
import { formatProblem } from '../../engine/problem.ts';
import { evaluateRequirements } from '../../engine/rules/requirements.ts';
import { ACTIONS, type AnalysisSlip, DATES, NUMBERS, REQUIREMENTS } from './analysis-slips.ts';
import { breakPolicy, SHIPPED } from './broken-policy.ts';

/** What the functions below need of a test. */
type Assertions = Pick<typeof t, 'equal' | 'fail' | 'match' | 'notMatch' | 'ok' | 'same'>;

function bundleOf(files: PolicyFiles, knowledge: AnalysisSlip['knowledge'] = {}): PolicyBundle {
  const { bundle, problems } = loadPolicy(files, knowledge);
  if (bundle === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  return bundle;
}

/** Of the shipped policy: returns and proposals that it leaves to officers, on purpose. */
const LEFT_TO_OFFICERS = ['return-proposed', 'proposed'];

t.test('the shipped policy has nothing to find but what it leaves to officers', async t => {
  const { problems, rules, cells } = await analysePolicy(bundleOf(SHIPPED));
  t.same([...new Set(problems.map(problem => problem.code))], ['review-uncovered']);
  t.equal(problems.length, LEFT_TO_OFFICERS.length);
  for (const [at, state] of ['proposed', 'return-proposed'].entries()) {
    t.match(problems[at], { file: 'reviews.yaml', severity: 'warning' });
    t.ok(problems[at]?.message.includes(`「${state}」`));
  }
  t.ok(rules > 30 && cells > 1000);
});

for (const [group, slips] of Object.entries({ REQUIREMENTS, ACTIONS, DATES, NUMBERS })) {
  t.test(`slips of ${group.toLowerCase()} are found where they stand`, async t => {
    for (const slip of slips) await holdSlip(t, slip);
  });
}

/** Those that no slip is in: analysed with the shipped policy, and left out for speed. */
const ALL_CITIES = /^cities\//;
const OTHER_CITIES = /^cities\/(?!440100|440700|440800|440606|441900)/;

async function holdSlip(t: Assertions, slip: AnalysisSlip): Promise<void> {
  const { files, line, column } = breakPolicy(slip);
  const left = slip.file.startsWith('cities/') ? OTHER_CITIES : ALL_CITIES;
  for (const path of files.keys()) if (left.test(path)) files.delete(path);
  const marked = slip.put.includes('▸');
  const loaded = loadPolicy(files, slip.knowledge ?? {});
  const bundle = loaded.bundle;
  const analysis = bundle === undefined ? null : await analysePolicy(bundle, slip.knowledge);
  // Dates that are not announced are the shipped policy's own, and no slip.
  const shape = loaded.problems.filter(({ code }) => code !== 'date-empty');
  const all = [...shape, ...(analysis?.problems ?? [])];
  const problems = all.filter(
    ({ code, message }) =>
      code !== 'review-uncovered' || (slip.code === code && !message.includes('「proposed」')),
  );
  const found = problems.filter(({ code }) => code === slip.code);
  const codes = [...new Set(problems.map(problem => problem.code))].sort();
  const expected = [slip.code, ...(slip.also ?? [])];
  if (bundle !== undefined) t.same(codes, [...new Set(expected)].sort(), slip.title);
  const here = found.find(each => !marked || (each.line === line && each.column === column));
  if (here === undefined) {
    t.fail(`${slip.title}: not at ${line}:${column}\n${problems.map(formatProblem).join('\n')}`);
    return;
  }
  t.equal(here.file, slip.in ?? slip.file, slip.title);
  t.match(here.message, /[\u4e00-\u9fff]/);
  t.notMatch(here.message, /\{[a-z]+\}|undefined/, slip.title);
  if (slip.says !== undefined) {
    t.ok(
      found.some(({ message }) => message.includes(slip.says ?? '')),
      `${slip.title}: ${here.message}`,
    );
  }
  if (slip.nearest !== undefined) t.equal(here.nearest, slip.nearest, slip.title);
  if (slip.decides === undefined) return;
  t.ok(here.example?.includes(`outcome: ${slip.decides}`), `${slip.title}: ${here.example}`);
  await holdExample(t, files, here.example ?? '', slip.title);
}

/** What is printed is a test as it stands, and it holds. */
async function holdExample(t: Assertions, files: PolicyFiles, example: string, title: string) {
  const more = new Map([...files, ['tests/found.yaml', `tests:\n${example}\n`] as const]);
  const verdicts = (await runExamples(bundleOf(more))).filter(v => v.file === 'tests/found.yaml');
  t.equal(verdicts.length, 1, title);
  t.equal(verdicts[0]?.problem, null, `${title}\n${example}`);
}

t.test('the collection is large enough, and every code of the analysis is in it', t => {
  const all = [...REQUIREMENTS, ...ACTIONS, ...DATES, ...NUMBERS];
  t.ok(all.length >= 60, `${all.length} broken policies`);
  t.equal(new Set(all.map(slip => slip.title)).size, all.length);
  t.end();
});

t.test('what is wrong with names does not keep back what is wrong between rules', async t => {
  const { files } = breakPolicy(ACTIONS[0] as AnalysisSlip);
  const eligibility = new TextDecoder().decode(SHIPPED.get('eligibility.yaml'));
  files.set('eligibility.yaml', eligibility.replace('basis: n66', 'basis: n67'));
  const { bundle, draft, problems } = loadPolicy(files);
  t.equal(bundle, undefined);
  t.match(
    problems.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['unknown-basis'],
  );
  t.ok(draft);
  if (draft === undefined) return;
  const found = (await analysePolicy(draft)).problems.map(({ code }) => code);
  t.ok(found.includes('action-never-acts'));
  files.set('quotas.yaml', 'rules: [ { id: 1 } ]');
  t.same(Object.keys(loadPolicy(files)), ['problems'], 'rules of a wrong shape are not read');
});

t.test('values of a range are its cuts and what lies between, on the grid', t => {
  t.same(gridValues([300], 1, 1, 0), [299, 300, 301]);
  t.same(gridValues([0], 1, 1, 0), [0, 1], 'nothing below nought');
  t.same(gridValues([0], 1, 1, null), [-1, 0, 1]);
  t.same(gridValues([14, 15], 1, 1, 0), [13, 14, 15, 16], 'no value between');
  t.same(gridValues([14, 16], 1, 2, 0), [12, 13, 14, 15, 16, 17, 18]);
  t.same(gridValues([50], 100, 1, 0), [0, 100], 'a cut off the grid');
  t.end();
});

const RULE = { title: '规则', basis: 'sample', valid: null, school: null, major: null };
const POLICY = effectivePolicy(bundleOf(SHIPPED), null);

function requirement(id: string, requires: Condition, applies: Condition | null): Requirement {
  return { ...RULE, id, requires, applies, refuse: id, missing: 'refuse' };
}

function chainOf(rules: readonly (Requirement | ActionRule)[], stage: Chain['stage']): Chain {
  const read = rules.map(rule =>
    'when' in rule ? analysedAction(rule, {}) : analysedRequirement(rule, {}),
  );
  const readings = read.map(each => each.reading);
  const domains = domainsOf(readings, [], vocabularyOf(POLICY));
  const place = { stage, city: null, school: null, major: null };
  return { ...place, rules: read, domains, document: 'quotas', list: 'rules' };
}

/** All values that the random rules below can tell apart, whatever their thresholds. */
const SPACE: Readonly<Record<string, readonly FactValue[]>> = {
  'plan.free': [-2, -1, 0, 1, 2, 3, 4],
  'plan.flexible-free': [-2, -1, 0, 1, 2, 3, 4],
  'file.transfers': [0, 1, 2, 3, 4],
  'application.signed': [true, false],
};
const OPERATORS = ['equal', 'notEqual', 'lessThan', 'greaterThanInclusive', 'in'];

const comparison: fc.Arbitrary<Condition> = fc.oneof(
  fc.boolean().map(value => ({ fact: 'application.signed', operator: 'equal', value })),
  fc
    .tuple(
      fc.constantFrom('plan.free', 'plan.flexible-free', 'file.transfers'),
      fc.constantFrom(...OPERATORS),
      fc.integer({ min: 0, max: 2 }),
    )
    .map(([fact, operator, value]) => {
      return { fact, operator, value: operator === 'in' ? [value, value + 1] : value };
    }),
  fc.constantFrom('lessThan', 'equal', 'greaterThan').map(operator => {
    return { fact: 'plan.free', operator, value: { fact: 'plan.flexible-free' } };
  }),
);
const condition = fc
  .tuple(fc.constantFrom('all', 'any'), fc.array(comparison, { minLength: 1, maxLength: 3 }))
  .map(([form, list]) => ({ [form]: list }) as unknown as Condition);

function* cases(): Generator<Record<string, FactValue>> {
  const names = Object.keys(SPACE);
  const count = names.reduce((product, name) => product * (SPACE[name]?.length ?? 1), 1);
  for (let at = 0; at < count; at += 1) {
    let rest = at;
    yield Object.fromEntries(
      names.map(name => {
        const values = SPACE[name] ?? [];
        const value = values[rest % values.length] as FactValue;
        rest = Math.floor(rest / values.length);
        return [name, value];
      }),
    );
  }
}

/** json-rules-engine's meaning written down once more, in a few lines: the brute force. */
function holds(condition: Condition, facts: Record<string, FactValue>): boolean {
  if ('all' in condition) return condition.all.every(each => holds(each, facts));
  if ('any' in condition) return condition.any.some(each => holds(each, facts));
  if (!('fact' in condition)) throw new Error('not drawn here');
  const left = facts[condition.fact] as number;
  const value = condition.value as { fact?: string } | number | boolean | readonly number[];
  const right = typeof value === 'object' && 'fact' in value ? facts[value.fact ?? ''] : value;
  switch (condition.operator) {
    case 'equal':
      return left === right;
    case 'notEqual':
      return left !== right;
    case 'lessThan':
      return left < (right as number);
    case 'greaterThan':
      return left > (right as number);
    case 'greaterThanInclusive':
      return left >= (right as number);
    default:
      return (right as unknown as readonly number[]).includes(left);
  }
}

const named = (found: readonly { code: string; rule: string | null }[], codes: readonly string[]) =>
  found
    .filter(({ code }) => codes.includes(code))
    .map(({ code, rule }) => `${code} ${rule}`)
    .sort();

t.test('of random requirements the analysis finds what brute force finds', async () => {
  const drawn = fc.array(fc.tuple(condition, fc.option(condition)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(drawn, async parts => {
      const rules = parts.map(([requires, applies], at) =>
        requirement(`r${at}`, requires, applies),
      );
      const { findings } = await analyseChain(POLICY, chainOf(rules, 'quota'));
      const expected: string[] = [];
      for (const [at, rule] of rules.entries()) {
        let [passes, refuses, first] = [0, 0, 0];
        for (const facts of cases()) {
          if (rule.applies !== null && !holds(rule.applies, facts)) continue;
          if (holds(rule.requires, facts)) {
            passes += 1;
            continue;
          }
          refuses += 1;
          const before = rules.slice(0, at).some(({ applies, requires }) => {
            return (applies === null || holds(applies, facts)) && !holds(requires, facts);
          });
          if (!before) first += 1;
        }
        if (passes + refuses === 0) expected.push(`rule-never-applies r${at}`);
        else if (refuses === 0) expected.push(`rule-never-refuses r${at}`);
        // A rule behind one that refuses everything by facts of its own is told at that one.
        else if (first === 0) expected.push(`rule-shadowed r${at}`);
      }
      const codes = ['rule-never-applies', 'rule-never-refuses', 'rule-shadowed'];
      const all = findings.filter(({ code }) => code === 'rule-refuses-all').map(f => f.rule);
      const found = named(findings, codes);
      const behind = expected.filter(each => !found.includes(each));
      const extra = found.filter(each => !expected.includes(each));
      const told = behind.every(
        each => each.startsWith('rule-shadowed') && all.some(id => String(id) < each.slice(-2)),
      );
      if (extra.length > 0 || !told) throw new Error(`${found} / ${expected}`);
    }),
    { numRuns: 60 },
  );
});

t.test('of random actions the analysis finds what brute force finds', async () => {
  const EVENTS = ['approve-admission', 'approve-return', 'wait'];
  const drawn = fc.array(fc.tuple(condition, fc.constantFrom(...EVENTS)), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(drawn, async parts => {
      const rules = parts.map(([when, event], at): ActionRule => {
        return { ...RULE, id: `r${at}`, at: null, when, then: { event } };
      });
      const { findings } = await analyseChain(POLICY, chainOf(rules, 'deadline'));
      const expected: string[] = [];
      for (const [at, rule] of rules.entries()) {
        const acting = [...cases()].filter(facts => holds(rule.when, facts));
        const before = (facts: Record<string, FactValue>) =>
          rules.slice(0, at).find(({ when }) => holds(when, facts));
        const alone = acting.filter(facts => before(facts) === undefined);
        if (acting.length === 0) expected.push(`action-never-acts r${at}`);
        else if (alone.length === 0) expected.push(`shadowed r${at}`);
        else if (
          acting.some(facts => {
            const event = before(facts)?.then['event'];
            const own = rule.then['event'];
            return event !== undefined && event !== own && event !== 'wait' && own !== 'wait';
          })
        ) {
          expected.push(`contradicted r${at}`);
        }
      }
      const codes: Readonly<Record<string, string>> = {
        'action-never-acts': 'action-never-acts',
        'rule-shadowed': 'shadowed',
        'action-shadowed': 'shadowed',
        'actions-contradict': 'contradicted',
        'actions-overlap': 'contradicted',
      };
      const found = findings.flatMap(({ code, rule }) =>
        codes[code] === undefined ? [] : [`${codes[code]} ${rule}`],
      );
      const [a, b] = [[...new Set(found)].sort().join(), expected.sort().join()];
      if (a !== b) throw new Error(`${a} / ${b}`);
    }),
    { numRuns: 50 },
  );
});

t.test('every case that is shown is decided by the engine as it says', async t => {
  const when: Condition = { all: [{ fact: 'plan.free', operator: 'lessThan', value: 1 }] };
  const rules = [requirement('one', when, null), requirement('two', when, null)];
  const { findings } = await analyseChain(POLICY, chainOf(rules, 'quota'));
  const [finding] = findings;
  t.match(finding, { code: 'rule-shadowed', rule: 'two' });
  const facts = finding?.example?.facts ?? {};
  const { refusal } = await evaluateRequirements(rules, {}, '2016-07-20', facts);
  t.equal(refusal?.rule, 'one');
});

t.test(
  'rules of more cases than can be looked at are said not to be, and nothing hangs',
  async t => {
    const all = Array.from({ length: 22 }, (_, at) => ({
      fact: `candidate.subject.科目${at}`,
      operator: 'greaterThan',
      value: 60,
    }));
    const wide = await analyseChain(
      POLICY,
      chainOf([requirement('wide', { all }, null)], 'eligibility'),
    );
    t.match(wide.findings, [{ code: 'analysis-too-wide', rule: 'wide' }]);
    const joined = Array.from({ length: 12 }, (_, at) =>
      requirement(`r${at}`, { all: all.slice(at, at + 6) }, null),
    );
    const again = requirement('again', { all: all.slice(0, 6) }, null);
    const { findings } = await analyseChain(POLICY, chainOf([...joined, again], 'eligibility'));
    t.ok(findings.some(({ code }) => code === 'analysis-too-wide'));
    t.ok(
      findings.some(({ code, rule }) => code === 'rule-shadowed' && rule === 'again'),
      'pairs are still looked at',
    );
  },
);

t.test('mutated policies neither hang nor crash the analysis', async () => {
  const texts = [...SHIPPED].filter(([path]) => !/cities\/(?!440700)/.test(path));
  const decoder = new TextDecoder();
  const TOKENS = ['all', 'any', 'not', '0', '-1', '1e9', '2016-02-30', '[]', 'null', 'true', '"x"'];
  const files = texts.map(([path, bytes]) => [path, decoder.decode(bytes)] as const);
  const WORDS = /[A-Za-z][A-Za-z-]+|[0-9]+(?:-[0-9]+)*/g;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(files.length - 1),
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      async (file, from, to, token) => {
        const [path, text] = files[file] as (typeof files)[number];
        const words = [...text.matchAll(WORDS)];
        const at = words[from % words.length];
        if (at === undefined) return;
        const instead = token ? TOKENS[to % TOKENS.length] : words[to % words.length]?.[0];
        const after = text.slice(at.index + at[0].length);
        const mutated = `${text.slice(0, at.index)}${instead}${after}`;
        const { bundle, draft } = loadPolicy(new Map([...files, [path, mutated] as const]));
        const readable = bundle ?? draft;
        if (readable === undefined) return;
        for (const problem of (await analysePolicy(readable)).problems) {
          if (problem.line < 1 || /undefined|\{[a-z]+\}/.test(problem.message)) {
            throw new Error(formatProblem(problem));
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});
