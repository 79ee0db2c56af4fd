/** A drawing as an SVG element inside HTML: no script, no style, nothing from elsewhere. */
import {
  type Box,
  type Drawing,
  hatchColor,
  type Label,
  type Shape,
  type Sign,
  type Stroke,
  type Tone,
} from './drawing.ts';
import { escapeHtml } from './html-text.ts';

const FONT =
  "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',SimHei,sans-serif";

/** Strokes of a hatch, over a square of 6. */
const HATCHES: Readonly<Record<NonNullable<Tone['hatch']>, string>> = {
  rising: 'M-1 1L1 -1M0 6L6 0M5 7L7 5',
  falling: 'M-1 5L1 7M0 0L6 6M5 -1L7 1',
  crossed: 'M0 6L6 0M0 0L6 6',
};

/**
 * Writes it.
 *
 * @param id begins the ids of the element, and so must be its own on the page
 */
export function drawingSvg(drawing: Drawing, id: string): string {
  const { width, height, title, description, shapes } = drawing;
  const patterns = patternsOf(shapes, id);
  return (
    `<svg role="img" aria-labelledby="${id}-title ${id}-text" width="${round(width)}" ` +
    `height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" ` +
    `font-family="${FONT}"><title id="${id}-title">${escapeHtml(title)}</title>` +
    `<desc id="${id}-text">${escapeHtml(description)}</desc>` +
    `${patterns.length === 0 ? '' : `<defs>${patterns.join('')}</defs>`}` +
    `${shapes.map(shape => shapeSvg(shape, id)).join('')}</svg>`
  );
}

/** One for each hatch on each lightness of ground. */
function patternsOf(shapes: readonly Shape[], id: string): string[] {
  const patterns = new Map<string, string>();
  for (const shape of shapes) {
    if (shape.kind !== 'box' || shape.tone.hatch === undefined) continue;
    const name = patternName(shape.tone, id);
    patterns.set(
      name,
      `<pattern id="${name}" width="6" height="6" patternUnits="userSpaceOnUse">` +
        `<path d="${HATCHES[shape.tone.hatch]}" stroke="${hatchColor(shape.tone)}" ` +
        'stroke-width="1" fill="none"/></pattern>',
    );
  }
  return [...patterns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pattern]) => pattern);
}

function patternName(tone: Tone, id: string): string {
  return `${id}-${tone.hatch}-${hatchColor(tone).slice(1)}`;
}

function shapeSvg(shape: Shape, id: string): string {
  switch (shape.kind) {
    case 'box':
      return boxSvg(shape, id);
    case 'stroke':
      return strokeSvg(shape);
    case 'sign':
      return signSvg(shape);
    case 'text':
      return textSvg(shape);
  }
}

function boxSvg({ x, y, width, height, tone, border, says }: Box, id: string): string {
  const place =
    `x="${round(x)}" y="${round(y)}" width="${round(width)}" ` + `height="${round(height)}"`;
  const edge = border === undefined ? '' : ` stroke="${border}" stroke-width="0.6"`;
  const title = says === undefined ? '' : `<title>${escapeHtml(says)}</title>`;
  const rect = (fill: string, inside: string) => {
    const end = inside === '' ? '/>' : `>${inside}</rect>`;
    return `<rect ${place} fill="${fill}"${edge}${end}`;
  };
  if (tone.hatch === undefined) return rect(tone.color, title);
  return rect(tone.color, '') + rect(`url(#${patternName(tone, id)})`, title);
}

function strokeSvg({ points, color, thickness, dash }: Stroke): string {
  const places = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
  const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash.map(round).join(' ')}"`;
  return (
    `<polyline points="${places}" fill="none" stroke="${color}" ` +
    `stroke-width="${round(thickness)}"${dashes}/>`
  );
}

function signSvg({ sign, x, y, radius, color }: Sign): string {
  if (sign === 'circle') {
    return `<circle cx="${round(x)}" cy="${round(y)}" r="${round(radius)}" fill="${color}"/>`;
  }
  const points = signPoints(sign, x, y, radius);
  return (
    `<polygon points="${points.map(([a, b]) => `${round(a)},${round(b)}`).join(' ')}" ` +
    `fill="${color}"/>`
  );
}

/** Corners of a sign that has some. */
export function signPoints(
  sign: 'square' | 'triangle',
  x: number,
  y: number,
  radius: number,
): [number, number][] {
  if (sign === 'triangle') {
    return [
      [x, y - radius * 1.2],
      [x + radius * 1.1, y + radius * 0.8],
      [x - radius * 1.1, y + radius * 0.8],
    ];
  }
  const half = radius * 0.9;
  return [
    [x - half, y - half],
    [x + half, y - half],
    [x + half, y + half],
    [x - half, y + half],
  ];
}

function textSvg({ text, x, y, size, anchor, color, bold }: Label): string {
  return (
    `<text x="${round(x)}" y="${round(y)}" font-size="${round(size)}" fill="${color}"` +
    `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}` +
    `${bold ? ' font-weight="bold"' : ''}>${escapeHtml(text)}</text>`
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
