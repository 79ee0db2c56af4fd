/** The renderers on made-up content: nothing of this needs a database. */
import fc from 'fast-check';
import readExcelFile from 'read-excel-file/node';
import t from 'tap';
import { extractText, getDocumentProxy } from 'unpdf';
import { masked, permille, readableText } from '../../reports/render/cells.ts';
import { guardFormula, renderCsv } from '../../reports/render/csv.ts';
import { renderHtml } from '../../reports/render/html.ts';
import { renderJson } from '../../reports/render/json.ts';
import { PDF_ROWS_MAX, partsOf, renderPdf } from '../../reports/render/pdf.ts';
import { Paper } from '../../reports/render/pdf-paper.ts';
import { leftOutText } from '../../reports/render/sentences.ts';
import { renderXlsx, XLSX_ROWS_MAX } from '../../reports/render/xlsx.ts';
import {
  type Column,
  defineReport,
  type Rendering,
  type ReportContent,
  type Row,
  type Rows,
} from '../../reports/report.ts';
import { rosterPaper } from '../../reports/rosters/roster-paper.ts';

const NASTY = [
  '=1+1',
  '+cmd|calc',
  '-2+3',
  '@SUM(A1)',
  '\t=1',
  '  =1',
  '＝1+1',
  '<script>alert(1)</script>',
  `"quoted", 'and' & more`,
  'line\nbreak',
  '\u0000\u0007bell',
  '普通文字',
];

const report = defineReport({
  id: 'made-up',
  title: '试验<报表>',
  menu: '试验',
  side: 'office',
  parameters: { type: 'object', additionalProperties: false, properties: {} },
  sections: [
    {
      id: 'main',
      title: '正文',
      order: '代码',
      empty: '没有内容。',
      columns: [
        { key: 'code', title: '代码', type: 'code' },
        { key: 'text', title: '文字', type: 'text' },
        { key: 'name', title: '姓名', type: 'text', masked: 'name' },
        { key: 'count', title: '人数', type: 'integer', unit: '人', total: 'sum' },
        { key: 'score', title: '分数', type: 'hundredths', total: 'max' },
        { key: 'day', title: '日期', type: 'date' },
        { key: 'share', title: '占比', type: 'percent', of: ['count', 'whole'] },
        { key: 'flag', title: '是否', type: 'boolean' },
      ],
      chart: { kind: 'bar', title: '图<一>', category: 'text', values: ['count'] },
    },
  ],
  definitions: [{ term: '词', meaning: '<b>义</b>' }],
  select: async () => renderingOf([]).content,
});

function renderingOf(main: Rows, more: Partial<ReportContent> = {}): Rendering {
  return {
    report,
    content: {
      head: {
        scope: '全省<&>',
        businessDate: '2016-07-20',
        dataUntil: '2016-07-20 19:40:00',
        runs: [1, 2, 3, 7],
        policies: [{ baseVersion: 1, baseHash: 'a'.repeat(64), overlayHash: 'b'.repeat(64) }],
        sample: true,
      },
      findings: [],
      rows: { main },
      ...more,
    },
    actor: 'province',
    unmasked: false,
    madeAt: '2016-07-21 07:00:00',
    trail: null,
    signed: null,
    links: [],
  };
}

const rowOf = (text: string, index: number): Row => ({
  code: `000${index}`,
  text,
  name: '张三丰',
  count: 1000 + index,
  whole: 4000,
  score: 61_250 + index,
  day: '2016-07-20',
  flag: index % 2 === 0,
});

async function gathered(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

const csvOf = (rendering: Rendering) => gathered(renderCsv(rendering, report.sections[0] as never));

t.test('no cell of a CSV for people can start a formula', async t => {
  const csv = await csvOf(renderingOf(NASTY.map(rowOf)));
  t.ok(csv.startsWith('\ufeff代码,文字,姓名,人数（人）,'));
  t.ok(csv.includes(`\r\n"0000",'=1+1,`));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const guarded = guardFormula(text);
      return !/^[=+\-@\t\r\n]/.test(guarded) && guarded.endsWith(text);
    }),
    { verbose: true },
  );
  for (const text of NASTY.slice(0, 7)) t.equal(guardFormula(text), `'${text}`);
  t.equal(guardFormula('普通文字'), '普通文字');
});

t.test('a CSV for machines has keys, LF and values as they are', async t => {
  const exchange = { ...report, csv: 'exchange' as const };
  const rendering = { ...renderingOf([rowOf('=1', 0)]), report: exchange, unmasked: true };
  t.equal(
    await csvOf(rendering),
    'code,text,name,count,score,day,share,flag\n' + '0000,=1,张三丰,1000,612.5,2016-07-20,25,是\n',
  );
});

t.test('HTML needs no script, no resource and shows all text as text', async t => {
  const finding = {
    severity: 'error' as const,
    property: 'P2',
    place: '<i>',
    sentence: '<u>句</u>',
    consequence: '"停"',
    rows: [{ school: '<s>' }],
    rowCount: 9,
  };
  const html = await gathered(renderHtml(renderingOf(NASTY.map(rowOf), { findings: [finding] })));
  t.notMatch(html, /<script|<link|<iframe|<img|<object|@import|javascript:|\son[a-z]+=/i);
  t.notMatch(html, /https?:|src=|url\((?!#)/i);
  t.match(html, '&lt;script&gt;alert(1)&lt;/script&gt;');
  t.notMatch(html, /<u>|<s>|<b>义|<报表>/);
  t.match(html, /Content-Security-Policy" content="default-src 'none'/);
  t.match(html, /<svg role="img" [^>]*><title id="chart0-title">图&lt;一&gt;<\/title>/);
  t.ok(html.indexOf('P2') < html.indexOf('正文'), 'findings first');
  t.notMatch(html, '\u0000');
  t.match(html, '示例数据');
  t.match(html, '张**');
  t.notMatch(html, '张三丰');
  const total = NASTY.reduce((sum, _, index) => sum + 1000 + index, 0).toLocaleString('en');
  t.match(html, total);
});

t.test('a report without rows says so instead of an empty table', async t => {
  const html = await gathered(renderHtml(renderingOf([])));
  t.match(html, '没有内容。');
  t.notMatch(html, '<table');
  t.match(html, '没有需要人处理的问题。');
});

t.test('a workbook read again has typed cells, and text that begins like a formula', async t => {
  const book = await renderXlsx(renderingOf(NASTY.map(rowOf)));
  const sheets = await readExcelFile(Buffer.from(book));
  t.same(
    sheets.map(({ sheet }) => sheet),
    ['说明', '正文'],
  );
  const rows = sheets[1]?.data ?? [];
  t.same(rows[0]?.slice(0, 4), ['代码', '文字', '姓名', '人数（人）']);
  const first = rows[1] ?? [];
  t.same(first.slice(0, 5), ['0000', '=1+1', '张**', 1000, 612.5]);
  t.same(first[5], new Date('2016-07-20T00:00:00Z'));
  t.equal(first[6], 0.25);
  t.same(
    rows.slice(1, NASTY.length + 1).map(row => row[1]),
    // XML has no place for these two characters.
    NASTY.map(text => text.replace('\u0000\u0007', '').trim()),
  );
  t.equal(rows[NASTY.length + 1]?.[0], `合计 ${NASTY.length} 行`);
  t.same(
    (sheets[0]?.data ?? []).flat().filter(cell => String(cell).includes('示例数据')).length,
    1,
  );
});

t.test('a workbook that would not fit into memory is refused', async t => {
  async function* many(): AsyncGenerator<readonly Row[]> {
    const chunk = Array.from({ length: 50_000 }, (_, index) => rowOf('x', index));
    for (let at = 0; at * chunk.length <= XLSX_ROWS_MAX; at += 1) yield chunk;
  }
  await t.rejects(renderXlsx(renderingOf(many())), { code: 'too-many-rows' });
});

t.test('JSON parses, whatever the text, and keeps numbers exact', async t => {
  const rendering = renderingOf(NASTY.map(rowOf));
  const parsed = JSON.parse(await gathered(renderJson(rendering)));
  t.equal(parsed.schema, 'zhongzhao-report/1');
  t.same(
    parsed.sections[0].rows.map((row: { text: string }) => row.text),
    NASTY,
  );
  t.equal(parsed.sections[0].rows[0].score, 612.5);
  t.equal(parsed.sections[0].totals.score, 612.61);
  t.equal(parsed.sections[0].rows[0].share, 25);
});

t.test('percentages are exact to a tenth, half up, and absent without a whole', t => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), (part, whole) => {
      const exact = (BigInt(part) * 2000n + BigInt(whole)) / (2n * BigInt(whole));
      return permille(part, whole) === Number(exact);
    }),
    { verbose: true },
  );
  t.equal(permille(1, 0), null);
  t.equal(readableText({ type: 'percent' }, 1000), '100.0%');
  t.equal(readableText({ type: 'integer' }, -1234567), '-1,234,567');
  t.equal(masked('440106200101011234', 'identity'), '****************34');
  t.end();
});

async function pdfText(bytes: Uint8Array): Promise<{ text: string; pages: number }> {
  const document = await getDocumentProxy(new Uint8Array(bytes));
  const { text, totalPages } = await extractText(document, { mergePages: true });
  return { text: text.replace(/\s+/g, ''), pages: totalPages };
}

t.test('a PDF read again has head, rows, totals and page numbers, on as many pages', async t => {
  const rows = Array.from({ length: 180 }, (_, at) => ({
    code: `C${at}`,
    text: at === 179 ? '末行的文字' : '普通文字',
    name: '张三丰',
    count: 2,
    whole: 4,
    score: 56050,
  }));
  const { text, pages } = await pdfText(await renderPdf(renderingOf(rows)));
  t.ok(pages > 2, `${pages} pages`);
  for (const each of ['试验<报表>', 'C0', 'C179', '末行的文字', '张**', '560.5', '360', '50.0%']) {
    t.match(text, each, each);
  }
  t.match(text, `第${pages}页，共${pages}页`);
  t.notMatch(text, '张三丰');
  const heads = text.match(/人数（人）/g)?.length;
  t.equal(heads, pages - 1, 'the head of the table stands on each page after the chart’s');
  t.match(text, /共180项，只画最大的\d+项/);
});

t.test('a PDF takes any text, says what is empty, and refuses what nobody would turn', async t => {
  const nasty = NASTY.map(text => ({ code: '1', text, name: text, count: 1 }));
  const long = { code: '2', text: '很长的文字'.repeat(2000), name: '甲', count: 1 };
  const { pages } = await pdfText(await renderPdf(renderingOf([...nasty, long])));
  t.ok(pages > 3, 'a row longer than a page goes on in the next');
  t.match((await pdfText(await renderPdf(renderingOf([])))).text, '没有内容。');
  const many = Array.from({ length: PDF_ROWS_MAX + 1 }, () => ({ code: '1' }));
  await t.rejects(renderPdf(renderingOf(many)), { code: 'too-many-rows' });
});

t.test(
  'a table too wide for the sheet is set in parts that each say whom a row is about',
  async t => {
    const column = (key: string, width: number): Column => ({
      key,
      title: key,
      type: 'text',
      width,
    });
    const wide = [
      ...[column('number', 18), column('candidateNo', 16), column('name', 10)],
      ...Array.from({ length: 16 }, (_, at) => column(`c${at}`, 14)),
    ];
    const parts = partsOf(wide, 757);
    t.ok(parts.length > 1);
    for (const part of parts) t.same(part.slice(0, 3), [0, 1, 2]);
    const rest = parts.flatMap(part => part.slice(3));
    t.same(rest, wide.map((_, at) => at).slice(3), 'each column once, in its order');
    t.same(partsOf(wide.slice(0, 8), 757), [[0, 1, 2, 3, 4, 5, 6, 7]]);
  },
);

t.test('a word that no line holds is broken, one that almost fits is not', async t => {
  const paper = new Paper({ title: '试', madeAt: new Date(0) });
  paper.addPage();
  const width = paper.widthOf('school-4406002', 8);
  t.equal(paper.linesOf('school-4406002-clerk', width, 8).join(''), 'school-4406002-clerk');
  for (const line of paper.linesOf('school-4406002-clerk@example', width, 8)) {
    t.ok(paper.widthOf(line, 8) <= width, line);
  }
  t.same(paper.linesOf('16440400000024', paper.widthOf('1644040000002', 8), 8).length, 1);
  await paper.bytes();
});

t.test('of a finding is said how many rows are left out', async t => {
  t.equal(leftOutText(3, 3), '');
  t.equal(leftOutText(9, 5), '共 9 行，此处只列 5 行。');
  t.equal(leftOutText(1, 0), '涉及 1 行，此处不列。');
});

/** A roster of so many students in groups of so many. */
async function lastSheet(count: number, size: number): Promise<string> {
  const students = Array.from({ length: count }, (_, at) => ({
    ...{ seq: at + 1, candidateNo: `164404${String(at).padStart(8, '0')}`, name: '张三' },
    ...{ sex: '男', identityNo: '', place: '珠海市', total: 50_000, remark: '' },
    ...{ major: String(Math.floor(at / size)), majorName: '专业', articulated: false },
  }));
  const majors = [...Map.groupBy(students, row => row.major)].map(([major, own]) => {
    return { major, majorName: '专业', men: own.length, women: 0, students: own.length };
  });
  const rendering = renderingOf([], { rows: { students, majors } });
  const { pages: last, text } = await pdfText(await rosterPaper(rendering));
  return text.slice(text.lastIndexOf(`第${last - 1}页`) + 1);
}

t.test('the sheet of a roster that is signed and stamped bears students of it', async t => {
  for (const [count, size] of [
    [23, 40],
    [27, 40],
    [33, 40],
    [36, 40],
    [64, 70],
    [640, 53],
    [33, 30],
  ] as const) {
    const text = await lastSheet(count, size);
    t.match(text, /盖章/, `${count} in groups of ${size}`);
    t.match(text, `164404${String(count - 1).padStart(8, '0')}`, `${count} in groups of ${size}`);
  }
  t.match(await lastSheet(60, 1), /合计[\s\S]*盖章/, 'of many groups the totals stand with it');
});
