/** The one layout of the documents: it never changes what they say, and it settles. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { parseDocument, Scalar, type ToStringOptions, visit } from 'yaml';
import { readPolicyFolder } from '../../db/package/policy-folder.ts';
import { formatDocument } from '../../engine/policy/format.ts';
import { loadPolicy } from '../../engine/policy/load.ts';
import { main } from '../../jobs/cli/program.ts';

const FOLDER = new URL('../../rules/guangdong-2016', import.meta.url).pathname;
const texts = new Map(
  [...readPolicyFolder(FOLDER)].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
);
const paths = [...texts.keys()];
const textOf = (path: string) => texts.get(path) as string;

t.test('the shipped policy is in its layout already', async t => {
  for (const [path, text] of texts) t.equal(formatDocument(path, text), text, path);
});

/** The same document as another hand would have typed it. */
interface Hand {
  readonly indent: number;
  readonly indentSeq: boolean;
  readonly lineWidth: number;
  readonly padding: boolean;
  readonly quotes: number;
  readonly blankLines: number;
  readonly returns: boolean;
  readonly trailing: string;
}
const hand: fc.Arbitrary<Hand> = fc.record({
  indent: fc.integer({ min: 1, max: 7 }),
  indentSeq: fc.boolean(),
  lineWidth: fc.constantFrom(0, 40, 80),
  padding: fc.boolean(),
  quotes: fc.nat({ max: 3 }),
  blankLines: fc.nat({ max: 3 }),
  returns: fc.boolean(),
  trailing: fc.constantFrom('', ' ', '\t ', '\n\n'),
});
const QUOTES = [undefined, Scalar.QUOTE_DOUBLE, Scalar.QUOTE_SINGLE, Scalar.PLAIN] as const;

function typed(text: string, by: Hand): string {
  const document = parseDocument(text, { version: '1.2', schema: 'core' });
  const type = QUOTES[by.quotes];
  visit(document, {
    Scalar: (key, node) => {
      if (key !== 'key' && typeof node.value === 'string' && type !== undefined) node.type = type;
    },
  });
  const options: ToStringOptions = {
    indent: by.indent,
    indentSeq: by.indentSeq,
    lineWidth: by.lineWidth,
    flowCollectionPadding: by.padding,
    singleQuote: by.quotes === 2,
  };
  const written = document.toString(options);
  const spread = written.replace(/\n\n/g, '\n'.repeat(by.blankLines + 2));
  const comments = spread.replace(/^( *#.*)$/gm, `$1${by.trailing.replaceAll('\n', '')}`);
  const ended = `${comments}${by.trailing.replace(/[\t ]/g, '')}`;
  return by.returns ? ended.replaceAll('\n', '\r\n') : ended;
}

t.test('however a document was typed, it comes out the same', async t => {
  fc.assert(
    fc.property(fc.constantFrom(...paths), hand, (path, by) => {
      t.equal(formatDocument(path, typed(textOf(path), by)), textOf(path), path);
    }),
    { numRuns: 80 },
  );
});

t.test('a policy means the same before and after, and a second time changes nothing', async t => {
  const edit = fc.record({ path: fc.constantFrom(...paths), at: fc.nat(), by: hand });
  const before = loadPolicy(texts).bundle;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), edits => {
      const files = new Map(texts);
      for (const { path, at, by } of edits) {
        // A comment somewhere at the start of a line, as people put them.
        const lines = textOf(path).split('\n');
        const line = at % lines.length;
        const indent = /^ */.exec(lines[line] ?? '')?.[0] ?? '';
        lines.splice(line, 0, `${indent}# 备注 ${at}：见《办法》`);
        const messy = typed(lines.join('\n'), by);
        const once = formatDocument(path, messy);
        t.equal(formatDocument(path, once), once, 'settled');
        t.ok(once.includes(`# 备注 ${at}：见《办法》`));
        files.set(path, once);
      }
      const { bundle } = loadPolicy(files);
      t.equal(bundle?.base.hash, before?.base.hash);
      const hashes = (each: typeof before) => [...(each?.overlays.values() ?? [])].map(o => o.hash);
      t.same(hashes(bundle), hashes(before));
    }),
    { numRuns: 8 },
  );
});

t.test('quotes stand where a value needs them, and nowhere else', async t => {
  const messy = [
    'a: "text"',
    "b: '0001'",
    'c: "18:00"',
    "d: '2016-07-20'",
    'e: "true"',
    'f: True',
    'g: ~',
    'h: 0x10',
    'i: 4.50',
    "j: '说明：全角'",
    'k:   [ "440100",   x ]',
    'l: {x: 1,',
    '    y: [ ]}',
    'm: "# no comment"',
    '',
    '',
    '',
    'n:',
    '- one   #  why ',
    '',
  ].join('\n');
  t.equal(
    formatDocument('x.yaml', messy),
    [
      'a: text',
      'b: "0001"',
      'c: "18:00"',
      'd: 2016-07-20',
      'e: "true"',
      'f: true',
      'g: null',
      'h: 16',
      'i: 4.5',
      'j: "说明：全角"',
      'k: ["440100", x]',
      'l: { x: 1, y: [] }',
      'm: "# no comment"',
      '',
      'n:',
      '  - one #  why',
      '',
    ].join('\n'),
  );
});

t.test('a comment inside braces is kept, by lines of their own', async t => {
  const text = 'a: { b: 1, # why\n  c: 2 }\n';
  t.equal(formatDocument('x.yaml', text), 'a:\n  b: 1 # why\n  c: 2\n');
});

t.test('the command lists, mends, and leaves alone what it can not read', async t => {
  const home = await mkdtemp(join(tmpdir(), 'zhongzhao-format-'));
  t.teardown(() => rm(home, { recursive: true, force: true }));
  await cp(FOLDER, home, { recursive: true });
  const format = async (...more: string[]) => {
    const said = { out: '', error: '' };
    const output = {
      out: (text: string) => {
        said.out += text;
      },
      error: (text: string) => {
        said.error += text;
      },
    };
    return { code: await main(['policy', 'format', home, ...more], output), ...said };
  };
  t.match(await format('--check'), { code: 0, out: /42 个文件中须整理 0 个/ });
  const path = join(home, 'cities', '440100.yaml');
  const messy = typed(textOf('cities/440100.yaml'), {
    indent: 4,
    indentSeq: false,
    lineWidth: 40,
    padding: true,
    quotes: 1,
    blankLines: 2,
    returns: true,
    trailing: '',
  });
  await writeFile(path, messy);
  t.match(await format('--check'), { code: 1, out: /须整理　cities\/440100\.yaml/ });
  t.equal(await readFile(path, 'utf8'), messy, 'a check writes nothing');
  t.match(await format(), { code: 0, out: /已整理 1 个/ });
  t.equal(await readFile(path, 'utf8'), textOf('cities/440100.yaml'));
  await writeFile(path, messy);
  await writeFile(join(home, 'batches.yaml'), 'a: [\n');
  t.match(await format(), { code: 3, error: /batches\.yaml:\d+/ });
  t.equal(await readFile(path, 'utf8'), messy, 'where one can not be read, none is written');
});
