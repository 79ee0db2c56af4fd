/** The handbook 政策手册 as one page: contents, chapters, signature areas; prints as it stands. */
import {
  type Block,
  type BookColumn,
  type Chapter,
  type Handbook,
  SAMPLE_MARK,
} from '../../engine/policy/handbook/book.ts';
import { drawCalendar } from '../render/chart-calendar.ts';
import type { Frame } from '../render/drawing.ts';
import { drawingSvg } from '../render/drawing-svg.ts';
import { pageEnd, pageStart } from '../render/html-page.ts';
import { escapeHtml } from '../render/html-text.ts';

const CHART_FRAME: Frame = { width: 1040, heightMax: 2000, size: 12 };
const STYLE = `<style>
.cover { min-height: 240px; padding: 28px 0 8px; }
.cover h1 { font-size: 30px; }
.contents { columns: 2; margin: 8px 0 0; padding-left: 1.8em; }
.book h2 { break-before: auto; margin-top: 36px; }
.book h3 { font-size: 15px; margin: 20px 0 6px; break-after: avoid; }
.book ol, .book ul { margin: 6px 0; padding-left: 1.8em; }
.book li { margin: 4px 0; break-inside: avoid; }
.book table { margin: 6px 0 10px; table-layout: fixed; }
.book td.centre, .book th.centre { text-align: center; }
.book .mark { color: #a61b1b; }
.signatures { display: grid; grid-template-columns: 1fr 1fr; gap: 18px; break-inside: avoid; }
.signatures div { border: 1px solid #1a1a1a; height: 96px; padding: 6px 10px; }
@media print { .cover { break-after: page; } }
</style>`;

/** What stands on the cover beside what the book knows of itself. */
export interface Cover {
  /** `YYYY-MM-DD`: when it was made. */
  readonly madeOn: string;
  /** The policy that it is compared with; null: none. */
  readonly against: string | null;
}

/** A whole page, self-contained. */
export function handbookHtml(book: Handbook, cover: Cover): string {
  const chapters = book.chapters.map((chapter, at) => chapterHtml(chapter, at + 1));
  return (
    pageStart(`${book.title}政策手册`, book.sample, false) +
    `${STYLE}<main class="book">${coverHtml(book, cover)}${chapters.join('')}</main>` +
    pageEnd()
  );
}

function coverHtml(book: Handbook, cover: Cover): string {
  const lines = coverLines(book, cover).map(
    ([title, value]) => `<div><dt>${escapeHtml(title)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  const items = book.chapters.map(
    (chapter, at) =>
      `<li value="${at + 1}"><a href="#${chapter.id}">${escapeHtml(chapter.title)}</a></li>`,
  );
  const sample = book.sample ? '<p class="sample">示例数据</p>' : '';
  return (
    `<header class="cover">${sample}<h1>${escapeHtml(book.title)}</h1><h2>政策手册</h2>` +
    `<dl class="head">${lines.join('')}</dl>` +
    `<h3>目录</h3><ol class="contents">${items.join('')}</ol></header>\n`
  );
}

/** Shown at the front, in print too. */
export function coverLines(book: Handbook, cover: Cover): (readonly [string, string])[] {
  return [
    ['政策', book.id],
    ['年度', String(book.season)],
    ['制成', cover.madeOn],
    ['内容哈希', book.baseHash],
    ...(cover.against === null ? [] : [['比较对象', cover.against] as const]),
    ...(book.sample ? [['注意', `含${SAMPLE_MARK}的内容，只能在样例数据库采用。`] as const] : []),
  ];
}

function chapterHtml(chapter: Chapter, number: number): string {
  const blocks = chapter.blocks.map(blockHtml).join('');
  const title = `<h2>${number}　${escapeHtml(chapter.title)}</h2>`;
  return `<section id="${chapter.id}">${title}${blocks}</section>\n`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${marked(block.text)}</p>`;
    case 'note':
      return `<p class="note">${escapeHtml(block.text)}</p>`;
    case 'heading':
      return `<h3>${escapeHtml(block.text)}</h3>`;
    case 'list':
      return `<ol>${block.items.map(item => `<li>${marked(item)}</li>`).join('')}</ol>`;
    case 'table':
      return tableHtml(block.columns, block.rows);
    case 'calendar':
      return (
        `<figure>${drawingSvg(drawCalendar(block, CHART_FRAME), 'calendar')}` +
        '<figcaption class="note">' +
        `斜线表示${SAMPLE_MARK}。</figcaption></figure>`
      );
    case 'signatures':
      return `<div class="signatures">${block.places
        .map(place => `<div>${escapeHtml(place)}</div>`)
        .join('')}</div>`;
  }
}

function tableHtml(columns: readonly BookColumn[], rows: readonly (readonly string[])[]): string {
  const total = columns.reduce((sum, column) => sum + (column.weight ?? 1), 0);
  const widths = columns.map(
    column => `<col style="width:${(((column.weight ?? 1) / total) * 100).toFixed(2)}%">`,
  );
  const heads = columns.map(column => `<th${alignOf(column)}>${escapeHtml(column.title)}</th>`);
  const lines = rows.map(row => {
    const cells = row.map((text, at) => `<td${alignOf(columns[at])}>${marked(text)}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return (
    `<table><colgroup>${widths.join('')}</colgroup><thead><tr>${heads.join('')}</tr></thead>` +
    `<tbody>${lines.join('\n')}</tbody></table>`
  );
}

function alignOf(column: BookColumn | undefined): string {
  if (column?.align === 'right') return ' class="n"';
  return column?.align === 'centre' ? ' class="centre"' : '';
}

/** What has no legal basis is seen at a glance. */
function marked(text: string): string {
  return escapeHtml(text).replaceAll(SAMPLE_MARK, `<span class="mark">${SAMPLE_MARK}</span>`);
}
