/**
 * A report as one HTML page that needs nothing else: style and charts are inside, there is no
 * script, no font and no address of another machine, and a content security policy in the page
 * holds the browser to that. It prints on A4, with table heads repeated and pages numbered.
 *
 * What a person must look at stands first, then the figures, what changed, the tables, and last how
 * the sums were checked and what the words mean.
 */
import { drillText } from '../drill-down.ts';
import {
  type Column,
  chunksOf,
  type PageLink,
  type Rendering,
  type ReportFinding,
  type Row,
  type Section,
} from '../report.ts';
import { cellOf, columnTitle, figureOf, headLines, readableText, Totals } from './cells.ts';
import { chartRowsMax, drawChart, PAGE_FRAME } from './chart.ts';
import { drawingSvg } from './drawing-svg.ts';
import { evidenceText } from './evidence.ts';
import { pageEnd, pageStart } from './html-page.ts';
import { escapeHtml } from './html-text.ts';
import {
  changeTitle,
  differenceText,
  FINDINGS_NONE,
  findingTitle,
  leftOutText,
  reconciliationText,
  SINCE_NOTHING,
} from './sentences.ts';

/** A page with more rows than this is not read by anybody; the rest is counted, and CSV has it. */
export const HTML_ROWS_MAX = 20_000;
/** Rows that show a finding; the audit keeps more of them. */
const EVIDENCE_ROWS_MAX = 5;
/** A longer figure takes two places. */
const FIGURE_TEXT_CHARACTERS = 14;
/** Wider tables are printed lying; still wider ones are moved sideways on the screen. */
const WIDE_CHARACTERS = 100;
const BROAD_CHARACTERS = 170;
/** Wider than a sheet can be read; the PDF sets such a table in parts. */
const PRINTED_CHARACTERS = 220;
const PRINT_THE_PDF =
  '<p class="note sheet-only">本表比纸面宽，字很小：打印请用本报表的 PDF，表在其中分段排印。</p>\n';

/** Writes the whole page, section by section as the rows arrive. */
export async function* renderHtml(rendering: Rendering): AsyncGenerator<string> {
  const { report, content } = rendering;
  const shown = report.sections.filter(section => content.rows[section.id] !== undefined);
  yield pageStart(report.title, content.head.sample, shown.some(isWide));
  yield headHtml(rendering);
  if (content.findings.length > 0 || report.withoutFindings === undefined) {
    yield findingsHtml(content.findings);
  }
  yield figuresHtml(rendering);
  yield linksHtml(rendering.links);
  yield changesHtml(rendering);
  for (const [order, section] of shown.entries()) yield* sectionHtml(rendering, section, order);
  yield reconciliationsHtml(rendering);
  yield definitionsHtml(rendering);
  yield pageEnd();
}

function headHtml(rendering: Rendering): string {
  const lines = headLines(rendering).map(
    ([title, value]) => `<div><dt>${escapeHtml(title)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const sample = rendering.content.head.sample ? '<p class="sample">示例数据</p>' : '';
  return (
    `<header>${sample}<h1>${escapeHtml(rendering.report.title)}</h1>` +
    `<dl class="head">${lines.join('')}</dl></header>\n`
  );
}

function findingsHtml(findings: readonly ReportFinding[]): string {
  if (findings.length === 0) {
    return `<section class="findings none"><h2>需要处理</h2><p>${FINDINGS_NONE}</p></section>\n`;
  }
  const items = findings.map(finding => {
    const shown = finding.rows.slice(0, EVIDENCE_ROWS_MAX);
    const rows = shown.map(evidenceHtml).join('');
    const left = leftOutText(finding.rowCount, shown.length);
    const count = left === '' ? '' : `<p class="note">${left}</p>`;
    return (
      `<li class="${finding.severity}"><b>${escapeHtml(findingTitle(finding))}</b>` +
      `<p>${escapeHtml(finding.sentence)} <span class="consequence">` +
      `${escapeHtml(finding.consequence)}</span></p>` +
      `${rows === '' ? '' : `<ul class="evidence">${rows}</ul>`}${count}</li>`
    );
  });
  return (
    `<section class="findings"><h2>需要处理（${findings.length} 项）</h2>` +
    `<ol>${items.join('')}</ol></section>\n`
  );
}

function evidenceHtml(row: Readonly<Record<string, unknown>>): string {
  return `<li>${escapeHtml(evidenceText(row))}</li>`;
}

function figuresHtml(rendering: Rendering): string {
  const figures = rendering.content.figures ?? [];
  if (figures.length === 0) return '';
  const cards = figures.map(figure => {
    const value = readableText(figure, figureOf(figure, rendering.unmasked));
    const unit = figure.unit === undefined ? '' : `<small>${escapeHtml(figure.unit)}</small>`;
    const small = figure.type === 'text' || value.length > FIGURE_TEXT_CHARACTERS * 2;
    const style = small ? ' class="t"' : '';
    const size = value.length > FIGURE_TEXT_CHARACTERS ? ' class="long"' : '';
    const title = escapeHtml(figure.title);
    return `<div${size}><dt>${title}</dt><dd${style}>${escapeHtml(value)}${unit}</dd></div>`;
  });
  return `<dl class="figures">${cards.join('')}</dl>\n`;
}

function linksHtml(links: readonly PageLink[]): string {
  if (links.length === 0) return '';
  const groups = new Map<string, string[]>();
  for (const { group, title, href } of links) {
    const item = `<a href="${escapeHtml(href)}">${escapeHtml(title)}</a>`;
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  const lines = [...groups].map(
    ([group, items]) => `<div><dt>${escapeHtml(group)}</dt><dd>${items.join('　')}</dd></div>`,
  );
  return `<section><h2>文件</h2><dl class="links">${lines.join('')}</dl></section>\n`;
}

function changesHtml(rendering: Rendering): string {
  const { since, changes } = rendering.content;
  if (since === undefined) return '';
  if (since === null) {
    return `<section><h2>与上次比较</h2><p class="note">${SINCE_NOTHING}</p></section>\n`;
  }
  const rows = (changes ?? []).map(
    change =>
      `<tr><td>${escapeHtml(changeTitle(change))}</td>` +
      `<td class="n">${escapeHtml(readableText(change, change.before))}</td>` +
      `<td class="n">${escapeHtml(readableText(change, change.now))}</td>` +
      `<td class="n">${escapeHtml(differenceText(change))}</td></tr>`,
  );
  return (
    `<section><h2>与${escapeHtml(since)}比较</h2><table class="narrow"><thead><tr><th>项目</th>` +
    `<th class="n">上次</th><th class="n">本次</th><th class="n">增减</th></tr></thead>` +
    `<tbody>${rows.join('')}</tbody></table></section>\n`
  );
}

async function* sectionHtml(
  rendering: Rendering,
  section: Section,
  order: number,
): AsyncGenerator<string> {
  const source = chunksOf(rendering.content.rows[section.id] ?? []);
  const ahead: (readonly Row[])[] = [];
  yield `<section><h2>${escapeHtml(section.title)}</h2>\n`;
  if (section.note !== undefined) yield `<p class="note">${escapeHtml(section.note)}</p>\n`;
  if (section.chart !== undefined) {
    // A chart stands above its table: as many rows as can be drawn are read ahead for it.
    for (let count = 0; count <= chartRowsMax(section.chart); ) {
      const next = await source.next();
      if (next.done) break;
      ahead.push(next.value);
      count += next.value.length;
    }
    const drawing = drawChart(section, ahead.flat(), rendering.content.marks ?? [], PAGE_FRAME);
    if (drawing !== null) {
      const svg = drawingSvg(drawing, `chart${order}`);
      yield `<figure><figcaption>${escapeHtml(drawing.title)}</figcaption>${svg}</figure>\n`;
    }
  }
  yield* tableHtml(rendering, section, ahead, source);
  yield '</section>\n';
}

async function* tableHtml(
  rendering: Rendering,
  section: Section,
  ahead: readonly (readonly Row[])[],
  rest: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  const { columns } = section;
  const totals = new Totals(section);
  const heads = columns.map(
    column => `<th${classOf(column)}>${escapeHtml(columnTitle(column))}</th>`,
  );
  const broad = widthOf(section) > BROAD_CHARACTERS;
  const printed = widthOf(section) > PRINTED_CHARACTERS ? PRINT_THE_PDF : '';
  const frame = broad ? `${printed}<div class="broad">` : '';
  const open = `${frame}<table><thead><tr>${heads.join('')}</tr></thead><tbody>\n`;
  let shown = 0;
  for await (const rows of joined(ahead, rest)) {
    if (totals.rowCount === 0 && rows.length > 0) yield open;
    totals.add(rows);
    const visible = rows.slice(0, Math.max(HTML_ROWS_MAX - shown, 0));
    shown += visible.length;
    yield visible.map(row => rowHtml(columns, row, rendering.unmasked)).join('');
  }
  if (totals.rowCount === 0) {
    yield `<p class="note">${escapeHtml(section.empty)}</p>\n`;
    return;
  }
  yield `${totalsHtml(columns, totals)}</tbody></table>${broad ? '</div>' : ''}\n`;
  const cut = shown < totals.rowCount ? `，此处列出前 ${shown} 行，其余见 CSV` : '';
  yield `<p class="note">共 ${totals.rowCount} 行${cut}。次序：${escapeHtml(section.order)}。</p>\n`;
  const drill = drillText(rendering, section);
  if (drill !== '') yield `<p class="note drill">${escapeHtml(drill)}</p>\n`;
}

async function* joined<T>(ahead: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* ahead;
  yield* rest;
}

function rowHtml(columns: readonly Column[], row: Row, unmasked: boolean): string {
  let html = '<tr>';
  for (const column of columns) {
    const text = readableText(column, cellOf(column, row, unmasked));
    html += `<td${classOf(column, text)}>${escapeHtml(text)}</td>`;
  }
  return `${html}</tr>\n`;
}

function totalsHtml(columns: readonly Column[], totals: Totals): string {
  if (!totals.any) return '';
  const cells = columns.map((column, index) => {
    if (index === 0) return '<th>合计</th>';
    const value = totals.cell(column);
    const text = value === null ? '' : readableText(column, value);
    return `<td${classOf(column)}>${escapeHtml(text)}</td>`;
  });
  return `<tr class="total">${cells.join('')}</tr>\n`;
}

const NUMERIC: ReadonlySet<string> = new Set(['integer', 'hundredths', 'percent']);
/** Never broken over two lines. */
const UNBROKEN: ReadonlySet<string> = new Set(['code', 'hash', 'date', 'boolean']);

/** A word in a column meant for one – 完成, 19:30:00 – is not broken for a wide neighbour. */
const WORD_CHARACTERS = 8;
const WORD_COLUMN_WIDTH = 12;

function classOf(column: Column, text = ''): string {
  if (NUMERIC.has(column.type)) return ' class="n"';
  const narrow =
    column.type === 'text' && (column.width ?? WORD_COLUMN_WIDTH + 1) <= WORD_COLUMN_WIDTH;
  const word = narrow && text !== '' && text.length <= WORD_CHARACTERS;
  return word || UNBROKEN.has(column.type) ? ' class="c"' : '';
}

/** Does not fit across an upright page? Then the whole report lies: turning pages is worse. */
function isWide(section: Section): boolean {
  return widthOf(section) > WIDE_CHARACTERS;
}

function widthOf(section: Section): number {
  return section.columns.reduce((sum, column) => sum + (column.width ?? 8), 0);
}

function reconciliationsHtml(rendering: Rendering): string {
  const items = rendering.content.reconciliations ?? [];
  if (items.length === 0) return '';
  const lines = items.map(item => {
    const holds = item.left === item.right;
    const text = escapeHtml(reconciliationText(item));
    return `<li class="${holds ? 'holds' : 'error'}">${holds ? '✓' : '✗'} ${text}</li>`;
  });
  return `<section><h2>核对</h2><ul class="checks">${lines.join('')}</ul></section>\n`;
}

function definitionsHtml(rendering: Rendering): string {
  const lines = rendering.report.definitions.map(
    ({ term, meaning }) => `<div><dt>${escapeHtml(term)}</dt><dd>${escapeHtml(meaning)}</dd></div>`,
  );
  if (lines.length === 0) return '';
  return `<section><h2>名词</h2><dl class="definitions">${lines.join('')}</dl></section>\n`;
}
