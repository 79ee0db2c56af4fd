/** Input that means harm, or is no policy at all: refused at once, never a crash, never a hang. */
import fc from 'fast-check';
import t from 'tap';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { loadPolicy } from '../../engine/policy/load.ts';

const SHIPPED = readPolicyFolder('rules/guangdong-2016');
const MEGABYTE = 1024 * 1024;

/** The codes found when one file of the shipped policy is replaced. */
function codesOf(content: string | Uint8Array, file = 'eligibility.yaml'): string[] {
  const files = new Map<string, string | Uint8Array>(SHIPPED);
  files.set(file, content);
  const { bundle, problems } = loadPolicy(files);
  t.equal(bundle, undefined);
  t.ok(problems.every(problem => problem.file === file));
  return [...new Set(problems.map(problem => problem.code))];
}

t.test('a file of 20 MB is refused by its size, unread', t => {
  t.same(codesOf('rules: [\n'.repeat(20 * MEGABYTE)), ['file-too-large']);
  t.same(codesOf(new Uint8Array(20 * MEGABYTE)), ['file-too-large']);
  t.end();
});

t.test('nesting is bounded before it is parsed, in brackets, by indentation, on one line', t => {
  t.same(codesOf('['.repeat(MEGABYTE)), ['too-deep']);
  t.same(codesOf('{a: '.repeat(100_000)), ['too-deep']);
  t.same(codesOf('- '.repeat(500_000)), ['too-deep']);
  t.same(codesOf('? '.repeat(500_000)), ['too-deep']);
  t.same(codesOf(`a: ${'? '.repeat(100_000)}`), ['too-deep']);
  const steps = Array.from({ length: 1400 }, (_, depth) => `${' '.repeat(depth)}a:`);
  t.same(codesOf(steps.join('\n')), ['too-deep']);
  const zigzag = Array.from({ length: 190 }, (_, depth) => `${' '.repeat(depth)}a:`);
  t.same(codesOf(zigzag.join('\n')), ['too-deep']);
  const conditions = `${'{ all: [ '.repeat(14)}${' ] }'.repeat(14)}`;
  t.notOk(codesOf(`rules: [ { requires: ${conditions} } ]`).includes('too-deep'));
  t.end();
});

t.test('an alias bomb is refused, however little it would grow', t => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const below = level === 0 ? '"lol"' : `*a${level - 1}`;
    return `a${level}: &a${level} [${Array(9).fill(below).join(',')}]`;
  });
  t.same(codesOf(levels.join('\n')), ['alias-forbidden']);
  t.same(codesOf('rules: &rules []\nmore: *rules\n'), ['alias-forbidden']);
  t.same(codesOf('rules: *nothing\n'), ['alias-forbidden']);
  t.same(codesOf('- &self [ *self ]\n'), ['alias-forbidden']);
  t.end();
});

t.test('what is no text is refused', t => {
  t.same(codesOf(new Uint8Array([0x72, 0x75, 0xff, 0xfe])), ['invalid-utf8']);
  t.same(codesOf(new Uint8Array([0xb9, 0xe6, 0xd4, 0xf2, 0x3a])), ['invalid-utf8']);
  t.same(codesOf('rules: []\u0000'), ['nul-byte']);
  t.same(codesOf(Buffer.from('rules: []\n', 'utf16le')), ['nul-byte']);
  t.same(codesOf('rules: []\u001f'), ['control-character']);
  t.same(codesOf(''), ['empty-document']);
  t.same(codesOf('# 无\n'), ['empty-document']);
  t.same(codesOf('---\n...\n'), ['wrong-type']);
  t.same(codesOf('规则'), ['wrong-type']);
  t.end();
});

t.test('a byte order mark and Windows lines are taken', t => {
  const text = new TextDecoder().decode(SHIPPED.get('eligibility.yaml'));
  const files = new Map<string, string | Uint8Array>(SHIPPED);
  files.set('eligibility.yaml', Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`));
  t.same(loadPolicy(files).problems, []);
  t.equal(loadPolicy(files).bundle?.base.hash, loadPolicy(SHIPPED).bundle?.base.hash);
  t.end();
});

t.test('a map of many keys costs no square', t => {
  const keys = Array.from({ length: 100_000 }, (_, index) => `key${index}: 1`);
  const codes = codesOf(keys.join('\n'));
  t.same(codes.sort(), ['missing-key', 'more-problems', 'unknown-key']);
  t.end();
});

t.test('a key named __proto__ is a key like any other', t => {
  t.same(codesOf('rules: []\n__proto__: { polluted: true }\n'), ['unknown-key']);
  t.same(codesOf('__proto__: { rules: [] }\n').sort(), ['missing-key', 'unknown-key']);
  t.same(codesOf('batches: { __proto__: [] }\n', 'cities/440100.yaml'), ['unknown-key']);
  t.equal(({} as { polluted?: boolean }).polluted, undefined);
  t.end();
});

t.test('a long chain of named conditions does not overflow', t => {
  const chain = Array.from(
    { length: 20_000 },
    (_, index) => `  c${index}: { all: [ { condition: c${index + 1} } ] }`,
  );
  const text = new TextDecoder().decode(SHIPPED.get('policy.yaml'));
  const codes = codesOf(
    text.replace('conditions:\n', `conditions:\n${chain.join('\n')}\n`),
    'policy.yaml',
  );
  t.ok(codes.includes('wrong-count'));
  t.ok(codes.includes('unknown-condition'));
  t.end();
});

/** Whatever happens, a list of problems with places comes out, and a bundle only without errors. */
function holds(files: ReadonlyMap<string, string | Uint8Array>): void {
  const { bundle, problems } = loadPolicy(files);
  const errors = problems.filter(problem => problem.severity === 'error');
  if ((bundle === undefined) !== errors.length > 0) throw new Error('bundle beside errors');
  for (const { code, line, column, message, excerpt } of problems) {
    if (line < 0 || column < 0 || message === '' || [...excerpt].length > 200) {
      throw new Error(`bad problem ${line}:${column} ${message}`);
    }
    // The net below the scan: nothing should reach it.
    if (code === 'unreadable') throw new Error(message);
  }
}

/** The base and two cities: as telling as all, and faster. */
const SMALLER = new Map<string, string | Uint8Array>(
  [...SHIPPED].filter(([path]) => !path.startsWith('cities/') || /440[16]00/.test(path)),
);
const PATHS = [...SMALLER.keys()];
const SNIPPETS = [
  ': ',
  '- ',
  '? ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
  '|',
  '>',
  '#',
  '&a ',
  '*a',
  '!!str ',
  '\n',
  '\t',
  '  ',
  '：',
  '１',
  '\u3000',
  'null',
  '~',
  '0x1F',
  '.inf',
  '-1e400',
  'all: []',
  'any:',
  'not: ',
  '{ fact: today }',
  '<<: ',
  '__proto__: ',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '\ud800',
];

t.test('random bytes in place of any file', t => {
  const bytes = fc.uint8Array({ maxLength: 400 });
  const property = fc.property(fc.constantFrom(...PATHS), bytes, (path, content) =>
    holds(new Map([...SMALLER, [path, content]])),
  );
  fc.assert(property, { numRuns: 40 });
  t.pass();
  t.end();
});

t.test('random text of YAML pieces', t => {
  const piece = fc.oneof(fc.constantFrom(...SNIPPETS), fc.string({ maxLength: 6 }));
  const text = fc.array(piece, { maxLength: 60 }).map(pieces => pieces.join(''));
  const property = fc.property(text, content => holds(new Map([['eligibility.yaml', content]])));
  fc.assert(property, { numRuns: 400 });
  t.pass();
  t.end();
});

t.test('shipped files with pieces cut out, put in and moved', t => {
  const edit = fc.record({
    at: fc.nat(),
    cut: fc.nat({ max: 30 }),
    put: fc.oneof(fc.constant(''), fc.constantFrom(...SNIPPETS), fc.string({ maxLength: 4 })),
  });
  const edits = fc.array(edit, { minLength: 1, maxLength: 4 });
  const property = fc.property(fc.constantFrom(...PATHS), edits, (path, changes) => {
    let text = new TextDecoder().decode(SHIPPED.get(path));
    for (const { at, cut, put } of changes) {
      const from = at % (text.length + 1);
      text = text.slice(0, from) + put + text.slice(from + cut);
    }
    holds(new Map([...SMALLER, [path, text]]));
  });
  fc.assert(property, { numRuns: 150 });
  t.pass();
  t.end();
});
