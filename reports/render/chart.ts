/**
 * Charts, drawn on the server as SVG by echarts: no script reaches the reader. They print in grey
 * and read with any colour sight, since every bar carries its number, stacked ones are also
 * patterned, and the table with the same numbers stands below.
 */
import type * as echarts from 'echarts';
import type { Chart, ChartMark, Column, Row, Section } from '../report.ts';
import { cellOf, readableText } from './cells.ts';
import { escapeHtml, visible } from './html-text.ts';

/** More bars than this are not a picture any more; the table alone is shown. */
export const CHART_CATEGORIES_MAX = 60;

const WIDTH_PIXELS = 960;
const COLUMN_HEIGHT_PIXELS = 260;
const BAR_HEIGHT_PIXELS = 22;
/** Dark, middle and light: apart from each other in grey as well. */
const COLOURS = ['#1f4e79', '#e0a030', '#b9c7d6'];
const INK = '#333333';
const FONT =
  "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',SimHei,sans-serif";

/**
 * Draws a section's chart from its rows.
 *
 * @param order the chart's number on its page: makes its ids unique there, and the same each time
 * @returns an SVG element for use inside HTML, or an empty text where there is nothing to draw
 */
export async function renderChart(
  section: Section,
  rows: readonly Row[],
  marks: readonly ChartMark[],
  order: number,
): Promise<string> {
  const chart = section.chart;
  if (chart === undefined || rows.length === 0 || rows.length > CHART_CATEGORIES_MAX) return '';
  const height = chart.kind === 'bar' ? rows.length * BAR_HEIGHT_PIXELS + 60 : COLUMN_HEIGHT_PIXELS;
  // With the first chart: it takes a third of the memory that a large workbook may.
  const { init } = await import('echarts');
  const canvas = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH_PIXELS,
    height,
  });
  canvas.setOption(optionOf(section, chart, rows, marks));
  const svg = canvas.renderToSVGString();
  canvas.dispose();
  return embeddable(svg, chart, order);
}

function optionOf(
  section: Section,
  chart: Chart,
  rows: readonly Row[],
  marks: readonly ChartMark[],
): echarts.EChartsOption {
  const columns = chart.values.map(key => columnOf(section, key));
  const names = rows.map(row => visible(String(row[chart.category] ?? '')));
  if (chart.kind === 'line') return curveOption(columns, rows, names);
  const lying = chart.kind === 'bar';
  const text = { color: INK, fontFamily: FONT, fontSize: 12 };
  const categories = {
    type: 'category' as const,
    data: names,
    inverse: lying,
    axisLabel: { ...text, interval: lying ? 0 : ('auto' as const) },
    axisTick: { show: false },
  };
  const values = {
    type: 'value' as const,
    min: 0,
    minInterval: 1,
    ...(columns[0]?.type === 'percent' ? { max: 100 } : {}),
    axisLabel: { ...text, formatter: axisText(columns[0]) },
    splitLine: { lineStyle: { color: '#dddddd' } },
  };
  return {
    animation: false,
    color: COLOURS,
    textStyle: { fontFamily: FONT, color: INK },
    grid: { left: 8, right: 64, top: columns.length > 1 ? 36 : 24, bottom: 8, containLabel: true },
    ...(columns.length > 1 ? { legend: { top: 0, textStyle: text, itemGap: 24 } } : {}),
    ...(columns.length > 1 ? { aria: { enabled: true, decal: { show: true } } } : {}),
    xAxis: lying ? values : categories,
    yAxis: lying ? categories : values,
    series: columns.map((column, index) =>
      seriesOf(column, rows, lying, columns.length > 1, index === 0 ? marks : []),
    ),
  };
}

/** Shapes and dashes tell curves apart where colours do not. */
const SYMBOLS = ['circle', 'rect', 'triangle'] as const;
const DASHES = ['solid', 'dashed', 'dotted'] as const;
/** With more points a number at each is no longer read. */
const CURVE_LABELS_MAX = 24;

/** Curves over ordered steps. The axis does not begin at 0: what is looked for is the bend. */
function curveOption(
  columns: readonly Column[],
  rows: readonly Row[],
  names: readonly string[],
): echarts.EChartsOption {
  const text = { color: INK, fontFamily: FONT, fontSize: 12 };
  return {
    animation: false,
    color: [COLOURS[0] as string, '#a61b1b', '#555555'],
    textStyle: { fontFamily: FONT, color: INK },
    grid: { left: 8, right: 48, top: 36, bottom: 8, containLabel: true },
    legend: { top: 0, textStyle: text, itemGap: 24 },
    xAxis: { type: 'category', data: [...names], axisLabel: text },
    yAxis: {
      type: 'value',
      scale: true,
      axisLabel: { ...text, formatter: axisText(columns[0]) },
      splitLine: { lineStyle: { color: '#dddddd' } },
    },
    series: columns.map((column, index) => ({
      type: 'line' as const,
      name: column.title,
      silent: true,
      symbol: SYMBOLS[index % SYMBOLS.length],
      symbolSize: 7,
      lineStyle: { width: 2, type: DASHES[index % DASHES.length] },
      data: rows.map(row => {
        const value = cellOf(column, row, true);
        const scale = column.type === 'hundredths' ? 100 : 1;
        return {
          value: value === null ? null : Number(value) / scale,
          label: { formatter: readableText(column, value) },
        };
      }),
      label: {
        // Where curves cross, their numbers cover each other; the table has them.
        show: columns.length === 1 && rows.length <= CURVE_LABELS_MAX,
        position: 'top' as const,
        color: INK,
        fontFamily: FONT,
        fontSize: 11,
      },
    })) as echarts.LineSeriesOption[],
  };
}

function seriesOf(
  column: Column,
  rows: readonly Row[],
  lying: boolean,
  stacked: boolean,
  marks: readonly ChartMark[],
): echarts.BarSeriesOption {
  const scale = column.type === 'percent' ? 10 : column.type === 'hundredths' ? 100 : 1;
  return {
    type: 'bar',
    name: column.title,
    silent: true,
    emphasis: { disabled: true },
    ...(stacked ? { stack: 'all' } : {}),
    barMaxWidth: lying ? 15 : 48,
    data: rows.map(row => {
      const value = cellOf(column, row, true);
      return {
        value: value === null ? 0 : Number(value) / scale,
        label: { formatter: value === null ? '' : readableText(column, value) },
      };
    }),
    label: {
      show: !stacked && (lying || rows.length <= 24),
      position: lying ? 'right' : 'top',
      color: INK,
      fontFamily: FONT,
      fontSize: 11,
    },
    ...(marks.length === 0 ? {} : { markLine: markLineOf(marks) }),
  };
}

function markLineOf(marks: readonly ChartMark[]): echarts.BarSeriesOption['markLine'] {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: '#a61b1b', width: 2, type: 'dashed' },
    label: { color: '#a61b1b', fontFamily: FONT, fontSize: 12, formatter: '{b}' },
    data: marks.map(mark => ({ name: mark.title, xAxis: mark.category })),
  };
}

function axisText(column: Column | undefined): (value: number) => string {
  if (column?.type === 'percent') return value => `${value}%`;
  return value => readableText({ type: 'integer' }, value);
}

function columnOf(section: Section, key: string): Column {
  return section.columns.find(column => column.key === key) as Column;
}

/**
 * Inside HTML an SVG needs no name spaces. What echarts adds for pointers and scripts is dropped.
 * It numbers its ids through the life of the process; here they are numbered by page, so that the
 * same report is the same bytes.
 */
function embeddable(svg: string, chart: Chart, order: number): string {
  const numbers = new Map<string, number>();
  const numberOf = (id: string) => {
    const known = numbers.get(id) ?? numbers.size;
    numbers.set(id, known);
    return known;
  };
  return svg
    .replace(/ xmlns(:xlink)?="[^"]*"/g, '')
    .replace(/ (baseProfile|version)="[^"]*"/g, '')
    .replace(/ (ecmeta_[a-z_]+|class|pointer-events)="[^"]*"/g, '')
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, '')
    .replace(/(?<=["#])zr\d+-[\w-]+/g, id => `chart${order}-${numberOf(id)}`)
    .replace('<svg ', `<svg role="img" aria-label="${escapeHtml(chart.title)}" `);
}
