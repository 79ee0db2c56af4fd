/** The handbook 政策手册 on paper: embedded Chinese font, page x of y, areas for two signatures. */
import { type Block, type Handbook, SAMPLE_MARK } from '../../engine/policy/handbook/book.ts';
import type { Calendar } from '../render/calendar-axis.ts';
import { drawCalendar } from '../render/chart-calendar.ts';
import { Flow } from '../render/pdf-flow.ts';
import { Paper } from '../render/pdf-paper.ts';
import { type Cover, coverLines } from './handbook-html.ts';

/** Letters of the calendar, in points. */
const CHART_SIZE = 7.5;
const QUIET = '#555555';

export async function handbookPdf(book: Handbook, cover: Cover): Promise<Uint8Array> {
  const paper = new Paper({
    title: `${book.title}政策手册`,
    madeAt: new Date(`${cover.madeOn}T00:00:00+08:00`),
  });
  const flow = new Flow(paper);
  front(flow, book, cover);
  for (const [at, chapter] of book.chapters.entries()) {
    flow.heading(`${at + 1}　${chapter.title}`, 15);
    for (const block of chapter.blocks) draw(flow, block);
  }
  paper.onEveryPage((page, pages) => {
    const place = { width: paper.width - 84, size: 8, color: QUIET };
    const sample = book.sample ? '　含示例值' : '';
    paper.text(`${book.title}政策手册${sample}`, 42, 26, place);
    const hash = `内容哈希 ${book.baseHash.slice(0, 12)}…`;
    paper.text(hash, 42, paper.height - 32, { ...place, align: 'left' });
    const number = `第 ${page} 页，共 ${pages} 页`;
    paper.text(number, 42, paper.height - 32, { ...place, align: 'right' });
  });
  return paper.bytes();
}

function front(flow: Flow, book: Handbook, cover: Cover): void {
  flow.skip(60);
  flow.heading(book.title, 24);
  flow.heading('政策手册', 18);
  flow.skip(10);
  for (const [title, value] of coverLines(book, cover)) flow.text(`${title}：${value}`);
  flow.heading('目录', 13);
  for (const [at, chapter] of book.chapters.entries()) {
    flow.text(`${at + 1}　${chapter.title}`, { indent: 10 });
  }
  flow.newPage();
}

function draw(flow: Flow, block: Block): void {
  switch (block.kind) {
    case 'text':
      flow.text(block.text);
      return;
    case 'note':
      flow.text(block.text, { size: 8, color: QUIET });
      return;
    case 'heading':
      flow.heading(block.text, 11);
      return;
    case 'list':
      for (const [at, item] of block.items.entries())
        flow.text(`${at + 1}. ${item}`, { indent: 8 });
      return;
    case 'table':
      flow.table(
        block.columns.map(({ title, weight = 1, align }) => ({
          title,
          weight,
          ...(align === undefined ? {} : { align: align === 'centre' ? 'center' : align }),
        })),
        block.rows,
        { marked: SAMPLE_MARK },
      );
      return;
    case 'calendar':
      calendar(flow, block);
      return;
    case 'signatures':
      signatures(flow, block.places);
  }
}

function calendar(flow: Flow, block: Calendar): void {
  const frame = { width: flow.width, heightMax: flow.room - 40, size: CHART_SIZE };
  flow.figure(drawCalendar(block, frame));
  flow.text(`斜线表示${SAMPLE_MARK}。`, { size: 7.5, color: QUIET });
}

function signatures(flow: Flow, places: readonly string[]): void {
  const width = (flow.width - 12) / 2;
  flow.keep(Math.ceil(places.length / 2) * 92);
  const top = flow.y + 6;
  for (const [at, place] of places.entries()) {
    const [x, y] = [flow.left + (at % 2) * (width + 12), top + Math.floor(at / 2) * 92];
    flow.paper.box(x, y, width, 80);
    flow.paper.text(place, x + 6, y + 5, { size: 9 });
  }
  flow.skip(Math.ceil(places.length / 2) * 92 + 12);
}
