/** CSV: splitting, quoting, encodings. csv-parse, which shares no code with ours, is the oracle. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import t from 'tap';
import { CsvReader } from '../../../db/package/csv-read.ts';
import { csvChunks, csvLine } from '../../../db/package/csv-write.ts';
import {
  encodingsTitle,
  LINE_BYTES_MAX,
  scanBytes,
  settleEncodings,
  utf8Bytes,
} from '../../../db/package/encoding.ts';
import { gb18030 } from './gb18030.ts';

interface Read {
  readonly rows: string[][];
  readonly lines: number[];
  readonly faults: string[];
}

/** Reads bytes handed over in pieces of the given size. */
function read(bytes: Buffer, piece = bytes.length + 1): Read {
  const result: Read = { rows: [], lines: [], faults: [] };
  const reader = new CsvReader(record => {
    if (record.fault !== undefined) result.faults.push(`${record.line}:${record.fault}`);
    else {
      result.rows.push(Array.from({ length: record.count }, (_, cell) => record.text(cell)));
      result.lines.push(record.line);
    }
  });
  for (let at = 0; at < bytes.length; at += piece) reader.push(bytes.subarray(at, at + piece));
  reader.end();
  return result;
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const scan = (bytes: Buffer, size = 7) => scanBytes(pieces(bytes, size));
const faultsOf = async (bytes: Buffer, size?: number) =>
  (await scan(bytes, size)).faults.map(fault => `${fault.line}:${fault.code}`);
/** `姓名` in GB18030. */
const NAME_GB = Buffer.from([0xd0, 0xd5, 0xc3, 0xfb]);

t.test('what is written is read again, in pieces of any size, and csv-parse agrees', async t => {
  const cell = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.stringMatching(/^["',\r\n 汉😀]{0,6}$/u),
    fc.constantFrom('', '"', ',', '\n', '\r\n', '0012', '荔湾区'),
  );
  const table = fc
    .integer({ min: 1, max: 5 })
    .chain(width => fc.array(fc.array(cell, { minLength: width, maxLength: width })));
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 40 }), (rows, size) => {
      const bytes = Buffer.concat([...csvChunks(rows)]);
      const ours = read(bytes, size);
      t.same(ours.faults, []);
      t.same(ours.rows, rows);
      t.same(parse(bytes, { relax_column_count: true }), rows);
    }),
    { verbose: true },
  );
});

t.test('CRLF, a missing last line break and blank lines make no difference', async t => {
  const rows = [
    ['a', 'b'],
    ['1', ''],
    ['x,y', '"'],
  ];
  for (const text of [
    'a,b\n1,\n"x,y",""""\n',
    'a,b\r\n1,\r\n"x,y",""""\r\n',
    'a,b\r\n\r\n1,\n\n"x,y",""""',
  ]) {
    for (const size of [1, 2, 3, 100]) t.same(read(Buffer.from(text), size).rows, rows);
  }
});

t.test('a record names the line on which it begins, whatever its cells hold', async t => {
  const text = 'a,b\n"one\ntwo",x\n\nc,d\n"e",f\n';
  t.same(read(Buffer.from(text), 5).lines, [1, 2, 5, 6]);
});

t.test('a quote out of place is a fault of its line, and reading goes on', async t => {
  const text = 'a,b\nx"y,1\n"z"w,2\nc,d\n';
  for (const size of [1, 4, 100]) {
    const { rows, faults } = read(Buffer.from(text), size);
    t.same(faults, ['2:stray-quote', '3:stray-quote']);
    t.same(rows, [
      ['a', 'b'],
      ['c', 'd'],
    ]);
  }
});

t.test('a quote that is never closed ends the reading, however long the file', async t => {
  t.same(read(Buffer.from('a,b\n1,"x\nc,d\n')).faults, ['2:unclosed-quote']);
  const long = Buffer.from(`a,b\n1,"x\n${'c,d\n'.repeat(LINE_BYTES_MAX)}`);
  t.same(read(long, 65_536).faults, ['2:unclosed-quote']);
});

t.test('a line of absurd length is a fault, not a memory problem', async t => {
  const bytes = Buffer.alloc(LINE_BYTES_MAX * 2, 'x');
  t.same(await faultsOf(bytes, 65_536), ['1:line-too-long']);
});

t.test('a row of one empty cell is written so that it is no blank line', async t => {
  t.equal(csvLine(['']), '""\n');
  t.same(read(Buffer.from('a\n""\nb\n')).rows, [['a'], [''], ['b']]);
});

t.test('UTF-8, UTF-8 with BOM and GB18030 are told apart, and read the same', async t => {
  const text = 'candidate_no,姓名\n01,张三\n02,𠮷野\n';
  const gb = Buffer.concat([
    Buffer.from('candidate_no,'),
    NAME_GB,
    Buffer.from('\n01,'),
    Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]),
    Buffer.from('\n02,'),
    Buffer.from([0x95, 0x34, 0xb2, 0x35, 0xd2, 0xb0]),
    Buffer.from('\n'),
  ]);
  const utf8 = Buffer.from(text);
  const bom = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]);
  for (const [bytes, encoding] of [
    [utf8, 'utf-8'],
    [bom, 'utf-8-bom'],
    [gb, 'gb18030'],
  ] as const) {
    const found = await scan(bytes, 3);
    t.equal(found.encoding, encoding);
    t.same(found.faults, []);
    const parts: Buffer[] = [];
    for await (const part of utf8Bytes(pieces(bytes, 3), found.encoding)) parts.push(part);
    t.equal(Buffer.concat(parts).toString(), text);
  }
});

t.test('a damaged line is named, in a UTF-8 and in a GB18030 file', async t => {
  const line = (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('\n')]);
  const utf8 = line(Buffer.from('张三'));
  const broken = line(Buffer.from([0x31, 0xff, 0x32]));
  t.same(await faultsOf(Buffer.concat([utf8, utf8, line(NAME_GB), utf8])), ['3:wrong-encoding']);
  const gb = line(NAME_GB);
  t.same(await faultsOf(Buffer.concat([gb, gb, broken, gb])), ['3:wrong-encoding']);
  const cut = line(Buffer.from([0xd0, 0xd5, 0xc3]));
  t.same(await faultsOf(Buffer.concat([gb, cut, gb, cut, gb])), [
    '2:wrong-encoding',
    '4:wrong-encoding',
  ]);
  t.same(await faultsOf(Buffer.concat([gb, utf8, gb, gb])), ['2:mixed-encoding']);
  t.same(await faultsOf(broken), ['1:wrong-encoding']);
});

t.test('what is valid in both speaks for neither encoding', async t => {
  const certainties = {
    'no,sex\n1,女\n2,女\n': 'foreign',
    'no,name\n1,学校\n': 'foreign',
    'no,name\n1,路\n': 'doubtful',
    'no,name\n1,佴\n': 'doubtful',
    'no,sex\n1,男\n': 'certain',
    'no,sex\n1,F\n': 'ascii',
  };
  for (const [text, certainty] of Object.entries(certainties)) {
    const found = await scan(gb18030(text));
    const encoding = certainty === 'certain' ? 'gb18030' : 'utf-8';
    t.match(found, { certainty, encoding, faults: [] }, text);
  }
  for (const text of ['张', '阿依·古丽', '“中”', '……', '①', 'كريم', '王é', '𠮷']) {
    t.match(await scan(Buffer.from(text)), { certainty: 'certain', encoding: 'utf-8' }, text);
  }
  for (const text of ['José', 'P·1', 'lǚ']) {
    t.notMatch((await scan(Buffer.from(text))).certainty, 'foreign', text);
  }
  t.match(await scan(Buffer.from('\uFEFFŮ')), { certainty: 'certain', encoding: 'utf-8-bom' });
});

t.test('a GB18030 file with more 女 than 男 is read as GB18030', async t => {
  const found = await scan(gb18030('no,sex\n1,女\n2,女\n3,男\n'));
  t.match(found, { encoding: 'gb18030', certainty: 'certain', faults: [] });
});

t.test('a file in doubt goes with those that are certain, and never overrules one', async t => {
  const gb = await scan(gb18030('广东'));
  const utf8 = await scan(Buffer.from('广东'));
  const ascii = await scan(Buffer.from('a'));
  const doubtful = await scan(gb18030('路'));
  const foreign = await scan(gb18030('女'));
  const settled: readonly [Parameters<typeof settleEncodings>[0], string][] = [
    [[gb, doubtful, foreign, ascii], 'gb18030 gb18030 gb18030 utf-8'],
    [[utf8, doubtful, foreign, ascii], 'utf-8 utf-8 utf-8 utf-8'],
    [[utf8, gb, doubtful, foreign], 'utf-8 gb18030 gb18030 gb18030'],
    [[doubtful, foreign, ascii], 'utf-8 gb18030 utf-8'],
  ];
  for (const [scans, expected] of settled) t.equal(settleEncodings(scans).join(' '), expected);
});

t.test('the encodings that were found are said, the most frequent one for the rest', async t => {
  const table = (file: string, encoding: 'utf-8' | 'gb18030' | 'xlsx') => ({ file, encoding });
  t.equal(encodingsTitle([table('a.csv', 'gb18030'), table('b.csv', 'gb18030')]), 'GB18030');
  t.equal(encodingsTitle([table('b.xlsx#a', 'xlsx')]), '工作簿');
  const three = ['a.csv', 'b.csv'].map(file => table(file, 'utf-8'));
  t.equal(
    encodingsTitle([...three, table('c.csv', 'gb18030')]),
    'GB18030（c.csv）、UTF-8（其余文件）',
  );
});

t.test('UTF-16, a NUL byte and an empty file are refused', async t => {
  const utf16 = Buffer.from('candidate_no,name\n', 'utf16le');
  t.same(await faultsOf(Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 100), ['0:utf-16']);
  t.same(await faultsOf(utf16, 100), ['0:utf-16']);
  t.same(await faultsOf(Buffer.from('a,b\n1,2\n3,\0\n')), ['3:nul-byte']);
  t.same(await faultsOf(Buffer.from('')), ['0:empty-file']);
  t.same(await faultsOf(Buffer.from([0xef, 0xbb, 0xbf])), ['0:empty-file']);
});
