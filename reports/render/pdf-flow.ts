/**
 * Text and tables that flow over pages: headings stay with what follows, a table repeats its head
 * on every page, and no row is cut while it fits on one.
 */
import type { Drawing } from './drawing.ts';
import { drawOnPaper } from './drawing-pdf.ts';
import type { Weight } from './pdf-font.ts';
import type { Paper } from './pdf-paper.ts';

export interface FlowColumn {
  readonly title: string;
  /** Share of the width. */
  readonly weight: number;
  readonly align?: 'left' | 'center' | 'right';
}

export interface FlowCard {
  readonly title: string;
  readonly value: string;
  readonly unit: string;
}

export interface FlowOptions {
  readonly left: number;
  readonly top: number;
  /** Free at the foot. */
  readonly bottom: number;
}

const DEFAULTS: FlowOptions = { left: 42, top: 54, bottom: 48 };
const LINE = 1.55;
const PADDING = 3;
/** Of the size: what the line has above its characters, so that they stand in its middle. */
const SINK = 0.22;
const BAND = '#eef2f6';
/** Under a table: how many rows, and where they lead. */
const TAIL = 34;
const RED = '#a61b1b';
const CARDS_ABREAST = 4;
const CARD_HEIGHT = 34;
const CARD_SIZE = 12;

export class Flow {
  readonly paper: Paper;
  readonly left: number;
  readonly width: number;
  readonly #top: number;
  readonly #end: number;
  #y = 0;

  constructor(paper: Paper, options: Partial<FlowOptions> = {}) {
    const { left, top, bottom } = { ...DEFAULTS, ...options };
    this.paper = paper;
    this.left = left;
    this.width = paper.width - 2 * left;
    this.#top = top;
    this.#end = paper.height - bottom;
    this.newPage();
  }

  get y(): number {
    return this.#y;
  }

  newPage(): void {
    this.paper.addPage();
    this.#y = this.#top;
  }

  /** Goes on where so much is free. */
  keep(height: number): void {
    if (this.#y + height > this.#end && this.#y > this.#top) this.newPage();
  }

  skip(height: number): void {
    this.#y += height;
  }

  /** @param ahead height of what must stand under it: a table's head and a row, by default */
  heading(text: string, size: number, ahead = 90): void {
    this.keep(size * LINE + ahead);
    this.#y += size * 0.6;
    this.#y = this.paper.paragraph(text, this.left, this.#y, {
      size,
      weight: 'bold',
      width: this.width,
    });
    this.#y += 3;
  }

  text(
    text: string,
    style: { size?: number; color?: string; indent?: number; weight?: Weight } = {},
  ): void {
    const { size = 9.5, indent = 0, ...rest } = style;
    const width = this.width - indent;
    for (const line of this.paper.linesOf(text, width, size, rest.weight)) {
      this.keep(size * LINE);
      this.paper.text(line, this.left + indent, this.#y, { size, ...rest });
      this.#y += size * LINE;
    }
    this.#y += 2;
  }

  /** Lines two abreast where both fit into half the width; a longer one has its row. */
  pairs(lines: readonly string[], size: number): void {
    const half = this.width / 2;
    const short = (line: string | undefined): line is string =>
      line !== undefined && this.paper.widthOf(line, size) <= half - 12;
    for (let at = 0; at < lines.length; at += 1) {
      const line = lines[at] as string;
      const beside = lines[at + 1];
      if (!short(line) || !short(beside)) {
        this.text(line, { size });
        continue;
      }
      this.keep(size * LINE);
      this.paper.text(line, this.left, this.#y, { size });
      this.paper.text(beside, this.left + half, this.#y, { size });
      this.#y += size * LINE + 2;
      at += 1;
    }
  }

  /** How high these texts will stand, one below the other. */
  heightOf(texts: readonly string[], size: number): number {
    const lines = texts.map(text => this.paper.linesOf(text, this.width, size).length);
    return lines.reduce((sum, count) => sum + count * size * LINE + 2, 0);
  }

  /** @param marked cells that hold this text are set in red */
  table(
    columns: readonly FlowColumn[],
    rows: readonly (readonly string[])[],
    { size = 8, marked = null as string | null, total = false } = {},
  ): void {
    const grid = new Grid(this, columns, size, marked);
    this.keep(size * LINE * 6);
    grid.head();
    for (const [at, row] of rows.entries()) {
      // Neither the totals nor the count of the rows are ever alone on a page: a row goes along.
      const pages = this.paper.pages;
      const last = total ? 2 : 1;
      if (at === rows.length - last) this.keep(last * (size * LINE + 2 * PADDING) + TAIL);
      if (this.paper.pages > pages) grid.head();
      grid.row(row, total && at === rows.length - 1);
    }
    this.#y += 6;
  }

  /** Facts in boxes, four abreast; one that is long takes two places. */
  cards(all: readonly FlowCard[]): void {
    const gap = 6;
    const place = (this.width - (CARDS_ABREAST - 1) * gap) / CARDS_ABREAST;
    let column = 0;
    this.keep(CARD_HEIGHT);
    for (const { title, value, unit } of all) {
      const whole = `${value}${unit}`;
      const long = this.paper.widthOf(whole, CARD_SIZE, 'bold') > place - 2 * gap;
      const places = long ? 2 : 1;
      if (column + places > CARDS_ABREAST) {
        this.#y += CARD_HEIGHT + gap;
        column = 0;
        this.keep(CARD_HEIGHT);
      }
      const x = this.left + column * (place + gap);
      const width = place * places + gap * (places - 1);
      this.paper.box(x, this.#y, width, CARD_HEIGHT, 0.4);
      const inside = { width: width - 2 * gap };
      this.paper.text(title, x + gap, this.#y + 4, { size: 7.5, color: '#555555', ...inside });
      const style = { size: CARD_SIZE, weight: 'bold', ...inside } as const;
      this.paper.text(whole, x + gap, this.#y + 15, style);
      column += places;
    }
    this.#y += CARD_HEIGHT + gap;
  }

  /** A chart under its title, on one page. */
  figure(drawing: Drawing): void {
    const caption = 9;
    this.keep(drawing.height + caption * LINE * 2);
    this.text(drawing.title, { size: caption, weight: 'bold' });
    drawOnPaper(this.paper, drawing, this.left, this.#y);
    this.#y += drawing.height + 8;
  }

  /** For Grid: moves to the place of the next row. */
  advance(height: number, repeat: () => void): number {
    if (this.#y + height > this.#end && this.#y > this.#top) {
      this.newPage();
      repeat();
    }
    const y = this.#y;
    this.#y += height;
    return y;
  }

  /** Still free on this page. */
  get free(): number {
    return this.#end - this.#y;
  }

  get room(): number {
    return this.#end - this.#top;
  }
}

class Grid {
  readonly #flow: Flow;
  readonly #columns: readonly FlowColumn[];
  readonly #size: number;
  readonly #marked: string | null;
  readonly #edges: number[];
  #heading = false;

  constructor(flow: Flow, columns: readonly FlowColumn[], size: number, marked: string | null) {
    this.#flow = flow;
    this.#columns = columns;
    this.#size = size;
    this.#marked = marked;
    const whole = columns.reduce((sum, column) => sum + column.weight, 0);
    let at = flow.left;
    this.#edges = [at];
    for (const column of columns) {
      at += (column.weight / whole) * flow.width;
      this.#edges.push(at);
    }
  }

  head(): void {
    this.#heading = true;
    this.#draw(
      this.#columns.map(column => column.title),
      { weight: 'bold', shade: true },
    );
    this.#heading = false;
  }

  row(cells: readonly string[], total: boolean): void {
    this.#draw(cells, { weight: total ? 'bold' : 'regular', shade: total });
  }

  #draw(cells: readonly string[], { weight, shade }: { weight: Weight; shade: boolean }): void {
    const { paper } = this.#flow;
    const lines = this.#columns.map((_, at) =>
      paper.linesOf(cells[at] ?? '', this.#widthOf(at), this.#size, weight),
    );
    // A row that no page could hold is cut, and goes on in the next.
    const most = Math.floor((this.#flow.room - 60) / (this.#size * LINE));
    const longest = Math.max(1, ...lines.map(each => each.length));
    for (let from = 0; from < longest; from += most) {
      this.#part(
        lines.map(each => each.slice(from, from + most)),
        weight,
        shade,
      );
    }
  }

  #part(lines: readonly (readonly string[])[], weight: Weight, shade: boolean): void {
    const { paper } = this.#flow;
    const count = Math.max(1, ...lines.map(each => each.length));
    const height = count * this.#size * LINE + 2 * PADDING;
    const repeat = () => {
      if (!this.#heading) this.head();
    };
    const y = this.#flow.advance(height, repeat);
    const [left, right] = [this.#edges[0] as number, this.#edges.at(-1) as number];
    if (shade) paper.shade(left, y, right - left, height, BAND);
    for (const [at, texts] of lines.entries()) {
      const x = this.#edges[at] as number;
      paper.box(x, y, (this.#edges[at + 1] as number) - x, height, 0.4);
      this.#cell(texts, at, { x: x + PADDING, y: y + PADDING + SINK * this.#size, weight });
    }
  }

  #cell(
    texts: readonly string[],
    at: number,
    place: { readonly x: number; readonly y: number; readonly weight: Weight },
  ): void {
    const marked = this.#marked !== null && texts.join('').includes(this.#marked);
    for (const [line, text] of texts.entries()) {
      this.#flow.paper.text(text, place.x, place.y + line * this.#size * LINE, {
        size: this.#size,
        weight: place.weight,
        width: this.#widthOf(at),
        align: this.#columns[at]?.align ?? 'left',
        ...(marked ? { color: RED } : {}),
      });
    }
  }

  #widthOf(at: number): number {
    return (this.#edges[at + 1] as number) - (this.#edges[at] as number) - 2 * PADDING;
  }
}
