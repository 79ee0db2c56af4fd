/** The charts: every kind drawn from made-up rows, measured in the drawing itself. */
import fc from 'fast-check';
import t from 'tap';
import { extractText, getDocumentProxy } from 'unpdf';
import { daysAfter } from '../../engine/policy/calendar.ts';
import { drawChart, PAGE_FRAME } from '../../reports/render/chart.ts';
import { shadesFrom } from '../../reports/render/chart-matrix.ts';
import { stepsOf } from '../../reports/render/chart-parts.ts';
import {
  type Box,
  type Drawing,
  extentOf,
  type Frame,
  fitted,
  type Label,
  lightness,
  TONES,
  textWidth,
} from '../../reports/render/drawing.ts';
import { drawOnPaper } from '../../reports/render/drawing-pdf.ts';
import { drawingSvg } from '../../reports/render/drawing-svg.ts';
import { Paper } from '../../reports/render/pdf-paper.ts';
import type { Chart, ChartMark, Column, Row, Section } from '../../reports/report.ts';

/** As the page has it, and as a sheet upright. */
const FRAMES: readonly Frame[] = [PAGE_FRAME, { width: 511, heightMax: 660, size: 8 }];
const SLACK = 0.01;

const columns: Column[] = [
  { key: 'name', title: '名称', type: 'text' },
  { key: 'to', title: '去向', type: 'text' },
  { key: 'a', title: '投出', type: 'integer' },
  { key: 'b', title: '未投出', type: 'integer' },
  { key: 'c', title: '以后的志愿', type: 'integer' },
  { key: 'lower', title: '下限', type: 'hundredths' },
  { key: 'upper', title: '上限', type: 'hundredths' },
  { key: 'first', title: '开始', type: 'date' },
  { key: 'last', title: '结束', type: 'date' },
  { key: 'form', title: '类别', type: 'code' },
];

const CHARTS: readonly Chart[] = [
  { kind: 'bar', title: '条形', category: 'name', values: ['a', 'b'] },
  { kind: 'column', title: '柱形', category: 'name', values: ['a', 'b'] },
  { kind: 'line', title: '曲线', category: 'name', values: ['a', 'b', 'c'] },
  { kind: 'histogram', title: '分布', lower: 'lower', upper: 'upper', values: ['a', 'b'] },
  { kind: 'heat', title: '热力', category: 'name', values: ['a', 'b', 'c'] },
  { kind: 'flow', title: '流向', from: 'name', to: 'to', value: 'a' },
  { kind: 'calendar', title: '日程', category: 'name', from: 'first', to: 'last', form: 'form' },
];

const sectionOf = (chart: Chart): Section => ({
  ...{ id: 'made', title: '表', order: '无', empty: '没有。', columns, chart },
});

const NAMES = ['广州市', '深圳市', '佛山市顺德区', 'ABC school', '某某职业技术学校（南校区）', '—'];
const count = fc.oneof(fc.nat(20), fc.nat(2_000_000));
const rowsGiven = fc
  .array(
    fc.record({
      ...{ a: count, b: count, c: count, name: fc.nat(), to: fc.nat(), at: fc.nat(180) },
      ...{ days: fc.nat(60), form: fc.constantFrom('phase', 'batch', 'window', 'day') },
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map(rows =>
    rows.map((row, at): Row => {
      const first = daysAfter('2016-05-01', row.at);
      const nameAt = (n: number) => `${NAMES[n % NAMES.length]}${n % 7 === 0 ? n % 1000 : ''}`;
      return {
        ...{ ...row, name: nameAt(row.name), to: nameAt(row.to), first, form: row.form },
        ...{ last: daysAfter(first, row.days), lower: at * 1000, upper: (at + 1) * 1000 },
      };
    }),
  );
const marksGiven = fc
  .array(fc.record({ at: fc.nat(70_000), day: fc.nat(200), row: fc.nat(59) }), { maxLength: 5 })
  .map(marks =>
    marks.map(({ at, day }, n): ChartMark => {
      const line = { section: 'made', title: `第${n}条分数线 ${at / 100}` };
      return n % 2 === 0
        ? { ...line, at, category: daysAfter('2016-05-01', day) }
        : { ...line, at };
    }),
  );

const dataOf = (drawing: Drawing): Box[] =>
  drawing.shapes.filter(shape => shape.kind === 'box').filter(box => box.part === 'data');
const labelsOf = (drawing: Drawing): Label[] =>
  drawing.shapes.filter(shape => shape.kind === 'text');

function drawn(chart: Chart, rows: readonly Row[], frame = PAGE_FRAME, marks: ChartMark[] = []) {
  return drawChart(sectionOf(chart), rows, marks, frame);
}

function allZero(chart: Chart, rows: readonly Row[]): boolean {
  const keys = chart.kind === 'flow' ? ['a'] : chart.kind === 'calendar' ? [] : chart.values;
  return keys.length > 0 && rows.every(row => keys.every(key => row[key] === 0));
}

t.test('everything drawn lies inside the frame', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CHARTS),
      rowsGiven,
      marksGiven,
      fc.constantFrom(...FRAMES),
      (chart, rows, marks, frame) => {
        const drawing = drawn(chart, rows, frame, marks);
        if (drawing === null) return allZero(chart, rows);
        const within = (left: number, top: number, right: number, bottom: number) =>
          left >= -SLACK &&
          top >= -SLACK &&
          right <= drawing.width + SLACK &&
          bottom <= drawing.height + SLACK;
        return drawing.shapes.every(shape => {
          if (shape.kind === 'text') return within(...extentOf(shape));
          if (shape.kind === 'sign') return within(shape.x, shape.y, shape.x, shape.y);
          if (shape.kind === 'stroke') return shape.points.every(([x, y]) => within(x, y, x, y));
          return within(shape.x, shape.y, shape.x + shape.width, shape.y + shape.height);
        });
      },
    ),
    { verbose: true, numRuns: 300 },
  );
});

t.test('no label lies on another', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CHARTS),
      rowsGiven,
      marksGiven,
      fc.constantFrom(...FRAMES),
      (chart, rows, marks, frame) => {
        const drawing = drawn(chart, rows, frame, marks);
        if (drawing === null) return allZero(chart, rows);
        const labels = labelsOf(drawing).map(extentOf);
        return labels.every(([left, top, right, bottom], at) =>
          labels
            .slice(at + 1)
            .every(
              other =>
                other[0] >= right - SLACK ||
                other[2] <= left + SLACK ||
                other[1] >= bottom - SLACK ||
                other[3] <= top + SLACK,
            ),
        );
      },
    ),
    { verbose: true, numRuns: 300 },
  );
});

t.test('bars are as long as their numbers are large', async () => {
  const across = { bar: 'width', column: 'height', histogram: 'height' } as const;
  fc.assert(
    fc.property(fc.constantFrom(...CHARTS.slice(0, 4)), rowsGiven, (chart, rows) => {
      const side = across[chart.kind as keyof typeof across];
      if (side === undefined) return true;
      const drawing = drawn(chart, rows);
      if (drawing === null) return allZero(chart, rows);
      const boxes = dataOf(drawing);
      const sum = (of: (box: Box) => number) => boxes.reduce((total, box) => total + of(box), 0);
      const scale =
        sum(box => box[side]) /
        Math.max(
          1,
          sum(box => box.value ?? 0),
        );
      const all = rows.reduce((total, row) => total + Number(row['a']) + Number(row['b']), 0);
      return (
        boxes.every(box => Math.abs(box[side] - (box.value ?? 0) * scale) < SLACK) &&
        sum(box => box.value ?? 0) === all
      );
    }),
    { verbose: true },
  );
});

t.test('a flow keeps every candidate, adds up its pairs, and frames who stays', async t => {
  fc.assert(
    fc.property(rowsGiven, rows => {
      const drawing = drawn(CHARTS[5] as Chart, rows);
      if (drawing === null) return allZero(CHARTS[5] as Chart, rows);
      const cells = dataOf(drawing);
      const shown = cells.reduce((sum, cell) => sum + (cell.value ?? 0), 0);
      return shown === rows.reduce((sum, row) => sum + Number(row['a']), 0);
    }),
  );
  const rows = [
    { name: '广州市', to: '广州市', a: 1200 },
    { name: '深圳市', to: '广州市', a: 30 },
    { name: '深圳市', to: '不属任何地市', a: 4 },
  ];
  const drawing = drawn(CHARTS[5] as Chart, rows) as Drawing;
  const texts = labelsOf(drawing).map(label => label.text);
  for (const text of ['1,200', '30', '1,234', '1,230', '行：名称　列：去向'])
    t.ok(texts.includes(text));
  t.equal(drawing.shapes.filter(shape => shape.kind === 'stroke').length, 1);
});

t.test('a darker cell is never the smaller one', async t => {
  fc.assert(
    fc.property(rowsGiven, rows => {
      const drawing = drawn(CHARTS[4] as Chart, rows);
      if (drawing === null) return allZero(CHARTS[4] as Chart, rows);
      const cells = dataOf(drawing);
      const sorted = cells.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0));
      return sorted.every((cell, at) => {
        const next = sorted[at + 1];
        return next === undefined || lightness(next.tone.color) <= lightness(cell.tone.color);
      });
    }),
  );
  t.strictSame(shadesFrom(0), [1]);
  t.strictSame(shadesFrom(37_000), [1, 8, 70, 600, 5000]);
});

t.test('tones beside each other differ in grey or by their strokes', async t => {
  for (const [at, tone] of TONES.entries()) {
    const next = TONES[(at + 1) % TONES.length];
    const apart = Math.abs(lightness(tone.color) - lightness(next?.color ?? '')) > 40;
    t.ok(apart || tone.hatch !== next?.hatch, `${at}`);
  }
});

t.test('a score line stands where it lies, also outside the bands', async t => {
  const rows = [400, 450, 500].map(at => ({
    lower: at * 100,
    upper: (at + 50) * 100,
    a: at,
    b: 1,
  }));
  const marks = [390, 475].map(at => ({ section: 'made', at: at * 100, title: `线 ${at}` }));
  const drawing = drawn(CHARTS[3] as Chart, rows, PAGE_FRAME, marks) as Drawing;
  const dashed = drawing.shapes.filter(shape => shape.kind === 'stroke').filter(one => one.dash);
  const [outside, inside] = dashed.map(({ points }) => points[0]?.[0] as number);
  const band = dataOf(drawing).find(box => box.value === 450) as Box;
  t.ok(Math.abs((inside as number) - (band.x + band.width / 2)) < SLACK);
  t.ok((outside as number) < (dataOf(drawing)[0] as Box).x);
  t.match(drawing.description, /图中画出：线 390、线 475/);
});

t.test('nothing is drawn of nothing, and one value is a chart', async t => {
  const one: Row = {
    ...{ name: '广州市', to: '深圳市', a: 7, b: 0, c: 1, lower: 40_000, upper: 45_000 },
    ...{ first: '2016-07-20', last: '2016-07-20', form: 'day' },
  };
  for (const chart of CHARTS) {
    t.equal(drawn(chart, []), null, `${chart.kind}: no rows`);
    const drawing = drawn(chart, [one]) as Drawing;
    t.match(drawing.description, /广州市|400|投出 7|07-20/, `${chart.kind}: in words`);
    const zero = drawn(chart, [{ ...one, a: 0, b: 0, c: 0 }]);
    t.equal(zero !== null, chart.kind === 'calendar', `${chart.kind}: zeros`);
  }
  const unknown = { ...one, lower: null, upper: null, first: null, last: null };
  t.equal(drawn(CHARTS[3] as Chart, [unknown]), null);
  t.equal(drawn(CHARTS[6] as Chart, [unknown]), null);
});

t.test('of too many things the largest are drawn, and the rest is counted beside them', async t => {
  const said =
    /（共 (\d+) 项，只画最大的 (\d+) 项，由大到小；其余 (\d+) 项合计 ([\d,]+)，见下表）$/u;
  const rows = Array.from({ length: 200 }, (_, at) => {
    return { name: `校${at}`, a: (at * 37) % 200, b: 1, c: 2 };
  });
  for (const [kind, keys] of [
    ['bar', ['a', 'b']],
    ['heat', ['a', 'b', 'c']],
  ] as const) {
    const chart = CHARTS.find(each => each.kind === kind) as Chart;
    for (const frame of FRAMES) {
      const drawing = drawn(chart, rows, frame) as Drawing;
      const [, all, shown, left, rest] = said.exec(drawing.title) ?? [];
      t.equal(Number(all), 200);
      t.equal(Number(shown) + Number(left), 200);
      const boxes = dataOf(drawing).map(box => box.value ?? 0);
      const sums = Array.from({ length: Number(shown) }, (_, at) =>
        boxes.slice(at * keys.length, (at + 1) * keys.length).reduce((a, b) => a + b, 0),
      );
      t.same(
        sums,
        sums.toSorted((a, b) => b - a),
        `${kind}: the largest first`,
      );
      const whole = rows.reduce((n, row) => n + keys.reduce((m, key) => m + row[key], 0), 0);
      const drawnSum = sums.reduce((a, b) => a + b, 0);
      t.equal(Number(rest?.replaceAll(',', '')), whole - drawnSum, `${kind}: the rest`);
      t.ok(sums.at(-1) as number, `${kind}: none that is left out is larger`);
    }
  }
  const few = drawn(CHARTS[0] as Chart, rows.slice(0, 12)) as Drawing;
  t.equal(few.title, '条形', 'all have room: the table keeps its order and nothing is said');
  t.equal(drawn(CHARTS[1] as Chart, rows), null, 'what is ordered is not cut');
});

t.test('an axis has round steps that reach the highest', async () => {
  fc.assert(
    fc.property(fc.nat(5_000_000), fc.nat(5_000_000), (low, more) => {
      const steps = stepsOf(low, low + more, 5);
      const step = (steps[1] as number) - (steps[0] as number);
      return (
        (steps[0] as number) <= low &&
        (steps.at(-1) as number) >= low + more &&
        steps.length <= 8 &&
        /^[125]0*$/.test(String(step))
      );
    }),
  );
});

t.test('a text is cut to its room', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 200 }), (text, room) => {
      return textWidth(fitted(text, room, 10), 10) <= room;
    }),
  );
});

t.test('the SVG has a title and a description, and no markup of its labels', async t => {
  const rows = [{ name: '<b>甲&"校"', a: 3, b: 4 }];
  const svg = drawingSvg(drawn(CHARTS[0] as Chart, rows) as Drawing, 'chart7');
  t.match(svg, /^<svg role="img" aria-labelledby="chart7-title chart7-text"/);
  t.match(svg, /<title id="chart7-title">条形<\/title><desc id="chart7-text">条形图，共 1 项/);
  t.match(svg, /&lt;b&gt;甲&amp;&quot;校&quot;/);
  t.notMatch(svg, /<b>|<script|<style|NaN|undefined/);
  t.match(svg, /<pattern id="chart7-rising-/);
  t.match(svg, /<rect [^>]*><title>&lt;b&gt;[^<]*未投出 4<\/title><\/rect>/);
});

t.test('the PDF has the labels as text', async t => {
  const paper = new Paper({ title: '图', madeAt: new Date('2016-07-20T00:00:00Z') });
  const rows: Row[] = NAMES.map((name, at) => ({
    ...{ name, to: NAMES[0] ?? '', a: at * 1000 + 7, b: at, c: 2 * at, form: 'phase' },
    ...{ lower: at * 1000, upper: at * 1000 + 1000, first: '2016-07-01', last: '2016-08-02' },
  }));
  const marks = [{ section: 'made', at: 1500, category: '2016-07-20', title: '分数线一十五' }];
  for (const chart of CHARTS) {
    paper.addPage();
    drawOnPaper(paper, drawn(chart, rows, FRAMES[1], marks) as Drawing, 42, 60);
  }
  const pages = await getDocumentProxy(new Uint8Array(await paper.bytes()));
  const { text } = await extractText(pages);
  const squeezed = text.map(page => page.replace(/\s+/g, ''));
  for (const at of [0, 4, 5]) t.match(squeezed[at], /广州市.*5,007/s, CHARTS[at]?.kind);
  t.match(squeezed[3], /分数线一十五/);
  t.match(squeezed[6], /录取阶段.*07-01–08-02/s);
});
