/**
 * A drawing: boxes, lines, signs and texts placed by coordinates, y downwards. Charts are drawn
 * into this model once; the page writes it as SVG, the printed sheet as vectors of the PDF, so both
 * show the same.
 *
 * Decision: a small model of our own in place of a chart library. A library draws to SVG alone, and
 * its pictures could enter a PDF only as pixels; it also leaves open which labels it drops. Here no
 * label overlaps another, and a test measures it.
 */

/** A filling: its colour, and strokes over it that tell it from others where colours do not. */
export interface Tone {
  readonly color: string;
  readonly hatch?: 'rising' | 'falling' | 'crossed';
}

export type Point = readonly [x: number, y: number];

export interface Box {
  readonly kind: 'box';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly tone: Tone;
  /** `data`: its extent or shade is a value of the chart; the rest helps to read it. */
  readonly part: 'data' | 'ground' | 'legend';
  readonly border?: string;
  /** Said where a reader points at it. */
  readonly says?: string;
  readonly value?: number;
}

export interface Stroke {
  readonly kind: 'stroke';
  readonly points: readonly Point[];
  readonly color: string;
  readonly thickness: number;
  readonly dash?: readonly [on: number, off: number];
}

export interface Sign {
  readonly kind: 'sign';
  readonly sign: 'circle' | 'square' | 'triangle';
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly color: string;
}

export interface Label {
  readonly kind: 'text';
  readonly text: string;
  readonly x: number;
  /** Of the base line. */
  readonly y: number;
  readonly size: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly color: string;
  readonly bold?: true;
}

export type Shape = Box | Stroke | Sign | Label;

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Chinese: what is seen. */
  readonly title: string;
  /** Chinese: the same in words, for those who don't see it. */
  readonly description: string;
  /** In the order of painting. */
  readonly shapes: readonly Shape[];
}

/** What a chart is drawn into; everything grows with the size of its letters. */
export interface Frame {
  readonly width: number;
  /** A chart that needs more shows its first rows alone, and says so. */
  readonly heightMax: number;
  /** Height of a letter. */
  readonly size: number;
}

export const INK = '#1a1a1a';
export const QUIET = '#555555';
export const GRID = '#d5d9de';
export const SIGNAL = '#a61b1b';
export const WHITE = '#ffffff';

/** Apart in grey too: dark, light and hatched, middle, pale. */
export const TONES: readonly Tone[] = [
  { color: '#1f4e79' },
  { color: '#f0d9a8', hatch: 'rising' },
  { color: '#7f9fbf' },
  { color: '#e3e8ee', hatch: 'falling' },
  { color: '#c05a00' },
  { color: '#b9c7d6', hatch: 'crossed' },
];

export function toneAt(index: number): Tone {
  return TONES[index % TONES.length] as Tone;
}

/** Of the grey that a colour prints as, 0 to 255. */
export function lightness(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at =>
    Number.parseInt(color.slice(at, at + 2), 16),
  );
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Light strokes on dark grounds, dark ones on light. */
export function hatchColor({ color }: Tone): string {
  return lightness(color) < 150 ? '#ffffff' : '#6b5a2e';
}

const NARROW = /[ ,.:;'|()!il1/\\-]/;
const BROAD = /[%@MWmw&]/;

/** How wide a text is at most, in the units of its size; no font is asked, so both ends agree. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const letter of text) {
    if ((letter.codePointAt(0) as number) > 0xff) ems += 1;
    else if (letter >= '0' && letter <= '9') ems += 0.58;
    else if (BROAD.test(letter)) ems += 0.95;
    else ems += NARROW.test(letter) ? 0.38 : 0.66;
  }
  return ems * size;
}

/** The text, or its beginning with `…`, as wide as there is room; '' where not even that fits. */
export function fitted(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 0) {
    letters.pop();
    const short = `${letters.join('')}…`;
    if (letters.length > 0 && textWidth(short, size) <= width) return short;
  }
  return '';
}

/** Where a label lies: left, top, right, bottom. */
export function extentOf(label: Label): readonly [number, number, number, number] {
  const width = textWidth(label.text, label.size);
  const back = label.anchor === 'start' ? 0 : label.anchor === 'middle' ? width / 2 : width;
  const left = label.x - back;
  return [left, label.y - label.size * 0.85, left + width, label.y + label.size * 0.15];
}

/** Shapes in the order they are put down, with the few forms that charts are made of. */
export class Sketch {
  readonly shapes: Shape[] = [];
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  text(
    text: string,
    x: number,
    y: number,
    style: Partial<Pick<Label, 'size' | 'anchor' | 'color' | 'bold'>> = {},
  ): void {
    if (text === '') return;
    const plain = { size: this.size, anchor: 'start', color: INK } as const;
    this.shapes.push({ kind: 'text', text, x, y, ...plain, ...style });
  }

  box(box: Omit<Box, 'kind'>): void {
    if (box.width > 0 && box.height > 0) this.shapes.push({ kind: 'box', ...box });
  }

  stroke(points: readonly Point[], style: Partial<Omit<Stroke, 'kind' | 'points'>> = {}): void {
    this.shapes.push({
      ...{ kind: 'stroke', points, color: GRID, thickness: this.size * 0.08 },
      ...style,
    });
  }

  sign(sign: Sign['sign'], x: number, y: number, color: string): void {
    this.shapes.push({ kind: 'sign', sign, x, y, radius: this.size * 0.3, color });
  }
}
