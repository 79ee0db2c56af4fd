/**
 * A printed document: text and lines placed by coordinates on A4 pages, in points from the upper
 * left corner. The fonts are embedded with the used characters alone.
 *
 * Decision: pdfkit without a layout library above it. A roster needs running totals at the foot of
 * each page and areas to stamp, which flowing tables don't give; and the widths of Chinese text are
 * simple enough to be added up here, character by character.
 */
import PDFDocument from 'pdfkit';
import { fontBytes, printableText, type Weight } from './pdf-font.ts';

export interface PaperOptions {
  /** Chinese: the document's title, shown by the reader. */
  readonly title: string;
  readonly landscape?: boolean;
  /** Chinese, across every page. */
  readonly watermark?: string | null;
  readonly madeAt: Date;
}

export interface TextStyle {
  readonly size?: number;
  readonly weight?: Weight;
  readonly align?: 'left' | 'center' | 'right';
  /** What the text is aligned in; where it is wider, it is written smaller, down to SIZE_MIN. */
  readonly width?: number;
  readonly color?: string;
}

const SIZE = 9;
const SIZE_MIN = 5;
const A4 = [595.28, 841.89] as const;
const INK = '#000000';
const PALE = '#d9d9d9';
const WATERMARK_SIZE = 110;
const BASELINE = 0.9;
const WORD_SQUEEZE = 1.2;

export class Paper {
  readonly width: number;
  readonly height: number;
  readonly #document: PDFKit.PDFDocument;
  readonly #watermark: string | null;
  readonly #pieces: Uint8Array[] = [];
  readonly #ended: Promise<void>;
  readonly #widths = new Map<string, number>();
  #pages = 0;

  constructor(options: PaperOptions) {
    const landscape = options.landscape === true;
    this.width = landscape ? A4[1] : A4[0];
    this.height = landscape ? A4[0] : A4[1];
    this.#watermark = options.watermark ?? null;
    this.#document = new PDFDocument({
      size: 'A4',
      layout: landscape ? 'landscape' : 'portrait',
      margin: 0,
      autoFirstPage: false,
      bufferPages: true,
      // None by default: pdfkit would open a font that it knows by two names again at every use.
      font: '',
      info: { Title: options.title, CreationDate: options.madeAt, ModDate: options.madeAt },
    });
    this.#document.registerFont('regular', fontBytes('regular'));
    this.#document.registerFont('bold', fontBytes('bold'));
    this.#document.on('data', (piece: Uint8Array) => this.#pieces.push(piece));
    this.#ended = new Promise((resolve, reject) => {
      this.#document.on('end', resolve);
      this.#document.on('error', reject);
    });
  }

  get pages(): number {
    return this.#pages;
  }

  addPage(): void {
    this.#document.addPage();
    this.#pages += 1;
    if (this.#watermark !== null) this.#drawWatermark(this.#watermark);
  }

  /** Writes one line; `y` is its upper edge. Empty text is nothing. */
  text(given: string, x: number, y: number, style: TextStyle = {}): void {
    const text = printableText(given);
    if (text === '') return;
    const { weight = 'regular', align = 'left', width } = style;
    const natural = this.widthOf(text, style.size ?? SIZE, weight);
    const wanted = style.size ?? SIZE;
    const size =
      width === undefined || natural <= width
        ? wanted
        : Math.max(SIZE_MIN, (wanted * width) / natural);
    const taken = (natural * size) / wanted;
    const room = (width ?? taken) - taken;
    const indent = align === 'left' ? 0 : align === 'center' ? room / 2 : room;
    this.#document
      .font(weight)
      .fontSize(size)
      .fillColor(style.color ?? INK)
      .text(text, x + indent, y + BASELINE * wanted, { lineBreak: false, baseline: 'alphabetic' });
  }

  /** Writes as many lines as the text needs; returns the y below the last. */
  paragraph(text: string, x: number, y: number, style: TextStyle & { width: number }): number {
    const { size = SIZE } = style;
    let at = y;
    for (const line of this.linesOf(text, style.width, size, style.weight)) {
      this.text(line, x, at, style);
      at += size * 1.7;
    }
    return at;
  }

  /** Breaks a text into lines of a width; brackets stay with what they enclose. */
  linesOf(given: string, width: number, size = SIZE, weight: Weight = 'regular'): string[] {
    const lines: string[] = [];
    for (const part of printableText(given).split('\n')) {
      let line = '';
      let taken = 0;
      for (const piece of this.#piecesOf(part, width, size, weight)) {
        const wide = this.widthOf(piece, size, weight);
        if (line !== '' && taken + wide > width) {
          lines.push(line);
          line = '';
          taken = 0;
        }
        line += piece;
        taken += wide;
      }
      lines.push(line);
    }
    return lines;
  }

  /** What stays on one line; a word – a user's name, an address – that no line holds, in parts. */
  #piecesOf(text: string, width: number, size: number, weight: Weight): string[] {
    return (text.match(UNBROKEN) ?? []).flatMap(piece => {
      // Slightly too wide is written smaller: a number is not to be read over two lines.
      if (this.widthOf(piece, size, weight) <= width * WORD_SQUEEZE) return [piece];
      const parts = piece.match(/[^-_/@.]*[-_/@.]?/gu) ?? [];
      const fit = (part: string) => this.widthOf(part, size, weight) <= width;
      return parts.flatMap(part => (fit(part) ? [part] : [...part]));
    });
  }

  /** In points. */
  widthOf(text: string, size: number, weight: Weight = 'regular'): number {
    let width = 0;
    for (const character of text) {
      const key = weight + character;
      let one = this.#widths.get(key);
      if (one === undefined) {
        one = this.#document.font(weight).fontSize(1000).widthOfString(character) / 1000;
        this.#widths.set(key, one);
      }
      width += one;
    }
    return width * size;
  }

  line(fromX: number, fromY: number, toX: number, toY: number, thickness = 0.5): void {
    this.#document.lineWidth(thickness).strokeColor(INK);
    this.#document.moveTo(fromX, fromY).lineTo(toX, toY).stroke();
  }

  box(x: number, y: number, width: number, height: number, thickness = 0.5): void {
    this.#document.lineWidth(thickness).strokeColor(INK).rect(x, y, width, height).stroke();
  }

  shade(x: number, y: number, width: number, height: number, color: string): void {
    this.#document.rect(x, y, width, height).fill(color);
  }

  /** A line through points. */
  stroke(
    points: readonly (readonly [number, number])[],
    {
      color,
      thickness,
      dash,
    }: {
      readonly color: string;
      readonly thickness: number;
      readonly dash?: readonly [number, number];
    },
  ): void {
    this.#document.lineWidth(thickness).strokeColor(color);
    if (dash !== undefined) this.#document.dash(dash[0], { space: dash[1] });
    for (const [at, [x, y]] of points.entries()) {
      if (at === 0) this.#document.moveTo(x, y);
      else this.#document.lineTo(x, y);
    }
    this.#document.stroke();
    if (dash !== undefined) this.#document.undash();
  }

  polygon(points: readonly (readonly [number, number])[], color: string): void {
    this.#document.polygon(...points.map(([x, y]) => [x, y])).fill(color);
  }

  disc(x: number, y: number, radius: number, color: string): void {
    this.#document.circle(x, y, radius).fill(color);
  }

  /** What is drawn meanwhile shows inside the box alone. */
  clipped(x: number, y: number, width: number, height: number, draw: () => void): void {
    this.#document.save().rect(x, y, width, height).clip();
    draw();
    this.#document.restore();
  }

  /** A dashed frame for a stamp, with what belongs into it. */
  stampArea(title: string, x: number, y: number, width: number, height: number): void {
    this.#document.dash(3, { space: 2 });
    this.box(x, y, width, height, 0.7);
    this.#document.undash();
    this.text(title, x, y + height - 16, { width, align: 'center', color: '#555555' });
  }

  /** Draws on every page, when all are there. */
  onEveryPage(draw: (page: number, pages: number) => void): void {
    for (let page = 0; page < this.#pages; page += 1) {
      this.#document.switchToPage(page);
      draw(page + 1, this.#pages);
    }
  }

  /** Ends the document. */
  async bytes(): Promise<Uint8Array> {
    this.#document.end();
    await this.#ended;
    return Buffer.concat(this.#pieces);
  }

  #drawWatermark(text: string): void {
    const wide = this.widthOf(text, WATERMARK_SIZE, 'bold');
    const [x, y] = [this.width / 2, this.height / 2];
    this.#document.save().rotate(-35, { origin: [x, y] });
    this.text(text, x - wide / 2, y - WATERMARK_SIZE / 2, {
      size: WATERMARK_SIZE,
      weight: 'bold',
      color: PALE,
    });
    this.#document.restore();
  }
}

/** Words and numbers stay whole, and brackets stay with what they enclose. */
const UNBROKEN = /[（《〔“【]*(?:[A-Za-z0-9.:/@_-]+|.)[，。、；：！？）》〕”]*/gu;
